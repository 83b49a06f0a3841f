//! The fields of a profile by kind, with messages for what is of another kind.

use indexmap::IndexMap;
use serde_json::Value;

use crate::factory::{ProfileError, ProfileFields};

/// Reads the fields of a profile's output.
#[derive(Debug, Clone, Copy)]
pub struct FieldReader<'a> {
    fields: &'a ProfileFields,
}

impl<'a> FieldReader<'a> {
    /// A reader of these fields.
    pub fn new(fields: &'a ProfileFields) -> Self {
        Self { fields }
    }

    /// A field as text, as it is written; nothing where it is missing or null.
    pub fn written(&self, name: &str) -> Result<Option<String>, ProfileError> {
        match self.fields.get(name) {
            None | Some(Value::Null) => Ok(None),
            // What is in it may be a secret.
            Some(Value::Object(_) | Value::Array(_)) => {
                Err(wrong_field(name, format!("`{name}` is not a text"), "write a text"))
            }
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(value) => Ok(Some(value.to_string())),
        }
    }

    /// A field as text; nothing where it is missing, null or empty.
    pub fn text(&self, name: &str) -> Result<Option<String>, ProfileError> {
        Ok(self.written(name)?.filter(|text| !text.is_empty()))
    }

    /// A field as text that has to be there; `warehouse` is whose profile it is, such as `Trino`.
    pub fn required(&self, name: &str, warehouse: &str) -> Result<String, ProfileError> {
        self.text(name)?.ok_or_else(|| {
            let message = format!("a {warehouse} profile needs a `{name}`");
            wrong_field(name, message, "add it to the profile")
        })
    }

    /// A field as a whole number from 0.
    pub fn whole_number(&self, name: &str) -> Result<Option<u64>, ProfileError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        text.trim().parse().map(Some).map_err(|_| {
            let message = format!("`{name}` is not a count but `{text}`");
            wrong_field(name, message, "write a whole number")
        })
    }

    /// A field that says yes or no.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, ProfileError> {
        match self.text(name)?.map(|text| text.to_ascii_lowercase()).as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => Err(wrong_field(
                name,
                format!("`{name}` is neither true nor false but `{other}`"),
                "write true or false",
            )),
        }
    }

    /// A field as a list of texts or numbers; an empty one where it is missing or null.
    pub fn list(&self, name: &str) -> Result<Vec<String>, ProfileError> {
        match self.fields.get(name) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(items)) => items.iter().map(|item| scalar(name, item)).collect(),
            Some(other) => {
                let message = format!("`{name}` is not a list but {other}");
                Err(wrong_field(name, message, "write a list"))
            }
        }
    }

    /// A field as texts or numbers by name; none where it is missing or null.
    pub fn texts(&self, name: &str) -> Result<IndexMap<String, String>, ProfileError> {
        match self.fields.get(name) {
            None | Some(Value::Null) => Ok(IndexMap::new()),
            Some(Value::Object(fields)) => {
                fields.iter().map(|(key, value)| Ok((key.clone(), scalar(name, value)?))).collect()
            }
            // What was written instead may be a secret.
            Some(_) => Err(wrong_field(
                name,
                format!("`{name}` is not a list of names with values"),
                "write `name: value`, one on each line",
            )),
        }
    }
}

fn scalar(name: &str, value: &Value) -> Result<String, ProfileError> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        other => {
            Err(wrong_field(name, format!("`{name}` contains {other}"), "write texts or numbers"))
        }
    }
}

/// The error of a field, with what to do.
pub fn wrong_field(field: &str, message: impl Into<String>, hint: &str) -> ProfileError {
    ProfileError {
        field: Some(field.to_owned()),
        message: message.into(),
        hint: Some(hint.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_are_read_by_kind() {
        let fields: ProfileFields = [
            ("port", json!(" 5432 ")),
            ("empty", json!("")),
            ("wants", json!("TRUE")),
            ("tags", json!(["a", 1])),
            ("nested", json!({"secret": "sesame"})),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        let reader = FieldReader::new(&fields);
        assert_eq!(reader.whole_number("port"), Ok(Some(5432)));
        assert_eq!((reader.text("empty"), reader.text("absent")), (Ok(None), Ok(None)));
        assert_eq!(reader.written("empty"), Ok(Some(String::new())));
        assert_eq!(reader.flag("wants"), Ok(Some(true)));
        assert_eq!(reader.list("tags"), Ok(vec!["a".to_owned(), "1".to_owned()]));
        assert!(reader.flag("port").is_err() && reader.required("empty", "Trino").is_err());
        assert_eq!(reader.text("nested").unwrap_err().message, "`nested` is not a text");
    }
}
