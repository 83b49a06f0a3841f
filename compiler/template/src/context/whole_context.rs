//! `context`: the names of a render as a dictionary that macros read and change.

use std::sync::Arc;

use indexmap::IndexSet;
use minijinja::value::{Enumerator, Object, ObjectRepr, Value};
use minijinja::{Error, ErrorKind, State};

use super::names::{BESIDE_BUILTINS, BUILTINS, builtin};
use super::plain::{none, text_of};
use super::render_scope::{RenderScope, lock};
use crate::python::arguments::Arguments;
use crate::python::dict::mapping_method;

/// `context`: the names of the render as a dictionary.
#[derive(Debug)]
pub(crate) struct WholeContext(pub(super) Arc<RenderScope>);

impl WholeContext {
    /// What tells this dictionary from others; it is one of its own values.
    pub(crate) fn identity(&self) -> usize {
        Arc::as_ptr(&self.0).cast::<()>() as usize
    }

    /// The names that it has: dbt's own, the macros and packages that are seen from here, then what was added.
    fn names(self: &Arc<Self>) -> Vec<String> {
        let scope = &self.0;
        let own = BUILTINS.into_iter().chain(BESIDE_BUILTINS).map(str::to_owned);
        let macros = scope.shared.library.visible_names(&scope.package).map(str::to_owned);
        let added: Vec<String> = lock(&scope.extra).keys().cloned().collect();
        let all: IndexSet<String> = own.chain(macros).chain(added).collect();
        all.into_iter()
            .filter(|name| self.get_value(&Value::from(name.as_str())).is_some())
            .collect()
    }

    fn entries(self: &Arc<Self>) -> Vec<(Value, Value)> {
        let entry = |name: String| {
            let name = Value::from(name);
            let value = self.get_value(&name)?;
            Some((name, value))
        };
        self.names().into_iter().filter_map(entry).collect()
    }

    /// Gives a name a value, which macros see too.
    fn set(&self, key: &Value, value: Value) {
        lock(&self.0.extra).insert(text_of(key), value);
    }
}

impl Object for WholeContext {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.as_str()?;
        let scope = &self.0;
        lock(&scope.extra)
            .get(name)
            .cloned()
            .or_else(|| scope.shared.library.resolve_value(&scope.package, name).cloned())
            .or_else(|| builtin(scope, name))
            .or_else(|| crate::language::engine_function(name))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.names().into_iter().map(Value::from).collect())
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        arguments: &[Value],
    ) -> Result<Value, Error> {
        let mut arguments = Arguments::new(method, arguments);
        let answer = match method {
            "get" => {
                let key = arguments.required("key")?;
                let default = arguments.take("default").unwrap_or_else(none);
                self.get_value(&key).unwrap_or(default)
            }
            "update" => {
                let others = arguments.take("other");
                if let Some(other) = &others {
                    for key in other.try_iter()? {
                        self.set(&key, other.get_item(&key)?);
                    }
                }
                lock(&self.0.extra).extend(arguments.keywords());
                none()
            }
            "setdefault" => {
                let key = arguments.required("key")?;
                let default = arguments.take("default").unwrap_or_else(none);
                let value = self.get_value(&key);
                value.unwrap_or_else(|| {
                    self.set(&key, default.clone());
                    default
                })
            }
            _ => {
                let answer = mapping_method(&self.entries(), method, arguments)?;
                return answer.ok_or_else(|| Error::from(ErrorKind::UnknownMethod));
            }
        };
        arguments.finish()?;
        Ok(answer)
    }
}
