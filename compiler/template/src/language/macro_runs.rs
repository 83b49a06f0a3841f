//! Macros that are the whole run, such as materializations, one after the other.
//!
//! Loading macros takes a fifth of such a run, and the next run mostly calls the same ones. So a state of the engine with
//! the macros loaded in it is kept for the next run, which gives it its own names.

use std::sync::{Arc, Mutex, PoisonError};

use minijinja::{Captured, Environment, Error, Value};

use super::edits::EditList;
use super::error::{Origin, RenderError};
use super::global_macro::{PRELUDE_TEMPLATE, RenderState, call_macro_in};
use super::library::{MacroDefinition, MacroLibrary};
use super::scope::{ContextScope, RootContext};

/// After so many runs a state is given up. As long as it lives the engine keeps what `call` blocks enclosed, tables of
/// results among it.
const RUNS_OF_A_STATE: usize = 16;

/// Runs macros, each in the names of its own scope; shared by threads.
pub struct MacroRuns<'engine> {
    environment: &'engine Environment<'static>,
    library: &'engine Arc<MacroLibrary>,
    idle: Mutex<Vec<KeptState<'engine>>>,
}

struct KeptState<'engine> {
    captured: Captured<'engine>,
    context: Arc<RootContext>,
    runs: usize,
}

/// The names between two runs: none.
struct Nothing;

impl ContextScope for Nothing {
    fn lookup_builtin(&self, _: &str) -> Option<Value> {
        None
    }

    fn current_package(&self) -> &'static str {
        ""
    }
}

impl<'engine> MacroRuns<'engine> {
    /// Runs of the macros of a library.
    pub fn new(
        environment: &'engine Environment<'static>,
        library: &'engine Arc<MacroLibrary>,
    ) -> Self {
        Self { environment, library, idle: Mutex::default() }
    }

    /// Runs one macro: its `return` value, or its printed text.
    pub fn run(
        &self,
        definition: &Arc<MacroDefinition>,
        scope: Arc<dyn ContextScope>,
        arguments: &[Value],
        keyword_arguments: &[(String, Value)],
    ) -> Result<Value, RenderError> {
        self.try_run(definition, scope, arguments, keyword_arguments).map_err(|error| {
            let edits = EditList::default();
            let origin =
                Origin { name: PRELUDE_TEMPLATE, text: "", edits: &edits, library: self.library };
            RenderError::of(&error, &origin)
        })
    }

    fn try_run(
        &self,
        definition: &Arc<MacroDefinition>,
        scope: Arc<dyn ContextScope>,
        arguments: &[Value],
        keyword_arguments: &[(String, Value)],
    ) -> Result<Value, Error> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut kept = match idle {
            Some(kept) => {
                kept.context.exchange(scope);
                kept
            }
            None => self.new_state(scope)?,
        };
        // A run that fails may leave frames behind; its state is not used again.
        let value = kept.captured.with_state_mut(|state| {
            RenderState::start_run(state);
            call_macro_in(state, definition, arguments, keyword_arguments)
        })?;
        crate::interrupt::heed()?;
        kept.context.exchange(Arc::new(Nothing));
        kept.runs += 1;
        if kept.runs < RUNS_OF_A_STATE {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(kept);
        }
        Ok(value)
    }

    fn new_state(&self, scope: Arc<dyn ContextScope>) -> Result<KeptState<'engine>, Error> {
        let context = Arc::new(RootContext::new(Arc::clone(self.library), scope));
        let template = self.environment.get_template(PRELUDE_TEMPLATE)?;
        let captured = template.render_captured(Value::from_dyn_object(Arc::clone(&context)))?;
        Ok(KeptState { captured, context, runs: 0 })
    }
}
