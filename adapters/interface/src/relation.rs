//! Tables and views by name.

use std::fmt;

/// What a relation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RelationKind {
    /// A table.
    Table,
    /// A view.
    View,
    /// A common table expression: an ephemeral model inside a query.
    Cte,
    /// A materialized view.
    MaterializedView,
    /// A table whose data stands outside of the warehouse.
    External,
    /// A view that points to the latest version of a model.
    PointerTable,
    /// A user-defined function.
    Function,
}

impl RelationKind {
    /// dbt's word for it, as in `relation.type`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::View => "view",
            Self::Cte => "cte",
            Self::MaterializedView => "materialized_view",
            Self::External => "external",
            Self::PointerTable => "pointer_table",
            Self::Function => "function",
        }
    }

    /// The kind of dbt's word, in any case; also the words of `information_schema`.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word.to_ascii_lowercase().as_str() {
            "table" | "base table" | "local temporary" => Self::Table,
            "view" => Self::View,
            "cte" => Self::Cte,
            "materialized_view" | "materialized view" | "materializedview" => {
                Self::MaterializedView
            }
            "external" => Self::External,
            "pointer_table" => Self::PointerTable,
            "function" => Self::Function,
            _ => return None,
        })
    }
}

impl fmt::Display for RelationKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A choice for each part of a relation's name: whether it is quoted, or whether it is shown at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Quoting {
    /// For the database.
    pub database: bool,
    /// For the schema.
    pub schema: bool,
    /// For the identifier.
    pub identifier: bool,
}

impl Quoting {
    /// Yes for each part.
    pub const ALL: Self = Self { database: true, schema: true, identifier: true };
}

/// A table or view by name, as macros handle it.
///
/// Mirrors dbt's `BaseRelation`: a name of up to three parts, with what to quote and what to show.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Relation {
    /// The database, catalog or project.
    pub database: Option<String>,
    /// The schema or dataset.
    pub schema: Option<String>,
    /// The table's or view's own name.
    pub identifier: Option<String>,
    /// What it is, when known.
    pub kind: Option<RelationKind>,
    /// Which parts are quoted.
    pub quoting: Quoting,
    /// Which parts are shown.
    pub include: Quoting,
    /// `--empty` (0) limits the rows that a reference to this relation gives.
    pub row_limit: Option<u64>,
    /// A condition that a reference to this relation applies (microbatch, sample), as SQL.
    pub filter: Option<String>,
    /// What stands in SQL in place of the name, such as a file that the warehouse reads as if it were a table.
    pub stand_in: Option<String>,
    /// An alias follows a limited or filtered reference where the dialect needs one (dbt's `require_alias`).
    pub requires_alias: bool,
    /// The region of the warehouse, where that is part of the name of what describes it.
    pub location: Option<String>,
}

impl Relation {
    /// A relation of three parts, all shown, quoted as told.
    pub fn new(
        database: Option<&str>,
        schema: Option<&str>,
        identifier: Option<&str>,
        quoting: Quoting,
    ) -> Self {
        Self {
            database: database.map(str::to_owned),
            schema: schema.map(str::to_owned),
            identifier: identifier.map(str::to_owned),
            kind: None,
            quoting,
            include: Quoting::ALL,
            row_limit: None,
            filter: None,
            stand_in: None,
            requires_alias: true,
            location: None,
        }
    }

    /// The same name as another kind.
    #[must_use]
    pub fn with_kind(mut self, kind: RelationKind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// The same database and schema with another identifier.
    #[must_use]
    pub fn with_identifier(mut self, identifier: &str) -> Self {
        self.identifier = Some(identifier.to_owned());
        self
    }

    /// The same relation without its identifier: its schema.
    #[must_use]
    pub fn without_identifier(mut self) -> Self {
        self.include.identifier = false;
        self
    }
}
