//! The manifest as it is written: node after node, so that a large project's manifest never stands in memory whole.

use graph::{Graph, NodeIndex};
use indexmap::IndexMap;
use run::{NodeResult, RunReport};
use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::{
    Head, children, describe_all_but_nodes, ids, left_out_tests, manifest_nodes, nodes,
    results_by_node,
};

/// Serializes as the [`crate::artifacts::manifest::Manifest`] of the same parts.
#[derive(Debug)]
pub struct ManifestStream<'a> {
    graph: &'a Graph,
    head: &'a Head,
    results: IndexMap<NodeIndex, &'a NodeResult>,
}

impl<'a> ManifestStream<'a> {
    /// The manifest of a project; a report adds what was compiled.
    pub fn new(graph: &'a Graph, head: &'a Head, report: Option<&'a RunReport>) -> Self {
        Self { graph, head, results: results_by_node(report) }
    }
}

impl Serialize for ManifestStream<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rest = describe_all_but_nodes(self.graph, self.head, &self.results);
        let children = children(self.graph);
        let mut fields = serializer.serialize_struct("Manifest", 17)?;
        fields.serialize_field("metadata", &rest.metadata)?;
        fields.serialize_field("nodes", &Nodes(self))?;
        fields.serialize_field("sources", &rest.sources)?;
        fields.serialize_field("macros", &rest.macros)?;
        fields.serialize_field("docs", &rest.docs)?;
        fields.serialize_field("exposures", &rest.exposures)?;
        fields.serialize_field("metrics", &rest.metrics)?;
        fields.serialize_field("groups", &rest.groups)?;
        fields.serialize_field("selectors", &rest.selectors)?;
        fields.serialize_field("disabled", &rest.disabled)?;
        let parents =
            Relatives { graph: self.graph, of: |at: usize| &self.graph.nodes[at].depends_on };
        fields.serialize_field("parent_map", &parents)?;
        fields.serialize_field(
            "child_map",
            &Relatives { graph: self.graph, of: |at: usize| &children[at] },
        )?;
        fields.serialize_field("group_map", &rest.group_map)?;
        fields.serialize_field("saved_queries", &rest.saved_queries)?;
        fields.serialize_field("semantic_models", &rest.semantic_models)?;
        fields.serialize_field("unit_tests", &rest.unit_tests)?;
        fields.serialize_field("functions", &rest.functions)?;
        fields.end()
    }
}

struct Nodes<'s, 'a>(&'s ManifestStream<'a>);

impl Serialize for Nodes<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(manifest) = self;
        let whole = manifest_nodes(manifest.graph)
            .map(|(index, node)| (node, manifest.results.get(&index).copied()));
        let left_out = left_out_tests(manifest.graph).map(|node| (node, None));
        serializer.collect_map(whole.chain(left_out).map(|(node, result)| {
            (&*node.unique_id, nodes::node(manifest.graph, node, manifest.head, result))
        }))
    }
}

/// The parents or the children of every node.
struct Relatives<'a, F> {
    graph: &'a Graph,
    of: F,
}

impl<'a, F: Fn(usize) -> &'a Vec<NodeIndex>> Serialize for Relatives<'a, F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let nodes = self.graph.nodes.iter().enumerate();
        serializer
            .collect_map(nodes.map(|(at, node)| (&*node.unique_id, ids(self.graph, (self.of)(at)))))
    }
}
