//! One project with windows on each warehouse: backfills that fail and go on, what the ledger says, what verify finds,
//! and rows outside of the window, which leave every table as it was.

use crate::bigquery;
use crate::postgres_server::Server;
use crate::quern::{Outcome, Quern};
use crate::trino;

/// Five days with two rows each, as any SQL has them.
fn staged() -> String {
    let rows =
        (1..=10).map(|id| format!("select {id} as id, date '2024-03-0{}' as day", (id + 1) / 2));
    format!(
        "{{{{ config(materialized='view') }}}}\n{}\n",
        rows.collect::<Vec<_>>().join(" union all\n")
    )
}

const DAILY: &str = "{{ config(materialized='incremental', incremental_strategy='session_window', time_column='day') }}
select id, day, {{ 1 if gate_is_open() else 'no_such_column' }} as version
from {{ ref('staged') }}
where {{ 'true' if var('leaks', false) else in_session_window('day', type='date') }}
";

/// The third day fails until there is a table of this name: what is repaired outside of the code, as a source is.
const GATE: &str = "{% macro gate() %}{{ return(api.Relation.create(database=target.database, schema=target.schema, identifier='gate')) }}{% endmacro %}
{% macro gate_is_open() %}{{ return(
  not execute or session.window.start.day != 3
  or adapter.get_relation(database=target.database, schema=target.schema, identifier='gate') is not none
) }}{% endmacro %}
{% macro open_gate() %}{% do run_query('create table ' ~ gate() ~ ' as select 1 as n') %}{% do adapter.commit() %}{% endmacro %}
";

const KEYED: &str = "{{ config(materialized='incremental', unique_key='id', incremental_strategy=var('keyed', 'delete+insert')) }}
select id, day, version from {{ ref('daily') }} where {{ in_session_window('day', type='date') }}
";

const TOTAL: &str = "{{ config(materialized='table') }}
select count(*) as n from {{ ref('daily') }}
";

const RESTLESS: &str = "{{ config(materialized='incremental', incremental_strategy='session_window', time_column='day') }}
select id, day, {{ 'random()' if target.type in ['duckdb', 'postgres'] else 'rand()' }} as number from {{ ref('staged') }} where {{ in_session_window('day', type='date') }}
";

const RANGE: [&str; 5] = ["backfill", "--from", "2024-03-01", "--to", "2024-03-06"];
const SESSION: [&str; 2] = ["--session-time", "2024-03-06"];

fn write(quern: &Quern) {
    quern.write("models/staged.sql", &staged());
    quern.write("models/daily.sql", DAILY);
    quern.write("models/keyed.sql", KEYED);
    quern.write("macros/gate.sql", GATE);
    quern.write("models/total.sql", TOTAL);
}

#[track_caller]
fn assert_told(outcome: &Outcome, parts: &[&str]) {
    for part in parts {
        assert!(outcome.text.contains(part), "`{part}` is missing:\n{}", outcome.text);
    }
}

fn ledger(quern: &Quern) -> String {
    quern.succeed(&["ledger", "--quiet", "--from", "2024-03-01", "--to", "2024-03-06"]).text
}

fn numbers(quern: &Quern) -> String {
    let sql = "select (select count(*) from {{ ref('daily') }}) as daily, (select count(distinct id) from {{ ref('keyed') }}) \
               as keyed, (select count(*) from {{ ref('keyed') }}) as all_keyed, (select max(n) from {{ ref('total') }}) as total";
    let shown = quern.succeed(&["show", "--quiet", "--output", "json", "--inline", sql]).text;
    let start = shown.find('{').expect("JSON");
    let shown: serde_json::Value = serde_json::from_str(shown[start..].trim()).expect("JSON");
    shown["show"][0].to_string()
}

/// What a backfill of five days leaves.
const ALL: &str = r#"{"daily":10,"keyed":10,"all_keyed":10,"total":10}"#;

