//! Running a plan: workers take what is ready, the earliest session first.

use std::collections::BTreeSet;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use adapter_interface::WarehouseError;
use graph::NodeIndex;
use indexmap::{IndexMap, IndexSet};
use session::{SessionInput, SessionTime};
use source::Diagnostic;
use template::{Materializations, SharedWarehouse};

use crate::backfill::plan::{Plan, PlannedStep};
use crate::cancel::CancelFlag;
use crate::compile::Compiler;
use crate::compiled::CompiledNodes;
use crate::event::Observer;
use crate::hooks::{End, run_hooks};
use crate::node::NodeWork;
use crate::pace::Pace;
use crate::report::{NodeResult, NodeStatus};
use crate::request::RunRequest;
use crate::scheduler::{Started, connection_failure, start, unstarted};
use crate::wall_clock::Watched;
use crate::workers::run_workers;

/// A run of many sessions.
#[derive(Clone)]
pub struct BackfillRequest {
    /// What it has in common with a run; its session is not looked at.
    pub run: RunRequest,
    /// What to do.
    pub plan: Plan,
    /// The session time of what is built once: the end of the range.
    pub to: SessionTime,
}

/// What happens during a backfill; steps are numbered as the plan has them.
#[derive(Debug, Clone)]
pub enum BackfillEvent {
    /// Schemas are made; then steps start.
    Prepared {
        /// How many steps there are.
        total: usize,
        /// How many workers.
        threads: usize,
    },
    /// A step starts.
    Started {
        /// The step.
        step: usize,
        /// Its place in the order of starts, from 1.
        index: usize,
        /// The worker.
        thread: Arc<str>,
    },
    /// A step ended, or was skipped.
    Finished {
        /// The step.
        step: usize,
        /// Its place in the order of starts, from 1.
        index: usize,
        /// How it ended.
        result: Arc<NodeResult>,
    },
}

/// Hears of a backfill; of its hooks as of those of a run.
pub trait BackfillObserver: Observer {
    /// Takes an event; must not block for long.
    fn observe_step(&self, event: &BackfillEvent);
}

/// How a step ended.
#[derive(Debug, Clone)]
pub struct StepResult {
    /// The step.
    pub step: usize,
    /// How it ended.
    pub result: Arc<NodeResult>,
}

/// A finished backfill.
#[derive(Debug, Clone, Default)]
pub struct BackfillReport {
    /// The steps, in the order in which they ended.
    pub steps: Vec<StepResult>,
    /// The hooks.
    pub hooks: Vec<Arc<NodeResult>>,
    /// What compiling and running added to the nodes.
    pub compiled: CompiledNodes,
    /// What kept it from starting.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether the user stopped it.
    pub is_cancelled: bool,
    /// How long it took, in seconds.
    pub elapsed: f64,
}

impl BackfillReport {
    /// Whether all is built.
    pub fn is_success(&self) -> bool {
        let is_bad = |result: &NodeResult| {
            result.status.is_failure() || result.status == NodeStatus::Skipped
        };
        !self.is_cancelled
            && !self.diagnostics.iter().any(Diagnostic::is_error)
            && !self.hooks.iter().any(|hook| is_bad(hook))
            && !self.steps.iter().any(|step| is_bad(&step.result))
    }
}

/// Runs a plan.
pub fn execute_backfill(
    request: &BackfillRequest,
    observer: &dyn BackfillObserver,
    cancel: &CancelFlag,
) -> BackfillReport {
    let begin = request.run.clock.elapsed();
    let mut report = BackfillReport::default();
    if let Err(diagnostic) = run(request, observer, cancel, &mut report) {
        report.diagnostics.push(*diagnostic);
    }
    report.is_cancelled = cancel.is_set();
    report.elapsed = request.run.clock.elapsed().saturating_sub(begin).as_secs_f64();
    report
}

fn run(
    request: &BackfillRequest,
    observer: &dyn BackfillObserver,
    cancel: &CancelFlag,
    report: &mut BackfillReport,
) -> Result<(), Box<Diagnostic>> {
    let grain = request.run.graph.project.quern.session.grain;
    let session = SessionInput::new(request.to.clone(), grain);
    let own = RunRequest { session: Some(session), ..request.run.clone() };
    let started = start(&own, cancel)?;
    let total = request.plan.steps.len();
    let threads = own.threads;
    observer.observe_step(&BackfillEvent::Prepared { total, threads });
    let (compiler, main, clock) = (&started.compiler, &started.main, &*own.clock);
    let mut is_started = true;
    if own.runs_hooks {
        report.hooks = run_hooks("on-run-start", compiler, main, None, clock, observer)?;
        is_started = report.hooks.iter().all(|result| result.status == NodeStatus::Success);
    }
    report.steps = work(request, &own, observer, cancel, &started, is_started);
    cancel.resume();
    if own.runs_hooks {
        let results: Vec<_> = report.steps.iter().map(|step| step.result.clone()).collect();
        let end = End::of(compiler, &results);
        let ended = run_hooks("on-run-end", compiler, main, Some(&end), clock, observer);
        report.hooks.extend(ended.unwrap_or_default());
    }
    report.compiled = compiler.scope.all_noted();
    Ok(())
}

