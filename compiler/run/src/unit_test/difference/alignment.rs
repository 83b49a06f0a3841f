//! Which row of what came out stands beside which row of what was expected.
//!
//! The rules are those of daff, with which dbt compares: rows go together that agree in some columns in which no other
//! row agrees, looked for in one column, then in others, then in all; rows that are left go together where those before
//! or after them do.

use std::collections::{BTreeMap, BTreeSet};

/// The columns of which combinations are looked at, as many as there are at most.
const MOST_COLUMNS: usize = 5;

/// Rows of cells; the first row has the names of the columns, and an empty cell is none.
pub(super) type Cells = Vec<Vec<Option<String>>>;

/// A row of each side; one of the two may be missing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pair {
    pub(super) left: Option<usize>,
    pub(super) right: Option<usize>,
}

/// Rows beside rows.
pub(super) struct Alignment {
    /// In the order of drawing: that of the right side, with what only the left one has in between.
    pub(super) pairs: Vec<Pair>,
    /// The columns that were looked at to tell the rows apart.
    pub(super) columns: BTreeSet<usize>,
}

/// Puts the rows of both sides beside each other.
pub(super) fn of_rows(left: &Cells, right: &Cells) -> Alignment {
    let mut links = Links::new(left.len(), right.len());
    let mut columns = BTreeSet::new();
    if let Some(all) = link_by_content(left, right, &mut links, &mut columns) {
        link_neighbours(&all, &mut links);
    }
    let mut alone = (1..left.len()).filter(|row| links.to_right[*row].is_none()).peekable();
    let mut pairs = Vec::new();
    for row in 0..right.len() {
        let partner = if row == 0 { Some(0) } else { links.to_left[row] };
        while let Some(own) = alone.next_if(|own| partner.is_some_and(|partner| partner > *own)) {
            pairs.push(Pair { left: Some(own), right: None });
        }
        pairs.push(Pair { left: partner, right: Some(row) });
    }
    pairs.extend(alone.map(|own| Pair { left: Some(own), right: None }));
    Alignment { pairs, columns }
}

/// What is linked so far, from both sides.
struct Links {
    to_right: Vec<Option<usize>>,
    to_left: Vec<Option<usize>>,
}

impl Links {
    fn new(left: usize, right: usize) -> Self {
        Self { to_right: vec![None; left], to_left: vec![None; right] }
    }

    fn link(&mut self, left: usize, right: usize) {
        self.to_right[left] = Some(right);
        self.to_left[right] = Some(left);
    }
}

/// The keys of all rows of both sides in some columns.
struct Keys {
    left: Vec<String>,
    right: Vec<String>,
}

impl Keys {
    fn new(left: &Cells, right: &Cells, columns: &[usize]) -> Self {
        let of = |rows: &Cells| {
            rows.iter().enumerate().map(|(at, row)| key(at, row, columns)).collect::<Vec<_>>()
        };
        Self { left: of(left), right: of(right) }
    }

    /// How often the most frequent key of a side is there.
    fn top_frequency(&self) -> usize {
        let top = |keys: &[String]| counted(keys).values().map(Vec::len).max().unwrap_or(0);
        top(&self.left).max(top(&self.right))
    }
}

fn key(at: usize, row: &[Option<String>], columns: &[usize]) -> String {
    let cell = |column: &usize| row.get(*column).and_then(Option::as_deref).unwrap_or_default();
    let cells = columns.iter().map(|column| match cell(column) {
        "null" | "undefined" => "",
        text => text,
    });
    let key = cells.collect::<Vec<_>>().join(" // ");
    // The names of the columns are no row.
    if at == 0 { format!("_{key}") } else { key }
}

fn counted(keys: &[String]) -> BTreeMap<&str, Vec<usize>> {
    let mut rows: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (row, key) in keys.iter().enumerate() {
        rows.entry(key).or_default().push(row);
    }
    rows
}

/// Links rows that have one key on either side; the keys over all columns, where it came to looking at those.
fn link_by_content(
    left: &Cells,
    right: &Cells,
    links: &mut Links,
    looked_at: &mut BTreeSet<usize>,
) -> Option<Keys> {
    let columns = telling_columns(left, right);
    let last = (1_usize << columns.len()) - 1;
    let height = left.len().max(right.len()).max(1);
    let mut is_first = true;
    for combination in 1..=last {
        if links.to_right.iter().all(Option::is_some) {
            return None;
        }
        let chosen = columns.iter().enumerate().filter(|(bit, _)| combination >> bit & 1 == 1);
        let chosen: Vec<usize> = chosen.map(|(_, column)| *column).collect();
        looked_at.extend(&chosen);
        let keys = Keys::new(left, right, &chosen);
        let is_last = combination == last;
        let tells_little = keys.top_frequency() * 10 >= height + 20;
        if !tells_little || (is_last && is_first) {
            is_first = false;
            link_equal(&keys, links);
        }
        if is_last {
            return Some(keys);
        }
    }
    None
}

