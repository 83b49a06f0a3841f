//! Tests against a server that plays back answers, and against a real one where there is one.

#[cfg(unix)]
mod encrypted;
mod played;
mod real;

use adapter_interface::AdapterFactory;
use serde_json::json;

use crate::TrinoFactory;

use super::*;
use played::{Answer, Played, page};

fn warehouse(address: &str, fields: &Value) -> Arc<dyn Warehouse> {
    let (host, port) = address.rsplit_once(':').unwrap();
    let mut all =
        json!({"host": host, "port": port, "user": "ada", "database": "memory", "schema": "s"});
    for (name, value) in fields.as_object().unwrap() {
        all[name] = value.clone();
    }
    let all = all.as_object().unwrap().clone().into_iter().collect();
    let credentials = TrinoFactory.read_profile(&all).unwrap();
    TrinoFactory.open(&credentials).unwrap()
}

fn connect(address: &str) -> Box<dyn Connection> {
    warehouse(address, &json!({})).connect("test").unwrap()
}

fn run(played: &Played, sql: &str) -> Result<Outcome, WarehouseError> {
    connect(&played.address).execute(sql, RowLimit::All)
}

#[test]
fn a_lost_page_is_asked_for_again_by_its_own_address() {
    let played = Played::start(vec![
        Answer::page(&page("q", Some("/1"), &json!({}))),
        Answer::Nothing,
        Answer::status(503),
        Answer::page(&page(
            "q",
            None,
            &json!({"columns": [{"name": "a", "type": "integer"}], "data": [[1], [2]]}),
        )),
    ]);
    let outcome = run(&played, "select a").unwrap();
    let details = serde_json::to_value(&outcome.response.details).unwrap();
    assert_eq!(details, json!({"query": "select a", "query_id": "q"}));
    let rows = outcome.rows;
    assert_eq!(rows.rows, [[Datum::Integer(1)], [Datum::Integer(2)]]);
    assert_eq!(played.asked(), ["POST /v1/statement", "GET /1", "GET /1", "GET /1"]);
}

/// A session of a coordinator whose pages are waited for so long.
fn connect_patiently(played: &Played, patience: Duration) -> Box<dyn Connection> {
    let (host, port) = played.address.rsplit_once(':').unwrap();
    let fields =
        json!({"host": host, "port": port, "user": "ada", "database": "memory", "schema": "s"});
    let fields = fields.as_object().unwrap().clone().into_iter().collect();
    let credentials = TrinoFactory.read_profile(&fields).unwrap();
    let settings = credentials.settings::<Settings>("Trino").unwrap();
    let mut warehouse = TrinoWarehouse::open(settings).unwrap();
    warehouse.http.page_patience = patience;
    warehouse.connect("test").unwrap()
}

#[test]
fn a_page_is_asked_for_longer_than_other_answers() {
    let mut answers = vec![Answer::page(&page("q", Some("/1"), &json!({})))];
    answers.extend(std::iter::repeat_n(Answer::status(503), 4));
    answers.push(Answer::page(&page("q", None, &json!({"updateType": "INSERT"}))));
    let played = Played::start(answers);
    let outcome = run(&played, "insert into t select 1").unwrap();
    assert_eq!(outcome.response.message, "INSERT");
    assert_eq!(played.asked().len(), 6);
}

#[test]
fn a_change_whose_page_does_not_come_is_told_to_stop_and_its_outcome_is_not_known() {
    let lost = |sql: &str| {
        let mut answers = vec![Answer::page(&page("q7", Some("/1"), &json!({})))];
        answers.extend(std::iter::repeat_n(Answer::status(503), 3));
        answers.push(Answer::status(204));
        let played = Played::start(answers);
        let error =
            connect_patiently(&played, Duration::ZERO).execute(sql, RowLimit::None).unwrap_err();
        let asked = played.asked();
        assert_eq!(asked, ["POST /v1/statement", "GET /1", "GET /1", "GET /1", "DELETE /1"]);
        error
    };
    let error = lost("insert into t select 1");
    assert_eq!(error.kind, WarehouseErrorKind::Disconnected);
    assert_eq!(
        error.message,
        "how the query q7 ended is not known: the server is not ready (HTTP 503); it was told to stop, and may have \
         done its work: look at what it writes before you run it anew"
    );
    let error = lost("select 1");
    assert_eq!(error.kind, WarehouseErrorKind::Transient);
    assert_eq!(error.message, "the server is not ready (HTTP 503)");
}

