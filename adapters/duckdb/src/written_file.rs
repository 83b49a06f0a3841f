//! Files that a transaction writes: what was there before comes back when it is rolled back, as the tables do.

use std::fs;
use std::path::{Path, PathBuf};

/// A file that is written anew, until its transaction ends. Dropped before [`Self::keep_new`], it is as it was.
#[derive(Debug)]
pub(crate) struct WrittenFile {
    location: PathBuf,
    /// Where the former file is kept; nothing where there was none.
    former: Option<PathBuf>,
    is_kept: bool,
}

impl WrittenFile {
    /// Keeps the file at a location before it is written anew. Nothing where the location is no local file, or where
    /// the former file cannot be kept beside it.
    pub(crate) fn expect(location: &str) -> Option<Self> {
        let is_elsewhere = location.contains("://") || location.starts_with(['~', '$']);
        let location = PathBuf::from(location.strip_prefix("file:").unwrap_or(location));
        if is_elsewhere || location.is_dir() {
            return None;
        }
        let is_there = location.symlink_metadata().is_ok();
        let former = if is_there { Some(beside(&location)?) } else { None };
        Some(Self { location, former, is_kept: false })
    }

    /// Whether it is the file of this location.
    pub(crate) fn is_at(&self, location: &str) -> bool {
        self.location == Path::new(location.strip_prefix("file:").unwrap_or(location))
    }

    /// The new file stays.
    pub(crate) fn keep_new(mut self) {
        self.is_kept = true;
        if let Some(former) = &self.former {
            let _ = fs::remove_file(former);
        }
    }
}

impl Drop for WrittenFile {
    fn drop(&mut self) {
        if self.is_kept {
            return;
        }
        let _ = match &self.former {
            Some(former) => fs::rename(former, &self.location),
            None => fs::remove_file(&self.location),
        };
    }
}

/// Keeps a file under another name beside it. DuckDB writes a new file and gives it the name, so that a link is enough.
fn beside(location: &Path) -> Option<PathBuf> {
    let mut name = location.file_name()?.to_owned();
    name.push(".__dbt_backup");
    let former = location.with_file_name(name);
    // What a run that was killed has left.
    let _ = fs::remove_file(&former);
    let is_done = fs::hard_link(location, &former).is_ok() || fs::copy(location, &former).is_ok();
    is_done.then_some(former)
}
