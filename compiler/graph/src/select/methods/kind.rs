//! By what a node is: `resource_type:`, `test_type:`, `test_name:`.

use project::ResourceType;
use source::Diagnostic;
use source::codes::SELECTOR_INVALID;

use super::Predicate;
use crate::graph::Graph;
use crate::node::{Node, NodeDetails};
use crate::select::syntax::{Criterion, Failure};
use crate::select::wildcard;

/// Nodes of a kind.
pub fn resource_type<'a>(_: &'a Graph, criterion: &'a Criterion) -> Result<Predicate<'a>, Failure> {
    let Some(wanted) = ResourceType::parse(&criterion.value) else {
        let message = format!("`{}` is not a resource type", criterion.value);
        let hint = source::suggest::did_you_mean(
            &criterion.value,
            ResourceType::ALL.iter().map(|kind| kind.as_str()),
        );
        return Err(Box::new(Diagnostic::error(SELECTOR_INVALID, message).hint_optional(hint)));
    };
    Ok(Box::new(move |node| node.resource_type == wanted))
}

/// Tests by how they are written.
pub fn test_type<'a>(_: &'a Graph, criterion: &'a Criterion) -> Result<Predicate<'a>, Failure> {
    let is_generic =
        |node: &Node| matches!(&node.details, NodeDetails::Test(test) if test.generic.is_some());
    let is_singular =
        |node: &Node| matches!(&node.details, NodeDetails::Test(test) if test.generic.is_none());
    match criterion.value.as_str() {
        "generic" | "schema" => Ok(Box::new(is_generic)),
        "singular" => Ok(Box::new(is_singular)),
        "data" => Ok(Box::new(move |node| is_generic(node) || is_singular(node))),
        "unit" => Ok(Box::new(|node| node.resource_type == ResourceType::UnitTest)),
        other => {
            let message = format!("`{other}` is not a type of tests");
            Err(Box::new(
                Diagnostic::error(SELECTOR_INVALID, message)
                    .hint("`generic`, `singular`, `unit` and `data` are possible"),
            ))
        }
    }
}

/// Generic tests by the test's own name, and unit tests by theirs.
#[expect(clippy::unnecessary_wraps, reason = "the shape of every method")]
pub fn test_name<'a>(_: &'a Graph, criterion: &'a Criterion) -> Result<Predicate<'a>, Failure> {
    Ok(Box::new(|node| match &node.details {
        NodeDetails::Test(test) => test
            .generic
            .as_ref()
            .is_some_and(|generic| wildcard::matches(&criterion.value, &generic.name)),
        _ => {
            node.resource_type == ResourceType::UnitTest
                && wildcard::matches(&criterion.value, &node.name)
        }
    }))
}
