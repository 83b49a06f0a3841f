//! Python's `datetime`, with or without a zone.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use jiff::civil::DateTime;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use minijinja::value::{Object, ObjectRepr};
use minijinja::{Error, State, Value};

use super::date::{Date, calendar, date_method};
use super::format::{Fields, strftime};
use super::time::Time;
use super::zone::{Zone, offset_text};
use super::{Duration, repr_numbers};
use crate::python::arguments::Arguments;
use crate::python::error::{failure, no_attribute};
use crate::python::values::float;

/// A date and a time of day, with the zone that a Python program gave them.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    pub civil: DateTime,
    pub zone: Option<Zone>,
}

impl Moment {
    pub fn new(civil: DateTime, zone: Option<Zone>) -> Self {
        Self { civil, zone }
    }

    /// The moment that clocks of a zone show at an instant. Nanoseconds are cut: Python has none.
    pub fn of_timestamp(instant: Timestamp, zone: &Zone) -> Self {
        let zone = zone.at(instant);
        let offset = Offset::from_seconds(zone.offset as i32).unwrap_or(Offset::UTC);
        let civil = offset.to_datetime(instant);
        let nanosecond = civil.subsec_nanosecond() / 1000 * 1000;
        Self {
            civil: civil.with().subsec_nanosecond(nanosecond).build().unwrap_or(civil),
            zone: Some(zone),
        }
    }

    /// The instant; a moment without zone is taken for UTC.
    pub fn timestamp(&self) -> Result<Timestamp, Error> {
        let offset = self.zone.as_ref().map_or(0, |zone| zone.offset);
        Offset::from_seconds(offset as i32)
            .and_then(|offset| offset.to_timestamp(self.civil))
            .map_err(|_| failure("date value out of range"))
    }

    /// Seconds since 1970; unlike [`Self::timestamp`] it knows the last day of the year 9999.
    fn epoch_seconds(&self) -> f64 {
        let offset = self.zone.as_ref().map_or(0, |zone| zone.offset);
        let since = self.civil.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0));
        (since.as_micros() - i128::from(offset) * 1_000_000) as f64 / 1e6
    }

    pub fn add(&self, duration: Duration) -> Result<Self, Error> {
        let civil = self
            .civil
            .checked_add(SignedDuration::from_micros(duration.microseconds()))
            .map_err(|_| failure("date value out of range"))?;
        Ok(Self { civil, zone: self.zone.clone() })
    }

    /// The span from another moment to this one; both must have a zone, or none.
    pub fn since(&self, other: &Self) -> Result<Duration, Error> {
        if self.zone.is_some() != other.zone.is_some() {
            return Err(failure("can't subtract offset-naive and offset-aware datetimes"));
        }
        let shift = |moment: &Self| {
            i128::from(moment.zone.as_ref().map_or(0, |zone| zone.offset)) * 1_000_000
        };
        let apart = self.civil.duration_since(other.civil).as_micros();
        Duration::from_microseconds(apart - shift(self) + shift(other))
    }

    pub fn microsecond(&self) -> i64 {
        i64::from(self.civil.subsec_nanosecond() / 1000)
    }

    pub fn repr(&self) -> String {
        let civil = self.civil;
        let numbers = [
            i64::from(civil.year()),
            i64::from(civil.month()),
            i64::from(civil.day()),
            i64::from(civil.hour()),
            i64::from(civil.minute()),
            i64::from(civil.second()),
            self.microsecond(),
        ];
        let zone = match &self.zone {
            None => String::new(),
            Some(zone) if zone.name == "UTC" => ", tzinfo=<UTC>".to_owned(),
            Some(zone) => format!(", tzinfo=<{}>", zone.name),
        };
        format!("datetime.datetime({}{zone})", repr_numbers(&numbers, 5))
    }

    pub fn iso(&self, separator: &str) -> String {
        let civil = self.civil;
        let zone = self.zone.as_ref().map(|zone| offset_text(zone.offset, ":")).unwrap_or_default();
        format!(
            "{:04}-{:02}-{:02}{separator}{:02}:{:02}:{:02}{}{zone}",
            civil.year(),
            civil.month(),
            civil.day(),
            civil.hour(),
            civil.minute(),
            civil.second(),
            super::fraction(self.microsecond())
        )
    }

    pub fn strftime(&self, format: &str) -> String {
        strftime(&self.fields(), format)
    }

    fn fields(&self) -> Fields {
        Fields {
            date: self.civil.date(),
            time: self.civil.time(),
            offset: self.zone.as_ref().map(|zone| zone.offset),
            zone_name: self.zone.as_ref().map(|zone| zone.abbreviation.clone()).unwrap_or_default(),
        }
    }

    fn method(&self, name: &str, values: &[Value]) -> Result<Option<Value>, Error> {
        let mut arguments = Arguments::new(name, values);
        let result = match name {
            "strftime" | "__format__" => {
                Value::from(self.strftime(&arguments.required_text("format")?))
            }
            "isoformat" => {
                let separator = arguments.take_text("sep")?.unwrap_or_else(|| "T".to_owned());
                let precision =
                    arguments.take_text("timespec")?.unwrap_or_else(|| "auto".to_owned());
                Value::from(self.iso_with(&separator, &precision)?)
            }
            "date" => Value::from_object(Date(self.civil.date())),
            "time" => Value::from_object(Time { civil: self.civil.time(), zone: None }),
            "timetz" => {
                Value::from_object(Time { civil: self.civil.time(), zone: self.zone.clone() })
            }
            "replace" => self.replace(&mut arguments)?.into(),
            "astimezone" => {
                let zone = match arguments.take("tz") {
                    Some(value) if !value.is_none() => zone_of(&value)?,
                    _ => Zone::utc(),
                };
                Moment::of_timestamp(self.timestamp()?, &zone).into()
            }
            "timestamp" => Value::from(self.epoch_seconds()),
            "utcoffset" => self
                .zone
                .as_ref()
                .map_or(Value::from(()), |zone| Duration::from_seconds(zone.offset).into()),
            "dst" => self
                .zone
                .as_ref()
                .map_or(Value::from(()), |zone| Duration::from_seconds(zone.saving).into()),
            "tzname" => self
                .zone
                .as_ref()
                .map_or(Value::from(()), |zone| Value::from(zone.abbreviation.as_str())),
            "ctime" => Value::from(strftime(&self.fields(), "%a %b %e %H:%M:%S %Y")),
            _ => return date_method(self.civil.date(), name, arguments),
        };
        arguments.finish()?;
        Ok(Some(result))
    }

    fn iso_with(&self, separator: &str, precision: &str) -> Result<String, Error> {
        let civil = self.civil;
        let time = match precision {
            "auto" => return Ok(self.iso(separator)),
            "hours" => format!("{:02}", civil.hour()),
            "minutes" => format!("{:02}:{:02}", civil.hour(), civil.minute()),
            "seconds" => format!("{:02}:{:02}:{:02}", civil.hour(), civil.minute(), civil.second()),
            "milliseconds" => {
                let millisecond = self.microsecond() / 1000;
                format!(
                    "{:02}:{:02}:{:02}.{millisecond:03}",
                    civil.hour(),
                    civil.minute(),
                    civil.second()
                )
            }
            "microseconds" => {
                format!(
                    "{:02}:{:02}:{:02}.{:06}",
                    civil.hour(),
                    civil.minute(),
                    civil.second(),
                    self.microsecond()
                )
            }
            _ => return Err(failure("Unknown timespec value")),
        };
        let zone = self.zone.as_ref().map(|zone| offset_text(zone.offset, ":")).unwrap_or_default();
        Ok(format!(
            "{:04}-{:02}-{:02}{separator}{time}{zone}",
            civil.year(),
            civil.month(),
            civil.day()
        ))
    }

    fn replace(&self, arguments: &mut Arguments<'_>) -> Result<Self, Error> {
        let civil = self.civil;
        let mut part = |name: &str, current: i64| {
            Ok::<i64, Error>(arguments.take_integer(name)?.unwrap_or(current))
        };
        let (year, month, day) = (
            part("year", civil.year().into())?,
            part("month", civil.month().into())?,
            part("day", civil.day().into())?,
        );
        let (hour, minute) =
            (part("hour", civil.hour().into())?, part("minute", civil.minute().into())?);
        let (second, micro) =
            (part("second", civil.second().into())?, part("microsecond", self.microsecond())?);
        let zone = match arguments.take("tzinfo") {
            None => self.zone.clone(),
            Some(value) if value.is_none() => None,
            Some(value) => Some(zone_of(&value)?),
        };
        arguments.take_keyword("fold");
        let date = calendar(year, month, day)?;
        Ok(Self { civil: date.to_datetime(super::time::clock(hour, minute, second, micro)?), zone })
    }
}

