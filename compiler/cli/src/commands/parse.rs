//! `quern parse`: reads and checks the project, asks nothing of a warehouse, writes manifest.json.

use super::Outcome;
use crate::artifacts::write_artifacts;
use crate::invocation::Invocation;
use crate::stages::prepare;

/// Runs the command.
pub(crate) fn run(invocation: &Invocation) -> Outcome {
    let prepared = prepare(invocation)?;
    write_artifacts(invocation, &prepared, None)?;
    Ok(true)
}
