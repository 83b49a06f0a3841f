//! `fromyaml` and `toyaml`, with the text that PyYAML's `safe_dump` writes.

use std::fmt::Write;

use minijinja::value::{ObjectRepr, ValueKind};
use minijinja::{Environment, Error, Value};
use source::FileId;
use source::yaml::{Yaml, marked, read};

use super::arguments::Arguments;
use super::convert::from_json;
use super::error::failure;
use super::functions::Values;
use super::repr::float_text;
use super::values::{iterate, pairs, type_name};

/// PyYAML breaks lines that grow beyond this.
const LINE_WIDTH: usize = 80;

const DEEPEST: usize = 200;

pub(crate) fn install(environment: &mut Environment<'static>) {
    environment.add_function("fromyaml", |values: Values| -> Result<Value, Error> {
        let mut arguments = Arguments::new("fromyaml", &values.0);
        let text = arguments.required("value")?;
        let default = arguments.take("default").unwrap_or(Value::from(()));
        arguments.finish()?;
        let text = text.as_str().ok_or_else(|| failure("a string or stream input is required"))?;
        let document = read(text, FileId(0));
        if document.has_errors() {
            return Ok(default);
        }
        Ok(document.value.map_or(Value::from(()), |node| from_json(&marked::to_json(&node))))
    });
    environment.add_function("toyaml", |values: Values| -> Result<Value, Error> {
        let mut arguments = Arguments::new("toyaml", &values.0);
        let value = arguments.required("value")?;
        let default = arguments.take("default").unwrap_or(Value::from(()));
        let sort_keys = arguments.take_flag("sort_keys");
        arguments.finish()?;
        Ok(dump(&value, sort_keys).map_or(default, Value::from))
    });
}

fn dump(value: &Value, sort_keys: bool) -> Result<String, Error> {
    let mut writer = Writer { out: String::new(), sort_keys };
    writer.node(value, 0, 0)?;
    writer.out.push('\n');
    if !is_collection(value) && !matches!(writer.out.chars().next(), Some('\'' | '"')) {
        // A plain scalar alone needs the end of the document to be told from its start.
        writer.out.push_str("...\n");
    }
    Ok(writer.out)
}

fn is_mapping(value: &Value) -> bool {
    value.as_object().is_some_and(|object| object.repr() == ObjectRepr::Map)
}

fn is_collection(value: &Value) -> bool {
    is_mapping(value) || matches!(type_name(value), "list" | "tuple")
}

struct Writer {
    out: String,
    sort_keys: bool,
}

