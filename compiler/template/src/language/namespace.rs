//! A package as a value: `dbt_utils.star(...)`.

use std::fmt;
use std::sync::Arc;

use minijinja::value::{Enumerator, Object};
use minijinja::{Error, ErrorKind, State, Value};

use super::global_macro::is_rendering_a_node_to_parse;
use super::name_map::NameMap;
use super::parse_undefined::ParseUndefined;

/// The macros of one package, reached with a dot.
#[derive(Debug)]
pub struct PackageNamespace {
    name: String,
    macros: NameMap<Value>,
}

impl PackageNamespace {
    pub(crate) fn new(name: &str, macros: NameMap<Value>) -> Self {
        Self { name: name.to_owned(), macros }
    }

    /// The package's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.macros.get(name)
    }
}

impl Object for PackageNamespace {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.macros.get(key.as_str()?).cloned()
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.macros.get(key).cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.macros.keys().map(|name| Value::from(name.as_str())).collect())
    }

    fn is_true(self: &Arc<Self>) -> bool {
        !self.macros.is_empty()
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        name: &str,
        values: &[Value],
    ) -> Result<Value, Error> {
        if let Some(value) = self.macros.get(name) {
            return value.call(state, values);
        }
        // `dbt_utils.get('star')` reads the namespace like the dict that it is in dbt.
        if matches!(name, "get" | "keys" | "items" | "values") {
            return Err(Error::from(ErrorKind::UnknownMethod));
        }
        if is_rendering_a_node_to_parse(state) {
            return Ok(Value::from_object(ParseUndefined));
        }
        let close = self
            .macros
            .keys()
            .filter(|candidate| strsim::jaro_winkler(candidate, name) > 0.85)
            .max_by(|left, right| {
                strsim::jaro_winkler(left, name).total_cmp(&strsim::jaro_winkler(right, name))
            });
        let hint = close.map(|close| format!("; did you mean `{close}`?")).unwrap_or_default();
        // Not `UnknownMethod`: nothing else may answer for a package.
        Err(Error::new(
            ErrorKind::UnknownFunction,
            format!("package `{}` has no macro `{name}`{hint}", self.name),
        ))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<package {}>", self.name)
    }
}
