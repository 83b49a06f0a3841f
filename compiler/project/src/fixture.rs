//! Rows of unit tests that stand in CSV.

use serde_json::{Map, Value};

/// The rows of a CSV text by column, all values texts and empty ones null, as dbt reads fixtures.
pub fn fixture_rows(text: &str) -> Result<Vec<Map<String, Value>>, csv::Error> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let names = reader.headers()?.clone();
    let value = |text: Option<&str>| match text {
        None | Some("") => Value::Null,
        Some(text) => Value::String(text.to_owned()),
    };
    let rows = reader.records().map(|record| {
        let record = record?;
        let pairs = names.iter().enumerate();
        Ok(pairs.map(|(at, name)| (name.to_owned(), value(record.get(at)))).collect())
    });
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_values_are_null_and_others_text() {
        let rows = fixture_rows("id,name\n1,\n").unwrap();
        assert_eq!(serde_json::json!(rows), serde_json::json!([{"id": "1", "name": null}]));
    }
}
