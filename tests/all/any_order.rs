//! The example project under trouble: its sessions of a month in any order, again and killed on the way, give the tables
//! of one clean pass.

use std::time::Instant;

use crate::example;
use crate::postgres_server::Server;
use crate::quern::Quern;
use crate::windows::{Numbers, kill_after, query};

/// How many days the month has; the raw tables hold data of nine of them, from the sixth on.
const DAYS: u32 = 31;

/// The session that builds a day, counted from 20 November 2023.
fn session_of(day: u32) -> String {
    match day {
        0..=9 => format!("2023-11-{:02}T00:00:00+00:00", day + 21),
        _ => format!("2023-12-{:02}T00:00:00+00:00", day - 9),
    }
}

/// The same days as a backfill.
const MONTH: [&str; 5] = ["backfill", "--from", "2023-11-20", "--to", "2023-12-21"];

fn on_duckdb() -> Quern {
    let quern = example::copy();
    quern.succeed(&["seed", "--quiet"]);
    quern
}

fn on_postgres(server: &Server) -> Quern {
    let mut quern = example::copy();
    for (name, value) in [
        ("BEAN_POST_TARGET", "postgres"),
        ("PGHOST", "127.0.0.1"),
        ("PGPORT", &server.port().to_string()),
        ("PGUSER", "owner"),
        ("PGPASSWORD", "sesame"),
        ("PGDATABASE", "shop"),
    ] {
        quern.set(name, value);
    }
    quern.succeed(&["seed", "--quiet"]);
    quern
}

fn run(quern: &Quern, day: u32) {
    quern.succeed(&["run", "--quiet", "--session-time", &session_of(day)]);
}

/// Every session of the month once, in order; how many milliseconds one took.
fn run_in_order(quern: &Quern) -> u32 {
    let start = Instant::now();
    (0..DAYS).for_each(|day| run(quern, day));
    u32::try_from(start.elapsed().as_millis()).expect("a few minutes") / DAYS
}

/// All rows of all tables that models are, and the windows that the ledger knows.
fn contents(quern: &Quern) -> Vec<String> {
    let listed = query(
        quern,
        "select table_name as name from information_schema.tables \
         where table_schema = 'marts' and table_type = 'BASE TABLE' order by 1",
    );
    let listed: serde_json::Value = serde_json::from_str(&listed).expect("JSON");
    let tables: Vec<&str> = listed["show"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|row| row["name"].as_str())
        .collect();
    assert!(tables.len() >= 12, "{tables:?}");
    let rows = tables.iter().map(|table| {
        format!(
            "select '{table}' as place, cast(rows as varchar) as content from marts.{table} as rows"
        )
    });
    let ledger = "select 'ledger', model || ' ' || cast(window_start as varchar) || ' ' || cast(window_end as varchar) \
                  from main.quern_ledger"
        .to_owned();
    let all: Vec<String> = rows.chain([ledger]).collect();
    let all = query(quern, &format!("{} order by 1, 2", all.join(" union all ")));
    let all: serde_json::Value = serde_json::from_str(&all).expect("JSON");
    all["show"].as_array().into_iter().flatten().map(ToString::to_string).collect()
}

fn sessions(quern: &Quern) -> String {
    query(quern, "select session_day from audit.sessions order by 1")
}

/// Every session of the month in an order that the seed gives, some of them twice, some killed and run again later: at
/// any moment of the `usual` milliseconds that one takes.
fn run_in_any_order(quern: &Quern, seed: u32, mut usual: u32) -> usize {
    let mut numbers = Numbers(seed);
    let mut waiting: Vec<u32> = (0..DAYS).collect();
    waiting.extend((0..5).map(|_| numbers.below(DAYS)).collect::<Vec<_>>());
    for at in (1..waiting.len()).rev() {
        waiting.swap(at, numbers.below(at as u32 + 1) as usize);
    }
    let mut kills = 0;
    let mut was_killed = Vec::new();
    while let Some(day) = waiting.pop() {
        if numbers.below(3) > 0 || was_killed.contains(&day) {
            run(quern, day);
            continue;
        }
        was_killed.push(day);
        let session = session_of(day);
        let arguments = ["run", "--quiet", "--session-time", &session];
        if kill_after(quern, &arguments, usual / 10 + numbers.below(usual * 8 / 10)) {
            // It ended before: the machine has become faster than it was.
            usual = usual * 2 / 3;
        } else {
            kills += 1;
            waiting.insert(numbers.below(waiting.len() as u32 + 1) as usize, day);
        }
    }
    // What is built in full shows what the last session saw.
    run(quern, DAYS - 1);
    kills
}

#[track_caller]
fn assert_same(found: &[String], expected: &[String], what: &str) {
    let lacking: Vec<_> = expected.iter().filter(|row| !found.contains(row)).take(5).collect();
    let unwanted: Vec<_> = found.iter().filter(|row| !expected.contains(row)).take(5).collect();
    assert!(found == expected, "{what}: lacks {lacking:#?}, has {unwanted:#?}");
}

#[test]
fn any_order_of_the_sessions_of_a_month_gives_the_tables_of_one_clean_pass_on_duckdb() {
    let clean = on_duckdb();
    let usual = run_in_order(&clean);
    let expected = contents(&clean);
    assert!(expected.len() > 300, "{}", expected.len());

    let shuffled = on_duckdb();
    let kills = run_in_any_order(&shuffled, 31, usual);
    assert!(kills > 3, "{kills} kills");
    assert_same(&contents(&shuffled), &expected, "in any order");
    assert_eq!(sessions(&shuffled), sessions(&clean));

    let backfilled = on_duckdb();
    for milliseconds in [300, 900, 1500, 700] {
        kill_after(&backfilled, &MONTH, milliseconds);
    }
    backfilled.succeed(&MONTH);
    assert_same(&contents(&backfilled), &expected, "as a backfill that was killed");
}

#[test]
fn any_order_of_the_sessions_of_a_month_gives_the_tables_of_one_clean_pass_on_postgres() {
    let Some(server) = Server::start() else { return };
    let quern = on_postgres(&server);
    let usual = run_in_order(&quern);
    let (expected, closed) = (contents(&quern), sessions(&quern));
    assert!(expected.len() > 300, "{}", expected.len());

    let schedules: [(&str, &dyn Fn()); 2] = [
        ("in any order", &|| {
            let kills = run_in_any_order(&quern, 1871, usual);
            assert!(kills > 3, "{kills} kills of runs of {usual} milliseconds");
        }),
        ("as a backfill that was killed", &|| {
            for milliseconds in [200, 600, 400, 800] {
                kill_after(&quern, &MONTH, milliseconds);
            }
            quern.succeed(&[&MONTH[..], &["--threads", "4"]].concat());
        }),
    ];
    for (what, act) in schedules {
        server.sql(
            "drop schema marts cascade; drop schema audit cascade; drop table main.quern_ledger",
        );
        act();
        assert_same(&contents(&quern), &expected, what);
        assert!(what.contains("backfill") || sessions(&quern) == closed, "{what}");
    }
}
