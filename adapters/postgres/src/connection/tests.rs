//! Tests against a server that they start themselves.

mod server;

use std::net::TcpListener;
use std::time::Instant;

use adapter_interface::{AdapterFactory, Quoting, Relation};
use serde_json::{Value, json};

use crate::PostgresFactory;

use super::*;
use server::{Server, server};

fn usual(server: &Server) -> Value {
    json!({
        "host": "localhost", "port": server.port, "user": "trusted", "dbname": "postgres", "schema": "public",
        "retries": 0,
    })
}

fn connect_with(server: &Server, fields: &Value) -> Result<Box<dyn Connection>, WarehouseError> {
    let mut all = usual(server);
    for (name, value) in fields.as_object().unwrap() {
        all[name] = value.clone();
    }
    let all = all.as_object().unwrap().clone().into_iter().collect();
    let credentials = PostgresFactory.read_profile(&all).unwrap();
    PostgresFactory.open(&credentials)?.connect("test")
}

fn connect(server: &Server) -> Box<dyn Connection> {
    connect_with(server, &json!({})).unwrap()
}

fn query(connection: &mut dyn Connection, sql: &str) -> Rows {
    connection.execute(sql, RowLimit::All).unwrap().rows
}

fn single(connection: &mut dyn Connection, sql: &str) -> Datum {
    query(connection, sql).rows.remove(0).remove(0)
}

fn failure(connection: &mut dyn Connection, sql: &str) -> WarehouseError {
    connection.execute(sql, RowLimit::All).unwrap_err()
}

fn text(text: &str) -> Datum {
    Datum::Text(text.to_owned())
}

fn refusal(server: &Server, fields: &Value) -> WarehouseError {
    connect_with(server, fields).err().unwrap()
}

