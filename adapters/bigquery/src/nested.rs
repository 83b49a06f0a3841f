//! Columns with fields inside them, as contracts name them: `address.street`.

use adapter_interface::{ColumnDefinition, MacroValue};
use indexmap::IndexMap;

use crate::types::split_top_level;

/// What is known of a name: a type of its own, and the names below it.
#[derive(Debug, Default)]
struct Part {
    /// The type with its constraints, such as `array not null`.
    own: Option<String>,
    parts: IndexMap<String, Part>,
}

impl Part {
    fn add(&mut self, path: &str, own: Option<String>) {
        match path.split_once('.') {
            None => self.parts.entry(path.to_owned()).or_default().own = own,
            Some((first, rest)) => self.parts.entry(first.to_owned()).or_default().add(rest, own),
        }
    }

    /// The type: the own one where there is nothing below, else a struct, or a list of structs.
    fn data_type(&self) -> Option<String> {
        if self.parts.is_empty() {
            return self.own.clone();
        }
        let member = |(name, part): (&String, &Part)| match part.data_type() {
            Some(data_type) => format!("{name} {data_type}"),
            None => name.clone(),
        };
        let members: Vec<String> = self.parts.iter().map(member).collect();
        let structure = format!("struct<{}>", members.join(", "));
        let mut words = self.own.as_deref().unwrap_or_default().split_whitespace();
        let is_list = words.next().is_some_and(|word| word.eq_ignore_ascii_case("array"));
        let structure = if is_list { format!("array<{structure}>") } else { structure };
        let constraints: Vec<&str> = words.collect();
        Some(if constraints.is_empty() {
            structure
        } else {
            format!("{structure} {}", constraints.join(" "))
        })
    }
}

/// The columns of a contract as DDL takes them, fields inside their columns.
pub(crate) fn definitions(
    columns: &[ColumnDefinition],
    quote: impl Fn(&str) -> String,
) -> Vec<String> {
    let mut root = Part::default();
    for column in columns {
        let words = column.data_type.iter().chain(&column.constraints).cloned();
        let own = column.data_type.as_ref().map(|_| words.collect::<Vec<_>>().join(" "));
        root.add(&column.name, own);
    }
    let is_quoted =
        |name: &str| columns.iter().any(|column| column.name == name && column.is_quoted);
    let definition = |(name, part): (&String, &Part)| {
        let shown = if is_quoted(name) { quote(name) } else { name.clone() };
        format!("{shown} {}", part.data_type().unwrap_or_default())
    };
    root.parts.iter().map(definition).collect()
}

/// `adapter.nest_column_data_types(columns, constraints)`: one entry for each column, with the type that its fields give.
pub(crate) fn nest(
    columns: &IndexMap<String, MacroValue>,
    constraints: &IndexMap<String, MacroValue>,
) -> MacroValue {
    let mut root = Part::default();
    let name_of =
        |column: &MacroValue| column.get("name").and_then(MacroValue::as_text).map(str::to_owned);
    for column in columns.values() {
        let Some(name) = name_of(column) else { continue };
        let data_type = column.get("data_type").and_then(MacroValue::as_text);
        let constraint = constraints.get(&name).and_then(MacroValue::as_text);
        let own = data_type.filter(|data_type| !data_type.is_empty()).map(|data_type| {
            constraint.map_or_else(|| data_type.to_owned(), |more| format!("{data_type} {more}"))
        });
        root.add(&name, own);
    }
    let entry = |(name, part): (&String, &Part)| {
        let data_type = part.data_type().map_or(MacroValue::Null, MacroValue::from);
        let mut entry = IndexMap::from([
            ("name".to_owned(), MacroValue::from(name.as_str())),
            ("data_type".to_owned(), data_type),
        ]);
        if let Some(MacroValue::Map(known)) = columns.get(name) {
            for (key, value) in known {
                entry.entry(key.clone()).or_insert_with(|| value.clone());
            }
        }
        (name.clone(), MacroValue::Map(entry))
    };
    MacroValue::Map(root.parts.iter().map(entry).collect())
}

