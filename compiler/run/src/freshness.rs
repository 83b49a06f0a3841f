//! How fresh a source table is: when its last row came, beside the time of asking.
//!
//! The rules are dbt's `FreshnessRunner`: the query of the project (`loaded_at_query`), else a column
//! (`loaded_at_field`), else what the warehouse itself knows of the table, where the adapter has a macro for it.

use std::sync::{Arc, PoisonError};

use adapter_interface::Response;
use graph::{Node, NodeDetails, NodeIndex, SourceDetails};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;
use source::{Diagnostic, codes};
use template::{Argument, NodeScope, ResultTable, RunFailure, SharedWarehouse};

use crate::node::NodeWork;
use crate::report::{NodeResult, NodeStatus, Timing};
use crate::scope::GraphScope;

/// The macro that asks the warehouse when relations were last written.
const METADATA_MACRO: &str = "get_relation_last_modified";

/// 0001-01-01T00:00:00Z in microseconds: when the last row of an empty table came, as in dbt.
const LONG_AGO: i64 = -62_135_596_800_000_000;

/// How old the newest row of a source table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freshness {
    /// When the last row came, in microseconds since 1970-01-01T00:00:00Z.
    pub max_loaded_at: i64,
    /// When that was asked, or the session time, likewise.
    pub snapshotted_at: i64,
}

impl Freshness {
    /// The time between the two, in seconds.
    pub fn age(&self) -> f64 {
        (i128::from(self.snapshotted_at) - i128::from(self.max_loaded_at)) as f64 / 1e6
    }

    /// What the age means by the thresholds of `freshness`.
    fn status(&self, thresholds: &Value) -> NodeStatus {
        let is_exceeded = |key: &str| {
            let threshold = thresholds.get(key);
            let count =
                threshold.and_then(|threshold| threshold.get("count")).and_then(Value::as_f64);
            let seconds = match threshold.and_then(|threshold| threshold.get("period")?.as_str()) {
                Some("minute") => 60.0,
                Some("hour") => 3_600.0,
                Some("day") => 86_400.0,
                _ => return false,
            };
            // As in dbt a count of zero is no threshold.
            count.is_some_and(|count| count != 0.0 && self.age() > count * seconds)
        };
        if is_exceeded("error_after") {
            NodeStatus::Error
        } else if is_exceeded("warn_after") {
            NodeStatus::Warn
        } else {
            NodeStatus::Pass
        }
    }
}

impl NodeWork<'_, '_> {
    /// Measures a source table; `now` is the session time, where there is one.
    pub(crate) fn measure(
        &self,
        index: NodeIndex,
        now: Option<i64>,
        warehouse: &SharedWarehouse,
        thread: &Arc<str>,
    ) -> NodeResult {
        let node = self.compiler.scope.graph.node(index);
        let started_at = self.clock.now_microseconds();
        let start = self.clock.elapsed();
        let asked = self.compiler.serve(index, warehouse).and_then(|()| self.ask(index, warehouse));
        let measured = asked.and_then(|(response, table)| {
            let found = freshness_of(&table).map_err(|text| failed(node, text))?;
            let snapshotted_at = now.unwrap_or(found.snapshotted_at);
            Ok((response, Freshness { snapshotted_at, ..found }))
        });
        // Nothing was asked for that is to be kept.
        let _ = warehouse.lock().unwrap_or_else(PoisonError::into_inner).rollback();
        let completed_at = self.clock.now_microseconds();
        let mut result = self.told(index, thread);
        result.timing = vec![
            Timing { name: "compile", started_at, completed_at: started_at },
            Timing { name: "execute", started_at, completed_at },
        ];
        result.execution_time = self.clock.elapsed().saturating_sub(start).as_secs_f64();
        result.failures = None;
        result.message = None;
        match measured {
            Ok((response, freshness)) => {
                let thresholds = source_of(node).and_then(|source| source.freshness.as_ref());
                result.status = match freshness.status(thresholds.unwrap_or(&Value::Null)) {
                    NodeStatus::Warn if self.strictness.freshness => NodeStatus::Error,
                    status => status,
                };
                result.response = response;
                result.freshness = Some(freshness);
            }
            Err(failure) => {
                let done = self.failed(node, &failure, None);
                result.status = NodeStatus::RuntimeError;
                result.message = done.message;
                result.diagnostics = done.diagnostics;
            }
        }
        result
    }

