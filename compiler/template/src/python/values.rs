//! Questions about a value that Python's rules ask again and again.

use minijinja::value::{ObjectRepr, ValueKind};
use minijinja::{Error, Value};

use super::decimal::{self, Decimal};
use super::dict::PyDict;
use super::error::{failure, not_iterable};
use super::list::PyList;
use super::set::PySet;

/// Python's name for a value's type.
pub(crate) fn type_name(value: &Value) -> &'static str {
    match value.kind() {
        ValueKind::None => "NoneType",
        ValueKind::Undefined => "Undefined",
        ValueKind::Bool => "bool",
        ValueKind::Number if value.is_integer() => "int",
        ValueKind::Number => "float",
        ValueKind::String => "str",
        ValueKind::Bytes => "bytes",
        _ if value.is_tuple() => "tuple",
        _ if value.downcast_object_ref::<PySet>().is_some() => "set",
        ValueKind::Seq | ValueKind::Iterable => "list",
        ValueKind::Map => "dict",
        _ if Decimal::of(value).is_some() => "decimal.Decimal",
        _ => "object",
    }
}

/// The items of what Python can iterate: a dict gives its keys, a string its characters; none and numbers refuse.
pub(crate) fn iterate(value: &Value) -> Result<Vec<Value>, Error> {
    if let Some(list) = value.downcast_object_ref::<PyList>() {
        return Ok(list.snapshot());
    }
    if let Some(set) = value.downcast_object_ref::<PySet>() {
        return Ok(set.snapshot());
    }
    if value.is_none() {
        return Err(not_iterable(value));
    }
    value.try_iter().map_err(|_| not_iterable(value))?.checked().collect()
}

/// The pairs of a mapping, in order; `None` for anything else.
pub(crate) fn pairs(value: &Value) -> Option<Vec<(Value, Value)>> {
    if let Some(dict) = value.downcast_object_ref::<PyDict>() {
        return Some(dict.snapshot());
    }
    let object = value.as_object()?;
    (object.repr() == ObjectRepr::Map)
        .then(|| object.try_iter_pairs().map(Iterator::collect).unwrap_or_default())
}

/// An integer as Python's index protocol wants it; booleans count.
pub(crate) fn integer(value: &Value) -> Result<i64, Error> {
    if value.kind() == ValueKind::Bool {
        return Ok(i64::from(value.is_true()));
    }
    if value.is_integer()
        && let Some(number) = value.as_i64()
    {
        return Ok(number);
    }
    Err(failure(format!("'{}' object cannot be interpreted as an integer", type_name(value))))
}

pub(crate) fn float(value: &Value) -> Option<f64> {
    match value.kind() {
        ValueKind::Number | ValueKind::Bool => f64::try_from(value.clone())
            .ok()
            .or_else(|| i128::try_from(value.clone()).ok().map(|number| number as f64)),
        _ => None,
    }
}

pub(crate) fn tuple(items: Vec<Value>) -> Value {
    Value::from(minijinja::value::Tuple::from(items))
}

/// Start, stop and step of a slice of `length` items, by Python's rules for what is missing, negative or too large.
pub(crate) fn slice_indexes(
    length: usize,
    first: &Value,
    end: &Value,
    interval: &Value,
) -> Result<Vec<usize>, Error> {
    let bound = |value: &Value| {
        if value.is_none() || value.is_undefined() { Ok(None) } else { integer(value).map(Some) }
    };
    let step = bound(interval)?.unwrap_or(1);
    if step == 0 {
        return Err(failure("slice step cannot be zero"));
    }
    let length = length as i64;
    let (lowest, highest) = if step > 0 { (0, length) } else { (-1, length - 1) };
    let clamp = |value: Option<i64>, default: i64| match value {
        None => default,
        Some(value) => {
            (if value < 0 { value.saturating_add(length) } else { value }).clamp(lowest, highest)
        }
    };
    let (default_first, default_end) = if step > 0 { (lowest, highest) } else { (highest, lowest) };
    let mut position = clamp(bound(first)?, default_first);
    let end = clamp(bound(end)?, default_end);
    let mut indexes = Vec::new();
    while (step > 0 && position < end) || (step < 0 && position > end) {
        indexes.push(position as usize);
        position = match position.checked_add(step) {
            Some(next) => next,
            None => break,
        };
    }
    Ok(indexes)
}

/// Sorts as Python does: stable, and an error for values that have no order between them.
pub(crate) fn sort_values<T>(
    items: &mut [T],
    key: impl Fn(&T) -> Value,
    descending: bool,
) -> Result<(), Error> {
    let mut mixed = None;
    items.sort_by(|left, right| {
        let (left, right) = (key(left), key(right));
        match compare(&left, &right) {
            Ok(ordering) if descending => ordering.reverse(),
            Ok(ordering) => ordering,
            Err(error) => {
                mixed.get_or_insert(error);
                std::cmp::Ordering::Equal
            }
        }
    });
    mixed.map_or(Ok(()), Err)
}

/// Python's order of two values of comparable types.
pub(crate) fn compare(left: &Value, right: &Value) -> Result<std::cmp::Ordering, Error> {
    let class = |value: &Value| match value.kind() {
        ValueKind::Bool | ValueKind::Number => 0,
        ValueKind::Plain if Decimal::of(value).is_some() => 0,
        ValueKind::String => 1,
        ValueKind::Seq | ValueKind::Iterable if value.is_tuple() => 2,
        ValueKind::Seq | ValueKind::Iterable => 3,
        ValueKind::Plain | ValueKind::Bytes => 4,
        _ => 5,
    };
    let (left_class, right_class) = (class(left), class(right));
    if left_class != right_class || left_class == 5 {
        return Err(failure(format!(
            "'<' not supported between instances of '{}' and '{}'",
            type_name(left),
            type_name(right)
        )));
    }
    if left_class == 0
        && let Some(ordering) = decimal::compare(left, right)
    {
        return ordering;
    }
    if left_class == 0
        && let (Some(left), Some(right)) = (float(left), float(right))
        && left.fract() + right.fract() != 0.0
    {
        return Ok(left.total_cmp(&right));
    }
    if left_class == 0 {
        let number = |value: &Value| i128::try_from(value.clone()).ok();
        if let (Some(left), Some(right)) = (number(left), number(right)) {
            return Ok(left.cmp(&right));
        }
    }
    if left_class == 2 || left_class == 3 {
        let (left, right) = (iterate(left)?, iterate(right)?);
        for (left, right) in left.iter().zip(&right) {
            if left != right {
                return compare(left, right);
            }
        }
        return Ok(left.len().cmp(&right.len()));
    }
    Ok(left.cmp(right))
}

thread_local! {
    static COMPARISONS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Compares two containers; those that contain themselves are taken as equal where Python would recurse too deeply.
pub(crate) fn compare_guarded(compare: impl FnOnce() -> std::cmp::Ordering) -> std::cmp::Ordering {
    const DEEPEST: usize = 200;
    let depth = COMPARISONS.get();
    if depth > DEEPEST {
        return std::cmp::Ordering::Equal;
    }
    COMPARISONS.set(depth + 1);
    let ordering = compare();
    COMPARISONS.set(depth);
    ordering
}
