//! Sources and their tables in a property file.

use serde_json::Value;
use source::yaml::{Mapping, Node, Yaml};

use super::{SourceProperties, SourceTableProperties, resource};
use crate::config::{ConfigOptions, fold_freshness};
use crate::fields::FieldReader;

const SOURCE_KEYS: &[&str] = &[
    "name",
    "description",
    "meta",
    "database",
    "catalog",
    "schema",
    "loader",
    "quoting",
    "freshness",
    "loaded_at_field",
    "loaded_at_query",
    "tables",
    "tags",
    "config",
    "overrides",
    "project",
    "dataset",
    "data_tests",
    "tests",
];

const TABLE_KEYS: &[&str] = &[
    "name",
    "description",
    "meta",
    "data_type",
    "docs",
    "config",
    "loaded_at_field",
    "loaded_at_query",
    "identifier",
    "quoting",
    "freshness",
    "external",
    "tags",
    "columns",
    "data_tests",
    "tests",
    "loader",
    "quote_columns",
    "constraints",
];

/// What dbt wants below `config`.
const KEYS_OF_CONFIG: &[&str] =
    &["freshness", "loaded_at_field", "loaded_at_query", "meta", "tags"];

/// Reads one source; `written` is the same before rendering.
pub(super) fn read(
    reader: &mut FieldReader,
    mapping: &Mapping,
    written: &Mapping,
) -> Option<SourceProperties> {
    reader.refused_keys(mapping, SOURCE_KEYS, "a source");
    check_parts(reader, mapping);
    reader.refused_nulls(mapping, &["loader", "overrides"]);
    reader.keys_of_config(mapping, KEYS_OF_CONFIG, "a source");
    let name = reader.spanned_text(mapping, "name")?;
    let database_key =
        ["database", "catalog", "project"].into_iter().find(|key| mapping.get(key).is_some());
    let schema_key = ["schema", "dataset"].into_iter().find(|key| mapping.get(key).is_some());
    // dbt looks for its own words alone.
    let unrendered = |key: &str| {
        let text = written.get(key).filter(|node| !node.is_null()).and_then(Node::to_python_text);
        text.filter(|text| !text.is_empty())
    };
    let tables = reader.mappings(mapping, "tables");
    Some(SourceProperties {
        name,
        description: reader.text(mapping, "description").unwrap_or_default(),
        database: database_key.and_then(|key| reader.text(mapping, key)),
        schema: schema_key.and_then(|key| reader.text(mapping, key)),
        loader: reader.text(mapping, "loader").unwrap_or_default(),
        overrides: reader.text(mapping, "overrides"),
        quoting: reader.booleans(mapping, "quoting"),
        config: folded_config(reader, mapping, "a source"),
        tags: reader.texts(mapping, "tags").unwrap_or_default(),
        tables: tables
            .into_iter()
            .filter_map(|(table, span)| read_table(reader, table, span))
            .collect(),
        unrendered_database: unrendered("database"),
        unrendered_schema: unrendered("schema"),
    })
}

fn read_table(
    reader: &mut FieldReader,
    mapping: &Mapping,
    span: source::Span,
) -> Option<SourceTableProperties> {
    reader.unknown_keys(mapping, TABLE_KEYS, "a source table");
    check_parts(reader, mapping);
    reader.refused_nulls(mapping, &["columns", "data_tests", "tests"]);
    if let Some(node) = mapping.get("external").filter(|node| node.as_str().is_some()) {
        reader.expected("external", "a mapping", node);
    }
    reader.keys_of_config(mapping, KEYS_OF_CONFIG, "a source table");
    let Some(name) = reader.spanned_text(mapping, "name") else {
        reader.missing("name", "a source table", span);
        return None;
    };
    Some(SourceTableProperties {
        name,
        identifier: reader.text(mapping, "identifier"),
        description: reader.text(mapping, "description").unwrap_or_default(),
        loader: reader.text(mapping, "loader"),
        quoting: reader.booleans(mapping, "quoting"),
        external: mapping.get("external").filter(|node| !node.is_null()).map(external),
        config: folded_config(reader, mapping, "a source table"),
        tags: reader.texts(mapping, "tags").unwrap_or_default(),
        columns: resource::columns(reader, mapping),
        tests: resource::tests(reader, mapping),
    })
}

