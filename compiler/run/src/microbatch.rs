//! A model of the strategy `microbatch`: built batch by batch, each a window of time with a result of its own.
//!
//! The rules are dbt's (`MicrobatchModelRunner`): the first batch makes the table or adds to it, the others add to it;
//! when the first fails, the others are not tried; the model's hooks run before the first and after the last.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use graph::{Node, NodeIndex};
use indexmap::IndexMap;
use jiff::Zoned;
use project::{BatchRule, ResourceType};
use serde_json::{Value, json};
use session::{
    BatchRequest, SessionTime, TimeError, Window, batch_id, batch_name, batches, first_batch,
};
use source::{Diagnostic, codes};
use template::{Batch, NodeScope, Overrides, RunFailure, SharedWarehouse};

use crate::event::Event;
use crate::ledger::ledger_entry;
use crate::node::{Attempt, Done, NodeWork, finish};
use crate::report::{BatchResults, NodeResult, NodeStatus, Timing};
use crate::scope::GraphScope;
use crate::workers::STACK_SIZE;

/// What a batch puts around its node.
#[derive(Debug)]
pub(crate) struct BatchScope {
    pub(crate) window: Window,
    /// The first moment after its rows: the window's end, or its start where it is to have none.
    pub(crate) end: Zoned,
    id: String,
    /// `is_incremental` and `should_full_refresh` of the materialization, once there is a table to add to. The model's
    /// own query asks the macros, which say no in a full refresh, as in dbt.
    pub(crate) overrides: Option<Overrides>,
    /// The configuration, with hooks only where they run.
    pub(crate) config: IndexMap<String, Value>,
    /// The last statement that was written to `target/run`.
    written: Mutex<Option<Arc<str>>>,
}

impl BatchScope {
    /// Keeps a statement for `target/run`.
    pub(crate) fn note_written(&self, text: &str) {
        *self.written.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::from(text));
    }

    fn take_written(&self) -> Option<Arc<str>> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// `model.batch`.
    pub(crate) fn shown(&self) -> Batch {
        Batch {
            id: self.id.clone(),
            start: self.window.start().timestamp(),
            end: self.end.timestamp(),
        }
    }
}

/// A batch among the others of its model.
#[derive(Debug, Clone, Copy)]
struct Turn<'a> {
    window: &'a Window,
    rule: &'a BatchRule,
    /// From 1.
    index: usize,
    total: usize,
    is_incremental: bool,
    /// Nothing is due: the table is made without rows.
    is_empty: bool,
    /// Since the first batch failed.
    is_skipped: bool,
}

/// What became of a batch.
struct Outcome {
    window: Window,
    done: Option<Done>,
    compiled_code: Option<Arc<str>>,
    diagnostics: Vec<Diagnostic>,
}

/// What became of the batches of a model.
#[derive(Default)]
struct Built {
    results: BatchResults,
    /// Of the last batch that was built.
    done: Done,
    compiled_code: Option<Arc<str>>,
    diagnostics: Vec<Diagnostic>,
}

impl Built {
    fn take(&mut self, outcome: Outcome) {
        match outcome.done {
            Some(done) => {
                self.results.successful.push(outcome.window);
                self.done = done;
            }
            None => self.results.failed.push(outcome.window),
        }
        self.diagnostics.extend(outcome.diagnostics);
        self.compiled_code = outcome.compiled_code.or(self.compiled_code.take());
    }
}

/// Whether a node is built in batches, and by which rule.
pub(crate) fn batch_rule(node: &Node) -> Option<&BatchRule> {
    node.config.batches.as_deref().filter(|_| node.resource_type == ResourceType::Model)
}

