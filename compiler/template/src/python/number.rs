//! The methods of Python's `int` and `float`, and of `bytes`.

use adapter_interface::hexadecimal;
use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use super::arguments::Arguments;
use super::error::failure;
use super::values::{float, tuple};

/// Calls a method of a number; `None` when there is no such method.
pub(crate) fn method(number: &Value, name: &str, values: &[Value]) -> Result<Option<Value>, Error> {
    let arguments = Arguments::new(name, values);
    let is_whole = number.is_integer() || number.kind() == ValueKind::Bool;
    let result = match name {
        "is_integer" => {
            Value::from(is_whole || float(number).is_some_and(|number| number.fract() == 0.0))
        }
        "bit_length" if is_whole => {
            let number = i128::try_from(number.clone())?.unsigned_abs();
            Value::from(u128::BITS - number.leading_zeros())
        }
        "conjugate" => number.clone(),
        "as_integer_ratio" if is_whole => tuple(vec![number.clone(), Value::from(1)]),
        "hex" if !is_whole => return Err(failure("float.hex() is not supported here")),
        _ => return Ok(None),
    };
    arguments.finish()?;
    Ok(Some(result))
}

/// Calls a method of `bytes`.
pub(crate) fn bytes_method(
    bytes: &[u8],
    name: &str,
    values: &[Value],
) -> Result<Option<Value>, Error> {
    let mut arguments = Arguments::new(name, values);
    let result = match name {
        "decode" => {
            arguments.take("encoding");
            arguments.take("errors");
            let text = std::str::from_utf8(bytes)
                .map_err(|error| failure(format!("'utf-8' codec can't decode: {error}")))?;
            Value::from(text)
        }
        "hex" => Value::from(hexadecimal(bytes)),
        _ => return Ok(None),
    };
    arguments.finish()?;
    Ok(Some(result))
}
