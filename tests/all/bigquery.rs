//! Projects on BigQuery: against an emulator, and against a stand-in that tells bytes, which the emulator does not.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use crate::parts;
use crate::quern::Quern;

/// A project on the emulator, in a dataset of its own; none, with a word about it, where there is no emulator.
pub fn project(dataset: &str) -> Option<Quern> {
    let endpoint = parts::bigquery()?;
    let dataset = format!("{dataset}_{}", std::process::id());
    Some(project_at(&endpoint, &dataset))
}

fn project_at(endpoint: &str, dataset: &str) -> Quern {
    let quern = Quern::in_empty_folder();
    quern.write("dbt_project.yml", "name: shop\nversion: '1.0'\nprofile: shop\n");
    quern.write(
        "profiles.yml",
        &format!(
            "shop:\n  target: dev\n  outputs:\n    dev:\n      type: bigquery\n      method: oauth-secrets\n      \
             token: emulated\n      project: dbt\n      dataset: {dataset}\n      api_endpoint: {endpoint}\n      threads: 2\n"
        ),
    );
    quern
}

/// The rows of a query, as the program prints them for programs.
fn rows(quern: &Quern, sql: &str) -> serde_json::Value {
    let outcome =
        quern.succeed(&["show", "-q", "--output", "json", "--limit", "-1", "--inline", sql]);
    let start = outcome.text.find('{').expect("JSON");
    let shown: serde_json::Value =
        serde_json::from_str(outcome.text[start..].trim()).expect("JSON and nothing else");
    shown["show"].clone()
}

#[test]
fn a_project_with_all_kinds_of_nodes_is_built_and_described() {
    let Some(quern) = project("kinds") else { return };
    quern.write(
        "seeds/raw.csv",
        "id,name,amount,day\n1,a,1.5,2024-01-01\n2,\"b, \"\"c\"\"\",,2024-01-02\n",
    );
    quern.write(
        "models/orders.sql",
        "{{ config(materialized='table') }}\nselect * from {{ ref('raw') }}\n",
    );
    quern.write(
        "models/days.sql",
        "select day, count(*) as n from {{ ref('orders') }} group by day\n",
    );
    quern.write(
        "models/all_orders.sql",
        "{{ config(materialized='incremental', unique_key='id') }}\nselect id, name from {{ ref('orders') }}\n\
         {% if is_incremental() %}union all select 3, 'late'{% endif %}\n",
    );
    quern.write(
        "snapshots/history.sql",
        "{% snapshot history %}{{ config(unique_key='id', strategy='check', check_cols=['name']) }}\n\
         select id, name from {{ ref('orders') }}{% endsnapshot %}\n",
    );
    quern.write(
        "models/orders.yml",
        "models:\n  - name: orders\n    description: what was ordered\n    config: {persist_docs: {relation: true, columns: true}}\n    \
         columns:\n      - {name: id, description: its number, data_tests: [unique, not_null]}\n",
    );
    quern.succeed(&["build"]);
    quern.succeed(&["build"]);
    assert_eq!(
        rows(&quern, "select id, name from {{ ref('all_orders') }} order by id"),
        serde_json::json!([
            {"id": 1, "name": "a"}, {"id": 2, "name": "b, \"c\""}, {"id": 3, "name": "late"},
        ])
    );
    quern.succeed(&["docs", "generate"]);
    let catalog = std::fs::read_to_string(quern.folder().join("target/catalog.json"));
    let catalog: serde_json::Value =
        serde_json::from_str(&catalog.expect("a catalog")).expect("JSON");
    let orders = &catalog["nodes"]["model.shop.orders"];
    assert_eq!(orders["metadata"]["type"], "table");
    assert_eq!(orders["metadata"]["comment"], "what was ordered");
    assert_eq!(orders["columns"]["id"]["type"], "INT64");
    assert_eq!(orders["columns"]["id"]["comment"], "its number");
    assert_eq!(orders["stats"]["num_rows"]["value"], 2);
}

#[test]
fn a_catalog_that_tables_cannot_have_is_refused() {
    let Some(quern) = project("catalogs") else { return };
    quern.write(
        "models/ice.sql",
        "{{ config(materialized='table', catalog_name='managed_iceberg') }} select 1 as id\n",
    );
    let outcome = quern.run(&["run"]);
    assert!(
        !outcome.succeeded && outcome.text.contains("`managed_iceberg` cannot be used"),
        "{}",
        outcome.text
    );
}

