//! Which entries the drawing of one page shows.

use std::collections::BTreeSet;

use super::book::{Book, Entry};

/// Up to so many, all ancestors and descendants are drawn.
const SMALL: usize = 28;
/// Never more than so many boxes on a page.
const LARGEST: usize = 60;
const HOPS: usize = 2;
/// Ancestors are counted up to here: a page is not to walk the whole of a large project.
const COUNTED: usize = 300;

/// The entries around one, and how many were left out.
#[derive(Debug, PartialEq, Eq)]
pub struct Neighbourhood {
    /// Places in the book, sorted; the entry itself is among them.
    pub entries: Vec<usize>,
    /// How many of the ancestry are not shown; none if there were too many to count.
    pub left_out: Option<usize>,
}

/// The whole ancestry if it is small, else two hops up and down, nearest first.
pub fn neighbourhood(book: &Book<'_>, entry: &Entry<'_>) -> Neighbourhood {
    let (near_parents, all_parents) = walk(book, entry.index, |entry| &entry.parents);
    let (near_children, all_children) = walk(book, entry.index, |entry| &entry.children);
    let total = all_parents.len() + all_children.len();
    let is_counted = all_parents.len() < COUNTED && all_children.len() < COUNTED;
    let chosen: Vec<usize> = if total <= SMALL {
        all_parents.into_iter().chain(all_children).collect()
    } else {
        let half = LARGEST / 2;
        let spare = half.saturating_sub(near_children.len());
        let parents: Vec<usize> = near_parents.into_iter().take(half + spare).collect();
        let room = LARGEST - parents.len();
        parents.into_iter().chain(near_children.into_iter().take(room)).collect()
    };
    let entries: BTreeSet<usize> = chosen.into_iter().chain([entry.index]).collect();
    Neighbourhood {
        left_out: is_counted.then(|| (total + 1).saturating_sub(entries.len())),
        entries: entries.into_iter().collect(),
    }
}

/// Walks in breadth: those within the hops, and the ancestry up to a bound (counting needs no more).
fn walk<'b>(
    book: &'b Book<'b>,
    start: usize,
    next: impl Fn(&'b Entry<'b>) -> &'b Vec<usize>,
) -> (Vec<usize>, Vec<usize>) {
    let mut seen = BTreeSet::from([start]);
    let mut all = Vec::new();
    let mut near = Vec::new();
    let mut front = vec![start];
    let mut hop = 0;
    while !front.is_empty() && all.len() < COUNTED {
        hop += 1;
        let mut following = Vec::new();
        for node in front {
            for other in next(&book.entries[node]) {
                if book.entries[*other].kind.is_drawn() && seen.insert(*other) {
                    following.push(*other);
                }
            }
        }
        if hop <= HOPS {
            near.extend(&following);
        }
        all.extend(&following);
        front = following;
    }
    (near, all)
}
