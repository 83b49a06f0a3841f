//! Macros and docs blocks.

use serde::{Deserialize, Serialize};

use super::{DocsConfig, JsonMap, MacroDependsOn, Text};

/// A macro.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Macro<'a> {
    /// The name, with the prefix of its kind (`materialization_…`, `test_…`).
    pub name: Text<'a>,
    /// Always `macro`.
    pub resource_type: Text<'a>,
    /// Its package.
    pub package_name: Text<'a>,
    /// The file, from the package's root.
    pub path: Text<'a>,
    /// The file, from the package's root.
    pub original_file_path: Text<'a>,
    /// `macro.<package>.<name>`.
    pub unique_id: Text<'a>,
    /// The whole block.
    pub macro_sql: Text<'a>,
    /// Macros it calls.
    pub depends_on: MacroDependsOn<'a>,
    /// Markdown.
    #[serde(deserialize_with = "super::null_as_default")]
    pub description: Text<'a>,
    /// What the author keeps with it.
    pub meta: JsonMap<'a>,
    /// How it is shown.
    pub docs: DocsConfig<'a>,
    /// Its configuration.
    pub config: MacroConfig<'a>,
    /// The property file that describes it.
    pub patch_path: Option<Text<'a>>,
    /// Described arguments.
    pub arguments: Vec<MacroArgument<'a>>,
    /// Seconds since 1970, UTC.
    pub created_at: f64,
    /// The languages of a materialization.
    pub supported_languages: Option<Vec<Text<'a>>>,
}

/// What can be configured for a macro.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MacroConfig<'a> {
    /// What the author keeps with it.
    pub meta: JsonMap<'a>,
    /// How it is shown.
    pub docs: DocsConfig<'a>,
}

/// A described argument.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MacroArgument<'a> {
    /// The name.
    pub name: Text<'a>,
    /// The type, in the words of the author.
    #[serde(rename = "type")]
    pub argument_type: Option<Text<'a>>,
    /// Markdown.
    #[serde(deserialize_with = "super::null_as_default")]
    pub description: Text<'a>,
}

/// A `{% docs %}` block.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DocsBlock<'a> {
    /// The name.
    pub name: Text<'a>,
    /// Always `doc`.
    pub resource_type: Text<'a>,
    /// Its package.
    pub package_name: Text<'a>,
    /// The file, from the resource folder.
    pub path: Text<'a>,
    /// The file, from the package's root.
    pub original_file_path: Text<'a>,
    /// `doc.<package>.<name>`.
    pub unique_id: Text<'a>,
    /// Markdown.
    pub block_contents: Text<'a>,
}
