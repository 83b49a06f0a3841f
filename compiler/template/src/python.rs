//! Python's values, methods and printing on top of minijinja's `Value`.
//!
//! dbt's Jinja runs on CPython, so projects lean on its lists that change in place, its `str` methods and its printing.
//! Values that templates make (literals, results of methods and filters) are [`PyList`], [`PyDict`] and [`PySet`], which
//! share their content like Python's; values made by Rust may be any minijinja object. No lock is held while a value is
//! compared, printed or called.

pub mod arguments;
pub mod convert;
mod datetime {
    pub mod arithmetic;
}
pub mod dict;
pub mod error;
// mod filters;
mod functions;
// mod itertools;
mod json;
pub mod list;
mod methods;
mod number;
mod operators;
// mod pytz;
// mod regex;
pub mod repr;
mod set;
mod text;
mod values;

pub use convert::{from_json, to_json};
pub use dict::PyDict;
pub use list::PyList;
pub use set::PySet;

pub(crate) use methods::unknown_method;

use minijinja::Environment;

/// Adds the filters, tests and functions that every template has, whatever its context.
pub(crate) fn install(environment: &mut Environment<'static>) {
    operators::install(environment);
    functions::install(environment);
}

pub(crate) fn similar_name(_what: &str, _name: &str) -> Option<&'static str> { None }