/// What stands beside `config` is of one kind, and has no keys of the user's own.
fn check_parts(reader: &mut FieldReader, mapping: &Mapping) {
    reader.refused_nulls(mapping, &["description", "meta", "tags", "config", "quoting"]);
    reader.refused_keys_of(mapping, "quoting", &["database", "schema", "identifier", "column"]);
    if let Some(node) = mapping.get("tags").filter(|node| node.as_str().is_some()) {
        reader.expected("tags", "a list of texts", node);
    }
    reader.refused_keys_of(mapping, "freshness", &["warn_after", "error_after", "filter"]);
    let freshness = mapping.get("freshness").and_then(Node::as_mapping);
    if let Some(freshness) = freshness {
        for key in AGES {
            reader.refused_keys_of(freshness, key, &["count", "period"]);
        }
        check_ages(reader, freshness, |count| matches!(count.value, Yaml::Integer(_)));
    }
    let config = mapping.get("config").and_then(|config| config.get("freshness"));
    if let Some(freshness) = config.and_then(Node::as_mapping) {
        check_ages(reader, freshness, is_read_as_count);
    }
}

/// The ages of data at which dbt warns or fails.
const AGES: [&str; 2] = ["warn_after", "error_after"];

/// An age is a whole number of periods; what else `is_count` takes depends on where it stands.
fn check_ages(reader: &mut FieldReader, freshness: &Mapping, is_count: fn(&Node) -> bool) {
    for (key, age) in AGES.iter().filter_map(|key| Some((*key, freshness.get(key)?))) {
        if !age.is_null() && age.as_mapping().is_none() {
            reader.expected(key, "a mapping of `count` and `period`", age);
        }
        let period = age.get("period").filter(|period| !period.is_null());
        if let Some(node) = period.filter(|node| !node.as_str().is_some_and(is_period)) {
            let word = node.to_python_text().unwrap_or_else(|| node.kind().to_owned());
            let message = format!("`{word}` is no `period`: there are `minute`, `hour` and `day`");
            reader.error(message, node.span);
        }
        if let Some(node) = age.get("count").filter(|count| !count.is_null() && !is_count(count)) {
            reader.expected("count", "a whole number", node);
        }
    }
}

fn is_period(word: &str) -> bool {
    matches!(word, "minute" | "hour" | "day")
}

/// What Python's `int` makes a number of; below `config` that is enough.
fn is_read_as_count(count: &Node) -> bool {
    match &count.value {
        Yaml::Text(text) => text.trim().parse::<i64>().is_ok(),
        Yaml::Sequence(_) | Yaml::Mapping(_) | Yaml::Timestamp(_) | Yaml::Null => false,
        _ => true,
    }
}

/// Where an external table is: what dbt knows of it is there even when it is not written.
fn external(written: &Node) -> Value {
    let mut value = written.to_json();
    if let Value::Object(entries) = &mut value {
        for key in ["location", "file_format", "row_format", "tbl_properties", "partitions"] {
            entries.entry(key).or_insert(Value::Null);
        }
        let partitions = entries.get_mut("partitions").and_then(Value::as_array_mut);
        for partition in partitions.into_iter().flatten().filter_map(Value::as_object_mut) {
            for key in ["name", "description", "data_type"] {
                partition.entry(key).or_insert_with(|| "".into());
            }
            partition.entry("meta").or_insert_with(|| serde_json::json!({}));
        }
    }
    value
}

/// The keys that say how the age of a table is found out.
const LOADED_AT: [&str; 2] = ["loaded_at_field", "loaded_at_query"];

/// `config:` with `meta`, `tags`, `freshness` and `loaded_at_…` from beside it.
fn folded_config(reader: &mut FieldReader, mapping: &Mapping, what: &str) -> ConfigOptions {
    let mut config = resource::config_block(reader, mapping, what);
    // Null means something only beside `config:`.
    config.retain(|key, value| !(LOADED_AT.contains(&key.as_str()) && value.is_null()));
    resource::fold_meta_and_tags(reader, mapping, &mut config);
    let freshness = mapping.get("freshness");
    if let Some(node) = freshness.filter(|node| !node.is_null() && node.as_mapping().is_none()) {
        reader.expected("freshness", "a mapping", node);
    }
    let beside = freshness.map(Node::to_json).filter(|value| value.is_object() || value.is_null());
    if let Some(folded) = fold_freshness(beside.as_ref(), config.get("freshness")) {
        config.insert("freshness".to_owned(), folded);
    }
    for key in LOADED_AT {
        if let Some(node) = mapping.get(key) {
            let given = reader.text(mapping, key);
            if given.as_deref() == Some("") {
                reader.error(format!("`{key}` cannot be empty"), node.span);
            }
            // A key that is null says that the source's own is not meant, so it stays.
            if given.is_some() || !config.contains_key(key) {
                config.insert(key.to_owned(), given.map_or(Value::Null, Value::String));
            }
        }
    }
    let is_set = |key: &str| config.get(key).is_some_and(|value| !value.is_null());
    if is_set("loaded_at_field") && is_set("loaded_at_query") {
        let span = mapping
            .iter()
            .next()
            .map_or(source::Span::whole_file(source::FileId(0)), |(_, span, _)| span);
        reader.error("`loaded_at_field` and `loaded_at_query` cannot both be there", span);
    }
    config
}
