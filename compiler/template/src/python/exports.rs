//! A module as dbt hands it to templates: a dictionary of what it exports, by name; methods as values.

use std::sync::Arc;

use minijinja::value::{Object, ObjectRepr};
use minijinja::{Error, State, Value};

use super::dict::PyDict;

/// The exports of a module, each a constant of it or a function. They are made when somebody looks: few projects do.
pub(super) fn dictionary(
    module: Value,
    names: impl Iterator<Item = &'static str> + Send + 'static,
) -> Value {
    let export = move |name: &'static str| {
        let constant = module.get_attr(name).ok().filter(|value| !value.is_undefined());
        (Value::from(name), constant.unwrap_or_else(|| method(module.clone(), name)))
    };
    PyDict::later(move || names.map(export).collect()).into()
}

/// A method of a value, to be called later.
pub(super) fn method(owner: Value, name: &'static str) -> Value {
    Value::from_object(Method { owner, name })
}

/// A method of a value, or a function of a module.
#[derive(Debug)]
struct Method {
    owner: Value,
    name: &'static str,
}

impl Object for Method {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, values: &[Value]) -> Result<Value, Error> {
        self.owner.call_method(state, self.name, values)
    }

    fn render(self: &Arc<Self>, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "<function {}>", self.name)
    }
}
