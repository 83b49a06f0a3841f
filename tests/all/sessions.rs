//! Sessions and batches on PostgreSQL; on DuckDB the cases show them.

use std::path::Path;
use std::process::Stdio;

use crate::postgres_server::Server;

/// Hours around the night in which Berlin's clocks are set forward, each told in all kinds of columns.
const HOURS: &str = "create table hours as select n as id, moment, moment at time zone 'Europe/Berlin' as clock, \
    (moment at time zone 'Europe/Berlin')::date as day, to_char(moment at time zone 'Europe/Berlin', 'YYYYMMDD') as part \
    from generate_series(0, 95) as n, lateral (select timestamptz '2024-03-29 12:00:00+00' + n * interval '1 hour' as moment) as moments";

/// How many rows of each version a day has.
const BY_DAY: &str = "select day, version, count(*), count(distinct id) from built group by day, version order by day";

#[test]
fn a_session_replaces_its_window_by_columns_of_all_kinds() {
    let Some(server) = Server::start() else { return };
    let quern = server.project("");
    quern.write("quern.yml", "session: {timezone: Europe/Berlin}\n");
    server.sql(HOURS);
    for (column, kind) in
        [("moment", ""), ("clock", ""), ("day", ""), ("part", ", type='text', format='%Y%m%d'")]
    {
        server.sql("drop table if exists built");
        quern.write(
            "models/built.sql",
            &format!(
                "{{{{ config(materialized='incremental', incremental_strategy='session_window', \
                 time_column='{column}', time_column_format='%Y%m%d') }}}}\n\
                 select *, {{{{ var('version', 1) }}}} as version from public.hours\n\
                 where {{{{ in_session_window('{column}'{kind}) }}}}\n"
            ),
        );
        for (time, version) in [("2024-04-01", "1"), ("2024-03-31", "1"), ("2024-04-01", "2")] {
            let vars = format!("{{version: {version}}}");
            quern.succeed(&["run", "--session-time", time, "--vars", &vars]);
        }
        let rows = "2024-03-30|1|24|24\n2024-03-31|2|23|23\n";
        assert_eq!(server.sql(BY_DAY), rows, "{column}");
    }
}

#[test]
fn a_column_of_texts_is_not_compared_with_times_unawares() {
    let Some(server) = Server::start() else { return };
    let quern = server.project("");
    quern.write("quern.yml", "session: {timezone: Europe/Berlin}\n");
    server.sql(HOURS);
    let rows = |condition: &str| {
        quern.write(
            "models/built.sql",
            &format!("select count(*) as n from public.hours where {{{{ {condition} }}}}\n"),
        );
        let outcome = quern.run(&["run", "--session-time", "2024-03-31"]);
        outcome.succeeded.then(|| server.sql("select n from built")).ok_or(outcome.text)
    };
    let refused = rows("in_session_window('part')").expect_err("it is refused");
    assert!(refused.contains("type='text'"), "{refused}");
    assert_eq!(rows("in_session_window('part', type='text', format='%Y%m%d')").unwrap(), "24\n");
    assert_eq!(rows("in_session_window('clock')").unwrap(), "24\n");
    // From half past eleven on, on clocks with this offset; the first row is of one o'clock.
    assert_eq!(rows("in_session_window('clock', timezone='-11:30')").unwrap(), "23\n");
}

#[test]
fn two_runs_of_one_window_at_a_time_leave_its_rows_once() {
    let Some(server) = Server::start() else { return };
    let quern = server.project("");
    server.sql(HOURS);
    quern.write(
        "models/built.sql",
        "{{ config(materialized='incremental', incremental_strategy='session_window', time_column='moment') }}\n\
         select *, 1 as version from public.hours where {{ in_session_window('moment') }}\n",
    );
    quern.succeed(&["run", "--session-time", "2024-03-31"]);
    let runs: Vec<_> = (0..4)
        .map(|number| {
            let mut command = quern.command(Path::new(env!("CARGO_BIN_EXE_quern-under-test")));
            let target = format!("target_{number}");
            command.args(["run", "--session-time", "2024-04-01", "--target-path", &target]);
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts")
        })
        .collect();
    let ended = runs
        .into_iter()
        .filter_map(|mut run| run.wait().ok())
        .filter(std::process::ExitStatus::success);
    assert!(ended.count() > 0, "no run succeeded");
    assert_eq!(server.sql("select count(*), count(distinct id) from built"), "48|48\n");
}

#[test]
fn a_failed_session_leaves_the_table_as_it_was() {
    let Some(server) = Server::start() else { return };
    let quern = server.project("");
    server.sql(HOURS);
    quern.write(
        "models/built.sql",
        "{{ config(materialized='incremental', incremental_strategy='session_window', time_column='moment') }}\n\
         select *, {{ var('version', 1) }} as version from public.hours\n\
         {% if not var('leaks', false) %}where {{ in_session_window('moment') }}{% endif %}\n",
    );
    quern.succeed(&["run", "--session-time", "2024-03-31"]);
    let outcome =
        quern.run(&["run", "--session-time", "2024-03-31", "--vars", "{version: 2, leaks: true}"]);
    assert!(outcome.text.contains("Q907"), "{}", outcome.text);
    assert_eq!(server.sql("select count(*), max(version) from built"), "24|1\n");
}

#[test]
fn batches_are_merged_by_their_key() {
    let Some(server) = Server::start() else { return };
    let quern = server.project("");
    quern.write(
        "models/events.sql",
        "{{ config(materialized='table', event_time='happened_at') }}\n\
         select n as id, timestamptz '2024-01-01 00:00:00+00' + n * interval '12 hours' as happened_at\n\
         from generate_series(0, 7) as n\n",
    );
    quern.write(
        "models/batched.sql",
        "{{ config(materialized='incremental', incremental_strategy='microbatch', unique_key='id', \
         event_time='happened_at', begin='2024-01-01', batch_size='day') }}\n\
         select *, '{{ model.batch.id }}' as batch, {{ var('version', 1) }} as version from {{ ref('events') }}\n",
    );
    quern.succeed(&["run", "--session-time", "2024-01-03T00:00:00Z"]);
    quern.succeed(&["run", "--session-time", "2024-01-04T00:00:00Z", "--vars", "{version: 2}"]);
    assert_eq!(
        server.sql(
            "select batch, version, count(*) from batched group by batch, version order by batch"
        ),
        "20240101|1|2\n20240102|2|2\n20240103|2|2\n"
    );
}
