//! Tests of windows: by hand on the days that go wrong, by chance on all others.

use crate::session_time::time_zone;

use super::*;

fn session(text: &str, zone: &str) -> SessionTime {
    SessionTime::parse(text, &time_zone(zone).unwrap()).unwrap()
}

#[test]
fn the_last_complete_window_is_the_one_before_now() {
    let cases = [
        // A session at midnight builds the day that has just ended.
        (
            "2023-12-01T00:00:00+09:00",
            "Asia/Tokyo",
            "day",
            "2023-11-30T00:00:00+09:00",
            "2023-12-01T00:00:00+09:00",
        ),
        (
            "2023-12-01T08:59:59+09:00",
            "Asia/Tokyo",
            "day",
            "2023-11-30T00:00:00+09:00",
            "2023-12-01T00:00:00+09:00",
        ),
        // The same moment, another calendar.
        (
            "2023-12-01T08:59:59+09:00",
            "UTC",
            "day",
            "2023-11-29T00:00:00+00:00",
            "2023-11-30T00:00:00+00:00",
        ),
        (
            "2023-12-01T08:59:59+09:00",
            "Asia/Tokyo",
            "hour",
            "2023-12-01T07:00:00+09:00",
            "2023-12-01T08:00:00+09:00",
        ),
        (
            "2023-12-01T12:00:00+09:00",
            "Asia/Tokyo",
            "6 hours",
            "2023-12-01T06:00:00+09:00",
            "2023-12-01T12:00:00+09:00",
        ),
        (
            "2024-01-01T00:00:00+09:00",
            "Asia/Tokyo",
            "week",
            "2023-12-25T00:00:00+09:00",
            "2024-01-01T00:00:00+09:00",
        ),
        (
            "2024-01-07T23:00:00+09:00",
            "Asia/Tokyo",
            "week",
            "2023-12-25T00:00:00+09:00",
            "2024-01-01T00:00:00+09:00",
        ),
        (
            "2024-03-31T10:00:00+09:00",
            "Asia/Tokyo",
            "month",
            "2024-02-01T00:00:00+09:00",
            "2024-03-01T00:00:00+09:00",
        ),
        (
            "2024-03-31T10:00:00+09:00",
            "Asia/Tokyo",
            "quarter",
            "2023-10-01T00:00:00+09:00",
            "2024-01-01T00:00:00+09:00",
        ),
        (
            "2024-03-31T10:00:00+09:00",
            "Asia/Tokyo",
            "year",
            "2023-01-01T00:00:00+09:00",
            "2024-01-01T00:00:00+09:00",
        ),
        (
            "2024-03-31T10:00:00+09:00",
            "Asia/Tokyo",
            "6 months",
            "2023-07-01T00:00:00+09:00",
            "2024-01-01T00:00:00+09:00",
        ),
        (
            "1970-01-03T00:00:00Z",
            "UTC",
            "2 days",
            "1970-01-01T00:00:00+00:00",
            "1970-01-03T00:00:00+00:00",
        ),
        (
            "1969-12-31T12:00:00Z",
            "UTC",
            "2 days",
            "1969-12-28T00:00:00+00:00",
            "1969-12-30T00:00:00+00:00",
        ),
    ];
    for (text, zone, grain, start, end) in cases {
        let window = last_complete_window(&session(text, zone), grain.parse().unwrap()).unwrap();
        assert_eq!(
            (window.start_text(), window.end_text()),
            (start.to_owned(), end.to_owned()),
            "{text} {grain}"
        );
    }
}

