//! Values of a result: Athena gives each as a text, with the type of its column.

use adapter_interface::Datum;

use crate::types::ValueClass;

/// A value; whatever does not read as its type says stays what the service wrote. No text at all is null.
pub(crate) fn datum(text: Option<&str>, class: ValueClass) -> Datum {
    let Some(text) = text else { return Datum::Null };
    let as_text = || Datum::Text(text.to_owned());
    match class {
        ValueClass::Boolean => match text {
            "true" => Datum::Boolean(true),
            "false" => Datum::Boolean(false),
            _ => as_text(),
        },
        ValueClass::Integer => text.parse().map_or_else(|_| as_text(), Datum::Integer),
        ValueClass::Float => match text {
            "Infinity" => Datum::Float(f64::INFINITY),
            "-Infinity" => Datum::Float(f64::NEG_INFINITY),
            _ => text.parse().map_or_else(|_| as_text(), Datum::Float),
        },
        ValueClass::Decimal => Datum::Decimal(text.to_owned()),
        ValueClass::Date => Datum::Date(text.to_owned()),
        ValueClass::Time => Datum::Time(text.to_owned()),
        ValueClass::Timestamp => Datum::Timestamp(text.replacen(' ', "T", 1)),
        ValueClass::TimestampWithZone => {
            with_offset(text).map_or_else(as_text, Datum::TimestampWithZone)
        }
        ValueClass::Interval => Datum::Interval(text.to_owned()),
        ValueClass::Bytes => bytes(text).map_or_else(as_text, Datum::Bytes),
        ValueClass::Json => serde_json::from_str(text).map_or_else(|_| as_text(), Datum::Nested),
        ValueClass::Text => as_text(),
    }
}

/// `2023-12-01 13:00:00.000 UTC` with its offset. Athena's sessions are in UTC; the name of another zone stays in the
/// text as it came.
fn with_offset(text: &str) -> Option<String> {
    let (moment, zone) = text.rsplit_once(' ')?;
    let offset = match zone {
        "UTC" | "Z" => "+00:00",
        offset if offset.starts_with(['+', '-']) => offset,
        _ => return None,
    };
    Some(format!("{}{offset}", moment.replacen(' ', "T", 1)))
}

/// Bytes as `01 ab ff`.
fn bytes(text: &str) -> Option<Vec<u8>> {
    text.split_whitespace().map(|pair| u8::from_str_radix(pair, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_follow_their_type() {
        let cases = [
            ("1", ValueClass::Integer, Datum::Integer(1)),
            ("1.5E7", ValueClass::Float, Datum::Float(1.5e7)),
            ("-Infinity", ValueClass::Float, Datum::Float(f64::NEG_INFINITY)),
            ("1.50", ValueClass::Decimal, Datum::Decimal("1.50".to_owned())),
            ("true", ValueClass::Boolean, Datum::Boolean(true)),
            ("01 ab ff", ValueClass::Bytes, Datum::Bytes(vec![1, 0xAB, 0xFF])),
            ("{\"a\":1}", ValueClass::Json, Datum::Nested(json!({"a": 1}))),
            (
                "2023-12-01 13:00:00.500",
                ValueClass::Timestamp,
                Datum::Timestamp("2023-12-01T13:00:00.500".to_owned()),
            ),
            (
                "2023-12-01 13:00:00.500 UTC",
                ValueClass::TimestampWithZone,
                Datum::TimestampWithZone("2023-12-01T13:00:00.500+00:00".to_owned()),
            ),
            (
                "2023-12-01 13:00:00 Asia/Tokyo",
                ValueClass::TimestampWithZone,
                Datum::Text("2023-12-01 13:00:00 Asia/Tokyo".to_owned()),
            ),
            ("{a=1}", ValueClass::Text, Datum::Text("{a=1}".to_owned())),
        ];
        for (text, class, expected) in cases {
            assert_eq!(datum(Some(text), class), expected, "{text}");
        }
        assert_eq!(datum(None, ValueClass::Text), Datum::Null);
    }
}
