//! Column lineage of one compiled query: which columns of which relations each output column comes from.
//!
//! The query is resolved from the inside out: every CTE, subquery and relation becomes a
//! [`relation::Relation`] whose columns already name their origin, so that each part is looked at once.
//! Only values count: what a filter or a join condition reads is no source of a column, but its relations are
//! among those the query reads.

use crate::SqlDialect;
use crate::parse::parse_query;

use origins::Origins;
use relation::{Relation, Value};
use resolver::Resolver;

mod expression;
mod expression_type;
mod naming;
mod origins;
mod pipe;
mod query;
mod relation;
mod resolver;
mod scope;
mod select;
mod star;
mod table;

/// Where the output columns of a query come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueryLineage {
    /// The output columns that are known, in order.
    pub columns: Vec<OutputColumn>,
    /// The stars over relations whose columns are not known; when there is one, `columns` is a part.
    pub stars: Vec<OpenStar>,
    /// The relations that the query reads anywhere, in the order in which they are met; CTEs are not among them.
    pub relations: Vec<Vec<String>>,
}

/// One output column and its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputColumn {
    /// The name as written; of a column without one, what the warehouse calls it as far as that is known.
    pub name: String,
    /// Columns of relations (never of CTEs) its value is made of, each once, in the order in which they are met.
    /// A name that may stand for columns of several relations gives all of them.
    pub sources: Vec<ColumnSource>,
    /// What happened to the value on the way.
    pub transformation: Transformation,
}

/// A column of a relation that a query reads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ColumnSource {
    /// The parts of the relation's name, as written, without quotes.
    pub relation: Vec<String>,
    /// The column's name, as the schema or else the query writes it.
    pub column: String,
}

/// What happened to a value between its source and the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transformation {
    /// Nothing; it even keeps its name (in any case of letters).
    Identity,
    /// It has another name, and is else the same.
    Renamed,
    /// It is computed.
    Derived,
}

/// A `*` over something whose columns are not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenStar {
    /// The relation as in [`ColumnSource`]; empty when the star is over a table function.
    pub relation: Vec<String>,
    /// Columns that are not part of it, in lower case.
    pub excluded: Vec<String>,
    /// How many of the known columns stand before it.
    pub position: usize,
}

/// What is known of the relations of a warehouse.
pub trait Schema {
    /// The columns of a relation in order, by the parts of its name as a query writes them; `None` when unknown.
    fn columns(&self, relation: &[String]) -> Option<Vec<String>>;
}

impl<F: Fn(&[String]) -> Option<Vec<String>>> Schema for F {
    fn columns(&self, relation: &[String]) -> Option<Vec<String>> {
        self(relation)
    }
}

/// A schema that knows nothing.
#[derive(Debug, Clone, Copy)]
pub struct NoSchema;

impl Schema for NoSchema {
    fn columns(&self, _relation: &[String]) -> Option<Vec<String>> {
        None
    }
}

/// The lineage of the output columns of a query.
///
/// Of several statements, the last one that holds a query counts. `None` when the parser does not know the SQL
/// or the query is beyond the limits that keep time and memory in bounds.
pub fn column_lineage(sql: &str, dialect: SqlDialect, schema: &dyn Schema) -> Option<QueryLineage> {
    let (relation, origins) = resolve(sql, dialect, schema)?;
    let columns = relation
        .columns
        .iter()
        .map(|column| {
            let sources: Vec<ColumnSource> =
                column.value.sources.iter().filter_map(|&id| origins.source(id)).collect();
            let transformation = transformation(&column.name, &column.value, &sources);
            OutputColumn { name: column.name.to_string(), sources, transformation }
        })
        .collect();
    let stars = open_stars(&relation, &origins);
    Some(QueryLineage { columns, stars, relations: origins.into_relations() })
}

/// The relations that a query reads, in the order in which they are met; `None` as for [`column_lineage`].
pub fn relations_read(sql: &str, dialect: SqlDialect) -> Option<Vec<Vec<String>>> {
    let (_, origins) = resolve(sql, dialect, &NoSchema)?;
    Some(origins.into_relations())
}

/// The output of a query as a relation.
pub(crate) fn resolve(
    sql: &str,
    dialect: SqlDialect,
    schema: &dyn Schema,
) -> Option<(Relation, Origins)> {
    let query = parse_query(sql, dialect)?;
    Resolver::resolve(&query, dialect, schema)
}

/// The open stars of a resolved output.
pub(crate) fn open_stars(relation: &Relation, origins: &Origins) -> Vec<OpenStar> {
    let stars = relation.stars.iter().map(|star| OpenStar {
        relation: star.relation.map(|id| origins.relation(id).to_vec()).unwrap_or_default(),
        excluded: star.excluded.iter().map(ToString::to_string).collect(),
        position: star.position,
    });
    stars.collect()
}

fn transformation(name: &str, value: &Value, sources: &[ColumnSource]) -> Transformation {
    if !value.is_direct || sources.is_empty() {
        Transformation::Derived
    } else if sources.iter().all(|source| source.column.eq_ignore_ascii_case(name)) {
        Transformation::Identity
    } else {
        Transformation::Renamed
    }
}

#[cfg(test)]
mod tests;
