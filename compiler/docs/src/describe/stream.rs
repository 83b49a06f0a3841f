//! The manifest as it is written: node after node, so that a large project's manifest never stands in memory whole.

use graph::{Graph, Node, NodeIndex};
use rayon::prelude::*;
use run::{CompiledNodes, RunReport};
use serde::ser::{Error as _, Serialize, SerializeMap, SerializeStruct, Serializer};
use serde_json::value::to_raw_value;

use crate::artifacts::Text;

use super::{
    Head, child_ids, children, describe_all_but_nodes, ids, left_out_tests, manifest_nodes, nodes,
};

/// Serializes as the [`crate::artifacts::manifest::Manifest`] of the same parts.
#[derive(Debug)]
pub struct ManifestStream<'a> {
    graph: &'a Graph,
    head: &'a Head,
    compiled: Option<&'a CompiledNodes>,
}

impl<'a> ManifestStream<'a> {
    /// The manifest of a project; a report adds what was compiled.
    pub fn new(graph: &'a Graph, head: &'a Head, report: Option<&'a RunReport>) -> Self {
        Self { graph, head, compiled: report.map(|report| &report.compiled) }
    }
}

impl Serialize for ManifestStream<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rest = describe_all_but_nodes(self.graph, self.head, self.compiled);
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
        let graph = self.graph;
        let parents = Relatives {
            graph,
            of: |node| ids(graph, &graph.node(node).depends_on),
            of_left_out: |test: &Node| ids(graph, &test.depends_on),
        };
        fields.serialize_field("parent_map", &parents)?;
        let children = Relatives {
            graph,
            of: |node| child_ids(graph, node, &children[node.0 as usize]),
            of_left_out: |_: &Node| Vec::new(),
        };
        fields.serialize_field("child_map", &children)?;
        fields.serialize_field("group_map", &rest.group_map)?;
        fields.serialize_field("saved_queries", &rest.saved_queries)?;
        fields.serialize_field("semantic_models", &rest.semantic_models)?;
        fields.serialize_field("unit_tests", &rest.unit_tests)?;
        fields.serialize_field("functions", &rest.functions)?;
        fields.end()
    }
}

/// So many nodes are made into text on all cores before they are written one after the other.
const SIDE_BY_SIDE: usize = 512;

struct Nodes<'s, 'a>(&'s ManifestStream<'a>);

impl Serialize for Nodes<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(manifest) = self;
        let whole = manifest_nodes(manifest.graph)
            .map(|(index, node)| (node, manifest.compiled.and_then(|all| all.get(&index))));
        let left_out = left_out_tests(manifest.graph).map(|node| (node, None));
        let all: Vec<_> = whole.chain(left_out).collect();
        let mut entries = serializer.serialize_map(Some(all.len()))?;
        for some in all.chunks(SIDE_BY_SIDE) {
            let texts = some.par_iter().map(|(node, compiled)| {
                to_raw_value(&nodes::node(manifest.graph, node, manifest.head, *compiled))
            });
            for ((node, _), text) in some.iter().zip(texts.collect::<Vec<_>>()) {
                entries.serialize_entry(&*node.unique_id, &text.map_err(S::Error::custom)?)?;
            }
        }
        entries.end()
    }
}

/// The parents or the children of every node, those of tests that are left out last.
struct Relatives<'a, F, G> {
    graph: &'a Graph,
    of: F,
    of_left_out: G,
}

impl<'a, F, G> Serialize for Relatives<'a, F, G>
where
    F: Fn(NodeIndex) -> Vec<Text<'a>>,
    G: Fn(&'a Node) -> Vec<Text<'a>>,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let nodes = self.graph.nodes.iter().enumerate();
        let whole = nodes.map(|(at, node)| (&*node.unique_id, (self.of)(NodeIndex(at as u32))));
        let left_out =
            left_out_tests(self.graph).map(|test| (&*test.unique_id, (self.of_left_out)(test)));
        serializer.collect_map(whole.chain(left_out))
    }
}
