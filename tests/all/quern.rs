//! Runs the program as a user does: a process, in a folder of its own, with an environment of its own.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::workspace;

/// What of the environment the program needs to start; all else is kept from it.
const INHERITED: [&str; 4] = ["PATH", "LLVM_PROFILE_FILE", "TMPDIR", "SYSTEMROOT"];

/// The program and the folder it is called in; the folder goes when this is dropped.
pub struct Quern {
    temporary: TempDir,
    variables: Vec<(String, String)>,
}

/// How a command ended and what it printed.
#[derive(Debug)]
pub struct Outcome {
    /// Whether the exit code was 0.
    pub succeeded: bool,
    /// The exit code; −1 for a signal.
    pub code: i32,
    /// Standard output and standard error as they came.
    pub text: String,
}

impl Quern {
    /// In a folder without a project.
    pub fn in_empty_folder() -> Self {
        let temporary = tempfile::tempdir().expect("a temporary folder");
        fs::create_dir_all(temporary.path().join("home")).expect("a home");
        let programs = temporary.path().join("programs");
        fs::create_dir_all(&programs).expect("a folder of programs");
        #[cfg(unix)]
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_quern-under-test"), programs.join("quern"))
            .expect("a link to the program");
        let quern = Self { temporary, variables: Vec::new() };
        fs::create_dir_all(quern.folder()).expect("a folder for the project");
        quern
    }

    /// In the smallest project there is, see `tests/base`.
    pub fn in_base_project() -> Self {
        Self::in_copy_of(&workspace::path("tests/base"))
    }

    /// In a copy of the folder, without what earlier runs left in it.
    pub fn in_copy_of(folder: &Path) -> Self {
        let quern = Self::in_empty_folder();
        quern.add(folder);
        quern
    }

    /// Copies the folder's files over those that are there.
    pub fn add(&self, folder: &Path) {
        copy(folder, &self.folder());
    }

    /// The folder in which commands run.
    pub fn folder(&self) -> PathBuf {
        self.temporary.path().join("project")
    }

    /// A folder beside the project, for the test's own use.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.temporary.path().join(name)
    }

    /// Writes a file of the project.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.folder().join(path);
        fs::create_dir_all(path.parent().expect("the path names a file")).expect("a folder");
        fs::write(path, text).expect("the project can be written");
    }

    /// Removes a file of the project.
    pub fn remove(&self, path: &str) {
        fs::remove_file(self.folder().join(path)).expect("the file is there");
    }

    /// Sets an environment variable for the commands to come.
    pub fn set(&mut self, name: &str, value: &str) {
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// Runs a command, its arguments as they are.
    pub fn run(&self, arguments: &[&str]) -> Outcome {
        let mut command = self.command(Path::new(env!("CARGO_BIN_EXE_quern-under-test")));
        command.args(arguments);
        outcome(command)
    }

    /// Runs a line of a shell in which `quern` is the program.
    pub fn shell(&self, line: &str) -> Outcome {
        let mut command = self.command(Path::new("sh"));
        command.args(["-c", line]);
        outcome(command)
    }

    /// Runs a command that is to succeed.
    pub fn succeed(&self, arguments: &[&str]) -> Outcome {
        let outcome = self.run(arguments);
        assert!(outcome.succeeded, "`quern {}` failed:\n{}", arguments.join(" "), outcome.text);
        outcome
    }

    /// Any program in this folder and environment.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().current_dir(self.folder());
        for name in INHERITED {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        let own = self.temporary.path().join("programs");
        let path = std::env::join_paths(std::iter::once(own).chain(std::env::split_paths(&path)))
            .expect("the path has no odd characters");
        command.env("PATH", path).env("HOME", self.temporary.path().join("home"));
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null());
        command
    }

    /// A text without what differs from run to run and from machine to machine.
    pub fn normalise(&self, text: &str) -> String {
        crate::normalise::normalise(text, &self.folder())
    }
}

/// Runs the command to its end, both streams into one text.
pub fn outcome(mut command: Command) -> Outcome {
    let (mut reader, writer) = std::io::pipe().expect("a pipe");
    command.stdout(writer.try_clone().expect("a second end of the pipe")).stderr(writer);
    let mut child: Child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    // The command holds the writing ends, and the reader waits for the last of them.
    drop(command);
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).expect("the output can be read");
    let status = child.wait().expect("the program ends");
    Outcome {
        succeeded: status.success(),
        code: status.code().unwrap_or(-1),
        text: String::from_utf8_lossy(&bytes).into_owned(),
    }
}

/// Copies a folder, file by file; `target` and `logs` are what runs leave behind.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).unwrap_or_else(|error| panic!("{}: {error}", from.display())) {
        let entry = entry.expect("the folder can be read");
        let name = entry.file_name();
        if entry.path().is_dir() {
            if name != "target" && name != "logs" {
                copy(&entry.path(), &to.join(name));
            }
        } else {
            fs::copy(entry.path(), to.join(name)).expect("the file can be copied");
        }
    }
}
