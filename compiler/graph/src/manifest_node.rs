//! A node as dbt's manifest describes it: `model` in templates, and the entries of `graph`.

use indexmap::IndexMap;
use project::ResourceType;
use serde_json::{Map, Value, json};

use crate::checksums::contract_checksum;
use crate::graph::Graph;
use crate::node::{ColumnInfo, FunctionOverload, Node, NodeDetails, NodeIndex};
use crate::semantic;
use crate::shown_node::{shown, shown_node};

/// The dictionary of a node; dbt's `to_dict`.
pub fn node_dictionary(graph: &Graph, index: NodeIndex) -> Value {
    dictionary_in(graph, graph.node(index))
}

/// The dictionary of a node that may stand beside the graph.
pub(crate) fn dictionary_in(graph: &Graph, node: &Node) -> Value {
    match node.resource_type {
        ResourceType::Metric | ResourceType::SemanticModel | ResourceType::SavedQuery => {
            semantic::dictionary(graph, node)
        }
        _ => dictionary(node, &parents(graph, node)),
    }
}

fn parents<'g>(graph: &'g Graph, node: &Node) -> Vec<&'g str> {
    node.depends_on.iter().map(|parent| &*graph.node(*parent).unique_id).collect()
}

/// The entry `depends_on` of a node: the macros that parsing saw, and its parents.
pub fn depends_on_entry(graph: &Graph, node: &Node) -> Value {
    depends_on_parents(node, &parents(graph, node))
}

fn depends_on_parents(node: &Node, parents: &[&str]) -> Value {
    let macros: Vec<&str> = node.depends_on_macros.iter().map(|id| &**id).collect();
    if matches!(node.details, NodeDetails::Seed { .. }) {
        return json!({"macros": macros});
    }
    json!({"macros": macros, "nodes": parents})
}

/// All nodes as templates see them in `graph`: `nodes`, `sources`, `exposures`, `groups` and so on, by unique id.
pub fn graph_dictionary(graph: &Graph) -> Value {
    let mut all = Map::new();
    for key in [
        "exposures",
        "functions",
        "groups",
        "metrics",
        "nodes",
        "sources",
        "semantic_models",
        "saved_queries",
        "unit_tests",
    ] {
        all.insert(key.to_owned(), Value::Object(Map::new()));
    }
    let mut put = |key: &str, id: &str, value: Value| {
        if let Some(entries) = all.get_mut(key).and_then(Value::as_object_mut) {
            entries.insert(id.to_owned(), value);
        }
    };
    for (id, index) in &graph.index {
        let key = match graph.node(*index).resource_type {
            ResourceType::Source => "sources",
            ResourceType::Exposure => "exposures",
            ResourceType::Metric => "metrics",
            ResourceType::SemanticModel => "semantic_models",
            ResourceType::SavedQuery => "saved_queries",
            ResourceType::Function => "functions",
            ResourceType::UnitTest => "unit_tests",
            _ => "nodes",
        };
        let value = match graph.node(*index).resource_type {
            ResourceType::Metric | ResourceType::SemanticModel | ResourceType::SavedQuery => {
                node_dictionary(graph, *index)
            }
            _ => shown_node(graph, *index),
        };
        put(key, id, value);
    }
    // Tests that refer to what is not there are listed all the same.
    for node in &graph.disabled {
        if matches!(&node.details, NodeDetails::Test(test) if test.is_left_out) {
            put("nodes", &node.unique_id, shown(graph, node));
        }
    }
    for group in graph.groups.values() {
        let value = json!({
            "name": group.name,
            "resource_type": "group",
            "package_name": &*group.package,
            "path": group.path.as_str(),
            "original_file_path": group.original_file_path.as_str(),
            "unique_id": group.unique_id,
            "owner": owner(&group.owner),
            "description": Some(&group.description).filter(|text| !text.is_empty()),
            "config": group.config,
        });
        put("groups", &group.unique_id, value);
    }
    Value::Object(all)
}

