//! Versions of models: numbers or texts.

use std::cmp::Ordering;

use serde_json::Value;

/// The order of versions, as dbt's `UnparsedVersion.__lt__`: by number when both are numbers or read as such, else by
/// text.
pub fn compare(one: &Value, other: &Value) -> Ordering {
    match (number(one), number(other)) {
        (Some(one), Some(other)) => one.total_cmp(&other),
        _ => text(one).cmp(&text(other)),
    }
}

/// A version as it stands in unique ids and in `ref`: `1`, `2.5`, `beta`.
pub fn text(version: &Value) -> String {
    match version {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Whether two versions are the same, whatever they are written as: `1` and `"1"` are.
pub fn is_same(one: &Value, other: &Value) -> bool {
    text(one) == text(other)
}

fn number(version: &Value) -> Option<f64> {
    match version {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}
