//! What the command line says of session times: which runs need one, and which are likely mistakes.

use graph::Selection;
use jiff::{SignedDuration, Timestamp};
use project::{Requirement, ResourceType};
use session::SessionInput;
use source::{Diagnostic, codes};

use crate::stages::Prepared;

/// Schedulers hand in the end of what has passed; a day more is for zones and hasty clocks.
const LATEST: SignedDuration = SignedDuration::from_hours(48);
/// Older data than this is rarely what anybody builds again.
const EARLIEST: SignedDuration = SignedDuration::from_hours(30 * 365 * 24);

/// A warning of a session time that is far in the past or the future. `now` is in microseconds since 1970.
pub(crate) fn far_from_now(session: &SessionInput, now: i64) -> Option<Diagnostic> {
    let now = Timestamp::from_microsecond(now).ok()?;
    let time = session.time().timestamp();
    let ahead = time.duration_since(now);
    let side = if ahead > LATEST {
        "future"
    } else if ahead < -EARLIEST {
        "past"
    } else {
        return None;
    };
    let message = format!("the session time {} lies far in the {side}", session.time());
    let hint = "see whether the year and the zone are right";
    Some(Diagnostic::warning(codes::SESSION_TIME_FAR, message).hint(hint))
}

/// Refuses a run without a session time, where `require` of `quern.yml` asks for one.
pub(crate) fn require_session(
    prepared: &Prepared,
    selection: &Selection,
) -> Result<(), Diagnostic> {
    let settings = &prepared.project.quern.session;
    if prepared.project.session.is_some() {
        return Ok(());
    }
    let reason = match settings.require {
        Requirement::Never => return Ok(()),
        Requirement::Always => "`require: always` in quern.yml asks for one".to_owned(),
        Requirement::Incremental => {
            let mut nodes = selection.nodes.iter().map(|index| prepared.graph.node(*index));
            let needy = nodes.find(|node| {
                node.resource_type == ResourceType::Model
                    && node.config.materialized() == "incremental"
            });
            let Some(node) = needy else { return Ok(()) };
            format!(
                "`require: incremental` in quern.yml asks for one, and `{}` is incremental",
                node.name
            )
        }
    };
    let message = format!("the run has no session time; {reason}");
    let hint = format!(
        "pass `--session-time 2023-12-01T00:00:00+09:00`, or the variable `{}`",
        settings.variable
    );
    Err(Diagnostic::error(codes::SESSION_TIME_MISSING, message).hint(hint))
}

#[cfg(test)]
mod tests {
    use session::{Grain, SessionTime, time_zone};

    use super::*;

    #[test]
    fn only_times_far_from_now_are_warned_of() {
        let zone = time_zone("UTC").unwrap();
        let now = "2024-06-01T00:00:00Z".parse::<Timestamp>().unwrap().as_microsecond();
        let said = |text: &str| {
            let time = SessionTime::parse(text, &zone).unwrap();
            far_from_now(&SessionInput::new(time, Grain::DAY), now).map(|found| found.message)
        };
        assert_eq!(said("2024-06-02T12:00:00"), None);
        assert_eq!(said("1996-01-01"), None);
        assert_eq!(
            said("2042-06-01").unwrap(),
            "the session time 2042-06-01T00:00:00+00:00 lies far in the future"
        );
        assert_eq!(
            said("0024-06-01").unwrap(),
            "the session time 0024-06-01T00:00:00+00:00 lies far in the past"
        );
    }
}
