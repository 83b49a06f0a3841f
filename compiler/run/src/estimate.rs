//! What a run would cost: the bytes that each node's query would read, told by the warehouse without running it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use adapter_interface::WarehouseError;
use graph::NodeIndex;
use project::ResourceType;
use source::{Diagnostic, codes};
use template::SharedWarehouse;

use crate::cancel::CancelFlag;
use crate::compile::Compiler;
use crate::node::config_text;
use crate::request::RunRequest;
use crate::scheduler::connection_failure;
use crate::scope::SharedScope;
use crate::sessions::Opener;

/// What a node would cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeEstimate {
    /// The node.
    pub node: NodeIndex,
    /// The bytes that its query would read; else why nobody knows, most often that it reads what is not built yet.
    pub bytes: Result<u64, String>,
}

/// Asks the warehouse what the selected nodes would read, in the order of the selection. Nothing is built, and no schema
/// is made.
///
/// Views and nodes without a query of their own read nothing while they are built; a view's query is checked
/// nevertheless. What a `merge` reads of the table it changes is not in the numbers.
pub fn estimate(
    request: &RunRequest,
    cancel: &CancelFlag,
) -> Result<Vec<NodeEstimate>, Diagnostic> {
    let engine = &request.engine;
    let opener = Opener::new(engine, &request.warehouse, cancel);
    let shared = SharedScope::new(
        &request.graph,
        &request.selection.nodes,
        engine,
        request.is_empty,
        request.session.clone(),
        request.batching.sample.clone(),
    );
    shared.defer(request.deferral.clone());
    let compiler = Compiler::new(engine.clone(), shared);
    let asked: Vec<NodeIndex> =
        request.selection.nodes.iter().copied().filter(|index| is_asked(request, *index)).collect();
    let next = AtomicUsize::new(0);
    let found: Mutex<Vec<Option<NodeEstimate>>> = Mutex::new(vec![None; asked.len()]);
    let failure: Mutex<Option<WarehouseError>> = Mutex::default();
    let work = || {
        let access = match opener.open("dry run") {
            Ok(access) => access,
            Err(error) => {
                *failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                return;
            }
        };
        while !cancel.is_set() {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(node) = asked.get(at).copied() else { return };
            let estimate = NodeEstimate { node, bytes: bytes(request, &compiler, node, &access) };
            found.lock().unwrap_or_else(PoisonError::into_inner)[at] = Some(estimate);
        }
    };
    thread::scope(|scope| {
        for _ in 0..request.threads.min(asked.len()).max(1) {
            scope.spawn(work);
        }
    });
    if let Some(error) = failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(connection_failure(&error));
    }
    if cancel.is_set() {
        return Err(Diagnostic::error(codes::CANCELLED, "the dry run was cancelled"));
    }
    Ok(found.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().flatten().collect())
}

/// Whether a node has a query that runs when it is built.
fn is_asked(request: &RunRequest, index: NodeIndex) -> bool {
    let node = request.graph.node(index);
    match node.resource_type {
        ResourceType::Model => node.config.materialized() != "ephemeral",
        ResourceType::Snapshot | ResourceType::Test => true,
        _ => false,
    }
}

fn bytes(
    request: &RunRequest,
    compiler: &Compiler,
    index: NodeIndex,
    warehouse: &SharedWarehouse,
) -> Result<u64, String> {
    let code = compiler
        .serve(index, warehouse)
        .and_then(|()| compiler.compile(index, warehouse))
        .map_err(|failure| failure.diagnostic.message)?;
    if code.trim().is_empty() {
        return Ok(0);
    }
    let node = request.graph.node(index);
    let sql = match config_text(node, "sql_header") {
        Some(header) => format!("{header}\n{code}"),
        None => code.to_string(),
    };
    let mut access = warehouse.lock().unwrap_or_else(PoisonError::into_inner);
    match access.estimate(&sql) {
        None => Err("the warehouse does not tell".to_owned()),
        Some(Err(error)) => Err(error.message),
        Some(Ok(_)) if node.config.materialized() == "view" => Ok(0),
        Some(Ok(estimate)) => Ok(estimate.bytes),
    }
}
