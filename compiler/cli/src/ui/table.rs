//! A result as a table of text, in the shape of dbt's (agate's `print_table`).

use serde_json::Value;
use template::ResultTable;

/// The most columns that are shown; the rest becomes `...`.
const COLUMNS: usize = 6;
/// The most characters of a value that are shown.
const CHARACTERS: usize = 20;

/// The table, with a line break after each row.
pub(crate) fn draw(table: &ResultTable) -> String {
    let shown = table.columns.len().min(COLUMNS);
    let mut columns: Vec<Vec<String>> = Vec::new();
    let mut is_right: Vec<bool> = Vec::new();
    for (index, name) in table.columns.iter().take(shown).enumerate() {
        let values = table.rows.iter().map(|row| row.get(index).unwrap_or(&Value::Null));
        is_right.push(
            values.clone().any(|value| !value.is_null())
                && values.clone().all(|value| value.is_null() || stands_right(value)),
        );
        let places = values.clone().filter_map(places_of).max().unwrap_or(0);
        let cells = values.map(|value| shorten(&cell(value, places)));
        let cells = std::iter::once(shorten(name)).chain(cells);
        columns.push(cells.collect());
    }
    if shown < table.columns.len() {
        columns.push(vec!["...".to_owned(); table.rows.len() + 1]);
        is_right.push(false);
    }
    let widths: Vec<usize> = columns
        .iter()
        .map(|cells| cells.iter().map(|cell| cell.chars().count()).max().unwrap_or(0))
        .collect();
    let mut lines = Vec::new();
    for row in 0..=table.rows.len() {
        let cells = columns.iter().zip(&widths).zip(&is_right).map(|((cells, width), is_right)| {
            let cell = &cells[row];
            let space = " ".repeat(width - cell.chars().count());
            if *is_right { format!("{space}{cell}") } else { format!("{cell}{space}") }
        });
        lines.push(format!("| {} |\n", cells.collect::<Vec<_>>().join(" | ")));
        if row == 0 {
            let rules: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
            lines.push(format!("| {} |\n", rules.join(" | ")));
        }
    }
    lines.concat()
}

/// The rows as JSON: an object each.
pub(crate) fn to_json(table: &ResultTable) -> Value {
    let row = |values: &Vec<Value>| {
        Value::Object(table.columns.iter().cloned().zip(values.iter().cloned()).collect())
    };
    table.rows.iter().map(row).collect()
}

/// The places of a number after its point that say something; none for numbers without a point.
fn places_of(value: &Value) -> Option<usize> {
    let text = value.as_number()?.to_string();
    let (_, places) = text.split_once('.').filter(|_| !text.contains('e'))?;
    Some(places.trim_end_matches('0').len())
}

/// A value as text; numbers of one column have their points one below the other, and whole ones none, as in dbt.
fn cell(value: &Value, places: usize) -> String {
    match value {
        Value::Number(number) if places_of(value).is_some() => {
            let text = number.to_string();
            let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
            let fraction = fraction.trim_end_matches('0');
            if places == 0 { whole.to_owned() } else { format!("{whole}.{fraction:0<places$}") }
        }
        Value::Null => String::new(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        // Moments are shown with a space between day and time.
        Value::String(text) if is_moment(text) => text.replacen('T', " ", 1),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// All but texts stands to the right; dates and moments are texts in JSON.
fn stands_right(value: &Value) -> bool {
    let is_date = |text: &str| {
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let mut parts = text.split('-').map(|part| (part.len(), digits(part)));
        let found = [parts.next(), parts.next(), parts.next(), parts.next()];
        found == [Some((4, true)), Some((2, true)), Some((2, true)), None]
    };
    value.is_number() || value.as_str().is_some_and(|text| is_moment(text) || is_date(text))
}

fn is_moment(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 19
        && bytes[4] == b'-'
        && bytes[7] == b'-'
        && bytes[10] == b'T'
        && bytes[13] == b':'
}

fn shorten(text: &str) -> String {
    if text.chars().count() <= CHARACTERS {
        return text.to_owned();
    }
    text.chars().take(CHARACTERS - 3).collect::<String>() + "..."
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn all_but_texts_stand_to_the_right_and_what_is_long_is_cut() {
        let table = ResultTable {
            columns: ["id", "name", "at"].map(str::to_owned).into(),
            rows: vec![
                vec![json!(1), json!("a text that is much too long"), json!("2023-11-25T07:20:22")],
                vec![json!(10), Value::Null, Value::Null],
            ],
        };
        insta::assert_snapshot!(draw(&table), @r"
        | id | name                 |                  at |
        | -- | -------------------- | ------------------- |
        |  1 | a text that is mu... | 2023-11-25 07:20:22 |
        | 10 |                      |                     |
        ");
    }

    #[test]
    fn numbers_have_the_places_of_their_column() {
        let table = ResultTable {
            columns: ["sum", "amount", "large"].map(str::to_owned).into(),
            rows: vec![
                vec![json!(6.0), json!(1.0), json!(1e20)],
                vec![json!(10), json!(-2.25), json!(2.5)],
            ],
        };
        insta::assert_snapshot!(draw(&table), @r"
        | sum | amount | large |
        | --- | ------ | ----- |
        |   6 |   1.00 | 1e+20 |
        |  10 |  -2.25 |   2.5 |
        ");
    }
}
