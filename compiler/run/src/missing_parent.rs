//! What to do when a statement fails because a table of this project is not there.

use graph::{Graph, Node};
use project::ResourceType;

/// A hint for a failure in whose words a relation is missing that another node of the project makes.
///
/// Warehouses say so in words of their own; none has a code for it that all adapters could hand on.
pub(crate) fn hint(graph: &Graph, node: &Node, message: &str) -> Option<String> {
    let first = message.lines().next().unwrap_or_default().to_lowercase();
    let is_missing = first.contains("does not exist") || first.contains("not found");
    if !is_missing || first.contains("column") || first.contains("function") {
        return None;
    }
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    let parent = node.depends_on.iter().map(|parent| graph.node(*parent)).find(|parent| {
        let is_built = matches!(
            parent.resource_type,
            ResourceType::Model | ResourceType::Seed | ResourceType::Snapshot
        );
        let alias = parent.alias.to_lowercase();
        is_built && first.split(|letter| !is_part(letter)).any(|word| word == alias)
    })?;
    let kind = parent.resource_type.as_str();
    Some(format!(
        "`{}` is a {kind} of the project: `quern build --select {}` makes it",
        parent.name, parent.name
    ))
}
