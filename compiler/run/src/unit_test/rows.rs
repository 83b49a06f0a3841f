//! The rows of an input, or those that are expected.

use graph::{Graph, NodeDetails, NodeIndex};
use project::fixture_rows;
use serde_json::{Value, json};

/// Rows.
pub(super) enum Rows {
    /// By column.
    Values(Vec<Value>),
    /// What a query gives.
    Query(String),
}

impl Rows {
    /// `expected_rows` and `expected_sql` of dbt's configuration of a unit test.
    pub(super) fn as_config(&self) -> (Value, Value) {
        match self {
            Self::Values(rows) => (json!(rows), Value::Null),
            Self::Query(sql) => (json!([]), json!(sql)),
        }
    }
}

/// The rows as parsing left them; an input without rows has those of the seed that it is.
pub(super) fn read(graph: &Graph, entry: &Value, input: Option<NodeIndex>) -> Result<Rows, String> {
    match entry.get("rows") {
        Some(Value::Array(rows)) => Ok(Rows::Values(rows.clone())),
        Some(Value::String(sql)) => Ok(Rows::Query(sql.clone())),
        _ => seed_rows(graph, input),
    }
}

fn seed_rows(graph: &Graph, input: Option<NodeIndex>) -> Result<Rows, String> {
    let details = input.map(|input| &graph.node(input).details);
    let Some(NodeDetails::Seed { absolute_path, .. }) = details else {
        return Err("there are no rows: give `rows` or `fixture`".to_owned());
    };
    let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", absolute_path.display());
    let text = std::fs::read_to_string(absolute_path).map_err(|error| failed(&error))?;
    let rows = fixture_rows(text.trim_start_matches('\u{feff}')).map_err(|error| failed(&error))?;
    Ok(Rows::Values(rows.into_iter().map(Value::Object).collect()))
}
