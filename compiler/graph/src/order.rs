//! In which order the selected nodes may run.
//!
//! The order keeps what dbt's `get_subset_graph` keeps: a node waits for a selected ancestor even when all nodes
//! between them are not selected. Where dbt copies edges over each removed node, an unselected node stays here as a
//! *passage*: it does nothing, is done as soon as its parents are, and hands failures on. The same trick makes the
//! descendants of a tested node wait for its tests with one edge per test and one per child.

mod shared_tests;

use adapter_interface::Relation;
use indexmap::IndexMap;
use project::ResourceType;

use crate::graph::Graph;
use crate::node::NodeIndex;
use crate::select::Selection;

/// Whether what depends on a tested node waits for its tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestEdges {
    /// It does not: `dbt run`, `dbt test`.
    None,
    /// It does: `dbt build`.
    Build,
}

/// One step of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A selected node.
    Node(NodeIndex),
    /// Nothing to do: done, or skipped, as its parents are.
    Passage,
}

/// The steps of a run and what waits for what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunOrder {
    /// The steps; selected nodes first, in the order of the graph.
    pub nodes: Vec<Step>,
    /// For each step, how many others it waits for.
    pub parents_left: Vec<u32>,
    /// For each step, the steps that wait for it.
    pub children: Vec<Vec<u32>>,
}

/// The order of a selection.
pub fn run_order(graph: &Graph, selection: &Selection, style: TestEdges) -> RunOrder {
    let mut waits = Waits::new(graph.nodes.len());
    let gates = match style {
        TestEdges::None => vec![None; graph.nodes.len()],
        TestEdges::Build => waits.add_gates(graph, selection),
    };
    let seeds = seeds_behind_sources(graph);
    let unit_tests = unit_tests_before_models(graph, selection, style);
    // As in dbt the unit tests of a model run one after the other, and after one that fails the others are skipped.
    let mut last: IndexMap<NodeIndex, u32> = IndexMap::new();
    for test in &selection.nodes {
        let Some(model) = unit_tests[test.0 as usize] else { continue };
        if let Some(before) = last.insert(model, test.0) {
            waits.add(before, test.0);
        }
    }
    for (at, node) in graph.nodes.iter().enumerate() {
        let before = unit_tests[at].map(|model| {
            waits.add(at as u32, model.0);
            graph.node(model)
        });
        let node = before.unwrap_or(node);
        for parent in &node.depends_on {
            for parent in [Some(*parent), seeds[parent.0 as usize]].into_iter().flatten() {
                let gate = gates[parent.0 as usize].filter(|_| is_executable(node.resource_type));
                waits.add(gate.unwrap_or(parent.0), at as u32);
            }
        }
    }
    if style == TestEdges::Build {
        for (test, node) in shared_tests::edges(graph, selection) {
            waits.add(test.0, node.0);
        }
    }
    waits.finish(selection)
}

/// For each unit test that is to run before its model, the model: as in dbt a build makes no model whose unit tests fail.
fn unit_tests_before_models(
    graph: &Graph,
    selection: &Selection,
    style: TestEdges,
) -> Vec<Option<NodeIndex>> {
    let mut models = vec![None; graph.nodes.len()];
    if style == TestEdges::None {
        return models;
    }
    for test in &selection.nodes {
        let node = graph.node(*test);
        let model = node.depends_on.first().copied();
        if node.resource_type == ResourceType::UnitTest {
            models[test.0 as usize] =
                model.filter(|model| selection.nodes.binary_search(model).is_ok());
        }
    }
    models
}

/// For each source the seed that loads the very table it names, if one does.
///
/// dbt knows no such edge, and what reads the source may then run before the table is there.
fn seeds_behind_sources(graph: &Graph) -> Vec<Option<NodeIndex>> {
    let key = |relation: &Relation| {
        let lower = |part: &Option<String>| part.as_deref().unwrap_or_default().to_lowercase();
        (lower(&relation.database), lower(&relation.schema), lower(&relation.identifier))
    };
    let of_kind = |kind: ResourceType| {
        let nodes =
            graph.nodes.iter().enumerate().filter(move |(_, node)| node.resource_type == kind);
        nodes.filter_map(move |(at, node)| {
            Some((key(node.relation.as_ref()?), NodeIndex(at as u32)))
        })
    };
    let seeds: IndexMap<_, _> = of_kind(ResourceType::Seed).collect();
    let mut behind = vec![None; graph.nodes.len()];
    for (name, source) in of_kind(ResourceType::Source) {
        behind[source.0 as usize] = seeds.get(&name).copied();
    }
    behind
}

/// Whether a node is one that waits for tests: what dbt has among `nodes`, but for tests.
fn is_executable(kind: ResourceType) -> bool {
    matches!(
        kind,
        ResourceType::Model
            | ResourceType::Seed
            | ResourceType::Snapshot
            | ResourceType::Analysis
            | ResourceType::Operation
            | ResourceType::SqlOperation
    )
}

/// All nodes of the graph and further gates, with who waits for whom.
#[derive(Debug)]
struct Waits {
    children: Vec<Vec<u32>>,
    parents: Vec<Vec<u32>>,
}

impl Waits {
    fn new(count: usize) -> Self {
        Self { children: vec![Vec::new(); count], parents: vec![Vec::new(); count] }
    }