#[test]
fn nobody_waits_for_a_lost_page_of_a_cancelled_statement() {
    let mut answers = vec![Answer::page(&page("q", Some("/1"), &json!({})))];
    answers.extend(std::iter::repeat_n(Answer::status(503), 5));
    let played = Played::start(answers);
    let mut connection = connect_patiently(&played, Duration::from_secs(600));
    let canceller = connection.canceller();
    let start = Instant::now();
    let error = thread::scope(|scope| {
        let running = scope.spawn(|| connection.execute("x", RowLimit::None).unwrap_err());
        while played.asked().len() < 4 {
            thread::sleep(Duration::from_millis(5));
        }
        canceller.cancel();
        running.join().unwrap()
    });
    assert_eq!(error.kind, WarehouseErrorKind::Cancelled);
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
    assert!(played.asked().contains(&"DELETE /1".to_owned()));
}

#[test]
fn a_statement_whose_answer_is_lost_is_sent_again() {
    let played = Played::start(vec![
        Answer::Nothing,
        Answer::page(&page("q", None, &json!({"updateType": "X"}))),
    ]);
    assert_eq!(run(&played, "x").unwrap().response.message, "X");
    assert_eq!(played.asked(), ["POST /v1/statement", "POST /v1/statement"]);
}

#[test]
fn a_server_that_stays_away_is_given_up_after_as_many_attempts_as_the_profile_says() {
    let played = Played::start(vec![Answer::status(502), Answer::status(502), Answer::status(502)]);
    let mut connection =
        warehouse(&played.address, &json!({"retries": 2})).connect("test").unwrap();
    let error = connection.execute("x", RowLimit::None).unwrap_err();
    assert_eq!(error.kind, WarehouseErrorKind::Transient);
    assert_eq!(error.message, "the server is not ready (HTTP 502)");
    assert_eq!(played.asked().len(), 2);
}

#[test]
fn wrong_credentials_are_not_tried_again() {
    let played = Played::start(vec![Answer::status(401)]);
    let error = run(&played, "x").unwrap_err();
    assert_eq!(error.kind, WarehouseErrorKind::Authentication);
    assert_eq!(error.message, "the server does not accept the credentials");
}

#[test]
fn a_server_that_is_no_coordinator_is_recognised() {
    let played = Played::start(vec![Answer::Text(200, "<html>hello</html>".to_owned())]);
    assert_eq!(
        run(&played, "x").unwrap_err().message,
        "the answer is not one of Trino's: is this the address of a coordinator?"
    );
    let played = Played::start(vec![Answer::Text(404, "nothing here".to_owned())]);
    assert_eq!(
        run(&played, "x").unwrap_err().message,
        "the server takes no statements (HTTP 404): is this the address of a coordinator?"
    );
    let error = connect("127.0.0.1:9").execute("x", RowLimit::None).unwrap_err();
    assert_eq!(error.kind, WarehouseErrorKind::Disconnected);
    assert_eq!(error.message, "cannot talk to Trino at http://127.0.0.1:9: nothing listens there");
    let error = connect("no-such-host.invalid:80").execute("x", RowLimit::None).unwrap_err();
    assert_eq!(error.kind, WarehouseErrorKind::Disconnected);
}

#[test]
fn a_query_that_an_administrator_ends_says_so() {
    let failure = json!({"error": {
        "message": "Query killed. Message: too greedy", "errorName": "ADMINISTRATIVELY_KILLED",
        "errorType": "INSUFFICIENT_RESOURCES", "errorCode": 1,
    }});
    let played = Played::start(vec![
        Answer::page(&page("q7", Some("/1"), &json!({}))),
        Answer::page(&page("q7", None, &failure)),
    ]);
    let error = run(&played, "x").unwrap_err();
    assert_eq!(
        error.message,
        "an administrator of the server ended the query: Query killed. Message: too greedy\n\
         (ADMINISTRATIVELY_KILLED, query q7)"
    );
    assert_eq!(error.kind, WarehouseErrorKind::Other);
}

#[test]
fn a_change_that_lost_against_another_is_sent_again() {
    let lost = json!({"error": {
        "message": "Failed to commit the transaction during write: Found conflicting files",
        "errorName": "ICEBERG_COMMIT_ERROR", "errorType": "EXTERNAL", "errorCode": 1,
    }});
    let played = Played::start(vec![
        Answer::page(&page("q1", Some("/1"), &json!({}))),
        Answer::page(&page("q1", None, &lost)),
        Answer::page(&page("q2", None, &json!({"updateType": "DELETE", "updateCount": 1}))),
    ]);
    assert_eq!(run(&played, "delete from t").unwrap().response.rows_affected, Some(1));
    assert_eq!(played.asked(), ["POST /v1/statement", "GET /1", "POST /v1/statement"]);
}

#[test]
fn a_query_that_the_server_forgot_when_it_was_restarted_says_so() {
    let played =
        Played::start(vec![Answer::page(&page("q7", Some("/1"), &json!({}))), Answer::status(404)]);
    let error = run(&played, "x").unwrap_err();
    assert_eq!(error.kind, WarehouseErrorKind::Other);
    assert!(error.message.contains("does not know the query any more"), "{}", error.message);
}

