//! The published files, as dbt Core 1.12 writes them: the only types of this program that others may parse.
//!
//! Everything borrows where it can (`Text`, `Json`): writing a manifest of ten thousand models copies no SQL.
//! Fields stand in the order in which dbt writes them. Reading is tolerant: a missing key is its default,
//! an unknown key is skipped, so that files of older and newer versions still load.

use std::borrow::Cow;

use indexmap::IndexMap;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

pub mod catalog;
pub mod column;
pub mod config;
pub mod exposure;
pub mod function;
pub mod group;
pub mod macros;
pub mod manifest;
pub mod metadata;
pub mod node;
pub mod run_results;
pub mod source_table;
pub mod sources;
pub mod unit_test;

/// A string that is borrowed when we write and owned after reading.
pub type Text<'a> = Cow<'a, str>;

/// A JSON value whose shape the project's author decides (`meta`, arguments of tests).
pub type Json<'a> = Cow<'a, Value>;

/// A JSON object whose keys the project's author decides.
pub type JsonMap<'a> = Cow<'a, Map<String, Value>>;

/// An object that keeps the order of its keys.
pub type TextMap<'a, T> = IndexMap<Text<'a>, T>;

/// The hash by which dbt notices that a file changed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Checksum<'a> {
    /// `sha256`, `path` (seeds above 1 MiB) or `none`.
    pub name: Text<'a>,
    /// The hexadecimal digest; for `path`, the path.
    pub checksum: Text<'a>,
}

/// What a node was found to depend on.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DependsOn<'a> {
    /// Unique ids of macros, in order of first use.
    pub macros: Vec<Text<'a>>,
    /// Unique ids of nodes and sources, in order of first use.
    pub nodes: Vec<Text<'a>>,
}

/// What a macro or a seed was found to depend on: they name no nodes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MacroDependsOn<'a> {
    /// Unique ids of macros, in order of first use.
    pub macros: Vec<Text<'a>>,
}

/// One `ref(…)` as written.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RefArguments<'a> {
    /// The name of the model, seed or snapshot.
    pub name: Text<'a>,
    /// The package, when it was named.
    pub package: Option<Text<'a>>,
    /// The version, when it was named: a number or a string.
    pub version: Option<Json<'a>>,
}

/// How a node is shown in the documentation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DocsConfig<'a> {
    /// Whether it is shown at all.
    pub show: bool,
    /// Its colour in drawings.
    pub node_color: Option<Text<'a>>,
}

impl Default for DocsConfig<'_> {
    fn default() -> Self {
        Self { show: true, node_color: None }
    }
}

/// Who answers for a thing; other keys that the author wrote are kept.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Owner<'a> {
    /// One address, a list of them, or nothing.
    pub email: Option<Json<'a>>,
    /// The name.
    pub name: Option<Text<'a>>,
    /// Whatever else was written.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Owner<'_> {
    /// The addresses, however they were written.
    pub fn emails(&self) -> Vec<&str> {
        match self.email.as_deref() {
            Some(Value::String(address)) => vec![address],
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }
}

/// Which parts of a relation name are quoted.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Quoting {
    /// Quote the database.
    pub database: Option<bool>,
    /// Quote the schema.
    pub schema: Option<bool>,
    /// Quote the identifier.
    pub identifier: Option<bool>,
    /// Quote column names.
    pub column: Option<bool>,
}

/// An age: so many minutes, hours or days.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Age<'a> {
    /// How many.
    pub count: Option<i64>,
    /// `minute`, `hour` or `day`.
    pub period: Option<Text<'a>>,
}

/// When a source counts as stale.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Freshness<'a> {
    /// Older than this warns.
    pub warn_after: Option<Age<'a>>,
    /// Older than this is an error.
    pub error_after: Option<Age<'a>>,
    /// A condition on the rows that are looked at.
    pub filter: Option<Text<'a>>,
}

/// Reads `null` as the default of the type: older versions write it where newer ones write an empty value.
pub(crate) fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests;
