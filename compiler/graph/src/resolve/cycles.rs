//! Circles among the nodes.

use petgraph::algo::{kosaraju_scc, toposort};
use petgraph::graph::DiGraph;
use source::Diagnostic;
use source::codes::CYCLE;

use crate::lookup::place_of;
use crate::node::{Node, NodeIndex};

/// One error for each knot of circles, with one of its shortest circles spelt out.
pub fn find(nodes: &[Node], edges: &DiGraph<NodeIndex, ()>) -> Vec<Diagnostic> {
    if toposort(edges, None).is_ok() {
        return Vec::new();
    }
    let mut knots: Vec<Vec<NodeIndex>> = kosaraju_scc(edges)
        .into_iter()
        .map(|knot| {
            let mut knot: Vec<_> = knot.into_iter().map(|at| edges[at]).collect();
            knot.sort();
            knot
        })
        .filter(|knot| knot.len() > 1 || nodes[knot[0].0 as usize].depends_on.contains(&knot[0]))
        .collect();
    knots.sort();
    knots.iter().map(|knot| failure(nodes, &circle(nodes, knot))).collect()
}

/// The shortest way from the first node of the knot back to itself, against the edges.
fn circle(nodes: &[Node], knot: &[NodeIndex]) -> Vec<NodeIndex> {
    let start = knot[0];
    let mut came_from: Vec<Option<usize>> = vec![None; knot.len()];
    let mut waiting = std::collections::VecDeque::from([0]);
    while let Some(at) = waiting.pop_front() {
        for parent in &nodes[knot[at].0 as usize].depends_on {
            if *parent == start {
                let way = std::iter::successors(Some(at), |at| came_from[*at].filter(|_| *at != 0));
                return way.map(|at| knot[at]).collect();
            }
            let Ok(next) = knot.binary_search(parent) else { continue };
            if next != 0 && came_from[next].is_none() {
                came_from[next] = Some(at);
                waiting.push_back(next);
            }
        }
    }
    knot.to_vec()
}

/// The circle, each node depending on the one after it.
fn failure(nodes: &[Node], circle: &[NodeIndex]) -> Diagnostic {
    let circle: Vec<&Node> = circle.iter().rev().map(|index| &nodes[index.0 as usize]).collect();
    let path: Vec<&str> =
        circle.iter().chain(circle.first()).map(|node| &*node.unique_id).collect();
    let message = match circle.as_slice() {
        [alone] => format!("`{}` depends on itself", alone.unique_id),
        _ => format!("nodes depend on each other in a circle: {}", path.join(" → ")),
    };
    let mut diagnostic = Diagnostic::error(CYCLE, message);
    for (node, next) in circle.iter().zip(circle.iter().cycle().skip(1)) {
        let call = node.refs.iter().find(|call| call.name == next.name).and_then(|call| call.span);
        if let Some(span) = call.or_else(|| place_of(node)) {
            diagnostic =
                diagnostic.label(span, format!("`{}` depends on `{}`", node.name, next.name));
        }
    }
    diagnostic
        .hint("take one of these references out")
        .about(circle.first().map_or("", |node| &*node.unique_id))
}