#[test]
fn days_on_which_the_clock_is_set_have_their_own_length() {
    for (day, zone, hours) in [
        ("2024-03-31", "Europe/Berlin", 23),
        ("2024-10-27", "Europe/Berlin", 25),
        ("2024-03-10", "America/New_York", 23),
        ("2024-11-03", "America/New_York", 25),
        ("2024-03-31", "Asia/Tokyo", 24),
        // Midnight does not exist: the day starts at one o'clock.
        ("2018-11-04", "America/Sao_Paulo", 23),
        ("2018-02-17", "America/Sao_Paulo", 25),
    ] {
        let window = window_at(&session(&format!("{day}T12:00:00"), zone), Grain::DAY).unwrap();
        assert_eq!(
            (window.duration().as_hours(), window.start().date().to_string()),
            (hours, day.to_owned()),
            "{zone}"
        );
        let of_hours = windows_between(
            &window.start().clone().into(),
            &window.end().clone().into(),
            Grain::HOUR,
        )
        .unwrap();
        assert_eq!(i64::try_from(of_hours.len()).unwrap(), hours, "{zone}");
        assert!(of_hours.iter().all(|window| window.duration().as_hours() == 1));
    }
}

#[test]
fn the_repeated_hour_is_two_windows() {
    let from = session("2024-11-03T00:00:00", "America/New_York");
    let to = session("2024-11-03T03:00:00", "America/New_York");
    let starts: Vec<_> =
        windows_between(&from, &to, Grain::HOUR).unwrap().iter().map(Window::start_text).collect();
    assert_eq!(
        starts,
        [
            "2024-11-03T00:00:00-04:00",
            "2024-11-03T01:00:00-04:00",
            "2024-11-03T01:00:00-05:00",
            "2024-11-03T02:00:00-05:00",
        ]
    );
}

#[test]
fn several_hours_begin_at_the_same_times_of_the_clock() {
    for day in ["2024-03-31", "2024-10-27"] {
        let from = session(day, "Europe/Berlin");
        let to = session(&format!("{day}T23:59:59"), "Europe/Berlin");
        let windows = windows_between(&from, &to, "6 hours".parse().unwrap()).unwrap();
        let hours: Vec<_> = windows.iter().map(|window| window.start().hour()).collect();
        assert_eq!(hours, [0, 6, 12, 18]);
    }
}

#[test]
fn a_day_that_a_zone_left_out_has_no_window() {
    let from = session("2011-12-29", "Pacific/Apia");
    let to = session("2012-01-01", "Pacific/Apia");
    let windows = windows_between(&from, &to, Grain::DAY).unwrap();
    let days: Vec<_> = windows.iter().map(|window| window.start().date().to_string()).collect();
    assert_eq!(days, ["2011-12-29", "2011-12-31"]);
    let last = windows[1].before(Grain::DAY).unwrap();
    assert_eq!(last, windows[0]);
}

#[test]
fn clocks_set_by_half_an_hour_leave_no_gap() {
    let from = session("2024-10-06", "Australia/Lord_Howe");
    let to = session("2024-10-07", "Australia/Lord_Howe");
    let windows = windows_between(&from, &to, Grain::HOUR).unwrap();
    assert_eq!(windows.len(), 24);
    assert_eq!(windows[23].duration().as_mins(), 30);
    assert!(windows.windows(2).all(|pair| pair[0].end() == pair[1].start()));
}

#[test]
fn a_backfill_has_every_window_of_its_range() {
    let days = |from: &str, to: &str| {
        windows_between(&session(from, "Asia/Tokyo"), &session(to, "Asia/Tokyo"), Grain::DAY)
            .map(|days| days.len())
    };
    assert_eq!(days("2023-12-01", "2023-12-05"), Ok(4));
    assert_eq!(days("2023-12-01T12:00:00", "2023-12-05T00:00:01"), Ok(5));
    assert!(matches!(days("2023-12-05", "2023-12-05"), Err(TimeError::Backwards { .. })));
    assert_eq!(days("0001-01-01", "2023-12-05"), Err(TimeError::TooManyWindows(MOST_WINDOWS)));
}