/// A column of a query with the fields of its struct in the order of a type, so that it fits a table of that type.
pub(crate) fn struct_selection(column: &str, data_type: &str) -> String {
    match struct_fields(data_type) {
        None => column.to_owned(),
        Some(fields) => format!("{} AS {column}", struct_expression(column, &fields)),
    }
}

fn struct_expression(path: &str, fields: &[(&str, &str)]) -> String {
    let member = |(name, data_type): &(&str, &str)| {
        let inner = format!("{path}.{name}");
        match struct_fields(data_type) {
            None => format!("{inner} AS {name}"),
            Some(fields) => format!("{} AS {name}", struct_expression(&inner, &fields)),
        }
    };
    let members: Vec<String> = fields.iter().map(member).collect();
    format!("IF({path} IS NULL, NULL, STRUCT({}))", members.join(", "))
}

/// The names and types of the fields of `struct<…>`, which constraints may follow.
fn struct_fields(data_type: &str) -> Option<Vec<(&str, &str)>> {
    let data_type = data_type.trim();
    let start = data_type.get(..7)?;
    if !start.eq_ignore_ascii_case("struct<") {
        return None;
    }
    let mut depth = 0;
    let end = data_type.char_indices().find_map(|(at, character)| {
        match character {
            '<' => depth += 1,
            '>' => depth -= 1,
            _ => {}
        }
        (character == '>' && depth == 0).then_some(at)
    })?;
    let rest = &data_type[end + 1..];
    if !rest.is_empty() && !rest.starts_with(char::is_whitespace) {
        return None;
    }
    let field = |field: &'_ str| -> (usize, usize) {
        let trimmed = field.trim();
        (trimmed.find(char::is_whitespace).unwrap_or(trimmed.len()), trimmed.len())
    };
    let fields = split_top_level(&data_type[7..end]).into_iter().map(|text| {
        let (middle, length) = field(text);
        let text = text.trim();
        (&text[..middle], text[middle..length].trim())
    });
    Some(fields.collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn nested(columns: &serde_json::Value) -> serde_json::Value {
        let MacroValue::Map(columns) = MacroValue::from_json(columns) else { unreachable!() };
        nest(&columns, &IndexMap::from([("b.c".to_owned(), "not null".into())])).to_json()
    }

    #[test]
    fn fields_make_the_type_of_their_column() {
        let columns = json!({
            "a": {"name": "a", "data_type": "string", "description": "x"},
            "b.c": {"name": "b.c", "data_type": "int64"},
            "b.d.e": {"name": "b.d.e", "data_type": "string"},
            "f": {"name": "f", "data_type": "array not null"},
            "f.g": {"name": "f.g", "data_type": "string"},
        });
        assert_eq!(
            nested(&columns),
            json!({
                "a": {"name": "a", "data_type": "string", "description": "x"},
                "b": {"name": "b", "data_type": "struct<c int64 not null, d struct<e string>>"},
                "f": {"name": "f", "data_type": "array<struct<g string>> not null"},
            })
        );
    }

    #[test]
    fn definitions_keep_quotes_and_constraints() {
        let column =
            |name: &str, data_type: &str, is_quoted, constraints: &[&str]| ColumnDefinition {
                name: name.to_owned(),
                is_quoted,
                data_type: Some(data_type.to_owned()),
                constraints: constraints.iter().map(ToString::to_string).collect(),
            };
        let columns = [
            column("from", "int64", true, &["not null", "primary key not enforced"]),
            column("b.c", "string", false, &["not null"]),
        ];
        assert_eq!(
            definitions(&columns, |name| format!("`{name}`")),
            ["`from` int64 not null primary key not enforced", "b struct<c string not null>"]
        );
    }

    #[test]
    fn a_struct_is_selected_in_the_order_of_its_type() {
        for (data_type, selection) in [
            ("int64", "col"),
            (
                "struct<y numeric(10, 2), x int64> not null",
                "IF(col IS NULL, NULL, STRUCT(col.y AS y, col.x AS x)) AS col",
            ),
            (
                "struct<a struct<b int64>, d int64>",
                "IF(col IS NULL, NULL, STRUCT(IF(col.a IS NULL, NULL, STRUCT(col.a.b AS b)) AS a, col.d AS d)) AS col",
            ),
        ] {
            assert_eq!(struct_selection("col", data_type), selection);
        }
    }
}
