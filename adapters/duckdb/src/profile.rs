//! The fields of a profile's output of the type `duckdb`; mirrors dbt-duckdb's `DuckDBCredentials`.

mod attachment;
mod credentials;
mod extension;
mod secret;

pub(crate) use credentials::scrubbed;
pub(crate) use extension::Extension;

use std::sync::Arc;

use adapter_interface::{Credentials, ProfileError, ProfileFields, WarehouseError};
use indexmap::IndexMap;
use serde_json::{Value, json};

use crate::error;
use crate::python::{self, PythonSettings};
use credentials::{all_forms, is_credential, masked, masked_field};

/// What the adapter keeps of a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    /// The database's file, or `:memory:`.
    pub path: String,
    /// The options that only the opening of a database takes.
    pub config_options: Vec<(String, String)>,
    /// The extensions to load first.
    pub extensions: Vec<Extension>,
    /// What is done once, after opening.
    pub database_preparations: Vec<Preparation>,
    /// What is done in each session.
    pub session_preparations: Vec<Preparation>,
    /// Texts that no message may show.
    pub secrets: Vec<String>,
    /// Whether transactions are used at all.
    pub has_transactions: bool,
    /// What to try again.
    pub retries: Option<Retries>,
    /// How models in Python are run.
    pub python: PythonSettings,
}

/// A statement that the profile asks for. It may hold credentials, so that nothing of it is ever shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Preparation {
    /// What it does, such as "create the secret `lake`".
    pub purpose: String,
    /// The statement.
    pub sql: String,
}

/// What to try again, by dbt-duckdb's field `retries`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Retries {
    /// How often to try to open the database.
    pub connect_attempts: u32,
    /// How often to try a statement.
    pub query_attempts: u32,
    /// The names of Python's exceptions for which a trial is repeated, such as `IOException`.
    pub exceptions: Vec<String>,
}

impl Retries {
    /// Whether the profile names this error: `IOException` is what DuckDB calls `IO Error`.
    pub(crate) fn names(&self, error: &WarehouseError) -> bool {
        let class = error.code.as_deref().or_else(|| error::error_class(&error.message));
        let class = class.unwrap_or_default().replace(' ', "");
        self.exceptions
            .iter()
            .any(|name| name.strip_suffix("Exception").is_some_and(|name| name == class))
    }
}

/// The fields that are understood, in the order in which `target` shows the first of them.
const SHOWN: [&str; 13] = [
    "database",
    "schema",
    "path",
    "config_options",
    "extensions",
    "settings",
    "external_root",
    "use_credential_provider",
    "attach",
    "filesystems",
    "remote",
    "plugins",
    "disable_transactions",
];

/// Understood, but not shown.
const SILENT: [&str; 7] =
    ["type", "threads", "secrets", "retries", "keep_open", "is_ducklake", "module_paths"];

/// What needs Python or a service, with what to say about it.
const REFUSED: [(&str, &str); 5] = [
    ("remote", "a remote server is not supported"),
    ("plugins", "plugins are Python code, which is not run here"),
    (
        "filesystems",
        "file systems of fsspec are Python code; use `secrets` and the extension `httpfs`",
    ),
    ("flights", "a server of Flight is not supported"),
    ("motherduck_token", "MotherDuck is not supported"),
];

