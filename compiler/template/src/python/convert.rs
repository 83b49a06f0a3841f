//! Between JSON values, which the rest of the program speaks, and template values.

use minijinja::value::{ObjectRepr, ValueKind};
use minijinja::{Error, ErrorKind, Value};
use serde_json::{Map, Number};
use source::yaml::marked::unmarked;

use super::dict::PyDict;
use super::list::PyList;
use super::values::{iterate, pairs};

/// A containment deeper than this is taken for one that contains itself.
const DEEPEST: usize = 200;

/// A template value of a JSON value: objects and arrays become dicts and lists that templates may change.
pub fn from_json(value: &serde_json::Value) -> Value {
    match value {
        serde_json::Value::Null => Value::from(()),
        serde_json::Value::Bool(flag) => Value::from(*flag),
        serde_json::Value::Number(number) => {
            if let Some(number) = number.as_i64() {
                Value::from(number)
            } else if let Some(number) = number.as_u64() {
                Value::from(number)
            } else {
                Value::from(number.as_f64().unwrap_or(f64::NAN))
            }
        }
        serde_json::Value::String(text) => match unmarked(text).and_then(special) {
            Some(date) => date,
            None => Value::from(text.as_str()),
        },
        serde_json::Value::Array(items) => {
            PyList::from(items.iter().map(from_json).collect::<Vec<_>>()).into()
        }
        serde_json::Value::Object(entries) => PyDict::from_pairs(entries_from_json(entries)).into(),
    }
}

/// What JSON has no values for; see `source::yaml::marked`.
fn special(text: &str) -> Option<Value> {
    match text {
        "inf" => Some(Value::from(f64::INFINITY)),
        "-inf" => Some(Value::from(f64::NEG_INFINITY)),
        "nan" => Some(Value::from(f64::NAN)),
        _ => super::datetime::of_iso(text),
    }
}

/// The pairs of a JSON object as template values.
pub fn entries_from_json(
    entries: &serde_json::Map<String, serde_json::Value>,
) -> impl Iterator<Item = (Value, Value)> {
    entries.iter().map(|(key, value)| (Value::from(key.as_str()), from_json(value)))
}

/// The JSON value of a template value. Undefined becomes null, tuples and sets arrays, and dates and times are as `isoformat`
/// writes them, and any other object is its text.
/// Integers stay integers; infinite and non-numbers become null.
pub fn to_json(value: &Value) -> Result<serde_json::Value, Error> {
    convert(value, 0)
}

fn convert(value: &Value, depth: usize) -> Result<serde_json::Value, Error> {
    if depth > DEEPEST {
        return Err(Error::new(
            ErrorKind::BadSerialization,
            "the value contains itself, or is nested too deeply",
        ));
    }
    Ok(match value.kind() {
        ValueKind::Undefined | ValueKind::None => serde_json::Value::Null,
        ValueKind::Bool => serde_json::Value::Bool(value.is_true()),
        ValueKind::Number if value.is_integer() => {
            match (value.as_i64(), u64::try_from(value.clone())) {
                (Some(number), _) => serde_json::Value::from(number),
                (None, Ok(number)) => serde_json::Value::from(number),
                (None, Err(_)) => number(f64::try_from(value.clone()).unwrap_or(f64::NAN)),
            }
        }
        ValueKind::Number => number(f64::try_from(value.clone()).unwrap_or(f64::NAN)),
        ValueKind::Seq | ValueKind::Iterable => {
            let items = iterate(value)?;
            serde_json::Value::Array(
                items.iter().map(|item| convert(item, depth + 1)).collect::<Result<_, _>>()?,
            )
        }
        ValueKind::Map
            if value.as_object().is_some_and(|object| object.repr() == ObjectRepr::Map) =>
        {
            let mut entries = Map::new();
            for (key, value) in pairs(value).unwrap_or_default() {
                entries.insert(key_text(&key), convert(&value, depth + 1)?);
            }
            serde_json::Value::Object(entries)
        }
        _ => match super::decimal::Decimal::of(value) {
            Some(decimal) => number(decimal.to_float()),
            None => serde_json::Value::String(
                super::datetime::iso_of(value).unwrap_or_else(|| super::repr::to_text(value)),
            ),
        },
    })
}

fn number(number: f64) -> serde_json::Value {
    Number::from_f64(number).map_or(serde_json::Value::Null, serde_json::Value::Number)
}

/// The text of a key, as `json.dumps` writes it.
pub(crate) fn key_text(key: &Value) -> String {
    match key.kind() {
        ValueKind::None => "null".to_owned(),
        ValueKind::Bool => if key.is_true() { "true" } else { "false" }.to_owned(),
        _ => super::repr::to_text(key),
    }
}
