//! What a render captured: the calls that make the graph.

use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};
use project::ConfigOptions;
use serde_json::Value;
use source::Span;

/// A call of `ref`.
#[derive(Debug, Clone, PartialEq)]
pub struct RefCall {
    /// The package, when two names were given.
    pub package: Option<String>,
    /// The model's name.
    pub name: String,
    /// `version` or `v`.
    pub version: Option<Value>,
    /// Where the call stands, when it was found in the template's text.
    pub span: Option<Span>,
}

/// A call of `source`.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceCall {
    /// The source's name.
    pub source: String,
    /// The table's name.
    pub table: String,
    /// Where the call stands, when it was found in the template's text.
    pub span: Option<Span>,
}

/// Everything a render captured, in the order of the calls, without repetitions.
#[derive(Debug, Clone, Default)]
pub struct Capture {
    /// `ref`.
    pub refs: Vec<RefCall>,
    /// `source`.
    pub sources: Vec<SourceCall>,
    /// `metric`: one or two names.
    pub metrics: Vec<Vec<String>>,
    /// `function`: one or two names.
    pub functions: Vec<Vec<String>>,
    /// `config(…)`, later calls merged over earlier ones by dbt's rules.
    pub config: ConfigOptions,
    /// The macros called or named, by unique id.
    pub macros: IndexSet<Arc<str>>,
    /// The variables asked for, with the value got.
    pub vars: IndexMap<String, Value>,
    /// The environment variables asked for.
    pub environment: IndexSet<String>,
}
