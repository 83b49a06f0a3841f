//! Where the boxes of a drawing stand: a layered layout from left to right, after Sugiyama.
//!
//! Our own and not a crate's: it has to be the same every time, it must not panic on any graph, and long edges are to run
//! around the boxes between their ends, for which the crates that exist give no points. Each step is linear in boxes and
//! edges (sorting apart), long edges counted once per layer they pass.

/// A finished layout. Coordinates are in pixels, the origin is the top left.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Layout {
    /// The left middle of each box, in the order of the input.
    pub boxes: Vec<(f64, f64)>,
    /// The points each edge passes, in the order of the input.
    pub edges: Vec<Vec<(f64, f64)>>,
    /// The size of the whole.
    pub width: f64,
    /// The size of the whole.
    pub height: f64,
}

/// The height of a box.
pub const BOX_HEIGHT: f64 = 32.0;
const ROW_GAP: f64 = 14.0;
const EDGE_GAP: f64 = 10.0;
const LAYER_GAP: f64 = 56.0;
const SWEEPS: usize = 10;

/// Lays out boxes of the given widths and the edges between them. Cycles are allowed.
pub fn layout(widths: &[f64], edges: &[(usize, usize)]) -> Layout {
    let components = components(widths.len(), edges);
    let mut result = Layout {
        boxes: vec![(0.0, 0.0); widths.len()],
        edges: vec![Vec::new(); edges.len()],
        ..Layout::default()
    };
    let mut top = 0.0;
    let (single, linked): (Vec<_>, Vec<_>) =
        components.into_iter().partition(|(nodes, _)| nodes.len() == 1);
    for (nodes, own_edges) in &linked {
        let part = Part::new(widths, edges, nodes, own_edges);
        let (width, height) = part.place(&mut result, nodes, own_edges, top);
        result.width = result.width.max(width);
        top += height + ROW_GAP * 2.0;
    }
    // Boxes without any edge stand in rows below.
    let row_width = result.width.max(900.0);
    let mut left = 0.0;
    for (nodes, _) in &single {
        for node in nodes {
            if left > 0.0 && left + widths[*node] > row_width {
                left = 0.0;
                top += BOX_HEIGHT + ROW_GAP;
            }
            result.boxes[*node] = (left, top + BOX_HEIGHT / 2.0);
            left += widths[*node] + ROW_GAP * 2.0;
            result.width = result.width.max(left - ROW_GAP * 2.0);
        }
    }
    result.height =
        if single.is_empty() { (top - ROW_GAP * 2.0).max(0.0) } else { top + BOX_HEIGHT };
    result
}

type Component = (Vec<usize>, Vec<usize>);

/// The connected parts, the largest first: boxes and edges of each.
fn components(count: usize, edges: &[(usize, usize)]) -> Vec<Component> {
    let mut root: Vec<usize> = (0..count).collect();
    for (from, to) in edges {
        let (left, right) = (find(&mut root, *from), find(&mut root, *to));
        root[left.max(right)] = left.min(right);
    }
    let mut parts: std::collections::BTreeMap<usize, Component> = std::collections::BTreeMap::new();
    for node in 0..count {
        parts.entry(find(&mut root, node)).or_default().0.push(node);
    }
    for (edge, (from, _)) in edges.iter().enumerate() {
        parts.entry(find(&mut root, *from)).or_default().1.push(edge);
    }
    let mut parts: Vec<Component> = parts.into_values().collect();
    parts.sort_by_key(|(nodes, _)| std::cmp::Reverse(nodes.len()));
    parts
}

/// The box that stands for the part of a box; the way there gets shorter.
fn find(root: &mut [usize], mut node: usize) -> usize {
    while root[node] != node {
        root[node] = root[root[node]];
        node = root[node];
    }
    node
}

/// One connected part: its boxes, and a stand-in for each layer that a long edge passes.
struct Part {
    /// Boxes first, stand-ins after them.
    rank: Vec<usize>,
    width: Vec<f64>,
    boxes: usize,
    /// Neighbours one layer to the left and to the right.
    left: Vec<Vec<usize>>,
    right: Vec<Vec<usize>>,
    /// For each edge the boxes and stand-ins it passes, from its start to its end.
    paths: Vec<Vec<usize>>,
    layers: Vec<Vec<usize>>,
}