/// What the workers share.
struct Shop<'a, 'engine> {
    request: &'a BackfillRequest,
    run: &'a RunRequest,
    observer: &'a dyn BackfillObserver,
    cancel: &'a CancelFlag,
    started: &'a Started,
    watched: &'a Watched,
    materializations: &'a Materializations<'engine>,
    floor: Mutex<Floor>,
    changed: Condvar,
}

/// What changes while they work.
struct Floor {
    waiting: Vec<u32>,
    is_spoilt: Vec<bool>,
    /// Steps whose needs are met: the earliest session first.
    ready: BTreeSet<u32>,
    /// How many steps of a node run now.
    running: IndexMap<NodeIndex, u32>,
    /// The nodes of which a step was built: their table exists and has its columns.
    is_open: IndexSet<NodeIndex>,
    left: usize,
    count: usize,
    is_stopping: bool,
    results: Vec<StepResult>,
}

fn work(
    request: &BackfillRequest,
    run: &RunRequest,
    observer: &dyn BackfillObserver,
    cancel: &CancelFlag,
    started: &Started,
    is_started: bool,
) -> Vec<StepResult> {
    let plan = &request.plan;
    let total = plan.steps.len();
    let mut waiting = vec![0_u32; total];
    for child in plan.children.iter().flatten() {
        waiting[*child as usize] += 1;
    }
    let watched = Watched::of(&run.graph);
    let materializations = run.engine.materializations();
    let ready = (0..total as u32).filter(|at| waiting[*at as usize] == 0).collect();
    let shop = Shop {
        request,
        run,
        observer,
        cancel,
        started,
        watched: &watched,
        materializations: &materializations,
        floor: Mutex::new(Floor {
            waiting,
            is_spoilt: vec![false; total],
            ready,
            running: IndexMap::new(),
            is_open: IndexSet::new(),
            left: total,
            count: 0,
            is_stopping: !is_started,
            results: Vec::with_capacity(total),
        }),
        changed: Condvar::new(),
    };
    if is_started {
        run_workers(run.threads, total, |name| shop.worker(name));
    }
    let mut floor = shop.floor();
    let ended: IndexSet<usize> = floor.results.iter().map(|result| result.step).collect();
    let reason =
        if is_started { "the backfill ended early" } else { "an on-run-start hook failed" };
    for step in (0..total).filter(|step| !ended.contains(step)) {
        shop.skip(&mut floor, step, reason);
    }
    std::mem::take(&mut floor.results)
}

impl Shop<'_, '_> {
    fn floor(&self) -> MutexGuard<'_, Floor> {
        self.floor.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn step(&self, at: u32) -> &PlannedStep {
        &self.request.plan.steps[at as usize]
    }

    fn worker(&self, name: &Arc<str>) {
        let mut access: Option<SharedWarehouse> = None;
        while let Some((at, index)) = self.take() {
            let started = BackfillEvent::Started { step: at as usize, index, thread: name.clone() };
            self.observer.observe_step(&started);
            let opened = access.clone().map_or_else(|| self.open(name), Ok);
            let result = match opened {
                Ok(opened) => {
                    access = Some(opened.clone());
                    self.build(self.step(at), &opened, name)
                }
                Err(error) => {
                    let node = self.step(at).node;
                    let mut result =
                        unstarted(&self.run.graph, node, NodeStatus::Error, &error.message);
                    result.diagnostics = vec![connection_failure(&error)];
                    result
                }
            };
            self.finish(at, index, result);
        }
    }

    fn open(&self, name: &str) -> Result<SharedWarehouse, WarehouseError> {
        self.started.sessions.next(&self.started.opener, name)
    }

