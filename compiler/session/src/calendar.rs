//! Windows from the calendar of a zone.
//!
//! The calendar is cut at times of the zone's clock: midnights, Mondays, firsts of a month. Only single hours are
//! counted by the stopwatch, from midnight, so that an hour which the clock repeats is a window of its own.

use jiff::civil::{Date, DateTime, date};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan, Zoned};

use crate::error::TimeError;
use crate::grain::{Grain, GrainUnit};
use crate::session_time::SessionTime;
use crate::window::Window;

/// More windows than this are a mistake in the range.
const MOST_WINDOWS: usize = 100_000;

/// The last window that has ended at the session time: for days, yesterday.
///
/// A session at the very end of a window finds it complete.
pub fn last_complete_window(session: &SessionTime, grain: Grain) -> Result<Window, TimeError> {
    let current = window_around(session.zoned(), grain)?;
    window_before(current.start(), grain)
}

/// The window in which the session time lies: for days, today.
pub fn window_at(session: &SessionTime, grain: Grain) -> Result<Window, TimeError> {
    window_around(session.zoned(), grain)
}

/// The windows of a backfill, in order: all that have a moment in `[from, to)`, in the zone of `from`.
pub fn windows_between(
    from: &SessionTime,
    to: &SessionTime,
    grain: Grain,
) -> Result<Vec<Window>, TimeError> {
    if to.timestamp() <= from.timestamp() {
        return Err(TimeError::Backwards { start: from.to_string(), end: to.to_string() });
    }
    let mut windows = vec![window_around(from.zoned(), grain)?];
    while let Some(last) = windows.last()
        && last.end().timestamp() < to.timestamp()
    {
        if windows.len() == MOST_WINDOWS {
            return Err(TimeError::TooManyWindows(MOST_WINDOWS));
        }
        windows.push(last.after(grain)?);
    }
    Ok(windows)
}

/// The window in which a time lies.
pub(crate) fn window_around(time: &Zoned, grain: Grain) -> Result<Window, TimeError> {
    if grain == Grain::HOUR {
        return hour_around(time);
    }
    let zone = time.time_zone();
    let mut index = index_of(time.datetime(), grain)?;
    let mut start = start_of(index, grain, zone)?;
    // Where the clock was set back over a boundary, the earlier of two equal times is the boundary.
    while start > *time {
        index -= 1;
        start = start_of(index, grain, zone)?;
    }
    // Where a zone left out a whole day, its window is empty and passed over.
    loop {
        index += 1;
        let end = start_of(index, grain, zone)?;
        if end > *time {
            return Window::new(start, &end);
        }
        start = end;
    }
}

/// The window that ends at a time or, when that lies inside of one, at the start of that one.
pub(crate) fn window_before(time: &Zoned, grain: Grain) -> Result<Window, TimeError> {
    let current = window_around(time, grain)?;
    window_around(&current.start().checked_sub(1.nanosecond())?, grain)
}

/// The hour of the day, by the stopwatch from midnight; the last of a day may be shorter where the clock is set by
/// a part of an hour.
fn hour_around(time: &Zoned) -> Result<Window, TimeError> {
    let midnight = time.start_of_day()?;
    let passed = time.timestamp().duration_since(midnight.timestamp()).as_hours();
    let start = midnight.checked_add(passed.hours())?;
    let next_midnight = midnight.tomorrow()?.start_of_day()?;
    let end = start.checked_add(1.hour())?.min(next_midnight);
    Window::new(start, &end)
}

/// The number of the window, counted from the grain's fixed point, in which a time of the clock lies.
fn index_of(time: DateTime, grain: Grain) -> Result<i64, TimeError> {
    let count = i64::from(grain.count());
    let day = time.date();
    Ok(match grain.unit() {
        GrainUnit::Hour => days_since(EPOCH, day)? * (24 / count) + i64::from(time.hour()) / count,
        GrainUnit::Day => days_since(EPOCH, day)?.div_euclid(count),
        GrainUnit::Week => days_since(FIRST_MONDAY, day)?.div_euclid(7 * count),
        GrainUnit::Month | GrainUnit::Quarter | GrainUnit::Year => {
            (i64::from(day.year()) * 12 + i64::from(day.month()) - 1).div_euclid(months_of(grain))
        }
    })
}

/// The first moment of a window by its number.
fn start_of(index: i64, grain: Grain, zone: &TimeZone) -> Result<Zoned, TimeError> {
    let count = i64::from(grain.count());
    let time = match grain.unit() {
        GrainUnit::Hour => {
            let of_day = 24 / count;
            let day = EPOCH.checked_add(days(index.div_euclid(of_day))?)?;
            let hour = index.rem_euclid(of_day) * count;
            day.at(i8::try_from(hour).unwrap_or_default(), 0, 0, 0)
        }
        GrainUnit::Day => EPOCH.checked_add(days(index * count)?)?.into(),
        GrainUnit::Week => FIRST_MONDAY.checked_add(days(index * count * 7)?)?.into(),
        GrainUnit::Month | GrainUnit::Quarter | GrainUnit::Year => {
            let months = index * months_of(grain);
            let beyond = || TimeError::OutOfRange(format!("month {months}"));
            let year = i16::try_from(months.div_euclid(12)).map_err(|_| beyond())?;
            let month = i8::try_from(months.rem_euclid(12) + 1).map_err(|_| beyond())?;
            Date::new(year, month, 1)?.into()
        }
    };
    Ok(time.to_zoned(zone.clone())?)
}

const EPOCH: Date = date(1970, 1, 1);
const FIRST_MONDAY: Date = date(1970, 1, 5);

fn months_of(grain: Grain) -> i64 {
    let months = match grain.unit() {
        GrainUnit::Year => 12,
        GrainUnit::Quarter => 3,
        _ => 1,
    };
    i64::from(grain.count()) * months
}

fn days_since(fixed_point: Date, day: Date) -> Result<i64, TimeError> {
    Ok(fixed_point.until(day)?.get_days().into())
}

fn days(count: i64) -> Result<Span, TimeError> {
    Ok(Span::new().try_days(count)?)
}

#[cfg(test)]
mod tests;
