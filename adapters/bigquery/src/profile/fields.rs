//! The fields of a profile by kind, with messages for what is of another kind.

use adapter_interface::{ProfileError, ProfileFields};
use serde_json::Value;

/// A profile's fields.
pub(super) struct Fields<'a>(pub(super) &'a ProfileFields);

impl Fields<'_> {
    /// A field as text; nothing where it is missing, null or empty.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, ProfileError> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(_) | Value::Array(_)) => {
                Err(wrong(name, format!("`{name}` is not a text"), "write a text"))
            }
            Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
            Some(value) => Ok(Some(value.to_string())),
        }
    }

    /// A field under one of two names.
    pub(super) fn either(&self, name: &str, alias: &str) -> Result<Option<String>, ProfileError> {
        match self.text(name)? {
            None => self.text(alias),
            text => Ok(text),
        }
    }

    /// A field as a whole number from 0.
    pub(super) fn whole_number(&self, name: &str) -> Result<Option<u64>, ProfileError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        text.trim().parse().map(Some).map_err(|_| {
            wrong(name, format!("`{name}` is not a count but `{text}`"), "write a whole number")
        })
    }

    /// A whole number under the first of some names that is there.
    pub(super) fn whole_number_of(&self, names: [&str; 2]) -> Result<Option<u64>, ProfileError> {
        match self.whole_number(names[0])? {
            None => self.whole_number(names[1]),
            number => Ok(number),
        }
    }

    /// `scopes`: a list of texts.
    pub(super) fn scopes(&self) -> Result<Option<Vec<String>>, ProfileError> {
        match self.0.get("scopes") {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Array(items)) => items
                .iter()
                .map(|item| item.as_str().map(str::to_owned))
                .collect::<Option<Vec<_>>>()
                .map(Some)
                .ok_or_else(|| {
                    wrong("scopes", "`scopes` is not a list of texts", "write addresses")
                }),
            Some(_) => Err(wrong("scopes", "`scopes` is not a list", "write a list of addresses")),
        }
    }
}

/// The error of a field.
pub(super) fn wrong(field: &str, message: impl Into<String>, hint: &str) -> ProfileError {
    ProfileError {
        field: Some(field.to_owned()),
        message: message.into(),
        hint: Some(hint.to_owned()),
    }
}
