//! What a relation says of a user-defined function: dbt's `FunctionConfig`, and the macro that it names.

use minijinja::value::Value;
use minijinja::{Error, ErrorKind};

use super::plain::{dictionary, none};
use crate::python::arguments::Arguments;

/// `relation.get_function_config(model)`: kind and language; none for what is no function.
///
/// Functions in Python need a version to run with and an entry point, as in dbt.
pub(crate) fn function_config(arguments: &[Value]) -> Result<Value, Error> {
    let model = Arguments::new("get_function_config", arguments).required("model")?;
    if model.get_attr("resource_type")?.as_str() != Some("function") {
        return Ok(none());
    }
    let config = model.get_attr("config")?;
    let language = model.get_attr("language")?;
    let mut fields = vec![("language", language.clone())];
    for key in ["type", "runtime_version", "entry_point"] {
        let value = config.get_attr(key)?;
        fields.push((key, if value.is_undefined() { none() } else { value }));
    }
    if language.as_str() == Some("python") {
        for (key, message) in [
            ("runtime_version", "A `runtime_version` is required for python functions"),
            ("entry_point", "An `entry_point` is required for python functions"),
        ] {
            if fields.iter().any(|(name, value)| *name == key && value.is_none()) {
                return Err(Error::new(ErrorKind::InvalidOperation, message));
            }
        }
    }
    Ok(dictionary(fields))
}

/// `relation.get_function_macro_name(config)`: `scalar_function_sql`.
pub(crate) fn function_macro_name(arguments: &[Value]) -> Result<Value, Error> {
    let config = Arguments::new("get_function_macro_name", arguments).required("config")?;
    let (kind, language) = (config.get_attr("type")?, config.get_attr("language")?);
    Ok(Value::from(format!("{kind}_function_{language}")))
}
