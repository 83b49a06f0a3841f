//! A set of nodes of one graph, and the walks from it.

use crate::graph::Graph;
use crate::node::NodeIndex;

/// How far a walk goes: `2+` is two steps, `+` all the way.
pub type Depth = Option<usize>;

/// Nodes by number, one flag each: small, and in order by nature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeSet(Vec<bool>);

impl NodeSet {
    /// No node of a graph.
    pub fn none(graph: &Graph) -> Self {
        Self(vec![false; graph.nodes.len()])
    }

    /// All nodes of a graph.
    pub fn all(graph: &Graph) -> Self {
        Self(vec![true; graph.nodes.len()])
    }

    /// Adds a node; tells whether it is new.
    pub fn insert(&mut self, node: NodeIndex) -> bool {
        self.0.get_mut(node.0 as usize).is_some_and(|flag| !std::mem::replace(flag, true))
    }

    /// Whether a node is in the set.
    pub fn contains(&self, node: NodeIndex) -> bool {
        self.0.get(node.0 as usize).copied().unwrap_or(false)
    }

    /// Whether no node is in the set.
    pub fn is_empty(&self) -> bool {
        !self.0.contains(&true)
    }

    /// The nodes in order.
    pub fn iter(&self) -> impl Iterator<Item = NodeIndex> + '_ {
        self.0.iter().enumerate().filter(|(_, flag)| **flag).map(|(at, _)| NodeIndex(at as u32))
    }

    /// Adds all of another set.
    pub fn add_all(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(flag, other)| *flag |= other);
    }

    /// Keeps what is in another set too.
    pub fn keep_all(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(flag, other)| *flag &= other);
    }

    /// Drops what is in another set.
    pub fn drop_all(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(flag, other)| *flag &= !other);
    }

    /// Adds what depends on a node of the set, up to a number of steps.
    pub fn add_descendants(&mut self, graph: &Graph, depth: Depth) {
        self.walk(depth, |node, next| next.extend(graph.children(node)));
    }

    /// Adds what a node of the set depends on, up to a number of steps.
    pub fn add_ancestors(&mut self, graph: &Graph, depth: Depth) {
        self.walk(depth, |node, next| next.extend(&graph.node(node).depends_on));
    }

    /// Breadth first, so that each node is reached by the fewest steps and looked at once.
    fn walk(&mut self, depth: Depth, neighbours: impl Fn(NodeIndex, &mut Vec<NodeIndex>)) {
        let mut layer: Vec<_> = self.iter().collect();
        let mut steps = 0;
        let mut found = Vec::new();
        while !layer.is_empty() && depth.is_none_or(|depth| steps < depth) {
            for node in &layer {
                neighbours(*node, &mut found);
            }
            layer.clear();
            layer.extend(found.drain(..).filter(|node| self.insert(*node)));
            steps += 1;
        }
    }
}
