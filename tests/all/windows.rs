//! Windows under trouble: killed backfills, sessions in any order, runs of one window at a time, ledgers that somebody
//! edited.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::postgres_server::Server;
use crate::quern::{Outcome, Quern};
use crate::workspace;

const NOVEMBER: [&str; 5] = ["backfill", "--from", "2023-11-01", "--to", "2023-12-01"];

/// The tables of the project, each with all of its rows in order.
const TABLES: [&str; 6] = ["daily", "late", "weekly", "keyed", "batched", "total"];

fn on_duckdb() -> Quern {
    let quern = Quern::in_base_project();
    quern.add(&workspace::path("tests/windows"));
    quern.succeed(&["seed", "--quiet"]);
    quern
}

fn on_postgres(server: &Server) -> Quern {
    let quern = server.project("");
    quern.add(&workspace::path("tests/windows"));
    quern.succeed(&["seed", "--quiet"]);
    quern
}

/// The rows of a query as JSON.
pub fn query(quern: &Quern, sql: &str) -> String {
    let arguments = ["show", "--quiet", "--output", "json", "--limit", "100000", "--inline", sql];
    quern.succeed(&arguments).text
}

/// The rows of all tables, and what the ledger says of them but for ids and times.
fn contents(quern: &Quern) -> String {
    let mut text = String::new();
    for table in TABLES {
        text.push_str(&query(
            quern,
            &format!("select * from {{{{ ref('{table}') }}}} order by 1, 2"),
        ));
    }
    text.push_str(&query(
        quern,
        "select model, window_start, window_end, row_count from {{ target.schema }}.quern_ledger order by 1, 2, 3",
    ));
    text
}

/// The ledger claims what is there and nothing else: its windows have as many rows as were noted, and all rows of a
/// table are of windows that it knows.
fn assert_ledger_agrees(quern: &Quern) {
    let ledger = "(select cast(window_start + interval '9 hours' as date) as first_day, \
                  cast(window_end + interval '9 hours' as date) as end_day, row_count \
                  from {{ target.schema }}.quern_ledger where model = 'model.small.daily')";
    let wrong = query(
        quern,
        &format!(
            "select 'no rows for' as problem, first_day as day from {ledger} as ledger where row_count <> \
             (select count(*) from {{{{ ref('daily') }}}} where day >= first_day and day < end_day) union all \
             select 'no claim for', day from {{{{ ref('daily') }}}} where not exists \
             (select 1 from {ledger} as ledger where day >= first_day and day < end_day)"
        ),
    );
    assert!(!wrong.contains("problem"), "the ledger and the data differ:\n{wrong}");
}

/// The pages below a folder.
fn pages_below(folder: &Path) -> Vec<String> {
    let mut pages = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            pages.extend(pages_below(&path));
        } else if path.extension().is_some_and(|extension| extension == "html") {
            pages.push(std::fs::read_to_string(path).expect("a page"));
        }
    }
    pages
}

/// Numbers that look random and are the same in each run (an LCG, as in Numerical Recipes).
pub struct Numbers(pub u32);

impl Numbers {
    /// A number below the limit.
    pub fn below(&mut self, limit: u32) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) % limit
    }
}

fn start(quern: &Quern, arguments: &[&str]) -> Child {
    let mut command = quern.command(Path::new(env!("CARGO_BIN_EXE_quern-under-test")));
    command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("the program starts")
}

/// Runs a command and kills it after a while; whether it had ended by itself.
pub fn kill_after(quern: &Quern, arguments: &[&str], milliseconds: u32) -> bool {
    let mut child = start(quern, arguments);
    let steps = milliseconds.div_ceil(10);
    for _ in 0..steps {
        std::thread::sleep(Duration::from_millis(10));
        if child.try_wait().expect("a process").is_some() {
            return true;
        }
    }
    child.kill().expect("SIGKILL");
    child.wait().expect("it is gone");
    false
}

#[test]
fn backfills_killed_at_any_moment_end_as_one_that_was_left_alone() {
    let undisturbed = on_duckdb();
    undisturbed.succeed(&NOVEMBER);
    let expected = contents(&undisturbed);
    assert_ledger_agrees(&undisturbed);

    let mut numbers = Numbers(7);
    let mut kills = 0;
    let mut finished = 0;
    let mut quern = on_duckdb();
    let mut longest = 400;
    while kills < 50 {
        let delay = 5 + numbers.below(longest);
        if kill_after(&quern, &NOVEMBER, delay) {
            finished += 1;
            assert_eq!(contents(&quern), expected, "after {kills} kills");
            // The next one starts from nothing.
            quern = on_duckdb();
            continue;
        }
        kills += 1;
        // On a slow machine nothing would ever be built before the kill.
        longest += 40;
        if kills % 10 == 0 && query(&quern, TABLES_THERE).contains("daily") {
            assert_ledger_agrees(&quern);
        }
    }
    quern.succeed(&NOVEMBER);
    assert_eq!(contents(&quern), expected, "{finished} backfills ended by themselves");
    assert_ledger_agrees(&quern);
}

