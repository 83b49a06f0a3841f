//! `quern deps`: the packages that a project names into `dbt_packages`, and which ones into `package-lock.yml`.
//!
//! As dbt: versions are resolved when there is no lock file, when `--upgrade` asks for it, or when the packages asked
//! for are not those that the lock file was made of; what is installed is always what the lock file says.

mod archive;
mod asked;
mod fetch;
mod hub;
mod lock_file;
mod private;
mod resolve;
mod specification;

use std::path::Path;

use project::load::{LoadInput, TargetDescription, load_project_settings};
use serde_json::{Value, json};
use source::python_text::repr;
use source::yaml::{self, Node};
use source::{Diagnostic, DiskFileSystem, ProjectPath, SourceFile, codes};

use self::asked::Asked;
use self::fetch::Downloads;
use super::Outcome;
use crate::invocation::{Failure, Invocation};
use crate::ui::event::{Level, LogEvent};

/// Runs the command.
pub(crate) fn run(invocation: &Invocation) -> Outcome {
    let environment = invocation.environment();
    let renderer = crate::stages::yaml_renderer(invocation);
    // As in dbt there is no profile here, and whatever is asked of the target is undefined.
    let no_target = json!({});
    let loaded = load_project_settings(
        LoadInput {
            sources: &invocation.sources,
            files: &DiskFileSystem,
            environment: &environment,
            renderer: &crate::stages::yaml_renderer(invocation).without_required_variables(),
            describe_target: &|_| Ok(TargetDescription::default()),
        },
        Some(&no_target),
    );
    let settings = loaded.value;
    invocation.heed(loaded.diagnostics)?;
    let Some(settings) = settings else { return Ok(false) };
    let root = &invocation.project_directory;
    if let Some(package) = invocation.settings.text("add-package") {
        asked::add(invocation, root, package)?;
    }
    let asked = asked::read(invocation, root, &renderer)?;
    let downloads = Downloads::new(invocation, root, &environment.dbt_version)?;
    let lock_path = root.join(lock_file::NAME);
    let entries: Vec<(Value, Value)> =
        asked.iter().map(|asked| (asked.rendered.clone(), asked.written.clone())).collect();
    let hash = lock_file::hash(&entries);
    let known = read_lock(invocation, &lock_path)?;
    let is_current = known.as_ref().and_then(|lock| lock.get("sha1_hash")?.as_str()) == Some(&hash);
    let is_empty = asked.is_empty();
    let lock = match known {
        Some(known) if is_current && !invocation.settings.is_on("upgrade") => Some(known),
        // As in dbt, a list that became empty leaves the lock file as it is.
        known if is_empty => {
            say_that_there_is_none(invocation);
            known
        }
        _ => {
            let packages = resolve::resolve(&downloads, &renderer, &settings.name, asked)?;
            let lock = json!({"packages": packages, "sha1_hash": hash});
            std::fs::write(&lock_path, lock_file::yaml_text(&lock))
                .map_err(|error| unwritable(&lock_path, &error))?;
            let shown = lock_path.display();
            let text = format!("Updating lock file in file path: {shown}");
            let data = json!({"lock_filepath": shown.to_string()});
            say(invocation, ("DepsLockUpdating", "M031"), &text, data);
            Some(lock)
        }
    };
    if invocation.settings.is_on("lock") {
        return Ok(true);
    }
    let install = root.join(&settings.packages_install_path);
    let _ = std::fs::remove_dir_all(&install);
    std::fs::create_dir_all(&install).map_err(|error| unwritable(&install, &error))?;
    let locked = lock.as_ref().and_then(|lock| lock.get("packages")?.as_array());
    let packages = locked.cloned().unwrap_or_default();
    if packages.is_empty() && !is_empty {
        say_that_there_is_none(invocation);
    }
    let mut outdated = Vec::new();
    for written in packages {
        let package = Asked::new(invocation, written, &renderer)?;
        if let Some(name) = install_one(&downloads, &package, &install)? {
            outdated.push(name);
        }
    }
    if !outdated.is_empty() {
        let text = format!(
            "Updates available for packages: {}\nUpdate your versions in packages.yml, then run quern deps",
            repr(&json!(outdated))
        );
        say(
            invocation,
            ("DepsNotifyUpdatesAvailable", "M019"),
            &text,
            json!({"packages": outdated}),
        );
    }
    Ok(true)
}

/// Installs a package of the lock file; gives its name when there is a later version.
fn install_one(
    downloads: &Downloads<'_>,
    package: &Asked,
    install: &Path,
) -> Result<Option<String>, Failure> {
    let invocation = downloads.invocation;
    let fetched = downloads.fetch(package)?;
    let shown = package.specification.shown_name();
    let data = json!({"package_name": shown});
    say(invocation, ("DepsStartPackageInstall", "M014"), &format!("Installing {shown}"), data);
    downloads.place(&fetched, &install.join(&fetched.name))?;
    let version = &fetched.shown_version;
    let data = json!({"version_name": version});
    say(invocation, ("DepsInstallInfo", "M015"), &format!("Installed from {version}"), data);
    if let Some(folder) = package.rendered.get("subdirectory").and_then(Value::as_str) {
        let data = json!({"subdirectory": folder});
        say(
            invocation,
            ("DepsListSubdirectory", "M018"),
            &format!("and subdirectory {folder}"),
            data,
        );
    }
    match &fetched.latest {
        Some((own, latest)) if own != latest => {
            let data = json!({"version_latest": latest});
            let text = format!("Updated version available: {latest}");
            say(invocation, ("DepsUpdateAvailable", "M016"), &text, data);
            Ok(Some(shown))
        }
        Some(_) => {
            say(invocation, ("DepsUpToDate", "M017"), "Up to date!", json!({}));
            Ok(None)
        }
        None => Ok(None),
    }
}

fn read_lock(invocation: &Invocation, path: &Path) -> Result<Option<Value>, Failure> {
    let Ok(text) = std::fs::read_to_string(path) else { return Ok(None) };
    let document = read_yaml(invocation, path, lock_file::NAME, &text)?;
    Ok(document.map(|document| document.to_json()))
}

/// A YAML file of a package list, its mistakes shown with their places.
fn read_yaml(
    invocation: &Invocation,
    path: &Path,
    shown: &str,
    text: &str,
) -> Result<Option<Node>, Failure> {
    let source = SourceFile::new(path.to_owned(), ProjectPath::new(shown), "".into(), text.into());
    let file = invocation.sources.add(source);
    let read = yaml::read(text, file);
    invocation.heed(read.diagnostics)?;
    Ok(read.value)
}

fn say_that_there_is_none(invocation: &Invocation) {
    let text = "Warning: No packages were found in packages.yml";
    say(invocation, ("DepsNoPackagesFound", "M013"), text, json!({}));
}

fn say(invocation: &Invocation, name: (&'static str, &'static str), text: &str, data: Value) {
    invocation.console.fire(&LogEvent::new(Level::Info, name, text, data));
}

fn unwritable(path: &Path, error: &std::io::Error) -> Diagnostic {
    let message = format!("cannot write `{}`: {error}", path.display());
    Diagnostic::error(codes::WRITE_FAILED, message)
}
