//! Errors of the service, with their HTTP status and reason, and what can be done about them.

use adapter_interface::{WarehouseError, WarehouseErrorKind};
use serde_json::Value;
use thiserror::Error;

/// What went wrong in an exchange with the service, or in a job.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub(crate) struct ApiError {
    /// The status of the answer; nothing where there was no answer, and for a job that failed by itself.
    pub status: Option<u16>,
    /// The service's word for it, such as `invalidQuery`.
    pub reason: Option<String>,
    /// The service's own words.
    pub message: String,
}

/// The reasons after which Google's error table says to try again, with those that Google's own client retries.
///
/// `quotaExceeded` is among them because short-term quotas fill up again; a quota of the day makes the last try fail too.
const PASSING_REASONS: [&str; 9] = [
    "backendError",
    "badGateway",
    "internalError",
    "jobBackendError",
    "jobInternalError",
    "jobRateLimitExceeded",
    "quotaExceeded",
    "rateLimitExceeded",
    "tableUnavailable",
];

impl ApiError {
    /// No answer came.
    pub(crate) fn without_answer(message: impl Into<String>) -> Self {
        Self { status: None, reason: Some("noAnswer".to_owned()), message: message.into() }
    }

    /// Nobody was there to be asked, so that nothing was asked either.
    pub(crate) fn without_connection(message: impl Into<String>) -> Self {
        Self { status: None, reason: Some("noConnection".to_owned()), message: message.into() }
    }

    /// The same for what came before a request, which was not made then.
    pub(crate) fn before_request(self) -> Self {
        if self.leaves_open() { Self::without_connection(self.message) } else { self }
    }

    /// Nobody knows what became of what was asked.
    pub(crate) fn of_unknown_outcome(message: impl Into<String>) -> Self {
        Self { status: None, reason: Some("unknownOutcome".to_owned()), message: message.into() }
    }

    /// The same after something was done that stays, as `what` says: it is not worth another try, which would do that
    /// again.
    pub(crate) fn after_work(self, what: &str) -> Self {
        if !self.is_passing() {
            return self;
        }
        let message = format!("{}; {what}", self.message);
        Self { status: None, reason: Some("partlyDone".to_owned()), message }
    }

    /// Something that is the set-up's fault.
    pub(crate) fn of_configuration(message: impl Into<String>) -> Self {
        Self { status: None, reason: Some("configuration".to_owned()), message: message.into() }
    }

    /// What an answer with an error status says: JSON of Google's form, or anything else, such as a proxy's HTML.
    pub(crate) fn from_answer(status: u16, url: &str, body: &str) -> Self {
        let parsed: Value = serde_json::from_str(body).unwrap_or_default();
        // OAuth's token endpoint has a form of its own.
        if let (Some(error), None) = (parsed["error"].as_str(), parsed["error"].as_object()) {
            let words = parsed["error_description"].as_str().unwrap_or(error);
            return Self {
                status: Some(status),
                reason: Some(error.to_owned()),
                message: format!("the credentials were refused (HTTP {status}): {words}"),
            };
        }
        let error = &parsed["error"];
        match error["message"].as_str() {
            Some(message) => Self {
                status: Some(status),
                reason: error["errors"][0]["reason"]
                    .as_str()
                    .or_else(|| error["status"].as_str())
                    .map(str::to_owned),
                message: all_messages(&error["errors"]).unwrap_or_else(|| message.to_owned()),
            },
            None => Self {
                status: Some(status),
                reason: None,
                message: format!("HTTP {status} from {url}: {}", excerpt(body)),
            },
        }
    }

    /// The error of a job that is done; nothing for one that succeeded.
    pub(crate) fn of_job(job: &Value) -> Option<Self> {
        let result = job["status"]["errorResult"].as_object()?;
        let text = |key: &str| result.get(key).and_then(Value::as_str).map(str::to_owned);
        Some(Self {
            status: None,
            reason: text("reason"),
            message: text("message").unwrap_or_else(|| "the job failed".to_owned()),
        })
    }

    /// Whether it may pass by itself.
    pub(crate) fn is_passing(&self) -> bool {
        let has_passing_reason =
            self.reason.as_deref().is_some_and(|reason| PASSING_REASONS.contains(&reason));
        has_passing_reason
            || self.has_no_answer()
            || matches!(self.status, Some(429 | 500 | 502 | 503 | 504))
    }

    /// Whether nobody answered.
    pub(crate) fn has_no_answer(&self) -> bool {
        matches!(self.reason.as_deref(), Some("noAnswer" | "noConnection"))
    }

    /// Whether what was asked may have been done nonetheless: there was no answer, or a server on the way gave one.
    pub(crate) fn leaves_open(&self) -> bool {
        self.reason.as_deref() == Some("noAnswer") || self.status.is_some_and(|code| code >= 500)
    }

