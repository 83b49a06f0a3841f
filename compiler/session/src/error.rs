//! What can be wrong with times.

use thiserror::Error;

/// A time, zone, grain or range that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TimeError {
    /// A text that is no time.
    #[error("`{0}` is not a time; write one like `2023-12-01T09:00:00+09:00` or `2023-12-01`")]
    NotATime(String),
    /// A name that is no time zone.
    #[error("`{0}` is not a time zone; write a name like `Asia/Tokyo`, or an offset like `+09:00`")]
    NotAZone(String),
    /// A text that is no grain.
    #[error(
        "`{0}` is not a grain; write `hour`, `day`, `week`, `month`, `quarter` or `year`, or a count such as `2 weeks`"
    )]
    NotAGrain(String),
    /// A count of hours whose windows would not begin at the same hours each day.
    #[error("{0} hours do not divide a day; write 1, 2, 3, 4, 6, 8 or 12 hours, or days")]
    UnevenHours(u32),
    /// A range that ends before it starts.
    #[error("the range ends at {end}, which is not after its start {start}")]
    Backwards {
        /// The start.
        start: String,
        /// The end.
        end: String,
    },
    /// A range of more windows than anyone can want.
    #[error("the range has more than {0} windows")]
    TooManyWindows(usize),
    /// A time beyond the years -9999 to 9999.
    #[error("the calendar ends here: {0}")]
    OutOfRange(String),
}

impl From<jiff::Error> for TimeError {
    fn from(error: jiff::Error) -> Self {
        Self::OutOfRange(error.to_string())
    }
}
