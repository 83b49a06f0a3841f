//! Dictionaries of nodes without what is none; dbt's `to_dict(omit_none=True)`.

use serde_json::Value;

/// What users fill with keys and values of their own.
const OF_USERS: &[&str] = &[
    "meta",
    "kwargs",
    "unrendered_config",
    "config_call_dict",
    "unrendered_config_call_dict",
    "column_types",
    "grants",
    "quoting",
    "persist_docs",
    "overrides",
    "expected_rows",
    "given",
    "expect",
];

/// Takes away what is none of a node and its parts. Mappings that users fill stay as they are.
pub fn omit_none(value: &mut Value) {
    match value {
        Value::Object(entries) => {
            entries.retain(|_, value| !value.is_null());
            let parts = entries.iter_mut().filter(|(key, _)| !OF_USERS.contains(&key.as_str()));
            parts.for_each(|(_, value)| omit_none(value));
        }
        Value::Array(items) => items.iter_mut().for_each(omit_none),
        _ => {}
    }
}
