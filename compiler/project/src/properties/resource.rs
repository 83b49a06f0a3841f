//! Models, seeds, snapshots, analyses, singular tests and functions in a property file, and their columns.

use indexmap::IndexMap;
use serde_json::{Value, json};
use source::Span;
use source::yaml::{Mapping, Node};

use super::{ColumnProperties, ResourceProperties, VersionProperties};
use crate::config::{ConfigOptions, canonical_key, texts_of};
use crate::fields::FieldReader;

/// Keys of a resource that have fields of their own.
const TYPED: &[&str] = &[
    "name",
    "description",
    "config",
    "meta",
    "docs",
    "group",
    "contract",
    "access",
    "columns",
    "data_tests",
    "tests",
    "constraints",
    "latest_version",
    "versions",
    "deprecation_date",
    "time_spine",
    "relation",
];

/// Keys that dbt knows of some resource and that are kept as they are.
const KEPT: &[&str] = &[
    "quote_columns",
    "data_type",
    "semantic_model",
    "primary_entity",
    "agg_time_dimension",
    "metrics",
    "derived_semantics",
    "arguments",
    "returns",
    "overloads",
    "doc_blocks",
    "language",
    "defined_in",
];

/// Keys beside `config` that dbt moves into it.
const MOVED_TO_CONFIG: &[&str] = &["meta", "docs", "group", "contract", "access"];

/// Those of a version. Its `access` and `docs` count in `config` alone: beside it dbt 1.12 reads them, and the
/// configuration that it settles afterwards takes their place.
const MOVED_OF_VERSION: &[&str] = &["meta", "group", "contract"];

const COLUMN_TYPED: &[&str] = &[
    "name",
    "description",
    "data_type",
    "quote",
    "meta",
    "tags",
    "config",
    "constraints",
    "data_tests",
    "tests",
    "granularity",
];

/// Keys that dbt's classes give a value to where they are absent; null is none.
const NOT_NULL: &[&str] = &[
    "description",
    "columns",
    "config",
    "data_tests",
    "tests",
    "meta",
    "docs",
    "access",
    "constraints",
    "contract",
    "versions",
];

/// Reads one resource. `what` names its kind in messages, such as "a model".
pub(super) fn read(
    reader: &mut FieldReader,
    mapping: &Mapping,
    written: &Mapping,
    what: &str,
) -> ResourceProperties {
    let known: Vec<&str> = TYPED.iter().chain(KEPT).copied().collect();
    reader.unknown_keys(mapping, &known, what);
    reader.refused_nulls(mapping, NOT_NULL);
    reader.refused_keys_of(mapping, "docs", &["show", "node_color"]);
    if let Some(docs) = mapping.get("docs").and_then(Node::as_mapping) {
        reader.boolean(docs, "show");
    }
    reader.keys_of_config(mapping, MOVED_TO_CONFIG, what);
    let mut properties = common(reader, mapping, what, MOVED_TO_CONFIG);
    properties.name = reader.spanned_text(mapping, "name");
    properties.latest_version =
        mapping.get("latest_version").filter(|node| !node.is_null()).map(Node::to_json);
    properties.time_spine = mapping.get("time_spine").filter(|node| !node.is_null()).map(|node| {
        let mut spine = node.to_json();
        if let Value::Object(entries) = &mut spine {
            entries.entry("custom_granularities").or_insert_with(|| json!([]));
        }
        spine
    });
    properties.relation = reader.spanned_text(mapping, "relation");
    properties.unrendered_config = unrendered(written, &properties.config);
    properties.versions = versions(reader, mapping);
    let entries = written.get("versions").and_then(Node::as_sequence).unwrap_or_default();
    for version in &mut properties.versions {
        let is_it = |entry: &&Node| {
            let own = entry.get("v").and_then(Node::to_python_text);
            own.is_some() && own == as_text(&version.version)
        };
        if let Some(entry) = entries.iter().find(is_it).and_then(Node::as_mapping) {
            let own = &mut version.properties;
            own.unrendered_config = unrendered(entry, &own.config);
        }
    }
    properties.other = other(mapping, TYPED);
    check_versions(reader, &properties, mapping);
    properties
}

