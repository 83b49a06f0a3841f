//! Columns as property files describe them.

use indexmap::IndexMap;
use project::Entries;
use project::properties::ColumnProperties;
use serde_json::{Value, json};

use crate::node::ColumnInfo;

/// The columns by name; a later column of the same name takes the place of an earlier one, as in dbt.
pub fn columns_of<'a>(
    columns: impl IntoIterator<Item = &'a ColumnProperties>,
) -> IndexMap<String, ColumnInfo> {
    columns.into_iter().map(|column| (column.name.value.clone(), column_of(column))).collect()
}

fn column_of(column: &ColumnProperties) -> ColumnInfo {
    ColumnInfo {
        name: column.name.value.clone(),
        description: column.description.clone(),
        doc_blocks: Vec::new(),
        data_type: column.data_type.clone(),
        quote: column.quote,
        meta: column.meta.clone(),
        tags: column.tags.clone(),
        config: column.config.clone(),
        constraints: column.constraints.clone(),
        granularity: column.granularity.clone(),
        other: with_semantics(column),
    }
}

/// The keys that are kept; `dimension` and `entity` in the shape that dbt's manifest gives them.
fn with_semantics(column: &ColumnProperties) -> Entries {
    let is_mapping = |key: &str| column.other.get(key).is_some_and(Value::is_object);
    if !is_mapping("dimension") && !is_mapping("entity") {
        return column.other.clone();
    }
    let mut other: IndexMap<String, Value> = (*column.other).clone();
    for key in ["dimension", "entity"] {
        let Some(written) = other.get(key).and_then(Value::as_object) else { continue };
        let mut complete = json!({
            "name": column.name.value, "type": null, "description": column.description, "label": null, "config": {},
        });
        if key == "dimension" {
            complete["is_partition"] = json!(false);
            complete["validity_params"] = Value::Null;
        }
        if let Some(entries) = complete.as_object_mut() {
            entries.extend(written.iter().map(|(key, value)| (key.clone(), value.clone())));
        }
        other.insert(key.to_owned(), complete);
    }
    other.into()
}
