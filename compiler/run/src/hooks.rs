//! `on-run-start` and `on-run-end`.

use std::sync::{Arc, OnceLock, PoisonError};

use adapter_interface::{Response, RowLimit};
use graph::{Node, NodeDetails, NodeIndex};
use indexmap::{IndexMap, IndexSet};
use project::ResourceType;
use serde_json::{Value, json};
use source::{Clock, Diagnostic, codes};
use template::{FinishedNode, RunFailure, SharedWarehouse};

use crate::compile::Compiler;
use crate::compiled::CompiledNode;
use crate::event::{Event, Observer};
use crate::preparation::schemas;
use crate::report::{NodeResult, NodeStatus, Timing};
use crate::scope::{GraphScope, SharedScope};
use crate::unit_test;

/// Runs the hooks of a stage one after the other; after one that fails the rest is skipped.
///
/// As in dbt, a hook before the run that cannot even be rendered keeps the run from starting: the error is returned.
pub(crate) fn run_hooks(
    stage: &'static str,
    compiler: &Compiler,
    warehouse: &SharedWarehouse,
    end: Option<&End>,
    clock: &dyn Clock,
    observer: &dyn Observer,
) -> Result<Vec<Arc<NodeResult>>, Diagnostic> {
    let graph = &compiler.scope.graph;
    let is_hook = |index: &NodeIndex| matches!(&graph.node(*index).details, NodeDetails::Operation { stage: own, .. } if *own == stage);
    let hooks: Vec<NodeIndex> =
        (0..graph.nodes.len() as u32).map(NodeIndex).filter(is_hook).collect();
    let total = hooks.len();
    let mut results: Vec<Arc<NodeResult>> = Vec::with_capacity(total);
    for (at, node) in hooks.into_iter().enumerate() {
        let index = at + 1;
        let name = format!("{}.{stage}.{at}", graph.node(node).package);
        compiler.scope.note(node, |noted| noted.hook_index = Some(index));
        let has_failed = results.iter().any(|result| result.status != NodeStatus::Success);
        let started_at = clock.now_microseconds();
        let start = clock.elapsed();
        let mut code = None;
        let mut timing = Vec::new();
        let mut phase = |name, started_at| {
            timing.push(Timing { name, started_at, completed_at: clock.now_microseconds() });
        };
        let ran = if has_failed {
            None
        } else {
            warehouse.lock().unwrap_or_else(PoisonError::into_inner).keep_all();
            let rendered = render_hook(node, compiler, warehouse, end);
            phase("compile", started_at);
            if let (Err(failure), "on-run-start") = (&rendered, stage) {
                return Err(hook_diagnostic(graph.node(node), failure));
            }
            code = rendered.as_ref().ok().cloned();
            if let Some(code) = code.as_ref().filter(|code| !code.is_empty()) {
                observer.observe(&Event::NodeCompiled { node, code: code.clone() });
            }
            observer.observe(&Event::HookStarted { node, index, total });
            let started_at = clock.now_microseconds();
            let ran = rendered.and_then(|sql| run_hook(&sql, warehouse));
            phase("execute", started_at);
            Some(ran)
        };
        let (status, message, diagnostics) = match ran {
            None => (NodeStatus::Skipped, format!("{name} skipped"), Vec::new()),
            Some(Ok(())) => (NodeStatus::Success, format!("{name} passed"), Vec::new()),
            Some(Err(failure)) => {
                let diagnostic = hook_diagnostic(graph.node(node), &failure);
                let message = format!("{name} failed, error:\n {}", diagnostic.message);
                (NodeStatus::Error, message, vec![diagnostic])
            }
        };
        let result = Arc::new(NodeResult {
            node,
            unique_id: graph.node(node).unique_id.clone(),
            status,
            message: Some(message),
            // dbt's name for what runs beside the nodes.
            thread: Arc::from("main"),
            execution_time: clock.elapsed().saturating_sub(start).as_secs_f64(),
            timing,
            response: None,
            failures: Some(i64::from(status != NodeStatus::Success)),
            window: None,
            batches: None,
            compiled_code: code,
            overloads: None,
            run_code: None,
            relation_name: None,
            diagnostics,
            table: None,
            freshness: None,
        });
        observer.observe(&Event::HookFinished { node, index, total, result: result.clone() });
        results.push(result);
    }
    Ok(results)
}

fn hook_diagnostic(hook: &Node, failure: &RunFailure) -> Diagnostic {
    let mut diagnostic = failure.diagnostic.clone();
    if failure.warehouse.is_some() {
        diagnostic.code = codes::HOOK_FAILED;
    }
    diagnostic.at_optional(hook.span).about(&*hook.unique_id)
}

fn render_hook(
    node: NodeIndex,
    compiler: &Compiler,
    warehouse: &SharedWarehouse,
    end: Option<&End>,
) -> Result<Arc<str>, Box<RunFailure>> {
    let mut scope = GraphScope::new(&compiler.scope, node);
    if let Some(end) = end {
        scope.extra.clone_from(&end.names);
        scope.results = Some(end.results.clone());
        scope.finished = Some(Arc::new(FinishedGraph {
            scope: compiler.scope.clone(),
            dictionary: OnceLock::new(),
        }));
    }
    compiler.hook(scope, warehouse)
}

fn run_hook(sql: &str, warehouse: &SharedWarehouse) -> Result<(), Box<RunFailure>> {
    // A hook may render to nothing: a macro that decided there was nothing to do.
    if sql.trim().is_empty() {
        return Ok(());
    }
    let mut access = warehouse.lock().unwrap_or_else(PoisonError::into_inner);
    let done = access.execute(sql, false, RowLimit::None).and_then(|_| access.commit());
    match done {
        Ok(()) => Ok(()),
        Err(error) => {
            let _ = access.rollback();
            Err(Box::new(RunFailure {
                diagnostic: Diagnostic::error(codes::HOOK_FAILED, error.message.clone()),
                warehouse: Some(error),
                statement: Some(sql.to_owned()),
            }))
        }
    }
}

