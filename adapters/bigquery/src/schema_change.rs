//! Columns and fields that a table is to get: schemas as the service has them, put together.

use adapter_interface::{Column, MacroValue};
use indexmap::{IndexMap, IndexSet};
use serde_json::{Value, json};

use crate::types;

/// A schema with further columns; a column named `a.b` goes into the column `a`.
pub(crate) fn with_columns(fields: &Value, additions: &[Column]) -> Value {
    let additions: Vec<(String, Value)> = additions
        .iter()
        .map(|column| (column.name.clone(), nullable(types::field(column))))
        .collect();
    merged(fields, &additions)
}

/// Fields that are added to a table with rows cannot be required.
fn nullable(mut field: Value) -> Value {
    if field["mode"].as_str() == Some("REQUIRED") {
        field["mode"] = json!("NULLABLE");
    }
    field
}

fn merged(fields: &Value, additions: &[(String, Value)]) -> Value {
    let mut result = Vec::new();
    let mut rest: Vec<(String, Value)> = additions.to_vec();
    for field in fields.as_array().into_iter().flatten() {
        let name = field["name"].as_str().unwrap_or_default();
        if let Some(at) = rest.iter().position(|(path, _)| path == name) {
            result.push(rest.remove(at).1);
            continue;
        }
        let prefix = format!("{name}.");
        let (inner, others): (Vec<_>, Vec<_>) =
            rest.into_iter().partition(|(path, _)| path.starts_with(&prefix));
        rest = others;
        let mut field = field.clone();
        if !inner.is_empty() {
            let inner: Vec<(String, Value)> = inner
                .into_iter()
                .map(|(path, mut added)| {
                    let path = path[prefix.len()..].to_owned();
                    added["name"] = json!(path.rsplit('.').next().unwrap_or(&path));
                    (path, added)
                })
                .collect();
            field["fields"] = merged(&field["fields"], &inner);
        }
        result.push(field);
    }
    result.extend(rest.into_iter().filter(|(path, _)| !path.contains('.')).map(|(_, field)| field));
    Value::Array(result)
}

/// A schema with what the configuration of columns says of them: descriptions and policy tags, also of fields inside
/// columns by their whole names.
pub(crate) fn with_descriptions(
    fields: &Value,
    columns: &IndexMap<String, MacroValue>,
    parent: &str,
) -> Value {
    let described = |field: &Value| {
        let mut field = field.clone();
        let name = field["name"].as_str().unwrap_or_default();
        let path = if parent.is_empty() { name.to_owned() } else { format!("{parent}.{name}") };
        if let Some(column) = columns.get(&path) {
            let description = column.get("description").and_then(MacroValue::as_text);
            field["description"] = json!(description.unwrap_or_default());
            if !field["fields"].is_array() {
                // None at all take away what the column had, as in dbt-bigquery.
                let tags =
                    column.get("policy_tags").filter(|tags| !matches!(tags, MacroValue::Null));
                let names = tags.map_or_else(|| json!([]), MacroValue::to_json);
                field["policyTags"] = json!({"names": names});
            }
        }
        if field["fields"].is_array() {
            field["fields"] = with_descriptions(&field["fields"], columns, &path);
        }
        field
    };
    fields.as_array().into_iter().flatten().map(described).collect()
}

/// What bringing the structs of a table up to date gives.
pub(crate) struct SyncedStructs {
    /// The table's schema with the structs of the source.
    pub fields: Value,
    /// The columns that were taken over.
    pub handled: IndexSet<String>,
}

/// The structs of a source whose fields the target lacks, or that differ otherwise, put into the target's schema.
pub(crate) fn synced_structs(
    source: &Value,
    target: &Value,
    differing: &IndexSet<String>,
) -> SyncedStructs {
    let known = paths(target, "");
    let lacking = paths(source, "");
    let mut wanted: IndexSet<String> = lacking
        .iter()
        .filter(|path| path.contains('.') && !known.contains(*path))
        .filter_map(|path| path.split('.').next().map(str::to_owned))
        .collect();
    wanted.extend(differing.iter().cloned());
    let mut handled = IndexSet::new();
    let fields = target.as_array().into_iter().flatten().map(|field| {
        let name = field["name"].as_str().unwrap_or_default();
        let own = source.as_array().into_iter().flatten();
        let own = own.clone().find(|own| own["name"].as_str() == Some(name));
        match own.filter(|_| wanted.contains(name)) {
            Some(own) => {
                handled.insert(name.to_owned());
                own.clone()
            }
            None => field.clone(),
        }
    });
    let fields = fields.collect();
    SyncedStructs { fields, handled }
}

fn paths(fields: &Value, parent: &str) -> IndexSet<String> {
    let mut all = IndexSet::new();
    for field in fields.as_array().into_iter().flatten() {
        let name = field["name"].as_str().unwrap_or_default();
        let path = if parent.is_empty() { name.to_owned() } else { format!("{parent}.{name}") };
        all.extend(paths(&field["fields"], &path));
        all.insert(path);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_go_into_their_columns() {
        let fields =
            json!([{"name": "a", "type": "RECORD", "fields": [{"name": "x", "type": "STRING"}]}]);
        let additions = [Column::new("a.y", "int64"), Column::new("b", "string")];
        assert_eq!(
            with_columns(&fields, &additions),
            json!([
                {"name": "a", "type": "RECORD", "fields": [
                    {"name": "x", "type": "STRING"}, {"name": "y", "type": "INT64"},
                ]},
                {"name": "b", "type": "STRING"},
            ])
        );
    }

    #[test]
    fn fields_inside_columns_are_described() {
        let fields =
            json!([{"name": "a", "type": "RECORD", "fields": [{"name": "x", "type": "STRING"}]}]);
        let columns = json!({"a.x": {"description": "inner", "policy_tags": ["p"]}});
        let MacroValue::Map(columns) = MacroValue::from_json(&columns) else { unreachable!() };
        let described = with_descriptions(&fields, &columns, "");
        assert_eq!(described[0]["fields"][0]["description"], "inner");
        assert_eq!(described[0]["fields"][0]["policyTags"], json!({"names": ["p"]}));
    }

    #[test]
    fn policy_tags_that_are_no_longer_configured_are_taken_away() {
        let tagged = |name| json!({"name": name, "type": "STRING", "policyTags": {"names": ["p"]}});
        let fields = json!([tagged("described"), tagged("unknown")]);
        let columns = json!({"described": {"description": "no secret any more"}});
        let MacroValue::Map(columns) = MacroValue::from_json(&columns) else { unreachable!() };
        let described = with_descriptions(&fields, &columns, "");
        assert_eq!(described[0]["policyTags"], json!({"names": []}));
        assert_eq!(described[1], tagged("unknown"));
    }

    #[test]
    fn structs_with_new_fields_are_taken_over_whole() {
        let source = json!([{"name": "a", "type": "RECORD", "fields": [{"name": "y"}, {"name": "x"}]}, {"name": "c"}]);
        let target =
            json!([{"name": "a", "type": "RECORD", "fields": [{"name": "x"}]}, {"name": "b"}]);
        let synced = synced_structs(&source, &target, &IndexSet::new());
        assert_eq!(synced.handled.iter().collect::<Vec<_>>(), ["a"]);
        assert_eq!(synced.fields, json!([source[0], {"name": "b"}]));
    }
}
