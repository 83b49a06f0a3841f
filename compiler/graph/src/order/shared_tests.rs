//! Tests of several nodes in `build`: what descends from all of these waits for the test.
//!
//! dbt's rule (`Linker.add_test_edges`): a node waits for a test when all parents of the test are its ancestors, which
//! can make no circle. Only the first such nodes on each way need an edge. The ancestors that matter are kept as bits,
//! some tests at a time, so that a sweep over the graph costs one operation per edge.

use indexmap::IndexMap;
use project::ResourceType;

use super::is_executable;
use crate::graph::Graph;
use crate::node::NodeIndex;
use crate::select::Selection;

/// As many parents as one sweep can follow. A test of more nodes holds nobody up.
const BITS: usize = 128;

/// The tests of one sweep, by the parents they have in common.
#[derive(Debug, Default)]
struct Batch {
    bits: IndexMap<NodeIndex, u128>,
    tests: IndexMap<u128, Vec<NodeIndex>>,
}

/// From each selected test of several nodes to the first nodes that descend from all of them.
pub(super) fn edges(graph: &Graph, selection: &Selection) -> Vec<(NodeIndex, NodeIndex)> {
    let mut found = Vec::new();
    let mut batch = Batch::default();
    let mut sorted = None;
    for test in &selection.nodes {
        let node = graph.node(*test);
        if node.resource_type != ResourceType::Test || !(2..=BITS).contains(&node.depends_on.len())
        {
            continue;
        }
        if batch.bits.len() + node.depends_on.len() > BITS {
            batch.sweep(graph, sorted.get_or_insert_with(|| topological(graph)), &mut found);
            batch = Batch::default();
        }
        batch.add(*test, &node.depends_on);
    }
    if !batch.tests.is_empty() {
        batch.sweep(graph, sorted.get_or_insert_with(|| topological(graph)), &mut found);
    }
    found
}

impl Batch {
    fn add(&mut self, test: NodeIndex, parents: &[NodeIndex]) {
        let mut needed = 0;
        for parent in parents {
            let next = 1 << self.bits.len();
            needed |= *self.bits.entry(*parent).or_insert(next);
        }
        self.tests.entry(needed).or_default().push(test);
    }

    fn sweep(&self, graph: &Graph, sorted: &[NodeIndex], found: &mut Vec<(NodeIndex, NodeIndex)>) {
        let own = |node: &NodeIndex| self.bits.get(node).copied().unwrap_or(0);
        let mut ancestors = vec![0u128; graph.nodes.len()];
        for index in sorted {
            let node = graph.node(*index);
            let parents = &node.depends_on;
            let seen = parents
                .iter()
                .fold(0, |seen, parent| seen | ancestors[parent.0 as usize] | own(parent));
            ancestors[index.0 as usize] = seen;
            let is_known = parents.iter().any(|parent| ancestors[parent.0 as usize] == seen);
            if seen == 0 || is_known || !is_executable(node.resource_type) {
                continue;
            }
            for (needed, tests) in &self.tests {
                let has_all = |seen: u128| seen & needed == *needed;
                if has_all(seen)
                    && !parents.iter().any(|parent| has_all(ancestors[parent.0 as usize]))
                {
                    found.extend(tests.iter().map(|test| (*test, *index)));
                }
            }
        }
    }
}

/// Parents before children.
fn topological(graph: &Graph) -> Vec<NodeIndex> {
    let mut left: Vec<usize> = graph.nodes.iter().map(|node| node.depends_on.len()).collect();
    let numbers = (0..graph.nodes.len()).map(|at| NodeIndex(at as u32));
    let mut sorted: Vec<_> = numbers.filter(|node| left[node.0 as usize] == 0).collect();
    let mut at = 0;
    while let Some(node) = sorted.get(at).copied() {
        at += 1;
        for child in graph.children(node) {
            left[child.0 as usize] = left[child.0 as usize].saturating_sub(1);
            if left[child.0 as usize] == 0 {
                sorted.push(child);
            }
        }
    }
    sorted
}
