//! `==`, `<` and their like, which `language::rewrite` puts in the place of the engine's where a decimal may stand.

use std::cmp::Ordering;

use minijinja::value::ValueKind;
use minijinja::{Environment, Error, Value};

use super::decimal::{self, Decimal};
use super::error::failure;
use super::values::type_name;
use crate::language::Converted;

pub(crate) fn install(environment: &mut Environment<'static>) {
    environment.add_function("__eq", |left: Value, right: Value| is_equal(&left, &right));
    environment.add_function("__ne", |left: Value, right: Value| !is_equal(&left, &right));
    environment.add_function("__lt", |left: Value, right: Value| {
        ordered("<", &left, &right, Ordering::is_lt)
    });
    environment.add_function("__le", |left: Value, right: Value| {
        ordered("<=", &left, &right, Ordering::is_le)
    });
    environment.add_function("__gt", |left: Value, right: Value| {
        ordered(">", &left, &right, Ordering::is_gt)
    });
    environment.add_function("__ge", |left: Value, right: Value| {
        ordered(">=", &left, &right, Ordering::is_ge)
    });
}

fn is_equal(left: &Value, right: &Value) -> bool {
    match decimal::compare(left, right) {
        Some(ordering) => ordering.is_ok_and(Ordering::is_eq),
        None => match (text_of(left), text_of(right)) {
            (Some(left), Some(right)) => left == right,
            _ => left == right,
        },
    }
}

/// A text, also one that remembers what it is to become.
fn text_of(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| Converted::text_of(value))
}

fn ordered(
    symbol: &str,
    left: &Value,
    right: &Value,
    is_wanted: fn(Ordering) -> bool,
) -> Result<bool, Error> {
    if let Some(ordering) = decimal::compare(left, right) {
        return ordering.map(is_wanted);
    }
    // Numbers and truth values have an order among themselves; so have texts, lists and the values of one type.
    let class = |value: &Value| match value.kind() {
        ValueKind::Bool => ValueKind::Number,
        ValueKind::Iterable => ValueKind::Seq,
        ValueKind::Plain if Decimal::of(value).is_some() => ValueKind::Number,
        kind => kind,
    };
    let (left_class, right_class) = (class(left), class(right));
    let is_unordered = |class: ValueKind| matches!(class, ValueKind::None | ValueKind::Map);
    if left_class != right_class || is_unordered(left_class) {
        let is_known = |class: ValueKind| {
            matches!(
                class,
                ValueKind::None
                    | ValueKind::Number
                    | ValueKind::String
                    | ValueKind::Seq
                    | ValueKind::Map
            )
        };
        if is_known(left_class) && is_known(right_class) {
            return Err(failure(format!(
                "'{symbol}' not supported between instances of '{}' and '{}'",
                type_name(left),
                type_name(right)
            )));
        }
    }
    Ok(match symbol {
        "<" => left < right,
        "<=" => left <= right,
        ">" => left > right,
        _ => left >= right,
    })
}
