//! The functions that `language::rewrite` puts in the place of literals and overloaded operators.

use minijinja::value::ValueKind;
use minijinja::{Environment, Error, Value};

use super::datetime::arithmetic;
use super::decimal;
use super::dict::{PyDict, is_hashable};
use super::error::{failure, not_iterable};
use super::formatting::printf;
use super::list::PyList;
use super::long_integer::long_integer;
use super::set::PySet;
use super::values::{float, integer, iterate, pairs, tuple, type_name};

/// A repeated string or list may not be larger than this.
const LARGEST_REPETITION: usize = 10_000_000;

pub(crate) fn install(environment: &mut Environment<'static>) {
    environment.add_function("__l", |value: Value| -> Result<Value, Error> {
        Ok(PyList::from(iterate(&value)?).into())
    });
    environment.add_function("__d", |value: Value| -> Result<Value, Error> {
        let entries = pairs(&value).unwrap_or_default();
        match entries.iter().find(|(key, _)| !is_hashable(key)) {
            Some((key, _)) => Err(failure(format!("unhashable type: '{}'", type_name(key)))),
            None => Ok(PyDict::from_pairs(entries).into()),
        }
    });
    environment.add_function("__int", |written: &str| long_integer(written));
    environment.add_function("__add", add);
    environment.add_function("__sub", subtract);
    environment.add_function("__mul", multiply);
    environment.add_function("__div", |left: Value, right: Value| divide(&left, &right));
    environment.add_function("__floordiv", |left: Value, right: Value| floor_divide(&left, &right));
    environment.add_function("__mod", modulo);
    environment.add_function("__items", items);
    environment.add_function("__keywords", keywords);
    environment.add_function("__neg", |value: Value| negate(&value));
    super::comparisons::install(environment);
}

/// What a loop goes through. Texts become lists of their characters; undefined values have no items, as in Jinja.
fn items(value: Value) -> Result<Value, Error> {
    match value.kind() {
        ValueKind::None | ValueKind::Number | ValueKind::Bool => Err(not_iterable(&value)),
        _ => Ok(match value.as_str() {
            Some(text) => PyList::from(text.chars().map(Value::from).collect::<Vec<_>>()).into(),
            None => value,
        }),
    }
}

/// The mapping behind `**` in a call that names arguments too: none of them may be in it.
fn keywords(names: &str, mapping: Value) -> Result<Value, Error> {
    for (key, _) in pairs(&mapping).unwrap_or_default() {
        if let Some(key) = key.as_str().filter(|key| names.split(' ').any(|name| name == *key)) {
            return Err(failure(format!("got multiple values for keyword argument '{key}'")));
        }
    }
    Ok(mapping)
}

fn unsupported(symbol: &str, left: &Value, right: &Value) -> Error {
    failure(format!(
        "unsupported operand type(s) for {symbol}: '{}' and '{}'",
        type_name(left),
        type_name(right)
    ))
}

fn is_sequence(value: &Value) -> bool {
    matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable)
        && value.downcast_object_ref::<PySet>().is_none()
}

fn whole(value: &Value) -> Option<i128> {
    match value.kind() {
        ValueKind::Bool => Some(i128::from(value.is_true())),
        ValueKind::Number if value.is_integer() => i128::try_from(value.clone()).ok(),
        _ => None,
    }
}

fn too_large() -> Error {
    failure("the number is too large: integers have 128 bits here")
}

fn number(value: i128) -> Value {
    i64::try_from(value).map_or_else(|_| Value::from(value), Value::from)
}

#[expect(clippy::needless_pass_by_value, reason = "the engine hands over values")]
pub(crate) fn add(left: Value, right: Value) -> Result<Value, Error> {
    if let (Some(left), Some(right)) = (whole(&left), whole(&right)) {
        return left.checked_add(right).map(number).ok_or_else(too_large);
    }
    if let (Some(left), Some(right)) = (float(&left), float(&right)) {
        return Ok(Value::from(left + right));
    }
    if let (Some(left), Some(right)) = (left.as_str(), right.as_str()) {
        return Ok(Value::from([left, right].concat()));
    }
    if is_sequence(&left) && is_sequence(&right) {
        if left.is_tuple() != right.is_tuple() {
            let (first, second) = (type_name(&left), type_name(&right));
            return Err(failure(format!(
                "can only concatenate {first} (not \"{second}\") to {first}"
            )));
        }
        let mut items = iterate(&left)?;
        items.extend(iterate(&right)?);
        return Ok(if left.is_tuple() { tuple(items) } else { PyList::from(items).into() });
    }
    if left.as_str().is_some() {
        return Err(failure(format!(
            "can only concatenate str (not \"{}\") to str",
            type_name(&right)
        )));
    }
    arithmetic::add(&left, &right)
        .or_else(|| decimal::add(&left, &right))
        .unwrap_or_else(|| Err(unsupported("+", &left, &right)))
}

