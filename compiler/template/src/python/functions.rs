//! The functions that every template has, whatever its context.

use std::sync::{Arc, Mutex, PoisonError};

use md5::{Digest, Md5};
use minijinja::value::{Object, ObjectRepr, Rest};
use minijinja::{Environment, Error, State, Value};

use super::arguments::Arguments;
use super::dict::{PyDict, pairs_of};
use super::error::failure;
use super::list::PyList;
use super::set::PySet;
use super::values::{integer, iterate, pairs, tuple};

/// A `range` may not be longer than this.
const LONGEST_RANGE: i64 = 1_000_000;

pub(crate) fn install(environment: &mut Environment<'static>) {
    environment.add_function("range", range);
    environment.add_function("dict", |values: Values| dict(&values.0));
    environment.add_function("set", |values: Values| set("set", &values.0));
    environment.add_function("set_strict", |values: Values| set("set_strict", &values.0));
    environment.add_function("zip", |values: Values| zip("zip", &values.0));
    environment.add_function("zip_strict", |values: Values| zip("zip_strict", &values.0));
    environment.add_function("cycler", |values: Rest<Value>| -> Result<Value, Error> {
        if values.is_empty() {
            return Err(failure("at least one item has to be provided"));
        }
        Ok(Value::from_object(Cycler { items: values.0, position: Mutex::new(0) }))
    });
    environment.add_function("joiner", |separator: Option<Value>| {
        Value::from_object(Joiner {
            separator: separator.unwrap_or_else(|| Value::from(", ")),
            is_used: Mutex::new(false),
        })
    });
    environment.add_function("local_md5", |text: Value| -> Result<String, Error> {
        let text = text.as_str().ok_or_else(|| failure("local_md5() takes a string"))?;
        Ok(adapter_interface::hexadecimal(&Md5::digest(text.as_bytes())))
    });
    environment.add_function("diff_of_two_dicts", |first: Value, second: Value| {
        diff_of_two_dicts(&first, &second)
    });
    environment.add_function("print", |state: &mut State<'_, '_>, value: Value| {
        if let Some(scope) = crate::language::scope_of(state) {
            scope.print(&super::repr::to_text(&value));
        }
        ""
    });
    super::json::install(environment);
}

/// All arguments of a call as the engine passes them, keyword arguments last.
pub(crate) struct Values(pub Vec<Value>);

impl<'a> minijinja::value::ArgType<'a> for Values {
    type Output = Self;

    fn from_value(value: Option<&'a Value>) -> Result<Self, Error> {
        Ok(Self(value.cloned().into_iter().collect()))
    }

    fn from_state_and_values(
        _state: Option<&'a State<'_, '_>>,
        values: &'a [Value],
        offset: usize,
    ) -> Result<(Self, usize), Error> {
        let rest = values.get(offset..).unwrap_or_default();
        Ok((Self(rest.to_vec()), rest.len()))
    }