fn link_equal(keys: &Keys, links: &mut Links) {
    let (own, others) = (counted(&keys.left), counted(&keys.right));
    for (key, rows) in own {
        let ([row], Some([other])) = (rows.as_slice(), others.get(key).map(Vec::as_slice)) else {
            continue;
        };
        if !key.is_empty() && links.to_right[*row].is_none() && links.to_left[*other].is_none() {
            links.link(*row, *other);
        }
    }
}

/// All columns, or of many those with the most values.
fn telling_columns(left: &Cells, right: &Cells) -> Vec<usize> {
    let width = left.first().map_or(0, Vec::len);
    let mut columns: Vec<usize> = (0..width).collect();
    if width <= MOST_COLUMNS {
        return columns;
    }
    let values = |rows: &Cells, column: usize| {
        let mut cells: Vec<&str> = rows
            .iter()
            .map(|row| row.get(column).and_then(Option::as_deref).unwrap_or_default())
            .collect();
        cells.sort_unstable();
        cells.dedup();
        cells.len()
    };
    columns.sort_by_key(|column| {
        (std::cmp::Reverse(values(left, *column) + values(right, *column)), *column)
    });
    columns.truncate(MOST_COLUMNS);
    columns
}

/// Links rows with equal keys beside rows that are linked: downwards and upwards, and from either side.
fn link_neighbours(keys: &Keys, links: &mut Links) {
    for is_downwards in [true, false] {
        walk(&keys.left, &keys.right, (&mut links.to_right, &mut links.to_left), is_downwards);
    }
    for is_downwards in [true, false] {
        walk(&keys.right, &keys.left, (&mut links.to_left, &mut links.to_right), is_downwards);
    }
}

type Side<'a> = &'a mut Vec<Option<usize>>;

fn walk(own: &[String], others: &[String], (forth, back): (Side, Side), is_downwards: bool) {
    let next = |at: usize| {
        let next = if is_downwards { at.checked_add(1) } else { at.checked_sub(1) };
        next.filter(|next| *next < others.len())
    };
    let mut beside = if is_downwards { None } else { others.len().checked_sub(1) };
    let mut rows: Vec<usize> = (0..own.len()).collect();
    if !is_downwards {
        rows.reverse();
    }
    for row in rows {
        let place = match (forth[row], beside) {
            (Some(linked), _) => linked,
            (None, Some(place)) if own[row] == others[place] && back[place].is_none() => {
                forth[row] = Some(place);
                back[place] = Some(row);
                place
            }
            (None, _) => continue,
        };
        beside = next(place);
        if beside.is_none() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(rows: &[&[&str]]) -> Cells {
        let cell = |text: &&str| Some((*text).to_owned()).filter(|text| text != "-");
        rows.iter().map(|row| row.iter().map(cell).collect()).collect()
    }

    fn pairs(left: &[&[&str]], right: &[&[&str]]) -> Vec<(Option<usize>, Option<usize>)> {
        of_rows(&cells(left), &cells(right))
            .pairs
            .iter()
            .map(|pair| (pair.left, pair.right))
            .collect()
    }

    #[test]
    fn rows_with_one_key_go_together() {
        let left: &[&[&str]] = &[&["id", "x"], &["1", "a"], &["2", "b"], &["5", "c"]];
        let right: &[&[&str]] = &[&["id", "x"], &["1", "b"], &["2", "a"], &["4", "d"]];
        let expected = [
            (Some(0), Some(0)),
            (Some(1), Some(1)),
            (Some(2), Some(2)),
            (None, Some(3)),
            (Some(3), None),
        ];
        assert_eq!(pairs(left, right), expected);
    }

    #[test]
    fn equal_rows_go_together_beside_others_that_do() {
        let left: &[&[&str]] = &[&["x"], &["a"], &["a"], &["b"]];
        let right: &[&[&str]] = &[&["x"], &["a"], &["a"], &["a"]];
        let expected = [
            (Some(0), Some(0)),
            (Some(1), Some(1)),
            (Some(2), Some(2)),
            (None, Some(3)),
            (Some(3), None),
        ];
        assert_eq!(pairs(left, right), expected);
    }
}
