//! The configuration keys of each kind of resource, in the order of dbt's manifest, with defaults and merging.
//!
//! Mirrors the config classes of dbt 1.12 (`artifacts/resources/v1`).

use serde_json::{Value, json};

use crate::resource_type::ResourceType;

/// How a later layer goes on top of an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Merge {
    /// The later value replaces the earlier one.
    Clobber,
    /// The later items follow the earlier ones.
    Append,
    /// The later entries join the earlier ones.
    Update,
    /// By privilege; see `merge::grants`.
    Grants,
}

/// What kind of value a key takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Any,
    Boolean,
    Text,
    Integer,
    /// A text or a list of texts; as with texts alone, other values are taken as Python prints them.
    TextOrTexts,
    /// A list of texts; a text alone is a list of one.
    Texts,
    Map,
    Hooks,
    /// One of these words.
    Word(&'static [&'static str]),
    /// `warn` or `error` in any case.
    Severity,
    /// `on` or `off`, which are truth values in YAML and as in dbt shown as Python prints those.
    Switch,
}

/// One configuration key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) merge: Merge,
}

const fn of(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, merge: Merge::Clobber }
}

const fn merged(name: &'static str, kind: Kind, merge: Merge) -> Field {
    Field { name, kind, merge }
}

/// Keys of all nodes and tests.
const COMMON: &[Field] = &[
    of("enabled", Kind::Boolean),
    of("alias", Kind::Text),
    of("schema", Kind::Text),
    of("database", Kind::Text),
    merged("tags", Kind::Texts, Merge::Append),
    merged("meta", Kind::Map, Merge::Update),
    of("group", Kind::Text),
    of("static_analysis", Kind::Switch),
    of("materialized", Kind::Text),
];

/// Keys of models, seeds, snapshots, analyses, functions and hooks.
const NODE: &[Field] = &[
    of("incremental_strategy", Kind::Text),
    of("batch_size", Kind::Any),
    of("lookback", Kind::Any),
    of("begin", Kind::Any),
    of("persist_docs", Kind::Map),
    merged("post-hook", Kind::Hooks, Merge::Append),
    merged("pre-hook", Kind::Hooks, Merge::Append),
    merged("quoting", Kind::Map, Merge::Update),
    merged("column_types", Kind::Map, Merge::Update),
    of("full_refresh", Kind::Boolean),
    of("unique_key", Kind::TextOrTexts),
    of("on_schema_change", Kind::Text),
    of("on_configuration_change", Kind::Word(&["apply", "continue", "fail"])),
    merged("grants", Kind::Map, Merge::Grants),
    merged("packages", Kind::Texts, Merge::Append),
    merged("docs", Kind::Map, Merge::Update),
    merged("contract", Kind::Map, Merge::Update),
    of("event_time", Kind::Any),
    of("concurrent_batches", Kind::Any),
];

const MODEL: &[Field] = &[
    of("access", Kind::Word(&["private", "protected", "public"])),
    of("freshness", Kind::Any),
    of("on_error", Kind::Word(&["skip_children", "continue"])),
    merged("latest_version_pointer", Kind::Any, Merge::Update),
];

const SEED: &[Field] = &[of("delimiter", Kind::Text), of("quote_columns", Kind::Boolean)];

const SNAPSHOT: &[Field] = &[
    of("strategy", Kind::Text),
    of("target_schema", Kind::Text),
    of("target_database", Kind::Text),
    of("updated_at", Kind::Text),
    of("check_cols", Kind::TextOrTexts),
    of("snapshot_meta_column_names", Kind::Map),
    of("dbt_valid_to_current", Kind::Text),
];

const TEST: &[Field] = &[
    of("severity", Kind::Severity),
    of("store_failures", Kind::Boolean),
    of("store_failures_as", Kind::Text),
    of("sql_header", Kind::Any),
    of("where", Kind::Text),
    of("limit", Kind::Integer),
    of("fail_calc", Kind::Text),
    of("warn_if", Kind::Text),
    of("error_if", Kind::Text),
];

const FUNCTION: &[Field] = &[
    of("type", Kind::Word(&["scalar", "aggregate", "table"])),
    of("volatility", Kind::Text),
    of("runtime_version", Kind::Text),
    of("entry_point", Kind::Text),
    of("snowflake", Kind::Map),
];

