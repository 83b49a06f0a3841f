//! Filters over the items of a value: parts of it, joins, lengths.

use md5::{Digest, Md5};
use minijinja::{Environment, Error, State, Value};

use super::{attribute, is_undefined, items, length, text};
use crate::language::scope_of;
use crate::python::arguments::Arguments;
use crate::python::dict::PyDict;
use crate::python::error::failure;
use crate::python::functions::Values;
use crate::python::list::PyList;
use crate::python::operators::add;
use crate::python::values::{integer, pairs, tuple, type_name};

/// Rows and columns beyond this are taken for a mistake.
const MOST_COLUMNS: usize = 1_000_000;

/// One of the items: another one with each look and in each invocation, though all but by chance.
fn any_of(state: &State<'_, '_>, items: &[Value]) -> Value {
    let Some(scope) = scope_of(state) else { return items.first().cloned().unwrap_or_default() };
    let invocation = scope.lookup_builtin("invocation_id").unwrap_or_default();
    let digest = Md5::digest(format!("{invocation} {}", scope.count_look()));
    let number = digest
        .iter()
        .fold(0, |number, byte| (number * 256 + usize::from(*byte)) % items.len().max(1));
    items.get(number).cloned().unwrap_or(Value::UNDEFINED)
}

pub(super) fn install(environment: &mut Environment<'static>) {
    environment.add_filter("list", |value: Value| -> Result<Value, Error> {
        Ok(PyList::from(items(&value)?).into())
    });
    for name in ["length", "count"] {
        environment.add_filter(name, |value: Value| length(&value));
    }
    environment.add_filter("first", |value: Value| -> Result<Value, Error> {
        Ok(items(&value)?.first().cloned().unwrap_or(Value::UNDEFINED))
    });
    environment.add_filter("last", |value: Value| -> Result<Value, Error> {
        Ok(items(&value)?.last().cloned().unwrap_or(Value::UNDEFINED))
    });
    environment.add_filter("random", |state: &mut State<'_, '_>, value: Value| {
        items(&value).map(|items| any_of(state, &items))
    });
    environment.add_filter("reverse", |value: Value| -> Result<Value, Error> {
        if let Some(text) = value.as_str() {
            return Ok(Value::from(text.chars().rev().collect::<String>()));
        }
        let mut reversed = items(&value)?;
        reversed.reverse();
        Ok(PyList::from(reversed).into())
    });
    environment.add_filter("join", |value: Value, values: Values| join(&value, &values.0));
    environment.add_filter("sum", |value: Value, values: Values| sum(&value, &values.0));
    environment.add_filter("batch", |value: Value, values: Values| batch(&value, &values.0));
    environment.add_filter("slice", |value: Value, values: Values| slice(&value, &values.0));
    environment.add_filter("items", |value: Value| -> Result<Value, Error> {
        if is_undefined(&value) {
            return Ok(PyList::default().into());
        }
        let entries =
            pairs(&value).ok_or_else(|| failure("Can only get item pairs from a mapping."))?;
        Ok(PyList::from(
            entries.into_iter().map(|(key, value)| tuple(vec![key, value])).collect::<Vec<_>>(),
        )
        .into())
    });
    for name in ["default", "d"] {
        environment.add_filter(name, |value: Value, values: Values| -> Result<Value, Error> {
            let mut arguments = Arguments::new("default", &values.0);
            let default = arguments.take("default_value").unwrap_or_else(|| Value::from(""));
            let also_false = arguments.take_flag("boolean");
            arguments.finish()?;
            Ok(if is_undefined(&value) || (also_false && !value.is_true()) {
                default
            } else {
                value
            })
        });
    }
    environment.add_filter("attr", |value: Value, name: Value| -> Result<Value, Error> {
        match name.as_str() {
            // Only attributes, never items (Jinja2: `do_attr`).
            Some(name) if value.downcast_object_ref::<PyDict>().is_none() => value.get_attr(name),
            _ => Ok(Value::UNDEFINED),
        }
    });
}

fn join(value: &Value, values: &[Value]) -> Result<Value, Error> {
    let mut arguments = Arguments::new("join", values);
    let separator = arguments.take("d").map(|separator| text(&separator)).unwrap_or_default();
    let path = arguments.take("attribute").filter(|path| !path.is_none());
    arguments.finish()?;
    let mut result = String::new();
    for (index, item) in items(value)?.into_iter().enumerate() {
        if index > 0 {
            result.push_str(&separator);
        }
        let item = match &path {
            Some(path) => attribute(&item, path)?,
            None => item,
        };
        result.push_str(&text(&item));
    }
    Ok(Value::from(result))
}

fn sum(value: &Value, values: &[Value]) -> Result<Value, Error> {
    let mut arguments = Arguments::new("sum", values);
    let path = arguments.take("attribute").filter(|path| !path.is_none());
    let mut total = arguments.take("start").unwrap_or_else(|| Value::from(0));
    arguments.finish()?;
    for item in items(value)? {
        let item = match &path {
            Some(path) => attribute(&item, path)?,
            None => item,
        };
        total = add(total, item)?;
    }
    Ok(total)
}

fn positive(name: &str, value: &Value) -> Result<usize, Error> {
    usize::try_from(integer(value)?)
        .ok()
        .filter(|count| (1..=MOST_COLUMNS).contains(count))
        .ok_or_else(|| failure(format!("{name}: the count must be between 1 and {MOST_COLUMNS}")))
}

fn batch(value: &Value, values: &[Value]) -> Result<Value, Error> {
    let mut arguments = Arguments::new("batch", values);
    let count = positive("batch", &arguments.required("linecount")?)?;
    let fill = arguments.take("fill_with").filter(|fill| !fill.is_none());
    arguments.finish()?;
    let rows = items(value)?
        .chunks(count)
        .map(|chunk| {
            let mut row = chunk.to_vec();
            if let Some(fill) = &fill {
                row.resize(count, fill.clone());
            }
            PyList::from(row).into()
        })
        .collect::<Vec<Value>>();
    Ok(PyList::from(rows).into())
}

fn slice(value: &Value, values: &[Value]) -> Result<Value, Error> {
    let mut arguments = Arguments::new("slice", values);
    let count = positive("slice", &arguments.required("slices")?)?;
    let fill = arguments.take("fill_with").filter(|fill| !fill.is_none());
    arguments.finish()?;
    let all = items(value)?;
    let (size, longer) = (all.len() / count, all.len() % count);
    let mut start = 0;
    let mut columns: Vec<Value> = Vec::with_capacity(count);
    for index in 0..count {
        let end = start + size + usize::from(index < longer);
        let mut column = all[start..end].to_vec();
        if let (Some(fill), true) = (&fill, index >= longer && longer > 0) {
            column.push(fill.clone());
        }
        columns.push(PyList::from(column).into());
        start = end;
    }
    if type_name(value) == "dict" {
        return Err(failure("unhashable type: 'slice'"));
    }
    Ok(PyList::from(columns).into())
}