const TABLES_THERE: &str = "select table_name from information_schema.tables";

/// Every session of November in any order, some of them again, some killed and run again later.
fn run_in_any_order(quern: &Quern, seed: u32) {
    let mut numbers = Numbers(seed);
    let mut sessions: Vec<u32> = (1..=30).collect();
    for _ in 0..6 {
        sessions.push(1 + numbers.below(30));
    }
    for at in (1..sessions.len()).rev() {
        sessions.swap(at, numbers.below(at as u32 + 1) as usize);
    }
    let mut killed = Vec::new();
    while let Some(day) = sessions.pop() {
        // The session of a day builds the day before it.
        let time = if day == 30 {
            "2023-12-01T00:00:00+09:00".to_owned()
        } else {
            format!("2023-11-{:02}T00:00:00+09:00", day + 1)
        };
        let arguments = ["run", "--quiet", "--session-time", &time];
        if numbers.below(5) == 0 && !killed.contains(&day) {
            killed.push(day);
            if !kill_after(quern, &arguments, 50 + numbers.below(500)) {
                sessions.insert(numbers.below(sessions.len() as u32 + 1) as usize, day);
            }
        } else {
            quern.succeed(&arguments);
        }
    }
    // What is built in full shows what the last session found.
    quern.succeed(&["run", "--quiet", "--session-time", "2023-12-01T00:00:00+09:00"]);
}

/// Tables alone: of a window that sessions built again with others around it, the ledger has other rows.
fn tables(quern: &Quern) -> String {
    let of_range = |table: &str| match table {
        // The first sessions of the month build the last week before it, which the backfill does not.
        "weekly" => " where week >= date '2023-10-30'",
        _ => "",
    };
    let rows = TABLES.iter().map(|table| {
        let range = of_range(table);
        query(quern, &format!("select * from {{{{ ref('{table}') }}}}{range} order by 1, 2"))
    });
    rows.collect()
}

fn in_order(quern: &Quern) {
    for day in 2..=30 {
        let time = format!("2023-11-{day:02}T00:00:00+09:00");
        quern.succeed(&["run", "--quiet", "--session-time", &time]);
    }
    quern.succeed(&["run", "--quiet", "--session-time", "2023-12-01T00:00:00+09:00"]);
}

#[test]
fn any_order_of_sessions_gives_the_tables_of_one_clean_pass() {
    let clean = on_duckdb();
    in_order(&clean);
    let expected = tables(&clean);
    let shuffled = on_duckdb();
    run_in_any_order(&shuffled, 2023);
    assert_eq!(tables(&shuffled), expected);
    assert_ledger_agrees(&shuffled);
    let backfilled = on_duckdb();
    backfilled.succeed(&NOVEMBER);
    assert_eq!(tables(&backfilled), expected, "a backfill is as many sessions");
}

#[test]
fn any_order_of_sessions_gives_the_tables_of_a_backfill_on_postgres() {
    let Some(server) = Server::start() else { return };
    let backfilled = on_postgres(&server);
    backfilled.succeed(&[&NOVEMBER[..], &["--threads", "4"]].concat());
    let expected = tables(&backfilled);
    assert_ledger_agrees(&backfilled);
    for table in TABLES {
        server.sql(&format!("drop table {table}"));
    }
    run_in_any_order(&backfilled, 1848);
    assert_eq!(tables(&backfilled), expected);
    assert_ledger_agrees(&backfilled);
}

#[test]
fn runs_of_one_window_at_a_time_do_not_double_its_rows() {
    let Some(server) = Server::start() else { return };
    let quern = on_postgres(&server);
    let time = "2023-11-08T00:00:00+09:00";
    quern.succeed(&["run", "--quiet", "--session-time", time]);
    let arguments = ["run", "--quiet", "--select", "daily", "keyed", "--session-time", time];
    let count = "select (select count(*) from daily) || ' ' || (select count(*) from keyed) || ' ' || \
                 (select count(*) from quern_ledger where model similar to '%(daily|keyed)')";
    let once = server.sql(count);
    for has_tables in [true, true, false] {
        if !has_tables {
            server.sql("drop table daily, keyed, quern_ledger");
        }
        let children: Vec<Child> = (0..3).map(|_| start(&quern, &arguments)).collect();
        let endings: Vec<bool> = children
            .into_iter()
            .map(|mut child| child.wait().expect("a process").success())
            .collect();
        // Where a table has to be made first, those that come second may be refused.
        assert!(!has_tables || endings.iter().all(|succeeded| *succeeded), "{endings:?}");
        assert_eq!(server.sql(count), once);
    }
}

