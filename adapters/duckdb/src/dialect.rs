//! How DuckDB writes names, types and literals; mirrors dbt-duckdb's relation and column classes.

use adapter_interface::{
    Capabilities, ColumnClass, Datum, Dialect, Overloads, SeedType, SourceDescription,
    WarehouseError,
};

/// What DuckDB can do.
const CAPABILITIES: Capabilities = Capabilities {
    has_transactions: true,
    begins_by_itself: false,
    streams_seeds: false,
    folds_to_upper_case: false,
    ignores_case: true,
    longest_identifier: None,
    has_concurrent_writers: true,
    has_concurrent_table_writers: false,
    has_concurrent_batches: true,
    cascades_drops: false,
    estimates_bytes: false,
    has_catalog_in_schema: false,
    statement_failure: "Runtime Error",
    overloads: Overloads::Together,
    runs_python_models: true,
    incremental_strategies: &["append", "delete+insert", "merge", "microbatch", "session_window"],
    // dbt's macro `get_incremental_default_sql` of dbt-duckdb: delete and insert with a unique key, append without.
    default_incremental_strategy: "default",
    behaviour_flags: &[],
    checks_keys: false,
    key_aliases: &[],
};

/// DuckDB's way to write SQL.
#[derive(Debug, Clone, Copy, Default)]
pub struct DuckDbDialect;

impl Dialect for DuckDbDialect {
    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    fn requires_alias(&self) -> bool {
        false
    }

    fn classify(&self, data_type: &str) -> ColumnClass {
        match data_type.to_ascii_lowercase().as_str() {
            "text" | "character varying" | "character" | "varchar" => ColumnClass::Text,
            "tinyint" | "smallint" | "integer" | "bigint" | "hugeint" | "utinyint"
            | "usmallint" | "uinteger" | "ubigint" | "int1" | "int2" | "int4" | "int8"
            | "short" | "int" | "signed" | "long" => ColumnClass::Integer,
            "numeric" | "decimal" => ColumnClass::Numeric,
            "real" | "float" | "float4" | "float8" | "double" => ColumnClass::Float,
            _ => ColumnClass::Other,
        }
    }

    /// dbt-duckdb gives no columns for a relation that does not exist.
    fn is_missing_relation(&self, error: &WarehouseError) -> bool {
        error.message.starts_with("Catalog Error") && error.message.contains("does not exist")
    }

    /// DuckDB takes no foreign key target with a database, not even with its own.
    fn foreign_key_target(&self, relation_name: &str) -> String {
        let mut is_quoted = false;
        let dots: Vec<usize> = relation_name
            .char_indices()
            .filter_map(|(at, character)| {
                is_quoted ^= character == '"';
                (character == '.' && !is_quoted).then_some(at)
            })
            .collect();
        let start = if dots.len() > 1 { dots[dots.len() - 2] + 1 } else { 0 };
        relation_name.get(start..).unwrap_or(relation_name).to_owned()
    }

    fn source_location(&self, source: &SourceDescription) -> Result<Option<String>, String> {
        crate::source_location::of(source)
    }

    fn own_connection_methods(&self) -> &'static [&'static str] {
        &["restore_file_after_failure"]
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
            Datum::Decimal(number) => number.clone(),
            Datum::Float(number) if number.is_finite() => format!("{number:?}"),
            Datum::Float(number) => format!("'{number}'::double"),
            Datum::Text(text)
            | Datum::Date(text)
            | Datum::Time(text)
            | Datum::Timestamp(text)
            | Datum::TimestampWithZone(text)
            | Datum::Interval(text) => format!("'{}'", self.escape(text)),
            Datum::Nested(value) => format!("'{}'", self.escape(&value.to_string())),
            Datum::Bytes(bytes) => {
                use std::fmt::Write as _;
                bytes.iter().fold("'".to_owned(), |mut text, byte| {
                    let _ = write!(text, "\\x{byte:02X}");
                    text
                }) + "'::blob"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use adapter_interface::{Quoting, Relation};

    use super::*;

    #[test]
    fn limited_references_have_no_alias() {
        let mut relation = Relation::new(Some("shop"), Some("main"), Some("orders"), Quoting::ALL);
        relation.row_limit = Some(0);
        assert_eq!(
            DuckDbDialect.render(&relation),
            r#"(select * from "shop"."main"."orders" where false limit 0)"#
        );
    }

    #[test]
    fn foreign_keys_lead_to_a_schema_and_a_table() {
        for (name, target) in
            [(r#""a.b"."main"."t""#, r#""main"."t""#), ("main.t", "main.t"), ("t", "t")]
        {
            assert_eq!(DuckDbDialect.foreign_key_target(name), target);
        }
    }

    #[test]
    fn literals_keep_their_value() {
        let cases = [
            (Datum::Float(1.0), "1.0"),
            (Datum::Float(f64::INFINITY), "'inf'::double"),
            (Datum::Text("it's".to_owned()), "'it''s'"),
            (Datum::Bytes(vec![1, 0xAB]), r"'\x01\xAB'::blob"),
        ];
        for (value, literal) in cases {
            assert_eq!(DuckDbDialect.literal(&value), literal);
        }
    }
}
