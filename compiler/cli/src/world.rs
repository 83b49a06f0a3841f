//! What a command touches of the outside: handed in, so that tests run commands in their own process.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use source::{Clock, SystemClock};

/// Where text goes; shared by the threads of a run.
pub type Output = Arc<Mutex<dyn Write + Send>>;

/// The outside of a command.
#[derive(Clone)]
pub struct World {
    /// Standard output.
    pub stdout: Output,
    /// Standard error.
    pub stderr: Output,
    /// Whether standard output is a terminal: colours.
    pub stdout_is_terminal: bool,
    /// Whether standard error is a terminal: the live region.
    pub stderr_is_terminal: bool,
    /// The environment variables.
    pub variables: BTreeMap<String, String>,
    /// The current folder.
    pub working_directory: PathBuf,
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
    /// Whether the command owns the process: it may change the current folder and listen to Ctrl-C.
    pub owns_process: bool,
}

impl fmt::Debug for World {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("World")
            .field("working_directory", &self.working_directory)
            .finish_non_exhaustive()
    }
}

impl World {
    /// The world of the running process.
    pub fn of_process() -> Self {
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Self {
            stdout: Arc::new(Mutex::new(std::io::stdout())),
            stderr: Arc::new(Mutex::new(std::io::stderr())),
            stdout_is_terminal: std::io::stdout().is_terminal(),
            stderr_is_terminal: std::io::stderr().is_terminal(),
            variables,
            working_directory: std::env::current_dir().unwrap_or_default(),
            clock: Arc::new(SystemClock::start()),
            owns_process: true,
        }
    }

    /// An environment variable that is set and not empty; an empty one counts as unset, as in dbt.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The user's home folder.
    pub fn home_directory(&self) -> Option<PathBuf> {
        self.variable("HOME").or_else(|| self.variable("USERPROFILE")).map(PathBuf::from)
    }

    /// A path as the user meant it: relative ones start at the current folder.
    pub fn absolute(&self, path: &str) -> PathBuf {
        clean(&self.working_directory.join(path))
    }

    /// Makes the project's folder the current one, as dbt does, so that relative paths in profiles start there.
    pub fn enter(&self, folder: &Path) {
        if self.owns_process {
            // A folder that cannot be entered cannot be read either, and reading tells it better.
            let _ = std::env::set_current_dir(folder);
        }
    }
}

/// Writes a text and passes it on at once; a closed pipe is nobody's fault.
pub(crate) fn write(output: &Output, text: &str) {
    let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
    let _ = output.write_all(text.as_bytes());
    let _ = output.flush();
}

/// The path without `.` and `..`, by its text alone.
fn clean(path: &Path) -> PathBuf {
    let mut cleaned = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                cleaned.pop();
            }
            other => cleaned.push(other),
        }
    }
    cleaned
}
