//! A package as `packages.yml` names it.

use project::renderer::is_template;
use project::version_range::VersionSpecifier;
use serde_json::{Map, Value, json};
use source::{Diagnostic, codes};

use super::private::GitProviders;

/// Where a package comes from, and which of its versions is wanted.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Specification {
    /// `local`: a folder, from the project's own.
    Local {
        /// As written.
        path: String,
    },
    /// `git`: a repository.
    Git {
        /// Anything that git can clone.
        address: String,
        /// `revision`: a branch, a tag or a commit; several when packages ask for several.
        revisions: Vec<String>,
        /// `subdirectory`: the folder with the package.
        subdirectory: Option<String>,
        /// `warn-unpinned`.
        warns_unpinned: bool,
        /// `private` and its `provider`, of which the address was made.
        private: Option<PrivateName>,
    },
    /// `package`: one of the hub's.
    Hub {
        /// `namespace/name`.
        package: String,
        /// `version`, all of which have to fit.
        versions: Vec<VersionSpecifier>,
        /// `install_prerelease`.
        takes_prereleases: bool,
    },
    /// `tarball`: an archive.
    Tarball {
        /// Its address.
        address: String,
        /// `name`: the name of its folder.
        name: String,
    },
}

/// A package that a provider of repositories knows by this name.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PrivateName {
    /// `private`.
    pub name: String,
    /// `provider`.
    pub provider: Option<String>,
}

impl Specification {
    /// Understands an entry of `packages`.
    pub(super) fn read(entry: &Value, repositories: &GitProviders) -> Result<Self, Diagnostic> {
        let text = |key: &str| match entry.get(key) {
            Some(Value::String(text)) if !text.is_empty() => Some(text.clone()),
            Some(Value::Number(number)) => Some(number.to_string()),
            _ => None,
        };
        if let Some(path) = text("local") {
            return Ok(Self::Local { path });
        }
        let private = text("private").map(|name| PrivateName { name, provider: text("provider") });
        let address = match (text("git"), &private) {
            (None, Some(private)) => {
                Some(repositories.address(&private.name, private.provider.as_deref())?)
            }
            (address, _) => address,
        };
        if let Some(address) = address {
            return Ok(Self::Git {
                address,
                revisions: text("revision").into_iter().collect(),
                subdirectory: text("subdirectory"),
                warns_unpinned: entry.get("warn-unpinned") != Some(&Value::Bool(false)),
                private,
            });
        }
        if let Some(address) = text("tarball") {
            let Some(name) = text("name").filter(|name| is_folder_name(name)) else {
                return Err(malformed(entry, "a `tarball` needs a `name`, which its folder takes"));
            };
            return Ok(Self::Tarball { address, name });
        }
        if let Some(package) = text("package") {
            if !is_hub_name(&package) {
                let message =
                    "a package of the hub is named `namespace/name`, such as `dbt-labs/dbt_utils`";
                return Err(malformed(entry, message));
            }
            let written = match entry.get("version") {
                Some(Value::Array(versions)) => versions.iter().map(plain).collect(),
                Some(Value::Null) | None => Vec::new(),
                Some(version) => vec![plain(version)],
            };
            if written.is_empty() {
                return Err(malformed(entry, "a package of the hub needs a `version`"));
            }
            let versions = written.iter().map(|version: &String| {
                VersionSpecifier::parse(version).ok_or_else(|| {
                    malformed(entry, &format!("`{version}` is not a valid semantic version"))
                })
            });
            return Ok(Self::Hub {
                package,
                versions: versions.collect::<Result<_, _>>()?,
                takes_prereleases: entry.get("install_prerelease") == Some(&Value::Bool(true)),
            });
        }
        Err(malformed(
            entry,
            "a package is given by `package`, `git`, `local`, `private` or `tarball`",
        ))
    }

