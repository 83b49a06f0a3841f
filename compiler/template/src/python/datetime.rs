//! Python's `datetime` module over jiff: dates, times, moments with and without zone, spans and zones.

pub(crate) mod arithmetic;
mod class;
mod date;
mod duration;
mod format;
mod moment;
mod parse;
mod time;
pub(crate) mod zone;

use jiff::{Timestamp, Zoned};
use minijinja::Value;

use super::dict::PyDict;
pub(crate) use date::Date;
pub(crate) use duration::Duration;
pub(crate) use moment::Moment;

/// The value of an instant, in UTC: what dbt's `run_started_at` is.
pub fn datetime_utc(instant: Timestamp) -> Value {
    Moment::of_timestamp(instant, &zone::Zone::utc()).into()
}

/// The value of a time on the clock of its zone, as pytz would have it.
pub fn datetime_in_zone(time: &Zoned) -> Value {
    Moment::of_timestamp(time.timestamp(), &zone::Zone::of_rules(time.time_zone())).into()
}

/// The module, with `now` as the time that its clocks show.
pub(super) fn module(now: Timestamp) -> Value {
    PyDict::from_pairs([
        (Value::from("date"), class::date_class(now)),
        (Value::from("datetime"), class::datetime_class(now)),
        (Value::from("time"), class::time_class()),
        (Value::from("timedelta"), class::duration_class()),
        (Value::from("tzinfo"), class::timezone_class()),
        // dbt leaves these out.
        (Value::from("timezone"), class::timezone_class()),
        (Value::from("UTC"), zone::Zone::fixed_utc().into()),
        (Value::from("MINYEAR"), Value::from(1)),
        (Value::from("MAXYEAR"), Value::from(9999)),
    ])
    .into()
}

/// `repr()` of the module's values: they print as the call that makes them.
pub(super) fn repr_of(value: &Value) -> Option<String> {
    if let Some(moment) = value.downcast_object_ref::<Moment>() {
        return Some(moment.repr());
    }
    if let Some(date) = value.downcast_object_ref::<date::Date>() {
        return Some((*date).repr());
    }
    if let Some(time) = value.downcast_object_ref::<time::Time>() {
        return Some(time.repr());
    }
    value.downcast_object_ref::<Duration>().copied().map(Duration::repr)
}

/// `format(value, spec)`, which is `strftime` for dates and times; `None` for other values.
pub(super) fn format(value: &Value, spec: &str) -> Option<String> {
    if let Some(moment) = value.downcast_object_ref::<Moment>() {
        return Some(moment.strftime(spec));
    }
    if let Some(date) = value.downcast_object_ref::<date::Date>() {
        return Some((*date).strftime(spec));
    }
    value.downcast_object_ref::<time::Time>().map(|time| time.strftime(spec))
}

/// Values of this module are data, though they are no containers.
pub(super) fn is_value(value: &Value) -> bool {
    repr_of(value).is_some() || value.downcast_object_ref::<zone::Zone>().is_some()
}

/// `:SS` and `.ffffff` are written only when they say something.
fn fraction(microsecond: i64) -> String {
    if microsecond == 0 { String::new() } else { format!(".{microsecond:06}") }
}

/// The arguments of a `repr`, without the zeros at the end beyond the first `needed`.
fn repr_numbers(numbers: &[i64], needed: usize) -> String {
    let used =
        numbers.iter().rposition(|number| *number != 0).map_or(0, |index| index + 1).max(needed);
    numbers[..used].iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}

/// The date or the datetime of text as `isoformat` writes it: a date has no time.
pub(crate) fn of_iso(text: &str) -> Option<Value> {
    if text.len() == "2024-01-01".len() { parse_date(text) } else { parse_datetime(text) }
}

/// `isoformat()` of a date or a datetime.
pub(crate) fn iso_of(value: &Value) -> Option<String> {
    if let Some(moment) = value.downcast_object_ref::<Moment>() {
        return Some(moment.iso("T"));
    }
    value.downcast_object_ref::<Date>().map(|date| date.0.to_string())
}

/// The date of ISO text, as warehouses give it.
pub(crate) fn parse_date(text: &str) -> Option<Value> {
    let civil: jiff::civil::Date = text.parse().ok()?;
    Some(Value::from_object(date::Date(civil)))
}

/// The moment of ISO text, as warehouses give it; with a zone where the text has an offset.
pub(crate) fn parse_datetime(text: &str) -> Option<Value> {
    parse::from_iso(text).ok().map(Value::from)
}
