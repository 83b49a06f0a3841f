//! Source tables: what others load.

use serde::{Deserialize, Serialize};

use super::column::Column;
use super::{Freshness, Json, JsonMap, Quoting, Text, TextMap};

/// A table of a source.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SourceTable<'a> {
    /// The database.
    pub database: Option<Text<'a>>,
    /// The schema.
    pub schema: Text<'a>,
    /// The table's name in the project.
    pub name: Text<'a>,
    /// Always `source`.
    pub resource_type: Text<'a>,
    /// Its package.
    pub package_name: Text<'a>,
    /// The property file.
    pub path: Text<'a>,
    /// The property file.
    pub original_file_path: Text<'a>,
    /// `source.<package>.<source>.<table>`.
    pub unique_id: Text<'a>,
    /// Package, folders, source, table.
    pub fqn: Vec<Text<'a>>,
    /// The name of the source.
    pub source_name: Text<'a>,
    /// Markdown, of the source.
    #[serde(deserialize_with = "super::null_as_default")]
    pub source_description: Text<'a>,
    /// Who loads it, in the words of the author.
    #[serde(deserialize_with = "super::null_as_default")]
    pub loader: Text<'a>,
    /// The table's name in the warehouse.
    pub identifier: Text<'a>,
    /// Which parts of the name are quoted.
    pub quoting: Quoting,
    /// The column that says when a row came.
    pub loaded_at_field: Option<Text<'a>>,
    /// The query that says when the last row came.
    pub loaded_at_query: Option<Text<'a>>,
    /// When it counts as stale.
    pub freshness: Option<Freshness<'a>>,
    /// Where an external table lies.
    pub external: Option<Json<'a>>,
    /// Markdown.
    #[serde(deserialize_with = "super::null_as_default")]
    pub description: Text<'a>,
    /// Described columns.
    pub columns: TextMap<'a, Column<'a>>,
    /// What the author keeps with the table.
    pub meta: JsonMap<'a>,
    /// What the author keeps with the source.
    pub source_meta: JsonMap<'a>,
    /// Tags.
    pub tags: Vec<Text<'a>>,
    /// Its configuration.
    pub config: SourceConfig<'a>,
    /// The property file that patches it.
    pub patch_path: Option<Text<'a>>,
    /// The configuration before rendering.
    pub unrendered_config: JsonMap<'a>,
    /// The quoted name in the warehouse.
    pub relation_name: Option<Text<'a>>,
    /// Seconds since 1970, UTC.
    pub created_at: f64,
    /// The database as written.
    pub unrendered_database: Option<Text<'a>>,
    /// The schema as written.
    pub unrendered_schema: Option<Text<'a>>,
    /// Ids of the docs blocks that its description uses.
    pub doc_blocks: Vec<Text<'a>>,
}

/// What can be configured for a source table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SourceConfig<'a> {
    /// Whether it is part of the project.
    pub enabled: bool,
    /// The column of event times.
    pub event_time: Option<Json<'a>>,
    /// When it counts as stale.
    pub freshness: Option<Freshness<'a>>,
    /// The column that says when a row came.
    pub loaded_at_field: Option<Text<'a>>,
    /// The query that says when the last row came.
    pub loaded_at_query: Option<Text<'a>>,
    /// What the author keeps with it.
    pub meta: JsonMap<'a>,
    /// Tags.
    pub tags: Vec<Text<'a>>,
    /// Kept for readers that expect it.
    pub static_analysis: Option<Text<'a>>,
    /// Keys of the author's own.
    #[serde(flatten)]
    pub extra: serde_json::Map<String, serde_json::Value>,
}

impl Default for SourceConfig<'_> {
    fn default() -> Self {
        Self {
            enabled: true,
            event_time: None,
            freshness: None,
            loaded_at_field: None,
            loaded_at_query: None,
            meta: JsonMap::default(),
            tags: Vec::new(),
            static_analysis: None,
            extra: serde_json::Map::new(),
        }
    }
}
