//! What to run, on what, how.

use std::sync::Arc;

use adapter_interface::Warehouse;
use graph::{Deferral, Graph, Selection};
use indexmap::IndexMap;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use session::{SessionInput, SessionTime, TimeError, Window};
use source::{Clock, Sources};
use template::Engine;

use crate::report::BatchResults;

/// What is done with each selected node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Compile and build or test it: `run`, `build`, `test`, `seed`, `snapshot`.
    Execute,
    /// Compile it: `compile`, `docs generate`.
    Compile {
        /// Whether ephemeral models have results: in `compile` with `--select`, as in dbt.
        tells_ephemerals: bool,
    },
    /// Put here what an earlier run built elsewhere, without building it: `clone`.
    Clone,
    /// Compile it and fetch the first rows of its query.
    Show {
        /// How many rows; none for all.
        limit: Option<u64>,
    },
    /// Find out how old the newest rows of sources are: `source freshness`.
    Freshness {
        /// The session time, from which ages are reckoned, in microseconds since 1970-01-01T00:00:00Z; none for
        /// the time of asking.
        now: Option<i64>,
    },
}

/// What the command line says of the times that are read and built, beside the session time.
#[derive(Debug, Clone, Default)]
pub struct Batching {
    /// `--event-time-start` and `--event-time-end`: microbatch models build the batches between them.
    pub event_times: Option<(SessionTime, SessionTime)>,
    /// The window of a step of a backfill: microbatch models build it as one batch, which may be larger than theirs.
    pub window: Option<Window>,
    /// `--sample`: what is read has only the rows between these times.
    pub sample: Option<(SessionTime, SessionTime)>,
    /// What an earlier run left to do, by unique id: its failed batches alone are built.
    pub earlier: IndexMap<String, BatchResults>,
    /// The overloads that the run before this one created of functions of which others failed, by unique id.
    pub overloads: IndexMap<String, Vec<String>>,
    /// Up to when batches are built when nothing else says so, in microseconds since 1970: the start of the program.
    pub started_at: i64,
}

impl Batching {
    /// The start of the program, in UTC.
    pub(crate) fn now(&self) -> Result<SessionTime, TimeError> {
        let now = Timestamp::from_microsecond(self.started_at)?;
        Ok(SessionTime::new(now, TimeZone::UTC))
    }
}

/// What fails that would only warn, as `--warn-error` and `--warn-error-options` ask.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Strictness {
    /// Rows that data tests warn of (dbt's event `LogTestResult`).
    pub tests: bool,
    /// Sources that are older than `warn_after` (dbt's event `LogFreshnessResult`).
    pub freshness: bool,
    /// Clocks in models that sessions build.
    pub clocks: bool,
}

/// Everything a run needs.
#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub struct RunRequest {
    /// The project.
    pub graph: Arc<Graph>,
    /// The nodes to work on.
    pub selection: Selection,
    /// What to do with them.
    pub action: Action,
    /// Whether `on-run-start` and `on-run-end` are run.
    pub runs_hooks: bool,
    /// Whether failed tests keep what stands below the tested node from being built, as in `build`.
    pub tests_block: bool,
    /// How many workers, at least 1.
    pub threads: usize,
    /// Stop at the first failure.
    pub fails_fast: bool,
    /// `--empty`: references give no rows.
    pub is_empty: bool,
    /// The time that the run is for: that of the project, or another one in a backfill.
    pub session: Option<SessionInput>,
    /// Batches and samples.
    pub batching: Batching,
    /// What fails that would only warn (`--warn-error`).
    pub strictness: Strictness,
    /// Where references lead to what an earlier run built elsewhere (`--defer`), or where `clone` takes it from.
    pub deferral: Option<Arc<Deferral>>,
    /// Templates.
    pub engine: Arc<Engine>,
    /// The warehouse.
    pub warehouse: Arc<dyn Warehouse>,
    /// All texts.
    pub sources: Arc<Sources>,
    /// The wall clock, for timings.
    pub clock: Arc<dyn Clock>,
}
