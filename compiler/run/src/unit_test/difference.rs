//! What came out beside what was expected, drawn as a table of the rows that differ.
//!
//! The drawing is that of daff, which dbt prints: rows that did not change are shown beside those that did, and those
//! further away are dots. Unlike there, a decimal of a row that is too much or missing is written without its type.

mod alignment;

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde_json::Value;
use template::ResultTable;

use self::alignment::{Alignment, Cells, Pair};

/// The column of the materialization `unit` that tells the rows apart.
const SIDE: &str = "actual_or_expected";

/// What a line is drawn as that stands for rows which are not shown.
const GAP: &str = "...";

/// Wider drawings have their cells one after the other, without room in between.
const WIDEST: usize = 130;

/// The drawing; none where both sides have the same rows, in whatever order.
pub(super) fn of_table(table: &ResultTable, texts: &[Vec<Option<String>>]) -> Option<String> {
    let side = table.columns.iter().position(|name| name.eq_ignore_ascii_case(SIDE))?;
    let (expected, actual) =
        (rows(table, texts, side, "expected"), rows(table, texts, side, "actual"));
    let Alignment { pairs, columns } = alignment::of_rows(&expected, &actual);
    let drawing = Drawing { expected: &expected, actual: &actual };
    let marks: Vec<Mark> = pairs.iter().map(|pair| drawing.mark(*pair)).collect();
    if marks.iter().all(|mark| *mark == Mark::Same) {
        return None;
    }
    let columns = drawing.shown_columns(&pairs, &marks, columns);
    let shown = near(&marks.iter().map(|mark| *mark != Mark::Same).collect::<Vec<_>>());
    let mut lines = Vec::new();
    for ((pair, mark), shown) in pairs.iter().zip(&marks).zip(shown).skip(1) {
        match shown {
            Shown::Row => lines.push(drawing.line(*pair, *mark)),
            Shown::Gap if lines.last().is_some_and(|line: &Line| line.cells[0].plain == GAP) => {}
            Shown::Gap => {
                let width = 1 + expected.first().map_or(0, Vec::len);
                lines.push(Line { cells: vec![Cell::of(GAP.to_owned()); width] });
            }
            Shown::Not => {}
        }
    }
    let names = expected.first().into_iter().flatten();
    let names = names.map(|name| Cell::of(name.clone().unwrap_or_default()));
    let head = Line { cells: std::iter::once(Cell::of("@@".to_owned())).chain(names).collect() };
    let lines = std::iter::once(head).chain(lines).map(|line| line.with(&columns));
    Some(drawn(&lines.collect::<Vec<_>>()))
}

/// The rows of one side in order, below the names of their columns.
fn rows(table: &ResultTable, texts: &[Vec<Option<String>>], side: usize, wanted: &str) -> Cells {
    let is_wanted = |row: &Vec<Value>| row.get(side).and_then(Value::as_str) == Some(wanted);
    let mut rows: Vec<_> =
        table.rows.iter().zip(texts).filter(|(values, _)| is_wanted(values)).collect();
    rows.sort_by(|(own, _), (other, _)| {
        let compared = own.iter().zip(*other).map(|(own, other)| order(own, other));
        compared.fold(Ordering::Equal, Ordering::then)
    });
    let without_side = |at: &usize| *at != side;
    let names = table.columns.iter().map(|name| Some(name.to_lowercase()));
    let cells = rows.into_iter().map(|(_, texts)| texts.clone());
    std::iter::once(names.collect())
        .chain(cells)
        .map(|row: Vec<Option<String>>| {
            let cells = row.into_iter().enumerate().filter(|(at, _)| without_side(at));
            cells.map(|(_, cell)| cell).collect()
        })
        .collect()
}

/// Python's order of values of one kind; nothing comes last.
fn order(own: &Value, other: &Value) -> Ordering {
    match (own, other) {
        (Value::Number(own), Value::Number(other)) => match (own.as_i64(), other.as_i64()) {
            (Some(own), Some(other)) => own.cmp(&other),
            _ => own.as_f64().partial_cmp(&other.as_f64()).unwrap_or(Ordering::Equal),
        },
        (Value::String(own), Value::String(other)) => own.cmp(other),
        (Value::Bool(own), Value::Bool(other)) => own.cmp(other),
        _ => own.is_null().cmp(&other.is_null()),
    }
}

/// How a row differs.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Mark {
    Same,
    Changed,
    TooMuch,
    Missing,
}

/// What becomes of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Shown {
    Row,
    Gap,
    Not,
}

