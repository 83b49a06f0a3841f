//! References that lead to where an earlier run built things.

use adapter_interface::Relation;
use indexmap::IndexMap;
use serde_json::Value;

use super::PreviousManifest;
use crate::graph::Graph;
use crate::lookup::is_referable;
use crate::node::{Node, NodeIndex};

/// What `--defer` and its companions say, and where things stand elsewhere.
#[derive(Debug, Clone, Default)]
pub struct Deferral {
    relations: IndexMap<NodeIndex, DeferredRelation>,
    /// Whether references are deferred (`--defer`); without it only `defer_relation` is there, as for `clone`.
    pub is_on: bool,
    /// Whether what is not selected is deferred even when it exists here (`--favor-state`).
    pub favors_state: bool,
}

/// Where a node stands elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct DeferredRelation {
    /// The relation.
    pub relation: Relation,
    /// The relation as that manifest writes it.
    pub name: Option<String>,
}

impl Deferral {
    /// The counterparts of a graph's nodes in a manifest: of all that can be referred to and has a relation there.
    pub fn new(
        graph: &Graph,
        manifest: &PreviousManifest,
        is_on: bool,
        favors_state: bool,
    ) -> Self {
        let nodes = graph.nodes.iter().enumerate();
        let relations = nodes.filter_map(|(at, node)| {
            let other = manifest.node(&node.unique_id)?;
            Some((NodeIndex(at as u32), counterpart(node, other)?))
        });
        Self { relations: relations.collect(), is_on, favors_state }
    }

    /// Where a node stands elsewhere.
    pub fn of(&self, node: NodeIndex) -> Option<&DeferredRelation> {
        self.relations.get(&node)
    }
}

fn counterpart(node: &Node, other: &Value) -> Option<DeferredRelation> {
    let text = |key: &str| other.get(key).and_then(Value::as_str);
    let is_ephemeral =
        other.pointer("/config/materialized").and_then(Value::as_str) == Some("ephemeral");
    if !is_referable(node.resource_type) || is_ephemeral {
        return None;
    }
    let quoting = node.relation.as_ref()?.quoting;
    let relation = Relation::new(
        text("database"),
        text("schema"),
        text("alias").or_else(|| text("name")),
        quoting,
    );
    Some(DeferredRelation { relation, name: text("relation_name").map(str::to_owned) })
}
