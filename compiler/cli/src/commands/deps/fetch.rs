//! Packages brought here: looked at to resolve versions, and put into their place.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;

use project::version_range::Prereleases;
use serde_json::{Value, json};
use source::yaml::{self, Node};
use source::{Diagnostic, codes};
use template::YamlRenderer;

use super::asked::{self, Asked};
use super::hub::{Hub, Wanted};
use super::specification::{Specification, is_folder_name};
use super::{archive, unwritable};
use crate::environment_variables::PACKAGE_HUB;
use crate::invocation::{Failure, Invocation};

/// Where the packages of dbt's community are listed.
const PUBLIC_HUB: &str = "https://hub.getdbt.com/";

/// The places that packages come from during one command; what was fetched once is not fetched again.
pub(super) struct Downloads<'a> {
    /// The command.
    pub invocation: &'a Invocation,
    root: &'a Path,
    dbt_version: Option<&'a str>,
    folder: tempfile::TempDir,
    hub: Hub,
    fetched: RefCell<BTreeMap<String, Rc<Package>>>,
}

/// A package of one version.
#[derive(Debug)]
pub(super) struct Package {
    /// The project's name.
    pub name: String,
    /// Its entry in the lock file, without the name.
    pub lock_entry: Value,
    /// Its version as people are told.
    pub shown_version: String,
    /// Its version and the latest, of packages that have such.
    pub latest: Option<(String, String)>,
    content: Content,
}

#[derive(Debug)]
enum Content {
    /// A folder of the user's, which is linked.
    Linked(PathBuf),
    /// A folder of ours, which is moved.
    Folder(PathBuf),
    /// An archive, fetched when it is installed, and the packages that it needs.
    Archive { address: String, needs: Vec<Value> },
}

impl<'a> Downloads<'a> {
    /// Nothing fetched yet.
    pub(super) fn new(
        invocation: &'a Invocation,
        root: &'a Path,
        dbt_version: &'a str,
    ) -> Result<Self, Failure> {
        let folder =
            tempfile::tempdir().map_err(|error| unwritable(&std::env::temp_dir(), &error))?;
        let base = invocation.world.variable(PACKAGE_HUB).filter(|base| !base.is_empty());
        let hub = Hub::new(base.unwrap_or(PUBLIC_HUB));
        let checks_version = invocation.settings.is_on("version-check");
        let dbt_version = checks_version.then_some(dbt_version);
        Ok(Self { invocation, root, dbt_version, folder, hub, fetched: RefCell::default() })
    }

    /// A package in the version that fits what is asked for.
    pub(super) fn fetch(&self, asked: &Asked) -> Result<Rc<Package>, Failure> {
        let key = format!("{:?}", asked.specification);
        if let Some(known) = self.fetched.borrow().get(&key) {
            return Ok(known.clone());
        }
        let package = Rc::new(self.fetch_anew(asked)?);
        self.fetched.borrow_mut().insert(key, package.clone());
        Ok(package)
    }

    fn fetch_anew(&self, asked: &Asked) -> Result<Package, Failure> {
        match &asked.specification {
            Specification::Local { path } => {
                let folder = self.root.join(path);
                let folder = folder.canonicalize().map_err(|error| {
                    let message = format!("the local package `{path}` cannot be read: {error}");
                    Diagnostic::error(codes::PACKAGE_UNAVAILABLE, message)
                })?;
                // As in dbt the path is written rendered; one with a secret in it is not.
                let written = if self.invocation.console.scrub_line(path) == *path {
                    json!(path)
                } else {
                    self.as_written(asked, "local")
                };
                Ok(Package {
                    name: package_name(&folder)?,
                    lock_entry: json!({"local": written}),
                    shown_version: format!("<local @ {path}>"),
                    latest: None,
                    content: Content::Linked(folder),
                })
            }
            Specification::Git { .. } => self.clone_repository(asked),
            Specification::Hub { package, versions, takes_prereleases } => {
                let release = self.hub.find(Wanted {
                    package,
                    versions,
                    prereleases: if *takes_prereleases {
                        Prereleases::Wanted
                    } else {
                        Prereleases::Unwanted
                    },
                    dbt_version: self.dbt_version,
                })?;
                if !is_folder_name(&release.name) {
                    let message = format!("the hub gives `{package}` a name that is no folder's");
                    return Err(Diagnostic::error(codes::PACKAGE_UNAVAILABLE, message).into());
                }
                if let Some(newer) = &release.newer_name {
                    let message = format!("the package `{package}` is now `{newer}`");
                    let warning = Diagnostic::warning(codes::DEPRECATED_PACKAGE, message);
                    let hint = format!("write `{newer}` in packages.yml");
                    self.invocation.heed(vec![warning.hint(hint)])?;
                }
                Ok(Package {
                    name: release.name,
                    lock_entry: json!({"package": package, "version": release.version}),
                    shown_version: format!("version {}", release.version),
                    latest: Some((release.version, release.latest)),
                    content: Content::Archive { address: release.archive, needs: release.packages },
                })
            }
            Specification::Tarball { address, name } => {
                let folder = self.unpack(address)?;
                package_name(&folder)?;
                let shown = self.invocation.console.scrub_line(address);
                Ok(Package {
                    name: name.clone(),
                    lock_entry: json!({"tarball": self.as_written(asked, "tarball"), "name": name}),
                    shown_version: format!("tarball (url: {shown})"),
                    latest: None,
                    content: Content::Folder(folder),
                })
            }
        }
    }

