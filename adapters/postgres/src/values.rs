//! Values of a result, from the server's text into ours.

use adapter_interface::{Datum, WarehouseError};
use fallible_iterator::FallibleIterator;
use postgres_protocol::message::backend::DataRowBody;
use serde_json::{Number, Value};

use crate::error;
use crate::types::{ValueClass, ValueShape};

/// The values of a row as the server wrote them; `None` for null.
pub(crate) fn cells(row: &DataRowBody) -> Result<Vec<Option<&[u8]>>, WarehouseError> {
    let ranges = row.ranges().map(|range| Ok(range.map(|range| &row.buffer()[range])));
    ranges.collect().map_err(|failure| error::from_stream(&failure))
}

/// A value that is not null.
pub(crate) fn datum(text: &str, shape: ValueShape) -> Datum {
    match shape {
        ValueShape::Single(class) => single(text, class),
        ValueShape::Array(class) => match array(text, class) {
            Some(items) => Datum::Nested(items),
            None => Datum::Text(text.to_owned()),
        },
    }
}

/// Whatever does not read as its type says stays the text that the server wrote.
fn single(text: &str, class: ValueClass) -> Datum {
    let as_text = || Datum::Text(text.to_owned());
    match class {
        ValueClass::Boolean => Datum::Boolean(text == "t"),
        ValueClass::Integer => text.parse().map_or_else(|_| as_text(), Datum::Integer),
        ValueClass::Decimal => Datum::Decimal(text.to_owned()),
        ValueClass::Float => text.parse().map_or_else(|_| as_text(), Datum::Float),
        ValueClass::Text => as_text(),
        ValueClass::Date => Datum::Date(text.to_owned()),
        ValueClass::Time => Datum::Time(text.to_owned()),
        ValueClass::TimeWithZone => Datum::Text(with_whole_offset(text)),
        ValueClass::Timestamp => Datum::Timestamp(text.replacen(' ', "T", 1)),
        ValueClass::TimestampWithZone => {
            Datum::TimestampWithZone(with_whole_offset(&text.replacen(' ', "T", 1)))
        }
        ValueClass::Interval => Datum::Interval(text.to_owned()),
        ValueClass::Bytes => bytes(text).map_or_else(as_text, Datum::Bytes),
        ValueClass::Json => serde_json::from_str(text).map_or_else(|_| as_text(), Datum::Nested),
    }
}

/// A moment with its offset in hours and minutes: the server leaves out minutes that are zero.
fn with_whole_offset(text: &str) -> String {
    let time_of_day = text.find(':').unwrap_or(text.len());
    let Some(sign) = text[time_of_day..].find(['+', '-']).map(|place| time_of_day + place) else {
        return text.to_owned();
    };
    // Moments before the first year end with `BC`.
    let end = text[sign..].find(' ').map_or(text.len(), |place| sign + place);
    let minutes = if text[sign..end].contains(':') { "" } else { ":00" };
    format!("{}{minutes}{}", &text[..end], &text[end..])
}

/// Bytes in either of the server's two ways to write them.
fn bytes(text: &str) -> Option<Vec<u8>> {
    match text.strip_prefix("\\x") {
        Some(digits) => digits
            .as_bytes()
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
            .collect(),
        None => escaped_bytes(text),
    }
}

/// The older way: `\\` is a backslash, `\123` a byte in octal digits.
fn escaped_bytes(text: &str) -> Option<Vec<u8>> {
    let mut rest = text.as_bytes();
    let mut bytes = Vec::with_capacity(rest.len());
    while let Some((first, after)) = rest.split_first() {
        (bytes, rest) = match (first, after) {
            (b'\\', [b'\\', after @ ..]) => (pushed(bytes, b'\\'), after),
            (b'\\', [a, b, c, after @ ..]) => {
                let digits = [*a, *b, *c];
                let byte = u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 8).ok()?;
                (pushed(bytes, byte), after)
            }
            (b'\\', _) => return None,
            (byte, after) => (pushed(bytes, *byte), after),
        };
    }
    Some(bytes)
}

fn pushed(mut bytes: Vec<u8>, byte: u8) -> Vec<u8> {
    bytes.push(byte);
    bytes
}

/// An array as JSON, such as `{1,NULL,"a \"b\""}` or `[0:1]={{1,2},{3,4}}`; `None` where it does not read.
fn array(text: &str, class: ValueClass) -> Option<Value> {
    let text = match text.strip_prefix('[') {
        Some(bounds) => bounds.split_once('=')?.1,
        None => text,
    };
    let (items, rest) = list(text.strip_prefix('{')?, class)?;
    rest.is_empty().then_some(items)
}

