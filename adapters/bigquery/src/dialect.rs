//! How BigQuery writes names, types and literals; mirrors dbt-bigquery's relation and column classes.

use adapter_interface::{
    Capabilities, Column, ColumnClass, ColumnDefinition, Datum, Dialect, MacroValue, MethodCall,
    Overloads, Quoting, Relation, RelationKind, SeedType, WarehouseError,
};

use crate::partition::Partition;
use crate::{materialized_view, nested, options};

/// What BigQuery can do.
const CAPABILITIES: Capabilities = Capabilities {
    has_transactions: false,
    begins_by_itself: false,
    streams_seeds: false,
    folds_to_upper_case: false,
    ignores_case: false,
    longest_identifier: Some(1024),
    has_concurrent_writers: true,
    has_concurrent_table_writers: false,
    has_concurrent_batches: true,
    cascades_drops: false,
    estimates_bytes: true,
    has_catalog_in_schema: true,
    statement_failure: "Database Error",
    overloads: Overloads::None,
    runs_python_models: false,
    incremental_strategies: &["merge", "insert_overwrite", "microbatch", "session_window"],
    default_incremental_strategy: "merge",
    behaviour_flags: &[
        ("bigquery_use_batch_source_freshness", false),
        ("bigquery_noop_alter_relation_comment", false),
        ("bigquery_reject_wildcard_metadata_source_freshness", false),
        ("bigquery_use_standard_sql_for_partitions", true),
    ],
    checks_keys: true,
    key_aliases: &[
        ("project", "database"),
        ("dataset", "schema"),
        ("target_project", "target_database"),
        ("target_dataset", "target_schema"),
        ("retries", "job_retries"),
        ("timeout_seconds", "job_execution_timeout_seconds"),
        ("dataproc_region", "compute_region"),
    ],
};

/// BigQuery's way to write SQL.
#[derive(Debug, Clone, Copy, Default)]
pub struct BigQueryDialect;

/// The methods that need no connection.
const OWN_METHODS: &[&str] = &[
    "date_function",
    "get_common_options",
    "get_table_options",
    "get_view_options",
    "nest_column_data_types",
    "add_time_ingestion_partition_column",
    "parse_partition_by",
    "string_add_sql",
    "timestamp_add_sql",
    "Column.get_struct_select_expression",
    "Column.numeric_type",
    "Relation.materialized_view_config_changeset",
    "Relation.materialized_view_from_relation_config",
];

impl Dialect for BigQueryDialect {
    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    fn quote(&self, name: &str) -> String {
        format!("`{}`", name.replace('\\', "\\\\").replace('`', "\\`"))
    }

    fn requires_alias(&self) -> bool {
        false
    }

    /// A text is compared with any kind of time by way of a TIMESTAMP, as in dbt-bigquery.
    fn render_time_filter(&self, column: &str, start: &str, end: &str) -> String {
        format!(
            "cast({column} as timestamp) >= '{start}' and cast({column} as timestamp) < '{end}'"
        )
    }

    fn classify(&self, data_type: &str) -> ColumnClass {
        match data_type.to_ascii_lowercase().as_str() {
            "string" => ColumnClass::Text,
            "int64" => ColumnClass::Integer,
            "numeric" => ColumnClass::Numeric,
            "float64" => ColumnClass::Float,
            _ => ColumnClass::Other,
        }
    }

    /// As `BigQueryColumn.data_type`: records are structs of their fields, repeated ones lists.
    fn data_type(&self, column: &Column) -> String {
        let is_record = column.data_type.eq_ignore_ascii_case("record")
            || column.data_type.eq_ignore_ascii_case("struct");
        let plain = if is_record {
            let field =
                |field: &Column| format!("{} {}", self.quote(&field.name), self.data_type(field));
            let fields: Vec<String> = column.fields.iter().map(field).collect();
            format!("STRUCT<{}>", fields.join(", "))
        } else {
            column.data_type.clone()
        };
        if column.mode.eq_ignore_ascii_case("repeated") { format!("ARRAY<{plain}>") } else { plain }
    }

    fn string_type(&self, _size: u64) -> String {
        "string".to_owned()
    }

    fn translate_type(&self, data_type: &str) -> String {
        match data_type.to_ascii_uppercase().as_str() {
            "TEXT" => "STRING".to_owned(),
            "FLOAT" => "FLOAT64".to_owned(),
            "INTEGER" => "INT64".to_owned(),
            _ => data_type.to_owned(),
        }
    }

