//! The options of a source table: its own on top of its source's (dbt's `_generate_source_config`).

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::ConfigOptions;
use super::merge::listed;
use crate::properties::{SourceProperties, SourceTableProperties};

/// What the property file says of a table, to be handed on as the properties of [`super::OptionLayers`].
///
/// `meta` joins, `tags` join and are sorted, `freshness` joins by threshold, and a table with either of
/// `loaded_at_field` and `loaded_at_query` has nothing of its source's.
pub fn source_options(source: &SourceProperties, table: &SourceTableProperties) -> ConfigOptions {
    let mut options = source.config.clone();
    options.extend(table.config.clone());

    let mut meta = Map::new();
    for config in [&source.config, &table.config] {
        meta.extend(config.get("meta").and_then(Value::as_object).cloned().unwrap_or_default());
    }
    options.insert("meta".to_owned(), Value::Object(meta));

    let tags: BTreeSet<String> = [&source.config, &table.config]
        .into_iter()
        .flat_map(|config| config.get("tags").map(listed).unwrap_or_default())
        // Unlike elsewhere, dbt drops what is no text.
        .filter_map(|tag| tag.as_str().map(str::to_owned))
        .collect();
    options.insert("tags".to_owned(), json!(tags));

    match fold_freshness(source.config.get("freshness"), table.config.get("freshness")) {
        Some(freshness) => options.insert("freshness".to_owned(), freshness),
        None => options.shift_remove("freshness"),
    };

    let is_set = |key: &str| table.config.get(key).is_some_and(|value| !value.is_null());
    let says_field = table.config.contains_key("loaded_at_field");
    let field = if says_field {
        table.config.get("loaded_at_field")
    } else {
        source.config.get("loaded_at_field")
    };
    let query = match table.config.get("loaded_at_query") {
        Some(query) if is_set("loaded_at_query") => Some(query),
        _ if says_field => None,
        _ => source.config.get("loaded_at_query"),
    };
    options.insert("loaded_at_field".to_owned(), field.cloned().unwrap_or_default());
    options.insert("loaded_at_query".to_owned(), query.cloned().unwrap_or_default());
    options
}

/// Two statements of freshness as one; nothing when both are absent or say nothing, null when it is switched off.
pub(crate) fn fold_freshness(base: Option<&Value>, update: Option<&Value>) -> Option<Value> {
    let (Some(base), Some(update)) = (base, update) else {
        return base.or(update).map(|one| if one.is_null() { Value::Null } else { completed(one) });
    };
    match (base, update) {
        (_, Value::Null) => Some(Value::Null),
        (Value::Null, update) => Some(completed(update)),
        (base, update) => {
            let (base, update) = (completed(base), completed(update));
            let filter =
                if update["filter"].is_null() { &base["filter"] } else { &update["filter"] };
            Some(json!({
                "warn_after": fold_threshold(&base["warn_after"], &update["warn_after"]),
                "error_after": fold_threshold(&base["error_after"], &update["error_after"]),
                "filter": filter,
            }))
        }
    }
}

/// All keys of a freshness, absent thresholds as ones without a count.
pub(super) fn completed(freshness: &Value) -> Value {
    let threshold = |key: &str| match freshness.get(key) {
        Some(Value::Null) => Value::Null,
        Some(time) => json!({"count": time.get("count"), "period": time.get("period")}),
        None => json!({"count": null, "period": null}),
    };
    json!({
        "warn_after": threshold("warn_after"),
        "error_after": threshold("error_after"),
        "filter": freshness.get("filter"),
    })
}

fn fold_threshold(base: &Value, update: &Value) -> Value {
    let is_set = |time: &Value| !time["count"].is_null() && !time["period"].is_null();
    if update.is_null() || is_set(update) || !is_set(base) { update.clone() } else { base.clone() }
}