#[test]
fn enough_rows_end_a_query() {
    let rows = json!({"columns": [{"name": "a", "type": "integer"}], "data": [[1], [2], [3]]});
    let played =
        Played::start(vec![Answer::page(&page("q", Some("/1"), &rows)), Answer::status(204)]);
    let outcome = connect(&played.address).execute("x", RowLimit::AtMost(2)).unwrap();
    assert_eq!(outcome.rows.rows.len(), 2);
    assert_eq!(played.asked(), ["POST /v1/statement", "DELETE /1"]);
}

#[test]
fn what_a_statement_sets_goes_with_the_next_of_the_same_node() {
    let played = Played::start(vec![
        Answer::page(&page("q", None, &json!({}))).with("X-Trino-Set-Session", "a=1"),
        Answer::page(&page("q", None, &json!({}))),
        Answer::page(&page("q", None, &json!({}))),
    ]);
    let mut connection = connect(&played.address);
    connection.execute("set session a = 1; select 1", RowLimit::None).unwrap();
    let config = [
        ("client_tags".to_owned(), json!(["big"])),
        ("http_headers".to_owned(), json!({"X-To": "b"})),
    ];
    let config = config.into_iter().collect();
    connection.serve(&Work { name: "model.a", config: Some(&config), label: None, invocation: "" });
    connection.execute("select 2", RowLimit::None).unwrap();
    let sessions: Vec<_> =
        played.requests().iter().map(|request| request.header("x-trino-session")).collect();
    assert_eq!(sessions, [None, Some("a=1".to_owned()), None]);
    assert_eq!(played.requests()[1].header("x-trino-client-tags"), None);
    assert_eq!(played.requests()[2].header("x-trino-client-tags").as_deref(), Some("big"));
    assert_eq!(played.requests()[2].header("x-to").as_deref(), Some("b"));
    let bodies: Vec<_> = played.requests().iter().map(|request| request.body.clone()).collect();
    assert_eq!(bodies, ["set session a = 1", "select 1", "select 2"]);
}

#[test]
fn a_cancelled_statement_ends_and_says_so() {
    let played = Played::start(vec![
        Answer::page(&page("q", Some("/1"), &json!({}))),
        Answer::Held,
        Answer::status(204),
    ]);
    let mut connection = connect(&played.address);
    let canceller = connection.canceller();
    canceller.cancel();
    assert!(played.asked().is_empty(), "nothing runs yet");
    let error = thread::scope(|scope| {
        let running = scope.spawn(|| connection.execute("x", RowLimit::None).unwrap_err());
        while played.asked().len() < 2 {
            thread::sleep(Duration::from_millis(5));
        }
        canceller.cancel();
        running.join().unwrap()
    });
    assert_eq!(error.kind, WarehouseErrorKind::Cancelled);
    assert_eq!(played.asked(), ["POST /v1/statement", "GET /1", "DELETE /1"]);
}

/// What the adapter adds to the same requests made bare, of a server that answers at once.
#[test]
fn a_statement_costs_little_beside_the_servers_own_time() {
    const ROUNDS: usize = 50;
    let rows = json!({"columns": [{"name": "a", "type": "integer"}], "data": [[1]]});
    let answers = [
        Answer::page(&page("q", Some("/1"), &json!({}))),
        Answer::page(&page("q", Some("/2"), &json!({}))),
        Answer::page(&page("q", Some("/3"), &rows)),
        Answer::page(&page("q", None, &json!({}))),
    ];
    let played = Played::start(answers.iter().cloned().cycle().take(4 * 2 * ROUNDS).collect());
    let mut connection = connect(&played.address);
    let agent = ureq::Agent::new_with_defaults();
    let url = format!("http://{}", played.address);
    let mut quickest = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        let start = Instant::now();
        agent
            .post(format!("{url}/v1/statement"))
            .send("select 1")
            .unwrap()
            .body_mut()
            .read_to_vec()
            .unwrap();
        for place in 1..4 {
            agent.get(format!("{url}/{place}")).call().unwrap().body_mut().read_to_vec().unwrap();
        }
        quickest.0 = quickest.0.min(start.elapsed());
        let start = Instant::now();
        connection.execute("select 1", RowLimit::All).unwrap();
        quickest.1 = quickest.1.min(start.elapsed());
    }
    let (bare, own) = quickest;
    eprintln!("a bare client: {bare:?}, the adapter: {own:?}");
    assert!(own < bare + Duration::from_millis(3), "{own:?} beside {bare:?}");
}

#[test]
fn counts_are_written_as_python_does() {
    for (count, text) in [(0, "0"), (999, "999"), (1_234_567, "1_234_567"), (-1000, "-1_000")] {
        assert_eq!(with_underscores(count), text);
    }
}
