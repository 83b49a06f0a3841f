//! What a unit test puts in the place of macros: functions that give a value, whatever they are called with.

use std::sync::Arc;

use indexmap::IndexMap;
use minijinja::value::{Object, Rest, Value};
use minijinja::{Error, ErrorKind, State};

use super::render_scope::RenderScope;
use crate::python::from_json;

/// The names that go before all others; a name with a package in front replaces a macro of that package.
pub(crate) fn names_of(
    scope: &RenderScope,
    macros: &IndexMap<String, serde_json::Value>,
) -> IndexMap<String, Value> {
    let mut names: IndexMap<String, Value> = IndexMap::new();
    let mut of_packages: IndexMap<&str, IndexMap<String, Value>> = IndexMap::new();
    for (name, value) in macros {
        let value = from_json(value);
        let function = Value::from_function(move |_: Rest<Value>| value.clone());
        match name.split_once('.') {
            Some((package, name)) => {
                of_packages.entry(package).or_default().insert(name.to_owned(), function);
            }
            None => _ = names.insert(name.clone(), function),
        }
    }
    for (package, macros) in of_packages {
        let others = scope.shared.library.resolve_value(&scope.package, package).cloned();
        names.insert(package.to_owned(), Value::from_object(PackageOverride { macros, others }));
    }
    names
}

/// A package with some of its macros replaced.
#[derive(Debug)]
struct PackageOverride {
    macros: IndexMap<String, Value>,
    others: Option<Value>,
}

impl Object for PackageOverride {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let own = key.as_str().and_then(|name| self.macros.get(name)).cloned();
        own.or_else(|| {
            self.others.as_ref()?.get_item(key).ok().filter(|value| !value.is_undefined())
        })
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        name: &str,
        values: &[Value],
    ) -> Result<Value, Error> {
        match (self.macros.get(name), &self.others) {
            (Some(own), _) => own.call(state, values),
            (None, Some(others)) => others.call_method(state, name, values),
            (None, None) => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }
}