    fn add(&mut self, parent: u32, child: u32) {
        self.children[parent as usize].push(child);
        self.parents[child as usize].push(parent);
    }

    /// For each node with selected tests of its own a gate that opens when the node and its tests are done.
    fn add_gates(&mut self, graph: &Graph, selection: &Selection) -> Vec<Option<u32>> {
        let mut gates = vec![None; graph.nodes.len()];
        for test in &selection.nodes {
            let node = graph.node(*test);
            let ([tested], ResourceType::Test) = (node.depends_on.as_slice(), node.resource_type)
            else {
                continue;
            };
            let gate = *gates[tested.0 as usize].get_or_insert_with(|| {
                self.children.push(Vec::new());
                self.parents.push(Vec::new());
                let gate = self.children.len() as u32 - 1;
                self.add(tested.0, gate);
                gate
            });
            self.add(test.0, gate);
        }
        gates
    }

    /// Drops what is not selected and does not stand between selected nodes, and numbers the rest.
    fn finish(self, selection: &Selection) -> RunOrder {
        let count = self.children.len();
        let is_below = reached(&self.children, selection);
        let is_above = reached(&self.parents, selection);
        let mut numbers: Vec<Option<u32>> = vec![None; count];
        let mut kept: Vec<u32> = selection.nodes.iter().map(|node| node.0).collect();
        kept.iter()
            .enumerate()
            .for_each(|(number, at)| numbers[*at as usize] = Some(number as u32));
        let mut nodes: Vec<_> = selection.nodes.iter().map(|node| Step::Node(*node)).collect();
        for at in 0..count {
            if numbers[at].is_none() && is_below[at] && is_above[at] {
                numbers[at] = Some(kept.len() as u32);
                kept.push(at as u32);
                nodes.push(Step::Passage);
            }
        }
        let mut parents_left = vec![0; kept.len()];
        let mut children = Vec::with_capacity(kept.len());
        for at in &kept {
            let mut own: Vec<u32> = self.children[*at as usize]
                .iter()
                .filter_map(|child| numbers[*child as usize])
                .collect();
            own.sort_unstable();
            own.dedup();
            for child in &own {
                parents_left[*child as usize] += 1;
            }
            children.push(own);
        }
        RunOrder { nodes, parents_left, children }
    }
}

/// What can be reached from the selection along edges, the selection itself only if reached.
fn reached(edges: &[Vec<u32>], selection: &Selection) -> Vec<bool> {
    let mut is_reached = vec![false; edges.len()];
    let mut waiting: Vec<u32> = selection.nodes.iter().map(|node| node.0).collect();
    while let Some(at) = waiting.pop() {
        for next in &edges[at as usize] {
            if !std::mem::replace(&mut is_reached[*next as usize], true) {
                waiting.push(*next);
            }
        }
    }
    is_reached
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_graph::graph_of;

    fn selection(graph: &Graph, names: &[&str]) -> Selection {
        let mut nodes: Vec<_> = names.iter().map(|name| *graph.index.get(*name).unwrap()).collect();
        nodes.sort();
        Selection { nodes }
    }

    /// The selected nodes in the order in which a single worker would do them.
    fn sequence(graph: &Graph, order: &RunOrder) -> Vec<String> {
        let mut left = order.parents_left.clone();
        let mut ready: Vec<usize> = (0..left.len()).filter(|at| left[*at] == 0).collect();
        let mut done = Vec::new();
        while let Some(at) = ready.pop() {
            if let Step::Node(node) = order.nodes[at] {
                done.push(graph.node(node).unique_id.to_string());
            }
            for child in &order.children[at] {
                left[*child as usize] -= 1;
                if left[*child as usize] == 0 {
                    ready.push(*child as usize);
                }
            }
        }
        done
    }

    #[test]
    fn a_node_waits_across_unselected_ones() {
        let graph =
            graph_of(&[("model.a", &[]), ("model.b", &["model.a"]), ("model.c", &["model.b"])]);
        let order = run_order(&graph, &selection(&graph, &["model.a", "model.c"]), TestEdges::None);
        assert_eq!(sequence(&graph, &order), ["model.a", "model.c"]);
        assert_eq!(order.nodes.len(), 3);
    }

    #[test]
    fn unselected_nodes_at_the_rim_are_dropped() {
        let graph =
            graph_of(&[("model.a", &[]), ("model.b", &["model.a"]), ("model.c", &["model.b"])]);
        let order = run_order(&graph, &selection(&graph, &["model.b"]), TestEdges::None);
        assert_eq!((order.nodes.len(), order.parents_left.as_slice()), (1, [0].as_slice()));
    }

    #[test]
    fn build_runs_tests_before_what_depends_on_the_tested() {
        let graph = graph_of(&[
            ("model.a", &[]),
            ("model.b", &["model.a"]),
            ("model.c", &["model.b"]),
            ("test.a", &["model.a"]),
            ("test.ab", &["model.a", "model.b"]),
        ]);
        let all = ["model.a", "model.b", "model.c", "test.a", "test.ab"];
        let order = run_order(&graph, &selection(&graph, &all), TestEdges::Build);
        assert_eq!(
            sequence(&graph, &order),
            ["model.a", "test.a", "model.b", "test.ab", "model.c"]
        );
    }
}
