//! Python's values, methods and printing on top of minijinja's `Value`.
//!
//! dbt's Jinja runs on Python, so projects lean on its lists that change in place, its `str` methods and its printing.
//! Values that templates make (literals, results of methods and filters) are [`PyList`], [`PyDict`] and [`PySet`], which
//! share their content like Python's; values made by Rust may be any minijinja object. No lock is held while a value is
//! compared, printed or called.

pub mod arguments;
mod comparisons;
pub mod convert;
pub(crate) mod datetime;
pub(crate) mod decimal;
pub mod dict;
pub mod error;
mod exports;
mod filters;
mod formatting;
pub(crate) mod functions;
mod itertools;
mod json;
mod lipsum;
pub mod list;
mod literal;
pub(crate) mod long_integer;
mod methods;
mod number;
mod operators;
mod pytz;
mod regex;
pub mod repr;
mod set;
mod text;
mod translation;
mod values;
mod yaml;

pub(crate) use convert::entries_from_json;
pub use convert::{from_json, to_json};
pub(crate) use datetime::Moment;
pub use datetime::{datetime_in_zone, datetime_utc};
pub use dict::PyDict;
pub use list::PyList;

pub(crate) use filters::{is_filter, is_test, similar_name};
pub(crate) use json::json_text;
pub(crate) use literal::literal_eval;
pub(crate) use methods::unknown_method;
pub(crate) use values::tuple;

use minijinja::{Environment, Value};

/// Adds the filters, tests and functions that every template has, whatever its context.
pub(crate) fn install(environment: &mut Environment<'static>) {
    operators::install(environment);
    functions::install(environment);
    filters::install(environment);
    lipsum::install(environment);
    yaml::install(environment);
}

/// The `modules` of dbt's context: `datetime`, `pytz`, `re` and `itertools`.
///
/// `now` is what `datetime.now()` and `datetime.utcnow()` give; the wall clock stays outside of this crate.
pub fn modules(now: jiff::Timestamp) -> Value {
    PyDict::from_pairs([
        (Value::from("pytz"), pytz::module()),
        (Value::from("datetime"), datetime::module(now)),
        (Value::from("re"), regex::module()),
        (Value::from("itertools"), itertools::module()),
    ])
    .into()
}

/// Plain objects that are data, and so no functions.
fn is_data_object(value: &Value) -> bool {
    datetime::is_value(value)
        || decimal::Decimal::of(value).is_some()
        || value.downcast_object_ref::<regex::Match>().is_some()
        || value.downcast_object_ref::<regex::Pattern>().is_some()
}

#[cfg(test)]
mod tests;
