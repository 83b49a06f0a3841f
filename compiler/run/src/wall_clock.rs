//! What a retry of a session would build otherwise: calls of the clock and of chance in models that are built by it.
//!
//! Looked at are incremental models, whose old rows stay, and the models of the project that they select from. The
//! templates are looked at before the run (`templates`), what macros made of them when a node is compiled
//! (`compiled`). `session.wall_clock` of `quern.yml` says what becomes of what is found; `wall_clock` in the
//! configuration of a model says it for the model, and a comment `quern: allow wall_clock` for a line.

mod compiled;
mod findings;
mod templates;

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use graph::{Graph, NodeDetails, NodeIndex};
use indexmap::IndexMap;
use project::{ResourceType, WallClock};

pub(crate) use compiled::in_compiled;
pub use templates::check_templates;

/// The models in which the clock matters, with what becomes of a finding; those where it may are not among them.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    levels: IndexMap<NodeIndex, WallClock>,
    told: Mutex<BTreeSet<NodeIndex>>,
}

impl Watched {
    /// Finds them: none, at once, where the project lets all of them and no model says otherwise.
    pub(crate) fn of(graph: &Graph) -> Self {
        let by_default = graph.project.quern.session.wall_clock;
        let mut waiting: Vec<NodeIndex> = Vec::new();
        let mut levels = IndexMap::new();
        for (at, node) in graph.nodes.iter().enumerate() {
            let is_model = node.resource_type == ResourceType::Model;
            if !is_model || node.config.materialized() != "incremental" {
                continue;
            }
            let index = NodeIndex(at as u32);
            if by_default == WallClock::Allow {
                // Who asks for one model means that model.
                levels.extend(own_level(graph, index).map(|level| (index, level)));
            } else {
                waiting.push(index);
            }
        }
        while let Some(index) = waiting.pop() {
            let level = own_level(graph, index).unwrap_or(by_default);
            if levels.insert(index, level).is_none() {
                let parents = graph.node(index).depends_on.iter().copied();
                waiting.extend(
                    parents.filter(|parent| {
                        matches!(graph.node(*parent).details, NodeDetails::Model(_))
                    }),
                );
            }
        }
        levels.retain(|_, level| *level != WallClock::Allow);
        levels.sort_unstable_keys();
        Self { levels, told: Mutex::default() }
    }

    /// What becomes of findings in a node; nothing where the clock does not matter, or may be read.
    pub(crate) fn level(&self, node: NodeIndex) -> Option<WallClock> {
        self.levels.get(&node).copied()
    }

    /// Whether a node is told of for the first time: a backfill compiles it once for each session.
    pub(crate) fn is_new(&self, node: NodeIndex) -> bool {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).insert(node)
    }
}

/// `wall_clock` of the model's configuration, when it has one of the three words.
fn own_level(graph: &Graph, index: NodeIndex) -> Option<WallClock> {
    match graph.node(index).config.text("wall_clock")? {
        "allow" => Some(WallClock::Allow),
        "warn" => Some(WallClock::Warn),
        "deny" => Some(WallClock::Deny),
        _ => None,
    }
}