impl Part {
    fn new(widths: &[f64], edges: &[(usize, usize)], nodes: &[usize], own_edges: &[usize]) -> Self {
        let local = |node: usize| nodes.binary_search(&node).unwrap_or_default();
        let pairs: Vec<(usize, usize)> =
            own_edges.iter().map(|edge| (local(edges[*edge].0), local(edges[*edge].1))).collect();
        let forward = without_cycles(nodes.len(), &pairs);
        let rank = ranks(nodes.len(), &forward);
        let mut part = Self {
            width: nodes.iter().map(|node| widths[*node]).collect(),
            boxes: nodes.len(),
            left: vec![Vec::new(); nodes.len()],
            right: vec![Vec::new(); nodes.len()],
            paths: Vec::with_capacity(pairs.len()),
            layers: Vec::new(),
            rank,
        };
        for (index, (from, to)) in forward.iter().enumerate() {
            let mut path = vec![*from];
            if from != to {
                for rank in part.rank[*from] + 1..part.rank[*to] {
                    path.push(part.rank.len());
                    part.rank.push(rank);
                    part.width.push(0.0);
                    part.left.push(Vec::new());
                    part.right.push(Vec::new());
                }
                path.push(*to);
                for step in path.windows(2) {
                    part.right[step[0]].push(step[1]);
                    part.left[step[1]].push(step[0]);
                }
            }
            if pairs[index].0 != *from {
                path.reverse();
            }
            part.paths.push(path);
        }
        part.order();
        part
    }

    /// Orders each layer so that few edges cross: each box at the mean of its neighbours, to and fro.
    fn order(&mut self) {
        let layers = self.rank.iter().max().map_or(0, |rank| rank + 1);
        self.layers = vec![Vec::new(); layers];
        for node in self.walk() {
            self.layers[self.rank[node]].push(node);
        }
        let mut position = vec![0.0; self.rank.len()];
        note(&self.layers, &mut position);
        let mut best = (self.crossings(&position), self.layers.clone());
        for sweep in 0..SWEEPS {
            let order: Vec<usize> = if sweep % 2 == 0 {
                (1..layers).collect()
            } else {
                (0..layers.saturating_sub(1)).rev().collect()
            };
            let sides = if sweep % 2 == 0 { &self.left } else { &self.right };
            for layer in order {
                let key = |node: usize| mean(&sides[node], &position).unwrap_or(position[node]);
                let mut keyed: Vec<(f64, usize)> =
                    self.layers[layer].iter().map(|node| (key(*node), *node)).collect();
                keyed.sort_by(|left, right| left.0.total_cmp(&right.0));
                self.layers[layer] = keyed.into_iter().map(|(_, node)| node).collect();
                note(&self.layers[layer..=layer], &mut position);
            }
            let crossings = self.crossings(&position);
            if crossings < best.0 {
                best = (crossings, self.layers.clone());
            }
            if crossings == 0 {
                break;
            }
        }
        self.layers = best.1;
    }

    /// All boxes and stand-ins, neighbours near each other.
    fn walk(&self) -> Vec<usize> {
        let mut seen = vec![false; self.rank.len()];
        let mut order = Vec::with_capacity(self.rank.len());
        let mut starts: Vec<usize> = (0..self.rank.len()).collect();
        starts.sort_by_key(|node| self.rank[*node]);
        for start in starts {
            let mut stack = vec![start];
            while let Some(node) = stack.pop() {
                if !std::mem::replace(&mut seen[node], true) {
                    order.push(node);
                    stack.extend(self.left[node].iter().rev());
                    stack.extend(self.right[node].iter().rev());
                }
            }
        }
        order
    }

    /// How many pairs of edges cross between neighbouring layers, counted with a Fenwick tree.
    fn crossings(&self, position: &[f64]) -> usize {
        let mut total = 0;
        for pair in self.layers.windows(2) {
            let mut tree = vec![0_usize; pair[1].len() + 1];
            let mut seen = 0;
            for node in &pair[0] {
                let mut ends: Vec<usize> =
                    self.right[*node].iter().map(|end| position[*end] as usize).collect();
                ends.sort_unstable();
                for end in &ends {
                    let mut index = end + 1;
                    let mut at_or_before = 0;
                    while index > 0 {
                        at_or_before += tree[index];
                        index &= index - 1;
                    }
                    total += seen - at_or_before;
                }
                for end in ends {
                    let mut index = end + 1;
                    while index < tree.len() {
                        tree[index] += 1;
                        index += index & index.wrapping_neg();
                    }
                    seen += 1;
                }
            }
        }
        total
    }

