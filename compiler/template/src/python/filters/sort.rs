//! Filters that compare items: sorting, grouping, the smallest and largest, the distinct ones.

use std::fmt;
use std::sync::Arc;

use minijinja::value::{Enumerator, Object, ObjectRepr};
use minijinja::{Environment, Error, Value};

use super::{attribute, folded, items};
use crate::python::arguments::Arguments;
use crate::python::error::failure;
use crate::python::functions::Values;
use crate::python::list::PyList;
use crate::python::values::{compare, pairs, sort_values, tuple};

pub(super) fn install(environment: &mut Environment<'static>) {
    environment.add_filter("sort", |value: Value, values: Values| sort(&value, &values.0));
    environment.add_filter("dictsort", |value: Value, values: Values| dictsort(&value, &values.0));
    environment.add_filter("unique", |value: Value, values: Values| unique(&value, &values.0));
    environment.add_filter("min", |value: Value, values: Values| extreme("min", &value, &values.0));
    environment.add_filter("max", |value: Value, values: Values| extreme("max", &value, &values.0));
    environment.add_filter("groupby", |value: Value, values: Values| groupby(&value, &values.0));
}

/// The keys of items: their attributes, folded unless case counts. Several attributes are separated by commas.
fn keyed(
    values: Vec<Value>,
    path: Option<&Value>,
    is_case_sensitive: bool,
) -> Result<Vec<(Value, Value)>, Error> {
    let paths: Option<Vec<Value>> = path.map(|path| match path.as_str() {
        Some(path) => path.split(',').map(|part| Value::from(part.trim())).collect(),
        None => vec![path.clone()],
    });
    values
        .into_iter()
        .map(|item| {
            let key = match paths.as_deref() {
                None => folded(&item, is_case_sensitive),
                Some([path]) => folded(&attribute(&item, path)?, is_case_sensitive),
                Some(paths) => {
                    let parts: Result<Vec<_>, Error> = paths
                        .iter()
                        .map(|path| Ok(folded(&attribute(&item, path)?, is_case_sensitive)))
                        .collect();
                    tuple(parts?)
                }
            };
            Ok((key, item))
        })
        .collect()
}

fn sort(value: &Value, values: &[Value]) -> Result<Value, Error> {
    let mut arguments = Arguments::new("sort", values);
    let descending = arguments.take_flag("reverse");
    let is_case_sensitive = arguments.take_flag("case_sensitive");
    let path = arguments.take("attribute").filter(|path| !path.is_none());
    arguments.finish()?;
    let mut entries = keyed(items(value)?, path.as_ref(), is_case_sensitive)?;
    // Jinja2's keys are lists of attributes: of two that are equal it is never asked which is the smaller, none included.
    sort_values(&mut entries, |(key, _)| tuple(vec![key.clone()]), descending)?;
    Ok(PyList::from(entries.into_iter().map(|(_, item)| item).collect::<Vec<_>>()).into())
}

fn dictsort(value: &Value, values: &[Value]) -> Result<Value, Error> {
    let mut arguments = Arguments::new("dictsort", values);
    let is_case_sensitive = arguments.take_flag("case_sensitive");
    let by = arguments.take_text("by")?.unwrap_or_else(|| "key".to_owned());
    let descending = arguments.take_flag("reverse");
    arguments.finish()?;
    if by != "key" && by != "value" {
        return Err(failure("You can only sort by either \"key\" or \"value\""));
    }
    let mut entries = pairs(value).ok_or_else(|| failure("dictsort takes a mapping"))?;
    let part = |entry: &(Value, Value)| {
        folded(if by == "key" { &entry.0 } else { &entry.1 }, is_case_sensitive)
    };
    sort_values(&mut entries, part, descending)?;
    Ok(PyList::from(
        entries.into_iter().map(|(key, value)| tuple(vec![key, value])).collect::<Vec<_>>(),
    )
    .into())
}

fn unique(value: &Value, values: &[Value]) -> Result<Value, Error> {
    let mut arguments = Arguments::new("unique", values);
    let is_case_sensitive = arguments.take_flag("case_sensitive");
    let path = arguments.take("attribute").filter(|path| !path.is_none());
    arguments.finish()?;
    let mut seen = indexmap::IndexSet::new();
    let entries = keyed(items(value)?, path.as_ref(), is_case_sensitive)?;
    let distinct: Vec<Value> = entries
        .into_iter()
        .filter(|(key, _)| seen.insert(key.clone()))
        .map(|(_, item)| item)
        .collect();
    Ok(PyList::from(distinct).into())
}

fn extreme(name: &str, value: &Value, values: &[Value]) -> Result<Value, Error> {
    let mut arguments = Arguments::new(name, values);
    let is_case_sensitive = arguments.take_flag("case_sensitive");
    let path = arguments.take("attribute").filter(|path| !path.is_none());
    arguments.finish()?;
    let mut best: Option<(Value, Value)> = None;
    for (key, item) in keyed(items(value)?, path.as_ref(), is_case_sensitive)? {
        let is_better = match &best {
            None => true,
            Some((old, _)) if name == "min" => compare(&key, old)?.is_lt(),
            Some((old, _)) => compare(&key, old)?.is_gt(),
        };
        if is_better {
            best = Some((key, item));
        }
    }
    Ok(best.map_or(Value::UNDEFINED, |(_, item)| item))
}

fn groupby(value: &Value, values: &[Value]) -> Result<Value, Error> {
    let mut arguments = Arguments::new("groupby", values);
    let path = arguments.required("attribute")?;
    let default = arguments.take("default");
    let is_case_sensitive = arguments.take_flag("case_sensitive");
    arguments.finish()?;
    let mut entries: Vec<(Value, Value)> = Vec::new();
    for item in items(value)? {
        let mut key = attribute(&item, &path)?;
        if key.is_undefined()
            && let Some(default) = &default
        {
            key = default.clone();
        }
        entries.push((key, item));
    }
    sort_values(&mut entries, |(key, _)| folded(key, is_case_sensitive), false)?;
    let mut groups: Vec<(Value, Vec<Value>)> = Vec::new();
    for (key, item) in entries {
        match groups.last_mut() {
            Some((last, group))
                if folded(last, is_case_sensitive) == folded(&key, is_case_sensitive) =>
            {
                group.push(item);
            }
            _ => groups.push((key, vec![item])),
        }
    }
    let groups = groups.into_iter().map(|(grouper, list)| {
        Value::from_object(Group { grouper, list: PyList::from(list).into() })
    });
    Ok(PyList::from(groups.collect::<Vec<_>>()).into())
}

/// One group: a pair whose parts also have names.
#[derive(Debug)]
struct Group {
    grouper: Value,
    list: Value,
}

impl Object for Group {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match (key.as_usize(), key.as_str()) {
            (Some(0), _) | (_, Some("grouper")) => Some(self.grouper.clone()),
            (Some(1), _) | (_, Some("list")) => Some(self.list.clone()),
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(vec![self.grouper.clone(), self.list.clone()])
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pair = tuple(vec![self.grouper.clone(), self.list.clone()]);
        crate::python::repr::write_repr(f, &pair, &mut Vec::new())
    }
}
