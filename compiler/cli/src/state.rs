//! `--state`, `--defer-state`, `--defer`, `--favor-state`: what an earlier run left behind.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use graph::state::{read_results, read_source_times};
use graph::{Deferral, PreviousManifest, PreviousState};
use source::{Diagnostic, codes};

use crate::invocation::{Failure, Invocation};
use crate::stages::Prepared;

/// The kinds of constraints that there are.
const CONSTRAINTS: &[&str] = &["check", "not_null", "unique", "primary_key", "foreign_key"];

/// What stands in the folder of `--state`; none without it.
pub(crate) fn load(
    invocation: &Invocation,
    prepared: &Prepared,
) -> Result<Option<Arc<PreviousState>>, Failure> {
    let Some(written) = invocation.settings.text("state") else { return Ok(None) };
    let folder = invocation.project_directory.join(written);
    if folder == prepared.target_path {
        let message = format!("The state and target directories are the same: '{written}'");
        let warning = Diagnostic::warning(codes::STATE_IS_TARGET, message)
            .hint("copy the artifacts elsewhere: each command writes them anew");
        invocation.heed(vec![warning])?;
    }
    let dialect = prepared.engine.dialect();
    let now = jiff::Timestamp::from_microsecond(invocation.started_at).unwrap_or_default();
    let is_enforced = |kind: &&&'static str| dialect.enforces_constraint(kind);
    Ok(Some(Arc::new(PreviousState {
        manifest: read(&folder, "manifest.json", PreviousManifest::read)?,
        results: read(&folder, "run_results.json", read_results)?,
        sources: read(&folder, "sources.json", read_source_times)?,
        current_sources: read(&prepared.target_path, "sources.json", read_source_times)?,
        compares_unrendered: invocation
            .settings
            .is_behaviour_on("state_modified_compare_more_unrendered_values"),
        enforced_constraints: CONSTRAINTS.iter().filter(is_enforced).copied().collect(),
        now: now.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string(),
    })))
}

/// Where references lead elsewhere: with `--defer`, and for `clone` always.
pub(crate) fn deferral(
    invocation: &Invocation,
    prepared: &Prepared,
) -> Result<Option<Arc<Deferral>>, Failure> {
    let settings = &invocation.settings;
    let is_on = settings.is_on("defer");
    if !is_on && settings.command != "clone" {
        return Ok(None);
    }
    let Some(written) = settings.text("defer-state").or_else(|| settings.text("state")) else {
        let message =
            "--state or --defer-state are required for deferral, but neither was provided";
        let diagnostic = Diagnostic::error(codes::USAGE, message);
        return Err(diagnostic
            .hint("name the folder with the manifest.json of the other environment")
            .into());
    };
    let folder = invocation.project_directory.join(written);
    let Some(manifest) = read(&folder, "manifest.json", PreviousManifest::read)? else {
        let message = format!("Could not find manifest in --state path: \"{written}\"");
        return Err(Diagnostic::error(codes::ARTIFACT_UNREADABLE, message).into());
    };
    let favors_state = settings.is_on("favor-state");
    Ok(Some(Arc::new(Deferral::new(&prepared.graph, &manifest, is_on, favors_state))))
}

/// An artifact; none where there is no such file.
fn read<T>(
    folder: &Path,
    name: &str,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<Option<T>, Diagnostic> {
    let path: PathBuf = folder.join(name);
    if !path.is_file() {
        return Ok(None);
    }
    let failed = |reason: String| {
        let message = format!("`{}` could not be read: {reason}", path.display());
        Diagnostic::error(codes::ARTIFACT_UNREADABLE, message)
    };
    let text = std::fs::read_to_string(&path).map_err(|error| failed(error.to_string()))?;
    read(&text).map(Some).map_err(failed)
}