    fn seed_type(&self, seed_type: SeedType) -> &'static str {
        match seed_type {
            SeedType::Text => "string",
            SeedType::Integer => "int64",
            SeedType::Number => "float64",
            SeedType::Boolean => "bool",
            SeedType::Date => "date",
            SeedType::Timestamp => "datetime",
            SeedType::Time => "time",
        }
    }

    fn literal(&self, value: &Datum) -> String {
        let text = |text: &str| format!("'{}'", self.escape(text));
        match value {
            Datum::Null => "null".to_owned(),
            Datum::Boolean(truth) => truth.to_string(),
            Datum::Integer(number) => number.to_string(),
            Datum::Float(number) if number.is_finite() => format!("{number:?}"),
            Datum::Float(number) => format!("cast('{number}' as float64)"),
            Datum::Decimal(number) => format!("numeric {}", text(number)),
            Datum::Text(value) => text(value),
            Datum::Date(value) => format!("date {}", text(value)),
            Datum::Time(value) => format!("time {}", text(value)),
            Datum::Timestamp(value) => format!("datetime {}", text(value)),
            Datum::TimestampWithZone(value) => format!("timestamp {}", text(value)),
            Datum::Interval(value) => format!("cast({} as interval)", text(value)),
            Datum::Nested(value) => format!("json {}", text(&value.to_string())),
            Datum::Bytes(bytes) => {
                use std::fmt::Write as _;
                bytes.iter().fold("b'".to_owned(), |mut text, byte| {
                    let _ = write!(text, "\\x{byte:02x}");
                    text
                }) + "'"
            }
        }
    }

    fn typed_literal(&self, value: &str, column: &Column) -> String {
        format!("cast({value} as {})", column.data_type)
    }

    fn escape(&self, text: &str) -> String {
        text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n").replace('\r', "\\r")
    }

    /// As `BigQueryInformationSchema`: most views stand in the dataset, some in the region, a few in the project.
    fn information_schema(&self, relation: &Relation, view: Option<&str>) -> Relation {
        let upper = view.map(str::to_ascii_uppercase);
        let is_of_region = matches!(upper.as_deref(), Some("OBJECT_PRIVILEGES" | "TABLE_STORAGE"));
        let region = relation.location.as_deref().filter(|_| is_of_region);
        let region = region.map(|location| format!("region-{}", location.to_lowercase()));
        let is_of_project =
            matches!(upper.as_deref(), Some("SCHEMATA" | "SCHEMATA_OPTIONS")) || region.is_some();
        let identifier = match view {
            Some(view) if upper.as_deref() == Some("__TABLES__") => view.to_owned(),
            Some(view) => format!("INFORMATION_SCHEMA.{view}"),
            None => "INFORMATION_SCHEMA".to_owned(),
        };
        let schema = if is_of_project { region } else { relation.schema.clone() };
        let mut named = Relation::new(
            relation.database.as_deref(),
            schema.as_deref(),
            Some(&identifier),
            Quoting { identifier: false, ..Quoting::ALL },
        );
        // Without a view the dataset is kept for the view that is still to be named, and left out of the name.
        named.include.schema = schema.is_some() && view.is_some();
        named.location.clone_from(&relation.location);
        named
    }

    fn can_be_renamed(&self, kind: RelationKind) -> bool {
        kind == RelationKind::Table
    }

    fn can_be_replaced(&self, kind: RelationKind) -> bool {
        matches!(kind, RelationKind::Table | RelationKind::View)
    }

    /// As `CONSTRAINT_SUPPORT` of dbt-bigquery: keys are only noted.
    fn enforces_constraint(&self, kind: &str) -> bool {
        kind == "not_null"
    }

    /// As `CONSTRAINT_SUPPORT`: keys are only noted, checks and uniqueness are unknown.
    fn constraint(&self, kind: &str, sql: String) -> Option<String> {
        match kind {
            "check" | "unique" => None,
            "primary_key" | "foreign_key" => Some(format!("{sql} not enforced")),
            _ => Some(sql),
        }
    }

    fn column_definitions(&self, columns: &[ColumnDefinition]) -> Vec<String> {
        nested::definitions(columns, |name| self.quote(name))
    }

    fn own_methods(&self) -> &'static [&'static str] {
        OWN_METHODS
    }

    fn own_connection_methods(&self) -> &'static [&'static str] {
        crate::methods::NAMES
    }

    fn call_method(&self, call: &MethodCall<'_>) -> Option<Result<MacroValue, WarehouseError>> {
        Some(match call.name {
            "date_function" => Ok(MacroValue::from("CURRENT_TIMESTAMP()")),
            "parse_partition_by" => parse_partition_by(call),
            "add_time_ingestion_partition_column" => Ok(with_partition_column(call)),
            "nest_column_data_types" => nest(call),
            "get_common_options" => options::common(call),
            "get_table_options" => options::table(call),
            "get_view_options" => options::view(call),
            "string_add_sql" => string_add_sql(call),
            "timestamp_add_sql" => timestamp_add_sql(call),
            "Column.get_struct_select_expression" => struct_selection(call),
            "Column.numeric_type" => call.text(0, "dtype").map(MacroValue::from),
            "Relation.materialized_view_from_relation_config" => {
                materialized_view::configured(call)
            }
            "Relation.materialized_view_config_changeset" => materialized_view::changes(call),
            _ => return None,
        })
    }
}

