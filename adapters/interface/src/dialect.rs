//! How a warehouse writes things; pure.

use std::fmt::Debug;

use indexmap::IndexMap;
use serde_json::Value;

use crate::capabilities::Capabilities;
use crate::column::{Column, ColumnClass, ColumnDefinition};
use crate::error::WarehouseError;
use crate::hexadecimal;
use crate::own_method::{MacroValue, MethodCall};
use crate::relation::{Quoting, Relation, RelationKind};
use crate::rows::Datum;

/// The type that a seed's column is found to have, before the warehouse's word for it is known.
///
/// Mirrors the types that agate infers for dbt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SeedType {
    /// Text.
    Text,
    /// Whole numbers.
    Integer,
    /// Numbers with a point.
    Number,
    /// True or false.
    Boolean,
    /// Days.
    Date,
    /// Moments.
    Timestamp,
    /// Times of day.
    Time,
}

/// A source as a project describes it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SourceDescription {
    /// The name of the table in the project.
    pub name: String,
    /// Its name in the warehouse.
    pub identifier: String,
    /// The schema.
    pub schema: String,
    /// The database.
    pub database: Option<String>,
    /// The columns that are described, with their types where they have one.
    pub columns: Vec<(String, Option<String>)>,
    /// What `meta` and `config` say, the latter before the former.
    pub properties: IndexMap<String, Value>,
}

/// How a warehouse writes names, types and literals. Pure: no connection.
pub trait Dialect: Send + Sync + Debug {
    /// What the warehouse can do.
    fn capabilities(&self) -> &Capabilities;

    /// What to quote when nobody says; dbt's default quote policy of the adapter.
    fn default_quoting(&self) -> Quoting {
        Quoting::ALL
    }

    /// A name, quoted.
    fn quote(&self, name: &str) -> String {
        format!("\"{}\"", name.replace('"', "\"\""))
    }

    /// A relation as it stands in SQL, without its limit and filter.
    fn render_name(&self, relation: &Relation) -> String {
        if let Some(stand_in) = &relation.stand_in {
            return stand_in.clone();
        }
        let parts = [
            (&relation.database, relation.include.database, relation.quoting.database),
            (&relation.schema, relation.include.schema, relation.quoting.schema),
            (&relation.identifier, relation.include.identifier, relation.quoting.identifier),
        ];
        let shown = parts.into_iter().filter_map(|(part, is_shown, is_quoted)| {
            let part = part.as_deref().filter(|_| is_shown)?;
            Some(if is_quoted { self.quote(part) } else { part.to_owned() })
        });
        shown.collect::<Vec<_>>().join(".")
    }

    /// Whether a limited or filtered reference needs an alias; dbt's `require_alias` of the adapter's relation.
    fn requires_alias(&self) -> bool {
        true
    }

    /// A relation as a reference to it stands in SQL: its name, or a limited or filtered query of it.
    fn render(&self, relation: &Relation) -> String {
        let name = self.render_name(relation);
        if relation.row_limit.is_none() && relation.filter.is_none() {
            return name;
        }
        let alias = match (&relation.identifier, relation.requires_alias && self.requires_alias()) {
            (Some(identifier), true) if relation.row_limit.is_some() => {
                format!(" _dbt_limit_subq_{identifier}")
            }
            (Some(identifier), true) => format!(" _dbt_et_filter_subq_{identifier}"),
            _ => String::new(),
        };
        match (relation.row_limit, &relation.filter) {
            (Some(0), _) => format!("(select * from {name} where false limit 0){alias}"),
            (Some(limit), None) => format!("(select * from {name} limit {limit}){alias}"),
            (Some(limit), Some(filter)) => {
                format!("(select * from {name} where {filter} limit {limit}){alias}")
            }
            (None, Some(filter)) => format!("(select * from {name} where {filter}){alias}"),
            (None, None) => name,
        }
    }

    /// The condition that keeps the rows of a span of time, for batches and samples. The times are in UTC, such as
    /// `2024-09-17 16:00:00+00:00`; dbt's `_render_event_time_filtered`.
    fn render_time_filter(&self, column: &str, start: &str, end: &str) -> String {
        format!("{column} >= '{start}' and {column} < '{end}'")
    }

    /// What a data type is, roughly; decides `is_string`, `is_numeric` and the like of a column.
    fn classify(&self, data_type: &str) -> ColumnClass {
        match data_type.to_ascii_lowercase().as_str() {
            "text" | "character varying" | "character" | "varchar" | "char" | "string" => {
                ColumnClass::Text
            }
            "smallint" | "integer" | "bigint" | "smallserial" | "serial" | "bigserial" | "int"
            | "int2" | "int4" | "int8" | "int64" | "serial2" | "serial4" | "serial8"
            | "tinyint" | "hugeint" => ColumnClass::Integer,
            "numeric" | "decimal" => ColumnClass::Numeric,
            "real" | "float4" | "float" | "double precision" | "float8" | "double" | "float64" => {
                ColumnClass::Float
            }
            _ => ColumnClass::Other,
        }
    }

