//! A table as agate's `print_table` draws it.

use minijinja::value::{Value, ValueKind};

use super::Table;
use crate::context::plain::{is_none, text_of};
use crate::python::decimal::{Decimal, grouped, places_of};

/// What is not shown.
const ELLIPSIS: &str = "...";

/// The places of a number that are shown.
const MOST_PLACES: usize = 3;

/// What `print_table` may be told.
pub(crate) struct Limits {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) width: usize,
}

/// How the values of a column are written.
struct Style {
    /// The places of numbers; `None` for other columns, and whole numbers.
    places: Option<usize>,
    is_text: bool,
}

impl Style {
    fn of(table: &Table, at: usize, rows: usize) -> Self {
        let values = || table.rows().take(rows).filter_map(move |row| row.get(at));
        let all = || table.rows().filter_map(move |row| row.get(at));
        let places = all().any(|value| Decimal::of(value).is_some());
        Self {
            places: places
                .then(|| values().filter_map(Decimal::of).map(places_of).max().unwrap_or(0)),
            is_text: all().any(|value| value.kind() == ValueKind::String),
        }
    }

    fn text(&self, value: &Value) -> String {
        match (self.places, Decimal::of(value)) {
            _ if is_none(value) => String::new(),
            (Some(places), Some(decimal)) if decimal.is_finite() => {
                let ellipsis = if places > MOST_PLACES { "…" } else { "" };
                grouped(decimal, places.min(MOST_PLACES)) + ellipsis
            }
            _ => text_of(value),
        }
    }
}

fn shortened(text: String, width: usize) -> String {
    if text.chars().count() <= width {
        return text;
    }
    text.chars().take(width.saturating_sub(ELLIPSIS.len())).chain(ELLIPSIS.chars()).collect()
}

impl Table {
    /// The lines of the table, each with its end.
    pub(crate) fn drawn(&self, limits: &Limits) -> String {
        let table = self;
        let columns = table.columns().len().min(limits.columns);
        let is_cut = columns < table.columns().len();
        let styles: Vec<Style> = (0..columns).map(|at| Style::of(table, at, limits.rows)).collect();
        let cut = || is_cut.then(|| ELLIPSIS.to_owned());
        let names = table.columns().iter().take(columns);
        let mut lines: Vec<Vec<String>> =
            vec![names.map(|name| shortened(name.clone(), limits.width)).chain(cut()).collect()];
        lines.extend(table.rows().take(limits.rows).map(|row| {
            let cells = row.iter().zip(&styles).map(|(value, style)| style.text(value));
            cells.map(|cell| shortened(cell, limits.width)).chain(cut()).collect()
        }));
        let width = |at: usize| {
            lines.iter().filter_map(|line| line.get(at)).map(|cell| cell.chars().count()).max()
        };
        let widths: Vec<usize> =
            (0..columns + usize::from(is_cut)).map(|at| width(at).unwrap_or(0)).collect();
        if table.rows().count() > limits.rows {
            lines.push(vec![ELLIPSIS.to_owned(); widths.len()]);
        }
        // The column that stands for those left out is as the first of them.
        let left_out = is_cut.then(|| Style::of(table, columns, limits.rows));
        let styles: Vec<&Style> = styles.iter().chain(left_out.as_ref()).collect();
        let mut text = String::new();
        for (at, line) in lines.iter().enumerate() {
            let cells = line.iter().zip(&widths).zip(&styles).map(|((cell, width), style)| {
                if style.is_text { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
            });
            let cells = cells.collect::<Vec<_>>().join(" | ");
            text.extend(["| ", &cells, " |\n"]);
            if at == 0 {
                let rule = widths.iter().map(|width| "-".repeat(*width)).collect::<Vec<_>>();
                text.extend(["| ", &rule.join(" | "), " |\n"]);
            }
        }
        text
    }
}
