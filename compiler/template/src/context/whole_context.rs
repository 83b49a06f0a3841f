//! `context`: the names of a render as a dictionary that macros read and change.

use std::sync::Arc;

use minijinja::value::{Enumerator, Object, ObjectRepr, Value};
use minijinja::{Error, ErrorKind, State};

use super::names::builtin;
use super::plain::{none, text_of};
use super::render_scope::{RenderScope, lock};
use crate::python::arguments::Arguments;

/// `context`: the names of the render as a dictionary.
#[derive(Debug)]
pub(super) struct WholeContext(pub(super) Arc<RenderScope>);

impl WholeContext {
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
        Enumerator::NonEnumerable
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
            _ => return Err(Error::from(ErrorKind::UnknownMethod)),
        };
        arguments.finish()?;
        Ok(answer)
    }
}
