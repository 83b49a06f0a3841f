//! `quern deps`: packages from folders and git repositories into `dbt_packages`.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use project::load::{LoadInput, load_project_settings};
use project::renderer::is_template;
use project::{TextRenderer, TextScope};
use serde_json::{Value, json};
use source::yaml::{self, Node};
use source::{Diagnostic, DiskFileSystem, ProjectPath, SourceFile, codes};
use template::YamlRenderer;

use super::Outcome;
use crate::invocation::{Failure, Invocation};
use crate::ui::event::{Level, LogEvent};

/// Runs the command.
pub(crate) fn run(invocation: &Invocation) -> Outcome {
    for option in ["lock", "upgrade"] {
        if invocation.settings.is_on(option) {
            let message = format!("quern does not have `deps --{option}` yet");
            return Err(Diagnostic::error(codes::NOT_SUPPORTED, message).into());
        }
    }
    if invocation.settings.text("add-package").is_some() {
        return Err(Diagnostic::error(
            codes::NOT_SUPPORTED,
            "quern does not have `deps --add-package` yet",
        )
        .hint("add the package to packages.yml by hand")
        .into());
    }
    let environment = invocation.environment();
    let renderer = YamlRenderer::new();
    let loaded = load_project_settings(
        LoadInput {
            sources: &invocation.sources,
            files: &DiskFileSystem,
            environment: &environment,
            renderer: &renderer,
            describe_target: &|_| Ok(Value::Null),
        },
        None,
    );
    let settings = loaded.value;
    invocation.heed(loaded.diagnostics)?;
    let Some(settings) = settings else { return Ok(false) };
    let root = &invocation.project_directory;
    let install = root.join(&settings.packages_install_path);
    let mut waiting: VecDeque<(PathBuf, Value)> = VecDeque::new();
    let wanted = wanted(invocation, root, &renderer)?;
    waiting.extend(wanted.into_iter().map(|package| (root.clone(), package)));
    if waiting.is_empty() {
        let text = "Warning: No packages were found in packages.yml";
        say(invocation, ("DepsNoPackagesFound", "M013"), text, json!({}));
        return Ok(true);
    }
    let _ = std::fs::remove_dir_all(&install);
    std::fs::create_dir_all(&install).map_err(|error| unwritable(&install, &error))?;
    let mut seen: Vec<Value> = Vec::new();
    while let Some((base, package)) = waiting.pop_front() {
        if seen.contains(&package) {
            continue;
        }
        let folder = install_package(invocation, &base, &package, &install)?;
        seen.push(package);
        let deeper = self::wanted(invocation, &folder, &renderer)?;
        waiting.extend(deeper.into_iter().map(|package| (folder.clone(), package)));
    }
    Ok(true)
}

/// What `packages.yml` or `dependencies.yml` of a folder names, rendered.
fn wanted(
    invocation: &Invocation,
    folder: &Path,
    renderer: &YamlRenderer,
) -> Result<Vec<Value>, Failure> {
    for name in ["dependencies.yml", "packages.yml"] {
        let path = folder.join(name);
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let source =
            SourceFile::new(path, ProjectPath::new(name), Arc::from(""), Arc::from(text.as_str()));
        let file = invocation.sources.add(source);
        let read = yaml::read(&text, file);
        let document = read.value;
        invocation.heed(read.diagnostics)?;
        let packages = document.as_ref().and_then(|document| document.get("packages"));
        let Some(packages) = packages.and_then(Node::as_sequence) else { continue };
        return packages
            .iter()
            .map(|package| rendered(invocation, package.to_json(), renderer))
            .collect();
    }
    Ok(Vec::new())
}

/// A package's entry with its templates rendered.
fn rendered(
    invocation: &Invocation,
    value: Value,
    renderer: &YamlRenderer,
) -> Result<Value, Failure> {
    let environment = invocation.environment();
    let scope = TextScope {
        environment: &environment,
        vars: &indexmap::IndexMap::new(),
        target: None,
        allows_secrets: true,
        project_name: None,
    };
    let render = |value: Value| match value {
        Value::String(text) if is_template(&text) => {
            renderer.render(&text, &scope).map_err(|failure| {
                Diagnostic::error(failure.code, failure.message).hint_optional(failure.hint)
            })
        }
        other => Ok(other),
    };
    match value {
        Value::Object(entries) => {
            let entries: Result<serde_json::Map<String, Value>, Diagnostic> =
                entries.into_iter().map(|(key, value)| Ok((key, render(value)?))).collect();
            Ok(Value::Object(entries?))
        }
        other => Ok(render(other)?),
    }
}