fn windows_go_as_they_should(quern: &Quern) {
    write(quern);
    let plan = quern.succeed(&[&RANGE[..], &["--plan"]].concat());
    assert_told(&plan, &["10 windows of 2 models to build, 2 other models once"]);

    // The third day fails, and what waits for it is left.
    let failed = quern.run(&RANGE);
    assert_eq!(failed.code, 1, "{}", failed.text);
    assert_told(&failed, &["ERROR creating", "daily for 2024-03-03", "no_such_column", "ERROR=1"]);
    assert_told(&failed, &["SKIP relation"]);
    assert!(ledger(quern).contains("daily  each day: 4 of 5 windows built"), "{}", ledger(quern));
    quern.succeed(&["run-operation", "open_gate"]);
    let again = quern.succeed(&["retry"]);
    assert_told(&again, &["this backfill goes on where it was stopped", "daily for 2024-03-03"]);
    assert!(!again.text.contains("daily for 2024-03-01"), "{}", again.text);
    assert_eq!(numbers(quern), ALL);
    let built = ledger(quern);
    assert!(built.contains("daily  each day: 5 of 5 windows built"), "{built}");
    assert!(built.contains("keyed  each day: 5 of 5 windows built"), "{built}");

    // A session again changes nothing, and whatever is outside of the window is told before anything is changed.
    quern.succeed(&[&["run"], &SESSION[..]].concat());
    assert_eq!(numbers(quern), ALL);
    let leak = [&["run", "--select", "daily", "--vars", "{leaks: true}"], &SESSION[..]].concat();
    let leaking = quern.run(&leak);
    assert_told(&leaking, &["error[Q907]", "8 rows outside of its window"]);
    assert_eq!(numbers(quern), ALL);
    let rebuilding = quern.run(&[&leak[..], &["--full-refresh"]].concat());
    assert_told(&rebuilding, &["error[Q907]"]);
    assert_eq!(numbers(quern), ALL);
    assert!(ledger(quern).contains("daily  each day: 5 of 5"), "{}", ledger(quern));
    quern.write("models/fresh.sql", &DAILY.replace("'leaks', false", "'leaks', true"));
    let first = quern.run(&[&["run", "--select", "fresh"], &SESSION[..]].concat());
    assert_told(&first, &["error[Q907]", "8 rows outside of its window"]);
    quern.write("models/fresh.sql", DAILY);
    let columns = "select count(*) as n from {{ ref('fresh') }}";
    let missing = quern.run(&["show", "--quiet", "--inline", columns]);
    assert!(!missing.succeeded, "a first run that was refused has made a table:\n{}", missing.text);
    quern.remove("models/fresh.sql");

    // A table with one window is known by one window.
    quern.succeed(&[&["run", "--select", "daily", "--full-refresh"], &SESSION[..]].concat());
    let one = ledger(quern);
    assert!(one.contains("daily  each day: 1 of 5 windows built"), "{one}");
    let rest = quern.succeed(&[&RANGE[..], &["--missing-only"]].concat());
    assert_told(&rest, &["built already", "daily for 2024-03-01"]);
    assert_eq!(numbers(quern), ALL);
    let nothing = quern.succeed(&[&RANGE[..], &["--missing-only"]].concat());
    assert_told(&nothing, &["Nothing is left to build."]);

    let verify = [&["verify", "--select"], &["daily"][..], &SESSION[..]].concat();
    assert_told(&quern.succeed(&verify), &["daily"]);
    quern.write("models/restless.sql", RESTLESS);
    let verify = [&["verify", "--select"], &["restless"][..], &SESSION[..]].concat();
    let differing = quern.run(&verify);
    assert_eq!(differing.code, 1, "{}", differing.text);
    assert_told(&differing, &["restless", "number"]);
}

#[test]
fn windows_on_duckdb() {
    let quern = Quern::in_base_project();
    windows_go_as_they_should(&quern);
}

#[test]
fn windows_on_postgres() {
    let Some(server) = Server::start() else { return };
    let quern = server.project("");
    windows_go_as_they_should(&quern);
}

#[test]
fn windows_on_trino() {
    let Some(project) = trino::Project::new("quern_windows") else { return };
    windows_go_as_they_should(&project.quern);
}

#[test]
fn windows_on_bigquery() {
    let Some(quern) = bigquery::project("windows") else { return };
    quern.write(
        "dbt_project.yml",
        "name: shop\nversion: '1.0'\nprofile: shop\nvars: {keyed: merge}\n",
    );
    windows_go_as_they_should(&quern);
}
