//! Groups of nodes with an owner.

use std::sync::Arc;

use indexmap::IndexMap;
use indexmap::map::Entry;
use project::config::{OptionLayers, options_for};
use project::properties::GroupProperties;
use project::{ConfigOptions, Package, Project, ResourceType};
use source::codes::DUPLICATE_NAME;
use source::{Diagnostic, ProjectPath, Warned};

use crate::graph::Group;
use crate::parse::path_in_folder;
use crate::parsed_node::fqn;

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
                    original_file_path: path.clone(),
                    description: written.description.clone(),
                    owner: written.owner.clone(),
                    config: group_config(project, package, &path, written),
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

/// dbt configures groups as models, by the folder of their property file, and the manifest has all of it but hooks.
fn group_config(
    project: &Project,
    package: &Package,
    path: &ProjectPath,
    written: &GroupProperties,
) -> ConfigOptions {
    let name = &package.settings.name;
    let fqn = fqn(name, &path_in_folder(package, path), &[&written.name.value]);
    let nothing = ConfigOptions::new();
    let layers = OptionLayers {
        package: name,
        resource_type: ResourceType::Group,
        fqn: &fqn,
        properties: &written.config,
        in_file: &nothing,
    };
    let mut options = options_for(project, layers);
    options.entry("meta".to_owned()).or_insert_with(|| serde_json::json!({}));
    options.retain(|key, _| !matches!(key.as_str(), "pre-hook" | "post-hook"));
    options
}
