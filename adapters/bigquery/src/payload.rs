//! The data of a load job: in memory while it is small, in a file when it is large.
//!
//! A load may have to be begun anew, so that its data has to be there more than once; and it may be larger than the
//! memory.

use std::fs::File;
use std::io::{self, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};

use adapter_interface::{WarehouseError, WarehouseErrorKind};

/// Data up to this size stays in memory, and goes in one request.
const LARGEST_WHOLE: usize = 4 << 20;

/// What a load job takes in.
#[derive(Debug)]
pub(crate) enum Payload {
    /// Small enough for one request.
    Whole(Vec<u8>),
    /// Too large for one request.
    Stored {
        /// Holds nothing else.
        file: File,
        /// How long it is, in bytes.
        length: u64,
    },
}

impl Payload {
    /// The content of a file of the disk.
    pub(crate) fn of_file(path: &str) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        if length > LARGEST_WHOLE as u64 {
            return Ok(Self::Stored { file, length });
        }
        let mut data = Vec::new();
        file.read_to_end(&mut data)?;
        Ok(Self::Whole(data))
    }
}

/// Reads a piece of a file; the piece has to be there.
pub(crate) fn read_piece(mut file: &File, start: u64, length: usize) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(start))?;
    let mut piece = vec![0; length];
    file.read_exact(&mut piece)?;
    Ok(piece)
}

/// Takes data in, piece by piece.
#[derive(Debug, Default)]
pub(crate) struct PayloadWriter {
    memory: Vec<u8>,
    file: Option<BufWriter<File>>,
    length: u64,
}

impl PayloadWriter {
    /// Adds data to the end.
    pub(crate) fn add(&mut self, data: &[u8]) -> Result<(), WarehouseError> {
        self.length += data.len() as u64;
        if self.file.is_none() && self.memory.len() + data.len() > LARGEST_WHOLE {
            let mut file = BufWriter::with_capacity(1 << 16, tempfile::tempfile().map_err(full)?);
            file.write_all(&std::mem::take(&mut self.memory)).map_err(full)?;
            self.file = Some(file);
        }
        if let Some(file) = &mut self.file {
            return file.write_all(data).map_err(full);
        }
        self.memory.extend_from_slice(data);
        Ok(())
    }

    /// All that was added.
    pub(crate) fn finish(self) -> Result<Payload, WarehouseError> {
        let Some(file) = self.file else { return Ok(Payload::Whole(self.memory)) };
        let file = file.into_inner().map_err(|failure| full(failure.into_error()))?;
        Ok(Payload::Stored { file, length: self.length })
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it stands where a function of an error is wanted"
)]
fn full(error: io::Error) -> WarehouseError {
    WarehouseError::new(
        WarehouseErrorKind::Other,
        format!("the data of the load cannot be kept in the folder of temporary files: {error}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_data_is_kept_in_a_file_and_read_in_pieces() {
        let mut writer = PayloadWriter::default();
        let line = vec![b'x'; 1 << 20];
        for _ in 0..5 {
            writer.add(&line).unwrap();
        }
        writer.add(b"end").unwrap();
        let Payload::Stored { file, length } = writer.finish().unwrap() else {
            panic!("it is large")
        };
        assert_eq!(length, (5 << 20) + 3);
        for _ in 0..2 {
            assert_eq!(read_piece(&file, length - 4, 4).unwrap(), b"xend");
        }
    }
}
