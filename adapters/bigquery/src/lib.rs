//! The BigQuery adapter.
//!
//! Mirrors dbt-bigquery in profile fields, names and results. The client is ours: a thin one that speaks the
//! service's REST API, uploads what it loads, tries again what may pass, and keeps status and reason of an error.
//! Depends on `adapter_interface` alone.

mod authentication;
mod catalog;
mod client;
mod connection;
mod dialect;
mod error;
mod http;
mod job;
mod labels;
mod materialized_view;
mod methods;
mod nested;
mod options;
mod partition;
mod payload;
mod profile;
mod response;
mod retry;
mod schema_change;
mod seed;
mod statements;
mod types;
mod upload;
mod values;

use std::sync::Arc;

use adapter_interface::{
    AdapterFactory, Credentials, Dialect, ProfileError, ProfileFields, Warehouse, WarehouseError,
};

pub use dialect::BigQueryDialect;

use connection::BigQueryWarehouse;
use profile::Settings;

/// Makes BigQuery warehouses from profiles of the type `bigquery`.
#[derive(Debug, Clone, Copy, Default)]
pub struct BigQueryFactory;

impl AdapterFactory for BigQueryFactory {
    fn adapter_type(&self) -> &'static str {
        "bigquery"
    }

    fn dispatch_prefixes(&self) -> &'static [&'static str] {
        &["bigquery"]
    }

    fn dialect(&self) -> Arc<dyn Dialect> {
        Arc::new(BigQueryDialect)
    }

    fn read_profile(&self, fields: &ProfileFields) -> Result<Credentials, ProfileError> {
        profile::read(fields, &|name| std::env::var(name).ok())
    }

    fn open(&self, credentials: &Credentials) -> Result<Arc<dyn Warehouse>, WarehouseError> {
        let settings = credentials.settings::<Settings>("BigQuery")?;
        Ok(Arc::new(BigQueryWarehouse::open(settings)))
    }
}
