//! Tests against the engine.

use std::sync::Barrier;
use std::time::Instant;

use adapter_interface::{AdapterFactory, Quoting, Relation};
use indexmap::IndexMap;
use serde_json::{Value, json};

use crate::DuckDbFactory;

use super::*;

fn warehouse(fields: &Value) -> Arc<dyn Warehouse> {
    let fields = fields.as_object().unwrap().clone().into_iter().collect();
    let credentials = DuckDbFactory.read_profile(&fields).unwrap();
    DuckDbFactory.open(&credentials).unwrap()
}

fn connect() -> Box<dyn Connection> {
    warehouse(&json!({})).connect("test").unwrap()
}

fn query(connection: &mut dyn Connection, sql: &str) -> Rows {
    connection.execute(sql, RowLimit::All).unwrap().rows
}

fn failure(connection: &mut dyn Connection, sql: &str) -> WarehouseError {
    connection.execute(sql, RowLimit::All).unwrap_err()
}

fn text(text: &str) -> Datum {
    Datum::Text(text.to_owned())
}

#[test]
fn each_type_has_its_name_and_its_value() {
    let mut connection = connect();
    let cases = [
        ("true", "BOOLEAN", Datum::Boolean(true)),
        ("1::tinyint", "TINYINT", Datum::Integer(1)),
        ("9223372036854775807", "BIGINT", Datum::Integer(i64::MAX.into())),
        ("sum(1)", "HUGEINT", Datum::Integer(1)),
        ("170141183460469231731687303715884105727", "HUGEINT", Datum::Integer(i128::MAX)),
        ("1::ubigint", "UBIGINT", Datum::Integer(1)),
        ("1.50", "DECIMAL(3,2)", Datum::Decimal("1.50".to_owned())),
        ("-0.5::decimal(38,0)", "DECIMAL(38,0)", Datum::Decimal("-1".to_owned())),
        ("1.5::double", "DOUBLE", Datum::Float(1.5)),
        ("1.5::float", "FLOAT", Datum::Float(1.5)),
        ("'x'", "VARCHAR", text("x")),
        ("date '2023-12-01'", "DATE", Datum::Date("2023-12-01".to_owned())),
        ("time '13:00:00.5'", "TIME", Datum::Time("13:00:00.5".to_owned())),
        (
            "timestamp '2023-12-01 13:00:00.5'",
            "TIMESTAMP",
            Datum::Timestamp("2023-12-01T13:00:00.5".to_owned()),
        ),
        (
            "timestamp_ns '2023-12-01 13:00:00.000000001'",
            "TIMESTAMP_NS",
            Datum::Timestamp("2023-12-01T13:00:00.000000001".to_owned()),
        ),
        (
            "timestamptz '2023-12-01 13:00:00+09:00'",
            "TIMESTAMP WITH TIME ZONE",
            Datum::TimestampWithZone("2023-12-01T04:00:00+00:00".to_owned()),
        ),
        (
            "interval '14 months 3 days 1 minute'",
            "INTERVAL",
            Datum::Interval("1 year 2 months 3 days 00:01:00".to_owned()),
        ),
        ("'\\x01'::blob", "BLOB", Datum::Bytes(vec![1])),
        ("'a'::enum('a', 'b')", "ENUM", text("a")),
        ("'10'::bit", "BIT", text("10")),
        (
            "'550e8400-e29b-41d4-a716-446655440000'::uuid",
            "UUID",
            text("550e8400-e29b-41d4-a716-446655440000"),
        ),
        ("'{\"a\": 1}'::json", "JSON", text("{\"a\": 1}")),
        ("[1, null]", "INTEGER[]", Datum::Nested(json!([1, null]))),
        ("[]", "INTEGER[]", Datum::Nested(json!([]))),
        (
            "{'a': 1.5, 'B c': [date '2023-12-01']}",
            "STRUCT(a DECIMAL(2,1), \"B c\" DATE[])",
            Datum::Nested(json!({"a": 1.5, "B c": ["2023-12-01"]})),
        ),
        ("map {1: 'x'}", "MAP(INTEGER, VARCHAR)", Datum::Nested(json!({"1": "x"}))),
        ("[1, 2]::integer[2]", "INTEGER[2]", Datum::Nested(json!([1, 2]))),
        ("null", "INTEGER", Datum::Null),
        ("[null]", "INTEGER[]", Datum::Nested(json!([null]))),
        ("null::struct(a integer)", "STRUCT(a INTEGER)", Datum::Null),
    ];
    for (expression, type_name, value) in cases {
        let rows = query(&mut *connection, &format!("select {expression} as value"));
        assert_eq!(
            (rows.types, rows.rows),
            (vec![type_name.to_owned()], vec![vec![value]]),
            "{expression}"
        );
        let described =
            connection.describe_query(&format!("select {expression} as value;")).unwrap();
        if type_name != "ENUM" {
            assert_eq!(described[0].data_type, type_name, "{expression}");
        }
    }
}

