//! `quern compile`: templates into SQL, in files, and on the screen when asked for by name.

use project::ResourceType;
use run::{Action, CancelFlag, RunReport, Session, connection_failure};
use serde_json::{Value, json};

use super::Outcome;
use super::working::{Work, work};
use crate::artifacts::{write_artifacts, write_inline_results};
use crate::invocation::{Failure, Invocation};
use crate::selecting::{Kinds, select};
use crate::stages::{Prepared, open_asked_warehouse, prepare};
use crate::ui::event::{Level, LogEvent};

/// The kinds of nodes that have SQL; hooks are among them, as in dbt.
pub(crate) const COMPILED: &[ResourceType] = &[
    ResourceType::Model,
    ResourceType::Test,
    ResourceType::Snapshot,
    ResourceType::Analysis,
    ResourceType::Operation,
    ResourceType::Seed,
    ResourceType::Function,
];

/// Runs the command.
pub(crate) fn run(invocation: &Invocation) -> Outcome {
    let prepared = prepare(invocation)?;
    if let Some(text) = invocation.settings.text("inline") {
        let sql = open_session(invocation, &prepared, "inline_query")?.compile(text);
        let sql = sql.map_err(|failure| Failure::from(failure.diagnostic))?;
        print(invocation, None, &sql);
        write_inline_results(invocation, &prepared, &sql)?;
        return Ok(true);
    }
    let kinds = Kinds { usual: COMPILED, all: COMPILED, keeps_empty_nodes: false };
    let selection = select(invocation, &prepared, &kinds)?;
    let tells_ephemerals = !invocation.settings.list("select").is_empty();
    let action = Action::Compile { tells_ephemerals };
    let report = work(invocation, &prepared, selection, Work { action, tests_block: false })?;
    give_up_on_errors(invocation, &prepared, &report)?;
    let asked = asked_for(invocation);
    for result in &report.results {
        let node = prepared.graph.node(result.node);
        if let Some(code) = result.compiled_code.as_ref().filter(|_| asked.contains(&node.name)) {
            print(invocation, Some((&node.name, &node.unique_id)), code);
        }
    }
    Ok(report.is_success())
}

/// The first text of `--select`: what is named in it is printed, as in dbt.
pub(crate) fn asked_for(invocation: &Invocation) -> String {
    let mut select = invocation.settings.list("select");
    select.push(invocation.settings.text("selector").unwrap_or_default().to_owned());
    select.join(" ")
}

/// A node that cannot be compiled keeps the command from doing what it is for.
pub(crate) fn fail_on_errors(report: &RunReport) -> Result<(), Failure> {
    let failed = report.results.iter().filter(|result| result.status.is_failure());
    let diagnostics: Vec<_> = failed.flat_map(|result| result.diagnostics.clone()).collect();
    if diagnostics.is_empty() { Ok(()) } else { Err(Failure { diagnostics }) }
}

/// A node that cannot be compiled leaves the manifest as parsing made it.
pub(crate) fn give_up_on_errors(
    invocation: &Invocation,
    prepared: &Prepared,
    report: &RunReport,
) -> Result<(), Failure> {
    let outcome = fail_on_errors(report);
    if outcome.is_err() {
        write_artifacts(invocation, prepared, None)?;
    }
    outcome
}

/// A session with the warehouse, for what is no node.
pub(crate) fn open_session(
    invocation: &Invocation,
    prepared: &Prepared,
    name: &str,
) -> Result<Session, Failure> {
    let warehouse = open_asked_warehouse(invocation, &prepared.target)?;
    let cancel = CancelFlag::new();
    super::working::listen_to_interrupts(invocation, &cancel);
    let session = Session::open(&prepared.graph, &prepared.engine, &warehouse, &cancel, name)
        .map_err(|error| connection_failure(&error))?;
    session.defer(crate::state::deferral(invocation, prepared)?);
    Ok(session)
}

fn print(invocation: &Invocation, node: Option<(&str, &str)>, code: &str) {
    let is_json = invocation.settings.text("output") == Some("json");
    let message = match (is_json, node) {
        (true, Some((name, _))) => pretty(&json!({"node": name, "compiled": code})),
        (true, None) => pretty(&json!({"compiled": code})),
        (false, _) if invocation.console.is_quiet() => code.to_owned(),
        (false, Some((name, _))) => format!("Compiled node '{name}' is:\n{code}"),
        (false, None) => format!("Compiled inline node is:\n{code}"),
    };
    let data = json!({
        "node_name": node.map_or("inline_query", |(name, _)| name),
        "unique_id": node.map_or("", |(_, id)| id),
        "compiled": code,
        "is_inline": node.is_none(),
        "output_format": if is_json { "json" } else { "text" },
        "quiet": invocation.console.is_quiet(),
    });
    invocation.console.fire(&LogEvent::new(Level::Info, ("CompiledNode", "Q042"), message, data));
}

/// JSON over several lines, two blanks deep.
pub(crate) fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_else(|_| value.to_string())
}
