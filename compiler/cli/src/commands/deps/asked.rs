//! What `packages.yml` or `dependencies.yml` asks for, and `--add-package`.

use std::path::{Path, PathBuf};

use project::renderer::is_template;
use project::{TextRenderer, TextScope};
use serde_json::{Map, Value, json};
use source::yaml::Node;
use source::{Diagnostic, codes};
use template::YamlRenderer;

use super::specification::Specification;
use super::{lock_file, read_yaml, say, unwritable};
use crate::invocation::{Failure, Invocation};

/// The files that may name packages, the first that there is.
const FILES: [&str; 2] = ["dependencies.yml", "packages.yml"];

/// An entry of a package list.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// With its templates rendered: it may have secrets in it.
    pub rendered: Value,
    /// As written.
    pub written: Value,
    /// What it means.
    pub specification: Specification,
}

impl Asked {
    /// Understands an entry.
    pub(super) fn new(
        invocation: &Invocation,
        written: Value,
        renderer: &YamlRenderer,
    ) -> Result<Self, Failure> {
        let read = rendered(invocation, written.clone(), renderer)?;
        let specification = Specification::read(&read)?;
        Ok(Self { rendered: read, written, specification })
    }
}

/// The packages that a folder's files name.
pub(super) fn read(
    invocation: &Invocation,
    folder: &Path,
    renderer: &YamlRenderer,
) -> Result<Vec<Asked>, Failure> {
    for name in FILES {
        let path = folder.join(name);
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let Some(document) = read_yaml(invocation, &path, name, &text)? else { continue };
        let projects = document
            .get("projects")
            .filter(|projects| projects.as_sequence().is_some_and(|projects| !projects.is_empty()));
        if let Some(projects) = projects {
            let message = "references to other projects of a platform cannot be followed";
            return Err(Diagnostic::error(codes::NOT_SUPPORTED, message)
                .at(projects.span)
                .hint("name the other project as a package, by `git:` or `local:`")
                .into());
        }
        let Some(packages) = document.get("packages").and_then(Node::as_sequence) else { continue };
        return packages
            .iter()
            .map(|package| Asked::new(invocation, package.to_json(), renderer))
            .collect();
    }
    Ok(Vec::new())
}

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
            let entries: Result<Map<String, Value>, Diagnostic> =
                entries.into_iter().map(|(key, value)| Ok((key, render(value)?))).collect();
            Ok(Value::Object(entries?))
        }
        other => Ok(render(other)?),
    }
}

/// Writes a package into the list of the project; an entry for the same one goes.
pub(super) fn add(invocation: &Invocation, root: &Path, wanted: &str) -> Result<(), Failure> {
    let (name, version) = match wanted.split_once('@') {
        Some((name, version)) if !name.is_empty() && !version.is_empty() => (name, version),
        _ => (wanted, ""),
    };
    let source = invocation.settings.text("source").unwrap_or("hub");
    if version.is_empty() && source == "hub" {
        let message = format!("`--add-package {wanted}` names no version");
        return Err(Diagnostic::error(codes::PACKAGES_INVALID, message)
            .hint(format!(
                "write `--add-package {name}@1.0.0`, or a range such as `{name}@>=1.0.0,<2.0.0`"
            ))
            .into());
    }
    let key = if source == "hub" { "package" } else { source };
    let mut entry = Map::from_iter([(key.to_owned(), json!(name))]);
    if !version.is_empty() {
        let parts: Vec<&str> = version.split(',').collect();
        let version = if let [one] = parts[..] { json!(one) } else { json!(parts) };
        let key = if source == "git" { "revision" } else { "version" };
        entry.insert(key.to_owned(), version);
    }
    let entry = Value::Object(entry);
    Specification::read(&entry)?;
    let (path, mut list) = list_of(invocation, root)?;
    let packages = list.as_object_mut().map(|list| list.entry("packages").or_insert(json!([])));
    let Some(Value::Array(packages)) = packages else {
        let message = format!("`packages` of `{}` is no list", path.display());
        return Err(Diagnostic::error(codes::PACKAGES_INVALID, message).into());
    };
    packages.retain(|package| {
        let is_same = is_same_package(package, name);
        if is_same {
            let text = format!("Found duplicate package in packages.yml, removing: {package}");
            say(
                invocation,
                ("DepsFoundDuplicatePackage", "M033"),
                &text,
                json!({"removed_package": package}),
            );
        }
        !is_same
    });
    packages.push(entry);
    std::fs::write(&path, lock_file::yaml_text(&list))
        .map_err(|error| unwritable(&path, &error))?;
    let shown = path.display();
    let text = format!("Added new package {name}@{version} to {shown}");
    let data =
        json!({"package_name": name, "version": version, "packages_filepath": shown.to_string()});
    say(invocation, ("DepsAddPackage", "M032"), &text, data);
    Ok(())
}

/// The file to write to, and what is in it.
fn list_of(invocation: &Invocation, root: &Path) -> Result<(PathBuf, Value), Failure> {
    for name in FILES {
        let path = root.join(name);
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let document = read_yaml(invocation, &path, name, &text)?;
        return Ok((path, document.map_or_else(|| json!({}), |document| document.to_json())));
    }
    Ok((root.join("packages.yml"), json!({})))
}

/// Whether an entry is for a package of this name: its address has the name, in either spelling, between slashes and dots.
fn is_same_package(entry: &Value, name: &str) -> bool {
    let address = ["package", "git", "local", "tarball", "private"]
        .iter()
        .find_map(|key| entry.get(*key)?.as_str())
        .unwrap_or_default();
    let short = name.rsplit('/').next().unwrap_or(name);
    let spellings = [name, short]
        .into_iter()
        .flat_map(|name| [name.to_owned(), name.replace('_', "-"), name.replace('-', "_")]);
    spellings.into_iter().any(|name| {
        address.match_indices(&name).any(|(at, found)| {
            let is_border =
                |letter: Option<char>| letter.is_none_or(|letter| matches!(letter, '/' | '.'));
            is_border(address[..at].chars().next_back())
                && is_border(address[at + found.len()..].chars().next())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_known_by_either_spelling_of_its_name() {
        let same = |entry: Value| is_same_package(&entry, "dbt-labs/dbt_utils");
        assert!(same(json!({"package": "dbt-labs/dbt_utils"})));
        assert!(same(json!({"git": "https://github.com/dbt-labs/dbt-utils.git"})));
        assert!(same(json!({"local": "../dbt_utils"})));
        assert!(!same(json!({"package": "dbt-labs/dbt_utils_extra"})));
        assert!(!same(json!({"git": "https://github.com/other/my-dbt-utils"})));
    }
}
