//! Files that a command leaves behind: whole or not at all.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Read as _, Seek as _, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use graph::Node;
use source::{Diagnostic, codes};
use tempfile::NamedTempFile;

use crate::backlog::Backlog;
use crate::ui::console::Console;

/// Writes a file by way of a temporary one beside it, so that nobody ever reads half of it.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Diagnostic> {
    write_whole_with(path, |file| file.write_all(bytes))
}

/// An error where no file can be written into a folder, which is made when it is not there.
///
/// Asked before the warehouse is touched: a run that built everything and then fails to say so would be started again.
pub(crate) fn require_writable(folder: &Path) -> Result<(), Diagnostic> {
    std::fs::create_dir_all(folder)
        .and_then(|()| NamedTempFile::new_in(folder))
        .map(drop)
        .map_err(|error| unwritable(folder, &error))
}

/// Writes a file as [`write_whole`], unless it has these bytes already.
pub(crate) fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<(), Diagnostic> {
    let length = std::fs::metadata(path).map(|there| there.len());
    let is_same = length.is_ok_and(|length| length == bytes.len() as u64)
        && std::fs::read(path).is_ok_and(|there| there == bytes);
    if is_same { Ok(()) } else { write_whole(path, bytes) }
}

/// Writes a file as [`write_whole`], piece by piece.
pub(crate) fn write_whole_with(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<(), Diagnostic> {
    try_write(path, write).map_err(|error| unwritable(path, &error))
}

fn unwritable(path: &Path, error: &std::io::Error) -> Diagnostic {
    let message = format!("cannot write `{}`: {error}", path.display());
    Diagnostic::error(codes::WRITE_FAILED, message)
        .hint("see who may write there, or name another folder with `--target-path`")
}

fn try_write(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = std::io::BufWriter::with_capacity(1 << 18, NamedTempFile::new_in(folder)?);
    write(&mut file)?;
    let file = file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    #[cfg(unix)]
    {
        // Temporary files are for their owner alone; what they become is not.
        use std::os::unix::fs::PermissionsExt;
        file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
    }
    put_in_place(file, path)
}

/// Gives a temporary file its name.
///
/// Where a file is replaced by renaming, ext4 first brings the new one to the disk, for which a busy disk takes ten
/// milliseconds and more. Files that change places do not wait; the old one goes with the name of the temporary one.
fn put_in_place(file: NamedTempFile, path: &Path) -> std::io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        let is_file = std::fs::symlink_metadata(path).is_ok_and(|there| there.is_file());
        if is_file && renameat_with(CWD, file.path(), CWD, path, RenameFlags::EXCHANGE).is_ok() {
            return Ok(());
        }
    }
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Writes compiled and run SQL below the target path as it comes, from many threads.
///
/// The files are written by a thread of their own, so that no worker waits for the disk between two statements.
pub(crate) struct CodeWriter {
    target: PathBuf,
    console: Arc<Console>,
    files: Backlog<CodeFile>,
    failure: Arc<Mutex<Option<Diagnostic>>>,
}

/// A file to write.
struct CodeFile {
    path: PathBuf,
    code: String,
}

/// Where the SQL of a batch stands below `target/compiled/<package>` and `target/run/<package>`: in a folder of the
/// model's name, as in dbt.
pub(crate) fn batch_path(node: &Node, batch: &str) -> String {
    let path = graph::code_path(node);
    let folder = path.strip_suffix(".sql").unwrap_or(&path);
    let name = folder.rsplit('/').next().unwrap_or_default();
    format!("{folder}/{name}_{batch}.sql")
}

impl CodeWriter {
    /// A writer below a target path.
    pub(crate) fn new(target: &Path, console: Arc<Console>) -> Self {
        let failure: Arc<Mutex<Option<Diagnostic>>> = Arc::default();
        let kept = failure.clone();
        let files = Backlog::new("code-writer", move |files: Vec<CodeFile>| {
            for file in &files {
                write_code(file, &kept);
            }
        });
        Self { target: target.to_owned(), console, files, failure }
    }

    /// Writes `target/compiled/<package>/<path>`.
    pub(crate) fn write_compiled(&self, node: &Node, code: &str) {
        self.write("compiled", node, code);
    }

    /// Writes the SQL of a batch, in a folder of the model's name as dbt does.
    pub(crate) fn write_batch(&self, folder: &str, node: &Node, batch: &str, code: &str) {
        self.write_to(folder, &node.package, &batch_path(node, batch), code);
    }

    /// Writes `target/run/<package>/<path>`.
    pub(crate) fn write_run(&self, node: &Node, code: &str) {
        self.write("run", node, code);
    }

    fn write(&self, folder: &str, node: &Node, code: &str) {
        self.write_to(folder, &node.package, &graph::code_path(node), code);
    }

    fn write_to(&self, folder: &str, package: &str, path: &str, code: &str) {
        let path = self.target.join(folder).join(package).join(path);
        self.files.push(CodeFile { path, code: self.console.scrub_file(code) });
    }

    /// Waits until everything is written; gives the first failure, if any.
    pub(crate) fn failure(&self) -> Option<Diagnostic> {
        self.files.finish();
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Writes a file without a temporary one, over what stands there: these files are many, made anew each time, and most
/// of them are as they were.
///
/// The file is not emptied first. Some file systems (ext4) bring every file that was to the disk as soon as it is
/// closed, which takes a millisecond each.
fn write_over(path: &Path, code: &[u8]) -> std::io::Result<()> {
    let mut file =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
    // One byte more than there should be tells a longer file.
    let mut present = Vec::with_capacity(code.len() + 1);
    (&mut file).take(code.len() as u64 + 1).read_to_end(&mut present)?;
    if present == code {
        return Ok(());
    }
    if !present.is_empty() {
        file.rewind()?;
    }
    file.write_all(code)?;
    if present.len() > code.len() { file.set_len(code.len() as u64) } else { Ok(()) }
}

fn write_code(file: &CodeFile, failure: &Mutex<Option<Diagnostic>>) {
    let CodeFile { path, code } = file;
    let written = match write_over(path, code.as_bytes()) {
        Err(error) if error.kind() == ErrorKind::NotFound => path
            .parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| write_over(path, code.as_bytes())),
        // An earlier version wrote a file where there is a folder now.
        Err(error) if error.kind() == ErrorKind::NotADirectory => {
            let folder = path.parent().filter(|folder| folder.is_file());
            folder
                .map_or(Ok(()), |folder| {
                    std::fs::remove_file(folder).and_then(|()| std::fs::create_dir_all(folder))
                })
                .and_then(|()| write_over(path, code.as_bytes()))
        }
        written => written,
    };
    if let Err(error) = written {
        let mut failure = failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.get_or_insert_with(|| unwritable(path, &error));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_by_one_that_all_may_read_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("manifest.json");
        for text in ["first, and longer", "second"] {
            write_whole(&path, text.as_bytes()).unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o644);
        }
    }

    #[test]
    fn a_folder_in_the_place_of_a_file_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("manifest.json");
        std::fs::create_dir(&path).unwrap();
        assert!(write_whole(&path, b"text").is_err());
        assert!(path.is_dir());
    }
}
