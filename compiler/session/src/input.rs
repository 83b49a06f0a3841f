//! What a run is given of time.

use crate::calendar::last_complete_window;
use crate::error::TimeError;
use crate::grain::Grain;
use crate::session_time::SessionTime;
use crate::window::Window;
use crate::window_rule::WindowRule;

/// The time that a run is for, and how windows follow from it.
///
/// Two runs with equal inputs build equal tables, whenever they run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionInput {
    time: SessionTime,
    grain: Grain,
    window: Option<Window>,
}

impl SessionInput {
    /// A session at a time, with the grain of models that have none of their own.
    pub fn new(time: SessionTime, grain: Grain) -> Self {
        Self { time, grain, window: None }
    }

    /// The session that builds just this window in every model, as a backfill does it; its time is the window's end.
    #[must_use]
    pub fn of_window(window: Window, grain: Grain) -> Self {
        Self { time: SessionTime::from(window.end().clone()), grain, window: Some(window) }
    }

    /// The session time.
    pub fn time(&self) -> &SessionTime {
        &self.time
    }

    /// The grain of models that have none of their own.
    pub fn grain(&self) -> Grain {
        self.grain
    }

    /// The window of a model: the last complete one before the session time, shifted and made longer by its rule.
    ///
    /// A session that was made for a window gives that one, whatever the rule says.
    pub fn window(&self, rule: WindowRule) -> Result<Window, TimeError> {
        if let Some(window) = &self.window {
            return Ok(window.clone());
        }
        let grain = rule.grain.unwrap_or(self.grain);
        let window = last_complete_window(&self.time, grain)?.offset(grain, rule.offset)?;
        window.looking_back(grain, rule.lookback)
    }
}

#[cfg(test)]
mod tests {
    use crate::session_time::time_zone;

    use super::*;

    fn session(time: &str) -> SessionInput {
        let zone = time_zone("Asia/Tokyo").unwrap();
        SessionInput::new(SessionTime::parse(time, &zone).unwrap(), Grain::DAY)
    }

    #[test]
    fn the_last_complete_day_is_built_unless_the_model_says_otherwise() {
        let session = session("2023-12-01T00:00:00+09:00");
        let window = |rule: WindowRule| session.window(rule).unwrap().to_string();
        assert_eq!(
            window(WindowRule::default()),
            "[2023-11-30T00:00:00+09:00, 2023-12-01T00:00:00+09:00)"
        );
        assert_eq!(
            window(WindowRule { offset: 1, lookback: 2, ..WindowRule::default() }),
            "[2023-11-29T00:00:00+09:00, 2023-12-02T00:00:00+09:00)"
        );
        assert_eq!(
            window(WindowRule { grain: Some(Grain::MONTH), offset: -1, lookback: 0 }),
            "[2023-10-01T00:00:00+09:00, 2023-11-01T00:00:00+09:00)"
        );
    }

    #[test]
    fn a_session_for_a_window_builds_that_one() {
        let month = session("2023-12-01")
            .window(WindowRule { grain: Some(Grain::MONTH), ..WindowRule::default() });
        let backfill = SessionInput::of_window(month.clone().unwrap(), Grain::DAY);
        let rule = WindowRule { lookback: 3, ..WindowRule::default() };
        assert_eq!(backfill.window(rule), month);
        assert_eq!(backfill.time().to_string(), "2023-12-01T00:00:00+09:00");
    }
}
