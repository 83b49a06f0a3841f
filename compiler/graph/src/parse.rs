//! The first stage of the graph: each file alone.
//!
//! SQL files are rendered with `execute` false, in parallel, to find out what they use; property files give sources,
//! exposures, snapshots and generic tests. Nothing here looks at two files at once.

mod carried;
mod exposures;
mod generic_test;
mod generic_test_name;
mod hooks;
mod model_semantics;
mod property_tests;
mod python_calls;
mod python_literal;
mod python_models;
mod python_token;
mod semantic_keys;
pub(crate) mod semantics;
mod snapshots;
mod sources;
mod sql_files;
mod test_uses;
mod unit_tests;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use project::{Package, Project, PropertyFile};
use rayon::prelude::*;
use source::{Diagnostic, ProjectPath, Sources, Span, Warned};
use template::{Engine, MacroInfo, YamlRenderer, target_fields};

use crate::parsed_node::ParsedNode;

pub use generic_test::test_call;
pub(crate) use property_tests::version_columns;

/// What all parsers of one package need.
#[derive(Clone, Copy)]
struct Place<'a> {
    project: &'a Project,
    package: &'a Package,
    name: &'a Arc<str>,
    engine: &'a Engine,
    sources: &'a Sources,
    renderer: &'a YamlRenderer,
    target: &'a serde_json::Value,
    known_tests: &'a test_uses::KnownTests,
}

/// What one file gives.
#[derive(Debug, Default)]
struct Found {
    nodes: Vec<ParsedNode>,
    diagnostics: Vec<Diagnostic>,
}

impl Found {
    fn take(&mut self, result: Result<ParsedNode, Box<Diagnostic>>) {
        match result {
            Ok(node) => self.nodes.push(node),
            Err(diagnostic) => self.diagnostics.push(*diagnostic),
        }
    }
}

/// Reads a property file for one kind of nodes.
type Parser = fn(Place<'_>, &PropertyFile) -> Found;

/// Reads and renders each file of the project by itself.
///
/// The nodes come in the order of dbt's manifest: by package and kind for what has a file of its own, then what
/// property files declare, tests of sources last.
pub fn parse(
    project: &Arc<Project>,
    engine: &Engine,
    sources: &Sources,
) -> Warned<Vec<ParsedNode>> {
    let names: Vec<Arc<str>> =
        project.packages.iter().map(|package| Arc::from(package.settings.name.as_str())).collect();
    let renderer = engine.yaml_renderer();
    let target = target_fields(&project.profile, engine.credentials());
    let known_tests = test_uses::KnownTests::default();
    let packages = project.packages.iter().zip(&names);
    let places: Vec<_> = packages
        .map(|(package, name)| Place {
            project,
            package,
            name,
            engine,
            sources,
            renderer: &renderer,
            target: &target,
            known_tests: &known_tests,
        })
        .collect();
    let mut parsed = Warned::clean(Vec::new());
    let mistakes = macro_mistakes(project, engine);
    for place in &places {
        take_all(&mut parsed, sql_files::parse(*place));
        take_all(&mut parsed, vec![hooks::parse(*place)]);
    }
    // Tests of sources come after everything else, as dbt makes them when it patches sources.
    let parsers: [Parser; 3] = [declared, property_tests::of_sources, other];
    for parser in parsers {
        for place in &places {
            let found =
                place.package.properties.par_iter().map(|file| parser(*place, file)).collect();
            take_all(&mut parsed, found);
        }
    }
    // What calls such a macro tells the same mistake.
    let place = |diagnostic: &Diagnostic| diagnostic.labels.first().map(|label| label.span);
    let is_told = |found: &Diagnostic| {
        let mut known = mistakes.iter().filter(|mistake| mistake.code == found.code);
        place(found).is_some_and(|own| {
            known.any(|mistake| place(mistake).is_some_and(|other| overlap(own, other)))
        })
    };
    parsed.diagnostics.retain(|found| !is_told(found));
    parsed.diagnostics.splice(0..0, mistakes);
    parsed
}

fn overlap(one: Span, other: Span) -> bool {
    one.file == other.file && one.start <= other.end && other.start <= one.end
}

/// What is wrong with the macros of the project and its packages, called or not.
fn macro_mistakes(project: &Project, engine: &Engine) -> Vec<Diagnostic> {
    let infos: Vec<_> = engine.macros().values().collect();
    let is_written = |info: &&&MacroInfo| project.package(&info.package).is_some();
    let written = infos.par_iter().filter(is_written);
    written.filter_map(|info| engine.macro_mistake(&info.unique_id)).collect()
}

/// Snapshots in YAML and tests, as they stand among dbt's `nodes`.
fn declared(place: Place<'_>, file: &PropertyFile) -> Found {
    let mut found = property_tests::of_resources(place, file);
    let snapshots = snapshots::in_properties(place, file);
    found.nodes.extend(snapshots.nodes);
    found.diagnostics.extend(snapshots.diagnostics);
    found
}

/// Sources, exposures and what is carried along.
fn other(place: Place<'_>, file: &PropertyFile) -> Found {
    let mut found = sources::parse(place, file);
    for more in [exposures::parse(place, file), carried::parse(place, file)] {
        found.nodes.extend(more.nodes);
        found.diagnostics.extend(more.diagnostics);
    }
    found
}

fn take_all(parsed: &mut Warned<Vec<ParsedNode>>, found: Vec<Found>) {
    parsed.value.reserve_exact(found.iter().map(|found| found.nodes.len()).sum());
    for found in found {
        parsed.value.extend(found.nodes);
        parsed.diagnostics.extend(found.diagnostics);
    }
}

/// The path of a property file inside the folder in which it was found.
pub(crate) fn path_in_folder(package: &Package, path: &ProjectPath) -> ProjectPath {
    let settings = &package.settings;
    let folders = [
        &settings.model_paths,
        &settings.seed_paths,
        &settings.snapshot_paths,
        &settings.analysis_paths,
        &settings.macro_paths,
        &settings.test_paths,
        &settings.function_paths,
    ];
    let relative = folders.into_iter().flatten().filter_map(|folder| path.relative_to(folder));
    relative.min_by_key(|path| path.as_str().len()).unwrap_or_else(|| path.clone())
}

/// Where a property file is, inside its package.
fn file_path(file: &PropertyFile) -> ProjectPath {
    file.path.clone().unwrap_or_else(|| ProjectPath::new("schema.yml"))
}
