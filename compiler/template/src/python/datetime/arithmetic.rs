//! `+`, `-`, `*`, `/` and `//` on the values of the module; `None` when neither side is one.

use jiff::SignedDuration;
use minijinja::{Error, Value};

use super::date::Date;
use super::{Duration, Moment};
use crate::python::error::failure;
use crate::python::values::{float, integer};

type Answer = Option<Result<Value, Error>>;

fn duration(value: &Value) -> Option<Duration> {
    value.downcast_object_ref::<Duration>().copied()
}

fn shift(value: &Value, duration: Duration) -> Answer {
    if let Some(moment) = value.downcast_object_ref::<Moment>() {
        return Some(moment.add(duration).map(Value::from));
    }
    if let Some(date) = value.downcast_object_ref::<Date>() {
        // Python drops what is less than a day.
        let days = duration.microseconds().div_euclid(86_400_000_000);
        let shifted = date.0.checked_add(SignedDuration::from_hours(
            days.saturating_mul(24).clamp(-90_000_000, 90_000_000),
        ));
        return Some(
            shifted
                .map(|date| Value::from_object(Date(date)))
                .map_err(|_| failure("date value out of range")),
        );
    }
    let other = self::duration(value)?;
    let sum = i128::from(other.microseconds()) + i128::from(duration.microseconds());
    Some(Duration::from_microseconds(sum).map(Value::from))
}

pub(crate) fn add(left: &Value, right: &Value) -> Answer {
    if let Some(span) = duration(right) {
        return shift(left, span);
    }
    duration(left).and_then(|span| shift(right, span))
}

pub(crate) fn subtract(left: &Value, right: &Value) -> Answer {
    if let Some(span) = duration(right) {
        return match Duration::from_microseconds(-i128::from(span.microseconds())) {
            Ok(opposite) => shift(left, opposite),
            Err(error) => Some(Err(error)),
        };
    }
    if let (Some(later), Some(earlier)) =
        (left.downcast_object_ref::<Moment>(), right.downcast_object_ref::<Moment>())
    {
        return Some(later.since(earlier).map(Value::from));
    }
    if let (Some(later), Some(earlier)) =
        (left.downcast_object_ref::<Date>(), right.downcast_object_ref::<Date>())
    {
        return Some(
            Duration::from_microseconds(later.0.duration_since(earlier.0).as_micros())
                .map(Value::from),
        );
    }
    None
}

pub(crate) fn multiply(left: &Value, right: &Value) -> Answer {
    let (span, factor) = match (duration(left), duration(right)) {
        (Some(span), None) => (span, right),
        (None, Some(span)) => (span, left),
        _ => return None,
    };
    let product = match integer(factor) {
        Ok(factor) => i128::from(span.microseconds()) * i128::from(factor),
        Err(_) => (span.microseconds() as f64 * float(factor)?).round_ties_even() as i128,
    };
    Some(Duration::from_microseconds(product).map(Value::from))
}

pub(crate) fn divide(left: &Value, right: &Value) -> Answer {
    let span = duration(left)?.microseconds();
    if let Some(divisor) = duration(right) {
        if divisor.microseconds() == 0 {
            return Some(Err(failure("division by zero")));
        }
        return Some(Ok(Value::from(span as f64 / divisor.microseconds() as f64)));
    }
    let divisor = float(right)?;
    if divisor == 0.0 {
        return Some(Err(failure("division by zero")));
    }
    Some(
        Duration::from_microseconds((span as f64 / divisor).round_ties_even() as i128)
            .map(Value::from),
    )
}

pub(crate) fn floor_divide(left: &Value, right: &Value) -> Answer {
    let span = duration(left)?.microseconds();
    let by_duration = duration(right);
    let divisor =
        by_duration.map_or_else(|| integer(right).ok(), |divisor| Some(divisor.microseconds()))?;
    if divisor == 0 {
        return Some(Err(failure("integer division or modulo by zero")));
    }
    let quotient = (span as f64 / divisor as f64).floor() as i64;
    Some(match by_duration {
        Some(_) => Ok(Value::from(quotient)),
        None => Duration::from_microseconds(quotient.into()).map(Value::from),
    })
}
