//! Writing: the table is made once per run, a row is made ready for the materialization to write.

use std::sync::{Arc, PoisonError};

use adapter_interface::Relation;
use graph::{Graph, Node, NodeIndex, fingerprint};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use project::ResourceType;
use serde_json::{Value, json};
use session::Window;
use source::{Diagnostic, codes};
use template::{Argument, Engine, NodeScope, RunFailure, SharedWarehouse};

use crate::compile::Compiler;
use crate::ledger::ledger_relation;
use crate::ledger::read::missing_columns;
use crate::pace::pace;

/// What a model's materialization is to write, as `ledger_entry`; nothing for what has no windows, without a session
/// and where the ledger is switched off. The window is that of a batch, or else the one that the session has for it.
pub(crate) fn ledger_entry(
    compiler: &Compiler,
    index: NodeIndex,
    batch: Option<&Window>,
) -> Result<Option<Value>, Box<RunFailure>> {
    let graph = &compiler.scope.graph;
    let engine = &compiler.engine;
    let Some(session) = &compiler.scope.session else { return Ok(None) };
    let Some(table) = ledger_relation(engine, &graph.project) else { return Ok(None) };
    if !pace(graph, index).has_windows() {
        return Ok(None);
    }
    let node = graph.node(index);
    let window =
        batch.cloned().map_or_else(|| session.window(node.config.window), Ok).map_err(|error| {
            let diagnostic = Diagnostic::error(codes::WINDOW_INVALID, error.to_string());
            Box::new(RunFailure { diagnostic, warehouse: None, statement: None })
        })?;
    let variable = &graph.project.quern.session.variable;
    Ok(Some(json!({
        "database": table.database,
        "schema": table.schema,
        "name": table.identifier,
        "model": &*node.unique_id,
        "relation": node.relation_name,
        "window_start": clock_in_utc(window.start().timestamp()),
        "window_end": clock_in_utc(window.end().timestamp()),
        "session_time": clock_in_utc(session.time().timestamp()),
        "code": fingerprint(graph, engine, index, variable),
        "invocation_id": engine.invocation().id,
    })))
}

/// `2023-11-30 15:00:00`: what clocks in UTC show, as a literal has it.
fn clock_in_utc(moment: Timestamp) -> String {
    moment.to_zoned(TimeZone::UTC).datetime().to_string().replace('T', " ")
}

/// The node that is built where the ledger stands; a source may name the ledger, to read it.
fn node_at<'a>(graph: &'a Graph, engine: &Engine, table: &Relation) -> Option<&'a Node> {
    let dialect = engine.dialect();
    let ignores_case = dialect.capabilities().ignores_case;
    let name = |relation: &Relation| {
        let name = dialect.render_name(relation);
        if ignores_case { name.to_lowercase() } else { name }
    };
    let wanted = name(table);
    let mut built = graph.nodes.iter().filter(|node| node.resource_type != ResourceType::Source);
    built.find(|node| node.relation.as_ref().is_some_and(|own| name(own) == wanted))
}

/// Makes the ledger's table where it is missing, and refuses one that lacks columns.
pub(crate) fn prepare_ledger(
    compiler: &Compiler,
    nodes: &[NodeIndex],
    scope: &Arc<dyn NodeScope>,
    warehouse: &SharedWarehouse,
) -> Result<(), Box<RunFailure>> {
    let graph = &compiler.scope.graph;
    let engine = &compiler.engine;
    let needs_it = compiler.scope.session.is_some()
        && nodes.iter().any(|index| pace(graph, *index).has_windows());
    let Some(table) = ledger_relation(engine, &graph.project).filter(|_| needs_it) else {
        return Ok(());
    };
    if let Some(node) = node_at(graph, engine, &table) {
        let message = format!(
            "the ledger has the name of `{}`, {}",
            node.unique_id,
            engine.dialect().render_name(&table)
        );
        let diagnostic = Diagnostic::error(codes::LEDGER_UNUSABLE, message)
            .hint("name another table in quern.yml: `ledger: {name: …}`");
        return Err(Box::new(RunFailure { diagnostic, warehouse: None, statement: None }));
    }
    let id = |name: &str| engine.find_macro(scope.package(), name).unwrap_or_default();
    let argument = [Argument::Relation(table.clone())];
    let made = engine.call_macro(&id("quern_create_ledger"), &argument, &[], scope, warehouse);
    let made = made.map_err(|failure| {
        let reason = failure.diagnostic.message.clone();
        let message = format!("the ledger cannot be made: {reason}");
        let hint = "name a schema that may be written to in quern.yml (`ledger: {schema: …}`), or switch it off (`ledger: {enabled: false}`)";
        let diagnostic = Diagnostic::error(codes::LEDGER_UNUSABLE, message).hint(hint);
        Box::new(RunFailure { diagnostic, ..*failure })
    });
    made?;
    let committed = warehouse.lock().unwrap_or_else(PoisonError::into_inner).commit();
    committed.map_err(|error| {
        let diagnostic = Diagnostic::error(codes::LEDGER_UNUSABLE, error.message.clone());
        Box::new(RunFailure { diagnostic, warehouse: Some(error), statement: None })
    })?;
    let found = engine.call_macro(&id("quern_ledger_columns"), &argument, &[], scope, warehouse)?;
    let _ = warehouse.lock().unwrap_or_else(PoisonError::into_inner).rollback();
    match missing_columns(&table, &found.value) {
        Some(diagnostic) => {
            Err(Box::new(RunFailure { diagnostic, warehouse: None, statement: None }))
        }
        None => Ok(()),
    }
}
