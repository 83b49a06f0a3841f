//! The kinds of things in a project.

use std::fmt;

/// The kind of a node or another named thing; the words are dbt's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum ResourceType {
    Model,
    Analysis,
    Test,
    Snapshot,
    Operation,
    Seed,
    SqlOperation,
    Source,
    Macro,
    Documentation,
    Exposure,
    Metric,
    Group,
    SavedQuery,
    SemanticModel,
    UnitTest,
    Fixture,
    Function,
}

impl ResourceType {
    /// All kinds.
    pub const ALL: &'static [Self] = &[
        Self::Model,
        Self::Analysis,
        Self::Test,
        Self::Snapshot,
        Self::Operation,
        Self::Seed,
        Self::SqlOperation,
        Self::Source,
        Self::Macro,
        Self::Documentation,
        Self::Exposure,
        Self::Metric,
        Self::Group,
        Self::SavedQuery,
        Self::SemanticModel,
        Self::UnitTest,
        Self::Fixture,
        Self::Function,
    ];

    /// dbt's word, as in unique ids and `resource_type:`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Analysis => "analysis",
            Self::Test => "test",
            Self::Snapshot => "snapshot",
            Self::Operation => "operation",
            Self::Seed => "seed",
            Self::SqlOperation => "sql_operation",
            Self::Source => "source",
            Self::Macro => "macro",
            Self::Documentation => "doc",
            Self::Exposure => "exposure",
            Self::Metric => "metric",
            Self::Group => "group",
            Self::SavedQuery => "saved_query",
            Self::SemanticModel => "semantic_model",
            Self::UnitTest => "unit_test",
            Self::Fixture => "fixture",
            Self::Function => "function",
        }
    }

    /// The kind of dbt's word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == word)
    }

    /// The key of the project file that configures the kind, such as `models`.
    pub fn config_key(self) -> Option<&'static str> {
        Some(match self {
            Self::Model => "models",
            Self::Analysis => "analyses",
            Self::Test => "data_tests",
            Self::Snapshot => "snapshots",
            Self::Seed => "seeds",
            Self::Source => "sources",
            Self::Exposure => "exposures",
            Self::Metric => "metrics",
            Self::SavedQuery => "saved-queries",
            Self::SemanticModel => "semantic-models",
            Self::UnitTest => "unit_tests",
            Self::Function => "functions",
            _ => return None,
        })
    }
}

impl fmt::Display for ResourceType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
