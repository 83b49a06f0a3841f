//! How PostgreSQL writes names, types and literals; mirrors dbt-postgres' relation and column classes.

use adapter_interface::{
    Capabilities, Column, ColumnClass, Datum, Dialect, Overloads, RelationKind, SeedType,
    hexadecimal,
};

/// What PostgreSQL can do.
const CAPABILITIES: Capabilities = Capabilities {
    has_transactions: true,
    begins_by_itself: true,
    streams_seeds: true,
    folds_to_upper_case: false,
    ignores_case: false,
    longest_identifier: Some(63),
    has_concurrent_writers: true,
    has_concurrent_table_writers: true,
    has_concurrent_batches: false,
    cascades_drops: true,
    estimates_bytes: false,
    has_catalog_in_schema: false,
    statement_failure: "Database Error",
    overloads: Overloads::OneByOne,
    runs_python_models: false,
    incremental_strategies: &["append", "delete+insert", "merge", "microbatch", "session_window"],
    // dbt's macro `get_incremental_default_sql` of dbt-postgres: delete and insert with a unique key, append without.
    default_incremental_strategy: "default",
    behaviour_flags: &[("postgres_skip_autocommit_transaction_statements", true)],
    checks_keys: false,
    key_aliases: &[("dbname", "database")],
};

/// PostgreSQL's way to write SQL.
#[derive(Debug, Clone, Copy, Default)]
pub struct PostgresDialect;

impl Dialect for PostgresDialect {
    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    fn can_be_renamed(&self, kind: RelationKind) -> bool {
        matches!(kind, RelationKind::Table | RelationKind::View)
    }

    fn can_be_replaced(&self, kind: RelationKind) -> bool {
        matches!(kind, RelationKind::Table | RelationKind::View)
    }

    fn classify(&self, data_type: &str) -> ColumnClass {
        match data_type.to_ascii_lowercase().as_str() {
            "text" | "character varying" | "character" | "varchar" => ColumnClass::Text,
            "smallint" | "integer" | "bigint" | "smallserial" | "serial" | "bigserial" | "int2"
            | "int4" | "int8" | "serial2" | "serial4" | "serial8" => ColumnClass::Integer,
            "numeric" | "decimal" => ColumnClass::Numeric,
            "real" | "float4" | "float" | "double precision" | "float8" | "double" => {
                ColumnClass::Float
            }
            _ => ColumnClass::Other,
        }
    }

    /// As dbt's `PostgresColumn.data_type`: text without a limit stays without one.
    fn data_type(&self, column: &Column) -> String {
        let name = column.data_type.to_ascii_lowercase();
        if name == "text" || (name == "character varying" && column.character_size.is_none()) {
            return column.data_type.clone();
        }
        match self.classify(&column.data_type) {
            ColumnClass::Text => self.string_type(column.character_size.unwrap_or(256)),
            ColumnClass::Numeric => match (column.numeric_precision, column.numeric_scale) {
                (Some(precision), Some(scale)) => {
                    format!("{}({precision},{scale})", column.data_type)
                }
                _ => column.data_type.clone(),
            },
            _ => column.data_type.clone(),
        }
    }

    /// As `TYPE_LABELS` of dbt's `Column`.
    fn translate_type(&self, data_type: &str) -> String {
        if data_type.eq_ignore_ascii_case("string") {
            "TEXT".to_owned()
        } else {
            data_type.to_owned()
        }
    }

    fn seed_type(&self, seed_type: SeedType) -> &'static str {
        match seed_type {
            SeedType::Text => "text",
            SeedType::Integer => "integer",
            SeedType::Number => "float8",
            SeedType::Boolean => "boolean",
            SeedType::Date => "date",
            SeedType::Timestamp => "timestamp without time zone",
            SeedType::Time => "time",
        }
    }

    fn literal(&self, value: &Datum) -> String {
        match value {
            Datum::Null => "null".to_owned(),
            Datum::Boolean(truth) => truth.to_string(),
            Datum::Integer(number) => number.to_string(),
            Datum::Decimal(number)
                if number.starts_with(|first: char| first.is_ascii_alphabetic()) =>
            {
                format!("'{}'::numeric", self.escape(number))
            }
            Datum::Decimal(number) => number.clone(),
            Datum::Float(number) if number.is_finite() => format!("{number:?}"),
            Datum::Float(number) => format!("'{number}'::float8"),
            Datum::Text(text)
            | Datum::Date(text)
            | Datum::Time(text)
            | Datum::Timestamp(text)
            | Datum::TimestampWithZone(text)
            | Datum::Interval(text) => format!("'{}'", self.escape(text)),
            Datum::Nested(value) => format!("'{}'", self.escape(&value.to_string())),
            Datum::Bytes(bytes) => format!("'\\x{}'::bytea", hexadecimal(bytes)),
        }
    }
}

#[cfg(test)]
mod tests {
    use adapter_interface::{Quoting, Relation};

    use super::*;

    #[test]
    fn limited_references_have_an_alias() {
        let mut relation = Relation::new(Some("shop"), Some("main"), Some("orders"), Quoting::ALL);
        relation.row_limit = Some(0);
        assert_eq!(
            PostgresDialect.render(&relation),
            r#"(select * from "shop"."main"."orders" where false limit 0) _dbt_limit_subq_orders"#
        );
    }

    #[test]
    fn text_keeps_its_size_or_its_lack_of_one() {
        let mut column = Column::new("name", "character varying");
        assert_eq!(PostgresDialect.data_type(&column), "character varying");
        column.character_size = Some(20);
        assert_eq!(PostgresDialect.data_type(&column), "character varying(20)");
        column.data_type = "text".to_owned();
        assert_eq!(PostgresDialect.data_type(&column), "text");
        column.data_type = "character".to_owned();
        assert_eq!(PostgresDialect.data_type(&column), "character varying(20)");
    }

    #[test]
    fn numbers_keep_their_precision() {
        let mut column = Column::new("price", "numeric");
        (column.numeric_precision, column.numeric_scale) = (Some(10), Some(2));
        assert_eq!(PostgresDialect.data_type(&column), "numeric(10,2)");
        assert_eq!(PostgresDialect.data_type(&Column::new("price", "numeric")), "numeric");
    }

    #[test]
    fn literals_keep_their_value() {
        let cases = [
            (Datum::Float(1.0), "1.0"),
            (Datum::Float(f64::INFINITY), "'inf'::float8"),
            (Datum::Decimal("NaN".to_owned()), "'NaN'::numeric"),
            (Datum::Text("it's".to_owned()), "'it''s'"),
            (Datum::Bytes(vec![1, 0xAB]), r"'\x01ab'::bytea"),
        ];
        for (value, literal) in cases {
            assert_eq!(PostgresDialect.literal(&value), literal);
        }
    }
}
