//! How Trino writes names, types and literals; mirrors dbt-trino's relation and column classes.

use adapter_interface::{
    Capabilities, Column, ColumnClass, Datum, Dialect, Overloads, SeedType, WarehouseError, presto,
};

use crate::types;

/// What Trino can do.
const CAPABILITIES: Capabilities = Capabilities {
    // Connectors commit each statement by itself.
    has_transactions: false,
    begins_by_itself: false,
    streams_seeds: false,
    folds_to_upper_case: false,
    // Names are in lower case, quoted or not.
    ignores_case: true,
    longest_identifier: None,
    has_concurrent_writers: true,
    has_concurrent_table_writers: false,
    has_concurrent_batches: true,
    cascades_drops: false,
    estimates_bytes: false,
    has_catalog_in_schema: false,
    statement_failure: "Database Error",
    overloads: Overloads::OneByOne,
    runs_python_models: false,
    incremental_strategies: &["append", "delete+insert", "merge", "microbatch", "session_window"],
    // dbt's macro `get_incremental_default_sql`, which a project can override: append.
    default_incremental_strategy: "default",
    behaviour_flags: &[("require_certificate_validation", false)],
    checks_keys: false,
    key_aliases: &[("catalog", "database")],
};

/// The longest text that a `varchar` with a size may have, which is that of one without.
const UNBOUNDED: u64 = 2_147_483_646;

/// Trino's way to write SQL.
#[derive(Debug, Clone, Copy, Default)]
pub struct TrinoDialect;

impl Dialect for TrinoDialect {
    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    fn requires_alias(&self) -> bool {
        false
    }

    /// No text becomes a time by itself.
    fn render_time_filter(&self, column: &str, start: &str, end: &str) -> String {
        format!("{column} >= timestamp '{start}' and {column} < timestamp '{end}'")
    }

    fn classify(&self, data_type: &str) -> ColumnClass {
        match types::base(data_type).as_str() {
            "varchar" | "char" => ColumnClass::Text,
            "tinyint" | "smallint" | "integer" | "int" | "bigint" => ColumnClass::Integer,
            "decimal" => ColumnClass::Numeric,
            "real" | "double" | "double precision" => ColumnClass::Float,
            _ => ColumnClass::Other,
        }
    }

    /// As dbt's `TrinoColumn.data_type`: text without a limit stays without one.
    fn data_type(&self, column: &Column) -> String {
        match (column.character_size, column.numeric_precision, column.numeric_scale) {
            (Some(size), ..) if self.classify(&column.data_type) == ColumnClass::Text => {
                if column.data_type.eq_ignore_ascii_case("char") {
                    format!("char({size})")
                } else {
                    self.string_type(size)
                }
            }
            (_, Some(precision), Some(scale))
                if self.classify(&column.data_type) == ColumnClass::Numeric =>
            {
                format!("{}({precision},{scale})", column.data_type)
            }
            _ => column.data_type.clone(),
        }
    }

    fn string_type(&self, size: u64) -> String {
        if size >= UNBOUNDED { "varchar".to_owned() } else { format!("varchar({size})") }
    }

    fn text_size(&self, column: &Column) -> u64 {
        column.character_size.unwrap_or(UNBOUNDED)
    }

    fn column_from_description(&self, name: &str, data_type: &str) -> Column {
        types::column(name, data_type)
    }

    /// As `TYPE_LABELS` of dbt's `TrinoColumn`.
    fn translate_type(&self, data_type: &str) -> String {
        match data_type.to_ascii_uppercase().as_str() {
            "STRING" => "VARCHAR".to_owned(),
            "FLOAT" => "DOUBLE".to_owned(),
            _ => data_type.to_owned(),
        }
    }

    fn seed_type(&self, seed_type: SeedType) -> &'static str {
        match seed_type {
            SeedType::Text => "varchar",
            SeedType::Integer => "integer",
            SeedType::Number => "double",
            SeedType::Boolean => "boolean",
            SeedType::Date => "date",
            SeedType::Timestamp => "timestamp",
            SeedType::Time => "time",
        }
    }

    fn literal(&self, value: &Datum) -> String {
        presto::literal(value)
    }

    fn enforces_constraint(&self, kind: &str) -> bool {
        kind == "not_null"
    }

    /// Connectors know which columns may not be null, and nothing else.
    fn constraint(&self, kind: &str, sql: String) -> Option<String> {
        matches!(kind, "not_null" | "custom").then_some(sql)
    }

    /// dbt-trino gives no columns for a relation that does not exist.
    fn is_missing_relation(&self, error: &WarehouseError) -> bool {
        error.message.contains("does not exist")
    }
}

#[cfg(test)]
mod tests {
    use adapter_interface::{Quoting, Relation};

    use super::*;

    #[test]
    fn limited_references_have_no_alias() {
        let mut relation = Relation::new(Some("iceberg"), Some("s"), Some("t"), Quoting::ALL);
        relation.row_limit = Some(0);
        assert_eq!(
            TrinoDialect.render(&relation),
            r#"(select * from "iceberg"."s"."t" where false limit 0)"#
        );
    }

    #[test]
    fn types_keep_their_sizes() {
        for name in
            ["varchar", "varchar(20)", "char(3)", "decimal(10,2)", "timestamp(6)", "row(a bigint)"]
        {
            let column = TrinoDialect.column_from_description("c", name);
            assert_eq!(TrinoDialect.data_type(&column), name);
        }
        assert_eq!(TrinoDialect.string_type(UNBOUNDED), "varchar");
    }

    #[test]
    fn literals_keep_their_value() {
        let cases = [
            (Datum::Float(1.0), "1e0"),
            (Datum::Float(-0.25), "-2.5e-1"),
            (Datum::Float(f64::NEG_INFINITY), "-infinity()"),
            (Datum::Text("it's".to_owned()), "'it''s'"),
            (Datum::Date("2023-12-01".to_owned()), "date '2023-12-01'"),
            (
                Datum::TimestampWithZone("2023-12-01T13:00:00+00:00".to_owned()),
                "timestamp '2023-12-01 13:00:00+00:00'",
            ),
            (Datum::Bytes(vec![1, 0xAB]), "X'01AB'"),
        ];
        for (value, literal) in cases {
            assert_eq!(TrinoDialect.literal(&value), literal);
        }
    }
}
