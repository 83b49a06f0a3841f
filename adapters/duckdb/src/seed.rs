//! Loading a seed by DuckDB's appender, which takes a row in a microsecond where an `insert` takes many.

use adapter_interface::{Datum, SeedStream, WarehouseError, WarehouseErrorKind};
use duckdb::types::{ToSqlOutput, Value};
use duckdb::{Appender, Connection, ToSql};

use crate::error;

/// Appends all rows to the seed's table; the caller sees to the transaction.
pub(crate) fn append(
    connection: &Connection,
    seed: &mut SeedStream<'_>,
) -> Result<(), WarehouseError> {
    let mut appender =
        open(connection, seed).map_err(|failure| error::from_duckdb(&failure, ""))?;
    for (index, row) in (&mut *seed.rows).enumerate() {
        let row = row.map_err(|reason| WarehouseError::new(WarehouseErrorKind::Other, reason))?;
        let cells: Vec<Cell<'_>> = row.iter().map(Cell).collect();
        appender
            .append_row(duckdb::appender_params_from_iter(cells))
            .map_err(|failure| at_row(&failure, index))?;
    }
    appender.flush().map_err(|failure| error::from_duckdb(&failure, ""))
}

fn open<'a>(connection: &'a Connection, seed: &SeedStream<'_>) -> duckdb::Result<Appender<'a>> {
    let relation = seed.relation;
    let table = relation.identifier.as_deref().unwrap_or_default();
    let columns: Vec<&str> = seed.columns.iter().map(|column| column.name.as_str()).collect();
    match (relation.database.as_deref(), relation.schema.as_deref()) {
        (Some(database), Some(schema)) => {
            connection.appender_with_columns_to_catalog_and_db(table, database, schema, &columns)
        }
        (None, Some(schema)) => connection.appender_with_columns_to_db(table, schema, &columns),
        (_, None) => connection.appender_with_columns(table, &columns),
    }
}

fn at_row(failure: &duckdb::Error, index: usize) -> WarehouseError {
    let mut error = error::from_duckdb(failure, "");
    error.message = format!("{} (row {} of the seed)", error.message, index + 1);
    error
}

/// A value on its way into the appender, which casts it to the type of its column.
struct Cell<'a>(&'a Datum);

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> duckdb::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Datum::Null => ToSqlOutput::Owned(Value::Null),
            Datum::Boolean(truth) => ToSqlOutput::Owned(Value::Boolean(*truth)),
            Datum::Integer(number) => ToSqlOutput::Owned(
                i64::try_from(*number).map_or(Value::HugeInt(*number), Value::BigInt),
            ),
            Datum::Float(number) => ToSqlOutput::Owned(Value::Double(*number)),
            Datum::Bytes(bytes) => ToSqlOutput::Owned(Value::Blob(bytes.clone())),
            Datum::Nested(value) => ToSqlOutput::Owned(Value::Text(value.to_string())),
            Datum::Decimal(text)
            | Datum::Text(text)
            | Datum::Date(text)
            | Datum::Time(text)
            | Datum::Timestamp(text)
            | Datum::TimestampWithZone(text)
            | Datum::Interval(text) => ToSqlOutput::from(text.as_str()),
        })
    }
}
