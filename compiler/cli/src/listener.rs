//! What templates say, on its way to the console.

use std::sync::Arc;

use serde_json::json;
use source::{Diagnostic, Sources};
use template::{StatementEvent, TemplateListener};

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
    fn hears_statements(&self) -> bool {
        self.console.hears_debug()
    }

    fn statement(&self, event: StatementEvent<'_>) {
        let info = node_of;
        let data = |data: &dyn Fn() -> serde_json::Value| self.console.data(data);
        let event = match event {
            StatementEvent::Sent { connection, sql } => LogEvent::new(
                Level::Debug,
                ("SQLQuery", "E016"),
                format!("On {connection}: {sql}"),
                data(
                    &|| json!({"conn_name": connection, "sql": sql, "node_info": info(connection)}),
                ),
            ),
            StatementEvent::Done { connection, outcome: Ok(said), seconds } => LogEvent::new(
                Level::Debug,
                ("SQLQueryStatus", "E017"),
                format!("SQL status: {said} in {seconds:.3} seconds"),
                data(
                    &|| json!({"status": said, "elapsed": seconds, "query_id": "", "node_info": info(connection)}),
                ),
            ),
            StatementEvent::Done { connection, outcome: Err(said), .. } => LogEvent::new(
                Level::Debug,
                ("AdapterEventDebug", "E001"),
                format!("the warehouse refused it: {said}"),
                data(
                    &|| json!({"name": connection, "base_msg": said, "args": [], "node_info": info(connection)}),
                ),
            ),
            StatementEvent::Noticed { connection, message } => LogEvent::new(
                Level::Debug,
                ("AdapterEventDebug", "E001"),
                format!("the warehouse noticed: {message}"),
                data(
                    &|| json!({"name": connection, "base_msg": message, "args": [], "node_info": info(connection)}),
                ),
            ),
        };
        let thread = std::thread::current();
        let name = thread.name().filter(|name| name.starts_with("Thread-")).map(Arc::from);
        self.console.fire(&match name {
            Some(name) => event.by(&name),
            None => event,
        });
    }

    fn log(&self, message: &str, is_info: bool, node: Option<&str>) {
        let (level, name) = if is_info {
            (Level::Info, ("JinjaLogInfo", "I062"))
        } else {
            (Level::Debug, ("JinjaLogDebug", "I063"))
        };
        let info = || json!({"unique_id": node.unwrap_or_default()});
        let data = self.console.data(|| json!({"msg": message, "node_info": info()}));
        self.console.fire(&LogEvent::new(level, name, message, data));
    }

    fn print(&self, message: &str) {
        self.console.print(message);
    }

    fn warn(&self, diagnostic: Diagnostic) -> Result<(), Diagnostic> {
        match self.rules.apply(diagnostic) {
            Some(diagnostic) if diagnostic.is_error() => Err(diagnostic),
            Some(diagnostic) => {
                diagnostics::say(&self.console, &self.sources, &diagnostic);
                Ok(())
            }
            None => Ok(()),
        }
    }
}

/// What events say of the node that a connection works for: a unique id is a kind, a package and a name.
fn node_of(connection: &str) -> serde_json::Value {
    let mut parts = connection.split('.');
    match (parts.next(), parts.nth(1)) {
        (Some(kind), Some(name)) => {
            json!({"unique_id": connection, "resource_type": kind, "node_name": name})
        }
        _ => json!({"unique_id": connection}),
    }
}