    fn from_state_and_values_mut(
        _state: Option<&State<'_, '_>>,
        values: &'a [Value],
        offset: usize,
    ) -> Result<(Self, usize), Error> {
        let rest = values.get(offset..).unwrap_or_default();
        Ok((Self(rest.to_vec()), rest.len()))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the engine hands over values")]
fn range(first: Value, second: Option<Value>, interval: Option<Value>) -> Result<Value, Error> {
    crate::interrupt::heed()?;
    let (start, end) = match &second {
        Some(second) => (integer(&first)?, integer(second)?),
        None => (0, integer(&first)?),
    };
    let step = interval.as_ref().map_or(Ok(1), integer)?;
    if step == 0 {
        return Err(failure("range() arg 3 must not be zero"));
    }
    let distance = if step > 0 { end.saturating_sub(start) } else { start.saturating_sub(end) };
    let length = distance / step.checked_abs().unwrap_or(i64::MAX);
    if length > LONGEST_RANGE {
        return Err(failure(format!("range() is longer than {LONGEST_RANGE} items")));
    }
    let mut items = Vec::with_capacity(length.max(0) as usize);
    let mut number = start;
    while (step > 0 && number < end) || (step < 0 && number > end) {
        items.push(Value::from(number));
        match number.checked_add(step) {
            Some(next) => number = next,
            None => break,
        }
    }
    Ok(PyList::from(items).into())
}

fn dict(values: &[Value]) -> Result<Value, Error> {
    let mut arguments = Arguments::new("dict", values);
    let mut entries = match arguments.take("iterable") {
        Some(value) => pairs_of(&value)?,
        None => Vec::new(),
    };
    entries
        .extend(arguments.keywords().into_iter().map(|(name, value)| (Value::from(name), value)));
    arguments.finish()?;
    Ok(PyDict::from_pairs(entries).into())
}

/// dbt's `set(value, default)` gives the default for what cannot be a set; `set_strict` refuses it.
fn set(name: &str, values: &[Value]) -> Result<Value, Error> {
    let mut arguments = Arguments::new(name, values);
    let value = arguments.required("value")?;
    let default = if name == "set" {
        Some(arguments.take("default").unwrap_or(Value::from(())))
    } else {
        None
    };
    arguments.finish()?;
    match (iterate(&value).and_then(PySet::from_items), default) {
        (Ok(set), _) => Ok(set.into()),
        (Err(_), Some(default)) => Ok(default),
        (Err(error), None) => Err(error),
    }
}

/// `zip(a, b, default=none)` as dbt has it: without `default` an argument that cannot be iterated gives none.
fn zip(name: &str, values: &[Value]) -> Result<Value, Error> {
    let mut arguments = Arguments::new(name, values);
    let default = arguments.take_keyword("default");
    let columns: Result<Vec<Vec<Value>>, Error> = arguments.rest().iter().map(iterate).collect();
    arguments.finish()?;
    match columns {
        Ok(columns) => {
            let length = columns.iter().map(Vec::len).min().unwrap_or(0);
            let rows = (0..length)
                .map(|row| tuple(columns.iter().map(|column| column[row].clone()).collect()));
            Ok(PyList::from(rows.collect::<Vec<_>>()).into())
        }
        Err(error) if name == "zip_strict" => Err(error),
        Err(_) => Ok(default.unwrap_or(Value::from(()))),
    }
}

/// dbt: for each key of the first dict, the items of its list that the second dict's list lacks, compared without case.
fn diff_of_two_dicts(first: &Value, second: &Value) -> Result<Value, Error> {
    let lower = |value: &Value| {
        value.as_str().map_or_else(|| value.clone(), |text| Value::from(text.to_lowercase()))
    };
    let second: Vec<(Value, Vec<Value>)> = pairs(second)
        .unwrap_or_default()
        .iter()
        .map(|(key, items)| Ok((lower(key), iterate(items)?.iter().map(lower).collect())))
        .collect::<Result<_, Error>>()?;
    let mut result = Vec::new();
    for (key, items) in pairs(first).unwrap_or_default() {
        let others = second.iter().find(|(other, _)| *other == lower(&key)).map(|(_, items)| items);
        let missing: Vec<Value> = iterate(&items)?
            .into_iter()
            .filter(|item| !others.is_some_and(|others| others.contains(&lower(item))))
            .collect();
        if !missing.is_empty() {
            result.push((key, PyList::from(missing).into()));
        }
    }
    Ok(PyDict::from_pairs(result).into())
}

#[derive(Debug)]
struct Cycler {
    items: Vec<Value>,
    position: Mutex<usize>,
}

impl Object for Cycler {
    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let position = *self.position.lock().unwrap_or_else(PoisonError::into_inner);
        (key == "current").then(|| self.items[position].clone())
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        name: &str,
        _values: &[Value],
    ) -> Result<Value, Error> {
        let mut position = self.position.lock().unwrap_or_else(PoisonError::into_inner);
        match name {
            "next" => {
                let item = self.items[*position].clone();
                *position = (*position + 1) % self.items.len();
                Ok(item)
            }
            "reset" => {
                *position = 0;
                Ok(Value::from(()))
            }
            _ => Err(Error::from(minijinja::ErrorKind::UnknownMethod)),
        }
    }
}

#[derive(Debug)]
struct Joiner {
    separator: Value,
    is_used: Mutex<bool>,
}

impl Object for Joiner {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        _values: &[Value],
    ) -> Result<Value, Error> {
        let mut is_used = self.is_used.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(if std::mem::replace(&mut *is_used, true) {
            self.separator.clone()
        } else {
            Value::from("")
        })
    }
}
