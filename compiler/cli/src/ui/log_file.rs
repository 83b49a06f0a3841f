//! The log file, `logs/dbt.log`: the name that tools around dbt read.
//!
//! A file that cannot be written never fails a command: read-only disks are common where commands run in containers.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// How many older files are kept, as in dbt.
const KEPT: usize = 5;

/// The open log file.
#[derive(Debug)]
pub(crate) struct LogFile {
    path: PathBuf,
    file: Option<BufWriter<File>>,
    size: u64,
    limit: u64,
}

impl LogFile {
    /// Opens the file at its end; `limit` is the size at which a new one is started, 0 for never.
    pub(crate) fn open(folder: &Path, limit: u64) -> std::io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let path = folder.join("dbt.log");
        let file = OpenOptions::new().create(true).append(true).open(&path)?;
        let size = file.metadata()?.len();
        Ok(Self { path, file: Some(BufWriter::new(file)), size, limit })
    }

    /// Takes in a line, which ends with its line break.
    pub(crate) fn write(&mut self, line: &str) {
        let length = line.len() as u64;
        if self.limit > 0 && self.size > 0 && self.size + length > self.limit {
            self.rotate();
        }
        let written = self.file.as_mut().map(|file| file.write_all(line.as_bytes()));
        if matches!(written, Some(Ok(()))) {
            self.size += length;
        }
    }

    /// Has all lines that were taken in stand in the file.
    pub(crate) fn flush(&mut self) {
        if let Some(file) = &mut self.file {
            let _ = file.flush();
        }
    }

    /// `dbt.log` becomes `dbt.log.1`, that one `dbt.log.2`, and so on.
    fn rotate(&mut self) {
        self.file = None;
        let numbered = |number: usize| self.path.with_file_name(format!("dbt.log.{number}"));
        for number in (1..KEPT).rev() {
            let _ = std::fs::rename(numbered(number), numbered(number + 1));
        }
        let _ = std::fs::rename(&self.path, numbered(1));
        let file = OpenOptions::new().create(true).append(true).open(&self.path).ok();
        self.file = file.map(BufWriter::new);
        self.size = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_file_makes_room_for_a_new_one() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = LogFile::open(folder.path(), 10).unwrap();
        for line in ["first\n", "second\n", "third\n"] {
            log.write(line);
        }
        log.flush();
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(
            (read("dbt.log"), read("dbt.log.1"), read("dbt.log.2")),
            ("third\n".into(), "second\n".into(), "first\n".into())
        );
    }
}
