//! Snapshots: `{% snapshot %}` blocks in files, and entries with a `relation` in property files.

use std::sync::Arc;

use project::{PropertyFile, ResourceType, SqlFile};
use source::Span;
use template::{BlockKind, Reference};

use super::sql_files::render;
use super::{Found, Place, file_path, path_in_folder};
use crate::node::NodeDetails;
use crate::parsed_node::{ParsedNode, fqn};

/// The blocks of a file.
pub fn in_file(place: Place<'_>, file: &SqlFile) -> Found {
    let mut found = Found::default();
    let blocks = match place.engine.scan(&file.text, file.file) {
        Ok(blocks) => blocks,
        Err(diagnostic) => {
            found.diagnostics.push(diagnostic);
            return found;
        }
    };
    for block in blocks.iter().filter(|block| block.kind == BlockKind::Snapshot) {
        let mut node =
            ParsedNode::new(ResourceType::Snapshot, place.name, &block.name, NodeDetails::Snapshot);
        node.fqn = fqn(place.name, &file.relative_path, &[file.path.stem(), &block.name]);
        node.path = file.relative_path.clone();
        node.original_file_path = file.path.clone();
        node.raw_code = Arc::from(&file.text[block.body_span.clone()]);
        node.code_start = Some(Span::new(file.file, block.body_span.start, block.body_span.start));
        node.span = Some(Span::new(file.file, block.full_span.start, block.full_span.end));
        node.checksum = ("sha256", file.checksum.clone());
        let rendered = render(place, &mut node);
        found.take(rendered.map(|()| node));
    }
    found
}

/// The entries of a property file that name the relation they are taken of.
pub fn in_properties(place: Place<'_>, file: &PropertyFile) -> Found {
    let mut found = Found::default();
    let path = file_path(file);
    for properties in &file.snapshots {
        let (Some(relation), Some(name)) = (&properties.relation, &properties.name) else {
            continue;
        };
        let mut node =
            ParsedNode::new(ResourceType::Snapshot, place.name, name, NodeDetails::Snapshot);
        node.fqn = fqn(place.name, &path_in_folder(place.package, &path), &[name]);
        node.path = source::ProjectPath::new(&format!("{}.sql", name.value));
        node.original_file_path = path.clone();
        node.raw_code = Arc::from(format!("select * from {{{{ {} }}}}", relation.value));
        node.span = Some(name.span);
        match place.engine.evaluate_reference(&relation.value) {
            Ok(mut reference) => {
                match &mut reference {
                    Reference::Ref(call) => call.span = Some(relation.span),
                    Reference::Source(call) => call.span = Some(relation.span),
                    Reference::Metric(_) => {}
                }
                node.uses.add(reference);
            }
            Err(diagnostic) => {
                found.diagnostics.push(diagnostic.at(relation.span));
                continue;
            }
        }
        if let Some(text) = file.file.map(|file| place.sources.get(file).text.clone()) {
            node.checksum = ("sha256", project::SqlFile::checksum_of(&text));
        }
        found.nodes.push(node);
    }
    found
}
