//! `render`, `write`, `try_or_compiler_error`, `validation.any` and `adapter_macro`.

use std::sync::Arc;

use minijinja::value::{Enumerator, Object, ObjectRepr, Value};
use minijinja::{Error, State};
use source::{Diagnostic, codes};

use super::function::{Call, ContextFunction};
use super::plain::{dictionary, text_of};
use super::render_scope::RenderScope;
use crate::python::error::failure;

/// `render(text)`: the text as a template in this context. Hooks are run through it.
pub(crate) fn render(mut call: Call<'_, '_, '_, '_>) -> Result<Value, Error> {
    let text = text_of(&call.arguments.required("string")?);
    call.arguments.finish()?;
    rendered(call.scope, &text)
}

/// A text as a template in the context of a render.
pub(super) fn rendered(scope: &Arc<RenderScope>, text: &str) -> Result<Value, Error> {
    if !project::renderer::is_template(text) {
        return Ok(Value::from(text));
    }
    let globals = super::names::globals(scope);
    let environment = scope.shared.environment();
    let library = &scope.shared.library;
    let render = || crate::language::render(environment, library, "<render>", text, &globals);
    // What renders while running is a macro: as in dbt the node does not call what stands in the text.
    let rendered = match scope.run() {
        Some(_) => scope.without_noting_macros(render),
        None => render(),
    };
    // Hooks lose a last line break as in dbt's `render`.
    rendered.map(Value::from).map_err(|error| failure(error.message))
}

/// `write(payload)`: the statement is kept for `target/run`; here it says nothing.
pub(crate) fn write(mut call: Call<'_, '_, '_, '_>) -> Result<Value, Error> {
    let text = text_of(&call.arguments.required("payload")?);
    if let Some(run) = call.scope.run() {
        run.node.note_written(&text);
    }
    *super::render_scope::lock(&call.scope.written) = Some(text);
    Ok(Value::from(""))
}

/// `try_or_compiler_error(message, function, …)`.
pub(crate) fn try_or_compiler_error(mut call: Call<'_, '_, '_, '_>) -> Result<Value, Error> {
    let message = text_of(&call.arguments.required("message_if_exception")?);
    let function = call.arguments.required("func")?;
    let arguments: Vec<Value> = call.arguments.rest().to_vec();
    function
        .call(call.state, &arguments)
        .map_err(|_| call.scope.fail(Diagnostic::error(codes::COMPILER_ERROR_RAISED, message)))
}

/// `adapter_macro` is gone since dbt 0.18; it says what to use.
pub(crate) fn adapter_macro(mut call: Call<'_, '_, '_, '_>) -> Result<Value, Error> {
    let name = text_of(&call.arguments.required("name")?);
    Err(call.scope.fail(
        Diagnostic::error(
            codes::COMPILER_ERROR_RAISED,
            format!("`adapter_macro` was called for `{name}`, but dbt dropped it"),
        )
        .hint("use `adapter.dispatch(…)` and call what it gives"),
    ))
}

/// `validation`: an object with `any`, which gives a validator.
pub(crate) fn validation(scope: &Arc<RenderScope>) -> Value {
    dictionary([("any", Value::from_object(AnyMaker(scope.clone())))])
}

#[derive(Debug)]
struct AnyMaker(Arc<RenderScope>);

impl AnyMaker {
    fn make(&self, values: &[Value]) -> Value {
        Value::from_object(Validator { scope: self.0.clone(), allowed: values.to_vec() })
    }
}

impl Object for AnyMaker {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    /// dbt's documentation writes `validation.any[list, basestring]`.
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let items: Vec<Value> =
            key.try_iter().map_or_else(|_| vec![key.clone()], Iterator::collect);
        Some(self.make(&items))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, arguments: &[Value]) -> Result<Value, Error> {
        Ok(self.make(arguments))
    }
}

#[derive(Debug)]
struct Validator {
    scope: Arc<RenderScope>,
    allowed: Vec<Value>,
}

impl Object for Validator {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, arguments: &[Value]) -> Result<Value, Error> {
        let value = arguments.first().cloned().unwrap_or_default();
        // Python's types are undefined names here: they allow anything.
        let is_allowed =
            self.allowed.iter().any(|allowed| allowed.is_undefined() || *allowed == value);
        if is_allowed {
            return Ok(Value::from(()));
        }
        let allowed: Vec<String> = self.allowed.iter().map(text_of).collect();
        Err(self.scope.fail(Diagnostic::error(
            codes::CONFIG_INVALID,
            format!("expected value \"{}\" to be one of {}", text_of(&value), allowed.join(",")),
        )))
    }
}

/// A function of this file by name.
pub(crate) fn find(name: &str, scope: &Arc<RenderScope>) -> Option<Value> {
    Some(match name {
        "render" => ContextFunction::value("render", scope, render),
        "write" => ContextFunction::value("write", scope, write),
        "try_or_compiler_error" => {
            ContextFunction::value("try_or_compiler_error", scope, try_or_compiler_error)
        }
        "submit_python_job" => ContextFunction::value("submit_python_job", scope, |mut call| {
            super::adapter::submit_python_job(&mut call)
        }),
        "adapter_macro" => ContextFunction::value("adapter_macro", scope, adapter_macro),
        "validation" => validation(scope),
        _ => return None,
    })
}
