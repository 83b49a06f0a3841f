//! Configurations of nodes, complete, one type per kind.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{DocsConfig, Json, JsonMap, Text};

/// The configuration of a node.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Config<'a> {
    /// Of a model.
    Model(Box<ModelConfig<'a>>),
    /// Of a seed.
    Seed(Box<SeedConfig<'a>>),
    /// Of a snapshot.
    Snapshot(Box<SnapshotConfig<'a>>),
    /// Of a data test.
    Test(Box<TestConfig<'a>>),
    /// Of an analysis or a hook.
    Node(Box<PlainConfig<'a>>),
    /// Of a function: as dbt completes it.
    Other(JsonMap<'a>),
    /// Settled by the graph: complete and in dbt's order already.
    Settled(&'a indexmap::IndexMap<String, Value>),
}

impl Default for Config<'_> {
    fn default() -> Self {
        Self::Other(JsonMap::default())
    }
}

/// What models, seeds, snapshots, analyses and hooks have in common.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NodeConfig<'a> {
    /// Whether it is part of the project.
    pub enabled: bool,
    /// The name in the warehouse, when set.
    pub alias: Option<Text<'a>>,
    /// The custom schema, when set.
    pub schema: Option<Text<'a>>,
    /// The custom database, when set.
    pub database: Option<Text<'a>>,
    /// Tags.
    pub tags: Vec<Text<'a>>,
    /// What the author keeps with it.
    pub meta: JsonMap<'a>,
    /// The group that owns it.
    pub group: Option<Text<'a>>,
    /// Kept for readers that expect it.
    pub static_analysis: Option<Text<'a>>,
    /// How it becomes a relation.
    pub materialized: Text<'a>,
    /// How new rows are merged in.
    pub incremental_strategy: Option<Text<'a>>,
    /// The grain of a microbatch.
    pub batch_size: Option<Json<'a>>,
    /// How many earlier batches are built again.
    pub lookback: Option<Json<'a>>,
    /// The first batch.
    pub begin: Option<Json<'a>>,
    /// Whether descriptions become comments.
    pub persist_docs: JsonMap<'a>,
    /// SQL after the build.
    #[serde(rename = "post-hook")]
    pub post_hook: Vec<Hook<'a>>,
    /// SQL before the build.
    #[serde(rename = "pre-hook")]
    pub pre_hook: Vec<Hook<'a>>,
    /// Which parts of the name are quoted.
    pub quoting: JsonMap<'a>,
    /// Types of a seed's columns.
    pub column_types: JsonMap<'a>,
    /// Whether `--full-refresh` applies.
    pub full_refresh: Option<bool>,
    /// A column or a list of columns.
    pub unique_key: Option<Json<'a>>,
    /// What to do when columns came or went.
    pub on_schema_change: Option<Text<'a>>,
    /// What to do when settings of the relation changed.
    pub on_configuration_change: Text<'a>,
    /// Rights.
    pub grants: JsonMap<'a>,
    /// Packages of a Python model.
    pub packages: Vec<Text<'a>>,
    /// How it is shown.
    pub docs: DocsConfig<'a>,
    /// What it promises.
    pub contract: ContractConfig,
    /// The column of event times.
    pub event_time: Option<Json<'a>>,
    /// Whether batches run side by side.
    pub concurrent_batches: Option<Json<'a>>,
}

impl Default for NodeConfig<'_> {
    fn default() -> Self {
        Self {
            enabled: true,
            alias: None,
            schema: None,
            database: None,
            tags: Vec::new(),
            meta: JsonMap::default(),
            group: None,
            static_analysis: None,
            materialized: Text::Borrowed("view"),
            incremental_strategy: None,
            batch_size: None,
            lookback: Some(Json::Owned(Value::from(1))),
            begin: None,
            persist_docs: JsonMap::default(),
            post_hook: Vec::new(),
            pre_hook: Vec::new(),
            quoting: JsonMap::default(),
            column_types: JsonMap::default(),
            full_refresh: None,
            unique_key: None,
            on_schema_change: Some(Text::Borrowed("ignore")),
            on_configuration_change: Text::Borrowed("apply"),
            grants: JsonMap::default(),
            packages: Vec::new(),
            docs: DocsConfig::default(),
            contract: ContractConfig::default(),
            event_time: None,
            concurrent_batches: None,
        }
    }
}

/// SQL before or after a build.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Hook<'a> {
    /// The SQL, unrendered.
    pub sql: Text<'a>,
    /// Whether it runs inside the transaction.
    pub transaction: bool,
    /// Its place.
    pub index: Option<i64>,
}

impl Default for Hook<'_> {
    fn default() -> Self {
        Self { sql: Text::default(), transaction: true, index: None }
    }
}

/// Whether a contract is enforced.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ContractConfig {
    /// Whether the promise is kept by force.
    pub enforced: bool,
    /// Whether types are compared after aliasing.
    pub alias_types: bool,
}

