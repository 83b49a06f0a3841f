//! The layers of options of one node, in dbt's order of precedence.

use std::borrow::Cow;

use serde_json::Value;
use source::yaml::{Mapping, Node};

use super::schema::field;
use super::{ConfigOptions, canonical_key, merge_for};
use crate::package::{Package, Project};
use crate::resource_type::ResourceType;
use crate::settings::ProjectSettings;

/// What is said of a node outside of the project files.
#[derive(Debug, Clone, Copy)]
pub struct OptionLayers<'a> {
    /// The package that the node belongs to.
    pub package: &'a str,
    /// The kind of the node.
    pub resource_type: ResourceType,
    /// The node's path of names: package, folders, name.
    pub fqn: &'a [String],
    /// `config:` in a property file.
    pub properties: &'a ConfigOptions,
    /// `config()` in the file itself.
    pub in_file: &'a ConfigOptions,
}

/// The merged options of a node: the package's project file, then properties, then the file itself, and on top of
/// all of them the root project's file when the node belongs to another package (dbt's `calculate_node_config`).
pub fn options_for(project: &Project, layers: OptionLayers<'_>) -> ConfigOptions {
    let mut options = ConfigOptions::new();
    let kind = configured_as(project, layers.resource_type);
    let mut put = |layer: &ConfigOptions| {
        merge_for(layers.resource_type, &mut options, &in_canonical_words(project, layer));
    };
    if let Some(package) = project.package(layers.package) {
        project_layers(&package.settings, kind, layers.fqn).iter().for_each(&mut put);
    }
    put(layers.properties);
    put(layers.in_file);
    if project.root().settings.name != layers.package {
        project_layers(&project.root().settings, kind, layers.fqn).iter().for_each(&mut put);
    }
    options
}

/// The merged options as the configuration of a node of its own file, or of a test, has them; nothing when they are
/// the same.
///
/// dbt settles such a configuration three times: out of the project files, with the file, and with the properties
/// too. Null in a key of its own leaves there what was there before; keys of the author become null.
pub fn options_without_nulls(
    project: &Project,
    layers: OptionLayers<'_>,
    options: &ConfigOptions,
) -> Option<ConfigOptions> {
    let kind = layers.resource_type;
    let is_of_file = matches!(
        kind,
        ResourceType::Model
            | ResourceType::Seed
            | ResourceType::Snapshot
            | ResourceType::Analysis
            | ResourceType::Test
            | ResourceType::Function
    );
    let is_left = |key: &str, value: &Value| value.is_null() && field(kind, key).is_some();
    if !is_of_file || !options.iter().any(|(key, value)| is_left(key, value)) {
        return None;
    }
    let nothing = ConfigOptions::new();
    let of_file = options_for(project, OptionLayers { properties: &nothing, ..layers });
    let of_project =
        options_for(project, OptionLayers { properties: &nothing, in_file: &nothing, ..layers });
    let mut filled = options.clone();
    for (key, value) in filled.iter_mut().filter(|(key, value)| is_left(key, value)) {
        let mut former = [&of_file, &of_project].into_iter().filter_map(|layer| layer.get(key));
        if let Some(former) = former.find(|former| !former.is_null()) {
            value.clone_from(former);
        }
    }
    Some(filled)
}

/// The options as written, before rendering, later layers replacing earlier ones: dbt's `unrendered_config`. The
/// properties and the file's own options are to be handed in as written too.
pub fn unrendered_options_for(project: &Project, layers: OptionLayers<'_>) -> ConfigOptions {
    let mut options = ConfigOptions::new();
    // Of what is written, dbt gives functions that of models, and semantic models nothing.
    let kind = match configured_as(project, layers.resource_type) {
        ResourceType::Function => ResourceType::Model,
        kind => kind,
    };
    let put = |layer: &ConfigOptions, options: &mut ConfigOptions| {
        options.extend(in_canonical_words(project, layer).into_owned());
    };
    let from_package = |package: &Package, options: &mut ConfigOptions| {
        let tree = package.settings.unrendered_configs.get(&kind);
        if let Some(tree) = tree.filter(|_| kind != ResourceType::SemanticModel) {
            levels(tree, layers.fqn)
                .for_each(|level| put(&spelt_options(level, str::to_owned), options));
        }
    };
    if let Some(package) = project.package(layers.package) {
        from_package(package, &mut options);
    }
    put(layers.properties, &mut options);
    put(layers.in_file, &mut options);
    if project.root().settings.name != layers.package {
        from_package(project.root(), &mut options);
    }
    options
}

/// A layer with dbt's words for the keys that it has in the warehouse's own.
fn in_canonical_words<'a>(project: &Project, layer: &'a ConfigOptions) -> Cow<'a, ConfigOptions> {
    if !layer.keys().any(|key| project.canonical_word(key) != key) {
        return Cow::Borrowed(layer);
    }
    let translated = layer.iter().map(|(key, value)| (project.canonical_word(key), value));
    Cow::Owned(translated.map(|(key, value)| (key.to_owned(), value.clone())).collect())
}

/// The options that a project file has for a path of names, from the root of its tree inwards.
fn project_layers(
    settings: &ProjectSettings,
    resource_type: ResourceType,
    fqn: &[String],
) -> Vec<ConfigOptions> {
    let tree = settings.configs.get(&resource_type);
    tree.map(|tree| levels(tree, fqn).map(level_options).collect()).unwrap_or_default()
}

/// What the package's project file has at the top of a kind's tree, under a key without a plus.
pub fn top_level_option(project: &Project, layers: OptionLayers<'_>, key: &str) -> Option<Value> {
    let tree = project.package(layers.package)?.settings.configs.get(&layers.resource_type)?;
    Some(tree.as_mapping()?.get(key)?.to_json())
}

/// Hooks and the like are configured under `models:`, and so are analyses where no flag of the project corrects that.
fn configured_as(project: &Project, resource_type: ResourceType) -> ResourceType {
    let is_corrected = || project.root().settings.behaves("require_corrected_analysis_fqns");
    match resource_type {
        ResourceType::Analysis if !is_corrected() => ResourceType::Model,
        kind if kind.config_key().is_some() => kind,
        _ => ResourceType::Model,
    }
}

/// The mappings along a path, the tree itself first; ends where the path leaves the tree.
fn levels<'a>(tree: &'a Node, fqn: &'a [String]) -> impl Iterator<Item = &'a Mapping> {
    let mut names = fqn.iter();
    std::iter::successors(tree.as_mapping(), move |level| level.get(names.next()?)?.as_mapping())
}

/// The options of one level: keys with a plus, and keys whose values are no mappings, which would be folders.
fn level_options(level: &Mapping) -> ConfigOptions {
    spelt_options(level, |key| canonical_key(key).to_owned())
}

fn spelt_options(level: &Mapping, spelt: fn(&str) -> String) -> ConfigOptions {
    let mut options = ConfigOptions::new();
    for (key, _, value) in level.iter() {
        if let Some(plain) = key.strip_prefix('+') {
            options.insert(spelt(plain.trim()), value.to_json());
        } else if value.as_mapping().is_none() {
            options.insert(spelt(key), value.to_json());
        }
    }
    options
}
