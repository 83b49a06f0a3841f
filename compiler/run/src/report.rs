//! What a run leaves behind.

use std::sync::Arc;

use adapter_interface::Response;
use graph::NodeIndex;
use session::{SessionInput, Window};
use source::Diagnostic;
use template::ResultTable;

use crate::compiled::CompiledNodes;
use crate::freshness::Freshness;
use crate::sessions::Sessions;

/// How a node ended; the words are dbt's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NodeStatus {
    /// Built.
    Success,
    /// Could not be built or tested.
    Error,
    /// Built in part: some batches or overloads were, some were not.
    PartialSuccess,
    /// Not tried, since something it needs failed or the run ended early.
    Skipped,
    /// A test found nothing.
    Pass,
    /// A test found rows.
    Fail,
    /// A test found rows and only warns.
    Warn,
    /// There was nothing to do.
    NoOp,
    /// The age of a source could not be found out.
    RuntimeError,
}

impl NodeStatus {
    /// dbt's word, as in `run_results.json`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Error => "error",
            Self::PartialSuccess => "partial success",
            Self::Skipped => "skipped",
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Warn => "warn",
            Self::NoOp => "no-op",
            Self::RuntimeError => "runtime error",
        }
    }

    /// Whether the command fails because of it.
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Error | Self::Fail | Self::RuntimeError | Self::PartialSuccess)
    }
}

/// What became of the batches of a microbatch model.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BatchResults {
    /// Built.
    pub successful: Vec<Window>,
    /// Not built.
    pub failed: Vec<Window>,
}

/// What became of the overloads of a function, by the names of their files.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OverloadResults {
    /// Created, now or by the run that this one goes on with.
    pub successful: Vec<String>,
    /// Not created.
    pub failed: Vec<String>,
}

/// When a phase of a node's work took place, in microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// `compile` or `execute`.
    pub name: &'static str,
    /// The start.
    pub started_at: i64,
    /// The end.
    pub completed_at: i64,
}

/// How a node ended, with all that artifacts and lines on the screen say of it.
#[derive(Debug, Clone)]
pub struct NodeResult {
    /// The node.
    pub node: NodeIndex,
    /// The node's unique id.
    pub unique_id: Arc<str>,
    /// How it ended.
    pub status: NodeStatus,
    /// A few words: the warehouse's response, or what went wrong.
    pub message: Option<String>,
    /// The worker.
    pub thread: Arc<str>,
    /// How long it took, in seconds.
    pub execution_time: f64,
    /// Its phases.
    pub timing: Vec<Timing>,
    /// What the warehouse said.
    pub response: Option<Response>,
    /// For tests: how many rows failed.
    pub failures: Option<i64>,
    /// The window of the session that it built, for models of a run with a session time.
    pub window: Option<Window>,
    /// The batches of a microbatch model.
    pub batches: Option<BatchResults>,
    /// The compiled SQL, when it came so far.
    pub compiled_code: Option<Arc<str>>,
    /// What became of a function's overloads; of functions that were built.
    pub overloads: Option<OverloadResults>,
    /// The last statement of the node, for `target/run`.
    pub run_code: Option<Arc<str>>,
    /// The relation it built or stored failures in, as it stands in SQL.
    pub relation_name: Option<String>,
    /// What to show the user when it failed or warned.
    pub diagnostics: Vec<Diagnostic>,
    /// For `show` and `seed --show`: the rows.
    pub table: Option<ResultTable>,
    /// For sources: how old the newest row is.
    pub freshness: Option<Freshness>,
}

/// A finished run.
#[derive(Debug, Clone, Default)]
pub struct RunReport {
    /// One result for each node that was to run, in the order they ended; hooks included.
    pub results: Vec<Arc<NodeResult>>,
    /// What compiling and running added to the nodes.
    pub compiled: CompiledNodes,
    /// The time that the run was for.
    pub session: Option<SessionInput>,
    /// How long it took, in seconds.
    pub elapsed: f64,
    /// What kept the run from starting, such as a warehouse out of reach.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether the user cancelled it.
    pub is_cancelled: bool,
    /// The sessions of its workers, which end when the report is gone.
    pub sessions: Sessions,
}

impl RunReport {
    /// Whether everything is well: nothing failed, nothing kept it from starting.
    pub fn is_success(&self) -> bool {
        !self.is_cancelled
            && !self.diagnostics.iter().any(Diagnostic::is_error)
            && !self.results.iter().any(|result| {
                // A node that was skipped with a reason of its own: an ephemeral model that it uses failed.
                result.status.is_failure()
                    || (result.status == NodeStatus::Skipped
                        && result.diagnostics.iter().any(Diagnostic::is_error))
            })
    }
}