/// The zone that a `tzinfo` argument stands for.
pub(super) fn zone_of(value: &Value) -> Result<Zone, Error> {
    value.downcast_object_ref::<Zone>().cloned().ok_or_else(|| {
        failure(format!(
            "tzinfo argument must be None or of a tzinfo subclass, not type '{}'",
            crate::python::values::type_name(value)
        ))
    })
}

/// Python's `fromtimestamp`: seconds since 1970, whole or not.
pub(super) fn instant_of(value: &Value) -> Result<Timestamp, Error> {
    let seconds = float(value).ok_or_else(|| failure("a timestamp must be a number"))?;
    Timestamp::from_microsecond((seconds * 1e6).round_ties_even() as i64)
        .map_err(|_| failure("year is out of range"))
}

impl From<Moment> for Value {
    fn from(moment: Moment) -> Self {
        Value::from_object(moment)
    }
}

impl Object for Moment {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let civil = self.civil;
        Some(match key {
            "year" => Value::from(civil.year()),
            "month" => Value::from(civil.month()),
            "day" => Value::from(civil.day()),
            "hour" => Value::from(civil.hour()),
            "minute" => Value::from(civil.minute()),
            "second" => Value::from(civil.second()),
            "microsecond" => Value::from(self.microsecond()),
            "fold" => Value::from(0),
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
        self.method(name, values)?
            .ok_or_else(|| no_attribute(&Value::from_dyn_object(Arc::clone(self)), name))
    }

    fn custom_cmp(self: &Arc<Self>, other: &minijinja::value::DynObject) -> Option<Ordering> {
        let other = other.downcast_ref::<Self>()?;
        match (self.timestamp(), other.timestamp()) {
            (Ok(mine), Ok(others)) if self.zone.is_some() && other.zone.is_some() => {
                Some(mine.cmp(&others))
            }
            _ => Some(
                self.civil.cmp(&other.civil).then(self.zone.is_some().cmp(&other.zone.is_some())),
            ),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iso(" "))
    }
}