    /// Writes the coordinates of this part below `top`; gives its width and height.
    fn place(
        &self,
        result: &mut Layout,
        nodes: &[usize],
        own_edges: &[usize],
        top: f64,
    ) -> (f64, f64) {
        let y = self.rows();
        let highest = self
            .layers
            .iter()
            .flatten()
            .map(|node| y[*node] - self.half(*node))
            .fold(f64::INFINITY, f64::min);
        let lowest = self
            .layers
            .iter()
            .flatten()
            .map(|node| y[*node] + self.half(*node))
            .fold(0.0, f64::max);
        let mut starts = Vec::with_capacity(self.layers.len());
        let mut sizes = Vec::with_capacity(self.layers.len());
        let mut x = 0.0;
        for layer in &self.layers {
            let widest = layer.iter().map(|node| self.width[*node]).fold(0.0, f64::max);
            starts.push(x);
            sizes.push(widest);
            x += widest + LAYER_GAP + (layer.len() as f64).min(40.0);
        }
        for (index, node) in nodes.iter().enumerate() {
            result.boxes[*node] = (starts[self.rank[index]], y[index] - highest + top);
        }
        for (path, edge) in self.paths.iter().zip(own_edges) {
            let mut points = Vec::with_capacity(path.len() * 2);
            for (step, node) in path.iter().enumerate() {
                let (start, height) = (starts[self.rank[*node]], y[*node] - highest + top);
                if *node < self.boxes {
                    let is_first = step == 0;
                    points.push((if is_first { start + self.width[*node] } else { start }, height));
                } else {
                    points.push((start, height));
                    points.push((start + sizes[self.rank[*node]], height));
                }
            }
            result.edges[*edge] = points;
        }
        let width = starts.last().zip(sizes.last()).map_or(0.0, |(start, size)| start + size);
        (width, lowest - highest)
    }

    fn half(&self, node: usize) -> f64 {
        if node < self.boxes { f64::midpoint(BOX_HEIGHT, ROW_GAP) } else { EDGE_GAP / 2.0 }
    }

    /// The heights: each box as near to its neighbours as its layer allows.
    fn rows(&self) -> Vec<f64> {
        let mut y = vec![0.0; self.rank.len()];
        for layer in &self.layers {
            let mut at = 0.0;
            for node in layer {
                at += self.half(*node);
                y[*node] = at;
                at += self.half(*node);
            }
        }
        for sweep in 0..SWEEPS * 2 {
            let mut order: Vec<usize> = (0..self.layers.len()).collect();
            if sweep % 2 == 1 {
                order.reverse();
            }
            for layer in order {
                let layer = &self.layers[layer];
                let wanted: Vec<f64> = layer
                    .iter()
                    .map(|node| {
                        let both = || self.left[*node].iter().chain(&self.right[*node]);
                        let sides: Vec<usize> = match sweep {
                            // First one side alone, so that the drawing spreads; then both, so that it settles.
                            0..10 if sweep % 2 == 0 && !self.left[*node].is_empty() => {
                                self.left[*node].clone()
                            }
                            0..10 if sweep % 2 == 1 && !self.right[*node].is_empty() => {
                                self.right[*node].clone()
                            }
                            _ => both().copied().collect(),
                        };
                        mean(&sides, &y).unwrap_or(y[*node])
                    })
                    .collect();
                self.settle(layer, &wanted, &mut y);
            }
        }
        y
    }

    /// Gives each box of a layer the height nearest to the wanted one (least squares) that keeps order and distance:
    /// neighbours that would overlap are pooled. Stand-ins weigh more, so that long edges run straight.
    fn settle(&self, layer: &[usize], wanted: &[f64], y: &mut [f64]) {
        let mut offset = 0.0;
        let mut offsets = Vec::with_capacity(layer.len());
        // Blocks of (sum of weight times height, weight, members).
        let mut blocks: Vec<(f64, f64, usize)> = Vec::new();
        for (index, node) in layer.iter().enumerate() {
            if index > 0 {
                offset += self.half(layer[index - 1]) + self.half(*node);
            }
            offsets.push(offset);
            let weight = if *node < self.boxes { 1.0 } else { 4.0 };
            let mut block = (weight * (wanted[index] - offset), weight, 1);
            while let Some(last) = blocks.last() {
                if last.0 / last.1 < block.0 / block.1 {
                    break;
                }
                block = (last.0 + block.0, last.1 + block.1, last.2 + block.2);
                blocks.pop();
            }
            blocks.push(block);
        }
        let mut index = 0;
        for (sum, weight, members) in blocks {
            for _ in 0..members {
                y[layer[index]] = sum / weight + offsets[index];
                index += 1;
            }
        }
    }
}

