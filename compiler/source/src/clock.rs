//! The wall clock, handed in so that the compiler stays a function of its input.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Tells the wall-clock time and measures how long things take.
pub trait Clock: Send + Sync {
    /// Microseconds since 1970-01-01T00:00:00Z.
    fn now_microseconds(&self) -> i64;
    /// Time since some fixed moment, never going back.
    fn elapsed(&self) -> Duration;
}

/// The clock of the machine.
#[derive(Debug)]
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// A clock whose [`Clock::elapsed`] counts from now.
    pub fn start() -> Self {
        Self { started: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn now_microseconds(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
    }

    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

/// A clock that stands still, for tests.
#[derive(Debug, Clone, Copy)]
pub struct FixedClock {
    /// What the clock shows, in microseconds since 1970-01-01T00:00:00Z.
    pub microseconds: i64,
}

impl Clock for FixedClock {
    fn now_microseconds(&self) -> i64 {
        self.microseconds
    }

    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }
}
