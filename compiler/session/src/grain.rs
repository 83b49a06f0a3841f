//! The calendar unit of a window.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use crate::error::TimeError;

/// A unit of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GrainUnit {
    /// Hours.
    Hour,
    /// Days of the zone, which may have 23 or 25 hours.
    Day,
    /// Weeks from Monday, as in ISO 8601.
    Week,
    /// Months.
    Month,
    /// Quarters from January.
    Quarter,
    /// Years.
    Year,
}

impl GrainUnit {
    /// All units, the shortest first.
    pub const ALL: [Self; 6] =
        [Self::Hour, Self::Day, Self::Week, Self::Month, Self::Quarter, Self::Year];

    /// The unit's word, as dbt's `batch_size` has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }
}

impl fmt::Display for GrainUnit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A unit of the calendar or a count of them: `day`, `2 weeks`.
///
/// Windows of several units are counted from fixed points, so that they do not depend on where a backfill begins:
/// hours from midnight, days from 1 January 1970, weeks from Monday 5 January 1970, months, quarters and years from
/// the year 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Grain {
    unit: GrainUnit,
    count: NonZeroU32,
}

impl Grain {
    /// Hours.
    pub const HOUR: Self = Self::one(GrainUnit::Hour);
    /// Days.
    pub const DAY: Self = Self::one(GrainUnit::Day);
    /// Weeks.
    pub const WEEK: Self = Self::one(GrainUnit::Week);
    /// Months.
    pub const MONTH: Self = Self::one(GrainUnit::Month);
    /// Quarters.
    pub const QUARTER: Self = Self::one(GrainUnit::Quarter);
    /// Years.
    pub const YEAR: Self = Self::one(GrainUnit::Year);

    /// One of a unit.
    pub const fn one(unit: GrainUnit) -> Self {
        Self { unit, count: NonZeroU32::MIN }
    }

    /// A count of a unit, from 1 to 999; hours must divide a day.
    pub fn new(count: u32, unit: GrainUnit) -> Result<Self, TimeError> {
        if unit == GrainUnit::Hour && !(count > 0 && count < 24 && 24 % count == 0) {
            return Err(TimeError::UnevenHours(count));
        }
        NonZeroU32::new(count)
            .filter(|count| count.get() <= 999)
            .map(|count| Self { unit, count })
            .ok_or_else(|| TimeError::NotAGrain(format!("{count} {unit}s")))
    }

    /// The unit.
    pub fn unit(self) -> GrainUnit {
        self.unit
    }

    /// How many of them.
    pub fn count(self) -> u32 {
        self.count.get()
    }

    /// Whether each window of this grain consists of whole windows of the other: days of hours, quarters of months,
    /// but not months of weeks.
    pub fn consists_of(self, other: Self) -> bool {
        let divides = |whole: u32, part: u32| whole.is_multiple_of(part);
        match (self.unit, other.unit) {
            (GrainUnit::Hour, GrainUnit::Hour)
            | (GrainUnit::Day, GrainUnit::Day)
            | (GrainUnit::Week, GrainUnit::Week) => divides(self.count(), other.count()),
            (GrainUnit::Hour, _) | (_, GrainUnit::Week) => false,
            (_, GrainUnit::Hour) => true,
            // Several days are counted from a fixed day, which is no Monday and no first.
            (_, GrainUnit::Day) => other.count() == 1,
            (own, _) => {
                let months = |grain: Self| {
                    let unit = match grain.unit {
                        GrainUnit::Year => 12,
                        GrainUnit::Quarter => 3,
                        _ => 1,
                    };
                    grain.count() * unit
                };
                !matches!(own, GrainUnit::Day | GrainUnit::Week)
                    && divides(months(self), months(other))
            }
        }
    }
}

impl FromStr for Grain {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let wrong = || TimeError::NotAGrain(text.to_owned());
        let trimmed = text.trim().to_ascii_lowercase();
        let digits = trimmed.bytes().take_while(u8::is_ascii_digit).count();
        let (count, word) = trimmed.split_at(digits);
        let count = if count.is_empty() { 1 } else { count.parse().map_err(|_| wrong())? };
        let word = word.trim_start_matches([' ', '_']);
        let is_unit = |unit: &GrainUnit| word.strip_suffix('s').unwrap_or(word) == unit.as_str();
        let unit = GrainUnit::ALL.into_iter().find(is_unit).ok_or_else(wrong)?;
        Self::new(count, unit)
    }
}

impl fmt::Display for Grain {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.count.get() {
            1 => self.unit.fmt(formatter),
            count => write!(formatter, "{count} {}s", self.unit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grains_are_read_and_printed() {
        for (text, printed) in [
            ("day", "day"),
            ("Days", "day"),
            (" 2 weeks ", "2 weeks"),
            ("6hours", "6 hours"),
            ("1 quarter", "quarter"),
        ] {
            assert_eq!(text.parse::<Grain>().unwrap().to_string(), printed);
        }
    }

    #[test]
    fn some_grains_consist_of_others() {
        let grain = |text: &str| text.parse::<Grain>().unwrap();
        for (whole, part, expected) in [
            ("day", "6 hours", true),
            ("12 hours", "8 hours", false),
            ("12 hours", "6 hours", true),
            ("week", "day", true),
            ("2 weeks", "week", true),
            ("week", "7 days", false),
            ("month", "day", true),
            ("month", "week", false),
            ("year", "quarter", true),
            ("quarter", "2 months", false),
            ("year", "6 months", true),
            ("day", "month", false),
            ("hour", "day", false),
            ("4 days", "2 days", true),
        ] {
            assert_eq!(grain(whole).consists_of(grain(part)), expected, "{whole} of {part}");
        }
    }

    #[test]
    fn what_is_no_grain_is_refused() {
        for text in [
            "",
            "fortnight",
            "0 days",
            "5 hours",
            "24 hours",
            "1000 days",
            "99999999999 days",
            "-1 days",
        ] {
            assert!(text.parse::<Grain>().is_err(), "{text}");
        }
    }
}
