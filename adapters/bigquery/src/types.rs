//! The service's types: fields of a schema as columns, and columns as fields.

use adapter_interface::Column;
use serde_json::{Value, json};

/// The name of a type in SQL; schemas have old names for some.
pub(crate) fn sql_name(name: &str) -> &str {
    match name {
        "INTEGER" => "INT64",
        "FLOAT" => "FLOAT64",
        "TEXT" => "STRING",
        other => other,
    }
}

/// A field of a schema as a column; mirrors dbt-bigquery's `BigQueryColumn.create_from_field`.
pub(crate) fn column(field: &Value) -> Column {
    let text = |key: &str| field[key].as_str().unwrap_or_default();
    let mut column = Column::new(text("name"), sql_name(text("type")));
    let mode = text("mode");
    column.mode = if mode.is_empty() { "NULLABLE".to_owned() } else { mode.to_owned() };
    column.is_nullable = Some(column.mode != "REQUIRED");
    column.fields = field["fields"].as_array().into_iter().flatten().map(self::column).collect();
    column
}

/// The columns of a schema's fields.
pub(crate) fn columns(fields: &Value) -> Vec<Column> {
    fields.as_array().into_iter().flatten().map(column).collect()
}

/// A column as a field of a schema. `array<…>` and `struct<…>` become modes and fields, which is how schemas say them.
pub(crate) fn field(column: &Column) -> Value {
    let mut field = field_of_type(&column.name, &column.data_type);
    if !column.fields.is_empty() {
        field["fields"] = column.fields.iter().map(self::field).collect();
    }
    if !column.mode.is_empty() && column.mode != "NULLABLE" {
        field["mode"] = json!(column.mode);
    }
    field
}

/// A field of a type as SQL writes it, such as `numeric(10, 2)` or `array<struct<a int64, b string>>`.
fn field_of_type(name: &str, data_type: &str) -> Value {
    let data_type = data_type.trim();
    if let Some(inside) = inside_of(data_type, "array") {
        let mut field = field_of_type(name, inside);
        field["mode"] = json!("REPEATED");
        return field;
    }
    if let Some(inside) = inside_of(data_type, "struct") {
        let fields: Vec<Value> = split_top_level(inside)
            .into_iter()
            .filter_map(|member| {
                let (name, data_type) = member.trim().split_once(char::is_whitespace)?;
                Some(field_of_type(name.trim_matches('`'), data_type))
            })
            .collect();
        return json!({"name": name, "type": "RECORD", "fields": fields});
    }
    let (plain, sizes) = match data_type.split_once('(') {
        Some((plain, sizes)) => (plain.trim(), sizes.trim_end().trim_end_matches(')')),
        None => (data_type, ""),
    };
    let mut field = json!({"name": name, "type": plain.to_ascii_uppercase()});
    let mut sizes = sizes.split(',').map(str::trim).filter(|size| !size.is_empty());
    let upper = plain.to_ascii_uppercase();
    if matches!(upper.as_str(), "STRING" | "BYTES") {
        if let Some(length) = sizes.next() {
            field["maxLength"] = json!(length);
        }
    } else {
        if let Some(precision) = sizes.next() {
            field["precision"] = json!(precision);
        }
        if let Some(scale) = sizes.next() {
            field["scale"] = json!(scale);
        }
    }
    field
}

/// What stands between the angles of a type such as `array<int64>`.
fn inside_of<'a>(data_type: &'a str, word: &str) -> Option<&'a str> {
    let rest = data_type.get(word.len()..)?;
    let starts = data_type.get(..word.len())?.eq_ignore_ascii_case(word);
    rest.trim_start().strip_prefix('<').filter(|_| starts)?.strip_suffix('>')
}

/// Splits at the commas that stand inside of no bracket.
pub(crate) fn split_top_level(text: &str) -> Vec<&str> {
    let mut depth = 0_i32;
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, character) in text.char_indices() {
        match character {
            '<' | '(' => depth += 1,
            '>' | ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_and_columns_say_the_same() {
        let field = json!({"name": "lines", "type": "RECORD", "mode": "REPEATED", "fields": [
            {"name": "sku", "type": "STRING", "mode": "REQUIRED"},
            {"name": "count", "type": "INTEGER"},
        ]});
        let column = column(&field);
        assert_eq!(column.mode, "REPEATED");
        assert_eq!(column.fields[1].data_type, "INT64");
        assert_eq!(
            super::field(&column),
            json!({"name": "lines", "type": "RECORD", "mode": "REPEATED", "fields": [
                {"name": "sku", "type": "STRING", "mode": "REQUIRED"},
                {"name": "count", "type": "INT64"},
            ]})
        );
    }

    #[test]
    fn types_of_sql_become_fields() {
        let column = Column::new("x", "array<struct<a numeric(10, 2), b array<string>>>");
        assert_eq!(
            field(&column),
            json!({"name": "x", "type": "RECORD", "mode": "REPEATED", "fields": [
                {"name": "a", "type": "NUMERIC", "precision": "10", "scale": "2"},
                {"name": "b", "type": "STRING", "mode": "REPEATED"},
            ]})
        );
    }
}
