//! Errors in Python's words.

use minijinja::{Error, ErrorKind, Value};

use super::values::type_name;

/// An error that a template's author caused, in Python's words.
pub fn failure(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message.into())
}

pub(crate) fn not_iterable(value: &Value) -> Error {
    failure(format!("'{}' object is not iterable", type_name(value)))
}

pub(crate) fn no_attribute(value: &Value, name: &str) -> Error {
    Error::new(
        ErrorKind::UnknownMethod,
        format!("'{}' object has no attribute '{name}'", type_name(value)),
    )
}
