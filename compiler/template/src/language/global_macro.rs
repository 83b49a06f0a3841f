//! A macro as a value that any template and any thread can call, and `return`.
//!
//! An engine macro belongs to one render (`State`). The value here belongs to none: at its first call in a render it has
//! the loader include its template there, and keeps the result in a state extension.

use std::fmt;
use std::sync::Arc;

use foldhash::fast::RandomState;
use indexmap::IndexMap;
use minijinja::value::{Kwargs, Object, ObjectRepr};
use minijinja::{Error, ErrorKind, State, Value};

use super::forwarding::Forwarding;
use super::library::MacroDefinition;
use super::scope::{ContextScope, RootContext};
use crate::python::PyDict;
use crate::python::arguments::split;

/// Stands in front of every text. It has no line break and prints nothing; `__load` has a macro's template hand its macro
/// over to the running render.
pub(crate) const PRELUDE: &str = "{%- macro __load(__name) -%}{% include __name %}{%- endmacro -%}{% set __ = __initialize(__load) %}";

/// The name of the template that holds the prelude alone.
pub(crate) const PRELUDE_TEMPLATE: &str = "<macro call>";

/// How a `return` is told from a failure while it unwinds.
const RETURN_SIGNAL: &str = "`return` is only possible inside a macro";

/// What the frame error of a macro call starts with; `language::error` looks for it.
pub(crate) const FRAME_MARK: &str = "in macro ";

/// Macros of the engine by unique id.
type LoadedMacros = IndexMap<Arc<str>, Value, RandomState>;

/// What the macros of one render share.
pub(crate) struct RenderState {
    context: Arc<RootContext>,
    loader: Value,
    /// The macros that were loaded and read all names when they run.
    loaded: LoadedMacros,
    /// The macros that took in names of the context when they were loaded, and belong to one run.
    loaded_with_names: LoadedMacros,
    included: Option<Value>,
    returned: Option<Value>,
    depth: usize,
    /// How deep in calls a macro is whose call counts as the render's own.
    own_depth: usize,
}

impl RenderState {
    /// The names of the render.
    pub(crate) fn scope(&self) -> Arc<dyn ContextScope> {
        self.context.scope()
    }

    /// Makes a state ready for a macro that is the whole run: its calls count as the render's own, and nothing is left
    /// of the run before but macros that read all names when they run.
    pub(super) fn start_run(state: &mut State<'_, '_>) {
        if let Some(render) = state.get_extension_mut::<Self>() {
            render.loaded_with_names.clear();
            render.included = None;
            render.returned = None;
            render.depth = 0;
            render.own_depth = 2;
        }
    }
}

/// The function `__initialize` of a render.
pub(crate) fn initializer(context: Arc<RootContext>) -> Value {
    Value::from_function(move |state: &mut State<'_, '_>, loader: Value| {
        state.get_or_insert_extension_with(|| RenderState {
            context: Arc::clone(&context),
            loader,
            loaded: LoadedMacros::default(),
            loaded_with_names: LoadedMacros::default(),
            included: None,
            returned: None,
            depth: 0,
            own_depth: 1,
        });
    })
}

/// The function `__register` of the engine: hands over the macro whose template the loader included.
pub(crate) fn register(state: &mut State<'_, '_>, body: Value) {
    if let Some(render) = state.get_extension_mut::<RenderState>() {
        render.included = Some(body);
    }
}

/// The function `return`: leaves the running macro with a value instead of its printed text (dbt: `MacroReturn`).
pub fn return_value(state: &mut State<'_, '_>, value: Value) -> Error {
    if let Some(render) = state.get_extension_mut::<RenderState>() {
        render.returned = Some(value);
    }
    Error::new(ErrorKind::InvalidOperation, RETURN_SIGNAL)
}

/// Calls a macro in the running render, for Rust code that the engine called.
pub fn call_macro_in(
    state: &mut State<'_, '_>,
    definition: &Arc<MacroDefinition>,
    arguments: &[Value],
    keyword_arguments: &[(String, Value)],
) -> Result<Value, Error> {
    let mut values = arguments.to_vec();
    if !keyword_arguments.is_empty() {
        values.push(Value::from(keyword_arguments.iter().cloned().collect::<Kwargs>()));
    }
    call(definition, state, &values)
}

/// A macro of the library as a value.
pub(crate) struct GlobalMacro {
    definition: Arc<MacroDefinition>,
}

impl GlobalMacro {
    pub fn new(definition: Arc<MacroDefinition>) -> Self {
        Self { definition }
    }

    pub fn definition(&self) -> &Arc<MacroDefinition> {
        &self.definition
    }
}

impl fmt::Debug for GlobalMacro {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.definition.unique_id)
    }
}

impl Object for GlobalMacro {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        match key {
            "name" => Some(Value::from(self.definition.name.as_str())),
            _ => None,
        }
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, values: &[Value]) -> Result<Value, Error> {
        call(&self.definition, state, values)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<macro {}>", self.definition.unique_id)
    }
}