/// Who answers for it, in dbt's order: `email` and `name` are there always.
fn owner(written: &IndexMap<String, Value>) -> Value {
    let mut entries = Map::new();
    for key in ["email", "name"] {
        entries.insert(key.to_owned(), written.get(key).cloned().unwrap_or_default());
    }
    let others = written.iter().map(|(key, value)| (key.clone(), value.clone()));
    entries.extend(others.filter(|(key, _)| !matches!(key.as_str(), "email" | "name")));
    Value::Object(entries)
}

/// The dictionary of a node whose parents are known by unique id.
pub fn dictionary(node: &Node, depends_on: &[&str]) -> Value {
    let mut all = Map::new();
    let mut put = |key: &str, value: Value| _ = all.insert(key.to_owned(), value);
    put("database", json!(node.database));
    put("schema", json!(node.schema));
    put("name", json!(node.name));
    put("resource_type", json!(node.resource_type.as_str()));
    put("package_name", json!(&*node.package));
    put("path", json!(node.path.as_str()));
    put("original_file_path", json!(node.original_file_path.as_str()));
    put("unique_id", json!(&*node.unique_id));
    put("fqn", json!(node.fqn));
    put("alias", json!(node.alias));
    put("checksum", json!({"name": node.checksum.0, "checksum": node.checksum.1}));
    put("config", json!(node.config.values));
    put("tags", json!(node.tags));
    put("description", json!(node.description));
    let columns =
        node.columns.iter().map(|(name, column)| (name.clone(), column_dictionary(column)));
    put("columns", Value::Object(columns.collect()));
    put("meta", node.config.get("meta").cloned().unwrap_or_else(|| json!({})));
    put("group", json!(node.group));
    put(
        "docs",
        node.config
            .get("docs")
            .cloned()
            .unwrap_or_else(|| json!({"show": true, "node_color": null})),
    );
    put("patch_path", json!(node.patch_path));
    put("build_path", Value::Null);
    put("unrendered_config", json!(*node.unrendered_config));
    put("created_at", json!(node.created_at));
    put("relation_name", json!(node.relation_name));
    put("raw_code", json!(&*node.raw_code));
    put("doc_blocks", json!(node.doc_blocks));
    put("language", json!(node.language()));
    let refs = node
        .refs
        .iter()
        .map(|call| json!({"name": call.name, "package": call.package, "version": call.version}));
    put("refs", refs.collect());
    put("sources", node.sources.iter().map(|call| json!([call.source, call.table])).collect());
    put("metrics", json!(node.metrics));
    put("functions", json!(node.functions));
    put("depends_on", depends_on_parents(node, depends_on));
    put("compiled_path", Value::Null);
    let contract = node.config.get("contract");
    let contract = |key: &str| contract.and_then(|contract| contract.get(key)).cloned();
    put(
        "contract",
        json!({
            "enforced": contract("enforced").unwrap_or(Value::Bool(false)),
            "alias_types": contract("alias_types").unwrap_or(Value::Bool(true)),
            "checksum": contract_checksum(node),
        }),
    );
    put_details(node, &mut put);
    Value::Object(all)
}

