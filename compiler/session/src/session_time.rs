//! The logical time of a run.

use std::fmt;

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, Zoned};

use crate::error::TimeError;

/// The logical time of a run, injected by the orchestrator, with the zone whose calendar counts.
///
/// Two session times are equal when both the moment and the zone are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SessionTime {
    time: Zoned,
}

impl SessionTime {
    /// A moment in a zone.
    pub fn new(timestamp: Timestamp, zone: TimeZone) -> Self {
        Self { time: timestamp.to_zoned(zone) }
    }

    /// Reads a time as orchestrators write it: RFC 3339 or ISO 8601, with `T` or a space, to any precision down to
    /// the day.
    ///
    /// An offset in the text decides the moment; without one it is a time of the zone's clock. Such a time is the
    /// earlier of two where the clock was set back, and moves on by what was left out where it was set forward.
    pub fn parse(text: &str, zone: &TimeZone) -> Result<Self, TimeError> {
        Self::read(text, zone).map(|(time, _)| time)
    }

    /// Reads a time as [`SessionTime::parse`], and says how the text came to mean this moment.
    pub fn read(text: &str, zone: &TimeZone) -> Result<(Self, Reading), TimeError> {
        let trimmed = text.trim();
        let wrong = || TimeError::NotATime(text.to_owned());
        if let Ok(timestamp) = trimmed.parse::<Timestamp>() {
            return Ok((Self::new(timestamp, zone.clone()), Reading::Exact));
        }
        if let Some((_, annotation)) = trimmed.split_once('[') {
            let own = time_zone(annotation.trim_end_matches(']'))?;
            let civil: DateTime =
                trimmed.split('[').next().unwrap_or_default().parse().map_err(|_| wrong())?;
            let (time, reading) = on_the_clock(civil, own).ok_or_else(wrong)?;
            let reading = if reading == Reading::OfTheZone { Reading::Exact } else { reading };
            return Ok((Self::new(time.timestamp(), zone.clone()), reading));
        }
        let civil: DateTime = trimmed.parse().map_err(|_| wrong())?;
        let (time, reading) = on_the_clock(civil, zone.clone()).ok_or_else(wrong)?;
        Ok((Self { time }, reading))
    }

    /// The moment.
    pub fn timestamp(&self) -> Timestamp {
        self.time.timestamp()
    }

    /// The zone.
    pub fn zone(&self) -> &TimeZone {
        self.time.time_zone()
    }

    /// The moment on the clock and calendar of the zone.
    pub fn zoned(&self) -> &Zoned {
        &self.time
    }

    /// The same moment in another zone.
    #[must_use]
    pub fn in_zone(&self, zone: TimeZone) -> Self {
        Self::new(self.timestamp(), zone)
    }
}

/// How a text came to mean a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// It has an offset or a zone of its own.
    Exact,
    /// It is a time of the zone's clock.
    OfTheZone,
    /// It is a time that the zone's clock left out; the moment is later by what was left out.
    LeftOut,
    /// It is a time that the zone's clock showed twice; the moment is the earlier one.
    Twice,
}

/// The moment at which the clock of a zone shows a time.
fn on_the_clock(time: DateTime, zone: TimeZone) -> Option<(Zoned, Reading)> {
    let ambiguous = zone.into_ambiguous_zoned(time);
    let reading = match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { .. } => Reading::OfTheZone,
        AmbiguousOffset::Gap { .. } => Reading::LeftOut,
        AmbiguousOffset::Fold { .. } => Reading::Twice,
    };
    Some((ambiguous.compatible().ok()?, reading))
}

impl From<Zoned> for SessionTime {
    fn from(time: Zoned) -> Self {
        Self { time }
    }
}

/// Prints `2023-12-01T09:00:00+09:00`.
impl fmt::Display for SessionTime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&print(&self.time))
    }
}

/// A time as RFC 3339 has it, without the name of the zone.
pub(crate) fn print(time: &Zoned) -> String {
    time.timestamp().display_with_offset(time.offset()).to_string()
}

/// A zone by its name in the IANA database or by its offset.
///
/// The database is the one inside the program: a machine with other rules must not give other windows.
pub fn time_zone(name: &str) -> Result<TimeZone, TimeError> {
    let wrong = || TimeError::NotAZone(name.to_owned());
    match name.trim() {
        "UTC" | "utc" | "Z" => Ok(TimeZone::UTC),
        offset if offset.starts_with(['+', '-']) => {
            fixed_offset(offset).map(TimeZone::fixed).ok_or_else(wrong)
        }
        name => TimeZoneDatabase::bundled().get(name).map_err(|_| wrong()),
    }
}

