//! The PostgreSQL adapter.
//!
//! Mirrors dbt-postgres in profile fields, names and results, and libpq in how a server is found, spoken to
//! securely and quoted when it complains. The messages of the wire come from `postgres-protocol`; the session is
//! ours and blocks its thread, because the clients built on that crate hide what dbt shows: the command's own
//! words (`SELECT 3`) and the types of a text result. Depends on `adapter_interface` alone.

mod authentication;
mod catalog;
mod connection;
mod dialect;
mod endpoint;
mod error;
mod password_command;
mod profile;
mod redshift;
mod seed;
mod session;
mod statements;
mod stream;
mod tls;
mod types;
mod values;

use std::sync::Arc;

use adapter_interface::{
    AdapterFactory, Credentials, Dialect, ProfileError, ProfileFields, Warehouse, WarehouseError,
};

pub use dialect::PostgresDialect;
pub use redshift::{RedshiftDialect, RedshiftFactory};

use connection::PostgresWarehouse;
use profile::Settings;

/// Makes PostgreSQL warehouses from profiles of the type `postgres`.
#[derive(Debug, Clone, Copy, Default)]
pub struct PostgresFactory;

impl AdapterFactory for PostgresFactory {
    fn adapter_type(&self) -> &'static str {
        "postgres"
    }

    fn dispatch_prefixes(&self) -> &'static [&'static str] {
        &["postgres"]
    }

    fn dialect(&self) -> Arc<dyn Dialect> {
        Arc::new(PostgresDialect)
    }

    fn read_profile(&self, fields: &ProfileFields) -> Result<Credentials, ProfileError> {
        profile::read(fields, &|name| std::env::var(name).ok())
    }

    fn open(&self, credentials: &Credentials) -> Result<Arc<dyn Warehouse>, WarehouseError> {
        open(credentials)
    }
}

/// Opens the server that the credentials lead to.
fn open(credentials: &Credentials) -> Result<Arc<dyn Warehouse>, WarehouseError> {
    let settings = credentials.settings::<Settings>("PostgreSQL")?;
    Ok(Arc::new(PostgresWarehouse::open(settings)?))
}