/// What a resource and one version of a model have in common.
fn common(
    reader: &mut FieldReader,
    mapping: &Mapping,
    what: &str,
    moved: &[&str],
) -> ResourceProperties {
    ResourceProperties {
        description: reader.text(mapping, "description").unwrap_or_default(),
        config: config(reader, mapping, what, moved),
        columns: columns(reader, mapping),
        tests: tests(reader, mapping),
        constraints: constraints(reader, mapping, &json!({"columns": []})),
        deprecation_date: reader.date(mapping, "deprecation_date"),
        ..ResourceProperties::default()
    }
}

/// `config:` with the keys beside it that belong into it.
fn config(
    reader: &mut FieldReader,
    mapping: &Mapping,
    what: &str,
    moved: &[&str],
) -> ConfigOptions {
    let mut options = config_block(reader, mapping, what);
    for key in moved {
        let Some(node) = mapping.get(key).filter(|node| !node.is_null()) else { continue };
        if options.contains_key(*key) {
            let span = mapping.key_span(key).unwrap_or(node.span);
            reader.error(format!("`{key}` stands both beside `config` and in it"), span);
        } else {
            options.insert((*key).to_owned(), node.to_json());
        }
    }
    options
}

/// `config:` as written, where it is not what was read: rendering, dbt's spelling of hooks and keys beside it make
/// something else of it.
fn unrendered(written: &Mapping, read: &ConfigOptions) -> Option<ConfigOptions> {
    let config = written.get("config").and_then(Node::as_mapping);
    let as_written: ConfigOptions = config
        .into_iter()
        .flat_map(Mapping::iter)
        .map(|(key, _, value)| (key.to_owned(), value.to_json()))
        .collect();
    (as_written != *read).then_some(as_written)
}

/// `config:` alone, hooks spelt as in the manifest.
pub(super) fn config_block(
    reader: &mut FieldReader,
    mapping: &Mapping,
    what: &str,
) -> ConfigOptions {
    let Some(config) = reader.mapping(mapping, "config") else { return ConfigOptions::new() };
    let known: Vec<&str> = CONFIG_WORDS.to_vec();
    reader.misspelt_config_keys(config, &known, &format!("the config of {what}"));
    config.iter().map(|(key, _, value)| (canonical_key(key).to_owned(), value.to_json())).collect()
}

/// Config keys that a misspelt key may have meant.
const CONFIG_WORDS: &[&str] = &[
    "enabled",
    "alias",
    "schema",
    "database",
    "group",
    "materialized",
    "incremental_strategy",
    "batch_size",
    "lookback",
    "persist_docs",
    "post_hook",
    "pre_hook",
    "post-hook",
    "pre-hook",
    "quoting",
    "column_types",
    "full_refresh",
    "unique_key",
    "on_schema_change",
    "on_configuration_change",
    "grants",
    "packages",
    "contract",
    "event_time",
    "access",
    "freshness",
    "severity",
    "store_failures",
    "store_failures_as",
    "where",
    "limit",
    "fail_calc",
    "warn_if",
    "error_if",
    "strategy",
    "updated_at",
    "check_cols",
    "target_schema",
    "delimiter",
    "quote_columns",
    "loaded_at_field",
    "loaded_at_query",
    "partition_by",
    "cluster_by",
    "indexes",
];

/// `data_tests:`, or `tests:`, its former name.
pub(super) fn tests(reader: &mut FieldReader, mapping: &Mapping) -> Vec<Node> {
    let is_given = |key: &str| mapping.get(key).is_some_and(|node| !node.is_null());
    let both = is_given("tests") && is_given("data_tests");
    if let Some(span) = mapping.key_span("tests").filter(|_| both) {
        reader.error("`tests` and `data_tests` cannot both be there", span);
    }
    let key = if is_given("data_tests") { "data_tests" } else { "tests" };
    let mut found = Vec::new();
    for test in reader.list(mapping, key) {
        if test.as_str().is_some() || test.as_mapping().is_some() {
            found.push(test.clone());
        } else {
            reader.expected(key, "a list of names and mappings", test);
        }
    }
    found
}

