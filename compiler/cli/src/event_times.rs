//! `--event-time-start`, `--event-time-end` and `--sample`, and the batches that an earlier run left to do.
//!
//! Times without an offset are of the zone of the batches: that of the session time, else UTC as in dbt.

use indexmap::IndexMap;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use project::Project;
use run::{BatchResults, Batching};
use serde_json::Value;
use session::{Grain, GrainUnit, SessionTime, Window};
use source::{Diagnostic, FileId, codes, yaml};

use crate::invocation::Invocation;
use crate::settings::usage;

/// What the results of an earlier run say of its batches.
#[derive(Debug, Clone, Default)]
pub(crate) struct Earlier {
    /// `batch_results` of the models that were built in part, by unique id.
    pub batches: IndexMap<String, Value>,
    /// The overloads created of functions of which others failed, by unique id.
    pub overloads: IndexMap<String, Vec<String>>,
    /// When the earlier run started: its batches end there, not now.
    pub started_at: Option<i64>,
}

impl Earlier {
    /// Reads `run_results.json`.
    pub(crate) fn read(results: &Value) -> Self {
        let each = results.get("results").and_then(Value::as_array).into_iter().flatten();
        let in_part = each.filter_map(|result| {
            let batches = result.get("batch_results")?;
            let has = |key: &str| {
                batches.get(key).and_then(Value::as_array).is_some_and(|all| !all.is_empty())
            };
            let is_in_part = has("successful") && has("failed");
            is_in_part
                .then(|| Some((result.get("unique_id")?.as_str()?.to_owned(), batches.clone())))?
        });
        let started = results.get("metadata").and_then(|head| head.get("invocation_started_at"));
        let started: Option<Timestamp> = started.and_then(|text| text.as_str()?.parse().ok());
        Self {
            batches: in_part.collect(),
            overloads: overloads_in_part(results),
            started_at: started.map(Timestamp::as_microsecond),
        }
    }
}

/// Of functions of which overloads failed, those that were created: they are not created again.
fn overloads_in_part(results: &Value) -> IndexMap<String, Vec<String>> {
    let each = results.get("results").and_then(Value::as_array).into_iter().flatten();
    let in_part = each.filter_map(|result| {
        let names = |key: &str| -> Option<Vec<String>> {
            let names = result.get("overload_results")?.get(key)?.as_array()?.iter();
            Some(names.filter_map(Value::as_str).map(str::to_owned).collect())
        };
        names("failed").filter(|failed| !failed.is_empty())?;
        Some((result.get("unique_id")?.as_str()?.to_owned(), names("successful")?))
    });
    in_part.collect()
}

/// What the run is told of batches and samples.
pub(crate) fn batching(invocation: &Invocation, project: &Project) -> Result<Batching, Diagnostic> {
    let settings = &invocation.settings;
    let session = project.session.as_ref();
    let zone = session.map_or(TimeZone::UTC, |session| session.time().zone().clone());
    let time = |name: &str| {
        let Some(text) = settings.text(name) else { return Ok(None) };
        let time = SessionTime::parse(text, &zone);
        time.map(Some).map_err(|error| usage(format!("`--{name}`: {error}")))
    };
    let event_times = time("event-time-start")?.zip(time("event-time-end")?);
    if let Some((start, end)) = &event_times
        && start.timestamp() >= end.timestamp()
    {
        return Err(usage(
            "the value of `--event-time-start` must be less than that of `--event-time-end`",
        ));
    }
    let started_at = invocation.earlier.started_at.unwrap_or(invocation.started_at);
    let now = || match session {
        Some(session) => session.time().clone(),
        None => SessionTime::new(
            Timestamp::from_microsecond(started_at).unwrap_or_default(),
            TimeZone::UTC,
        ),
    };
    let sample = settings.text("sample").map(|text| sample(text, &zone, now));
    let earlier = invocation.earlier.batches.iter();
    let earlier = earlier.map(|(id, batches)| Ok((id.clone(), earlier_batches(batches, &zone)?)));
    Ok(Batching {
        window: None,
        event_times,
        sample: sample.transpose()?,
        earlier: earlier.collect::<Result<_, Diagnostic>>()?,
        overloads: invocation.earlier.overloads.clone(),
        started_at,
    })
}