fn call(
    definition: &Arc<MacroDefinition>,
    state: &mut State<'_, '_>,
    values: &[Value],
) -> Result<Value, Error> {
    crate::interrupt::heed()?;
    if let Some((forwarding, bound)) = forwarded(definition, values) {
        enter(state, definition)?;
        let context = context_of(state)?;
        let result = forwarding.call(state, &context, &bound);
        leave(state, false);
        return result.map_err(|error| frame_error(definition, error));
    }
    let body = load(definition, state).map_err(|error| frame_error(definition, error))?;
    let bound = bind_leftovers(definition, values);
    enter(state, definition)?;
    let result = body.call(state, bound.as_deref().unwrap_or(values));
    let returned = leave(state, result.is_err());
    match (result, returned) {
        (Ok(printed), _) => Ok(printed),
        (Err(_), Some(value)) => Ok(value),
        (Err(error), None) => Err(frame_error(definition, error)),
    }
}

/// What the macro hands on, if it does nothing else and the call fits.
fn forwarded<'definition>(
    definition: &'definition MacroDefinition,
    values: &[Value],
) -> Option<(&'definition Forwarding, Vec<Value>)> {
    let forwarding = definition.prepare().as_ref().ok()?.forwarding.as_ref()?;
    Some((forwarding, forwarding.bind(values)?))
}

fn context_of(state: &State<'_, '_>) -> Result<Arc<RootContext>, Error> {
    let render = state.get_extension::<RenderState>().ok_or_else(outside)?;
    Ok(Arc::clone(&render.context))
}

fn enter(state: &mut State<'_, '_>, definition: &MacroDefinition) -> Result<(), Error> {
    let render = state.get_extension_mut::<RenderState>().ok_or_else(outside)?;
    render.depth += 1;
    if render.depth == render.own_depth {
        render.scope().record_macro(&definition.unique_id);
    }
    Ok(())
}

fn leave(state: &mut State<'_, '_>, failed: bool) -> Option<Value> {
    let render = state.get_extension_mut::<RenderState>()?;
    render.depth -= 1;
    if failed { render.returned.take() } else { None }
}

fn outside() -> Error {
    Error::new(ErrorKind::InvalidOperation, "a macro was called outside of a render")
}

/// The frame of a failed call. It has no place yet: the engine adds the place of the call, and so the chain of sources
/// becomes the stack of macro calls.
fn frame_error(definition: &MacroDefinition, error: Error) -> Error {
    Error::new(error.kind(), format!("{FRAME_MARK}{}", definition.unique_id)).with_source(error)
}

fn load(definition: &Arc<MacroDefinition>, state: &mut State<'_, '_>) -> Result<Value, Error> {
    let render = state.get_extension::<RenderState>().ok_or_else(outside)?;
    let id = &definition.unique_id;
    if let Some(body) = render.loaded.get(id).or_else(|| render.loaded_with_names.get(id)) {
        return Ok(body.clone());
    }
    let loader = render.loader.clone();
    loader.call(state, &[Value::from(&**id)])?;
    let takes_names_in = definition.takes_names_in(state)?;
    let render = state.get_extension_mut::<RenderState>().ok_or_else(outside)?;
    let body = render.included.take().ok_or_else(outside)?;
    let kept = if takes_names_in { &mut render.loaded_with_names } else { &mut render.loaded };
    kept.insert(id.clone(), body.clone());
    Ok(body)
}

/// Puts what the signature has no place for into the hidden parameters `varargs` and `kwargs`.
fn bind_leftovers(definition: &MacroDefinition, values: &[Value]) -> Option<Vec<Value>> {
    let prepared = definition.prepare().as_ref().ok()?;
    if !prepared.takes_varargs && !prepared.takes_kwargs {
        return None;
    }
    let (positional, keyword) = split(values);
    let named = prepared.parameters.len();
    let mut known: Vec<(String, Value)> = Vec::new();
    let mut unknown: Vec<(Value, Value)> = Vec::new();
    for (name, value) in keyword {
        let text = name.as_str().unwrap_or_default();
        if text == "caller"
            || !prepared.takes_kwargs
            || prepared.parameters.iter().any(|parameter| parameter == text)
        {
            known.push((text.to_owned(), value));
        } else {
            unknown.push((name, value));
        }
    }
    let mut bound = positional.to_vec();
    if prepared.takes_varargs {
        let extra = if bound.len() > named { bound.split_off(named) } else { Vec::new() };
        known.push(("varargs".to_owned(), minijinja::value::Tuple::from(extra).into()));
    }
    if prepared.takes_kwargs {
        known.push(("kwargs".to_owned(), PyDict::from_pairs(unknown).into()));
    }
    bound.push(Value::from(known.into_iter().collect::<Kwargs>()));
    Some(bound)
}

/// Whether the running code is the text of a node, not a macro, and is rendered only to find out what it uses: dbt lets
/// unknown macros of packages pass there, and refuses them when the node is compiled.
pub(crate) fn is_rendering_a_node_to_parse(state: &State<'_, '_>) -> bool {
    state
        .get_extension::<RenderState>()
        .is_some_and(|render| render.depth == 0 && render.scope().is_parsing())
}

/// True for the error with which [`return_value`] leaves a macro.
pub(crate) fn is_return(error: &Error) -> bool {
    error.detail() == Some(RETURN_SIGNAL)
}