/// The columns of a resource; elements with `include` or `exclude` are no columns and are passed over.
pub(super) fn columns(reader: &mut FieldReader, mapping: &Mapping) -> Vec<ColumnProperties> {
    let entries = reader.mappings(mapping, "columns");
    entries
        .into_iter()
        .filter(|(entry, _)| entry.get("name").is_some() || !has_inclusion(entry))
        .filter_map(|(entry, span)| column(reader, entry, span))
        .collect()
}

fn has_inclusion(entry: &Mapping) -> bool {
    entry.get("include").is_some() || entry.get("exclude").is_some()
}

fn column(reader: &mut FieldReader, mapping: &Mapping, span: Span) -> Option<ColumnProperties> {
    let Some(name) = reader.spanned_text(mapping, "name") else {
        reader.missing("name", "a column", span);
        return None;
    };
    // Keys of the user's own, such as `policy_tags`, are right here; only slips are worth a word.
    reader.misspelt_keys(mapping, COLUMN_TYPED, "a column");
    reader.refused_nulls(
        mapping,
        &["description", "data_tests", "tests", "meta", "tags", "config", "constraints"],
    );
    check_constraint_types(reader, mapping);
    reader.keys_of_config(mapping, &["meta", "tags"], "a column");
    let config = reader.values(mapping, "config");
    let mut meta = reader.values(mapping, "meta");
    meta.extend(config.get("meta").and_then(Value::as_object).cloned().into_iter().flatten());
    let mut tags = reader.texts(mapping, "tags").unwrap_or_default();
    tags.extend(config.get("tags").map(texts_of).unwrap_or_default());
    let mut unique: Vec<String> = Vec::with_capacity(tags.len());
    for tag in tags {
        if !unique.contains(&tag) {
            unique.push(tag);
        }
    }
    Some(ColumnProperties {
        name,
        description: reader.text(mapping, "description").unwrap_or_default(),
        data_type: reader.text(mapping, "data_type"),
        quote: reader.boolean(mapping, "quote"),
        meta: meta.into(),
        tags: unique,
        config: config.into(),
        constraints: constraints(reader, mapping, &json!({})),
        tests: tests(reader, mapping),
        granularity: reader.text(mapping, "granularity"),
        other: other(mapping, COLUMN_TYPED).into(),
    })
}

fn versions(reader: &mut FieldReader, mapping: &Mapping) -> Vec<VersionProperties> {
    let mut versions: Vec<VersionProperties> = Vec::new();
    for (entry, span) in reader.mappings(mapping, "versions") {
        let Some(version) = entry.get("v").filter(|node| !node.is_null()) else {
            reader.missing("v", "a version", span);
            continue;
        };
        let known = [
            "v",
            "defined_in",
            "description",
            "access",
            "config",
            "constraints",
            "docs",
            "data_tests",
            "tests",
            "columns",
            "deprecation_date",
            "meta",
            "group",
            "contract",
        ];
        reader.refused_keys(entry, &known, "a version");
        let text = version.to_python_text();
        if versions.iter().any(|other| as_text(&other.version) == text) {
            let message =
                format!("the version `{}` stands twice", text.as_deref().unwrap_or_default());
            reader.error(message, version.span);
            continue;
        }
        let inclusion = inclusion(reader, entry);
        let given = |key: &str| entry.get(key).is_some_and(|node| !node.is_null());
        versions.push(VersionProperties {
            version: version.to_json(),
            defined_in: reader.text(entry, "defined_in"),
            properties: common(reader, entry, "a version", MOVED_OF_VERSION),
            has_columns: given("columns"),
            include: inclusion.and_then(|inclusion| inclusion.get("include")).map(Node::to_json),
            exclude: inclusion.and_then(|inclusion| inclusion.get("exclude")).map(Node::to_json),
            has_tests: given("data_tests") || given("tests"),
            span,
        });
    }
    versions
}

