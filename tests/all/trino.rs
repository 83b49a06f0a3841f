//! Projects on a real Trino server, which `QUERN_TRINO_URL` names; it has the catalogs `iceberg` and `tpch`.

use std::path::Path;
use std::process::{Child, Stdio};

use crate::parts;
use crate::quern::{Outcome, Quern};

/// A project on the server, in a schema of its own, which goes with it.
pub struct Project {
    pub quern: Quern,
}

impl Project {
    pub fn new(schema: &str) -> Option<Self> {
        let url = parts::trino()?;
        let (host, port) = url.rsplit_once(':').expect("the address has a port");
        let quern = Quern::in_empty_folder();
        quern.write("dbt_project.yml", "{name: shop, version: '1.0', profile: shop}\n");
        quern.write(
            "profiles.yml",
            &format!(
                "shop: {{target: dev, outputs: {{dev: {{type: trino, host: {host}, port: {port}, user: ada, \
                 database: iceberg, schema: {schema}, timezone: UTC, threads: 4}}}}}}\n"
            ),
        );
        quern.write(
            "macros/drop.sql",
            "{% macro clean() %}{% do adapter.drop_schema(api.Relation.create(database=target.database, \
             schema=target.schema)) %}{% endmacro %}",
        );
        let project = Self { quern };
        project.succeed(&["run-operation", "clean"]);
        Some(project)
    }

    fn write(&self, path: &str, text: &str) {
        self.quern.write(path, text);
    }

    fn succeed(&self, arguments: &[&str]) -> Outcome {
        self.quern.succeed(arguments)
    }

    /// The rows of a query as JSON.
    fn rows(&self, sql: &str) -> String {
        let shown = self
            .succeed(&["show", "--quiet", "--output", "json", "--limit", "-1", "--inline", sql]);
        let value: serde_json::Value = serde_json::from_str(shown.text.trim()).expect("JSON");
        value["show"].to_string()
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        let _ = self.quern.run(&["run-operation", "clean"]);
    }
}