#[test]
fn what_cannot_be_read_is_an_error() {
    let error = failure(&mut *connect(), "select time_ns '13:00:00' as at");
    assert_eq!(
        error.message,
        "the column `at` has the type TIME_NS, which cannot be read: cast it to varchar"
    );
}

#[test]
fn columns_may_have_the_same_name() {
    let rows = query(&mut *connect(), "select 1 as id, 'x' as id");
    assert_eq!(rows.columns, ["id", "id"]);
    assert_eq!(rows.rows, [[Datum::Integer(1), text("x")]]);
}

#[test]
fn of_several_statements_the_last_gives_the_result() {
    let mut connection = connect();
    let sql = "create table t (id integer); insert into t values (1), (2); select id from t order by id; -- end";
    let outcome = connection.execute(sql, RowLimit::AtMost(1)).unwrap();
    assert_eq!(outcome.rows.rows, [[Datum::Integer(1)]]);
    assert_eq!(outcome.response, Response { message: "OK".to_owned(), ..Response::default() });
    connection.execute("drop table t; select 1/0", RowLimit::None).unwrap();
    assert_eq!(failure(&mut *connection, "select * from t").kind, WarehouseErrorKind::Sql);
}

#[test]
fn comments_alone_give_nothing() {
    assert_eq!(query(&mut *connect(), "-- nothing to do"), Rows::default());
}

#[test]
fn a_transaction_is_undone_or_kept() {
    let warehouse = warehouse(&json!({}));
    let (mut one, mut other) =
        (warehouse.connect("one").unwrap(), warehouse.connect("other").unwrap());
    one.begin().unwrap();
    one.begin().unwrap();
    assert!(one.is_in_transaction());
    one.execute("create table t as select 1 as id", RowLimit::None).unwrap();
    assert_eq!(failure(&mut *other, "select * from t").code.as_deref(), Some("Catalog"));
    one.rollback().unwrap();
    one.rollback().unwrap();
    failure(&mut *one, "select * from t");

    one.begin().unwrap();
    one.execute("create table t as select 1 as id", RowLimit::None).unwrap();
    one.commit().unwrap();
    one.commit().unwrap();
    assert!(!one.is_in_transaction());
    assert_eq!(query(&mut *other, "select * from t").rows.len(), 1);
}

#[test]
fn transactions_in_the_text_are_noticed() {
    let mut connection = connect();
    connection.execute("BEGIN;", RowLimit::None).unwrap();
    assert!(connection.is_in_transaction());
    connection.execute("/* before the hook */ commit;", RowLimit::None).unwrap();
    assert!(!connection.is_in_transaction());
    connection.begin().unwrap();
}

#[test]
fn transactions_in_the_midst_of_a_text_are_noticed() {
    let mut connection = connect();
    connection.execute("begin; create table t as select 1 as id", RowLimit::None).unwrap();
    assert!(connection.is_in_transaction());
    connection.begin().unwrap();
    connection.commit().unwrap();
    assert_eq!(query(&mut *connection, "select id from t").rows.len(), 1);

    connection.begin().unwrap();
    connection
        .execute("drop table t; commit; create table u (id integer)", RowLimit::None)
        .unwrap();
    assert!(!connection.is_in_transaction());
    connection.commit().unwrap();
    connection.rollback().unwrap();
    assert_eq!(query(&mut *connection, "select id from u").rows.len(), 0);
}