/// The one element of a version's columns that says which of the model's columns it has.
fn inclusion<'a>(reader: &mut FieldReader, entry: &'a Mapping) -> Option<&'a Mapping> {
    let columns = entry.get("columns").and_then(Node::as_sequence).unwrap_or_default();
    let mut found = None;
    for column in columns {
        let Some(mapping) = column.as_mapping().filter(|mapping| has_inclusion(mapping)) else {
            continue;
        };
        if found.is_some() {
            reader.error("a version may have one `include` or `exclude` at most", column.span);
        } else {
            found = Some(mapping);
        }
    }
    found
}

fn check_versions(reader: &mut FieldReader, properties: &ResourceProperties, mapping: &Mapping) {
    let (Some(latest), Some(node)) = (&properties.latest_version, mapping.get("latest_version"))
    else {
        return;
    };
    let is_known =
        properties.versions.iter().any(|version| as_text(&version.version) == as_text(latest));
    if !is_known {
        let name = as_text(latest).unwrap_or_default();
        reader.error(
            format!("`latest_version` is `{name}`, which is not among the versions"),
            node.span,
        );
    }
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn values(reader: &mut FieldReader, mapping: &Mapping, key: &str) -> Vec<Value> {
    reader.mappings(mapping, key).into_iter().map(|(entry, _)| entry.to_json()).collect()
}

const CONSTRAINT_TYPES: [&str; 6] =
    ["check", "not_null", "unique", "primary_key", "foreign_key", "custom"];

/// Constraints of columns are of a known type.
fn check_constraint_types(reader: &mut FieldReader, mapping: &Mapping) {
    for (constraint, span) in reader.mappings(mapping, "constraints") {
        let kind = constraint.get("type").and_then(Node::as_str);
        if !kind.is_some_and(|kind| CONSTRAINT_TYPES.contains(&kind)) {
            let message = match kind {
                Some(kind) => format!("`{kind}` is no type of constraints"),
                None => "a constraint needs a `type`".to_owned(),
            };
            reader.error(message, span);
        }
    }
}

/// Constraints with all the keys that dbt's have; those of models have `columns` besides.
fn constraints(reader: &mut FieldReader, mapping: &Mapping, more: &Value) -> Vec<Value> {
    let mut found = values(reader, mapping, "constraints");
    for constraint in &mut found {
        let written = std::mem::take(constraint);
        let mut complete = json!({
            "type": null, "name": null, "expression": null, "warn_unenforced": true,
            "warn_unsupported": true, "to": null, "to_columns": [],
        });
        for layer in [more, &written] {
            if let (Value::Object(entries), Value::Object(layer)) = (&mut complete, layer) {
                entries.extend(layer.iter().map(|(key, value)| (key.clone(), value.clone())));
            }
        }
        *constraint = complete;
    }
    found
}

pub(super) fn other(mapping: &Mapping, typed: &[&str]) -> IndexMap<String, Value> {
    let rest = mapping.iter().filter(|(key, ..)| !typed.contains(key));
    rest.map(|(key, _, value)| (key.to_owned(), value.to_json())).collect()
}

/// `meta` beside `config` and in it, the latter on top; tags of both, in order.
pub(super) fn fold_meta_and_tags(
    reader: &mut FieldReader,
    mapping: &Mapping,
    config: &mut ConfigOptions,
) {
    let mut meta: serde_json::Map<String, Value> =
        reader.values(mapping, "meta").into_iter().collect();
    if let Some(Value::Object(inner)) = config.get("meta") {
        meta.extend(inner.clone());
    }
    if !meta.is_empty() {
        config.insert("meta".to_owned(), Value::Object(meta));
    }
    let mut tags = reader.texts(mapping, "tags").unwrap_or_default();
    tags.extend(config.get("tags").map(texts_of).unwrap_or_default());
    if !tags.is_empty() {
        config.insert("tags".to_owned(), json!(tags));
    }
}
