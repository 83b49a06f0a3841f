//! What templates say, on its way to the console.

use std::sync::Arc;

use serde_json::json;
use source::{Diagnostic, Sources};
use template::TemplateListener;

use crate::ui::console::Console;
use crate::ui::diagnostics;
use crate::ui::event::{Level, LogEvent};
use crate::ui::warnings::WarningRules;

/// Tells `log`, `print` and `exceptions.warn` to the console.
pub(crate) struct ConsoleListener {
    /// Where to.
    pub console: Arc<Console>,
    /// All texts, for places.
    pub sources: Arc<Sources>,
    /// Which warnings are errors.
    pub rules: WarningRules,
}

impl TemplateListener for ConsoleListener {
    fn log(&self, message: &str, is_info: bool, node: Option<&str>) {
        let (level, name) = if is_info {
            (Level::Info, ("JinjaLogInfo", "I062"))
        } else {
            (Level::Debug, ("JinjaLogDebug", "I063"))
        };
        let data = json!({"msg": message, "node_info": {"unique_id": node.unwrap_or_default()}});
        self.console.fire(&LogEvent::new(level, name, message, data));
    }

    fn print(&self, message: &str) {
        self.console.print(message);
    }

    fn warn(&self, diagnostic: Diagnostic) {
        if let Some(diagnostic) = self.rules.apply(diagnostic) {
            diagnostics::say(&self.console, &self.sources, &diagnostic);
        }
    }
}
