//! Athena's errors, sorted by what can be done about them.

use adapter_interface::{WarehouseError, WarehouseErrorKind, excerpt_at, place_of};

/// What a service says when it does not do as asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiError {
    /// The name of the error, such as `EntityNotFoundException`; empty where no answer came.
    pub code: String,
    /// The words.
    pub message: String,
}

impl ApiError {
    /// An error of a name with its words.
    pub(crate) fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into() }
    }

    /// Whether it says that a table, a database or a partition is not there.
    pub(crate) fn is_not_found(&self) -> bool {
        self.code == "EntityNotFoundException"
    }

    /// Whether the same request may do better after a while.
    pub(crate) fn passes(&self) -> bool {
        matches!(self.kind(), WarehouseErrorKind::Transient | WarehouseErrorKind::Disconnected)
    }

    fn kind(&self) -> WarehouseErrorKind {
        let has = |words: &[&str]| words.iter().any(|word| self.code.contains(word));
        if self.code.is_empty() {
            WarehouseErrorKind::Disconnected
        } else if has(&["TooManyRequests", "Throttl", "SlowDown", "RequestLimitExceeded"])
            || has(&["InternalServer", "InternalService", "InternalError", "ServiceUnavailable"])
            || has(&["OperationTimeout", "RequestTimeout", "ConcurrentModification"])
        {
            WarehouseErrorKind::Transient
        } else if has(&["AccessDenied", "ExpiredToken", "UnrecognizedClient", "InvalidSignature"])
            || has(&["InvalidClientTokenId", "SignatureDoesNotMatch", "MissingAuthentication"])
            || has(&["InvalidAccessKeyId", "NoCredentials", "IncompleteSignature"])
        {
            WarehouseErrorKind::Authentication
        } else {
            WarehouseErrorKind::Other
        }
    }
}

/// The error of a request; `doing` says what it was for, such as `reading the table shop.orders`.
pub(crate) fn from_api(error: &ApiError, doing: &str) -> WarehouseError {
    let ApiError { code, message } = error;
    let named = if code.is_empty() { String::new() } else { format!(" ({code})") };
    let message = match error.kind() {
        WarehouseErrorKind::Disconnected => format!("no answer from AWS while {doing}: {message}"),
        WarehouseErrorKind::Authentication => {
            format!("AWS does not allow {doing}: {message}{named}")
        }
        _ => format!("{message}{named}, while {doing}"),
    };
    WarehouseError {
        code: Some(code.clone()).filter(|code| !code.is_empty()),
        ..WarehouseError::new(error.kind(), message)
    }
}

/// A statement that Athena does not even begin is mostly wrong: it points at a place as a failed one does.
pub(crate) fn from_start(error: &ApiError, prepared: &str) -> WarehouseError {
    if error.code != "InvalidRequestException" {
        return from_api(error, "starting a query");
    }
    let failure = Failure { reason: error.message.clone(), ..Failure::default() };
    let mut found = from_query(&failure, None, prepared);
    found.kind = WarehouseErrorKind::Sql;
    found.code = found.code.or_else(|| Some(error.code.clone()));
    found
}

/// Why a query failed, as `GetQueryExecution` says it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The words.
    pub reason: String,
    /// 1 for the service's fault, 2 for the user's, 3 for others.
    pub category: Option<i32>,
    /// The number of the error; 233 for those of Iceberg.
    pub number: Option<i32>,
    /// Whether the same query may do better.
    pub is_retryable: bool,
}

/// Iceberg's own errors, by Athena's reference of error types.
const ICEBERG_ERROR: i32 = 233;

impl Failure {
    /// Whether another statement was in the way, as dbt-athena decides it: the same statement may do better.
    pub(crate) fn is_commit_conflict(&self) -> bool {
        self.number.is_none_or(|number| number == ICEBERG_ERROR)
            && self.reason.contains("ICEBERG_COMMIT_ERROR")
    }

    /// Whether a statement writes into more partitions than Athena keeps open.
    pub(crate) fn has_too_many_partitions(&self) -> bool {
        self.reason.contains("TOO_MANY_OPEN_PARTITIONS")
    }

    /// Whether `optimize` or `vacuum` did a part of its work and wants to be run again.
    pub(crate) fn needs_more_runs(&self) -> bool {
        ["ICEBERG_OPTIMIZE_MORE_RUNS_NEEDED", "ICEBERG_VACUUM_MORE_RUNS_NEEDED"]
            .iter()
            .any(|name| self.reason.contains(name))
    }
}

/// The error that Athena reports about a statement, with the place at which it points: the byte of the statement as it
/// was sent.
pub(crate) fn from_query(
    failure: &Failure,
    query: Option<&str>,
    statement: &str,
) -> WarehouseError {
    let (name, words) = named(failure.reason.trim());
    let (place, words) = placed(words);
    let position = place.and_then(|(line, column)| place_of(statement, line, column));
    let mut text = words.to_owned();
    if let Some(position) = position {
        text = format!("{text}\n{}", excerpt_at(statement, position));
    }
    let facts: Vec<String> = name
        .map(str::to_owned)
        .into_iter()
        .chain(query.map(|query| format!("query {query}")))
        .collect();
    if !facts.is_empty() {
        text = format!("{text}\n({})", facts.join(", "));
    }
    WarehouseError {
        kind: classify(failure, name, words),
        message: text,
        code: name.map(str::to_owned),
        position,
    }
}