/// An offset such as `+09`, `+0900` or `+09:00`.
fn fixed_offset(text: &str) -> Option<Offset> {
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits: String = text[1..].chars().filter(|character| *character != ':').collect();
    let is_plain =
        digits.bytes().all(|byte| byte.is_ascii_digit()) && matches!(digits.len(), 2 | 4);
    let number: i32 = Some(digits).filter(|_| is_plain)?.parse().ok()?;
    let (hours, minutes) =
        if number > 99 || text.len() > 3 { (number / 100, number % 100) } else { (number, 0) };
    let is_real = hours <= 18 && minutes < 60;
    Offset::from_seconds(sign * (hours * 3_600 + minutes * 60)).ok().filter(|_| is_real)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, zone: &str) -> Result<String, TimeError> {
        SessionTime::parse(text, &time_zone(zone).unwrap()).map(|time| time.to_string())
    }

    #[test]
    fn times_are_read_in_their_usual_forms() {
        for (text, printed) in [
            ("2023-12-01T00:00:00+00:00", "2023-12-01T09:00:00+09:00"),
            ("2023-12-01T00:00:00Z", "2023-12-01T09:00:00+09:00"),
            ("2023-12-01 00:00:00.5-08:00", "2023-12-01T17:00:00.5+09:00"),
            ("2023-12-01T00:00:00", "2023-12-01T00:00:00+09:00"),
            ("2023-12-01 00:00", "2023-12-01T00:00:00+09:00"),
            ("2023-12-01", "2023-12-01T00:00:00+09:00"),
            ("20231201T000000", "2023-12-01T00:00:00+09:00"),
            (" 2023-12-01T00:00:00+0900 ", "2023-12-01T00:00:00+09:00"),
            ("2023-12-01T00:00:00+01:00[Europe/Berlin]", "2023-12-01T08:00:00+09:00"),
            ("2023-12-01T00:00:00[Europe/Berlin]", "2023-12-01T08:00:00+09:00"),
        ] {
            assert_eq!(parse(text, "Asia/Tokyo").as_deref(), Ok(printed), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["", "yesterday", "2023-13-01", "2023-02-29", "12:00", "2023-12-01T25:00:00Z"] {
            assert_eq!(parse(text, "UTC"), Err(TimeError::NotATime(text.to_owned())));
        }
    }

    #[test]
    fn a_time_that_the_clock_skipped_or_repeated_has_one_meaning() {
        for (text, printed) in [
            ("2024-03-31T02:30:00", "2024-03-31T03:30:00+02:00"),
            ("2024-10-27T02:30:00", "2024-10-27T02:30:00+02:00"),
        ] {
            assert_eq!(parse(text, "Europe/Berlin").as_deref(), Ok(printed));
        }
    }

    #[test]
    fn how_a_text_was_read_is_told() {
        let zone = time_zone("Europe/Berlin").unwrap();
        for (text, reading) in [
            ("2024-03-31T02:30:00Z", Reading::Exact),
            ("2024-10-27T02:30:00+02:00", Reading::Exact),
            ("2024-03-31T12:30:00[Asia/Tokyo]", Reading::Exact),
            ("2024-03-31T01:30:00", Reading::OfTheZone),
            ("2024-03-31", Reading::OfTheZone),
            ("2024-03-31T02:30:00", Reading::LeftOut),
            ("2024-10-27T02:30:00", Reading::Twice),
            ("2024-10-27T02:30:00[Europe/Berlin]", Reading::Twice),
        ] {
            assert_eq!(SessionTime::read(text, &zone).unwrap().1, reading, "{text}");
        }
    }

    #[test]
    fn zones_have_a_name_or_an_offset() {
        for (name, printed) in [
            ("UTC", "2023-12-01T00:00:00+00:00"),
            ("+09:00", "2023-12-01T09:00:00+09:00"),
            ("-0330", "2023-11-30T20:30:00-03:30"),
            ("+09", "2023-12-01T09:00:00+09:00"),
            ("America/New_York", "2023-11-30T19:00:00-05:00"),
        ] {
            assert_eq!(parse("2023-12-01T00:00:00Z", name).as_deref(), Ok(printed), "{name}");
        }
        for name in ["", "Tokyo", "+9", "+99:00", "+09:77", "+٣٣"] {
            assert_eq!(time_zone(name), Err(TimeError::NotAZone(name.to_owned())));
        }
    }
}
