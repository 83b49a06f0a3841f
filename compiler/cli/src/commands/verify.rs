//! `quern verify`: builds a model's window twice, under other clocks and threads, and compares the rows.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use graph::NodeIndex;
use project::ResourceType;
use run::{CancelFlag, Verified, VerifyRequest, verify};
use serde_json::{Value, json};
use source::{Diagnostic, codes};

use super::Outcome;
use super::compile::pretty;
use super::working::listen_to_interrupts;
use crate::invocation::{Failure, Invocation};
use crate::selecting::{Kinds, select};
use crate::stages::{Facts, Prepared, build_engine, open_warehouse, prepare};
use crate::ui::colour::{green, red};
use crate::ui::event::LogEvent;
use crate::ui::lines::plural;
use crate::ui::table::{draw, to_json};

/// How much later the second build's program says it started: another second, minute, hour and day.
const LATER: Duration = Duration::from_secs(24 * 3600 + 3661);

/// Runs the command.
pub(crate) fn run(invocation: &Invocation) -> Outcome {
    let prepared = prepare(invocation)?;
    if prepared.project.session.is_none() {
        let message = "`verify` builds the window of a session, and there is no session time";
        return Err(Diagnostic::error(codes::SESSION_TIME_MISSING, message)
            .hint("pass `--session-time 2023-12-01T00:00:00+09:00`")
            .into());
    }
    let kinds = [ResourceType::Model];
    let kinds = Kinds { usual: &kinds, all: &kinds, keeps_empty_nodes: false };
    let selection = select(invocation, &prepared, &kinds)?;
    let is_built =
        |node: &NodeIndex| prepared.graph.node(*node).config.materialized() != "ephemeral";
    let nodes: Vec<NodeIndex> = selection.nodes.into_iter().filter(is_built).collect();
    if nodes.is_empty() {
        let message = "no model of the selection is built";
        return Err(Diagnostic::error(codes::VERIFY_IMPOSSIBLE, message).into());
    }
    let later = Facts {
        id: uuid::Uuid::new_v4().to_string(),
        started_at: invocation.started_at
            + i64::try_from(LATER.as_micros()).unwrap_or(i64::MAX / 2),
    };
    let (project, target) = (&prepared.project, &prepared.target);
    let engine = Arc::new(build_engine(invocation, project, target, later).value);
    let warehouse = open_warehouse(target)?;
    let cancel = CancelFlag::new();
    listen_to_interrupts(invocation, &cancel);
    let request = VerifyRequest {
        graph: &prepared.graph,
        engines: [&prepared.engine, &engine],
        warehouse: &warehouse,
        threads: [1, prepared.project.profile.threads.max(4)],
        cancel: &cancel,
    };
    let is_json = invocation.settings.text("output") == Some("json");
    let mut told = Vec::new();
    let mut differing = 0;
    let mut failed = 0;
    for node in nodes {
        let verified = match verify(&request, node) {
            Ok(verified) => verified,
            Err(failure) => {
                let concerns_all = [codes::WAREHOUSE_CONNECT, codes::WAREHOUSE_LOCKED]
                    .contains(&failure.diagnostic.code);
                let diagnostic = explained(&prepared, node, failure.diagnostic);
                if concerns_all || cancel.is_set() {
                    return Err(Failure::from(diagnostic));
                }
                failed += 1;
                told.push(json!({
                    "unique_id": &*prepared.graph.node(node).unique_id,
                    "is_equal": false,
                    "error": diagnostic.message,
                }));
                crate::ui::diagnostics::say(&invocation.console, &invocation.sources, &diagnostic);
                continue;
            }
        };
        differing += usize::from(!verified.is_equal());
        if is_json {
            told.push(json(&prepared, node, &verified));
        } else {
            let text = text(&prepared, node, &verified);
            invocation.console.fire(&LogEvent::print(text.trim_end()));
        }
    }
    if is_json {
        let text = pretty(&json!({"is_equal": differing + failed == 0, "models": told}));
        invocation.console.fire(&LogEvent::print(&text));
    }
    if differing > 0 {
        let message = format!("{} gave other rows the second time", plural(differing, "model"));
        let diagnostic = Diagnostic::error(codes::VERIFY_DIFFERS, message)
            .hint("look for clocks, random numbers, and orders that are not total: a retry of this session gives other rows too");
        crate::ui::diagnostics::say(&invocation.console, &invocation.sources, &diagnostic);
    }
    Ok(differing + failed == 0)
}

/// A failure that says which model it is of, and what a scratch table lacks that the model's own has.
fn explained(prepared: &Prepared, node: NodeIndex, mut diagnostic: Diagnostic) -> Diagnostic {
    let node = prepared.graph.node(node);
    diagnostic.message = format!("`{}` cannot be built twice: {}", node.name, diagnostic.message);
    let has_hooks = node.config.get("pre-hook").and_then(Value::as_array);
    if has_hooks.is_some_and(|hooks| !hooks.is_empty()) && diagnostic.hint.is_none() {
        diagnostic.hint = Some("`verify` runs no hooks: what they make is not there".to_owned());
    }
    diagnostic.about(&*node.unique_id)
}

fn text(prepared: &Prepared, node: NodeIndex, verified: &Verified) -> String {
    let name = &prepared.graph.node(node).name;
    let window = verified.window.as_ref().map(|window| format!(" for {}", window.label()));
    let window = window.unwrap_or_default();
    let rows = |count: i64| plural(usize::try_from(count).unwrap_or_default(), "row");
    if verified.is_equal() {
        return format!(
            "{}  {name}{window}: {} both times\n",
            green("same"),
            rows(verified.rows[0])
        );
    }
    let mut text = format!(
        "{}  {name}{window}: {}, then {}\n",
        red("differs"),
        rows(verified.rows[0]),
        rows(verified.rows[1])
    );
    if let Some(table) = verified.differing.as_ref().filter(|table| !table.rows.is_empty()) {
        let _ = write!(text, "{}", draw(table));
    }
    text
}

fn json(prepared: &Prepared, node: NodeIndex, verified: &Verified) -> Value {
    let window = verified.window.as_ref();
    json!({
        "unique_id": &*prepared.graph.node(node).unique_id,
        "window_start": window.map(session::Window::start_text),
        "window_end": window.map(session::Window::end_text),
        "is_equal": verified.is_equal(),
        "rows": verified.rows,
        "checksums": verified.checksums,
        "differing": verified.differing.as_ref().map(to_json),
    })
}
