//! A method of `adapter` as a value, for macros that keep it in a variable: dbt's own do so with `dispatch`.

use std::sync::Arc;

use minijinja::value::{Enumerator, Object, ObjectRepr, Value};
use minijinja::{Error, State};

use super::AdapterObject;

/// The method of an adapter.
#[derive(Debug)]
pub(super) struct AdapterMethod {
    /// Whose method it is.
    pub(super) adapter: Arc<AdapterObject>,
    /// Its name.
    pub(super) name: &'static str,
}

impl Object for AdapterMethod {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn is_true(self: &Arc<Self>) -> bool {
        true
    }

    fn call(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        arguments: &[Value],
    ) -> Result<Value, Error> {
        self.adapter.call_method(state, self.name, arguments)
    }
}
