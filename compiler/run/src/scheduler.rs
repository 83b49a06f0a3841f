//! A run from start to end: hooks, schemas, workers, hooks.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use adapter_interface::{WarehouseError, WarehouseErrorKind};
use graph::{Graph, NodeIndex, Step, TestEdges, run_order};
use project::ResourceType;
use serde_json::Value;
use source::{Diagnostic, codes};
use template::{NodeScope, RunFailure, SharedWarehouse};

use crate::cancel::CancelFlag;
use crate::compile::Compiler;
use crate::event::{Event, Observer};
use crate::hooks::{End, run_hooks};
use crate::ledger::prepare_ledger;
use crate::node::{NodeWork, is_only_told, reported_relation};
use crate::preparation::{prepare, schemas};
use crate::queue::{Ending, Place, ReadyQueue};
use crate::report::{NodeResult, NodeStatus, RunReport};
use crate::request::{Action, RunRequest};
use crate::root_scope::RootScope;
use crate::scope::SharedScope;
use crate::sessions::{Opener, Sessions};
use crate::wall_clock::Watched;
use crate::workers::run_workers;

/// Works on all selected nodes in the order of the graph.
pub fn execute(request: &RunRequest, observer: &dyn Observer, cancel: &CancelFlag) -> RunReport {
    let start = request.clock.elapsed();
    let mut report = RunReport::default();
    run(request, observer, cancel, &mut report);
    report.is_cancelled = cancel.is_set();
    report.elapsed = request.clock.elapsed().saturating_sub(start).as_secs_f64();
    report
}

/// What stands before the first node of a run: the main connection, and schemas with their relations listed.
pub(crate) struct Started {
    pub(crate) opener: Opener,
    pub(crate) sessions: Sessions,
    pub(crate) main: SharedWarehouse,
    pub(crate) compiler: Compiler,
}

/// Connects and, where nodes are built, makes what they are built into: schemas, and the ledger. The sessions for as
/// many nodes at once as there are to work on are opened meanwhile.
pub(crate) fn start(request: &RunRequest, cancel: &CancelFlag) -> Result<Started, Diagnostic> {
    let engine = &request.engine;
    let opener = Opener::new(engine, &request.warehouse, cancel);
    let sessions = Sessions::default();
    let main = sessions.next(&opener, "master").map_err(|error| connection_failure(&error))?;
    let nodes = &request.selection.nodes;
    sessions.open_ahead(request.threads.min(nodes.len()), &opener);
    let (graph, session) = (&request.graph, request.session.clone());
    let sample = request.batching.sample.clone();
    let shared = SharedScope::new(graph, nodes, engine, request.is_empty, session, sample);
    shared.defer(request.deferral.clone());
    let compiler = Compiler::new(engine.clone(), shared.clone());
    compiler.serve_run("master", &main).map_err(|failure| failure.diagnostic)?;
    let root: Arc<dyn NodeScope> = Arc::new(RootScope::new(&shared, "run"));
    if matches!(request.action, Action::Execute | Action::Clone) {
        let selected = nodes.iter().map(|index| graph.node(*index));
        prepare(engine, &schemas(selected), &root, &main, &opener.cache)
            .map_err(|failure| started_failure(&failure))?;
    }
    if request.action == Action::Execute {
        prepare_ledger(&compiler, nodes, &root, &main)
            .map_err(|failure| started_failure(&failure))?;
    }
    Ok(Started { opener, sessions, main, compiler })
}

