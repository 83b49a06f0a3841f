//! How nodes ended, in dbt's words and fields.

use graph::Node;
use project::ResourceType;
use run::{NodeResult, NodeStatus};
use serde_json::{Value, json};

use super::colour::{green, red, yellow};
use super::event::Level;
use super::node_info::{describe, unit_test_name};

/// The line that tells how a node ended, without its place and its time.
pub(super) struct ResultLine {
    /// dbt's name and code of the event.
    pub event: (&'static str, &'static str),
    /// What comes before the dots.
    pub words: String,
    /// What stands in brackets.
    pub status: String,
    pub level: Level,
}

impl ResultLine {
    pub(super) fn of(node: &Node, result: &NodeResult) -> Self {
        let is_error = result.status == NodeStatus::Error;
        let description = describe(node);
        let ended = |event, word: &str| {
            let (status, level) = built(result);
            Self { event, words: format!("{word} {description}"), status, level }
        };
        match node.resource_type {
            ResourceType::Test | ResourceType::UnitTest => tested(node, result),
            ResourceType::Source => {
                let (word, status, level) = match result.status {
                    NodeStatus::RuntimeError => ("ERROR", red("ERROR"), Level::Error),
                    NodeStatus::Error => ("ERROR STALE", red("ERROR STALE"), Level::Error),
                    NodeStatus::Warn => ("WARN", yellow("WARN"), Level::Warn),
                    _ => ("PASS", green("PASS"), Level::Info),
                };
                let words = format!("{word} {description}");
                Self { event: ("LogFreshnessResult", "Q018"), words, status, level }
            }
            ResourceType::Seed => ended(
                ("LogSeedResult", "Q016"),
                if is_error { "ERROR loading" } else { "OK loaded" },
            ),
            ResourceType::Snapshot => {
                let word = if is_error { "ERROR snapshotting" } else { "OK snapshotted" };
                let words = format!("{word} {}", without_kind(&description));
                Self { words, ..ended(("LogSnapshotResult", "Q015"), word) }
            }
            _ if result.status == NodeStatus::NoOp => {
                let status = yellow("NO-OP");
                Self { status, level: Level::Info, ..ended(("LogNodeNoOpResult", "Q019"), "NO-OP") }
            }
            ResourceType::Function => {
                // Here dbt tells how it ended, not what the warehouse said.
                let shown = result.status.as_str().to_uppercase();
                let (word, status) = if is_error {
                    ("ERROR creating", red(&shown))
                } else {
                    ("OK created", green(&shown))
                };
                Self { status, ..ended(("LogFunctionResult", "Q047"), word) }
            }
            _ => {
                let word = match result.status {
                    NodeStatus::Error => "ERROR creating",
                    NodeStatus::PartialSuccess => "PARTIALLY created",
                    _ => "OK created",
                };
                ended(("LogModelResult", "Q012"), word)
            }
        }
    }
}

/// The status and the level of what is built.
fn built(result: &NodeResult) -> (String, Level) {
    let message = result.message.as_deref().unwrap_or_default();
    match result.status {
        NodeStatus::Error => (red("ERROR"), Level::Error),
        NodeStatus::PartialSuccess => (yellow(message), Level::Info),
        _ => (green(if message.is_empty() { "OK" } else { message }), Level::Info),
    }
}

fn tested(node: &Node, result: &NodeResult) -> ResultLine {
    let failures = result.failures.unwrap_or_default();
    let (word, status, level) = match result.status {
        NodeStatus::Pass | NodeStatus::Success => ("PASS".to_owned(), green("PASS"), Level::Info),
        NodeStatus::Warn => {
            let word = format!("WARN {failures}");
            let status = yellow(&word);
            (word, status, Level::Warn)
        }
        NodeStatus::Fail => {
            let word = format!("FAIL {failures}");
            let status = red(&word);
            (word, status, Level::Error)
        }
        _ => ("ERROR".to_owned(), red("ERROR"), Level::Error),
    };
    let words = format!("{word} {}", unit_test_name(node));
    ResultLine { event: ("LogTestResult", "Q007"), words, status, level }
}

/// The relation alone: of snapshots dbt does not say here what kind of node makes it.
fn without_kind(description: &str) -> &str {
    description.strip_prefix("snapshot ").unwrap_or(description)
}

/// The fields of the event.
pub(super) fn result_data(
    node: &Node,
    (index, total): (usize, usize),
    result: &NodeResult,
    info: &Value,
) -> Value {
    let description = describe(node);
    let message = result.message.as_deref().unwrap_or_default();
    let ended = result.status.as_str();
    if node.resource_type == ResourceType::Source {
        let named = description.trim_start_matches("freshness of ");
        let (source, table) = named.split_once('.').unwrap_or_default();
        return json!({
            "source_name": source, "table_name": table, "index": index, "total": total,
            "execution_time": result.execution_time, "status": ended, "node_info": info,
        });
    }
    let mut data = json!({
        "index": index, "total": total, "execution_time": result.execution_time, "description": description,
        "status": if result.status == NodeStatus::Error { "error" } else { message }, "node_info": info,
    });
    match node.resource_type {
        ResourceType::Test | ResourceType::UnitTest => {
            data["name"] = json!(node.name);
            data["num_failures"] = json!(result.failures.unwrap_or_default());
            data["num_models"] = json!(total);
            data["status"] = json!(ended);
        }
        ResourceType::Seed => {
            data["schema"] = json!(node.schema);
            data["relation"] = json!(node.alias);
            data["result_message"] = json!(message);
            data["status"] = json!(ended);
        }
        ResourceType::Snapshot => {
            data["result_message"] = json!(message);
            data["cfg"] = json!({});
            data["status"] = json!(ended);
            data["description"] = json!(without_kind(&description));
        }
        ResourceType::Function if result.status != NodeStatus::NoOp => {
            data["status"] = json!(ended);
        }
        _ => {}
    }
    data
}
