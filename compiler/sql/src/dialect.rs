//! Which SQL an adapter speaks, as data: the parser's dialect, how texts and names are quoted, how columns
//! without a name are called.

use sqlparser::dialect::{
    BigQueryDialect, ClickHouseDialect, DatabricksDialect, Dialect, DuckDbDialect, GenericDialect,
    HiveDialect, MsSqlDialect, MySqlDialect, OracleDialect, PostgreSqlDialect, RedshiftSqlDialect,
    SQLiteDialect, SnowflakeDialect, SparkSqlDialect, TeradataDialect,
};

use crate::lexeme::LexicalRules;

/// The SQL of one family of warehouses; a small value to copy around.
#[derive(Debug, Clone, Copy)]
pub struct SqlDialect {
    row: &'static Row,
}

/// What the crate knows of one dialect.
#[derive(Debug)]
struct Row {
    /// The name of the dialect.
    name: &'static str,
    /// The adapter types that speak it.
    adapters: &'static [&'static str],
    parser: &'static (dyn Dialect + Sync),
    lexical: LexicalRules,
    names: NameRules,
}

/// How a dialect treats names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NameRules {
    /// What a column without a name and an alias is called.
    pub(crate) unnamed: UnnamedColumn,
    /// The names of the columns of `VALUES`, without the number, and the first number.
    pub(crate) values: (&'static str, usize),
    /// Whether a column's alias can be used by the columns after it in the same `SELECT`.
    pub(crate) reuses_aliases: bool,
    /// Whether `FROM t, t.items` goes through the array `items` of `t`.
    pub(crate) unnests_paths: bool,
    /// Whether unquoted names of relations are the same in upper and in lower case.
    pub(crate) folds_case: bool,
}

