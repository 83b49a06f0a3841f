//! The artifacts of a command below the target path: `manifest.json`, `run_results.json` and what else it describes.

use std::io::{BufWriter, Write as _};
use std::path::Path;

use docs::artifacts::run_results::RunResult;
use run::RunReport;
use serde::Serialize;
use serde_json::{Map, Value, json};
use source::Diagnostic;

use crate::invocation::{Failure, Invocation};
use crate::last_results;
use crate::stages::Prepared;
use crate::ui::event::{Level, LogEvent};
use crate::writing::write_whole_with;

/// Writes `manifest.json`, and `run_results.json` for a command that ran something.
pub(crate) fn write_artifacts(
    invocation: &Invocation,
    prepared: &Prepared,
    report: Option<&RunReport>,
) -> Result<(), Failure> {
    if !invocation.settings.is_on("write-json") {
        return Ok(());
    }
    let head = prepared.head(invocation);
    let path = |name: &str| prepared.target_path.join(name);
    let write_manifest = || {
        let manifest = docs::ManifestStream::new(&prepared.graph, &head, report);
        put_json(invocation, &path("manifest.json"), &manifest)
    };
    let write_results = |report: &RunReport| {
        let mut arguments: Map<String, Value> = invocation.arguments().into_iter().collect();
        if let Some(session) = &report.session {
            // The moment, whatever it was read from: so that `retry` is for the same one.
            arguments.insert("session_time".to_owned(), session.time().to_string().into());
        }
        let results = docs::describe_results(report, &head, &arguments);
        put_json(invocation, &path("run_results.json"), &results)
    };
    let (manifest, results) = rayon::join(write_manifest, || report.map(write_results));
    manifest?;
    say_written(invocation, &path("manifest.json"), "manifest.json");
    if let Some(written) = results {
        written?;
        say_written(invocation, &path("run_results.json"), "run_results.json");
        let target = &prepared.project.profile.target;
        last_results::keep(invocation, &prepared.target_path, target);
    }
    Ok(())
}

/// Writes an artifact below the target path, without secrets.
pub(crate) fn write_json(
    invocation: &Invocation,
    prepared: &Prepared,
    name: &str,
    artifact: &impl Serialize,
) -> Result<(), Failure> {
    write_json_to(invocation, &prepared.target_path.join(name), name, artifact)
}

/// Writes an artifact to a path, without secrets.
pub(crate) fn write_json_to(
    invocation: &Invocation,
    path: &Path,
    name: &str,
    artifact: &impl Serialize,
) -> Result<(), Failure> {
    put_json(invocation, path, artifact)?;
    say_written(invocation, path, name);
    Ok(())
}

fn put_json(
    invocation: &Invocation,
    path: &Path,
    artifact: &impl Serialize,
) -> Result<(), Diagnostic> {
    let secrets = invocation.console.secrets();
    write_whole_with(path, |file| {
        if secrets.concern_files() {
            let json = serde_json::to_string(artifact)?;
            return file.write_all(secrets.scrub_json_file(&json).as_bytes());
        }
        // JSON is written in scraps: gathered here, where the compiler sees through it.
        let mut scraps = BufWriter::with_capacity(1 << 18, file);
        serde_json::to_writer(&mut scraps, artifact)?;
        scraps.flush()
    })
}

fn say_written(invocation: &Invocation, path: &Path, name: &str) {
    let line = format!("Wrote artifact {name} to {}", path.display());
    let data = json!({"artifact_type": name, "artifact_path": path.to_string_lossy()});
    let event = LogEvent::new(Level::Debug, ("ArtifactWritten", "P001"), line, data);
    invocation.console.fire(&event);
}

/// Writes the results of a query that is no node: one, with its SQL.
pub(crate) fn write_inline_results(
    invocation: &Invocation,
    prepared: &Prepared,
    code: &str,
) -> Result<(), Failure> {
    let package = &prepared.project.root().settings.name;
    let result = RunResult {
        status: "success".into(),
        unique_id: format!("sql_operation.{package}.inline_query").into(),
        compiled: Some(true),
        compiled_code: Some(code.into()),
        ..Default::default()
    };
    write_single_result(invocation, prepared, result)
}

/// Writes the artifacts of a command that did one thing, which is no node.
pub(crate) fn write_single_result(
    invocation: &Invocation,
    prepared: &Prepared,
    result: RunResult<'_>,
) -> Result<(), Failure> {
    write_artifacts(invocation, prepared, None)?;
    if !invocation.settings.is_on("write-json") {
        return Ok(());
    }
    let head = prepared.head(invocation);
    let report = RunReport::default();
    let arguments: Map<String, Value> = invocation.arguments().into_iter().collect();
    let mut results = docs::describe_results(&report, &head, &arguments);
    results.elapsed_time = result.execution_time;
    results.results.push(RunResult { thread_id: "MainThread".into(), ..result });
    write_json(invocation, prepared, "run_results.json", &results)
}
