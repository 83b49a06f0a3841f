//! `sources.json`, version 3: how fresh the sources are.

use serde::{Deserialize, Serialize};

use super::metadata::ArtifactMetadata;
use super::run_results::Timing;
use super::{Freshness, Json, JsonMap, Text};

/// The address of the schema that this type follows.
pub const SOURCES_SCHEMA: &str = "https://schemas.getdbt.com/dbt/sources/v3.json";

/// The freshness of the sources.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FreshnessResults<'a> {
    /// Who wrote it.
    pub metadata: ArtifactMetadata<'a>,
    /// One entry per source table.
    pub results: Vec<FreshnessResult<'a>>,
    /// Seconds from begin to end.
    pub elapsed_time: f64,
}

/// One source table: measured, or why it could not be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum FreshnessResult<'a> {
    /// Measured.
    Measured(Box<MeasuredFreshness<'a>>),
    /// The query failed.
    Failed(FailedFreshness<'a>),
}

impl FreshnessResult<'_> {
    /// The source table.
    pub fn unique_id(&self) -> &str {
        match self {
            Self::Measured(measured) => &measured.unique_id,
            Self::Failed(failed) => &failed.unique_id,
        }
    }

    /// `pass`, `warn`, `error` or `runtime error`.
    pub fn status(&self) -> &str {
        match self {
            Self::Measured(measured) => &measured.status,
            Self::Failed(failed) => &failed.status,
        }
    }
}

/// A source table whose age is known.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct MeasuredFreshness<'a> {
    /// The source table.
    pub unique_id: Text<'a>,
    /// When the last row came, in UTC.
    pub max_loaded_at: Text<'a>,
    /// When we looked, in UTC.
    pub snapshotted_at: Text<'a>,
    /// The seconds between the two.
    pub max_loaded_at_time_ago_in_s: f64,
    /// `pass`, `warn` or `error`.
    pub status: Text<'a>,
    /// What was asked for.
    pub criteria: Freshness<'a>,
    /// What the warehouse answered.
    #[serde(default)]
    pub adapter_response: JsonMap<'a>,
    /// The steps.
    #[serde(default)]
    pub timing: Vec<Timing<'a>>,
    /// The worker.
    #[serde(default)]
    pub thread_id: Text<'a>,
    /// Seconds.
    #[serde(default)]
    pub execution_time: f64,
}

/// A source table that could not be measured.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FailedFreshness<'a> {
    /// The source table.
    pub unique_id: Text<'a>,
    /// What went wrong: text or a number.
    pub error: Option<Json<'a>>,
    /// Always `runtime error`.
    pub status: Text<'a>,
}
