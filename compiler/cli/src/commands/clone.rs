//! `quern clone`: puts here what an earlier run built elsewhere, without computing it.

use project::ResourceType;
use run::Action;

use super::Outcome;
use super::working::{Work, work};
use crate::invocation::Invocation;
use crate::selecting::{Kinds, select};
use crate::stages::prepare;

/// Runs the command.
pub(crate) fn run(invocation: &Invocation) -> Outcome {
    let prepared = prepare(invocation)?;
    let kinds = [ResourceType::Model, ResourceType::Seed, ResourceType::Snapshot];
    let kinds = Kinds { usual: &kinds, all: &kinds, keeps_empty_nodes: false };
    let mut selection = select(invocation, &prepared, &kinds)?;
    // What `--resource-type` names besides cannot be cloned.
    selection.nodes.retain(|index| kinds.all.contains(&prepared.graph.node(*index).resource_type));
    let report =
        work(invocation, &prepared, selection, Work { action: Action::Clone, tests_block: false })?;
    Ok(report.is_success())
}
