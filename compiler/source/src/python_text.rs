//! Values as Python prints them: dbt takes texts of configurations by `str`, and its names and hashes of generic tests
//! are made of `str` and `repr`.

use std::fmt::Write as _;

use crate::yaml::marked::unmarked;
use crate::yaml::{Node, Yaml};
use crate::{FileId, Span};
use serde_json::Value;

/// A value as `str` prints it.
pub fn text(value: &Value) -> String {
    match value {
        // Of a moment `str` has a space where `isoformat` has a `T`.
        Value::String(text) => match unmarked(text) {
            Some(moment) => moment.replacen('T', " ", 1),
            None => text.clone(),
        },
        other => {
            let mut out = String::new();
            write_repr(other, &mut out);
            out
        }
    }
}

/// A value as `repr` prints it.
pub fn repr(value: &Value) -> String {
    let mut out = String::new();
    write_repr(value, &mut out);
    out
}

fn write_repr(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("None"),
        Value::Bool(true) => out.push_str("True"),
        Value::Bool(false) => out.push_str("False"),
        Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            Some(float) => out.push_str(&python_float(float)),
            None => _ = write!(out, "{number}"),
        },
        Value::String(text) => write_text(unmarked(text).unwrap_or(text), out),
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                write_repr(item, out);
            }
            out.push(']');
        }
        Value::Object(entries) => {
            out.push('{');
            for (at, (key, value)) in entries.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                write_text(key, out);
                out.push_str(": ");
                write_repr(value, out);
            }
            out.push('}');
        }
    }
}

fn python_float(float: f64) -> String {
    let nowhere = Span::whole_file(FileId(0));
    Node::new(Yaml::Float(float), nowhere).to_python_text().unwrap_or_default()
}

/// A text in quotes: single ones, unless it has single quotes and no double ones.
fn write_text(text: &str, out: &mut String) {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    out.push(quote);
    for letter in text.chars() {
        match letter {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            letter if letter == quote => {
                out.push('\\');
                out.push(letter);
            }
            letter if is_printable(letter) => out.push(letter),
            letter => {
                let code = u32::from(letter);
                let _ = match code {
                    0..=0xff => write!(out, "\\x{code:02x}"),
                    0x100..=0xffff => write!(out, "\\u{code:04x}"),
                    _ => write!(out, "\\U{code:08x}"),
                };
            }
        }
    }
    out.push(quote);
}

/// Python's `str.isprintable` for one letter: no control or format characters, and no space but the plain one.
fn is_printable(letter: char) -> bool {
    letter == ' '
        || !(letter.is_control()
            || letter.is_whitespace()
            || matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e000}'..='\u{f8ff}'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_print_as_in_python() {
        let value =
            json!({"a": [1, 1.5, true, null], "b": "it's", "c": "\"both'\n", "d": "é\u{a0}"});
        assert_eq!(
            repr(&value),
            r#"{'a': [1, 1.5, True, None], 'b': "it's", 'c': '"both\'\n', 'd': 'é\xa0'}"#
        );
        assert_eq!(text(&json!("plain")), "plain");
    }
}
