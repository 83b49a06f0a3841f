//! The ready queue: nodes whose needs are met, in dbt's order: level by level, by unique id within a level.
//!
//! Projects lean on that order where no edge says so: a seed is loaded before the tests of the source that reads it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use graph::NodeIndex;

/// What became of a node, as far as those below it are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// What needs it may run.
    Good,
    /// What needs it is skipped.
    Bad,
}

/// A place in the order: a node, or a gate that only joins others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// A node to run.
    Node(NodeIndex),
    /// Nothing to run: it opens when all before it are done. Keeps edges linear in number.
    Gate,
}

/// The order of a run, as it unfolds.
#[derive(Debug)]
pub(crate) struct ReadyQueue {
    places: Vec<Place>,
    children: Vec<Vec<u32>>,
    waiting: Vec<u32>,
    is_spoilt: Vec<bool>,
    levels: Vec<u32>,
    ranks: Vec<u32>,
    ready: BinaryHeap<Reverse<(u32, u32, u32)>>,
    left: usize,
}

impl ReadyQueue {
    /// A queue over places; `children[i]` are the places that wait for place `i`, `ranks[i]` its order within a level.
    pub(crate) fn new(places: Vec<Place>, children: Vec<Vec<u32>>, ranks: Vec<u32>) -> Self {
        let count = places.len();
        let mut waiting = vec![0_u32; count];
        for child in children.iter().flatten() {
            waiting[*child as usize] += 1;
        }
        let levels = levels(&places, &children, &waiting);
        let mut queue = Self {
            places,
            children,
            waiting,
            is_spoilt: vec![false; count],
            levels,
            ranks,
            ready: BinaryHeap::new(),
            left: count,
        };
        let free: Vec<u32> =
            (0..count as u32).filter(|at| queue.waiting[*at as usize] == 0).collect();
        let mut skipped = Vec::new();
        for at in free {
            queue.release(at, &mut skipped);
        }
        queue
    }

    /// The next node that is ready, with its place.
    pub(crate) fn next(&mut self) -> Option<(u32, NodeIndex)> {
        let Reverse((_, _, at)) = self.ready.pop()?;
        match self.places[at as usize] {
            Place::Node(node) => Some((at, node)),
            Place::Gate => None,
        }
    }

    /// Notes how a place ended; gives the nodes that are skipped because of it.
    pub(crate) fn done(&mut self, at: u32, ending: Ending) -> Vec<NodeIndex> {
        let mut skipped = Vec::new();
        self.finish(at, ending, &mut skipped);
        skipped
    }

    /// Whether every place is done.
    pub(crate) fn is_finished(&self) -> bool {
        self.left == 0
    }

    /// Gives up on all that has not started: gives those nodes.
    pub(crate) fn abandon(&mut self) -> Vec<NodeIndex> {
        let mut nodes = Vec::new();
        while let Some(Reverse((_, _, at))) = self.ready.pop() {
            self.left -= 1;
            self.is_spoilt[at as usize] = true;
            self.waiting[at as usize] = u32::MAX;
            nodes.extend(self.node(at));
        }
        for at in 0..self.places.len() {
            if self.waiting[at] > 0 && self.waiting[at] != u32::MAX {
                self.waiting[at] = u32::MAX;
                self.left -= 1;
                nodes.extend(self.node(at as u32));
            }
        }
        nodes
    }

    fn node(&self, at: u32) -> Option<NodeIndex> {
        match self.places[at as usize] {
            Place::Node(node) => Some(node),
            Place::Gate => None,
        }
    }

