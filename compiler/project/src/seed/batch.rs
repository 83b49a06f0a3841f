//! Some rows of a seed, read at once and looked at at once.

use std::io::Read;

use super::types::KindTester;
use super::{OpenSeed, SeedFailure, failure, not_utf8};

/// How many bytes of values a batch has, about.
const BATCH_SIZE: usize = 1 << 18;

/// Rows that stand one behind the other in one piece of memory.
#[derive(Default)]
pub(super) struct Batch {
    text: String,
    /// Where each value ends.
    ends: Vec<usize>,
    /// Of each row how many values were there after it, and its line.
    rows: Vec<(usize, u64)>,
    record: csv::ByteRecord,
}

impl Batch {
    /// Reads rows in the place of those that were there; none at the end of the file, nor where it is not UTF-8.
    pub(super) fn fill(
        &mut self,
        reader: &mut csv::Reader<impl Read>,
        open: &OpenSeed,
    ) -> Result<(), SeedFailure> {
        let mut bytes = std::mem::take(&mut self.text).into_bytes();
        bytes.clear();
        self.ends.clear();
        self.rows.clear();
        while bytes.len() + self.ends.len() < BATCH_SIZE
            && reader.read_byte_record(&mut self.record).map_err(|error| failure(&error))?
        {
            let start = bytes.len();
            bytes.extend_from_slice(self.record.as_slice());
            let ends = (0..self.record.len()).filter_map(|value| self.record.range(value));
            self.ends.extend(ends.map(|range| start + range.end));
            let line = self.record.position().map_or(0, csv::Position::line);
            self.rows.push((self.ends.len(), line));
        }
        self.text = String::from_utf8(bytes).map_err(|_| not_utf8(open))?;
        // A character that goes over the border of two values is none.
        if self.ends.iter().all(|end| self.text.is_char_boundary(*end)) {
            Ok(())
        } else {
            Err(not_utf8(open))
        }
    }

    /// Whether the file had ended.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(super) fn row_count(&self) -> usize {
        self.rows.len()
    }

    /// How many bytes its values have.
    pub(super) fn size(&self) -> usize {
        self.text.len()
    }

    /// The values of a row.
    pub(super) fn row(&self, row: usize) -> impl Iterator<Item = &str> {
        let end_of = |row: usize| self.rows.get(row).map_or(0, |(end, _)| *end);
        let first = row.checked_sub(1).map_or(0, end_of);
        let mut start = first.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.ends[first..end_of(row)].iter().map(move |end| {
            let value = &self.text[start..*end];
            start = *end;
            value
        })
    }

    /// Shows the values to the testers of their columns.
    pub(super) fn show(&self, testers: &mut [KindTester]) -> Result<(), SeedFailure> {
        let (mut first, mut start) = (0, 0);
        for (last, line) in &self.rows {
            let ends = &self.ends[first..*last];
            if ends.len() > testers.len() {
                return Err(SeedFailure {
                    message: format!(
                        "a row has {} values for {} columns",
                        ends.len(),
                        testers.len()
                    ),
                    line: usize::try_from(*line).ok().filter(|line| *line > 0),
                    hint: Some("put values with the delimiter in them in double quotes".to_owned()),
                });
            }
            for (end, tester) in ends.iter().zip(testers.iter_mut()) {
                tester.see(&self.text[start..*end]);
                start = *end;
            }
            first = *last;
        }
        Ok(())
    }
}
