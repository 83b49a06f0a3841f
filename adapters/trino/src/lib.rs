//! The Trino adapter, for Starburst too.
//!
//! Mirrors dbt-trino in profile fields, names and results, and Trino's own clients in how they speak to a
//! coordinator: a statement is posted, its pages are fetched one after the other, and what the server says about
//! the session is said back to it with the next statement. Depends on `adapter_interface` alone.

mod authentication;
mod connection;
mod dialect;
mod error;
mod http;
mod latin_text;
mod page;
mod profile;
mod routing;
mod seed;
mod session;
mod statement;
mod types;
mod values;

use std::sync::Arc;

use adapter_interface::{
    AdapterFactory, Credentials, Dialect, ProfileError, ProfileFields, Warehouse, WarehouseError,
};

pub use dialect::TrinoDialect;

use connection::TrinoWarehouse;
use profile::Settings;

/// Makes Trino warehouses from profiles of the type `trino`.
#[derive(Debug, Clone, Copy, Default)]
pub struct TrinoFactory;

impl AdapterFactory for TrinoFactory {
    fn adapter_type(&self) -> &'static str {
        "trino"
    }

    fn dispatch_prefixes(&self) -> &'static [&'static str] {
        &["trino"]
    }

    fn dialect(&self) -> Arc<dyn Dialect> {
        Arc::new(TrinoDialect)
    }

    fn read_profile(&self, fields: &ProfileFields) -> Result<Credentials, ProfileError> {
        profile::read(fields)
    }

    fn open(&self, credentials: &Credentials) -> Result<Arc<dyn Warehouse>, WarehouseError> {
        let settings = credentials.settings::<Settings>("Trino")?;
        Ok(Arc::new(TrinoWarehouse::open(settings)?))
    }
}
