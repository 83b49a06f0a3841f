//! What a text says without being rendered: what it reads and calls by name, whatever its conditions are.

use std::sync::Arc;

use super::Engine;
use crate::capture::InputsRead;
use crate::language::{CalledMacro, StaticCall, StaticCalls, prepare};

/// What a look at a text finds; names that are computed stay unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TextLook {
    /// The variables and environment variables that it names.
    pub inputs: InputsRead,
    /// The macros that it calls, by unique id, sorted.
    pub macros: Vec<Arc<str>>,
    /// Whether it reads `this`.
    pub reads_this: bool,
    /// The keys of `config(…)` whose values are computed.
    pub computed_options: Vec<String>,
}

impl Engine {
    /// Looks at the text of a node or an option of `package`, also at what stands behind conditions.
    ///
    /// A text that is no valid template says nothing.
    pub fn look(&self, package: &str, text: &str) -> TextLook {
        let mut look = TextLook::default();
        if !project::renderer::is_template(text) {
            return look;
        }
        let Ok(prepared) = prepare("<look>", text) else { return look };
        let calls = &prepared.calls;
        look.inputs = inputs_read(calls);
        look.reads_this = calls.reads_this;
        let called = calls.called.iter().filter_map(|called| match called {
            CalledMacro::Named(name) => self.find_macro(package, name),
            CalledMacro::Dispatched { name, namespace } => {
                let found = self.dispatched(name, namespace.as_deref());
                found.map(|definition| definition.unique_id.clone())
            }
        });
        look.macros = called.collect();
        look.macros.sort_unstable();
        look.macros.dedup();
        let options = calls.calls.iter().filter(|call| call.function == "config");
        let computed = options.flat_map(|call| &call.keyword_arguments);
        look.computed_options =
            computed.filter(|(_, value)| value.is_none()).map(|(key, _)| key.clone()).collect();
        look
    }

    /// The variables and environment variables that the text of a macro names.
    pub fn macro_inputs(&self, unique_id: &str) -> InputsRead {
        let definition = self.shared.library.get(unique_id);
        match definition.map(|definition| definition.prepared()) {
            Some(Ok(prepared)) => inputs_read(&prepared.calls),
            _ => InputsRead::default(),
        }
    }
}

/// The literal names in calls of `var` and `env_var`.
pub(super) fn inputs_read(calls: &StaticCalls) -> InputsRead {
    let named = |function: &str, argument: &str| {
        let calls = calls.calls.iter().filter(|call| call.function == function);
        let mut names: Vec<String> = calls.filter_map(|call| first_text(call, argument)).collect();
        names.sort_unstable();
        names.dedup();
        names
    };
    InputsRead { variables: named("var", "var_name"), environment: named("env_var", "var") }
}

fn first_text(call: &StaticCall, argument: &str) -> Option<String> {
    let by_name = || {
        let mut named = call.keyword_arguments.iter();
        named.find(|(name, _)| name == argument).and_then(|(_, value)| value.as_ref())
    };
    let value = call.arguments.first().map_or_else(by_name, Option::as_ref)?;
    value.as_str().map(str::to_owned)
}