#[test]
fn windows_are_moved_and_made_longer() {
    let day = last_complete_window(&session("2024-04-01", "Europe/Berlin"), Grain::DAY).unwrap();
    assert_eq!(day.offset(Grain::DAY, -2).unwrap().start_text(), "2024-03-29T00:00:00+01:00");
    assert_eq!(day.offset(Grain::DAY, 1).unwrap().start_text(), "2024-04-01T00:00:00+02:00");
    assert_eq!(day.offset(Grain::DAY, 0).unwrap(), day);
    let longer = day.looking_back(Grain::DAY, 3).unwrap();
    assert_eq!(longer.to_string(), "[2024-03-28T00:00:00+01:00, 2024-04-01T00:00:00+02:00)");
    assert!(longer.covers(&day) && !day.covers(&longer));
}

#[test]
fn the_ends_of_the_calendar_are_errors() {
    for text in ["9999-12-30", "-009999-01-03"] {
        let time = session(text, "UTC");
        for unit in GrainUnit::ALL {
            let _ = window_at(&time, Grain::one(unit));
            let _ = last_complete_window(&time, Grain::one(unit));
        }
    }
}

/// A generator of numbers that look like chance and are the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> i64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((self.0 >> 33) % limit).unwrap()
    }
}

/// The start of the window by walking back minute by minute until the clock shows what starts one.
fn start_by_walking(time: &Zoned, unit: GrainUnit) -> Zoned {
    let mut walker = time.timestamp();
    walker = walker.checked_sub((walker.as_second().rem_euclid(60)).seconds()).unwrap();
    let is_start = |time: &Zoned| match unit {
        GrainUnit::Hour => time.minute() == 0,
        GrainUnit::Day => time.hour() == 0 && time.minute() == 0,
        _ => {
            time.hour() == 0 && time.minute() == 0 && time.weekday() == jiff::civil::Weekday::Monday
        }
    };
    loop {
        let zoned = walker.to_zoned(time.time_zone().clone());
        if is_start(&zoned) {
            return zoned;
        }
        walker = walker.checked_sub(1.minute()).unwrap();
    }
}

#[test]
fn any_moment_is_in_the_window_that_walking_back_finds() {
    let mut chance = Chance(7);
    for zone in ["UTC", "Asia/Tokyo", "Europe/Berlin", "America/New_York", "Asia/Kolkata"] {
        let zone = time_zone(zone).unwrap();
        for _ in 0..150 {
            let moment =
                jiff::Timestamp::from_second(1_000_000_000 + chance.below(1_000_000_000)).unwrap();
            let time = moment.to_zoned(zone.clone());
            for unit in [GrainUnit::Hour, GrainUnit::Day, GrainUnit::Week] {
                let window = window_around(&time, Grain::one(unit)).unwrap();
                assert_eq!(*window.start(), start_by_walking(&time, unit), "{time} {unit}");
            }
        }
    }
}

#[test]
fn windows_of_any_grain_join_without_gap_or_overlap() {
    let mut chance = Chance(11);
    let zones = [
        "UTC",
        "Asia/Tokyo",
        "Europe/Berlin",
        "America/New_York",
        "America/Sao_Paulo",
        "Pacific/Apia",
    ];
    let grains = [
        "hour", "2 hours", "12 hours", "day", "3 days", "week", "2 weeks", "month", "5 months",
        "quarter", "year",
    ];
    for zone in zones.map(|zone| time_zone(zone).unwrap()) {
        for grain in grains.map(|grain| grain.parse::<Grain>().unwrap()) {
            for _ in 0..40 {
                let moment = jiff::Timestamp::from_second(chance.below(2_000_000_000)).unwrap();
                let window = window_around(&moment.to_zoned(zone.clone()), grain).unwrap();
                assert!(window.contains(moment));
                let (before, after) = (window.before(grain).unwrap(), window.after(grain).unwrap());
                assert_eq!(
                    (before.end(), window.end()),
                    (window.start(), after.start()),
                    "{window} {grain}"
                );
                assert_eq!(
                    (before.after(grain).unwrap(), after.before(grain).unwrap()),
                    (window.clone(), window)
                );
            }
        }
    }
}
