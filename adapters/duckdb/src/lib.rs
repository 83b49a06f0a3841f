//! The DuckDB adapter: the embedded engine.
//!
//! Mirrors dbt-duckdb in profile fields, names and results. Depends on `adapter_interface` alone.

mod connection;
mod dialect;
mod error;
mod library;
mod profile;
mod python;
mod seed;
mod source_location;
mod statements;
mod types;
mod values;
mod written_file;

use std::sync::Arc;

use adapter_interface::{
    AdapterFactory, Credentials, Dialect, ProfileError, ProfileFields, Warehouse, WarehouseError,
};

pub use dialect::DuckDbDialect;

use connection::DuckDbWarehouse;
use profile::Settings;

/// Makes DuckDB warehouses from profiles of the type `duckdb`.
#[derive(Debug, Clone, Copy, Default)]
pub struct DuckDbFactory;

impl AdapterFactory for DuckDbFactory {
    fn adapter_type(&self) -> &'static str {
        "duckdb"
    }

    fn dispatch_prefixes(&self) -> &'static [&'static str] {
        &["duckdb"]
    }

    fn dialect(&self) -> Arc<dyn Dialect> {
        Arc::new(DuckDbDialect)
    }

    fn read_profile(&self, fields: &ProfileFields) -> Result<Credentials, ProfileError> {
        profile::read(fields)
    }

    fn unknown_fields(&self, fields: &ProfileFields) -> Vec<ProfileError> {
        profile::unknown(fields)
    }

    fn get_ready(&self) {
        // A failure is kept and told when the database is opened.
        let _ = library::load();
    }

    fn open(&self, credentials: &Credentials) -> Result<Arc<dyn Warehouse>, WarehouseError> {
        let settings = credentials.settings::<Settings>("DuckDB")?;
        Ok(Arc::new(DuckDbWarehouse::open(settings)?))
    }
}
