//! Groups: who answers for which models.

use serde::{Deserialize, Serialize};

use super::{JsonMap, Owner, Text};

/// A group.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Group<'a> {
    /// The name.
    pub name: Text<'a>,
    /// Always `group`.
    pub resource_type: Text<'a>,
    /// Its package.
    pub package_name: Text<'a>,
    /// The file, from the resource folder.
    pub path: Text<'a>,
    /// The file, from the package's root.
    pub original_file_path: Text<'a>,
    /// `group.<package>.<name>`.
    pub unique_id: Text<'a>,
    /// Who answers for it.
    pub owner: Owner<'a>,
    /// Markdown.
    pub description: Option<Text<'a>>,
    /// `meta`, and whatever else applies to its folder.
    pub config: JsonMap<'a>,
}