fn run(request: &RunRequest, observer: &dyn Observer, cancel: &CancelFlag, report: &mut RunReport) {
    report.session.clone_from(&request.session);
    let started = match start(request, cancel) {
        Ok(started) => started,
        Err(diagnostic) => {
            report.diagnostics.push(diagnostic);
            return;
        }
    };
    report.sessions = started.sessions.clone();
    let Started { main, compiler, .. } = &started;
    let total = request.selection.nodes.iter().filter(|index| is_counted(request, **index)).count();
    observer.observe(&Event::Prepared { total, threads: request.threads });
    let hook =
        |stage, end: Option<&End>| run_hooks(stage, compiler, main, end, &*request.clock, observer);
    let mut is_started = true;
    if request.runs_hooks {
        let results = match hook("on-run-start", None) {
            Ok(results) => results,
            Err(diagnostic) => {
                report.diagnostics.push(diagnostic);
                return;
            }
        };
        let settings = &request.graph.project.root().settings;
        is_started = !settings.behaves("skip_nodes_if_on_run_start_fails")
            || results.iter().all(|result| result.status == NodeStatus::Success);
        report.results.extend(results);
    }
    let hooks_before = report.results.len();
    let results = work(request, observer, cancel, &started, is_started, total);
    // As in dbt hooks at the end run after `--fail-fast` too.
    cancel.resume();
    report.results.extend(results);
    if request.runs_hooks {
        // The session may have gone away while the workers worked.
        let _ = compiler.serve_run("master", main);
        // As in dbt, of the hooks before the run those that failed are among the results.
        let is_told = |(at, result): &(usize, &Arc<NodeResult>)| {
            *at >= hooks_before || result.status == NodeStatus::Error
        };
        let told: Vec<_> =
            report.results.iter().enumerate().filter(is_told).map(|(_, one)| one.clone()).collect();
        let end = End::of(compiler, &told);
        report.results.extend(hook("on-run-end", Some(&end)).unwrap_or_default());
    }
    report.compiled = compiler.scope.all_noted();
}

/// Whether a node has a line of its own and a result: ephemeral models do not when they are not asked for by name.
fn is_counted(request: &RunRequest, index: NodeIndex) -> bool {
    let node = request.graph.node(index);
    let is_ephemeral =
        node.resource_type == ResourceType::Model && node.config.materialized() == "ephemeral";
    !is_ephemeral
        || match request.action {
            Action::Execute | Action::Clone => false,
            Action::Compile { tells_ephemerals } => tells_ephemerals,
            Action::Show { .. } | Action::Freshness { .. } => true,
        }
}

/// An error of connecting, for people.
pub fn connection_failure(error: &WarehouseError) -> Diagnostic {
    let (code, hint) = match error.kind {
        WarehouseErrorKind::Locked => {
            (codes::WAREHOUSE_LOCKED, "wait for the other process, or end it")
        }
        WarehouseErrorKind::Authentication => {
            (codes::WAREHOUSE_AUTH, "check user and password in profiles.yml")
        }
        WarehouseErrorKind::Configuration => {
            (codes::PROFILE_INVALID, "check the output in profiles.yml")
        }
        _ => (codes::WAREHOUSE_CONNECT, "`quern debug` checks the profile and the connection"),
    };
    Diagnostic::error(code, error.message.clone()).hint(hint)
}

fn started_failure(failure: &RunFailure) -> Diagnostic {
    match (&failure.warehouse, &failure.statement) {
        (Some(_), Some(statement)) if !statement.is_empty() => failure
            .diagnostic
            .clone()
            .note(format!("while preparing the run, by: {}", statement.trim())),
        _ => failure.diagnostic.clone(),
    }
}

/// dbt's words for what `--fail-fast` keeps from running.
const FAILED_FAST: &str = "Skipping due to fail_fast";

/// What the workers share.
struct Shop<'a, 'engine> {
    request: &'a RunRequest,
    observer: &'a dyn Observer,
    cancel: &'a CancelFlag,
    started: &'a Started,
    work: NodeWork<'a, 'engine>,
    floor: Mutex<Floor>,
    changed: Condvar,
    total: usize,
}

/// What changes while they work.
struct Floor {
    queue: ReadyQueue,
    started: usize,
    is_stopping: bool,
    results: Vec<Arc<NodeResult>>,
}

