//! YAML with places, read as PyYAML's `safe_load` reads it, which is what dbt uses.
//!
//! The events come from `saphyr-parser`; the tree, the YAML 1.1 meaning of plain words, merge keys and aliases are ours.

mod build;
mod continuations;
pub mod marked;
mod resolve;
mod timestamp;

#[cfg(test)]
mod tests;

pub use timestamp::iso_text as iso_timestamp;

use indexmap::IndexMap;
use serde_json::Value;

use crate::span::{FileId, Span, Spanned};
use crate::warned::Warned;

/// A value with the place it was written at.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Yaml,
    /// Where it stands; for the value of an alias, where the alias stands.
    pub span: Span,
}

/// A value as PyYAML constructs it.
///
/// Integers beyond 64 bits are text, digit by digit.
#[derive(Debug, Clone, PartialEq)]
pub enum Yaml {
    /// `null`, `~` or nothing.
    Null,
    /// `true`, `yes`, `on` and their opposites.
    Boolean(bool),
    /// A whole number: decimal, `0b1`, `017`, `0x1F`, `1_000` or `1:30` to the base of sixty.
    Integer(i64),
    /// A number with a point, `.inf` or `.nan`.
    Float(f64),
    /// A date, or a date and a time, in the form of Python's `isoformat`. It is a text wherever a text is wanted: dbt's
    /// configurations and properties pass through JSON. Variables alone keep it.
    Timestamp(String),
    /// Everything else that is not a collection.
    Text(String),
    /// A list.
    Sequence(Vec<Node>),
    /// Keys with values.
    Mapping(Mapping),
}

/// Keys with values, in the order written, merged ones first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Mapping {
    /// The entries by their key as text: what JSON makes of a key that is no text, such as `true` or `1`.
    pub entries: IndexMap<String, Entry>,
}

/// The value of a key, and where the key stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

/// Reads one document. Nothing is returned for an empty or `null` document, and for one with an error.
pub fn read(text: &str, file: FileId) -> Warned<Option<Node>> {
    build::read(text, file)
}

impl Node {
    /// A value at a place.
    pub fn new(value: Yaml, span: Span) -> Self {
        Self { value, span }
    }

    /// A value of JSON at a place; all its parts take the same place.
    pub fn from_json(value: Value, span: Span) -> Self {
        let value = match value {
            Value::Null => Yaml::Null,
            Value::Bool(value) => Yaml::Boolean(value),
            Value::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(whole), _) => Yaml::Integer(whole),
                (None, Some(float)) if number.is_f64() => Yaml::Float(float),
                _ => Yaml::Text(number.to_string()),
            },
            Value::String(text) => Yaml::Text(text),
            Value::Array(items) => {
                Yaml::Sequence(items.into_iter().map(|item| Self::from_json(item, span)).collect())
            }
            Value::Object(entries) => {
                let entry = |value| Entry { key_span: span, value: Self::from_json(value, span) };
                let entries = entries.into_iter().map(|(key, value)| (key, entry(value))).collect();
                Yaml::Mapping(Mapping { entries })
            }
        };
        Self { value, span }
    }

    /// The text, of a text or a date alone.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Yaml::Text(text) | Yaml::Timestamp(text) => Some(text),
            _ => None,
        }
    }

    /// The text with its place, of a text alone.
    pub fn as_spanned(&self) -> Option<Spanned<String>> {
        self.as_str().map(|text| Spanned::new(text.to_owned(), self.span))
    }

    /// The truth value, of a truth value alone.
    pub fn as_bool(&self) -> Option<bool> {
        match self.value {
            Yaml::Boolean(value) => Some(value),
            _ => None,
        }
    }

    /// The number, of a whole number alone.
    pub fn as_i64(&self) -> Option<i64> {
        match self.value {
            Yaml::Integer(value) => Some(value),
            _ => None,
        }
    }

    /// The items, of a list alone.
    pub fn as_sequence(&self) -> Option<&[Node]> {
        match &self.value {
            Yaml::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// The entries, of a mapping alone.
    pub fn as_mapping(&self) -> Option<&Mapping> {
        match &self.value {
            Yaml::Mapping(mapping) => Some(mapping),
            _ => None,
        }
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        self.value == Yaml::Null
    }

    /// The value of a key; nothing when this is no mapping.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_mapping()?.get(key)
    }

    /// A scalar as Python's `str` prints it: `True`, `None`, `1.5`; nothing for collections.
    pub fn to_python_text(&self) -> Option<String> {
        Some(match &self.value {
            Yaml::Null => "None".to_owned(),
            Yaml::Boolean(true) => "True".to_owned(),
            Yaml::Boolean(false) => "False".to_owned(),
            Yaml::Integer(value) => value.to_string(),
            Yaml::Float(value) => resolve::python_float(*value),
            Yaml::Text(text) => text.clone(),
            Yaml::Timestamp(text) => text.replacen('T', " ", 1),
            Yaml::Sequence(_) | Yaml::Mapping(_) => return None,
        })
    }

    /// What the value is called in messages, with its article.
    pub fn kind(&self) -> &'static str {
        match self.value {
            Yaml::Null => "nothing",
            Yaml::Boolean(_) => "a truth value",
            Yaml::Integer(_) | Yaml::Float(_) => "a number",
            Yaml::Timestamp(_) => "a date",
            Yaml::Text(_) => "a text",
            Yaml::Sequence(_) => "a list",
            Yaml::Mapping(_) => "a mapping",
        }
    }

    /// The value without places. Infinities and not-a-number become text, as JSON has none, and so do dates.
    pub fn to_json(&self) -> Value {
        match &self.value {
            Yaml::Null => Value::Null,
            Yaml::Boolean(value) => Value::Bool(*value),
            Yaml::Integer(value) => Value::from(*value),
            Yaml::Float(value) if value.is_finite() => Value::from(*value),
            Yaml::Float(value) => Value::String(resolve::python_float(*value)),
            Yaml::Text(text) | Yaml::Timestamp(text) => Value::String(text.clone()),
            Yaml::Sequence(items) => items.iter().map(Self::to_json).collect(),
            Yaml::Mapping(mapping) => mapping.to_json(),
        }
    }
}

impl Mapping {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries.get(key).map(|entry| &entry.value)
    }

    /// The keys, where they stand, and the values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Span, &Node)> {
        self.entries.iter().map(|(key, entry)| (key.as_str(), entry.key_span, &entry.value))
    }

    /// The keys.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// Where a key stands.
    pub fn key_span(&self, key: &str) -> Option<Span> {
        self.entries.get(key).map(|entry| entry.key_span)
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// The value without places.
    pub fn to_json(&self) -> Value {
        Value::Object(
            self.entries.iter().map(|(key, entry)| (key.clone(), entry.value.to_json())).collect(),
        )
    }
}
