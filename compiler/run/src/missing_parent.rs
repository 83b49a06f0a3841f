//! What to do when a statement fails because a table of this project, or one of its sources, is not there.

use graph::{Graph, Node, NodeDetails};
use project::ResourceType;

/// A hint for a failure in whose words a relation is missing that the node reads.
///
/// Warehouses say so in words of their own; none has a code for it that all adapters could hand on.
pub(crate) fn hint(graph: &Graph, node: &Node, message: &str) -> Option<String> {
    let first = message.lines().next().unwrap_or_default().to_lowercase();
    let is_missing = first.contains("does not exist") || first.contains("not found");
    if !is_missing || first.contains("column") || first.contains("function") {
        return None;
    }
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    let words: Vec<&str> = first.split(|letter| !is_part(letter)).collect();
    let is_told = |name: &str| words.contains(&name.to_lowercase().as_str());
    let mut parents = node.depends_on.iter().map(|parent| graph.node(*parent));
    parents.find_map(|parent| match (&parent.details, parent.resource_type) {
        (NodeDetails::Source(source), _) if is_told(&source.identifier) => Some(format!(
            "`{}.{}` is a source of the project, which nothing here makes: see whether it is loaded, and whether {} \
             names its place",
            source.source_name, parent.name, parent.original_file_path
        )),
        (_, ResourceType::Model | ResourceType::Seed | ResourceType::Snapshot)
            if is_told(&parent.alias) =>
        {
            let (kind, name) = (parent.resource_type.as_str(), &parent.name);
            Some(format!(
                "`{name}` is a {kind} of the project: `quern build --select {name}` makes it"
            ))
        }
        _ => None,
    })
}
