//! From a profile to a warehouse.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;
use thiserror::Error;

use crate::connection::Warehouse;
use crate::dialect::Dialect;
use crate::error::{WarehouseError, WarehouseErrorKind};

/// One output of a profile, as written: field by field, rendered.
pub type ProfileFields = IndexMap<String, Value>;

/// A field of a profile that is missing or wrong.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct ProfileError {
    /// The field, for the place.
    pub field: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

/// A macro file that an adapter brings, or that every project has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MacroPackage {
    /// The package's name, such as `dbt_duckdb`.
    pub name: &'static str,
    /// Path inside the package and text, file by file.
    pub files: &'static [(&'static str, &'static str)],
}

/// A profile's output, understood by its adapter.
#[derive(Clone)]
pub struct Credentials {
    /// Where nodes go that name no database.
    pub database: Option<String>,
    /// Where nodes go that name no schema.
    pub schema: String,
    /// The fields that `target` shows to templates and `debug` prints: never a secret.
    pub shown: IndexMap<String, Value>,
    /// Texts that must never be printed or written.
    pub secrets: Vec<String>,
    /// What the adapter itself keeps, for its own eyes.
    pub details: Arc<dyn Any + Send + Sync>,
}

impl Credentials {
    /// What the adapter of this name keeps: its own settings, as it read them.
    pub fn settings<T: Any>(&self, adapter: &str) -> Result<&T, WarehouseError> {
        self.details.downcast_ref::<T>().ok_or_else(|| {
            WarehouseError::new(
                WarehouseErrorKind::Configuration,
                format!("the credentials are not those of {adapter}"),
            )
        })
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Credentials")
            .field("database", &self.database)
            .field("schema", &self.schema)
            .field("shown", &self.shown)
            .finish_non_exhaustive()
    }
}

/// Makes warehouses of one kind from profiles.
pub trait AdapterFactory: Send + Sync {
    /// The `type` in profiles, such as `duckdb`.
    fn adapter_type(&self) -> &'static str;

    /// The prefixes by which `adapter.dispatch` looks for this adapter's macros, nearest first, without `default`.
    fn dispatch_prefixes(&self) -> &'static [&'static str];

    /// The adapter's own way to write SQL.
    fn dialect(&self) -> Arc<dyn Dialect>;

    /// Reads the fields of a profile's output.
    fn read_profile(&self, fields: &ProfileFields) -> Result<Credentials, ProfileError>;

    /// Fields of a profile's output that mean nothing to the adapter, with what to say of each; dbt passes over them.
    fn unknown_fields(&self, _: &ProfileFields) -> Vec<ProfileError> {
        Vec::new()
    }

    /// Does ahead of [`Self::open`] what takes time and needs no connection, such as loading a library: it is called
    /// on a thread of its own while the project is read. What fails here fails again in `open`, which tells of it.
    fn get_ready(&self) {}

    /// Opens the warehouse.
    fn open(&self, credentials: &Credentials) -> Result<Arc<dyn Warehouse>, WarehouseError>;
}