    /// The full type of a column, with its size or precision, as DDL takes it.
    fn data_type(&self, column: &Column) -> String {
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

    /// The type of text of a size, in characters.
    fn string_type(&self, size: u64) -> String {
        format!("character varying({size})")
    }

    /// How many characters a text column takes; dbt's `Column.string_size`, which says 256 where there is no limit.
    fn text_size(&self, column: &Column) -> u64 {
        column.character_size.unwrap_or(256)
    }

    /// A column of a name and a type with its size, as the warehouse prints both, such as `numeric(10,2)`; dbt's
    /// `Column.from_description`.
    fn column_from_description(&self, name: &str, data_type: &str) -> Column {
        let Some((word, rest)) = data_type.split_once('(') else {
            return Column::new(name, data_type);
        };
        let (sizes, suffix) = rest.split_once(')').unwrap_or((rest, ""));
        let mut column = Column::new(name, format!("{word}{suffix}"));
        let sizes: Vec<Option<u64>> =
            sizes.split(',').map(|size| size.trim().parse().ok()).collect();
        match sizes.as_slice() {
            [size] => column.character_size = *size,
            [precision, scale] => {
                (column.numeric_precision, column.numeric_scale) = (*precision, *scale);
            }
            _ => {}
        }
        column
    }

    /// The warehouse's word for a type that dbt's macros name in common words; dbt's `Column.translate_type`.
    fn translate_type(&self, data_type: &str) -> String {
        match data_type.to_ascii_uppercase().as_str() {
            "STRING" => "TEXT".to_owned(),
            _ => data_type.to_owned(),
        }
    }

    /// The type of a seed's column.
    fn seed_type(&self, seed_type: SeedType) -> &'static str;

    /// A value as a literal in SQL.
    fn literal(&self, value: &Datum) -> String {
        match value {
            Datum::Null => "null".to_owned(),
            Datum::Boolean(truth) => truth.to_string(),
            Datum::Integer(number) => number.to_string(),
            Datum::Float(number) => number.to_string(),
            Datum::Decimal(number) => number.clone(),
            Datum::Text(text)
            | Datum::Date(text)
            | Datum::Time(text)
            | Datum::Timestamp(text)
            | Datum::TimestampWithZone(text)
            | Datum::Interval(text) => format!("'{}'", self.escape(text)),
            Datum::Nested(value) => format!("'{}'", self.escape(&value.to_string())),
            Datum::Bytes(bytes) => format!("'\\x{}'", hexadecimal(bytes)),
        }
    }

    /// The name of the relation that a foreign key leads to, as DDL takes it.
    fn foreign_key_target(&self, relation_name: &str) -> String {
        relation_name.to_owned()
    }

    /// Whether the warehouse keeps rows out that break a constraint of a kind, such as `not_null`.
    fn enforces_constraint(&self, _kind: &str) -> bool {
        true
    }

    /// What stands in SQL for a source whose rows are in no table of the warehouse, by what the project says of it;
    /// `None` where they are in the table of its name. An error says what is wrong with the project's words.
    fn source_location(&self, _source: &SourceDescription) -> Result<Option<String>, String> {
        Ok(None)
    }

    /// Whether an error says that a relation does not exist, where asking for the columns of such a relation is no error.
    fn is_missing_relation(&self, _error: &WarehouseError) -> bool {
        false
    }

    /// The answer to a question that only macros of this adapter ask, such as `adapter.is_motherduck()`.
    fn answer(&self, _question: &str) -> Option<serde_json::Value> {
        None
    }

    /// A constraint of a kind, such as `primary_key`, as DDL takes it; nothing where the warehouse has no such thing.
    fn constraint(&self, _kind: &str, sql: String) -> Option<String> {
        Some(sql)
    }

    /// The columns of a contract as DDL takes them, each with its type and its constraints.
    fn column_definitions(&self, columns: &[ColumnDefinition]) -> Vec<String> {
        let definition = |column: &ColumnDefinition| {
            let name =
                if column.is_quoted { self.quote(&column.name) } else { column.name.clone() };
            let data_type = column.data_type.as_deref().unwrap_or_default();
            let words = std::iter::once(format!("{name} {data_type}"));
            words.chain(column.constraints.iter().cloned()).collect::<Vec<_>>().join(" ")
        };
        columns.iter().map(definition).collect()
    }

    /// The methods of `adapter` that only this adapter has and that need no connection; `Relation.name` and
    /// `Column.name` are those of dbt's classes, `relation.name` those of each relation. They go before the methods that
    /// all adapters have.
    fn own_methods(&self) -> &'static [&'static str] {
        &[]
    }

    /// The methods of `adapter` that only this adapter has and that ask the warehouse: those of its connection.
    fn own_connection_methods(&self) -> &'static [&'static str] {
        &[]
    }

    /// One of [`Self::own_methods`].
    fn call_method(&self, _call: &MethodCall<'_>) -> Option<Result<MacroValue, WarehouseError>> {
        None
    }

    /// The relation by which a view of the information schema is named; the view may be said later.
    fn information_schema(&self, relation: &Relation, view: Option<&str>) -> Relation {
        let quoting = Quoting { schema: false, identifier: false, ..relation.quoting };
        let mut schema =
            Relation::new(relation.database.as_deref(), Some("INFORMATION_SCHEMA"), view, quoting);
        schema.include.database = relation.database.is_some();
        schema
    }

    /// Whether a relation of a kind can be renamed; dbt's `renameable_relations`.
    fn can_be_renamed(&self, _kind: RelationKind) -> bool {
        false
    }

    /// Whether one statement can replace a relation of a kind; dbt's `replaceable_relations`.
    fn can_be_replaced(&self, _kind: RelationKind) -> bool {
        false
    }

    /// A value as a literal of a column's type; dbt's `Column.literal`.
    fn typed_literal(&self, value: &str, column: &Column) -> String {
        format!("{value}::{}", self.data_type(column))
    }

    /// Text made fit to stand between single quotes.
    fn escape(&self, text: &str) -> String {
        text.replace('\'', "''")
    }
}
