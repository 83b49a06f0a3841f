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

/// Which variables and environment variables a text reads, sorted, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InputsRead {
    /// The names given to `var`.
    pub variables: Vec<String>,
    /// The names given to `env_var`.
    pub environment: Vec<String>,
}

impl InputsRead {
    /// Takes in what another text reads.
    pub fn join(&mut self, more: &Self) {
        join_sorted(&mut self.variables, &more.variables);
        join_sorted(&mut self.environment, &more.environment);
    }

    /// Whether nothing is read.
    pub fn is_empty(&self) -> bool {
        self.variables.is_empty() && self.environment.is_empty()
    }
}

fn join_sorted(names: &mut Vec<String>, more: &[String]) {
    for name in more {
        if let Err(place) = names.binary_search(name) {
            names.insert(place, name.clone());
        }
    }
}

/// Everything a render captured, in the order of the calls; those of `ref` and `source` may be repeated.
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
    /// What `config(…)` says as it is written, where dbt's `unrendered_config` has that rather than the values.
    pub written_config: ConfigOptions,
    /// The options of a text that dbt reads without rendering it whose last `config(…)` says something else than the
    /// merged ones.
    pub last_config: ConfigOptions,
    /// The macros called or named, by unique id.
    pub macros: IndexSet<Arc<str>>,
    /// The variables asked for, with the value got.
    pub vars: IndexMap<String, Value>,
    /// The environment variables asked for.
    pub environment: IndexSet<String>,
}
