//! What DuckDB has beside its own tables: files, further databases, settings, and what it refuses.

use crate::quern::Quern;

fn project(fields: &str) -> Quern {
    let quern = Quern::in_base_project();
    quern.write(
        "profiles.yml",
        &format!(
            "small:\n  target: dev\n  outputs:\n    dev:\n      type: duckdb\n      schema: main\n      threads: 2\n{fields}"
        ),
    );
    quern
}

/// The values of the first column of a query, a line each.
fn values(quern: &Quern, sql: &str) -> String {
    let shown =
        quern.succeed(&["show", "--quiet", "--output", "json", "--limit", "100", "--inline", sql]);
    let start = shown.text.find('{').unwrap_or_default();
    let answer: serde_json::Value = serde_json::from_str(&shown.text[start..]).unwrap_or_default();
    let rows = answer["show"].as_array().into_iter().flatten();
    let first = |row: &serde_json::Value| {
        let value =
            row.as_object().and_then(|row| row.values().next().cloned()).unwrap_or_default();
        value.as_str().map_or_else(|| value.to_string(), str::to_owned)
    };
    rows.map(first).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_seed_that_cannot_be_made_anew_stays_as_it_was() {
    let quern = project("      path: small.duckdb\n");
    quern.write("seeds/s.csv", "id\n1\n2\n");
    quern.write("seeds/s.yml", "seeds: [{name: s, config: {column_types: {id: integer}}}]\n");
    quern.succeed(&["seed", "--full-refresh"]);
    quern.write("seeds/s.csv", "id\n3\nx\n");
    for arguments in [["seed", "--full-refresh"].as_slice(), &["seed"]] {
        let outcome = quern.run(arguments);
        assert_eq!(outcome.code, 1, "{}", outcome.text);
        assert_eq!(values(&quern, "select id from s order by id"), "1\n2");
    }
}

#[test]
fn sources_are_files_and_exports_of_dynamodb() {
    let quern = project("      path: small.duckdb\n");
    quern.write("data/people.csv", "id,name\n1,Ada\n2,Bo\n");
    quern.write("data/things.json", "{\"id\": 7}\n{\"id\": 8}\n");
    // A full export lies in several files below a folder.
    let items = "{\"Item\":{\"id\":{\"N\":\"1\"},\"full name\":{\"S\":\"Ada\"},\"tags\":{\"L\":[{\"S\":\"x\"}]}}}\n\
        {\"Item\":{\"id\":{\"N\":\"2\"},\"full name\":{\"NULL\":true},\"is_new\":{\"BOOL\":true}}}\n";
    quern.write("data/AWSDynamoDB/01/data/a.json", items);
    quern.write(
        "data/AWSDynamoDB/01/data/b.json",
        "{\"Item\":{\"id\":{\"N\":\"3\"},\"key\":{\"B\":\"YWI=\"}}}\n",
    );
    quern.write(
        "models/sources.yml",
        "sources:\n  - name: files\n    config: {external_location: 'data/{name}.csv'}\n    tables:\n      - name: people\n      \
         - name: things\n        config: {external_location: 'data/things.json'}\n      \
         - name: items\n        config: {external_location: 'data/AWSDynamoDB/*/data/*.json', external_format: dynamodb}\n        \
         columns: [{name: id, data_type: integer}, {name: full name}, {name: tags}, {name: is_new, data_type: boolean}, {name: key, data_type: BLOB}]\n      \
         - name: written\n        config: {external_location: 'data/written.parquet'}\n",
    );
    quern.write("models/people.sql", "select * from {{ source('files', 'people') }}\n");
    quern.write("models/items.sql", "select * from {{ source('files', 'items') }} as items\n");
    quern.write(
        "models/written.sql",
        "{{ config(materialized='external', location='data/written.parquet') }}\nselect * from {{ source('files', 'things') }}\n",
    );
    quern.write(
        "models/again.sql",
        "-- depends_on: {{ ref('written') }}\nselect * from {{ source('files', 'written') }}\n",
    );
    quern.succeed(&["run"]);
    assert_eq!(values(&quern, "select name from {{ ref('people') }} order by id"), "Ada\nBo");
    assert_eq!(values(&quern, "select id from {{ ref('again') }} order by id"), "7\n8");
    let item = "select concat_ws('|', id, \"full name\", tags, is_new) from {{ ref('items') }} order by id";
    assert_eq!(values(&quern, item), "1|Ada|[{\"S\":\"x\"}]\n2|true\n3");
    assert_eq!(values(&quern, "select key::varchar from {{ ref('items') }} where id = 3"), "ab");

    quern.write(
        "models/sources.yml",
        "sources: [{name: files, config: {external_location: '{nothing}.csv'}, tables: [{name: people}]}]\n",
    );
    let outcome = quern.run(&["parse"]);
    assert_eq!(outcome.code, 2, "{}", outcome.text);
    assert!(outcome.text.contains("uses `nothing`"), "{}", outcome.text);
}

#[test]
fn models_are_written_to_files_of_all_formats() {
    let quern = project("      path: small.duckdb\n      external_root: out\n");
    std::fs::create_dir_all(quern.folder().join("out")).expect("a folder");
    for format in ["parquet", "csv", "json"] {
        quern.write(
            &format!("models/as_{format}.sql"),
            &format!("{{{{ config(materialized='external', format='{format}') }}}}\nselect 1 as id, 'a' as name union all select 2, null\n"),
        );
    }
    quern.write(
        "models/parts.sql",
        "{{ config(materialized='external', location='out/parts', options={'partition_by': 'day', 'overwrite_or_ignore': 1}) }}\n\
         select 1 as id, '2024-01-01' as day union all select 2, '2024-01-02'\n",
    );
    quern.write(
        "models/quotes.sql",
        "{{ config(materialized='external', location=\"out/it's.csv\", delimiter='|') }}\nselect 'a|b' as \"say \"\"hi\"\"\" where {{ var('full', true) }}\n",
    );
    quern.write("models/below.sql", "select count(*) as n from {{ ref('as_csv') }}\n");
    for _ in 0..2 {
        quern.succeed(&["run"]);
        for format in ["parquet", "csv", "json"] {
            let file = quern.folder().join(format!("out/as_{format}.{format}"));
            assert!(file.exists(), "{}", file.display());
            let sql = format!("select name from {{{{ ref('as_{format}') }}}} where id = 1");
            assert_eq!(values(&quern, &sql), "a");
        }
        assert_eq!(values(&quern, "select id from {{ ref('parts') }} order by id"), "1\n2");
        assert_eq!(values(&quern, "select n from {{ ref('below') }}"), "2");
    }
    assert!(quern.folder().join("out/parts/day=2024-01-01").is_dir());
    assert_eq!(values(&quern, "select * from {{ ref('quotes') }}"), "a|b");
    quern.succeed(&["run", "-s", "quotes", "--vars", "full: false"]);
    assert_eq!(values(&quern, "select count(*) from {{ ref('quotes') }}"), "0");
}

#[test]
fn texts_for_files_are_quoted() {
    let quern = project("      path: small.duckdb\n");
    quern.write("seeds/s.csv", "id'name\n1'Ada\n");
    quern.write("seeds/s.yml", "seeds: [{name: s, config: {delimiter: \"'\"}}]\n");
    // What dbt-duckdb passes on with its quotes doubled stays as it is.
    for (name, quote, read) in [("single", "'", "'"), ("doubled", "''''", "''")] {
        quern.write(
            &format!("models/{name}.sql"),
            &format!(
                "{{{{ config(materialized='external', location='{name}.csv', options={{'quote': \"{quote}\"}}, \
                 csv_read_options={{'quote': \"{read}\"}}) }}}}\nselect name || ',b' as name from {{{{ ref('s') }}}}\n"
            ),
        );
    }
    quern.succeed(&["build"]);
    for name in ["single", "doubled"] {
        assert_eq!(values(&quern, &format!("select name from {{{{ ref('{name}') }}}}")), "Ada,b");
        let file = std::fs::read_to_string(quern.folder().join(format!("{name}.csv")));
        assert_eq!(file.expect("a file"), "name\n'Ada,b'\n");
    }
}

#[test]
fn a_database_and_a_schema_have_any_name() {
    let quern = project("      path: \"it's.duckdb\"\n");
    quern.write("models/one.sql", "{{ config(materialized='table') }}\nselect 1 as id\n");
    quern.write(
        "models/two.sql",
        "{{ config(materialized='view') }}\nselect * from {{ ref('one') }}\n",
    );
    quern.write(
        "models/three.sql",
        "{{ config(materialized='table', schema='say \"hi\"', indexes=[{'columns': ['id']}]) }}\nselect 1 as id\n",
    );
    for _ in 0..2 {
        quern.succeed(&["run"]);
    }
    quern.succeed(&["docs", "generate"]);
    let catalog = std::fs::read_to_string(quern.folder().join("target/catalog.json"));
    let catalog = catalog.expect("a catalog");
    assert!(
        catalog.contains("model.small.one") && catalog.contains("model.small.two"),
        "{catalog}"
    );
}

#[test]
fn hooks_may_open_and_end_transactions() {
    let quern = project("      path: small.duckdb\n");
    let hook = |sql: &str| format!("[{{'sql': \"{sql}\", 'transaction': false}}]");
    quern.write(
        "models/b_fails.sql",
        &format!(
            "{{{{ config(pre_hook={}) }}}}\nselect 1 as id\n",
            hook("begin; create table left_behind as select 1 as id; select * from nope")
        ),
    );
    quern.write(
        "models/a_opens.sql",
        &format!(
            "{{{{ config(materialized='table', pre_hook={}) }}}}\nselect id from made\n",
            hook("begin; create or replace table made as select 7 as id")
        ),
    );
    quern.write(
        "models/c_commits.sql",
        "{{ config(materialized='table', post_hook=\"commit; create or replace table beside as select 8 as id\") }}\nselect 1 as id\n",
    );
    quern.write("models/d_follows.sql", "{{ config(materialized='table') }}\nselect 1 as id\n");
    let outcome = quern.run(&["run", "--threads", "1"]);
    assert_eq!(outcome.code, 1, "{}", outcome.text);
    assert!(
        outcome.text.contains("PASS=3") && outcome.text.contains("ERROR=1"),
        "{}",
        outcome.text
    );
    assert_eq!(values(&quern, "select id from {{ ref('a_opens') }}"), "7");
    assert_eq!(values(&quern, "select id from beside"), "8");
    assert_eq!(
        values(&quern, "select count(*) from duckdb_tables() where table_name = 'left_behind'"),
        "0"
    );
}

#[test]
fn a_failed_model_leaves_the_file_that_was_there() {
    let quern = project("      path: small.duckdb\n");
    let model = |number: u8, hook: &str| {
        let config = format!("materialized='external', location='out.csv', post_hook=\"{hook}\"");
        quern.write(
            "models/out.sql",
            &format!("{{{{ config({config}) }}}}\nselect {number} as id\n"),
        );
    };
    let count_files = || std::fs::read_dir(quern.folder()).into_iter().flatten().count();
    let before = count_files();
    model(6, "select * from nope");
    assert_eq!(quern.run(&["run"]).code, 1);
    assert!(!quern.folder().join("out.csv").exists());
    model(7, "select 1");
    quern.succeed(&["run"]);
    let with_file = count_files();
    model(8, "create table seen as select id from {{ this }}; select * from nope");
    assert_eq!(quern.run(&["run"]).code, 1);
    assert_eq!(values(&quern, "select id from {{ ref('out') }}"), "7");
    assert_eq!(count_files(), with_file);
    assert!(before < with_file);
    model(9, "create table seen as select id from {{ this }}");
    quern.succeed(&["run"]);
    assert_eq!(values(&quern, "select id from seen"), "9");
    assert_eq!(values(&quern, "select id from {{ ref('out') }}"), "9");
    assert_eq!(count_files(), with_file);
}

#[test]
fn credentials_of_the_profile_are_never_shown() {
    let quern = project(
        "      path: small.duckdb\n      attach: [{path: \"host=127.0.0.1 port=1 password=hunter2\", type: postgres}]\n      \
         secrets: [{type: http, name: my-secret, provider: a b, bearer_token: \"AKIA'xyzSESAMESESAMESESAMESESAMESESAME\", requester_pays: true}]\n",
    );
    quern.write("models/one.sql", "select true as yes\n");
    for command in ["debug", "run"] {
        let outcome = quern.run(&[command]);
        assert!(!outcome.succeeded, "{}", outcome.text);
        assert!(outcome.text.contains("cannot create the secret `my-secret`"), "{}", outcome.text);
        let log = std::fs::read_to_string(quern.folder().join("logs/dbt.log")).expect("a log");
        for part in ["hunter2", "AKIA", "SESAME"] {
            assert!(!outcome.text.contains(part), "{}", outcome.text);
            assert!(!log.contains(part), "{log}");
        }
    }
}

#[test]
fn further_databases_are_attached_and_settings_hold() {
    let quern = project(
        "      path: small.duckdb\n      attach: [{path: other.duckdb, alias: other}]\n      \
         settings: {TimeZone: Asia/Tokyo}\n      config_options: {threads: 3}\n",
    );
    quern.write("models/here.sql", "select 1 as id\n");
    quern.write(
        "models/there.sql",
        "{{ config(database='other', materialized='table') }}\nselect * from {{ ref('here') }}\n",
    );
    quern.succeed(&["run"]);
    assert_eq!(values(&quern, "select id from other.main.there"), "1");
    assert_eq!(values(&quern, "select current_setting('TimeZone')"), "Asia/Tokyo");
    assert_eq!(values(&quern, "select current_setting('threads')"), "3");

    quern.write(
        "profiles.yml",
        "small: {target: dev, outputs: {dev: {type: duckdb, path: small.duckdb, schema: main, attach: [{path: other.duckdb, alias: other, read_only: true}]}}}\n",
    );
    let outcome = quern.run(&["run"]);
    assert_eq!(outcome.code, 1, "{}", outcome.text);
    assert!(outcome.text.contains("read-only mode"), "{}", outcome.text);
    assert_eq!(values(&quern, "select id from other.main.there"), "1");
}

#[test]
fn a_database_in_memory_lives_as_long_as_the_command() {
    let quern = project("      path: ':memory:'\n");
    quern.write("seeds/s.csv", "id\n1\n2\n");
    quern.write("models/one.sql", "select * from {{ ref('s') }}\n");
    quern.write("tests/empty.sql", "select * from {{ ref('one') }} where id > 2\n");
    quern.succeed(&["build"]);
}

#[test]
fn what_is_read_only_or_elsewhere_is_refused_with_a_reason() {
    let quern = project("      path: small.duckdb\n");
    quern.write("models/one.sql", "select 1 as id\n");
    quern.succeed(&["run"]);
    let cases = [
        (
            "      path: small.duckdb\n      config_options: {access_mode: read_only}\n",
            "read-only mode",
        ),
        ("      path: 'md:shop'\n", "MotherDuck is not supported"),
        (
            "      path: small.duckdb\n      extensions: [there_is_no_such_extension]\n",
            "the DuckDB extension `there_is_no_such_extension` is not on this machine and could not be downloaded",
        ),
        ("      path: small.duckdb\n      settings: {no_such_setting: 1}\n", "no_such_setting"),
    ];
    for (fields, part) in cases {
        let other = project(fields);
        std::fs::copy(quern.folder().join("small.duckdb"), other.folder().join("small.duckdb"))
            .expect("a copy");
        other.write("models/one.sql", "{{ config(materialized='table') }}\nselect 1 as id\n");
        let outcome = other.run(&["run"]);
        assert!(!outcome.succeeded, "{}", outcome.text);
        assert!(outcome.text.contains(part), "`{part}` is missing:\n{}", outcome.text);
        assert!(!outcome.text.contains("panicked"), "{}", outcome.text);
    }
}
