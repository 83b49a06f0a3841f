//! Source tables.

use std::sync::Arc;

use indexmap::IndexMap;
use project::{PropertyFile, ResourceType, config};
use serde_json::Value;

use super::{Found, Place, file_path, path_in_folder};
use crate::columns::columns_of;
use crate::node::{NodeDetails, SourceDetails};
use crate::parsed_node::{ParsedNode, fqn};

/// The tables of all sources of a file.
pub fn parse(place: Place<'_>, file: &PropertyFile) -> Found {
    let mut found = Found::default();
    let path = file_path(file);
    let relative = path_in_folder(place.package, &path);
    for source in &file.sources {
        for table in &source.tables {
            let mut quoting = source.quoting.clone();
            quoting
                .extend(table.quoting.iter().map(|(part, is_quoted)| (part.clone(), *is_quoted)));
            let properties = config::source_options(source, table);
            let text = |key: &str| properties.get(key).and_then(Value::as_str).map(str::to_owned);
            let source_meta = source.config.get("meta").and_then(Value::as_object);
            let details = SourceDetails {
                source_name: source.name.value.clone(),
                source_description: source.description.clone(),
                loader: source.loader.clone(),
                identifier: table.identifier.clone().unwrap_or_else(|| table.name.value.clone()),
                source_meta: source_meta.map(entries).unwrap_or_default(),
                quoting,
                loaded_at_field: text("loaded_at_field"),
                loaded_at_query: text("loaded_at_query"),
                freshness: None,
                external: table.external.as_ref().map(external),
                unrendered_database: source.unrendered_database.clone(),
                unrendered_schema: source.unrendered_schema.clone(),
                database: source.database.clone().filter(|name| !name.is_empty()),
                schema: source
                    .schema
                    .clone()
                    .filter(|name| !name.is_empty())
                    .unwrap_or_else(|| source.name.value.clone()),
            };
            let name = &table.name.value;
            let details = NodeDetails::Source(Box::new(details));
            let mut node = ParsedNode::new(ResourceType::Source, place.name, name, details);
            node.unique_id =
                Arc::from(format!("source.{}.{}.{name}", place.name, source.name.value));
            node.fqn = fqn(place.name, &relative, &[&source.name.value, name]);
            node.path = path.clone();
            node.original_file_path = path.clone();
            node.span = Some(table.name.span);
            node.properties = properties;
            node.description.clone_from(&table.description);
            node.columns = columns_of(table.columns.iter());
            found.nodes.push(node);
        }
    }
    found
}

/// `external` with the keys that dbt knows of, absent ones as null.
fn external(written: &Value) -> Value {
    let Value::Object(written) = written else { return written.clone() };
    let keys = ["location", "file_format", "row_format", "tbl_properties", "partitions"];
    let mut all: serde_json::Map<String, Value> =
        keys.iter().map(|key| ((*key).to_owned(), Value::Null)).collect();
    all.extend(written.clone());
    Value::Object(all)
}

fn entries(map: &serde_json::Map<String, Value>) -> IndexMap<String, Value> {
    map.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
}
