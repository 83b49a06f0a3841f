//! A value together with what there is to say about how it came to be.

use crate::diagnostic::{Diagnostic, Severity};

/// What a whole-project stage returns: its value *and* its diagnostics.
///
/// One bad model never hides nine others: a stage goes on with what is sound, and the caller decides
/// whether errors among the diagnostics end the command.
#[derive(Debug, Clone, Default)]
pub struct Warned<T> {
    /// What the stage made, as complete as it could be.
    pub value: T,
    /// Errors and warnings, in the order of the files.
    pub diagnostics: Vec<Diagnostic>,
}

impl<T> Warned<T> {
    /// A value with nothing to say about it.
    pub fn clean(value: T) -> Self {
        Self { value, diagnostics: Vec::new() }
    }

    /// Whether any diagnostic is an error.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// The value, once the diagnostics are moved to `all`.
    pub fn drain_into(self, all: &mut Vec<Diagnostic>) -> T {
        all.extend(self.diagnostics);
        self.value
    }

    /// The same diagnostics with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Warned<U> {
        Warned { value: change(self.value), diagnostics: self.diagnostics }
    }
}
