//! Columns of relations.

/// A column, as macros handle it; mirrors dbt's `Column`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The name as the warehouse has it.
    pub name: String,
    /// The data type as the warehouse names it, such as `character varying` or `DECIMAL(18,3)`.
    pub data_type: String,
    /// The longest text, in characters, for types with such a limit.
    pub character_size: Option<u64>,
    /// The precision of numbers, in digits.
    pub numeric_precision: Option<u64>,
    /// The scale of numbers, in digits after the point.
    pub numeric_scale: Option<u64>,
    /// Whether null is kept out, when known.
    pub is_nullable: Option<bool>,
    /// The columns inside a nested type.
    pub fields: Vec<Column>,
    /// `NULLABLE`, `REQUIRED` or `REPEATED` where the warehouse has such modes; empty elsewhere.
    pub mode: String,
}

impl Column {
    /// A column of a type without further facts.
    pub fn new(name: impl Into<String>, data_type: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            data_type: data_type.into(),
            character_size: None,
            numeric_precision: None,
            numeric_scale: None,
            is_nullable: None,
            fields: Vec::new(),
            mode: String::new(),
        }
    }
}

/// A column of a contract, as the user described it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ColumnDefinition {
    /// The name, with dots where it is that of a field inside a column.
    pub name: String,
    /// Whether the name is written in quotes.
    pub is_quoted: bool,
    /// The data type; nothing where the user gave none.
    pub data_type: Option<String>,
    /// The constraints as DDL.
    pub constraints: Vec<String>,
}

/// What a data type is, roughly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnClass {
    /// Text.
    Text,
    /// Whole numbers.
    Integer,
    /// Decimal numbers of fixed precision.
    Numeric,
    /// Floating-point numbers.
    Float,
    /// Anything else.
    Other,
}
