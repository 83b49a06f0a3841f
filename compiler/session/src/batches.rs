//! The batches of a microbatch model, as dbt cuts them.
//!
//! dbt's rules (`MicrobatchBuilder`), on the calendar of any zone: in UTC the batches are dbt's own.

use jiff::Zoned;
use jiff::tz::TimeZone;

use crate::calendar::{window_around, window_before, windows_between};
use crate::error::TimeError;
use crate::grain::{Grain, GrainUnit};
use crate::session_time::SessionTime;
use crate::window::Window;

/// What decides which batches are built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchRequest {
    /// `batch_size`.
    pub size: Grain,
    /// `begin`: the first moment that the model has rows of.
    pub begin: SessionTime,
    /// How many batches before the last one are built again.
    pub lookback: u32,
    /// Whether the model's table is there and is added to.
    pub is_incremental: bool,
    /// `--event-time-start`.
    pub from: Option<SessionTime>,
    /// `--event-time-end`, else the session time, else now.
    pub to: SessionTime,
}

/// The batches, in order.
///
/// They end with the batch in which the end lies, or before it where the end is a boundary. They begin with the batch
/// of the given start; else, on a first run, with that of `begin`; else as many batches before the last as the
/// lookback says. None where the end is not after the start.
pub fn batches(request: &BatchRequest) -> Result<Vec<Window>, TimeError> {
    let size = request.size;
    let end = end_of(request)?;
    let start = start_of(request, &end)?;
    if end.timestamp() <= start.timestamp() {
        return Ok(Vec::new());
    }
    windows_between(&start, &SessionTime::from(end), size)
}

/// The batch in which the first one would begin: where there are none, dbt builds it without rows.
pub fn first_batch(request: &BatchRequest) -> Result<Window, TimeError> {
    let end = end_of(request)?;
    window_around(start_of(request, &end)?.zoned(), request.size)
}

fn end_of(request: &BatchRequest) -> Result<Zoned, TimeError> {
    let last = window_around(request.to.zoned(), request.size)?;
    let end = if last.start() == request.to.zoned() { last.start() } else { last.end() };
    Ok(end.clone())
}

fn start_of(request: &BatchRequest, end: &Zoned) -> Result<SessionTime, TimeError> {
    let size = request.size;
    let zone = request.to.zone();
    let boundary_before = |time: &SessionTime| {
        let window = window_around(time.in_zone(zone.clone()).zoned(), size)?;
        Ok::<_, TimeError>(SessionTime::from(window.start().clone()))
    };
    match &request.from {
        Some(from) => boundary_before(from),
        None if !request.is_incremental => boundary_before(&request.begin),
        None => {
            let last = window_before(end, size)?;
            Ok(SessionTime::from(last.looking_back(size, request.lookback)?.start().clone()))
        }
    }
}

/// A batch by its start, as dbt's lines and file names have it: `2024-09-17T16`, `2024-09-17`, `2024-09`, `2024`;
/// a week by its Monday, a quarter as `2024-Q3`.
pub fn batch_name(batch: &Window, size: Grain) -> String {
    let start = batch.start();
    match size.unit() {
        GrainUnit::Hour => {
            let name = start.strftime("%Y-%m-%dT%H").to_string();
            // The clock shows some hours twice: the second is told by its offset.
            let first = start.datetime().to_zoned(start.time_zone().clone());
            let is_second = first.is_ok_and(|first| first != *start);
            if is_second { format!("{name}{}", start.strftime("%z")) } else { name }
        }
        GrainUnit::Day | GrainUnit::Week => start.strftime("%Y-%m-%d").to_string(),
        GrainUnit::Month => start.strftime("%Y-%m").to_string(),
        GrainUnit::Quarter => format!("{}-Q{}", start.strftime("%Y"), (start.month() + 2) / 3),
        GrainUnit::Year => start.strftime("%Y").to_string(),
    }
}