#[test]
fn a_project_with_everything_builds_twice() {
    let Some(project) = Project::new("quern_everything") else { return };
    project.write(
        "seeds/orders.csv",
        "id,customer,amount,at,paid\n1,Ada,1.5,2023-12-01 10:00:00,true\n2,Böb,2.5,2023-12-01 11:30:00,false\n3,,3,,\n",
    );
    project.write(
        "models/staging.sql",
        "{{ config(materialized='view', view_security='invoker') }}\nselect * from {{ ref('orders') }}",
    );
    project.write(
        "models/totals.sql",
        "{{ config(materialized='table', persist_docs={'relation': true, 'columns': true}) }}\n\
         select coalesce(customer, 'nobody') as customer, sum(amount) as total\nfrom {{ ref('staging') }} group by 1",
    );
    for (name, strategy) in
        [("merged", "merge"), ("replaced", "delete+insert"), ("added", "append")]
    {
        project.write(
            &format!("models/{name}.sql"),
            &format!(
                "{{{{ config(materialized='incremental', incremental_strategy='{strategy}', unique_key='id', \
                 on_schema_change='append_new_columns') }}}}\n\
                 select id, customer{{% if is_incremental() %}}, 'again' as note{{% endif %}} from {{{{ ref('staging') }}}}"
            ),
        );
    }
    project.write(
        "snapshots/history.yml",
        "snapshots:\n  - name: history\n    relation: ref('staging')\n    config: {unique_key: id, strategy: check, check_cols: all}\n",
    );
    project.write(
        "models/schema.yml",
        "models:\n  - name: totals\n    description: What each customer's orders come to\n    columns:\n      \
         - {name: customer, description: A name, data_tests: [not_null, unique]}\n\
         unit_tests:\n  - name: nobody_has_a_name\n    model: totals\n    given:\n      - input: ref('staging')\n        \
         rows: [{customer: null, amount: 1}]\n    expect: {rows: [{customer: nobody, total: 1}]}\n",
    );
    project.succeed(&["build"]);
    project.write(
        "seeds/orders.csv",
        "id,customer,amount,at,paid\n1,Ada,1.5,2023-12-01 10:00:00,true\n2,Bob,2.5,2023-12-01 11:30:00,false\n\
         4,Eve,4,2023-12-02 00:00:00,true\n",
    );
    project.succeed(&["build"]);

    let all = "select id, customer, note from {{ ref('NAME') }} order by 1, 2";
    let both = r#"[{"id":1,"customer":"Ada","note":"again"},{"id":2,"customer":"Bob","note":"again"},{"id":3,"customer":null,"note":null},{"id":4,"customer":"Eve","note":"again"}]"#;
    assert_eq!(project.rows(&all.replace("NAME", "merged")), both);
    assert_eq!(project.rows(&all.replace("NAME", "replaced")), both);
    assert_eq!(project.rows("select count(*) as n from {{ ref('added') }}"), r#"[{"n":6}]"#);
    assert_eq!(
        project
            .rows("select count(*) as n, count(dbt_valid_to) as ended from {{ ref('history') }}"),
        r#"[{"n":5,"ended":1}]"#
    );
    assert_eq!(
        project.rows("select customer, total from {{ ref('totals') }} order by 1"),
        r#"[{"customer":"Ada","total":1.5},{"customer":"Bob","total":2.5},{"customer":"Eve","total":4.0}]"#
    );
    assert_eq!(
        project.rows(
            "select comment from system.metadata.table_comments where catalog_name = 'iceberg' \
             and schema_name = 'quern_everything' and table_name = 'totals'"
        ),
        r#"[{"comment":"What each customer's orders come to"}]"#
    );
}

#[test]
fn what_a_stopped_model_made_for_itself_is_taken_away() {
    let Some(project) = Project::new("quern_stopped") else { return };
    project.write(
        "models/endless.sql",
        "{{ config(materialized='incremental', incremental_strategy='merge', unique_key='id') }}\n\
         {% if is_incremental() %}\n\
         select count(*) as id from tpch.sf100.lineitem a, tpch.sf100.lineitem b where a.orderkey % 7 = b.orderkey % 11\n\
         {% else %}select bigint '1' as id{% endif %}",
    );
    project.succeed(&["run"]);
    project.write(
        "models/failing.sql",
        "{{ config(materialized='table') }}\nselect 1 / (count(*) - count(distinct orderkey)) as one from tpch.sf1.orders",
    );
    let outcome = project.quern.run(&["run", "--fail-fast"]);
    assert_eq!(outcome.code, 1, "{}", outcome.text);
    let left = "select table_name from iceberg.information_schema.tables \
                where table_schema = 'quern_stopped' and table_name like '%tmp%'";
    assert_eq!(project.rows(left), "[]");
}

#[test]
fn sessions_of_one_window_at_a_time_leave_its_rows_once() {
    let Some(project) = Project::new("quern_windows_met") else { return };
    project.write(
        "models/days.sql",
        "{{ config(materialized='incremental', incremental_strategy='session_window', time_column='moment', \
         properties={'partitioning': \"array['month(moment)']\"}) }}\n\
         select n as id, moment, cast(row(n, 'x') as row(a bigint, b varchar)) as \"Part\" from unnest(sequence(0, 95)) as numbers(n) \
         cross join lateral (select timestamp '2024-03-29 00:00:00 UTC' + n * interval '1' hour as moment) \
         where {{ in_session_window('moment', type='timestamptz') }}\n",
    );
    let session = |time: &'static str| ["run", "--quiet", "--session-time", time];
    project.succeed(&session("2024-03-30T00:00:00Z"));
    let counts = "select count(*) as n, count(distinct id) as ids from {{ ref('days') }}";
    let many = |times: &[&'static str]| -> Vec<bool> {
        let start = |(number, time): (usize, &&'static str)| {
            let program = Path::new(env!("CARGO_BIN_EXE_quern-under-test"));
            let mut command = project.quern.command(program);
            command.args(session(time)).args(["--target-path", &format!("target_{number}")]);
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts")
        };
        let runs: Vec<_> = times.iter().enumerate().map(start).collect();
        let end = |mut run: Child| run.wait().is_ok_and(|status| status.success());
        runs.into_iter().map(end).collect()
    };
    // The window is empty when they meet first, and full the second time.
    for _ in 0..2 {
        let ended = many(&["2024-03-31T00:00:00Z"; 3]);
        assert!(ended.contains(&true), "no run succeeded");
        assert_eq!(project.rows(counts), r#"[{"n":48,"ids":48}]"#, "{ended:?}");
    }
    // Sessions of different windows do not get into each other's tables.
    let ended = many(&["2024-03-30T00:00:00Z", "2024-03-31T00:00:00Z", "2024-04-01T00:00:00Z"]);
    assert_eq!(ended, [true; 3]);
    assert_eq!(project.rows(counts), r#"[{"n":72,"ids":72}]"#);
    let ledger = project.succeed(&["ledger", "--quiet"]).text;
    assert!(ledger.contains("days  each day: 3 of 3 windows built"), "{ledger}");
}

#[test]
fn a_session_time_in_a_variable_becomes_a_moment_in_a_zone() {
    let Some(project) = Project::new("quern_session_time") else { return };
    project.write(
        "macros/session.sql",
        "{% macro session_start() %}at_timezone(from_iso8601_timestamp('{{ var(\"digdag_session_time\") }}'), \
         'Asia/Tokyo'){% endmacro %}",
    );
    project.write(
        "models/day.sql",
        "select cast({{ session_start() }} as date) as day, hour({{ session_start() }}) as hour",
    );
    let vars = r#"{"digdag_session_time": "2023-11-30T15:30:00+00:00"}"#;
    project.succeed(&["run", "--vars", vars]);
    let shown = project.succeed(&[
        "show",
        "--quiet",
        "--output",
        "json",
        "--vars",
        vars,
        "--inline",
        "select cast(day as varchar) as day, hour from {{ ref('day') }}",
    ]);
    let shown: serde_json::Value = serde_json::from_str(shown.text.trim()).expect("JSON");
    assert_eq!(shown["show"].to_string(), r#"[{"day":"2023-12-01","hour":0}]"#);
}

#[test]
fn each_way_to_replace_a_table_works() {
    let Some(project) = Project::new("quern_replaced") else { return };
    for way in ["rename", "drop", "replace", "skip"] {
        project.write(
            &format!("models/by_{way}.sql"),
            &format!(
                "{{{{ config(materialized='table', on_table_exists='{way}', file_format='parquet', \
                 properties={{'partitioning': \"array['id']\"}}) }}}}\nselect {{{{ var('n', 1) }}}} as id"
            ),
        );
    }
    project.succeed(&["run"]);
    project.succeed(&["run", "--vars", "{n: 2}"]);
    for (way, id) in [("rename", 2), ("drop", 2), ("replace", 2), ("skip", 1)] {
        let rows = project.rows(&format!("select id from {{{{ ref('by_{way}') }}}}"));
        assert_eq!(rows, format!(r#"[{{"id":{id}}}]"#), "{way}");
    }
    let table = project.rows("show create table {{ ref('by_rename') }}");
    assert!(
        table.contains("format = 'PARQUET'") && table.contains("partitioning = ARRAY['id']"),
        "{table}"
    );
}

#[test]
fn a_materialized_view_has_the_comments_of_its_configuration() {
    let Some(project) = Project::new("quern_kept_views") else { return };
    project
        .write("models/kept.sql", "{{ config(materialized='materialized_view') }}\nselect 1 as id");
    project.write(
        "models/kept.yml",
        "models:\n  - name: kept\n    description: It's kept\n    config: {persist_docs: {relation: true, columns: true}}\n    \
         columns: [{name: ID, description: the number}]\n",
    );
    // Created, then refreshed.
    for _ in 0..2 {
        project.succeed(&["run"]);
        let made = project.rows("show create materialized view {{ ref('kept') }}");
        assert!(made.contains("COMMENT 'It''s kept'"), "{made}");
        let columns = project.rows("show columns from {{ ref('kept') }}");
        assert!(columns.contains("the number"), "{columns}");
    }
}

#[test]
fn an_error_points_at_the_line_of_the_model() {
    let Some(project) = Project::new("quern_errors") else { return };
    project.write("models/wrong.sql", "select\n  1 as a,\n  missing as b");
    let outcome = project.quern.run(&["run"]);
    assert_eq!(outcome.code, 1);
    assert!(outcome.text.contains("Column 'missing' cannot be resolved"), "{}", outcome.text);
    assert!(outcome.text.contains("models/wrong.sql:3"), "{}", outcome.text);
}

#[test]
fn wrong_addresses_and_names_are_told() {
    let Some(project) = Project::new("quern_wrong") else { return };
    project.write("models/m.sql", "select 1 as a");
    let url = parts::trino().unwrap_or_default();
    let (host, port) = url.rsplit_once(':').expect("the address has a port");
    let profile = |host: &str, port: &str, database: &str| {
        format!(
            "shop: {{target: dev, outputs: {{dev: {{type: trino, host: {host}, port: {port}, user: ada, \
             database: {database}, schema: quern_wrong, retries: 1}}}}}}\n"
        )
    };
    let cases = [
        (profile(host, "9", "iceberg"), "nothing listens there"),
        (profile("no-such-host.invalid", port, "iceberg"), "there is no host of this name"),
        (profile(host, port, "nowhere"), "nowhere"),
    ];
    for (text, words) in cases {
        project.write("profiles.yml", &text);
        let outcome = project.quern.run(&["run"]);
        assert!(!outcome.succeeded && outcome.text.contains(words), "{words}: {}", outcome.text);
    }
    project.write("profiles.yml", &profile(host, port, "iceberg"));
}

#[test]
fn batches_replace_the_rows_of_their_time() {
    let Some(project) = Project::new("quern_batches") else { return };
    project.write(
        "models/events.sql",
        "{{ config(materialized='table', event_time='at') }}\n\
         select id, timestamp '2024-01-01 12:00:00 UTC' + (id - 1) * interval '1' day as at, '{{ var(\"mark\") }}' as mark\n\
         from (values 1, 2, 3, {{ var('more', 3) }}) as numbers (id)",
    );
    project.write(
        "models/batched.sql",
        "{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='at', batch_size='day', \
         begin='2024-01-01') }}\nselect * from {{ ref('events') }} order by id -- last",
    );
    let run = |vars: &str, start: &str, end: &str| {
        let times = ["run", "--event-time-start", start, "--event-time-end", end, "--vars", vars];
        project.succeed(&times)
    };
    run("{mark: a}", "2024-01-01", "2024-01-03");
    // The second day is replaced, the third only added.
    run("{mark: b}", "2024-01-02", "2024-01-04");
    assert_eq!(
        project.rows("select id, mark, count(*) as n from iceberg.quern_batches.batched group by 1, 2 order by 1"),
        r#"[{"id":1,"mark":"a","n":1},{"id":2,"mark":"b","n":1},{"id":3,"mark":"b","n":2}]"#
    );
    let left = "select count(*) as n from iceberg.information_schema.tables where table_schema = 'quern_batches' \
                and table_name like '%dbt_tmp%'";
    assert_eq!(project.rows(left), r#"[{"n":0}]"#);
    // A batch whose query fails leaves the rows that were there.
    project.write(
        "models/batched.sql",
        "{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='at', batch_size='day', \
         begin='2024-01-01') }}\nselect id / (id - id) as id, at, mark from {{ ref('events') }}",
    );
    let outcome = project.quern.run(&[
        "run",
        "-s",
        "batched",
        "--event-time-start",
        "2024-01-01",
        "--event-time-end",
        "2024-01-03",
        "--vars",
        "{mark: c}",
    ]);
    assert_eq!(outcome.code, 1, "{}", outcome.text);
    assert_eq!(
        project.rows("select count(*) as n from iceberg.quern_batches.batched"),
        r#"[{"n":4}]"#
    );
}

/// Where there are several nodes (`CONF_TRINO_NODES=2`), all of them work.
#[test]
fn work_is_spread_over_all_nodes() {
    let Some(project) = Project::new("quern_nodes") else { return };
    project.write(
        "models/parts.sql",
        "{{ config(materialized='table') }}\nselect partkey, sum(quantity) as quantity from tpch.sf1.lineitem group by partkey",
    );
    project.succeed(&["run"]);
    assert_eq!(project.rows("select count(*) as n from {{ ref('parts') }}"), r#"[{"n":200000}]"#);
    let results = std::fs::read_to_string(project.quern.folder().join("target/run_results.json"));
    let results: serde_json::Value =
        serde_json::from_str(&results.expect("results")).expect("JSON");
    let nodes =
        project.rows("select count(*) as n from system.runtime.nodes where state = 'active'");
    let query = project.rows(
        "select max_by(query_id, created) as q from system.runtime.queries \
         where query like '%quern_nodes%' and query like '%create table%tpch.sf1.lineitem%' and state = 'FINISHED' \
         and query not like '%system.runtime%'",
    );
    let query: serde_json::Value = serde_json::from_str(&query).expect("JSON");
    let workers = project.rows(&format!(
        "select count(distinct node_id) as n from system.runtime.tasks where query_id = '{}'",
        query[0]["q"].as_str().unwrap_or_default()
    ));
    assert_eq!(workers, nodes, "{results}");
}

#[test]
fn other_catalogs_are_read_and_built_in() {
    let Some(project) = Project::new("quern_catalogs") else { return };
    project.write(
        "models/regions.sql",
        "{{ config(database='memory', materialized='table') }}\nselect regionkey, name from tpch.tiny.region",
    );
    project.write(
        "models/nations.sql",
        "{{ config(materialized='table') }}\nselect n.name, r.name as region from tpch.tiny.nation n \
         join {{ ref('regions') }} r on r.regionkey = n.regionkey",
    );
    project.write(
        "models/shown.sql",
        "{{ config(database='memory', materialized='view') }}\nselect * from {{ ref('nations') }}",
    );
    for _ in 0..2 {
        project.succeed(&["run"]);
        assert_eq!(
            project
                .rows("select count(*) as n, count(distinct region) as r from {{ ref('shown') }}"),
            r#"[{"n":25,"r":5}]"#
        );
    }
    let profile =
        std::fs::read_to_string(project.quern.folder().join("profiles.yml")).expect("a profile");
    let hive = profile
        .replace("user: ada", "user: admin, roles: {hive: admin}")
        .replace("database: iceberg", "database: hive");
    project.write("profiles.yml", &hive);
    project.write(
        "models/by_day.sql",
        "{{ config(materialized='incremental', incremental_strategy='append', file_format='parquet', \
         properties={'partitioned_by': \"array['day']\"}) }}\n\
         select 1 as id, date '2024-01-01' as day",
    );
    for rows in 1..3 {
        project.succeed(&["run", "-s", "by_day"]);
        assert_eq!(
            project.rows("select count(*) as n from {{ ref('by_day') }}"),
            format!(r#"[{{"n":{rows}}}]"#)
        );
    }
    // Somebody who may not.
    project.write("profiles.yml", &hive.replace("user: admin, roles: {hive: admin}", "user: eve"));
    project.write("models/by_day.sql", "{{ config(materialized='table') }}\nselect 1 as id");
    let outcome = project.quern.run(&["run", "-s", "by_day"]);
    assert_eq!(outcome.code, 1, "{}", outcome.text);
    assert!(outcome.text.contains("Access Denied"), "{}", outcome.text);
    project.write("profiles.yml", &hive);
    project.succeed(&["run-operation", "clean"]);
    project.write("profiles.yml", &profile.replace("database: iceberg", "database: memory"));
    project.succeed(&["run-operation", "clean"]);
    project.write("profiles.yml", &profile);
}

#[test]
fn a_statement_that_outlives_its_time_and_a_server_without_encryption_are_told() {
    let Some(project) = Project::new("quern_patience") else { return };
    project.write(
        "models/slow.sql",
        "{{ config(materialized='table', pre_hook=\"set session query_max_run_time = '1s'\") }}\n\
         select count(*) as n from tpch.sf100.lineitem a join tpch.sf100.lineitem b on a.comment = b.comment",
    );
    let outcome = project.quern.run(&["run"]);
    assert_eq!(outcome.code, 1, "{}", outcome.text);
    assert!(outcome.text.contains("EXCEEDED_TIME_LIMIT"), "{}", outcome.text);

    let profile =
        std::fs::read_to_string(project.quern.folder().join("profiles.yml")).expect("a profile");
    project.write(
        "profiles.yml",
        &profile.replace("type: trino", "type: trino, http_scheme: https, retries: 1"),
    );
    let outcome = project.quern.run(&["run"]);
    assert!(!outcome.succeeded, "{}", outcome.text);
    assert!(outcome.text.contains("does not speak TLS"), "{}", outcome.text);
    project.write("profiles.yml", &profile);
}
