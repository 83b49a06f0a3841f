//! A warehouse's values as dbt's result tables hold them (dbt: `agate_helper.table_from_data_flat`).

use adapter_interface::Datum;
use minijinja::Value;

use crate::python::datetime::{Duration, parse_date, parse_datetime};
use crate::python::decimal::Decimal;
use crate::python::repr::{to_repr, to_text};

/// A warehouse's value as templates see it.
///
/// What is no number, no date and no moment is a text there: Python's of times, spans and bytes, JSON of lists.
pub(crate) fn value_of(datum: &Datum) -> Value {
    match datum {
        Datum::Null => Value::from(()),
        Datum::Boolean(truth) => Value::from(*truth),
        Datum::Integer(number) => {
            i64::try_from(*number).map_or_else(|_| Value::from(*number), Value::from)
        }
        Datum::Decimal(text) => {
            Decimal::parse(text).map_or_else(|| Value::from(text.as_str()), Value::from)
        }
        // Numbers that are not all whole are decimals in a result table, whatever the warehouse has.
        Datum::Float(number) => {
            Decimal::of_float(*number).map_or_else(|| Value::from(*number), Value::from)
        }
        Datum::Text(text) => Value::from(text.as_str()),
        Datum::Time(text) => Value::from(time_text(text)),
        Datum::Interval(text) => {
            Value::from(span(text).map_or_else(|| text.clone(), |span| to_text(&Value::from(span))))
        }
        Datum::Date(text) => parse_date(text).unwrap_or_else(|| Value::from(text.as_str())),
        Datum::Timestamp(text) | Datum::TimestampWithZone(text) => {
            parse_datetime(text).unwrap_or_else(|| Value::from(text.as_str()))
        }
        Datum::Bytes(bytes) => Value::from(to_repr(&Value::from_bytes(bytes.clone()))),
        Datum::Nested(json) => Value::from(crate::python::json_text(json)),
    }
}

/// `str(time)`, which has all six digits of a fraction or none.
fn time_text(text: &str) -> String {
    let end = text.find(['+', '-', 'Z']).unwrap_or(text.len());
    let (clock, zone) = text.split_at(end);
    let (seconds, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() {
        return format!("{seconds}{zone}");
    }
    let digits: String = fraction.chars().chain(std::iter::repeat('0')).take(6).collect();
    format!("{seconds}.{digits}{zone}")
}

/// The span that a text such as `1 year 2 mons -3 days +01:02:03.5` tells; a year counts 365 days and a month 30, as
/// psycopg2 has it.
fn span(text: &str) -> Option<Duration> {
    let mut words = text.split_whitespace();
    let mut microseconds = 0_i128;
    while let Some(word) = words.next() {
        if word.contains(':') {
            microseconds += clock(word)?;
            continue;
        }
        let count: i128 = word.parse().ok()?;
        let days = match words.next()?.trim_end_matches('s') {
            "year" => 365,
            "mon" | "month" => 30,
            "day" => 1,
            _ => return None,
        };
        microseconds += count * days * 86_400_000_000;
    }
    Duration::from_microseconds(microseconds).ok()
}

fn clock(word: &str) -> Option<i128> {
    let (sign, word) = match word.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, word.strip_prefix('+').unwrap_or(word)),
    };
    let mut parts = word.split(':');
    let (hours, minutes) = (parts.next()?, parts.next()?);
    let (seconds, fraction) = parts.next().unwrap_or("0").split_once('.').unwrap_or(("0", ""));
    let seconds = if fraction.is_empty() { word.rsplit(':').next()? } else { seconds };
    let hours: i128 = hours.parse().ok()?;
    let minutes: i128 = minutes.parse().ok()?;
    let seconds: i128 = seconds.split('.').next()?.parse().ok()?;
    let fraction: i128 = format!("{fraction:0<6}").get(..6)?.parse().ok()?;
    Some(sign * (((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + fraction))
}

#[cfg(test)]
mod tests {
    use adapter_interface::Datum;

    use super::value_of;

    #[test]
    fn what_is_no_number_is_the_text_that_python_has() {
        let printed = |datum: &Datum| value_of(datum).to_string();
        let interval = |text: &str| printed(&Datum::Interval(text.to_owned()));
        assert_eq!(interval("1 day"), "1 day, 0:00:00");
        assert_eq!(interval("1 year 2 mons 3 days 01:02:03.5"), "428 days, 1:02:03.500000");
        assert_eq!(interval("-01:00:00"), "-1 day, 23:00:00");
        assert_eq!(interval("00:00:07"), "0:00:07");
        assert_eq!(printed(&Datum::Time("13:00:00.5+01:00".to_owned())), "13:00:00.500000+01:00");
        assert_eq!(printed(&Datum::Bytes(b"ab".to_vec())), "b'ab'");
        let json = serde_json::json!({"a": [1, null, true], "b": "é"});
        assert_eq!(printed(&Datum::Nested(json)), r#"{"a": [1, null, true], "b": "\u00e9"}"#);
    }
}
