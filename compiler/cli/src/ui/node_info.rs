//! dbt's `node_info`: which node an event is about.

use graph::{Node, NodeDetails};
use jiff::Timestamp;
use project::ResourceType;
use serde_json::{Value, json};

/// What is known of a node's run, for its `node_info`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Phase {
    /// When it started, in microseconds since 1970.
    pub started_at: Option<i64>,
    /// When it ended.
    pub finished_at: Option<i64>,
    /// dbt's word: `started`, `success` and so on.
    pub status: &'static str,
}

/// The dictionary.
pub(crate) fn node_info(node: &Node, phase: Phase) -> Value {
    json!({
        "materialized": node.config.text("materialized").unwrap_or_default(),
        "meta": node.config.get("meta").cloned().unwrap_or_else(|| json!({})),
        "node_checksum": node.checksum.1,
        "node_finished_at": moment(phase.finished_at),
        "node_name": node.name,
        "node_path": node.path.as_str(),
        "node_relation": {
            "alias": node.alias,
            "database": node.database.clone().unwrap_or_default(),
            "relation_name": node.relation_name.clone().unwrap_or_default(),
            "schema": node.schema,
        },
        "node_started_at": moment(phase.started_at),
        "node_status": phase.status,
        "resource_type": node.resource_type.as_str(),
        "unique_id": &*node.unique_id,
    })
}

/// A moment as dbt writes it here: ISO without zone; empty for none.
fn moment(microseconds: Option<i64>) -> String {
    let timestamp = microseconds.and_then(|value| Timestamp::from_microsecond(value).ok());
    timestamp.map_or_else(String::new, |value| value.strftime("%Y-%m-%dT%H:%M:%S.%6f").to_string())
}

/// dbt's words for a node in lines: `sql view model main.orders`, `seed file raw.countries`, `test x`.
pub(crate) fn describe(node: &Node) -> String {
    match node.resource_type {
        ResourceType::Model => {
            let is_batched = node.config.batches.is_some();
            let kind = if is_batched { "microbatch" } else { node.config.materialized() };
            format!("{} {kind} model {}", node.language(), place(node))
        }
        ResourceType::Seed => format!("seed file {}", place(node)),
        ResourceType::Snapshot => format!("snapshot {}", place(node)),
        ResourceType::Test => format!("test {}", node.name),
        ResourceType::Function => format!("function {}", place(node)),
        ResourceType::UnitTest => format!("unit_test {}", unit_test_name(node)),
        ResourceType::Source => format!("freshness of {}", source_table(node)),
        ResourceType::SavedQuery => format!("saved query {}", node.name),
        kind => format!("{kind} {}", node.name),
    }
}

/// `source.table`.
pub(crate) fn source_table(node: &Node) -> String {
    match &node.details {
        NodeDetails::Source(source) => format!("{}.{}", source.source_name, node.name),
        _ => node.name.clone(),
    }
}

/// `model::name` of a unit test; the name of other nodes.
pub(crate) fn unit_test_name(node: &Node) -> String {
    match &node.details {
        NodeDetails::Carried(definition) if node.resource_type == ResourceType::UnitTest => {
            let model = definition.get("model").and_then(Value::as_str).unwrap_or_default();
            format!("{model}::{}", node.name)
        }
        _ => node.name.clone(),
    }
}

/// `schema.name` as it stands in the warehouse.
pub(crate) fn place(node: &Node) -> String {
    format!("{}.{}", node.schema, node.alias)
}