/// What a warehouse calls a column without a name.
#[derive(Debug, Clone, Copy)]
pub(crate) enum UnnamedColumn {
    /// By the outermost function or the column that is cast, as Postgres does; else `?column?`.
    ByFunction,
    /// By the text of the expression.
    ByText,
    /// By its place, counted from 0, after this prefix.
    Placed(&'static str),
    /// By the first free number, from 0, between this prefix and suffix.
    Numbered(&'static str, &'static str),
}

const TEXT: NameRules = NameRules {
    unnamed: UnnamedColumn::ByText,
    values: ("column", 1),
    reuses_aliases: true,
    unnests_paths: false,
    folds_case: true,
};
const POSTGRES: NameRules =
    NameRules { unnamed: UnnamedColumn::ByFunction, reuses_aliases: false, ..TEXT };
const ANSI: LexicalRules = LexicalRules::ANSI;
const MYSQL_TEXTS: LexicalRules = LexicalRules {
    backslash_escapes: true,
    double_quotes_are_text: true,
    hash_comments: true,
    ..ANSI
};
const SPARK_TEXTS: LexicalRules = LexicalRules { hash_comments: false, ..MYSQL_TEXTS };
const POSTGRES_TEXTS: LexicalRules =
    LexicalRules { nested_comments: true, dollar_quotes: true, ..ANSI };

/// The dialect of an adapter that is not in the list.
static GENERIC: Row = Row {
    name: "generic",
    adapters: &[],
    parser: &GenericDialect,
    lexical: ANSI,
    names: NameRules { folds_case: false, ..TEXT },
};

static ROWS: &[Row] = &[
    Row {
        name: "duckdb",
        adapters: &["duckdb", "motherduck"],
        parser: &DuckDbDialect {},
        lexical: POSTGRES_TEXTS,
        names: NameRules { values: ("col", 0), ..TEXT },
    },
    Row {
        name: "postgres",
        adapters: &[
            "postgres",
            "postgresql",
            "alloydb",
            "cockroachdb",
            "greenplum",
            "materialize",
            "risingwave",
            "timescaledb",
            "vertica",
        ],
        parser: &PostgreSqlDialect {},
        lexical: POSTGRES_TEXTS,
        names: POSTGRES,
    },
    Row {
        name: "redshift",
        adapters: &["redshift"],
        parser: &RedshiftSqlDialect {},
        lexical: POSTGRES_TEXTS,
        names: NameRules { reuses_aliases: true, unnests_paths: true, ..POSTGRES },
    },
    Row {
        name: "bigquery",
        adapters: &["bigquery"],
        parser: &BigQueryDialect,
        lexical: LexicalRules { triple_quotes: true, ..MYSQL_TEXTS },
        names: NameRules {
            unnamed: UnnamedColumn::Numbered("f", "_"),
            reuses_aliases: false,
            unnests_paths: true,
            folds_case: false,
            ..TEXT
        },
    },
    Row {
        name: "trino",
        adapters: &["trino", "athena", "presto", "starburst"],
        parser: &GenericDialect,
        lexical: ANSI,
        names: NameRules {
            unnamed: UnnamedColumn::Placed("_col"),
            values: ("_col", 0),
            reuses_aliases: false,
            ..TEXT
        },
    },
    Row {
        name: "snowflake",
        adapters: &["snowflake"],
        parser: &SnowflakeDialect,
        lexical: LexicalRules { backslash_escapes: true, dollar_quotes: true, ..ANSI },
        names: TEXT,
    },
    Row {
        name: "databricks",
        adapters: &["databricks"],
        parser: &DatabricksDialect {},
        lexical: SPARK_TEXTS,
        names: NameRules { values: ("col", 1), ..TEXT },
    },
    Row {
        name: "spark",
        adapters: &["spark", "fabricspark", "glue"],
        parser: &SparkSqlDialect {},
        lexical: SPARK_TEXTS,
        names: NameRules { values: ("col", 1), ..TEXT },
    },
    Row {
        name: "hive",
        adapters: &["hive", "impala"],
        parser: &HiveDialect {},
        lexical: SPARK_TEXTS,
        names: TEXT,
    },
    Row {
        name: "clickhouse",
        adapters: &["clickhouse"],
        parser: &ClickHouseDialect {},
        lexical: LexicalRules { backslash_escapes: true, hash_comments: true, ..ANSI },
        names: NameRules { folds_case: false, ..TEXT },
    },
    Row {
        name: "mssql",
        adapters: &["sqlserver", "mssql", "fabric", "synapse"],
        parser: &MsSqlDialect {},
        lexical: LexicalRules { bracket_names: true, nested_comments: true, ..ANSI },
        names: NameRules { reuses_aliases: false, folds_case: false, ..TEXT },
    },
    Row {
        name: "mysql",
        adapters: &["mysql", "mariadb", "mysql5", "tidb", "doris", "starrocks", "singlestore"],
        parser: &MySqlDialect {},
        lexical: MYSQL_TEXTS,
        names: NameRules { reuses_aliases: false, folds_case: false, ..TEXT },
    },
    Row {
        name: "sqlite",
        adapters: &["sqlite"],
        parser: &SQLiteDialect {},
        lexical: ANSI,
        names: NameRules { reuses_aliases: false, ..TEXT },
    },
    Row {
        name: "oracle",
        adapters: &["oracle"],
        parser: &OracleDialect {},
        lexical: ANSI,
        names: NameRules { reuses_aliases: false, ..TEXT },
    },
    Row {
        name: "teradata",
        adapters: &["teradata"],
        parser: &TeradataDialect {},
        lexical: ANSI,
        names: TEXT,
    },
];

impl SqlDialect {
    /// The dialect of an adapter, by the word of a profile's `type`; unknown adapters get a permissive one.
    pub fn of_adapter(adapter_type: &str) -> Self {
        let row = ROWS
            .iter()
            .find(|row| row.adapters.iter().any(|name| name.eq_ignore_ascii_case(adapter_type)));
        Self { row: row.unwrap_or(&GENERIC) }
    }

    /// The dialect's name, such as `postgres` for the adapter `alloydb`; `generic` for an unknown adapter.
    pub fn name(self) -> &'static str {
        self.row.name
    }

    pub(crate) fn parser(self) -> &'static dyn Dialect {
        self.row.parser
    }

    pub(crate) fn lexical(self) -> LexicalRules {
        self.row.lexical
    }

    pub(crate) fn names(self) -> NameRules {
        self.row.names
    }
}

impl PartialEq for SqlDialect {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for SqlDialect {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_adapter_has_the_dialect_of_its_family() {
        let cases = [
            ("duckdb", "duckdb"),
            ("Postgres", "postgres"),
            ("alloydb", "postgres"),
            ("athena", "trino"),
            ("fabric", "mssql"),
            ("unheard_of", "generic"),
            ("", "generic"),
        ];
        for (adapter, name) in cases {
            assert_eq!(SqlDialect::of_adapter(adapter).name(), name, "{adapter}");
        }
    }

    #[test]
    fn no_adapter_is_listed_twice() {
        let mut all: Vec<_> = ROWS.iter().flat_map(|row| row.adapters).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
