//! Metrics, semantic models and saved queries as dbt's manifest has them.

use project::ResourceType;
use serde_json::{Map, Value, json};

use crate::graph::Graph;
use crate::node::{Node, NodeDetails};

/// The definition with what all nodes have.
pub fn dictionary(graph: &Graph, node: &Node) -> Value {
    let NodeDetails::Carried(definition) = &node.details else { return Value::Null };
    let mut all = Map::new();
    all.insert("name".into(), json!(node.name));
    all.insert("resource_type".into(), json!(node.resource_type.as_str()));
    all.insert("package_name".into(), json!(&*node.package));
    all.insert("path".into(), json!(node.path.as_str()));
    all.insert("original_file_path".into(), json!(node.original_file_path.as_str()));
    all.insert("unique_id".into(), json!(&*node.unique_id));
    all.insert("fqn".into(), json!(node.fqn));
    if let Some(definition) = definition.as_object() {
        all.extend(definition.iter().map(|(key, value)| (key.clone(), value.clone())));
    }
    if node.resource_type == ResourceType::Metric || !node.description.is_empty() {
        all.insert("description".into(), json!(node.description));
    }
    all.insert("config".into(), json!(node.config.values));
    all.insert("unrendered_config".into(), json!(*node.unrendered_config));
    let parents: Vec<&str> =
        node.depends_on.iter().map(|parent| &*graph.node(*parent).unique_id).collect();
    all.insert("depends_on".into(), json!({"macros": [], "nodes": parents}));
    let refs: Vec<Value> = node
        .refs
        .iter()
        .map(|call| json!({"name": call.name, "package": call.package, "version": call.version}))
        .collect();
    all.insert("refs".into(), Value::Array(refs));
    all.insert("created_at".into(), json!(node.created_at));
    all.insert("group".into(), json!(node.group));
    if node.resource_type == ResourceType::Metric {
        all.insert("sources".into(), json!([]));
        all.insert("metrics".into(), json!(node.metrics));
    }
    Value::Object(all)
}
