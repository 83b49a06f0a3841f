//! Property files (`schema.yml` and its kin), typed and with places.
//!
//! Texts are rendered already, but for descriptions (which may call `doc`), hooks and the definitions of tests.

mod kinds;
pub(crate) mod read;
mod rendering;
mod resource;
mod source_tables;

#[cfg(test)]
mod tests;

use indexmap::IndexMap;
use serde_json::Value;
use source::yaml::Node;
use source::{FileId, ProjectPath, Span, Spanned};

use crate::config::ConfigOptions;
use crate::entries::Entries;

/// One property file.
#[derive(Debug, Clone, Default)]
pub struct PropertyFile {
    /// The file.
    pub file: Option<FileId>,
    /// The path inside the package.
    pub path: Option<ProjectPath>,
    /// `models:`.
    pub models: Vec<ResourceProperties>,
    /// `seeds:`.
    pub seeds: Vec<ResourceProperties>,
    /// `snapshots:`.
    pub snapshots: Vec<ResourceProperties>,
    /// `analyses:`.
    pub analyses: Vec<ResourceProperties>,
    /// `data_tests:` at the top: properties of singular (and generic) tests.
    pub tests: Vec<ResourceProperties>,
    /// `functions:`.
    pub functions: Vec<ResourceProperties>,
    /// `sources:`.
    pub sources: Vec<SourceProperties>,
    /// `macros:`.
    pub macros: Vec<MacroProperties>,
    /// `exposures:`.
    pub exposures: Vec<ExposureProperties>,
    /// `groups:`.
    pub groups: Vec<GroupProperties>,
    /// `unit_tests:`, whole; typed by the graph.
    pub unit_tests: Vec<Node>,
    /// `metrics:`, whole.
    pub metrics: Vec<Node>,
    /// `semantic_models:`, whole.
    pub semantic_models: Vec<Node>,
    /// `saved_queries:`, whole.
    pub saved_queries: Vec<Node>,
}

/// What a property file says of a model, seed, snapshot, analysis or singular test.
#[derive(Debug, Clone, Default)]
pub struct ResourceProperties {
    /// `name`, with its place.
    pub name: Option<Spanned<String>>,
    /// `description`, not rendered.
    pub description: String,
    /// `config:`, with `docs`, `meta`, `tags`, `access`, `group`… written beside it folded in as dbt does.
    pub config: ConfigOptions,
    /// `config:` by itself and before rendering, where that is something else.
    pub unrendered_config: Option<ConfigOptions>,
    /// `columns:`.
    pub columns: Vec<ColumnProperties>,
    /// `data_tests:` or `tests:`, one definition each, not rendered.
    pub tests: Vec<Node>,
    /// `constraints:` of a model.
    pub constraints: Vec<Value>,
    /// `latest_version:`, a number or a text.
    pub latest_version: Option<Value>,
    /// `versions:`.
    pub versions: Vec<VersionProperties>,
    /// `deprecation_date:`, ISO text.
    pub deprecation_date: Option<String>,
    /// `time_spine:`.
    pub time_spine: Option<Value>,
    /// `relation:` of a snapshot in YAML: `ref('x')` or `source('a', 'b')`.
    pub relation: Option<Spanned<String>>,
    /// Everything else that was written, such as `arguments` of a function.
    pub other: IndexMap<String, Value>,
}

/// One version of a model.
#[derive(Debug, Clone)]
pub struct VersionProperties {
    /// `v:`, a number or a text.
    pub version: Value,
    /// `defined_in:`, a file's stem.
    pub defined_in: Option<String>,
    /// What this version says otherwise than the model; `name` is empty.
    pub properties: ResourceProperties,
    /// Whether the version names columns of its own.
    pub has_columns: bool,
    /// `columns: - include:`: `all`, `*` or names.
    pub include: Option<Value>,
    /// `columns: - exclude:`.
    pub exclude: Option<Value>,
    /// Whether the version has its own `tests`.
    pub has_tests: bool,
    /// The place.
    pub span: Span,
}

