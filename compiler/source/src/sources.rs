//! All texts that were read, by [`FileId`], with what it takes to find a line and column.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock, RwLock};

use crate::path::ProjectPath;
use crate::span::{FileId, Span};

/// One text with its place.
#[derive(Debug)]
pub struct SourceFile {
    /// Where it stands on disk; for texts that stand nowhere (built-in macros, `--inline`), the shown path.
    pub absolute_path: PathBuf,
    /// The path inside its package, for messages and artifacts.
    pub path: ProjectPath,
    /// The package it belongs to; empty for files outside of packages.
    pub package: Arc<str>,
    /// The text.
    pub text: Arc<str>,
    line_starts: OnceLock<Vec<u32>>,
}

impl SourceFile {
    /// A text with its place.
    pub fn new(
        absolute_path: PathBuf,
        path: ProjectPath,
        package: Arc<str>,
        text: Arc<str>,
    ) -> Self {
        Self { absolute_path, path, package, text, line_starts: OnceLock::new() }
    }

    /// Whether it is a file that the user has, rather than a built-in macro or a text of the command line.
    pub fn is_on_disk(&self) -> bool {
        self.absolute_path.is_absolute()
    }

    /// Line and column, both from 1, of a byte offset; the column counts characters.
    pub fn line_column(&self, offset: u32) -> (usize, usize) {
        let starts = self.line_starts();
        let line = starts.partition_point(|start| *start <= offset).max(1);
        let start = starts.get(line - 1).copied().unwrap_or(0) as usize;
        let end = (offset as usize).min(self.text.len());
        let column = self
            .text
            .get(start..end)
            .map_or(end.saturating_sub(start), |before| before.chars().count());
        (line, column + 1)
    }

    /// The byte at which a line (from 1) starts; the end of the text for lines past it.
    pub fn line_offset(&self, line: usize) -> u32 {
        self.line_starts().get(line.saturating_sub(1)).copied().unwrap_or(self.text.len() as u32)
    }

    fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| {
            let breaks = self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            std::iter::once(0).chain(breaks.map(|(at, _)| at as u32 + 1)).collect()
        })
    }
}

/// All texts of a run. Files are only added, so a [`FileId`] stays valid; shared by threads.
#[derive(Debug, Default)]
pub struct Sources {
    files: RwLock<Vec<Arc<SourceFile>>>,
}

impl Sources {
    /// No files yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a file in.
    pub fn add(&self, file: SourceFile) -> FileId {
        let mut files = self.files.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        files.push(Arc::new(file));
        FileId(files.len() as u32 - 1)
    }

    /// The file of an id. An id of another `Sources` gives an empty file rather than a panic.
    pub fn get(&self, id: FileId) -> Arc<SourceFile> {
        let files = self.files.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        files.get(id.0 as usize).cloned().unwrap_or_else(|| {
            Arc::new(SourceFile::new(
                PathBuf::new(),
                ProjectPath::new("<unknown>"),
                Arc::from(""),
                Arc::from(""),
            ))
        })
    }

    /// Whether a span is in a file that the user has; see [`SourceFile::is_on_disk`].
    pub fn is_on_disk(&self, span: Span) -> bool {
        self.get(span.file).is_on_disk()
    }

    /// `path:line:column` of a span's start.
    pub fn place(&self, span: Span) -> String {
        let file = self.get(span.file);
        let (line, column) = file.line_column(span.start);
        format!("{}:{line}:{column}", file.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_and_column_count_characters_from_one() {
        let file = SourceFile::new(
            PathBuf::new(),
            ProjectPath::new("a"),
            Arc::from(""),
            Arc::from("ab\nцd\n"),
        );
        assert_eq!(file.line_column(0), (1, 1));
        assert_eq!(file.line_column(5), (2, 2));
        assert_eq!(file.line_offset(2), 3);
        assert_eq!(file.line_column(99), (3, 1));
    }
}
