//! The ready queue: nodes whose needs are met, the most urgent first.

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
    urgency: Vec<u32>,
    ready: BinaryHeap<(u32, std::cmp::Reverse<u32>)>,
    left: usize,
}

impl ReadyQueue {
    /// A queue over places; `children[i]` are the places that wait for place `i`.
    pub(crate) fn new(places: Vec<Place>, children: Vec<Vec<u32>>) -> Self {
        let count = places.len();
        let mut waiting = vec![0_u32; count];
        for child in children.iter().flatten() {
            waiting[*child as usize] += 1;
        }
        let urgency = urgency(&children, &waiting);
        let mut queue = Self {
            places,
            children,
            waiting,
            is_spoilt: vec![false; count],
            urgency,
            ready: BinaryHeap::new(),
            left: count,
        };
        let free: Vec<u32> = (0..count as u32).filter(|at| queue.waiting[*at as usize] == 0).collect();
        let mut skipped = Vec::new();
        for at in free {
            queue.release(at, &mut skipped);
        }
        queue
    }

    /// The most urgent node that is ready, with its place.
    pub(crate) fn next(&mut self) -> Option<(u32, NodeIndex)> {
        let (_, std::cmp::Reverse(at)) = self.ready.pop()?;
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
        while let Some((_, std::cmp::Reverse(at))) = self.ready.pop() {
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
                    (Place::Node(_), false) => self.ready.push((self.urgency[place], std::cmp::Reverse(child))),
                }
            }
        }
    }

    fn release(&mut self, at: u32, skipped: &mut Vec<NodeIndex>) {
        match self.places[at as usize] {
            Place::Node(_) => self.ready.push((self.urgency[at as usize], std::cmp::Reverse(at))),
            Place::Gate => self.finish(at, Ending::Good, skipped),
        }
    }
}

/// The longest way from each place to the end: what has the most behind it goes first.
fn urgency(children: &[Vec<u32>], waiting: &[u32]) -> Vec<u32> {
    let mut left = waiting.to_vec();
    let mut order: Vec<u32> = (0..children.len() as u32).filter(|at| left[*at as usize] == 0).collect();
    let mut at = 0;
    while let Some(place) = order.get(at).copied() {
        at += 1;
        for child in &children[place as usize] {
            left[*child as usize] -= 1;
            if left[*child as usize] == 0 {
                order.push(*child);
            }
        }
    }
    let mut urgency = vec![0_u32; children.len()];
    for place in order.into_iter().rev() {
        let below = children[place as usize].iter().map(|child| urgency[*child as usize] + 1).max();
        urgency[place as usize] = below.unwrap_or(0);
    }
    urgency
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(index: u32) -> Place {
        Place::Node(NodeIndex(index))
    }

    #[test]
    fn what_has_the_most_behind_it_goes_first_and_failures_skip_all_below() {
        // 0 → 1 → 2, and 3 alone.
        let mut queue = ReadyQueue::new((0..4).map(node).collect(), vec![vec![1], vec![2], vec![], vec![]]);
        let (at, first) = queue.next().unwrap();
        assert_eq!(first, NodeIndex(0));
        assert_eq!(queue.next().unwrap().1, NodeIndex(3));
        assert_eq!(queue.done(3, Ending::Good), vec![]);
        assert_eq!(queue.done(at, Ending::Bad), vec![NodeIndex(1), NodeIndex(2)]);
        assert!(queue.is_finished());
    }

    #[test]
    fn gates_open_when_all_before_them_are_done() {
        // 0 and 1 → gate 2 → 3.
        let places = vec![node(0), node(1), Place::Gate, node(3)];
        let mut queue = ReadyQueue::new(places, vec![vec![2], vec![2], vec![3], vec![]]);
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
        let mut queue = ReadyQueue::new((0..3).map(node).collect(), vec![vec![1], vec![], vec![]]);
        let (at, _) = queue.next().unwrap();
        assert_eq!(queue.abandon(), vec![NodeIndex(2), NodeIndex(1)]);
        queue.done(at, Ending::Good);
        assert!(queue.is_finished());
    }
}
