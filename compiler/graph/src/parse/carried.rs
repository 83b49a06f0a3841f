//! Kinds that are defined in property files alone: metrics, semantic models, saved queries, unit tests.

use project::config::{OptionLayers, options_for};
use project::{ConfigOptions, PropertyFile, ResourceType};
use serde_json::Value;
use source::Diagnostic;
use source::codes::{PROPERTY_FILE_INVALID, TEST_INVALID};
use source::yaml::Node as Yaml;
use template::Reference;

use super::{Found, Place, file_path, model_semantics, path_in_folder, semantic_keys, semantics};
use crate::node::NodeDetails;
use crate::parsed_node::{ParsedNode, fqn};

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
    for model in &file.models {
        let Some(name) = &model.name else { continue };
        match model_semantics::of_model(model) {
            Ok(semantics) => {
                let written = semantics.model.map(|model| (ResourceType::SemanticModel, model));
                let metrics =
                    semantics.metrics.into_iter().map(|metric| (ResourceType::Metric, metric));
                for (kind, definition) in written.into_iter().chain(metrics) {
                    let entry = Yaml::from_json(definition, name.span);
                    carry(place, file, kind, &entry, &mut found);
                }
            }
            Err(problem) => {
                let message = format!("the model `{}`: {problem}", name.value);
                let diagnostic = Diagnostic::error(PROPERTY_FILE_INVALID, message).at(name.span);
                found.diagnostics.push(diagnostic);
            }
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
    let written = entry.to_json();
    let complete = match kind {
        ResourceType::UnitTest => super::unit_tests::complete(place.package, &written),
        ResourceType::Metric => semantics::metric(&written),
        ResourceType::SavedQuery => semantics::saved_query(&written),
        _ => check_keys(file, entry, &written)
            .and_then(|()| semantics::semantic_model(&written))
            .map(|(definition, metrics)| {
                for metric in metrics {
                    carry_created_metric(place, file, metric, entry, found);
                }
                definition
            }),
    };
    let definition = match complete {
        Ok(definition) => definition,
        Err(problem) => {
            let message = format!("the {} `{name}`: {problem}", kind.as_str().replace('_', " "));
            let code = match kind {
                ResourceType::UnitTest => TEST_INVALID,
                _ => PROPERTY_FILE_INVALID,
            };
            found.diagnostics.push(Diagnostic::error(code, message).at(entry.span));
            return;
        }
    };
    let path = file_path(file);
    let relative = path_in_folder(place.package, &path);
    let mut node =
        ParsedNode::new(kind, place.name, name, NodeDetails::Carried(Box::new(definition)));
    node.fqn = fqn(place.name, &relative, &[name]);
    if kind == ResourceType::UnitTest {
        let model = entry.get("model").and_then(Yaml::as_str).unwrap_or_default();
        node.unique_id = format!("unit_test.{}.{model}.{name}", place.name).into();
        node.fqn = fqn(place.name, &relative, &[model, name]);
        node.uses.refs.push(template::RefCall {
            package: None,
            name: model.to_owned(),
            version: None,
            span: entry.get("model").map(|model| model.span),
        });
    }
    if let Some(model) = entry.get("model").filter(|_| kind == ResourceType::SemanticModel) {
        let text = model.as_str().unwrap_or_default();
        if let Ok(Reference::Ref(call)) = place.engine.evaluate_reference(text) {
            node.uses.refs.push(template::RefCall { span: Some(model.span), ..call });
        } else {
            let message = format!("the semantic model `{name}` names no model");
            let diagnostic = Diagnostic::error(PROPERTY_FILE_INVALID, message).at(model.span);
            found.diagnostics.push(diagnostic.hint("write `model: ref('name')`"));
            return;
        }
    }
    node.path = relative;
    node.original_file_path = path;
    node.span = Some(entry.span);
    let description = entry.get("description").and_then(Yaml::as_str).unwrap_or_default();
    description.clone_into(&mut node.description);
    if let Some(config) = entry.get("config").and_then(Yaml::as_mapping) {
        node.properties =
            config.iter().map(|(key, _, value)| (key.to_owned(), value.to_json())).collect();
    }
    found.nodes.push(node);
}

/// The metric that a measure with `create_metric` is; it stands where its semantic model does.
fn carry_created_metric(
    place: Place<'_>,
    file: &PropertyFile,
    mut written: Value,
    entry: &Yaml,
    found: &mut Found,
) {
    take_configuration_over(place, file, &mut written, entry);
    let name = written.get("name").and_then(Value::as_str).unwrap_or_default();
    let definition = match semantics::metric(&written) {
        Ok(definition) => definition,
        Err(problem) => {
            let message = format!("the metric `{name}`, made of a measure: {problem}");
            let diagnostic = Diagnostic::error(PROPERTY_FILE_INVALID, message).at(entry.span);
            found.diagnostics.push(diagnostic);
            return;
        }
    };
    let path = file_path(file);
    let relative = path_in_folder(place.package, &path);
    let details = NodeDetails::Carried(Box::new(definition));
    let mut node = ParsedNode::new(ResourceType::Metric, place.name, name, details);
    node.fqn = fqn(place.name, &relative, &[name]);
    node.path = relative;
    node.original_file_path = path;
    node.span = Some(entry.span);
    let text = |key: &str| written.get(key).and_then(Value::as_str).unwrap_or_default();
    text("description").clone_into(&mut node.description);
    if let Some(config) = written.get("config").and_then(Value::as_object) {
        node.properties = config.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    }
    found.nodes.push(node);
}

/// The metric is switched on as its semantic model is, and has its `meta`: what the project files say of that is in it.
fn take_configuration_over(
    place: Place<'_>,
    file: &PropertyFile,
    written: &mut Value,
    entry: &Yaml,
) {
    let name = entry.get("name").and_then(Yaml::as_str).unwrap_or_default();
    let own = entry.get("config").and_then(Yaml::as_mapping);
    let own = own.into_iter().flat_map(source::yaml::Mapping::iter);
    let properties = own.map(|(key, _, value)| (key.to_owned(), value.to_json())).collect();
    let layers = OptionLayers {
        package: place.name,
        resource_type: ResourceType::SemanticModel,
        fqn: &fqn(place.name, &path_in_folder(place.package, &file_path(file)), &[name]),
        properties: &properties,
        in_file: &ConfigOptions::new(),
    };
    let options = options_for(place.project, layers);
    for key in ["enabled", "meta"] {
        if let Some(value) = options.get(key) {
            written["config"][key] = value.clone();
        }
    }
}

/// The keys of a semantic model that stands in the file by itself; those of a model's own are the model's.
fn check_keys(file: &PropertyFile, entry: &Yaml, written: &Value) -> Result<(), String> {
    let is_by_itself = file.semantic_models.iter().any(|one| std::ptr::eq(one, entry));
    if is_by_itself { semantic_keys::check_semantic_model(written) } else { Ok(()) }
}
