//! What `adapters/README.md` says of each warehouse, asked of it; and what goes wrong in the same way in all of them.

use std::fmt::Write as _;

use crate::engine::Engine;
use crate::quern::Quern;
use crate::workspace;

/// One check on four warehouses, each a test of its own.
macro_rules! on_each {
    ($check:ident) => {
        mod $check {
            use crate::engine::Engine;

            #[test]
            fn duckdb() {
                super::$check(&Engine::duckdb());
            }

            #[test]
            fn postgres() {
                if let Some(engine) = Engine::postgres() {
                    super::$check(&engine);
                }
            }

            #[test]
            fn bigquery() {
                if let Some(engine) = Engine::bigquery(stringify!($check)) {
                    super::$check(&engine);
                }
            }

            #[test]
            fn trino() {
                if let Some(engine) = Engine::trino(stringify!($check)) {
                    super::$check(&engine);
                }
            }
        }
    };
}

on_each!(names_of_all_kinds_are_built_twice);
on_each!(a_relation_of_another_kind_gives_way);
on_each!(drops_by_others_are_made_good);
on_each!(a_failed_model_leaves_the_table_that_was_there);
on_each!(a_failed_node_leaves_nothing_beside_its_table);
on_each!(hooks_of_a_failed_model_are_undone_as_promised);
on_each!(a_column_that_may_not_be_null_is_not);
on_each!(names_compare_as_promised);
on_each!(a_name_that_is_too_long_is_refused);

