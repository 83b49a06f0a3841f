//! What a data test's result means.

use graph::Node;
use serde_json::Value;
use source::{Diagnostic, codes};
use template::{Materialized, ResultTable};

use crate::node::{Done, config_text};
use crate::report::NodeStatus;

/// The verdict over a data test: how many rows failed, and whether that warns or fails; dbt's `TestRunner`.
pub(crate) fn verdict(node: &Node, made: Materialized, warns_as_errors: bool) -> Done {
    let row = match made.table.as_ref().map_or(Err(Unreadable::NoRow), Row::of) {
        Ok(row) => row,
        Err(unreadable) => return unreadable.told(node),
    };
    let severity = config_text(node, "severity").unwrap_or("ERROR").to_ascii_uppercase();
    let count =
        if row.failures == 1 { "1 result".to_owned() } else { format!("{} results", row.failures) };
    let condition = |key: &str| config_text(node, key).unwrap_or("!= 0").to_owned();
    let (status, message) = if severity == "ERROR" && row.should_error {
        (
            NodeStatus::Fail,
            Some(format!("Got {count}, configured to fail if {}", condition("error_if"))),
        )
    } else if row.should_warn && warns_as_errors {
        (
            NodeStatus::Fail,
            Some(format!("Got {count}, configured to fail if {}", condition("warn_if"))),
        )
    } else if row.should_warn {
        (
            NodeStatus::Warn,
            Some(format!("Got {count}, configured to warn if {}", condition("warn_if"))),
        )
    } else {
        (NodeStatus::Pass, None)
    };
    let diagnostics = message.iter().map(|message| {
        let diagnostic = match status {
            NodeStatus::Warn => Diagnostic::warning(codes::TEST_FAILED, message.clone()),
            _ => Diagnostic::error(codes::TEST_FAILED, message.clone()),
        };
        diagnostic.about(&*node.unique_id)
    });
    Done {
        status: Some(status),
        diagnostics: diagnostics.collect(),
        message,
        response: made.response,
        // As in dbt, rows within the limits of `warn_if` and `error_if` are no failures.
        failures: Some(if status == NodeStatus::Pass { 0 } else { row.failures }),
        run_code: made.written.map(Into::into),
        table: None,
        overloads: None,
    }
}

struct Row {
    failures: i64,
    should_warn: bool,
    should_error: bool,
}

impl Row {
    fn of(table: &ResultTable) -> Result<Self, Unreadable> {
        let row = table.rows.first().ok_or(Unreadable::NoRow)?;
        let cell = |name: &str| {
            let at = table.columns.iter().position(|column| column.eq_ignore_ascii_case(name));
            at.and_then(|at| row.get(at)).ok_or(Unreadable::NoRow)
        };
        let failures = cell("failures")?;
        Ok(Self {
            failures: count(failures).ok_or_else(|| Unreadable::Count(failures.to_string()))?,
            should_warn: truth(cell("should_warn")?),
            should_error: truth(cell("should_error")?),
        })
    }
}

/// Why a test's query tells nothing.
enum Unreadable {
    NoRow,
    /// What stands in the place of the count.
    Count(String),
}

impl Unreadable {
    fn told(&self, node: &Node) -> Done {
        let mut diagnostic = match self {
            Self::NoRow => Diagnostic::error(
                codes::TEST_INVALID,
                "the test's query gave no row of `failures`, `should_warn` and `should_error`",
            ),
            Self::Count(value) => {
                let calculation = config_text(node, "fail_calc").unwrap_or("count(*)");
                let text = format!("`{calculation}` gave {value}, which is no count of failures");
                let hint = "`fail_calc` gives a whole number, also when there is no row: \
                            `coalesce(sum(…), 0)`";
                Diagnostic::error(codes::TEST_INVALID, text).hint(hint)
            }
        };
        let message = diagnostic.message.clone();
        diagnostic = diagnostic.about(&*node.unique_id);
        Done {
            status: Some(NodeStatus::Error),
            message: Some(message),
            diagnostics: vec![diagnostic],
            ..Done::default()
        }
    }
}

/// A count as warehouses give it: a whole number or its text. Null is none, as in dbt.
fn count(value: &Value) -> Option<i64> {
    let whole = |number: f64| (number.fract() == 0.0).then_some(number as i64);
    match value {
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().and_then(whole)),
        Value::String(text) => text.parse().ok().or_else(|| text.parse().ok().and_then(whole)),
        _ => None,
    }
}

/// Truth as warehouses give it: a boolean, a number or its text.
fn truth(value: &Value) -> bool {
    match value {
        Value::Bool(truth) => *truth,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => matches!(text.to_ascii_lowercase().as_str(), "true" | "t" | "1"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_count_is_a_whole_number() {
        for (value, expected) in [
            (json!(3), Some(3)),
            (json!(3.0), Some(3)),
            (json!("3"), Some(3)),
            (json!("3.00"), Some(3)),
            (json!(2.5), None),
            (json!("2.5"), None),
            (json!(null), None),
            (json!("many"), None),
        ] {
            assert_eq!(count(&value), expected, "{value}");
        }
    }
}
