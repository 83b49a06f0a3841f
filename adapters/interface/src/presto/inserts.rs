//! Seeds by inserts of many rows each.
//!
//! Values stand in the statement as texts and are cast column by column, so that a row costs little to write and to
//! read.

use super::escape;
use crate::column::Column;
use crate::connection::SeedStream;
use crate::dialect::Dialect;
use crate::error::{WarehouseError, WarehouseErrorKind};
use crate::rows::Datum;

/// How large one insert may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InsertLimits {
    /// The most rows.
    pub rows: usize,
    /// The most bytes of its text.
    pub bytes: usize,
}

/// How the columns of an insert are written.
pub struct InsertedColumns<'a> {
    /// How names are written.
    pub dialect: &'a dyn Dialect,
    /// The SQL that makes a column's value of a text, whose name is given, such as `cast(c0 as integer)`.
    pub value: &'a dyn Fn(&str, &Column) -> String,
}

/// Inserts the rows of a seed by as few statements as the limits allow, which `run` runs; gives how many rows there
/// were.
pub fn insert_seed(
    seed: SeedStream<'_>,
    columns: &InsertedColumns<'_>,
    limits: InsertLimits,
    run: &mut dyn FnMut(&str) -> Result<(), WarehouseError>,
) -> Result<usize, WarehouseError> {
    let (head, tail) = around(&seed, columns);
    let mut statement = head.clone();
    let (mut total, mut count) = (0, 0);
    for row in seed.rows {
        let row = row.map_err(|message| WarehouseError::new(WarehouseErrorKind::Other, message))?;
        let text = row_text(&row);
        let is_full =
            count == limits.rows.max(1) || statement.len() + text.len() + tail.len() > limits.bytes;
        if count > 0 && is_full {
            run(&(statement + &tail))?;
            (statement, count) = (head.clone(), 0);
        }
        statement.push_str(if count == 0 { "\n" } else { ",\n" });
        statement.push_str(&text);
        (total, count) = (total + 1, count + 1);
    }
    if count > 0 {
        run(&(statement + &tail))?;
    }
    Ok(total)
}

/// What stands before and after the rows.
fn around(seed: &SeedStream<'_>, columns: &InsertedColumns<'_>) -> (String, String) {
    let texts: Vec<_> = (0..seed.columns.len()).map(|index| format!("c{index}")).collect();
    let names = seed.columns.iter().map(|column| columns.dialect.quote(&column.name));
    let values = texts.iter().zip(seed.columns).map(|(text, column)| (columns.value)(text, column));
    let head = format!(
        "insert into {} ({})\nselect {}\nfrom (values",
        columns.dialect.render_name(seed.relation),
        names.collect::<Vec<_>>().join(", "),
        values.collect::<Vec<_>>().join(", "),
    );
    (head, format!("\n) as seed_rows ({})", texts.join(", ")))
}

fn row_text(row: &[Datum]) -> String {
    let literals = row.iter().map(|value| match seed_text(value) {
        Some(text) => format!("'{}'", escape(&text)),
        None => "cast(null as varchar)".to_owned(),
    });
    format!("({})", literals.collect::<Vec<_>>().join(","))
}

/// A value of a seed as the text that becomes it by a cast; nothing for null.
pub fn seed_text(value: &Datum) -> Option<String> {
    Some(match value {
        Datum::Null => return None,
        Datum::Boolean(truth) => truth.to_string(),
        Datum::Integer(number) => number.to_string(),
        Datum::Float(number) => number.to_string(),
        Datum::Timestamp(text) | Datum::TimestampWithZone(text) => text.replacen('T', " ", 1),
        Datum::Decimal(text)
        | Datum::Text(text)
        | Datum::Date(text)
        | Datum::Time(text)
        | Datum::Interval(text) => text.clone(),
        Datum::Nested(value) => value.to_string(),
        Datum::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
    })
}