    fn finish(&mut self, at: u32, ending: Ending, skipped: &mut Vec<NodeIndex>) {
        // A stack, not recursion: a chain may be ten thousand long.
        let mut stack = vec![(at, ending)];
        while let Some((at, ending)) = stack.pop() {
            self.left -= 1;
            for child in self.children[at as usize].clone() {
                let place = child as usize;
                if self.waiting[place] == u32::MAX {
                    continue;
                }
                if ending == Ending::Bad {
                    self.is_spoilt[place] = true;
                }
                self.waiting[place] -= 1;
                if self.waiting[place] > 0 {
                    continue;
                }
                match (self.places[place], self.is_spoilt[place]) {
                    (Place::Gate, is_spoilt) => {
                        stack.push((child, if is_spoilt { Ending::Bad } else { Ending::Good }));
                    }
                    (Place::Node(node), true) => {
                        skipped.push(node);
                        stack.push((child, Ending::Bad));
                    }
                    (Place::Node(_), false) => self.enqueue(child),
                }
            }
        }
    }

    fn enqueue(&mut self, at: u32) {
        self.ready.push(Reverse((self.levels[at as usize], self.ranks[at as usize], at)));
    }

    fn release(&mut self, at: u32, skipped: &mut Vec<NodeIndex>) {
        match self.places[at as usize] {
            Place::Node(_) => self.enqueue(at),
            Place::Gate => self.finish(at, Ending::Good, skipped),
        }
    }
}

/// The longest way from the start to each place, in nodes.
fn levels(places: &[Place], children: &[Vec<u32>], waiting: &[u32]) -> Vec<u32> {
    let mut left = waiting.to_vec();
    let mut levels = vec![0_u32; children.len()];
    let mut order: Vec<u32> =
        (0..children.len() as u32).filter(|at| left[*at as usize] == 0).collect();
    let mut at = 0;
    while let Some(place) = order.get(at).copied() {
        at += 1;
        let step = u32::from(matches!(places[place as usize], Place::Node(_)));
        let below = levels[place as usize] + step;
        for child in &children[place as usize] {
            let child = *child as usize;
            levels[child] = levels[child].max(below);
            left[child] -= 1;
            if left[child] == 0 {
                order.push(child as u32);
            }
        }
    }
    levels
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(index: u32) -> Place {
        Place::Node(NodeIndex(index))
    }

    #[test]
    fn levels_come_one_after_the_other_and_failures_skip_all_below() {
        // 0 → 1 → 2, and 3 alone, which ranks before 0.
        let ranks = vec![1, 2, 3, 0];
        let mut queue = ReadyQueue::new(
            (0..4).map(node).collect(),
            vec![vec![1], vec![2], vec![], vec![]],
            ranks,
        );
        assert_eq!(queue.next().unwrap().1, NodeIndex(3));
        let (at, second) = queue.next().unwrap();
        assert_eq!(second, NodeIndex(0));
        assert_eq!(queue.done(3, Ending::Good), vec![]);
        assert_eq!(queue.done(at, Ending::Bad), vec![NodeIndex(1), NodeIndex(2)]);
        assert!(queue.is_finished());
    }

    #[test]
    fn gates_open_when_all_before_them_are_done() {
        // 0 and 1 → gate 2 → 3.
        let places = vec![node(0), node(1), Place::Gate, node(3)];
        let mut queue =
            ReadyQueue::new(places, vec![vec![2], vec![2], vec![3], vec![]], vec![0, 1, 2, 3]);
        let (one, _) = queue.next().unwrap();
        let (two, _) = queue.next().unwrap();
        assert!(queue.next().is_none());
        queue.done(one, Ending::Good);
        assert!(queue.next().is_none());
        queue.done(two, Ending::Good);
        assert_eq!(queue.next().unwrap().1, NodeIndex(3));
    }

    #[test]
    fn abandoning_gives_every_node_that_did_not_start() {
        let mut queue = ReadyQueue::new(
            (0..3).map(node).collect(),
            vec![vec![1], vec![], vec![]],
            vec![0, 1, 2],
        );
        let (at, _) = queue.next().unwrap();
        assert_eq!(queue.abandon(), vec![NodeIndex(2), NodeIndex(1)]);
        queue.done(at, Ending::Good);
        assert!(queue.is_finished());
    }
}