    /// The packages that a package needs.
    pub(super) fn needed_by(
        &self,
        package: &Package,
        renderer: &YamlRenderer,
    ) -> Result<Vec<Asked>, Failure> {
        match &package.content {
            Content::Linked(folder) | Content::Folder(folder) => {
                asked::read(self.invocation, folder, renderer)
            }
            Content::Archive { needs, .. } => needs
                .iter()
                .map(|entry| Asked::new(self.invocation, entry.clone(), renderer))
                .collect(),
        }
    }

    /// Puts a package where it is installed.
    pub(super) fn place(&self, package: &Package, place: &Path) -> Result<(), Failure> {
        remove(place);
        let done = match &package.content {
            Content::Linked(folder) => link(folder, place),
            Content::Folder(folder) => move_folder(folder, place),
            Content::Archive { address, .. } => move_folder(&self.unpack(address)?, place),
        };
        Ok(done.map_err(|error| unwritable(place, &error))?)
    }

    fn unpack(&self, address: &str) -> Result<PathBuf, Failure> {
        let shown = self.invocation.console.scrub_line(address);
        let bytes = self.hub.bytes(address)?;
        let place = self.new_folder()?;
        archive::unpack(&bytes, &place).map_err(|problem| {
            let message = format!("the package at `{shown}` cannot be unpacked: {problem}");
            Diagnostic::error(codes::PACKAGE_UNAVAILABLE, message).into()
        })
    }

    /// The text of a key before its templates were rendered: it goes into a file, so it may not have secrets in it.
    fn as_written(&self, asked: &Asked, key: &str) -> Value {
        match asked.written.get(key) {
            Some(Value::String(text)) => json!(self.invocation.console.scrub_line(text)),
            other => other.cloned().unwrap_or_default(),
        }
    }

    fn new_folder(&self) -> Result<PathBuf, Failure> {
        let place = tempfile::tempdir_in(self.folder.path())
            .map_err(|error| unwritable(self.folder.path(), &error))?;
        // It goes with the folder around it.
        Ok(place.keep())
    }

    fn clone_repository(&self, asked: &Asked) -> Result<Package, Failure> {
        let Specification::Git { address, revisions, subdirectory, warns_unpinned, private } =
            &asked.specification
        else {
            return Err(Diagnostic::error(codes::PACKAGES_INVALID, "no repository").into());
        };
        if revisions.len() > 1 {
            let shown = self.invocation.console.scrub_line(address);
            let message =
                format!("`{shown}` is asked for in several revisions: {}", revisions.join(", "));
            return Err(Diagnostic::error(codes::PACKAGES_CONFLICT, message)
                .hint("ask for one revision in packages.yml and in the packages that need it")
                .into());
        }
        let around = self.new_folder()?;
        let clone = around.join("clone");
        let revision = revisions.first().map(String::as_str);
        check_out(address, revision.filter(|revision| *revision != "HEAD"), &clone)?;
        let commit = git(&clone, &["rev-parse", "HEAD"])?;
        if *warns_unpinned && matches!(revision, None | Some("HEAD" | "main" | "master")) {
            let shown = self.invocation.console.scrub_line(address);
            let how = match revision {
                Some(branch @ ("main" | "master")) => format!("pinned to the branch `{branch}`"),
                _ => "not pinned, so its default branch is taken".to_owned(),
            };
            let message = format!("the git package `{shown}` is {how}");
            self.invocation.heed(vec![
                Diagnostic::warning(codes::PACKAGE_UNPINNED, message)
                    .hint("give a `revision` that does not move, or `warn-unpinned: false`"),
            ])?;
        }
        let folder = subdirectory.as_ref().map_or(clone.clone(), |folder| clone.join(folder));
        let is_inside = folder
            .canonicalize()
            .is_ok_and(|folder| clone.canonicalize().is_ok_and(|clone| folder.starts_with(clone)));
        if !is_inside {
            let message = format!(
                "the repository has no folder `{}`",
                subdirectory.as_deref().unwrap_or(".")
            );
            return Err(Diagnostic::error(codes::PACKAGE_UNAVAILABLE, message).into());
        }
        let mut lock_entry = match private {
            Some(private) => json!({"private": private.name, "revision": commit}),
            None => json!({"git": self.as_written(asked, "git"), "revision": commit}),
        };
        if let Some(provider) = private.as_ref().and_then(|private| private.provider.as_ref()) {
            lock_entry["provider"] = json!(provider);
        }
        if let Some(folder) = subdirectory {
            lock_entry["subdirectory"] = json!(folder);
        }
        Ok(Package {
            name: package_name(&folder)?,
            lock_entry,
            shown_version: format!("revision {}", revision.unwrap_or("HEAD")),
            latest: None,
            content: Content::Folder(folder),
        })
    }
}

