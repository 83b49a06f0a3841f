//! A property file out of its YAML: entries checked, rendered and typed.

use source::yaml::{Mapping, Node};
use source::{Diagnostic, FileId, ProjectPath, Severity, Warned, codes};

use super::{PropertyFile, kinds, rendering, resource, source_tables};
use crate::fields::FieldReader;
use crate::renderer::{TextRenderer, TextScope};
use crate::tree::{TreeRenderer, never};

/// The lists a property file may have, and what else stands at its top.
const SECTIONS: &[&str] = &[
    "models",
    "seeds",
    "snapshots",
    "analyses",
    "data_tests",
    "functions",
    "sources",
    "macros",
    "exposures",
    "groups",
    "unit_tests",
    "metrics",
    "semantic_models",
    "saved_queries",
    "version",
    "anchors",
];

/// Reads the property file of a parsed document.
pub(crate) fn read(
    document: &Node,
    file: FileId,
    path: &ProjectPath,
    renderer: &dyn TextRenderer,
    scope: TextScope<'_>,
) -> Warned<PropertyFile> {
    let mut reader = FieldReader::new(codes::PROPERTY_FILE_INVALID);
    let mut properties =
        PropertyFile { file: Some(file), path: Some(path.clone()), ..PropertyFile::default() };
    let Some(mapping) = document.as_mapping() else {
        let message = format!("a property file must be a mapping, not {}", document.kind());
        reader.error(message, document.span);
        return Warned { value: properties, diagnostics: reader.diagnostics };
    };
    reader.unknown_top_keys(mapping, SECTIONS, "a property file");
    for (section, _, list) in mapping.iter() {
        if !SECTIONS.contains(&section) || matches!(section, "version" | "anchors") {
            continue;
        }
        let known = reader.diagnostics.len();
        for entry in entries(&mut reader, section, list) {
            let is_rendered = |path: &[&str]| rendering::is_rendered(section, path);
            let tree =
                TreeRenderer { renderer, scope, is_rendered: &is_rendered, is_lenient: &never };
            let entry_rendered = tree.render(entry, &mut reader.diagnostics);
            add(&mut reader, &mut properties, section, entry_rendered, entry);
        }
        if section == "data_tests" {
            // As in dbt, which tells it and reads on: tests run without their properties.
            reader.diagnostics[known..].iter_mut().for_each(forgive);
        }
    }
    Warned { value: properties, diagnostics: reader.diagnostics }
}

fn forgive(diagnostic: &mut Diagnostic) {
    if diagnostic.code == codes::PROPERTY_FILE_INVALID {
        diagnostic.severity = Severity::Warning;
    }
}

/// The entries of a list that are mappings with a name.
fn entries<'a>(reader: &mut FieldReader, section: &str, list: &'a Node) -> Vec<&'a Node> {
    let items = list.as_sequence().unwrap_or_else(|| {
        reader.expected(section, "a list", list);
        &[]
    });
    let mut found = Vec::with_capacity(items.len());
    for item in items {
        if item.as_mapping().is_none() {
            reader.expected(section, "a list of mappings", item);
        } else if item.get("name").is_none_or(Node::is_null) {
            let diagnostic = Diagnostic::error(
                codes::PROPERTY_FILE_INVALID,
                format!("an entry of `{section}` needs `name`"),
            );
            reader.diagnostics.push(diagnostic.at(item.span));
        } else {
            found.push(item);
        }
    }
    found
}

fn add(
    reader: &mut FieldReader,
    file: &mut PropertyFile,
    section: &str,
    rendered: Node,
    written: &Node,
) {
    let span = rendered.span;
    let keep = |node: Node, list: &mut Vec<Node>| list.push(node);
    match section {
        "unit_tests" => return keep(rendered, &mut file.unit_tests),
        "metrics" => return keep(rendered, &mut file.metrics),
        "semantic_models" => return keep(rendered, &mut file.semantic_models),
        "saved_queries" => return keep(rendered, &mut file.saved_queries),
        _ => {}
    }
    let empty = Mapping::default();
    let mapping = rendered.as_mapping().unwrap_or(&empty);
    let as_written = written.as_mapping().unwrap_or(&empty);
    match section {
        "models" => file.models.push(resource::read(reader, mapping, as_written, "a model")),
        "seeds" => file.seeds.push(resource::read(reader, mapping, as_written, "a seed")),
        "snapshots" => {
            file.snapshots.push(resource::read(reader, mapping, as_written, "a snapshot"));
        }
        "analyses" => {
            file.analyses.push(resource::read(reader, mapping, as_written, "an analysis"));
        }
        "data_tests" => {
            file.tests.push(resource::read(reader, mapping, as_written, "a data test"));
        }
        "functions" => {
            file.functions.push(resource::read(reader, mapping, as_written, "a function"));
        }
        "sources" => file.sources.extend(source_tables::read(reader, mapping, as_written)),
        "macros" => file.macros.extend(kinds::read_macro(reader, mapping)),
        "exposures" => file.exposures.extend(kinds::read_exposure(reader, mapping, span)),
        "groups" => file.groups.extend(kinds::read_group(reader, mapping, span)),
        _ => {}
    }
}
