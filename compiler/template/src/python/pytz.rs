//! Python's `pytz` module over the zone database that comes with the program.

use std::sync::Arc;

use minijinja::value::Object;
use minijinja::{Error, State, Value};

use super::arguments::Arguments;
use super::datetime::zone::Zone;
use super::error::failure;
use super::list::PyList;

/// What dbt's `modules.pytz` has, in its order.
const NAMES: [&str; 14] = [
    "timezone",
    "utc",
    "country_timezones",
    "country_names",
    "AmbiguousTimeError",
    "InvalidTimeError",
    "NonExistentTimeError",
    "UnknownTimeZoneError",
    "all_timezones",
    "all_timezones_set",
    "common_timezones",
    "common_timezones_set",
    "BaseTzInfo",
    "FixedOffset",
];

#[derive(Debug)]
struct Pytz;

pub(crate) fn module() -> Value {
    super::exports::dictionary(Value::from_object(Pytz), NAMES.into_iter().chain(["UTC"]))
}

fn all_timezones() -> Value {
    let mut names: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
    names.sort_unstable();
    PyList::from(names.into_iter().map(Value::from).collect::<Vec<_>>()).into()
}

impl Object for Pytz {
    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        match key {
            "utc" | "UTC" => Some(Zone::utc().into()),
            "all_timezones" | "common_timezones" => Some(all_timezones()),
            _ => None,
        }
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
        let zone = match name {
            "timezone" => {
                let name = arguments.required_text("zone")?;
                Zone::named(&name)
                    .ok_or_else(|| failure(format!("UnknownTimeZoneError: '{name}'")))?
            }
            "FixedOffset" => {
                let minutes = arguments.take_integer("offset")?.unwrap_or(0);
                if !(-1439..=1439).contains(&minutes) {
                    return Err(failure("absolute offset is too large"));
                }
                Zone {
                    name: format!("pytz.FixedOffset({minutes})"),
                    ..Zone::fixed(minutes * 60, None)
                }
            }
            _ => return Err(failure(format!("module 'pytz' has no attribute '{name}'"))),
        };
        arguments.finish()?;
        Ok(zone.into())
    }
}
