//! The log file, `logs/dbt.log`: the name that tools around dbt read.
//!
//! A file that cannot be written never fails a command: read-only disks are common where commands run in containers.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::backlog::Backlog;

/// How many older files are kept, as in dbt.
const KEPT: usize = 5;

/// The open log file, which a thread of its own writes.
pub(crate) struct LogFile {
    lines: Backlog<String>,
}

impl LogFile {
    /// Opens the file at its end; `limit` is the size at which a new one is started, 0 for never.
    pub(crate) fn open(folder: &Path, limit: u64) -> std::io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let path = folder.join("dbt.log");
        let file = OpenOptions::new().create(true).append(true).open(&path)?;
        let size = file.metadata()?.len();
        let open = Mutex::new(OpenFile { path, file: Some(file), size, limit });
        let write = move |lines: Vec<String>| {
            open.lock().unwrap_or_else(PoisonError::into_inner).write(&lines);
        };
        Ok(Self { lines: Backlog::new("log-writer", write) })
    }

    /// Takes in a line, which ends with its line break.
    pub(crate) fn write(&self, line: String) {
        self.lines.push(line);
    }

    /// Has all lines stand in the file, those that are still to come at once.
    pub(crate) fn finish(&self) {
        self.lines.finish();
    }
}

/// The file behind it.
struct OpenFile {
    path: PathBuf,
    file: Option<File>,
    size: u64,
    limit: u64,
}

impl OpenFile {
    fn write(&mut self, lines: &[String]) {
        let mut together = String::with_capacity(lines.iter().map(String::len).sum());
        for line in lines {
            let would_be = self.size + (together.len() + line.len()) as u64;
            if self.limit > 0 && self.size + together.len() as u64 > 0 && would_be > self.limit {
                self.append(&together);
                together.clear();
                self.rotate();
            }
            together.push_str(line);
        }
        self.append(&together);
    }

    fn append(&mut self, text: &str) {
        if let Some(Ok(())) = self.file.as_mut().map(|file| file.write_all(text.as_bytes())) {
            self.size += text.len() as u64;
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
        self.file = OpenOptions::new().create(true).append(true).open(&self.path).ok();
        self.size = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_file_makes_room_for_a_new_one() {
        let folder = tempfile::tempdir().unwrap();
        let log = LogFile::open(folder.path(), 10).unwrap();
        for line in ["first\n", "second\n", "third\n"] {
            log.write(line.to_owned());
        }
        log.finish();
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(
            (read("dbt.log"), read("dbt.log.1"), read("dbt.log.2")),
            ("third\n".into(), "second\n".into(), "first\n".into())
        );
    }
}