impl Default for ContractConfig {
    fn default() -> Self {
        Self { enforced: false, alias_types: true }
    }
}

/// The configuration of a model.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ModelConfig<'a> {
    /// What all have.
    #[serde(flatten)]
    pub node: NodeConfig<'a>,
    /// What models have.
    #[serde(flatten)]
    pub model: ModelOnlyConfig<'a>,
    /// Keys of the adapter and the author's own.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// What only models can be configured with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ModelOnlyConfig<'a> {
    /// `private`, `protected` or `public`.
    pub access: Text<'a>,
    /// When it is worth building again.
    pub freshness: Option<Json<'a>>,
    /// What happens to children when it fails.
    pub on_error: Option<Text<'a>>,
    /// The unversioned name of the latest version.
    pub latest_version_pointer: LatestVersionPointer<'a>,
}

impl Default for ModelOnlyConfig<'_> {
    fn default() -> Self {
        Self {
            access: Text::Borrowed("protected"),
            freshness: None,
            on_error: None,
            latest_version_pointer: LatestVersionPointer::default(),
        }
    }
}

/// The unversioned name of the latest version.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LatestVersionPointer<'a> {
    /// Whether there is one.
    pub enabled: Option<bool>,
    /// Its name.
    pub alias: Option<Text<'a>>,
}

/// The configuration of a seed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SeedConfig<'a> {
    /// What all have.
    #[serde(flatten)]
    pub node: NodeConfig<'a>,
    /// What seeds have.
    #[serde(flatten)]
    pub seed: SeedOnlyConfig<'a>,
    /// Keys of the adapter and the author's own.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// What only seeds can be configured with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SeedOnlyConfig<'a> {
    /// Between two fields.
    pub delimiter: Text<'a>,
    /// Whether column names are quoted.
    pub quote_columns: Option<bool>,
}

impl Default for SeedOnlyConfig<'_> {
    fn default() -> Self {
        Self { delimiter: Text::Borrowed(","), quote_columns: None }
    }
}

/// The configuration of a snapshot.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SnapshotConfig<'a> {
    /// What all have.
    #[serde(flatten)]
    pub node: NodeConfig<'a>,
    /// What snapshots have.
    #[serde(flatten)]
    pub snapshot: SnapshotOnlyConfig<'a>,
    /// Keys of the adapter and the author's own.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// What only snapshots can be configured with.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SnapshotOnlyConfig<'a> {
    /// `timestamp`, `check` or the project's own.
    pub strategy: Option<Text<'a>>,
    /// The schema.
    pub target_schema: Option<Text<'a>>,
    /// The database.
    pub target_database: Option<Text<'a>>,
    /// The column of the timestamp strategy.
    pub updated_at: Option<Text<'a>>,
    /// `all` or the columns of the check strategy.
    pub check_cols: Option<Json<'a>>,
    /// Names of the columns we add.
    pub snapshot_meta_column_names: SnapshotColumnNames<'a>,
    /// The end of rows that still hold.
    pub dbt_valid_to_current: Option<Text<'a>>,
}

/// Names of the columns that a snapshot adds.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SnapshotColumnNames<'a> {
    /// The end of a row's time.
    pub dbt_valid_to: Option<Text<'a>>,
    /// The begin of a row's time.
    pub dbt_valid_from: Option<Text<'a>>,
    /// The id of a row's version.
    pub dbt_scd_id: Option<Text<'a>>,
    /// When the row was changed.
    pub dbt_updated_at: Option<Text<'a>>,
    /// Whether the row is gone.
    pub dbt_is_deleted: Option<Text<'a>>,
}