/// The items up to the closing brace, and what follows it.
fn list(mut text: &str, class: ValueClass) -> Option<(Value, &str)> {
    let mut items = Vec::new();
    if let Some(rest) = text.strip_prefix('}') {
        return Some((Value::Array(items), rest));
    }
    loop {
        let (item, rest) = match text.as_bytes().first()? {
            b'{' => list(&text[1..], class)?,
            b'"' => {
                let (item, rest) = quoted_item(&text[1..])?;
                (json(single(&item, class)), rest)
            }
            _ => {
                let end = text.find([',', '}'])?;
                let item = &text[..end];
                let is_null = item.eq_ignore_ascii_case("null");
                (if is_null { Value::Null } else { json(single(item, class)) }, &text[end..])
            }
        };
        items.push(item);
        if let Some(rest) = rest.strip_prefix('}') {
            return Some((Value::Array(items), rest));
        }
        text = rest.strip_prefix(',')?;
    }
}

fn quoted_item(text: &str) -> Option<(String, &str)> {
    let mut item = String::new();
    let mut characters = text.char_indices();
    while let Some((place, character)) = characters.next() {
        match character {
            '"' => return Some((item, &text[place + 1..])),
            '\\' => item.push(characters.next()?.1),
            character => item.push(character),
        }
    }
    None
}

/// A value inside of an array.
fn json(datum: Datum) -> Value {
    match datum {
        Datum::Null => Value::Null,
        Datum::Boolean(truth) => truth.into(),
        Datum::Integer(number) => {
            Number::from_i128(number).map_or_else(|| number.to_string().into(), Into::into)
        }
        // JSON knows no infinity and no `NaN`: those are text.
        Datum::Float(number) => {
            Number::from_f64(number).map_or_else(|| number.to_string().into(), Into::into)
        }
        Datum::Decimal(text) => decimal(&text),
        Datum::Text(text)
        | Datum::Date(text)
        | Datum::Time(text)
        | Datum::Timestamp(text)
        | Datum::TimestampWithZone(text)
        | Datum::Interval(text) => text.into(),
        Datum::Bytes(bytes) => String::from_utf8_lossy(&bytes).into_owned().into(),
        Datum::Nested(value) => value,
    }
}

/// A decimal as a number where that loses nothing, as text elsewhere.
fn decimal(text: &str) -> Value {
    let trimmed =
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text };
    match text.parse::<f64>() {
        Ok(number) if number.to_string() == trimmed => {
            Number::from_f64(number).map_or_else(|| text.into(), Into::into)
        }
        _ => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn arrays_are_lists_of_their_values() {
        let cases = [
            ("{}", ValueClass::Integer, json!([])),
            ("{1,NULL,-3}", ValueClass::Integer, json!([1, null, -3])),
            ("[0:1]={{1,2},{3,4}}", ValueClass::Integer, json!([[1, 2], [3, 4]])),
            (r#"{a,"b, \"c\"","NULL",""}"#, ValueClass::Text, json!(["a", "b, \"c\"", "NULL", ""])),
            ("{1.50,1e400}", ValueClass::Decimal, json!([1.5, "1e400"])),
            ("{t,f}", ValueClass::Boolean, json!([true, false])),
        ];
        for (text, class, expected) in cases {
            assert_eq!(datum(text, ValueShape::Array(class)), Datum::Nested(expected), "{text}");
        }
        assert_eq!(
            datum("{1,", ValueShape::Array(ValueClass::Integer)),
            Datum::Text("{1,".to_owned())
        );
    }

    #[test]
    fn offsets_are_hours_and_minutes() {
        let cases = [
            ("2023-12-01T13:00:00.5+00", "2023-12-01T13:00:00.5+00:00"),
            ("2023-12-01T13:00:00-03:30", "2023-12-01T13:00:00-03:30"),
            ("0044-03-15T00:00:00+00 BC", "0044-03-15T00:00:00+00:00 BC"),
            ("13:00:00+09", "13:00:00+09:00"),
            ("infinity", "infinity"),
        ];
        for (text, expected) in cases {
            assert_eq!(with_whole_offset(text), expected);
        }
    }

    #[test]
    fn bytes_are_read_in_both_notations() {
        assert_eq!(bytes("\\x01aB"), Some(vec![1, 0xAB]));
        assert_eq!(bytes(r"a\\b\001"), Some(vec![b'a', b'\\', b'b', 1]));
        assert_eq!(bytes("\\xzz"), None);
    }
}
