//! Values of a result, from the engine's form into ours.

use adapter_interface::Datum;
use duckdb::core::LogicalTypeId;
use duckdb::types::{TimeUnit, Value, ValueRef};
use serde_json::{Map, Number};

/// A value of a column of a type.
pub(crate) fn datum(value: ValueRef<'_>, type_id: LogicalTypeId) -> Datum {
    match value.to_owned() {
        Value::Null => Datum::Null,
        Value::Boolean(truth) => Datum::Boolean(truth),
        Value::TinyInt(number) => Datum::Integer(number.into()),
        Value::SmallInt(number) => Datum::Integer(number.into()),
        Value::Int(number) => Datum::Integer(number.into()),
        Value::BigInt(number) => Datum::Integer(number.into()),
        Value::HugeInt(number) => Datum::Integer(number),
        Value::UTinyInt(number) => Datum::Integer(number.into()),
        Value::USmallInt(number) => Datum::Integer(number.into()),
        Value::UInt(number) => Datum::Integer(number.into()),
        Value::UBigInt(number) => Datum::Integer(number.into()),
        Value::UHugeInt(number) => i128::try_from(number)
            .map_or_else(|_| Datum::Decimal(number.to_string()), Datum::Integer),
        Value::Float(number) => Datum::Float(number.into()),
        Value::Double(number) => Datum::Float(number),
        Value::Decimal(number) => Datum::Decimal(number.to_string()),
        Value::Text(text) | Value::Enum(text) => Datum::Text(text),
        Value::Blob(bytes) if type_id == LogicalTypeId::Bit => Datum::Text(bits(&bytes)),
        Value::Blob(bytes) | Value::Geometry(bytes) => Datum::Bytes(bytes),
        Value::Date32(days) => Datum::Date(date(days)),
        Value::Time64(unit, time) => Datum::Time(time_of_day(nanoseconds(unit, time))),
        Value::Timestamp(unit, moment) if type_id == LogicalTypeId::TimestampTZ => {
            Datum::TimestampWithZone(timestamp(unit, moment) + "+00:00")
        }
        Value::Timestamp(unit, moment) => Datum::Timestamp(timestamp(unit, moment)),
        Value::Interval { months, days, nanos } => Datum::Interval(interval(months, days, nanos)),
        nested => Datum::Nested(json(nested)),
    }
}

/// A value inside of a list, struct or map.
fn json(value: Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Boolean(truth) => truth.into(),
        Value::TinyInt(number) => number.into(),
        Value::SmallInt(number) => number.into(),
        Value::Int(number) => number.into(),
        Value::BigInt(number) => number.into(),
        Value::UTinyInt(number) => number.into(),
        Value::USmallInt(number) => number.into(),
        Value::UInt(number) => number.into(),
        Value::UBigInt(number) => number.into(),
        Value::HugeInt(number) => {
            Number::from_i128(number).map_or_else(|| number.to_string().into(), Into::into)
        }
        Value::UHugeInt(number) => {
            Number::from_u128(number).map_or_else(|| number.to_string().into(), Into::into)
        }
        Value::Float(number) => float(number.into()),
        Value::Double(number) => float(number),
        Value::Decimal(number) => decimal(&number.to_string()),
        Value::Text(text) | Value::Enum(text) => text.into(),
        Value::Blob(bytes) | Value::Geometry(bytes) => {
            String::from_utf8_lossy(&bytes).into_owned().into()
        }
        Value::Date32(days) => date(days).into(),
        Value::Time64(unit, time) => time_of_day(nanoseconds(unit, time)).into(),
        Value::Timestamp(unit, moment) => timestamp(unit, moment).into(),
        Value::Interval { months, days, nanos } => interval(months, days, nanos).into(),
        Value::List(items) | Value::Array(items) => items.into_iter().map(json).collect(),
        Value::Struct(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), json(value.clone())))
            .collect::<Map<_, _>>()
            .into(),
        Value::Map(entries) => entries
            .iter()
            .map(|(key, value)| (key_text(key), json(value.clone())))
            .collect::<Map<_, _>>()
            .into(),
        Value::Union(value) => json(*value),
        other => format!("{other:?}").into(),
    }
}

fn key_text(key: &Value) -> String {
    match json(key.clone()) {
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    }
}

/// The bits of a bit string: the first byte says how many at the start of the second are not used.
fn bits(bytes: &[u8]) -> String {
    let Some((unused, rest)) = bytes.split_first() else { return String::new() };
    let digits = rest.iter().flat_map(|byte| (0..8).rev().map(move |place| byte >> place & 1));
    digits.skip((*unused).into()).map(|bit| if bit == 1 { '1' } else { '0' }).collect()
}

