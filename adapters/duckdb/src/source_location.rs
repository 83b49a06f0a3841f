//! Sources that are files: `external_location`, as dbt-duckdb reads it, and `DynamoDB`'s exports.

use adapter_interface::{Dialect as _, SourceDescription};
use serde_json::Value;

use crate::dialect::DuckDbDialect;

/// What DuckDB reads in place of a table: a file between quotes, or a call of a table function.
pub(crate) fn of(source: &SourceDescription) -> Result<Option<String>, String> {
    let text = |key: &str| source.properties.get(key).and_then(Value::as_str);
    if source.properties.get("plugin").is_some_and(|plugin| !plugin.is_null()) {
        return Err("`plugin` cannot be used: plugins are Python code, which is not run here; name the files in \
             `external_location`"
            .to_owned());
    }
    let Some(template) = text("external_location") else { return Ok(None) };
    let location = match text("formatter").unwrap_or("newstyle") {
        "newstyle" => between(template, ("{", "}"), source)?,
        "oldstyle" => between(template, ("%(", ")s"), source)?,
        "template" => between(template, ("${", "}"), source)?,
        other => {
            return Err(format!(
                "`formatter` cannot be `{other}`: write `newstyle`, `oldstyle` or `template`"
            ));
        }
    };
    let is_sql = location.contains('(') || location.starts_with('\'');
    let location = if is_sql { location } else { format!("'{}'", location.replace('\'', "''")) };
    match text("external_format") {
        None => Ok(Some(location)),
        Some("dynamodb") if is_sql => {
            Err("with `external_format: dynamodb` the `external_location` is a file or a pattern of files".to_owned())
        }
        Some("dynamodb") => exported_items(&location, source).map(Some),
        Some(other) => Err(format!("`external_format` cannot be `{other}`: there is `dynamodb`")),
    }
}

/// The template with the names between the signs filled in; a sign twice in a row stands for itself.
fn between(
    template: &str,
    (open, close): (&str, &str),
    source: &SourceDescription,
) -> Result<String, String> {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once(open) {
        filled.push_str(before);
        if let (Some(after), "{") = (after.strip_prefix(open), open) {
            filled.push_str(open);
            rest = after;
            continue;
        }
        let Some((name, after)) = after.split_once(close) else {
            return Err(format!(
                "`{open}` without `{close}` in the `external_location` `{template}`"
            ));
        };
        filled.push_str(&value(name, source).ok_or_else(|| {
            format!(
                "the `external_location` `{template}` uses `{name}`; there are `name`, `identifier`, `schema`, `database` \
                 and what stands in `meta` or `config` of the source"
            )
        })?);
        rest = after;
    }
    filled.push_str(rest);
    Ok(if open == "{" { filled.replace("}}", "}") } else { filled })
}

fn value(name: &str, source: &SourceDescription) -> Option<String> {
    if let Some(own) = source.properties.get(name) {
        return Some(own.as_str().map_or_else(|| own.to_string(), str::to_owned));
    }
    match name {
        "name" => Some(source.name.clone()),
        "identifier" => Some(source.identifier.clone()),
        "schema" => Some(source.schema.clone()),
        "database" => source.database.clone(),
        _ => None,
    }
}

/// What `DynamoDB` calls the types whose values are texts in its JSON; all others are JSON themselves.
const SCALARS: [&str; 4] = ["S", "N", "BOOL", "B"];
const NESTED: [&str; 5] = ["L", "M", "SS", "NS", "BS"];

/// What `DuckDB` calls its type of bytes, which stand in the export in Base64.
const BYTES: [&str; 4] = ["blob", "bytea", "binary", "varbinary"];

/// A query over a full export of `DynamoDB` to S3: lines of `{"Item": {"name": {"S": "Ada"}, …}}`.
///
/// The columns are those that the project describes; each is taken out of whatever type it has in its item. Lists, maps
/// and sets stay JSON, in `DynamoDB`'s notation.
fn exported_items(location: &str, source: &SourceDescription) -> Result<String, String> {
    if source.columns.is_empty() {
        return Err(format!(
            "the source `{}` is an export of DynamoDB, whose items need not have the same attributes: list those that are \
             wanted under `columns`, with a `data_type`",
            source.name
        ));
    }
    let columns = source.columns.iter().map(|(name, data_type)| {
        // A path in quotes: an attribute's name may have any characters.
        let path = format!("$.\"{}\"", name.replace('"', "\\\"")).replace('\'', "''");
        let scalars = SCALARS.map(|kind| format!("\"Item\" ->> '{path}.{kind}'"));
        let nested = NESTED.map(|kind| format!("cast(\"Item\" -> '{path}.{kind}' as varchar)"));
        let values = [&scalars[..], &nested[..]].concat().join(", ");
        let data_type = data_type.as_deref().unwrap_or("varchar");
        let column = DuckDbDialect.quote(name);
        if BYTES.iter().any(|bytes| data_type.eq_ignore_ascii_case(bytes)) {
            return format!("from_base64(\"Item\" ->> '{path}.B') as {column}");
        }
        format!("cast(coalesce({values}) as {data_type}) as {column}")
    });
    let columns = columns.collect::<Vec<_>>().join(", ");
    Ok(format!(
        "(select {columns} from read_json({location}, format = 'newline_delimited', columns = {{'Item': 'JSON'}}))"
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn location(properties: &Value, columns: &[&str]) -> Result<Option<String>, String> {
        of(&SourceDescription {
            name: "orders".to_owned(),
            identifier: "orders".to_owned(),
            schema: "shop".to_owned(),
            columns: columns.iter().map(|name| ((*name).to_owned(), None)).collect(),
            properties: properties.as_object().unwrap().clone().into_iter().collect(),
            ..SourceDescription::default()
        })
    }

    #[test]
    fn locations_are_filled_in_and_quoted() {
        for (properties, expected) in [
            (json!({}), None),
            (
                json!({"external_location": "s3://b/{schema}/{name}.parquet"}),
                Some("'s3://b/shop/orders.parquet'"),
            ),
            (
                json!({"external_location": "{bucket}/it's.csv", "bucket": "b"}),
                Some("'b/it''s.csv'"),
            ),
            (json!({"external_location": "'a.csv'"}), Some("'a.csv'")),
            (
                json!({"external_location": "read_csv('a.csv', columns = {{'id': 'int'}})"}),
                Some("read_csv('a.csv', columns = {'id': 'int'})"),
            ),
            (
                json!({"external_location": "%(name)s.json", "formatter": "oldstyle"}),
                Some("'orders.json'"),
            ),
            (
                json!({"external_location": "${name}.json", "formatter": "template"}),
                Some("'orders.json'"),
            ),
        ] {
            assert_eq!(location(&properties, &[]).unwrap().as_deref(), expected, "{properties}");
        }
    }

    #[test]
    fn mistakes_are_told() {
        for (properties, part) in [
            (json!({"external_location": "{nothing}.csv"}), "uses `nothing`"),
            (json!({"external_location": "{name.csv"}), "without `}`"),
            (json!({"external_location": "a", "formatter": "f"}), "`formatter` cannot be `f`"),
            (json!({"plugin": "excel"}), "Python"),
            (json!({"external_location": "a", "external_format": "dynamodb"}), "list those"),
            (json!({"external_location": "a", "external_format": "x"}), "there is `dynamodb`"),
        ] {
            let error = location(&properties, &[]).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }
}
