//! The methods of the selection: what `tag:x` or `path:models/x` looks for.
//!
//! The one registry: a method is its name and the function that makes a predicate of a criterion.

mod config;
mod kind;
mod label;
mod name;
mod named_resource;
mod place;
mod state;

use source::Diagnostic;

use super::node_set::NodeSet;
use super::syntax::{Criterion, Failure};
use crate::graph::Graph;
use crate::node::{Node, NodeIndex};
use crate::state::PreviousState;

/// Tells whether a node fits a criterion.
type Predicate<'a> = Box<dyn Fn(&Node) -> bool + 'a>;

/// Makes the predicate of a criterion, or says why it cannot be.
type Method = for<'a> fn(&'a Graph, &'a Criterion) -> Result<Predicate<'a>, Failure>;

/// All methods; `selector` is not among them, as it leads to another expression.
const METHODS: &[(&str, Method)] = &[
    ("fqn", name::fqn),
    ("tag", label::tag),
    ("group", label::group),
    ("access", label::access),
    ("source", named_resource::source),
    ("path", place::path),
    ("file", place::file),
    ("package", place::package),
    ("config", config::config),
    ("test_name", kind::test_name),
    ("test_type", kind::test_type),
    ("resource_type", kind::resource_type),
    ("state", state::by_search),
    ("exposure", named_resource::exposure),
    ("metric", named_resource::metric),
    ("result", state::by_search),
    ("source_status", state::by_search),
    ("version", label::version),
    ("semantic_model", named_resource::semantic_model),
    ("saved_query", named_resource::saved_query),
    ("unit_test", named_resource::unit_test),
];

/// The names of all methods, in dbt's order.
pub const METHOD_NAMES: &[&str] = &[
    "fqn",
    "tag",
    "group",
    "access",
    "source",
    "path",
    "file",
    "package",
    "config",
    "test_name",
    "test_type",
    "resource_type",
    "state",
    "exposure",
    "metric",
    "result",
    "source_status",
    "version",
    "semantic_model",
    "saved_query",
    "unit_test",
    "selector",
];

/// The nodes that fit a criterion, before `+` and `@`.
pub fn search(
    graph: &Graph,
    criterion: &Criterion,
    state: Option<&PreviousState>,
    told: &mut Vec<Diagnostic>,
) -> Result<NodeSet, Failure> {
    let mut found = NodeSet::none(graph);
    if matches!(criterion.method, "state" | "result" | "source_status") {
        for index in state::search(graph, criterion, state, told)? {
            found.insert(index);
        }
        return Ok(found);
    }
    let Some((_, method)) = METHODS.iter().find(|(name, _)| *name == criterion.method) else {
        return Ok(found);
    };
    let fits = method(graph, criterion)?;
    for (at, node) in graph.nodes.iter().enumerate() {
        if fits(node) {
            found.insert(NodeIndex(at as u32));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_has_a_name_and_every_name_a_method() {
        let mut names: Vec<_> = METHODS.iter().map(|(name, _)| *name).collect();
        names.push("selector");
        assert_eq!(names, METHOD_NAMES);
    }
}
