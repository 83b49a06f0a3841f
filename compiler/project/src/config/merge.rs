//! How a later layer of options goes on top of an earlier one; dbt's merge behaviours.

use serde_json::{Map, Value};
use source::python_text;

use super::schema::{Merge, field};
use super::{ConfigOptions, canonical_key};
use crate::resource_type::ResourceType;

/// Puts `layer` on top of `base` as repeated `config()` calls do (dbt's `merge_config_dicts`).
///
/// The first call stands as it is written, its single values too.
pub fn merge(base: &mut ConfigOptions, layer: &ConfigOptions) {
    let is_first = base.is_empty();
    for (key, value) in layer {
        let key = canonical_key(key);
        if is_first {
            base.insert(key.to_owned(), value.clone());
            continue;
        }
        put(base, key, value, behaviour_in_calls(key));
    }
}

/// Puts `layer` on top of `base` for a kind of resource (dbt's `BaseConfig.update_from`).
pub fn merge_for(resource_type: ResourceType, base: &mut ConfigOptions, layer: &ConfigOptions) {
    for (key, value) in layer {
        let key = canonical_key(key);
        let behaviour = field(resource_type, key).map_or(Merge::Clobber, |field| field.merge);
        put(base, key, value, behaviour);
    }
}

/// The behaviours of `config()` calls, where the kind of the resource is not known.
fn behaviour_in_calls(key: &str) -> Merge {
    match key {
        "pre-hook" | "post-hook" | "tags" | "packages" => Merge::Append,
        "quoting"
        | "column_types"
        | "meta"
        | "docs"
        | "contract"
        | "snapshot_meta_column_names" => Merge::Update,
        "grants" => Merge::Grants,
        _ => Merge::Clobber,
    }
}

fn put(base: &mut ConfigOptions, key: &str, value: &Value, behaviour: Merge) {
    let former = base.get(key);
    let merged = match (behaviour, former, value) {
        (Merge::Append, former, value) => {
            let mut items = former.map(listed).unwrap_or_default();
            items.extend(listed(value));
            Value::Array(items)
        }
        (Merge::Update, Some(Value::Object(former)), Value::Object(value)) => {
            let mut entries = former.clone();
            entries.extend(value.clone());
            Value::Object(entries)
        }
        (Merge::Grants, former, Value::Object(value)) => {
            grants(former.and_then(Value::as_object), value)
        }
        _ => value.clone(),
    };
    base.insert(key.to_owned(), merged);
}

/// A list as it is, nothing as an empty list, anything else as a list of one.
pub(super) fn listed(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items.clone(),
        Value::Null => Vec::new(),
        other => vec![other.clone()],
    }
}

/// The texts of a list or of one value alone; other values are taken as Python prints them, as dbt takes them.
pub fn texts_of(value: &Value) -> Vec<String> {
    listed(value).iter().map(python_text::text).collect()
}

/// Grants replace each other by privilege, unless the privilege is spelt `+select`, which adds to the grantees.
fn grants(former: Option<&Map<String, Value>>, layer: &Map<String, Value>) -> Value {
    let mut merged: Map<String, Value> = Map::new();
    for (privilege, grantees) in former.into_iter().flatten() {
        merged.insert(privilege.clone(), Value::Array(listed(grantees)));
    }
    for (key, grantees) in layer {
        let privilege = key.trim_start_matches('+');
        let mut all = match merged.get(privilege) {
            Some(former) if key.starts_with('+') => listed(former),
            _ => Vec::new(),
        };
        all.extend(listed(grantees));
        merged.insert(privilege.to_owned(), Value::Array(all));
    }
    Value::Object(merged)
}