/// The id of a batch, for names of temporary tables: its name without dashes.
pub fn batch_id(batch: &Window, size: Grain) -> String {
    batch_name(batch, size).replace(['-', '+'], "")
}

/// A moment in UTC, as dbt's artifacts have it: `2024-09-17T16:00:00+00:00`.
pub fn utc_text(time: &Zoned) -> String {
    time.with_time_zone(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

#[cfg(test)]
mod tests {
    use crate::session_time::time_zone;

    use super::*;

    fn cut(size: &str, zone: &str, to: &str, change: impl Fn(&mut BatchRequest)) -> Vec<String> {
        let zone = time_zone(zone).unwrap();
        let time = |text: &str| SessionTime::parse(text, &zone).unwrap();
        let mut request = BatchRequest {
            size: size.parse().unwrap(),
            begin: time("2024-01-01"),
            lookback: 1,
            is_incremental: true,
            from: None,
            to: time(to),
        };
        change(&mut request);
        batches(&request).unwrap().iter().map(|batch| batch_name(batch, request.size)).collect()
    }

    #[test]
    fn a_first_run_builds_from_the_begin_and_others_look_back() {
        let first = |request: &mut BatchRequest| request.is_incremental = false;
        assert_eq!(
            cut("day", "UTC", "2024-01-03T13:57:00", first),
            ["2024-01-01", "2024-01-02", "2024-01-03"]
        );
        assert_eq!(cut("day", "UTC", "2024-01-03T13:57:00", |_| ()), ["2024-01-02", "2024-01-03"]);
        assert_eq!(cut("day", "UTC", "2024-01-03", |_| ()), ["2024-01-01", "2024-01-02"]);
        assert_eq!(
            cut("hour", "UTC", "2024-01-03", |request| request.lookback = 0),
            ["2024-01-02T23"]
        );
        assert_eq!(
            cut("month", "UTC", "2024-01-03", |request| request.lookback = 2),
            ["2023-11", "2023-12", "2024-01"]
        );
        assert_eq!(cut("year", "UTC", "2024-01-03", first), ["2024"]);
        assert_eq!(cut("day", "UTC", "2024-01-01", first), [""; 0]);
        assert_eq!(cut("day", "UTC", "2023-06-01", first), [""; 0]);
        assert_eq!(cut("week", "UTC", "2024-01-10", first), ["2024-01-01", "2024-01-08"]);
        assert_eq!(cut("quarter", "UTC", "2024-05-10", first), ["2024-Q1", "2024-Q2"]);
    }

    #[test]
    fn a_given_start_decides() {
        let from = |request: &mut BatchRequest| {
            let zone = request.to.zone().clone();
            request.from = SessionTime::parse("2024-01-01T12:00:00", &zone).ok();
        };
        assert_eq!(cut("day", "UTC", "2024-01-03", from), ["2024-01-01", "2024-01-02"]);
    }

    #[test]
    fn batches_follow_the_calendar_of_their_zone() {
        let zone = time_zone("Europe/Berlin").unwrap();
        let time = |text: &str| SessionTime::parse(text, &zone).unwrap();
        let request = BatchRequest {
            size: Grain::DAY,
            begin: time("2024-03-30"),
            lookback: 1,
            is_incremental: false,
            from: None,
            to: time("2024-04-01"),
        };
        let built = batches(&request).unwrap();
        let bounds: Vec<_> =
            built.iter().map(|batch| (utc_text(batch.start()), utc_text(batch.end()))).collect();
        let text = |start: &str, end: &str| (start.to_owned(), end.to_owned());
        assert_eq!(
            bounds,
            [
                text("2024-03-29T23:00:00+00:00", "2024-03-30T23:00:00+00:00"),
                text("2024-03-30T23:00:00+00:00", "2024-03-31T22:00:00+00:00"),
            ]
        );
        assert_eq!(
            cut("hour", "Europe/Berlin", "2024-10-27T04:00:00", |request| request.lookback = 2),
            ["2024-10-27T02", "2024-10-27T02+0100", "2024-10-27T03"]
        );
    }
}
