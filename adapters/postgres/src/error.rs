//! PostgreSQL's errors, sorted by what can be done about them, in the words in which psycopg2 prints them.

use std::io;

use adapter_interface::{WarehouseError, WarehouseErrorKind, excerpt_at};
use fallible_iterator::FallibleIterator;
use postgres_protocol::message::backend::{ErrorFields, ErrorResponseBody, NoticeResponseBody};

/// What the server sends along with an error, by the letters of the protocol's field types.
#[derive(Debug, Default)]
struct Report {
    severity: String,
    code: String,
    message: String,
    detail: Option<String>,
    hint: Option<String>,
    position: Option<usize>,
    internal_position: Option<usize>,
    internal_query: Option<String>,
    context: Option<String>,
}

fn report(mut fields: ErrorFields<'_>) -> io::Result<Report> {
    let mut report = Report::default();
    while let Some(field) = fields.next()? {
        let text = String::from_utf8_lossy(field.value_bytes()).into_owned();
        match field.type_() {
            b'S' => report.severity = text,
            b'C' => report.code = text,
            b'M' => report.message = text,
            b'D' => report.detail = Some(text),
            b'H' => report.hint = Some(text),
            b'P' => report.position = text.parse().ok(),
            b'p' => report.internal_position = text.parse().ok(),
            b'q' => report.internal_query = Some(text),
            b'W' => report.context = Some(text),
            _ => {}
        }
    }
    Ok(report)
}

/// The error that the server reports about a statement, with the place at which it points.
pub(crate) fn from_server(body: &ErrorResponseBody, sql: &str) -> WarehouseError {
    let report = match report(body.fields()) {
        Ok(report) => report,
        Err(failure) => return from_stream(&failure),
    };
    let position = report.position.map(|position| byte_of(sql, position));
    let mut lines = vec![report.message.clone()];
    if let Some(position) = position {
        lines.push(excerpt_at(sql, position));
    } else if let (Some(position), Some(query)) = (report.internal_position, &report.internal_query)
    {
        lines.push(excerpt_at(query, byte_of(query, position)));
    }
    let labelled = [
        ("DETAIL", &report.detail),
        ("HINT", &report.hint),
        ("QUERY", &report.internal_query),
        ("CONTEXT", &report.context),
    ];
    for (label, text) in labelled {
        lines.extend(text.as_ref().map(|text| format!("{label}:  {text}")));
    }
    WarehouseError {
        kind: classify(&report.code),
        message: lines.join("\n").trim().to_owned(),
        code: Some(report.code),
        position,
    }
}

/// A notice in the server's words, such as `NOTICE:  table "t" does not exist, skipping`, as psycopg2 keeps it.
pub(crate) fn notice(body: &NoticeResponseBody) -> Option<String> {
    let report = report(body.fields()).ok()?;
    let labelled = [("DETAIL", report.detail), ("HINT", report.hint)];
    let mut lines = vec![format!("{}:  {}", report.severity, report.message)];
    lines.extend(
        labelled.into_iter().filter_map(|(label, text)| Some(format!("{label}:  {}", text?))),
    );
    Some(lines.join("\n"))
}

/// The error with which the server refuses a session: libpq keeps the severity before the message there.
pub(crate) fn from_refusal(body: &ErrorResponseBody) -> WarehouseError {
    let severity = report(body.fields()).map(|report| report.severity).unwrap_or_default();
    let mut error = from_server(body, "");
    error.message = format!("{severity}:  {}", error.message);
    if error.kind == WarehouseErrorKind::Sql {
        error.kind = WarehouseErrorKind::Configuration;
    }
    error
}

/// An error of the network, after which the session is of no use.
pub(crate) fn from_stream(failure: &io::Error) -> WarehouseError {
    let is_timeout = matches!(failure.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut);
    let message = match failure.kind() {
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => "server closed the connection unexpectedly".to_owned(),
        _ if is_timeout => "timeout expired".to_owned(),
        _ => failure.to_string(),
    };
    let kind =
        if is_timeout { WarehouseErrorKind::Transient } else { WarehouseErrorKind::Disconnected };
    WarehouseError::new(kind, message)
}

/// The byte of a text at which the character stands that the server counts from one.
fn byte_of(text: &str, position: usize) -> usize {
    let characters = &mut text.char_indices();
    characters.nth(position.saturating_sub(1)).map_or(text.len(), |(byte, _)| byte)
}

/// What can be done about an error, by its SQLSTATE (appendix A of PostgreSQL's manual).
fn classify(code: &str) -> WarehouseErrorKind {
    match code {
        "57014" => WarehouseErrorKind::Cancelled,
        "40001" | "40P01" | "57P03" | "53300" => WarehouseErrorKind::Transient,
        "57P01" | "57P02" | "57P04" | "57P05" | "25P03" => WarehouseErrorKind::Disconnected,
        "42501" => WarehouseErrorKind::Authentication,
        "55P03" | "55006" => WarehouseErrorKind::Locked,
        "3D000" => WarehouseErrorKind::Configuration,
        _ => match code.get(..2).unwrap_or_default() {
            "08" => WarehouseErrorKind::Disconnected,
            "28" => WarehouseErrorKind::Authentication,
            "53" | "58" | "F0" | "XX" | "" => WarehouseErrorKind::Other,
            _ => WarehouseErrorKind::Sql,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_follow_the_sqlstate() {
        let cases = [
            ("42P01", WarehouseErrorKind::Sql),
            ("23505", WarehouseErrorKind::Sql),
            ("28P01", WarehouseErrorKind::Authentication),
            ("42501", WarehouseErrorKind::Authentication),
            ("40P01", WarehouseErrorKind::Transient),
            ("57014", WarehouseErrorKind::Cancelled),
            ("57P01", WarehouseErrorKind::Disconnected),
            ("08006", WarehouseErrorKind::Disconnected),
            ("55P03", WarehouseErrorKind::Locked),
            ("53100", WarehouseErrorKind::Other),
        ];
        for (code, kind) in cases {
            assert_eq!(classify(code), kind, "{code}");
        }
    }

    #[test]
    fn places_are_counted_in_characters() {
        assert_eq!(byte_of("'日本' x", 6), 9);
        assert_eq!(byte_of("abc", 9), 3);
    }
}
