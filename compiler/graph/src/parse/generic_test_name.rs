//! The names that dbt gives to generic tests.

use indexmap::IndexMap;
use serde_json::Value;
use source::python_text;

use crate::digest::md5;

/// Names of this length and more are shortened: they name files and tables too.
const LONGEST: usize = 64;

/// The short name (for files and tables) and the full name (for the unique id) of a test of `target`.
///
/// As dbt's `synthesize_generic_test_names`: the test, what it tests and its arguments sorted by name; from 64 letters
/// on the short name is the start and a digest of the full one.
pub fn names(test: &str, target: &str, arguments: &IndexMap<String, Value>) -> (String, String) {
    let mut sorted: Vec<_> = arguments.iter().filter(|(name, _)| *name != "model").collect();
    sorted.sort_by_key(|(name, _)| *name);
    let mut parts = Vec::new();
    for (_, value) in sorted {
        match value {
            Value::Object(entries) => parts.extend(entries.values().map(clean)),
            Value::Array(items) => parts.extend(items.iter().map(clean)),
            value => parts.push(clean(value)),
        }
    }
    let identifier = format!("{test}_{target}");
    let full = format!("{identifier}_{}", parts.join("__"));
    if full.chars().count() < LONGEST {
        return (full.clone(), full);
    }
    let start: String = identifier.chars().take(30).collect();
    (format!("{start}_{}", md5(&full)), full)
}

/// A value with each run of anything but ASCII letters, digits and underscores as one underscore.
fn clean(value: &Value) -> String {
    let mut cleaned = String::new();
    let mut is_in_run = false;
    for letter in python_text::text(value).chars() {
        if letter.is_ascii_alphanumeric() || letter == '_' {
            cleaned.push(letter);
            is_in_run = false;
        } else if !std::mem::replace(&mut is_in_run, true) {
            cleaned.push('_');
        }
    }
    cleaned
}

/// The ten letters at the end of a test's unique id: of its name and of all it says.
pub fn hash(
    name: &str,
    namespace: Option<&str>,
    test: &str,
    arguments: &IndexMap<String, Value>,
) -> String {
    let mut sorted: Vec<_> = arguments.iter().collect();
    sorted.sort_by_key(|(name, _)| *name);
    let arguments = sorted.into_iter().map(|(name, value)| (name.clone(), texts(value)));
    let mut metadata = serde_json::Map::new();
    metadata.insert("kwargs".to_owned(), Value::Object(arguments.collect()));
    metadata.insert("name".to_owned(), Value::from(test));
    metadata.insert("namespace".to_owned(), Value::from(namespace.unwrap_or("None")));
    let digest = md5(&format!("{name}{}", python_text::repr(&Value::Object(metadata))));
    digest[digest.len() - 10..].to_owned()
}

/// The value with sorted keys and each scalar as text.
fn texts(value: &Value) -> Value {
    match value {
        Value::Object(entries) => {
            let mut sorted: Vec<_> = entries.iter().collect();
            sorted.sort_by_key(|(name, _)| *name);
            Value::Object(
                sorted.into_iter().map(|(name, value)| (name.clone(), texts(value))).collect(),
            )
        }
        Value::Array(items) => items.iter().map(texts).collect(),
        other => Value::String(python_text::text(other)),
    }
}
