//! Columns as the project's author describes them.

use serde::{Deserialize, Serialize};

use super::{Json, JsonMap, Text, TextMap};

/// One described column.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Column<'a> {
    /// The name as written.
    pub name: Text<'a>,
    /// Markdown.
    #[serde(deserialize_with = "super::null_as_default")]
    pub description: Text<'a>,
    /// What the author keeps with it.
    pub meta: JsonMap<'a>,
    /// The declared type.
    pub data_type: Option<Text<'a>>,
    /// Column constraints.
    pub constraints: Vec<Constraint<'a>>,
    /// Whether its name is quoted.
    pub quote: Option<bool>,
    /// Its own configuration.
    pub config: ColumnConfig<'a>,
    /// Tags.
    pub tags: Vec<Text<'a>>,
    /// The grain of a time column.
    pub granularity: Option<Text<'a>>,
    /// Its part as a dimension of a semantic model.
    pub dimension: Option<Json<'a>>,
    /// Its part as an entity of a semantic model.
    pub entity: Option<Json<'a>>,
    /// Ids of the docs blocks that its description uses.
    pub doc_blocks: Vec<Text<'a>>,
    /// Keys that only some adapters know, such as `policy_tags`.
    #[serde(flatten)]
    pub extra: TextMap<'a, Json<'a>>,
}

/// What can be configured for a column.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ColumnConfig<'a> {
    /// What the author keeps with it.
    pub meta: JsonMap<'a>,
    /// Tags.
    pub tags: Vec<Text<'a>>,
}

/// A constraint of a column or, with `columns`, of a model.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Constraint<'a> {
    /// `check`, `not_null`, `unique`, `primary_key`, `foreign_key` or `custom`.
    #[serde(rename = "type")]
    pub constraint_type: Text<'a>,
    /// Its name in the warehouse.
    pub name: Option<Text<'a>>,
    /// The condition of a check.
    pub expression: Option<Text<'a>>,
    /// Warn when the warehouse does not keep it.
    #[serde(default = "yes")]
    pub warn_unenforced: bool,
    /// Warn when the warehouse does not know it.
    #[serde(default = "yes")]
    pub warn_unsupported: bool,
    /// The referenced relation of a foreign key.
    pub to: Option<Text<'a>>,
    /// The referenced columns of a foreign key.
    pub to_columns: Vec<Text<'a>>,
    /// The columns of a constraint of a model; a column has no such key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<Text<'a>>>,
}

/// What dbt takes where a constraint says nothing of warnings.
fn yes() -> bool {
    true
}