    /// The names under which another entry means the same package.
    pub(super) fn names(&self) -> Vec<String> {
        match self {
            Self::Local { path } => vec![path.clone()],
            Self::Hub { package, .. } => vec![package.clone()],
            Self::Tarball { address, .. } => vec![address.clone()],
            Self::Git { address, subdirectory, .. } => {
                let other = match address.strip_suffix(".git") {
                    Some(short) => short.to_owned(),
                    None => format!("{address}.git"),
                };
                let below =
                    subdirectory.as_ref().map(|name| format!("/{name}")).unwrap_or_default();
                [address, &other].map(|address| format!("{address}{below}")).into()
            }
        }
    }

    /// The name by which people know the package.
    pub(super) fn shown_name(&self) -> String {
        match self {
            Self::Tarball { name, .. } => name.clone(),
            other => other.names().swap_remove(0),
        }
    }

    /// What both of two entries for one package ask for.
    pub(super) fn joined(self, other: Self) -> Result<Self, Diagnostic> {
        match (self, other) {
            (Self::Local { path }, Self::Local { .. }) => Ok(Self::Local { path }),
            (Self::Tarball { address, name }, Self::Tarball { .. }) => {
                Ok(Self::Tarball { address, name })
            }
            (
                Self::Git { address, mut revisions, subdirectory, warns_unpinned, private },
                Self::Git { revisions: more, warns_unpinned: others, .. },
            ) => {
                revisions.extend(
                    more.into_iter().filter(|one| !revisions.contains(one)).collect::<Vec<_>>(),
                );
                let warns_unpinned = warns_unpinned && others;
                Ok(Self::Git { address, revisions, subdirectory, warns_unpinned, private })
            }
            (
                Self::Hub { package, mut versions, takes_prereleases },
                Self::Hub { versions: more, .. },
            ) => {
                versions.extend(more);
                Ok(Self::Hub { package, versions, takes_prereleases })
            }
            (one, other) => {
                let name = one.names().swap_remove(0);
                let message = format!(
                    "the package `{name}` is asked for in two ways: by `{}` and by `{}`",
                    one.key(),
                    other.key()
                );
                Err(Diagnostic::error(codes::PACKAGES_CONFLICT, message))
            }
        }
    }

    fn key(&self) -> &'static str {
        match self {
            Self::Local { .. } => "local",
            Self::Git { .. } => "git",
            Self::Hub { .. } => "package",
            Self::Tarball { .. } => "tarball",
        }
    }
}

/// The entry in the form over which dbt takes the hash of a lock file: the known keys, and the entry as written.
pub(super) fn hashed_form(rendered: &Value, written: &Value) -> Value {
    let known = |keys: &[(&str, Value)]| -> Map<String, Value> {
        let mut entries: Map<String, Value> = keys
            .iter()
            .map(|(key, default)| {
                (
                    (*key).to_owned(),
                    with_whole_numbers_as_text(rendered.get(*key).unwrap_or(default)),
                )
            })
            .collect();
        if let Some(name) = rendered.get("name") {
            entries.insert("name".to_owned(), name.clone());
        }
        entries.insert("unrendered".to_owned(), written.clone());
        entries
    };
    let has = |key: &str| rendered.get(key).is_some();
    Value::Object(if has("package") {
        known(&[
            ("package", Value::Null),
            ("version", Value::Null),
            ("install_prerelease", json!(false)),
        ])
    } else if has("git") {
        known(&[
            ("git", Value::Null),
            ("revision", Value::Null),
            ("subdirectory", Value::Null),
            ("warn-unpinned", Value::Null),
        ])
    } else if has("private") {
        known(&[
            ("private", Value::Null),
            ("provider", Value::Null),
            ("revision", Value::Null),
            ("subdirectory", Value::Null),
            ("warn-unpinned", Value::Null),
        ])
    } else if has("tarball") {
        known(&[("tarball", Value::Null), ("name", Value::Null)])
    } else {
        known(&[("local", Value::Null)])
    })
}

/// Whole numbers are texts where dbt takes a text or a number (its `RawVersion`).
fn with_whole_numbers_as_text(value: &Value) -> Value {
    match value {
        Value::Number(number) if !number.is_f64() => json!(number.to_string()),
        Value::Array(items) => items.iter().map(with_whole_numbers_as_text).collect(),
        other => other.clone(),
    }
}

