//! The `metadata` object at the head of every published file.

use serde::{Deserialize, Serialize};

use super::{Text, TextMap};

/// Which program wrote the file, when, and in which run. Shared by catalog, run results and sources.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ArtifactMetadata<'a> {
    /// The address of the JSON schema.
    pub dbt_schema_version: Text<'a>,
    /// The version of dbt that the writer behaves like.
    pub dbt_version: Text<'a>,
    /// When, in UTC, ending in `Z`.
    pub generated_at: Text<'a>,
    /// The id of the run.
    pub invocation_id: Option<Text<'a>>,
    /// When the run began, in UTC.
    pub invocation_started_at: Option<Text<'a>>,
    /// The environment variables `DBT_ENV_CUSTOM_ENV_…`, without the prefix.
    #[serde(deserialize_with = "super::null_as_default")]
    pub env: TextMap<'a, Text<'a>>,
}
