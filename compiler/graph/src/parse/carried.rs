//! Kinds whose definitions are carried along as written: metrics, semantic models, saved queries, unit tests.

use project::{PropertyFile, ResourceType};
use serde_json::Value;
use source::Diagnostic;
use source::codes::{PROPERTY_FILE_INVALID, TEST_INVALID};
use source::yaml::Node as Yaml;

use super::{Found, Place, file_path, path_in_folder};
use crate::node::NodeDetails;
use crate::parsed_node::{ParsedNode, fqn};
use crate::semantic::{complete, metrics_of_measures};

/// What a file declares of these kinds.
pub fn parse(place: Place<'_>, file: &PropertyFile) -> Found {
    let mut found = Found::default();
    let kinds = [
        (ResourceType::Metric, &file.metrics),
        (ResourceType::SemanticModel, &file.semantic_models),
        (ResourceType::SavedQuery, &file.saved_queries),
        (ResourceType::UnitTest, &file.unit_tests),
    ];
    for (kind, entries) in kinds {
        for entry in entries {
            carry(place, file, kind, entry, &mut found);
        }
    }
    found
}

fn carry(
    place: Place<'_>,
    file: &PropertyFile,
    kind: ResourceType,
    entry: &Yaml,
    found: &mut Found,
) {
    let Some(name) = entry.get("name").and_then(Yaml::as_str) else {
        let message = format!("a {} needs a `name`", kind.as_str().replace('_', " "));
        found.diagnostics.push(Diagnostic::error(PROPERTY_FILE_INVALID, message).at(entry.span));
        return;
    };
    let mut definition = entry.to_json();
    if kind == ResourceType::UnitTest {
        match super::unit_tests::complete(place.package, &definition) {
            Ok(complete) => definition = complete,
            Err(problem) => {
                let message = format!("the unit test `{name}`: {problem}");
                found.diagnostics.push(Diagnostic::error(TEST_INVALID, message).at(entry.span));
                return;
            }
        }
    }
    let model = entry.get("model").and_then(Yaml::as_str).unwrap_or_default();
    let reference = match kind {
        ResourceType::SemanticModel => match place.engine.evaluate_reference(model) {
            Ok(reference) => Some(reference),
            Err(diagnostic) => {
                found.diagnostics.push(diagnostic.at(entry.span));
                return;
            }
        },
        _ => None,
    };
    let metrics = if kind == ResourceType::SemanticModel {
        metrics_of_measures(&definition)
    } else {
        Vec::new()
    };
    definition = complete(kind, &definition);
    let path = file_path(file);
    let relative = path_in_folder(place.package, &path);
    let mut node =
        ParsedNode::new(kind, place.name, name, NodeDetails::Carried(Box::new(definition)));
    node.fqn = fqn(place.name, &relative, &[name]);
    if kind == ResourceType::UnitTest {
        node.unique_id = format!("unit_test.{}.{model}.{name}", place.name).into();
        node.fqn = fqn(place.name, &relative, &[model, name]);
        node.uses.refs.push(template::RefCall {
            package: None,
            name: model.to_owned(),
            version: None,
            span: entry.get("model").map(|model| model.span),
        });
    }
    reference.into_iter().for_each(|reference| node.uses.add(reference));
    node.path = relative;
    node.original_file_path = path;
    node.span = Some(entry.span);
    let description = entry.get("description").and_then(Yaml::as_str).unwrap_or_default();
    description.clone_into(&mut node.description);
    if let Some(config) = entry.get("config").and_then(Yaml::as_mapping) {
        node.properties =
            config.iter().map(|(key, _, value)| (key.to_owned(), value.to_json())).collect();
    }
    for metric in metrics {
        found.nodes.push(made_metric(&node, place, &metric));
    }
    found.nodes.push(node);
}

/// The metric that a semantic model makes of one of its measures.
fn made_metric(semantic_model: &ParsedNode, place: Place<'_>, metric: &Value) -> ParsedNode {
    let name = metric.get("name").and_then(Value::as_str).unwrap_or_default();
    let definition = complete(ResourceType::Metric, metric);
    let details = NodeDetails::Carried(Box::new(definition));
    let mut node = ParsedNode::new(ResourceType::Metric, place.name, name, details);
    node.path.clone_from(&semantic_model.path);
    node.fqn = fqn(place.name, &semantic_model.path, &[name]);
    node.original_file_path.clone_from(&semantic_model.original_file_path);
    node.span = semantic_model.span;
    let description = metric.get("description").and_then(Value::as_str).unwrap_or_default();
    description.clone_into(&mut node.description);
    node.properties.clone_from(&semantic_model.properties);
    node
}
