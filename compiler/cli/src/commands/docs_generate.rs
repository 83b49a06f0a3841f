//! `quern docs generate`: manifest.json, catalog.json and the documentation site.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use run::{Action, RunReport, fetch_catalog};
use serde_json::json;
use source::{Diagnostic, codes};

use super::Outcome;
use super::compile::{COMPILED, fail_on_errors, open_session};
use super::working::{Work, work};
use crate::artifacts::write_json;
use crate::invocation::{Failure, Invocation};
use crate::last_results;
use crate::selecting::{Kinds, select};
use crate::stages::{Prepared, prepare};
use crate::ui::event::{Level, LogEvent};
use crate::writing::{write_if_changed, write_whole};

/// The folder of the site below the target path.
pub(crate) const SITE: &str = "site";

/// dbt's place for the site's first page; leads to ours.
const REDIRECT: &str = "<!doctype html>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"refresh\" content=\"0; url=site/index.html\">\n<title>Documentation</title>\n<a href=\"site/index.html\">Documentation</a>\n";

/// Runs the command.
pub(crate) fn run(invocation: &Invocation) -> Outcome {
    let prepared = prepare(invocation)?;
    let report = if invocation.settings.is_on("compile") {
        let kinds = Kinds { usual: COMPILED, all: COMPILED, keeps_empty_nodes: false };
        let selection = select(invocation, &prepared, &kinds)?;
        let action = Action::Compile { tells_ephemerals: false };
        let report = work(invocation, &prepared, selection, Work { action, tests_block: false })?;
        fail_on_errors(&report)?;
        report
    } else {
        // As in dbt nothing but the catalog and the site is written: there may be a manifest of compiled SQL.
        RunReport::default()
    };
    let (tables, strips) = if invocation.settings.is_on("empty-catalog") {
        (Vec::new(), BTreeMap::new())
    } else {
        let line = "Building catalog";
        invocation.console.fire(&LogEvent::new(
            Level::Info,
            ("BuildingCatalog", "E044"),
            line,
            json!({}),
        ));
        let session = open_session(invocation, &prepared, "generate_catalog")?;
        let tables =
            fetch_catalog(&session).map_err(|failure| Failure::from(failure.diagnostic))?;
        (tables, super::ledger::strips(&prepared, &session)?)
    };
    let head = prepared.head(invocation);
    let catalog = docs::describe_catalog(&prepared.graph, &tables, &head);
    write_json(invocation, &prepared, "catalog.json", &catalog)?;
    let path = prepared.target_path.join("catalog.json");
    let data = json!({"path": path.to_string_lossy()});
    let line = format!("Catalog written to {}", path.display());
    invocation.console.fire(&LogEvent::new(Level::Info, ("CatalogWritten", "E042"), line, data));
    let manifest = docs::describe_manifest(&prepared.graph, &head, Some(&report));
    let column_lineage = docs::describe_column_lineage(&manifest, &catalog, &head.adapter_type);
    let readme = std::fs::read_to_string(invocation.project_directory.join("README.md")).ok();
    let target = &prepared.project.profile.target;
    let run_results = last_results::read(&prepared.target_path, target, &prepared.graph);
    let freshness = last_results::freshness(&prepared.target_path);
    let site = docs::render(&docs::SiteInput {
        catalog: Some(&catalog),
        run_results: run_results.as_ref(),
        freshness: freshness.as_ref(),
        readme: readme.as_deref(),
        column_lineage: Some(&column_lineage),
        strips: Some(&strips),
        ..docs::SiteInput::new(&manifest)
    });
    write_site(invocation, &prepared, &site)?;
    copy_assets(invocation, &prepared)?;
    Ok(true)
}

/// Copies the folders of `asset-paths` below the target path, where dbt puts them.
fn copy_assets(invocation: &Invocation, prepared: &Prepared) -> Result<(), Failure> {
    for folder in &prepared.project.root().settings.asset_paths {
        let from = invocation.project_directory.join(folder);
        let is_inside = !folder.split(['/', '\\']).any(|part| part == "..");
        if !is_inside || !from.is_dir() {
            continue;
        }
        let to = prepared.target_path.join(folder);
        // What is no longer among the assets must not stay.
        let _ = std::fs::remove_dir_all(&to);
        copy_folder(&from, &to)?;
    }
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> Result<(), Failure> {
    let failed = |path: &Path, error: &std::io::Error| {
        Diagnostic::error(codes::WRITE_FAILED, format!("cannot copy `{}`: {error}", path.display()))
            .hint("see who may read it, and write below the target path")
    };
    std::fs::create_dir_all(to).map_err(|error| failed(to, &error))?;
    for entry in std::fs::read_dir(from).map_err(|error| failed(from, &error))? {
        let path = entry.map_err(|error| failed(from, &error))?.path();
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy_folder(&path, &target)?;
        } else {
            std::fs::copy(&path, &target).map_err(|error| failed(&path, &error))?;
        }
    }
    Ok(())
}

/// Removes the files below a folder that are not among these, and folders that have none.
///
/// What cannot be removed stays: it hurts nobody.
fn remove_all_but(folder: &Path, paths: &HashSet<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_all_but(&path, paths);
            // Fails where files are left.
            let _ = std::fs::remove_dir(&path);
        } else if !paths.contains(&path) {
            let _ = std::fs::remove_file(&path);
        }
    }
}

fn write_site(
    invocation: &Invocation,
    prepared: &Prepared,
    site: &docs::Site,
) -> Result<(), Failure> {
    let folder = prepared.target_path.join(SITE);
    let mut paths = HashSet::with_capacity(site.files.len());
    for file in &site.files {
        let text = std::str::from_utf8(&file.bytes)
            .map(|text| invocation.console.scrub_file(text).into_bytes());
        let path = folder.join(&file.path);
        write_if_changed(&path, text.as_deref().unwrap_or(&file.bytes))?;
        paths.insert(path);
    }
    // Pages of nodes that are gone must not stay; the folder is ours alone.
    remove_all_but(&folder, &paths);
    write_whole(&prepared.target_path.join("index.html"), REDIRECT.as_bytes())?;
    let line = format!(
        "Site of {} files written to {}",
        site.files.len(),
        folder.join("index.html").display()
    );
    invocation.console.fire(&LogEvent::note(Level::Info, &line));
    Ok(())
}
