//! Unit tests: given rows, expected rows.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{DependsOn, Json, JsonMap, Text};

/// A unit test.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct UnitTest<'a> {
    /// The model under test.
    pub model: Text<'a>,
    /// The rows each input is replaced with.
    pub given: Vec<GivenRows<'a>>,
    /// The rows that must come out.
    pub expect: ExpectedRows<'a>,
    /// The name.
    pub name: Text<'a>,
    /// Always `unit_test`.
    pub resource_type: Text<'a>,
    /// Its package.
    pub package_name: Text<'a>,
    /// The file, from the resource folder.
    pub path: Text<'a>,
    /// The file, from the package's root.
    pub original_file_path: Text<'a>,
    /// `unit_test.<package>.<model>.<name>`.
    pub unique_id: Text<'a>,
    /// Package, folders, model, name.
    pub fqn: Vec<Text<'a>>,
    /// Markdown.
    #[serde(deserialize_with = "super::null_as_default")]
    pub description: Text<'a>,
    /// Macros, vars and environment variables that are replaced.
    pub overrides: Option<Json<'a>>,
    /// The model it depends on.
    pub depends_on: DependsOn<'a>,
    /// Its configuration.
    pub config: UnitTestConfig<'a>,
    /// The hash by which a change is noticed.
    pub checksum: Option<Text<'a>>,
    /// The schema.
    pub schema: Option<Text<'a>>,
    /// Seconds since 1970, UTC.
    pub created_at: f64,
    /// Which versions of the model are tested.
    pub versions: Option<Json<'a>>,
    /// The version this test is of.
    pub version: Option<Json<'a>>,
}

/// What can be configured for a unit test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct UnitTestConfig<'a> {
    /// A tag or a list of tags.
    pub tags: Json<'a>,
    /// What the author keeps with it.
    pub meta: JsonMap<'a>,
    /// Whether it is part of the project.
    pub enabled: bool,
    /// Kept for readers that expect it.
    pub static_analysis: Option<Text<'a>>,
    /// Keys of the author's own.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Default for UnitTestConfig<'_> {
    fn default() -> Self {
        Self {
            tags: Json::Owned(Value::Array(Vec::new())),
            meta: JsonMap::default(),
            enabled: true,
            static_analysis: None,
            extra: Map::new(),
        }
    }
}

/// The rows that stand for one input.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct GivenRows<'a> {
    /// `ref(…)`, `source(…)` or `this`, as written.
    pub input: Text<'a>,
    /// A list of objects, or text in the format.
    pub rows: Option<Json<'a>>,
    /// `dict`, `csv` or `sql`.
    pub format: Text<'a>,
    /// The fixture file.
    pub fixture: Option<Text<'a>>,
}

/// The rows that must come out.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ExpectedRows<'a> {
    /// A list of objects, or text in the format.
    pub rows: Option<Json<'a>>,
    /// `dict`, `csv` or `sql`.
    pub format: Text<'a>,
    /// The fixture file.
    pub fixture: Option<Text<'a>>,
}