/// A column of a resource.
#[derive(Debug, Clone)]
pub struct ColumnProperties {
    /// `name`.
    pub name: Spanned<String>,
    /// `description`, not rendered.
    pub description: String,
    /// `data_type`.
    pub data_type: Option<String>,
    /// `quote`.
    pub quote: Option<bool>,
    /// `meta`, with `config.meta` folded in.
    pub meta: Entries,
    /// `tags`, with `config.tags` folded in.
    pub tags: Vec<String>,
    /// `config`.
    pub config: Entries,
    /// `constraints`.
    pub constraints: Vec<Value>,
    /// `data_tests:` or `tests:`, one definition each, not rendered.
    pub tests: Vec<Node>,
    /// `granularity`.
    pub granularity: Option<String>,
    /// Everything else that was written, such as `policy_tags`.
    pub other: Entries,
}

/// A source: a schema whose tables others fill.
#[derive(Debug, Clone)]
pub struct SourceProperties {
    /// `name`.
    pub name: Spanned<String>,
    /// `description`, not rendered.
    pub description: String,
    /// `database` or `catalog`.
    pub database: Option<String>,
    /// `schema`; default the name.
    pub schema: Option<String>,
    /// `loader`.
    pub loader: String,
    /// `overrides`.
    pub overrides: Option<String>,
    /// `quoting` as written.
    pub quoting: IndexMap<String, bool>,
    /// `config:`, with `meta`, `tags`, `freshness`, `loaded_at_field`… written beside it folded in.
    pub config: ConfigOptions,
    /// `tags` beside `config:`; tests have them too, and not those in it.
    pub tags: Vec<String>,
    /// `tables`.
    pub tables: Vec<SourceTableProperties>,
    /// `unrendered_database`.
    pub unrendered_database: Option<String>,
    /// `unrendered_schema`.
    pub unrendered_schema: Option<String>,
}

/// A table of a source.
#[derive(Debug, Clone)]
pub struct SourceTableProperties {
    /// `name`.
    pub name: Spanned<String>,
    /// `identifier`; default the name.
    pub identifier: Option<String>,
    /// `description`, not rendered.
    pub description: String,
    /// `loader`.
    pub loader: Option<String>,
    /// `quoting` as written.
    pub quoting: IndexMap<String, bool>,
    /// `external`.
    pub external: Option<Value>,
    /// `config:`, with what is written beside it folded in.
    pub config: ConfigOptions,
    /// `tags` beside `config:`.
    pub tags: Vec<String>,
    /// `columns`.
    pub columns: Vec<ColumnProperties>,
    /// `data_tests` or `tests`.
    pub tests: Vec<Node>,
}

/// What a property file says of a macro.
#[derive(Debug, Clone)]
pub struct MacroProperties {
    /// `name`.
    pub name: Spanned<String>,
    /// `description`, not rendered.
    pub description: String,
    /// `meta`.
    pub meta: IndexMap<String, Value>,
    /// `docs.show`, default true, and `docs.node_color`.
    pub docs: IndexMap<String, Value>,
    /// `arguments`: name, type, description.
    pub arguments: Vec<MacroArgument>,
}

/// A documented argument of a macro.
#[derive(Debug, Clone)]
pub struct MacroArgument {
    /// `name`.
    pub name: String,
    /// `type`.
    pub kind: Option<String>,
    /// `description`.
    pub description: String,
}

/// An exposure: something outside that uses the project's tables.
#[derive(Debug, Clone)]
pub struct ExposureProperties {
    /// `name`.
    pub name: Spanned<String>,
    /// `type`: dashboard, notebook, analysis, ml or application.
    pub kind: Spanned<String>,
    /// `owner`: `name`, `email` and whatever else.
    pub owner: IndexMap<String, Value>,
    /// `label`.
    pub label: Option<String>,
    /// `url`.
    pub url: Option<String>,
    /// `maturity`: low, medium or high.
    pub maturity: Option<String>,
    /// `description`, not rendered.
    pub description: String,
    /// `depends_on`: `ref('x')`, `source('a', 'b')`, `metric('m')`.
    pub depends_on: Vec<Spanned<String>>,
    /// `config:`, with `meta` and `tags` written beside it folded in.
    pub config: ConfigOptions,
    /// `config:` by itself.
    pub unrendered_config: ConfigOptions,
}

/// A group of models with an owner.
#[derive(Debug, Clone)]
pub struct GroupProperties {
    /// `name`.
    pub name: Spanned<String>,
    /// `description`.
    pub description: String,
    /// `owner`.
    pub owner: IndexMap<String, Value>,
    /// `config`.
    pub config: ConfigOptions,
}
