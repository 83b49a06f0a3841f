//! Results of queries as templates see them: the part of agate's `Table` that macros use.

mod data_type;
mod print;
mod values;

use std::fmt;
use std::sync::Arc;

use adapter_interface::{Rows, SeedType};
use minijinja::value::{Enumerator, Object, ObjectRepr, Value, ValueKind};
use minijinja::{Error, ErrorKind, State};

use super::plain::{dictionary, is_none, list, text_of};
use crate::python::arguments::Arguments;
use crate::python::tuple;
use data_type::DataType;
pub(crate) use print::Limits;
use print::write_sample;
pub(crate) use values::value_of;

/// A table in memory: columns and rows; never changed, new tables share the values.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    columns: Arc<[String]>,
    rows: Arc<[Arc<[Value]>]>,
}

impl Table {
    /// The table of a query's result.
    pub(crate) fn from_rows(rows: &Rows) -> Self {
        Self {
            columns: distinct_names(&rows.columns).into(),
            rows: rows.rows.iter().map(|row| row.iter().map(value_of).collect()).collect(),
        }
    }

    /// A table of columns and rows of values.
    pub(crate) fn new(columns: Vec<String>, rows: Vec<Vec<Value>>) -> Self {
        Self { columns: columns.into(), rows: rows.into_iter().map(Arc::from).collect() }
    }

    /// The template's value for the table.
    pub(crate) fn value(self) -> Value {
        Value::from_object(self)
    }

    /// The table of a template's value, when it is one.
    pub(crate) fn of(value: &Value) -> Option<&Self> {
        value.downcast_object_ref::<Self>()
    }

    /// The names of the columns.
    pub(crate) fn columns(&self) -> &[String] {
        &self.columns
    }

    /// What a column's values are, where a table like this one is created.
    pub(crate) fn seed_type(&self, index: usize) -> Option<SeedType> {
        let is_there = index < self.columns.len();
        is_there.then(|| DataType::seed_type(&TableColumn { table: self.clone(), index }.values()))
    }

    /// The rows.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &[Value]> {
        self.rows.iter().map(AsRef::as_ref)
    }

    fn position(&self, key: &Value) -> Option<usize> {
        if let Some(name) = key.as_str() {
            return self.columns.iter().position(|column| column == name);
        }
        position_of(key.as_i64()?, self.columns.len())
    }

    fn row(&self, values: &Arc<[Value]>) -> Value {
        Value::from_object(Row { columns: self.columns.clone(), values: values.clone() })
    }

    fn column(&self, index: usize) -> Value {
        Value::from_object(TableColumn { table: self.clone(), index })
    }

    fn with_rows(&self, rows: Vec<Arc<[Value]>>) -> Value {
        Self { columns: self.columns.clone(), rows: rows.into() }.value()
    }

    fn select(&self, positions: &[usize]) -> Value {
        let columns = positions.iter().filter_map(|at| self.columns.get(*at).cloned()).collect();
        let rows = self
            .rows
            .iter()
            .map(|row| positions.iter().filter_map(|at| row.get(*at).cloned()).collect());
        Self { columns, rows: rows.collect() }.value()
    }

    /// The columns that an argument names: one name or index, or several.
    fn positions(&self, wanted: &Value) -> Result<Vec<usize>, Error> {
        let keys: Vec<Value> = match wanted.kind() {
            ValueKind::Seq | ValueKind::Iterable => wanted.try_iter()?.collect(),
            _ => vec![wanted.clone()],
        };
        let find = |key: &Value| {
            self.position(key).ok_or_else(|| {
                Error::new(
                    ErrorKind::InvalidOperation,
                    format!("the table has no column {}", text_of(key)),
                )
            })
        };
        keys.iter().map(find).collect()
    }

    fn renamed(&self, names: &Value) -> Result<Value, Error> {
        let columns: Vec<String> = if names.kind() == ValueKind::Map {
            let rename = |name: &String| {
                names.get_item(&Value::from(name.as_str())).ok().filter(|new| !is_none(new))
            };
            self.columns
                .iter()
                .map(|name| rename(name).map_or_else(|| name.clone(), |new| text_of(&new)))
                .collect()
        } else {
            names.try_iter()?.map(|name| text_of(&name)).collect()
        };
        Ok(Self { columns: columns.into(), ..self.clone() }.value())
    }
}

fn position_of(index: i64, length: usize) -> Option<usize> {
    let index = if index < 0 { index + length as i64 } else { index };
    usize::try_from(index).ok().filter(|index| *index < length)
}

