//! Where the SQL of nodes is written.

use project::ResourceType;

use crate::node::{Node, NodeDetails};

/// dbt's `path` of the node that runs for a unit test: as if it had a file beside that of its definition.
pub fn unit_test_path(node: &Node, name: &str) -> String {
    let folder = node.original_file_path.parent();
    if folder.is_empty() { format!("{name}.sql") } else { format!("{folder}/{name}.sql") }
}

/// The path of a node's SQL below its package: its own file, or below the file that it is one of several in.
pub fn code_path(node: &Node) -> String {
    let original = node.original_file_path.as_str();
    let is_one_of_several = matches!(original.rsplit('.').next(), Some("yml" | "yaml"));
    match &node.details {
        NodeDetails::Test(test) if test.generic.is_some() => format!("{original}/{}", node.path),
        NodeDetails::Operation { .. } => format!("{original}/{}", node.path),
        _ if node.resource_type == ResourceType::UnitTest => {
            format!("{original}/{}", unit_test_path(node, &node.name))
        }
        // A file may have several snapshots, each named as it likes.
        _ if is_one_of_several || node.resource_type == ResourceType::Snapshot => {
            format!("{original}/{}.sql", node.name)
        }
        _ => original.to_owned(),
    }
}
