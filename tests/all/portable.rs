//! One project with all kinds of resources (`tests/portable`) leaves the same rows on every warehouse.
//!
//! Each warehouse is compared with DuckDB: after a first build, and after one with further rows, which the incremental
//! models take in, and a changed one, which the snapshot keeps.

use crate::parts::absent;
#[cfg(unix)]
use crate::postgres_server::Server;
use crate::quern::Quern;
use crate::workspace;

#[test]
fn duckdb_is_what_the_others_are_compared_with() {
    let contents =
        contents_on("      type: duckdb\n      path: portable.duckdb\n      schema: portable\n");
    let place = workspace::path("tests/portable/expected.txt");
    if std::env::var_os("QUERN_UPDATE_EXPECTED").is_some() {
        std::fs::write(&place, &contents).expect("the project can be written");
    }
    let expected = std::fs::read_to_string(&place).unwrap_or_default();
    assert_eq!(contents, expected.replace("\r\n", "\n"));
}

#[cfg(unix)]
#[test]
fn postgres_has_the_same_rows() {
    let Some(server) = Server::start() else { return };
    compare(&format!(
        "      type: postgres\n      host: 127.0.0.1\n      port: {}\n      user: owner\n      password: sesame\n      \
         dbname: shop\n      schema: portable\n",
        server.port()
    ));
    let may_read = "select has_table_privilege('reader', 'portable.promised_customers', 'select')";
    assert_eq!(server.sql(may_read), "t\n");
}

/// A server with a catalog `iceberg`, as the tests of the adapter use it.
#[test]
fn trino_has_the_same_rows() {
    let Some(url) = variable("QUERN_TRINO_URL") else {
        let _: Option<()> = absent("a Trino server: `QUERN_TRINO_URL` names none");
        return;
    };
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    let (host, port) = address.split_once(':').unwrap_or((address, "8080"));
    let schema = format!("portable_{}", std::process::id());
    compare(&format!(
        "      type: trino\n      method: none\n      host: {host}\n      port: {port}\n      user: admin\n      \
         database: iceberg\n      schema: {schema}\n",
    ));
}

/// An emulator, as the tests of the adapter use it.
#[test]
fn bigquery_has_the_same_rows() {
    let Some(url) = variable("QUERN_BIGQUERY_ENDPOINT") else {
        let _: Option<()> = absent("an emulator of BigQuery: `QUERN_BIGQUERY_ENDPOINT` names none");
        return;
    };
    let schema = format!("portable_{}", std::process::id());
    compare(&format!(
        "      type: bigquery\n      method: oauth-secrets\n      token: any\n      project: dbt\n      \
         api_endpoint: {url}\n      dataset: {schema}\n",
    ));
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn compare(fields: &str) {
    let usual =
        contents_on("      type: duckdb\n      path: portable.duckdb\n      schema: portable\n");
    let found = contents_on(fields);
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let (found, usual) = (lines(&found), lines(&usual));
    let differences = |one: &[String], other: &[String], sign: &str| {
        let only = one.iter().filter(|line| !other.contains(line));
        only.flat_map(|line| [sign, " ", line.as_str(), "\n"]).collect::<String>()
    };
    let (missing, added) = (differences(&usual, &found, "-"), differences(&found, &usual, "+"));
    assert!(
        found == usual,
        "what DuckDB has and this has not, and the other way round:\n{missing}{added}"
    );
}

/// What stands in all relations after two builds, a row a line.
fn contents_on(fields: &str) -> String {
    let quern = project(fields);
    let mut text = String::new();
    for (title, variables, session_time) in [
        ("first build", "{moved_to: Norway, last_order: 13}", "2024-03-02"),
        ("second build", "{moved_to: Sweden, last_order: 15}", "2024-03-03"),
    ] {
        let times = "--event-time-start 2024-03-01 --event-time-end 2024-03-04";
        let mut arguments = vec!["build", "--vars", variables, "--session-time", session_time];
        arguments.extend(times.split(' '));
        // BigQuery's emulator takes the name of a function that is there, in its own definition, for a call of it.
        if fields.contains("type: bigquery") && title == "second build" {
            arguments.extend(["--exclude", "cents_of"]);
        }
        quern.succeed(&arguments);
        let shown = quern.succeed(&[
            "show",
            "--quiet",
            "--output",
            "json",
            "--limit",
            "1000",
            "--vars",
            variables,
            "--inline",
            "select * from ({{ contents() }}) as all_rows order by relation, line",
        ]);
        let start = shown.text.find('{').unwrap_or_default();
        let answer: serde_json::Value = serde_json::from_str(&shown.text[start..])
            .unwrap_or_else(|error| panic!("{error}: {}", shown.text));
        let mut lines: Vec<String> = answer["show"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|row| {
                format!(
                    "{}: {}",
                    row["relation"].as_str().unwrap_or("?"),
                    row["line"].as_str().unwrap_or("?")
                )
            })
            .collect();
        // Each warehouse has its own order of texts.
        lines.sort();
        assert!(lines.len() > 20, "{}", shown.text);
        text.extend([title, "\n", &lines.join("\n"), "\n"]);
    }
    quern.succeed(&["source", "freshness"]);
    quern.succeed(&["docs", "generate", "--session-time", "2024-03-02"]);
    let catalog =
        std::fs::read_to_string(quern.folder().join("target/catalog.json")).expect("a catalog");
    let catalog: serde_json::Value = serde_json::from_str(&catalog).expect("JSON");
    let mut nodes: Vec<String> = catalog["nodes"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(id, node)| {
            let columns = node["columns"].as_object().into_iter().flatten();
            let columns: Vec<String> = columns.map(|(name, _)| name.to_lowercase()).collect();
            let comment = node["metadata"]["comment"].as_str().unwrap_or_default();
            format!("{id}: {} {comment}", columns.join(", ")).trim_end().to_owned()
        })
        .collect();
    nodes.sort();
    text + "catalog\n" + &nodes.join("\n") + "\n"
}

fn project(fields: &str) -> Quern {
    let quern = Quern::in_copy_of(&workspace::path("tests/portable"));
    quern.write(
        "profiles.yml",
        &format!("portable:\n  target: dev\n  outputs:\n    dev:\n      threads: 2\n{fields}"),
    );
    quern
}
