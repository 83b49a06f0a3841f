//! `quern clean`: deletes the folders that `clean-targets` names, inside the project only unless told otherwise.

use std::path::{Component, Path, PathBuf};

use project::load::{LoadInput, TargetDescription, load_project_settings};
use serde_json::json;
use source::{Diagnostic, DiskFileSystem, codes};

use super::Outcome;
use crate::invocation::{Failure, Invocation};
use crate::ui::event::{Level, LogEvent};

/// Runs the command.
pub(crate) fn run(invocation: &Invocation) -> Outcome {
    let environment = invocation.environment();
    let loaded = load_project_settings(
        LoadInput {
            sources: &invocation.sources,
            files: &DiskFileSystem,
            environment: &environment,
            renderer: &crate::stages::yaml_renderer(invocation),
            describe_target: &|_| Ok(TargetDescription::default()),
        },
        // As in dbt there is no profile here, and whatever is asked of the target is undefined.
        Some(&json!({})),
    );
    let settings = loaded.value;
    invocation.heed(loaded.diagnostics)?;
    let Some(settings) = settings else { return Ok(false) };
    let root = &invocation.project_directory;
    let sources = [
        &settings.model_paths,
        &settings.macro_paths,
        &settings.seed_paths,
        &settings.test_paths,
        &settings.analysis_paths,
        &settings.snapshot_paths,
        &settings.function_paths,
        &settings.docs_paths,
        &settings.asset_paths,
    ];
    let sources: Vec<PathBuf> =
        sources.into_iter().flatten().map(|path| resolved(root, path)).collect();
    let root = resolved(root, "");
    let mut folders: Vec<PathBuf> =
        settings.clean_targets.iter().map(|target| resolved(&root, target)).collect();
    folders.dedup();
    for folder in &folders {
        check(folder, &root, &sources, invocation.settings.is_on("clean-project-files-only"))?;
    }
    let has_own = settings.clean_targets.contains(&settings.packages_install_path);
    if !has_own && settings.clean_targets.iter().any(|target| target == "dbt_modules") {
        let message = "`clean-targets` names `dbt_modules`, and packages stand in another folder";
        let hint = format!(
            "name `{}`, or set `packages-install-path: dbt_modules`",
            settings.packages_install_path
        );
        let warning = Diagnostic::warning(codes::DEPRECATED_PACKAGES_FOLDER, message).hint(hint);
        invocation.heed(vec![warning])?;
    }
    for folder in &folders {
        let shown = folder.to_string_lossy();
        let say = |name, word: &str| {
            let event = LogEvent::new(
                Level::Info,
                name,
                format!("{word} {shown}/*"),
                json!({"path": shown}),
            );
            invocation.console.fire(&event);
        };
        say(("CheckCleanPath", "Z012"), "Checking");
        remove(folder)?;
        say(("ConfirmCleanPath", "Z013"), "Cleaned");
    }
    let event = LogEvent::new(
        Level::Info,
        ("FinishedCleanPaths", "Z015"),
        "Finished cleaning all paths.",
        json!({}),
    );
    invocation.console.fire(&event);
    Ok(true)
}

/// Refuses what nobody can mean: sources, the project itself, and what stands outside of it.
fn check(
    folder: &Path,
    root: &Path,
    sources: &[PathBuf],
    stays_inside: bool,
) -> Result<(), Failure> {
    let refuse = |reason: &str| {
        let message = format!("`{}` is not deleted: {reason}", folder.display());
        Err(Diagnostic::error(codes::PROJECT_FILE_INVALID, message)
            .hint("change `clean-targets` in dbt_project.yml")
            .into())
    };
    if sources.iter().any(|source| source.starts_with(folder) || source == folder) {
        return refuse("dbt will not clean the following source paths, or what holds them");
    }
    if root.starts_with(folder) {
        return refuse("the project stands in it");
    }
    if stays_inside && !folder.starts_with(root) {
        return refuse("dbt will not clean directories outside the project");
    }
    Ok(())
}

/// A path without dots, links followed as far as it exists.
fn resolved(root: &Path, path: &str) -> PathBuf {
    let joined = root.join(path);
    if let Ok(real) = joined.canonicalize() {
        return real;
    }
    let mut resolved = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    for part in Path::new(path).components() {
        match part {
            Component::ParentDir => {
                resolved.pop();
            }
            Component::CurDir => {}
            part => resolved.push(part),
        }
    }
    resolved
}

fn remove(folder: &Path) -> Result<(), Failure> {
    let removed = if folder.is_dir() { std::fs::remove_dir_all(folder) } else { Ok(()) };
    removed.map_err(|error| {
        Diagnostic::error(
            codes::WRITE_FAILED,
            format!("cannot delete `{}`: {error}", folder.display()),
        )
        .into()
    })
}
