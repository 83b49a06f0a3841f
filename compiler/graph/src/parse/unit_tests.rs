//! Definitions of unit tests in the shape that dbt's manifest gives them: rows read, formats by name.

use project::{Package, fixture_rows};
use serde_json::{Map, Value, json};

use crate::checksums::unit_test_checksum;

/// The definition with its rows: those in CSV become lists, fixtures are read. An error is for people.
///
/// Inputs without rows, which have to be seeds, keep none: seeds are read when the test runs.
pub fn complete(package: &Package, written: &Value) -> Result<Value, String> {
    let of = |key: &str| written.get(key).cloned().unwrap_or(Value::Null);
    check_keys(written)?;
    if !of("model").is_string() {
        return Err("`model` is missing".to_owned());
    }
    let Value::Array(given) = of("given") else {
        return Err("`given` is a list of inputs with their rows".to_owned());
    };
    let given: Vec<Value> = given
        .iter()
        .map(|input| {
            let mut rows = rows_of(package, input)?;
            let name = input.get("input").and_then(Value::as_str);
            let name = name.ok_or("each entry of `given` needs an `input`")?;
            rows.insert("input".into(), json!(name));
            Ok(Value::Object(rows))
        })
        .collect::<Result<_, String>>()?;
    let expect = match written.get("expect") {
        Some(expect) if expect.is_object() => rows_of(package, expect)?,
        _ => return Err("`expect` with `rows` is missing".to_owned()),
    };
    if expect.get("rows").is_none_or(Value::is_null) {
        return Err("`expect` needs `rows` or a `fixture`".to_owned());
    }
    let overrides = written.get("overrides").filter(|overrides| overrides.is_object()).map(|all| {
        let part = |key| all.get(key).filter(|part| part.is_object()).cloned().unwrap_or(json!({}));
        json!({"macros": part("macros"), "vars": part("vars"), "env_vars": part("env_vars")})
    });
    let mut all = json!({
        "model": of("model"), "given": given, "expect": expect, "overrides": overrides,
        "versions": of("versions"), "version": null,
    });
    let checksum = unit_test_checksum(&all);
    if let Value::Object(entries) = &mut all {
        entries.insert("checksum".into(), json!(checksum));
        for key in ["name", "description"] {
            entries.insert(key.into(), of(key));
        }
        entries.insert("config".into(), written.get("config").cloned().unwrap_or(json!({})));
        if let Some(versions) = entries.get_mut("versions").and_then(Value::as_object_mut) {
            for key in ["include", "exclude"] {
                versions.entry(key).or_insert(Value::Null);
            }
        }
    }
    Ok(all)
}

/// dbt allows no keys of the user's own here, and one way to say which versions are meant.
fn check_keys(written: &Value) -> Result<(), String> {
    let only = |part: Option<&Value>, known: &[&str], what: &str| {
        let entries = part.and_then(Value::as_object).into_iter().flatten();
        match entries.map(|(key, _)| key).find(|key| !known.contains(&key.as_str())) {
            Some(key) => Err(format!("`{key}` means nothing in {what}")),
            None => Ok(()),
        }
    };
    let known =
        ["name", "model", "description", "given", "expect", "overrides", "versions", "config"];
    only(Some(written), &known, "a unit test")?;
    for input in written.get("given").and_then(Value::as_array).into_iter().flatten() {
        only(Some(input), &["input", "rows", "format", "fixture"], "an entry of `given`")?;
    }
    only(written.get("expect"), &["rows", "format", "fixture"], "`expect`")?;
    only(written.get("overrides"), &["macros", "vars", "env_vars"], "`overrides`")?;
    let is_given = |key: &str| written.pointer(key).is_some_and(|value| !value.is_null());
    if is_given("/versions/include") && is_given("/versions/exclude") {
        return Err("`versions` has `include` or `exclude`, and not both".to_owned());
    }
    Ok(())
}

/// `rows`, `format` and `fixture` of an input or of what is expected.
fn rows_of(package: &Package, entry: &Value) -> Result<Map<String, Value>, String> {
    let format = entry.get("format").and_then(Value::as_str).unwrap_or("dict").to_ascii_lowercase();
    let rows = entry.get("rows").filter(|rows| !rows.is_null());
    let fixture = entry.get("fixture").and_then(Value::as_str);
    let text = || match (rows, fixture) {
        (_, Some(name)) => fixture_text(package, name, &format),
        (Some(Value::String(text)), None) => Ok(text.clone()),
        _ => Err(format!("the rows do not match the format `{format}`: a text is expected")),
    };
    let rows = match (format.as_str(), rows) {
        ("sql", _) => Value::String(text()?),
        ("csv", _) => {
            let rows = fixture_rows(&text()?);
            let rows = rows.map_err(|error| format!("the rows are no well-formed CSV: {error}"))?;
            full_row_first(rows.into_iter().map(Value::Object).collect())
        }
        ("dict", Some(Value::Array(rows))) if rows.iter().all(Value::is_object) => {
            full_row_first(rows.clone())
        }
        ("dict", None) if fixture.is_none() => Value::Null,
        ("dict", _) => {
            return Err("the rows do not match the format `dict`: a list of mappings is expected"
                .to_owned());
        }
        (other, _) => {
            return Err(format!(
                "`{other}` is no format of rows; there are `dict`, `csv` and `sql`"
            ));
        }
    };
    let entries = json!({"rows": rows, "format": format, "fixture": fixture});
    Ok(entries.as_object().cloned().unwrap_or_default())
}

/// Some warehouses take the types of columns from the first row, so that it should have no nulls.
fn full_row_first(mut rows: Vec<Value>) -> Value {
    let is_full =
        |row: &Value| row.as_object().is_some_and(|row| row.values().all(|value| !value.is_null()));
    if let Some(at) = rows.iter().position(is_full) {
        rows.swap(0, at);
    }
    Value::Array(rows)
}

/// The text of a fixture as dbt reads files: without space around it.
fn fixture_text(package: &Package, name: &str, format: &str) -> Result<String, String> {
    let file_name = format!("{name}.{format}");
    let is_it = |path: &str| path.rsplit('/').next() == Some(&file_name);
    let found = package.fixtures.iter().find(|file| is_it(file.path.as_str()));
    found.map(|file| file.text.trim().to_owned()).ok_or_else(|| {
        format!("there is no fixture `{file_name}` below `fixtures` in the test paths")
    })
}