impl Object for Table {
    /// Going through a table gives its rows, as in agate.
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let Some(name) = key.as_str() else {
            let at = position_of(key.as_i64()?, self.rows.len())?;
            return self.rows.get(at).map(|row| self.row(row));
        };
        Some(match name {
            "columns" => Value::from_object(Members { table: (**self).clone(), is_rows: false }),
            "rows" => Value::from_object(Members { table: (**self).clone(), is_rows: true }),
            "column_names" => names(&self.columns),
            "column_types" => {
                let column = |index| TableColumn { table: (**self).clone(), index };
                let data_type = |index| Value::from_object(DataType::of(&column(index).values()));
                tuple((0..self.columns.len()).map(data_type).collect())
            }
            _ => return None,
        })
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.rows.len())
    }

    fn is_true(self: &Arc<Self>) -> bool {
        true
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        arguments: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "print_table" => {
                let limits = Limits::of(Arguments::new("print_table", arguments));
                super::say_print(state, self.drawn(&limits).trim_end_matches('\n'));
                Ok(Value::from(()))
            }
            "print_structure" => {
                super::say_print(state, self.structure().trim_end_matches('\n'));
                Ok(Value::from(()))
            }
            "print_csv" => {
                super::say_print(state, self.comma_separated().trim_end_matches('\n'));
                Ok(Value::from(()))
            }
            "rename" => {
                let mut arguments = Arguments::new("rename", arguments);
                self.renamed(&arguments.required("column_names")?)
            }
            "select" => Ok(self
                .select(&self.positions(&Arguments::new("select", arguments).required("key")?)?)),
            "exclude" => {
                let gone =
                    self.positions(&Arguments::new("exclude", arguments).required("key")?)?;
                let kept: Vec<usize> =
                    (0..self.columns.len()).filter(|at| !gone.contains(at)).collect();
                Ok(self.select(&kept))
            }
            "limit" => {
                let mut arguments = Arguments::new("limit", arguments);
                let start = arguments.required("start_or_stop")?.as_i64().unwrap_or(0);
                let (start, stop) = match arguments.take("stop").and_then(|stop| stop.as_i64()) {
                    Some(stop) => (start, stop),
                    None => (0, start),
                };
                let every = arguments.take_integer("step")?.unwrap_or(1).max(1);
                let rows = self
                    .rows
                    .iter()
                    .skip(start.max(0) as usize)
                    .take((stop - start).max(0) as usize)
                    .step_by(every as usize);
                Ok(self.with_rows(rows.cloned().collect()))
            }
            "where" => {
                let test = Arguments::new("where", arguments).required("test")?;
                let mut kept = Vec::new();
                for row in self.rows.iter() {
                    if test.call(state, &[self.row(row)])?.is_true() {
                        kept.push(row.clone());
                    }
                }
                Ok(self.with_rows(kept))
            }
            "order_by" => {
                let mut arguments = Arguments::new("order_by", arguments);
                let positions = self.positions(&arguments.required("key")?)?;
                let is_reversed = arguments.take_flag("reverse");
                let mut rows: Vec<Arc<[Value]>> = self.rows.to_vec();
                let key = |row: &Arc<[Value]>| -> Vec<Value> {
                    positions.iter().filter_map(|at| row.get(*at).cloned()).collect()
                };
                rows.sort_by_key(key);
                if is_reversed {
                    rows.reverse();
                }
                Ok(self.with_rows(rows))
            }
            "distinct" => {
                let positions = match Arguments::new("distinct", arguments).take("key") {
                    Some(key) => self.positions(&key)?,
                    None => (0..self.columns.len()).collect(),
                };
                let mut seen = std::collections::BTreeSet::new();
                let is_new = |row: &&Arc<[Value]>| {
                    seen.insert(
                        positions.iter().filter_map(|at| row.get(*at).cloned()).collect::<Vec<_>>(),
                    )
                };
                Ok(self.with_rows(self.rows.iter().filter(is_new).cloned().collect()))
            }
            "group_by" => {
                let key = Arguments::new("group_by", arguments).required("key")?;
                let at = *self.positions(&key)?.first().unwrap_or(&0);
                let mut groups: indexmap::IndexMap<Value, Vec<Arc<[Value]>>> =
                    indexmap::IndexMap::new();
                for row in self.rows.iter() {
                    groups
                        .entry(row.get(at).cloned().unwrap_or_default())
                        .or_default()
                        .push(row.clone());
                }
                let groups = groups.into_iter().map(|(key, rows)| (key, self.with_rows(rows)));
                Ok(dictionary(groups))
            }
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }

    fn render(self: &Arc<Self>, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.structure())
    }
}

/// `table.rows` or `table.columns`: by number, by name, or one after the other.
#[derive(Debug)]
struct Members {
    table: Table,
    is_rows: bool,
}

impl Members {
    fn length(&self) -> usize {
        if self.is_rows { self.table.rows.len() } else { self.table.columns.len() }
    }

    fn member(&self, index: usize) -> Option<Value> {
        if self.is_rows {
            return self.table.rows.get(index).map(|row| self.table.row(row));
        }
        (index < self.table.columns.len()).then(|| self.table.column(index))
    }

