//! The filters and tests of Jinja2, with its results on Python's values, and dbt's additions.

mod checks;
mod markup;
mod numbers;
mod select;
mod sequence;
mod sort;
mod strings;

use minijinja::value::ValueKind;
use minijinja::{Environment, Error, Value};

use super::error::failure;
use super::repr::to_text;
use super::values::{iterate, pairs, type_name};
use crate::language::ParseUndefined;

/// All filters of Jinja2 and dbt; for suggestions.
const FILTERS: [&str; 59] = [
    "abs",
    "as_bool",
    "as_native",
    "as_number",
    "as_text",
    "attr",
    "batch",
    "capitalize",
    "center",
    "count",
    "d",
    "default",
    "dictsort",
    "e",
    "escape",
    "filesizeformat",
    "first",
    "float",
    "forceescape",
    "format",
    "groupby",
    "indent",
    "int",
    "is_list",
    "items",
    "join",
    "last",
    "length",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "pprint",
    "random",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "safe",
    "select",
    "selectattr",
    "slice",
    "sort",
    "string",
    "striptags",
    "sum",
    "title",
    "tojson",
    "trim",
    "truncate",
    "unique",
    "upper",
    "urlencode",
    "urlize",
    "wordcount",
    "wordwrap",
    "xmlattr",
];

const TESTS: [&str; 27] = [
    "boolean",
    "callable",
    "defined",
    "divisibleby",
    "equalto",
    "escaped",
    "even",
    "false",
    "filter",
    "float",
    "greaterthan",
    "in",
    "integer",
    "iterable",
    "lessthan",
    "lower",
    "mapping",
    "none",
    "number",
    "odd",
    "sameas",
    "sequence",
    "string",
    "test",
    "true",
    "undefined",
    "upper",
];

/// minijinja has these, Jinja2 does not.
const NOT_IN_JINJA: [&str; 5] = ["bool", "chain", "lines", "split", "zip"];

pub(crate) fn install(environment: &mut Environment<'static>) {
    for name in NOT_IN_JINJA {
        environment.remove_filter(name);
    }
    checks::install(environment);
    markup::install(environment);
    numbers::install(environment);
    select::install(environment);
    sequence::install(environment);
    sort::install(environment);
    strings::install(environment);
    crate::language::install_conversions(environment);
    environment.add_filter("is_list", |value: Value| type_name(&value) == "list");
}

/// Whether every template has a filter of this name.
pub(crate) fn is_filter(name: &str) -> bool {
    FILTERS.binary_search(&name).is_ok()
}

/// Whether every template has a test of this name.
pub(crate) fn is_test(name: &str) -> bool {
    TESTS.binary_search(&name).is_ok()
}

/// The filter or test (`what`) whose name is most like `name`.
pub(crate) fn similar_name(what: &str, name: &str) -> Option<&'static str> {
    let names: &[&str] = if what == "filter" { &FILTERS } else { &TESTS };
    names
        .iter()
        .copied()
        .map(|candidate| (strsim::jaro_winkler(candidate, name), candidate))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, candidate)| candidate)
}

/// The value behind an attribute like `a.b.0` (Jinja2: `make_attrgetter`).
fn attribute(item: &Value, path: &Value) -> Result<Value, Error> {
    let Some(path) = path.as_str() else { return item.get_item(path) };
    let mut value = item.clone();
    for part in path.split('.') {
        value = match part.parse::<u32>() {
            Ok(index) => value.get_item(&Value::from(index))?,
            Err(_) => part_of(&value, part)?,
        };
    }
    Ok(value)
}

fn part_of(value: &Value, name: &str) -> Result<Value, Error> {
    let found = value.get_attr(name)?;
    if found.is_undefined() && pairs(value).is_some() {
        value.get_item(&Value::from(name))
    } else {
        Ok(found)
    }
}

/// What Jinja2 compares by when case does not count.
fn folded(value: &Value, is_case_sensitive: bool) -> Value {
    match value.as_str() {
        Some(text) if !is_case_sensitive => Value::from(text.to_lowercase()),
        _ => value.clone(),
    }
}

/// The items of a filter's input; undefined has none.
fn items(value: &Value) -> Result<Vec<Value>, Error> {
    iterate(value)
}

fn is_undefined(value: &Value) -> bool {
    value.is_undefined() || ParseUndefined::is(value)
}

/// The text of any value, as Jinja2's `soft_str` gives it.
fn text(value: &Value) -> String {
    to_text(value)
}

fn length(value: &Value) -> Result<usize, Error> {
    match value.kind() {
        ValueKind::Undefined => Ok(0),
        _ => value
            .len()
            .ok_or_else(|| failure(format!("object of type '{}' has no len()", type_name(value)))),
    }
}
