//! Seeds: rows as a file of CSV, loaded into a table by one job that replaces what was there.

use std::fmt::Write as _;

use adapter_interface::{Column, Datum, SeedStream, WarehouseError, WarehouseErrorKind};
use serde_json::{Value, json};

use crate::client::TableName;
use crate::connection::BigQueryConnection;
use crate::error::ApiError;
use crate::payload::{Payload, PayloadWriter};
use crate::types;

/// Loads a seed: one job that makes the table, or replaces its columns and rows, and leaves it as it was when it fails.
pub(crate) fn load(
    connection: &BigQueryConnection,
    seed: &mut SeedStream<'_>,
) -> Result<(), WarehouseError> {
    let name = crate::methods::table_name(seed.relation)?;
    let load = load_configuration(seed.columns, &name);
    let payload = csv(seed)?;
    run(connection, load, &payload)
}

/// Runs a load job of a configuration with its data.
fn run(
    connection: &BigQueryConnection,
    load: Value,
    payload: &Payload,
) -> Result<(), WarehouseError> {
    let configuration = connection.configured("load", load);
    let runner = connection.runner();
    runner.run(connection.timeout(), &|job| runner.upload(job, &configuration, payload))?;
    Ok(())
}

fn load_configuration(columns: &[Column], name: &TableName<'_>) -> Value {
    let fields: Vec<Value> = columns.iter().map(types::field).collect();
    json!({
        "destinationTable": name.reference(),
        "schema": {"fields": fields},
        "sourceFormat": "CSV",
        "encoding": "UTF-8",
        "fieldDelimiter": ",",
        "skipLeadingRows": "1",
        "allowQuotedNewlines": true,
        "createDisposition": "CREATE_IF_NEEDED",
        "writeDisposition": "WRITE_TRUNCATE",
    })
}

/// The rows as CSV below a line of names: null is nothing, and a text without letters is quoted, which is how the
/// service tells them apart.
fn csv(seed: &mut SeedStream<'_>) -> Result<Payload, WarehouseError> {
    let mut payload = PayloadWriter::default();
    let mut line = String::new();
    for (at, column) in seed.columns.iter().enumerate() {
        if at > 0 {
            line.push(',');
        }
        quoted(&mut line, &column.name);
    }
    line.push('\n');
    payload.add(line.as_bytes())?;
    for row in &mut *seed.rows {
        let row = row.map_err(|reason| WarehouseError::new(WarehouseErrorKind::Other, reason))?;
        line.clear();
        for (at, value) in row.iter().enumerate() {
            if at > 0 {
                line.push(',');
            }
            write_value(&mut line, value);
        }
        // A line with nothing on it would be passed over.
        if let [Datum::Null] = row.as_slice() {
            line.push_str("\"\"");
        }
        line.push('\n');
        payload.add(line.as_bytes())?;
    }
    payload.finish()
}

fn write_value(out: &mut String, value: &Datum) {
    match value {
        Datum::Null => {}
        Datum::Boolean(truth) => {
            let _ = write!(out, "{truth}");
        }
        Datum::Integer(number) => {
            let _ = write!(out, "{number}");
        }
        Datum::Float(number) => {
            let _ = write!(out, "{number}");
        }
        Datum::Decimal(text)
        | Datum::Text(text)
        | Datum::Date(text)
        | Datum::Time(text)
        | Datum::Timestamp(text)
        | Datum::TimestampWithZone(text)
        | Datum::Interval(text) => quoted(out, text),
        Datum::Nested(value) => quoted(out, &value.to_string()),
        Datum::Bytes(bytes) => {
            use base64::Engine as _;
            out.push_str(&base64::engine::general_purpose::STANDARD.encode(bytes));
        }
    }
}

fn quoted(out: &mut String, text: &str) {
    let is_plain = !text.is_empty()
        && !text.contains(['"', ',', '\n', '\r'])
        && text.trim().len() == text.len();
    if is_plain {
        out.push_str(text);
    } else {
        out.push('"');
        out.push_str(&text.replace('"', "\"\""));
        out.push('"');
    }
}

/// `adapter.upload_file(…)`: loads a file of the disk into a table, with the options of a load job.
pub(crate) fn upload_file(
    connection: &BigQueryConnection,
    path: &str,
    name: &TableName<'_>,
    options: &serde_json::Map<String, Value>,
) -> Result<(), WarehouseError> {
    let payload = Payload::of_file(path).map_err(|error| {
        WarehouseError::from(ApiError::of_configuration(format!(
            "`{path}` cannot be read: {error}"
        )))
    })?;
    let mut load = json!({"destinationTable": name.reference()});
    for (key, value) in options {
        match key.as_str() {
            // The Python client's option takes a list of fields or a text of JSON.
            "schema" => {
                let fields = match value {
                    Value::String(text) => serde_json::from_str(text).unwrap_or(Value::Null),
                    other => other.clone(),
                };
                load["schema"] = json!({"fields": fields});
            }
            _ => load[camel_case(key)] = value.clone(),
        }
    }
    run(connection, load, &payload)
}

/// `skip_leading_rows` of Python's client is `skipLeadingRows` of the service.
fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut text, word| {
        let mut letters = word.chars();
        text.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        text.push_str(letters.as_str());
        text
    })
}

#[cfg(test)]
mod tests {
    use adapter_interface::{Quoting, Relation};

    use super::*;

    #[test]
    fn null_and_empty_text_stay_apart() {
        let text = |text: &str| Datum::Text(text.to_owned());
        let rows = [
            vec![Datum::Null, text(""), text("a \"b\",\nc")],
            vec![Datum::Integer(-3), text(" x"), Datum::Boolean(true)],
        ];
        let columns = ["a", "b", "c"].map(|name| Column::new(name, "string"));
        let relation = Relation::new(None, None, Some("s"), Quoting::ALL);
        let mut rows = rows.into_iter().map(Ok);
        let mut seed = SeedStream { relation: &relation, columns: &columns, rows: &mut rows };
        let Payload::Whole(text) = csv(&mut seed).unwrap() else { panic!("it is small") };
        let expected = "a,b,c\n,\"\",\"a \"\"b\"\",\nc\"\n-3,\" x\",true\n";
        assert_eq!(String::from_utf8(text).unwrap(), expected);
    }

    #[test]
    fn options_have_the_names_of_the_service() {
        assert_eq!(camel_case("skip_leading_rows"), "skipLeadingRows");
        assert_eq!(camel_case("autodetect"), "autodetect");
    }
}