/// Refuses an entry of a list with a key that it does not have, or with a value of another kind (dbt's `PackageSpec`).
pub(super) fn check_keys(entry: &Value) -> Result<(), Diagnostic> {
    let Some(entries) = entry.as_object() else {
        return Err(malformed(entry, "a package is a mapping, such as `local: ../tools`"));
    };
    let kinds = [
        ("local", &[][..]),
        ("tarball", &[]),
        ("git", &["revision", "warn-unpinned", "subdirectory"]),
        ("package", &["version", "install_prerelease"]),
        ("private", &["provider", "revision", "warn-unpinned", "subdirectory"]),
    ];
    let Some((kind, keys)) = kinds.into_iter().find(|(kind, _)| entries.contains_key(*kind)) else {
        return Ok(());
    };
    for (key, value) in entries {
        if key != kind && key != "name" && !keys.contains(&key.as_str()) {
            return Err(malformed(entry, &format!("a package of `{kind}` has no key `{key}`")));
        }
        let is_switch = matches!(key.as_str(), "warn-unpinned" | "install_prerelease");
        // A template gives a value of any kind.
        let is_open = value.is_null() || value.as_str().is_some_and(is_template);
        if is_switch && !is_open && !value.is_boolean() {
            return Err(malformed(entry, &format!("`{key}` is `true` or `false`")));
        }
    }
    Ok(())
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A name of a folder and nothing more: it may not lead elsewhere.
pub(super) fn is_folder_name(name: &str) -> bool {
    !name.is_empty()
        && name != "."
        && name != ".."
        && name.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.'))
}

/// The name becomes a part of an address.
fn is_hub_name(name: &str) -> bool {
    name.split_once('/').is_some_and(|(space, name)| is_folder_name(space) && is_folder_name(name))
}

fn malformed(entry: &Value, message: &str) -> Diagnostic {
    Diagnostic::error(codes::PACKAGES_INVALID, message).note(format!("the entry is {entry}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_for_one_package_are_joined() {
        let read = |entry| Specification::read(&entry, &GitProviders::default()).unwrap();
        let one = read(json!({"package": "a/b", "version": ">=1.0.0"}));
        let both = one.joined(read(json!({"package": "a/b", "version": ["<2.0.0"]}))).unwrap();
        assert_eq!(both, read(json!({"package": "a/b", "version": [">=1.0.0", "<2.0.0"]})));
        let git = read(json!({"git": "https://x/y.git", "revision": 1}));
        assert_eq!(git.names(), ["https://x/y.git", "https://x/y"]);
        assert!(git.joined(both).is_err());
    }

    #[test]
    fn unknown_keys_and_kinds_of_values_are_refused() {
        assert!(check_keys(&json!({"git": "x", "revision": 1, "warn-unpinned": false})).is_ok());
        for entry in [
            json!({"local": "x", "git": "y"}),
            json!({"local": "x", "version": 1}),
            json!({"package": "a/b", "version": "1.0.0", "install_prerelease": "yes"}),
            json!("x"),
        ] {
            assert!(check_keys(&entry).is_err(), "{entry}");
        }
    }

    #[test]
    fn what_is_no_package_is_refused() {
        for entry in [
            json!({"package": "a/b"}),
            json!({"package": "dbt_utils", "version": "1.0.0"}),
            json!({"package": "a/../../b", "version": "1.0.0"}),
            json!({"package": "a/b", "version": "~1"}),
            json!({"tarball": "https://x/y.tar.gz"}),
            json!({"tarball": "https://x/y.tar.gz", "name": "../y"}),
            json!({"private": "a/b", "provider": "ado"}),
            json!({"package": "a/b", "version": []}),
            json!({}),
        ] {
            assert!(Specification::read(&entry, &GitProviders::default()).is_err(), "{entry}");
        }
    }
}
