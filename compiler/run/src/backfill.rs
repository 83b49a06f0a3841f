//! Many sessions in one run: which node in which window, and what waits for what.

mod done;
mod execute;
mod once;
mod plan;

pub use done::leave_out;
pub use execute::{
    BackfillEvent, BackfillObserver, BackfillReport, BackfillRequest, StepResult, execute_backfill,
};
pub use once::refuse_windows_read_once;
pub use plan::{BackfillRange, ModelWindows, Plan, PlannedStep, plan, windows_of};
