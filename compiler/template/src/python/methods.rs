//! Methods of values that are no objects of ours: strings, numbers, tuples, and what Rust code hands in.

use minijinja::value::{ObjectRepr, ValueKind};
use minijinja::{Error, State, Value};

use super::arguments::Arguments;
use super::dict::mapping_method;
use super::error::no_attribute;
use super::list::{PyList, sequence_method};
use super::values::{iterate, pairs, slice_indexes, tuple};
use super::{number, text};

/// Called by the engine when a value has no such method of its own.
pub(crate) fn unknown_method(
    _state: &mut State<'_, '_>,
    value: &Value,
    name: &str,
    values: &[Value],
) -> Result<Value, Error> {
    if name == "__slice__" {
        return slice(value, values);
    }
    let result = match value.kind() {
        ValueKind::String => text::method(value.as_str().unwrap_or_default(), name, values)?,
        ValueKind::Number | ValueKind::Bool => number::method(value, name, values)?,
        ValueKind::Bytes => {
            number::bytes_method(value.as_bytes().unwrap_or_default(), name, values)?
        }
        ValueKind::Seq | ValueKind::Iterable if matches!(name, "index" | "count") => {
            Some(sequence_method(&iterate(value)?, name, Arguments::new(name, values))?)
        }
        ValueKind::Iterable | ValueKind::Seq if name == "copy" => {
            Some(PyList::from(iterate(value)?).into())
        }
        ValueKind::Map => match pairs(value) {
            Some(entries) => mapping_method(&entries, name, Arguments::new(name, values))?,
            None => None,
        },
        _ => None,
    };
    result.ok_or_else(|| no_attribute(value, name))
}

/// `value[start:stop:step]`: a string gives a string, a tuple a tuple, anything else a new list.
fn slice(value: &Value, bounds: &[Value]) -> Result<Value, Error> {
    let none = Value::from(());
    let bound = |index: usize| bounds.get(index).unwrap_or(&none);
    if let Some(text) = value.as_str() {
        let characters: Vec<char> = text.chars().collect();
        let indexes = slice_indexes(characters.len(), bound(0), bound(1), bound(2))?;
        return Ok(Value::from(
            indexes.into_iter().map(|index| characters[index]).collect::<String>(),
        ));
    }
    if value.is_undefined()
        || value.is_none()
        || value.as_object().is_some_and(|object| object.repr() == ObjectRepr::Map)
    {
        return Err(super::error::failure(format!(
            "'{}' object is not subscriptable",
            super::values::type_name(value)
        )));
    }
    let items = iterate(value)?;
    let indexes = slice_indexes(items.len(), bound(0), bound(1), bound(2))?;
    let part: Vec<Value> = indexes.into_iter().map(|index| items[index].clone()).collect();
    Ok(if value.is_tuple() { tuple(part) } else { PyList::from(part).into() })
}
