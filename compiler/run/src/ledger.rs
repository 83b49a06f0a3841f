//! The ledger: a table in the warehouse that says which window of which model was built, by which code.
//!
//! A row is written by the materialization, before it commits, so that it is there exactly when the data is. What the
//! ledger says of a model whose table is gone does not count.

mod coverage;
mod entry;
mod read;

pub use coverage::{Coverage, CoverageRequest, coverage};
pub(crate) use entry::{ledger_entry, prepare_ledger};
pub use read::{Ledger, LedgerRow, read_ledger};

use adapter_interface::Relation;
use project::Project;
use template::Engine;

/// The columns of the ledger that quern reads and writes; others are let be.
pub const COLUMNS: [&str; 9] = [
    "model",
    "relation",
    "window_start",
    "window_end",
    "session_time",
    "code",
    "row_count",
    "invocation_id",
    "finished_at",
];

/// The ledger's table, by `ledger:` of `quern.yml`; none where it is switched off.
pub fn ledger_relation(engine: &Engine, project: &Project) -> Option<Relation> {
    let settings = &project.quern.ledger;
    let credentials = engine.credentials();
    settings.is_enabled.then(|| {
        Relation::new(
            credentials.database.as_deref(),
            Some(settings.schema.as_deref().unwrap_or(&credentials.schema)),
            Some(&settings.name),
            engine.dialect().default_quoting(),
        )
    })
}
