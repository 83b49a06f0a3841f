//! `catalogs.yml` beside the project file: read and checked as dbt does, in the older shape or, with the flag
//! `use_catalogs_v2`, in the newer one. No warehouse here writes through such a catalog, so that a file that names one is
//! refused rather than passed over: a table would be built as another kind than the one asked for.

use std::collections::BTreeSet;

use source::yaml::{Mapping, Node, Yaml};
use source::{Diagnostic, Span, codes};

use super::{LoadInput, read_document};
use crate::renderer::TextScope;
use crate::settings::ProjectSettings;
use crate::tree::TreeRenderer;

/// The keys of an entry of the newer shape, all of them needed.
const KEYS: [&str; 4] = ["name", "type", "table_format", "config"];

/// What is wrong with the file, where there is one.
pub(super) fn check(
    input: LoadInput<'_>,
    settings: &ProjectSettings,
    adapter: &str,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let path = input.environment.project_directory.join("catalogs.yml");
    if !input.files.exists(&path) {
        return;
    }
    let Some(document) = read_document(input, &path, "catalogs.yml", diagnostics) else { return };
    let Some(document) = document else {
        diagnostics.push(wrong("`catalogs.yml` is empty".to_owned()));
        return;
    };
    let is_newer = settings.behaves("use_catalogs_v2");
    let odd_key = document.mapping.keys().find(|key| *key != "catalogs").map(str::to_owned);
    if is_newer && let Some(key) = odd_key {
        diagnostics
            .push(wrong(format!("`{key}` is no key of `catalogs.yml`: it has `catalogs` alone")));
    }
    let scope = TextScope {
        environment: input.environment,
        vars: &settings.vars,
        target: None,
        allows_secrets: true,
        project_name: Some(&settings.name),
    };
    let tree = TreeRenderer::of_all(input.renderer, scope);
    let whole = Node::new(Yaml::Mapping(document.mapping), Span::whole_file(document.file));
    let rendered = tree.render(&whole, diagnostics);
    let Some(catalogs) = rendered.as_mapping().and_then(|mapping| mapping.get("catalogs")) else {
        return;
    };
    let Yaml::Sequence(entries) = &catalogs.value else {
        let message = format!("`catalogs` is a list, not {}", catalogs.kind());
        diagnostics.push(wrong(message).at(catalogs.span));
        return;
    };
    let mut names = BTreeSet::new();
    for entry in entries {
        let checked = if is_newer { newer_entry(entry) } else { older_entry(entry) };
        let checked = checked.and_then(|name| {
            if names.insert(name.clone()) {
                return Ok(name);
            }
            Err(format!("`catalogs.yml` has two catalogs named `{name}`"))
        });
        let diagnostic = match checked {
            Err(message) => wrong(message),
            Ok(name) => Diagnostic::error(
                codes::CATALOG_UNSUPPORTED,
                format!("the catalog `{name}` cannot be used: `{adapter}` writes tables without catalogs"),
            )
            .hint("take the catalog out of `catalogs.yml`, and `catalog_name` out of the models"),
        };
        diagnostics.push(diagnostic.at(entry.span));
    }
}

fn wrong(message: String) -> Diagnostic {
    Diagnostic::error(codes::PROJECT_FILE_INVALID, message)
}

fn text<'a>(mapping: &'a Mapping, key: &str) -> Option<&'a str> {
    mapping.get(key).and_then(Node::as_str).filter(|text| !text.trim().is_empty())
}

/// The name of an entry of the older shape.
fn older_entry(entry: &Node) -> Result<String, String> {
    let mapping = entry.as_mapping().ok_or("a catalog is a mapping")?;
    let name = text(mapping, "name").ok_or("a catalog needs a `name`")?;
    let written = mapping.get("write_integrations").map(|node| &node.value);
    let integrations: &[Node] = match written {
        Some(Yaml::Sequence(items)) => items,
        None => &[],
        Some(_) => return Err(format!("`write_integrations` of the catalog `{name}` is a list")),
    };
    let mut known = Vec::new();
    for integration in integrations {
        let part = |key| integration.as_mapping().and_then(|mapping| text(mapping, key));
        let own =
            part("name").ok_or_else(|| format!("an integration of `{name}` has no `name`"))?;
        if part("catalog_type").is_none() {
            return Err(format!("the integration `{own}` of `{name}` has no `catalog_type`"));
        }
        if known.contains(&own) {
            return Err(format!("the catalog `{name}` has two integrations named `{own}`"));
        }
        known.push(own);
    }
    match text(mapping, "active_write_integration") {
        Some(active) if !known.contains(&active) => Err(format!(
            "`active_write_integration` of `{name}` is `{active}`, which is none of its integrations: {}",
            known.join(", ")
        )),
        None if known.len() != 1 => {
            Err(format!("the catalog `{name}` needs an `active_write_integration`"))
        }
        _ => Ok(name.to_owned()),
    }
}

/// The name of an entry of the newer shape.
fn newer_entry(entry: &Node) -> Result<String, String> {
    let mapping = entry.as_mapping().ok_or("a catalog is a mapping")?;
    if let Some(key) = mapping.keys().find(|key| !KEYS.contains(key)) {
        return Err(format!("`{key}` is no key of a catalog; there are {}", KEYS.join(", ")));
    }
    if let Some(key) = KEYS.iter().find(|key| mapping.get(key).is_none()) {
        return Err(format!("a catalog needs `{key}`"));
    }
    let name = text(mapping, "name").ok_or("the `name` of a catalog is a text")?;
    let format = text(mapping, "table_format").map(str::to_ascii_lowercase);
    if !matches!(format.as_deref(), Some("default" | "iceberg")) {
        return Err(format!("`table_format` of the catalog `{name}` is `default` or `iceberg`"));
    }
    let config = mapping.get("config").and_then(Node::as_mapping);
    let config = config.ok_or_else(|| format!("`config` of the catalog `{name}` is a mapping"))?;
    let is_block = |node: &Node| node.is_null() || node.as_mapping().is_some();
    match config.iter().find(|(_, _, node)| !is_block(node)) {
        Some((platform, ..)) => {
            Err(format!("`config.{platform}` of the catalog `{name}` is a mapping"))
        }
        None => Ok(name.trim().to_owned()),
    }
}
