//! The SQL that is written for Redshift. A server of PostgreSQL stands in for it, with views in place of Redshift's
//! system views: what it does not understand it refuses, and what was sent is read from the log.

use crate::postgres_server::Server;
use crate::quern::Quern;

/// What the macros ask Redshift, answered from PostgreSQL's catalog.
const SYSTEM_VIEWS: &str = "\
create view svv_tables as
    select table_catalog, table_schema, table_name, table_type::text from information_schema.tables;
create view svv_columns as select * from information_schema.columns;
create view svv_mv_info as select ''::text as schema_name, ''::text as name where false;
create view svv_relation_privileges as
    select ''::text as namespace_name, ''::text as relation_name, ''::text as identity_name, ''::text as privilege_type where false;
create function getdate() returns timestamp language sql as 'select now()::timestamp';";

fn project(server: &Server) -> Quern {
    server.sql(SYSTEM_VIEWS);
    let quern = server.project("");
    let profile = std::fs::read_to_string(quern.folder().join("profiles.yml")).expect("a profile");
    quern.write("profiles.yml", &profile.replace("type: postgres", "type: redshift"));
    quern
}

/// All that was sent, spaces and line ends made one.
fn sent(quern: &Quern) -> String {
    let log = std::fs::read_to_string(quern.folder().join("logs/dbt.log")).expect("a log");
    log.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn tables_and_views_are_laid_out_as_configured() {
    let Some(server) = Server::start() else { return };
    let quern = project(&server);
    let models = [
        ("keyed", "materialized='table', dist='id', sort=['id', 'day'], backup=false"),
        ("everywhere", "materialized='table', dist='all', sort='id', sort_type='interleaved'"),
        ("automatic", "materialized='table', dist='auto', sort='auto'"),
        ("late", "materialized='view', bind=false"),
        ("kept", "materialized='materialized_view', auto_refresh=true, dist='even'"),
        ("plain", "materialized='view'"),
        ("plain_table", "materialized='table'"),
    ];
    for (name, config) in models {
        quern.write(
            &format!("models/{name}.sql"),
            &format!("{{{{ config({config}) }}}}\nselect 1 as id, current_date as day\n"),
        );
    }
    let outcome = quern.run(&["run"]);
    assert!(outcome.text.contains("PASS=2 WARN=0 ERROR=5"), "{}", outcome.text);
    let sent = sent(&quern);
    for part in [
        "create table \"shop\".\"public\".\"keyed__dbt_tmp\" backup no diststyle key distkey (id) compound sortkey (id, day) as (",
        "create table \"shop\".\"public\".\"everywhere__dbt_tmp\" diststyle all interleaved sortkey (id) as (",
        "create table \"shop\".\"public\".\"automatic__dbt_tmp\" diststyle auto sortkey auto as (",
        ") with no schema binding;",
        "backup yes diststyle even auto refresh yes as (",
    ] {
        assert!(sent.contains(part), "`{part}` was not sent:\n{sent}");
    }
}

#[test]
fn rows_are_merged_only_where_a_model_asks_for_it() {
    let Some(server) = Server::start() else { return };
    let quern = project(&server);
    quern.write("seeds/raw.csv", "id,name\n1,a\n2,\"it's\"\n");
    quern.write(
        "models/usual.sql",
        "{{ config(materialized='incremental', unique_key='id') }}\nselect * from {{ ref('raw') }}\n",
    );
    quern.write(
        "models/merged.sql",
        "{{ config(materialized='incremental', unique_key='id', incremental_strategy='merge') }}\nselect * from {{ ref('raw') }}\n",
    );
    // There is no `copy … from stdin`: rows of seeds are inserted.
    quern.succeed(&["build"]);
    assert_eq!(server.sql("select name from usual order by id"), "a\nit's\n");
    assert!(!sent(&quern).contains("from stdin"));
    quern.run(&["run"]);
    let sent = sent(&quern);
    assert!(sent.contains("delete from \"shop\".\"public\".\"usual\""), "{sent}");
    assert!(sent.contains("merge into \"shop\".\"public\".\"merged\" using"), "{sent}");
    assert!(
        sent.contains("on \"shop\".\"public\".\"merged\".id = DBT_INTERNAL_SOURCE.id"),
        "{sent}"
    );

    quern.write(
        "models/usual.sql",
        "{{ config(materialized='table', indexes=[{'columns': ['id']}]) }}\nselect 1 as id\n",
    );
    let outcome = quern.run(&["run", "-s", "usual"]);
    assert!(outcome.text.contains("Redshift has no indexes"), "{}", outcome.text);
}

#[test]
fn a_window_and_a_batch_replace_their_rows() {
    let Some(server) = Server::start() else { return };
    let quern = project(&server);
    quern.write(
        "models/daily.sql",
        "{{ config(materialized='incremental', incremental_strategy='session_window', time_column='day', grain='day') }}\n\
         select date '{{ session.window.start.strftime('%Y-%m-%d') }}' as day, '{{ var('mark') }}' as mark\n",
    );
    for (day, mark) in [("2024-01-02", "a"), ("2024-01-03", "b"), ("2024-01-02", "c")] {
        let vars = format!("{{mark: {mark}}}");
        quern.succeed(&["run", "-s", "daily", "--session-time", day, "--vars", &vars]);
    }
    assert_eq!(server.sql("select mark from daily order by day"), "c\nb\n");

    quern.remove("models/daily.sql");
    quern.write(
        "models/events.sql",
        "{{ config(materialized='table', event_time='at') }}\n\
         select id, timestamp '2024-01-01 12:00:00' + (id - 1) * interval '1 day' as at, '{{ var('mark') }}' as mark\n\
         from (select 1 as id union all select 2 union all select 3) as ids\n",
    );
    quern.write(
        "models/batched.sql",
        "{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='at', batch_size='day', \
         begin='2024-01-01') }}\nselect * from {{ ref('events') }}\n",
    );
    for (start, end, mark) in [("2024-01-01", "2024-01-03", "a"), ("2024-01-02", "2024-01-04", "b")]
    {
        let vars = format!("{{mark: {mark}}}");
        let times = ["--event-time-start", start, "--event-time-end", end, "--vars", &vars];
        quern.succeed(&[&["run"], &times[..]].concat());
    }
    assert_eq!(server.sql("select id, mark from batched order by id"), "1|a\n2|b\n3|b\n");
    let sent = sent(&quern);
    // Redshift's locks have no modes.
    assert!(sent.contains("lock \"shop\".\"public\".\"daily\"; delete from"), "{sent}");
    assert!(!sent.contains("share row exclusive"), "{sent}");
}

#[test]
fn a_command_says_the_password() {
    let Some(server) = Server::start() else { return };
    let quern = project(&server);
    let profile = std::fs::read_to_string(quern.folder().join("profiles.yml")).expect("a profile");
    let line =
        profile.lines().find(|line| line.contains("password:")).expect("a password").to_owned();
    let command = "      password_command: \"echo '{\\\"DbUser\\\": \\\"owner\\\", \\\"DbPassword\\\": \\\"sesame\\\"}'\"";
    quern.write("profiles.yml", &profile.replace(&line, command));
    quern.write("models/one.sql", "select 1 as id\n");
    quern.succeed(&["run"]);

    quern.write(
        "profiles.yml",
        &profile.replace(&line, "      password_command: \"echo expired >&2; exit 1\""),
    );
    let outcome = quern.run(&["run"]);
    assert_eq!(outcome.code, 2, "{}", outcome.text);
    assert!(
        outcome.text.contains("the `password_command` of the profile gave no password: expired"),
        "{}",
        outcome.text
    );
}
