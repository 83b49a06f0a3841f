//! The rows of a seed, read one after the other.

use std::io::Read;

use adapter_interface::Datum;

use super::batch::Batch;
use super::guess::GuessCheck;
use super::types::ColumnKind;
use super::{OpenSeed, SeedFailure};

/// The rows of a seed, read one after the other.
pub struct SeedRows {
    reader: csv::Reader<Box<dyn Read + Send>>,
    open: OpenSeed,
    kinds: Vec<ColumnKind>,
    /// How many rows are given at most.
    left: usize,
    check: Option<GuessCheck>,
    batch: Batch,
    /// The row of the batch that is given next.
    next: usize,
}

impl SeedRows {
    pub(super) fn new(
        reader: csv::Reader<Box<dyn Read + Send>>,
        open: OpenSeed,
        kinds: Vec<ColumnKind>,
        left: usize,
        check: Option<GuessCheck>,
    ) -> Self {
        Self { reader, open, kinds, left, check, batch: Batch::default(), next: 0 }
    }

    /// Reads the next rows, and holds them against what was guessed.
    fn read(&mut self) -> Result<(), SeedFailure> {
        self.next = 0;
        let filled = self.batch.fill(&mut self.reader, &self.open);
        match &mut self.check {
            Some(check) => check.see(filled.map(|()| &self.batch)),
            None => filled,
        }
    }
}

impl SeedRows {
    /// Puts the next row in the place of another one, whose memory it takes over; false at the end. A failure ends the
    /// rows.
    pub fn read_row(&mut self, row: &mut Vec<Datum>) -> Result<bool, SeedFailure> {
        if self.left == 0 {
            return Ok(false);
        }
        if self.next == self.batch.row_count() {
            let read = self.read();
            // The end, unless the file lost rows since it was read through.
            if read.is_err() || self.batch.is_empty() {
                self.left = 0;
                return read.map(|()| false);
            }
        }
        let mut values = self.batch.row(self.next);
        self.next += 1;
        self.left -= 1;
        row.resize(self.kinds.len(), Datum::Null);
        for (kind, datum) in self.kinds.iter().zip(row) {
            let memory = text_of(std::mem::replace(datum, Datum::Null));
            *datum = values.next().map_or(Datum::Null, |value| kind.datum(value, memory));
        }
        Ok(true)
    }
}

/// The memory of a text, to be written over.
fn text_of(datum: Datum) -> String {
    match datum {
        Datum::Decimal(text)
        | Datum::Text(text)
        | Datum::Date(text)
        | Datum::Timestamp(text)
        | Datum::TimestampWithZone(text) => text,
        _ => String::new(),
    }
}

impl adapter_interface::SeedRows for SeedRows {
    fn read_row(&mut self, row: &mut Vec<Datum>) -> Result<bool, String> {
        self.read_row(row).map_err(|failure| failure.to_string())
    }
}

impl Iterator for SeedRows {
    type Item = Result<Vec<Datum>, SeedFailure>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut row = Vec::new();
        self.read_row(&mut row).map(|is_there| is_there.then_some(row)).transpose()
    }
}
