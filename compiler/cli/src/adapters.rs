//! The one list of adapters, behind cargo features.

use std::sync::Arc;

use adapter_interface::AdapterFactory;
use project::Profile;
use source::suggest::did_you_mean;
use source::{Diagnostic, codes};

/// All adapters of this binary.
pub(crate) fn all() -> Vec<Arc<dyn AdapterFactory>> {
    vec![
        Arc::new(adapter_athena::AthenaFactory),
        #[cfg(feature = "bigquery")]
        Arc::new(adapter_bigquery::BigQueryFactory),
        #[cfg(feature = "duckdb")]
        Arc::new(adapter_duckdb::DuckDbFactory),
        #[cfg(feature = "postgres")]
        Arc::new(adapter_postgres::PostgresFactory),
        #[cfg(feature = "postgres")]
        Arc::new(adapter_postgres::RedshiftFactory),
        #[cfg(feature = "trino")]
        Arc::new(adapter_trino::TrinoFactory),
    ]
}

/// The adapter that a profile's `type` names.
pub(crate) fn find(profile: &Profile) -> Result<Arc<dyn AdapterFactory>, Diagnostic> {
    let adapters = all();
    let names: Vec<&str> = adapters.iter().map(|adapter| adapter.adapter_type()).collect();
    if let Some(adapter) =
        adapters.iter().find(|adapter| adapter.adapter_type() == profile.adapter_type)
    {
        return Ok(adapter.clone());
    }
    let place =
        profile.field_spans.iter().find(|(field, _)| field == "type").map(|(_, span)| *span);
    let hint = did_you_mean(&profile.adapter_type, names.iter().copied())
        .unwrap_or_else(|| format!("this binary has: {}", names.join(", ")));
    Err(Diagnostic::error(
        codes::ADAPTER_UNKNOWN,
        format!("there is no adapter for `type: {}`", profile.adapter_type),
    )
    .at_optional(place.or(profile.span))
    .hint(hint))
}
