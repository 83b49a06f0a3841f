//! Loading a seed: as a file of comma-separated values in S3, over which a table of texts is laid, or by inserts.

use adapter_interface::presto::{self, InsertLimits, InsertedColumns};
use adapter_interface::{
    Column, Connection as _, Dialect as _, Outcome, Response, RowLimit, Rows, SeedStream,
    WarehouseError, WarehouseErrorKind,
};

use crate::connection::{AthenaConnection, configuration};
use crate::dialect::AthenaDialect;
use crate::service::Object;
use crate::{error, location, types};

/// How long a statement may be, in bytes: Athena takes 262,144.
const LONGEST_STATEMENT: usize = 250_000;

fn loaded(count: usize) -> Outcome {
    let response = Response {
        message: format!("INSERT {count}"),
        code: Some("INSERT".to_owned()),
        rows_affected: i64::try_from(count).ok(),
        ..Response::default()
    };
    Outcome { response, rows: Rows::default() }
}

fn unreadable(message: String) -> WarehouseError {
    WarehouseError::new(WarehouseErrorKind::Other, message)
}

/// Puts the rows as a file to a place in S3.
pub(crate) fn upload(
    connection: &mut AthenaConnection,
    seed: SeedStream<'_>,
    place: &str,
) -> Result<Outcome, WarehouseError> {
    let mut content = String::new();
    let names = seed.columns.iter().map(|column| Some(column.name.clone()));
    write_row(&mut content, names)?;
    let mut count = 0;
    for row in seed.rows {
        write_row(&mut content, row.map_err(unreadable)?.iter().map(presto::seed_text))?;
        count += 1;
    }
    let (bucket, prefix) = location::bucket_and_prefix(place).map_err(configuration)?;
    let name = seed.relation.identifier.as_deref().unwrap_or("seed");
    let arguments = connection.seed_upload.take();
    let object = Object {
        bucket,
        key: &format!("{prefix}{name}.csv"),
        content: content.into_bytes(),
        arguments: arguments.as_ref().unwrap_or(&connection.shared.settings.upload),
    };
    let put = connection.shared.service.put_object(object);
    put.map_err(|error| error::from_api(&error, &format!("writing a seed to {place}")))?;
    Ok(loaded(count))
}

/// A line as Hive's `OpenCSVSerde` reads it: each value in quotes, with a backslash before what would end it. A value
/// that is nothing is an empty text.
fn write_row(
    content: &mut String,
    values: impl Iterator<Item = Option<String>>,
) -> Result<(), WarehouseError> {
    for (index, value) in values.enumerate() {
        if index > 0 {
            content.push(',');
        }
        let value = value.unwrap_or_default();
        if value.contains(['\n', '\r']) {
            return Err(configuration(
                "a value of the seed has a line break, at which Athena ends a row of a file; \
                 set `seed_by_insert: true` for this seed",
            ));
        }
        content.push('"');
        content.push_str(&value.replace('\\', "\\\\").replace('"', "\\\""));
        content.push('"');
    }
    content.push('\n');
    Ok(())
}

/// Inserts the rows by as few statements as Athena takes.
pub(crate) fn insert(
    connection: &mut AthenaConnection,
    seed: SeedStream<'_>,
) -> Result<Outcome, WarehouseError> {
    let columns = InsertedColumns { dialect: &AthenaDialect, value: &value };
    let limits = InsertLimits { rows: usize::MAX, bytes: LONGEST_STATEMENT };
    let count = presto::insert_seed(seed, &columns, limits, &mut |statement| {
        connection.execute(statement, RowLimit::None).map(drop)
    })?;
    Ok(loaded(count))
}

/// The SQL that makes a column's value of a text.
fn value(text: &str, column: &Column) -> String {
    match types::in_queries(&AthenaDialect.data_type(column)).as_str() {
        "varchar" => text.to_owned(),
        kind => format!("cast({text} as {kind})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_written_as_the_serde_reads_them() {
        let mut content = String::new();
        let row = ["a", "it's", "say \"x\"", "c:\\d", ""].map(|text| Some(text.to_owned()));
        write_row(&mut content, row.into_iter().chain([None])).unwrap();
        assert_eq!(content, "\"a\",\"it's\",\"say \\\"x\\\"\",\"c:\\\\d\",\"\",\"\"\n");
        let broken = write_row(&mut content, [Some("a\nb".to_owned())].into_iter()).unwrap_err();
        assert!(broken.message.contains("seed_by_insert"), "{broken}");
    }
}
