//! The whole project as a directed graph without cycles.

use std::sync::Arc;

use indexmap::IndexMap;
use petgraph::graph::DiGraph;
use project::Project;
use source::Span;

use crate::lookup::Lookup;
use crate::node::{Node, NodeIndex};

/// The finished graph: what `resolve` leaves is complete and is only read afterwards.
#[derive(Debug, Clone)]
pub struct Graph {
    /// The project it was made of.
    pub project: Arc<Project>,
    /// All enabled nodes: in order of kind, package and file, so that the same project gives the same numbers.
    pub nodes: Vec<Node>,
    /// Unique id to number.
    pub index: IndexMap<Arc<str>, NodeIndex>,
    /// An edge from each node to those that depend on it; node weights are [`NodeIndex`] in the same order.
    pub edges: DiGraph<NodeIndex, ()>,
    /// Disabled nodes.
    pub disabled: Vec<Node>,
    /// All macros, by unique id, built-in ones included.
    pub macros: IndexMap<Arc<str>, MacroNode>,
    /// Documentation blocks by unique id (`doc.package.name`).
    pub docs: IndexMap<String, DocBlock>,
    /// Groups by unique id.
    pub groups: IndexMap<String, Group>,
    /// From the names in `ref` and `source` to nodes.
    pub lookup: Lookup,
}

impl Graph {
    /// A node by number.
    pub fn node(&self, index: NodeIndex) -> &Node {
        &self.nodes[index.0 as usize]
    }

    /// A node by unique id.
    pub fn find(&self, unique_id: &str) -> Option<&Node> {
        self.index.get(unique_id).map(|index| self.node(*index))
    }

    /// The nodes that depend on a node, by number.
    pub fn children(&self, index: NodeIndex) -> impl Iterator<Item = NodeIndex> + '_ {
        self.edges
            .neighbors(petgraph::graph::NodeIndex::new(index.0 as usize))
            .map(|child| self.edges[child])
    }
}

/// A macro, for the manifest, the site and `depends_on`.
#[derive(Debug, Clone)]
pub struct MacroNode {
    /// `macro.package.name`.
    pub unique_id: Arc<str>,
    /// The package.
    pub package: Arc<str>,
    /// The name; tests are `test_x`, materializations `materialization_x_adapter`.
    pub name: String,
    /// The path inside the package.
    pub original_file_path: source::ProjectPath,
    /// The whole block as written.
    pub code: Arc<str>,
    /// Where it stands.
    pub span: Span,
    /// The description, with `doc` rendered.
    pub description: String,
    /// `meta`.
    pub meta: IndexMap<String, serde_json::Value>,
    /// Whether the site shows it.
    pub is_shown: bool,
    /// `docs.node_color`.
    pub node_color: Option<String>,
    /// `package://path` of its property file.
    pub patch_path: Option<String>,
    /// Its arguments: name, type, description.
    pub arguments: Vec<(String, Option<String>, String)>,
    /// The macros that it calls, by unique id.
    pub depends_on: Vec<Arc<str>>,
    /// The variables and environment variables that its own text names.
    pub inputs: template::InputsRead,
    /// `supported_languages` of materializations.
    pub supported_languages: Option<Vec<String>>,
}

/// A `{% docs %}` block.
#[derive(Debug, Clone)]
pub struct DocBlock {
    /// `doc.package.name`.
    pub unique_id: String,
    /// The package.
    pub package: Arc<str>,
    /// The name.
    pub name: String,
    /// The path inside the searched folder.
    pub path: source::ProjectPath,
    /// The path inside the package.
    pub original_file_path: source::ProjectPath,
    /// The Markdown between the tags, as dbt keeps it (stripped).
    pub contents: String,
    /// Where it stands; none of what every project has.
    pub span: Option<Span>,
}

/// A group.
#[derive(Debug, Clone)]
pub struct Group {
    /// `group.package.name`.
    pub unique_id: String,
    /// The name.
    pub name: String,
    /// The package.
    pub package: Arc<str>,
    /// The path inside the searched folder.
    pub path: source::ProjectPath,
    /// The path inside the package.
    pub original_file_path: source::ProjectPath,
    /// The description.
    pub description: String,
    /// `owner`.
    pub owner: IndexMap<String, serde_json::Value>,
    /// `config`.
    pub config: project::ConfigOptions,
    /// Where it stands.
    pub span: Span,
}
