//! Models, singular tests, analyses, snapshots and seeds: what has a file of its own.

use std::sync::Arc;

use project::{ResourceType, SeedFile, SqlFile};
use rayon::prelude::*;
use source::{Diagnostic, ProjectPath, Span};
use template::ParseRequest;

use super::{Found, Place, python_models, snapshots};
use crate::node::{FunctionDetails, ModelDetails, NodeDetails, TestDetails, is_python};
use crate::parsed_node::{ParsedNode, fqn};
use crate::uses::Uses;

/// All files of a package, in dbt's order of kinds.
pub fn parse(place: Place<'_>) -> Vec<Found> {
    let package = place.package;
    let mut found: Vec<Found> = Vec::new();
    found.par_extend(package.models.par_iter().map(|file| model(place, file)));
    found.par_extend(package.python_models.par_iter().map(|file| model(place, file)));
    found.par_extend(package.snapshots.par_iter().map(|file| snapshots::in_file(place, file)));
    found.par_extend(package.analyses.par_iter().map(|file| analysis(place, file)));
    found.par_extend(package.tests.par_iter().map(|file| singular_test(place, file)));
    found.extend(
        package
            .seeds
            .iter()
            .map(|file| Found { nodes: vec![seed(place, file)], ..Found::default() }),
    );
    found.par_extend(package.functions.par_iter().map(|file| function(place, file)));
    found
}

fn model(place: Place<'_>, file: &SqlFile) -> Found {
    let details = NodeDetails::Model(Box::<ModelDetails>::default());
    file_node(place, file, ResourceType::Model, file.relative_path.clone(), details)
}

fn analysis(place: Place<'_>, file: &SqlFile) -> Found {
    let is_corrected = place.project.root().settings.behaves("require_corrected_analysis_fqns");
    let path = if is_corrected {
        file.relative_path.clone()
    } else {
        ProjectPath::new("analysis").join(file.relative_path.as_str())
    };
    file_node(place, file, ResourceType::Analysis, path, NodeDetails::Analysis)
}

/// The body of a function; what it takes and gives stands in a property file.
fn function(place: Place<'_>, file: &SqlFile) -> Found {
    let language = match file.path.as_str().rsplit('.').next() {
        Some("py") => "python",
        Some("js") => "javascript",
        _ => "sql",
    };
    let details = FunctionDetails { language, ..FunctionDetails::default() };
    let details = NodeDetails::Function(Box::new(details));
    file_node(place, file, ResourceType::Function, file.relative_path.clone(), details)
}

fn singular_test(place: Place<'_>, file: &SqlFile) -> Found {
    let details = NodeDetails::Test(Box::<TestDetails>::default());
    file_node(place, file, ResourceType::Test, file.relative_path.clone(), details)
}

/// The node of a file. Where its code cannot be read there is a node all the same, which uses nothing: the mistake is
/// told once, and not again at every place that names the node.
fn file_node(
    place: Place<'_>,
    file: &SqlFile,
    kind: ResourceType,
    path: ProjectPath,
    details: NodeDetails,
) -> Found {
    let name = file.path.stem();
    let mut node = ParsedNode::new(kind, place.name, name, details);
    let start = file.text.len() - file.text.trim_start().len();
    let end = file.text.trim_end().len().max(start);
    node.fqn = fqn(place.name, &path, &[name]);
    node.path = path;
    node.original_file_path = file.path.clone();
    node.raw_code = match &file.text[start..end] {
        code if code.len() == file.text.len() => file.text.clone(),
        code => Arc::from(code),
    };
    node.code_start = Some(Span::new(file.file, start, start));
    node.span = Some(Span::whole_file(file.file));
    node.checksum = ("sha256", file.checksum.clone());
    let read = if kind == ResourceType::Model && is_python(&node.original_file_path) {
        python_models::capture(&node.raw_code, Span::new(file.file, start, start))
            .map(|capture| node.uses = Uses::from(capture))
            .map_err(|refused| Box::new(refused.about(&*node.unique_id)))
    } else {
        render(place, &mut node)
    };
    Found { nodes: vec![node], diagnostics: read.err().into_iter().map(|error| *error).collect() }
}

/// Finds out what the node's template uses.
pub fn render(place: Place<'_>, node: &mut ParsedNode) -> Result<(), Box<Diagnostic>> {
    let request = ParseRequest { place: node.code_start, ..node.parse_request(&node.raw_code) };
    let capture = place
        .engine
        .parse(&request)
        .map_err(|failure| Box::new(failure.about(&*node.unique_id)))?;
    node.uses = Uses::from(capture);
    Ok(())
}

fn seed(place: Place<'_>, file: &SeedFile) -> ParsedNode {
    let details = NodeDetails::Seed {
        absolute_path: file.absolute_path.clone(),
        root_path: place.package.root.clone(),
    };
    let name = file.path.stem();
    let mut node = ParsedNode::new(ResourceType::Seed, place.name, name, details);
    node.fqn = fqn(place.name, &file.relative_path, &[name]);
    node.path = file.relative_path.clone();
    node.original_file_path = file.path.clone();
    let method = match file.checksum.0.as_str() {
        "sha256" => "sha256",
        "path" => "path",
        _ => "none",
    };
    node.checksum = (method, file.checksum.1.clone());
    node
}
