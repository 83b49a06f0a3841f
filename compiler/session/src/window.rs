//! A slice of time.

use std::fmt;

use jiff::civil::Weekday;
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

    /// What a person calls it: `2023-11-30`, `2023-W48`, `2023-11`, `2023-Q4`, `2023`, `2023-11-30T05:00+09:00` for an
    /// hour, both ends for other windows.
    pub fn label(&self) -> String {
        let (start, end) = (self.start.date(), self.end.date());
        let is_midnight =
            |time: &Zoned| time.start_of_day().is_ok_and(|midnight| midnight == *time);
        if !(is_midnight(&self.start) && is_midnight(&self.end)) {
            let short = |time: &Zoned| time.strftime("%Y-%m-%dT%H:%M%:z").to_string();
            return match self.duration().as_hours() {
                ..=1 => short(&self.start),
                _ => format!("{}/{}", short(&self.start), short(&self.end)),
            };
        }
        let months = (i32::from(end.year()) - i32::from(start.year())) * 12
            + i32::from(end.month())
            - i32::from(start.month());
        let begins_months = start.day() == 1 && end.day() == 1;
        let days = start.until(end).map_or(0, |span| span.get_days());
        let week = start.iso_week_date();
        match (months, start.month()) {
            (12, 1) if begins_months => format!("{:04}", start.year()),
            (3, 1 | 4 | 7 | 10) if begins_months => {
                format!("{:04}-Q{}", start.year(), (start.month() + 2) / 3)
            }
            (1, _) if begins_months => format!("{:04}-{:02}", start.year(), start.month()),
            _ if days == 1 => start.to_string(),
            _ if days == 7 && start.weekday() == Weekday::Monday => {
                format!("{:04}-W{:02}", week.year(), week.week())
            }
            _ => format!("{start}/{end}"),
        }
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

#[cfg(test)]
mod tests {
    use crate::calendar::last_complete_window;
    use crate::session_time::{SessionTime, time_zone};

    #[test]
    fn windows_have_the_names_that_people_use() {
        let zone = time_zone("Europe/Berlin").unwrap();
        let session = SessionTime::parse("2024-04-01T00:00:00", &zone).unwrap();
        for (grain, label) in [
            ("hour", "2024-03-31T23:00+02:00"),
            ("6 hours", "2024-03-31T18:00+02:00/2024-04-01T00:00+02:00"),
            ("day", "2024-03-31"),
            ("2 days", "2024-03-30/2024-04-01"),
            ("week", "2024-W13"),
            ("month", "2024-03"),
            ("quarter", "2024-Q1"),
            ("2 months", "2024-01-01/2024-03-01"),
            ("year", "2023"),
        ] {
            let window = last_complete_window(&session, grain.parse().unwrap()).unwrap();
            assert_eq!(window.label(), label, "{grain}");
        }
    }
}