fn parse_partition_by(call: &MethodCall<'_>) -> Result<MacroValue, WarehouseError> {
    let partition = Partition::parse(call.argument(0, "raw_partition_by"))?;
    Ok(partition
        .map_or(MacroValue::Null, |partition| MacroValue::Object(std::sync::Arc::new(partition))))
}

/// The columns with the one by which an ingestion-time table is told where its rows go.
fn with_partition_column(call: &MethodCall<'_>) -> MacroValue {
    let mut columns = call.columns(1, "columns");
    let data_type = match call.argument(0, "partition_by") {
        Some(MacroValue::Object(object)) => object.attribute("data_type"),
        _ => None,
    };
    let data_type = data_type.as_ref().and_then(MacroValue::as_text).unwrap_or("timestamp");
    let mut column = Column::new("_PARTITIONTIME", data_type);
    "NULLABLE".clone_into(&mut column.mode);
    columns.push(column);
    MacroValue::List(columns.into_iter().map(MacroValue::Column).collect())
}

fn nest(call: &MethodCall<'_>) -> Result<MacroValue, WarehouseError> {
    Ok(nested::nest(&call.map(0, "columns")?, &call.map(1, "constraints")?))
}

fn struct_selection(call: &MethodCall<'_>) -> Result<MacroValue, WarehouseError> {
    let column = call.text(0, "column_name")?;
    let data_type = call.optional_text(1, "data_type").unwrap_or_default();
    Ok(MacroValue::from(nested::struct_selection(column, data_type)))
}

fn string_add_sql(call: &MethodCall<'_>) -> Result<MacroValue, WarehouseError> {
    let (add_to, value) = (call.text(0, "add_to")?, call.text(1, "value")?);
    Ok(MacroValue::from(match call.optional_text(2, "location").unwrap_or("append") {
        "prepend" => format!("concat('{value}', {add_to})"),
        _ => format!("concat({add_to}, '{value}')"),
    }))
}

fn timestamp_add_sql(call: &MethodCall<'_>) -> Result<MacroValue, WarehouseError> {
    let add_to = call.text(0, "add_to")?;
    let number = match call.argument(1, "number") {
        Some(MacroValue::Integer(number)) => *number,
        _ => 1,
    };
    let interval = call.optional_text(2, "interval").unwrap_or("hour");
    Ok(MacroValue::from(format!("timestamp_add({add_to}, interval {number} {interval})")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relation() -> Relation {
        Relation::new(Some("shop"), Some("main"), Some("orders"), Quoting::ALL)
    }

    #[test]
    fn names_stand_in_backticks() {
        assert_eq!(BigQueryDialect.render(&relation()), "`shop`.`main`.`orders`");
    }

    #[test]
    fn views_of_the_information_schema_stand_where_they_are() {
        let mut relation = relation();
        relation.location = Some("EU".to_owned());
        for (view, name) in [
            (Some("COLUMNS"), "`shop`.`main`.INFORMATION_SCHEMA.COLUMNS"),
            (Some("__TABLES__"), "`shop`.`main`.__TABLES__"),
            (Some("SCHEMATA"), "`shop`.INFORMATION_SCHEMA.SCHEMATA"),
            (Some("OBJECT_PRIVILEGES"), "`shop`.`region-eu`.INFORMATION_SCHEMA.OBJECT_PRIVILEGES"),
            (None, "`shop`.INFORMATION_SCHEMA"),
        ] {
            let named = BigQueryDialect.information_schema(&relation, view);
            assert_eq!(BigQueryDialect.render(&named), name);
        }
    }

    #[test]
    fn constraints_are_enforced_or_noted_or_unknown() {
        let written = |kind: &str| BigQueryDialect.constraint(kind, kind.to_owned());
        for (kind, sql, is_enforced) in [
            ("not_null", Some("not_null"), true),
            ("primary_key", Some("primary_key not enforced"), false),
            ("foreign_key", Some("foreign_key not enforced"), false),
            ("check", None, false),
            ("unique", None, false),
        ] {
            assert_eq!(written(kind).as_deref(), sql);
            assert_eq!(BigQueryDialect.enforces_constraint(kind), is_enforced, "{kind}");
        }
    }

    #[test]
    fn nested_columns_have_nested_types() {
        let mut lines = Column::new("lines", "RECORD");
        "REPEATED".clone_into(&mut lines.mode);
        lines.fields = vec![Column::new("sku", "STRING"), Column::new("count", "INT64")];
        assert_eq!(BigQueryDialect.data_type(&lines), "ARRAY<STRUCT<`sku` STRING, `count` INT64>>");
    }

    #[test]
    fn literals_keep_their_value() {
        for (value, literal) in [
            (Datum::Text("it's\n\\".to_owned()), r"'it\'s\n\\'"),
            (Datum::Bytes(vec![1, 0xAB]), r"b'\x01\xab'"),
            (Datum::Float(f64::NAN), "cast('NaN' as float64)"),
        ] {
            assert_eq!(BigQueryDialect.literal(&value), literal);
        }
    }
}
