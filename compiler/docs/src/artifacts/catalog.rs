//! `catalog.json`, version 1: what the warehouse says about the relations.

use serde::{Deserialize, Serialize};

use super::metadata::ArtifactMetadata;
use super::{Json, Text, TextMap};

/// The address of the schema that this type follows.
pub const CATALOG_SCHEMA: &str = "https://schemas.getdbt.com/dbt/catalog/v1.json";

/// The catalog. Keys of the maps are unique ids.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Catalog<'a> {
    /// Who wrote it.
    pub metadata: ArtifactMetadata<'a>,
    /// Relations of nodes.
    pub nodes: TextMap<'a, CatalogTable<'a>>,
    /// Relations of sources.
    pub sources: TextMap<'a, CatalogTable<'a>>,
    /// What could not be read.
    pub errors: Option<Vec<Text<'a>>>,
}

/// One relation.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CatalogTable<'a> {
    /// The relation itself.
    pub metadata: TableMetadata<'a>,
    /// Its columns.
    pub columns: TextMap<'a, CatalogColumn<'a>>,
    /// Figures about it, by id.
    pub stats: TextMap<'a, Statistic<'a>>,
    /// The node or source it belongs to.
    pub unique_id: Option<Text<'a>>,
}

/// The relation itself.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TableMetadata<'a> {
    /// `BASE TABLE`, `VIEW`, … in the words of the warehouse.
    #[serde(rename = "type")]
    pub table_type: Text<'a>,
    /// The schema.
    pub schema: Text<'a>,
    /// The name.
    pub name: Text<'a>,
    /// The database.
    pub database: Option<Text<'a>>,
    /// The comment.
    pub comment: Option<Text<'a>>,
    /// The owner.
    pub owner: Option<Text<'a>>,
}

/// One column of a relation.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CatalogColumn<'a> {
    /// The type in the words of the warehouse.
    #[serde(rename = "type")]
    pub column_type: Text<'a>,
    /// Its place, counted as the warehouse counts.
    pub index: i64,
    /// The name.
    pub name: Text<'a>,
    /// The comment.
    pub comment: Option<Text<'a>>,
}

/// One figure about a relation.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Statistic<'a> {
    /// The id, as the key.
    pub id: Text<'a>,
    /// A name for people.
    pub label: Text<'a>,
    /// Text, number, boolean or nothing.
    pub value: Json<'a>,
    /// Whether it is worth showing.
    pub include: bool,
    /// What it means.
    pub description: Option<Text<'a>>,
}
