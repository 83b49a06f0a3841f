//! Python's `time`: a time of day.

use std::fmt;
use std::sync::Arc;

use jiff::civil;
use minijinja::value::{Object, ObjectRepr};
use minijinja::{Error, State, Value};

use super::format::{Fields, strftime};
use super::repr_numbers;
use super::zone::{Zone, offset_text};
use crate::python::arguments::Arguments;
use crate::python::error::{failure, no_attribute};

/// A time of day, perhaps with a zone.
#[derive(Clone, Debug)]
pub(crate) struct Time {
    pub civil: civil::Time,
    pub zone: Option<Zone>,
}

/// The time with these numbers, or Python's complaint.
pub(super) fn clock(
    hour: i64,
    minute: i64,
    second: i64,
    microsecond: i64,
) -> Result<civil::Time, Error> {
    let check = |value: i64, highest: i64, name: &str| {
        (0..=highest)
            .contains(&value)
            .then_some(value)
            .ok_or_else(|| failure(format!("{name} must be in 0..{highest}")))
    };
    let (hour, minute) = (check(hour, 23, "hour")?, check(minute, 59, "minute")?);
    let (second, microsecond) =
        (check(second, 59, "second")?, check(microsecond, 999_999, "microsecond")?);
    civil::Time::new(hour as i8, minute as i8, second as i8, microsecond as i32 * 1000)
        .map_err(|error| failure(error.to_string()))
}

impl Time {
    fn microsecond(&self) -> i64 {
        i64::from(self.civil.subsec_nanosecond() / 1000)
    }

    fn numbers(&self) -> [i64; 4] {
        [
            self.civil.hour().into(),
            self.civil.minute().into(),
            self.civil.second().into(),
            self.microsecond(),
        ]
    }

    pub fn repr(&self) -> String {
        format!("datetime.time({})", repr_numbers(&self.numbers(), 2))
    }

    pub fn strftime(&self, format: &str) -> String {
        let fields = Fields {
            date: civil::date(1900, 1, 1),
            time: self.civil,
            offset: self.zone.as_ref().map(|zone| zone.offset),
            zone_name: self.zone.as_ref().map(|zone| zone.abbreviation.clone()).unwrap_or_default(),
        };
        strftime(&fields, format)
    }

    fn iso(&self) -> String {
        let [hour, minute, second, microsecond] = self.numbers();
        let zone = self.zone.as_ref().map(|zone| offset_text(zone.offset, ":")).unwrap_or_default();
        format!("{hour:02}:{minute:02}:{second:02}{}{zone}", super::fraction(microsecond))
    }
}

impl Object for Time {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let [hour, minute, second, microsecond] = self.numbers();
        Some(match key {
            "hour" => Value::from(hour),
            "minute" => Value::from(minute),
            "second" => Value::from(second),
            "microsecond" => Value::from(microsecond),
            "tzinfo" => self.zone.clone().map_or(Value::from(()), Value::from),
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
            "strftime" => Value::from(Time::strftime(self, &arguments.required_text("format")?)),
            "isoformat" => Value::from(self.iso()),
            "replace" => {
                let [hour, minute, second, microsecond] = self.numbers();
                let hour = arguments.take_integer("hour")?.unwrap_or(hour);
                let minute = arguments.take_integer("minute")?.unwrap_or(minute);
                let second = arguments.take_integer("second")?.unwrap_or(second);
                let microsecond = arguments.take_integer("microsecond")?.unwrap_or(microsecond);
                let civil = clock(hour, minute, second, microsecond)?;
                Value::from_object(Time { civil, zone: self.zone.clone() })
            }
            _ => return Err(no_attribute(&Value::from_dyn_object(Arc::clone(self)), name)),
        };
        arguments.finish()?;
        Ok(result)
    }

    fn custom_cmp(
        self: &Arc<Self>,
        other: &minijinja::value::DynObject,
    ) -> Option<std::cmp::Ordering> {
        Some(self.civil.cmp(&other.downcast_ref::<Self>()?.civil))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iso())
    }
}
