//! How a node takes part in time: built once, or in each window of a session.

use graph::{Graph, Node, NodeIndex};
use indexmap::IndexSet;
use project::ResourceType;
use session::Grain;

use crate::microbatch::batch_rule;

/// How often a backfill builds a node, and what keeps its windows apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// Once: views, full tables, incremental models that do not know of sessions.
    Once,
    /// In each window, one after the other: a strategy of dbt whose model reads the session.
    InOrder,
    /// In each window, in any order, but never two at once: microbatch.
    OneAtATime,
    /// In each window, in any order and, where the warehouse can, several at once: `session_window`.
    Independent,
}

impl Pace {
    /// Whether it is built in each window.
    pub fn has_windows(self) -> bool {
        self != Self::Once
    }
}

/// The pace of a node.
pub fn pace(graph: &Graph, index: NodeIndex) -> Pace {
    let node = graph.node(index);
    if node.resource_type != ResourceType::Model || node.config.materialized() != "incremental" {
        return Pace::Once;
    }
    match node.config.get("incremental_strategy").and_then(serde_json::Value::as_str) {
        Some("session_window") => Pace::Independent,
        Some("microbatch") => Pace::OneAtATime,
        _ if reads_session(graph, node) => Pace::InOrder,
        _ => Pace::Once,
    }
}

/// The grain of a model's windows: of its batches, its own, or the usual one.
pub fn grain_of(node: &Node, usual: Grain) -> Grain {
    let of_batches = batch_rule(node).map(|rule| rule.size);
    of_batches.or(node.config.window.grain).unwrap_or(usual)
}

/// Whether a node's SQL depends on the session.
fn reads_session(graph: &Graph, node: &Node) -> bool {
    let variable = graph.project.quern.session.variable.as_str();
    let others = ["session_time", "session.time", "session[", variable];
    mentions(graph, node, &[WINDOW_WORDS, &others].concat())
}

/// Whether a node's SQL depends on the window of the session, and not just on its time.
pub(crate) fn reads_window(graph: &Graph, node: &Node) -> bool {
    mentions(graph, node, WINDOW_WORDS)
}

/// How templates ask for the window.
const WINDOW_WORDS: &[&str] = &[
    "in_session_window(",
    "session_window_start(",
    "session_window_end(",
    "session.window",
    "session['window']",
    "session[\"window\"]",
];

/// Whether one of the words stands in a node's own text, in macros of the project that it calls, or in ephemeral models
/// that become part of it.
fn mentions(graph: &Graph, node: &Node, words: &[&str]) -> bool {
    let is_told = |text: &str| words.iter().any(|word| text.contains(word));
    if is_told(&node.raw_code) {
        return true;
    }
    let mut macros: IndexSet<&str> = node.depends_on_macros.iter().map(AsRef::as_ref).collect();
    let mut at = 0;
    while let Some(id) = macros.get_index(at).copied() {
        at += 1;
        let own = graph.macros.get(id).filter(|own| graph.project.package(&own.package).is_some());
        if let Some(own) = own {
            if is_told(&own.code) {
                return true;
            }
            macros.extend(own.depends_on.iter().map(AsRef::as_ref));
        }
    }
    let parents = node.depends_on.iter().map(|parent| graph.node(*parent));
    let mut ephemerals = parents.filter(|parent| {
        parent.resource_type == ResourceType::Model && parent.config.materialized() == "ephemeral"
    });
    ephemerals.any(|parent| mentions(graph, parent, words))
}
