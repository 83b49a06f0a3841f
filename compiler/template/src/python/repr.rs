//! `str()` and `repr()` as Python prints.

use std::fmt::{self, Write};

use minijinja::Value;
use minijinja::value::{ObjectRepr, ValueKind};

use super::dict::PyDict;
use super::list::PyList;
use super::set::PySet;
use crate::context::WholeContext;
use crate::language::Converted;

/// Containers inside of containers beyond this are printed as dots.
const DEEPEST: usize = 200;

/// What `{{ value }}` prints.
pub fn to_text(value: &Value) -> String {
    let mut text = String::new();
    // Writing into a string does not fail.
    let _ = write_text(&mut text, value);
    text
}

/// What `repr(value)` gives: strings in quotes.
pub fn to_repr(value: &Value) -> String {
    let mut text = String::new();
    let _ = write_repr(&mut text, value, &mut Vec::new());
    text
}

/// Writes what `{{ value }}` prints.
pub fn write_text(out: &mut dyn Write, value: &Value) -> fmt::Result {
    match value.kind() {
        ValueKind::String => out.write_str(value.as_str().unwrap_or_default()),
        ValueKind::Undefined => Ok(()),
        ValueKind::Plain => write!(out, "{value}"),
        ValueKind::Map if Converted::is(value) => write!(out, "{value}"),
        _ => write_repr(out, value, &mut Vec::new()),
    }
}

/// Writes what `repr(value)` gives; `open` holds the containers being printed, so that one that contains itself ends.
pub(crate) fn write_repr(out: &mut dyn Write, value: &Value, open: &mut Vec<usize>) -> fmt::Result {
    match value.kind() {
        ValueKind::None => out.write_str("None"),
        ValueKind::Undefined => out.write_str("Undefined"),
        ValueKind::Bool => out.write_str(if value.is_true() { "True" } else { "False" }),
        ValueKind::Number if value.is_integer() => write!(out, "{value}"),
        ValueKind::Number => {
            out.write_str(&float_text(f64::try_from(value.clone()).unwrap_or(f64::NAN)))
        }
        ValueKind::String => write!(out, "{value:?}"),
        ValueKind::Bytes => write_bytes(out, value.as_bytes().unwrap_or_default()),
        _ => write_container(out, value, open),
    }
}

fn write_container(out: &mut dyn Write, value: &Value, open: &mut Vec<usize>) -> fmt::Result {
    let identity = if let Some(list) = value.downcast_object_ref::<PyList>() {
        std::ptr::from_ref(list).cast::<()>() as usize
    } else if let Some(dict) = value.downcast_object_ref::<PyDict>() {
        std::ptr::from_ref(dict).cast::<()>() as usize
    } else if let Some(context) = value.downcast_object_ref::<WholeContext>() {
        context.identity()
    } else if let Some(set) = value.downcast_object_ref::<PySet>() {
        let items = set.snapshot();
        if items.is_empty() {
            return out.write_str("set()");
        }
        return write_items(out, ("{", "}"), &items, open);
    } else {
        return write_foreign(out, value, open);
    };
    let is_list = value.kind() == ValueKind::Seq;
    if open.contains(&identity) || open.len() > DEEPEST {
        return out.write_str(if is_list { "[...]" } else { "{...}" });
    }
    open.push(identity);
    let result = if is_list {
        write_items(out, ("[", "]"), &super::values::iterate(value).unwrap_or_default(), open)
    } else {
        write_pairs(out, &super::values::pairs(value).unwrap_or_default(), open)
    };
    open.pop();
    result
}

/// Prints an object made by Rust: one with an own `Display` prints itself, plain data prints as Python's would.
fn write_foreign(out: &mut dyn Write, value: &Value, open: &mut Vec<usize>) -> fmt::Result {
    let Some(object) = value.as_object() else { return write!(out, "{value}") };
    if let Some(text) = super::datetime::repr_of(value) {
        return out.write_str(&text);
    }
    if let Some(decimal) = super::decimal::Decimal::of(value) {
        return out.write_str(&decimal.repr());
    }
    if value.is_tuple() {
        let items = super::values::iterate(value).unwrap_or_default();
        return write_items(
            out,
            if items.len() == 1 { ("(", ",)") } else { ("(", ")") },
            &items,
            open,
        );
    }
    match object.repr() {
        ObjectRepr::Seq | ObjectRepr::Iterable if is_plain_data(value) => {
            write_items(out, ("[", "]"), &super::values::iterate(value).unwrap_or_default(), open)
        }
        ObjectRepr::Map if is_plain_data(value) => {
            write_pairs(out, &super::values::pairs(value).unwrap_or_default(), open)
        }
        _ => write!(out, "{value}"),
    }
}

/// minijinja's own containers print with an opening bracket; objects with a `render` of their own print a name or text.
fn is_plain_data(value: &Value) -> bool {
    let mut first = FirstCharacter(None);
    let _ = write!(first, "{value}");
    matches!(first.0, Some('[' | '{'))
}

struct FirstCharacter(Option<char>);

impl Write for FirstCharacter {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        match text.chars().next() {
            Some(character) => {
                self.0.get_or_insert(character);
                Err(fmt::Error)
            }
            None => Ok(()),
        }
    }
}

fn write_items(
    out: &mut dyn Write,
    (left, right): (&str, &str),
    items: &[Value],
    open: &mut Vec<usize>,
) -> fmt::Result {
    out.write_str(left)?;
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.write_str(", ")?;
        }
        write_repr(out, item, open)?;
    }
    out.write_str(right)
}

fn write_pairs(
    out: &mut dyn Write,
    pairs: &[(Value, Value)],
    open: &mut Vec<usize>,
) -> fmt::Result {
    out.write_str("{")?;
    for (index, (key, value)) in pairs.iter().enumerate() {
        if index > 0 {
            out.write_str(", ")?;
        }
        write_repr(out, key, open)?;
        out.write_str(": ")?;
        write_repr(out, value, open)?;
    }
    out.write_str("}")
}

fn write_bytes(out: &mut dyn Write, bytes: &[u8]) -> fmt::Result {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
    write!(out, "b{quote}")?;
    for byte in bytes {
        match byte {
            b'\\' => out.write_str("\\\\")?,
            b'\n' => out.write_str("\\n")?,
            b'\r' => out.write_str("\\r")?,
            b'\t' => out.write_str("\\t")?,
            0x20..=0x7e if char::from(*byte) == quote => write!(out, "\\{quote}")?,
            0x20..=0x7e => out.write_char(char::from(*byte))?,
            _ => write!(out, "\\x{byte:02x}")?,
        }
    }
    out.write_char(quote)
}

/// The shortest digits that read back as the same float, with an exponent where Python writes one.
pub(crate) fn float_text(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let scientific = format!("{number:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let plain = number.to_string();
        if plain.contains('.') { plain } else { plain + ".0" }
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{mantissa}e{sign}{:02}", exponent.abs())
    }
}

#[cfg(test)]
mod tests {
    use super::float_text;

    #[test]
    fn floats_print_as_in_python() {
        let printed: Vec<_> =
            [1.0, 0.1, 1e16, 1e-5, 0.0001, 1.5e300, -0.0, 123_456_789.125].map(float_text).into();
        assert_eq!(
            printed,
            ["1.0", "0.1", "1e+16", "1e-05", "0.0001", "1.5e+300", "-0.0", "123456789.125"]
        );
    }
}
