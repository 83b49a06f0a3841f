//! The difference between a contract and what a model's query gives, as dbt shows it.

use minijinja::Error;
use minijinja::value::Value;

use super::plain::text_of;
use super::table::{Limits, Table};

fn columns(value: &Value) -> Result<Vec<(String, String)>, Error> {
    let part =
        |column: &Value, key: &str| column.get_item(&Value::from(key)).map(|found| text_of(&found));
    value
        .try_iter()?
        .map(|column| Ok((part(&column, "name")?, part(&column, "data_type")?)))
        .collect()
}

/// A table of the columns that are missing on either side or have another type.
pub(crate) fn difference(contract: &Value, query: &Value) -> Result<String, Error> {
    let (contract, query) = (columns(contract)?, columns(query)?);
    let mut rows: Vec<[String; 4]> = Vec::new();
    for (name, data_type) in &query {
        match contract.iter().find(|(other, _)| other == name) {
            None => rows.push([
                name.clone(),
                data_type.clone(),
                String::new(),
                "missing in contract".to_owned(),
            ]),
            Some((_, wanted)) if wanted != data_type => {
                rows.push([
                    name.clone(),
                    data_type.clone(),
                    wanted.clone(),
                    "data type mismatch".to_owned(),
                ]);
            }
            Some(_) => {}
        }
    }
    for (name, data_type) in &contract {
        if !query.iter().any(|(other, _)| other == name) {
            rows.push([
                name.clone(),
                String::new(),
                data_type.clone(),
                "missing in definition".to_owned(),
            ]);
        }
    }
    rows.sort();
    let heading = "This model has an enforced contract that failed.";
    let advice = "Please ensure the name, data_type, and number of columns in your contract match the columns in your model's definition.";
    if contract.is_empty() {
        return Ok(format!("{heading}\n{advice}\n\nThe contract names no columns."));
    }
    let names = ["column_name", "definition_type", "contract_type", "mismatch_reason"]
        .map(str::to_owned)
        .to_vec();
    let cells = rows.into_iter().map(|row| row.into_iter().map(Value::from).collect()).collect();
    let table =
        Table::new(names, cells).drawn(&Limits { rows: 50, columns: 4, width: 50, places: 3 });
    Ok(format!("{heading}\n{advice}\n\n{}", table.trim_end()))
}
