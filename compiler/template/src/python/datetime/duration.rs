//! Python's `timedelta`.

use std::fmt;
use std::sync::Arc;

use minijinja::value::{Object, ObjectRepr};
use minijinja::{Error, State, Value};

use crate::python::error::{failure, no_attribute};

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// A span of time in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Duration {
    microseconds: i64,
}

impl Duration {
    pub fn from_microseconds(microseconds: i128) -> Result<Self, Error> {
        i64::try_from(microseconds)
            .map(|microseconds| Self { microseconds })
            .map_err(|_| failure("date value out of range"))
    }

    pub fn from_seconds(seconds: i64) -> Self {
        Self { microseconds: seconds.saturating_mul(SECOND) }
    }

    pub fn microseconds(self) -> i64 {
        self.microseconds
    }

    fn days(self) -> i64 {
        self.microseconds.div_euclid(DAY)
    }

    fn seconds(self) -> i64 {
        self.microseconds.rem_euclid(DAY) / SECOND
    }

    fn rest(self) -> i64 {
        self.microseconds.rem_euclid(SECOND)
    }

    pub fn repr(self) -> String {
        let parts: Vec<String> =
            [("days", self.days()), ("seconds", self.seconds()), ("microseconds", self.rest())]
                .into_iter()
                .filter(|(_, number)| *number != 0)
                .map(|(name, number)| format!("{name}={number}"))
                .collect();
        format!(
            "datetime.timedelta({})",
            if parts.is_empty() { "0".to_owned() } else { parts.join(", ") }
        )
    }
}

impl From<Duration> for Value {
    fn from(duration: Duration) -> Self {
        Value::from_object(duration)
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, seconds) = (self.days(), self.seconds());
        if days != 0 {
            write!(f, "{days} day{}, ", if days.abs() == 1 { "" } else { "s" })?;
        }
        write!(
            f,
            "{}:{:02}:{:02}{}",
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60,
            super::fraction(self.rest())
        )
    }
}

impl Object for Duration {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn is_true(self: &Arc<Self>) -> bool {
        self.microseconds != 0
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        Some(Value::from(match key {
            "days" => self.days(),
            "seconds" => self.seconds(),
            "microseconds" => self.rest(),
            _ => return None,
        }))
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        name: &str,
        _values: &[Value],
    ) -> Result<Value, Error> {
        match name {
            "total_seconds" => Ok(Value::from(self.microseconds as f64 / SECOND as f64)),
            _ => Err(no_attribute(&Value::from_dyn_object(Arc::clone(self)), name)),
        }
    }

    fn custom_cmp(
        self: &Arc<Self>,
        other: &minijinja::value::DynObject,
    ) -> Option<std::cmp::Ordering> {
        Some(self.as_ref().cmp(other.downcast_ref::<Self>()?))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_ref(), f)
    }
}