#[test]
fn a_text_that_fails_leaves_no_transaction_that_nobody_knows_of() {
    let mut connection = connect();
    failure(&mut *connection, "begin; create table t as select 1 as id; select * from nope");
    assert!(connection.is_in_transaction());
    connection.rollback().unwrap();
    let sql = "begin;\nselect * from nope";
    let error = failure(&mut *connection, sql);
    assert_eq!(error.position, sql.find("nope"), "{error}");
    assert!(error.message.contains("LINE 2: select * from nope"), "{error}");
    assert!(connection.is_in_transaction());
    connection.rollback().unwrap();
    failure(&mut *connection, "select * from t");

    connection.begin().unwrap();
    failure(&mut *connection, "commit; select * from nope");
    assert!(!connection.is_in_transaction());
    failure(&mut *connection, "commit");
    failure(&mut *connection, "begin; select 1/0; begin");
    connection.rollback().unwrap();
    connection.begin().unwrap();
    connection.commit().unwrap();
}

#[test]
fn a_file_that_is_written_in_a_transaction_ends_as_it_does() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("out.csv");
    let location = file.to_str().unwrap();
    let call = MethodCall {
        name: "restore_file_after_failure",
        positional: vec![MacroValue::Text(location.to_owned())],
        keywords: IndexMap::new(),
    };
    let mut connection = connect();
    let cases = [
        ("select 1", "", 0),
        ("commit", "1\n", 1),
        ("select 1", "1\n", 1),
        ("rollback", "1\n", 1),
        ("commit; select 1", "4\n", 1),
    ];
    for (number, (ending, expected, count)) in cases.into_iter().enumerate() {
        connection.begin().unwrap();
        for written in [100, number] {
            connection.call_method(&call).unwrap().unwrap();
            let sql = format!("copy (select {written}) to '{location}' (format csv, header false)");
            connection.execute(&sql, RowLimit::None).unwrap();
        }
        connection.execute(ending, RowLimit::None).unwrap();
        connection.rollback().unwrap();
        let found = std::fs::read_to_string(&file);
        assert_eq!(found.unwrap_or_default(), expected, "{ending}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), count, "{ending}");
    }
}

#[test]
fn a_failed_statement_leaves_a_transaction_that_can_be_undone() {
    let mut connection = connect();
    connection.begin().unwrap();
    failure(&mut *connection, "select missing");
    connection.rollback().unwrap();
    assert_eq!(query(&mut *connection, "select 1").rows.len(), 1);
}

#[test]
fn an_error_points_into_the_statement() {
    let mut connection = connect();
    let sql = "select\n  1 as one,\n  '日本' as land, mising\nfrom (select 1 as missing)";
    let error = failure(&mut *connection, sql);
    assert_eq!((error.kind, error.position), (WarehouseErrorKind::Sql, sql.find("mising")));
    let error = connection.describe_query(sql).unwrap_err();
    assert_eq!(error.position, sql.find("mising"));
    assert!(error.message.contains("LINE 3:"), "{}", error.message);
    let long = format!(
        "select {} mising, {} from (select 1 as one)",
        "one, ".repeat(60),
        "one, ".repeat(60)
    );
    assert_eq!(failure(&mut *connection, &long).position, long.find("mising"));
}

#[test]
fn a_running_statement_can_be_cancelled() {
    let mut connection = connect();
    let canceller = connection.canceller();
    let started = Instant::now();
    let watcher = thread::spawn(move || {
        for _ in 0..50 {
            thread::sleep(Duration::from_millis(20));
            canceller.cancel();
        }
    });
    let sql = "select count(*) from range(1000000000) a, range(1000000) b where a.range * b.range % 7 = 3";
    assert_eq!(failure(&mut *connection, sql).kind, WarehouseErrorKind::Cancelled);
    assert!(started.elapsed() < Duration::from_secs(20));
    watcher.join().unwrap();
    assert_eq!(query(&mut *connection, "select 1").rows.len(), 1);
}

#[test]
fn many_workers_build_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let warehouse =
        warehouse(&json!({"path": folder.path().join("shop.duckdb").to_str().unwrap()}));
    let barrier = Arc::new(Barrier::new(4));
    let workers: Vec<_> = (0..4)
        .map(|worker| {
            let (warehouse, barrier) = (Arc::clone(&warehouse), Arc::clone(&barrier));
            thread::spawn(move || {
                let mut connection = warehouse.connect("worker").unwrap();
                barrier.wait();
                for step in 0..20 {
                    build(&mut *connection, &format!("m_{worker}_{step}"));
                }
            })
        })
        .collect();
    for worker in workers {
        worker.join().unwrap();
    }
    let mut connection = warehouse.connect("check").unwrap();
    let count = query(&mut *connection, "select count(*) from information_schema.tables").rows;
    assert_eq!(count, [[Datum::Integer(160)]]);
}