    /// Whether what was asked for does not exist.
    pub(crate) fn is_not_found(&self) -> bool {
        self.status == Some(404) || self.reason.as_deref() == Some("notFound")
    }

    /// Whether there is such a thing already.
    pub(crate) fn is_duplicate(&self) -> bool {
        self.status == Some(409) || self.reason.as_deref() == Some("duplicate")
    }

    fn kind(&self) -> WarehouseErrorKind {
        if self.status == Some(401) {
            return WarehouseErrorKind::Authentication;
        }
        match self.reason.as_deref() {
            Some("accessDenied" | "authError" | "invalid_grant" | "invalid_client") => {
                WarehouseErrorKind::Authentication
            }
            Some("configuration") => WarehouseErrorKind::Configuration,
            Some("noAnswer" | "noConnection") => WarehouseErrorKind::Disconnected,
            Some("unknownOutcome" | "partlyDone") => WarehouseErrorKind::Other,
            Some("stopped") => WarehouseErrorKind::Cancelled,
            _ if self.is_passing() => WarehouseErrorKind::Transient,
            Some(_) => WarehouseErrorKind::Sql,
            None => WarehouseErrorKind::Other,
        }
    }

    /// The same for the rest of the program, with the place in the statement at which it points.
    pub(crate) fn into_warehouse_error(self, sql: &str) -> WarehouseError {
        let mut error = WarehouseError::new(self.kind(), self.message);
        error.code = self.reason.or_else(|| self.status.map(|status| status.to_string()));
        error.position = position(&error.message, sql);
        error
    }
}

impl From<ApiError> for WarehouseError {
    fn from(error: ApiError) -> Self {
        error.into_warehouse_error("")
    }
}

/// The messages of a list of errors, each on a line, as dbt shows them.
fn all_messages(errors: &Value) -> Option<String> {
    let messages: Vec<&str> =
        errors.as_array()?.iter().filter_map(|error| error["message"].as_str()).collect();
    (!messages.is_empty()).then(|| messages.join("\n"))
}

/// The text of an answer that is no JSON, without tags, on one line and not too long.
fn excerpt(body: &str) -> String {
    let mut text = String::new();
    let mut is_tag = false;
    for character in body.chars() {
        match character {
            '<' => is_tag = true,
            '>' => {
                is_tag = false;
                text.push(' ');
            }
            _ if !is_tag => text.push(character),
            _ => {}
        }
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(200) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None if line.is_empty() => "an empty answer".to_owned(),
        None => line,
    }
}

/// The byte at which a message such as `Syntax error: … at [3:15]` points.
fn position(message: &str, sql: &str) -> Option<usize> {
    let start = message.rfind("at [")? + 4;
    let (line, rest) = message[start..].split_once(':')?;
    let (column, _) = rest.split_once(']')?;
    let (line, column): (usize, usize) = (line.parse().ok()?, column.parse().ok()?);
    let mut offset = 0;
    for (index, text) in sql.split_inclusive('\n').enumerate() {
        if index + 1 == line {
            let within = text.char_indices().nth(column.checked_sub(1)?);
            return Some(offset + within.map_or(text.len(), |(at, _)| at));
        }
        offset += text.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_of_html_keeps_its_status() {
        let error = ApiError::from_answer(
            502,
            "https://bigquery/x",
            "<html><title>502</title><p>Server  Error</p></html>",
        );
        assert_eq!(error.message, "HTTP 502 from https://bigquery/x: 502 Server Error");
        assert!(error.is_passing());
    }

    #[test]
    fn only_reasons_that_pass_are_tried_again() {
        for (reason, passes) in [
            ("backendError", true),
            ("quotaExceeded", true),
            ("invalidQuery", false),
            ("notFound", false),
            ("bytesBilledLimitExceeded", false),
        ] {
            let body = format!(
                r#"{{"error": {{"message": "m", "errors": [{{"reason": "{reason}", "message": "m"}}]}}}}"#
            );
            assert_eq!(ApiError::from_answer(400, "", &body).is_passing(), passes, "{reason}");
        }
    }

    #[test]
    fn a_place_is_found_in_the_statement() {
        let error = ApiError {
            status: None,
            reason: Some("invalidQuery".to_owned()),
            message: "Unrecognized name: größe at [2:8]".to_owned(),
        };
        let sql = "-- ä\nselect größe";
        assert_eq!(error.into_warehouse_error(sql).position, sql.find("größe"));
    }

    #[test]
    fn a_refused_token_says_why() {
        let error = ApiError::from_answer(
            400,
            "",
            r#"{"error": "invalid_grant", "error_description": "Token has been expired"}"#,
        );
        assert_eq!(
            error.message,
            "the credentials were refused (HTTP 400): Token has been expired"
        );
        assert_eq!(error.kind(), WarehouseErrorKind::Authentication);
    }
}
