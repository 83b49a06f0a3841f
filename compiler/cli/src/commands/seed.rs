//! `quern seed`: loads CSV files; `--show` prints a few of their rows.

use project::ResourceType;
use run::RunReport;

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
    for result in &report.results {
        let (Some(table), node) = (&result.table, prepared.graph.node(result.node)) else {
            continue;
        };
        if node.resource_type != ResourceType::Seed {
            continue;
        }
        let mut table = table.clone();
        table.rows.truncate(SHOWN_ROWS);
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