fn put_details(node: &Node, put: &mut impl FnMut(&str, Value)) {
    match &node.details {
        NodeDetails::Model(model) => {
            put("access", json!(model.access));
            put("constraints", json!(model.constraints));
            put("version", json!(model.version));
            put("latest_version", json!(model.latest_version));
            put("deprecation_date", json!(model.deprecation_date));
            put("primary_key", json!(model.primary_key));
            put("time_spine", json!(model.time_spine));
        }
        NodeDetails::Test(test) => {
            put("column_name", json!(test.column_name));
            put("file_key_name", json!(test.file_key_name));
            put("attached_node", json!(test.attached_node.as_deref()));
            if let Some(generic) = &test.generic {
                let metadata = json!({"name": generic.name, "kwargs": generic.written_arguments(), "namespace": generic.namespace});
                put("test_metadata", metadata);
            }
        }
        NodeDetails::Seed { root_path, .. } => put("root_path", json!(root_path.to_string_lossy())),
        NodeDetails::Operation { index, .. } => put("index", json!(index)),
        NodeDetails::Source(source) => {
            put("source_name", json!(source.source_name));
            put("source_description", json!(source.source_description));
            put("loader", json!(source.loader));
            put("identifier", json!(source.identifier));
            let quoted = |part: &str| source.quoting.get(part).copied();
            put(
                "quoting",
                json!({
                    "database": quoted("database"),
                    "schema": quoted("schema"),
                    "identifier": quoted("identifier"),
                    "column": quoted("column"),
                }),
            );
            put("unrendered_database", json!(source.unrendered_database));
            put("unrendered_schema", json!(source.unrendered_schema));
            put("loaded_at_field", json!(source.loaded_at_field));
            put("loaded_at_query", json!(source.loaded_at_query));
            put("freshness", json!(source.freshness));
            put("external", json!(source.external));
            put("source_meta", json!(source.source_meta));
        }
        NodeDetails::Function(function) => {
            put("arguments", function.arguments.iter().map(argument_dictionary).collect());
            put("returns", returned_dictionary(function.returns.as_ref()));
            put("overloads", function.overloads.iter().map(overload_dictionary).collect());
        }
        NodeDetails::Exposure(exposure) => {
            put("type", json!(exposure.kind));
            put("owner", owner(&exposure.owner));
            put("label", json!(exposure.label));
            put("url", json!(exposure.url));
            put("maturity", json!(exposure.maturity));
        }
        NodeDetails::Carried(value) => {
            for (key, value) in value.as_object().into_iter().flatten() {
                if !matches!(key.as_str(), "name" | "config" | "description" | "meta" | "tags") {
                    put(key, value.clone());
                }
            }
        }
        NodeDetails::Snapshot | NodeDetails::Analysis => {}
    }
}

/// An argument of a function, with all of dbt's keys.
pub fn argument_dictionary(written: &Value) -> Value {
    let of = |key: &str| written.get(key).cloned().unwrap_or_default();
    json!({
        "name": of("name"),
        "data_type": of("data_type"),
        "description": of("description"),
        "default_value": of("default_value"),
    })
}

/// The result of a function, with all of dbt's keys and its word where no property file says it.
pub fn returned_dictionary(written: Option<&Value>) -> Value {
    let of = |key: &str| written.and_then(|written| written.get(key)).cloned();
    json!({
        "data_type": of("data_type").unwrap_or_else(|| Value::from("INVALID_TYPE")),
        "description": of("description"),
    })
}

/// An overload of a function, not compiled.
fn overload_dictionary(overload: &FunctionOverload) -> Value {
    let arguments: Vec<Value> = overload.arguments.iter().map(argument_dictionary).collect();
    let returns = overload.returns.as_ref().map(|written| returned_dictionary(Some(written)));
    json!({
        "defined_in": overload.defined_in,
        "arguments": arguments,
        "returns": returns,
        "description": overload.description,
        "raw_body": &*overload.raw_body,
        "compiled_body": null,
    })
}

fn column_dictionary(column: &ColumnInfo) -> Value {
    let mut all = json!({
        "name": column.name,
        "description": column.description,
        "meta": *column.meta,
        "data_type": column.data_type,
        "constraints": column.constraints,
        "quote": column.quote,
        "config": {"meta": *column.meta, "tags": column.tags},
        "tags": column.tags,
        "granularity": column.granularity,
        "dimension": null,
        "entity": null,
        "doc_blocks": column.doc_blocks,
    });
    if let Some(entries) = all.get_mut("config").and_then(Value::as_object_mut) {
        let own = column.config.iter().filter(|(key, _)| !matches!(key.as_str(), "meta" | "tags"));
        entries.extend(own.map(|(key, value)| (key.clone(), value.clone())));
    }
    if let Value::Object(entries) = &mut all {
        entries.extend(column.other.iter().map(|(key, value)| (key.clone(), value.clone())));
    }
    all
}
