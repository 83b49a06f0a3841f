//! A function of the context: a Rust function with the render it belongs to.

use std::fmt;
use std::sync::Arc;

use minijinja::value::{Object, ObjectRepr, Value};
use minijinja::{Error, State};

use super::render_scope::RenderScope;
use crate::python::arguments::Arguments;

/// What a context function gets.
pub(crate) struct Call<'call, 'state, 'template, 'env> {
    pub(crate) scope: &'call Arc<RenderScope>,
    pub(crate) state: &'state mut State<'template, 'env>,
    pub(crate) arguments: Arguments<'call>,
}

type Body = fn(Call<'_, '_, '_, '_>) -> Result<Value, Error>;

/// A function as templates hold it.
pub(crate) struct ContextFunction {
    name: &'static str,
    scope: Arc<RenderScope>,
    body: Body,
}

impl ContextFunction {
    /// A template's value for the function.
    pub(crate) fn value(name: &'static str, scope: &Arc<RenderScope>, body: Body) -> Value {
        Value::from_object(Self { name, scope: scope.clone(), body })
    }
}

impl fmt::Debug for ContextFunction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "<function {}>", self.name)
    }
}

impl Object for ContextFunction {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    /// `ref.config` and its kin.
    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        (key == "config" && matches!(self.name, "ref" | "source" | "var"))
            .then(|| super::runtime_config::runtime_config(&self.scope))
    }

    fn call(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        arguments: &[Value],
    ) -> Result<Value, Error> {
        (self.body)(Call {
            scope: &self.scope,
            state,
            arguments: Arguments::new(self.name, arguments),
        })
    }

    /// `var.has_var(…)` is the only method of a function.
    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        arguments: &[Value],
    ) -> Result<Value, Error> {
        if self.name == "var" && method == "has_var" {
            let name = Arguments::new("has_var", arguments).required_text("var_name")?;
            return Ok(Value::from(super::variables::find(&self.scope, &name).is_some()));
        }
        Err(Error::from(minijinja::ErrorKind::UnknownMethod))
    }
}