impl Writer {
    fn line(&mut self, indent: usize) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', indent));
    }

    fn node(&mut self, value: &Value, indent: usize, depth: usize) -> Result<(), Error> {
        if depth > DEEPEST {
            return Err(failure("the value is nested too deeply"));
        }
        if is_mapping(value) {
            return self.mapping(value, indent, depth);
        }
        if !is_collection(value) {
            return self.scalar(value, indent);
        }
        let items = iterate(value)?;
        if items.is_empty() {
            self.out.push_str("[]");
        }
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.line(indent);
            }
            self.out.push_str("- ");
            self.node(item, indent + 2, depth + 1)?;
        }
        Ok(())
    }

    fn mapping(&mut self, value: &Value, indent: usize, depth: usize) -> Result<(), Error> {
        let mut entries = pairs(value).unwrap_or_default();
        if self.sort_keys {
            super::values::sort_values(&mut entries, |(key, _)| key.clone(), false)?;
        }
        if entries.is_empty() {
            self.out.push_str("{}");
        }
        for (index, (key, value)) in entries.iter().enumerate() {
            if index > 0 {
                self.line(indent);
            }
            self.scalar(key, indent)?;
            self.out.push(':');
            let is_empty = value.len() == Some(0);
            if is_mapping(value) && !is_empty {
                self.line(indent + 2);
                self.node(value, indent + 2, depth + 1)?;
            } else if is_collection(value) && !is_empty {
                // A list in a mapping is not indented.
                self.line(indent);
                self.node(value, indent, depth + 1)?;
            } else {
                self.out.push(' ');
                self.node(value, indent + 2, depth + 1)?;
            }
        }
        Ok(())
    }

    fn scalar(&mut self, value: &Value, indent: usize) -> Result<(), Error> {
        match value.kind() {
            ValueKind::None => self.out.push_str("null"),
            ValueKind::Bool => self.out.push_str(if value.is_true() { "true" } else { "false" }),
            ValueKind::Number if value.is_integer() => self.out.push_str(&value.to_string()),
            ValueKind::Number => {
                self.out.push_str(&float(f64::try_from(value.clone()).unwrap_or(f64::NAN)));
            }
            ValueKind::String => self.text(value.as_str().unwrap_or_default(), indent),
            _ if super::is_data_object(value) => self.out.push_str(&super::repr::to_text(value)),
            _ => {
                return Err(failure(format!(
                    "cannot represent an object of type {}",
                    type_name(value)
                )));
            }
        }
        Ok(())
    }

    fn text(&mut self, text: &str, indent: usize) {
        if text.chars().any(|character| !matches!(character, ' '..='~' | '\n'))
            || text.contains(" \n")
        {
            self.double_quoted(text);
        } else if is_plain(text) {
            self.folded(text, indent);
        } else {
            self.out.push('\'');
            // A line break is written as an empty line.
            let escaped = text.replace('\'', "''");
            for (index, line) in escaped.split('\n').enumerate() {
                if index > 0 {
                    self.out.push('\n');
                    if index == 1 || !line.is_empty() {
                        self.line(indent);
                        self.out.truncate(self.out.trim_end_matches(' ').len());
                        self.out.extend(std::iter::repeat_n(
                            ' ',
                            if line.is_empty() { 0 } else { indent },
                        ));
                    }
                }
                self.folded(line, indent);
            }
            self.out.push('\'');
        }
    }

    /// Breaks a long line at its single spaces.
    fn folded(&mut self, text: &str, indent: usize) {
        let mut column = self.out.len() - self.out.rfind('\n').map_or(0, |at| at + 1);
        let words: Vec<&str> = text.split(' ').collect();
        for (index, word) in words.iter().enumerate() {
            if index > 0 {
                let can_break = !word.is_empty() && !words[index - 1].is_empty();
                if can_break && column > LINE_WIDTH {
                    self.line(indent);
                    column = indent;
                } else {
                    self.out.push(' ');
                    column += 1;
                }
            }
            self.out.push_str(word);
            column += word.len();
        }
    }

    fn double_quoted(&mut self, text: &str) {
        self.out.push('"');
        for character in text.chars() {
            match character {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                ' '..='~' => self.out.push(character),
                _ => {
                    let code = character as u32;
                    // Writing into a string does not fail.
                    let _ = match code {
                        0..=0xff => write!(self.out, "\\x{code:02X}"),
                        0x100..=0xffff => write!(self.out, "\\u{code:04X}"),
                        _ => write!(self.out, "\\U{code:08X}"),
                    };
                }
            }
        }
        self.out.push('"');
    }
}

fn float(number: f64) -> String {
    match float_text(number).as_str() {
        "nan" => ".nan".to_owned(),
        "inf" => ".inf".to_owned(),
        "-inf" => "-.inf".to_owned(),
        text => match text.split_once('e') {
            Some((mantissa, exponent)) if !mantissa.contains('.') => {
                format!("{mantissa}.0e{exponent}")
            }
            _ => text.to_owned(),
        },
    }
}

/// True when a text can stand without quotes and is read as text again.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let starts_badly = match bytes {
        [] | [b' ', ..] => true,
        [b'-' | b'?' | b':', rest @ ..] => rest.first().is_none_or(|next| *next == b' '),
        [first, ..] => b"#,[]{}&*!|>'\"%@`".contains(first),
    };
    !starts_badly
        && !text.ends_with([' ', ':'])
        && !text.contains(['\n'])
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.starts_with("---")
        && !text.starts_with("...")
        && text != "="
        && matches!(read(text, FileId(0)).value.map(|node| node.value), Some(Yaml::Text(found)) if found == text)
}