    /// Builds a node in its window: the session of this step is that window's.
    fn build(
        &self,
        step: &PlannedStep,
        warehouse: &SharedWarehouse,
        thread: &Arc<str>,
    ) -> NodeResult {
        let compiler;
        let compiler = match &step.window {
            None => &self.started.compiler,
            Some(window) => {
                let grain = self.run.graph.project.quern.session.grain;
                let session = SessionInput::of_window(window.clone(), grain);
                let scope = self.started.compiler.scope.with_session(session);
                compiler = Compiler::new(self.run.engine.clone(), scope);
                &compiler
            }
        };
        let mut batching = self.run.batching.clone();
        if let Some(window) = &step.window {
            batching.window = Some(window.clone());
        }
        let open = |name: &str| self.open(name);
        let work = NodeWork {
            compiler,
            watched: self.watched,
            materializations: self.materializations,
            action: self.run.action,
            cancel: self.cancel,
            batching: &batching,
            // A window at a time is what the plan counts on.
            threads: 1,
            open: &open,
            retries: self.run.warehouse.node_retries(),
            strictness: self.run.strictness,
            clock: &*self.run.clock,
            sources: &self.run.sources,
            observer: self.observer,
        };
        work.work(step.node, warehouse, thread)
    }

    /// The next step; waits while others may still free some.
    fn take(&self) -> Option<(u32, usize)> {
        let mut floor = self.floor();
        loop {
            if self.cancel.is_set() {
                floor.is_stopping = true;
            }
            if floor.is_stopping || floor.left == 0 {
                self.changed.notify_all();
                return None;
            }
            let next = floor.ready.iter().copied().find(|at| self.may_run(&floor, *at));
            if let Some(at) = next {
                floor.ready.remove(&at);
                *floor.running.entry(self.step(at).node).or_default() += 1;
                floor.count += 1;
                return Some((at, floor.count));
            }
            // The pause only bounds how late Ctrl-C is noticed by a worker that has nothing to do.
            let pause = Duration::from_millis(200);
            floor =
                self.changed.wait_timeout(floor, pause).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Whether a step may run beside the others of its node that run now. The first window of a model always runs
    /// alone: it may create the table or change its columns.
    fn may_run(&self, floor: &Floor, at: u32) -> bool {
        let node = self.step(at).node;
        if floor.running.get(&node).is_none_or(|count| *count == 0) {
            return true;
        }
        let pace = self.request.plan.windows.get(&node).map(|model| model.pace);
        let can_write = self.run.engine.dialect().capabilities().has_concurrent_table_writers;
        can_write && pace == Some(Pace::Independent) && floor.is_open.contains(&node)
    }

    fn finish(&self, at: u32, index: usize, mut result: NodeResult) {
        let step = self.step(at);
        result.window.clone_from(&step.window);
        let is_failure = result.status.is_failure();
        let result = Arc::new(result);
        let finished = BackfillEvent::Finished { step: at as usize, index, result: result.clone() };
        self.observer.observe_step(&finished);
        let mut floor = self.floor();
        if let Some(count) = floor.running.get_mut(&step.node) {
            *count -= 1;
        }
        if !is_failure {
            floor.is_open.insert(step.node);
        }
        floor.results.push(StepResult { step: at as usize, result });
        self.release(&mut floor, at, is_failure);
        if is_failure && self.run.fails_fast {
            floor.is_stopping = true;
            drop(floor);
            self.cancel.halt();
        }
        self.changed.notify_all();
    }

    /// Frees what waited for a step, or skips it where the step failed.
    fn release(&self, floor: &mut Floor, at: u32, is_failure: bool) {
        // A stack, not recursion: a chain of windows may be long.
        let mut stack = vec![(at, is_failure)];
        while let Some((at, is_bad)) = stack.pop() {
            floor.left -= 1;
            for child in &self.request.plan.children[at as usize] {
                let place = *child as usize;
                floor.is_spoilt[place] |= is_bad;
                floor.waiting[place] -= 1;
                if floor.waiting[place] > 0 {
                    continue;
                }
                if floor.is_spoilt[place] {
                    self.skip(floor, place, "");
                    stack.push((*child, true));
                } else {
                    floor.ready.insert(*child);
                }
            }
        }
    }

    fn skip(&self, floor: &mut Floor, step: usize, reason: &str) {
        floor.count += 1;
        let planned = &self.request.plan.steps[step];
        let mut result = unstarted(&self.run.graph, planned.node, NodeStatus::Skipped, reason);
        result.window.clone_from(&planned.window);
        let result = Arc::new(result);
        let index = floor.count;
        self.observer.observe_step(&BackfillEvent::Finished {
            step,
            index,
            result: result.clone(),
        });
        floor.results.push(StepResult { step, result });
    }
}
