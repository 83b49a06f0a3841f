//! Doing it: the ready queue, workers, materializations, tests, hooks, results.
//!
//! The only crate with threads. A worker is a thread with a connection of its own; it takes a node when all that the
//! node needs is done, compiles it then (so that `is_incremental()` sees the tables as they are), and runs its
//! materialization.

mod access;
mod alignment;
pub mod backfill;
mod cache;
pub mod cancel;
pub mod catalog;
mod compile;
mod compiled;
mod ctes;
mod estimate;
pub mod event;
mod foreign_keys;
mod freshness;
mod hooks;
pub mod ledger;
mod microbatch;
mod missing_parent;
mod node;
mod operation;
mod overloads;
pub mod pace;
mod pointer;
mod preparation;
mod query_comment;
mod queue;
pub mod report;
pub mod request;
mod retry;
mod root_scope;
mod scheduler;
mod scope;
mod seed_reading;
mod seed_warnings;
mod sessions;
mod test;
mod unit_test;
pub mod verify;
mod wall_clock;
mod workers;

pub use backfill::{
    BackfillEvent, BackfillObserver, BackfillRange, BackfillReport, BackfillRequest, ModelWindows,
    Plan, PlannedStep, StepResult, execute_backfill, leave_out, plan, refuse_windows_read_once,
    windows_of,
};
pub use cancel::CancelFlag;
pub use catalog::{CatalogColumn, CatalogTable, fetch_catalog};
pub use compiled::{CompiledNode, CompiledNodes};
pub use estimate::{NodeEstimate, estimate};
pub use event::{Event, Observer, Silent};
pub use foreign_keys::ForeignKeys;
pub use freshness::Freshness;
pub use hooks::response_dictionary;
pub use ledger::{Coverage, CoverageRequest, Ledger, LedgerRow, coverage, read_ledger};
pub use operation::{OperationRequest, Session};
pub use pace::{Pace, pace};
pub use report::{BatchResults, NodeResult, NodeStatus, OverloadResults, RunReport, Timing};
pub use request::{Action, Batching, RunRequest, Strictness};
pub use scheduler::{connection_failure, execute};
pub use sessions::Sessions;
pub use verify::{Verified, VerifyRequest, verify};
pub use wall_clock::check_templates;
