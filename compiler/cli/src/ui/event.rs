//! One thing that is said, with dbt's name and code for it.

use std::sync::Arc;

use serde_json::{Value, json};

/// How important it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// For who looks closely.
    Debug,
    /// For everybody.
    Info,
    /// Worth a look.
    Warn,
    /// Bad news.
    Error,
}

impl Level {
    /// dbt's word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }

    /// The level of dbt's word; none for `none`.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        [Self::Debug, Self::Info, Self::Warn, Self::Error]
            .into_iter()
            .find(|level| level.as_str() == word)
    }
}

/// One thing that is said.
#[derive(Debug, Clone)]
pub(crate) struct LogEvent {
    /// dbt's name of the event, such as `LogModelResult`.
    pub name: &'static str,
    /// dbt's code of the event, such as `Q012`.
    pub code: &'static str,
    /// How important it is.
    pub level: Level,
    /// The line, with colours.
    pub message: String,
    /// dbt's fields of the event.
    pub data: Value,
    /// The worker that says it; none for the main thread.
    pub thread: Option<Arc<str>>,
}

impl LogEvent {
    /// An event with its fields.
    pub(crate) fn new(
        level: Level,
        (name, code): (&'static str, &'static str),
        message: impl Into<String>,
        data: Value,
    ) -> Self {
        Self { name, code, level, message: message.into(), data, thread: None }
    }

    /// An empty line, or a line that is nothing but form.
    pub(crate) fn formatting(text: &str) -> Self {
        Self::new(Level::Info, ("Formatting", "Z017"), text, json!({"msg": text}))
    }

    /// A line with no event of its own.
    pub(crate) fn note(level: Level, text: &str) -> Self {
        Self::new(level, ("Note", "Z050"), text, json!({"msg": text}))
    }

    /// What was asked for: printed as it is, even when quiet.
    pub(crate) fn print(text: &str) -> Self {
        Self::new(Level::Info, ("PrintEvent", "Z052"), text, json!({"msg": text}))
    }

    /// The same said by a worker.
    pub(crate) fn by(mut self, thread: &Arc<str>) -> Self {
        self.thread = Some(thread.clone());
        self
    }

    /// Whether it is what was asked for rather than talk about it.
    pub(crate) fn is_print(&self) -> bool {
        matches!(self.name, "PrintEvent" | "ShowNode" | "CompiledNode")
    }
}
