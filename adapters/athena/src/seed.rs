//! Loading a seed: as a file of comma-separated values in S3, over which a table of texts is laid, or by inserts.

use adapter_interface::{
    Connection as _, Datum, Dialect as _, Outcome, Response, RowLimit, Rows, SeedStream,
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
        write_row(&mut content, row.map_err(unreadable)?.iter().map(text_of))?;
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

/// A value as text; nothing for null.
fn text_of(value: &Datum) -> Option<String> {
    Some(match value {
        Datum::Null => return None,
        Datum::Boolean(truth) => truth.to_string(),
        Datum::Integer(number) => number.to_string(),
        Datum::Float(number) => number.to_string(),
        Datum::Timestamp(text) | Datum::TimestampWithZone(text) => text.replacen('T', " ", 1),
        Datum::Decimal(text)
        | Datum::Text(text)
        | Datum::Date(text)
        | Datum::Time(text)
        | Datum::Interval(text) => text.clone(),
        Datum::Nested(value) => value.to_string(),
        Datum::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
    })
}

/// Inserts the rows by as few statements as Athena takes.
pub(crate) fn insert(
    connection: &mut AthenaConnection,
    seed: SeedStream<'_>,
) -> Result<Outcome, WarehouseError> {
    let quoted: Vec<_> =
        seed.columns.iter().map(|column| AthenaDialect.quote(&column.name)).collect();
    let casts = seed.columns.iter().enumerate().map(|(index, column)| {
        match types::in_queries(&AthenaDialect.data_type(column)).as_str() {
            "varchar" => format!("c{index}"),
            kind => format!("cast(c{index} as {kind})"),
        }
    });
    let head = format!(
        "insert into {} ({})\nselect {}\nfrom (values",
        AthenaDialect.render_name(seed.relation),
        quoted.join(", "),
        casts.collect::<Vec<_>>().join(", "),
    );
    let places: Vec<_> = (0..seed.columns.len()).map(|index| format!("c{index}")).collect();
    let tail = format!("\n) as seed_rows ({})", places.join(", "));
    let mut statement = head.clone();
    let (mut total, mut count) = (0, 0);
    for row in seed.rows {
        let text = values(&row.map_err(unreadable)?);
        if count > 0 && statement.len() + text.len() + tail.len() > LONGEST_STATEMENT {
            connection.execute(&(statement + &tail), RowLimit::None)?;
            (statement, count) = (head.clone(), 0);
        }
        statement.push_str(if count == 0 { "\n" } else { ",\n" });
        statement.push_str(&text);
        (total, count) = (total + 1, count + 1);
    }
    if count > 0 {
        connection.execute(&(statement + &tail), RowLimit::None)?;
    }
    Ok(loaded(total))
}

fn values(row: &[Datum]) -> String {
    let literals = row.iter().map(|value| match text_of(value) {
        Some(text) => format!("'{}'", AthenaDialect.escape(&text)),
        None => "cast(null as varchar)".to_owned(),
    });
    format!("({})", literals.collect::<Vec<_>>().join(","))
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

    #[test]
    fn inserted_values_are_texts() {
        let row = [
            Datum::Integer(1),
            Datum::Text("it's".to_owned()),
            Datum::Null,
            Datum::Timestamp("2023-12-01T13:00:00".to_owned()),
        ];
        assert_eq!(values(&row), "('1','it''s',cast(null as varchar),'2023-12-01 13:00:00')");
    }
}
