//! How Athena writes names, types and literals; mirrors dbt-athena's relation and column classes.

use adapter_interface::{
    Capabilities, Column, ColumnClass, Datum, Dialect, MacroValue, MethodCall, Overloads, Relation,
    SeedType, WarehouseError, presto,
};

use crate::{methods, types};

/// What Athena can do.
const CAPABILITIES: Capabilities = Capabilities {
    // Each statement is kept when it is done.
    has_transactions: false,
    begins_by_itself: false,
    streams_seeds: false,
    folds_to_upper_case: false,
    // Names are in lower case, quoted or not.
    ignores_case: true,
    longest_identifier: Some(255),
    has_concurrent_writers: true,
    has_concurrent_table_writers: false,
    has_concurrent_batches: false,
    cascades_drops: false,
    estimates_bytes: false,
    statement_failure: "Database Error",
    overloads: Overloads::None,
    runs_python_models: false,
    has_catalog_in_schema: true,
    incremental_strategies: &[
        "append",
        "insert_overwrite",
        "merge",
        "microbatch",
        "session_window",
    ],
    default_incremental_strategy: "insert_overwrite",
    behaviour_flags: &[],
    checks_keys: false,
    key_aliases: &[("catalog", "database")],
};

/// The longest text that a `varchar` with a size may have.
const UNBOUNDED: u64 = 2_147_483_646;

/// Athena's way to write SQL.
#[derive(Debug, Clone, Copy, Default)]
pub struct AthenaDialect;

impl Dialect for AthenaDialect {
    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    fn requires_alias(&self) -> bool {
        false
    }

    fn render_time_filter(&self, column: &str, start: &str, end: &str) -> String {
        format!(
            "cast({column} as timestamp) >= timestamp '{start}' and cast({column} as timestamp) < timestamp '{end}'"
        )
    }

    fn classify(&self, data_type: &str) -> ColumnClass {
        match types::base(data_type).as_str() {
            "varchar" | "string" | "char" | "character varying" => ColumnClass::Text,
            "tinyint" | "smallint" | "integer" | "int" | "bigint" => ColumnClass::Integer,
            "decimal" => ColumnClass::Numeric,
            "float" | "real" | "double" | "double precision" => ColumnClass::Float,
            _ => ColumnClass::Other,
        }
    }

    /// The type as queries spell it.
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
            _ => types::in_queries(&column.data_type),
        }
    }

    fn string_type(&self, size: u64) -> String {
        if size == 0 || size >= UNBOUNDED {
            "varchar".to_owned()
        } else {
            format!("varchar({size})")
        }
    }

    fn text_size(&self, column: &Column) -> u64 {
        column.character_size.unwrap_or(UNBOUNDED)
    }

    fn column_from_description(&self, name: &str, data_type: &str) -> Column {
        types::column(name, data_type)
    }

    /// As `TYPE_LABELS` of dbt's `AthenaColumn`.
    fn translate_type(&self, data_type: &str) -> String {
        match data_type.to_ascii_uppercase().as_str() {
            "STRING" | "TEXT" => "VARCHAR".to_owned(),
            _ => data_type.to_owned(),
        }
    }

    fn seed_type(&self, seed_type: SeedType) -> &'static str {
        match seed_type {
            SeedType::Text | SeedType::Time => "string",
            SeedType::Integer => "integer",
            SeedType::Number => "double",
            SeedType::Boolean => "boolean",
            SeedType::Date => "date",
            SeedType::Timestamp => "timestamp",
        }
    }

    fn literal(&self, value: &Datum) -> String {
        presto::literal(value)
    }

    /// There are no constraints.
    fn enforces_constraint(&self, _kind: &str) -> bool {
        false
    }

    fn constraint(&self, _kind: &str, _sql: String) -> Option<String> {
        None
    }

    /// dbt-athena gives no columns for a relation that does not exist.
    fn is_missing_relation(&self, error: &WarehouseError) -> bool {
        error.message.contains("does not exist")
    }

    fn own_methods(&self) -> &'static [&'static str] {
        methods::PURE
    }

    fn own_connection_methods(&self) -> &'static [&'static str] {
        methods::ASKING
    }

    fn call_method(&self, call: &MethodCall<'_>) -> Option<Result<MacroValue, WarehouseError>> {
        methods::pure(call)
    }
}

/// A relation as data definition of Hive names it: between backquotes, without its database.
pub(crate) fn hive_name(relation: &Relation) -> String {
    let quoted = |name: &str| format!("`{}`", name.replace('`', "``"));
    let parts = [
        relation.schema.as_deref().filter(|_| relation.include.schema),
        relation.identifier.as_deref().filter(|_| relation.include.identifier),
    ];
    parts.into_iter().flatten().map(quoted).collect::<Vec<_>>().join(".")
}

/// A relation as `optimize` and `vacuum` name it: without quotes.
pub(crate) fn bare_name(relation: &Relation) -> String {
    let parts = [
        relation.database.as_deref().filter(|_| relation.include.database),
        relation.schema.as_deref().filter(|_| relation.include.schema),
        relation.identifier.as_deref().filter(|_| relation.include.identifier),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use adapter_interface::Quoting;

    use super::*;

    #[test]
    fn names_are_quoted_as_the_statement_wants_them() {
        let relation = Relation::new(Some("awsdatacatalog"), Some("s"), Some("t"), Quoting::ALL);
        assert_eq!(AthenaDialect.render(&relation), r#""awsdatacatalog"."s"."t""#);
        assert_eq!(hive_name(&relation), "`s`.`t`");
        assert_eq!(hive_name(&relation.clone().without_identifier()), "`s`");
        assert_eq!(bare_name(&relation), "awsdatacatalog.s.t");
    }

    #[test]
    fn types_of_glue_become_types_of_queries() {
        let cases = [
            ("string", "varchar"),
            ("int", "integer"),
            ("decimal(10,2)", "decimal(10,2)"),
            ("array<string>", "array(varchar)"),
            ("timestamp(6)", "timestamp(6)"),
            ("varchar(20)", "varchar(20)"),
            ("binary", "varbinary"),
        ];
        for (glue, query) in cases {
            let column = AthenaDialect.column_from_description("c", glue);
            assert_eq!(AthenaDialect.data_type(&column), query);
        }
    }

    #[test]
    fn literals_keep_their_value() {
        let cases = [
            (Datum::Float(-0.25), "-2.5e-1"),
            (Datum::Text("it's".to_owned()), "'it''s'"),
            (Datum::Date("2023-12-01".to_owned()), "date '2023-12-01'"),
            (Datum::Timestamp("2023-12-01T13:00:00".to_owned()), "timestamp '2023-12-01 13:00:00'"),
            (Datum::Bytes(vec![1, 0xAB]), "X'01AB'"),
        ];
        for (value, literal) in cases {
            assert_eq!(AthenaDialect.literal(&value), literal);
        }
    }
}
