//! `dbt_project.yml`, read and completed.

pub(crate) mod read;
pub mod version;

pub mod behaviour;

use indexmap::IndexMap;
use serde_json::Value;
use source::yaml::Node;
use source::{FileId, Spanned};

use crate::resource_type::ResourceType;

/// A package's `dbt_project.yml` with dbt's defaults filled in and its templates rendered.
#[derive(Debug, Clone)]
pub struct ProjectSettings {
    /// The file.
    pub file: FileId,
    /// `name`.
    pub name: String,
    /// `version`, as text.
    pub version: Option<String>,
    /// `profile`.
    pub profile: Option<Spanned<String>>,
    /// `model-paths`, default `models`.
    pub model_paths: Vec<String>,
    /// `macro-paths`, default `macros`.
    pub macro_paths: Vec<String>,
    /// `seed-paths`, default `seeds`.
    pub seed_paths: Vec<String>,
    /// `test-paths`, default `tests`; generic tests stand in their `generic` folders.
    pub test_paths: Vec<String>,
    /// `analysis-paths`, default `analyses`.
    pub analysis_paths: Vec<String>,
    /// `docs-paths`; default: all other paths.
    pub docs_paths: Vec<String>,
    /// `snapshot-paths`, default `snapshots`.
    pub snapshot_paths: Vec<String>,
    /// `function-paths`, default `functions`.
    pub function_paths: Vec<String>,
    /// `asset-paths`, default none.
    pub asset_paths: Vec<String>,
    /// `target-path`, default `target`.
    pub target_path: String,
    /// `log-path`, default `logs`.
    pub log_path: String,
    /// `packages-install-path`, default `dbt_packages`.
    pub packages_install_path: String,
    /// `clean-targets`; default: the target path.
    pub clean_targets: Vec<String>,
    /// `quoting` as written: `database`, `schema`, `identifier`.
    pub quoting: IndexMap<String, bool>,
    /// `on-run-start`, not rendered.
    pub on_run_start: Vec<Spanned<String>>,
    /// `on-run-end`, not rendered.
    pub on_run_end: Vec<Spanned<String>>,
    /// `require-dbt-version`.
    pub require_dbt_version: Vec<String>,
    /// `dispatch`: for each macro name space the packages to search, in order.
    pub dispatch: IndexMap<String, Vec<String>>,
    /// `models:`, `seeds:` and so on: rendered trees of folder names and configs, by kind. Hooks stay unrendered.
    pub configs: IndexMap<ResourceType, Node>,
    /// The same trees before rendering, for `unrendered_config`.
    pub unrendered_configs: IndexMap<ResourceType, Node>,
    /// `vars:` as written, rendered; values by package name nest one deeper.
    pub vars: IndexMap<String, Value>,
    /// `query-comment`, as written.
    pub query_comment: Option<Value>,
    /// `restrict-access`.
    pub is_access_restricted: bool,
    /// `flags:`, the project's defaults of behaviour flags and global options.
    pub flags: IndexMap<String, Value>,
}

/// What `query-comment` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryCommentSetting<'a> {
    /// dbt's usual comment, a JSON object that names the node.
    Usual,
    /// No comment: null or an empty text.
    Nothing,
    /// A comment as the project writes it, a template.
    Template(&'a str),
}

impl ProjectSettings {
    /// What statements are commented with, and whether the comment stands behind them (dbt's `QueryComment`).
    pub fn query_comment(&self) -> (QueryCommentSetting<'_>, bool) {
        let (comment, is_appended) = match &self.query_comment {
            Some(Value::Object(entries)) => {
                let append = entries.get("append").and_then(Value::as_bool).unwrap_or(false);
                (entries.get("comment"), append)
            }
            other => (other.as_ref(), false),
        };
        let setting = match comment {
            None => QueryCommentSetting::Usual,
            Some(Value::String(text)) if !text.trim().is_empty() => {
                QueryCommentSetting::Template(text)
            }
            Some(_) => QueryCommentSetting::Nothing,
        };
        (setting, is_appended)
    }

    /// Whether the comment is also wanted as labels of jobs, where the warehouse has them (dbt's `job-label`).
    pub fn labels_jobs(&self) -> bool {
        let setting = self.query_comment.as_ref();
        setting.and_then(|setting| setting.get("job-label")).and_then(Value::as_bool) == Some(true)
    }
}
