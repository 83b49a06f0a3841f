//! The freshness of sources as `sources.json` has it.

use graph::{Graph, NodeDetails};
use run::{NodeResult, RunReport};
use serde_json::{Map, Value};

use super::Head;
use super::results::{artifact_metadata, timings};
use crate::artifacts::sources::{
    FreshnessResult, FreshnessResults, MeasuredFreshness, SOURCES_SCHEMA,
};
use crate::artifacts::{JsonMap, Text};

/// What was found out of the sources; as in dbt those that could not be measured are left out.
pub fn describe_freshness<'a>(
    graph: &'a Graph,
    report: &'a RunReport,
    head: &'a Head,
) -> FreshnessResults<'a> {
    FreshnessResults {
        metadata: artifact_metadata(head, SOURCES_SCHEMA),
        results: report.results.iter().filter_map(|result| measured(graph, result)).collect(),
        elapsed_time: report.elapsed,
    }
}

fn measured<'a>(graph: &'a Graph, result: &'a NodeResult) -> Option<FreshnessResult<'a>> {
    let freshness = result.freshness?;
    let NodeDetails::Source(source) = &graph.node(result.node).details else { return None };
    let criteria =
        source.freshness.as_ref().and_then(|value| serde_json::from_value(value.clone()).ok());
    let response = match result.response.as_ref().map(run::response_dictionary) {
        Some(Value::Object(entries)) => entries,
        _ => Map::new(),
    };
    Some(FreshnessResult::Measured(Box::new(MeasuredFreshness {
        unique_id: Text::Borrowed(&result.unique_id),
        max_loaded_at: Text::Owned(moment(freshness.max_loaded_at)),
        snapshotted_at: Text::Owned(moment(freshness.snapshotted_at)),
        max_loaded_at_time_ago_in_s: freshness.age(),
        status: Text::Borrowed(result.status.as_str()),
        criteria: criteria.unwrap_or_default(),
        adapter_response: JsonMap::Owned(response),
        timing: timings(result),
        thread_id: Text::Borrowed(&result.thread),
        execution_time: result.execution_time,
    })))
}

/// A moment as Python writes it: `+00:00`, and no fraction when it is zero.
fn moment(microseconds: i64) -> String {
    let instant = jiff::Timestamp::from_microsecond(microseconds).unwrap_or_default();
    let format = if microseconds % 1_000_000 == 0 {
        "%Y-%m-%dT%H:%M:%S+00:00"
    } else {
        "%Y-%m-%dT%H:%M:%S%.6f+00:00"
    };
    instant.strftime(format).to_string()
}
