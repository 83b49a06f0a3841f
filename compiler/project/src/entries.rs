//! Entries of a mapping that is seldom written.

use std::fmt;
use std::ops::Deref;
use std::sync::LazyLock;

use indexmap::IndexMap;
use serde_json::Value;

/// Entries by key, in the order written.
///
/// A project has tens of thousands of columns and nodes, and most write none: where there are none, this is a pointer
/// to nothing, not an empty map of nine times its size.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Entries(Option<Box<IndexMap<String, Value>>>);

static NONE: LazyLock<IndexMap<String, Value>> = LazyLock::new(IndexMap::new);

impl Deref for Entries {
    type Target = IndexMap<String, Value>;

    fn deref(&self) -> &Self::Target {
        self.0.as_deref().unwrap_or(&NONE)
    }
}

impl fmt::Debug for Entries {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(formatter)
    }
}

impl From<IndexMap<String, Value>> for Entries {
    fn from(mut entries: IndexMap<String, Value>) -> Self {
        entries.shrink_to_fit();
        Self((!entries.is_empty()).then(|| Box::new(entries)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_entries_take_no_room() {
        assert_eq!(size_of::<Entries>(), size_of::<usize>());
        assert_eq!(Entries::from(IndexMap::new()), Entries::default());
        let one = Entries::from(IndexMap::from([("a".to_owned(), Value::Null)]));
        assert_eq!((one.len(), Entries::default().len()), (1, 0));
    }
}
