//! SQL comprehension; the only crate that knows the SQL parser.
//!
//! Every function here is pure and best effort: it takes the text of SQL and a [`SqlDialect`] and gives what it
//! understood. SQL that the parser does not know is no error of a run; the functions that need a parsed query
//! answer `None` then, the others work on lexemes and never fail.
//!
//! | question | function | needs a parse |
//! |---|---|---|
//! | Which dialect does an adapter speak? | [`SqlDialect::of_adapter`] | no |
//! | Where does each output column come from? | [`column_lineage`] | yes |
//! | Which relations does a query read? | [`relations_read`] | yes |
//! | Which columns, of which types, does a query give? | [`output_columns`] | yes |
//! | Which calls make a query non-repeatable? | [`unrepeatable_calls`] | no |
//! | Do two texts of SQL mean the same? | [`semantic_fingerprint`] | no |
//! | Where are the comments of a text? | [`comments`] | no |
//! | Which statements does a text hold? | [`statements`] | no |
//!
//! What a query knows of the relations it reads comes from a [`Schema`], which any closure
//! `Fn(&[String]) -> Option<Vec<String>>` is; [`NoSchema`] knows nothing. Without a schema, `select *` stays an
//! [`OpenStar`], and names are looked up behind it.
//!
//! ```
//! use quern_sql::{NoSchema, SqlDialect, Transformation, column_lineage};
//!
//! let sql = "with o as (select id, lower(state) as state from raw.orders) select id as order_id, state from o";
//! let lineage = column_lineage(sql, SqlDialect::of_adapter("duckdb"), &NoSchema).unwrap();
//! assert_eq!(lineage.columns[0].name, "order_id");
//! assert_eq!(lineage.columns[0].sources[0].relation, ["raw", "orders"]);
//! assert_eq!(lineage.columns[0].sources[0].column, "id");
//! assert_eq!(lineage.columns[0].transformation, Transformation::Renamed);
//! assert_eq!(lineage.columns[1].transformation, Transformation::Derived);
//! ```

pub use comments::comments;
pub use dialect::SqlDialect;
pub use fingerprint::semantic_fingerprint;
pub use lineage::{
    ColumnSource, NoSchema, OpenStar, OutputColumn, QueryLineage, Schema, Transformation,
    column_lineage, relations_read,
};
pub use output_columns::{NamedColumn, OutputColumns, output_columns};
pub use statements::{StatementText, statements};
pub use wall_clock::{UnrepeatableCall, UnrepeatableKind, unrepeatable_calls};

mod comments;
mod dialect;
mod fingerprint;
mod lexeme;
mod lineage;
mod output_columns;
mod parse;
mod statements;
mod wall_clock;
