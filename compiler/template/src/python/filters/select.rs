//! Filters that call other filters or tests on each item: `map`, `select`, `reject` and their kin.

use minijinja::{Environment, Error, State, Value};

use super::{attribute, items};
use crate::python::arguments::Arguments;
use crate::python::error::failure;
use crate::python::functions::Values;
use crate::python::list::PyList;

pub(super) fn install(environment: &mut Environment<'static>) {
    environment.add_filter("map", |state: &mut State<'_, '_>, value: Value, values: Values| {
        map(state, &value, &values.0)
    });
    for (name, keep, by_attribute) in [
        ("select", true, false),
        ("reject", false, false),
        ("selectattr", true, true),
        ("rejectattr", false, true),
    ] {
        environment.add_filter(
            name,
            move |state: &mut State<'_, '_>, value: Value, values: Values| {
                choose(state, &value, values.0, &Choice { name, keep, by_attribute })
            },
        );
    }
}

fn map(state: &mut State<'_, '_>, value: &Value, values: &[Value]) -> Result<Value, Error> {
    let mut result = Vec::new();
    let mut arguments = Arguments::new("map", values);
    if let Some(path) = arguments.take_keyword("attribute") {
        let default = arguments.take_keyword("default");
        arguments.finish()?;
        for item in truthy_items(value)? {
            let part = attribute(&item, &path)?;
            result.push(match (&default, part.is_undefined()) {
                (Some(default), true) => default.clone(),
                _ => part,
            });
        }
        return Ok(PyList::from(result).into());
    }
    let Some((name, rest)) = values.split_first() else {
        return Err(failure("map requires a filter argument"));
    };
    let name = name.as_str().ok_or_else(|| failure("map requires the name of a filter"))?;
    for item in truthy_items(value)? {
        let mut call = vec![item];
        call.extend_from_slice(rest);
        result.push(apply(state, name, &call)?);
    }
    Ok(PyList::from(result).into())
}

fn apply(state: &mut State<'_, '_>, name: &str, call: &[Value]) -> Result<Value, Error> {
    state.apply_filter(name, call).map_err(|error| named(error, "filter", name))
}

/// The engine leaves the name out when a filter or test is looked up by name.
fn named(error: Error, what: &str, name: &str) -> Error {
    use minijinja::ErrorKind::{UnknownFilter, UnknownTest};
    if matches!(error.kind(), UnknownFilter | UnknownTest) && error.detail().is_none() {
        return Error::new(error.kind(), format!("{what} {name} is unknown"));
    }
    error
}

/// As in Jinja2, these filters find no items in anything that counts as false, be it `none`.
fn truthy_items(value: &Value) -> Result<Vec<Value>, Error> {
    if value.is_true() { items(value) } else { Ok(Vec::new()) }
}

struct Choice {
    name: &'static str,
    keep: bool,
    by_attribute: bool,
}

fn choose(
    state: &mut State<'_, '_>,
    value: &Value,
    mut values: Vec<Value>,
    choice: &Choice,
) -> Result<Value, Error> {
    let path = if choice.by_attribute {
        if values.is_empty() {
            return Err(failure(format!("{} requires an attribute", choice.name)));
        }
        Some(values.remove(0))
    } else {
        None
    };
    let test = if values.is_empty() { None } else { Some(values.remove(0)) };
    let test = match &test {
        None => None,
        Some(name) => Some(
            name.as_str()
                .ok_or_else(|| failure(format!("{} requires the name of a test", choice.name)))?,
        ),
    };
    let mut result = Vec::new();
    for item in truthy_items(value)? {
        let tested = match &path {
            Some(path) => attribute(&item, path)?,
            None => item.clone(),
        };
        let passes = match test {
            None => tested.is_true(),
            Some(test) => {
                let mut call = vec![tested];
                call.extend_from_slice(&values);
                state.perform_test(test, &call).map_err(|error| named(error, "test", test))?
            }
        };
        if passes == choice.keep {
            result.push(item);
        }
    }
    Ok(PyList::from(result).into())
}
