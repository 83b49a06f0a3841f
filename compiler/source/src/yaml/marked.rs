//! Dates and infinite numbers in values of JSON, which has none: their text, behind a mark that no text has.
//!
//! dbt's variables are what PyYAML made of them, so that `var('day').strftime('%Y')` works where the day is written
//! without quotes. Whoever carries such values to templates carries the mark; whoever writes them takes it off.

use serde_json::Value;

use super::{Mapping, Node, Yaml};

/// A code point that Unicode keeps free of characters.
const MARK: char = '\u{fdd0}';

/// The value without places, what JSON lacks marked.
pub fn to_json(node: &Node) -> Value {
    match &node.value {
        Yaml::Timestamp(text) => Value::String(marked(text)),
        Yaml::Float(value) if !value.is_finite() => {
            Value::String(marked(&super::resolve::python_float(*value)))
        }
        Yaml::Sequence(items) => items.iter().map(to_json).collect(),
        Yaml::Mapping(mapping) => Value::Object(entries(mapping).collect()),
        _ => node.to_json(),
    }
}

/// The entries of a mapping without places, what JSON lacks marked.
pub fn entries(mapping: &Mapping) -> impl Iterator<Item = (String, Value)> {
    mapping.iter().map(|(key, _, value)| (key.to_owned(), to_json(value)))
}

/// A text with the mark before it.
fn marked(text: &str) -> String {
    format!("{MARK}{text}")
}

/// What is behind the mark: a date in the form of `isoformat`, or `inf`, `-inf` or `nan`; nothing of any other text.
pub fn unmarked(text: &str) -> Option<&str> {
    text.strip_prefix(MARK)
}

/// Takes the marks off: they are texts now, as in the JSON that dbt writes.
pub fn without_marks(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some(date) = unmarked(text) {
                *text = date.to_owned();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(without_marks),
        Value::Object(entries) => entries.values_mut().for_each(without_marks),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::FileId;
    use crate::yaml::read;

    #[test]
    fn dates_are_told_from_texts_until_their_marks_are_taken_off() {
        let text = "day: 2024-01-02\nword: '2024-01-02'\nmoments: [{at: 2024-01-02 3:04:05 +1}]";
        let document = read(text, FileId(0)).value.expect("a document");
        let mut value = to_json(&document);
        assert_eq!(value["day"].as_str().and_then(unmarked), Some("2024-01-02"));
        assert_eq!(value["word"].as_str().and_then(unmarked), None);
        without_marks(&mut value);
        assert_eq!(value["moments"], json!([{"at": "2024-01-02T03:04:05+01:00"}]));
        assert_eq!(value, document.to_json());
    }
}
