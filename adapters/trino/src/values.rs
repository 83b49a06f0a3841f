//! Values of a result, from the protocol's JSON into ours.

use adapter_interface::Datum;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use serde_json::Value;

use crate::types::ValueClass;

/// A value; whatever does not read as its type says stays what the server wrote.
pub(crate) fn datum(value: Value, class: ValueClass) -> Datum {
    match (class, value) {
        (_, Value::Null) => Datum::Null,
        (ValueClass::Integer, Value::Number(number)) => {
            number.as_i128().map_or_else(|| Datum::Decimal(number.to_string()), Datum::Integer)
        }
        (ValueClass::Float, Value::Number(number)) => {
            number.as_f64().map_or_else(|| Datum::Decimal(number.to_string()), Datum::Float)
        }
        // `NaN`, `Infinity` and `-Infinity`.
        (ValueClass::Float, Value::String(text)) => {
            text.parse().map_or(Datum::Text(text), Datum::Float)
        }
        (ValueClass::Decimal, Value::String(text)) => Datum::Decimal(text),
        (ValueClass::Date, Value::String(text)) => Datum::Date(text),
        (ValueClass::Time, Value::String(text)) => Datum::Time(text),
        (ValueClass::Timestamp, Value::String(text)) => {
            Datum::Timestamp(text.replacen(' ', "T", 1))
        }
        (ValueClass::TimestampWithZone, Value::String(text)) => match with_offset(&text) {
            Some(moment) => Datum::TimestampWithZone(moment),
            None => Datum::Text(text),
        },
        (ValueClass::Interval, Value::String(text)) => Datum::Interval(text),
        (ValueClass::Bytes, Value::String(text)) => match BASE64_STANDARD.decode(&text) {
            Ok(bytes) => Datum::Bytes(bytes),
            Err(_) => Datum::Text(text),
        },
        (_, Value::String(text)) => Datum::Text(text),
        (_, Value::Bool(truth)) => Datum::Boolean(truth),
        (_, value) => Datum::Nested(value),
    }
}

/// `2020-08-12 14:07:27.123 America/New_York` with the offset instead of the zone.
///
/// The hour that comes twice in a year is read as the first of both: the server does not say which it is.
fn with_offset(text: &str) -> Option<String> {
    let (moment, zone) = text.rsplit_once(' ')?;
    let moment = moment.replacen(' ', "T", 1);
    if zone.starts_with(['+', '-']) {
        return Some(format!("{moment}{zone}"));
    }
    if matches!(zone, "UTC" | "Z") {
        return Some(format!("{moment}+00:00"));
    }
    let civil: DateTime = moment.parse().ok()?;
    let zone = TimeZone::get(zone).ok()?;
    let offset = match zone.to_ambiguous_timestamp(civil).offset() {
        AmbiguousOffset::Unambiguous { offset } => offset,
        AmbiguousOffset::Gap { before, .. } | AmbiguousOffset::Fold { before, .. } => before,
    };
    let seconds = offset.seconds();
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.abs() / 60;
    Some(format!("{moment}{sign}{:02}:{:02}", minutes / 60, minutes % 60))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn zones_become_offsets() {
        let cases = [
            ("2023-12-01 13:00:00.500 UTC", Some("2023-12-01T13:00:00.500+00:00")),
            ("2023-12-01 13:00:00 +05:30", Some("2023-12-01T13:00:00+05:30")),
            ("2023-12-01 13:00:00.123456 Asia/Tokyo", Some("2023-12-01T13:00:00.123456+09:00")),
            ("2023-07-01 13:00:00 America/New_York", Some("2023-07-01T13:00:00-04:00")),
            ("2023-07-01 13:00:00 Mars/Base", None),
        ];
        for (text, expected) in cases {
            assert_eq!(with_offset(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn values_follow_their_type() {
        let cases = [
            (json!(1), ValueClass::Integer, Datum::Integer(1)),
            (json!(1.5), ValueClass::Float, Datum::Float(1.5)),
            (json!("Infinity"), ValueClass::Float, Datum::Float(f64::INFINITY)),
            (json!("1.50"), ValueClass::Decimal, Datum::Decimal("1.50".to_owned())),
            (json!("AQL/"), ValueClass::Bytes, Datum::Bytes(vec![1, 2, 255])),
            (
                json!("2023-12-01 13:00:00.5"),
                ValueClass::Timestamp,
                Datum::Timestamp("2023-12-01T13:00:00.5".to_owned()),
            ),
            (json!([1, {"a": null}]), ValueClass::Nested, Datum::Nested(json!([1, {"a": null}]))),
            (json!(null), ValueClass::Text, Datum::Null),
        ];
        for (value, class, expected) in cases {
            assert_eq!(datum(value, class), expected);
        }
    }
}
