//! DuckDB's extensions: the field `extensions`.

use adapter_interface::ProfileError;
use serde_json::Value;

use super::{list, quoted, wrong};

/// An extension to load before anything else is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Extension {
    /// Its name.
    pub name: String,
    /// Where it comes from, as SQL: the name of a repository, or an address between quotes.
    pub repository: Option<String>,
}

impl Extension {
    /// The statement that loads it.
    pub(crate) fn load(&self) -> String {
        format!("LOAD {}", self.name)
    }

    /// The statement that fetches it, unless it is there.
    pub(crate) fn install(&self) -> String {
        match &self.repository {
            Some(repository) => format!("INSTALL {} FROM {repository}", self.name),
            None => format!("INSTALL {}", self.name),
        }
    }
}

/// Reads the list of extensions: names, or names with a repository.
pub(super) fn read(value: Option<&Value>) -> Result<Vec<Extension>, ProfileError> {
    list("extensions", value)?.iter().map(extension).collect()
}

fn extension(written: &Value) -> Result<Extension, ProfileError> {
    match written {
        Value::String(name) => Ok(Extension { name: name.clone(), repository: None }),
        Value::Object(parts) => {
            let part = |name: &str| parts.get(name).and_then(Value::as_str);
            let (Some(name), Some(repository)) = (part("name"), part("repo")) else {
                return Err(wrong(
                    "extensions",
                    "an extension needs a `name` and a `repo`",
                    "write both, or only a name",
                ));
            };
            // An address is a text in SQL, the name of a repository is not.
            let is_address = repository.contains(['/', '.', ':']) && !repository.starts_with('\'');
            let repository = if is_address { quoted(repository) } else { repository.to_owned() };
            Ok(Extension { name: name.to_owned(), repository: Some(repository) })
        }
        _ => Err(wrong(
            "extensions",
            "an extension is a name, or a `name` with a `repo`",
            "write a name",
        )),
    }
}
