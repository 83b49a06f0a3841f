//! Paths of the project file's configuration that apply to nothing: most often a misspelt folder or project (dbt's
//! `warn_for_unused_resource_config_paths`).

use project::{Project, ResourceType};
use source::codes::CONFIG_UNUSED;
use source::yaml::Node as Yaml;
use source::{Diagnostic, Span};

use crate::node::Node;

/// A warning that names all such paths of the root project.
pub fn check(nodes: &[Node], disabled: &[Node], project: &Project) -> Option<Diagnostic> {
    let mut unused: Vec<(String, Span)> = Vec::new();
    let settings = &project.root().settings;
    // Analyses are configured elsewhere unless a flag corrects that; dbt leaves them out.
    let kinds = settings.configs.iter().filter(|(kind, _)| **kind != ResourceType::Analysis);
    for (kind, tree) in kinds {
        let Some(key) = kind.config_key() else { continue };
        let is_used = |path: &[&str]| {
            let of_kind = nodes.iter().filter(|node| node.resource_type == *kind);
            of_kind.chain(disabled).any(|node| {
                node.fqn.len() >= path.len()
                    && node.fqn.iter().zip(path).all(|(own, wanted)| **own == **wanted)
            })
        };
        let mut paths = Vec::new();
        collect(tree, tree.span, &mut Vec::new(), &mut paths);
        for (path, span) in paths {
            if !is_used(&path) {
                let name = std::iter::once(key).chain(path).collect::<Vec<_>>().join(".");
                unused.push((name, span));
            }
        }
    }
    let names: Vec<&str> = unused.iter().map(|(name, _)| name.as_str()).collect();
    let (_, first) = unused.first()?;
    let message = format!(
        "configuration of `dbt_project.yml` applies to no resource: {}",
        names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
    );
    Some(
        Diagnostic::warning(CONFIG_UNUSED, message)
            .at(*first)
            .hint("a path is the name of the project or a package, then folders"),
    )
}

/// The paths at which options stand, each once, with the place of its last key.
fn collect<'a>(
    tree: &'a Yaml,
    place: Span,
    path: &mut Vec<&'a str>,
    paths: &mut Vec<(Vec<&'a str>, Span)>,
) {
    let Some(mapping) = tree.as_mapping() else { return };
    for (key, span, value) in mapping.iter() {
        if value.as_mapping().is_some() && !key.starts_with('+') {
            path.push(key);
            collect(value, span, path, paths);
            path.pop();
        } else if !paths.iter().any(|(known, _)| known == path) {
            paths.push((path.clone(), place));
        }
    }
}
