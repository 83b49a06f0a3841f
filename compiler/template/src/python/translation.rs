//! `str.maketrans` and `str.translate`: characters for characters.

use minijinja::{Error, Value};

use super::arguments::Arguments;
use super::dict::{PyDict, pairs_of};
use super::error::failure;
use super::values::integer;

/// `str.maketrans(x, y, z)`: a dict by code points; what is to be left out has `None`.
pub(super) fn make(arguments: &mut Arguments<'_>) -> Result<Value, Error> {
    let first = arguments.required("x")?;
    let Some(second) = arguments.take_text("y")? else { return by_code_points(&first) };
    let removed = arguments.take_text("z")?.unwrap_or_default();
    let Some(first) = first.as_str() else {
        return Err(failure(
            "first maketrans argument must be a string if there is a second argument",
        ));
    };
    if first.chars().count() != second.chars().count() {
        return Err(failure("the first two maketrans arguments must have equal length"));
    }
    let replaced = first.chars().zip(second.chars());
    let replaced = replaced.map(|(from, to)| (code_point(from), code_point(to)));
    let removed = removed.chars().map(|character| (code_point(character), Value::from(())));
    Ok(Value::from_object(PyDict::from_pairs(replaced.chain(removed))))
}

fn code_point(character: char) -> Value {
    Value::from(u32::from(character))
}

fn by_code_points(table: &Value) -> Result<Value, Error> {
    let pairs = pairs_of(table)
        .map_err(|_| failure("if you give only one argument to maketrans it must be a dict"))?;
    let key = |key: Value| {
        let Some(text) = key.as_str() else { return Ok(key.clone()) };
        let mut characters = text.chars();
        match (characters.next(), characters.next()) {
            (Some(character), None) => Ok(code_point(character)),
            _ => Err(failure("string keys in translate table must be of length 1")),
        }
    };
    let pairs = pairs.into_iter().map(|(name, value)| Ok((key(name)?, value)));
    Ok(Value::from_object(PyDict::from_pairs(pairs.collect::<Result<Vec<_>, Error>>()?)))
}

/// `str.translate(table)`: by code point another one, a text or `None`; what the table does not have stays.
pub(super) fn translate(text: &str, table: &Value) -> Result<String, Error> {
    let pairs = pairs_of(table)?;
    let mut result = String::with_capacity(text.len());
    for character in text.chars() {
        let found = pairs.iter().find(|(key, _)| *key == code_point(character));
        match found.map(|(_, value)| value) {
            None => result.push(character),
            Some(value) if value.is_none() => {}
            Some(value) => match value.as_str() {
                Some(text) => result.push_str(text),
                None => result.push(character_of(value)?),
            },
        }
    }
    Ok(result)
}

fn character_of(value: &Value) -> Result<char, Error> {
    let code = u32::try_from(integer(value)?).ok();
    code.and_then(char::from_u32)
        .ok_or_else(|| failure("character mapping must be in range(0x110000)"))
}
