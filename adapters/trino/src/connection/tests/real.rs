//! Tests against a real server, which `QUERN_TRINO_URL` names, such as `http://127.0.0.1:8080`; it has the catalogs
//! `memory` and `tpch`.

use super::*;

/// The address of the server; `None`, with a word about it, where there is none.
fn server() -> Option<String> {
    let found = std::env::var("QUERN_TRINO_URL").ok().filter(|url| !url.is_empty());
    if found.is_none() {
        assert!(
            std::env::var_os("CI").is_none(),
            "QUERN_TRINO_URL must name a Trino server to test its adapter"
        );
        eprintln!("SKIPPED: QUERN_TRINO_URL names no Trino server, its adapter is not tested");
    }
    found.map(|url| url.trim_start_matches("http://").trim_end_matches('/').to_owned())
}

fn single(connection: &mut dyn Connection, sql: &str) -> Datum {
    connection.execute(sql, RowLimit::All).unwrap().rows.rows.remove(0).remove(0)
}

fn text(text: &str) -> Datum {
    Datum::Text(text.to_owned())
}

#[test]
fn each_type_has_its_name_and_its_value() {
    let Some(server) = server() else { return };
    let mut connection = connect(&server);
    let cases = [
        ("true", "boolean", Datum::Boolean(true)),
        ("bigint '9223372036854775807'", "bigint", Datum::Integer(i128::from(i64::MAX))),
        ("cast(1.5 as decimal(10,2))", "decimal(10, 2)", Datum::Decimal("1.50".to_owned())),
        ("0.1e0 + 0.2e0", "double", Datum::Float(0.1 + 0.2)),
        ("-infinity()", "double", Datum::Float(f64::NEG_INFINITY)),
        ("cast('ß' as varchar(3))", "varchar(3)", text("ß")),
        ("date '2023-12-01'", "date", Datum::Date("2023-12-01".to_owned())),
        ("time '13:00:00.5'", "time(1)", Datum::Time("13:00:00.5".to_owned())),
        (
            "timestamp '2023-12-01 13:00:00.123456'",
            "timestamp(6)",
            Datum::Timestamp("2023-12-01T13:00:00.123456".to_owned()),
        ),
        (
            "timestamp '2023-12-01 13:00:00 Asia/Tokyo'",
            "timestamp(0) with time zone",
            Datum::TimestampWithZone("2023-12-01T13:00:00+09:00".to_owned()),
        ),
        ("X'01ab'", "varbinary", Datum::Bytes(vec![1, 0xAB])),
        ("array[1, null]", "array(integer)", Datum::Nested(json!([1, null]))),
        ("map(array['a'], array[1])", "map(varchar(1), integer)", Datum::Nested(json!({"a": 1}))),
        (
            "cast(row(1, 'b') as row(x integer, y varchar))",
            "row(x integer, y varchar)",
            Datum::Nested(json!([1, "b"])),
        ),
        ("json '{\"a\": 1}'", "json", text("{\"a\":1}")),
        (
            "interval '1' day",
            "INTERVAL DAY TO SECOND",
            Datum::Interval("1 00:00:00.000".to_owned()),
        ),
        ("null", "unknown", Datum::Null),
    ];
    for (sql, name, value) in cases {
        let rows = connection.execute(&format!("select {sql}"), RowLimit::All).unwrap().rows;
        assert_eq!(rows.types, [name], "{sql}");
        assert_eq!(rows.rows, [[value]], "{sql}");
    }
}

#[test]
fn the_place_of_a_mistake_is_that_in_the_whole_text() {
    let Some(server) = server() else { return };
    let sql = "select 1;\nselect\n  missing from tpch.tiny.region";
    let error = connect(&server).execute(sql, RowLimit::All).unwrap_err();
    assert_eq!(error.kind, WarehouseErrorKind::Sql);
    assert_eq!(error.position, sql.find("missing"));
    assert_eq!(error.code.as_deref(), Some("COLUMN_NOT_FOUND"));
    assert!(
        error.message.starts_with("Column 'missing' cannot be resolved\nLINE 2:   missing"),
        "{}",
        error.message
    );
}

#[test]
fn unknown_catalogs_and_schemas_are_named() {
    let Some(server) = server() else { return };
    let cases = [
        (json!({"database": "nowhere"}), "select * from t", "CATALOG_NOT_FOUND"),
        (json!({"schema": "nothing"}), "select * from t", "SCHEMA_NOT_FOUND"),
    ];
    for (fields, sql, code) in cases {
        let mut connection = warehouse(&server, &fields).connect("test").unwrap();
        let error = connection.execute(sql, RowLimit::All).unwrap_err();
        assert_eq!(error.code.as_deref(), Some(code), "{}", error.message);
    }
}

#[test]
fn profiles_begin_the_session_that_the_server_sees() {
    let Some(server) = server() else { return };
    let fields = json!({
        "timezone": "Asia/Tokyo", "client_tags": ["a", "b"], "source": "here",
        "session_properties": {"query_max_run_time": "7m"},
    });
    let mut connection = warehouse(&server, &fields).connect("test").unwrap();
    assert_eq!(single(&mut *connection, "select current_timezone()"), text("Asia/Tokyo"));
    assert_eq!(single(&mut *connection, "select current_user"), text("ada"));
    let sql = "select count(*) > 0 from system.runtime.queries where source = 'here'";
    assert_eq!(single(&mut *connection, sql), Datum::Boolean(true));
    let shown =
        connection.execute("show session like 'query_max_run_time'", RowLimit::All).unwrap();
    assert_eq!(shown.rows.rows[0][1], text("7m"));
    let mut connection = warehouse(&server, &json!({"user": "Éva"})).connect("test").unwrap();
    assert_eq!(single(&mut *connection, "select current_user"), text("Éva"));
}

