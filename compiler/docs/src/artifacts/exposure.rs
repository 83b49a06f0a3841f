//! Exposures: what the world makes of the models.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{DependsOn, JsonMap, Owner, RefArguments, Text};

/// An exposure.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Exposure<'a> {
    /// The name.
    pub name: Text<'a>,
    /// Always `exposure`.
    pub resource_type: Text<'a>,
    /// Its package.
    pub package_name: Text<'a>,
    /// The file, from the resource folder.
    pub path: Text<'a>,
    /// The file, from the package's root.
    pub original_file_path: Text<'a>,
    /// `exposure.<package>.<name>`.
    pub unique_id: Text<'a>,
    /// Package, folders, name.
    pub fqn: Vec<Text<'a>>,
    /// `dashboard`, `notebook`, `analysis`, `ml` or `application`.
    #[serde(rename = "type")]
    pub exposure_type: Text<'a>,
    /// Who answers for it.
    pub owner: Owner<'a>,
    /// Markdown.
    #[serde(deserialize_with = "super::null_as_default")]
    pub description: Text<'a>,
    /// A name for people.
    pub label: Option<Text<'a>>,
    /// `low`, `medium` or `high`.
    pub maturity: Option<Text<'a>>,
    /// What the author keeps with it.
    pub meta: JsonMap<'a>,
    /// Tags.
    pub tags: Vec<Text<'a>>,
    /// Its configuration.
    pub config: ExposureConfig<'a>,
    /// The configuration before rendering.
    pub unrendered_config: JsonMap<'a>,
    /// Where it is.
    pub url: Option<Text<'a>>,
    /// What it reads.
    pub depends_on: DependsOn<'a>,
    /// `ref`s as written.
    pub refs: Vec<RefArguments<'a>>,
    /// `source`s as written.
    pub sources: Vec<Vec<Text<'a>>>,
    /// `metric`s as written.
    pub metrics: Vec<Vec<Text<'a>>>,
    /// Seconds since 1970, UTC.
    pub created_at: f64,
}

/// What can be configured for an exposure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExposureConfig<'a> {
    /// Whether it is part of the project.
    pub enabled: bool,
    /// Tags.
    pub tags: Vec<Text<'a>>,
    /// What the author keeps with it.
    pub meta: JsonMap<'a>,
    /// Keys of the author's own.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Default for ExposureConfig<'_> {
    fn default() -> Self {
        Self { enabled: true, tags: Vec::new(), meta: JsonMap::default(), extra: Map::new() }
    }
}
