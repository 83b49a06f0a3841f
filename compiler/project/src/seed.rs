//! Seeds: CSV files read into typed rows as dbt's agate reads them.

mod types;

#[cfg(test)]
mod tests;

use adapter_interface::{Datum, SeedType};

/// The rows of a seed with the kinds of its columns.
#[derive(Debug, Clone, PartialEq)]
pub struct SeedContents {
    /// Names and kinds.
    pub columns: Vec<(String, SeedType)>,
    /// The values, as many in each row as there are columns.
    pub rows: Vec<Vec<Datum>>,
    /// The headers that stood there before, each with the name that its column got instead.
    pub renamed: Vec<(String, String)>,
}

/// Why a seed could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SeedFailure {
    /// What is wrong.
    pub message: String,
    /// The line, from 1, when known.
    pub line: Option<usize>,
    /// What to do.
    pub hint: Option<String>,
}

/// Reads a seed. `text_columns` are taken as text whatever they look like: dbt does so for `column_types`.
///
/// As in dbt's agate: short rows are filled up with nulls, long ones are refused; empty headers take letters and
/// repeated ones numbers; `null` and nothing are null; thousands separators, currency signs and percent signs are
/// no part of a number.
pub fn read_seed(
    bytes: &[u8],
    delimiter: u8,
    text_columns: &[&str],
) -> Result<SeedContents, SeedFailure> {
    let text = std::str::from_utf8(bytes).map_err(|error| SeedFailure {
        message: format!(
            "the seed is not UTF-8: the byte at {} fits no character",
            error.valid_up_to()
        ),
        line: Some(bytes[..error.valid_up_to()].split(|byte| *byte == b'\n').count()),
        hint: Some("save the file as UTF-8".to_owned()),
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut records = Vec::new();
    for record in reader.records() {
        records.push(record.map_err(|error| failure(&error))?);
    }
    let mut records = records.into_iter();
    let Some(header) = records.next() else {
        return Err(SeedFailure {
            message: "the file is empty: it has no line of column names".to_owned(),
            line: None,
            hint: Some(
                "write the names of the columns into its first line, or delete it".to_owned(),
            ),
        });
    };
    let names = column_names(header.iter());
    let repeated =
        header.iter().zip(&names).filter(|(header, name)| !header.is_empty() && header != name);
    let renamed = repeated.map(|(header, name)| (header.to_owned(), name.clone())).collect();
    let records: Vec<csv::StringRecord> = records.collect();
    if let Some(long) = records.iter().find(|record| record.len() > names.len()) {
        return Err(SeedFailure {
            message: format!("a row has {} values for {} columns", long.len(), names.len()),
            line: long.position().map(|position| position.line() as usize),
            hint: Some("put values with the delimiter in them in double quotes".to_owned()),
        });
    }
    let kinds: Vec<types::ColumnKind> = names
        .iter()
        .enumerate()
        .map(|(at, name)| {
            let values = records.iter().filter_map(|record| record.get(at));
            if text_columns.contains(&name.as_str()) {
                types::ColumnKind::Text
            } else {
                types::infer(values)
            }
        })
        .collect();
    let row = |record: &csv::StringRecord| {
        let value = |(at, kind): (usize, &types::ColumnKind)| match record.get(at) {
            Some(text) => kind.datum(text),
            None => Datum::Null,
        };
        kinds.iter().enumerate().map(value).collect()
    };
    let rows = records.iter().map(row).collect();
    let columns = names.into_iter().zip(kinds.iter().map(|kind| kind.seed_type())).collect();
    Ok(SeedContents { columns, rows, renamed })
}

fn failure(error: &csv::Error) -> SeedFailure {
    SeedFailure {
        message: format!("the seed is not a well-formed CSV file: {error}"),
        line: error.position().map(|position| position.line() as usize),
        hint: None,
    }
}

/// Names as agate makes them: letters for empty ones, `_2`, `_3` and so on for repeated ones.
fn column_names<'a>(header: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (at, name) in header.enumerate() {
        let name = if name.is_empty() { letter_name(at) } else { name.to_owned() };
        let mut unique = name.clone();
        let mut number = 2;
        while names.contains(&unique) {
            unique = format!("{name}_{number}");
            number += 1;
        }
        names.push(unique);
    }
    names
}

/// `a`, `b` … `z`, `aa`, `bb` …
fn letter_name(at: usize) -> String {
    let letter = char::from(b'a' + (at % 26) as u8);
    std::iter::repeat_n(letter, at / 26 + 1).collect()
}
