//! What dbt deprecates and only the whole graph shows: schemas that are none, packages that replace built-in
//! materializations, `modules.itertools`.

use std::collections::BTreeSet;

use project::{Project, ProjectSettings, ResourceType};
use source::Diagnostic;
use source::codes::{
    CONFIG_INVALID, DEPRECATED_ITERTOOLS, DEPRECATED_REPLACEMENT, DEPRECATED_SCHEMA_NONE,
};
use template::Engine;

use crate::lookup::place_of;
use crate::node::{Node, NodeDetails};

/// All of them.
pub fn check(
    nodes: &[Node],
    engine: &Engine,
    project: &Project,
    diagnostics: &mut Vec<Diagnostic>,
) {
    check_schemas(nodes, &project.root().settings, diagnostics);
    check_materializations(nodes, engine, diagnostics);
    check_itertools(nodes, engine, project, diagnostics);
}

/// A schema that is none is refused or deprecated, as a flag of the project says.
fn check_schemas(nodes: &[Node], settings: &ProjectSettings, diagnostics: &mut Vec<Diagnostic>) {
    let is_refused = settings.behaves("require_valid_schema_from_generate_schema_name");
    let made = nodes.iter().filter(|node| {
        let is_named = !matches!(
            node.details,
            NodeDetails::Source(_) | NodeDetails::Exposure(_) | NodeDetails::Carried(_)
        );
        is_named && node.schema.is_empty()
    });
    for node in made {
        let message =
            format!("`generate_schema_name` gives none as the schema of `{}`", node.unique_id);
        let diagnostic = if is_refused {
            Diagnostic::error(CONFIG_INVALID, message)
        } else {
            Diagnostic::warning(DEPRECATED_SCHEMA_NONE, message)
        };
        let hint = "let the macro give the name of a schema in all cases, such as `target.schema`";
        diagnostics.push(diagnostic.at_optional(place_of(node)).about(&*node.unique_id).hint(hint));
    }
}

/// Packages whose macros stand in the place of built-in materializations.
fn check_materializations(nodes: &[Node], engine: &Engine, diagnostics: &mut Vec<Diagnostic>) {
    let is_built = |node: &&Node| {
        matches!(
            node.resource_type,
            ResourceType::Model | ResourceType::Seed | ResourceType::Snapshot
        )
    };
    let used: BTreeSet<&str> =
        nodes.iter().filter(is_built).map(|node| node.config.materialized()).collect();
    diagnostics.extend(used.into_iter().filter_map(|materialization| {
        let package = engine.replacing_package(materialization)?;
        let message = format!(
            "the package `{package}` replaces the built-in materialization `{materialization}`"
        );
        let hint = format!(
            "write a materialization of that name in the project that returns `{package}.materialization_{materialization}_default()`"
        );
        Some(Diagnostic::warning(DEPRECATED_REPLACEMENT, message).hint(hint))
    }));
}

/// Uses of `modules.itertools` in the project's own texts.
fn check_itertools(
    nodes: &[Node],
    engine: &Engine,
    project: &Project,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let reads = |code: &str| code.contains("modules.itertools");
    let root = &project.root().settings.name;
    let of_nodes = nodes
        .iter()
        .filter(|node| reads(&node.raw_code))
        .map(|node| (&*node.unique_id, place_of(node)));
    let of_macros = engine
        .macros()
        .values()
        .filter(|known| *known.package == **root && reads(&known.code))
        .map(|known| (&*known.unique_id, Some(known.span)));
    for (unique_id, place) in of_nodes.chain(of_macros) {
        let message = format!("`{unique_id}` uses `modules.itertools`");
        let hint = "loops and filters of Jinja do the same, as the macros of `dbt_utils` show";
        let diagnostic = Diagnostic::warning(DEPRECATED_ITERTOOLS, message).about(unique_id);
        diagnostics.push(diagnostic.at_optional(place).hint(hint));
    }
}