/// Replaces the days of the second run, in whatever way the configuration says.
fn overwritten(name: &str, config: &str) {
    let Some(quern) = project(name) else { return };
    quern.write(
        "models/days.sql",
        &format!(
            "{{{{ config(materialized='incremental', incremental_strategy='insert_overwrite', {config}) }}}}\n\
             {{% if is_incremental() %}}\n\
             select 20 as id, date '2024-01-02' as day union all select 30, date '2024-01-03'\n\
             {{% else %}}\n\
             select 1 as id, date '2024-01-01' as day union all select 2, date '2024-01-02'\n\
             {{% endif %}}\n"
        ),
    );
    quern.succeed(&["run"]);
    quern.succeed(&["run"]);
    assert_eq!(
        rows(&quern, "select id from {{ ref('days') }} order by id"),
        serde_json::json!([{"id": 1}, {"id": 20}, {"id": 30}])
    );
}

#[test]
fn partitions_that_new_rows_are_in_are_replaced() {
    overwritten("dynamic", "partition_by={'field': 'day', 'data_type': 'date'}");
}

#[test]
fn partitions_that_are_named_are_replaced() {
    overwritten(
        "static",
        "partition_by={'field': 'day', 'data_type': 'date'}, partitions=[\"'2024-01-02'\", \"'2024-01-03'\"]",
    );
}

#[test]
fn partitions_are_replaced_by_copies() {
    overwritten(
        "copied",
        "partition_by={'field': 'day', 'data_type': 'date', 'copy_partitions': true}",
    );
}

#[test]
fn a_window_is_replaced_and_can_be_built_again() {
    let Some(quern) = project("window") else { return };
    for partitions in ["", ", partition_by={'field': 'day', 'data_type': 'date'}"] {
        quern.write(
            "models/days.sql",
            &format!(
                "{{{{ config(materialized='incremental', incremental_strategy='session_window', time_column='day', grain='day'{partitions}) }}}}\n\
                 select date('{{{{ session.window.start.strftime('%Y-%m-%d') }}}}') as day, '{{{{ var('mark') }}}}' as mark\n"
            ),
        );
        let day = |day: &str, mark: &str, more: &[&str]| {
            let vars = format!("{{mark: {mark}}}");
            let mut arguments = vec!["run", "--session-time", day, "--vars", &vars];
            arguments.extend(more);
            quern.succeed(&arguments);
        };
        day("2024-01-02", "a", &["--full-refresh"]);
        day("2024-01-03", "b", &[]);
        day("2024-01-02", "c", &[]);
        let found = quern.succeed(&[
            "show",
            "-q",
            "--output",
            "json",
            "--session-time",
            "2024-01-03",
            "--vars",
            "{mark: x}",
            "--inline",
            "select mark from {{ ref('days') }} order by day",
        ]);
        assert!(
            found.text.replace([' ', '\n'], "").contains(r#"[{"mark":"c"},{"mark":"b"}]"#),
            "{}",
            found.text
        );
    }
}

#[test]
fn fields_inside_of_columns_are_promised_added_and_described() {
    let Some(quern) = project("nested") else { return };
    quern.write(
        "models/people.sql",
        "{{ config(materialized='table') }}\nselect 1 as id, struct('x' as street, 7 as number) as address\n",
    );
    quern.write(
        "models/people.yml",
        "models:\n  - name: people\n    config: {contract: {enforced: true}, persist_docs: {columns: true}}\n    columns:\n      \
         - {name: id, data_type: integer}\n      - {name: address.number, data_type: int64}\n      \
         - {name: address.street, data_type: string, description: where}\n",
    );
    quern.succeed(&["run"]);
    let compiled =
        std::fs::read_to_string(quern.folder().join("target/run/shop/models/people.sql"));
    let compiled = compiled.expect("what was run");
    assert!(compiled.contains("address struct<number int64, street string>"), "{compiled}");
    assert!(
        compiled.contains("STRUCT(address.number AS number, address.street AS street)) AS address"),
        "{compiled}"
    );
    quern.succeed(&["docs", "generate"]);
    let catalog = std::fs::read_to_string(quern.folder().join("target/catalog.json"));
    let catalog: serde_json::Value =
        serde_json::from_str(&catalog.expect("a catalog")).expect("JSON");
    let columns = &catalog["nodes"]["model.shop.people"]["columns"];
    assert_eq!(columns["address.street"]["type"], "STRING", "{columns}");
    assert_eq!(columns["address.street"]["comment"], "where", "{columns}");
}

#[test]
fn a_wrong_query_is_pointed_at() {
    let Some(quern) = project("wrong") else { return };
    quern.write(
        "models/a.sql",
        "{{ config(materialized='table') }}\nselect no_such_column from (select 1 as id)\n",
    );
    let outcome = quern.run(&["run"]);
    assert_eq!(outcome.code, 1, "{}", outcome.text);
    assert!(outcome.text.contains("error[Q702]"), "{}", outcome.text);
    assert!(outcome.text.contains("no_such_column"), "{}", outcome.text);
}

#[test]
fn a_table_gives_way_to_a_view_only_in_a_full_refresh() {
    let Some(quern) = project("swap") else { return };
    quern.write("models/a.sql", "{{ config(materialized='table') }}\nselect 1 as id\n");
    quern.succeed(&["run"]);
    quern.write("models/a.sql", "{{ config(materialized='view') }}\nselect 2 as id\n");
    assert_eq!(quern.run(&["run"]).code, 1);
    quern.succeed(&["run", "--full-refresh"]);
    quern.write("models/a.sql", "{{ config(materialized='table') }}\nselect 3 as id\n");
    quern.succeed(&["run"]);
    assert_eq!(rows(&quern, "select id from {{ ref('a') }}"), serde_json::json!([{"id": 3}]));
}

/// A stand-in for the service: nothing is there, and every dry run would read five million bytes, but for those that
/// read what is not there.
fn stand_in() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || answer_all(stream));
        }
    });
    address
}

