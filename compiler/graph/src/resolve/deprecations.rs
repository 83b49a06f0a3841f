//! What dbt deprecates and only the whole graph shows: schemas that are none, packages that replace built-in
//! materializations, `modules.itertools`, names of exposures, older forms of the semantic layer.

use std::collections::BTreeSet;

use project::{Project, ProjectSettings, ResourceType};
use source::Diagnostic;
use source::codes::{
    CONFIG_INVALID, DEPRECATED_CUMULATIVE, DEPRECATED_EXPOSURE_NAME, DEPRECATED_ITERTOOLS,
    DEPRECATED_REPLACEMENT, DEPRECATED_SCHEMA_NONE, DEPRECATED_TIME_SPINE,
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
    diagnostics.extend(nodes.iter().filter_map(check_exposure_name));
    check_semantic_layer(nodes, &project.root().settings, diagnostics);
}

/// Names of exposures have letters, digits, underscores and hyphens.
fn check_exposure_name(node: &Node) -> Option<Diagnostic> {
    let is_plain = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-');
    if node.resource_type != ResourceType::Exposure || node.name.chars().all(is_plain) {
        return None;
    }
    let message = format!(
        "the name `{}` of an exposure has other characters than letters, digits and underscores",
        node.name
    );
    let diagnostic = Diagnostic::warning(DEPRECATED_EXPOSURE_NAME, message);
    let diagnostic = diagnostic.at_optional(place_of(node)).about(&*node.unique_id);
    Some(diagnostic.hint("say the rest in `label`"))
}

/// Older forms of time spines and cumulative metrics, in projects that have metrics over semantic models; two flags of
/// the project say what they are.
fn check_semantic_layer(
    nodes: &[Node],
    settings: &ProjectSettings,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let has = |kind: ResourceType| nodes.iter().any(|node| node.resource_type == kind);
    if !has(ResourceType::Metric) || !has(ResourceType::SemanticModel) {
        return;
    }
    let is_nested = settings.behaves("require_nested_cumulative_type_params");
    for node in nodes.iter().filter(|node| has_older_window(node)) {
        let message = format!(
            "`window` and `grain_to_date` of the metric `{}` stand outside of `cumulative_type_params`",
            node.name
        );
        let diagnostic = if is_nested {
            Diagnostic::error(CONFIG_INVALID, message)
        } else {
            Diagnostic::warning(DEPRECATED_CUMULATIVE, message)
        };
        let diagnostic = diagnostic.at_optional(place_of(node)).about(&*node.unique_id);
        diagnostics.push(diagnostic.hint("move them below `type_params.cumulative_type_params`"));
    }
    let is_needed = settings.behaves("require_yaml_configuration_for_mf_time_spines");
    let spine = nodes.iter().find(|node| {
        node.resource_type == ResourceType::Model && node.name == "metricflow_time_spine"
    });
    if let Some(spine) = spine.filter(|_| !is_needed && !nodes.iter().any(is_spine_of_days)) {
        let message = format!("the time spine `{}` is one by its name alone", spine.name);
        let diagnostic = Diagnostic::warning(DEPRECATED_TIME_SPINE, message);
        let diagnostic = diagnostic.at_optional(place_of(spine)).about(&*spine.unique_id);
        diagnostics.push(diagnostic.hint("give it `time_spine` in a property file"));
    }
}

fn has_older_window(node: &Node) -> bool {
    let NodeDetails::Carried(definition) = &node.details else { return false };
    let is_set = |path: &str| definition.pointer(path).is_some_and(|value| !value.is_null());
    node.resource_type == ResourceType::Metric
        && (is_set("/type_params/window") || is_set("/type_params/grain_to_date"))
}

/// Whether a model is a time spine whose column counts days.
fn is_spine_of_days(node: &Node) -> bool {
    let NodeDetails::Model(model) = &node.details else { return false };
    let Some(spine) = &model.time_spine else { return false };
    let column = spine.get("standard_granularity_column").and_then(serde_json::Value::as_str);
    let column = column.and_then(|name| node.columns.get(name));
    column.is_some_and(|column| column.granularity.as_deref() == Some("day"))
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
