//! What a data test's result means.

use graph::Node;
use serde_json::Value;
use source::{Diagnostic, codes};
use template::{Materialized, ResultTable};

use crate::node::{Done, config_text};
use crate::report::NodeStatus;

/// The verdict over a data test: how many rows failed, and whether that warns or fails; dbt's `TestRunner`.
pub(crate) fn verdict(node: &Node, made: Materialized, warns_as_errors: bool) -> Done {
    let Some(row) = made.table.as_ref().and_then(Row::of) else {
        let text = "the test's query gave no row of `failures`, `should_warn` and `should_error`";
        return Done {
            status: Some(NodeStatus::Error),
            message: Some(text.to_owned()),
            diagnostics: vec![Diagnostic::error(codes::TEST_INVALID, text).about(&*node.unique_id)],
            ..Done::default()
        };
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
    fn of(table: &ResultTable) -> Option<Self> {
        let row = table.rows.first()?;
        let cell = |name: &str| {
            let at = table.columns.iter().position(|column| column.eq_ignore_ascii_case(name))?;
            row.get(at)
        };
        Some(Self {
            failures: count(cell("failures")?)?,
            should_warn: truth(cell("should_warn")?),
            should_error: truth(cell("should_error")?),
        })
    }
}

/// A count as warehouses give it: a number or its text; null counts nothing.
fn count(value: &Value) -> Option<i64> {
    match value {
        Value::Null => Some(0),
        Value::Number(number) => {
            number.as_i64().or_else(|| number.as_f64().map(|number| number as i64))
        }
        Value::String(text) => text.parse().ok(),
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
