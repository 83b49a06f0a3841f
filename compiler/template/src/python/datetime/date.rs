//! Python's `date`.

use std::fmt;
use std::sync::Arc;

use jiff::civil;
use minijinja::value::{Object, ObjectRepr};
use minijinja::{Error, State, Value};

use super::format::{Fields, strftime};
use super::repr_numbers;
use crate::python::arguments::Arguments;
use crate::python::error::{failure, no_attribute};
use crate::python::values::tuple;

/// A day.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Date(pub civil::Date);

impl Date {
    pub fn repr(self) -> String {
        let numbers =
            [i64::from(self.0.year()), i64::from(self.0.month()), i64::from(self.0.day())];
        format!("datetime.date({})", repr_numbers(&numbers, 3))
    }

    pub fn strftime(self, format: &str) -> String {
        let fields = Fields {
            date: self.0,
            time: civil::Time::midnight(),
            offset: None,
            zone_name: String::new(),
        };
        strftime(&fields, format)
    }
}

/// The day with these numbers, or Python's complaint.
pub(super) fn calendar(year: i64, month: i64, day: i64) -> Result<civil::Date, Error> {
    if !(1..=9999).contains(&year) {
        return Err(failure(format!("year {year} is out of range")));
    }
    if !(1..=12).contains(&month) {
        return Err(failure("month must be in 1..12"));
    }
    i8::try_from(day)
        .ok()
        .and_then(|day| civil::Date::new(year as i16, month as i8, day).ok())
        .ok_or_else(|| failure("day is out of range for month"))
}

/// Days since 1 January of the year 1, which is day 1.
pub(super) fn ordinal(date: civil::Date) -> i64 {
    let first = civil::date(1, 1, 1);
    first.until(date).map_or(0, |span| i64::from(span.get_days())) + 1
}

pub(super) fn from_ordinal(days: i64) -> Result<civil::Date, Error> {
    civil::date(1, 1, 1)
        .checked_add(jiff::SignedDuration::from_hours(
            days.saturating_sub(1).saturating_mul(24).clamp(0, 90_000_000),
        ))
        .map_err(|_| failure("ordinal must be >= 1"))
}

/// The methods that a date and a datetime share.
pub(super) fn date_method(
    date: civil::Date,
    name: &str,
    arguments: Arguments<'_>,
) -> Result<Option<Value>, Error> {
    let result = match name {
        "weekday" => Value::from(date.weekday().to_monday_zero_offset()),
        "isoweekday" => Value::from(date.weekday().to_monday_one_offset()),
        "toordinal" => Value::from(ordinal(date)),
        "isocalendar" => {
            let week = date.iso_week_date();
            tuple(vec![
                Value::from(week.year()),
                Value::from(week.week()),
                Value::from(week.weekday().to_monday_one_offset()),
            ])
        }
        _ => return Ok(None),
    };
    arguments.finish()?;
    Ok(Some(result))
}

impl Object for Date {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        Some(match key {
            "year" => Value::from(self.0.year()),
            "month" => Value::from(self.0.month()),
            "day" => Value::from(self.0.day()),
            _ => return None,
        })
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        name: &str,
        values: &[Value],
    ) -> Result<Value, Error> {
        let mut arguments = Arguments::new(name, values);
        let result = match name {
            "strftime" => Value::from(Date::strftime(**self, &arguments.required_text("format")?)),
            "isoformat" => Value::from(self.0.to_string()),
            "ctime" => Value::from(Date::strftime(**self, "%a %b %e %H:%M:%S %Y")),
            "replace" => {
                let year = arguments.take_integer("year")?.unwrap_or_else(|| self.0.year().into());
                let month =
                    arguments.take_integer("month")?.unwrap_or_else(|| self.0.month().into());
                let day = arguments.take_integer("day")?.unwrap_or_else(|| self.0.day().into());
                Value::from_object(Date(calendar(year, month, day)?))
            }
            _ => {
                return date_method(self.0, name, arguments)?
                    .ok_or_else(|| no_attribute(&Value::from_dyn_object(Arc::clone(self)), name));
            }
        };
        arguments.finish()?;
        Ok(result)
    }

    fn custom_cmp(
        self: &Arc<Self>,
        other: &minijinja::value::DynObject,
    ) -> Option<std::cmp::Ordering> {
        Some(self.0.cmp(&other.downcast_ref::<Self>()?.0))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
