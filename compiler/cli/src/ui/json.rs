//! dbt's JSON line of an event.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::colour::plain;
use super::event::LogEvent;

/// What all lines of an invocation have in common.
#[derive(Debug, Clone, Default)]
pub(crate) struct Envelope {
    /// The invocation's id.
    pub invocation_id: String,
    /// The process.
    pub process_id: u32,
    /// Variables with dbt's prefix `DBT_ENV_CUSTOM_ENV_`, without it.
    pub extra: Map<String, Value>,
}

/// The line of an event at a moment (ISO, UTC), keys sorted as dbt sorts them.
pub(crate) fn line(event: &LogEvent, envelope: &Envelope, moment: &str) -> String {
    let mut data = event.data.clone();
    strip(&mut data);
    let value = json!({
        "data": data,
        "info": {
            "category": "",
            "code": event.code,
            "extra": envelope.extra,
            "invocation_id": envelope.invocation_id,
            "level": event.level.as_str(),
            "msg": plain(&event.message),
            "name": event.name,
            "pid": envelope.process_id,
            "thread": event.thread.as_deref().unwrap_or("MainThread"),
            "ts": moment,
        },
    });
    sorted(value).to_string()
}

/// Takes colours out of all texts.
fn strip(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(without) = plain(text) {
                *text = without;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        Value::Object(entries) => entries.values_mut().for_each(strip),
        _ => {}
    }
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Object(entries) => {
            let mut entries: Vec<(String, Value)> =
                entries.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            entries.sort_by(|one, other| one.0.cmp(&other.0));
            Value::Object(entries.into_iter().collect())
        }
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        other => other,
    }
}