fn work(
    request: &RunRequest,
    observer: &dyn Observer,
    cancel: &CancelFlag,
    started: &Started,
    is_started: bool,
    total: usize,
) -> Vec<Arc<NodeResult>> {
    let edges = if request.tests_block { TestEdges::Build } else { TestEdges::None };
    let mut order = run_order(&request.graph, &request.selection, edges);
    if request.action == Action::Clone {
        // What is cloned needs nothing of the others.
        order.children.iter_mut().for_each(Vec::clear);
    }
    let place = |step: &Step| match step {
        Step::Node(node) => Place::Node(*node),
        Step::Passage => Place::Gate,
    };
    let places: Vec<Place> = order.nodes.iter().map(place).collect();
    let ranks = ranks(&request.graph, &places);
    let watched = Watched::of(&request.graph);
    let materializations = request.engine.materializations();
    let open = |name: &str| started.opener.open(name);
    let shop = Shop {
        request,
        observer,
        cancel,
        started,
        work: NodeWork {
            compiler: &started.compiler,
            materializations: &materializations,
            action: request.action,
            strictness: request.strictness,
            watched: &watched,
            clock: &*request.clock,
            sources: &request.sources,
            observer,
            cancel,
            batching: &request.batching,
            threads: request.threads,
            open: &open,
            retries: request.warehouse.node_retries(),
        },
        floor: Mutex::new(Floor {
            queue: ReadyQueue::new(places, order.children, ranks),
            started: 0,
            is_stopping: !is_started,
            results: Vec::with_capacity(total),
        }),
        changed: Condvar::new(),
        total,
    };
    if is_started {
        run_workers(request.threads, total, |name| shop.worker(name));
    }
    let mut floor = shop.floor();
    let left = floor.queue.abandon();
    let has_failed_fast =
        request.fails_fast && floor.results.iter().any(|result| result.status.is_failure());
    let reason = match is_started {
        true if has_failed_fast => FAILED_FAST,
        true => "the run ended early",
        // The hook is the error, as in dbt.
        false => "",
    };
    let main_thread: Arc<str> = Arc::from("MainThread");
    for node in left {
        shop.skip(&mut floor, node, reason, &main_thread);
    }
    std::mem::take(&mut floor.results)
}

/// The order of the places by unique id.
fn ranks(graph: &Graph, places: &[Place]) -> Vec<u32> {
    let id = |at: &u32| match places[*at as usize] {
        Place::Node(node) => Some(&graph.node(node).unique_id),
        Place::Gate => None,
    };
    let mut order: Vec<u32> = (0..places.len() as u32).collect();
    order.sort_by(|one, other| id(one).cmp(&id(other)));
    let mut ranks = vec![0; places.len()];
    for (rank, at) in order.into_iter().enumerate() {
        ranks[at as usize] = rank as u32;
    }
    ranks
}