fn names_of_all_kinds_are_built_twice(engine: &Engine) {
    let long = "l".repeat(63);
    let mut names = vec!["Order", "select", &long];
    // The emulator takes none of these, and the local files of Trino no quotes.
    if engine.name != "bigquery" {
        names.extend(["my table", "наименование"]);
    }
    if matches!(engine.name, "duckdb" | "postgres") {
        names.extend(["say \"hi\"", "it's"]);
    }
    for materialized in ["table", "view"] {
        for (index, name) in names.iter().enumerate() {
            let alias = format!("{materialized}_{name}");
            // As in dbt a backslash in a text that is read without rendering is one.
            let quote = if name.contains('\'') { '"' } else { '\'' };
            let alias: String = alias.chars().take(63).collect();
            engine.model(
                &format!("{materialized}_{index}"),
                &format!("materialized='{materialized}', alias={quote}{alias}{quote}"),
                &format!("select {index} as id"),
            );
        }
    }
    if matches!(engine.name, "duckdb" | "postgres") {
        for materialized in ["table", "view"] {
            let config = format!("materialized='{materialized}', schema=\"o'brien\"");
            engine.model(&format!("{materialized}_in_schema"), &config, "select 1 as id");
        }
    }
    // What is there is replaced in the second run.
    engine.quern.succeed(&["run"]);
    engine.quern.succeed(&["run"]);
    engine.quern.succeed(&["docs", "generate"]);
    if matches!(engine.name, "duckdb" | "postgres") {
        let catalog = std::fs::read_to_string(engine.quern.folder().join("target/catalog.json"));
        let catalog: serde_json::Value =
            serde_json::from_str(&catalog.expect("a catalog")).expect("JSON");
        let found = catalog["nodes"].as_object().map(serde_json::Map::len);
        assert_eq!(found, Some(2 * (names.len() + 1)), "{catalog}");
    }
    for index in [0, names.len() - 1] {
        for materialized in ["table", "view"] {
            let found =
                engine.rows(&format!("select id from {{{{ ref('{materialized}_{index}') }}}}"));
            assert_eq!(found, format!(r#"[{{"id":{index}}}]"#));
        }
    }
}

fn a_relation_of_another_kind_gives_way(engine: &Engine) {
    engine.model("first", "", "select 1 as id");
    engine.quern.succeed(&["run"]);
    let mut statements = String::new();
    for before in ["table", "view"] {
        for kind in ["table", "view", "incremental"] {
            let name = format!("{before}_to_{kind}");
            let _ =
                writeln!(statements, "create {before} {{{{ here('{name}') }}}} as select 1 as id;");
            engine.model(&name, &format!("materialized='{kind}'"), "select 7 as id");
        }
    }
    engine.sql(&statements);
    // As in dbt-bigquery, a table is not thrown away for a view unless it is asked for.
    let more: &[&str] = if engine.name == "bigquery" { &["--full-refresh"] } else { &[] };
    engine.quern.succeed(&[&["run"], more].concat());
    let largest: Vec<String> = ["table", "view"]
        .iter()
        .flat_map(|before| {
            ["table", "view", "incremental"].map(|kind| format!("{before}_to_{kind}"))
        })
        .map(|name| format!("select '{name}' as name, max(id) as id from {{{{ ref('{name}') }}}}"))
        .collect();
    let query = format!(
        "select count(*) as n from ({}) as largest where id = 7",
        largest.join(" union all ")
    );
    assert_eq!(engine.rows(&query), r#"[{"n":6}]"#);
}

fn drops_by_others_are_made_good(engine: &Engine) {
    engine.model("base", "materialized='table'", "select 1 as id");
    engine.model("added", "materialized='incremental'", "select * from {{ ref('base') }}");
    engine.model("shown", "materialized='view'", "select * from {{ ref('base') }}");
    engine.quern.succeed(&["run"]);
    for word in
        ["view {{ here('shown') }}", "table {{ here('added') }}", "table {{ here('base') }}"]
    {
        engine.sql(&format!("drop {word}"));
    }
    engine.quern.succeed(&["run"]);
    assert_eq!(engine.count("{{ ref('shown') }}"), r#"[{"n":1}]"#);
    assert_eq!(engine.count("{{ ref('added') }}"), r#"[{"n":1}]"#);
}

/// A query that fails only when it runs.
const FAILING: &str = "select 1 / (count(*) - 1) as id, 1 / 0 as no from (select 1 as one) as ones";

fn a_failed_model_leaves_the_table_that_was_there(engine: &Engine) {
    // DuckDB divides by zero without a complaint.
    let failing = match engine.name {
        "duckdb" => "select error('no') as id",
        _ => FAILING,
    };
    for kind in ["table", "incremental"] {
        engine.model("it", &format!("materialized='{kind}'"), "select 7 as id");
        engine.quern.succeed(&["run", "--full-refresh"]);
        engine.model("it", &format!("materialized='{kind}'"), failing);
        let outcome = engine.quern.run(&["run", "--full-refresh"]);
        assert_eq!(outcome.code, 1, "{}", outcome.text);
        assert_eq!(engine.rows("select id from {{ here('it') }}"), r#"[{"id":7}]"#, "{kind}");
    }
}

fn a_failed_node_leaves_nothing_beside_its_table(engine: &Engine) {
    let q = &engine.quern;
    let fails = |column: &str| match engine.name {
        "duckdb" => format!("case when {column} = 2 then error('no') end"),
        _ => format!("1 / ({column} - 2)"),
    };
    engine.model("base", "materialized='table'", "select {{ var('id', 1) }} as id");
    let key = "materialized='incremental', unique_key='id'";
    let query = format!("select id, {} as value from {{{{ ref('base') }}}}", fails("id"));
    engine.model("merged", key, &query);
    let strategy = if engine.name == "bigquery" { "merge" } else { "delete+insert" };
    let query = "select id, 1 as value from {{ ref('base') }}";
    let refused = format!(
        "{key}, incremental_strategy='{strategy}', on_schema_change='append_new_columns', \
         post_hook=\"select {} as no from {{{{ this }}}}\"",
        fails("id")
    );
    engine.model("kept", &refused, query);
    let snapshot = format!(
        "snapshots:\n  - name: history\n    relation: ref('base')\n    config: {{unique_key: id, strategy: check, \
         check_cols: [id], post_hook: \"select {} as no from {{{{ this }}}}\"}}\n",
        fails("id")
    );
    q.write("snapshots/history.yml", &snapshot);
    q.write(
        "models/tests.yml",
        "unit_tests:\n  - name: tested\n    model: merged\n    overrides: {macros: {is_incremental: false}}\n    \
         given: [{input: ref('base'), rows: [{id: 2}]}]\n    expect: {rows: [{id: 2, value: 2}]}\n",
    );
    q.succeed(&["build", "--exclude", "resource_type:unit_test"]);
    // What a killed run left behind is in nobody's way.
    if engine.name != "duckdb" {
        engine.sql("create table {{ here('history__dbt_tmp') }} as select 1 as id");
        q.succeed(&["build", "--exclude", "resource_type:unit_test"]);
        engine.sql("drop table if exists {{ here('history__dbt_tmp') }}");
    }
    for command in ["run", "snapshot", "test"] {
        let outcome = q.run(&[command, "--vars", "{id: 2}"]);
        assert_eq!(outcome.code, 1, "{command}: {}", outcome.text);
        assert!(!outcome.text.contains("PASS=3"), "{command}: {}", outcome.text);
    }
    let listed = q.succeed(&["run-operation", "list_tables"]).text;
    assert!(listed.contains("found: base history kept merged\n"), "{listed}");
}

fn hooks_of_a_failed_model_are_undone_as_promised(engine: &Engine) {
    engine.model("first", "", "select 1 as id");
    engine.quern.succeed(&["run"]);
    let text = match engine.name {
        "bigquery" => "string",
        "trino" => "varchar",
        _ => "text",
    };
    engine.sql(&format!("create table {{{{ here('journal') }}}} (entry {text})"));
    let failing = if engine.name == "duckdb" { "select error('no') as id" } else { FAILING };
    engine.model(
        "it",
        "materialized='table', pre_hook=\"insert into {{ here('journal') }} values ('it')\"",
        failing,
    );
    let outcome = engine.quern.run(&["run", "-s", "it"]);
    assert_eq!(outcome.code, 1, "{}", outcome.text);
    let is_kept = matches!(engine.name, "bigquery" | "trino");
    let found = engine.count("{{ here('journal') }}");
    assert_eq!(found, format!(r#"[{{"n":{}}}]"#, u8::from(is_kept)));
}

fn a_column_that_may_not_be_null_is_not(engine: &Engine) {
    let whole = if engine.name == "bigquery" { "int64" } else { "integer" };
    engine.quern.write(
        "models/it.yml",
        &format!(
            "models:\n  - name: it\n    config: {{materialized: table, contract: {{enforced: true}}}}\n    columns:\n      \
             - name: id\n        data_type: {whole}\n        constraints: [{{type: not_null}}, {{type: primary_key}}, {{type: unique}}]\n"
        ),
    );
    engine.quern.write("models/it.sql", &format!("select cast(null as {whole}) as id\n"));
    let outcome = engine.quern.run(&["run"]);
    assert_eq!(outcome.code, 1, "{}", outcome.text);
    engine.quern.write("models/it.sql", "select 1 as id\n");
    let outcome = engine.quern.succeed(&["run"]);
    let warned: &[&str] = match engine.name {
        "bigquery" => &[
            "primary_key is not enforced by bigquery",
            "unique is not supported by bigquery, and will be ignored",
        ],
        "trino" => &["primary_key is not supported by trino", "unique is not supported by trino"],
        _ => &[],
    };
    for words in warned {
        assert!(outcome.text.contains(words), "`{words}` is missing:\n{}", outcome.text);
    }
    assert_eq!(outcome.text.contains("warning["), !warned.is_empty(), "{}", outcome.text);
    // Who says that they know is not told.
    let properties = std::fs::read_to_string(engine.quern.folder().join("models/it.yml"));
    let known = properties
        .expect("the file")
        .replace("key}", "key, warn_unenforced: false, warn_unsupported: false}");
    engine
        .quern
        .write("models/it.yml", &known.replace("unique}", "unique, warn_unsupported: false}"));
    let outcome = engine.quern.succeed(&["run"]);
    assert!(!outcome.text.contains("warning["), "{}", outcome.text);
}

fn names_compare_as_promised(engine: &Engine) {
    engine.model("one", "materialized='table', alias='Same'", "select 1 as id");
    engine.model("two", "materialized='table', alias='same'", "select 2 as id");
    let outcome = engine.quern.run(&["run"]);
    if engine.name == "bigquery" {
        // The emulator itself takes both names for one.
        assert!(outcome.succeeded, "{}", outcome.text);
    } else if engine.name == "postgres" {
        assert!(outcome.succeeded, "{}", outcome.text);
        assert_eq!(engine.rows("select id from {{ ref('one') }}"), r#"[{"id":1}]"#);
        assert_eq!(engine.rows("select id from {{ ref('two') }}"), r#"[{"id":2}]"#);
    } else {
        assert_eq!(outcome.code, 2, "{}", outcome.text);
        assert!(outcome.text.contains("would both be built as"), "{}", outcome.text);
    }
}

fn a_name_that_is_too_long_is_refused(engine: &Engine) {
    let longest = match engine.name {
        "postgres" => 63,
        "bigquery" => 1024,
        // Neither has a limit of its own.
        _ => return,
    };
    engine.model("it", &format!("alias='{}'", "x".repeat(longest + 1)), "select 1 as id");
    let outcome = engine.quern.run(&["run"]);
    assert_eq!(outcome.code, 1, "{}", outcome.text);
    let words = format!("is longer than {longest} characters");
    assert!(outcome.text.contains(&words), "{}", outcome.text);
}

#[test]
fn a_warehouse_that_is_not_there_is_told_as_such_by_every_command() {
    let outputs = [
        "{type: postgres, host: 127.0.0.1, port: 9, user: u, password: p, dbname: d, schema: s}",
        "{type: trino, method: none, host: 127.0.0.1, port: 9, user: u, database: d, schema: s, retries: 1}",
        "{type: bigquery, method: oauth-secrets, token: t, project: p, dataset: d, api_endpoint: 'http://127.0.0.1:9', \
         job_retries: 0}",
    ];
    for output in outputs {
        let quern = Quern::in_empty_folder();
        quern.write("dbt_project.yml", "{name: shop, version: '1.0', profile: shop}\n");
        quern
            .write("profiles.yml", &format!("shop: {{target: dev, outputs: {{dev: {output}}}}}\n"));
        quern.write("models/m.sql", "select 1 as id");
        for command in [&["run"][..], &["show", "-s", "m"], &["show", "--inline", "select 1"]] {
            let outcome = quern.run(command);
            assert!(!outcome.succeeded, "{command:?}");
            assert!(outcome.text.contains("[Q701]"), "{command:?}: {}", outcome.text);
        }
    }
}

/// The outputs of profiles between backticks in the tables of a document.
fn outputs(document: &str) -> Vec<String> {
    let text = std::fs::read_to_string(workspace::path(document)).expect("the document");
    let cells = text.lines().filter(|line| line.starts_with('|'));
    let cells = cells.filter_map(|line| line.split_once("`{type: ")?.1.split_once("}`"));
    cells.map(|(fields, _)| format!("{{type: {fields}}}")).collect()
}

#[test]
fn what_the_documents_say_of_connecting_is_understood() {
    for document in ["README.md", "adapters/README.md"] {
        let outputs = outputs(document);
        assert_eq!(outputs.len(), 6, "{document}: {outputs:?}");
        for output in outputs {
            let mut quern = Quern::in_empty_folder();
            quern.set("DBT_ENV_SECRET_PASSWORD", "sesame");
            quern.write("dbt_project.yml", "{name: shop, version: '1.0', profile: shop}\n");
            let profile =
                |output: &str| format!("shop: {{target: dev, outputs: {{dev: {output}}}}}\n");
            quern.write("profiles.yml", &profile(&output));
            quern.succeed(&["parse"]);
            // A field of the wrong kind would be noticed.
            let wrong = output.replacen("schema: main", "schema: [main]", 1);
            let wrong = wrong.replacen("dataset: main", "dataset: [main]", 1);
            let wrong = wrong.replacen("shop.duckdb", "[shop.duckdb]", 1);
            quern.write("profiles.yml", &profile(&wrong));
            assert_ne!(quern.run(&["parse"]).code, 0, "{wrong}");
        }
    }
}

#[test]
fn a_mistake_in_a_profile_is_shown_without_the_secrets_beside_it() {
    let cases = [
        "{type: postgres, host: h, user: u, password: hush-hush, dbname: d, schema: s, port: none}",
        "{type: trino, host: h, port: none, method: jwt, jwt_token: 'hush-hush', database: d, schema: s}",
        "{type: bigquery, method: service-account-json, project: p, dataset: d, keyfile_json: {client_email: e, private_key: \"hush-hush\\n\"}}",
        "{type: postgres, host: h, user: u, password: hush-hush, dbname: d, schema: s",
    ];
    for output in cases {
        let quern = Quern::in_empty_folder();
        quern.write("dbt_project.yml", "{name: shop, version: '1.0', profile: shop}\n");
        quern
            .write("profiles.yml", &format!("shop: {{target: dev, outputs: {{dev: {output}}}}}\n"));
        let outcome = quern.run(&["debug"]);
        assert!(!outcome.succeeded && outcome.text.contains("profiles.yml"), "{}", outcome.text);
        assert!(!outcome.text.contains("hush"), "{}", outcome.text);
        let log = std::fs::read_to_string(quern.folder().join("logs/dbt.log")).unwrap_or_default();
        assert!(!log.contains("hush"), "{log}");
    }
}

/// Whether a text stands in another as a whole word.
fn has_word(text: &str, word: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    text.match_indices(word).any(|(place, _)| {
        !text[..place].ends_with(is_part) && !text[place + word.len()..].starts_with(is_part)
    })
}

#[test]
fn what_the_guide_to_writing_an_adapter_names_is_there() {
    let guide = std::fs::read_to_string(workspace::path("adapters/README.md")).expect("the guide");
    let (_, guide) = guide.split_once("## An adapter in a day").expect("its heading");
    let parts =
        ["adapters/interface/", "adapters/duckdb/", "templates/macros/", "compiler/template/"];
    let known: String = workspace::texts(&["rs", "sql"])
        .into_iter()
        .filter(|(file, _)| parts.iter().any(|part| file.starts_with(part)))
        .map(|(_, text)| text)
        .collect();
    let mut count = 0;
    for named in guide.split('`').skip(1).step_by(2) {
        count += 1;
        let is_there = if named.contains('<') {
            true // a path with a place to fill in
        } else if named.contains('/')
            || std::path::Path::new(named).extension().is_some_and(|end| end == "rs")
        {
            ["", "adapters/duckdb/src/"]
                .iter()
                .any(|folder| workspace::path(&format!("{folder}{named}")).exists())
        } else {
            // Packages of others, calls and lists are no names.
            named.contains(['-', '(', '[', '…'])
                || named
                    .split(|character: char| !character.is_alphanumeric() && character != '_')
                    .all(|word| has_word(&known, word))
        };
        assert!(is_there, "the guide names `{named}`, which is nowhere");
    }
    assert!(count > 50, "{count}");
}
