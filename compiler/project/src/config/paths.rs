//! The paths of names that a project file configures, to find those that fit no resource.

use source::Span;
use source::yaml::Mapping;

use crate::resource_type::ResourceType;
use crate::settings::ProjectSettings;

/// A place in a project file with options for all resources whose path of names starts so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfiguredPath {
    /// The kind of the resources.
    pub resource_type: ResourceType,
    /// Package and folder names; empty for options of all resources of the kind.
    pub names: Vec<String>,
    /// Where the options stand.
    pub span: Span,
}

impl ConfiguredPath {
    /// Whether the options reach a resource (dbt's `_is_config_used`).
    pub fn fits(&self, fqn: &[String]) -> bool {
        fqn.starts_with(&self.names)
    }

    /// The path as messages show it, `models.shop.staging`.
    pub fn shown(&self) -> String {
        let kind = self.resource_type.config_key().unwrap_or_default();
        std::iter::once(kind)
            .chain(self.names.iter().map(String::as_str))
            .collect::<Vec<_>>()
            .join(".")
    }
}

/// All paths that a project file configures, in its order.
pub fn configured_paths(settings: &ProjectSettings) -> Vec<ConfiguredPath> {
    let mut found = Vec::new();
    for (kind, tree) in &settings.configs {
        if let Some(mapping) = tree.as_mapping() {
            collect(*kind, mapping, tree.span, &mut Vec::new(), &mut found);
        }
    }
    found
}

fn collect(
    kind: ResourceType,
    level: &Mapping,
    span: Span,
    names: &mut Vec<String>,
    found: &mut Vec<ConfiguredPath>,
) {
    let is_folder = |key: &str, is_mapping: bool| is_mapping && !key.starts_with('+');
    if level.iter().any(|(key, _, value)| !is_folder(key, value.as_mapping().is_some())) {
        found.push(ConfiguredPath { resource_type: kind, names: names.clone(), span });
    }
    for (key, key_span, value) in level.iter() {
        let Some(inner) = value.as_mapping().filter(|_| is_folder(key, true)) else { continue };
        names.push(key.to_owned());
        collect(kind, inner, key_span, names, found);
        names.pop();
    }
}
