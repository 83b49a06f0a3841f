//! A node as entries of `graph` and results show it: with the keys that dbt's `to_dict` gives a node of its kind.

use project::omit_none;
use serde_json::{Map, Value, json};

use crate::graph::Graph;
use crate::manifest_node::dictionary_in;
use crate::node::{Node, NodeDetails, NodeIndex};

/// What dbt's sources do not have.
const NOT_OF_SOURCES: &[&str] = &[
    "alias",
    "checksum",
    "group",
    "docs",
    "build_path",
    "raw_code",
    "language",
    "refs",
    "sources",
    "metrics",
    "functions",
    "depends_on",
    "compiled_path",
    "contract",
];

/// What dbt's exposures do not have.
const NOT_OF_EXPOSURES: &[&str] = &[
    "database",
    "schema",
    "alias",
    "checksum",
    "columns",
    "group",
    "docs",
    "patch_path",
    "build_path",
    "relation_name",
    "raw_code",
    "doc_blocks",
    "language",
    "functions",
    "compiled_path",
    "contract",
];

/// What dbt's seeds do not have: they are not compiled.
const NOT_OF_SEEDS: &[&str] =
    &["language", "refs", "sources", "metrics", "functions", "compiled_path", "contract"];

/// What only generic tests have.
const OF_GENERIC_TESTS: &[&str] = &["column_name", "file_key_name", "attached_node"];

/// What dbt's unit tests have.
const OF_UNIT_TESTS: &[&str] = &[
    "model",
    "given",
    "expect",
    "name",
    "resource_type",
    "package_name",
    "path",
    "original_file_path",
    "unique_id",
    "fqn",
    "description",
    "overrides",
    "depends_on",
    "config",
    "checksum",
    "schema",
    "created_at",
    "versions",
    "version",
    "_event_status",
];

/// The dictionary of a node with dbt's keys for its kind.
pub fn shown_node(graph: &Graph, index: NodeIndex) -> Value {
    shown(graph, graph.node(index))
}

/// The dictionary of a node that may stand beside the graph.
pub(crate) fn shown(graph: &Graph, node: &Node) -> Value {
    let mut value = dictionary_in(graph, node);
    if let Value::Object(entries) = &mut value {
        settle_keys(graph, node, entries);
    }
    value
}

/// A node as `model` in templates: as [`shown_node`], without what is none; dbt's `to_dict(omit_none=True)`.
pub fn model_dictionary(graph: &Graph, index: NodeIndex) -> Value {
    let mut value = shown_node(graph, index);
    omit_none(&mut value);
    value
}

fn settle_keys(graph: &Graph, node: &Node, entries: &mut Map<String, Value>) {
    let drop = |entries: &mut Map<String, Value>, keys: &[&str]| {
        entries.retain(|key, _| !keys.contains(&key.as_str()));
    };
    let mut put = |key: &str, value: Value| _ = entries.insert(key.to_owned(), value);
    match &node.details {
        NodeDetails::Source(_) => {
            put("_event_status", json!({}));
            return drop(entries, NOT_OF_SOURCES);
        }
        NodeDetails::Exposure(_) => return drop(entries, NOT_OF_EXPOSURES),
        NodeDetails::Carried(_) => {
            let tested = node.depends_on.first().map(|tested| &graph.node(*tested).schema);
            put("schema", json!(tested));
            put("_event_status", json!({}));
            return entries.retain(|key, _| OF_UNIT_TESTS.contains(&key.as_str()));
        }
        NodeDetails::Seed { .. } | NodeDetails::Snapshot => put("defer_relation", Value::Null),
        NodeDetails::Model(_) => {
            put("defer_relation", Value::Null);
            put("batch", Value::Null);
        }
        NodeDetails::Function(_) => put("defer_function", Value::Null),
        NodeDetails::Test(_) | NodeDetails::Analysis | NodeDetails::Operation { .. } => {}
    }
    let is_generic = matches!(&node.details, NodeDetails::Test(test) if test.generic.is_some());
    put("config_call_dict", json!(*node.config_call));
    put("unrendered_config_call_dict", json!(*node.written_call));
    match &node.details {
        NodeDetails::Seed { .. } => drop(entries, NOT_OF_SEEDS),
        NodeDetails::Test(_) if !is_generic => drop(entries, OF_GENERIC_TESTS),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_have_the_keys_of_their_kind() {
        let graph = crate::test_project::graph(&[
            ("models/orders.sql", "{{ config(tags=['x']) }} select 1 as id"),
            (
                "models/schema.yml",
                "sources: [{name: raw, tables: [{name: t}]}]\nunit_tests:\n  - {name: ut, model: orders, given: [], expect: {rows: [{id: 1}]}}\n",
            ),
            ("seeds/numbers.csv", "id\n1\n"),
        ])
        .value;
        let all = crate::graph_dictionary(&graph);
        let order = &all["nodes"]["model.shop.orders"];
        assert_eq!(order["config_call_dict"], json!({"tags": ["x"]}));
        assert_eq!(order.get("batch"), Some(&Value::Null));
        assert_eq!(all["nodes"]["seed.shop.numbers"].get("refs"), None);
        assert_eq!(all["sources"]["source.shop.raw.t"].get("raw_code"), None);
        assert_eq!(all["unit_tests"]["unit_test.shop.orders.ut"]["model"], "orders");
    }
}
