//! `quern show`: the first rows of a node or of a query.

use project::ResourceType;
use run::{Action, OperationRequest};
use serde_json::{Value, json};
use template::ResultTable;

use super::Outcome;
use super::compile::{asked_for, give_up_on_errors, open_session, pretty};
use super::working::{Work, work};
use crate::artifacts::write_inline_results;
use crate::invocation::{Failure, Invocation};
use crate::selecting::{Kinds, select};
use crate::settings::usage;
use crate::stages::prepare;
use crate::ui::event::{Level, LogEvent};
use crate::ui::table::{draw, to_json};

const SHOWN: &[ResourceType] = &[
    ResourceType::Model,
    ResourceType::Test,
    ResourceType::Snapshot,
    ResourceType::Analysis,
    ResourceType::Seed,
];

/// Runs the command.
pub(crate) fn run(invocation: &Invocation) -> Outcome {
    let settings = &invocation.settings;
    let direct = settings.text("inline-direct");
    let inline = direct.or(settings.text("inline"));
    if inline.is_none() && settings.list("select").is_empty() && settings.text("selector").is_none()
    {
        return Err(usage("either `--select` or `--inline` must be passed to show").into());
    }
    let limit = settings.number("limit").and_then(|limit| u64::try_from(limit).ok());
    let prepared = prepare(invocation)?;
    if let Some(text) = inline {
        let session = open_session(invocation, &prepared, "inline_query")?;
        let failed = |failure: Box<template::RunFailure>| Failure::from(failure.diagnostic);
        let sql = if direct.is_some() {
            text.to_owned()
        } else {
            session.compile(text).map_err(failed)?
        };
        let arguments = [
            ("compiled_code".to_owned(), json!(sql)),
            ("sql_header".to_owned(), Value::Null),
            ("limit".to_owned(), json!(limit)),
        ];
        let request = OperationRequest {
            macro_name: "get_show_sql".into(),
            arguments: arguments.into_iter().collect(),
        };
        let limited = session.run_operation(&request).map_err(failed)?;
        let statement = limited.value.as_str().map_or(sql, str::to_owned);
        print(invocation, None, &session.fetch(&statement).map_err(failed)?);
        write_inline_results(invocation, &prepared, &statement)?;
        return Ok(true);
    }
    let kinds = Kinds { usual: SHOWN, all: SHOWN, keeps_empty_nodes: false };
    let selection = select(invocation, &prepared, &kinds)?;
    let report = work(
        invocation,
        &prepared,
        selection,
        Work { action: Action::Show { limit }, tests_block: false },
    )?;
    give_up_on_errors(invocation, &prepared, &report)?;
    let asked = asked_for(invocation);
    let is_alone = report.results.len() == 1;
    for result in &report.results {
        let node = prepared.graph.node(result.node);
        if let Some(table) =
            result.table.as_ref().filter(|_| is_alone || asked.contains(&node.name))
        {
            print(invocation, Some((&node.name, &node.unique_id)), table);
        }
    }
    Ok(report.is_success())
}

fn print(invocation: &Invocation, node: Option<(&str, &str)>, table: &ResultTable) {
    let is_json = invocation.settings.text("output") == Some("json");
    let preview = if is_json { to_json(table).to_string() } else { draw(table) };
    let message = match (is_json, node) {
        (true, Some((name, _))) => pretty(&json!({"node": name, "show": to_json(table)})),
        (true, None) => pretty(&json!({"show": to_json(table)})),
        (false, _) if invocation.console.is_quiet() => preview.clone(),
        (false, Some((name, _))) => format!("Previewing node '{name}':\n{preview}"),
        (false, None) => format!("Previewing inline node:\n{preview}"),
    };
    let data = json!({
        "node_name": node.map_or("inline_query", |(name, _)| name),
        "unique_id": node.map_or("", |(_, id)| id),
        "preview": preview,
        "is_inline": node.is_none(),
        "output_format": if is_json { "json" } else { "text" },
        "quiet": invocation.console.is_quiet(),
    });
    invocation.console.fire(&LogEvent::new(Level::Info, ("ShowNode", "Q041"), message, data));
}
