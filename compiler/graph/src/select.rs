//! The nodes that a command is about.
//!
//! `syntax` reads `--select`, `definition` reads `selectors.yml`, `methods` knows what `tag:x` means, `evaluate`
//! combines sets of nodes and finds the tests that come along. The rules are those of dbt's `graph/selector.py`.

mod definition;
mod evaluate;
mod methods;
mod node_set;
mod syntax;
mod wildcard;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use project::ResourceType;
use source::codes::{CRITERION_MATCHES_NOTHING, NOTHING_SELECTED};
use source::suggest::did_you_mean;
use source::{Diagnostic, Warned};

use crate::graph::Graph;
use crate::node::{Node, NodeDetails, NodeIndex};
use crate::state::PreviousState;

pub use definition::{Selectors, read_selectors};
pub use methods::METHOD_NAMES;

/// Which tests come along with the nodes they test; dbt's `--indirect-selection`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum IndirectSelection {
    /// A test comes along when any of its parents is selected.
    #[default]
    Eager,
    /// A test comes along when all its parents are selected.
    Cautious,
    /// A test comes along when all its parents are selected or are ancestors of what is selected.
    Buildable,
    /// No test comes along.
    Empty,
}

impl IndirectSelection {
    /// The mode of dbt's word.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "eager" => Self::Eager,
            "cautious" => Self::Cautious,
            "buildable" => Self::Buildable,
            "empty" => Self::Empty,
            _ => return None,
        })
    }
}

/// What the command line asks for.
#[derive(Debug, Clone, Default)]
pub struct SelectionRequest {
    /// `--select`, one text for each time it was given; no text means everything.
    pub select: Vec<String>,
    /// `--exclude`.
    pub exclude: Vec<String>,
    /// The kinds that the command handles; none means all.
    pub resource_types: Option<Vec<ResourceType>>,
    /// `--exclude-resource-type`.
    pub excluded_resource_types: Vec<ResourceType>,
    /// `--indirect-selection`.
    pub indirect: IndirectSelection,
    /// `--selector`, a name in [`SelectionRequest::selectors`]; takes the place of `select` and `exclude`.
    pub selector: Option<String>,
    /// The definitions of `selectors.yml`.
    pub selectors: Selectors,
    /// Whether nodes without SQL stay, as in `dbt ls`.
    pub keeps_empty_nodes: bool,
    /// What an earlier run left behind (`--state`).
    pub state: Option<Arc<PreviousState>>,
}

/// The nodes that a command is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// The nodes by number, ascending.
    pub nodes: Vec<NodeIndex>,
}

impl Selection {
    /// Whether a node is selected.
    pub fn contains(&self, node: NodeIndex) -> bool {
        self.nodes.binary_search(&node).is_ok()
    }
}

/// Finds the nodes that a command is about.
///
/// Mirrors dbt's `NodeSelector.get_selected`; what could not be understood is an error diagnostic and selects nothing.
pub fn select(graph: &Graph, request: &SelectionRequest) -> Warned<Selection> {
    let expression = match syntax::request_expression(request) {
        Ok(expression) => expression,
        Err(diagnostic) => {
            return Warned { value: Selection::default(), diagnostics: vec![*diagnostic] };
        }
    };
    let mut evaluation = evaluate::Evaluation::new(graph, request);
    let selected = match evaluation.evaluate(&expression) {
        Ok(sets) => sets.direct,
        Err(diagnostic) => {
            return Warned { value: Selection::default(), diagnostics: vec![*diagnostic] };
        }
    };
    let is_wanted = |node: &Node| {
        request.resource_types.as_ref().is_none_or(|kinds| kinds.contains(&node.resource_type))
            && !request.excluded_resource_types.contains(&node.resource_type)
            && (request.keeps_empty_nodes || !is_empty(node))
    };
    let nodes: Vec<_> = selected.iter().filter(|index| is_wanted(graph.node(*index))).collect();
    let mut diagnostics = std::mem::take(&mut evaluation.told);
    diagnostics.extend(evaluation.unmatched.iter().map(|raw| unmatched(graph, raw)));
    if nodes.is_empty() {
        diagnostics.push(
            Diagnostic::warning(NOTHING_SELECTED, "no nodes selected")
                .hint("`quern ls` lists what there is to select"),
        );
    }
    Warned { value: Selection { nodes }, diagnostics }
}

fn unmatched(graph: &Graph, raw: &str) -> Diagnostic {
    let message = format!("the selection criterion `{raw}` does not match any enabled nodes");
    Diagnostic::warning(CRITERION_MATCHES_NOTHING, message).hint_optional(meant(graph, raw))
}

/// What was probably meant by a name or a tag that nothing has.
fn meant(graph: &Graph, raw: &str) -> Option<String> {
    let is_sign = |letter: char| matches!(letter, '+' | '@') || letter.is_ascii_digit();
    let wanted = match raw.rsplit_once('+') {
        Some((before, depth)) if depth.bytes().all(|byte| byte.is_ascii_digit()) => before,
        _ => raw,
    };
    let wanted = match wanted.find(['+', '@']) {
        Some(at) if wanted[..at].chars().all(is_sign) => &wanted[at + 1..],
        _ => wanted,
    };
    if let Some(tag) = wanted.strip_prefix("tag:") {
        return did_you_mean(
            tag,
            graph.nodes.iter().flat_map(|node| &node.tags).map(String::as_str),
        );
    }
    if wanted.contains([':', '.', '/', '*']) {
        return None;
    }
    if graph.disabled.iter().any(|node| &*node.name == wanted) {
        return Some(format!("`{wanted}` is disabled"));
    }
    did_you_mean(wanted, graph.nodes.iter().map(|node| &*node.name))
}

/// Whether a node has a template with nothing in it; dbt passes over these when it runs.
fn is_empty(node: &Node) -> bool {
    let has_code = matches!(
        node.details,
        NodeDetails::Model(_)
            | NodeDetails::Test(_)
            | NodeDetails::Snapshot
            | NodeDetails::Function(_)
            | NodeDetails::Analysis
    );
    has_code && node.raw_code.trim().is_empty()
}
