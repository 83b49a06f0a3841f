//! Which versions are taken, of the packages that a project names and of those that these need.

use serde_json::{Value, json};
use source::{Diagnostic, codes};
use template::YamlRenderer;

use super::asked::Asked;
use super::fetch::Downloads;
use super::specification::Specification;
use crate::invocation::Failure;

/// Packages in the order in which they were first asked for; each once, with all that is asked of it.
#[derive(Default)]
struct Listing(Vec<Asked>);

impl Listing {
    fn take(&mut self, asked: Asked) -> Result<usize, Diagnostic> {
        let names = asked.specification.names();
        let is_same =
            |known: &Asked| known.specification.names().iter().any(|name| names.contains(name));
        if let Some(at) = self.0.iter().position(is_same) {
            let known = &mut self.0[at];
            known.specification = known.specification.clone().joined(asked.specification)?;
            return Ok(at);
        }
        self.0.push(asked);
        Ok(self.0.len() - 1)
    }
}

/// The entries of the lock file. Round by round as dbt: what the packages of one round need is the next round.
pub(super) fn resolve(
    downloads: &Downloads<'_>,
    renderer: &YamlRenderer,
    root: &str,
    asked: Vec<Asked>,
) -> Result<Vec<Value>, Failure> {
    let (mut pending, mut all) = (asked, Listing::default());
    while !pending.is_empty() {
        let mut next = Listing::default();
        for asked in std::mem::take(&mut pending) {
            let at = all.take(asked)?;
            let package = downloads.fetch(&all.0[at])?;
            for needed in downloads.needed_by(&package, renderer)? {
                // What is known already and asks for nothing new would go round for ever.
                let is_new = !all.0.iter().any(|known| {
                    known.specification.names() == needed.specification.names()
                        && covers(&known.specification, &needed.specification)
                });
                if is_new {
                    next.take(needed)?;
                }
            }
        }
        pending = next.0;
    }
    let mut names: Vec<String> = Vec::new();
    let mut entries = Vec::new();
    for asked in &all.0 {
        let package = downloads.fetch(asked)?;
        let twin = if package.name == root {
            Some(format!("a package has the name of the project, `{root}`"))
        } else if names.contains(&package.name) {
            Some(format!("two packages have the name `{}`", package.name))
        } else {
            None
        };
        if let Some(message) = twin {
            return Err(Diagnostic::error(codes::DUPLICATE_PACKAGE, message)
                .hint("remove one of them from the packages, or one that asks for it")
                .into());
        }
        let mut entry = package.lock_entry.clone();
        entry["name"] = json!(package.name);
        names.push(package.name.clone());
        entries.push(entry);
    }
    Ok(entries)
}

/// Whether all that one entry asks for is asked for already.
fn covers(known: &Specification, needed: &Specification) -> bool {
    known.clone().joined(needed.clone()).is_ok_and(|both| match (&both, known) {
        (Specification::Hub { versions: both, .. }, Specification::Hub { versions: known, .. }) => {
            both.iter().all(|version| known.contains(version))
        }
        (both, known) => both == known,
    })
}
