//! The fields of a profile by kind, with messages for what is of another kind.

pub(super) use adapter_interface::wrong_field as wrong;
use adapter_interface::{FieldReader, ProfileError, ProfileFields};
use serde_json::Value;

/// A profile's fields.
pub(super) struct Fields<'a>(pub(super) &'a ProfileFields);

impl Fields<'_> {
    /// A field as text; nothing where it is missing, null or empty.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, ProfileError> {
        FieldReader::new(self.0).text(name)
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
        FieldReader::new(self.0).whole_number(name)
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