impl NodeWork<'_, '_> {
    /// Builds a model batch by batch.
    pub(crate) fn work_in_batches(
        &self,
        index: NodeIndex,
        rule: &BatchRule,
        warehouse: &SharedWarehouse,
        thread: &Arc<str>,
    ) -> NodeResult {
        let node = self.compiler.scope.graph.node(index);
        let (start, started_at) = (self.clock.elapsed(), self.clock.now_microseconds());
        let served = self.compiler.serve(index, warehouse);
        let built = served.and_then(|()| self.build_batches(index, rule, warehouse, thread));
        let (mut built, status, message) = match built {
            Ok(built) => {
                let (status, message) = verdict(&built.results);
                (built, status, message)
            }
            Err(failure) => {
                let failed = self.failed(node, &failure, None);
                let message = failed.message.unwrap_or_default();
                let built = Built { diagnostics: failed.diagnostics, ..Built::default() };
                (built, NodeStatus::Error, message)
            }
        };
        if let Some(earlier) = self.batching.earlier.get(&*node.unique_id) {
            // What an earlier run built stays told, so that the next `retry` knows of it.
            built.results.successful.extend(earlier.successful.iter().cloned());
        }
        NodeResult {
            node: index,
            unique_id: node.unique_id.clone(),
            status,
            message: Some(message),
            thread: thread.clone(),
            execution_time: self.clock.elapsed().saturating_sub(start).as_secs_f64(),
            timing: vec![Timing {
                name: "execute",
                started_at,
                completed_at: self.clock.now_microseconds(),
            }],
            response: None,
            failures: Some(0),
            window: None,
            batches: Some(built.results),
            compiled_code: built.compiled_code,
            overloads: None,
            run_code: None,
            relation_name: crate::node::reported_relation(node),
            diagnostics: built.diagnostics,
            table: None,
            freshness: None,
        }
    }

    fn build_batches(
        &self,
        index: NodeIndex,
        rule: &BatchRule,
        warehouse: &SharedWarehouse,
        thread: &Arc<str>,
    ) -> Result<Built, Box<RunFailure>> {
        let node = self.compiler.scope.graph.node(index);
        let earlier = self.batching.earlier.get(&*node.unique_id);
        let is_incremental = earlier.is_some() || self.adds_to_its_table(index, warehouse)?;
        let (windows, is_empty) = match earlier {
            Some(earlier) => (earlier.failed.clone(), false),
            None => self.plan(rule, is_incremental).map_err(|error| {
                let message = format!("the batches of `{}` cannot be told: {error}", node.name);
                let diagnostic = Diagnostic::error(codes::WINDOW_INVALID, message)
                    .hint("see the configs `begin` and `batch_size`, and the time of the run");
                Box::new(RunFailure { diagnostic, warehouse: None, statement: None })
            })?,
        };
        let turn = |at: usize| Turn {
            window: &windows[at],
            rule,
            index: at + 1,
            total: windows.len(),
            is_incremental: is_incremental || at > 0,
            is_empty,
            is_skipped: false,
        };
        let turns: Vec<Turn<'_>> = (0..windows.len()).map(turn).collect();
        let mut built = Built::default();
        let Some((first, others)) = turns.split_first() else { return Ok(built) };
        built.take(self.take_turn(index, *first, warehouse, thread));
        let is_skipped = built.results.successful.is_empty();
        let mut others = others.to_vec();
        for turn in &mut others {
            turn.is_skipped = is_skipped;
        }
        let Some((last, between)) = others.split_last() else { return Ok(built) };
        let are_apart = self.are_batches_apart(node, rule) && !is_skipped;
        let workers = if are_apart { self.threads } else { 1 };
        for outcome in self.take_turns(index, between, workers, warehouse, thread) {
            built.take(outcome);
        }
        built.take(self.take_turn(index, *last, warehouse, thread));
        Ok(built)
    }

    /// Whether the batches between the first and the last are built side by side, as dbt decides it: as the model says,
    /// else where the warehouse takes it and the model's SQL does not read its own table.
    fn are_batches_apart(&self, node: &Node, rule: &BatchRule) -> bool {
        let engine = &self.compiler.engine;
        rule.is_concurrent.unwrap_or_else(|| {
            engine.dialect().capabilities().has_concurrent_batches
                && !engine.look(&node.package, &node.raw_code).reads_this
        })
    }

