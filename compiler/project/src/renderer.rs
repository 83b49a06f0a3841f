//! Templates inside YAML, rendered by whoever knows Jinja.

use indexmap::IndexMap;
use serde_json::Value;

use crate::environment::Environment;

/// What a template inside YAML may use: `var`, `env_var`, and `target` once the profile is known.
#[derive(Debug, Clone, Copy)]
pub struct TextScope<'a> {
    /// The environment: `env_var`, `--vars`.
    pub environment: &'a Environment,
    /// The project's own `vars`, below `--vars`; empty while the project file itself is read.
    pub vars: &'a IndexMap<String, Value>,
    /// The `target` dictionary; none while the profile is read.
    pub target: Option<&'a Value>,
    /// Whether `DBT_ENV_SECRET_…` variables may be read: in profiles and package lists alone, as in dbt.
    pub allows_secrets: bool,
    /// The name of the root project, which `project_name` shows.
    pub project_name: Option<&'a str>,
}

/// Why a template inside YAML could not be rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderFailure {
    /// The code that fits, such as [`source::codes::ENV_VAR_MISSING`].
    pub code: source::Code,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// The byte of the text where it went wrong, when known.
    pub offset: Option<usize>,
}

/// Renders templates inside YAML.
pub trait TextRenderer: Sync {
    /// Renders a text as dbt renders YAML values, natively: a text that is one expression keeps the type of its value,
    /// everything else is text.
    ///
    /// Called only for texts with `{{`, `{%` or `{#` in them.
    fn render(&self, text: &str, scope: &TextScope<'_>) -> Result<Value, RenderFailure>;
}

/// Whether a text has a template in it at all.
pub fn is_template(text: &str) -> bool {
    text.as_bytes().windows(2).any(|pair| pair[0] == b'{' && matches!(pair[1], b'{' | b'%' | b'#'))
}