/// What differs and what is beside it is shown, and what is next to this is hinted at.
fn near(differing: &[bool]) -> Vec<Shown> {
    let distance = |at: usize| {
        let differing = differing.iter().enumerate().filter(|(_, differs)| **differs);
        differing.map(|(other, _)| other.abs_diff(at)).min().unwrap_or(usize::MAX)
    };
    let shown = |at| match distance(at) {
        0 | 1 => Shown::Row,
        2 => Shown::Gap,
        _ => Shown::Not,
    };
    (0..differing.len()).map(shown).collect()
}

/// A cell as it is written, and as what is counted of it for the width of its column.
#[derive(Debug, Clone)]
struct Cell {
    written: String,
    plain: String,
}

impl Cell {
    fn of(text: String) -> Self {
        Self { written: quoted(&text, &text), plain: text }
    }
}

struct Line {
    cells: Vec<Cell>,
}

impl Line {
    /// The line with the columns that are shown, and dots for those between them.
    fn with(self, shown: &[bool]) -> Self {
        let mut cells = Vec::new();
        let mut is_left_out = false;
        for (column, cell) in self.cells.into_iter().enumerate() {
            let is_shown = column == 0 || shown.get(column - 1).copied().unwrap_or(false);
            if is_shown {
                cells.push(cell);
            } else if !is_left_out {
                cells.push(Cell::of(GAP.to_owned()));
            }
            is_left_out = !is_shown;
        }
        Self { cells }
    }
}

struct Drawing<'a> {
    expected: &'a Cells,
    actual: &'a Cells,
}

impl Drawing<'_> {
    fn mark(&self, pair: Pair) -> Mark {
        match (pair.left, pair.right) {
            (None, _) => Mark::TooMuch,
            (_, None) => Mark::Missing,
            (Some(left), Some(right)) if is_equal(&self.expected[left], &self.actual[right]) => {
                Mark::Same
            }
            _ => Mark::Changed,
        }
    }

    /// Which columns are shown: those that differ, those beside them, and those that tell the rows apart.
    fn shown_columns(
        &self,
        pairs: &[Pair],
        marks: &[Mark],
        mut wanted: BTreeSet<usize>,
    ) -> Vec<bool> {
        let width = self.expected.first().map_or(0, Vec::len);
        for (pair, mark) in pairs.iter().zip(marks) {
            match (mark, pair.left, pair.right) {
                (Mark::TooMuch, ..) => wanted.extend(0..width),
                (Mark::Changed, Some(left), Some(right)) => {
                    let cells = self.expected[left].iter().zip(&self.actual[right]).enumerate();
                    wanted.extend(cells.filter(|(_, (own, other))| own != other).map(|(at, _)| at));
                }
                _ => {}
            }
        }
        let wanted: Vec<bool> = (0..width).map(|column| wanted.contains(&column)).collect();
        near(&wanted).into_iter().map(|shown| shown == Shown::Row).collect()
    }

    fn line(&self, pair: Pair, mark: Mark) -> Line {
        let expected = pair.left.map(|row| &self.expected[row]);
        let actual = pair.right.map(|row| &self.actual[row]);
        let (word, cells): (&str, Vec<Cell>) = match (expected, actual) {
            (Some(expected), Some(actual)) => {
                let cells = expected.iter().zip(actual);
                let word = if mark == Mark::Same { "" } else { "→" };
                (
                    word,
                    cells.map(|(own, other)| compared(own.as_deref(), other.as_deref())).collect(),
                )
            }
            (None, Some(only)) => ("+++", only.iter().map(|cell| alone(cell.as_deref())).collect()),
            (only, _) => {
                let cells = only.into_iter().flatten();
                ("---", cells.map(|cell| alone(cell.as_deref())).collect())
            }
        };
        let mark = Cell::of(word.to_owned());
        Line { cells: std::iter::once(mark).chain(cells).collect() }
    }
}

/// A cell of a row that both sides have.
fn compared(expected: Option<&str>, actual: Option<&str>) -> Cell {
    if text_for_comparing(expected) == text_for_comparing(actual) {
        return Cell::of(expected.unwrap_or("NULL").to_owned());
    }
    let told = |value: Option<&str>| match value {
        None => "NULL".to_owned(),
        // A text that reads like nothing is told apart.
        Some(text) if text.trim_start_matches('_') == "NULL" => format!("_{text}"),
        Some(text) => text.to_owned(),
    };
    let text = format!("{}→{}", told(expected), told(actual));
    Cell { written: quoted(&text, &text.replace(' ', "_")), plain: text }
}

/// A cell of a row that is too much or missing.
fn alone(cell: Option<&str>) -> Cell {
    let written = cell.unwrap_or("null");
    Cell {
        written: quoted(written, &written.replace(' ', "_")),
        plain: cell.unwrap_or("NULL").to_owned(),
    }
}

