//! What of a backfill the ledger says is done.

use graph::{Graph, NodeIndex, fingerprint};
use indexmap::{IndexMap, IndexSet};
use session::{Window, made_of};
use template::Engine;

use crate::backfill::plan::ModelWindows;
use crate::ledger::{Ledger, LedgerRow};
use crate::pace::pace;

/// Leaves out the windows that need not be built again: built by the code as it is, in rows of the ledger that count,
/// and not before what they read.
pub fn leave_out(
    graph: &Graph,
    engine: &Engine,
    ledger: &Ledger,
    models: &mut IndexMap<NodeIndex, ModelWindows>,
    counts: &dyn Fn(&LedgerRow) -> bool,
) {
    let variable = &graph.project.quern.session.variable;
    let nodes: Vec<NodeIndex> = models.keys().copied().collect();
    for node in &nodes {
        let code = fingerprint(graph, engine, *node, variable);
        let rows: Vec<&LedgerRow> = ledger.rows_of(graph.node(*node)).collect();
        let built: Vec<Window> = rows.iter().map(|row| row.window.clone()).collect();
        let parents = windowed_parents(graph, *node);
        let Some(model) = models.get_mut(node) else { continue };
        let made = made_of(&model.wanted, &built);
        let is_done = |window: &Window, parts: Option<&Vec<usize>>| {
            let Some(parts) = parts else { return false };
            let parts: Vec<&LedgerRow> = parts.iter().map(|part| rows[*part]).collect();
            let since = parts.iter().map(|row| row.finished_at).min();
            let read = parents.iter().flat_map(|parent| ledger.rows_of(graph.node(*parent)));
            let mut read = read.filter(|row| overlaps(&row.window, window));
            parts.iter().all(|row| row.code == code && counts(row))
                && since.is_some_and(|since| read.all(|row| row.finished_at <= since))
        };
        let windows = model.wanted.iter().zip(&made);
        model.done = windows
            .filter(|(window, parts)| is_done(window, parts.as_ref()))
            .map(|(window, _)| window.clone())
            .collect();
    }
    follow_parents(graph, &nodes, models);
}

/// What reads a window that is built again is built again too.
fn follow_parents(
    graph: &Graph,
    nodes: &[NodeIndex],
    models: &mut IndexMap<NodeIndex, ModelWindows>,
) {
    let parents: IndexMap<NodeIndex, IndexSet<NodeIndex>> =
        nodes.iter().map(|node| (*node, windowed_parents(graph, *node))).collect();
    // Nodes are not numbered by who reads whom: as many rounds as the longest way is long.
    loop {
        let mut has_changed = false;
        for (node, parents) in &parents {
            let again: Vec<Window> = parents
                .iter()
                .filter_map(|parent| models.get(parent))
                .flat_map(|parent| {
                    parent.wanted.iter().filter(|window| !parent.done.contains(window))
                })
                .cloned()
                .collect();
            let again = session::runs(&again);
            if let Some(model) = models.get_mut(node) {
                let before = model.done.len();
                model.done.retain(|window| !again.iter().any(|run| overlaps(run, window)));
                has_changed |= model.done.len() != before;
            }
        }
        if !has_changed {
            return;
        }
    }
}

/// The nearest models with windows that a node reads, also by way of others.
fn windowed_parents(graph: &Graph, node: NodeIndex) -> IndexSet<NodeIndex> {
    let mut found = IndexSet::new();
    let mut seen: IndexSet<NodeIndex> = graph.node(node).depends_on.iter().copied().collect();
    let mut at = 0;
    while let Some(parent) = seen.get_index(at).copied() {
        at += 1;
        if pace(graph, parent).has_windows() {
            found.insert(parent);
        } else {
            seen.extend(graph.node(parent).depends_on.iter().copied());
        }
    }
    found
}

fn overlaps(one: &Window, other: &Window) -> bool {
    one.start() < other.end() && other.start() < one.end()
}
