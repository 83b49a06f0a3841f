//! `quern ls`: the nodes that a selection means.

use graph::{Node, NodeDetails, NodeIndex, fingerprint, inputs_of, node_dictionary};
use project::ResourceType;
use serde_json::{Map, Value};

use super::Outcome;
use crate::artifacts::write_artifacts;
use crate::invocation::Invocation;
use crate::selecting::{Kinds, select};
use crate::stages::{Prepared, prepare};
use crate::ui::event::LogEvent;

const USUAL: &[ResourceType] = &[
    ResourceType::Model,
    ResourceType::Snapshot,
    ResourceType::Seed,
    ResourceType::Test,
    ResourceType::Source,
    ResourceType::Exposure,
    ResourceType::Metric,
    ResourceType::SavedQuery,
    ResourceType::SemanticModel,
    ResourceType::UnitTest,
    ResourceType::Function,
];

const ALL: &[ResourceType] = &[
    ResourceType::Model,
    ResourceType::Snapshot,
    ResourceType::Seed,
    ResourceType::Test,
    ResourceType::Source,
    ResourceType::Exposure,
    ResourceType::Metric,
    ResourceType::SavedQuery,
    ResourceType::SemanticModel,
    ResourceType::UnitTest,
    ResourceType::Function,
    ResourceType::Analysis,
];

/// The keys of `--output json` when nobody names any.
const KEYS: &[&str] = &[
    "alias",
    "name",
    "package_name",
    "depends_on",
    "direct_parents",
    "tags",
    "config",
    "resource_type",
    "source_name",
    "original_file_path",
    "unique_id",
];

/// Runs the command.
pub(crate) fn run(invocation: &Invocation) -> Outcome {
    let prepared = prepare(invocation)?;
    let graph = &prepared.graph;
    let selection =
        select(invocation, &prepared, &Kinds { usual: USUAL, all: ALL, keeps_empty_nodes: true })?;
    let mut selected = selection.nodes;
    selected.sort_by(|one, other| graph.node(*one).unique_id.cmp(&graph.node(*other).unique_id));
    let keys: Vec<String> = invocation
        .settings
        .list("output-keys")
        .iter()
        .flat_map(|keys| keys.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    for index in selected {
        let node = graph.node(index);
        let line = match invocation.settings.text("output") {
            Some("name") => search_name(node),
            Some("path") => node.original_file_path.as_str().to_owned(),
            Some("json") => json_line(&prepared, index, &keys),
            _ => selector(node),
        };
        invocation.console.fire(&LogEvent::print(&line));
    }
    write_artifacts(invocation, &prepared, None)?;
    Ok(true)
}

/// The selector that means the node and nothing else.
fn selector(node: &Node) -> String {
    let named = |kind: &str| format!("{kind}:{}.{}", node.package, node.name);
    match (&node.details, node.resource_type) {
        (NodeDetails::Source(source), _) => {
            format!("source:{}.{}.{}", node.package, source.source_name, node.name)
        }
        (_, ResourceType::Exposure) => named("exposure"),
        (_, ResourceType::Metric) => named("metric"),
        (_, ResourceType::SavedQuery) => named("saved_query"),
        (_, ResourceType::SemanticModel) => named("semantic_model"),
        (NodeDetails::Carried(definition), ResourceType::UnitTest) => {
            match definition.get("version") {
                None | Some(Value::Null) => named("unit_test"),
                Some(version) => {
                    format!("{}_v{}", named("unit_test"), version.to_string().trim_matches('"'))
                }
            }
        }
        _ => node.fqn.join("."),
    }
}

/// The name by which a node is searched: with its source, or its version.
fn search_name(node: &Node) -> String {
    match &node.details {
        NodeDetails::Source(source) => format!("{}.{}", source.source_name, node.name),
        NodeDetails::Model(model) => match &model.version {
            Some(Value::String(version)) => format!("{}.v{version}", node.name),
            Some(version) => format!("{}.v{version}", node.name),
            None => node.name.clone(),
        },
        _ => node.name.clone(),
    }
}

/// Whether dbt's dictionary of the node has one of the usual keys.
fn has_key(node: &Node, key: &str) -> bool {
    match (key, &node.details) {
        ("tags", _) => node.resource_type != ResourceType::UnitTest,
        ("alias" | "depends_on", NodeDetails::Source(_))
        | ("alias", NodeDetails::Exposure(_) | NodeDetails::Carried(_)) => false,
        _ => true,
    }
}

fn json_line(prepared: &Prepared, index: NodeIndex, keys: &[String]) -> String {
    let graph = &prepared.graph;
    let mut dictionary = node_dictionary(graph, index);
    let node = graph.node(index);
    if let (Value::Object(entries), ResourceType::Model) = (&mut dictionary, node.resource_type) {
        let parents = node
            .depends_on
            .iter()
            .map(|parent| Value::String(graph.node(*parent).unique_id.to_string()));
        entries.insert("direct_parents".into(), parents.collect());
    }
    if let Value::Object(entries) = &mut dictionary {
        add_own_keys(prepared, index, keys, entries);
    }
    let mut chosen = Map::new();
    if keys.is_empty() {
        // dbt prints the keys in the order of its dictionaries.
        for (key, value) in dictionary.as_object().into_iter().flatten() {
            if KEYS.contains(&key.as_str()) && has_key(node, key) {
                chosen.insert(key.clone(), value.clone());
            }
        }
    } else {
        for key in keys {
            let value = key.split('.').try_fold(&dictionary, |value, part| value.get(part));
            // A plain key that is there is printed even when it is null; a path to nothing is not.
            let is_shown = |value: &&Value| !key.contains('.') || !value.is_null();
            if let Some(value) = value.filter(is_shown).filter(|_| has_key(node, key)) {
                chosen.insert(key.clone(), value.clone());
            }
        }
    }
    Value::Object(chosen).to_string()
}

/// Keys that dbt does not have, for who names them: what the node's code is, and what it reads from outside.
fn add_own_keys(
    prepared: &Prepared,
    index: NodeIndex,
    keys: &[String],
    entries: &mut Map<String, Value>,
) {
    let is_asked = |name: &str| keys.iter().any(|key| key == name);
    let (graph, engine) = (&prepared.graph, &prepared.engine);
    if is_asked("fingerprint") {
        let print = fingerprint(graph, engine, index, &graph.project.quern.session.variable);
        entries.insert("fingerprint".into(), Value::String(print));
    }
    if is_asked("vars") || is_asked("env_vars") {
        let inputs = inputs_of(graph, engine, index);
        entries.insert("vars".into(), inputs.variables.into());
        entries.insert("env_vars".into(), inputs.environment.into());
    }
}
