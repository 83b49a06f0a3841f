//! `fromjson`, `tojson` and the filter `tojson`, with the text that Python's `json.dumps` writes.

use std::fmt::Write;

use minijinja::value::{ObjectRepr, ValueKind};
use minijinja::{Environment, Error, Value};

use super::arguments::Arguments;
use super::convert::{from_json, key_text};
use super::decimal::Decimal;
use super::error::failure;
use super::functions::Values;
use super::repr::float_text;
use super::values::{iterate, pairs, type_name};

const DEEPEST: usize = 200;

pub(crate) fn install(environment: &mut Environment<'static>) {
    environment.add_function("fromjson", |values: Values| -> Result<Value, Error> {
        let mut arguments = Arguments::new("fromjson", &values.0);
        let text = arguments.required("string")?;
        let default = arguments.take("default").unwrap_or(Value::from(()));
        arguments.finish()?;
        let text = text.as_str().ok_or_else(|| {
            failure(format!(
                "the JSON object must be str, bytes or bytearray, not {}",
                type_name(&text)
            ))
        })?;
        Ok(serde_json::from_str::<serde_json::Value>(text)
            .map_or(default, |value| from_json(&value)))
    });
    environment.add_function("tojson", |values: Values| -> Result<Value, Error> {
        let mut arguments = Arguments::new("tojson", &values.0);
        let value = arguments.required("value")?;
        arguments.take("default");
        let style = Style { sort_keys: arguments.take_flag("sort_keys"), ..Style::default() };
        arguments.finish()?;
        dumps(&value, &style).map(Value::from)
    });
    environment.add_filter("tojson", |value: Value, values: Values| -> Result<Value, Error> {
        let mut arguments = Arguments::new("tojson", &values.0);
        let style = Style {
            sort_keys: true,
            indent: arguments.take_integer("indent")?.map(|indent| indent.max(0) as usize),
        };
        arguments.finish()?;
        // Jinja2's filter makes the text safe inside of HTML.
        let text = dumps(&value, &style)?;
        Ok(Value::from(
            text.replace('<', "\\u003c")
                .replace('>', "\\u003e")
                .replace('&', "\\u0026")
                .replace('\'', "\\u0027"),
        ))
    });
}

/// `json.dumps(value)`
pub(crate) fn json_text(value: &serde_json::Value) -> String {
    // JSON has nothing that cannot be written.
    dumps(&super::from_json(value), &Style::default()).unwrap_or_else(|_| value.to_string())
}

#[derive(Default)]
struct Style {
    sort_keys: bool,
    indent: Option<usize>,
}

fn dumps(value: &Value, style: &Style) -> Result<String, Error> {
    let mut text = String::new();
    write(&mut text, value, style, 0)?;
    Ok(text)
}

fn write(out: &mut String, value: &Value, style: &Style, depth: usize) -> Result<(), Error> {
    if depth > DEEPEST {
        return Err(failure("Circular reference detected"));
    }
    match value.kind() {
        ValueKind::None => out.push_str("null"),
        ValueKind::Bool => out.push_str(if value.is_true() { "true" } else { "false" }),
        ValueKind::Number if value.is_integer() => out.push_str(&value.to_string()),
        ValueKind::Number => {
            out.push_str(&match f64::try_from(value.clone()).unwrap_or(f64::NAN) {
                number if number.is_nan() => "NaN".to_owned(),
                f64::INFINITY => "Infinity".to_owned(),
                f64::NEG_INFINITY => "-Infinity".to_owned(),
                number => float_text(number),
            });
        }
        ValueKind::String => write_string(out, value.as_str().unwrap_or_default()),
        ValueKind::Seq | ValueKind::Iterable if type_name(value) != "set" => {
            let items = iterate(value)?;
            write_all(out, ('[', ']'), items.len(), style, depth, |out, index| {
                write(out, &items[index], style, depth + 1)
            })?;
        }
        ValueKind::Map
            if value.as_object().is_some_and(|object| object.repr() == ObjectRepr::Map) =>
        {
            let mut entries = pairs(value).unwrap_or_default();
            if style.sort_keys {
                super::values::sort_values(&mut entries, |(key, _)| key.clone(), false)?;
            }
            write_all(out, ('{', '}'), entries.len(), style, depth, |out, index| {
                let (key, value) = &entries[index];
                let is_container =
                    matches!(key.kind(), ValueKind::Seq | ValueKind::Iterable | ValueKind::Map);
                if is_container || Decimal::of(key).is_some() {
                    return Err(failure(format!(
                        "keys must be str, int, float, bool or None, not {}",
                        type_name(key)
                    )));
                }
                write_string(out, &key_text(key));
                out.push_str(": ");
                write(out, value, style, depth + 1)
            })?;
        }
        _ => {
            return Err(failure(format!(
                "Object of type {} is not JSON serializable",
                type_name(value).trim_start_matches("decimal.")
            )));
        }
    }
    Ok(())
}

fn write_all(
    out: &mut String,
    (left, right): (char, char),
    count: usize,
    style: &Style,
    depth: usize,
    mut item: impl FnMut(&mut String, usize) -> Result<(), Error>,
) -> Result<(), Error> {
    out.push(left);
    for index in 0..count {
        if index > 0 {
            out.push(',');
        }
        match style.indent {
            Some(indent) => {
                out.push('\n');
                out.push_str(&" ".repeat(indent * (depth + 1)));
            }
            None if index > 0 => out.push(' '),
            None => {}
        }
        item(out, index)?;
    }
    if let (Some(indent), true) = (style.indent, count > 0) {
        out.push('\n');
        out.push_str(&" ".repeat(indent * depth));
    }
    out.push(right);
    Ok(())
}

/// A JSON string with everything outside ASCII escaped, as Python's default is.
fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(character),
            _ => {
                let mut units = [0; 2];
                for unit in character.encode_utf16(&mut units) {
                    // Writing into a string does not fail.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
}
