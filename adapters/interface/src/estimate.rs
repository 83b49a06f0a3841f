//! What statements are for, and what they would cost.

use indexmap::IndexMap;
use serde_json::Value;

/// What a connection works for from now on.
#[derive(Debug, Clone, Copy)]
pub struct Work<'a> {
    /// A node's unique id, or the run itself, such as `master`.
    pub name: &'a str,
    /// The settled configuration of the node; nothing for the run itself.
    pub config: Option<&'a IndexMap<String, Value>>,
    /// The text of the query comment, where the project wants it as labels of jobs (`job-label`).
    pub label: Option<&'a str>,
    /// The id of this invocation of the program.
    pub invocation: &'a str,
}

/// What a query would cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Estimate {
    /// The bytes that it would read.
    pub bytes: u64,
}
