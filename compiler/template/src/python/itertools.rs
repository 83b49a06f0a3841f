//! Python's `itertools` module; what is endless there is refused, what is lazy there is a list here.

use std::sync::Arc;

use minijinja::value::Object;
use minijinja::{Error, State, Value};

use super::arguments::Arguments;
use super::error::failure;
use super::list::PyList;
use super::operators::add;
use super::values::{integer, iterate, slice_indexes, tuple};

/// What dbt's `modules.itertools` has, in its order.
const NAMES: [&str; 14] = [
    "count",
    "cycle",
    "repeat",
    "accumulate",
    "chain",
    "compress",
    "islice",
    "starmap",
    "tee",
    "zip_longest",
    "product",
    "permutations",
    "combinations",
    "combinations_with_replacement",
];

/// What it has besides.
const MORE: [&str; 5] = ["takewhile", "dropwhile", "filterfalse", "pairwise", "groupby"];

/// Combinations may not be more than this.
const MOST_RESULTS: usize = 1_000_000;

#[derive(Debug)]
struct Itertools;

pub(crate) fn module() -> Value {
    super::exports::dictionary(Value::from_object(Itertools), NAMES.into_iter().chain(MORE))
}

impl Object for Itertools {
    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        name: &str,
        values: &[Value],
    ) -> Result<Value, Error> {
        let mut arguments = Arguments::new(name, values);
        let items = match name {
            "chain" => {
                let mut items = Vec::new();
                for part in arguments.rest() {
                    items.extend(iterate(part)?);
                }
                items
            }
            "product" => {
                let repeat =
                    arguments.take_keyword("repeat").map_or(Ok(1), |repeat| integer(&repeat))?;
                let pools: Result<Vec<Vec<Value>>, Error> =
                    arguments.rest().iter().map(iterate).collect();
                product(&pools?, usize::try_from(repeat).unwrap_or(0))?
            }
            "permutations" | "combinations" | "combinations_with_replacement" => {
                let pool = iterate(&arguments.required("iterable")?)?;
                let length = arguments
                    .take_integer("r")?
                    .map_or(pool.len(), |length| length.max(0) as usize);
                choose(&pool, length, name)?
            }
            "islice" => {
                let pool = iterate(&arguments.required("iterable")?)?;
                let bounds = arguments.rest();
                let none = Value::from(());
                let indexes = match bounds {
                    [stop] => slice_indexes(pool.len(), &none, stop, &none)?,
                    [first, end] => slice_indexes(pool.len(), first, end, &none)?,
                    [first, end, interval] => slice_indexes(pool.len(), first, end, interval)?,
                    _ => return Err(failure("islice() takes from 2 to 4 arguments")),
                };
                indexes.into_iter().map(|index| pool[index].clone()).collect()
            }
            "repeat" => {
                let value = arguments.required("object")?;
                let times = arguments
                    .take_integer("times")?
                    .ok_or_else(|| failure("repeat() without times never ends"))?;
                vec![value; usize::try_from(times).unwrap_or(0).min(MOST_RESULTS)]
            }
            "zip_longest" => {
                let fill = arguments.take_keyword("fillvalue").unwrap_or(Value::from(()));
                let columns: Result<Vec<Vec<Value>>, Error> =
                    arguments.rest().iter().map(iterate).collect();
                let columns = columns?;
                let length = columns.iter().map(Vec::len).max().unwrap_or(0);
                let row = |index: usize| {
                    columns
                        .iter()
                        .map(|column| column.get(index).unwrap_or(&fill).clone())
                        .collect()
                };
                (0..length).map(|index| tuple(row(index))).collect()
            }
            "accumulate" => accumulate(state, &mut arguments)?,
            "starmap" | "takewhile" | "dropwhile" | "filterfalse" => {
                filtered(state, name, &mut arguments)?
            }
            "compress" => {
                let data = iterate(&arguments.required("data")?)?;
                let selectors = iterate(&arguments.required("selectors")?)?;
                data.into_iter()
                    .zip(selectors)
                    .filter(|(_, keep)| keep.is_true())
                    .map(|(item, _)| item)
                    .collect()
            }
            "pairwise" => {
                let items = iterate(&arguments.required("iterable")?)?;
                items.windows(2).map(|pair| tuple(pair.to_vec())).collect()
            }
            "groupby" => groupby(state, &mut arguments)?,
            "count" | "cycle" | "tee" => {
                return Err(failure(format!("itertools.{name}() is not supported here")));
            }
            _ => return Err(failure(format!("module 'itertools' has no attribute '{name}'"))),
        };
        arguments.finish()?;
        Ok(PyList::from(items).into())
    }
}