    /// The columns by their names.
    fn columns(&self) -> impl Iterator<Item = (String, Value)> {
        let column = |(at, name): (usize, &String)| (name.clone(), self.table.column(at));
        self.table.columns.iter().enumerate().map(column)
    }
}

impl Object for Members {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let index = match key.as_str() {
            Some(_) if self.is_rows => return None,
            Some(_) => self.table.position(key)?,
            None => position_of(key.as_i64()?, self.length())?,
        };
        self.member(index)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.length())
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        arguments: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "values" => Ok(tuple((0..self.length()).filter_map(|at| self.member(at)).collect())),
            // The rows of a query have no names.
            "keys" if self.is_rows => Ok(Value::from(())),
            "keys" => Ok(names(&self.table.columns)),
            "dict" if !self.is_rows => Ok(dictionary(self.columns())),
            "items" if !self.is_rows => Ok(items(self.columns())),
            "get" => {
                let mut arguments = Arguments::new("get", arguments);
                let key = arguments.required("key")?;
                let default = arguments.take("default").unwrap_or_else(|| Value::from(()));
                Ok(self.get_value(&key).unwrap_or(default))
            }
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }

    fn render(self: &Arc<Self>, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: Vec<Value> = (0..self.length()).filter_map(|at| self.member(at)).collect();
        write_sample(formatter, "MappedSequence", &shown)
    }
}

/// `items()`: names with their values.
fn items(pairs: impl Iterator<Item = (String, Value)>) -> Value {
    tuple(pairs.map(|(name, value)| tuple(vec![Value::from(name), value])).collect())
}

/// A row: by number, by column name, or value after value.
#[derive(Debug)]
struct Row {
    columns: Arc<[String]>,
    values: Arc<[Value]>,
}

impl Row {
    fn pairs(&self) -> impl Iterator<Item = (String, Value)> {
        self.columns.iter().cloned().zip(self.values.iter().cloned())
    }
}

impl Object for Row {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let index = match key.as_str() {
            Some(name) => self.columns.iter().position(|column| column == name)?,
            None => position_of(key.as_i64()?, self.values.len())?,
        };
        self.values.get(index).cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.values.len())
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        arguments: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "values" => Ok(tuple(self.values.to_vec())),
            "keys" => Ok(names(&self.columns)),
            "items" => Ok(items(self.pairs())),
            "dict" => Ok(dictionary(self.pairs())),
            "get" => {
                let mut arguments = Arguments::new("get", arguments);
                let key = arguments.required("key")?;
                let default = arguments.take("default").unwrap_or_else(|| Value::from(()));
                Ok(self.get_value(&key).unwrap_or(default))
            }
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }

    fn render(self: &Arc<Self>, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_sample(formatter, "Row", &self.values)
    }
}

/// A column: its values, by number.
#[derive(Debug)]
struct TableColumn {
    table: Table,
    index: usize,
}

impl TableColumn {
    fn values(&self) -> Vec<Value> {
        self.table.rows.iter().filter_map(|row| row.get(self.index).cloned()).collect()
    }
}

impl Object for TableColumn {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str() {
            Some("name") => {
                self.table.columns.get(self.index).map(|name| Value::from(name.as_str()))
            }
            Some("index") => Some(Value::from(self.index)),
            Some("data_type") => Some(Value::from_object(DataType::of(&self.values()))),
            Some(_) => None,
            None => {
                let at = position_of(key.as_i64()?, self.table.rows.len())?;
                self.table.rows.get(at)?.get(self.index).cloned()
            }
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.table.rows.len())
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        _: &[Value],
    ) -> Result<Value, Error> {
        let mut values = self.values();
        match method {
            "values" => {}
            "values_distinct" => {
                let mut seen = std::collections::BTreeSet::new();
                values.retain(|value| seen.insert(value.clone()));
            }
            "values_without_nulls" => values.retain(|value| !is_none(value)),
            "values_sorted" | "values_without_nulls_sorted" => {
                if method == "values_without_nulls_sorted" {
                    values.retain(|value| !is_none(value));
                }
                values.sort();
                return Ok(list(values));
            }
            _ => return Err(Error::from(ErrorKind::UnknownMethod)),
        }
        Ok(tuple(values))
    }

    fn render(self: &Arc<Self>, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_sample(formatter, "Column", &self.values())
    }
}

/// The names of a query's columns: one that was there before gets the count of its occurrences (dbt:
/// `SQLConnectionManager.process_results`).
fn distinct_names(names: &[String]) -> Vec<String> {
    let mut counts = std::collections::BTreeMap::<&str, usize>::new();
    let mut distinct = Vec::with_capacity(names.len());
    for name in names {
        let count = counts.entry(name).or_default();
        *count += 1;
        distinct.push(if *count == 1 { name.clone() } else { format!("{name}_{count}") });
    }
    distinct
}

/// The names of columns; agate gives tuples wherever its things do not change.
fn names(columns: &[String]) -> Value {
    tuple(columns.iter().map(|name| Value::from(name.as_str())).collect())
}
