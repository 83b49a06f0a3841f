//! `quern retry`: the last command again, with what failed or was skipped in it.

use std::path::Path;

use serde_json::Value;
use source::{Diagnostic, codes};

use super::Outcome;
use super::working::project_target_path;
use crate::arguments::commands::{self, CommandSpec};
use crate::event_times::Earlier;
use crate::invocation::Invocation;
use crate::last_results;
use crate::settings::Settings;

/// The commands that can be run again.
const AGAIN: &[&str] = &[
    "build",
    "run",
    "test",
    "seed",
    "snapshot",
    "compile",
    "clone",
    "docs generate",
    "backfill",
    "run-operation",
];

/// How a node ended that is worth another try.
const FAILED: &[&str] = &["error", "fail", "skipped", "runtime error", "partial success"];

/// Runs the command.
pub(crate) fn run(invocation: &Invocation) -> Outcome {
    let folder = match invocation.settings.text("state") {
        Some(state) => invocation.project_directory.join(state),
        None => project_target_path(invocation),
    };
    let mut results = read(&folder.join("run_results.json"))?;
    // Who looks into a failure with `quern show`, or mends its cause by an operation, means the command before it.
    let is_operation = name_of(&results) == "run-operation";
    if (command_of(&results).is_none() || is_operation && failed_nodes(&results).is_empty())
        && let Some(path) = last_results::newest(&folder)
    {
        results = read(&path)?;
    }
    let Some(command) = command_of(&results) else {
        let name = name_of(&results);
        let message = format!("the last command was `{name}`, which cannot be run again");
        return Err(Diagnostic::error(codes::ARTIFACT_UNREADABLE, message).into());
    };
    let arguments = results.get("args").and_then(Value::as_object).cloned().unwrap_or_default();
    let again = Settings::again(command.name, &arguments, &invocation.settings);
    let nodes = failed_nodes(&results);
    if nodes.is_empty() {
        let message = "nothing failed in the last command, so there is nothing to do";
        invocation.heed(vec![Diagnostic::warning(codes::NOTHING_SELECTED, message)])?;
        return Ok(true);
    }
    // A backfill knows by itself which windows are left, and is the same one only with the same models.
    let only = (command.name != "backfill").then_some(nodes);
    super::run(&invocation.again(again, only, Earlier::read(&results)))
}

/// The unique ids of what is worth another try.
fn failed_nodes(results: &Value) -> Vec<String> {
    let all = results.get("results").and_then(Value::as_array).into_iter().flatten();
    let failed = all.filter(|result| {
        result.get("status").and_then(Value::as_str).is_some_and(|status| FAILED.contains(&status))
    });
    failed.filter_map(|result| result.get("unique_id")?.as_str().map(str::to_owned)).collect()
}

/// What the command that left these results is called.
fn name_of(results: &Value) -> &str {
    match results.pointer("/args/which").and_then(Value::as_str).unwrap_or_default() {
        "generate" => "docs generate",
        which => which,
    }
}

/// The command that left these results, when it can be run again.
fn command_of(results: &Value) -> Option<&'static CommandSpec> {
    let name = name_of(results);
    AGAIN.iter().find(|known| **known == name).and_then(|name| commands::find(name))
}

fn read(path: &Path) -> Result<Value, Diagnostic> {
    let failed = |reason: String| {
        let message = format!("could not find previous run in `{}`: {reason}", path.display());
        Diagnostic::error(codes::ARTIFACT_UNREADABLE, message)
            .hint("`quern retry` needs the run_results.json of the last command")
    };
    let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| failed(error.to_string()))
}
