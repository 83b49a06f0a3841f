//! Maps by names.

use indexmap::IndexMap;

/// What is looked up by a name: each render does so hundreds of times, and nobody outside chooses the names.
pub(crate) type NameMap<Value> = IndexMap<String, Value, foldhash::fast::RandomState>;