fn text_for_comparing(cell: Option<&str>) -> &str {
    cell.unwrap_or("None")
}

fn is_equal(own: &[Option<String>], other: &[Option<String>]) -> bool {
    own.iter().zip(other).all(|(own, other)| {
        text_for_comparing(own.as_deref()) == text_for_comparing(other.as_deref())
    })
}

/// The text in quotes where what is looked at would not be one cell of a file with commas.
fn quoted(text: &str, looked_at: &str) -> String {
    let is_edged = looked_at.starts_with(' ') || looked_at.ends_with(' ');
    if !is_edged && !looked_at.contains(['"', '\r', '\n', '\t', ',']) {
        return text.to_owned();
    }
    format!("\"{}\"", text.replace('"', "\"\""))
}

fn drawn(lines: &[Line]) -> String {
    let widths = widths(lines);
    let mut text = String::new();
    for line in lines {
        let (mut target, mut at) = (0, 0);
        for (column, cell) in line.cells.iter().enumerate() {
            if let Some(widths) = &widths {
                while at < target {
                    text.push(' ');
                    at += 1;
                }
                at += length(cell);
                target += widths.get(column).copied().unwrap_or(0);
            }
            if column > 0 {
                text.push(',');
            }
            text.push_str(&cell.written);
        }
        text.push_str("\r\n");
    }
    text
}

fn length(cell: &Cell) -> usize {
    quoted(&cell.plain, &cell.plain).chars().count()
}

/// The widths of the columns, which cells that are much longer than the others do not count for; none where the whole
/// is too wide.
fn widths(lines: &[Line]) -> Option<Vec<usize>> {
    let columns = lines.first().map_or(0, |line| line.cells.len());
    let width = |column: usize| {
        let lengths: Vec<usize> =
            lines.iter().filter_map(|line| line.cells.get(column)).map(length).collect();
        let usual = usual_length(&lengths);
        let longest = lengths.iter().filter(|length| **length <= usual).max();
        longest.copied().unwrap_or(0).max(lengths.first().copied().unwrap_or(0))
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let whole = columns.saturating_sub(1) + widths.iter().sum::<usize>();
    (whole <= WIDEST).then_some(widths)
}

/// The mean and twice the deviation, to the nearest whole number.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "lengths of cells are small"
)]
fn usual_length(lengths: &[usize]) -> usize {
    let count = lengths.len() as f64;
    let mean = lengths.iter().sum::<usize>() as f64 / count;
    let squares = lengths.iter().map(|length| length * length).sum::<usize>() as f64 / count;
    let deviation = mean.mul_add(-mean, squares).max(0.0).sqrt();
    (mean + deviation * 2.0 + 0.5) as usize
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn drawing(rows: &[(Value, &str, &str)]) -> Option<String> {
        let columns = ["id", "name", SIDE].map(str::to_owned).to_vec();
        let values: Vec<Vec<Value>> = rows
            .iter()
            .map(|(id, name, side)| {
                let name = if *name == "-" { Value::Null } else { json!(name) };
                vec![id.clone(), name, json!(side)]
            })
            .collect();
        let text = |value: &Value| match value {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        let texts: Vec<Vec<_>> = values.iter().map(|row| row.iter().map(text).collect()).collect();
        of_table(&ResultTable { columns, rows: values }, &texts)
    }

    #[test]
    fn the_order_of_rows_does_not_count() {
        let rows = [
            (json!(1), "a", "actual"),
            (json!(2), "b", "actual"),
            (json!(2), "b", "expected"),
            (json!(1), "a", "expected"),
        ];
        assert_eq!(drawing(&rows), None);
    }

    #[test]
    fn what_differs_is_marked() {
        let rows = [
            (json!(1), "a", "actual"),
            (json!(2), "c", "actual"),
            (json!(3), "-", "actual"),
            (json!(1), "a", "expected"),
            (json!(2), "-", "expected"),
        ];
        let expected = "@@ ,id,name  \r\n   ,1 ,a\r\n→  ,2 ,NULL→c\r\n+++,3 ,null\r\n";
        assert_eq!(drawing(&rows).unwrap(), expected.replace("name  ", "name"));
    }

    #[test]
    fn rows_far_from_a_difference_are_dots() {
        let side = |side: &'static str, last: &'static str| {
            (1..=6).map(move |id| (json!(id), if id == 6 { last } else { "same" }, side))
        };
        let rows: Vec<_> = side("actual", "is, new").chain(side("expected", "old")).collect();
        let expected = "@@ ,id ,name\r\n...,...,...\r\n   ,5  ,same\r\n→  ,6  ,\"old→is, new\"\r\n";
        assert_eq!(drawing(&rows).unwrap(), expected);
    }
}