#[test]
fn each_type_has_its_name_and_its_value() {
    let Some(server) = server() else { return };
    let mut connection = connect(server);
    query(&mut *connection, "create type pg_temp.mood as enum ('glad', 'sad')");
    let cases = [
        ("true", "boolean", Datum::Boolean(true)),
        ("1::smallint", "smallint", Datum::Integer(1)),
        ("9223372036854775807", "bigint", Datum::Integer(i64::MAX.into())),
        ("1.50", "numeric", Datum::Decimal("1.50".to_owned())),
        ("1.5::numeric(10,2)", "numeric(10,2)", Datum::Decimal("1.50".to_owned())),
        ("1.5::real", "real", Datum::Float(1.5)),
        ("'-infinity'::float8", "double precision", Datum::Float(f64::NEG_INFINITY)),
        ("'日本'", "text", text("日本")),
        ("'x'::varchar(20)", "character varying(20)", text("x")),
        ("'x'::char(2)", "character(2)", text("x ")),
        ("null::int", "integer", Datum::Null),
        ("date '2023-12-01'", "date", Datum::Date("2023-12-01".to_owned())),
        ("time '13:00:00.5'", "time without time zone", Datum::Time("13:00:00.5".to_owned())),
        (
            "timestamp '2023-12-01 13:00:00.5'",
            "timestamp without time zone",
            Datum::Timestamp("2023-12-01T13:00:00.5".to_owned()),
        ),
        (
            "timestamptz '2023-12-01 13:00:00+09'",
            "timestamp with time zone",
            Datum::TimestampWithZone("2023-12-01T04:00:00+00:00".to_owned()),
        ),
        ("interval '1 day 02:00'", "interval", Datum::Interval("1 day 02:00:00".to_owned())),
        ("interval '1' day", "interval day", Datum::Interval("1 day".to_owned())),
        (r"'\x01ab'::bytea", "bytea", Datum::Bytes(vec![1, 0xAB])),
        (r#"'{"a": [1]}'::jsonb"#, "jsonb", Datum::Nested(json!({"a": [1]}))),
        ("array[1, null]", "integer[]", Datum::Nested(json!([1, null]))),
        ("array['a,b', 'c\"']", "text[]", Datum::Nested(json!(["a,b", "c\""]))),
        (
            "'00000000-0000-0000-0000-000000000001'::uuid",
            "uuid",
            text("00000000-0000-0000-0000-000000000001"),
        ),
        ("'glad'::pg_temp.mood", "mood", text("glad")),
        ("int4range(1, 5)", "int4range", text("[1,5)")),
    ];
    for (expression, name, value) in cases {
        let rows = query(&mut *connection, &format!("select {expression} as x"));
        let type_name = rows.types[0].trim_start_matches("pg_temp.");
        assert_eq!((type_name, &rows.rows[0][0]), (name, &value), "{expression}");
    }
}

#[test]
fn responses_are_those_of_dbt_postgres() {
    let Some(server) = server() else { return };
    let mut connection = connect(server);
    let cases = [
        ("create temporary table t as select 1 as x union select 2", "SELECT 2", "SELECT", 2),
        ("insert into t values (3), (4), (5)", "INSERT 0 3", "INSERT", 3),
        ("delete from t where x > 3", "DELETE 2", "DELETE", 2),
        ("create temporary view v as select 1 as x", "CREATE VIEW", "CREATE VIEW", -1),
        ("begin; drop view v; commit", "COMMIT", "COMMIT", -1),
    ];
    for (sql, message, code, rows_affected) in cases {
        let response = connection.execute(sql, RowLimit::None).unwrap().response;
        assert_eq!(response.message, message);
        assert_eq!(response.code.as_deref(), Some(code));
        assert_eq!(response.rows_affected, Some(rows_affected));
    }
    let nothing = connection.execute(" -- nothing\n;", RowLimit::All).unwrap();
    assert_eq!(nothing.response.message, "OK");
}

#[test]
fn the_last_of_several_statements_gives_the_result() {
    let Some(server) = server() else { return };
    let mut connection = connect(server);
    let sql = "create temporary table t (x int); insert into t values (1), (2); select x from t order by x; -- end";
    assert_eq!(
        query(&mut *connection, sql).rows,
        [vec![Datum::Integer(1)], vec![Datum::Integer(2)]]
    );
    assert_eq!(
        query(&mut *connection, "select 1; create temporary table u (x int)"),
        Rows::default()
    );
    let limited = connection.execute("select generate_series(1, 9)", RowLimit::AtMost(2)).unwrap();
    assert_eq!(limited.rows.rows.len(), 2);
}

#[test]
fn a_transaction_is_kept_or_undone() {
    let Some(server) = server() else { return };
    let (mut connection, mut other) = (connect(server), connect(server));
    query(&mut *connection, "create table kept (x int)");
    let count = |connection: &mut dyn Connection| single(connection, "select count(*) from kept");
    connection.begin().unwrap();
    connection.begin().unwrap();
    query(&mut *connection, "insert into kept values (1)");
    assert!(connection.is_in_transaction());
    assert_eq!(count(&mut *other), Datum::Integer(0));
    connection.rollback().unwrap();
    connection.rollback().unwrap();
    assert_eq!(count(&mut *connection), Datum::Integer(0));

    connection.begin().unwrap();
    query(&mut *connection, "insert into kept values (1)");
    connection.commit().unwrap();
    connection.commit().unwrap();
    assert_eq!(count(&mut *other), Datum::Integer(1));

    connection.begin().unwrap();
    query(&mut *connection, "insert into kept values (2); commit;");
    assert!(!connection.is_in_transaction());
    query(&mut *connection, "vacuum kept");

    // A transaction without statements leaves no traces.
    connection.begin().unwrap();
    assert!(connection.is_in_transaction());
    connection.commit().unwrap();
    assert!(!connection.is_in_transaction());
    query(&mut *connection, "vacuum kept");

    connection.begin().unwrap();
    query(&mut *connection, "insert into kept values (3)");
    failure(&mut *connection, "select missing");
    assert!(connection.is_in_transaction());
    assert_eq!(failure(&mut *connection, "select 1").code.as_deref(), Some("25P02"));
    assert!(connection.commit().unwrap_err().message.contains("undone"));
    assert!(!connection.is_in_transaction());
    assert_eq!(count(&mut *connection), Datum::Integer(2));
}

#[test]
fn with_autocommit_there_are_no_transactions() {
    let Some(server) = server() else { return };
    let mut connection = connect_with(server, &json!({"autocommit": true})).unwrap();
    connection.begin().unwrap();
    assert!(!connection.is_in_transaction());
}

#[test]
fn errors_are_printed_as_psycopg2_prints_them() {
    let Some(server) = server() else { return };
    let mut connection = connect(server);
    let sql = "select 1 as x,\n  '日本' as land, missing";
    let error = failure(&mut *connection, sql);
    assert_eq!(error.kind, WarehouseErrorKind::Sql);
    assert_eq!(error.code.as_deref(), Some("42703"));
    assert_eq!(error.position, sql.find("missing"));
    assert_eq!(
        error.message,
        format!(
            "column \"missing\" does not exist\nLINE 2:   '日本' as land, missing\n{}^",
            " ".repeat(26)
        )
    );

    query(&mut *connection, "create temporary table t (x int primary key)");
    let error = failure(&mut *connection, "insert into t values (1), (1)");
    assert_eq!(
        error.message,
        "duplicate key value violates unique constraint \"t_pkey\"\nDETAIL:  Key (x)=(1) already exists."
    );
    let error = failure(&mut *connection, "select lenght('x')");
    assert!(error.message.contains("\nHINT:  No function matches"), "{}", error.message);
    let error = failure(&mut *connection, "do $$ begin perform missing_function(); end $$");
    assert!(error.message.contains("LINE 1: SELECT missing_function()\n"), "{}", error.message);
    assert!(error.message.contains("\nCONTEXT:  PL/pgSQL function"), "{}", error.message);
    assert_eq!(error.position, None);
    assert_eq!(failure(&mut *connection, "select 'a\0b'").kind, WarehouseErrorKind::Sql);
    assert_eq!(failure(&mut *connection, "copy t from stdin").code.as_deref(), Some("57014"));
    assert!(failure(&mut *connection, "copy t to stdout").message.contains("cannot be used"));
    assert_eq!(single(&mut *connection, "select 1"), Datum::Integer(1));
}

#[test]
fn columns_of_a_query_have_the_coarse_types_of_a_contract() {
    let Some(server) = server() else { return };
    let mut connection = connect(server);
    let described = |connection: &mut dyn Connection, sql: &str| {
        let columns = connection.describe_query(sql).unwrap();
        columns
            .into_iter()
            .map(|column| format!("{} {}", column.name, column.data_type))
            .collect::<Vec<_>>()
            .join(", ")
    };
    assert_eq!(
        described(
            &mut *connection,
            "select 1 as a, 'x'::varchar(3) as b, 1.5 as c, now() as d, 1/0 as e"
        ),
        "a INTEGER, b TEXT, c DECIMAL, d DATETIMETZ, e INTEGER"
    );
    assert_eq!(
        described(
            &mut *connection,
            "set statement_timeout = 0; select array['x'] as a, int4range(1, 2) as b;"
        ),
        "a STRINGARRAY, b int4range"
    );
    let error = connection.describe_query("select\n  missing").unwrap_err();
    assert_eq!(error.position, Some(9));
}

#[test]
fn another_thread_cancels_a_statement() {
    let Some(server) = server() else { return };
    for mode in ["disable", "require"] {
        let mut connection = connect_with(server, &json!({"sslmode": mode})).unwrap();
        let canceller = connection.canceller();
        let begin = Instant::now();
        let waiting = thread::spawn(move || {
            thread::sleep(Duration::from_millis(200));
            canceller.cancel();
        });
        let error = failure(&mut *connection, "select pg_sleep(30)");
        waiting.join().unwrap();
        assert_eq!(error.kind, WarehouseErrorKind::Cancelled);
        assert!(begin.elapsed() < Duration::from_secs(10));
        assert_eq!(single(&mut *connection, "select 1"), Datum::Integer(1));
        connection.canceller().cancel();
    }
}

#[test]
fn a_lost_session_says_so() {
    let Some(server) = server() else { return };
    let mut connection = connect(server);
    let mut other = connect(server);
    connection.begin().unwrap();
    let Datum::Integer(process) = single(&mut *connection, "select pg_backend_pid()") else {
        panic!("no number")
    };
    query(&mut *other, &format!("select pg_terminate_backend({process}, 5000)"));
    let error = failure(&mut *connection, "select 1");
    assert_eq!(error.kind, WarehouseErrorKind::Disconnected);
    assert_eq!(
        error.message,
        "terminating connection due to administrator command\nserver closed the connection unexpectedly"
    );
    assert!(!connection.is_in_transaction());
    connection.rollback().unwrap();
    assert_eq!(failure(&mut *connection, "select 1").kind, WarehouseErrorKind::Disconnected);
}

#[test]
fn two_that_wait_for_each_other_may_try_again() {
    let Some(server) = server() else { return };
    let (mut one, mut two) = (connect(server), connect(server));
    query(&mut *one, "create table locked (x int primary key, y int)");
    query(&mut *one, "insert into locked values (1, 0), (2, 0)");
    one.begin().unwrap();
    two.begin().unwrap();
    query(&mut *one, "set local deadlock_timeout = '100ms'; update locked set y = 1 where x = 1");
    query(&mut *two, "set local deadlock_timeout = '10s'; update locked set y = 2 where x = 2");
    let waiting = thread::spawn(move || {
        let result = two.execute("update locked set y = 2 where x = 1", RowLimit::None);
        (result, two)
    });
    thread::sleep(Duration::from_millis(200));
    let error = failure(&mut *one, "update locked set y = 1 where x = 2");
    assert_eq!(error.kind, WarehouseErrorKind::Transient);
    assert_eq!(error.code.as_deref(), Some("40P01"));
    one.rollback().unwrap();
    waiting.join().unwrap().0.unwrap();
}

#[test]
fn merge_is_understood() {
    let Some(server) = server() else { return };
    let mut connection = connect(server);
    let Datum::Text(version) = single(&mut *connection, "show server_version_num") else {
        panic!("no version")
    };
    if version.parse::<u32>().unwrap() < 150_000 {
        return;
    }
    let sql = "create temporary table t as select 1 as x, 'a' as y; \
               merge into t using (values (1, 'b'), (2, 'c')) as s (x, y) on s.x = t.x \
               when matched then update set y = s.y when not matched then insert values (s.x, s.y)";
    let response = connection.execute(sql, RowLimit::None).unwrap().response;
    assert_eq!((response.message.as_str(), response.rows_affected), ("MERGE 2", Some(2)));
}

#[test]
fn a_seed_is_copied_as_it_is() {
    let Some(server) = server() else { return };
    let mut connection = connect(server);
    query(
        &mut *connection,
        "create schema if not exists \"odd schema\"; \
         create table \"odd schema\".\"it's \"\"here\"\"\" (id integer, \"Name\" text, at timestamp, is_on boolean, ratio float8)",
    );
    let relation =
        Relation::new(Some("postgres"), Some("odd schema"), Some("it's \"here\""), Quoting::ALL);
    let names = ["ID", "Name", "at", "is_on", "ratio"];
    let columns = names.map(|name| Column::new(name, "text"));
    let odd = "tab\t, newline\n, return\r, back\\slash, \\N, \\., 'quoted' \"twice\", 日本 🦆";
    let moment = || Datum::Timestamp("2023-12-01T13:00:00".to_owned());
    let mut rows = vec![
        vec![Datum::Integer(1), text(odd), moment(), Datum::Boolean(true), Datum::Float(0.1)],
        vec![Datum::Integer(2), text(""), Datum::Null, Datum::Boolean(false), Datum::Null],
    ];
    rows.extend((3..20_000).map(|id| {
        vec![Datum::Integer(id), text("many"), Datum::Null, Datum::Null, Datum::Float(1.0)]
    }));
    let mut stream = rows.clone().into_iter().map(Ok);
    let seed = SeedStream { relation: &relation, columns: &columns, rows: &mut stream };
    let outcome = connection.stream_seed(seed).unwrap().unwrap();
    assert_eq!(outcome.response.message, "COPY 19999");
    let loaded =
        query(&mut *connection, "select * from \"odd schema\".\"it's \"\"here\"\"\" order by id");
    assert_eq!(loaded.rows[..2], rows[..2]);
    assert_eq!(loaded.rows.len(), rows.len());

    let wrong = [vec![text("one"), text("x"), Datum::Null, Datum::Null, Datum::Null]];
    let mut stream = wrong.clone().into_iter().map(Ok);
    let seed = SeedStream { relation: &relation, columns: &columns, rows: &mut stream };
    let error = connection.stream_seed(seed).unwrap().unwrap_err();
    assert!(
        error.message.contains("CONTEXT:  COPY it's \"here\", line 1, column id: \"one\""),
        "{error}"
    );
    assert_eq!(single(&mut *connection, "select 1"), Datum::Integer(1));
}

#[test]
fn passwords_are_proved_in_each_of_the_server_s_ways() {
    let Some(server) = server() else { return };
    for (user, password) in [("scrammed", "sésame"), ("hashed", "open"), ("written", "plain")] {
        let fields = json!({"user": user, "password": password});
        let mut connection = connect_with(server, &fields).unwrap();
        assert_eq!(single(&mut *connection, "select current_user"), text(user));

        let error = refusal(server, &json!({"user": user, "pass": "wrong", "sslmode": "disable"}));
        assert_eq!(error.kind, WarehouseErrorKind::Authentication);
        assert_eq!(error.code.as_deref(), Some("28P01"));
        let (lead, rest) = error.message.split_once(" failed: ").unwrap();
        assert_eq!(
            lead,
            format!("connection to server at \"localhost\" (127.0.0.1), port {}", server.port)
        );
        assert_eq!(rest, format!("FATAL:  password authentication failed for user \"{user}\""));

        let error = refusal(server, &json!({"user": user, "sslmode": "disable"}));
        assert!(error.message.ends_with("fe_sendauth: no password supplied"), "{error}");
    }
    let error = refusal(server, &json!({"dbname": "nowhere", "sslmode": "disable"}));
    assert_eq!(error.kind, WarehouseErrorKind::Configuration);
    assert!(error.message.ends_with("FATAL:  database \"nowhere\" does not exist"), "{error}");
}

#[test]
fn a_session_begins_as_the_profile_says() {
    let Some(server) = server() else { return };
    let fields = json!({
        "role": "builder", "search_path": "one, two", "application_name": "nightly", "keepalives_idle": 30,
    });
    let mut connection = connect_with(server, &fields).unwrap();
    assert_eq!(single(&mut *connection, "select current_user"), text("builder"));
    assert_eq!(single(&mut *connection, "show search_path"), text("one, two"));
    assert_eq!(single(&mut *connection, "show application_name"), text("nightly"));
    let error = refusal(server, &json!({"role": "nobody"}));
    assert!(error.message.starts_with("the role `nobody` cannot be taken on"), "{error}");
    assert_eq!(error.kind, WarehouseErrorKind::Configuration);

    let by_socket = json!({"host": server.folder.to_str().unwrap(), "sslmode": "verify-full",
        "sslrootcert": server.folder.join("authority.crt").to_str().unwrap()});
    let mut connection = connect_with(server, &by_socket).unwrap();
    assert_eq!(single(&mut *connection, "select inet_client_addr()"), Datum::Null);
}

/// Whether the session of a user is protected; the end of the message where there is none.
fn protection(server: &Server, user: &str, mode: &str, root: Option<&str>) -> Result<bool, String> {
    let root = root.map(|file| server.folder.join(file).display().to_string());
    let fields = json!({"user": user, "sslmode": mode, "sslrootcert": root});
    let mut connection = connect_with(server, &fields).map_err(|error| error.message)?;
    let sql = "select ssl from pg_stat_ssl where pid = pg_backend_pid()";
    Ok(single(&mut *connection, sql) == Datum::Boolean(true))
}

#[test]
fn each_mode_protects_as_libpq_does() {
    let Some(server) = server() else { return };
    let cases = [
        ("trusted", "disable", None, Ok(false)),
        ("trusted", "allow", None, Ok(false)),
        ("trusted", "prefer", None, Ok(true)),
        ("trusted", "require", None, Ok(true)),
        ("trusted", "require", Some("authority.crt"), Ok(true)),
        ("trusted", "verify-ca", Some("authority.crt"), Ok(true)),
        ("trusted", "verify-ca", Some("server.crt"), Ok(true)),
        ("trusted", "verify-full", Some("authority.crt"), Ok(true)),
        ("trusted", "require", Some("stranger.crt"), Err("SSL error: invalid peer certificate")),
        ("trusted", "verify-ca", Some("stranger.crt"), Err("SSL error: invalid peer certificate")),
        ("trusted", "verify-full", Some("missing.crt"), Err("does not exist")),
        ("tls_only", "disable", None, Err("no pg_hba.conf entry")),
        ("tls_only", "allow", None, Ok(true)),
        ("tls_only", "prefer", None, Ok(true)),
        ("plain_only", "allow", None, Ok(false)),
        ("plain_only", "prefer", None, Ok(false)),
        ("plain_only", "require", None, Err("no pg_hba.conf entry")),
    ];
    for (user, mode, root, expected) in cases {
        let found = protection(server, user, mode, root);
        let is_as_expected = match (&found, expected) {
            (Err(message), Err(part)) => message.contains(part),
            (Ok(found), Ok(expected)) => *found == expected,
            _ => false,
        };
        assert!(is_as_expected, "{user} {mode} {root:?}: {found:?}");
    }
}

#[test]
fn a_certificate_for_another_name_is_not_enough() {
    let Some(server) = server() else { return };
    let root = server.folder.join("authority.crt").display().to_string();
    let fields = |mode: &str| json!({"host": "127.0.0.1", "sslmode": mode, "sslrootcert": root});
    assert!(connect_with(server, &fields("verify-ca")).is_ok());
    let error = refusal(server, &fields("verify-full"));
    assert_eq!(error.kind, WarehouseErrorKind::Configuration);
    assert!(error.message.contains("not valid for name"), "{error}");
}

#[test]
fn a_client_is_known_by_its_certificate() {
    let Some(server) = server() else { return };
    let path = |file: &str| server.folder.join(file).display().to_string();
    // The server's user owns the files, root reads them; anybody else owns them.
    let fields = json!({"user": "certified", "sslmode": "require", "sslcert": path("client.crt"), "sslkey": path("client.key")});
    let mut connection = connect_with(server, &fields).unwrap();
    assert_eq!(single(&mut *connection, "select current_user"), text("certified"));
    let error = refusal(server, &json!({"user": "certified", "sslmode": "require"}));
    assert_eq!(error.kind, WarehouseErrorKind::Authentication);
    let fields = json!({"sslmode": "require", "sslcert": path("client.crt"), "sslkey": path("stranger.key")});
    std::fs::set_permissions(
        path("stranger.key"),
        std::os::unix::fs::PermissionsExt::from_mode(0o644),
    )
    .unwrap();
    assert!(refusal(server, &fields).message.contains("has group or world access"));
}

#[test]
fn a_server_that_is_not_there_is_worth_another_try() {
    let Some(server) = server() else { return };
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = refusal(server, &json!({"port": free}));
    assert_eq!(error.kind, WarehouseErrorKind::Transient);
    assert!(error.message.contains("Connection refused\n\tIs the server running"), "{error}");
    // The second of two servers answers.
    let fields = json!({"host": "localhost,localhost", "port": format!("{free},{}", server.port)});
    assert!(connect_with(server, &fields).is_ok());

    // One that listens without a word.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let begin = Instant::now();
    let error = refusal(server, &json!({"port": port, "connect_timeout": 1}));
    assert!(error.message.ends_with("timeout expired"), "{error}");
    assert!(begin.elapsed() < Duration::from_secs(5));
}

#[test]
fn libpq_s_variables_and_password_file_lead_to_a_server() {
    let Some(server) = server() else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(".pgpass");
    let port = server.port.to_string();
    std::fs::write(&file, format!("localhost:{port}:postgres:scrammed:sésame\n")).unwrap();
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let variables = [
        ("HOME", folder.path().to_str().unwrap()),
        ("PGHOST", "localhost"),
        ("PGPORT", &port),
        ("PGUSER", "scrammed"),
        ("PGDATABASE", "postgres"),
        ("PGOPTIONS", "-c search_path=elsewhere"),
        ("PGTZ", "Asia/Tokyo"),
        ("PGSSLMODE", "disable"),
    ];
    let fields = [("schema".to_owned(), json!("public"))].into_iter().collect();
    let credentials = crate::profile::read(&fields, &|name| {
        let found = variables.iter().find(|(variable, _)| *variable == name);
        found.map(|(_, value)| (*value).to_owned())
    })
    .unwrap();
    let mut connection = PostgresFactory.open(&credentials).unwrap().connect("test").unwrap();
    assert_eq!(single(&mut *connection, "select current_user"), text("scrammed"));
    assert_eq!(single(&mut *connection, "show search_path"), text("elsewhere"));
    assert_eq!(single(&mut *connection, "show timezone"), text("Asia/Tokyo"));
}
