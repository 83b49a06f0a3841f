//! Values of a result, from the service's JSON into ours.

use adapter_interface::{Datum, Rows};
use base64::Engine as _;
use serde_json::{Map, Value};

use crate::types;

/// The rows of a result with its columns.
pub(crate) fn rows(schema: &Value, rows: &[Value]) -> Rows {
    let fields: &[Value] = schema.as_array().map_or(&[], Vec::as_slice);
    let text = |field: &Value, key: &str| field[key].as_str().unwrap_or_default().to_owned();
    let row = |row: &Value| {
        fields.iter().enumerate().map(|(at, field)| datum(field, &row["f"][at]["v"])).collect()
    };
    Rows {
        columns: fields.iter().map(|field| text(field, "name")).collect(),
        types: fields.iter().map(type_name).collect(),
        rows: rows.iter().map(row).collect(),
    }
}

/// The type of a field as SQL names it.
fn type_name(field: &Value) -> String {
    let plain = match field["type"].as_str().unwrap_or_default() {
        "RECORD" | "STRUCT" => {
            let members = field["fields"].as_array().into_iter().flatten().map(|member| {
                format!("{} {}", member["name"].as_str().unwrap_or_default(), type_name(member))
            });
            format!("STRUCT<{}>", members.collect::<Vec<_>>().join(", "))
        }
        other => types::sql_name(other).to_owned(),
    };
    if field["mode"].as_str() == Some("REPEATED") { format!("ARRAY<{plain}>") } else { plain }
}

