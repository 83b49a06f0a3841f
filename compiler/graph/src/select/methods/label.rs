//! By what a node is labelled with: `tag:`, `group:`, `access:`, `version:`.

use project::ResourceType;
use serde_json::Value;
use source::Diagnostic;
use source::codes::SELECTOR_INVALID;

use super::Predicate;
use crate::graph::Graph;
use crate::node::{ModelDetails, Node, NodeDetails};
use crate::select::syntax::{Criterion, Failure};
use crate::select::wildcard;

/// Nodes with a tag.
#[expect(clippy::unnecessary_wraps, reason = "the shape of every method")]
pub fn tag<'a>(_: &'a Graph, criterion: &'a Criterion) -> Result<Predicate<'a>, Failure> {
    let is_match = |tag: &str| wildcard::matches(&criterion.value, tag);
    Ok(Box::new(move |node| match (node.resource_type, &node.details) {
        // dbt looks at the tags beside `config`, which only metrics have.
        (ResourceType::Metric | ResourceType::SemanticModel, NodeDetails::Carried(definition)) => {
            let tags = definition.get("tags").and_then(Value::as_array);
            tags.into_iter().flatten().filter_map(Value::as_str).any(is_match)
        }
        _ => node.tags.iter().map(String::as_str).any(is_match),
    }))
}

/// Nodes of a group.
#[expect(clippy::unnecessary_wraps, reason = "the shape of every method")]
pub fn group<'a>(_: &'a Graph, criterion: &'a Criterion) -> Result<Predicate<'a>, Failure> {
    let is_groupable = |node: &Node| {
        !matches!(
            node.resource_type,
            ResourceType::Source
                | ResourceType::Exposure
                | ResourceType::SemanticModel
                | ResourceType::SavedQuery
                | ResourceType::UnitTest
                | ResourceType::Function
        )
    };
    Ok(Box::new(move |node| {
        let group = node.config.values.get("group").and_then(Value::as_str);
        is_groupable(node) && group.is_some_and(|group| wildcard::matches(&criterion.value, group))
    }))
}

/// Models of an access level.
#[expect(clippy::unnecessary_wraps, reason = "the shape of every method")]
pub fn access<'a>(_: &'a Graph, criterion: &'a Criterion) -> Result<Predicate<'a>, Failure> {
    Ok(Box::new(|node| model(node).is_some_and(|model| model.access == criterion.value)))
}

/// Models by their version: `latest`, `prerelease`, `old` or `none`.
pub fn version<'a>(_: &'a Graph, criterion: &'a Criterion) -> Result<Predicate<'a>, Failure> {
    let fits: fn(&ModelDetails) -> bool = match criterion.value.as_str() {
        "latest" => |model| model.version.is_some() && model.version == model.latest_version,
        "prerelease" => |model| is_later(model.version.as_ref(), model.latest_version.as_ref()),
        "old" => |model| is_later(model.latest_version.as_ref(), model.version.as_ref()),
        "none" => |model| model.version.is_none(),
        other => {
            let message = format!("invalid version selection `{other}`");
            return Err(Box::new(
                Diagnostic::error(SELECTOR_INVALID, message)
                    .hint("`latest`, `prerelease`, `old` and `none` are possible"),
            ));
        }
    };
    Ok(Box::new(move |node| model(node).is_some_and(fits)))
}

fn model(node: &Node) -> Option<&ModelDetails> {
    match &node.details {
        NodeDetails::Model(model) => Some(model),
        _ => None,
    }
}

fn is_later(one: Option<&Value>, other: Option<&Value>) -> bool {
    one.zip(other).is_some_and(|(one, other)| crate::version::compare(one, other).is_gt())
}