#[test]
fn changes_are_counted_and_named() {
    let Some(server) = server() else { return };
    let mut connection = connect(&server);
    let sql = "create schema if not exists memory.counted; drop table if exists memory.counted.t; \
               create table memory.counted.t as select * from tpch.tiny.nation";
    let outcome = connection.execute(sql, RowLimit::None).unwrap();
    assert_eq!(outcome.response.message, "CREATE TABLE (25 rows)");
    assert_eq!(outcome.response.rows_affected, Some(25));
    assert!(outcome.response.details.contains_key("query_id"));
    let query = outcome.response.details["query"].as_str().unwrap().trim();
    assert_eq!(query, "create table memory.counted.t as select * from tpch.tiny.nation");
    let rows =
        connection.execute("select * from tpch.sf1.orders", RowLimit::AtMost(3)).unwrap().rows;
    assert_eq!(rows.rows.len(), 3);
    assert_eq!(
        connection.describe_query("select a from (values 1) t (a) where false").unwrap(),
        [Column::new("a", "INTEGER")]
    );
}

#[test]
fn a_long_result_comes_whole() {
    let Some(server) = server() else { return };
    let sql = "select * from unnest(sequence(1, 10000)) as t (a) cross join unnest(sequence(1, 5)) as u (b)";
    let rows = connect(&server).execute(sql, RowLimit::All).unwrap().rows.rows;
    assert_eq!(rows.len(), 50_000);
}

#[test]
fn a_running_query_can_be_cancelled() {
    let Some(server) = server() else { return };
    let mut connection = connect(&server);
    let canceller = connection.canceller();
    let error = thread::scope(|scope| {
        let running = scope.spawn(|| {
            let sql =
                "select count(*) from tpch.sf1000.lineitem a cross join tpch.sf1000.lineitem b";
            connection.execute(sql, RowLimit::All).unwrap_err()
        });
        thread::sleep(Duration::from_millis(500));
        canceller.cancel();
        running.join().unwrap()
    });
    assert_eq!(error.kind, WarehouseErrorKind::Cancelled);
}

#[test]
fn a_query_killed_by_an_administrator_says_so() {
    let Some(server) = server() else { return };
    let mut connection = connect(&server);
    let mut other = connect(&server);
    let error = thread::scope(|scope| {
        let running = scope.spawn(|| {
            let sql = "/* to be killed */ select count(*) from tpch.sf100.lineitem a cross join tpch.sf1000.lineitem b";
            connection.execute(sql, RowLimit::All).unwrap_err()
        });
        let find = "select query_id from system.runtime.queries \
                    where state = 'RUNNING' and query like '/* to be killed%'";
        let start = Instant::now();
        let query = loop {
            assert!(start.elapsed() < Duration::from_secs(60), "the query does not run");
            let found = other.execute(find, RowLimit::All).unwrap().rows.rows;
            if let Some(Datum::Text(query)) = found.first().map(|row| &row[0]) {
                break query.clone();
            }
            thread::sleep(Duration::from_millis(100));
        };
        let kill = format!(
            "call system.runtime.kill_query(query_id => '{query}', message => 'too greedy')"
        );
        other.execute(&kill, RowLimit::None).unwrap();
        running.join().unwrap()
    });
    assert_eq!(error.code.as_deref(), Some("ADMINISTRATIVELY_KILLED"));
    assert!(
        error.message.starts_with("an administrator of the server ended the query"),
        "{}",
        error.message
    );
    assert!(error.message.contains("too greedy"), "{}", error.message);
}

#[test]
fn seeds_are_cast_to_the_types_of_their_columns() {
    let Some(server) = server() else { return };
    let mut connection = connect(&server);
    let sql = "create schema if not exists memory.seeds; drop table if exists memory.seeds.t; \
               create table memory.seeds.t (id bigint, name varchar(10), price decimal(10,2), at timestamp(6), ok boolean)";
    connection.execute(sql, RowLimit::None).unwrap();
    let relation = adapter_interface::Relation::new(
        Some("memory"),
        Some("seeds"),
        Some("t"),
        adapter_interface::Quoting::ALL,
    );
    let columns = [
        types::column("id", "bigint"),
        types::column("name", "varchar(10)"),
        types::column("price", "decimal(10,2)"),
        types::column("at", "timestamp(6)"),
        types::column("ok", "boolean"),
    ];
    let rows = [
        vec![
            Datum::Integer(1),
            text("it's"),
            Datum::Decimal("1.5".to_owned()),
            Datum::Timestamp("2023-12-01T13:00:00.5".to_owned()),
            Datum::Boolean(true),
        ],
        vec![Datum::Null, Datum::Null, Datum::Null, Datum::Null, Datum::Null],
    ];
    let mut rows = rows.into_iter().map(Ok);
    let seed = SeedStream { relation: &relation, columns: &columns, rows: &mut rows };
    connection.stream_seed(seed).unwrap().unwrap();
    let found =
        connection.execute("select * from memory.seeds.t order by id", RowLimit::All).unwrap();
    assert_eq!(
        found.rows.rows[0],
        [
            Datum::Integer(1),
            text("it's"),
            Datum::Decimal("1.50".to_owned()),
            Datum::Timestamp("2023-12-01T13:00:00.500000".to_owned()),
            Datum::Boolean(true),
        ]
    );
    assert_eq!(found.rows.rows[1], vec![Datum::Null; 5]);
    let long =
        [vec![Datum::Integer(2), text("longer than ten"), Datum::Null, Datum::Null, Datum::Null]];
    let mut long = long.into_iter().map(Ok);
    let seed = SeedStream { relation: &relation, columns: &columns, rows: &mut long };
    connection.stream_seed(seed).unwrap().expect_err("nothing is cut off in silence");
}
