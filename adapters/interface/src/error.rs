//! What can go wrong in a warehouse.

use thiserror::Error;

/// The kind of an error, on which retries and messages depend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WarehouseErrorKind {
    /// Passes by itself, and nothing was done: worth another try.
    Transient,
    /// The connection is gone, or the answer: whether the statement was done, nobody knows.
    Disconnected,
    /// Credentials are wrong or do not suffice.
    Authentication,
    /// The statement is wrong.
    Sql,
    /// Another process holds what is needed.
    Locked,
    /// The statement was cancelled.
    Cancelled,
    /// The profile or the set-up is wrong.
    Configuration,
    /// Anything else.
    Other,
}

/// An error of a warehouse.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct WarehouseError {
    /// The kind.
    pub kind: WarehouseErrorKind,
    /// The warehouse's own words, without secrets.
    pub message: String,
    /// The warehouse's own code, such as a SQLSTATE.
    pub code: Option<String>,
    /// The byte of the statement at which the warehouse points.
    pub position: Option<usize>,
}

impl WarehouseError {
    /// An error of a kind with a message.
    pub fn new(kind: WarehouseErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), code: None, position: None }
    }
}
