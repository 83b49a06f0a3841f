//! The lines of a function's overloads, as dbt tells them.

use graph::Node;
use run::NodeStatus;
use serde_json::json;

use super::colour::{green, red, yellow};
use super::event::{Level, LogEvent};
use super::node_info::node_info;
use super::run_events::RunTeller;

impl RunTeller {
    /// An overload starts.
    pub(super) fn overload_started(
        &self,
        node: &Node,
        overload: &str,
        (index, total): (usize, usize),
    ) -> LogEvent {
        let description = format!("function {} overload {overload}", node.name);
        let line = self.line(&format!("START {description}"), "RUN", Some((index, total)), None);
        let data = json!({
            "description": description, "overload_index": index, "total_overloads": total,
            "node_info": node_info(node, self.starting()),
        });
        LogEvent::new(Level::Info, ("LogStartOverload", "Q048"), format!("Overload {line}"), data)
    }

    /// An overload ended: how, what went wrong, and how long it took.
    pub(super) fn overload_finished(
        &self,
        node: &Node,
        overload: &str,
        (index, total): (usize, usize),
        (status, error, seconds): (NodeStatus, Option<&str>, f64),
    ) -> LogEvent {
        let mut description = format!("function {} overload {overload}", node.name);
        if let Some(error) = error {
            description = format!("{description}: {error}");
        }
        let word = status.as_str();
        let shown = word.to_uppercase();
        let (words, shown, level) = match status {
            NodeStatus::Error => ("ERROR creating", red(&shown), Level::Error),
            NodeStatus::Skipped => ("SKIP", yellow(&shown), Level::Info),
            _ => ("OK created", green(&shown), Level::Info),
        };
        let words = format!("{words} {description}");
        let line = self.line(&words, &shown, Some((index, total)), Some(seconds));
        let data = json!({
            "description": description, "status": word, "overload_index": index,
            "total_overloads": total, "execution_time": seconds,
            "node_info": node_info(node, self.starting()),
        });
        LogEvent::new(level, ("LogOverloadResult", "Q049"), format!("Overload {line}"), data)
    }
}
