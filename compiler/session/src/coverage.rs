//! What of a range was built, and what is missing.

use jiff::Timestamp;

use crate::window::Window;

/// A window that was built, and by which code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuiltWindow {
    /// The window.
    pub window: Window,
    /// The fingerprint of the code.
    pub code: String,
}

/// What became of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WindowState {
    /// All of it was built by the code as it is now.
    Built,
    /// All of it was built, some of it by other code.
    Older,
    /// Some of it was not built.
    Missing,
}

impl WindowState {
    /// The word for it, as it stands in what programs read.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Built => "built",
            Self::Older => "older",
            Self::Missing => "missing",
        }
    }
}

/// For each window which of what was built makes it up, by number; nothing where some of it was not built.
///
/// What was built stands in the order in which it was built: of what overlaps, the last counts.
pub fn made_of(wanted: &[Window], built: &[Window]) -> Vec<Option<Vec<usize>>> {
    let mut borders: Vec<Timestamp> = wanted
        .iter()
        .chain(built)
        .flat_map(|window| <[Timestamp; 2]>::from(bounds(window)))
        .collect();
    borders.sort_unstable();
    borders.dedup();
    let pieces = |window: &Window| {
        let (start, end) = bounds(window);
        let place = |moment| borders.partition_point(|border| *border < moment);
        place(start)..place(end)
    };
    let mut painted: Vec<Option<usize>> = vec![None; borders.len()];
    for (number, window) in built.iter().enumerate() {
        painted[pieces(window)].fill(Some(number));
    }
    let parts = |window: &Window| {
        let mut parts = painted[pieces(window)].iter().copied().collect::<Option<Vec<_>>>()?;
        parts.dedup();
        Some(parts)
    };
    wanted.iter().map(parts).collect()
}

/// What became of each window, by what was built in the order in which it was built. What has no code was begun, and
/// nobody knows what is in it.
pub fn states(wanted: &[Window], built: &[BuiltWindow], code: &str) -> Vec<WindowState> {
    let windows: Vec<Window> = built.iter().map(|built| built.window.clone()).collect();
    let state = |parts: Option<Vec<usize>>| match parts {
        None => WindowState::Missing,
        Some(parts) if parts.iter().any(|part| built[*part].code.is_empty()) => {
            WindowState::Missing
        }
        Some(parts) if parts.iter().all(|part| built[*part].code == code) => WindowState::Built,
        Some(_) => WindowState::Older,
    };
    made_of(wanted, &windows).into_iter().map(state).collect()
}

/// The windows that what was built does not cover wholly, in the order given.
///
/// What was built may overlap, stand in any order, and be of another grain: two halves of a day cover it.
pub fn missing(wanted: &[Window], built: &[Window]) -> Vec<Window> {
    let covered = merged(built);
    let is_missing = |window: &&Window| {
        let (start, end) = bounds(window);
        let place = covered.partition_point(|(_, covered_end)| *covered_end < end);
        covered.get(place).is_none_or(|(covered_start, _)| *covered_start > start)
    };
    wanted.iter().filter(is_missing).cloned().collect()
}

/// The windows with those that touch or overlap made one, in order of time: how a list of them is best told.
pub fn runs(windows: &[Window]) -> Vec<Window> {
    let mut sorted: Vec<&Window> = windows.iter().collect();
    sorted.sort_by_key(|window| bounds(window));
    let mut runs: Vec<Window> = Vec::new();
    for window in sorted {
        match runs.last_mut() {
            Some(last) if window.start() <= last.end() => last.extend_to(window),
            _ => runs.push(window.clone()),
        }
    }
    runs
}

fn merged(windows: &[Window]) -> Vec<(Timestamp, Timestamp)> {
    runs(windows).iter().map(bounds).collect()
}

fn bounds(window: &Window) -> (Timestamp, Timestamp) {
    (window.start().timestamp(), window.end().timestamp())
}

#[cfg(test)]
mod tests {
    use crate::calendar::windows_between;
    use crate::grain::Grain;
    use crate::session_time::{SessionTime, time_zone};

    use super::*;

    fn windows(from: &str, to: &str, grain: Grain) -> Vec<Window> {
        let zone = time_zone("Europe/Berlin").unwrap();
        let time = |text| SessionTime::parse(text, &zone).unwrap();
        windows_between(&time(from), &time(to), grain).unwrap()
    }

    fn days(windows: &[Window]) -> Vec<String> {
        windows.iter().map(|window| window.start().date().to_string()).collect()
    }

    #[test]
    fn gaps_are_found() {
        let wanted = windows("2024-03-28", "2024-04-03", Grain::DAY);
        let built = [&wanted[5..6], &wanted[0..2], &wanted[1..3]].concat();
        assert_eq!(days(&missing(&wanted, &built)), ["2024-03-31", "2024-04-01"]);
        assert_eq!(missing(&wanted, &wanted), []);
        assert_eq!(missing(&wanted, &[]), wanted);
    }

    #[test]
    fn other_grains_cover_what_they_cover() {
        let wanted = windows("2024-03-30", "2024-04-02", Grain::DAY);
        let mut hours = windows("2024-03-30", "2024-04-01", Grain::HOUR);
        assert_eq!(days(&missing(&wanted, &hours)), ["2024-04-01"]);
        hours.remove(30);
        assert_eq!(days(&missing(&wanted, &hours)), ["2024-03-31", "2024-04-01"]);
        let month = windows("2024-03-01", "2024-03-02", Grain::MONTH);
        assert_eq!(days(&missing(&wanted, &month)), ["2024-04-01"]);
    }

    #[test]
    fn the_last_build_of_a_piece_of_time_says_by_which_code_it_is() {
        let wanted = windows("2024-03-30", "2024-04-03", Grain::DAY);
        let by = |window: &Window, code: &str| BuiltWindow {
            window: window.clone(),
            code: code.to_owned(),
        };
        let month = &windows("2024-03-01", "2024-03-02", Grain::MONTH)[0];
        let hours = windows("2024-04-01", "2024-04-02", Grain::HOUR);
        let mut built = vec![by(month, "old"), by(&wanted[1], "new"), by(&wanted[2], "new")];
        built.push(by(&hours[5], "old"));
        let told = |built: &[BuiltWindow]| -> Vec<&str> {
            states(&wanted, built, "new").into_iter().map(WindowState::as_str).collect()
        };
        assert_eq!(told(&built), ["older", "built", "older", "missing"]);
        built.push(by(&hours[5], "new"));
        assert_eq!(told(&built), ["older", "built", "built", "missing"]);
        assert_eq!(told(&[by(&hours[5], "new")]), ["missing"; 4]);
        built.push(by(&wanted[0], ""));
        assert_eq!(told(&built), ["missing", "built", "built", "missing"]);
    }

    #[test]
    fn neighbours_are_told_as_one() {
        let all = windows("2024-03-28", "2024-04-03", Grain::DAY);
        let told: Vec<_> =
            runs(&[&all[4..6], &all[0..2]].concat()).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "[2024-03-28T00:00:00+01:00, 2024-03-30T00:00:00+01:00)",
                "[2024-04-01T00:00:00+02:00, 2024-04-03T00:00:00+02:00)",
            ]
        );
    }
}