fn product(pools: &[Vec<Value>], repeat: usize) -> Result<Vec<Value>, Error> {
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for pool in std::iter::repeat_n(pools, repeat).flatten() {
        if rows.len().saturating_mul(pool.len()) > MOST_RESULTS {
            return Err(failure("the product is too large"));
        }
        rows = rows
            .iter()
            .flat_map(|row| {
                pool.iter().map(move |item| row.iter().cloned().chain([item.clone()]).collect())
            })
            .collect();
    }
    Ok(rows.into_iter().map(tuple).collect())
}

fn choose(pool: &[Value], length: usize, name: &str) -> Result<Vec<Value>, Error> {
    let mut rows: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..length {
        if rows.len().saturating_mul(pool.len()) > MOST_RESULTS {
            return Err(failure(format!("{name}() gives too many results")));
        }
        rows = rows
            .iter()
            .flat_map(|row| {
                let allowed = |index: &usize| match name {
                    "permutations" => !row.contains(index),
                    "combinations" => row.last().is_none_or(|last| index > last),
                    _ => row.last().is_none_or(|last| index >= last),
                };
                (0..pool.len())
                    .filter(allowed)
                    .map(|index| row.iter().copied().chain([index]).collect::<Vec<_>>())
                    .collect::<Vec<_>>()
            })
            .collect();
    }
    Ok(rows
        .into_iter()
        .map(|row| tuple(row.into_iter().map(|index| pool[index].clone()).collect()))
        .collect())
}

fn accumulate(
    state: &mut State<'_, '_>,
    arguments: &mut Arguments<'_>,
) -> Result<Vec<Value>, Error> {
    let items = iterate(&arguments.required("iterable")?)?;
    let function = arguments.take("func").filter(|function| !function.is_none());
    let mut total = arguments.take_keyword("initial").filter(|initial| !initial.is_none());
    let mut result: Vec<Value> = total.iter().cloned().collect();
    for item in items {
        let next = match (total, &function) {
            (None, _) => item,
            (Some(total), Some(function)) => function.call(state, &[total, item])?,
            (Some(total), None) => add(total, item)?,
        };
        result.push(next.clone());
        total = Some(next);
    }
    Ok(result)
}

fn filtered(
    state: &mut State<'_, '_>,
    name: &str,
    arguments: &mut Arguments<'_>,
) -> Result<Vec<Value>, Error> {
    let function = arguments.required("function")?;
    let items = iterate(&arguments.required("iterable")?)?;
    let mut result = Vec::new();
    let mut is_dropping = name == "dropwhile";
    for item in items {
        if name == "starmap" {
            result.push(function.call(state, &iterate(&item)?)?);
            continue;
        }
        let passes = if function.is_none() {
            item.is_true()
        } else {
            function.call(state, std::slice::from_ref(&item))?.is_true()
        };
        match name {
            "takewhile" if !passes => break,
            "dropwhile" => is_dropping &= passes,
            _ => {}
        }
        if !is_dropping && (name != "filterfalse" || !passes) {
            result.push(item);
        }
    }
    Ok(result)
}

fn groupby(state: &mut State<'_, '_>, arguments: &mut Arguments<'_>) -> Result<Vec<Value>, Error> {
    let items = iterate(&arguments.required("iterable")?)?;
    let function = arguments.take("key").filter(|function| !function.is_none());
    let mut groups: Vec<(Value, Vec<Value>)> = Vec::new();
    for item in items {
        let key = match &function {
            Some(function) => function.call(state, std::slice::from_ref(&item))?,
            None => item.clone(),
        };
        match groups.last_mut() {
            Some((last, group)) if *last == key => group.push(item),
            _ => groups.push((key, vec![item])),
        }
    }
    Ok(groups
        .into_iter()
        .map(|(key, group)| tuple(vec![key, PyList::from(group).into()]))
        .collect())
}
