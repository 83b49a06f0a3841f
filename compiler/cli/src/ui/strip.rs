//! A calendar strip: the windows of a model as a picture, a line for each month, day or year.

use indexmap::IndexMap;
use session::{Grain, GrainUnit, Window, WindowState};

use super::colour::{green, red, yellow};

/// The picture of a state: colours are for who sees them, the shapes for all.
fn cell(state: WindowState) -> String {
    match state {
        WindowState::Built => green("█"),
        WindowState::Older => yellow("▒"),
        WindowState::Missing => red("·"),
    }
}

/// What the shapes mean.
pub(crate) fn legend() -> String {
    format!(
        "{} built   {} built by older code   {} missing",
        cell(WindowState::Built),
        cell(WindowState::Older),
        cell(WindowState::Missing)
    )
}

/// The lines: a ruler; then what stands in front, and a cell for each window at its place in the calendar.
pub(crate) fn lines(grain: Grain, cells: &[(Window, WindowState)]) -> Vec<String> {
    let count = usize::try_from(grain.count()).unwrap_or(1);
    let mut rows: IndexMap<String, (String, usize)> = IndexMap::new();
    for (window, state) in cells {
        let (name, place) = place_in_calendar(grain, window);
        let (text, width) = rows.entry(name).or_default();
        while *width < place {
            text.push(' ');
            *width += 1;
        }
        text.push_str(&cell(*state));
        *width += 1;
    }
    let ruler = ruler(grain.unit(), count).filter(|_| !rows.is_empty());
    let ruler = ruler.map(|ruler| format!("{:<10}  {ruler}", "")).into_iter();
    ruler.chain(rows.into_iter().map(|(name, (text, _))| format!("{name:<10}  {text}"))).collect()
}

/// Which hour, day, week or month some of the places stand for.
fn ruler(unit: GrainUnit, count: usize) -> Option<String> {
    // What a place stands for, and the first place.
    let (marks, first): (&[usize], usize) = match unit {
        GrainUnit::Hour => (&[0, 6, 12, 18], 0),
        GrainUnit::Day => (&[1, 5, 10, 15, 20, 25, 30], 1),
        GrainUnit::Week => (&[1, 10, 20, 30, 40, 50], 1),
        GrainUnit::Month => (&[1, 4, 7, 10], 1),
        // Four or ten cells are counted by the eye.
        GrainUnit::Quarter | GrainUnit::Year => return None,
    };
    let mut ruler = String::new();
    for mark in marks {
        let place = (mark - first) / count;
        // Where cells stand for several units there is no room for all marks.
        if ruler.is_empty() || ruler.len() < place {
            ruler.push_str(&" ".repeat(place - ruler.len()));
            ruler.push_str(&mark.to_string());
        }
    }
    Some(ruler)
}

/// The line of the calendar that a window stands in, and its place there.
pub(crate) fn place_in_calendar(grain: Grain, window: &Window) -> (String, usize) {
    let (name, place) = place(grain.unit(), window);
    (name, place / usize::try_from(grain.count()).unwrap_or(1))
}

/// The line of a window and its place in it.
fn place(unit: GrainUnit, window: &Window) -> (String, usize) {
    let start = window.start();
    let date = start.date();
    let number = |value: i8| usize::try_from(value).unwrap_or_default();
    match unit {
        GrainUnit::Hour => {
            // By the stopwatch: the hour that the clock repeats has a place of its own.
            let midnight =
                start.start_of_day().map_or(start.timestamp(), |zoned| zoned.timestamp());
            let hours = start.timestamp().duration_since(midnight).as_hours();
            (date.to_string(), usize::try_from(hours).unwrap_or_default())
        }
        GrainUnit::Day => {
            (format!("{:04}-{:02}", date.year(), date.month()), number(date.day()) - 1)
        }
        GrainUnit::Week => {
            let week = date.iso_week_date();
            (format!("{:04}", week.year()), number(week.week()).saturating_sub(1))
        }
        GrainUnit::Month => (format!("{:04}", date.year()), number(date.month()) - 1),
        GrainUnit::Quarter => (format!("{:04}", date.year()), (number(date.month()) - 1) / 3),
        GrainUnit::Year => {
            let decade = date.year().div_euclid(10) * 10;
            (format!("{decade:04}s"), usize::try_from(date.year() - decade).unwrap_or_default())
        }
    }
}

#[cfg(test)]
mod tests {
    use session::{SessionTime, time_zone, windows_between};

    use super::super::colour::plain;
    use super::*;

    fn picture(from: &str, to: &str, grain: &str) -> String {
        let zone = time_zone("Europe/Berlin").unwrap();
        let time = |text| SessionTime::parse(text, &zone).unwrap();
        let grain: Grain = grain.parse().unwrap();
        let windows = windows_between(&time(from), &time(to), grain).unwrap();
        let states =
            [WindowState::Built, WindowState::Built, WindowState::Older, WindowState::Missing];
        let cells: Vec<_> = windows.into_iter().zip(states.into_iter().cycle()).collect();
        plain(&lines(grain, &cells).join("\n")).into_owned()
    }

    #[test]
    fn windows_stand_where_the_calendar_has_them() {
        insta::assert_snapshot!(picture("2023-11-27", "2023-12-05", "day"), @r"
                    1   5    10   15   20   25   30
        2023-11                               ██▒·
        2023-12     ██▒·
        ");
        insta::assert_snapshot!(picture("2024-03-31T00:00", "2024-04-01T02:00", "hour"), @r"
                    0     6     12    18
        2024-03-31  ██▒·██▒·██▒·██▒·██▒·██▒
        2024-04-01  ·█
        ");
        insta::assert_snapshot!(picture("2023-12-18", "2024-01-15", "week"), @r"
                    1        10        20        30        40        50
        2023                                                          ██
        2024        ▒·
        ");
        insta::assert_snapshot!(picture("2023-11-01", "2024-03-01", "month"), @r"
                    1  4  7  10
        2023                  ██
        2024        ▒·
        ");
        insta::assert_snapshot!(picture("2018-01-01", "2021-01-01", "year"), @r"
        2010s               ██
        2020s       ▒
        ");
        insta::assert_snapshot!(picture("2024-01-01T00:00", "2024-01-02T00:00", "6 hours"), @r"
                    0 12
        2024-01-01  ██▒·
        ");
    }
}
