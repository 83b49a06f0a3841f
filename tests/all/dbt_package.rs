//! The package `quern` for dbt: a project that asks for its session time gets the same tables from dbt and from quern.

use std::path::PathBuf;

use crate::parts;
use crate::postgres_server::Server;
use crate::quern::{Quern, copy, outcome};
use crate::workspace;

/// Two days around a change of the clocks, and a retry.
const SESSIONS: [&str; 4] = [
    "2024-03-31T00:00:00+01:00",
    "2024-04-01T00:00:00+02:00",
    "2024-03-25T05:30:00Z",
    "2024-04-01T00:00:00+02:00",
];

/// The project whose models speak of sessions; with the package or without.
fn project(has_package: bool) -> Quern {
    let quern = Quern::in_copy_of(&workspace::path("tests/session_project"));
    if has_package {
        copy(&workspace::path("templates/dbt_package"), &quern.folder().join("dbt_package"));
        copy(&workspace::path("templates/dbt_package"), &quern.folder().join("dbt_packages/quern"));
    } else {
        std::fs::remove_file(quern.folder().join("packages.yml")).expect("the project names it");
    }
    quern
}

fn database(quern: &Quern) -> PathBuf {
    quern.folder().join("target/shop.duckdb")
}

#[test]
fn dbt_with_the_package_builds_what_quern_builds() {
    let Some(programs) = parts::oracle() else { return };
    let mut dbt = project(true);
    dbt.set("DBT_SEND_ANONYMOUS_USAGE_STATS", "0");
    let run = |arguments: &[&str]| {
        let mut command = dbt.command(&programs.join("dbt"));
        command.args(arguments);
        let outcome = outcome(command);
        assert!(outcome.succeeded, "`dbt {}` failed:\n{}", arguments.join(" "), outcome.text);
    };
    run(&["seed"]);
    for session in SESSIONS {
        run(&["run", "--vars", &format!("{{session_time: '{session}'}}")]);
    }

    let built_in = project(false);
    built_in.succeed(&["seed"]);
    for session in SESSIONS {
        built_in.succeed(&["run", "--session-time", session]);
    }
    let with_package = project(true);
    with_package.succeed(&["seed"]);
    for session in SESSIONS {
        with_package.succeed(&["run", "--vars", &format!("{{session_time: '{session}'}}")]);
    }
    for quern in [&built_in, &with_package] {
        let found =
            parts::python(&programs, "compare_tables.py", &[&database(&dbt), &database(quern)]);
        assert!(found.succeeded, "{}", found.text);
    }
}

/// The events as PostgreSQL's SQL types them.
const TYPED_ON_POSTGRES: &str = "select id, happened_at, happened_at::timestamp at time zone 'Europe/Berlin' as happened_at_moment, \
    happened_at::date as happened_on, to_char(happened_at, 'YYYYMMDD') as partition_day, \
    extract(epoch from happened_at::timestamp at time zone 'Europe/Berlin')::bigint as happened_at_seconds from {{ ref('events') }}\n";

/// What the project's models build.
const BUILT: [&str; 7] = [
    "daily",
    "kinds",
    "window_hour",
    "window_week",
    "window_month",
    "window_quarter",
    "window_year",
];

#[test]
fn dbt_with_the_package_builds_what_quern_builds_on_postgres() {
    let (Some(programs), Some(server)) = (parts::oracle(), Server::start()) else { return };
    let on_postgres = |has_package: bool, schema: &str| {
        let quern = project(has_package);
        quern.write("models/events_typed.sql", TYPED_ON_POSTGRES);
        quern.write(
            "profiles.yml",
            &format!(
                "events: {{target: dev, outputs: {{dev: {{type: postgres, host: 127.0.0.1, port: {}, user: owner, \
                 password: sesame, dbname: shop, schema: {schema}, threads: 2}}}}}}\n",
                server.port()
            ),
        );
        quern
    };
    let mut dbt = on_postgres(true, "by_dbt");
    dbt.set("DBT_SEND_ANONYMOUS_USAGE_STATS", "0");
    let quern = on_postgres(false, "by_quern");
    let both = |arguments: &[&str]| {
        let mut command = dbt.command(&programs.join("dbt"));
        command.args(arguments);
        let outcome = outcome(command);
        assert!(outcome.succeeded, "`dbt {}` failed:\n{}", arguments.join(" "), outcome.text);
        quern.succeed(arguments);
    };
    both(&["seed"]);
    for session in SESSIONS {
        both(&["run", "--vars", &format!("{{session_time: '{session}'}}")]);
    }
    for table in BUILT {
        let rows =
            |schema: &str| server.sql(&format!("select * from {schema}.{table} order by 1, 2"));
        let expected = rows("by_dbt");
        assert!(!expected.is_empty(), "{table} has no rows");
        assert_eq!(rows("by_quern"), expected, "{table}");
    }
}

#[test]
fn a_run_without_a_session_time_says_what_to_pass() {
    let Some(programs) = parts::oracle() else { return };
    let dbt = project(true);
    let mut command = dbt.command(&programs.join("dbt"));
    command.args(["compile", "--select", "window_week"]);
    let outcome = outcome(command);
    assert!(
        !outcome.succeeded && outcome.text.contains("the run has no session time; pass --vars")
    );
    let quern = project(false).run(&["compile", "--select", "window_week"]);
    assert!(!quern.succeeded && quern.text.contains("--session-time"), "{}", quern.text);
}
