//! Descriptions as Glue keeps them; mirrors dbt-athena's `persist_docs_to_glue`.

use serde_json::{Map, Value, json};

use crate::glue::table_input;

/// How long the description of a table may be.
const LONGEST_TABLE: usize = 2048;
/// How long the description of a column may be.
const LONGEST_COLUMN: usize = 255;
/// How long the value of a parameter may be.
const LONGEST_PARAMETER: usize = 512_000;

/// What is to be written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// The model: `description`, `columns`, `meta` and what else becomes a parameter, in `parameters`.
    pub model: &'a Value,
    /// Whether the table is described.
    pub relation: bool,
    /// Whether its columns are.
    pub columns: bool,
}

/// The table with its descriptions, as it is written back; nothing where it has them already, so that no version of it
/// is made for nothing.
pub(crate) fn described(table: &Value, wanted: &Wanted<'_>) -> Option<Value> {
    let former = table_input(table);
    let mut input = former.clone();
    if !input["Parameters"].is_object() {
        input["Parameters"] = json!({});
    }
    if wanted.relation {
        let text =
            shortened(wanted.model["description"].as_str().unwrap_or_default(), LONGEST_TABLE);
        input["Description"] = json!(text);
        input["Parameters"]["comment"] = json!(text);
        for part in ["meta", "parameters"] {
            add_parameters(&mut input["Parameters"], wanted.model[part].as_object());
        }
    }
    if wanted.columns
        && let Some(columns) = input["StorageDescriptor"]["Columns"].as_array_mut()
    {
        for column in columns {
            describe_column(column, &wanted.model["columns"]);
        }
    }
    (input != former).then_some(input)
}

fn describe_column(column: &mut Value, documented: &Value) {
    let name = column["Name"].as_str().unwrap_or_default();
    let found = documented
        .as_object()
        .and_then(|all| all.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)));
    let Some((_, description)) = found else { return };
    let text = shortened(description["description"].as_str().unwrap_or_default(), LONGEST_COLUMN);
    if !text.is_empty() || column.get("Comment").is_some() {
        column["Comment"] = json!(text);
    }
    let meta = description["meta"].as_object().filter(|meta| !meta.is_empty());
    if meta.is_some() {
        if !column["Parameters"].is_object() {
            column["Parameters"] = json!({});
        }
        add_parameters(&mut column["Parameters"], meta);
    }
}

/// Values become texts; names that Glue does not take are left out.
fn add_parameters(parameters: &mut Value, more: Option<&Map<String, Value>>) {
    let is_name = |name: &str| {
        name.chars().count() <= 255
            && name.chars().all(|character| character == '\t' || !character.is_control())
    };
    for (name, value) in
        more.into_iter().flatten().filter(|(name, value)| is_name(name) && !value.is_null())
    {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        parameters[name] = json!(text.chars().take(LONGEST_PARAMETER).collect::<String>());
    }
}

/// A text on one line, cut where it is too long.
fn shortened(text: &str, longest: usize) -> String {
    let lines: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let text = lines.join(" ");
    if text.chars().count() <= longest {
        return text;
    }
    text.chars().take(longest - 3).collect::<String>() + "..."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_are_written_once() {
        let table = json!({
            "Name": "orders", "CreatedBy": "x", "Parameters": {"table_type": "ICEBERG"},
            "StorageDescriptor": {"Columns": [{"Name": "id", "Type": "int"}, {"Name": "b", "Type": "int"}]},
        });
        let model = json!({
            "description": "All\n  orders.", "meta": {"owner": "ada", "tags": ["a"]},
            "columns": {"ID": {"description": "The key.", "meta": {"pii": false}}},
        });
        let wanted = Wanted { model: &model, relation: true, columns: true };
        let input = described(&table, &wanted).unwrap();
        assert_eq!(
            input,
            json!({
                "Name": "orders", "Description": "All orders.",
                "StorageDescriptor": {"Columns": [
                    {"Name": "id", "Type": "int", "Comment": "The key.", "Parameters": {"pii": "false"}},
                    {"Name": "b", "Type": "int"},
                ]},
                "Parameters": {"table_type": "ICEBERG", "comment": "All orders.", "owner": "ada", "tags": "[\"a\"]"},
            })
        );
        assert_eq!(described(&input, &wanted), None);
    }

    #[test]
    fn long_texts_are_cut() {
        let text = shortened(&"ä".repeat(300), LONGEST_COLUMN);
        assert_eq!(text.chars().count(), 255);
        assert!(text.ends_with("ä..."));
    }
}
