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
        let filled = self.batch.fill(&mut self.reader);
        match &mut self.check {
            Some(check) => check.see(filled.map(|()| &self.batch), &self.open),
            None => filled,
        }
    }
}

impl Iterator for SeedRows {
    type Item = Result<Vec<Datum>, SeedFailure>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            return None;
        }
        if self.next == self.batch.row_count() {
            if let Err(failure) = self.read() {
                self.left = 0;
                return Some(Err(failure));
            }
            if self.batch.is_empty() {
                // The end, or the file lost rows since it was read through.
                self.left = 0;
                return None;
            }
        }
        let mut values = self.batch.row(self.next);
        self.next += 1;
        self.left -= 1;
        // Only a file that was changed since it was read through is not UTF-8.
        let datum = |kind: &ColumnKind| match values.next() {
            Some(value) => kind.datum(&String::from_utf8_lossy(value)),
            None => Datum::Null,
        };
        Some(Ok(self.kinds.iter().map(datum).collect()))
    }
}
