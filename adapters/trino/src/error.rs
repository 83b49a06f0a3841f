//! Trino's errors, sorted by what can be done about them.

use adapter_interface::{WarehouseError, WarehouseErrorKind, excerpt_at, place_of};

use crate::http::Reply;
use crate::page::{ErrorLocation, QueryError};

/// The error that the server reports about a statement, with the place at which it points: the byte of the statement.
pub(crate) fn from_query(failure: &QueryError, query: &str, statement: &str) -> WarehouseError {
    let mut message = failure.message.trim();
    let mut position = None;
    if let Some(location) = failure.error_location {
        let ErrorLocation { line_number, column_number } = location;
        // The words begin with the place, counted in what was sent, which is not what the user wrote.
        let prefix = format!("line {line_number}:{column_number}: ");
        message = message.strip_prefix(&prefix).unwrap_or(message);
        position = place_of(statement, line_number, column_number);
    }
    let kind = classify(failure);
    let mut text = match failure.error_name.as_str() {
        "ADMINISTRATIVELY_KILLED" | "ADMINISTRATIVELY_PREEMPTED" => {
            format!("an administrator of the server ended the query: {message}")
        }
        "USER_CANCELED" => format!("the query was cancelled on the server: {message}"),
        _ => message.to_owned(),
    };
    if let Some(position) = position {
        text = format!("{text}\n{}", excerpt_at(statement, position));
    }
    WarehouseError {
        kind,
        message: format!("{text}\n({}, query {query})", failure.error_name),
        code: Some(failure.error_name.clone()),
        position,
    }
}

/// Whether a statement changed nothing because another change of the same table came first, as Iceberg and Delta Lake say
/// of statements that run at the same time. The same statement may succeed after it.
pub(crate) fn is_conflict(error: &WarehouseError) -> bool {
    match error.code.as_deref() {
        Some("TRANSACTION_CONFLICT") => true,
        Some("ICEBERG_COMMIT_ERROR" | "DELTA_LAKE_BAD_WRITE") => {
            error.message.contains("onflict") || error.message.contains("is not same as")
        }
        _ => false,
    }
}

/// A page of a statement that changes something did not come: the server may have done it, so that it is not safe to do
/// it again. `is_told` says whether the server heard that it is to end it.
pub(crate) fn of_unknown_outcome(
    error: WarehouseError,
    query: &str,
    is_told: bool,
) -> WarehouseError {
    let kind = match error.kind {
        WarehouseErrorKind::Transient => WarehouseErrorKind::Disconnected,
        kind => kind,
    };
    let told = if is_told { "it was told to stop, and" } else { "it" };
    let message = format!(
        "how the query {query} ended is not known: {}; {told} may have done its work: look at what it writes before you \
         run it anew",
        error.message
    );
    WarehouseError { kind, message, ..error }
}

/// The address takes no statements.
pub(crate) fn not_a_coordinator(reply: &Reply) -> WarehouseError {
    WarehouseError {
        code: Some(format!("HTTP_{}", reply.status)),
        ..WarehouseError::new(
            WarehouseErrorKind::Configuration,
            format!(
                "the server takes no statements (HTTP {}): is this the address of a coordinator?",
                reply.status
            ),
        )
    }
}

/// An answer that is no page.
pub(crate) fn from_reply(reply: &Reply) -> WarehouseError {
    let body = String::from_utf8_lossy(&reply.body);
    let words = body.trim();
    // Proxies answer with pages for people.
    let words = if words.starts_with('<') { "" } else { words };
    let shown: String = words.chars().take(500).collect();
    let reason = if shown.is_empty() { String::new() } else { format!(": {shown}") };
    let (kind, message) = match reply.status {
        401 => (
            WarehouseErrorKind::Authentication,
            format!("the server does not accept the credentials{reason}"),
        ),
        403 => (WarehouseErrorKind::Authentication, format!("the server forbids this{reason}")),
        404 | 410 => (
            WarehouseErrorKind::Other,
            format!("the server does not know the query any more (HTTP {}){reason}", reply.status),
        ),
        429 | 502 | 503 | 504 => (
            WarehouseErrorKind::Transient,
            format!("the server is not ready (HTTP {}){reason}", reply.status),
        ),
        200..=299 => (
            WarehouseErrorKind::Other,
            format!(
                "the answer is not one of Trino's: is this the address of a coordinator?{reason}"
            ),
        ),
        status => {
            (WarehouseErrorKind::Other, format!("the server answered with HTTP {status}{reason}"))
        }
    };
    WarehouseError {
        code: Some(format!("HTTP_{}", reply.status)),
        ..WarehouseError::new(kind, message)
    }
}

