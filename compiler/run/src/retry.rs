//! Another try for a node whose failure passes by itself: a connection that dropped, a deadlock that the warehouse
//! broke. Only where the failed try left nothing behind: a node that was half built is reported, not repeated.

use std::time::Duration;

use adapter_interface::{WarehouseError, WarehouseErrorKind};
use source::{Diagnostic, codes};
use template::RunFailure;

use crate::cancel::CancelFlag;

/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How often a pause looks whether the run was cancelled.
const GLANCE: Duration = Duration::from_millis(100);

/// The warehouse's error behind a failure, when it passes by itself.
pub(crate) fn passing(failure: &RunFailure) -> Option<&WarehouseError> {
    failure.warehouse.as_ref().filter(|error| {
        matches!(error.kind, WarehouseErrorKind::Transient | WarehouseErrorKind::Disconnected)
    })
}

/// Waits before try `attempt` (from 1) is repeated: 1, 2, 4… seconds. False when the run was cancelled meanwhile.
pub(crate) fn pause(attempt: u32, cancel: &CancelFlag) -> bool {
    let mut left = pause_length(attempt);
    while !left.is_zero() && !cancel.is_set() {
        let nap = left.min(GLANCE);
        std::thread::sleep(nap);
        left -= nap;
    }
    !cancel.is_set()
}

fn pause_length(attempt: u32) -> Duration {
    let seconds = 1_u64.checked_shl(attempt.saturating_sub(1)).unwrap_or(u64::MAX);
    Duration::from_secs(seconds).min(LONGEST_PAUSE)
}

/// What is said when a node is tried again.
pub(crate) fn notice(
    unique_id: &str,
    error: &WarehouseError,
    attempt: u32,
    retries: u32,
) -> Diagnostic {
    let reason = error.message.lines().next().unwrap_or_default();
    Diagnostic::warning(
        codes::TRIED_AGAIN,
        format!("`{unique_id}` is tried again ({attempt} of {retries}): {reason}"),
    )
    .about(unique_id)
}

/// A failure that passes by itself, with the reason why the node was not tried (again).
pub(crate) fn given_up(
    mut failure: Box<RunFailure>,
    has_committed: bool,
    retries: u32,
) -> Box<RunFailure> {
    let hint = if has_committed {
        "part of the node's work was already committed, so it was not tried again: look at what is there, then run it anew"
            .to_owned()
    } else if retries == 0 {
        "nothing of the node was committed: run it anew".to_owned()
    } else {
        format!(
            "nothing of the node was committed; it was tried {} times, more with a higher `retries` in the profile",
            u64::from(retries) + 1
        )
    };
    failure.diagnostic.hint = Some(hint);
    failure
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_limit() {
        let seconds: Vec<u64> =
            [1, 2, 3, 5, 6, 99].iter().map(|attempt| pause_length(*attempt).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 16, 30, 30]);
    }

    #[test]
    fn a_cancelled_run_does_not_wait() {
        let cancel = CancelFlag::new();
        cancel.set();
        assert!(!pause(9, &cancel));
    }
}
