//! `quern source freshness`: how old the newest rows of sources are, and what that means by their thresholds.

use graph::NodeDetails;
use project::ResourceType;
use run::{Action, RunReport};
use source::{Diagnostic, codes};

use super::Outcome;
use super::working::{Work, work};
use crate::artifacts::{write_artifacts, write_json_to};
use crate::invocation::{Failure, Invocation};
use crate::selecting::{Kinds, select};
use crate::stages::{Prepared, prepare};

/// Runs the command.
pub(crate) fn run(invocation: &Invocation) -> Outcome {
    let output = invocation.settings.text("output");
    if output.is_some() {
        let message = "`--output` of `source freshness` is deprecated";
        let warning = Diagnostic::warning(codes::DEPRECATED_OUTPUT_PATH, message)
            .hint("leave it out: the report is target/sources.json");
        invocation.heed(vec![warning])?;
    }
    let prepared = prepare(invocation)?;
    let kinds = [ResourceType::Source];
    let kinds = Kinds { usual: &kinds, all: &kinds, keeps_empty_nodes: false };
    let mut selection = select(invocation, &prepared, &kinds)?;
    let had_any = !selection.nodes.is_empty();
    selection.nodes.retain(|index| match &prepared.graph.node(*index).details {
        NodeDetails::Source(source) => source.has_freshness(),
        _ => false,
    });
    if had_any && selection.nodes.is_empty() {
        let warning =
            Diagnostic::warning(codes::NOTHING_SELECTED, "no selected source has `freshness`")
                .hint("give the source `freshness` with `warn_after` or `error_after`");
        invocation.heed(vec![warning])?;
    }
    heed_hooks(invocation, &prepared)?;
    let session = prepared.project.session.as_ref();
    let now = session.map(|session| session.time().timestamp().as_microsecond());
    let action = Action::Freshness { now };
    let report = work(invocation, &prepared, selection, Work { action, tests_block: false })?;
    Ok(report.is_success())
}

/// Tells of hooks that a flag of the project leaves out.
fn heed_hooks(invocation: &Invocation, prepared: &Prepared) -> Result<(), Failure> {
    let runs_hooks = invocation.settings.is_behaviour_on("source_freshness_run_project_hooks");
    let has_hooks =
        prepared.graph.nodes.iter().any(|node| node.resource_type == ResourceType::Operation);
    if runs_hooks || !has_hooks {
        return Ok(());
    }
    let message = "the hooks of the project do not run with `source freshness`";
    let hint = "let the flag `source_freshness_run_project_hooks` be true: dbt means it to be";
    invocation.heed(vec![Diagnostic::warning(codes::DEPRECATED_HOOKS_LEFT_OUT, message).hint(hint)])
}

/// Writes `sources.json`, and the manifest.
pub(crate) fn write_report(
    invocation: &Invocation,
    prepared: &Prepared,
    report: &RunReport,
) -> Result<(), Failure> {
    write_artifacts(invocation, prepared, None)?;
    let path = match invocation.settings.text("output") {
        Some(path) => invocation.world.absolute(path),
        None => prepared.target_path.join("sources.json"),
    };
    if !invocation.settings.is_on("write-json") {
        return Ok(());
    }
    let head = prepared.head(invocation);
    let sources = docs::describe_freshness(&prepared.graph, report, &head);
    write_json_to(invocation, &path, "sources.json", &sources)
}
