//! The lines of a seed as Python reads them: each ends with a line feed, and an empty one is a row without values.
//!
//! The `csv` library leaves empty lines out; dbt's agate has a row of nulls for each. What stands before the line of
//! column names is left out here too.

use std::io::{self, Read};

/// Bytes read at once.
const CHUNK_SIZE: usize = 1 << 16;
/// A row with one empty value, which is null.
const EMPTY_ROW: &[u8] = b"\"\"";

/// A file whose ends of lines are of one form and whose empty lines have a value.
pub(super) struct EvenLines<R> {
    file: R,
    delimiter: u8,
    chunk: Box<[u8]>,
    /// What is to be given, and how much of it was.
    ready: Vec<u8>,
    given: usize,
    place: Place,
    is_line_empty: bool,
    /// The line of column names was seen.
    has_begun: bool,
    /// The last byte was a carriage return, which ended the line.
    has_returned: bool,
}

/// Where a byte stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// A quote here opens.
    ValueStart,
    Value,
    Quoted,
    /// The byte before was a quote among quoted ones: it closes, unless another follows.
    AfterQuote,
}

impl<R: Read> EvenLines<R> {
    pub(super) fn new(file: R, delimiter: u8) -> Self {
        Self {
            file,
            delimiter,
            chunk: vec![0; CHUNK_SIZE].into_boxed_slice(),
            ready: Vec::new(),
            given: 0,
            place: Place::ValueStart,
            is_line_empty: true,
            has_begun: false,
            has_returned: false,
        }
    }

    /// Whether these bytes are given as they come: most files have neither quotes nor empty lines.
    fn is_even(&self, bytes: &[u8]) -> bool {
        let begins_with_empty_line = self.is_line_empty && bytes.first() == Some(&b'\n');
        self.has_begun
            && self.place != Place::Quoted
            && !self.has_returned
            && !begins_with_empty_line
            && memchr::memchr2(b'\r', b'"', bytes).is_none()
            && memchr::memmem::find(bytes, b"\n\n").is_none()
    }

    fn take(&mut self, bytes: &[u8]) {
        if let Some(last) = bytes.last().filter(|_| self.is_even(bytes)) {
            self.ready.extend_from_slice(bytes);
            self.is_line_empty = *last == b'\n';
            let is_start = self.is_line_empty || *last == self.delimiter;
            self.place = if is_start { Place::ValueStart } else { Place::Value };
            return;
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            let plain = memchr::memchr3(b'\n', b'\r', b'"', rest);
            let (before, after) = rest.split_at(plain.unwrap_or(rest.len()));
            if let Some(last) = before.last() {
                self.ready.extend_from_slice(before);
                self.is_line_empty = false;
                self.has_returned = false;
                if self.place != Place::Quoted {
                    let is_start = *last == self.delimiter;
                    self.place = if is_start { Place::ValueStart } else { Place::Value };
                }
            }
            let Some((sign, after)) = after.split_first() else { return };
            self.take_sign(*sign);
            rest = after;
        }
    }

    fn take_sign(&mut self, sign: u8) {
        let is_second_half = sign == b'\n' && self.has_returned;
        self.has_returned = sign == b'\r';
        match sign {
            b'"' => {
                self.ready.push(sign);
                self.is_line_empty = false;
                self.place = match self.place {
                    Place::ValueStart | Place::AfterQuote => Place::Quoted,
                    Place::Quoted => Place::AfterQuote,
                    Place::Value => Place::Value,
                };
            }
            _ if is_second_half => {}
            _ if self.place == Place::Quoted => self.ready.push(b'\n'),
            _ => self.end_line(),
        }
    }

    fn end_line(&mut self) {
        if self.is_line_empty && self.has_begun {
            self.ready.extend_from_slice(EMPTY_ROW);
        }
        self.ready.push(b'\n');
        self.has_begun |= !self.is_line_empty;
        self.is_line_empty = true;
        self.place = Place::ValueStart;
    }
}

impl<R: Read> Read for EvenLines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.ready.len() {
            self.ready.clear();
            self.given = 0;
            let mut chunk = std::mem::take(&mut self.chunk);
            let read = self.file.read(&mut chunk);
            if let Ok(count) = read {
                self.take(&chunk[..count]);
            }
            self.chunk = chunk;
            if read? == 0 {
                return Ok(0);
            }
        }
        let count = (&self.ready[self.given..]).read(buffer)?;
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reader that gives one byte at a time.
    struct Drops<'a>(&'a [u8]);

    impl Read for Drops<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = buffer.len().min(1);
            self.0.read(&mut buffer[..count])
        }
    }

    #[test]
    fn empty_lines_are_rows_and_ends_of_lines_are_one() {
        for (text, expected) in [
            ("a,b\n\n1,2\n\n", "a,b\n\"\"\n1,2\n\"\"\n"),
            ("\n\na\n1", "\n\na\n1"),
            ("a\r\n\r\n1\r\n", "a\n\"\"\n1\n"),
            ("a\r\r1\r", "a\n\"\"\n1\n"),
            ("a,b\n1,\"x\n\ny\"\n", "a,b\n1,\"x\n\ny\"\n"),
            ("a,b\n1,\"x\r\n\"\"\r\ny\"\n\n", "a,b\n1,\"x\n\"\"\ny\"\n\"\"\n"),
            ("a,b\n5\" pipe,1\n\n", "a,b\n5\" pipe,1\n\"\"\n"),
            ("a\n\"\"\n\n", "a\n\"\"\n\"\"\n"),
            ("a\n\"x\"y\"\n\n", "a\n\"x\"y\"\n\"\"\n"),
        ] {
            let at_once = io::read_to_string(EvenLines::new(text.as_bytes(), b',')).unwrap();
            assert_eq!(at_once, expected, "{text:?}");
            let drops = io::read_to_string(EvenLines::new(Drops(text.as_bytes()), b',')).unwrap();
            assert_eq!(drops, expected, "{text:?} byte by byte");
        }
    }
}
