//! What of a range was built, and what is missing.

use jiff::Timestamp;

use crate::window::Window;

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