    /// Builds the batches that have no hooks, by as many workers as told; the others have connections of their own.
    fn take_turns(
        &self,
        index: NodeIndex,
        turns: &[Turn<'_>],
        workers: usize,
        warehouse: &SharedWarehouse,
        thread: &Arc<str>,
    ) -> Vec<Outcome> {
        let next = AtomicUsize::new(0);
        let outcomes = Mutex::new(Vec::with_capacity(turns.len()));
        let work = |warehouse: &SharedWarehouse, thread: &Arc<str>| {
            while let Some(turn) = turns.get(next.fetch_add(1, Ordering::Relaxed)) {
                let outcome = self.take_turn(index, *turn, warehouse, thread);
                outcomes.lock().unwrap_or_else(PoisonError::into_inner).push(outcome);
            }
        };
        std::thread::scope(|scope| {
            for number in 2..=workers.min(turns.len()) {
                let name: Arc<str> = Arc::from(format!("{thread}-batch-{number}"));
                let work = &work;
                // Without a further thread or connection the batches wait for this one.
                let _ = std::thread::Builder::new()
                    .name(name.to_string())
                    .stack_size(STACK_SIZE)
                    .spawn_scoped(scope, move || {
                        if let Ok(opened) = (self.open)(&name) {
                            work(&opened, &name);
                        }
                    });
            }
            work(warehouse, thread);
        });
        outcomes.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the model's table is there and is to be kept: what `is_incremental()` gives outside of batches.
    fn adds_to_its_table(
        &self,
        index: NodeIndex,
        warehouse: &SharedWarehouse,
    ) -> Result<bool, Box<RunFailure>> {
        let scope: Arc<dyn NodeScope> = Arc::new(GraphScope::new(&self.compiler.scope, index));
        let engine = &self.compiler.engine;
        let macro_id = engine.find_macro(scope.package(), "is_incremental").unwrap_or_default();
        let called = engine.call_macro(&macro_id, &[], &[], &scope, warehouse)?;
        Ok(called.value == Value::Bool(true))
    }

    /// The batches that are due; where there are none, the first one, and that it is to be empty.
    fn plan(
        &self,
        rule: &BatchRule,
        is_incremental: bool,
    ) -> Result<(Vec<Window>, bool), TimeError> {
        if let Some(window) = &self.batching.window {
            return Ok((vec![window.clone()], false));
        }
        let session = self.compiler.scope.session.as_ref();
        let sample = self.batching.sample.as_ref();
        let span = sample.or(self.batching.event_times.as_ref());
        let to = match (span, session) {
            (Some((_, end)), _) => end.clone(),
            (None, Some(session)) => session.time().clone(),
            (None, None) => self.batching.now()?,
        };
        let request = BatchRequest {
            size: rule.size,
            begin: SessionTime::parse(&rule.begin, to.zone())?,
            lookback: rule.lookback,
            is_incremental,
            from: span.map(|(start, _)| start.clone()),
            to,
        };
        let due = batches(&request)?;
        Ok(if due.is_empty() { (vec![first_batch(&request)?], true) } else { (due, false) })
    }

    /// Builds one batch, or skips it where the first one failed or the run was cancelled.
    fn take_turn(
        &self,
        index: NodeIndex,
        turn: Turn<'_>,
        warehouse: &SharedWarehouse,
        thread: &Arc<str>,
    ) -> Outcome {
        let Turn { window, rule, index: place, total, .. } = turn;
        let name: Arc<str> = Arc::from(batch_name(window, rule.size));
        let mut outcome = Outcome {
            window: window.clone(),
            done: None,
            compiled_code: None,
            diagnostics: Vec::new(),
        };
        let start = self.clock.elapsed();
        let told = |status, message: String| {
            let seconds = self.clock.elapsed().saturating_sub(start).as_secs_f64();
            self.observer.observe(&Event::BatchFinished {
                node: index,
                batch: name.clone(),
                index: place,
                total,
                status,
                message,
                seconds,
                thread: thread.clone(),
            });
        };
        if turn.is_skipped || self.cancel.is_set() {
            told(NodeStatus::Skipped, "SKIPPED".to_owned());
            return outcome;
        }
        self.observer.observe(&Event::BatchStarted {
            node: index,
            batch: name.clone(),
            index: place,
            total,
            thread: thread.clone(),
        });
        let node = self.compiler.scope.graph.node(index);
        let attempt = || {
            let mut compiled_code = None;
            // As in dbt each batch has a connection of its own: one that is gone is replaced.
            let served = self.compiler.serve(index, warehouse);
            let built = served
                .and_then(|()| self.build_batch(index, turn, &name, &mut compiled_code, warehouse));
            let done = finish(node, warehouse, built);
            Attempt { timing: Vec::new(), compiled_code, done }
        };
        let Attempt { compiled_code, done, .. } = self.persist(node, warehouse, attempt);
        outcome.compiled_code = compiled_code;
        match done {
            Ok(done) => {
                told(NodeStatus::Success, done.message.clone().unwrap_or_default());
                outcome.done = Some(done);
            }
            Err(failure) => {
                let failed = self.failed(node, &failure, outcome.compiled_code.as_deref());
                let in_batch = |found: Diagnostic| found.note(format!("in the batch {name}"));
                outcome.diagnostics.extend(failed.diagnostics.into_iter().map(in_batch));
                told(NodeStatus::Error, failed.message.unwrap_or_default());
            }
        }
        outcome
    }

    fn build_batch(
        &self,
        index: NodeIndex,
        turn: Turn<'_>,
        name: &Arc<str>,
        compiled_code: &mut Option<Arc<str>>,
        warehouse: &SharedWarehouse,
    ) -> Result<Done, Box<RunFailure>> {
        let node = self.compiler.scope.graph.node(index);
        let mut scope = GraphScope::new(&self.compiler.scope, index);
        scope.batch = Some(Arc::new(batch_scope(node, turn, None)));
        let code = self.compiler.compile_batch(&Arc::new(scope.clone()), warehouse)?;
        *compiled_code = Some(code.clone());
        self.observer.observe(&Event::BatchCompiled {
            node: index,
            batch: name.clone(),
            code: code.clone(),
        });
        let macro_id = self.materialization(node)?;
        let overrides = turn.is_incremental.then(|| Overrides {
            macros: IndexMap::from([
                ("is_incremental".to_owned(), json!(true)),
                ("should_full_refresh".to_owned(), json!(false)),
            ]),
            ..self.compiler.scope.overrides.clone().unwrap_or_default()
        });
        let batch = Arc::new(batch_scope(node, turn, overrides));
        scope.batch = Some(batch.clone());
        scope.compiled = Some(code.clone());
        if let Some(mut entry) = ledger_entry(self.compiler, index, Some(turn.window))? {
            if turn.is_empty {
                // What the ledger said of the table goes; a row without code claims nothing.
                entry["code"] = json!("");
            }
            scope.extra.insert("ledger_entry".to_owned(), entry);
        }
        let scope: Arc<dyn NodeScope> = Arc::new(scope);
        let made = self.materializations.run(&macro_id, &code, &scope, warehouse);
        if let Some(code) = batch.take_written() {
            let batch = name.clone();
            self.observer.observe(&Event::BatchWritten { node: index, batch, code });
        }
        let made = made?;
        let mut access = warehouse.lock().unwrap_or_else(PoisonError::into_inner);
        made.relations.iter().for_each(|relation| access.cache_added(relation));
        Ok(Self::built(made))
    }
}

fn batch_scope(node: &Node, turn: Turn<'_>, overrides: Option<Overrides>) -> BatchScope {
    let mut config = node.config.values.clone();
    let mut leave_out = |key: &str, is_left_out: bool| {
        if let Some(hooks) = config.get_mut(key).filter(|_| is_left_out) {
            *hooks = json!([]);
        }
    };
    leave_out("pre-hook", turn.index > 1);
    leave_out("post-hook", turn.index < turn.total);
    BatchScope {
        window: turn.window.clone(),
        end: if turn.is_empty { turn.window.start() } else { turn.window.end() }.clone(),
        id: batch_id(turn.window, turn.rule.size),
        overrides,
        config,
        written: Mutex::default(),
    }
}

/// The status of a model by its batches, in dbt's words.
fn verdict(results: &BatchResults) -> (NodeStatus, String) {
    let (good, bad) = (results.successful.len(), results.failed.len());
    match (good, bad) {
        (_, 0) => (NodeStatus::Success, "SUCCESS".to_owned()),
        (0, _) => (NodeStatus::Error, "ERROR".to_owned()),
        _ => (NodeStatus::PartialSuccess, format!("PARTIAL SUCCESS ({good}/{})", good + bad)),
    }
}
