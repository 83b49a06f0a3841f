//! From an expression to a set of nodes, with the tests that come along.

use indexmap::IndexSet;
use project::ResourceType;
use source::Diagnostic;
use source::codes::SELECTOR_INVALID;

use super::definition::Selectors;
use super::methods;
use super::node_set::NodeSet;
use super::syntax::{Combination, Criterion, Expression, Failure, Group};
use super::{IndirectSelection, SelectionRequest};
use crate::graph::Graph;
use crate::node::NodeIndex;
use crate::state::PreviousState;

/// What an expression selects.
#[derive(Debug, Clone)]
pub struct Sets {
    /// The nodes.
    pub direct: NodeSet,
    /// Tests of these whose other parents may still show up in another part.
    indirect: NodeSet,
}

/// One run of the selection.
pub struct Evaluation<'a> {
    graph: &'a Graph,
    selectors: &'a Selectors,
    state: Option<&'a PreviousState>,
    /// Which tests come along where a definition does not say it itself.
    indirect: IndirectSelection,
    /// The names of selectors on the way, against circles.
    path: Vec<String>,
    /// The texts that matched nothing, in order.
    pub unmatched: IndexSet<String>,
    /// What comparing with an earlier run found worth telling.
    pub told: Vec<Diagnostic>,
}

impl<'a> Evaluation<'a> {
    /// A run of the selection over a graph.
    pub fn new(graph: &'a Graph, request: &'a SelectionRequest) -> Self {
        Self {
            graph,
            selectors: &request.selectors,
            state: request.state.as_deref(),
            indirect: request.indirect,
            path: Vec::new(),
            unmatched: IndexSet::new(),
            told: Vec::new(),
        }
    }

    /// The nodes of an expression.
    pub fn evaluate(&mut self, expression: &Expression) -> Result<Sets, Failure> {
        match expression {
            Expression::Everything => Ok(self.without_indirect(NodeSet::all(self.graph))),
            Expression::Criterion(criterion) => self.criterion(criterion),
            Expression::Group(group) => self.group(group),
        }
    }

    fn without_indirect(&self, direct: NodeSet) -> Sets {
        Sets { direct, indirect: NodeSet::none(self.graph) }
    }

    fn criterion(&mut self, criterion: &Criterion) -> Result<Sets, Failure> {
        let mut selected = if criterion.method == "selector" {
            self.named_selector(criterion)?
        } else {
            methods::search(self.graph, criterion, self.state, &mut self.told)?
        };
        let matched = selected.clone();
        if criterion.has_childrens_parents {
            selected.add_descendants(self.graph, None);
            selected.add_ancestors(self.graph, None);
        }
        if let Some(depth) = criterion.ancestors {
            let mut ancestors = matched.clone();
            ancestors.add_ancestors(self.graph, depth);
            selected.add_all(&ancestors);
        }
        if let Some(depth) = criterion.descendants {
            let mut descendants = matched;
            descendants.add_descendants(self.graph, depth);
            selected.add_all(&descendants);
        }
        // A selector has had its tests, and what it excluded must not come back.
        if criterion.method == "selector" || criterion.indirect == IndirectSelection::Empty {
            return Ok(self.without_indirect(selected));
        }
        Ok(self.with_tests(&selected, criterion.indirect))
    }

    fn named_selector(&mut self, criterion: &Criterion) -> Result<NodeSet, Failure> {
        let selectors = self.selectors;
        let mut names = selectors.matching(&criterion.value);
        if names.is_empty() {
            names.push(&criterion.value);
        }
        let mut selected = NodeSet::none(self.graph);
        for name in names {
            if self.path.iter().any(|known| known == name) {
                let message = format!("the selector `{name}` selects by itself");
                return Err(Box::new(Diagnostic::error(SELECTOR_INVALID, message)));
            }
            let expression = selectors.expression(name, self.indirect)?;
            self.path.push(name.to_owned());
            let sets = self.evaluate(&expression);
            self.path.pop();
            selected.add_all(&sets?.direct);
        }
        Ok(selected)
    }

    fn group(&mut self, group: &Group) -> Result<Sets, Failure> {
        let mut direct: Option<NodeSet> = None;
        let mut with_indirect: Option<NodeSet> = None;
        for part in &group.parts {
            let mut sets = self.evaluate(part)?;
            sets.indirect.add_all(&sets.direct);
            combine(&mut direct, sets.direct, group.combination);
            combine(&mut with_indirect, sets.indirect, group.combination);
        }
        let mut direct = direct.unwrap_or_else(|| NodeSet::none(self.graph));
        let with_indirect = with_indirect.unwrap_or_else(|| NodeSet::none(self.graph));
        self.take_in_tests(&mut direct, &with_indirect, group.indirect);
        if let Some(expected) = group.expected.as_ref().filter(|_| direct.is_empty()) {
            self.unmatched.insert(expected.clone());
        }
        Ok(Sets { direct, indirect: with_indirect })
    }

    /// dbt's `expand_selection`.
    fn with_tests(&self, selected: &NodeSet, indirect: IndirectSelection) -> Sets {
        let mut sets = self.without_indirect(selected.clone());
        let reachable = self.reachable(selected, indirect, true);
        for test in selected.iter().flat_map(|node| self.graph.children(node)) {
            if !is_test(self.graph, test) {
                continue;
            }
            if indirect == IndirectSelection::Eager || self.has_parents_in(test, &reachable) {
                sets.direct.insert(test);
            } else {
                sets.indirect.insert(test);
            }
        }
        sets
    }

    /// dbt's `incorporate_indirect_nodes`.
    fn take_in_tests(
        &self,
        direct: &mut NodeSet,
        candidates: &NodeSet,
        indirect: IndirectSelection,
    ) {
        if matches!(indirect, IndirectSelection::Eager | IndirectSelection::Empty)
            || direct == candidates
        {
            return;
        }
        let reachable = self.reachable(direct, indirect, false);
        for test in candidates
            .iter()
            .filter(|node| self.graph.node(*node).resource_type == ResourceType::Test)
        {
            if self.has_parents_in(test, &reachable) {
                direct.insert(test);
            }
        }
    }

    /// Where the parents of a test may stand for the test to come along.
    fn reachable(
        &self,
        selected: &NodeSet,
        indirect: IndirectSelection,
        has_sources: bool,
    ) -> NodeSet {
        let mut reachable = selected.clone();
        if indirect == IndirectSelection::Buildable {
            reachable.add_ancestors(self.graph, None);
            if has_sources {
                let sources = self.graph.nodes.iter().enumerate();
                let sources =
                    sources.filter(|(_, node)| node.resource_type == ResourceType::Source);
                sources.for_each(|(at, _)| _ = reachable.insert(NodeIndex(at as u32)));
            }
        }
        reachable
    }

    fn has_parents_in(&self, test: NodeIndex, set: &NodeSet) -> bool {
        self.graph.node(test).depends_on.iter().all(|parent| set.contains(*parent))
    }
}

fn is_test(graph: &Graph, node: NodeIndex) -> bool {
    matches!(graph.node(node).resource_type, ResourceType::Test | ResourceType::UnitTest)
}

fn combine(all: &mut Option<NodeSet>, part: NodeSet, combination: Combination) {
    match (all, combination) {
        (all @ None, _) => *all = Some(part),
        (Some(all), Combination::Union) => all.add_all(&part),
        (Some(all), Combination::Intersection) => all.keep_all(&part),
        (Some(all), Combination::Difference) => all.drop_all(&part),
    }
}