fn note(layers: &[Vec<usize>], position: &mut [f64]) {
    for layer in layers {
        for (index, node) in layer.iter().enumerate() {
            position[*node] = index as f64;
        }
    }
}

fn mean(nodes: &[usize], values: &[f64]) -> Option<f64> {
    let sum: f64 = nodes.iter().map(|node| values[*node]).sum();
    (!nodes.is_empty()).then(|| sum / nodes.len() as f64)
}

/// The edges, those turned round that close a cycle in a walk in depth.
fn without_cycles(count: usize, edges: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut out = vec![Vec::new(); count];
    for (index, (from, _)) in edges.iter().enumerate() {
        out[*from].push(index);
    }
    let mut state = vec![0_u8; count];
    let mut forward = edges.to_vec();
    for start in 0..count {
        let mut stack: Vec<(usize, usize)> =
            if state[start] == 0 { vec![(start, 0)] } else { Vec::new() };
        while let Some((node, next)) = stack.pop() {
            state[node] = 1;
            if let Some(edge) = out[node].get(next) {
                stack.push((node, next + 1));
                let end = edges[*edge].1;
                match state[end] {
                    0 => stack.push((end, 0)),
                    1 if end != node => forward[*edge] = (end, node),
                    _ => {}
                }
            } else {
                state[node] = 2;
            }
        }
    }
    forward
}

/// The layer of each box: as far left as its parents allow, then right up to its children if that makes edges shorter.
fn ranks(count: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut out = vec![Vec::new(); count];
    let mut into = vec![0_usize; count];
    for (from, to) in edges.iter().filter(|(from, to)| from != to) {
        out[*from].push(*to);
        into[*to] += 1;
    }
    let degree = into.clone();
    let mut order: Vec<usize> = (0..count).filter(|node| into[*node] == 0).collect();
    let mut rank = vec![0; count];
    let mut at = 0;
    while let Some(node) = order.get(at).copied() {
        at += 1;
        for child in &out[node] {
            rank[*child] = rank[*child].max(rank[node] + 1);
            into[*child] -= 1;
            if into[*child] == 0 {
                order.push(*child);
            }
        }
    }
    for node in order.iter().rev() {
        let nearest = out[*node].iter().map(|child| rank[*child]).min();
        if let Some(nearest) = nearest.filter(|_| out[*node].len() > degree[*node]) {
            rank[*node] = nearest - 1;
        }
    }
    rank
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A graph that looks like a project: each box reads up to three earlier ones.
    fn project(count: usize) -> Vec<(usize, usize)> {
        (1..count)
            .flat_map(|node| {
                (1..=node % 4).map(move |step| (node.saturating_sub(step * step * 3 + 1), node))
            })
            .filter(|(from, to)| from != to)
            .collect()
    }

    #[test]
    fn the_same_graph_is_drawn_the_same() {
        let edges = project(300);
        let widths = vec![120.0; 300];
        assert_eq!(layout(&widths, &edges), layout(&widths, &edges));
    }

    #[test]
    fn boxes_do_not_overlap_and_edges_go_right() {
        let edges = project(120);
        let drawn = layout(&vec![120.0; 120], &edges);
        for (index, left) in drawn.boxes.iter().enumerate() {
            for right in &drawn.boxes[index + 1..] {
                let apart =
                    (left.0 - right.0).abs() >= 120.0 || (left.1 - right.1).abs() >= BOX_HEIGHT;
                assert!(apart, "{left:?} {right:?}");
            }
        }
        for (from, to) in edges {
            assert!(drawn.boxes[from].0 + 120.0 < drawn.boxes[to].0);
        }
    }

    #[test]
    fn a_chain_is_a_straight_line() {
        let drawn = layout(&[100.0; 3], &[(0, 1), (1, 2)]);
        assert!(drawn.boxes.iter().all(|place| (place.1 - drawn.boxes[0].1).abs() < 0.01));
    }

    #[test]
    fn cycles_loops_and_empty_graphs_are_drawn_too() {
        assert_eq!(layout(&[100.0; 3], &[(0, 1), (1, 2), (2, 0), (1, 1)]).boxes.len(), 3);
        assert_eq!(layout(&[], &[]), Layout::default());
        assert_eq!(layout(&[100.0; 2], &[]).boxes.len(), 2);
    }
}
