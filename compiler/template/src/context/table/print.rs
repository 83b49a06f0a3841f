//! A table as agate's `print_table`, `print_structure` and `print_csv` write it, and its parts as agate prints them.

use std::fmt;

use minijinja::value::{Value, ValueKind};

use super::data_type::DataType;
use super::{Table, TableColumn};
use crate::context::plain::{is_none, text_of};
use crate::python::arguments::Arguments;
use crate::python::decimal::{Decimal, grouped, places_of};
use crate::python::repr::to_repr;

/// What is not shown.
const ELLIPSIS: &str = "...";

/// How many values of a row or a column its text shows.
const SAMPLE: usize = 5;

/// What `print_table` may be told.
pub(crate) struct Limits {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) width: usize,
    /// The places of a number that are shown.
    pub(crate) places: usize,
}

impl Limits {
    /// What the arguments of `print_table` say; `none` is no limit.
    pub(super) fn of(mut arguments: Arguments) -> Self {
        let size = |value: Option<Value>, default| match value {
            Some(value) if value.is_none() => usize::MAX,
            Some(value) => {
                value.as_i64().and_then(|value| value.try_into().ok()).unwrap_or(default)
            }
            None => default,
        };
        let (rows, columns) = (arguments.take("max_rows"), arguments.take("max_columns"));
        arguments.take("output");
        let width = arguments.take("max_column_width");
        arguments.take("locale");
        let places = arguments.take("max_precision");
        Self {
            rows: size(rows, 20),
            columns: size(columns, 6),
            width: size(width, 20),
            places: size(places, 3),
        }
    }
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

    fn text(&self, value: &Value, most_places: usize) -> String {
        match (self.places, Decimal::of(value)) {
            _ if is_none(value) => String::new(),
            (Some(places), Some(decimal)) if decimal.is_finite() => {
                let ellipsis = if places > most_places { "…" } else { "" };
                grouped(decimal, places.min(most_places)) + ellipsis
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
            let cells =
                row.iter().zip(&styles).map(|(value, style)| style.text(value, limits.places));
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

    /// The names of the columns and their types.
    pub(crate) fn structure(&self) -> String {
        let names = vec!["column".to_owned(), "data_type".to_owned()];
        let row = |(index, name): (usize, &String)| {
            let column = TableColumn { table: self.clone(), index };
            let data_type = DataType::of(&column.values()).name();
            vec![Value::from(name.as_str()), Value::from(data_type)]
        };
        let rows = self.columns().iter().enumerate().map(row).collect();
        let all = usize::MAX;
        Self::new(names, rows).drawn(&Limits { rows: all, columns: 6, width: all, places: 3 })
    }

    /// The table as a file of comma-separated values.
    pub(super) fn comma_separated(&self) -> String {
        let types: Vec<DataType> = (0..self.columns().len())
            .map(|index| DataType::of(&TableColumn { table: self.clone(), index }.values()))
            .collect();
        let mut text = comma_separated_line(self.columns().iter().cloned());
        for row in self.rows() {
            let cells = row.iter().zip(&types).map(|(value, data_type)| data_type.csv(value));
            let shown = |cell: Value| if is_none(&cell) { String::new() } else { text_of(&cell) };
            text += &comma_separated_line(cells.map(shown));
        }
        text
    }
}

/// Cells with quotes where they hold a comma, a quote or the end of a line.
fn comma_separated_line(cells: impl Iterator<Item = String>) -> String {
    let quoted = |cell: String| {
        let is_plain = !cell.contains([',', '"', '\n', '\r']);
        if is_plain { cell } else { format!("\"{}\"", cell.replace('"', "\"\"")) }
    };
    cells.map(quoted).collect::<Vec<_>>().join(",") + "\n"
}

/// Writes the first values of a row, a column or several of them.
pub(super) fn write_sample(
    formatter: &mut fmt::Formatter<'_>,
    name: &str,
    values: &[Value],
) -> fmt::Result {
    let shown: Vec<String> = values.iter().take(SAMPLE).map(to_repr).collect();
    let rest = if values.len() > SAMPLE { ", ..." } else { "" };
    write!(formatter, "<agate.{name}: ({}{rest})>", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use minijinja::Value;

    use super::{Limits, Table};
    use crate::python::decimal::Decimal;

    fn table() -> Table {
        let decimal = |text: &str| Value::from(Decimal::parse(text).unwrap());
        let names = ["name".to_owned(), "amount".to_owned()].to_vec();
        let rows = [("a, b", "1.23456"), ("say \"c\"", "2")];
        Table::new(
            names,
            rows.map(|(name, amount)| vec![Value::from(name), decimal(amount)]).into(),
        )
    }

    #[test]
    fn places_that_are_not_limited_are_all_shown() {
        let drawn = |places| table().drawn(&Limits { rows: 20, columns: 6, width: 20, places });
        assert!(drawn(3).contains("| 1.235… |"), "{}", drawn(3));
        assert!(drawn(usize::MAX).contains("| 1.23456 |"), "{}", drawn(usize::MAX));
    }

    #[test]
    fn a_structure_names_columns_and_types() {
        let structure = table().structure();
        let lines: Vec<&str> = structure.lines().collect();
        assert_eq!(lines[2..], ["| name   | Text      |", "| amount | Number    |"]);
    }

    #[test]
    fn cells_with_commas_and_quotes_stand_in_quotes() {
        let text = "name,amount\n\"a, b\",1.23456\n\"say \"\"c\"\"\",2\n";
        assert_eq!(table().comma_separated(), text);
    }
}
