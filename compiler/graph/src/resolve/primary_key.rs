//! The primary key of a model, as its constraints and tests tell.

use std::collections::BTreeSet;
use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

use crate::node::{ColumnInfo, ModelDetails, Node, NodeDetails};

/// What the tests of one model say of its columns.
#[derive(Debug, Default)]
struct Tested {
    unique: BTreeSet<String>,
    unique_when_enabled: BTreeSet<String>,
    not_null: BTreeSet<String>,
}

/// Sets the primary keys; dbt's `infer_primary_key`.
pub fn infer(nodes: &mut [Node], disabled: &[Node]) {
    let mut tested: IndexMap<Arc<str>, Tested> = IndexMap::new();
    for (is_enabled, nodes) in [(true, &*nodes), (false, disabled)] {
        for node in nodes {
            let NodeDetails::Test(test) = &node.details else { continue };
            let (Some(id), Some(generic)) = (&test.attached_node, &test.generic) else { continue };
            let tested = tested.entry(id.clone()).or_default();
            for column in columns_of(&generic.arguments) {
                match generic.name.as_str() {
                    "unique" | "unique_combination_of_columns" if is_enabled => {
                        tested.unique.insert(column);
                    }
                    "unique" | "unique_combination_of_columns" => {
                        tested.unique_when_enabled.insert(column);
                    }
                    "not_null" => {
                        tested.not_null.insert(column);
                    }
                    _ => {}
                }
            }
        }
    }
    for node in nodes {
        let NodeDetails::Model(model) = &mut node.details else { continue };
        model.primary_key = key_of(model, &node.columns, tested.get(&node.unique_id));
    }
}

fn columns_of(arguments: &IndexMap<String, Value>) -> Vec<String> {
    let name = arguments.get("column_name").and_then(Value::as_str);
    let combination = arguments.get("combination_of_columns").and_then(Value::as_array);
    match (name, combination) {
        (Some(name), _) => vec![name.to_owned()],
        (None, Some(columns)) => {
            columns.iter().filter_map(|column| column.as_str().map(str::to_owned)).collect()
        }
        (None, None) => Vec::new(),
    }
}

fn key_of(
    model: &ModelDetails,
    columns: &IndexMap<String, ColumnInfo>,
    tested: Option<&Tested>,
) -> Vec<String> {
    let is_key =
        |constraint: &&Value| constraint.get("type").and_then(Value::as_str) == Some("primary_key");
    if let Some(constraint) = model.constraints.iter().find(is_key) {
        let columns = constraint.get("columns").and_then(Value::as_array).into_iter().flatten();
        let mut columns: Vec<_> =
            columns.filter_map(|column| column.as_str().map(str::to_owned)).collect();
        columns.sort();
        return columns;
    }
    if let Some((name, _)) =
        columns.iter().find(|(_, column)| column.constraints.iter().any(|own| is_key(&own)))
    {
        return vec![name.clone()];
    }
    let Some(tested) = tested else { return Vec::new() };
    let is_unique = |column: &&String| {
        tested.unique.contains(*column) || tested.unique_when_enabled.contains(*column)
    };
    let both: Vec<String> = tested.not_null.iter().filter(is_unique).cloned().collect();
    let choices = [
        both,
        tested.unique.iter().cloned().collect(),
        tested.unique_when_enabled.iter().cloned().collect(),
    ];
    choices.into_iter().find(|choice| !choice.is_empty()).unwrap_or_default()
}
