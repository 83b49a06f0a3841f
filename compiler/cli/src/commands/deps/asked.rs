//! What `packages.yml` or `dependencies.yml` asks for, and `--add-package`.

use std::path::{Path, PathBuf};

use project::renderer::is_template;
use project::{TextRenderer, TextScope};
use serde_json::{Map, Value, json};
use source::python_text::repr;
use source::yaml::{Node, Yaml};
use source::{Diagnostic, codes};
use template::YamlRenderer;

use super::private::{self, GitProviders};
use super::specification::{Specification, check_keys};
use super::{lock_file, read_yaml, say, unwritable};
use crate::invocation::{Failure, Invocation};

/// A file that may name packages, and projects of a platform.
const DEPENDENCIES: &str = "dependencies.yml";
/// The file that names packages and nothing else.
const PACKAGES: &str = "packages.yml";

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
        let repositories = GitProviders::read(invocation.world.variable(private::VARIABLE))?;
        invocation.console.hide_declared(&repositories.tokens());
        let specification = Specification::read(&read, &repositories)?;
        Ok(Self { rendered: read, written, specification })
    }
}

/// The packages that a folder's files name: those of `dependencies.yml` if it has a list, else those of `packages.yml`.
///
/// The `projects` of `dependencies.yml`, which a platform would follow, are passed over as in dbt Core: a reference to one
/// of their models finds nothing.
pub(super) fn read(
    invocation: &Invocation,
    folder: &Path,
    renderer: &YamlRenderer,
) -> Result<Vec<Asked>, Failure> {
    let document = |name: &str| {
        let path = folder.join(name);
        let Ok(text) = std::fs::read_to_string(&path) else { return Ok(None) };
        read_yaml(invocation, &path, name, &text)
    };
    let (dependencies, packages) = (document(DEPENDENCIES)?, document(PACKAGES)?);
    let written = match (&dependencies, &packages) {
        (Some(dependencies), other) if dependencies.get("packages").is_some() => {
            if let Some(twice) = other.as_ref().and_then(|packages| packages.get("packages")) {
                let message = "`packages` stands in both `packages.yml` and `dependencies.yml`";
                return Err(Diagnostic::error(codes::PACKAGES_INVALID, message)
                    .at(twice.span)
                    .hint("keep one of the two lists")
                    .into());
            }
            dependencies.get("packages").map(Node::to_json)
        }
        (_, Some(packages)) => list_in(packages)?,
        _ => None,
    };
    let entries = match written {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(entries)) => entries,
        Some(_) => {
            let message = format!("`packages` of `{}` is no list", folder.display());
            return Err(Diagnostic::error(codes::PACKAGES_INVALID, message).into());
        }
    };
    entries
        .into_iter()
        .map(|entry| {
            check_keys(&entry)?;
            Asked::new(invocation, entry, renderer)
        })
        .collect()
}

/// The list in `packages.yml`, which has no other keys.
fn list_in(document: &Node) -> Result<Option<Value>, Diagnostic> {
    let invalid =
        |message: String, span| Err(Diagnostic::error(codes::PACKAGES_INVALID, message).at(span));
    match &document.value {
        Yaml::Null => Ok(None),
        Yaml::Mapping(entries) => {
            if let Some((key, span, _)) = entries.iter().find(|(key, ..)| *key != "packages") {
                return invalid(format!("`packages.yml` has no key `{key}`"), span);
            }
            Ok(document.get("packages").map(Node::to_json))
        }
        _ => invalid("`packages.yml` has a list under `packages`".to_owned(), document.span),
    }
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
    if version.is_empty() && source != "local" {
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
    Specification::read(&entry, &GitProviders::default())?;
    let (path, mut list) = list_of(invocation, root)?;
    let packages = list.as_object_mut().map(|list| list.entry("packages").or_insert(json!([])));
    let Some(Value::Array(packages)) = packages else {
        let message = format!("`packages` of `{}` is no list", path.display());
        return Err(Diagnostic::error(codes::PACKAGES_INVALID, message).into());
    };
    packages.retain(|package| {
        let is_same = is_same_package(package, name);
        if is_same {
            let text =
                format!("Found duplicate package in packages.yml, removing: {}", repr(package));
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
    for name in [DEPENDENCIES, PACKAGES] {
        let path = root.join(name);
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let document = read_yaml(invocation, &path, name, &text)?;
        let has_list = document.as_ref().is_some_and(|found| found.get("packages").is_some());
        if name == PACKAGES || has_list {
            let list = document.filter(|document| !document.is_null());
            return Ok((path, list.map_or_else(|| json!({}), |document| document.to_json())));
        }
    }
    let text = "Created packages.yml";
    say(invocation, ("Formatting", "Z017"), text, json!({"msg": text}));
    Ok((root.join(PACKAGES), json!({})))
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
