//! Loading a seed by `copy`, which takes its rows as text in one go.

use std::fmt::Write as _;

use adapter_interface::{Datum, Dialect as _, SeedRows, SeedStream, WarehouseError, hexadecimal};

use crate::catalog;
use crate::dialect::PostgresDialect;
use crate::session::{Session, StatementResult};

/// How many bytes are sent at once, about.
const CHUNK_SIZE: usize = 64 * 1024;

/// Copies all rows into the seed's table.
pub(crate) fn copy(
    session: &mut Session,
    seed: &mut SeedStream<'_>,
) -> Result<StatementResult, WarehouseError> {
    let table = PostgresDialect.render_name(seed.relation);
    let present = catalog::column_names(session, &table)?;
    let columns = seed.columns.iter().map(|column| {
        // A seed that does not quote its columns has them in lower case.
        let folded = column.name.to_lowercase();
        let is_folded = !present.contains(&column.name) && present.contains(&folded);
        PostgresDialect.quote(if is_folded { &folded } else { &column.name })
    });
    let columns = columns.collect::<Vec<_>>().join(", ");
    let mut chunks = chunks(seed.rows);
    session.copy_in(&format!("copy {table} ({columns}) from stdin"), &mut chunks)
}

/// The rows in `copy`'s text format, in pieces.
fn chunks(rows: &mut dyn SeedRows) -> impl Iterator<Item = Result<Vec<u8>, String>> {
    let mut row = Vec::new();
    std::iter::from_fn(move || {
        let mut chunk = String::with_capacity(CHUNK_SIZE + CHUNK_SIZE / 4);
        while chunk.len() < CHUNK_SIZE {
            match rows.read_row(&mut row) {
                Ok(true) => write_row(&mut chunk, &row),
                Ok(false) => break,
                Err(reason) => return Some(Err(reason)),
            }
        }
        (!chunk.is_empty()).then(|| Ok(chunk.into_bytes()))
    })
}

fn write_row(text: &mut String, row: &[Datum]) {
    for (index, value) in row.iter().enumerate() {
        if index > 0 {
            text.push('\t');
        }
        write(text, value);
    }
    text.push('\n');
}

fn write(line: &mut String, value: &Datum) {
    match value {
        Datum::Null => line.push_str("\\N"),
        Datum::Boolean(truth) => line.push(if *truth { 't' } else { 'f' }),
        Datum::Integer(number) => {
            let _ = write!(line, "{number}");
        }
        Datum::Float(number) => {
            let _ = write!(line, "{number}");
        }
        Datum::Nested(value) => write_text(line, &value.to_string()),
        Datum::Bytes(bytes) => {
            line.push_str("\\\\x");
            line.push_str(&hexadecimal(bytes));
        }
        Datum::Decimal(text)
        | Datum::Text(text)
        | Datum::Date(text)
        | Datum::Time(text)
        | Datum::Timestamp(text)
        | Datum::TimestampWithZone(text)
        | Datum::Interval(text) => write_text(line, text),
    }
}

/// Text with a backslash before whatever means something to `copy`.
fn write_text(line: &mut String, text: &str) {
    let is_special = |byte: u8| matches!(byte, b'\\' | b'\n' | b'\r' | b'\t');
    // All bytes are looked at, which is many at a time.
    if !text.bytes().fold(false, |found, byte| found | is_special(byte)) {
        line.push_str(text);
        return;
    }
    let mut written = 0;
    for (place, byte) in text.bytes().enumerate() {
        let escaped = match byte {
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            _ => continue,
        };
        line.push_str(&text[written..place]);
        line.push_str(escaped);
        written = place + 1;
    }
    line.push_str(&text[written..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_to_copy_is_escaped() {
        let rows = [
            vec![Datum::Text("a\tb\\N\r\n".to_owned()), Datum::Null, Datum::Boolean(true)],
            vec![Datum::Text(String::new()), Datum::Bytes(vec![255]), Datum::Float(f64::NAN)],
        ];
        let mut rows = rows.into_iter().map(Ok);
        let text: Vec<u8> = chunks(&mut rows).flat_map(Result::unwrap).collect();
        assert_eq!(String::from_utf8(text).unwrap(), "a\\tb\\\\N\\r\\n\t\\N\tt\n\t\\\\xff\tNaN\n");
    }
}
