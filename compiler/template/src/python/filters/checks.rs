//! The tests (`is …`) whose answers differ between minijinja and Jinja2 on Python's values.

use minijinja::value::{ObjectRepr, ValueKind};
use minijinja::{Environment, Error, Value};

use super::{is_undefined, text};
use crate::python::decimal::Decimal;
use crate::python::error::failure;
use crate::python::set::PySet;
use crate::python::values::{integer, pairs};

pub(super) fn install(environment: &mut Environment<'static>) {
    environment.add_test("defined", |value: Value| !is_undefined(&value));
    environment.add_test("undefined", |value: Value| is_undefined(&value));
    environment.add_test("none", |value: Value| value.is_none());
    environment.add_test("string", |value: Value| value.kind() == ValueKind::String);
    environment.add_test("boolean", |value: Value| value.kind() == ValueKind::Bool);
    // To Python, True and False are numbers.
    environment.add_test("number", |value: Value| {
        matches!(value.kind(), ValueKind::Number | ValueKind::Bool) || Decimal::of(&value).is_some()
    });
    environment.add_test("integer", |value: Value| value.is_integer());
    environment
        .add_test("float", |value: Value| value.kind() == ValueKind::Number && !value.is_integer());
    environment.add_test("mapping", |value: Value| {
        (pairs(&value).is_some() && !is_callable(&value)) || is_described(&value)
    });
    environment.add_test("sequence", |value: Value| is_sequence(&value));
    environment.add_test("iterable", |value: Value| {
        is_undefined(&value)
            || (!value.is_none() && value.try_iter().is_ok() && !is_callable(&value))
    });
    environment.add_test("callable", |value: Value| is_callable(&value));
    environment.add_test("odd", |value: Value| -> Result<bool, Error> {
        remainder(&value, 2).map(|rest| rest != 0)
    });
    environment.add_test("even", |value: Value| -> Result<bool, Error> {
        remainder(&value, 2).map(|rest| rest == 0)
    });
    environment.add_test("divisibleby", |value: Value, divisor: Value| -> Result<bool, Error> {
        match integer(&divisor)? {
            0 => Err(failure("integer division or modulo by zero")),
            divisor => Ok(remainder(&value, divisor)? == 0),
        }
    });
    environment.add_test("lower", |value: Value| {
        let text = text(&value);
        text.chars().any(char::is_lowercase) && !text.chars().any(char::is_uppercase)
    });
    environment.add_test("upper", |value: Value| {
        let text = text(&value);
        text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase)
    });
    environment.add_test("in", |value: Value, container: Value| -> Result<bool, Error> {
        if let Some(text) = container.as_str() {
            let part = value.as_str();
            return part
                .map(|part| text.contains(part))
                .ok_or_else(|| failure("'in <string>' requires string as left operand"));
        }
        if let Some(entries) = pairs(&container) {
            return Ok(entries.iter().any(|(key, _)| *key == value));
        }
        Ok(crate::python::values::iterate(&container)?.contains(&value))
    });
}

fn remainder(value: &Value, divisor: i64) -> Result<i64, Error> {
    match Decimal::of(value).map(Decimal::to_whole) {
        Some(Some(number)) => Ok(i64::try_from(number % i128::from(divisor)).unwrap_or(0)),
        // A number with places is neither odd nor even, and divisible by no integer.
        Some(None) => Ok(-1),
        None => Ok(integer(value)? % divisor),
    }
}

/// Has a length and items by index: strings, lists, tuples and dicts, but no sets.
fn is_sequence(value: &Value) -> bool {
    match value.kind() {
        ValueKind::String | ValueKind::Bytes | ValueKind::Undefined => true,
        ValueKind::Seq | ValueKind::Iterable => value.downcast_object_ref::<PySet>().is_none(),
        ValueKind::Map => pairs(value).is_some() && !is_callable(value),
        _ => false,
    }
}

/// Functions and macros print in angle brackets or as a type's path; data never does.
fn is_callable(value: &Value) -> bool {
    let Some(object) = value.as_object() else { return false };
    match object.repr() {
        ObjectRepr::Plain => !crate::python::is_data_object(value),
        ObjectRepr::Map => {
            value.downcast_object_ref::<crate::python::PyDict>().is_none()
                && text(value).starts_with("<macro")
        }
        _ => crate::language::ParseUndefined::is(value),
    }
}

/// dbt's relations and columns are mappings to templates, with what they are under `metadata`.
fn is_described(value: &Value) -> bool {
    value.kind() == ValueKind::Plain
        && value.get_attr("metadata").is_ok_and(|metadata| !metadata.is_undefined())
}
