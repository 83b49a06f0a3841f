//! Further databases beside the main one: the field `attach`.

use adapter_interface::ProfileError;
use serde_json::Value;

use super::credentials::{is_credential, masked, masked_text};
use super::{
    Preparation, database_of_path, identifier, is_quoted, list, quoted, refuse_foreign_path,
    text_of, wrong,
};

/// What is attached.
#[derive(Debug, Default)]
pub(super) struct Attachments {
    /// What attaches them.
    pub preparations: Vec<Preparation>,
    /// The names of the databases.
    pub aliases: Vec<String>,
}

const FIELDS: [&str; 7] =
    ["path", "type", "alias", "secret", "read_only", "options", "is_ducklake"];

/// Reads the list of attached databases.
pub(super) fn read(value: Option<&Value>) -> Result<Attachments, ProfileError> {
    let mut attachments = Attachments::default();
    for attachment in list("attach", value)? {
        let text = |name: &str| attachment.get(name).filter(|value| !value.is_null()).map(text_of);
        let Some(path) = text("path") else {
            return Err(wrong("attach", "an attached database needs a `path`", "add the `path`"));
        };
        refuse_foreign_path(&path)?;
        let names = attachment.as_object().into_iter().flat_map(|fields| fields.keys());
        if let Some(unknown) = names.into_iter().find(|name| !FIELDS.contains(&name.as_str())) {
            let known = FIELDS.join("`, `");
            let message = format!("an attached database has no field `{unknown}`");
            return Err(wrong(
                "attach",
                message,
                &format!("there are `{known}`; others go under `options`"),
            ));
        }
        if attachment.get("is_ducklake").and_then(Value::as_bool).unwrap_or(false) {
            return Err(wrong(
                "attach",
                "DuckLake is not supported",
                "use a database of DuckDB's own format",
            ));
        }
        let options = options(attachment)?;
        let alias = text("alias");
        let name = alias.as_ref().map(|alias| format!(" AS {}", identifier(alias)));
        let name = name.unwrap_or_default();
        let options =
            if options.is_empty() { String::new() } else { format!(" ({})", options.join(", ")) };
        let shown = masked_text(alias.as_deref().unwrap_or(&path), &mut Vec::new());
        attachments.preparations.push(Preparation {
            purpose: format!("attach the database `{shown}`"),
            sql: format!("ATTACH IF NOT EXISTS {}{name}{options}", quoted(&path)),
        });
        attachments.aliases.push(alias.unwrap_or_else(|| database_of_path(&path)));
    }
    Ok(attachments)
}

/// The list without its credentials, which go into `hidden`. What `secret` names is one of the profile's `secrets`.
pub(super) fn masked_list(value: &Value, hidden: &mut Vec<String>) -> Value {
    masked(value, |name| !name.eq_ignore_ascii_case("secret") && is_credential(name), hidden)
}

/// The options in brackets: fields of their own first, then those under `options`.
fn options(attachment: &Value) -> Result<Vec<String>, ProfileError> {
    let empty = serde_json::Map::new();
    let further = attachment.get("options").and_then(Value::as_object).unwrap_or(&empty);
    let is_set = |value: Option<&Value>| {
        value.is_some_and(|value| !value.is_null() && value != &Value::Bool(false))
    };
    let mut options = Vec::new();
    for name in ["type", "secret", "read_only"] {
        let (own, other) = (attachment.get(name), further.get(name));
        if is_set(own) && other.is_some() {
            let message =
                format!("`{name}` of an attached database stands both in `options` and beside it");
            return Err(wrong("attach", message, "keep one of them"));
        }
        let Some(value) = own.filter(|_| is_set(own)).or(other).filter(|value| is_set(Some(value)))
        else {
            continue;
        };
        options.push(match name {
            "read_only" => "READ_ONLY".to_owned(),
            "secret" => format!("SECRET {}", identifier(&text_of(value))),
            name => format!("{} {}", name.to_uppercase(), text_of(value)),
        });
    }
    for (name, value) in further {
        let name = match name.as_str() {
            "type" | "secret" | "read_only" => continue,
            name => name.to_uppercase(),
        };
        match value {
            Value::Null | Value::Bool(false) => {}
            Value::Bool(true) => options.push(name),
            Value::String(text) if is_quoted(text.trim()) => options.push(format!("{name} {text}")),
            Value::String(text) => options.push(format!("{name} {}", quoted(text))),
            other => options.push(format!("{name} {other}")),
        }
    }
    Ok(options)
}
