//! What Trino and Athena have in common: the SQL of Presto, from which both come.

mod inserts;

pub use inserts::{InsertLimits, InsertedColumns, insert_seed, seed_text};

use crate::column::Column;
use crate::hexadecimal;
use crate::rows::Datum;

/// A value as a literal, by the grammar of Trino's `primaryExpression`.
pub fn literal(value: &Datum) -> String {
    match value {
        Datum::Null => "null".to_owned(),
        Datum::Boolean(truth) => truth.to_string(),
        Datum::Integer(number) => number.to_string(),
        Datum::Decimal(number) => number.clone(),
        Datum::Float(number) if number.is_nan() => "nan()".to_owned(),
        Datum::Float(number) if number.is_infinite() => {
            if *number < 0.0 { "-infinity()" } else { "infinity()" }.to_owned()
        }
        Datum::Float(number) => format!("{number:e}"),
        Datum::Text(text) | Datum::Interval(text) => format!("'{}'", escape(text)),
        Datum::Date(text) => format!("date '{}'", escape(text)),
        Datum::Time(text) => format!("time '{}'", escape(text)),
        Datum::Timestamp(text) | Datum::TimestampWithZone(text) => {
            format!("timestamp '{}'", escape(&text.replacen('T', " ", 1)))
        }
        Datum::Nested(value) => format!("json '{}'", escape(&value.to_string())),
        Datum::Bytes(bytes) => format!("X'{}'", hexadecimal(bytes).to_ascii_uppercase()),
    }
}

fn escape(text: &str) -> String {
    text.replace('\'', "''")
}

/// A column of a name and a type, which is `base` without what stands in brackets. As in dbt-trino's
/// `TrinoColumn.from_description`, sizes are taken apart for texts and decimals only.
pub fn column(name: &str, type_name: &str, base: &str) -> Column {
    let is_sized = matches!(base, "varchar" | "char" | "decimal");
    let Some((_, sizes)) = type_name.split_once('(').filter(|_| is_sized) else {
        return Column::new(name, type_name);
    };
    let sizes: Vec<u64> = sizes
        .trim_end_matches(')')
        .split(',')
        .filter_map(|size| size.trim().parse().ok())
        .collect();
    let mut column = Column::new(name, base);
    match sizes.as_slice() {
        [size] if column.data_type != "decimal" => column.character_size = Some(*size),
        [precision] => {
            (column.numeric_precision, column.numeric_scale) = (Some(*precision), Some(0));
        }
        [precision, scale] => {
            (column.numeric_precision, column.numeric_scale) = (Some(*precision), Some(*scale));
        }
        _ => {}
    }
    column
}
