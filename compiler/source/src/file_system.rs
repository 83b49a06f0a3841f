//! The file system as a trait: the disk, or a map in memory for tests.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// Reads files and lists folders.
pub trait FileSystem: Send + Sync {
    /// The bytes of a file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
    /// How long a file is, in bytes.
    fn size(&self, path: &Path) -> io::Result<u64> {
        self.read(path).map(|bytes| bytes.len() as u64)
    }
    /// All files below a folder, sorted by path, symbolic links followed; empty when there is no such folder.
    ///
    /// `is_skipped` is asked with each folder's path and prunes the walk there.
    fn files_below(
        &self,
        folder: &Path,
        is_skipped: &dyn Fn(&Path) -> bool,
    ) -> io::Result<Vec<PathBuf>>;
    /// Whether something stands at the path.
    fn exists(&self, path: &Path) -> bool;
}

/// The disk.
#[derive(Debug, Clone, Copy, Default)]
pub struct DiskFileSystem;

impl FileSystem for DiskFileSystem {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    fn size(&self, path: &Path) -> io::Result<u64> {
        std::fs::metadata(path).map(|metadata| metadata.len())
    }

    fn files_below(
        &self,
        folder: &Path,
        is_skipped: &dyn Fn(&Path) -> bool,
    ) -> io::Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        if folder.is_dir() {
            walk(folder, is_skipped, &mut vec![], &mut found)?;
        }
        found.sort();
        Ok(found)
    }

    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }
}

/// Walks a folder; `parents` holds the real paths above, so that a link to a parent does not loop.
fn walk(
    folder: &Path,
    is_skipped: &dyn Fn(&Path) -> bool,
    parents: &mut Vec<PathBuf>,
    found: &mut Vec<PathBuf>,
) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let mut kind = entry.file_type()?;
        if kind.is_symlink() {
            // A dangling link is no file; dbt passes over it too.
            let Ok(metadata) = std::fs::metadata(&path) else { continue };
            kind = metadata.file_type();
            if kind.is_dir() {
                let real = std::fs::canonicalize(&path)?;
                if parents.contains(&real) || folder.starts_with(&real) {
                    continue;
                }
                if !is_skipped(&path) {
                    parents.push(real);
                    walk(&path, is_skipped, parents, found)?;
                    parents.pop();
                }
                continue;
            }
        }
        if kind.is_dir() {
            if !is_skipped(&path) {
                walk(&path, is_skipped, parents, found)?;
            }
        } else if kind.is_file() {
            found.push(path);
        }
    }
    Ok(())
}

/// Files in memory, for tests.
#[derive(Debug, Clone, Default)]
pub struct MemoryFileSystem {
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl MemoryFileSystem {
    /// A file system with these files.
    pub fn new<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let files = files
            .into_iter()
            .map(|(path, text)| (PathBuf::from(path), text.as_bytes().to_vec()))
            .collect();
        Self { files }
    }
}

impl FileSystem for MemoryFileSystem {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.files.get(path).cloned().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }

    fn files_below(
        &self,
        folder: &Path,
        is_skipped: &dyn Fn(&Path) -> bool,
    ) -> io::Result<Vec<PathBuf>> {
        let is_kept = |path: &Path| {
            path.starts_with(folder)
                && !path.ancestors().skip(1).take_while(|above| *above != folder).any(is_skipped)
        };
        Ok(self.files.keys().filter(|path| is_kept(path)).cloned().collect())
    }

    fn exists(&self, path: &Path) -> bool {
        self.files.keys().any(|known| known.starts_with(path))
    }
}
