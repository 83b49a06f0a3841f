//! The names of the columns that a query gives, and their types where the query shows them.

use crate::SqlDialect;
use crate::lineage::{OpenStar, Schema, open_stars, resolve};

/// The columns that a query gives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutputColumns {
    /// The columns that are known, in order.
    pub columns: Vec<NamedColumn>,
    /// The stars over relations whose columns are not known; when there is one, `columns` is a part.
    pub stars: Vec<OpenStar>,
}

/// One column that a query gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedColumn {
    /// The name, as in [`OutputColumn`](crate::OutputColumn).
    pub name: String,
    /// The type of a cast as the query writes it, or of a literal, a condition or a count in the standard's words;
    /// `None` when the query does not show it.
    pub data_type: Option<String>,
}

/// The columns that a query gives; `None` as for [`column_lineage`](crate::column_lineage).
pub fn output_columns(
    sql: &str,
    dialect: SqlDialect,
    schema: &dyn Schema,
) -> Option<OutputColumns> {
    let (relation, origins) = resolve(sql, dialect, schema)?;
    let stars = open_stars(&relation, &origins);
    let columns = relation.columns.iter().map(|column| NamedColumn {
        name: column.name.to_string(),
        data_type: column.value.data_type.as_deref().map(str::to_owned),
    });
    Some(OutputColumns { columns: columns.collect(), stars })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NoSchema;

    fn described(adapter: &str, sql: &str) -> String {
        let output = output_columns(sql, SqlDialect::of_adapter(adapter), &NoSchema).unwrap();
        let columns = output.columns.iter().map(|column| match &column.data_type {
            Some(data_type) => format!("{}: {data_type}", column.name),
            None => column.name.clone(),
        });
        columns.collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn names_follow_the_dialect_and_types_the_casts() {
        let cases = [
            (
                "duckdb",
                "select a::int as x, 'b' as y, 1.5 as z, true t",
                "x: INT; y: varchar; z: decimal; t: boolean",
            ),
            ("duckdb", "select a + 1, t.b from t", "a + 1; b"),
            (
                "postgres",
                "select a::text, lower(b), 1 + 1, count(*), case when a then b end from t",
                "a: TEXT; lower; ?column?; count: bigint; case",
            ),
            ("bigquery", "select 1, a, 2 + a, s.f from t", "f0_: integer; a; f1_; f"),
            ("trino", "select a, lower(a) from t", "a; _col1"),
            (
                "duckdb",
                "with c as (select cast(a as date) as d from t) select d as e, -1 as m from c",
                "e: DATE; m: integer",
            ),
            ("postgres", "select a::int as x from t union all select b::int from u", "x: INT"),
            ("postgres", "select a::int as x from t union all select b from u", "x"),
            ("postgres", "values (1, 'a'), (2, 'b')", "column1: integer; column2: varchar"),
            (
                "duckdb",
                "select count(*) over () as n, a > 1 as c, a is null as d from t",
                "n: bigint; c: boolean; d: boolean",
            ),
            ("unheard_of", "select date '2020-01-01' as d", "d: DATE"),
        ];
        for (adapter, sql, expected) in cases {
            assert_eq!(described(adapter, sql), expected, "{adapter}: {sql}");
        }
    }

    #[test]
    fn sql_that_is_not_understood_gives_nothing() {
        assert_eq!(output_columns("select (", SqlDialect::of_adapter("trino"), &NoSchema), None);
    }
}
