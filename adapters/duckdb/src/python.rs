//! Models in Python: a Python runs them beside this process, on copies of what they read.
//!
//! One process at a time has a database open, so the model cannot open it: what it reads is copied into files that bear
//! the names of the databases, and the tables that the model makes there are taken over, in the transaction of its
//! node. The model finds everything under its usual name, also in SQL of its own.

mod exchange;

use std::fs::File;
use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use adapter_interface::{PythonModel, WarehouseError, WarehouseErrorKind};
use serde_json::{Value, json};

pub(crate) use exchange::Exchange;

const DRIVER: &str = include_str!("python/driver.py");

/// How models in Python are run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PythonSettings {
    /// The program, `python3` if the environment's `QUERN_PYTHON` does not name another.
    pub program: String,
    /// Folders in which modules are looked for first; dbt-duckdb's field `module_paths`.
    pub module_paths: Vec<String>,
    /// The database in which names without one are looked for.
    pub database: String,
    /// SQL that makes a session of the engine like ours.
    pub session_statements: Vec<String>,
}

/// The program that runs models: what the environment names, or the one that is found in the path.
pub(crate) fn program() -> String {
    let named = std::env::var("QUERN_PYTHON").ok().filter(|named| !named.is_empty());
    named.unwrap_or_else(|| "python3".to_owned())
}

/// The Python that runs for a connection, if any; another thread may end it.
#[derive(Debug, Default)]
pub(crate) struct RunningPython {
    child: Mutex<Option<Child>>,
    is_stopped: AtomicBool,
}

impl RunningPython {
    /// Ends it; does nothing where none runs.
    pub(crate) fn stop(&self) {
        if let Some(child) = &mut *self.child.lock().unwrap_or_else(PoisonError::into_inner) {
            self.is_stopped.store(true, Ordering::SeqCst);
            // It may just have ended by itself.
            let _ = child.kill();
        }
    }

    /// Waits for a process; whether it succeeded, unless it was stopped.
    fn wait(&self, child: Child) -> Result<bool, WarehouseError> {
        self.is_stopped.store(false, Ordering::SeqCst);
        *self.child.lock().unwrap_or_else(PoisonError::into_inner) = Some(child);
        let mut pause = Duration::from_millis(2);
        loop {
            let mut slot = self.child.lock().unwrap_or_else(PoisonError::into_inner);
            let status = slot.as_mut().map(Child::try_wait).transpose().map_err(|e| failed(&e))?;
            if let Some(Some(status)) = status {
                *slot = None;
                if self.is_stopped.load(Ordering::SeqCst) {
                    let kind = WarehouseErrorKind::Cancelled;
                    return Err(WarehouseError::new(kind, "the model was stopped"));
                }
                return Ok(status.success());
            }
            drop(slot);
            thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(50));
        }
    }
}

/// Runs a model on what the exchange holds; gives what it printed, line by line.
pub(crate) fn run(
    model: &PythonModel<'_>,
    settings: &PythonSettings,
    exchange: &Exchange,
    running: &RunningPython,
) -> Result<Vec<String>, WarehouseError> {
    let folder = exchange.folder();
    let place = |name: &str| folder.join(name);
    let (code, account, printed) = (place("model.py"), place("account"), place("printed"));
    let job = json!({
        "code": code,
        "account": account,
        "scratch": place("quern_scratch.duckdb"),
        "databases": exchange.databases(),
        "home": [settings.database, "main"],
        "settings": settings.session_statements,
        "module_paths": settings.module_paths,
    });
    let written = || -> io::Result<File> {
        std::fs::write(&code, text(model))?;
        std::fs::write(place("driver.py"), DRIVER)?;
        std::fs::write(place("job"), job.to_string())?;
        File::create(&printed)
    };
    let output = written().map_err(|error| failed(&error))?;
    let errors = output.try_clone().map_err(|error| failed(&error))?;
    let child = Command::new(&settings.program)
        .arg(place("driver.py"))
        .arg(place("job"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONIOENCODING", "utf-8")
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(errors)
        .spawn()
        .map_err(|error| not_started(&settings.program, &error))?;
    let is_success = running.wait(child)?;
    let said = std::fs::read(&printed).unwrap_or_default();
    let said: Vec<String> = String::from_utf8_lossy(&said).lines().map(str::to_owned).collect();
    if is_success {
        return Ok(said);
    }
    Err(mistake(model, settings, folder, &said))
}

/// The error of a model that failed, by the account that the driver left.
fn mistake(
    model: &PythonModel<'_>,
    settings: &PythonSettings,
    folder: &Path,
    printed: &[String],
) -> WarehouseError {
    let account: Value = std::fs::read(folder.join("account"))
        .ok()
        .and_then(|text| serde_json::from_slice(&text).ok())
        .unwrap_or_default();
    if account["missing"] == "duckdb" {
        let message = format!(
            "`{}` has no package `duckdb`, which models in Python need: install it (`pip install duckdb`), or name \
             another Python in the environment variable QUERN_PYTHON",
            settings.program
        );
        return WarehouseError::new(WarehouseErrorKind::Configuration, message);
    }
    let Some(said) = account["said"].as_str() else {
        let last = printed.last().map_or("it left no word", String::as_str);
        let message = format!("Python ended while it ran `{}`: {last}", model.name);
        return WarehouseError::new(WarehouseErrorKind::Sql, message);
    };
    let steps = account["steps"].as_str().unwrap_or_default();
    let message = format!("Python model failed: {said}\n{steps}");
    let code = folder.join("model.py");
    let message = message.replace(&*code.to_string_lossy(), &format!("{}.py", model.name));
    let mut error = WarehouseError::new(WarehouseErrorKind::Sql, message.trim_end());
    let before = model.code.len() - text(model).len();
    let line = account["line"].as_u64();
    error.position = line.map(|line| before + line_start(text(model), line as usize));
    error
}

/// The code without the space that templates leave before it, which Python would take for an indent.
fn text<'a>(model: &PythonModel<'a>) -> &'a str {
    model.code.trim_start()
}

/// The byte at which a line begins; lines count from 1.
fn line_start(text: &str, line: usize) -> usize {
    text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum()
}

fn not_started(program: &str, error: &io::Error) -> WarehouseError {
    let message = format!(
        "models in Python need a Python with the package `duckdb`, and `{program}` cannot be started ({error}): name \
         one in the environment variable QUERN_PYTHON"
    );
    WarehouseError::new(WarehouseErrorKind::Configuration, message)
}

fn failed(error: &io::Error) -> WarehouseError {
    let message = format!("the files of a model in Python cannot be written or read: {error}");
    WarehouseError::new(WarehouseErrorKind::Other, message)
}