/// Installs one package; gives its folder.
fn install_package(
    invocation: &Invocation,
    base: &Path,
    package: &Value,
    install: &Path,
) -> Result<PathBuf, Failure> {
    let text = |key: &str| package.get(key).and_then(Value::as_str);
    if let Some(path) = text("local") {
        let folder = base.join(path);
        let folder = folder.canonicalize().map_err(|error| {
            let message = format!("the local package `{path}` cannot be read: {error}");
            Diagnostic::error(codes::PACKAGES_NOT_INSTALLED, message)
        })?;
        let name = package_name(&folder)?;
        let place = install.join(&name);
        remove(&place);
        link(&folder, &place).map_err(|error| unwritable(&place, &error))?;
        installed(invocation, &name, "<local @ ", path);
        return Ok(place);
    }
    if let Some(address) = text("git") {
        let checkout =
            tempfile::tempdir_in(install).map_err(|error| unwritable(install, &error))?;
        let clone = checkout.path().join("clone");
        git(install, &["clone", "--quiet", "--", address, &clone.to_string_lossy()])?;
        if let Some(revision) = text("revision") {
            git(&clone, &["checkout", "--quiet", "--detach", revision, "--"])?;
        }
        let folder = text("subdirectory").map_or(clone.clone(), |folder| clone.join(folder));
        let name = package_name(&folder)?;
        let place = install.join(&name);
        remove(&place);
        std::fs::rename(&folder, &place).map_err(|error| unwritable(&place, &error))?;
        installed(invocation, &name, "revision ", text("revision").unwrap_or("HEAD"));
        return Ok(place);
    }
    let message = format!("quern cannot install this package yet: {package}");
    Err(Diagnostic::error(codes::NOT_SUPPORTED, message)
        .hint("packages with `local:` or `git:` can be installed; the hub's packages are git repositories too")
        .into())
}

/// The name in the package's `dbt_project.yml`, which is the name of its folder.
fn package_name(folder: &Path) -> Result<String, Failure> {
    let text = std::fs::read_to_string(folder.join("dbt_project.yml")).unwrap_or_default();
    let document = yaml::read(&text, source::FileId(u32::MAX)).value;
    let name = document.as_ref().and_then(|document| document.get("name")).and_then(Node::as_str);
    // The name becomes a folder's: nothing in it may lead elsewhere.
    let is_name = |name: &&str| {
        !name.is_empty() && name.chars().all(|letter| letter.is_alphanumeric() || letter == '_')
    };
    name.filter(is_name).map(str::to_owned).ok_or_else(|| {
        let message =
            format!("`{}` is no package: its dbt_project.yml has no name", folder.display());
        Diagnostic::error(codes::PACKAGES_NOT_INSTALLED, message).into()
    })
}

fn git(folder: &Path, arguments: &[&str]) -> Result<(), Failure> {
    let output = Command::new("git").args(arguments).current_dir(folder).output();
    let reason = match output {
        Ok(output) if output.status.success() => return Ok(()),
        Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        Err(error) => format!("git cannot be started: {error}"),
    };
    let message = format!("`git {}` failed", arguments.first().unwrap_or(&""));
    Err(Diagnostic::error(codes::PACKAGES_NOT_INSTALLED, message).note(reason).into())
}

#[cfg(unix)]
fn link(folder: &Path, place: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(folder, place)
}

#[cfg(not(unix))]
fn link(folder: &Path, place: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(place)?;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let target = place.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            link(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn remove(place: &Path) {
    // What stands there is a link to a folder or a folder of ours.
    if std::fs::remove_file(place).is_err() {
        let _ = std::fs::remove_dir_all(place);
    }
}

fn installed(invocation: &Invocation, name: &str, kind: &str, version: &str) {
    let close = if kind.starts_with('<') { ">" } else { "" };
    let data = json!({"package_name": name});
    say(invocation, ("DepsStartPackageInstall", "M014"), &format!("Installing {name}"), data);
    let version = format!("{kind}{version}{close}");
    let data = json!({"version_name": version});
    say(invocation, ("DepsInstallInfo", "M015"), &format!("Installed from {version}"), data);
}

fn say(invocation: &Invocation, name: (&'static str, &'static str), text: &str, data: Value) {
    invocation.console.fire(&LogEvent::new(Level::Info, name, text, data));
}

fn unwritable(path: &Path, error: &std::io::Error) -> Diagnostic {
    let message = format!("cannot write `{}`: {error}", path.display());
    Diagnostic::error(codes::WRITE_FAILED, message)
}
