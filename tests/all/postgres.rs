//! What goes wrong with a server of PostgreSQL, and what is special about its relations; against a real one.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::postgres_server::Server;
use crate::quern::Quern;

/// Variables, further fields of the profile, and what is to be read.
type Case<'a> = (&'a [(&'a str, &'a str)], &'a str, &'a [&'a str]);

#[test]
fn what_keeps_a_session_from_opening_is_told_apart() {
    let Some(server) = Server::start() else { return };
    // The listener is gone again, and with it whoever would answer.
    let closed =
        std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let closed = closed.expect("a free port").port().to_string();
    let cases: [Case; 5] = [
        (
            &[("SHOP_PASSWORD", "wrong")],
            "",
            &["error[Q704]", "password authentication failed for user \"owner\""],
        ),
        (
            &[("SHOP_HOST", "nowhere.invalid")],
            "",
            &["error[Q701]", "could not translate host name"],
        ),
        (&[("SHOP_PORT", &closed)], "", &["error[Q701]", "Connection refused"]),
        (
            &[],
            "      sslmode: require\n",
            &["error[Q1", "server does not support SSL, but SSL was required"],
        ),
        (&[("SHOP_USER", "nobody")], "", &["error[Q704]", "nobody"]),
    ];
    for (variables, fields, parts) in cases {
        let mut quern = server.project(&format!("      retries: 0\n{fields}"));
        quern.write("models/one.sql", "select 1 as id\n");
        for (name, value) in variables {
            quern.set(name, value);
        }
        let outcome = quern.run(&["run"]);
        assert_eq!(outcome.code, 2, "{}", outcome.text);
        for part in parts {
            assert!(outcome.text.contains(part), "`{part}` is missing:\n{}", outcome.text);
        }
        assert!(!outcome.text.contains("panicked"), "{}", outcome.text);
    }
}

/// Ends its own session, or fails as told, when it is asked for the first time; a sequence outlives rollbacks.
const TROUBLE: &str = "\
create sequence tries;
create function trouble(kind text) returns integer language plpgsql as $$
begin
    if nextval('tries') = 1 then
        if kind = 'lost' then
            perform pg_terminate_backend(pg_backend_pid());
        else
            raise exception 'could not serialize access' using errcode = '40001';
        end if;
    end if;
    return currval('tries');
end $$;
create table journal (entry text);";

#[test]
fn a_node_that_left_nothing_behind_is_tried_again() {
    let Some(server) = Server::start() else { return };
    server.sql(TROUBLE);
    for kind in ["lost", "conflict"] {
        server.sql("select setval('tries', 1, false)");
        let quern = server.project("      retries: 2\n");
        quern.write(
            "models/shaky.sql",
            &format!(
                "{{{{ config(materialized='table', pre_hook=\"insert into journal values ('{kind}')\") }}}}\n\
                 select trouble('{kind}') as tries\n"
            ),
        );
        quern.write("models/after.sql", "select * from {{ ref('shaky') }}\n");
        let outcome = quern.succeed(&["run"]);
        assert!(
            outcome.text.contains("`model.small.shaky` is tried again (1 of 2)"),
            "{}",
            outcome.text
        );
        assert_eq!(server.sql("select tries from public.after"), "2\n");
        // The first try's hook was undone with it.
        let sql = format!("select count(*) from journal where entry = '{kind}'");
        assert_eq!(server.sql(&sql), "1\n");
    }
}

#[test]
fn a_node_that_was_half_committed_is_reported_and_the_rest_goes_on() {
    let Some(server) = Server::start() else { return };
    server.sql(TROUBLE);
    let quern = server.project("      retries: 2\n");
    quern.write(
        "models/shaky.sql",
        "{{ config(materialized='table', pre_hook={'sql': \"insert into journal values ('once')\", 'transaction': false}) }}\n\
         select trouble('lost') as tries\n",
    );
    quern.write("models/zebra.sql", "{{ config(materialized='table') }}\nselect 1 as id\n");
    let outcome = quern.run(&["run", "--threads", "1"]);
    assert_eq!(outcome.code, 1, "{}", outcome.text);
    assert!(
        outcome.text.contains("already committed, so it was not tried again"),
        "{}",
        outcome.text
    );
    assert!(!outcome.text.contains("is tried again"), "{}", outcome.text);
    assert_eq!(server.sql("select count(*) from journal"), "1\n");
    // The worker has another session for the next node.
    assert_eq!(server.sql("select count(*) from public.zebra"), "1\n");
}

#[test]
fn incremental_models_and_batches_are_tried_again() {
    let Some(server) = Server::start() else { return };
    server.sql(TROUBLE);
    server.sql("alter sequence tries minvalue -9");
    let quern = server.project("      retries: 2\n");
    quern.write(
        "models/shaky.sql",
        "{{ config(materialized='incremental', unique_key='id') }}\nselect 1 as id, trouble('lost') as tries\n",
    );
    server.sql("select setval('tries', 5)");
    quern.succeed(&["run"]);
    // The second time its rows are gathered in a temporary table, where the session is lost.
    server.sql("select setval('tries', 1, false)");
    let outcome = quern.succeed(&["run"]);
    assert!(
        outcome.text.contains("`model.small.shaky` is tried again (1 of 2)"),
        "{}",
        outcome.text
    );
    assert_eq!(server.sql("select tries from public.shaky"), "2\n");

    quern.write(
        "models/shaky.sql",
        "{{ config(materialized='incremental', incremental_strategy='microbatch', unique_key='id', event_time='at', begin='2024-01-01', batch_size='day') }}\n\
         select trouble('lost') as id, timestamp '2024-01-01' as at\n",
    );
    let line = [
        "run",
        "--full-refresh",
        "--event-time-start",
        "2024-01-01",
        "--event-time-end",
        "2024-01-05",
    ];
    // The second of four batches loses its session.
    server.sql("select setval('tries', 0, false)");
    quern.succeed(&line);
    assert_eq!(server.sql("select id from public.shaky order by 1"), "0\n2\n3\n4\n");

    let quern = server.project("      retries: 0\n");
    quern.write(
        "models/shaky.sql",
        "{{ config(materialized='incremental', incremental_strategy='microbatch', unique_key='id', event_time='at', begin='2024-01-01', batch_size='day') }}\n\
         select trouble('lost') as id, timestamp '2024-01-01' as at\n",
    );
    server.sql("select setval('tries', 0, false)");
    let outcome = quern.run(&line);
    assert_eq!(outcome.code, 1, "{}", outcome.text);
    // The batches after it have another session.
    assert_eq!(server.sql("select id from public.shaky order by 1"), "0\n2\n3\n");
}

#[test]
fn what_a_node_asks_for_beside_its_model_is_kept_as_with_psycopg2() {
    let Some(server) = Server::start() else { return };
    server.sql("create table journal (entry text)");
    let quern = server.project("");
    quern.write(
        "macros/all.sql",
        "{% macro note(entry, asks=true) %}{% call statement('note', auto_begin=asks) %}insert into journal values ('{{ entry }}'){% endcall %}{% endmacro %}\n\
         {% macro fail_after(entry) %}{% do note(entry) %}{% do run_query('select 1/0') %}{% endmacro %}\n\
         {% materialization committed, default %}\n\
           {% call statement('main') %}create table {{ this }} as {{ sql }}{% endcall %}\n\
           {% do adapter.commit() %}{% do note('after the commit') %}\n\
           {% do return({'relations': [this]}) %}\n\
         {% endmaterialization %}\n\
         {% materialization left_open, default %}\n\
           {% call statement('main') %}create table {{ this }} as {{ sql }}{% endcall %}\n\
           {% do return({'relations': [this]}) %}\n\
         {% endmaterialization %}\n",
    );
    let noting = "{% if execute %}{% do note('compiling', asks=false) %}{% endif %}";
    quern.write(
        "models/failing.sql",
        &format!("{{{{ config(materialized='table') }}}}{noting}\nselect 1/0 as id\n"),
    );
    quern.write(
        "models/built.sql",
        &format!("{{{{ config(materialized='table') }}}}{noting}\nselect 1 as id\n"),
    );
    quern.write("models/committed.sql", "{{ config(materialized='committed') }}\nselect 1 as id\n");
    quern.write("models/left_open.sql", "{{ config(materialized='left_open') }}\nselect 1 as id\n");
    // By what dbt-postgres 1.11 leaves behind after the same commands.
    let cases: [(&[&str], i32, &str); 7] = [
        (&["run", "--select", "failing"], 1, ""),
        (&["compile", "--select", "built"], 0, ""),
        (&["run", "--select", "built"], 0, "compiling\n"),
        (&["run", "--select", "committed"], 0, "after the commit\n"),
        (&["run", "--select", "left_open"], 0, ""),
        (&["run-operation", "note", "--args", "{entry: operation}"], 0, "operation\n"),
        (&["run-operation", "fail_after", "--args", "{entry: before}"], 1, "before\n"),
    ];
    for (line, code, kept) in cases {
        server.sql("delete from journal");
        let outcome = quern.run(line);
        assert_eq!(outcome.code, code, "{line:?}: {}", outcome.text);
        assert_eq!(server.sql("select entry from journal"), kept, "{line:?}");
    }
    let tables = "select relname from pg_class where relname in ('committed', 'left_open')";
    assert_eq!(server.sql(tables), "committed\n");
}

#[test]
fn a_restart_of_the_server_in_the_middle_of_a_run_is_survived() {
    let Some(server) = Server::start() else { return };
    let quern = server.project("      retries: 5\n");
    quern.write("models/a.sql", "{{ config(materialized='table') }}\nselect 1 as id\n");
    quern.write(
        "models/b.sql",
        "{{ config(materialized='table') }}\nselect id, pg_sleep(2)::text as nap from {{ ref('a') }}\n",
    );
    quern.write(
        "models/c.sql",
        "{{ config(materialized='table') }}\nselect id from {{ ref('b') }}\n",
    );
    quern.write("macros/none.sql", "");
    let project = std::fs::read_to_string(quern.folder().join("dbt_project.yml")).expect("a file");
    quern.write(
        "dbt_project.yml",
        &format!("{project}\non-run-end: create table at_the_end as select 1 as id\n"),
    );
    let (child, mut output, mut text) = run_until(&quern, "START sql table model public.b");
    std::thread::sleep(Duration::from_millis(300));
    server.down();
    server.up();
    output.read_to_string(&mut text).expect("lines");
    let status = wait(child);
    assert!(status, "{text}");
    assert!(text.contains("`model.small.b` is tried again"), "{text}");
    assert_eq!(server.sql("select count(*) from public.c"), "1\n");
    assert_eq!(server.sql("select count(*) from at_the_end"), "1\n");
}

#[test]
fn statements_end_by_timeout_or_by_interrupt() {
    let Some(server) = Server::start() else { return };
    let quern = server.project("");
    quern.write(
        "models/slow.sql",
        "{{ config(materialized='table', pre_hook=\"set statement_timeout = '200ms'\") }}\nselect pg_sleep(60)::text as nap\n",
    );
    let outcome = quern.run(&["run"]);
    assert_eq!(outcome.code, 1, "{}", outcome.text);
    assert!(
        outcome.text.contains("canceling statement due to statement timeout"),
        "{}",
        outcome.text
    );
    assert!(!outcome.text.contains("keyboard interrupt"), "{}", outcome.text);

    quern.write(
        "models/slow.sql",
        "{{ config(materialized='table') }}\nselect pg_sleep(60)::text as nap\n",
    );
    let (child, mut output, mut text) = run_until(&quern, "START sql table model public.slow");
    std::thread::sleep(Duration::from_millis(300));
    let begin = Instant::now();
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(sent.expect("`kill` is there").success());
    output.read_to_string(&mut text).expect("lines");
    assert!(!wait(child), "{text}");
    assert!(begin.elapsed() < Duration::from_secs(20), "it took its time:\n{text}");
    let running = "select count(*) from pg_stat_activity where query like '%pg_sleep%' and pid <> pg_backend_pid() and state = 'active'";
    assert_eq!(server.sql(running), "0\n");
}

#[test]
fn a_second_interrupt_ends_the_program_though_the_server_says_nothing() {
    let Some(server) = Server::start() else { return };
    let quern = server.project("");
    quern.write(
        "models/slow.sql",
        "{{ config(materialized='table') }}\nselect pg_sleep(60)::text as nap\n",
    );
    let folder = server.sql("show data_directory");
    let postmaster = std::fs::read_to_string(Path::new(folder.trim()).join("postmaster.pid"));
    let postmaster =
        postmaster.expect("a running server").lines().next().expect("a line").to_owned();
    let signal = |signal: &str, process: &str| {
        let sent = Command::new("kill").args([signal, process]).status();
        assert!(sent.expect("`kill` is there").success());
    };
    let (child, _output, _) = run_until(&quern, "START sql table model public.slow");
    std::thread::sleep(Duration::from_millis(300));
    // Nobody answers to what is asked from now on.
    signal("-STOP", &postmaster);
    let begin = Instant::now();
    for _ in 0..2 {
        signal("-INT", &child.id().to_string());
        std::thread::sleep(Duration::from_millis(500));
    }
    let is_success = wait(child);
    let seconds = begin.elapsed().as_secs_f64();
    signal("-CONT", &postmaster);
    assert!(!is_success && seconds < 8.0, "it took {seconds} seconds");
}

#[test]
fn a_schema_without_permission_is_an_error_with_its_reason() {
    let Some(server) = Server::start() else { return };
    server.sql("revoke create on schema public from public");
    let mut quern = server.project("");
    quern.set("SHOP_USER", "guest");
    quern.set("SHOP_PASSWORD", "guest");
    quern.write("models/one.sql", "select 1 as id\n");
    let outcome = quern.run(&["run"]);
    assert_eq!(outcome.code, 1, "{}", outcome.text);
    assert!(outcome.text.contains("permission denied for schema public"), "{}", outcome.text);

    quern.write("models/one.sql", "{{ config(schema='other') }}\nselect 1 as id\n");
    let outcome = quern.run(&["run"]);
    assert!(outcome.text.contains("permission denied for database shop"), "{}", outcome.text);
    assert!(outcome.text.contains("create schema if not exists"), "{}", outcome.text);
}

#[test]
fn names_of_all_kinds_are_built_twice() {
    let Some(server) = Server::start() else { return };
    // 63 bytes, the most there may be; in the second each character has three.
    let long = "l".repeat(63);
    let wide = "表".repeat(21);
    let names = ["Order", "select", "My Table", "say \"hi\"", "it's", "наименование", &long, &wide];
    let quern = server.project("");
    for materialized in ["table", "view", "incremental", "table"] {
        for (index, name) in names.iter().enumerate() {
            // As in dbt a backslash in a text that is read without rendering is one.
            let quote = if name.contains('\'') { '"' } else { '\'' };
            quern.write(
                &format!("models/m{index}.sql"),
                &format!(
                    "{{{{ config(materialized='{materialized}', alias={quote}{name}{quote}) }}}}\nselect {index} as \"Id\"\n"
                ),
            );
        }
        // Existing relations are replaced in the second run.
        quern.succeed(&["run"]);
        quern.succeed(&["run"]);
        let built = server.sql("select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'v') order by oid");
        let mut built: Vec<&str> = built.lines().collect();
        let mut wanted = names.to_vec();
        built.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(built, wanted, "as {materialized}");
    }
    for name in [format!("{long}x"), format!("{wide}表")] {
        quern
            .write("models/m0.sql", &format!("{{{{ config(alias='{name}') }}}}\nselect 1 as id\n"));
        let outcome = quern.run(&["run", "-s", "m0"]);
        assert_eq!(outcome.code, 1, "{}", outcome.text);
        assert!(outcome.text.contains("is longer than 63 characters"), "{}", outcome.text);
    }
}

#[test]
fn relations_of_another_kind_are_replaced() {
    let Some(server) = Server::start() else { return };
    let quern = server.project("");
    let kinds = ["table", "view", "materialized_view", "incremental"];
    let model = |kind: &str| {
        quern.write(
            "models/it.sql",
            &format!("{{{{ config(materialized='{kind}') }}}}\nselect 7 as id\n"),
        );
        quern.succeed(&["run"]);
        assert_eq!(server.sql("select id from public.it"), "7\n", "as {kind}");
    };
    for before in [
        "create table it (id int)",
        "create view it as select 1 as id",
        "create materialized view it as select 1 as id",
    ] {
        for kind in kinds {
            server.sql("drop schema public cascade; create schema public");
            server.sql(before);
            if kind == "incremental" && before.starts_with("create table") {
                server.sql("insert into it values (7)");
                quern.write(
                    "models/it.sql",
                    "{{ config(materialized='incremental', unique_key='id') }}\nselect 7 as id\n",
                );
                quern.succeed(&["run"]);
                assert_eq!(server.sql("select id from public.it"), "7\n");
            } else if !(kind == "materialized_view" && before.contains("materialized")) {
                // A materialized view that is one already is only refreshed, as in dbt.
                model(kind);
            }
        }
    }
}

#[test]
fn drops_by_others_do_not_break_the_next_run() {
    let Some(server) = Server::start() else { return };
    let quern = server.project("");
    quern.write("models/base.sql", "{{ config(materialized='table') }}\nselect 1 as id\n");
    for index in 0..6 {
        quern.write(&format!("models/v{index}.sql"), "select * from {{ ref('base') }}\n");
        quern.write(
            &format!("models/t{index}.sql"),
            "{{ config(materialized='table') }}\nselect * from {{ ref('base') }}\n",
        );
    }
    quern.succeed(&["run"]);
    // Replacing the table drops the views on it, which the notes of the run know of afterwards.
    quern.succeed(&["run"]);
    quern.succeed(&["run", "-s", "base", "v0"]);

    // Two runs at once get into each other's way; what matters is that both end in order and nothing is left over.
    let mut first = quern.command(Path::new(env!("CARGO_BIN_EXE_quern-under-test")));
    first.args(["run", "--target-path", "other"]).stdout(Stdio::null()).stderr(Stdio::null());
    let mut first = first.spawn().expect("the program starts");
    let second = quern.run(&["run"]);
    assert!(matches!(second.code, 0 | 1), "{}", second.text);
    assert!(!second.text.contains("panicked"), "{}", second.text);
    assert!(matches!(first.wait().expect("it ends").code(), Some(0 | 1)));

    server.sql("drop table base cascade");
    quern.succeed(&["run"]);
    let left = server.sql("select count(*) from pg_class where relnamespace = 'public'::regnamespace and relname like '%\\_\\_dbt\\_%'");
    assert_eq!(left, "0\n");
}

#[test]
fn a_long_seed_whose_end_is_of_another_kind_is_loaded_whole() {
    let Some(server) = Server::start() else { return };
    let quern = server.project("");
    let rows = (0..400_000).map(|number| format!("{number},{number}")).collect::<Vec<_>>();
    let rows = rows.join("\n") + "\n";
    for (last, kind) in
        [("400000,1", "integer"), ("400000,0.5", "double precision"), ("400000,x", "text")]
    {
        quern.write("seeds/long.csv", &format!("id,value\n{rows}{last}\n"));
        let outcome = quern.run(&["seed", "--full-refresh"]);
        assert_eq!(outcome.code, 0, "{}", outcome.text);
        let found = server.sql(
            "select count(*) || ' ' || max(pg_typeof(value)::text) || ' ' || \
             (select value from long where id = 400000) from long",
        );
        let value = last.split_once(',').map_or(last, |(_, value)| value);
        assert_eq!(found, format!("400001 {kind} {value}\n"), "{}", outcome.text);
        assert!(outcome.text.contains("400001"), "{}", outcome.text);
    }
    // Its rows are refused after the old table was emptied, or dropped.
    let checked = "seeds: [{name: long, config: {column_types: {value: integer}}}]\n";
    for (arguments, properties, last, said) in [
        (["seed"].as_slice(), "", "1,2,3", "seeds/long.csv:400002"),
        (&["seed", "--full-refresh"], checked, "1,x", "invalid input syntax"),
    ] {
        quern.write("seeds/long.yml", properties);
        quern.write("seeds/long.csv", &format!("id,value\n{rows}{last}\n"));
        let outcome = quern.run(arguments);
        assert_eq!(outcome.code, 1, "{}", outcome.text);
        assert!(outcome.text.contains(said), "{}", outcome.text);
        assert_eq!(server.sql("select count(*), max(value) from long"), "400001|x\n");
    }
}

#[test]
fn notices_of_the_server_are_in_the_log() {
    let Some(server) = Server::start() else { return };
    let quern = server.project("");
    quern.write(
        "models/one.sql",
        "{{ config(pre_hook=\"do $$ begin raise notice 'greetings from the server'; end $$\") }}\nselect 1 as id\n",
    );
    let outcome = quern.succeed(&["run"]);
    assert!(!outcome.text.contains("greetings"), "{}", outcome.text);
    let log = std::fs::read_to_string(quern.folder().join("logs/dbt.log")).expect("a log");
    assert!(log.contains("NOTICE:  greetings from the server"), "{log}");
}

#[test]
fn tables_are_unlogged_and_indexed_and_granted_as_configured() {
    let Some(server) = Server::start() else { return };
    let quern = server.project("");
    quern.write(
        "models/one.sql",
        "{{ config(materialized='table', unlogged=true, grants={'select': ['reader']},\n\
         indexes=[{'columns': ['id'], 'unique': true}, {'columns': ['id', 'name'], 'type': 'btree'}, {'columns': ['name'], 'type': 'hash'}]) }}\n\
         select 1 as id, 'a' as name\n",
    );
    quern.write(
        "models/one.yml",
        "models:\n  - name: one\n    description: It's \"one\" $$\n    config: {persist_docs: {relation: true, columns: true}}\n    \
         columns: [{name: id, description: the number}]\n",
    );
    for _ in 0..2 {
        quern.succeed(&["run"]);
        assert_eq!(server.sql("select relpersistence from pg_class where relname = 'one'"), "u\n");
        let indexes = "select indexdef from pg_indexes where tablename = 'one' order by 1";
        let indexes = server.sql(indexes);
        for part in [
            "USING btree (id)",
            "USING btree (id, name)",
            "USING hash (name)",
            "CREATE UNIQUE INDEX",
        ] {
            assert!(indexes.contains(part), "{indexes}");
        }
        assert_eq!(indexes.lines().count(), 3, "{indexes}");
        assert_eq!(
            server.sql("select has_table_privilege('reader', 'public.one', 'select')"),
            "t\n"
        );
        assert_eq!(
            server.sql("select obj_description('public.one'::regclass)"),
            "It's \"one\" $$\n"
        );
        assert_eq!(server.sql("select col_description('public.one'::regclass, 1)"), "the number\n");
    }
}

#[test]
fn a_materialized_view_follows_its_configuration() {
    let Some(server) = Server::start() else { return };
    let quern = server.project("");
    let write = |reaction: &str, columns: &str| {
        quern.write(
            "models/sums.sql",
            &format!(
                "{{{{ config(materialized='materialized_view', on_configuration_change='{reaction}', indexes=[{{'columns': ['{columns}']}}]) }}}}\n\
                 select id, name from public.raw\n"
            ),
        );
    };
    let indexes = || server.sql("select indexdef from pg_indexes where tablename = 'sums'");
    let oid = || server.sql("select 'public.sums'::regclass::oid");
    server.sql("create table raw as select 1 as id, 'a' as name");
    write("apply", "id");
    quern.succeed(&["run"]);
    let first = oid();

    // Unchanged: refreshed.
    server.sql("insert into raw values (2, 'b')");
    quern.succeed(&["run"]);
    assert_eq!((server.sql("select count(*) from sums"), oid()), ("2\n".to_owned(), first.clone()));

    // Another index: changed in place, or left, or refused.
    write("apply", "name");
    quern.succeed(&["run"]);
    assert!(indexes().contains("(name)") && !indexes().contains("(id)"), "{}", indexes());
    write("continue", "id");
    let outcome = quern.succeed(&["run"]);
    assert!(indexes().contains("(name)"), "{}", outcome.text);
    write("fail", "id");
    let outcome = quern.run(&["run"]);
    assert_eq!(outcome.code, 1, "{}", outcome.text);
    assert_eq!(oid(), first);
    quern.succeed(&["run", "--full-refresh"]);
    assert!(indexes().contains("(id)"), "{}", indexes());
    assert_ne!(oid(), first);
}

#[test]
fn indexes_grants_and_comments_of_a_materialized_view_are_those_of_its_configuration() {
    let Some(server) = Server::start() else { return };
    let quern = server.project("");
    let write = |indexes: &str, grants: &str| {
        quern.write(
            "models/sums.sql",
            &format!(
                "{{{{ config(materialized='materialized_view', schema='say \"hi\"', indexes=[{indexes}], \
                 grants={{'select': {grants}}}) }}}}\nselect 1 as \"Id\", 'a'::varchar(5) as name\n"
            ),
        );
        quern.succeed(&["run"]);
    };
    quern.write(
        "models/sums.yml",
        "models:\n  - name: sums\n    config: {persist_docs: {columns: true}}\n    columns: [{name: Id, quote: true, description: the number}]\n",
    );
    let indexes = || server.sql("select indexname from pg_indexes where tablename = 'sums'");
    let kept =
        r#"{'columns': ['"Id"', 'name'], 'unique': true}, {'columns': ['lower(name)', '"Id"']}"#;
    write(kept, "['reader']");
    let (first, relation) = (indexes(), "'\"public_say \"\"hi\"\"\".sums'");
    assert_eq!(first.lines().count(), 2, "{first}");
    let comment = server.sql(&format!("select col_description({relation}::regclass, 1)"));
    assert_eq!(comment, "the number\n");
    let may_read =
        || server.sql(&format!("select has_table_privilege('reader', {relation}, 'select')"));
    assert_eq!(may_read(), "t\n");

    // Quotes and expressions are no changes; an index that is gone from the configuration is.
    write(kept, "[]");
    assert_eq!((indexes(), may_read()), (first.clone(), "f\n".to_owned()));
    write("{'columns': ['upper(name)']}", "['PUBLIC']");
    let changed = server.sql("select indexdef from pg_indexes where tablename = 'sums'");
    assert!(changed.contains("upper(") && changed.lines().count() == 1, "{changed}");
    assert_eq!(may_read(), "t\n");
    write("{'columns': ['upper(name)']}", "[]");
    assert_eq!(may_read(), "f\n");
}

#[test]
fn each_incremental_strategy_leaves_the_rows_it_promises() {
    let Some(server) = Server::start() else { return };
    let quern = server.project("");
    server.sql("create table raw (id int, value text)");
    let cases = [
        ("append", "", "1|a\n1|b\n2|b\n"),
        ("delete+insert", "unique_key='id', ", "1|b\n2|b\n"),
        ("merge", "unique_key='id', ", "1|b\n2|b\n"),
        ("merge", "unique_key='id', merge_exclude_columns=['value'], ", "1|a\n2|b\n"),
    ];
    for (strategy, key, rows) in cases {
        quern.write(
            "models/kept.sql",
            &format!("{{{{ config(materialized='incremental', {key}incremental_strategy='{strategy}') }}}}\nselect * from public.raw\n"),
        );
        server.sql("truncate raw; insert into raw values (1, 'a')");
        quern.succeed(&["run", "--full-refresh"]);
        server.sql("truncate raw; insert into raw values (1, 'b'), (2, 'b')");
        quern.succeed(&["run"]);
        assert_eq!(server.sql("select * from kept order by id, value"), rows, "{strategy} {key}");
    }
}

/// Starts `quern run` and reads what it says up to a line.
fn run_until(quern: &Quern, line: &str) -> (Child, BufReader<std::process::ChildStdout>, String) {
    let mut command = quern.command(Path::new(env!("CARGO_BIN_EXE_quern-under-test")));
    command.args(["run", "--threads", "1"]).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("the program starts");
    let mut output = BufReader::new(child.stdout.take().expect("standard output"));
    let mut text = String::new();
    while !text.contains(line) {
        assert!(output.read_line(&mut text).expect("lines") > 0, "it ended early:\n{text}");
    }
    (child, output, text)
}

fn wait(mut child: Child) -> bool {
    child.wait().expect("it ends").success()
}

#[test]
fn overloads_that_failed_are_created_again_alone() {
    let Some(server) = Server::start() else { return };
    let quern = server.project("");
    quern.write("functions/area.sql", "select side * side\n");
    quern.write("functions/area_of_rectangle.sql", "select width * height\n");
    quern.write("functions/area_of_text.sql", "select length(value) + nowhere\n");
    quern.write(
        "functions/functions.yml",
        "functions:\n  - name: area\n    arguments: [{name: side, data_type: integer}]\n    \
         returns: {data_type: integer}\n    overloads:\n      \
         - {defined_in: area_of_text, arguments: [{name: value, data_type: text}], returns: {data_type: bigint}}\n      \
         - {defined_in: area_of_rectangle, arguments: [{name: width, data_type: integer}, {name: height, data_type: integer}]}\n",
    );
    let outcome = quern.run(&["build"]);
    assert_eq!(outcome.code, 1, "{}", outcome.text);
    for part in [
        "Overload 1 of 2 ERROR creating function area overload area_of_text",
        "Overload 2 of 2 OK created function area overload area_of_rectangle",
        "OK created function public.area",
        "[PARTIAL SUCCESS in",
    ] {
        assert!(outcome.text.contains(part), "`{part}` is missing:\n{}", outcome.text);
    }
    assert_eq!(server.sql("select public.area(3), public.area(3, 4)"), "9|12\n");
    quern.write("functions/area_of_text.sql", "select length(value)\n");
    let outcome = quern.run(&["retry"]);
    assert_eq!(outcome.code, 0, "{}", outcome.text);
    for part in [
        "Overload 1 of 2 OK created function area overload area_of_text",
        "Overload 2 of 2 SKIP function area overload area_of_rectangle",
    ] {
        assert!(outcome.text.contains(part), "`{part}` is missing:\n{}", outcome.text);
    }
    assert_eq!(server.sql("select public.area('abcd'::text), public.area(3)"), "4|9\n");
}
