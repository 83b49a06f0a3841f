//! What metrics, semantic models and saved queries say of each other and of their models, once all are known.

use std::collections::BTreeSet;

use project::ResourceType;
use serde_json::{Value, json};
use template::Engine;

use crate::node::{Node, NodeDetails, NodeIndex};
use crate::parse::semantics::inputs_of_metric;

/// Completes the definitions: measures of metrics, relations of semantic models, places of exports.
pub fn complete(engine: &Engine, nodes: &mut [Node]) {
    for at in 0..nodes.len() {
        let node = &nodes[at];
        let change: Option<(&str, Value)> = match node.resource_type {
            ResourceType::Metric => {
                let measures = measures_of(nodes, NodeIndex(at as u32), &mut BTreeSet::new());
                Some(("/type_params/input_measures", Value::Array(measures)))
            }
            ResourceType::SemanticModel => {
                let model = node.depends_on.first().map(|model| &nodes[model.0 as usize]);
                model.map(|model| ("/node_relation", relation_of(model)))
            }
            ResourceType::SavedQuery => {
                exports_of(engine, node).map(|exports| ("/exports", exports))
            }
            _ => None,
        };
        if let (Some((path, value)), NodeDetails::Carried(definition)) =
            (change, &mut nodes[at].details)
            && let Some(place) = definition.pointer_mut(path)
        {
            *place = value;
        }
    }
}

/// The measures of a metric: its own, then those of the metrics that it is made of, each once.
fn measures_of(nodes: &[Node], index: NodeIndex, seen: &mut BTreeSet<NodeIndex>) -> Vec<Value> {
    let node = &nodes[index.0 as usize];
    let NodeDetails::Carried(definition) = &node.details else { return Vec::new() };
    if node.resource_type != ResourceType::Metric || !seen.insert(index) {
        return Vec::new();
    }
    let (own, _) = inputs_of_metric(definition);
    let mut measures: Vec<Value> = Vec::new();
    for measure in own {
        if !measures.contains(&measure) {
            measures.push(measure);
        }
    }
    for parent in &node.depends_on {
        for measure in measures_of(nodes, *parent, seen) {
            if !measures.contains(&measure) {
                measures.push(measure);
            }
        }
    }
    measures
}

fn relation_of(model: &Node) -> Value {
    json!({
        "alias": model.alias,
        "schema_name": model.schema,
        "database": model.database,
        "relation_name": model.relation_name,
    })
}

/// Exports without a place go to the target's own, under their own names.
fn exports_of(engine: &Engine, node: &Node) -> Option<Value> {
    let NodeDetails::Carried(definition) = &node.details else { return None };
    let credentials = engine.credentials();
    let mut exports = definition.get("exports")?.clone();
    for export in exports.as_array_mut()? {
        let name = export.get("name").cloned().unwrap_or_default();
        let defaults = [
            ("schema_name", json!(credentials.schema)),
            ("alias", name),
            ("database", json!(credentials.database)),
        ];
        for (key, default) in defaults {
            if export["config"][key].is_null() {
                export["config"][key] = default;
            }
        }
    }
    Some(exports)
}