/// `3 days`, or a dictionary with `start` and `end`.
fn sample(
    text: &str,
    zone: &TimeZone,
    now: impl FnOnce() -> SessionTime,
) -> Result<(SessionTime, SessionTime), Diagnostic> {
    let wrong = |reason: &str| usage(format!("`--sample {text}`: {reason}"));
    if text.trim_start().starts_with('{') {
        let value = yaml::read(text, FileId(u32::MAX)).value.map(|node| node.to_json());
        let part = |name: &str| {
            let text =
                value.as_ref().and_then(|value| value.get(name)?.as_str().map(str::to_owned));
            let text = text.ok_or_else(|| wrong(&format!("`{name}` is missing")))?;
            SessionTime::parse(&text, zone).map_err(|error| wrong(&error.to_string()))
        };
        let (start, end) = (part("start")?, part("end")?);
        if start.timestamp() >= end.timestamp() {
            return Err(wrong("`start` must be before `end`"));
        }
        return Ok((start, end));
    }
    let grain: Grain =
        text.parse().map_err(|_| wrong("write a count and a unit, such as `3 days`"))?;
    let count = i64::from(grain.count());
    let span = match grain.unit() {
        GrainUnit::Hour => Span::new().try_hours(count),
        GrainUnit::Day => Span::new().try_days(count),
        GrainUnit::Week => Span::new().try_weeks(count),
        GrainUnit::Month => Span::new().try_months(count),
        GrainUnit::Quarter => Span::new().try_months(3 * count),
        GrainUnit::Year => Span::new().try_years(count),
    };
    let end = now();
    let start = span.and_then(|span| end.zoned().checked_sub(span));
    let start = start.map_err(|error| wrong(&error.to_string()))?;
    Ok((SessionTime::from(start), end))
}

fn earlier_batches(batches: &Value, zone: &TimeZone) -> Result<BatchResults, Diagnostic> {
    let unreadable = || {
        Diagnostic::error(
            codes::ARTIFACT_UNREADABLE,
            "the batches of the earlier run cannot be read",
        )
    };
    let windows = |key: &str| -> Result<Vec<Window>, Diagnostic> {
        let each = batches.get(key).and_then(Value::as_array).into_iter().flatten();
        each.map(|pair| {
            let time = |at: usize| {
                let text = pair.get(at).and_then(Value::as_str).ok_or_else(unreadable)?;
                SessionTime::parse(text, zone).map_err(|_| unreadable())
            };
            let (start, end) = (time(0)?, time(1)?);
            Window::new(start.zoned().clone(), end.zoned()).map_err(|_| unreadable())
        })
        .collect()
    };
    Ok(BatchResults { successful: windows("successful")?, failed: windows("failed")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(text: &str) -> Result<(String, String), String> {
        let now = || SessionTime::parse("2024-03-31T12:30:00", &TimeZone::UTC).unwrap();
        let sample = sample(text, &TimeZone::UTC, now).map_err(|error| error.message)?;
        Ok((sample.0.to_string(), sample.1.to_string()))
    }

    #[test]
    fn samples_reach_back_from_now_or_are_given() {
        let end = "2024-03-31T12:30:00+00:00".to_owned();
        let of = |start: &str| Ok((start.to_owned(), end.clone()));
        assert_eq!(bounds("3 days"), of("2024-03-28T12:30:00+00:00"));
        assert_eq!(bounds("1 month"), of("2024-02-29T12:30:00+00:00"));
        assert_eq!(
            bounds("{start: 2024-01-01, end: '2024-01-02 06:00:00'}"),
            Ok(("2024-01-01T00:00:00+00:00".to_owned(), "2024-01-02T06:00:00+00:00".to_owned()))
        );
        assert_eq!(
            bounds("some"),
            Err("`--sample some`: write a count and a unit, such as `3 days`".to_owned())
        );
        assert_eq!(
            bounds("{start: 2024-01-01}"),
            Err("`--sample {start: 2024-01-01}`: `end` is missing".to_owned())
        );
    }

    #[test]
    fn only_models_that_were_built_in_part_have_batches_left() {
        let pair = serde_json::json!([["2024-01-01T00:00:00+00:00", "2024-01-02T00:00:00+00:00"]]);
        let results = serde_json::json!({
            "metadata": {"invocation_started_at": "2024-01-03T00:00:00.000000Z"},
            "results": [
                {"unique_id": "model.a", "batch_results": {"successful": pair, "failed": pair}},
                {"unique_id": "model.b", "batch_results": {"successful": [], "failed": pair}},
                {"unique_id": "model.c", "batch_results": null},
            ],
        });
        let earlier = Earlier::read(&results);
        assert_eq!(earlier.batches.keys().collect::<Vec<_>>(), ["model.a"]);
        assert_eq!(earlier.started_at, Some(1_704_240_000_000_000));
        let batches = earlier_batches(&earlier.batches["model.a"], &TimeZone::UTC).unwrap();
        assert_eq!(batches.failed[0].start_text(), "2024-01-01T00:00:00+00:00");
    }
}