/// Reads a profile's output.
pub(crate) fn read(fields: &ProfileFields) -> Result<Credentials, ProfileError> {
    refuse_unsupported(fields)?;
    let path = text_field(fields, "path")?.unwrap_or_else(|| ":memory:".to_owned());
    refuse_foreign_path(&path)?;
    let schema = text_field(fields, "schema")?.unwrap_or_else(|| "main".to_owned());
    let attachments = attachment::read(fields.get("attach"))?;
    let database = database(fields, &path, &attachments.aliases)?;
    let external_root = text_field(fields, "external_root")?.unwrap_or_else(|| ".".to_owned());
    let has_transactions = !flag(fields, "disable_transactions")?.unwrap_or(false);

    let mut hidden = Vec::new();
    let masked_fields: IndexMap<&str, Value> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), masked_in_profile(name, value, &mut hidden)))
        .collect();
    let secrets = all_forms(hidden);
    let mut database_preparations = secret::read(fields)?;
    database_preparations.extend(attachments.preparations);
    let config_options = map_field(fields, "config_options")?;
    let session_preparations: Vec<Preparation> = map_field(fields, "settings")?
        .into_iter()
        .map(|(name, value)| Preparation {
            purpose: format!("set `{name}`"),
            sql: format!("SET {name} = {}", quoted(&value)),
        })
        .collect();

    let python = PythonSettings {
        program: python::program(),
        module_paths: list("module_paths", fields.get("module_paths"))?
            .iter()
            .map(text_of)
            .collect(),
        database: database.clone(),
        session_statements: session_preparations.iter().map(|one| one.sql.clone()).collect(),
    };
    let own: IndexMap<&str, Value> = IndexMap::from([
        ("database", json!(database)),
        ("schema", json!(schema)),
        ("path", json!(path)),
        ("settings", json!({})),
        ("external_root", json!(external_root)),
        ("disable_transactions", json!(!has_transactions)),
    ]);
    let shown_fields = SHOWN.into_iter().map(|name| {
        let written = masked_fields.get(name).filter(|value| !value.is_null());
        let value = written.or_else(|| own.get(name)).cloned().unwrap_or(Value::Null);
        (name.to_owned(), value)
    });
    Ok(Credentials {
        database: Some(database),
        schema,
        shown: shown_fields.collect(),
        secrets: secrets.clone(),
        details: Arc::new(Settings {
            path,
            config_options,
            extensions: extension::read(fields.get("extensions"))?,
            database_preparations,
            session_preparations,
            secrets,
            has_transactions,
            retries: retries(fields.get("retries"))?,
            python,
        }),
    })
}

/// The fields that mean nothing here.
pub(crate) fn unknown(fields: &ProfileFields) -> Vec<ProfileError> {
    let is_known = |name: &str| {
        SHOWN.contains(&name)
            || SILENT.contains(&name)
            || REFUSED.iter().any(|(refused, _)| *refused == name)
    };
    let known = [&SHOWN[..], &SILENT[..]].concat().join("`, `");
    let unknown = fields.keys().filter(|name| !is_known(name));
    let message = |name: &str| format!("a DuckDB profile has no field `{name}`");
    unknown.map(|name| wrong(name, message(name), &format!("there are `{known}`"))).collect()
}

fn refuse_unsupported(fields: &ProfileFields) -> Result<(), ProfileError> {
    for (name, value) in fields {
        if let Some((_, reason)) = REFUSED.iter().find(|(refused, _)| refused == name) {
            let is_given = match value {
                Value::Null => false,
                Value::Array(items) => !items.is_empty(),
                _ => true,
            };
            if is_given {
                return Err(wrong(
                    name,
                    format!("`{name}` cannot be used: {reason}"),
                    "remove it from the profile",
                ));
            }
        }
    }
    if flag(fields, "is_ducklake")?.unwrap_or(false) {
        return Err(wrong(
            "is_ducklake",
            "DuckLake is not supported",
            "use a database of DuckDB's own format",
        ));
    }
    Ok(())
}

fn refuse_foreign_path(path: &str) -> Result<(), ProfileError> {
    let scheme = path.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    match scheme.as_deref() {
        Some("md" | "motherduck") => {
            Err(wrong("path", "MotherDuck is not supported", "name a file, or `:memory:`"))
        }
        Some("ducklake") => {
            Err(wrong("path", "DuckLake is not supported", "name a file, or `:memory:`"))
        }
        _ => Ok(()),
    }
}

/// The database's name: what DuckDB makes of the path, or the alias of an attached one.
fn database(
    fields: &ProfileFields,
    path: &str,
    aliases: &[String],
) -> Result<String, ProfileError> {
    let derived = database_of_path(path);
    if derived.is_empty() {
        return Err(wrong(
            "path",
            "no name of a database can be made of the `path`",
            "name a file, or `:memory:`",
        ));
    }
    match text_field(fields, "database")? {
        None => Ok(derived),
        Some(name) if name == derived || aliases.contains(&name) => Ok(name),
        Some(name) => Err(wrong(
            "database",
            format!(
                "the `database` `{name}` does not match the `path`, whose database is `{derived}`"
            ),
            &format!("set `database: {derived}`, or leave it out"),
        )),
    }
}