/// The name before the words, such as `TABLE_NOT_FOUND`.
fn named(reason: &str) -> (Option<&str>, &str) {
    match reason.split_once(':') {
        Some((name, words))
            if !name.is_empty()
                && name
                    .chars()
                    .all(|character| character.is_ascii_uppercase() || character == '_') =>
        {
            (Some(name), words.trim_start())
        }
        _ => (None, reason),
    }
}

/// The place before the words, `line 1:8: `, counted in what was sent, which is not what the user wrote. Hive's words
/// for it stand behind the name of an exception: `ParseException line 1:8 missing …`.
fn placed(words: &str) -> (Option<(usize, usize)>, &str) {
    let Some(start) = words.find("line ").filter(|start| {
        let before = &words[..*start];
        before.is_empty() || (before.ends_with("Exception ") && !before.trim_end().contains(' '))
    }) else {
        return (None, words);
    };
    let rest = &words[start + "line ".len()..];
    let length = rest
        .find(|character: char| !character.is_ascii_digit() && character != ':')
        .unwrap_or(rest.len());
    let mut numbers = rest[..length].trim_end_matches(':').split(':');
    let mut next = || numbers.next().and_then(|number| number.parse().ok());
    match (next(), next()) {
        (Some(line), Some(column)) => (Some((line, column)), rest[length..].trim_start()),
        _ => (None, words),
    }
}

fn classify(failure: &Failure, name: Option<&str>, words: &str) -> WarehouseErrorKind {
    let says = |word: &str| words.to_ascii_lowercase().contains(word);
    if name == Some("PERMISSION_DENIED")
        || says("access denied")
        || says("insufficient permissions")
        || says("insufficient lake formation permission")
        || says("not authorized")
    {
        return WarehouseErrorKind::Authentication;
    }
    if failure.is_retryable || failure.is_commit_conflict() || failure.category == Some(1) {
        return WarehouseErrorKind::Transient;
    }
    let is_of_words = matches!(
        name,
        Some(
            "SYNTAX_ERROR"
                | "COLUMN_NOT_FOUND"
                | "TABLE_NOT_FOUND"
                | "SCHEMA_NOT_FOUND"
                | "TYPE_MISMATCH"
                | "FUNCTION_NOT_FOUND"
        )
    );
    if failure.category == Some(2) || is_of_words {
        WarehouseErrorKind::Sql
    } else {
        WarehouseErrorKind::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(reason: &str, category: i32) -> Failure {
        Failure { reason: reason.to_owned(), category: Some(category), ..Failure::default() }
    }

    #[test]
    fn the_place_is_shown_and_kept() {
        let failed = failure("COLUMN_NOT_FOUND: line 2:6: Column 'c' cannot be resolved", 2);
        let error = from_query(&failed, Some("q1"), "select\n 'ß',c");
        assert_eq!(
            error.message,
            "Column 'c' cannot be resolved\nLINE 2:  'ß',c\n             ^\n(COLUMN_NOT_FOUND, query q1)"
        );
        assert_eq!((error.position, error.kind), (Some(13), WarehouseErrorKind::Sql));
    }

    #[test]
    fn words_of_hive_point_too() {
        let failed = failure("FAILED: ParseException line 1:6 missing EOF at 'tble'", 2);
        let error = from_query(&failed, None, "drop tble");
        assert_eq!(
            error.message,
            "missing EOF at 'tble'\nLINE 1: drop tble\n             ^\n(FAILED)"
        );
        let failed = failure("a line 1:2 in the words of another", 2);
        assert_eq!(from_query(&failed, None, "x").position, None);
    }

    #[test]
    fn kinds_follow_category_and_words() {
        let cases = [
            (failure("SYNTAX_ERROR: no", 2), WarehouseErrorKind::Sql),
            (failure("GENERIC_INTERNAL_ERROR: no", 1), WarehouseErrorKind::Transient),
            (failure("EXCEEDED_MEMORY: no", 3), WarehouseErrorKind::Other),
            (failure("PERMISSION_DENIED: Access Denied", 2), WarehouseErrorKind::Authentication),
            (failure("ICEBERG_COMMIT_ERROR: two at once", 3), WarehouseErrorKind::Transient),
            (Failure { is_retryable: true, ..failure("no", 3) }, WarehouseErrorKind::Transient),
        ];
        for (failed, kind) in cases {
            assert_eq!(from_query(&failed, None, "x").kind, kind, "{failed:?}");
        }
        let other = Failure { number: Some(1), ..failure("ICEBERG_COMMIT_ERROR", 3) };
        assert!(!other.is_commit_conflict());
    }

    #[test]
    fn answers_of_services_are_sorted() {
        let cases = [
            ("ThrottlingException", WarehouseErrorKind::Transient),
            ("TooManyRequestsException", WarehouseErrorKind::Transient),
            ("AccessDeniedException", WarehouseErrorKind::Authentication),
            ("UnrecognizedClientException", WarehouseErrorKind::Authentication),
            ("", WarehouseErrorKind::Disconnected),
            ("InvalidInputException", WarehouseErrorKind::Other),
        ];
        for (code, kind) in cases {
            assert_eq!(from_api(&ApiError::new(code, "no"), "asking").kind, kind, "{code}");
        }
        assert_eq!(
            from_api(&ApiError::new("AccessDeniedException", "no"), "reading a table").message,
            "AWS does not allow reading a table: no (AccessDeniedException)"
        );
        let refused = ApiError::new("InvalidRequestException", "line 1:1: mismatched input 'x'");
        let error = from_start(&refused, "x");
        assert_eq!((error.kind, error.position), (WarehouseErrorKind::Sql, Some(0)));
    }
}
