//! The Amazon Athena adapter. Experimental: tested against a server that speaks the protocols of AWS, not against AWS.
//!
//! Mirrors dbt-athena in profile fields, names and results. Athena runs the statements, Glue knows the tables, S3 holds
//! their data. The way to AWS is its own library, behind the cargo feature `aws`, so that whoever does not need it does
//! not compile it; all else compiles and is tested without. Depends on `adapter_interface` alone.
#![cfg_attr(
    not(feature = "aws"),
    expect(
        dead_code,
        reason = "without the way to AWS there are no sessions, or none but those of tests"
    )
)]

#[cfg(feature = "aws")]
mod aws;
mod connection;
mod dialect;
mod documentation;
mod error;
mod glue;
mod location;
mod methods;
mod partitions;
mod prepared;
mod profile;
mod seed;
mod service;
mod types;
mod values;

use std::sync::Arc;

use adapter_interface::{
    AdapterFactory, Credentials, Dialect, ProfileError, ProfileFields, Warehouse, WarehouseError,
};

pub use dialect::AthenaDialect;

use profile::Settings;

/// Makes Athena warehouses from profiles of the type `athena`.
#[derive(Debug, Clone, Copy, Default)]
pub struct AthenaFactory;

impl AdapterFactory for AthenaFactory {
    fn adapter_type(&self) -> &'static str {
        "athena"
    }

    /// Athena is a Trino with Hive's data definition.
    fn dispatch_prefixes(&self) -> &'static [&'static str] {
        &["athena", "trino"]
    }

    fn dialect(&self) -> Arc<dyn Dialect> {
        Arc::new(AthenaDialect)
    }

    fn read_profile(&self, fields: &ProfileFields) -> Result<Credentials, ProfileError> {
        profile::read(fields)
    }

    fn open(&self, credentials: &Credentials) -> Result<Arc<dyn Warehouse>, WarehouseError> {
        let settings = credentials.settings::<Settings>("Athena")?;
        open(settings)
    }
}

#[cfg(feature = "aws")]
fn open(settings: &Settings) -> Result<Arc<dyn Warehouse>, WarehouseError> {
    let service = aws::Aws::open(settings)?;
    Ok(Arc::new(connection::AthenaWarehouse::new(settings.clone(), Box::new(service))))
}

/// The words say what to do: whoever reads them has a binary that others built.
#[cfg(not(feature = "aws"))]
fn open(_: &Settings) -> Result<Arc<dyn Warehouse>, WarehouseError> {
    Err(WarehouseError::new(
        adapter_interface::WarehouseErrorKind::Configuration,
        "this binary was built without the way to Amazon Athena: build it with `cargo build --release --features athena`",
    ))
}