fn answer_all(mut stream: TcpStream) {
    let Ok(copy) = stream.try_clone() else { return };
    let mut reader = BufReader::new(copy);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            match reader.read_line(&mut head) {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
        }
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.trim().parse::<usize>().ok())?
        });
        let mut body = vec![0; length.unwrap_or_default()];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        let body = String::from_utf8_lossy(&body);
        let (status, answer) = if !head.starts_with("POST ") {
            ("200 OK", "{}".to_owned())
        } else if !body.contains("\"dryRun\":true") {
            ("400 Bad Request", r#"{"error": {"message": "it ran", "errors": []}}"#.to_owned())
        } else if body.contains("missing_table") {
            ("404 Not Found", r#"{"error": {"message": "Not found: Table", "errors": [{"reason": "notFound", "message": "Not found: Table"}]}}"#.to_owned())
        } else {
            ("200 OK", r#"{"status": {"state": "DONE"}, "statistics": {"totalBytesProcessed": "5000000", "query": {"statementType": "SELECT"}}}"#.to_owned())
        };
        let answer = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{answer}",
            answer.len()
        );
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

fn priced_project() -> Quern {
    let quern = project_at(&stand_in(), "main");
    quern.write("models/a.sql", "{{ config(materialized='table') }}\nselect 1 as id\n");
    quern.write("models/b.sql", "{{ config(materialized='table') }}\nselect 2 as id\n");
    quern.write("models/c.sql", "{{ config(materialized='view') }}\nselect 3 as id\n");
    quern
}

#[test]
fn a_dry_run_tells_bytes_and_runs_nothing() {
    let quern = priced_project();
    quern
        .write("models/d.sql", "{{ config(materialized='table') }}\nselect * from missing_table\n");
    let outcome = quern.succeed(&["run", "--dry-run"]);
    for part in [
        "model.shop.a  4.8 MiB",
        "model.shop.c  0 B",
        "model.shop.d  not known: Not found: Table",
        "Would read 9.5 MiB, and what 1 node would read",
    ] {
        assert!(outcome.text.contains(part), "`{part}` is missing:\n{}", outcome.text);
    }
    assert!(!quern.folder().join("target/run_results.json").exists());
}

#[test]
fn a_budget_of_bytes_stops_a_run_before_it_begins() {
    let quern = priced_project();
    let outcome = quern.run(&["build", "--max-bytes", "9MB"]);
    assert_ne!(outcome.code, 0, "{}", outcome.text);
    assert!(outcome.text.contains("error[Q607]"), "{}", outcome.text);
    assert!(!outcome.text.contains("START"), "{}", outcome.text);
    // With enough of it the run begins, and is refused by the stand-in.
    let outcome = quern.run(&["build", "--max-bytes", "10MB"]);
    assert!(outcome.text.contains("it ran"), "{}", outcome.text);
}

#[test]
fn an_engine_that_tells_no_bytes_refuses_dry_runs() {
    let quern = Quern::in_base_project();
    quern.write("models/one.sql", "select 1 as id\n");
    for option in [&["run", "--dry-run"][..], &["build", "--max-bytes", "1GB"]] {
        let outcome = quern.run(option);
        assert_eq!(outcome.code, 2, "{}", outcome.text);
        assert!(outcome.text.contains("error[Q312]"), "{}", outcome.text);
    }
}
