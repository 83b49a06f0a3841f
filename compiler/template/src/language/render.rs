//! Running a text or a macro.

use std::sync::Arc;

use minijinja::{Environment, Value};

use super::error::{Origin, RenderError};
use super::global_macro::PRELUDE;
use super::library::MacroLibrary;
use super::rewrite::prepare;

/// The text that a template gives. `name` is what error frames call it; `globals` comes from [`super::root_context`].
///
/// A text without any Jinja is given back unchanged, its last line break included (dbt: `get_rendered`).
pub fn render(
    environment: &Environment<'static>,
    library: &MacroLibrary,
    name: &str,
    text: &str,
    globals: &Value,
) -> Result<String, RenderError> {
    if !has_jinja(text) {
        return Ok(text.to_owned());
    }
    let prepared = prepare(name, text).map_err(|error| {
        RenderError::of(&error.error, &Origin { name, text, edits: &error.edits, library })
    })?;
    let mut source = String::with_capacity(PRELUDE.len() + prepared.text.len());
    source.push_str(PRELUDE);
    source.push_str(&prepared.text);
    let rendered = environment.render_named_str(name, &source, globals.clone());
    rendered.and_then(|text| crate::interrupt::heed().map(|()| text)).map_err(|error| {
        let mut edits = prepared.edits.clone();
        edits.push_prefix(PRELUDE.len());
        RenderError::of(&error, &Origin { name, text, edits: &edits, library })
    })
}

/// True when rendering could change the text.
fn has_jinja(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.windows(2).any(|pair| pair[0] == b'{' && matches!(pair[1], b'{' | b'%' | b'#'))
}

/// The value of an expression: what stands inside `{{ }}`.
pub fn eval_expression(
    environment: &Environment<'static>,
    library: &MacroLibrary,
    name: &str,
    expression: &str,
    globals: &Value,
) -> Result<Value, RenderError> {
    let text = format!("{{% set __value = ({expression}\n) %}}{{% set __ = __keep(__value) %}}");
    let kept = Arc::new(std::sync::Mutex::new(Value::UNDEFINED));
    let target = Arc::clone(&kept);
    let keep = Value::from_function(move |value: Value| {
        *target.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = value;
    });
    let globals =
        Value::from_object(WithEntry { inner: globals.clone(), name: "__keep", value: keep });
    render(environment, library, name, &text, &globals)?;
    let value =
        std::mem::take(&mut *kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    Ok(value)
}

/// The globals of a render and one name more.
#[derive(Debug)]
pub(super) struct WithEntry {
    pub inner: Value,
    pub name: &'static str,
    pub value: Value,
}

impl minijinja::value::Object for WithEntry {
    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        if key == self.name {
            return Some(self.value.clone());
        }
        self.inner.as_object()?.get_value_by_str(key)
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }
}
