//! The results of a run as `run_results.json` has them.

use run::{NodeResult, RunReport};
use serde_json::{Map, Value};
use session::{SessionInput, Window, utc_text};

use super::{Head, variables};
use crate::artifacts::metadata::ArtifactMetadata;
use crate::artifacts::run_results::{
    BatchResults, OverloadResults, RUN_RESULTS_SCHEMA, RunResult, RunResults, Timing,
};
use crate::artifacts::{JsonMap, Text};

/// A moment as dbt writes it: UTC, microseconds, `Z`.
pub(crate) fn moment(microseconds: i64) -> String {
    let instant = jiff::Timestamp::from_microsecond(microseconds).unwrap_or_default();
    instant.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

/// The head of an artifact.
pub(crate) fn artifact_metadata<'a>(head: &'a Head, schema: &'static str) -> ArtifactMetadata<'a> {
    ArtifactMetadata {
        dbt_schema_version: Text::Borrowed(schema),
        dbt_version: Text::Borrowed(&head.dbt_version),
        generated_at: Text::Owned(moment(head.generated_at)),
        invocation_id: Some(Text::Borrowed(&head.invocation_id)),
        invocation_started_at: Some(Text::Owned(moment(head.started_at))),
        env: variables(head),
    }
}

/// The results of a run; `arguments` are those of the command, without secrets.
pub fn describe_results<'a>(
    report: &'a RunReport,
    head: &'a Head,
    arguments: &'a Map<String, Value>,
) -> RunResults<'a> {
    RunResults {
        metadata: artifact_metadata(head, RUN_RESULTS_SCHEMA),
        results: report
            .results
            .iter()
            .map(|result| run_result(result, report.session.as_ref()))
            .collect(),
        elapsed_time: report.elapsed,
        args: JsonMap::Borrowed(arguments),
    }
}

/// The steps of a node.
pub(crate) fn timings(result: &NodeResult) -> Vec<Timing<'_>> {
    let timing = |timing: &run::Timing| Timing {
        name: Text::Borrowed(timing.name),
        started_at: Some(Text::Owned(moment(timing.started_at))),
        completed_at: Some(Text::Owned(moment(timing.completed_at))),
    };
    result.timing.iter().map(timing).collect()
}

/// The batches, in UTC.
fn batch_results(batches: &run::BatchResults) -> BatchResults<'static> {
    let text = |windows: &[Window]| {
        let mut texts: Vec<_> = windows
            .iter()
            .map(|window| (utc_text(window.start()).into(), utc_text(window.end()).into()))
            .collect();
        texts.sort();
        texts
    };
    BatchResults { successful: text(&batches.successful), failed: text(&batches.failed) }
}

/// Whether dbt's node of the result is one that is compiled.
fn is_compiled_kind(result: &NodeResult) -> bool {
    let kind = result.unique_id.split('.').next().unwrap_or_default();
    match kind {
        "seed" | "source" | "exposure" | "saved_query" => false,
        "unit_test" => result.compiled_code.is_some(),
        _ => true,
    }
}

fn run_result<'a>(result: &'a NodeResult, session: Option<&SessionInput>) -> RunResult<'a> {
    let mut response = match result.response.as_ref().map(run::response_dictionary) {
        Some(Value::Object(entries)) => entries,
        _ => Map::new(),
    };
    if let (Some(session), Some(window)) = (session, &result.window) {
        response.insert("session_time".to_owned(), session.time().to_string().into());
        response.insert("window_start".to_owned(), window.start_text().into());
        response.insert("window_end".to_owned(), window.end_text().into());
    }
    // What came as far as that is a node of its own in dbt, a unit test else is none.
    let code = result.compiled_code.as_deref().filter(|_| is_compiled_kind(result));
    RunResult {
        status: Text::Borrowed(result.status.as_str()),
        timing: timings(result),
        thread_id: Text::Borrowed(&result.thread),
        execution_time: result.execution_time,
        adapter_response: JsonMap::Owned(response),
        message: result.message.as_deref().map(Text::Borrowed),
        failures: result.failures,
        unique_id: Text::Borrowed(&result.unique_id),
        compiled: is_compiled_kind(result).then(|| code.is_some()),
        compiled_code: code.map(Text::Borrowed),
        relation_name: result.relation_name.as_deref().map(Text::Borrowed),
        batch_results: result.batches.as_ref().map(batch_results),
        overload_results: result.overloads.as_ref().map(|overloads| {
            let names = |names: &'a [String]| {
                names.iter().map(|name| Text::Borrowed(name.as_str())).collect()
            };
            OverloadResults {
                successful: names(&overloads.successful),
                failed: names(&overloads.failed),
            }
        }),
    }
}
