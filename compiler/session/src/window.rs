//! A slice of time.

use std::fmt;

use jiff::{SignedDuration, Timestamp, Zoned};

use crate::calendar;
use crate::error::TimeError;
use crate::grain::Grain;
use crate::session_time::print;

/// The half-open slice of time `[start, end)`, never empty, with both ends in one zone.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Window {
    start: Zoned,
    end: Zoned,
}

impl Window {
    /// A slice from its first moment to the first after it; the zone is that of the start.
    pub fn new(start: Zoned, end: &Zoned) -> Result<Self, TimeError> {
        let end = end.with_time_zone(start.time_zone().clone());
        if start < end {
            return Ok(Self { start, end });
        }
        Err(TimeError::Backwards { start: print(&start), end: print(&end) })
    }

    /// The first moment.
    pub fn start(&self) -> &Zoned {
        &self.start
    }

    /// The first moment after it.
    pub fn end(&self) -> &Zoned {
        &self.end
    }

    /// The first moment as text, `2023-12-01T00:00:00+09:00`.
    pub fn start_text(&self) -> String {
        print(&self.start)
    }

    /// The first moment after it as text, `2023-12-02T00:00:00+09:00`.
    pub fn end_text(&self) -> String {
        print(&self.end)
    }

    /// How long it is by the stopwatch: 23, 24 or 25 hours for a day.
    pub fn duration(&self) -> SignedDuration {
        self.end.timestamp().duration_since(self.start.timestamp())
    }

    /// Whether a moment lies in it.
    pub fn contains(&self, moment: Timestamp) -> bool {
        self.start.timestamp() <= moment && moment < self.end.timestamp()
    }

    /// Whether all of another window lies in it.
    pub fn covers(&self, other: &Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The window of a grain that ends where this one starts.
    pub fn before(&self, grain: Grain) -> Result<Self, TimeError> {
        calendar::window_before(&self.start, grain)
    }

    /// The window of a grain that starts where this one ends.
    pub fn after(&self, grain: Grain) -> Result<Self, TimeError> {
        calendar::window_around(&self.end, grain)
    }

    /// The window so many grains later, or earlier for a negative count.
    pub fn offset(&self, grain: Grain, count: i32) -> Result<Self, TimeError> {
        let step =
            |window: Self| if count < 0 { window.before(grain) } else { window.after(grain) };
        (0..count.unsigned_abs()).try_fold(self.clone(), |window, _| step(window))
    }

    /// Makes the window end where another one ends, if that is later.
    pub(crate) fn extend_to(&mut self, other: &Self) {
        if other.end > self.end {
            self.end = other.end.with_time_zone(self.start.time_zone().clone());
        }
    }

    /// The window made longer at its start by so many grains, for rows that come late.
    pub fn looking_back(&self, grain: Grain, count: u32) -> Result<Self, TimeError> {
        let first = (0..count).try_fold(self.clone(), |window, _| window.before(grain))?;
        Ok(Self { start: first.start, end: self.end.clone() })
    }
}

/// Prints `[2023-12-01T00:00:00+09:00, 2023-12-02T00:00:00+09:00)`.
impl fmt::Display for Window {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "[{}, {})", self.start_text(), self.end_text())
    }
}