    /// Asks the warehouse, in the way that the source's configuration says.
    fn ask(
        &self,
        index: NodeIndex,
        warehouse: &SharedWarehouse,
    ) -> Result<(Option<Response>, ResultTable), Box<RunFailure>> {
        let node = self.compiler.scope.graph.node(index);
        let engine = &self.compiler.engine;
        let mut scope = GraphScope::new(&self.compiler.scope, index);
        scope.extra.insert("source_node".into(), scope.model());
        let scope: Arc<dyn NodeScope> = Arc::new(scope);
        let Some((source, relation)) = source_of(node).zip(node.relation.clone()) else {
            return Err(failed(node, format!("`{}` is no source", node.unique_id)));
        };
        let text = |text: &str| Argument::Json(Value::from(text));
        let (name, keywords) = if let Some(query) = &source.loaded_at_query {
            let sql = engine.render_text(query, None, &scope, warehouse)?.text;
            (
                "collect_freshness_custom_sql",
                vec![("source", Argument::Relation(relation)), ("loaded_at_query", text(&sql))],
            )
        } else if let Some(field) = &source.loaded_at_field {
            let thresholds = source.freshness.as_ref();
            let filter = thresholds.and_then(|thresholds| thresholds.get("filter")).cloned();
            (
                "collect_freshness",
                vec![
                    ("source", Argument::Relation(relation)),
                    ("loaded_at_field", text(field)),
                    ("filter", Argument::Json(filter.unwrap_or_default())),
                ],
            )
        } else if engine.is_implemented(METADATA_MACRO) {
            (
                METADATA_MACRO,
                vec![
                    ("information_schema", Argument::InformationSchema(relation.clone())),
                    ("relations", Argument::Relations(vec![relation])),
                ],
            )
        } else {
            let message = format!(
                "Could not compute freshness for source {}: no 'loaded_at_field' provided and {} adapter does not support metadata-based freshness checks.",
                node.name,
                engine.adapter_type()
            );
            return Err(failed(node, message));
        };
        let keywords: Vec<(String, Argument)> =
            keywords.into_iter().map(|(name, argument)| (name.to_owned(), argument)).collect();
        let macro_id = engine.find_macro(&node.package, name).unwrap_or_default();
        engine.query_macro(&macro_id, &keywords, &scope, warehouse)
    }
}

fn source_of(node: &Node) -> Option<&SourceDetails> {
    match &node.details {
        NodeDetails::Source(source) => Some(source),
        _ => None,
    }
}

fn failed(node: &Node, message: String) -> Box<RunFailure> {
    let diagnostic = Diagnostic::error(codes::NODE_FAILED, message).at_optional(node.span);
    Box::new(RunFailure { diagnostic, warehouse: None, statement: None })
}

/// The two times of a result: by name where the adapter's metadata macro made it, else the only two columns.
fn freshness_of(table: &ResultTable) -> Result<Freshness, String> {
    let at = |name: &str| table.columns.iter().position(|column| column.eq_ignore_ascii_case(name));
    let places = match at("last_modified").zip(at("snapshotted_at")) {
        Some(places) => places,
        None if table.columns.len() == 2 => (0, 1),
        None => {
            let message = "the freshness query gave something else than two columns: the time of the last row, and the time of asking";
            return Err(message.to_owned());
        }
    };
    let [row] = table.rows.as_slice() else {
        return Err(format!("the freshness query gave {} rows, not one", table.rows.len()));
    };
    let max_loaded_at = match &row[places.0] {
        Value::Null => LONG_AGO,
        value => moment(value, "last_modified")?,
    };
    Ok(Freshness { max_loaded_at, snapshotted_at: moment(&row[places.1], "snapshotted_at")? })
}

/// A time as warehouses give it, in microseconds; without an offset it is taken for UTC.
fn moment(value: &Value, field: &str) -> Result<i64, String> {
    let kind = match value {
        Value::Null => {
            return Err(format!(
                "Expected a non-null value when querying field '{field}' of table None but received value 'null' instead"
            ));
        }
        Value::String(text) => {
            let instant = text.parse::<Timestamp>().ok().or_else(|| {
                let civil = text.parse::<DateTime>().ok().filter(|_| text.len() > 10)?;
                TimeZone::UTC.to_timestamp(civil).ok()
            });
            if let Some(instant) = instant {
                return Ok(instant.as_microsecond());
            }
            let is_date = text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok();
            if is_date { "date" } else { "str" }
        }
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        _ => "object",
    };
    Err(format!(
        "Expected a timestamp value when querying field '{field}' of table None but received value of type '{kind}' instead"
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const HOUR: i64 = 3_600_000_000;

    fn table(cells: &[Value]) -> ResultTable {
        let columns = ["max_loaded_at", "snapshotted_at"].map(str::to_owned).to_vec();
        ResultTable { columns, rows: vec![cells.to_vec()] }
    }

    #[test]
    fn times_are_read_with_and_without_an_offset() {
        let found = freshness_of(&table(&[
            json!("2024-05-01 02:00:00+02:00"),
            json!("2024-05-01 03:00:00.5"),
        ]));
        assert!((found.unwrap().age() - (3.0 * 3_600.0 + 0.5)).abs() < 1e-6);
    }

    #[test]
    fn an_empty_table_is_as_old_as_can_be() {
        let found = freshness_of(&table(&[Value::Null, json!("1970-01-01 00:00:00")])).unwrap();
        assert_eq!(found.max_loaded_at, LONG_AGO);
        assert_eq!(
            found.status(&json!({"error_after": {"count": 1, "period": "day"}})),
            NodeStatus::Error
        );
    }

    #[test]
    fn thresholds_are_exceeded_only_by_more_than_their_time() {
        let thresholds = json!({
            "warn_after": {"count": 1, "period": "hour"}, "error_after": {"count": null, "period": null},
        });
        let status = |age| Freshness { max_loaded_at: 0, snapshotted_at: age }.status(&thresholds);
        assert_eq!((status(HOUR), status(HOUR + 1)), (NodeStatus::Pass, NodeStatus::Warn));
    }

    #[test]
    fn days_are_no_times() {
        let failure = freshness_of(&table(&[json!("2024-05-01"), json!("2024-05-01 00:00:00")]));
        assert!(failure.unwrap_err().contains("type 'date'"));
    }
}
