//! What came out beside what was expected, drawn as a table of the rows that differ.

use serde_json::Value;
use template::ResultTable;

/// The column of the materialization `unit` that tells the rows apart.
const SIDE: &str = "actual_or_expected";

/// One line of the drawing: its mark, and its cells.
struct Line {
    mark: &'static str,
    cells: Vec<String>,
}

/// The drawing, in the shape that dbt's has (daff's); none where both sides have the same rows, in whatever order.
pub(super) fn of_table(table: &ResultTable) -> Option<String> {
    let side = table.columns.iter().position(|name| name.eq_ignore_ascii_case(SIDE))?;
    let names = table.columns.iter().enumerate().filter(|(at, _)| *at != side);
    let names: Vec<String> = names.map(|(_, name)| name.to_lowercase()).collect();
    let rows = |wanted: &str| {
        let is_wanted = |row: &&Vec<Value>| row.get(side).and_then(Value::as_str) == Some(wanted);
        let own = table.rows.iter().filter(is_wanted);
        let mut rows: Vec<Vec<String>> = own
            .map(|row| {
                let cells = row.iter().enumerate().filter(|(at, _)| *at != side);
                cells.map(|(_, value)| shown(value)).collect()
            })
            .collect();
        rows.sort();
        rows
    };
    let (mut expected, mut lines, mut left) = (rows("expected"), Vec::new(), Vec::new());
    for row in rows("actual") {
        match expected.iter().position(|other| *other == row) {
            Some(at) => {
                expected.remove(at);
                lines.push(Line { mark: "", cells: row });
            }
            None => left.push(row),
        }
    }
    if left.is_empty() && expected.is_empty() {
        return None;
    }
    for row in left {
        let alike =
            |other: &Vec<String>| row.iter().zip(other).filter(|(own, other)| own == other).count();
        let nearest =
            expected.iter().enumerate().max_by_key(|(at, other)| (alike(other), usize::MAX - at));
        let nearest =
            nearest.filter(|(_, other)| alike(other) > 0 || row.len() == 1).map(|(at, _)| at);
        lines.push(match nearest {
            None => Line { mark: "+++", cells: row },
            Some(at) => {
                let other = expected.remove(at);
                let changed = other
                    .into_iter()
                    .zip(row)
                    .map(|(other, own)| if other == own { own } else { format!("{other}→{own}") });
                Line { mark: "→", cells: changed.collect() }
            }
        });
    }
    lines.extend(expected.into_iter().map(|row| Line { mark: "---", cells: row }));
    Some(drawn(Line { mark: "@@", cells: names }, lines))
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::String(text) => text.clone(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        other => other.to_string(),
    }
}

fn drawn(head: Line, lines: Vec<Line>) -> String {
    let all: Vec<Vec<String>> = std::iter::once(head)
        .chain(lines)
        .map(|line| std::iter::once(line.mark.to_owned()).chain(line.cells).collect())
        .collect();
    let width = |column: usize| {
        all.iter()
            .filter_map(|line| line.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let line = |cells: &Vec<String>| {
        let padded =
            cells.iter().enumerate().map(|(at, cell)| format!("{cell:<width$}", width = width(at)));
        padded.collect::<Vec<_>>().join(",").trim_end().to_owned()
    };
    all.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn table(rows: &[(i64, &str, &str)]) -> ResultTable {
        ResultTable {
            columns: ["id", "name", SIDE].map(str::to_owned).to_vec(),
            rows: rows
                .iter()
                .map(|(id, name, side)| vec![json!(id), json!(name), json!(side)])
                .collect(),
        }
    }

    #[test]
    fn the_order_of_rows_does_not_count() {
        let rows =
            [(1, "a", "actual"), (2, "b", "actual"), (2, "b", "expected"), (1, "a", "expected")];
        assert_eq!(of_table(&table(&rows)), None);
    }

    #[test]
    fn what_differs_is_marked() {
        let rows = [
            (1, "a", "actual"),
            (2, "c", "actual"),
            (3, "new", "actual"),
            (1, "a", "expected"),
            (2, "b", "expected"),
        ];
        let drawing = of_table(&table(&rows)).unwrap();
        assert_eq!(drawing, "@@ ,id,name\n   ,1 ,a\n→  ,2 ,b→c\n+++,3 ,new");
    }
}
