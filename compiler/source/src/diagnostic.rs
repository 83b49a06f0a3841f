//! One message to the user: a stable code, a phrase, the places it is about, and what to do.

use crate::codes::Code;
use crate::span::Span;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Good to know.
    Note,
    /// The command goes on; `--warn-error` turns it into an error.
    Warning,
    /// The command, or the node it is about, fails.
    Error,
}

/// A place that a diagnostic is about, with a few words to show there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What to say there; may be empty.
    pub text: String,
}

/// One message to the user.
///
/// The phrase is lower case without a full stop, with names in backticks; the hint says what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The stable code, explained in the reference.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in one phrase.
    pub message: String,
    /// The places; the first is where the user should look.
    pub labels: Vec<Label>,
    /// Further facts, such as the frames of a macro call stack or the text of a database error.
    pub notes: Vec<String>,
    /// What to do about it.
    pub hint: Option<String>,
    /// The node it is about, by unique id, when it is about one.
    pub node: Option<String>,
}

impl Diagnostic {
    /// An error.
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message)
    }

    /// A warning.
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message)
    }

    /// Something good to know.
    pub fn remark(code: Code, message: impl Into<String>) -> Self {
        Self::new(Severity::Note, code, message)
    }

    fn new(severity: Severity, code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity,
            message: message.into(),
            labels: Vec::new(),
            notes: Vec::new(),
            hint: None,
            node: None,
        }
    }

    /// Adds a place with no words of its own.
    #[must_use]
    pub fn at(self, span: Span) -> Self {
        self.label(span, "")
    }

    /// Adds a place with words.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Adds a place with words when there is one.
    #[must_use]
    pub fn label_optional(self, span: Option<Span>, text: &str) -> Self {
        match span {
            Some(span) => self.label(span, text),
            None => self,
        }
    }

    /// Adds a place when there is one.
    #[must_use]
    pub fn at_optional(self, span: Option<Span>) -> Self {
        match span {
            Some(span) => self.at(span),
            None => self,
        }
    }

    /// Adds a fact.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Says what to do, when there is something to say.
    #[must_use]
    pub fn hint_optional(mut self, hint: Option<String>) -> Self {
        self.hint = hint.or(self.hint);
        self
    }

    /// Ties it to a node.
    #[must_use]
    pub fn about(mut self, unique_id: impl Into<String>) -> Self {
        self.node = Some(unique_id.into());
        self
    }

    /// Whether it is an error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