/// Builds a table and a view as dbt's materializations do, trying again after what passes by itself.
fn build(connection: &mut dyn Connection, name: &str) {
    for _ in 0..50 {
        connection.begin().unwrap();
        let sql = format!(
            "create schema if not exists main; create table {name}__tmp as select range as id from range(1000);
             alter table {name}__tmp rename to {name}; create view {name}_view as select * from {name}"
        );
        match connection.execute(&sql, RowLimit::None).and_then(|_| connection.commit()) {
            Ok(()) => return,
            Err(error) => {
                assert_eq!(error.kind, WarehouseErrorKind::Transient, "{error}");
                connection.rollback().unwrap();
            }
        }
    }
    panic!("{name} was never built");
}

#[test]
fn a_conflict_of_two_writers_passes_by_itself() {
    let warehouse = warehouse(&json!({}));
    let (mut one, mut other) =
        (warehouse.connect("one").unwrap(), warehouse.connect("other").unwrap());
    one.execute("create table t as select 1 as id", RowLimit::None).unwrap();
    one.begin().unwrap();
    other.begin().unwrap();
    one.execute("update t set id = 2", RowLimit::None).unwrap();
    assert_eq!(failure(&mut *other, "update t set id = 3").kind, WarehouseErrorKind::Transient);
    other.rollback().unwrap();
    other.begin().unwrap();
    one.execute("create or replace view v as select 1", RowLimit::None).unwrap();
    assert_eq!(
        failure(&mut *other, "create or replace view v as select 2").kind,
        WarehouseErrorKind::Transient
    );
}

fn seed_columns() -> Vec<Column> {
    [
        ("id", "integer"),
        ("name", "text"),
        ("price", "float8"),
        ("day", "date"),
        ("moment", "timestamp"),
        ("ok", "boolean"),
    ]
    .map(|(name, data_type)| Column::new(name, data_type))
    .to_vec()
}

#[test]
fn a_seed_is_loaded_with_the_types_of_its_table() {
    let mut connection = connect();
    let sql = "create table s (id integer, name text, price float8, day date, moment timestamp, ok boolean)";
    connection.execute(sql, RowLimit::None).unwrap();
    let row = vec![
        Datum::Integer(1),
        text("Tōkyō"),
        Datum::Decimal("1.10".to_owned()),
        Datum::Date("2023-12-01".to_owned()),
        Datum::Timestamp("2023-12-01T13:00:00.5".to_owned()),
        Datum::Boolean(true),
    ];
    let rows = [row.clone(), vec![Datum::Null; 6]];
    let relation = Relation::new(Some("memory"), Some("main"), Some("s"), Quoting::ALL);
    let columns = seed_columns();
    let mut stream = rows.clone().into_iter().map(Ok);
    let seed = SeedStream { relation: &relation, columns: &columns, rows: &mut stream };
    connection.stream_seed(seed).unwrap().unwrap();
    let mut expected = row;
    expected[2] = Datum::Float(1.1);
    assert_eq!(query(&mut *connection, "select * from s").rows, [expected, vec![Datum::Null; 6]]);
}

#[test]
fn a_seed_that_does_not_fit_leaves_nothing() {
    let mut connection = connect();
    connection.execute("create table s (id integer)", RowLimit::None).unwrap();
    let rows = [vec![Datum::Integer(1)], vec![text("many")]];
    let relation = Relation::new(None, Some("main"), Some("s"), Quoting::ALL);
    let columns = [Column::new("id", "integer")];
    let mut stream = rows.clone().into_iter().map(Ok);
    let seed = SeedStream { relation: &relation, columns: &columns, rows: &mut stream };
    let error = connection.stream_seed(seed).unwrap().unwrap_err();
    assert!(error.message.contains("(row 2 of the seed)"), "{error}");
    assert_eq!(query(&mut *connection, "select * from s").rows.len(), 0);
}

