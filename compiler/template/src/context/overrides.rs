//! What a unit test puts in the place of macros: functions that give a value, whatever they are called with.

use std::sync::Arc;

use indexmap::IndexMap;
use minijinja::value::{Object, Rest, Value};
use minijinja::{Error, ErrorKind, State};

use super::render_scope::RenderScope;
use crate::language::INTERNAL_NAMESPACE;
use crate::python::from_json;

/// The names that go before all others (dbt: `generate_runtime_unit_test_context`).
///
/// A name with a package in front replaces a macro of that package. A macro of dbt is replaced with and without its
/// package, whichever of the two is written. A name that is no macro has the value itself; a macro that no package
/// has is left out.
pub(crate) fn names_of(
    scope: &RenderScope,
    macros: &IndexMap<String, serde_json::Value>,
) -> IndexMap<String, Value> {
    let library = &scope.shared.library;
    let mut names: IndexMap<String, Value> = IndexMap::new();
    let mut of_packages: IndexMap<&str, IndexMap<String, Value>> = IndexMap::new();
    let qualified = macros.iter().filter_map(|(name, value)| Some((name.split_once('.')?, value)));
    for ((package, name), value) in qualified {
        if library.value_in_package(package, name).is_none() {
            continue;
        }
        let function = constant(value);
        if package == INTERNAL_NAMESPACE {
            names.insert(name.to_owned(), function.clone());
        }
        of_packages.entry(package).or_default().insert(name.to_owned(), function);
    }
    for (name, value) in macros.iter().filter(|(name, _)| !name.contains('.')) {
        if library.resolve(&scope.package, name).is_none() {
            names.insert(name.clone(), from_json(value));
            continue;
        }
        let function = constant(value);
        if library.value_in_package(INTERNAL_NAMESPACE, name).is_some() {
            let replaced = of_packages.entry(INTERNAL_NAMESPACE).or_default();
            replaced.insert(name.clone(), function.clone());
        }
        names.insert(name.clone(), function);
    }
    for (package, macros) in of_packages {
        let others = library.resolve_value(&scope.package, package).cloned();
        names.insert(package.to_owned(), Value::from_object(PackageOverride { macros, others }));
    }
    names
}

/// A macro that gives the value, whatever it is called with.
fn constant(value: &serde_json::Value) -> Value {
    let value = from_json(value);
    Value::from_function(move |_: Rest<Value>| value.clone())
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
