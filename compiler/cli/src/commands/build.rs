//! `quern build`: seeds, models, snapshots and tests, in the order of the graph; exposures and saved queries are told.

use project::ResourceType;

use super::Outcome;
use super::working::{Work, work};
use crate::invocation::Invocation;
use crate::selecting::{Kinds, select};
use crate::stages::prepare;

/// Runs the command.
pub(crate) fn run(invocation: &Invocation) -> Outcome {
    let prepared = prepare(invocation)?;
    let kinds = [
        ResourceType::Model,
        ResourceType::Seed,
        ResourceType::Snapshot,
        ResourceType::Test,
        ResourceType::UnitTest,
        ResourceType::Exposure,
        ResourceType::SavedQuery,
        ResourceType::Function,
    ];
    let selection = select(
        invocation,
        &prepared,
        &Kinds { usual: &kinds, all: &kinds, keeps_empty_nodes: false },
    )?;
    let report =
        work(invocation, &prepared, selection, Work { tests_block: true, ..Work::EXECUTE })?;
    Ok(report.is_success())
}