/// A cell of a field.
fn datum(field: &Value, cell: &Value) -> Datum {
    if field["mode"].as_str() == Some("REPEATED") {
        return if cell.is_null() { Datum::Null } else { Datum::Nested(nested(field, cell)) };
    }
    let kind = field["type"].as_str().unwrap_or_default();
    let text = match cell {
        Value::Null => return Datum::Null,
        Value::Object(_) | Value::Array(_) => return Datum::Nested(nested(field, cell)),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match kind {
        "INTEGER" | "INT64" => {
            text.parse().map_or_else(|_| Datum::Text(text.clone()), Datum::Integer)
        }
        "FLOAT" | "FLOAT64" => {
            text.parse().map_or_else(|_| Datum::Text(text.clone()), Datum::Float)
        }
        "NUMERIC" | "BIGNUMERIC" => Datum::Decimal(text),
        "BOOLEAN" | "BOOL" => Datum::Boolean(text.eq_ignore_ascii_case("true")),
        "DATE" => Datum::Date(text),
        "TIME" => Datum::Time(trimmed_fraction(&text)),
        "DATETIME" => Datum::Timestamp(trimmed_fraction(&text.replacen(' ', "T", 1))),
        "TIMESTAMP" => match microseconds(&text) {
            Some(count) => Datum::TimestampWithZone(moment(count) + "+00:00"),
            None => Datum::Text(text),
        },
        "BYTES" => base64::engine::general_purpose::STANDARD
            .decode(&text)
            .map_or_else(|_| Datum::Text(text.clone()), Datum::Bytes),
        "INTERVAL" => Datum::Interval(text),
        _ => Datum::Text(text),
    }
}

/// A value inside of a list or a struct, or one of these.
fn nested(field: &Value, cell: &Value) -> Value {
    if field["mode"].as_str() == Some("REPEATED") {
        let mut single = field.clone();
        single["mode"] = Value::from("NULLABLE");
        let items = cell.as_array().into_iter().flatten();
        return items.map(|item| nested(&single, item.get("v").unwrap_or(item))).collect();
    }
    if matches!(field["type"].as_str(), Some("RECORD" | "STRUCT")) {
        let members = field["fields"].as_array().into_iter().flatten().enumerate();
        let members = members.map(|(at, member)| {
            let name = member["name"].as_str().unwrap_or_default().to_owned();
            (name, nested(member, &cell["f"][at]["v"]))
        });
        return if cell.is_null() {
            Value::Null
        } else {
            Value::Object(members.collect::<Map<_, _>>())
        };
    }
    match datum(field, cell) {
        Datum::Null => Value::Null,
        Datum::Boolean(truth) => Value::from(truth),
        Datum::Integer(number) => {
            i64::try_from(number).map_or_else(|_| Value::from(number.to_string()), Value::from)
        }
        Datum::Float(number) => serde_json::Number::from_f64(number)
            .map_or_else(|| number.to_string().into(), Value::from),
        Datum::Decimal(text)
        | Datum::Text(text)
        | Datum::Date(text)
        | Datum::Time(text)
        | Datum::Timestamp(text)
        | Datum::TimestampWithZone(text)
        | Datum::Interval(text) => Value::from(text),
        Datum::Bytes(_) => cell.clone(),
        Datum::Nested(value) => value,
    }
}

/// The microseconds since 1970 of a moment: asked for as a whole number, else seconds such as `1.7E9`.
fn microseconds(text: &str) -> Option<i64> {
    if text.contains(['.', 'E', 'e']) {
        let (whole, fraction) = match text.split_once('.') {
            Some((whole, fraction)) if !text.contains(['E', 'e']) => (whole, fraction),
            _ => return Some((text.parse::<f64>().ok()? * 1e6).round() as i64),
        };
        let seconds: i64 = whole.parse().ok()?;
        let digits: String = fraction.chars().chain("000000".chars()).take(6).collect();
        let part: i64 = digits.parse().ok()?;
        let sign = if text.starts_with('-') { -1 } else { 1 };
        return seconds.checked_mul(1_000_000)?.checked_add(sign * part);
    }
    text.parse().ok()
}

const MICROSECONDS_OF_A_DAY: i64 = 86_400_000_000;

/// A moment as ISO 8601 writes it, without its zone.
fn moment(microseconds: i64) -> String {
    let (days, rest) = (
        microseconds.div_euclid(MICROSECONDS_OF_A_DAY),
        microseconds.rem_euclid(MICROSECONDS_OF_A_DAY),
    );
    let seconds = rest / 1_000_000;
    let time = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    let fraction = rest % 1_000_000;
    let fraction = if fraction == 0 { String::new() } else { format!(".{fraction:06}") };
    format!("{}T{time}{fraction}", civil_date(days))
}

/// The day of the Gregorian calendar at a distance from 1970-01-01, counted in eras of 400 years that begin in March.
fn civil_date(days: i64) -> String {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// A time whose fraction has no digits is written without a point.
fn trimmed_fraction(text: &str) -> String {
    match text.split_once('.') {
        Some((whole, fraction)) if fraction.chars().all(|digit| digit == '0') => whole.to_owned(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn moments_are_read_in_both_notations() {
        for (text, wanted) in [
            ("1704067200000000", "2024-01-01T00:00:00"),
            ("1.7040672E9", "2024-01-01T00:00:00"),
            ("1704067200.123456", "2024-01-01T00:00:00.123456"),
            ("-0.5", "1969-12-31T23:59:59.500000"),
            ("-62135596800000000", "0001-01-01T00:00:00"),
        ] {
            assert_eq!(moment(microseconds(text).unwrap()), wanted, "{text}");
        }
    }

    #[test]
    fn a_moment_beyond_all_calendars_stays_a_text() {
        let far = "9223372036854775807.5";
        let field = json!({"name": "at", "type": "TIMESTAMP"});
        assert_eq!(datum(&field, &json!(far)), Datum::Text(far.to_owned()));
        for text in [i64::MAX.to_string(), i64::MIN.to_string(), "1e300".to_owned()] {
            assert!(matches!(datum(&field, &json!(text)), Datum::TimestampWithZone(_)), "{text}");
        }
    }

    #[test]
    fn structs_and_lists_keep_their_form() {
        let schema = json!([
            {"name": "id", "type": "INTEGER"},
            {"name": "lines", "type": "RECORD", "mode": "REPEATED", "fields": [
                {"name": "sku", "type": "STRING"},
                {"name": "tags", "type": "STRING", "mode": "REPEATED"},
            ]},
        ]);
        let row = json!({"f": [{"v": "7"}, {"v": [
            {"v": {"f": [{"v": "a"}, {"v": [{"v": "x"}, {"v": "y"}]}]}},
        ]}]});
        let rows = rows(&schema, &[row]);
        assert_eq!(rows.types, ["INT64", "ARRAY<STRUCT<sku STRING, tags ARRAY<STRING>>>"]);
        assert_eq!(
            rows.rows[0],
            [Datum::Integer(7), Datum::Nested(json!([{"sku": "a", "tags": ["x", "y"]}]))]
        );
    }
}
