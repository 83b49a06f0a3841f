//! Seeds: CSV files read into typed rows as dbt's agate reads them.

mod batch;
mod lines;
mod types;

#[cfg(test)]
mod tests;

use std::io::{self, Read};
use std::sync::Arc;

use adapter_interface::{Datum, SeedType};

use batch::Batch;
use lines::EvenLines;
use types::{ColumnKind, KindTester};

/// Opens a seed's file, anew for each pass over it.
pub type OpenSeed = Arc<dyn Fn() -> io::Result<Box<dyn Read + Send>> + Send + Sync>;

/// A seed that was read through once: the kinds of its columns are known, its rows are read when they are wanted, so
/// that a file may be larger than the memory.
#[derive(Clone)]
pub struct SeedContents {
    /// Names and kinds.
    pub columns: Vec<(String, SeedType)>,
    /// How many rows there are.
    pub row_count: usize,
    /// The headers that stood there before, each with the name that its column got instead.
    pub renamed: Vec<(String, String)>,
    kinds: Vec<ColumnKind>,
    delimiter: u8,
    open: OpenSeed,
}

impl std::fmt::Debug for SeedContents {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("SeedContents")
            .field("columns", &self.columns)
            .field("row_count", &self.row_count)
            .finish_non_exhaustive()
    }
}

impl SeedContents {
    /// The rows from the first on, with as many values in each as there are columns.
    pub fn rows(&self) -> Result<SeedRows, SeedFailure> {
        let mut reader = reader(&self.open, self.delimiter)?;
        let mut record = csv::ByteRecord::new();
        reader.read_byte_record(&mut record).map_err(|error| failure(&error))?;
        Ok(SeedRows { reader, record, kinds: self.kinds.clone(), left: self.row_count })
    }

    /// The same columns without any row.
    #[must_use]
    pub fn without_rows(self) -> Self {
        Self { row_count: 0, ..self }
    }
}

/// The rows of a seed, read one after the other.
pub struct SeedRows {
    reader: csv::Reader<Box<dyn Read + Send>>,
    record: csv::ByteRecord,
    kinds: Vec<ColumnKind>,
    left: usize,
}

impl Iterator for SeedRows {
    type Item = Result<Vec<Datum>, SeedFailure>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        match self.reader.read_byte_record(&mut self.record) {
            Err(error) => {
                self.left = 0;
                return Some(Err(failure(&error)));
            }
            // The file lost rows since it was read through.
            Ok(false) => return None,
            Ok(true) => {}
        }
        let value = |(at, kind): (usize, &ColumnKind)| match self.record.get(at) {
            Some(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => kind.datum(text),
                // The file was changed since it was read through.
                Err(_) => kind.datum(&String::from_utf8_lossy(bytes)),
            },
            None => Datum::Null,
        };
        Some(Ok(self.kinds.iter().enumerate().map(value).collect()))
    }
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

/// Reads a seed through, to know the kinds of its columns. `text_columns` are taken as text whatever they look like:
/// dbt does so for `column_types`.
///
/// As in dbt's agate: short rows and empty lines are filled up with nulls, long rows are refused; empty headers take
/// letters and repeated ones numbers; `null` and nothing are null; thousands separators, currency signs and percent
/// signs are no part of a number.
pub fn read_seed(
    open: OpenSeed,
    delimiter: u8,
    text_columns: &[&str],
) -> Result<SeedContents, SeedFailure> {
    let mut reader = reader(&open, delimiter)?;
    let mut record = csv::ByteRecord::new();
    if !reader.read_byte_record(&mut record).map_err(|error| failure(&error))? {
        return Err(SeedFailure {
            message: "the file is empty: it has no line of column names".to_owned(),
            line: None,
            hint: Some(
                "write the names of the columns into its first line, or delete it".to_owned(),
            ),
        });
    }
    let header = csv::StringRecord::from_byte_record(record).map_err(|_| not_utf8(&open))?;
    let names = column_names(header.iter());
    let repeated =
        header.iter().zip(&names).filter(|(header, name)| !header.is_empty() && header != name);
    let renamed = repeated.map(|(header, name)| (header.to_owned(), name.clone())).collect();
    let mut testers: Vec<Option<KindTester>> = names
        .iter()
        .map(|name| (!text_columns.contains(&name.as_str())).then(KindTester::default))
        .collect();
    let (mut next, mut read) = (Batch::default(), Batch::default());
    let mut row_count = 0;
    loop {
        // What was read is looked at while more is read.
        let (filled, seen) =
            rayon::join(|| next.fill(&mut reader), || read.show(&mut testers, &open));
        seen?;
        filled?;
        std::mem::swap(&mut next, &mut read);
        row_count += read.rows.len();
        if read.rows.is_empty() {
            break;
        }
    }
    let kinds: Vec<ColumnKind> = testers
        .iter()
        .map(|tester| tester.as_ref().map_or(ColumnKind::Text, KindTester::kind))
        .collect();
    let columns = names.into_iter().zip(kinds.iter().map(|kind| kind.seed_type())).collect();
    Ok(SeedContents { columns, row_count, renamed, kinds, delimiter, open })
}

/// A reader from the first record on, behind the mark that some programs put in front of UTF-8.
fn reader(
    open: &OpenSeed,
    delimiter: u8,
) -> Result<csv::Reader<Box<dyn Read + Send>>, SeedFailure> {
    let unreadable =
        |error: &io::Error| SeedFailure { message: error.to_string(), line: None, hint: None };
    let mut file = open().map_err(|error| unreadable(&error))?;
    let mut start = Vec::with_capacity(BYTE_ORDER_MARK.len());
    file.by_ref()
        .take(BYTE_ORDER_MARK.len() as u64)
        .read_to_end(&mut start)
        .map_err(|error| unreadable(&error))?;
    if start == BYTE_ORDER_MARK {
        start.clear();
    }
    let file: Box<dyn Read + Send> =
        Box::new(EvenLines::new(io::Cursor::new(start).chain(file), delimiter));
    Ok(csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .buffer_capacity(1 << 16)
        .from_reader(file))
}

/// The mark in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Where the file stops being UTF-8.
fn not_utf8(open: &OpenSeed) -> SeedFailure {
    let mut bytes = Vec::new();
    let read = open().and_then(|mut file| file.read_to_end(&mut bytes));
    let place = std::str::from_utf8(&bytes).map_or_else(|error| error.valid_up_to(), str::len);
    SeedFailure {
        message: format!("the seed is not UTF-8: the byte at {place} fits no character"),
        line: read.is_ok().then(|| bytes[..place].split(|byte| *byte == b'\n').count()),
        hint: Some("save the file as UTF-8".to_owned()),
    }
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