const SOURCE: &[Field] = &[
    of("enabled", Kind::Boolean),
    of("event_time", Kind::Any),
    of("freshness", Kind::Any),
    of("loaded_at_field", Kind::Text),
    of("loaded_at_query", Kind::Text),
    merged("meta", Kind::Map, Merge::Update),
    of("tags", Kind::Texts),
    of("static_analysis", Kind::Switch),
];

const EXPOSURE: &[Field] =
    &[of("enabled", Kind::Boolean), of("tags", Kind::Texts), of("meta", Kind::Map)];

const UNIT_TEST: &[Field] = &[
    merged("tags", Kind::Texts, Merge::Append),
    merged("meta", Kind::Map, Merge::Update),
    of("enabled", Kind::Boolean),
    of("static_analysis", Kind::Switch),
];

const METRIC: &[Field] = &[
    of("enabled", Kind::Boolean),
    of("group", Kind::Text),
    merged("meta", Kind::Map, Merge::Update),
];

const SAVED_QUERY: &[Field] = &[
    of("enabled", Kind::Boolean),
    of("group", Kind::Text),
    merged("meta", Kind::Map, Merge::Update),
    of("export_as", Kind::Any),
    of("schema", Kind::Text),
    of("cache", Kind::Map),
];

const GROUP: &[Field] = &[merged("meta", Kind::Map, Merge::Update)];

/// The keys of a kind, in dbt's order.
pub(super) fn fields(resource_type: ResourceType) -> impl Iterator<Item = &'static Field> {
    let parts: [&'static [Field]; 3] = match resource_type {
        ResourceType::Model => [COMMON, NODE, MODEL],
        ResourceType::Seed => [COMMON, NODE, SEED],
        ResourceType::Snapshot => [COMMON, NODE, SNAPSHOT],
        ResourceType::Function => [COMMON, NODE, FUNCTION],
        ResourceType::Test => [COMMON, TEST, &[]],
        ResourceType::Source => [SOURCE, &[], &[]],
        ResourceType::Exposure => [EXPOSURE, &[], &[]],
        ResourceType::UnitTest => [UNIT_TEST, &[], &[]],
        ResourceType::Metric | ResourceType::SemanticModel => [METRIC, &[], &[]],
        ResourceType::SavedQuery => [SAVED_QUERY, &[], &[]],
        ResourceType::Group => [GROUP, &[], &[]],
        _ => [COMMON, NODE, &[]],
    };
    parts.into_iter().flatten()
}

/// One key of a kind.
pub(super) fn field(resource_type: ResourceType, name: &str) -> Option<&'static Field> {
    fields(resource_type).find(|field| field.name == name)
}

/// The value of a key that nobody set.
pub(super) fn default_value(resource_type: ResourceType, name: &str) -> Value {
    match name {
        "enabled" => json!(true),
        "schema" if resource_type == ResourceType::Test => json!("dbt_test__audit"),
        "tags" | "post-hook" | "pre-hook" | "packages" => json!([]),
        "meta" | "persist_docs" | "quoting" | "column_types" | "grants" => json!({}),
        "materialized" => json!(match resource_type {
            ResourceType::Test => "test",
            ResourceType::Seed => "seed",
            ResourceType::Snapshot => "snapshot",
            ResourceType::Function => "function",
            _ => "view",
        }),
        "lookback" => json!(1),
        "on_schema_change" => json!("ignore"),
        "on_configuration_change" => json!("apply"),
        "docs" => json!({"show": true, "node_color": null}),
        "contract" => json!({"enforced": false, "alias_types": true}),
        "access" => json!("protected"),
        "latest_version_pointer" => json!({"enabled": null, "alias": null}),
        "delimiter" => json!(","),
        "snapshot_meta_column_names" => json!({
            "dbt_valid_to": null, "dbt_valid_from": null, "dbt_scd_id": null, "dbt_updated_at": null,
            "dbt_is_deleted": null,
        }),
        "severity" => json!("ERROR"),
        "fail_calc" => json!("count(*)"),
        "warn_if" | "error_if" => json!("!= 0"),
        "type" => json!("scalar"),
        "snowflake" => json!({"quote_args": true}),
        "cache" => json!({"enabled": false}),
        "freshness" if resource_type == ResourceType::Source => json!({
            "warn_after": {"count": null, "period": null},
            "error_after": {"count": null, "period": null},
            "filter": null,
        }),
        _ => Value::Null,
    }
}

/// Whether a key is a configuration key of any kind of resource.
pub fn is_config_key(key: &str) -> bool {
    ResourceType::ALL.iter().any(|kind| field(*kind, super::canonical_key(key)).is_some())
}
