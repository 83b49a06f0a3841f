//! The second stage of the graph: all nodes together.
//!
//! Property files are matched to nodes (`patches`), configurations merged and names made (`configure`), references
//! followed (`references`), descriptions rendered (`descriptions`), and the whole is checked (`checks`, `cycles`).

mod attach;
mod batches;
mod checks;
mod configure;
mod cycles;
mod deprecations;
mod descriptions;
mod documentation;
mod groups;
mod macros;
mod metric_rules;
mod names;
mod patches;
mod primary_key;
mod query_rules;
mod references;
mod semantic_rules;
mod semantics;
mod signatures;
mod time_spine_rules;
mod unit_test_versions;
mod unused_paths;

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, PoisonError};

use indexmap::IndexMap;
use petgraph::graph::DiGraph;
use project::Project;
use rayon::prelude::*;
use source::{Diagnostic, Sources, Warned};
use template::Engine;

use crate::graph::Graph;
use crate::lookup::Lookup;
use crate::node::{Node, NodeIndex};
use crate::parsed_node::ParsedNode;

/// Nodes that are configured before the memory of what they were parsed from is given back.
const CHUNK: usize = 2_048;

/// Makes the graph out of the nodes of all files.
///
/// The graph is as complete as it can be: what is wrong is among the diagnostics, and left out where nothing else
/// would be sound. When any of them is an error, the graph is not to be run.
pub fn resolve(
    project: &Arc<Project>,
    engine: &Engine,
    _sources: &Sources,
    mut parsed: Vec<ParsedNode>,
) -> Warned<Graph> {
    let mut diagnostics = Vec::new();
    let docs = documentation::blocks(project, engine).drain_into(&mut diagnostics);
    let groups = groups::all(project).drain_into(&mut diagnostics);
    let mut patches = patches::apply(project, &mut parsed).drain_into(&mut diagnostics);
    diagnostics.extend(signatures::absorb(project, &mut parsed, &mut patches));
    unit_test_versions::expand(&mut parsed, &mut patches, &mut diagnostics);
    let mut targets = attach::Targets::new();
    for node in &mut parsed {
        if let Some(target) = node.test_target.take() {
            targets.insert(node.unique_id.clone(), target);
        }
    }
    let configuration = configure::Configuration::new(project, engine);
    let found: Mutex<Vec<(usize, Vec<Diagnostic>)>> = Mutex::default();
    // Straight into place, and what was parsed goes as it is taken: with tens of thousands of nodes, each copy counts.
    let mut nodes: Vec<Node> = Vec::with_capacity(parsed.len());
    for chunk in chunks(parsed.into_iter().zip(patches)) {
        let first = nodes.len();
        nodes.par_extend(chunk.into_par_iter().enumerate().map(|(at, (parsed, patch))| {
            let configured = configuration.configure(parsed, patch);
            if !configured.diagnostics.is_empty() {
                let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                found.push((first + at, configured.diagnostics));
            }
            configured.value
        }));
    }
    drop(configuration);
    batches::leave_out(project, engine, &mut nodes, &mut diagnostics);
    let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.sort_by_key(|(at, _)| *at);
    diagnostics.extend(found.into_iter().flat_map(|(_, found)| found));

    let mut disabled: Vec<Node> = nodes.extract_if(.., |node| !node.config.is_enabled()).collect();
    checks::drop_twins(&mut nodes, &mut diagnostics);
    attach::attach_tests(&targets, &mut nodes, &mut disabled);
    let lookup = Lookup::new(project, &nodes, &disabled);
    let unresolved = references::resolve(project, &lookup, &mut nodes).drain_into(&mut diagnostics);
    disabled.extend(unresolved);
    semantics::complete(engine, &mut nodes);
    primary_key::infer(&mut nodes, &disabled);
    // Tests were left out: the numbers are new.
    let lookup = Lookup::new(project, &nodes, &disabled);
    semantic_rules::check(&nodes, &mut diagnostics);
    time_spine_rules::check(&nodes, &mut diagnostics);
    checks::check(&nodes, &groups, engine, project, &mut diagnostics);
    deprecations::check(&nodes, engine, project, &mut diagnostics);
    diagnostics.extend(unused_paths::check(&nodes, &disabled, project));

    let mut macros = macros::all(project, engine).drain_into(&mut diagnostics);
    let finder = documentation::finder(project, &docs);
    diagnostics.extend(descriptions::render(engine, &finder, &mut nodes));
    diagnostics.extend(descriptions::render_macros(engine, &finder, &mut macros));

    let edges = edges(&nodes);
    diagnostics.extend(cycles::find(&nodes, &edges));
    let index: IndexMap<Arc<str>, NodeIndex> = nodes
        .iter()
        .enumerate()
        .map(|(at, node)| (node.unique_id.clone(), NodeIndex(at as u32)))
        .collect();
    let graph = Graph {
        project: project.clone(),
        nodes,
        index,
        edges,
        disabled,
        macros,
        docs,
        groups,
        lookup,
    };
    Warned { value: graph, diagnostics }
}

/// The items in lists of their own, so that each can be freed when it is done with.
fn chunks<T>(mut items: impl ExactSizeIterator<Item = T>) -> Vec<Vec<T>> {
    let mut chunks = Vec::with_capacity(items.len().div_ceil(CHUNK));
    while items.len() > 0 {
        chunks.push(items.by_ref().take(CHUNK).collect());
    }
    chunks
}

/// An edge from each node to those that depend on it.
fn edges(nodes: &[Node]) -> DiGraph<NodeIndex, ()> {
    let count = nodes.iter().map(|node| node.depends_on.len()).sum();
    let mut edges = DiGraph::with_capacity(nodes.len(), count);
    for at in 0..nodes.len() {
        edges.add_node(NodeIndex(at as u32));
    }
    for (at, node) in nodes.iter().enumerate() {
        for parent in &node.depends_on {
            let from = petgraph::graph::NodeIndex::new(parent.0 as usize);
            edges.add_edge(from, petgraph::graph::NodeIndex::new(at), ());
        }
    }
    edges
}
