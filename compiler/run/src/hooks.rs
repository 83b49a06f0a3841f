//! `on-run-start` and `on-run-end`.

use std::sync::{Arc, OnceLock, PoisonError};

use adapter_interface::{Response, RowLimit};
use graph::{Graph, Node, NodeDetails, NodeIndex};
use indexmap::{IndexMap, IndexSet};
use project::ResourceType;
use serde_json::{Value, json};
use source::{Clock, Diagnostic, codes};
use template::{FinishedNode, NodeScope, RunFailure, SharedWarehouse};

use crate::compile::Compiler;
use crate::event::{Event, Observer};
use crate::preparation::schemas;
use crate::report::{NodeResult, NodeStatus, Timing};
use crate::scope::{GraphScope, SharedScope, ephemeral_relation, put_bodies};

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
        let has_failed = results.iter().any(|result| result.status != NodeStatus::Success);
        let started_at = clock.now_microseconds();
        let start = clock.elapsed();
        let ran = if has_failed {
            None
        } else {
            let rendered = render_hook(node, compiler, warehouse, end);
            if let (Err(failure), "on-run-start") = (&rendered, stage) {
                return Err(hook_diagnostic(graph.node(node), failure));
            }
            observer.observe(&Event::HookStarted { node, index, total });
            Some(rendered.and_then(|sql| run_hook(sql, warehouse)))
        };
        let (status, message, response, code, diagnostics) = match ran {
            None => (NodeStatus::Skipped, None, None, None, Vec::new()),
            Some(Ok((response, code))) => (
                NodeStatus::Success,
                Some(response.message.clone()),
                Some(response),
                Some(code),
                Vec::new(),
            ),
            Some(Err(failure)) => {
                let diagnostic = hook_diagnostic(graph.node(node), &failure);
                let message = format!("{stage} failed, error:\n {}", diagnostic.message);
                (NodeStatus::Error, Some(message), None, None, vec![diagnostic])
            }
        };
        let result = Arc::new(NodeResult {
            node,
            unique_id: graph.node(node).unique_id.clone(),
            status,
            message,
            thread: Arc::from("MainThread"),
            execution_time: clock.elapsed().saturating_sub(start).as_secs_f64(),
            timing: vec![Timing {
                name: "execute",
                started_at,
                completed_at: clock.now_microseconds(),
            }],
            response,
            failures: Some(i64::from(status == NodeStatus::Error)),
            window: None,
            batches: None,
            compiled_code: code,
            overload_bodies: Arc::default(),
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
) -> Result<String, Box<RunFailure>> {
    let mut scope = GraphScope::new(&compiler.scope, node);
    if let Some(end) = end {
        scope.extra.clone_from(&end.names);
        scope.results = Some(end.results.clone());
        scope.finished = Some(end.finished.clone());
    }
    let scope: Arc<dyn NodeScope> = Arc::new(scope);
    let (text, _) = scope.code();
    compiler.render(&text, &scope, warehouse)
}

fn run_hook(
    sql: String,
    warehouse: &SharedWarehouse,
) -> Result<(Response, Arc<str>), Box<RunFailure>> {
    // A hook may render to nothing: a macro that decided there was nothing to do.
    if sql.trim().is_empty() {
        return Ok((Response { message: "OK".to_owned(), ..Response::default() }, Arc::from(sql)));
    }
    let mut access = warehouse.lock().unwrap_or_else(PoisonError::into_inner);
    let done = access.execute(&sql, false, RowLimit::None).and_then(|outcome| {
        access.commit()?;
        Ok(outcome)
    });
    match done {
        Ok(outcome) => Ok((outcome.response, Arc::from(sql))),
        Err(error) => {
            let _ = access.rollback();
            Err(Box::new(RunFailure {
                diagnostic: Diagnostic::error(codes::HOOK_FAILED, error.message.clone()),
                warehouse: Some(error),
                statement: Some(sql),
            }))
        }
    }
}

/// What `on-run-end` sees beside the usual: `results`, `schemas`, `database_schemas`.
#[derive(Debug)]
pub(crate) struct End {
    names: IndexMap<String, Value>,
    results: Arc<[Arc<dyn FinishedNode>]>,
    finished: Arc<FinishedGraph>,
}

impl End {
    /// The end of a run with these results.
    pub(crate) fn of(
        compiler: &Compiler,
        results: &[Arc<NodeResult>],
        untold: &[Arc<NodeResult>],
    ) -> Self {
        let graph = &compiler.scope.graph;
        let ran = results.iter().filter(|result| result.status != NodeStatus::Skipped);
        let pairs = schemas(ran.map(|result| graph.node(result.node)));
        let names: IndexSet<&String> = pairs.iter().map(|(_, schema)| schema).collect();
        let told = |result: &Arc<NodeResult>| {
            Arc::new(Told { graph: graph.clone(), result: result.clone() }) as Arc<dyn FinishedNode>
        };
        Self {
            names: IndexMap::from([
                ("schemas".to_owned(), json!(names)),
                ("database_schemas".to_owned(), json!(pairs)),
            ]),
            results: results.iter().map(told).collect(),
            finished: Arc::new(FinishedGraph {
                scope: compiler.scope.clone(),
                results: results.iter().chain(untold).cloned().collect(),
                dictionary: OnceLock::new(),
            }),
        }
    }
}

/// `graph` once the nodes have run: those that were compiled have their code.
pub(crate) struct FinishedGraph {
    scope: Arc<SharedScope>,
    results: Vec<Arc<NodeResult>>,
    /// Made when a hook first asks.
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
            for result in &self.results {
                let section = match self.scope.graph.node(result.node).resource_type {
                    ResourceType::Function => "functions",
                    ResourceType::UnitTest => continue,
                    _ => "nodes",
                };
                let entries =
                    all.get_mut(section).and_then(|nodes| nodes.get_mut(&*result.unique_id));
                if let Some(entries) = entries.and_then(Value::as_object_mut) {
                    add_compiled(&self.scope.graph, result, entries);
                }
            }
            Arc::new(all)
        };
        self.dictionary.get_or_init(make).clone()
    }
}