#[test]
fn set_up_errors_are_told_from_others() {
    let folder = tempfile::tempdir().unwrap();
    let open = |path: &std::path::Path| {
        let fields = json!({"path": path.to_str().unwrap()})
            .as_object()
            .unwrap()
            .clone()
            .into_iter()
            .collect();
        DuckDbFactory.open(&DuckDbFactory.read_profile(&fields).unwrap()).err().unwrap()
    };
    let error = open(&folder.path().join("missing/shop.duckdb"));
    assert_eq!(error.kind, WarehouseErrorKind::Configuration, "{error}");
    let text = folder.path().join("notes.duckdb");
    std::fs::write(
        &text,
        "not a database, but long enough to be read as if it were one".repeat(100),
    )
    .unwrap();
    let error = open(&text);
    assert_eq!(error.kind, WarehouseErrorKind::Configuration, "{error}");
}

#[test]
fn what_the_profile_asks_for_fails_without_its_credentials() {
    let long = "SESAME".repeat(40);
    for (secret, shown) in [
        (json!({"type": "http", "name": "my-secret", "bearer_token": "top'secret"}), None),
        (
            json!({"type": "http", "name": "lake", "provider": "a b", "bearer_token": "top'secret"}),
            Some("cannot create the secret `lake`: Parser Error: syntax error at or near \"b\""),
        ),
        (
            json!({"type": "http", "bearer_token": long, "provider": "a b"}),
            Some(
                "cannot create the secret `_dbt_secret_1`: Parser Error: syntax error at or near \"b\"",
            ),
        ),
    ] {
        let fields =
            json!({"secrets": [secret]}).as_object().unwrap().clone().into_iter().collect();
        let opened = DuckDbFactory.open(&DuckDbFactory.read_profile(&fields).unwrap());
        assert_eq!(opened.err().map(|error| error.message).as_deref(), shown, "{secret}");
    }
}

#[test]
fn an_extension_that_the_library_has_need_not_be_fetched() {
    // Nothing is fetched into a folder that cannot be made.
    let nowhere = json!({"extensions": ["parquet", "json"], "config_options": {"extension_directory": "/dev/null/none"}});
    let mut connection = warehouse(&nowhere).connect("test").unwrap();
    assert_eq!(query(connection.as_mut(), "select 1").rows.len(), 1);
}

#[test]
fn a_database_is_attached_under_any_name() {
    let fields =
        json!({"attach": [{"path": ":memory:", "alias": "my order"}], "database": "my order"});
    let mut connection = warehouse(&fields).connect("test").unwrap();
    query(connection.as_mut(), "create table \"my order\".main.t as select 1 as id");
}

#[test]
fn a_database_can_be_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let fields = json!({"path": folder.path().join("shop.duckdb").to_str().unwrap(), "settings": {"TimeZone": "Asia/Tokyo"}});
    let first = warehouse(&fields);
    first
        .connect("one")
        .unwrap()
        .execute("create table t as select 1 as id", RowLimit::None)
        .unwrap();
    drop(first);
    let mut connection = warehouse(&fields).connect("two").unwrap();
    assert_eq!(query(&mut *connection, "select * from t").rows.len(), 1);
    let moment =
        query(&mut *connection, "select (timestamptz '2023-12-01 00:00:00')::varchar").rows;
    assert_eq!(moment, [[text("2023-12-01 00:00:00+09")]]);
}

#[test]
fn a_database_that_another_process_holds_is_locked() {
    const HELD: &str = "QUERN_TEST_HELD_DATABASE";
    let name = "connection::tests::a_database_that_another_process_holds_is_locked";
    if let Ok(path) = std::env::var(HELD) {
        let _held = warehouse(&json!({"path": path}));
        std::fs::write(format!("{path}.ready"), "").unwrap();
        std::io::stdin().read_line(&mut String::new()).unwrap();
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.duckdb").to_str().unwrap().to_owned();
    let mut holder = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name])
        .env(HELD, &path)
        .stdin(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    while !std::fs::exists(format!("{path}.ready")).unwrap() {
        thread::sleep(Duration::from_millis(10));
    }
    let fields = [("path".to_owned(), json!(path))].into_iter().collect();
    let error = DuckDbFactory.open(&DuckDbFactory.read_profile(&fields).unwrap()).err().unwrap();
    assert_eq!(error.kind, WarehouseErrorKind::Locked, "{error}");
    assert!(error.message.contains(&format!("(PID {})", holder.id())), "{error}");
    drop(holder.stdin.take());
    holder.wait().unwrap();
}
