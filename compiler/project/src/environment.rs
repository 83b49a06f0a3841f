//! Everything outside of the files that a run depends on, frozen into a value.

use std::collections::BTreeMap;
use std::path::PathBuf;

use indexmap::IndexMap;
use serde_json::Value;

/// What the command line and the process environment say, read once at the start.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// The environment variables of the process; macros see them through `env_var` alone.
    pub variables: BTreeMap<String, String>,
    /// `--vars`, in the order written.
    pub vars: IndexMap<String, Value>,
    /// `--profile`.
    pub profile: Option<String>,
    /// `--target`.
    pub target: Option<String>,
    /// `--threads`.
    pub threads: Option<usize>,
    /// The project's folder, absolute.
    pub project_directory: PathBuf,
    /// `--profiles-dir`, absolute; else the project's folder and then `~/.dbt` are searched.
    pub profiles_directory: Option<PathBuf>,
    /// `--session-time`, as it was written.
    pub session_time: Option<String>,
    /// The user's home folder.
    pub home_directory: Option<PathBuf>,
    /// Whether `require-dbt-version` is checked.
    pub checks_version: bool,
    /// The current folder: `profiles.yml` is looked for here first, as dbt does.
    pub working_directory: PathBuf,
    /// The version that `dbt_version` shows and that `require-dbt-version` is checked against.
    pub dbt_version: String,
}