/// What `on-run-end` sees beside the usual: `results`, `schemas`, `database_schemas`.
#[derive(Debug)]
pub(crate) struct End {
    names: IndexMap<String, Value>,
    results: Arc<[Arc<dyn FinishedNode>]>,
}

impl End {
    /// The end of a run with these results.
    pub(crate) fn of(compiler: &Compiler, results: &[Arc<NodeResult>]) -> Self {
        let graph = &compiler.scope.graph;
        // As in dbt: what did not come about tells nothing of schemas.
        let is_lost =
            |status| matches!(status, NodeStatus::Error | NodeStatus::Fail | NodeStatus::Skipped);
        let ran = results.iter().filter(|result| !is_lost(result.status));
        let pairs = schemas(ran.map(|result| graph.node(result.node)));
        let names: IndexSet<&String> = pairs.iter().map(|(_, schema)| schema).collect();
        let told = |result: &Arc<NodeResult>| {
            let noted = compiler.scope.noted(result.node).unwrap_or_default();
            let scope = compiler.scope.clone();
            Arc::new(Told { scope, compiled: noted, result: result.clone() })
                as Arc<dyn FinishedNode>
        };
        Self {
            names: IndexMap::from([
                ("schemas".to_owned(), json!(names)),
                ("database_schemas".to_owned(), json!(pairs)),
            ]),
            results: results.iter().map(told).collect(),
        }
    }
}

/// `graph` once the nodes have run: those that were compiled have their code.
pub(crate) struct FinishedGraph {
    scope: Arc<SharedScope>,
    /// Made when the hook first asks.
    dictionary: OnceLock<Arc<Value>>,
}

impl std::fmt::Debug for FinishedGraph {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("FinishedGraph").finish_non_exhaustive()
    }
}

impl FinishedGraph {
    /// The dictionary.
    pub(crate) fn dictionary(&self) -> Arc<Value> {
        let make = || {
            let mut all = (*self.scope.dictionary()).clone();
            for (index, compiled) in self.scope.all_noted() {
                let node = self.scope.graph.node(index);
                let section = match node.resource_type {
                    ResourceType::Function => "functions",
                    ResourceType::UnitTest => continue,
                    _ => "nodes",
                };
                let entries =
                    all.get_mut(section).and_then(|nodes| nodes.get_mut(&*node.unique_id));
                if let Some(entries) = entries.and_then(Value::as_object_mut) {
                    compiled.add_to(node, self.scope.target_path(), entries);
                }
            }
            Arc::new(all)
        };
        self.dictionary.get_or_init(make).clone()
    }
}

/// A result, with what became of its node.
struct Told {
    scope: Arc<SharedScope>,
    compiled: CompiledNode,
    result: Arc<NodeResult>,
}

impl std::fmt::Debug for Told {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Told").field("result", &self.result).finish_non_exhaustive()
    }
}

impl FinishedNode for Told {
    fn node(&self) -> Value {
        let index = self.result.node;
        let graph = &self.scope.graph;
        let node = graph.node(index);
        if node.resource_type == ResourceType::UnitTest {
            return unit_test::shown(&self.scope, index, &self.compiled);
        }
        if node.resource_type == ResourceType::SavedQuery {
            return graph::semantic_dictionary(graph, node);
        }
        let mut shown = graph::shown_node(graph, index);
        if let Some(entries) = shown.as_object_mut() {
            self.compiled.add_to(node, self.scope.target_path(), entries);
        }
        shown
    }

    fn fields(&self) -> IndexMap<String, Value> {
        let result = &self.result;
        let response = result.response.as_ref().map(response_dictionary);
        let mut fields = IndexMap::from([
            ("status".to_owned(), Value::from(result.status.as_str())),
            ("thread_id".to_owned(), Value::from(&*result.thread)),
            ("execution_time".to_owned(), Value::from(result.execution_time)),
            ("adapter_response".to_owned(), response.unwrap_or_else(|| json!({}))),
            ("message".to_owned(), json!(result.message)),
            ("failures".to_owned(), json!(result.failures)),
        ]);
        if let Some(overloads) = &result.overloads {
            let results = json!({"successful": overloads.successful, "failed": overloads.failed});
            fields.insert("overload_results".to_owned(), results);
        }
        if let Some(freshness) = &result.freshness {
            fields.insert("age".to_owned(), Value::from(freshness.age()));
        }
        fields
    }

    fn phases(&self) -> Vec<(&'static str, i64, i64)> {
        let timing = self.result.timing.iter();
        timing.map(|phase| (phase.name, phase.started_at, phase.completed_at)).collect()
    }

    fn moments(&self) -> Vec<(&'static str, i64)> {
        let freshness = self.result.freshness.as_ref();
        let moments = freshness.map(|own| {
            [("max_loaded_at", own.max_loaded_at), ("snapshotted_at", own.snapshotted_at)]
        });
        moments.into_iter().flatten().collect()
    }
}

/// What the warehouse said, by dbt's names.
pub fn response_dictionary(response: &Response) -> Value {
    let mut entries = serde_json::Map::new();
    entries.insert("_message".into(), Value::String(response.message.clone()));
    if let Some(code) = &response.code {
        entries.insert("code".into(), Value::String(code.clone()));
    }
    if let Some(rows) = response.rows_affected {
        entries.insert("rows_affected".into(), Value::from(rows));
    }
    entries.extend(response.details.iter().map(|(key, value)| (key.clone(), value.clone())));
    Value::Object(entries)
}