/// What dbt's dictionary of a node has once it is compiled.
fn add_compiled(graph: &Graph, result: &NodeResult, entries: &mut serde_json::Map<String, Value>) {
    let node = graph.node(result.node);
    let code = result.compiled_code.as_ref().filter(|_| node.resource_type != ResourceType::Seed);
    let Some(code) = code else { return };
    entries.insert("compiled".to_owned(), Value::Bool(true));
    entries.insert("compiled_code".to_owned(), Value::from(&**code));
    put_bodies(&result.overload_bodies, entries);
    entries.insert("extra_ctes_injected".to_owned(), Value::Bool(true));
    // The texts of ephemeral models are in the code alone.
    let is_ephemeral = |parent: &NodeIndex| ephemeral_relation(graph.node(*parent)).is_some();
    if !node.depends_on.iter().any(is_ephemeral) {
        entries.insert("extra_ctes".to_owned(), json!([]));
    }
}

/// A result, with the graph that its node is in.
#[derive(Debug)]
struct Told {
    graph: Arc<Graph>,
    result: Arc<NodeResult>,
}

impl FinishedNode for Told {
    fn node(&self) -> Value {
        let index = self.result.node;
        // In dbt the unit test that ran is a node of its own, with all that nodes have.
        let is_unit_test = self.graph.node(index).resource_type == ResourceType::UnitTest;
        let shown = if is_unit_test { graph::node_dictionary } else { graph::shown_node };
        let mut node = shown(&self.graph, index);
        if let Some(entries) = node.as_object_mut() {
            add_compiled(&self.graph, &self.result, entries);
        }
        node
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
