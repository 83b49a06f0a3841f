//! Groups of nodes with an owner.

use std::sync::Arc;

use indexmap::IndexMap;
use indexmap::map::Entry;
use project::Project;
use source::codes::DUPLICATE_NAME;
use source::{Diagnostic, ProjectPath, Warned};

use crate::graph::Group;
use crate::parse::path_in_folder;

/// All groups by unique id.
pub fn all(project: &Project) -> Warned<IndexMap<String, Group>> {
    let mut all = Warned::clean(IndexMap::<String, Group>::new());
    for package in &project.packages {
        let name: Arc<str> = Arc::from(package.settings.name.as_str());
        for file in &package.properties {
            for written in &file.groups {
                let path = file.path.clone().unwrap_or_else(|| ProjectPath::new(""));
                let group = Group {
                    unique_id: format!("group.{name}.{}", written.name.value),
                    name: written.name.value.clone(),
                    package: name.clone(),
                    path: path_in_folder(package, &path),
                    original_file_path: path,
                    description: written.description.clone(),
                    owner: written.owner.clone(),
                    config: written.config.clone(),
                    span: written.name.span,
                };
                match all.value.entry(group.unique_id.clone()) {
                    Entry::Occupied(twin) => all.diagnostics.push(
                        Diagnostic::error(
                            DUPLICATE_NAME,
                            format!("there are two groups named `{}`", group.name),
                        )
                        .label(group.span, "the second")
                        .label(twin.get().span, "the first"),
                    ),
                    Entry::Vacant(free) => _ = free.insert(group),
                }
            }
        }
    }
    all
}
