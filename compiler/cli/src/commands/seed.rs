//! `quern seed`: loads CSV files; `--show` prints a few of their rows.

use std::sync::Arc;

use adapter_interface::Rows;
use graph::{Node, NodeDetails};
use project::ResourceType;
use project::seed::{OpenSeed, read_seed};
use run::{NodeStatus, RunReport};
use serde_json::Value;
use template::ResultTable;

use super::Outcome;
use super::working::run_kinds;
use crate::invocation::Invocation;
use crate::stages::Prepared;
use crate::ui::event::{Level, LogEvent};
use crate::ui::table::draw;

/// How many rows of each seed are shown, as in dbt.
const SHOWN_ROWS: usize = 10;

/// Runs the command.
pub(crate) fn run(invocation: &Invocation) -> Outcome {
    run_kinds(invocation, &[ResourceType::Seed])
}

/// Prints the first rows of each loaded seed.
pub(crate) fn show_tables(invocation: &Invocation, prepared: &Prepared, report: &RunReport) {
    let is_empty = invocation.settings.is_on("empty");
    let loaded = report.results.iter().filter(|result| result.status == NodeStatus::Success);
    for node in loaded.map(|result| prepared.graph.node(result.node)) {
        let Some(table) = sample(node, if is_empty { 0 } else { SHOWN_ROWS }) else { continue };
        let header = format!("Random sample of table: {}.{}", node.schema, node.alias);
        let data = serde_json::json!({"header": header});
        invocation.console.fire(&LogEvent::formatting(""));
        invocation.console.fire(&LogEvent::new(
            Level::Info,
            ("SeedHeader", "Q004"),
            header.clone(),
            data,
        ));
        invocation.console.fire(&LogEvent::formatting(&"-".repeat(header.chars().count())));
        for line in draw(&table).lines() {
            invocation.console.fire(&LogEvent::note(Level::Info, line));
        }
    }
}

/// The first rows of a seed; nothing of other nodes, and where the file went away since it was loaded.
fn sample(node: &Node, count: usize) -> Option<ResultTable> {
    let NodeDetails::Seed { absolute_path, .. } = &node.details else { return None };
    let path = absolute_path.clone();
    let open: OpenSeed = Arc::new(move || Ok(Box::new(std::fs::File::open(&path)?)));
    let delimiter = node.config.text("delimiter").and_then(|text| text.bytes().next());
    let column_types = node.config.get("column_types").and_then(Value::as_object);
    let texts: Vec<&str> =
        column_types.into_iter().flat_map(|types| types.keys().map(String::as_str)).collect();
    let seed = read_seed(open, delimiter.unwrap_or(b','), &texts).ok()?;
    let rows: Result<Vec<_>, _> = seed.rows().ok()?.take(count).collect();
    let columns: Vec<String> = seed.columns.into_iter().map(|(name, _)| name).collect();
    let kinds = vec![String::new(); columns.len()];
    Some(ResultTable::from(&Rows { columns, types: kinds, rows: rows.ok()? }))
}
