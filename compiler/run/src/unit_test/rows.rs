//! The rows of an input, or those that are expected: written out, as CSV, as a query, or in a fixture file.

use graph::{Graph, Node, NodeDetails, NodeIndex};
use project::fixture_rows;
use serde_json::{Map, Value, json};

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

/// Reads `rows` or `fixture` by `format`; an input without rows that is a seed has the seed's.
pub(super) fn read(
    graph: &Graph,
    node: &Node,
    entry: &Value,
    input: Option<NodeIndex>,
) -> Result<Rows, String> {
    let format = entry.get("format").and_then(Value::as_str).unwrap_or("dict").to_ascii_lowercase();
    let rows = entry.get("rows").filter(|rows| !rows.is_null());
    let fixture = entry.get("fixture").and_then(Value::as_str);
    let text = || match (rows, fixture) {
        (_, Some(name)) => fixture_text(graph, node, name, &format),
        (Some(Value::String(text)), None) => Ok(text.clone()),
        _ => Err(format!("the rows do not match the format `{format}`: a text is expected")),
    };
    match (format.as_str(), rows) {
        ("sql", _) => text().map(Rows::Query),
        ("csv", _) => values(&text()?),
        ("dict", Some(Value::Array(rows))) if rows.iter().all(Value::is_object) => {
            Ok(Rows::Values(full_row_first(rows.clone())))
        }
        ("dict", None) if fixture.is_none() => seed_rows(graph, input),
        ("dict", _) => {
            Err("the rows do not match the format `dict`: a list of mappings is expected"
                .to_owned())
        }
        (other, _) => {
            Err(format!("`{other}` is no format of rows; there are `dict`, `csv` and `sql`"))
        }
    }
}

fn values(text: &str) -> Result<Rows, String> {
    let rows =
        fixture_rows(text).map_err(|error| format!("the rows are no well-formed CSV: {error}"))?;
    Ok(Rows::Values(full_row_first(rows.into_iter().map(Value::Object).collect())))
}

/// Some warehouses take the types of columns from the first row, so that it should have no nulls.
fn full_row_first(mut rows: Vec<Value>) -> Vec<Value> {
    let is_full = |row: &Value| {
        row.as_object()
            .is_some_and(|row: &Map<String, Value>| row.values().all(|value| !value.is_null()))
    };
    if let Some(at) = rows.iter().position(is_full) {
        rows.swap(0, at);
    }
    rows
}

fn fixture_text(graph: &Graph, node: &Node, name: &str, format: &str) -> Result<String, String> {
    let own =
        graph.project.packages.iter().filter(|package| package.settings.name == *node.package);
    let file_name = format!("{name}.{format}");
    let mut files = own.flat_map(|package| &package.fixtures);
    let found = files.find(|file| file.path.as_str().rsplit('/').next() == Some(&file_name));
    found.map(|file| file.text.to_string()).ok_or_else(|| {
        format!("there is no fixture `{file_name}` below `fixtures` in the test paths")
    })
}

fn seed_rows(graph: &Graph, input: Option<NodeIndex>) -> Result<Rows, String> {
    let Some(NodeDetails::Seed { absolute_path, .. }) =
        input.map(|input| &graph.node(input).details)
    else {
        return Err("there are no rows: give `rows` or `fixture`".to_owned());
    };
    let text = std::fs::read_to_string(absolute_path)
        .map_err(|error| format!("{}: {error}", absolute_path.display()))?;
    values(text.trim_start_matches('\u{feff}'))
}
