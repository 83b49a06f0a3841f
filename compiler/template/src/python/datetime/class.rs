//! The module's classes: what is called to make a value, and what hangs on the class itself.

use std::fmt;
use std::sync::Arc;

use jiff::{Timestamp, civil};
use minijinja::value::{Object, ObjectRepr};
use minijinja::{Error, State, Value};

use super::date::{Date, calendar, from_ordinal};
use super::moment::{instant_of, zone_of};
use super::parse::{from_iso, strptime};
use super::time::{Time, clock};
use super::zone::Zone;
use super::{Duration, Moment};
use crate::language::scope_of;
use crate::python::arguments::Arguments;
use crate::python::error::{failure, no_attribute};
use crate::python::values::{float, type_name};

/// A class: a function of its arguments, and methods found by name.
struct Class {
    name: &'static str,
    now: Timestamp,
    make: fn(&mut Arguments<'_>) -> Result<Value, Error>,
    method: fn(&str, &mut Arguments<'_>, Timestamp) -> Result<Option<Value>, Error>,
    attribute: fn(&str) -> Option<Value>,
}

/// The methods of classes, which may be handed on as values: `try_or_compiler_error(…, datetime.strptime, …)`.
const CLASS_METHODS: [&str; 9] = [
    "combine",
    "fromisoformat",
    "fromordinal",
    "fromtimestamp",
    "now",
    "strptime",
    "today",
    "utcfromtimestamp",
    "utcnow",
];

impl Class {
    /// The time that the clock shows, a microsecond later with each look: macros make names of relations of it, and dbt
    /// never reads one time twice.
    fn later(&self, state: &State<'_, '_>) -> Timestamp {
        let looks = scope_of(state).map_or(0, |scope| scope.count_look());
        let later = i64::try_from(looks).ok().and_then(|looks| {
            Timestamp::from_microsecond(self.now.as_microsecond().checked_add(looks)?).ok()
        });
        later.unwrap_or(self.now)
    }
}

impl fmt::Debug for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Object for Class {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let method = || CLASS_METHODS.iter().find(|name| **name == key);
        (self.attribute)(key).or_else(|| {
            Some(crate::python::exports::method(Value::from_dyn_object(self.clone()), method()?))
        })
    }

    fn call(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        values: &[Value],
    ) -> Result<Value, Error> {
        let mut arguments = Arguments::new(self.name, values);
        let value = (self.make)(&mut arguments)?;
        arguments.finish()?;
        Ok(value)
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        name: &str,
        values: &[Value],
    ) -> Result<Value, Error> {
        let mut arguments = Arguments::new(name, values);
        let now =
            if matches!(name, "now" | "utcnow" | "today") { self.later(state) } else { self.now };
        match (self.method)(name, &mut arguments, now)? {
            Some(value) => {
                arguments.finish()?;
                Ok(value)
            }
            None => Err(no_attribute(&Value::from_dyn_object(Arc::clone(self)), name)),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<class 'datetime.{}'>", self.name)
    }
}

/// A moment without zone as UTC clocks show it.
fn naive(instant: Timestamp) -> Moment {
    Moment { zone: None, ..Moment::of_timestamp(instant, &Zone::utc()) }
}

fn zone_argument(arguments: &mut Arguments<'_>, name: &str) -> Result<Option<Zone>, Error> {
    match arguments.take(name) {
        Some(value) if !value.is_none() => zone_of(&value).map(Some),
        _ => Ok(None),
    }
}

fn required_integer(arguments: &mut Arguments<'_>, name: &str) -> Result<i64, Error> {
    crate::python::values::integer(&arguments.required(name)?)
}

pub(super) fn datetime_class(now: Timestamp) -> Value {
    Value::from_object(Class {
        name: "datetime",
        now,
        make: |arguments| {
            let (year, month) =
                (required_integer(arguments, "year")?, required_integer(arguments, "month")?);
            let date = calendar(year, month, required_integer(arguments, "day")?)?;
            let time = clock_arguments(arguments)?;
            let zone = zone_argument(arguments, "tzinfo")?;
            arguments.take_keyword("fold");
            Ok(Moment::new(date.to_datetime(time), zone).into())
        },
        method: datetime_class_method,
        attribute: |name| match name {
            "min" => Some(
                Moment::new(civil::date(1, 1, 1).to_datetime(civil::Time::midnight()), None).into(),
            ),
            "max" => {
                let last = civil::time(23, 59, 59, 999_999_000);
                Some(Moment::new(civil::date(9999, 12, 31).to_datetime(last), None).into())
            }
            _ => None,
        },
    })
}

fn clock_arguments(arguments: &mut Arguments<'_>) -> Result<civil::Time, Error> {
    let mut part = |name: &str| Ok::<i64, Error>(arguments.take_integer(name)?.unwrap_or(0));
    clock(part("hour")?, part("minute")?, part("second")?, part("microsecond")?)
}

fn datetime_class_method(
    name: &str,
    arguments: &mut Arguments<'_>,
    now: Timestamp,
) -> Result<Option<Value>, Error> {
    Ok(Some(match name {
        "now" => match zone_argument(arguments, "tz")? {
            Some(zone) => Moment::of_timestamp(now, &zone).into(),
            None => naive(now).into(),
        },
        "utcnow" | "today" => naive(now).into(),
        "strptime" => {
            let text = arguments.required_text("date_string")?;
            strptime(&text, &arguments.required_text("format")?)?.into()
        }
        "fromisoformat" => from_iso(&arguments.required_text("date_string")?)?.into(),
        "fromtimestamp" | "utcfromtimestamp" => {
            let instant = instant_of(&arguments.required("timestamp")?)?;
            match zone_argument(arguments, "tz")? {
                Some(zone) => Moment::of_timestamp(instant, &zone).into(),
                None => naive(instant).into(),
            }
        }
        "combine" => {
            let (date, time) = (arguments.required("date")?, arguments.required("time")?);
            let (Some(date), Some(time)) = (day_of(&date), time.downcast_object_ref::<Time>())
            else {
                return Err(failure("combine() takes a date and a time"));
            };
            let zone = zone_argument(arguments, "tzinfo")?.or_else(|| time.zone.clone());
            Moment::new(date.to_datetime(time.civil), zone).into()
        }
        "fromordinal" => {
            let date = from_ordinal(required_integer(arguments, "ordinal")?)?;
            Moment::new(date.to_datetime(civil::Time::midnight()), None).into()
        }
        _ => return Ok(None),
    }))
}

/// The day of a date or of a datetime, which is a date to Python.
fn day_of(value: &Value) -> Option<civil::Date> {
    value
        .downcast_object_ref::<Date>()
        .map(|date| date.0)
        .or_else(|| value.downcast_object_ref::<Moment>().map(|moment| moment.civil.date()))
}

pub(super) fn date_class(now: Timestamp) -> Value {
    Value::from_object(Class {
        name: "date",
        now,
        make: |arguments| {
            let (year, month) =
                (required_integer(arguments, "year")?, required_integer(arguments, "month")?);
            Ok(Value::from_object(Date(calendar(
                year,
                month,
                required_integer(arguments, "day")?,
            )?)))
        },
        method: |name, arguments, now| {
            let date = match name {
                "today" => naive(now).civil.date(),
                "fromisoformat" => from_iso(&arguments.required_text("date_string")?)?.civil.date(),
                "fromtimestamp" => {
                    naive(instant_of(&arguments.required("timestamp")?)?).civil.date()
                }
                "fromordinal" => from_ordinal(required_integer(arguments, "ordinal")?)?,
                _ => return Ok(None),
            };
            Ok(Some(Value::from_object(Date(date))))
        },
        attribute: |name| match name {
            "min" => Some(Value::from_object(Date(civil::date(1, 1, 1)))),
            "max" => Some(Value::from_object(Date(civil::date(9999, 12, 31)))),
            _ => None,
        },
    })
}

pub(super) fn time_class() -> Value {
    Value::from_object(Class {
        name: "time",
        now: Timestamp::UNIX_EPOCH,
        make: |arguments| {
            let civil = clock_arguments(arguments)?;
            let zone = zone_argument(arguments, "tzinfo")?;
            Ok(Value::from_object(Time { civil, zone }))
        },
        method: |name, arguments, _| {
            if name != "fromisoformat" {
                return Ok(None);
            }
            let moment =
                from_iso(&format!("1900-01-01T{}", arguments.required_text("time_string")?))?;
            Ok(Some(Value::from_object(Time { civil: moment.civil.time(), zone: moment.zone })))
        },
        attribute: |name| match name {
            "min" => Some(Value::from_object(Time { civil: civil::Time::midnight(), zone: None })),
            "max" => Some(Value::from_object(Time {
                civil: civil::time(23, 59, 59, 999_999_000),
                zone: None,
            })),
            _ => None,
        },
    })
}

pub(super) fn duration_class() -> Value {
    const UNITS: [(&str, i64); 7] = [
        ("days", 86_400_000_000),
        ("seconds", 1_000_000),
        ("microseconds", 1),
        ("milliseconds", 1_000),
        ("minutes", 60_000_000),
        ("hours", 3_600_000_000),
        ("weeks", 604_800_000_000),
    ];
    Value::from_object(Class {
        name: "timedelta",
        now: Timestamp::UNIX_EPOCH,
        make: |arguments| {
            let mut total: i128 = 0;
            for (name, unit) in UNITS {
                let Some(value) = arguments.take(name) else { continue };
                total += match (value.is_integer(), i128::try_from(value.clone()), float(&value)) {
                    (true, Ok(number), _) => number.saturating_mul(unit.into()),
                    (_, _, Some(number)) => (number * unit as f64).round_ties_even() as i128,
                    _ => {
                        return Err(failure(format!(
                            "unsupported type for timedelta {name} component: {}",
                            type_name(&value)
                        )));
                    }
                };
            }
            Duration::from_microseconds(total).map(Value::from)
        },
        method: |_, _, _| Ok(None),
        attribute: |name| match name {
            "resolution" => Duration::from_microseconds(1).ok().map(Value::from),
            _ => None,
        },
    })
}

pub(super) fn timezone_class() -> Value {
    Value::from_object(Class {
        name: "timezone",
        now: Timestamp::UNIX_EPOCH,
        make: |arguments| {
            let offset = arguments.required("offset")?;
            let name = arguments.take_text("name")?;
            let Some(offset) = offset.downcast_object_ref::<Duration>() else {
                return Err(failure("timezone() argument 1 must be datetime.timedelta"));
            };
            let seconds = offset.microseconds() / 1_000_000;
            if seconds.abs() >= 86_400 {
                return Err(failure(
                    "offset must be a timedelta strictly between -24 hours and 24 hours",
                ));
            }
            Ok(Zone::fixed(seconds, name).into())
        },
        method: |_, _, _| Ok(None),
        attribute: |name| (name == "utc").then(|| Zone::fixed_utc().into()),
    })
}