/// DuckDB names a database after the first part of its file's name that is not empty, such as `shop` for
/// `data/shop.v2.duckdb`.
pub(crate) fn database_of_path(path: &str) -> String {
    if path == ":memory:" {
        return "memory".to_owned();
    }
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    file.trim_start_matches('.').split('.').next().unwrap_or_default().to_owned()
}

fn retries(value: Option<&Value>) -> Result<Option<Retries>, ProfileError> {
    let Some(value) = value.filter(|value| !value.is_null()) else { return Ok(None) };
    let count = |name: &str| match value.get(name) {
        None | Some(Value::Null) => Ok(1),
        Some(value) => value
            .as_u64()
            .and_then(|count| u32::try_from(count).ok())
            .filter(|count| *count > 0)
            .ok_or_else(|| {
                wrong(
                    "retries",
                    format!("`{name}` of `retries` is not a count"),
                    "write a whole number above 0",
                )
            }),
    };
    let exceptions = match value.get("retryable_exceptions") {
        None | Some(Value::Null) => vec!["IOException".to_owned()],
        Some(names) => list("retries", Some(names))?.iter().map(text_of).collect(),
    };
    let (connect_attempts, query_attempts) = (count("connect_attempts")?, count("query_attempts")?);
    Ok(Some(Retries { connect_attempts, query_attempts, exceptions }))
}

fn text_field(fields: &ProfileFields, name: &str) -> Result<Option<String>, ProfileError> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value @ (Value::Object(_) | Value::Array(_))) => {
            Err(wrong(name, format!("`{name}` is not a text but {}", shown(value)), "write a text"))
        }
        Some(value) => Ok(Some(text_of(value))),
    }
}

fn flag(fields: &ProfileFields, name: &str) -> Result<Option<bool>, ProfileError> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(truth)) => Ok(Some(*truth)),
        Some(Value::String(text)) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
        Some(Value::String(text)) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
        Some(value) => Err(wrong(
            name,
            format!("`{name}` is neither true nor false but {}", shown(value)),
            "write true or false",
        )),
    }
}

fn map_field(fields: &ProfileFields, name: &str) -> Result<Vec<(String, String)>, ProfileError> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Object(map)) => {
            Ok(map.iter().map(|(name, value)| (name.clone(), text_of(value))).collect())
        }
        Some(value) => Err(wrong(
            name,
            format!("`{name}` is not a mapping but {}", shown(value)),
            "write names with their values",
        )),
    }
}

fn list<'a>(name: &str, value: Option<&'a Value>) -> Result<&'a [Value], ProfileError> {
    match value {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(items)) => Ok(items),
        Some(value) => {
            Err(wrong(name, format!("`{name}` is not a list but {}", shown(value)), "write a list"))
        }
    }
}

/// A scalar as the text that DuckDB takes for it.
fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A name between quotes, which it may have already.
fn identifier(name: &str) -> String {
    if is_quoted(name) { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

fn is_quoted(text: &str) -> bool {
    ['\'', '"']
        .iter()
        .any(|quote| text.len() >= 2 && text.starts_with(*quote) && text.ends_with(*quote))
}

/// The value of one of the profile's fields without its credentials, which go into `hidden`.
fn masked_in_profile(name: &str, value: &Value, hidden: &mut Vec<String>) -> Value {
    match name {
        "attach" => attachment::masked_list(value, hidden),
        name => masked_field(name, value, is_credential, hidden),
    }
}

/// The value for a message, without its credentials.
fn shown(value: &Value) -> Value {
    masked(value, is_credential, &mut Vec::new())
}

fn wrong(field: &str, message: impl Into<String>, hint: &str) -> ProfileError {
    ProfileError {
        field: Some(field.to_owned()),
        message: message.into(),
        hint: Some(hint.to_owned()),
    }
}

#[cfg(test)]
mod tests;