/// JSON knows no infinity and no `NaN`: those are text.
fn float(number: f64) -> serde_json::Value {
    Number::from_f64(number).map_or_else(|| number.to_string().into(), Into::into)
}

/// A decimal as a number where that loses nothing, as text elsewhere.
fn decimal(text: &str) -> serde_json::Value {
    let trimmed =
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text };
    match text.parse::<f64>() {
        Ok(number) if number.to_string() == trimmed => float(number),
        _ => text.into(),
    }
}

const NANOSECONDS_OF_A_SECOND: i64 = 1_000_000_000;
const SECONDS_OF_A_DAY: i64 = 86_400;

fn nanoseconds(unit: TimeUnit, count: i64) -> i64 {
    count.saturating_mul(per_unit(unit))
}

fn per_unit(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Second => NANOSECONDS_OF_A_SECOND,
        TimeUnit::Millisecond => 1_000_000,
        TimeUnit::Microsecond => 1_000,
        TimeUnit::Nanosecond => 1,
    }
}

/// A day from its distance to 1970-01-01; the farthest ones are DuckDB's infinities.
fn date(days: i32) -> String {
    match days {
        i32::MAX => "infinity".to_owned(),
        days if days == -i32::MAX => "-infinity".to_owned(),
        days => civil_date(days.into()),
    }
}

/// The proleptic Gregorian calendar, counted in eras of 400 years that begin in March.
fn civil_date(days: i64) -> String {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    if year > 0 {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        // There is no year zero: DuckDB prints the one before the first as 0001 (BC).
        format!("{:04}-{month:02}-{day:02} (BC)", 1 - year)
    }
}

fn timestamp(unit: TimeUnit, count: i64) -> String {
    match count {
        i64::MAX => return "infinity".to_owned(),
        count if count == -i64::MAX => return "-infinity".to_owned(),
        _ => {}
    }
    let per_second = NANOSECONDS_OF_A_SECOND / per_unit(unit);
    let seconds = count.div_euclid(per_second);
    let days = seconds.div_euclid(SECONDS_OF_A_DAY);
    let rest = seconds.rem_euclid(SECONDS_OF_A_DAY) * NANOSECONDS_OF_A_SECOND
        + count.rem_euclid(per_second) * per_unit(unit);
    format!("{}T{}", civil_date(days), time_of_day(rest))
}

fn time_of_day(nanoseconds: i64) -> String {
    let seconds = nanoseconds / NANOSECONDS_OF_A_SECOND;
    let whole = format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
    whole + &fraction(nanoseconds % NANOSECONDS_OF_A_SECOND)
}

/// The digits of a part of a second without the zeros at their end; nothing for none.
fn fraction(nanoseconds: i64) -> String {
    if nanoseconds == 0 {
        return String::new();
    }
    format!(".{nanoseconds:09}").trim_end_matches('0').to_owned()
}

/// A span of time as DuckDB prints it, such as `1 year 2 months 3 days 04:05:06.5`.
fn interval(months: i32, days: i32, nanoseconds: i64) -> String {
    let counted = [(months / 12, "year"), (months % 12, "month"), (days, "day")];
    let mut parts: Vec<String> = counted
        .into_iter()
        .filter(|(count, _)| *count != 0)
        .map(|(count, unit)| format!("{count} {unit}{}", if count.abs() == 1 { "" } else { "s" }))
        .collect();
    if nanoseconds != 0 || parts.is_empty() {
        let sign = if nanoseconds < 0 { "-" } else { "" };
        parts.push(format!("{sign}{}", time_of_day(nanoseconds.saturating_abs())));
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_gregorian_calendar() {
        for (days, text) in [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (19_782, "2024-02-29"),
            (-719_162, "0001-01-01"),
            (-719_163, "0001-12-31 (BC)"),
            (i32::MAX, "infinity"),
        ] {
            assert_eq!(date(days), text);
        }
    }

    #[test]
    fn moments_keep_their_fraction() {
        assert_eq!(timestamp(TimeUnit::Microsecond, -1), "1969-12-31T23:59:59.999999");
        assert_eq!(timestamp(TimeUnit::Nanosecond, 1_500_000_000), "1970-01-01T00:00:01.5");
    }

    #[test]
    fn spans_are_printed_as_duckdb_prints_them() {
        assert_eq!(interval(14, -3, 3_661_500_000_000), "1 year 2 months -3 days 01:01:01.5");
        assert_eq!(interval(0, 0, 0), "00:00:00");
        assert_eq!(interval(0, 0, -60_000_000_000), "-00:01:00");
    }
}
