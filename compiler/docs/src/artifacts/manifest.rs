//! `manifest.json`, version 12: the whole project, resolved.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::exposure::Exposure;
use super::function::Function;
use super::group::Group;
use super::macros::{DocsBlock, Macro};
use super::node::Node;
use super::source_table::SourceTable;
use super::unit_test::UnitTest;
use super::{Json, Quoting, Text, TextMap};

/// The address of the schema that this type follows.
pub const MANIFEST_SCHEMA: &str = "https://schemas.getdbt.com/dbt/manifest/v12.json";

/// The manifest. Keys of all maps are unique ids.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Manifest<'a> {
    /// Who wrote it, and for which project.
    pub metadata: ManifestMetadata<'a>,
    /// Models, seeds, snapshots, tests, analyses and hooks.
    pub nodes: TextMap<'a, Node<'a>>,
    /// Source tables.
    pub sources: TextMap<'a, SourceTable<'a>>,
    /// Macros of the project, its packages and the built-in ones.
    pub macros: TextMap<'a, Macro<'a>>,
    /// Docs blocks.
    pub docs: TextMap<'a, DocsBlock<'a>>,
    /// Exposures.
    pub exposures: TextMap<'a, Exposure<'a>>,
    /// Metrics, as their author wrote them and dbt completed them.
    pub metrics: TextMap<'a, Json<'a>>,
    /// Groups.
    pub groups: TextMap<'a, Group<'a>>,
    /// Named selectors.
    pub selectors: TextMap<'a, Json<'a>>,
    /// Resources that are switched off; a name may be off more than once.
    #[serde(deserialize_with = "super::null_as_default")]
    pub disabled: TextMap<'a, Vec<DisabledResource<'a>>>,
    /// For each node the ids it depends on.
    #[serde(deserialize_with = "super::null_as_default")]
    pub parent_map: TextMap<'a, Vec<Text<'a>>>,
    /// For each node the ids that depend on it.
    #[serde(deserialize_with = "super::null_as_default")]
    pub child_map: TextMap<'a, Vec<Text<'a>>>,
    /// For each group the ids in it.
    #[serde(deserialize_with = "super::null_as_default")]
    pub group_map: TextMap<'a, Vec<Text<'a>>>,
    /// Saved queries.
    pub saved_queries: TextMap<'a, Json<'a>>,
    /// Semantic models.
    pub semantic_models: TextMap<'a, Json<'a>>,
    /// Unit tests.
    pub unit_tests: TextMap<'a, UnitTest<'a>>,
    /// User-defined functions.
    pub functions: TextMap<'a, Function<'a>>,
}

/// The head of a manifest.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ManifestMetadata<'a> {
    /// The address of the JSON schema: `MANIFEST_SCHEMA`.
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
    /// The root project.
    pub project_name: Option<Text<'a>>,
    /// The MD5 of the name of the root project.
    pub project_id: Option<Text<'a>>,
    /// Always nothing from us: we know no users.
    pub user_id: Option<Text<'a>>,
    /// Always false from us: we send nothing.
    pub send_anonymous_usage_stats: Option<bool>,
    /// The adapter of the target.
    pub adapter_type: Option<Text<'a>>,
    /// The quoting of the project.
    pub quoting: Option<Quoting>,
    /// When the run began, in UTC.
    pub run_started_at: Option<Text<'a>>,
}

/// A resource that is switched off.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum DisabledResource<'a> {
    /// A model, seed, snapshot, test or analysis.
    Node(Box<Node<'a>>),
    /// A source table.
    Source(Box<SourceTable<'a>>),
    /// An exposure.
    Exposure(Box<Exposure<'a>>),
    /// A unit test.
    UnitTest(Box<UnitTest<'a>>),
    /// Anything else, as it stood in the file.
    Other(Json<'a>),
}

impl<'de> Deserialize<'de> for DisabledResource<'_> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let resource_type =
            value.get("resource_type").and_then(Value::as_str).unwrap_or_default().to_owned();
        let read = |value: Value| -> Result<Self, serde_json::Error> {
            Ok(match resource_type.as_str() {
                "model" | "seed" | "snapshot" | "test" | "analysis" | "operation" => {
                    Self::Node(Box::new(serde_json::from_value(value)?))
                }
                "source" => Self::Source(Box::new(serde_json::from_value(value)?)),
                "exposure" => Self::Exposure(Box::new(serde_json::from_value(value)?)),
                "unit_test" => Self::UnitTest(Box::new(serde_json::from_value(value)?)),
                _ => Self::Other(Json::Owned(value)),
            })
        };
        read(value).map_err(serde::de::Error::custom)
    }
}
