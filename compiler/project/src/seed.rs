//! Seeds: CSV files read into typed rows as dbt's agate reads them.

mod batch;
mod guess;
mod lines;
mod rows;
mod types;

#[cfg(test)]
mod tests;

use std::io::{self, Read};
use std::sync::Arc;

use adapter_interface::SeedType;

use batch::Batch;
use lines::EvenLines;
use types::{ColumnKind, KindTester};

pub use guess::SeedGuess;
pub use rows::SeedRows;

/// Opens a seed's file, anew for each pass over it.
pub type OpenSeed = Arc<dyn Fn() -> io::Result<Box<dyn Read + Send>> + Send + Sync>;

/// A seed whose columns are known; its rows are read when they are wanted, so that a file may be larger than the
/// memory.
#[derive(Clone)]
pub struct SeedContents {
    /// Names and kinds.
    pub columns: Vec<(String, SeedType)>,
    /// The headers that stood there before, each with the name that its column got instead.
    pub renamed: Vec<(String, String)>,
    extent: Extent,
    kinds: Vec<ColumnKind>,
    delimiter: u8,
    open: OpenSeed,
}

/// How far a seed was read for the kinds of its columns.
#[derive(Clone)]
enum Extent {
    /// To its end: so many rows there are.
    Whole(usize),
    /// As far as makes a guess.
    Start(SeedGuess),
}

impl std::fmt::Debug for SeedContents {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("SeedContents")
            .field("columns", &self.columns)
            .finish_non_exhaustive()
    }
}

impl SeedContents {
    /// The rows from the first on, with as many values in each as there are columns.
    pub fn rows(&self) -> Result<SeedRows, SeedFailure> {
        let mut reader = reader(&self.open, self.delimiter)?;
        reader.read_byte_record(&mut csv::ByteRecord::new()).map_err(|error| failure(&error))?;
        let (left, checked) = match &self.extent {
            Extent::Whole(count) => (*count, None),
            Extent::Start(guess) => (usize::MAX, Some(guess.check())),
        };
        Ok(SeedRows::new(reader, self.open.clone(), self.kinds.clone(), left, checked))
    }

    /// How many rows there are. Where only the start was read so far, this reads the rest.
    pub fn row_count(&self) -> Result<usize, SeedFailure> {
        match &self.extent {
            Extent::Whole(count) => Ok(*count),
            Extent::Start(guess) => match guess.row_count() {
                Some(count) => Ok(count),
                None => self.rows()?.try_fold(0, |count, row| row.map(|_| count + 1)),
            },
        }
    }

    /// Whether there is any row.
    #[must_use]
    pub fn has_rows(&self) -> bool {
        match &self.extent {
            Extent::Whole(count) => *count > 0,
            Extent::Start(_) => true,
        }
    }

    /// The guess that the kinds of the columns are, where only the start of the file was read.
    #[must_use]
    pub fn guess(&self) -> Option<&SeedGuess> {
        match &self.extent {
            Extent::Whole(_) => None,
            Extent::Start(guess) => Some(guess),
        }
    }

    /// The same columns without any row.
    #[must_use]
    pub fn without_rows(self) -> Self {
        Self { extent: Extent::Whole(0), ..self }
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
    read(open, delimiter, text_columns, usize::MAX)
}

/// As [`read_seed`], but of a long file only the start, when it shows values of each column. What comes after it is
/// held against the guess as it is read: a row that does not fit ends the rows with a failure, and the seed has to be
/// read whole.
pub fn guess_seed(
    open: OpenSeed,
    delimiter: u8,
    text_columns: &[&str],
) -> Result<SeedContents, SeedFailure> {
    read(open, delimiter, text_columns, START_SIZE)
}

/// How many bytes of values are enough for a guess. Files up to this size are read whole in a hundredth of a second.
const START_SIZE: usize = 1 << 22;

fn read(
    open: OpenSeed,
    delimiter: u8,
    text_columns: &[&str],
    enough: usize,
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
    let renamed: Vec<(String, String)> =
        repeated.map(|(header, name)| (header.to_owned(), name.clone())).collect();
    // What is to be warned of is said once.
    let enough = if renamed.is_empty() { enough } else { usize::MAX };
    let mut testers: Vec<KindTester> = names
        .iter()
        .map(|name| {
            let is_text = text_columns.contains(&name.as_str());
            if is_text { KindTester::text() } else { KindTester::default() }
        })
        .collect();
    let (mut next, mut batch) = (Batch::default(), Batch::default());
    let (mut row_count, mut size) = (0, 0);
    let extent = loop {
        // What was read is looked at while more is read.
        let (filled, seen) =
            rayon::join(|| next.fill(&mut reader, &open), || batch.show(&mut testers));
        seen?;
        filled?;
        if size >= enough && !next.is_empty() && testers.iter().all(KindTester::has_seen) {
            break Extent::Start(SeedGuess::new(testers.clone()));
        }
        std::mem::swap(&mut next, &mut batch);
        row_count += batch.row_count();
        size += batch.size();
        if batch.is_empty() {
            break Extent::Whole(row_count);
        }
    };
    let kinds: Vec<ColumnKind> = testers.iter().map(KindTester::kind).collect();
    let columns = names.into_iter().zip(kinds.iter().map(|kind| kind.seed_type())).collect();
    Ok(SeedContents { columns, renamed, extent, kinds, delimiter, open })
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
