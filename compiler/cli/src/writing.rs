//! Files that a command leaves behind: whole or not at all.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use graph::Node;
use source::{Diagnostic, codes};

use crate::ui::console::Console;

/// Writes a file by way of a temporary one beside it, so that nobody ever reads half of it.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Diagnostic> {
    write_whole_with(path, |file| file.write_all(bytes))
}

/// Writes a file as [`write_whole`], piece by piece.
pub(crate) fn write_whole_with(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<(), Diagnostic> {
    try_write(path, write).map_err(|error| {
        Diagnostic::error(
            codes::WRITE_FAILED,
            format!("cannot write `{}`: {error}", path.display()),
        )
        .hint("see who may write there, or name another folder with `--target-path`")
    })
}

fn try_write(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file =
        std::io::BufWriter::with_capacity(1 << 18, tempfile::NamedTempFile::new_in(folder)?);
    write(&mut file)?;
    let file = file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    #[cfg(unix)]
    {
        // Temporary files are for their owner alone; what they become is not.
        use std::os::unix::fs::PermissionsExt;
        file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
    }
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Writes compiled and run SQL below the target path as it comes, from many threads.
pub(crate) struct CodeWriter {
    target: PathBuf,
    console: Arc<Console>,
    failure: Mutex<Option<Diagnostic>>,
}

impl CodeWriter {
    /// A writer below a target path.
    pub(crate) fn new(target: &Path, console: Arc<Console>) -> Self {
        Self { target: target.to_owned(), console, failure: Mutex::new(None) }
    }

    /// Writes `target/compiled/<package>/<path>`.
    pub(crate) fn write_compiled(&self, node: &Node, code: &str) {
        self.write("compiled", node, code);
    }

    /// Writes `target/run/<package>/<path>`.
    pub(crate) fn write_run(&self, node: &Node, code: &str) {
        self.write("run", node, code);
    }

    fn write(&self, folder: &str, node: &Node, code: &str) {
        let path = self.target.join(folder).join(&*node.package).join(docs::code_path(node));
        let code = self.console.scrub(code);
        // These files are many and made anew each time: written in one go, without a temporary file.
        let written = path
            .parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| std::fs::write(&path, code));
        if let Err(error) = written {
            let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
            failure.get_or_insert_with(|| {
                Diagnostic::error(
                    codes::WRITE_FAILED,
                    format!("cannot write `{}`: {error}", path.display()),
                )
                .hint("see who may write there, or name another folder with `--target-path`")
            });
        }
    }

    /// The first failure, if any.
    pub(crate) fn failure(&self) -> Option<Diagnostic> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