#[test]
fn a_backfill_that_was_interrupted_goes_on_where_it_was() {
    let quern = on_duckdb();
    let mut command = quern.command(Path::new(env!("CARGO_BIN_EXE_quern-under-test")));
    let mut child = command.args(NOVEMBER).stdout(Stdio::piped()).spawn().expect("it starts");
    let mut output = BufReader::new(child.stdout.take().expect("standard output"));
    let mut text = String::new();
    while !text.contains("daily for 2023-11-03 ") || !text.ends_with("s]\n") {
        assert!(output.read_line(&mut text).expect("lines") > 0, "it ended early:\n{text}");
    }
    // As a scheduler ends a container; Ctrl-C does the same.
    let sent = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    assert!(sent.expect("`kill` is there").success());
    output.read_to_string(&mut text).expect("lines");
    assert_eq!(child.wait().expect("it ends").code(), Some(1), "{text}");
    assert!(text.contains("the same command goes on from here"), "{text}");

    let again = quern.succeed(&NOVEMBER).text;
    assert!(again.contains("this backfill goes on where it was stopped"), "{again}");
    assert!(!again.contains("daily for 2023-11-01 "), "what was built is built again:\n{again}");
    assert!(again.contains("daily for 2023-11-30 "), "{again}");
    assert_ledger_agrees(&quern);
    let anew = quern.succeed(&[&NOVEMBER[..], &["--plan"]].concat()).text;
    assert!(anew.contains("124 windows of 5 models to build"), "{anew}");
    assert!(!anew.contains("built already"), "{anew}");

    quern.succeed(&["docs", "generate", "--quiet", "--session-time", "2023-12-01T00:00:00+09:00"]);
    let pages = pages_below(&quern.folder().join("target/site"));
    let shown = pages.iter().filter(|page| page.contains("2023-11-17: built")).count();
    assert!(shown >= 3, "{shown} of {} pages show the windows", pages.len());
}

#[test]
fn a_ledger_that_somebody_changed_is_told_or_made_anew() {
    let quern = on_duckdb();
    let session = ["run", "--session-time", "2023-11-08T00:00:00+09:00"];
    let sql = |statement: &str| quern.succeed(&["run-operation", "--quiet", "--sql", statement]);
    quern.succeed(&session);

    sql("alter table main.quern_ledger drop column code");
    let refused = quern.run(&session);
    assert_told(&refused, &["error[Q911]", "lacks the column `code`", "drop the table"]);
    assert_told(&quern.run(&["ledger"]), &["error[Q911]", "lacks the column `code`"]);

    sql("drop table main.quern_ledger");
    let nothing = quern.succeed(&["ledger", "--quiet"]).text;
    assert!(nothing.contains("there is no ledger yet"), "{nothing}");
    quern.succeed(&session);
    let again = quern.succeed(&["ledger", "--quiet", "--select", "daily"]).text;
    assert!(again.contains("daily  each day: 1 of 1 window built"), "{again}");

    sql("update main.quern_ledger set window_end = window_start");
    assert_told(&quern.run(&["ledger"]), &["error[Q911]", "not after its start"]);

    sql("drop table main.quern_ledger");
    quern.succeed(&session);
    sql("drop table main.daily");
    let gone = quern.succeed(&["ledger", "--quiet", "--select", "daily"]).text;
    assert!(gone.contains("its table is gone"), "{gone}");
    let range =
        ["--from", "2023-11-06", "--to", "2023-11-08", "--missing-only", "--select", "daily"];
    quern.succeed(&[&["backfill"], &range[..]].concat());
    let built = quern.succeed(&["ledger", "--quiet", "--select", "daily"]).text;
    assert!(built.contains("2 of 2 windows built"), "{built}");

    let foreign = "create table main.other (model integer)";
    sql(foreign);
    quern.write("quern.yml", "session: {timezone: Asia/Tokyo}\nledger: {name: other}\n");
    assert_told(&quern.run(&session), &["error[Q911]", "`relation`"]);
    quern.write("quern.yml", "session: {timezone: Asia/Tokyo}\nledger: {enabled: false}\n");
    quern.succeed(&session);
    assert_told(&quern.run(&["ledger"]), &["error[Q911]", "switched off"]);
}

fn assert_told(outcome: &Outcome, parts: &[&str]) {
    assert!(!outcome.succeeded, "it was not refused:\n{}", outcome.text);
    for part in parts {
        assert!(outcome.text.contains(part), "`{part}` is missing:\n{}", outcome.text);
    }
    assert!(!outcome.text.contains("panicked"), "{}", outcome.text);
}
