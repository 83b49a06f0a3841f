//! Small conversions between templates' values and plain Rust ones.

use minijinja::value::Value;

use crate::python::{PyDict, PyList};

/// Whether a value stands for nothing: none or undefined.
pub(crate) fn is_none(value: &Value) -> bool {
    value.is_none() || value.is_undefined()
}

/// Python's `None`.
pub(crate) fn none() -> Value {
    Value::from(())
}

/// A value as text: text as it is, anything else as it prints.
pub(crate) fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A value as text; nothing for none, undefined and what was left out.
pub(crate) fn optional_text_of(value: Option<Value>) -> Option<String> {
    value.filter(|value| !is_none(value)).map(|value| text_of(&value))
}

/// A value as a size; nothing for what is no whole number from 0.
pub(crate) fn size_of(value: Option<Value>) -> Option<u64> {
    value.and_then(|value| u64::try_from(value.as_i64()?).ok())
}

/// A text, or none.
pub(crate) fn text_or_none(text: Option<&str>) -> Value {
    text.map_or_else(none, Value::from)
}

/// A list that templates can change.
pub(crate) fn list(items: impl IntoIterator<Item = Value>) -> Value {
    PyList::from(items.into_iter().collect::<Vec<_>>()).into()
}

/// A dictionary that templates can change.
pub(crate) fn dictionary<K: Into<Value>>(pairs: impl IntoIterator<Item = (K, Value)>) -> Value {
    PyDict::from_pairs(pairs.into_iter().map(|(key, value)| (key.into(), value))).into()
}
