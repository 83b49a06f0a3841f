//! A module as dbt hands it to templates: a dictionary of what it exports, by name.

use std::sync::Arc;

use minijinja::value::{Enumerator, Object, ObjectRepr};
use minijinja::{Error, State, Value};

use super::dict::PyDict;

/// The exports of a module, each a constant of it or a function.
pub(super) fn dictionary(module: &Value, names: impl IntoIterator<Item = &'static str>) -> Value {
    let export = |name: &'static str| {
        let constant = module.get_attr(name).ok().filter(|value| !value.is_undefined());
        let value = constant
            .unwrap_or_else(|| Value::from_object(ModuleFunction { module: module.clone(), name }));
        (Value::from(name), value)
    };
    PyDict::from_pairs(names.into_iter().map(export)).into()
}

/// A function of a module.
#[derive(Debug)]
struct ModuleFunction {
    module: Value,
    name: &'static str,
}

impl Object for ModuleFunction {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, values: &[Value]) -> Result<Value, Error> {
        self.module.call_method(state, self.name, values)
    }

    fn render(self: &Arc<Self>, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "<function {}>", self.name)
    }
}
