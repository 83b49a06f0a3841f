//! `quern build`: seeds, models, snapshots and tests, in the order of the graph.

use project::ResourceType;
use source::{Diagnostic, codes};

use super::Outcome;
use super::working::{Work, work};
use crate::invocation::Invocation;
use crate::selecting::{Kinds, select};
use crate::stages::prepare;

/// Runs the command.
pub(crate) fn run(invocation: &Invocation) -> Outcome {
    let prepared = prepare(invocation)?;
    let kinds =
        [ResourceType::Model, ResourceType::Seed, ResourceType::Snapshot, ResourceType::Test];
    let selection = select(
        invocation,
        &prepared,
        &Kinds { usual: &kinds, all: &kinds, keeps_empty_nodes: false },
    )?;
    let unit_tests = prepared
        .graph
        .nodes
        .iter()
        .filter(|node| node.resource_type == ResourceType::UnitTest)
        .count();
    if unit_tests > 0 {
        let message =
            format!("{unit_tests} unit tests are not run: quern does not run unit tests yet");
        invocation.heed(vec![Diagnostic::warning(codes::NOT_SUPPORTED, message)])?;
    }
    let report =
        work(invocation, &prepared, selection, Work { tests_block: true, ..Work::EXECUTE })?;
    Ok(report.is_success())
}
