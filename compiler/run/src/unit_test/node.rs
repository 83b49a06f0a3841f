//! A unit test as the node that dbt makes of it when it runs: the tested model's query under the test's name.

use graph::{Graph, Node, NodeDetails, NodeIndex};
use indexmap::IndexMap;
use project::{ConfigOptions, ResourceType};
use serde_json::{Value, json};

use super::rows::Rows;
use crate::compiled::CompiledNode;
use crate::scope::SharedScope;

/// The configuration of the node; that of the test itself does not count, as in dbt.
pub(super) fn config(expected: &Rows) -> IndexMap<String, Value> {
    let mut config =
        project::config::settle(ResourceType::Operation, &ConfigOptions::new()).value.values;
    config.insert("materialized".to_owned(), json!("unit"));
    let (rows, sql) = expected.as_config();
    config.insert("expected_rows".to_owned(), rows);
    config.insert("expected_sql".to_owned(), sql);
    config
}

/// The id of the model that stands for an input; two sources may have tables of one name.
pub(super) fn input_id(node: &Node) -> String {
    match &node.details {
        NodeDetails::Source(source) => {
            format!("model.{}.{}__{}", node.package, source.source_name, node.name)
        }
        _ => format!("model.{}.{}", node.package, node.name),
    }
}

/// The name of the node: that of the test, with the version of the model where it has one.
pub(super) fn name(graph: &Graph, node: &Node, tested: NodeIndex) -> String {
    match &graph.node(tested).details {
        NodeDetails::Model(model) if model.version.is_some() => {
            let version = model.version.as_ref().map(graph::version::text).unwrap_or_default();
            format!("{}_v{version}", node.name)
        }
        _ => node.name.clone(),
    }
}

/// The node's dictionary, not compiled; dbt's `UnitTestNode`.
pub(super) fn dictionary(
    graph: &Graph,
    index: NodeIndex,
    tested: NodeIndex,
    inputs: &[NodeIndex],
    config: &IndexMap<String, Value>,
) -> Value {
    let node = graph.node(index);
    let of_model = graph.node(tested);
    let name = name(graph, node, tested);
    let mut parents: Vec<String> =
        inputs.iter().map(|input| input_id(graph.node(*input))).collect();
    let functions = of_model.depends_on.iter().map(|parent| graph.node(*parent));
    let functions = functions.filter(|parent| parent.resource_type == ResourceType::Function);
    parents.extend(functions.map(|function| function.unique_id.to_string()));
    let of_tested = graph::node_dictionary(graph, tested);
    let part = |key: &str| of_tested.get(key).cloned().unwrap_or_default();
    let overrides = match &node.details {
        NodeDetails::Carried(definition) => definition.get("overrides").cloned(),
        _ => None,
    };
    let this_input = inputs.contains(&tested).then(|| input_id(of_model));
    json!({
        "database": of_model.database,
        "schema": of_model.schema,
        "name": name,
        "resource_type": "unit_test",
        "package_name": &*node.package,
        "path": graph::unit_test_path(node, &name),
        "original_file_path": node.original_file_path.as_str(),
        "unique_id": &*node.unique_id,
        "fqn": node.unique_id.split('.').collect::<Vec<_>>(),
        "alias": name,
        "checksum": {"name": "none", "checksum": ""},
        "config": config,
        "tags": [],
        "description": "",
        "columns": {},
        "meta": {},
        "group": null,
        "docs": {"show": true, "node_color": null},
        "patch_path": null,
        "build_path": null,
        "unrendered_config": {},
        "created_at": node.created_at,
        "config_call_dict": {},
        "unrendered_config_call_dict": {},
        "relation_name": null,
        "raw_code": &*of_model.raw_code,
        "doc_blocks": [],
        "language": "sql",
        "refs": part("refs"),
        "sources": part("sources"),
        "metrics": part("metrics"),
        "functions": part("functions"),
        "depends_on": {"macros": [], "nodes": parents},
        "compiled_path": null,
        "contract": {"enforced": false, "alias_types": true, "checksum": null},
        "tested_node_unique_id": &*of_model.unique_id,
        "this_input_node_unique_id": this_input,
        "overrides": overrides,
    })
}

/// The test in `results`: the node when it ran, its definition when it came not so far.
pub(crate) fn shown(scope: &SharedScope, index: NodeIndex, compiled: &CompiledNode) -> Value {
    let Some(dictionary) = &compiled.unit_test else {
        return graph::shown_node(&scope.graph, index);
    };
    let mut shown = (**dictionary).clone();
    if let Some(entries) = shown.as_object_mut() {
        compiled.add_to(scope.graph.node(index), scope.target_path(), entries);
    }
    shown
}
