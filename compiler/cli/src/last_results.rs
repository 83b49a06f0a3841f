//! What became of each node when it was last worked on, for the documentation site.
//!
//! dbt's `run_results.json` tells of the last command alone, and `docs generate` writes it too. So each command that
//! builds or tests leaves its results a second time, under its own name and below that of its target. `retry` reads them
//! too, after a `show`.

use std::path::{Path, PathBuf};

use docs::artifacts::run_results::{RunResult, RunResults};
use docs::artifacts::sources::FreshnessResults;
use graph::Graph;
use indexmap::IndexMap;
use serde::de::DeserializeOwned;

use crate::invocation::Invocation;

/// The folder below the target path.
const FOLDER: &str = "last_results";

/// The commands whose results are kept.
const COMMANDS: &[&str] = &["build", "run", "test", "seed", "snapshot", "backfill"];

/// Keeps the `run_results.json` that the command has written. That it cannot be kept harms nothing but the site.
pub(crate) fn keep(invocation: &Invocation, target_path: &Path, target: &str) {
    let command = invocation.settings.command;
    if !COMMANDS.contains(&command) {
        return;
    }
    // A retry builds a part of what the command before it was for, and must not take the place of the rest.
    let name = if invocation.only.is_some() { "retry" } else { command };
    let folder = folder_of(target_path, target);
    let (from, to) = (target_path.join("run_results.json"), folder.join(format!("{name}.json")));
    let _ = std::fs::create_dir_all(&folder);
    let _ = std::fs::remove_file(&to);
    // Artifacts are replaced, never written over: a second name of the file is as good as a copy, and takes no time.
    if std::fs::hard_link(&from, &to).is_err() {
        let _ = std::fs::copy(&from, &to);
    }
}

/// The file of the command that was run last, for whatever target.
pub(crate) fn newest(target_path: &Path) -> Option<PathBuf> {
    let written = |path: &PathBuf| path.metadata().and_then(|there| there.modified()).ok();
    let targets = std::fs::read_dir(target_path.join(FOLDER)).ok()?;
    let files = targets.flatten().flat_map(|target| files_in(target.path()));
    files.filter_map(|path| Some((written(&path)?, path))).max().map(|(_, path)| path)
}

/// The folder of a target, whose name may have characters that a path has not.
fn folder_of(target_path: &Path, target: &str) -> PathBuf {
    let is_plain = |one: char| one.is_alphanumeric() || matches!(one, '_' | '-');
    let name = target.replace(|one| !is_plain(one), "_");
    target_path.join(FOLDER).join(name)
}

fn files_in(folder: PathBuf) -> impl Iterator<Item = PathBuf> {
    let names = COMMANDS.iter().copied().chain(["retry"]);
    names.map(move |name| folder.join(format!("{name}.json")))
}

/// The latest result of each node of the graph for a target; none when there is not one.
pub(crate) fn read(target_path: &Path, target: &str, graph: &Graph) -> Option<RunResults<'static>> {
    let mut runs: Vec<RunResults<'static>> =
        files_in(folder_of(target_path, target)).filter_map(|path| artifact(&path)).collect();
    runs.sort_by(|one, other| one.metadata.generated_at.cmp(&other.metadata.generated_at));
    let metadata = runs.last()?.metadata.clone();
    let mut latest: IndexMap<String, RunResult<'static>> = IndexMap::new();
    let mut elapsed_time = 0.0;
    for run in runs {
        elapsed_time += run.elapsed_time;
        for result in run.results {
            // Exposures, which are built by nobody, are `no-op`.
            if result.status != "no-op" && graph.index.contains_key(&*result.unique_id) {
                latest.insert(result.unique_id.to_string(), result);
            }
        }
    }
    (!latest.is_empty()).then(|| RunResults {
        metadata,
        results: latest.into_values().collect(),
        elapsed_time,
        ..RunResults::default()
    })
}

/// How fresh the sources were when they were last looked at.
pub(crate) fn freshness(target_path: &Path) -> Option<FreshnessResults<'static>> {
    artifact(&target_path.join("sources.json"))
}

/// An artifact; none where it is missing or not readable.
fn artifact<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_str(&std::fs::read_to_string(path).ok()?).ok()
}