/// The name in the package's `dbt_project.yml`, which is the name of its folder.
fn package_name(folder: &Path) -> Result<String, Failure> {
    let text = std::fs::read_to_string(folder.join("dbt_project.yml")).unwrap_or_default();
    let document = yaml::read(&text, source::FileId(u32::MAX)).value;
    let name = document.as_ref().and_then(|document| document.get("name")).and_then(Node::as_str);
    // The name becomes a folder's: nothing in it may lead elsewhere.
    let problem = match name {
        Some(name) if is_folder_name(name) => return Ok(name.to_owned()),
        Some(name) => format!("the name in its dbt_project.yml, `{name}`, is no name of a folder"),
        None => "its dbt_project.yml has no name".to_owned(),
    };
    let message = format!("`{}` is no package: {problem}", folder.display());
    Err(Diagnostic::error(codes::PACKAGE_UNAVAILABLE, message).into())
}

/// Brings a repository to a folder that is not there, at a branch, a tag or a commit, with no more of its history than
/// that needs; the default branch where none is named.
fn check_out(address: &str, revision: Option<&str>, folder: &Path) -> Result<(), Failure> {
    let around = folder.parent().unwrap_or(folder);
    let place = folder.to_string_lossy();
    let clone = |flags: &[&str]| {
        git(around, &[&["clone", "--quiet"], flags, &["--", address, &place]].concat())
    };
    let Some(revision) = revision else { return clone(&["--depth", "1"]).map(drop) };
    if is_commit(revision) {
        clone(&["--depth", "1", "--no-checkout"])?;
        // Servers that do not give out single commits give out all of them.
        git(folder, &["fetch", "--quiet", "--depth", "1", "origin", revision])
            .or_else(|_| git(folder, &["fetch", "--quiet", "--unshallow", "--tags", "origin"]))?;
        return git(folder, &["checkout", "--quiet", "--detach", revision, "--"]).map(drop);
    }
    if clone(&["--depth", "1", "--branch", revision]).is_ok() {
        return Ok(());
    }
    clone(&[])?;
    git(folder, &["checkout", "--quiet", "--detach", revision, "--"]).map(drop)
}

/// Whether a revision is the whole name of a commit.
fn is_commit(revision: &str) -> bool {
    revision.len() == 40 && revision.chars().all(|letter| letter.is_ascii_hexdigit())
}

/// What git prints.
fn git(folder: &Path, arguments: &[&str]) -> Result<String, Failure> {
    let output = Command::new("git").args(arguments).current_dir(folder).output();
    let reason = match output {
        Ok(output) if output.status.success() => {
            return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
        }
        Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        Err(error) => format!("git cannot be started: {error}"),
    };
    let message = format!("`git {}` failed", arguments.first().unwrap_or(&""));
    Err(Diagnostic::error(codes::PACKAGE_UNAVAILABLE, message).note(reason).into())
}

#[cfg(unix)]
fn link(folder: &Path, place: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(folder, place)
}

#[cfg(not(unix))]
fn link(folder: &Path, place: &Path) -> std::io::Result<()> {
    copy(folder, place)
}

/// Moves a folder, also to another file system.
fn move_folder(folder: &Path, place: &Path) -> std::io::Result<()> {
    std::fs::rename(folder, place).or_else(|_| copy(folder, place))
}

fn copy(folder: &Path, place: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(place)?;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let target = place.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
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
