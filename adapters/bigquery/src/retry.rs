//! Trying again what failed and may pass by itself.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crate::error::ApiError;

/// How often and how long to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RetryPolicy {
    /// How many times more an exchange is tried.
    pub retries: u32,
    /// After how long no further try is begun.
    pub deadline: Duration,
    /// The wait before the second try; each further one is twice as long.
    pub first_delay: Duration,
}

/// The longest wait between two tries; Google's documents name 32 seconds.
const LONGEST_DELAY: Duration = Duration::from_secs(32);

impl RetryPolicy {
    /// Tries a step until it succeeds, fails for good, or has been tried often or long enough. A cancelled run waits
    /// for nothing.
    pub(crate) fn run<T>(
        &self,
        is_cancelled: &AtomicBool,
        mut step: impl FnMut() -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let start = Instant::now();
        let mut delay = self.first_delay;
        for tried in 0.. {
            let error = match step() {
                Err(error) if error.is_passing() && tried < self.retries => error,
                result => return result,
            };
            let wait = jittered(delay);
            if start.elapsed() + wait > self.deadline || !sleep(wait, is_cancelled) {
                return Err(error);
            }
            delay = (delay * 2).min(LONGEST_DELAY);
        }
        Err(ApiError::without_answer("tried for ever"))
    }
}

/// Waits, in small pieces; false when the run was cancelled meanwhile.
pub(crate) fn sleep(wait: Duration, is_cancelled: &AtomicBool) -> bool {
    let until = Instant::now() + wait;
    loop {
        if is_cancelled.load(Ordering::Relaxed) {
            return false;
        }
        let rest = until.saturating_duration_since(Instant::now());
        if rest.is_zero() {
            return true;
        }
        thread::sleep(rest.min(Duration::from_millis(50)));
    }
}

/// Up to a quarter more or less, so that many threads that failed together do not come back together.
fn jittered(delay: Duration) -> Duration {
    let noise = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |passed| passed.subsec_nanos() % 512);
    delay.mul_f64(0.75 + f64::from(noise) / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(retries: u32) -> RetryPolicy {
        RetryPolicy {
            retries,
            deadline: Duration::from_secs(60),
            first_delay: Duration::from_millis(1),
        }
    }

    fn failure(reason: &str) -> ApiError {
        ApiError { status: None, reason: Some(reason.to_owned()), message: reason.to_owned() }
    }

    fn tries(policy: RetryPolicy, reason: &str) -> u32 {
        let mut count = 0;
        let result: Result<(), _> = policy.run(&AtomicBool::new(false), || {
            count += 1;
            Err(failure(reason))
        });
        assert_eq!(result.unwrap_err().reason.as_deref(), Some(reason));
        count
    }

    #[test]
    fn what_passes_is_tried_as_often_as_allowed() {
        assert_eq!(tries(policy(3), "backendError"), 4);
        assert_eq!(tries(policy(0), "backendError"), 1);
        assert_eq!(tries(policy(3), "invalidQuery"), 1);
    }

    #[test]
    fn no_try_begins_after_the_deadline() {
        let late = RetryPolicy { deadline: Duration::ZERO, ..policy(3) };
        assert_eq!(tries(late, "backendError"), 1);
    }

    #[test]
    fn a_cancelled_run_waits_for_nothing() {
        let slow = RetryPolicy { first_delay: Duration::from_secs(20), ..policy(3) };
        let start = Instant::now();
        let result: Result<(), _> =
            slow.run(&AtomicBool::new(true), || Err(failure("backendError")));
        assert!(result.is_err());
        assert!(start.elapsed() < Duration::from_secs(5));
    }
}