impl Shop<'_, '_> {
    fn floor(&self) -> MutexGuard<'_, Floor> {
        self.floor.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn worker(&self, name: &Arc<str>) {
        let mut access: Option<SharedWarehouse> = None;
        while let Some((place, node, index)) = self.take() {
            let is_counted = is_counted(self.request, node);
            if is_counted {
                let started =
                    Event::NodeStarted { node, index, total: self.total, thread: name.clone() };
                self.observer.observe(&started);
            }
            let opened = match &access {
                _ if is_only_told(self.request.graph.node(node)) => {
                    self.finish(place, index, is_counted, self.work.told(node, name));
                    continue;
                }
                Some(access) => Ok(access.clone()),
                None => self.started.sessions.next(&self.started.opener, name),
            };
            let result = match opened {
                Ok(opened) => {
                    access = Some(opened.clone());
                    let work = || self.work.work(node, &opened, name);
                    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
                        // What the session was doing is unknown.
                        access = None;
                        self.fallen(node, &*panic)
                    })
                }
                Err(error) => {
                    let diagnostic = connection_failure(&error);
                    let mut result = self.unstarted(node, NodeStatus::Error, &error.message);
                    result.diagnostics = vec![diagnostic];
                    result
                }
            };
            self.finish(place, index, is_counted, result);
        }
    }

    /// The result of a node over which the program fell: a mistake of ours, which the other nodes survive.
    fn fallen(&self, node: NodeIndex, panic: &(dyn Any + Send)) -> NodeResult {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or_default();
        let message = format!("quern itself failed: {text}");
        let mut result = self.unstarted(node, NodeStatus::Error, &message);
        let id = &*self.request.graph.node(node).unique_id;
        result.diagnostics = vec![
            Diagnostic::error(codes::INTERNAL, message)
                .about(id)
                .hint("please report it, with the model if it can be shown"),
        ];
        result
    }

    /// The next node; waits while others may still free some.
    fn take(&self) -> Option<(u32, NodeIndex, usize)> {
        let mut floor = self.floor();
        loop {
            if self.cancel.is_set() {
                floor.is_stopping = true;
            }
            if floor.is_stopping || floor.queue.is_finished() {
                self.changed.notify_all();
                return None;
            }
            if let Some((place, node)) = floor.queue.next() {
                if is_counted(self.request, node) {
                    floor.started += 1;
                }
                return Some((place, node, floor.started));
            }
            // The pause only bounds how late Ctrl-C is noticed by a worker that has nothing to do.
            let pause = Duration::from_millis(200);
            floor =
                self.changed.wait_timeout(floor, pause).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// The result; of a node that `--fail-fast` stopped that it was skipped, as in dbt: nothing is wrong with it.
    fn stopped(&self, result: NodeResult) -> NodeResult {
        let is_cancelled =
            result.diagnostics.iter().any(|diagnostic| diagnostic.code == codes::CANCELLED);
        let has_failed_fast = self.request.fails_fast
            && is_cancelled
            && self.floor().results.iter().any(|result| result.status.is_failure());
        if !has_failed_fast {
            return result;
        }
        let skipped = self.unstarted(result.node, NodeStatus::Skipped, FAILED_FAST);
        NodeResult { thread: result.thread, ..skipped }
    }

    fn finish(&self, place: u32, index: usize, is_counted: bool, result: NodeResult) {
        let result = self.stopped(result);
        let node = self.request.graph.node(result.node);
        let is_failure = result.status.is_failure();
        let goes_on = node.config.get("on_error").and_then(Value::as_str) == Some("continue");
        let blocks = match node.resource_type {
            ResourceType::Test => is_failure,
            _ => is_failure && !goes_on,
        };
        let result = Arc::new(result);
        if is_counted || is_failure {
            let finished = Event::NodeFinished {
                node: result.node,
                index,
                total: self.total,
                result: result.clone(),
            };
            self.observer.observe(&finished);
        }
        let mut floor = self.floor();
        let skipped = floor.queue.done(place, if blocks { Ending::Bad } else { Ending::Good });
        let first = skipped.iter().find(|below| self::is_counted(self.request, **below)).copied();
        // As in dbt an ephemeral model that failed has no result of its own where others are skipped for it: theirs say why.
        let is_told_below = !is_counted && is_failure && first.is_some();
        if (is_counted || is_failure) && !is_told_below {
            floor.results.push(result.clone());
        }
        for below in skipped {
            if !is_told_below {
                let reason = if is_failure && self.request.fails_fast { FAILED_FAST } else { "" };
                self.skip(&mut floor, below, reason, &result.thread);
                continue;
            }
            let reason = format!(
                "Compilation Error in {}, caused by compilation error in referenced ephemeral model {}",
                self.request.graph.node(below).unique_id,
                result.unique_id
            );
            self.skip(&mut floor, below, &reason, &result.thread);
            if let Some(told) = floor.results.last_mut().filter(|_| first == Some(below)) {
                Arc::make_mut(told).diagnostics.clone_from(&result.diagnostics);
            }
        }
        if is_failure && self.request.fails_fast {
            floor.is_stopping = true;
            drop(floor);
            self.cancel.halt();
        }
        self.changed.notify_all();
    }

    fn skip(&self, floor: &mut Floor, node: NodeIndex, reason: &str, thread: &Arc<str>) {
        if !is_counted(self.request, node) {
            return;
        }
        floor.started += 1;
        let skipped = self.unstarted(node, NodeStatus::Skipped, reason);
        let result = Arc::new(NodeResult { thread: thread.clone(), ..skipped });
        let finished = Event::NodeFinished {
            node,
            index: floor.started,
            total: self.total,
            result: result.clone(),
        };
        self.observer.observe(&finished);
        floor.results.push(result);
    }

    fn unstarted(&self, node: NodeIndex, status: NodeStatus, message: &str) -> NodeResult {
        unstarted(&self.request.graph, node, status, message)
    }
}

/// The result of a node that did not run.
pub(crate) fn unstarted(
    graph: &Graph,
    node: NodeIndex,
    status: NodeStatus,
    message: &str,
) -> NodeResult {
    NodeResult {
        node,
        unique_id: graph.node(node).unique_id.clone(),
        status,
        message: (!message.is_empty()).then(|| message.to_owned()),
        thread: Arc::from("MainThread"),
        execution_time: 0.0,
        timing: Vec::new(),
        response: None,
        failures: None,
        window: None,
        batches: None,
        compiled_code: None,
        overloads: None,
        run_code: None,
        relation_name: reported_relation(graph.node(node)),
        diagnostics: Vec::new(),
        table: None,
        freshness: None,
    }
}