#[expect(clippy::needless_pass_by_value, reason = "the engine hands over values")]
fn subtract(left: Value, right: Value) -> Result<Value, Error> {
    if let (Some(left), Some(right)) = (whole(&left), whole(&right)) {
        return left.checked_sub(right).map(number).ok_or_else(too_large);
    }
    if let (Some(left), Some(right)) = (float(&left), float(&right)) {
        return Ok(Value::from(left - right));
    }
    if let (Some(set), Some(_)) =
        (left.downcast_object_ref::<PySet>(), right.downcast_object_ref::<PySet>())
    {
        return Ok(set.combine("difference", std::slice::from_ref(&right))?.into());
    }
    arithmetic::subtract(&left, &right)
        .or_else(|| decimal::subtract(&left, &right))
        .unwrap_or_else(|| Err(unsupported("-", &left, &right)))
}

#[expect(clippy::needless_pass_by_value, reason = "the engine hands over values")]
fn multiply(left: Value, right: Value) -> Result<Value, Error> {
    if let (Some(left), Some(right)) = (whole(&left), whole(&right)) {
        return left.checked_mul(right).map(number).ok_or_else(too_large);
    }
    if let (Some(left), Some(right)) = (float(&left), float(&right)) {
        return Ok(Value::from(left * right));
    }
    let repeated = |value: &Value| value.as_str().is_some() || is_sequence(value);
    let (sequence, times) = if repeated(&left) { (&left, &right) } else { (&right, &left) };
    if repeated(sequence) && whole(times).is_some() {
        let times = usize::try_from(integer(times)?).unwrap_or(0);
        let length = sequence.as_str().map_or_else(|| sequence.len().unwrap_or(0), str::len);
        if length.saturating_mul(times) > LARGEST_REPETITION {
            return Err(failure("the repetition is too large"));
        }
        if let Some(text) = sequence.as_str() {
            return Ok(Value::from(text.repeat(times)));
        }
        let once = iterate(sequence)?;
        let items = std::iter::repeat_n(once, times).flatten().collect::<Vec<_>>();
        return Ok(if sequence.is_tuple() { tuple(items) } else { PyList::from(items).into() });
    }
    if repeated(sequence) && !repeated(times) {
        return Err(failure(format!(
            "can't multiply sequence by non-int of type '{}'",
            type_name(times)
        )));
    }
    arithmetic::multiply(&left, &right)
        .or_else(|| decimal::multiply(&left, &right))
        .unwrap_or_else(|| Err(unsupported("*", &left, &right)))
}

fn negate(value: &Value) -> Result<Value, Error> {
    if let Some(number) = whole(value) {
        return number.checked_neg().map(self::number).ok_or_else(too_large);
    }
    if let Some(number) = float(value) {
        return Ok(Value::from(-number));
    }
    if let Some(number) = decimal::negate(value) {
        return Ok(number);
    }
    arithmetic::multiply(value, &Value::from(-1)).unwrap_or_else(|| {
        Err(failure(format!("bad operand type for unary -: '{}'", type_name(value))))
    })
}

fn divide(left: &Value, right: &Value) -> Result<Value, Error> {
    match (float(left), float(right)) {
        (Some(_), Some(0.0)) => Err(failure("division by zero")),
        (Some(left), Some(right)) => Ok(Value::from(left / right)),
        _ => arithmetic::divide(left, right)
            .or_else(|| decimal::divide(left, right))
            .unwrap_or_else(|| Err(unsupported("/", left, right))),
    }
}

fn floor_divide(left: &Value, right: &Value) -> Result<Value, Error> {
    if let (Some(left), Some(right)) = (whole(left), whole(right)) {
        if right == 0 {
            return Err(failure("integer division or modulo by zero"));
        }
        let quotient = left.checked_div(right).ok_or_else(too_large)?;
        let is_rounded_up = left % right != 0 && (left < 0) != (right < 0);
        return Ok(number(quotient - i128::from(is_rounded_up)));
    }
    match (float(left), float(right)) {
        (Some(_), Some(0.0)) => Err(failure("float floor division by zero")),
        (Some(left), Some(right)) => Ok(Value::from((left / right).floor())),
        _ => arithmetic::floor_divide(left, right)
            .or_else(|| decimal::floor_divide(left, right))
            .unwrap_or_else(|| Err(unsupported("//", left, right))),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the engine hands over values")]
fn modulo(left: Value, right: Value) -> Result<Value, Error> {
    if let Some(text) = left.as_str() {
        return printf(text, &right).map(Value::from);
    }
    if let (Some(left), Some(right)) = (whole(&left), whole(&right)) {
        if right == 0 {
            return Err(failure("integer division or modulo by zero"));
        }
        let remainder = left.checked_rem(right).unwrap_or(0);
        return Ok(number(if remainder != 0 && (remainder < 0) != (right < 0) {
            remainder + right
        } else {
            remainder
        }));
    }
    match (float(&left), float(&right)) {
        (Some(_), Some(0.0)) => Err(failure("float modulo")),
        (Some(left), Some(right)) => {
            let remainder = left % right;
            let wraps = remainder != 0.0 && (remainder < 0.0) != (right < 0.0);
            Ok(Value::from(if wraps { remainder + right } else { remainder }))
        }
        _ => decimal::modulo(&left, &right).unwrap_or_else(|| Err(unsupported("%", &left, &right))),
    }
}
