//! What a query gives back.

/// One value of a result.
#[derive(Debug, Clone, PartialEq)]
pub enum Datum {
    /// Null.
    Null,
    /// True or false.
    Boolean(bool),
    /// A whole number.
    Integer(i128),
    /// A decimal number as the warehouse prints it, such as `1.50`.
    Decimal(String),
    /// A floating-point number.
    Float(f64),
    /// Text.
    Text(String),
    /// A day, `2023-12-01`.
    Date(String),
    /// A time of day, `13:00:00.5`.
    Time(String),
    /// A moment without zone, `2023-12-01T13:00:00.5`.
    Timestamp(String),
    /// A moment with its offset, `2023-12-01T13:00:00.5+00:00`.
    TimestampWithZone(String),
    /// A span of time as the warehouse prints it.
    Interval(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A list, struct or map, as JSON.
    Nested(serde_json::Value),
}

/// A result: columns, and values by row.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rows {
    /// The names of the columns; they need not differ.
    pub columns: Vec<String>,
    /// The data types of the columns as the warehouse names them, as many as there are columns.
    pub types: Vec<String>,
    /// The rows, each as long as `columns`.
    pub rows: Vec<Vec<Datum>>,
}