/// The configuration of an analysis or a hook.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PlainConfig<'a> {
    /// What all have.
    #[serde(flatten)]
    pub node: NodeConfig<'a>,
    /// Keys of the adapter and the author's own.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The configuration of a data test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TestConfig<'a> {
    /// Whether it is part of the project.
    pub enabled: bool,
    /// The name in the warehouse, when set.
    pub alias: Option<Text<'a>>,
    /// The schema of stored failures.
    pub schema: Option<Text<'a>>,
    /// The database of stored failures.
    pub database: Option<Text<'a>>,
    /// Tags.
    pub tags: Vec<Text<'a>>,
    /// What the author keeps with it.
    pub meta: JsonMap<'a>,
    /// The group that owns it.
    pub group: Option<Text<'a>>,
    /// Kept for readers that expect it.
    pub static_analysis: Option<Text<'a>>,
    /// Always `test`.
    pub materialized: Text<'a>,
    /// `error` or `warn`, as written.
    pub severity: Text<'a>,
    /// Whether failing rows are kept.
    pub store_failures: Option<bool>,
    /// `table`, `view` or `ephemeral`.
    pub store_failures_as: Option<Text<'a>>,
    /// SQL before the query.
    pub sql_header: Option<Json<'a>>,
    /// A condition on the tested rows.
    #[serde(rename = "where")]
    pub condition: Option<Text<'a>>,
    /// The most failing rows.
    pub limit: Option<i64>,
    /// How failures are counted.
    pub fail_calc: Text<'a>,
    /// When it warns.
    pub warn_if: Text<'a>,
    /// When it fails.
    pub error_if: Text<'a>,
    /// Keys of the author's own.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Default for TestConfig<'_> {
    fn default() -> Self {
        Self {
            enabled: true,
            alias: None,
            schema: Some(Text::Borrowed("dbt_test__audit")),
            database: None,
            tags: Vec::new(),
            meta: JsonMap::default(),
            group: None,
            static_analysis: None,
            materialized: Text::Borrowed("test"),
            severity: Text::Borrowed("ERROR"),
            store_failures: None,
            store_failures_as: None,
            sql_header: None,
            condition: None,
            limit: None,
            fail_calc: Text::Borrowed("count(*)"),
            warn_if: Text::Borrowed("!= 0"),
            error_if: Text::Borrowed("!= 0"),
            extra: Map::new(),
        }
    }
}

impl Config<'_> {
    /// Reads a configuration by the resource type of its node.
    pub(crate) fn read(resource_type: &str, value: &Value) -> Result<Self, serde_json::Error> {
        let mut value = value.clone();
        if value.is_null() {
            value = Value::Object(Map::new());
        }
        Ok(match resource_type {
            "model" => Self::Model(serde_json::from_value(value)?),
            "seed" => Self::Seed(serde_json::from_value(value)?),
            "snapshot" => Self::Snapshot(serde_json::from_value(value)?),
            "test" => Self::Test(serde_json::from_value(value)?),
            "analysis" | "operation" | "sql_operation" => {
                Self::Node(serde_json::from_value(value)?)
            }
            _ => Self::Other(serde_json::from_value(value)?),
        })
    }

    /// The value of a key; none where the kind has no such key, or the key says nothing.
    pub fn value(&self, key: &str) -> Option<Json<'_>> {
        let value = match self {
            Self::Settled(values) => values.get(key).map(Json::Borrowed),
            Self::Other(values) => values.get(key).map(Json::Borrowed),
            typed => match serde_json::to_value(typed) {
                Ok(Value::Object(mut values)) => values.remove(key).map(Json::Owned),
                _ => None,
            },
        };
        value.filter(|value| !value.is_null())
    }

    /// The value of a key as text; none where it is no text.
    pub fn text(&self, key: &str) -> Option<Text<'_>> {
        match self.value(key)? {
            Json::Borrowed(Value::String(text)) => Some(Text::Borrowed(text)),
            Json::Owned(Value::String(text)) => Some(Text::Owned(text)),
            _ => None,
        }
    }
}
