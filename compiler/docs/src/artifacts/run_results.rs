//! `run_results.json`, version 6: what became of each node of a run.

use serde::{Deserialize, Serialize};

use super::metadata::ArtifactMetadata;
use super::{JsonMap, Text};

/// The address of the schema that this type follows.
pub const RUN_RESULTS_SCHEMA: &str = "https://schemas.getdbt.com/dbt/run-results/v6.json";

/// The results of a run.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RunResults<'a> {
    /// Who wrote it.
    pub metadata: ArtifactMetadata<'a>,
    /// One entry per node, in the order in which they finished.
    pub results: Vec<RunResult<'a>>,
    /// Seconds from begin to end.
    pub elapsed_time: f64,
    /// The arguments of the command.
    pub args: JsonMap<'a>,
}

/// What became of one node.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RunResult<'a> {
    /// `success`, `error`, `skipped`, `partial success`, `no-op`, `pass`, `fail` or `warn`.
    pub status: Text<'a>,
    /// The steps `compile` and `execute`.
    pub timing: Vec<Timing<'a>>,
    /// The worker.
    pub thread_id: Text<'a>,
    /// Seconds.
    pub execution_time: f64,
    /// What the warehouse answered.
    pub adapter_response: JsonMap<'a>,
    /// A phrase for people.
    pub message: Option<Text<'a>>,
    /// Rows that failed a test.
    pub failures: Option<i64>,
    /// The node.
    pub unique_id: Text<'a>,
    /// Whether it was compiled; nothing for seeds.
    pub compiled: Option<bool>,
    /// The compiled SQL.
    pub compiled_code: Option<Text<'a>>,
    /// The quoted name in the warehouse.
    pub relation_name: Option<Text<'a>>,
    /// Windows of a microbatch model.
    pub batch_results: Option<BatchResults<'a>>,
    /// Overloads of a function.
    pub overload_results: Option<OverloadResults<'a>>,
}

/// One step of a node.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Timing<'a> {
    /// `compile` or `execute`.
    pub name: Text<'a>,
    /// In UTC, ending in `Z`.
    pub started_at: Option<Text<'a>>,
    /// In UTC, ending in `Z`.
    pub completed_at: Option<Text<'a>>,
}

/// Windows of a microbatch model, each `[start, end)` in UTC.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BatchResults<'a> {
    /// Built.
    pub successful: Vec<(Text<'a>, Text<'a>)>,
    /// Not built.
    pub failed: Vec<(Text<'a>, Text<'a>)>,
}

/// Overloads of a function.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OverloadResults<'a> {
    /// Created.
    pub successful: Vec<Text<'a>>,
    /// Not created.
    pub failed: Vec<Text<'a>>,
}
