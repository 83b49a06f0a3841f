//! What happens during a run, told to an observer as it happens.

use std::sync::Arc;

use graph::NodeIndex;
use source::Diagnostic;

use crate::report::{NodeResult, NodeStatus};

/// One thing that happened. Closed: whoever shows a run handles all of them.
#[derive(Debug, Clone)]
pub enum Event {
    /// Schemas are made and relations listed; then nodes start.
    Prepared {
        /// How many nodes will be shown as `n of total`.
        total: usize,
        /// How many workers there are.
        threads: usize,
    },
    /// A hook of `on-run-start` or `on-run-end` starts.
    HookStarted {
        /// The hook's node.
        node: NodeIndex,
        /// Its place, from 1.
        index: usize,
        /// How many hooks its stage has.
        total: usize,
    },
    /// A hook ended.
    HookFinished {
        /// The hook's node.
        node: NodeIndex,
        /// Its place, from 1.
        index: usize,
        /// How many hooks its stage has.
        total: usize,
        /// How it ended.
        result: Arc<NodeResult>,
    },
    /// A node starts.
    NodeStarted {
        /// The node.
        node: NodeIndex,
        /// Its place in the order of starts, from 1.
        index: usize,
        /// How many nodes the run has.
        total: usize,
        /// The worker, such as `Thread-1`.
        thread: Arc<str>,
    },
    /// A node's SQL is compiled; for `target/compiled`.
    NodeCompiled {
        /// The node.
        node: NodeIndex,
        /// The SQL.
        code: Arc<str>,
    },
    /// A node ended, or was skipped.
    NodeFinished {
        /// The node.
        node: NodeIndex,
        /// Its place in the order of starts, from 1.
        index: usize,
        /// How many nodes the run has.
        total: usize,
        /// How it ended.
        result: Arc<NodeResult>,
    },
    /// A batch of a microbatch model starts.
    BatchStarted {
        /// The node.
        node: NodeIndex,
        /// The batch, such as `2024-09-17`.
        batch: Arc<str>,
        /// Its place, from 1.
        index: usize,
        /// How many batches the model has.
        total: usize,
        /// The worker.
        thread: Arc<str>,
    },
    /// A batch's SQL is compiled.
    BatchCompiled {
        /// The node.
        node: NodeIndex,
        /// The batch.
        batch: Arc<str>,
        /// The SQL.
        code: Arc<str>,
    },
    /// A batch sent what belongs into `target/run`.
    BatchWritten {
        /// The node.
        node: NodeIndex,
        /// The batch.
        batch: Arc<str>,
        /// The statement.
        code: Arc<str>,
    },
    /// A batch ended, or was skipped.
    BatchFinished {
        /// The node.
        node: NodeIndex,
        /// The batch.
        batch: Arc<str>,
        /// Its place, from 1.
        index: usize,
        /// How many batches the model has.
        total: usize,
        /// How it ended.
        status: NodeStatus,
        /// A few words.
        message: String,
        /// How long it took.
        seconds: f64,
        /// The worker.
        thread: Arc<str>,
    },
    /// An overload of a function starts.
    OverloadStarted {
        /// The function.
        node: NodeIndex,
        /// The name of its file.
        overload: Arc<str>,
        /// Its place, from 1, and how many overloads the function has.
        place: (usize, usize),
        /// The worker.
        thread: Arc<str>,
    },
    /// An overload ended, or was there already.
    OverloadFinished {
        /// The function.
        node: NodeIndex,
        /// The name of its file.
        overload: Arc<str>,
        /// Its place, from 1, and how many overloads the function has.
        place: (usize, usize),
        /// How it ended.
        status: NodeStatus,
        /// What went wrong.
        error: Option<String>,
        /// How long it took.
        seconds: f64,
        /// The worker.
        thread: Arc<str>,
    },
    /// Something to tell that is no node's end.
    Said(Diagnostic),
}

/// Hears of events, from several threads.
pub trait Observer: Send + Sync {
    /// Takes an event; must not block for long.
    fn observe(&self, event: &Event);
}

/// An observer that looks away.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Observer for Silent {
    fn observe(&self, _: &Event) {}
}
