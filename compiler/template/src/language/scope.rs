//! The names of one render, and how they are looked up.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::Object;
use minijinja::{Error, ErrorKind, State, Value};

use super::environment::engine_function;
use super::global_macro::{RenderState, initializer};
use super::library::MacroLibrary;
use super::parse_undefined::ParseUndefined;

/// What the maker of a context provides. One value serves one render or many; it must be cheap to share.
pub trait ContextScope: Send + Sync {
    /// A name that goes before macros: a variable handed to this render.
    fn lookup(&self, name: &str) -> Option<Value> {
        let _ = name;
        None
    }

    /// A name that a macro may override, as dbt lets projects override `ref` or `config`.
    fn lookup_builtin(&self, name: &str) -> Option<Value>;

    /// The package of the node that is rendered; its macros are seen without a prefix.
    fn current_package(&self) -> &str;

    /// Unknown names give [`ParseUndefined`] instead of undefined.
    fn is_parsing(&self) -> bool {
        false
    }

    /// Called once per call of a macro straight from the rendered text (dbt records those as `depends_on.macros`); calls
    /// inside macros are not reported.
    fn record_macro(&self, unique_id: &Arc<str>) {
        let _ = unique_id;
    }

    /// How often something that is never twice the same, such as the clock, was looked at before in this invocation.
    /// Parsing looks at none.
    fn count_look(&self) -> u64 {
        0
    }

    /// Called by `print()`.
    fn print(&self, text: &str) {
        let _ = text;
    }
}

/// The context object of a render: hand it to [`super::render`] or [`super::call_macro`].
pub fn root_context(library: Arc<MacroLibrary>, scope: Arc<dyn ContextScope>) -> Value {
    Value::from_object(RootContext::new(library, scope))
}

/// The scope of the running render, for Rust code that the engine called.
pub fn scope_of(state: &State<'_, '_>) -> Option<Arc<dyn ContextScope>> {
    state.get_extension::<RenderState>().map(RenderState::scope)
}

/// The names of a render, or of one after the other.
pub(crate) struct RootContext {
    library: Arc<MacroLibrary>,
    scope: Mutex<Arc<dyn ContextScope>>,
}

impl RootContext {
    pub(super) fn new(library: Arc<MacroLibrary>, scope: Arc<dyn ContextScope>) -> Self {
        Self { library, scope: Mutex::new(scope) }
    }

    /// The scope of the render that is running.
    pub(super) fn scope(&self) -> Arc<dyn ContextScope> {
        Arc::clone(&self.scope.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// From now on the names are those of another render.
    pub(super) fn exchange(&self, scope: Arc<dyn ContextScope>) {
        let mut held = self.scope.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *held, scope);
        drop(held);
        drop(before);
    }

    /// What a name means that a macro does not bind itself.
    pub(super) fn find(self: &Arc<Self>, name: &str) -> Option<Value> {
        self.get_value_by_str(name).or_else(|| engine_function(name))
    }
}

impl fmt::Debug for RootContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RootContext")
    }
}

/// Names that are no context entries: the engine finds them among its globals.
pub(super) const ENGINE_NAMES: [&str; 36] = [
    "__add",
    "__d",
    "__div",
    "__eq",
    "__floordiv",
    "__ge",
    "__gt",
    "__int",
    "__items",
    "__keywords",
    "__l",
    "__le",
    "__lt",
    "__mod",
    "__mul",
    "__ne",
    "__neg",
    "__sub",
    "cycler",
    "dict",
    "diff_of_two_dicts",
    "fromjson",
    "fromyaml",
    "joiner",
    "lipsum",
    "local_md5",
    "namespace",
    "print",
    "range",
    "return",
    "set",
    "set_strict",
    "tojson",
    "toyaml",
    "zip",
    "zip_strict",
];

impl Object for RootContext {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, name: &str) -> Option<Value> {
        match name {
            "__g" => return Some(Value::from_object(Globals(Arc::clone(self)))),
            "__initialize" => return Some(initializer(Arc::clone(self))),
            // The engine's own, and names that are never entries of a context.
            "__register" | "caller" | "varargs" | "kwargs" | "loop" | "self" => return None,
            _ if name.starts_with("__") && ENGINE_NAMES.binary_search(&name).is_ok() => {
                return None;
            }
            _ => {}
        }
        let scope = self.scope();
        scope
            .lookup(name)
            .or_else(|| self.library.resolve_value(scope.current_package(), name).cloned())
            .or_else(|| scope.lookup_builtin(name))
            .or_else(|| {
                let is_unknown = scope.is_parsing() && ENGINE_NAMES.binary_search(&name).is_err();
                is_unknown.then(|| Value::from_object(ParseUndefined))
            })
    }
}

/// `__g`: the names that a macro does not bind itself.
#[derive(Debug)]
struct Globals(Arc<RootContext>);

impl Object for Globals {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, name: &str) -> Option<Value> {
        self.0.find(name)
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        name: &str,
        arguments: &[Value],
    ) -> Result<Value, Error> {
        let unknown = || Error::new(ErrorKind::UnknownFunction, format!("{name} is unknown"));
        self.get_value_by_str(name).ok_or_else(unknown)?.call(state, arguments)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn engine_names_are_sorted() {
        assert!(super::ENGINE_NAMES.is_sorted());
    }
}