/// What can be done about an error, by the name that `StandardErrorCode` of Trino's SPI or a connector gives it.
fn classify(failure: &QueryError) -> WarehouseErrorKind {
    match failure.error_name.as_str() {
        "PERMISSION_DENIED" => WarehouseErrorKind::Authentication,
        "SERVER_STARTING_UP"
        | "SERVER_SHUTTING_DOWN"
        | "NO_NODES_AVAILABLE"
        | "REMOTE_TASK_ERROR"
        | "REMOTE_TASK_MISMATCH"
        | "REMOTE_HOST_GONE"
        | "PAGE_TRANSPORT_ERROR"
        | "PAGE_TRANSPORT_TIMEOUT"
        | "TOO_MANY_REQUESTS_FAILED"
        | "QUERY_QUEUE_FULL"
        | "CLUSTER_OUT_OF_MEMORY"
        | "TRANSACTION_CONFLICT" => WarehouseErrorKind::Transient,
        _ if failure.error_type == "USER_ERROR" => WarehouseErrorKind::Sql,
        _ => WarehouseErrorKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(name: &str, error_type: &str, message: &str) -> QueryError {
        QueryError {
            message: message.to_owned(),
            error_name: name.to_owned(),
            error_type: error_type.to_owned(),
            error_location: None,
        }
    }

    #[test]
    fn the_place_is_shown_and_kept() {
        let mut failure =
            failure("COLUMN_NOT_FOUND", "USER_ERROR", "line 2:6: Column 'c' cannot be resolved");
        failure.error_location = Some(ErrorLocation { line_number: 2, column_number: 6 });
        let error = from_query(&failure, "q1", "select\n 'ß',c");
        assert_eq!(
            error.message,
            "Column 'c' cannot be resolved\nLINE 2:  'ß',c\n             ^\n(COLUMN_NOT_FOUND, query q1)"
        );
        assert_eq!(error.position, Some(13));
        assert_eq!(error.kind, WarehouseErrorKind::Sql);
    }

    #[test]
    fn kinds_follow_the_name_and_the_type() {
        let cases = [
            ("TABLE_NOT_FOUND", "USER_ERROR", WarehouseErrorKind::Sql),
            ("PERMISSION_DENIED", "USER_ERROR", WarehouseErrorKind::Authentication),
            ("CLUSTER_OUT_OF_MEMORY", "INSUFFICIENT_RESOURCES", WarehouseErrorKind::Transient),
            ("EXCEEDED_TIME_LIMIT", "INSUFFICIENT_RESOURCES", WarehouseErrorKind::Other),
            ("ADMINISTRATIVELY_KILLED", "INSUFFICIENT_RESOURCES", WarehouseErrorKind::Other),
        ];
        for (name, error_type, kind) in cases {
            assert_eq!(classify(&failure(name, error_type, "")), kind, "{name}");
        }
        let killed = failure("ADMINISTRATIVELY_KILLED", "INSUFFICIENT_RESOURCES", "too big");
        assert!(
            from_query(&killed, "q", "x")
                .message
                .starts_with("an administrator of the server ended the query: too big")
        );
    }

    #[test]
    fn only_a_change_that_surely_was_not_made_is_a_conflict() {
        let cases = [
            ("ICEBERG_COMMIT_ERROR", "Failed to commit: Found new conflicting delete files", true),
            ("ICEBERG_COMMIT_ERROR", "Failed to commit: the state is unknown", false),
            ("TRANSACTION_CONFLICT", "", true),
            ("GENERIC_USER_ERROR", "conflict", false),
        ];
        for (name, message, is_one) in cases {
            let error = from_query(&failure(name, "EXTERNAL", message), "q", "x");
            assert_eq!(is_conflict(&error), is_one, "{name} {message}");
        }
    }

    #[test]
    fn answers_of_other_servers_are_recognised() {
        let reply = |status, body: &str| Reply {
            status,
            headers: ureq::http::HeaderMap::new(),
            body: body.as_bytes().to_vec(),
        };
        let cases = [
            (401, "no", "the server does not accept the credentials: no"),
            (503, "", "the server is not ready (HTTP 503)"),
            (
                200,
                "<html>",
                "the answer is not one of Trino's: is this the address of a coordinator?",
            ),
            (418, "tea", "the server answered with HTTP 418: tea"),
        ];
        for (status, body, message) in cases {
            assert_eq!(from_reply(&reply(status, body)).message, message);
        }
    }
}
