//! The service's requests and answers, from Google's reference of the API, without the service.

mod authentication;
mod recorded;
mod tables;

use std::sync::{Condvar, Mutex};

use adapter_interface::{Datum, WarehouseErrorKind};
use recorded::{Recorded, answer, good, refused, settings_for};

use super::*;

fn connect(settings: &Settings) -> Box<dyn Connection> {
    BigQueryWarehouse::open(settings).connect("test").unwrap()
}

/// A job as the service describes it.
fn job(state: &str, more: &Value) -> Value {
    let mut job = json!({
        "jobReference": {"projectId": "shop", "jobId": "j", "location": "EU"},
        "configuration": {"query": {"query": "select 1"}},
        "status": {"state": state},
        "statistics": {"query": {"statementType": "SELECT"}},
    });
    for (key, value) in more.as_object().into_iter().flatten() {
        job[key] = value.clone();
    }
    job
}

fn failed(reason: &str) -> Value {
    let error = json!({"reason": reason, "message": format!("it says {reason} at [1:8]")});
    job("DONE", &json!({"status": {"state": "DONE", "errorResult": error, "errors": [error]}}))
}

fn merged() -> Value {
    let query = json!({
        "statementType": "MERGE", "numDmlAffectedRows": "3", "totalBytesProcessed": "2048",
        "totalBytesBilled": "10485760", "totalSlotMs": "9",
    });
    job("DONE", &json!({"statistics": {"query": query}}))
}

fn one_row() -> Value {
    json!({
        "jobComplete": true, "totalRows": "1",
        "schema": {"fields": [{"name": "n", "type": "INTEGER"}]},
        "rows": [{"f": [{"v": "7"}]}],
    })
}

#[test]
fn a_query_is_begun_waited_for_and_read() {
    let server = Recorded::start(|_| {
        vec![
            good(&job("RUNNING", &json!({}))),
            good(&json!({"jobComplete": true})),
            good(&job("DONE", &json!({}))),
            good(&one_row()),
        ]
    });
    let outcome = connect(&server.settings()).execute("select 7 as n", RowLimit::All).unwrap();
    assert_eq!(outcome.rows.rows, [[Datum::Integer(7)]]);
    assert_eq!(outcome.response.code.as_deref(), Some("SELECT"));
    assert_eq!(server.calls(), ["POST /jobs", "GET /queries/j", "GET /jobs/j", "GET /queries/j"]);
    let begun = server.seen()[0].json();
    assert_eq!(begun["configuration"]["query"]["query"], "select 7 as n");
    assert_eq!(begun["configuration"]["query"]["useLegacySql"], false);
    assert_eq!(begun["jobReference"]["location"], "EU");
    assert_eq!(server.seen()[0].authorization, "Bearer token");
}

#[test]
fn limits_labels_and_times_go_with_the_job() {
    let server = Recorded::start(|_| vec![good(&merged())]);
    let mut settings = server.settings();
    settings.maximum_bytes_billed = Some(1000);
    settings.execution_timeout = Some(Duration::from_secs(60));
    settings.is_batch = true;
    let mut connection = connect(&settings);
    let config = indexmap::IndexMap::from([
        ("job_execution_timeout_seconds".to_owned(), json!(5)),
        ("reservation".to_owned(), json!("slots")),
    ]);
    connection.serve(&Work {
        name: "model.shop.orders",
        config: Some(&config),
        label: Some(r#"{"node": "Orders"}"#),
        invocation: "abc",
    });
    let outcome = connection.execute("merge into x", RowLimit::None).unwrap();
    assert_eq!(outcome.response.message, "MERGE (3.0 rows, 2.0 KiB processed)");
    assert_eq!(outcome.response.details["bytes_billed"], 10_485_760);
    assert_eq!(outcome.response.details["slot_ms"], 9);
    let configuration = server.seen()[0].json()["configuration"].clone();
    assert_eq!(configuration["query"]["maximumBytesBilled"], "1000");
    assert_eq!(configuration["query"]["priority"], "BATCH");
    assert_eq!(configuration["jobTimeoutMs"], "5000");
    assert_eq!(configuration["reservation"], "slots");
    assert_eq!(configuration["labels"], json!({"node": "orders", "dbt_invocation_id": "abc"}));
}

#[test]
fn times_that_nobody_lives_to_see_are_none() {
    let centuries = Duration::from_secs(u64::MAX);
    for (seconds, milliseconds) in [
        (json!(null), i64::MAX.to_string()),
        (json!(1e30), i64::MAX.to_string()),
        (json!("inf"), i64::MAX.to_string()),
        (json!("7.5"), "7500".to_owned()),
        (json!(1e-9), "1".to_owned()),
        (json!(-5), i64::MAX.to_string()),
        (json!("nan"), i64::MAX.to_string()),
    ] {
        let server = Recorded::start(|_| {
            vec![good(&job("RUNNING", &json!({}))), good(&json!({})), good(&merged())]
        });
        let mut settings = server.settings();
        (settings.execution_timeout, settings.creation_timeout) = (Some(centuries), centuries);
        settings.retries.deadline = centuries;
        let config = [("job_execution_timeout_seconds".to_owned(), seconds.clone())];
        let config = config.into_iter().collect();
        let work = Work { name: "m", config: Some(&config), label: None, invocation: "" };
        let mut connection = connect(&settings);
        connection.serve(&work);
        connection.execute("merge into x", RowLimit::None).unwrap();
        let configuration = server.seen()[0].json()["configuration"].clone();
        assert_eq!(configuration["jobTimeoutMs"], milliseconds, "{seconds}");
    }
}

#[test]
fn a_lost_answer_is_asked_for_again_under_the_same_name() {
    let server = Recorded::start(|_| {
        vec![
            answer(502, "<html><h1>Bad Gateway</h1></html>"),
            refused(409, "duplicate"),
            good(&merged()),
        ]
    });
    connect(&server.settings()).execute("merge into x", RowLimit::None).unwrap();
    let seen = server.seen();
    assert_eq!(seen[0].json()["jobReference"]["jobId"], seen[1].json()["jobReference"]["jobId"]);
    let id = seen[0].json()["jobReference"]["jobId"].as_str().unwrap().to_owned();
    assert_eq!(server.calls()[2], format!("GET /jobs/{id}"));
}

#[test]
fn a_job_that_failed_in_passing_is_run_again_under_another_name() {
    for reason in
        ["backendError", "internalError", "jobBackendError", "quotaExceeded", "rateLimitExceeded"]
    {
        let server = Recorded::start(|_| vec![good(&failed(reason)), good(&merged())]);
        connect(&server.settings()).execute("merge into x", RowLimit::None).unwrap();
        let seen = server.seen();
        assert_eq!(seen.len(), 2, "{reason}");
        assert_ne!(
            seen[0].json()["jobReference"]["jobId"],
            seen[1].json()["jobReference"]["jobId"]
        );
    }
}

#[test]
fn a_wrong_query_is_not_run_again_and_is_pointed_at() {
    let server = Recorded::start(|_| vec![good(&failed("invalidQuery")), good(&merged())]);
    let error = connect(&server.settings()).execute("select x", RowLimit::None).unwrap_err();
    assert_eq!(error.kind, WarehouseErrorKind::Sql);
    assert_eq!(error.code.as_deref(), Some("invalidQuery"));
    assert_eq!(error.position, Some(7));
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn a_query_above_its_limit_of_bytes_is_not_run_again() {
    let server = Recorded::start(|_| vec![good(&failed("bytesBilledLimitExceeded"))]);
    let error = connect(&server.settings()).execute("select x", RowLimit::None).unwrap_err();
    assert_eq!(error.code.as_deref(), Some("bytesBilledLimitExceeded"));
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn a_job_that_outlives_its_time_is_not_run_again() {
    let mut stopped = failed("stopped");
    stopped["status"]["errorResult"]["message"] =
        json!("Job execution was cancelled: Job timed out");
    let server = Recorded::start(|_| vec![good(&stopped), good(&merged())]);
    let mut settings = server.settings();
    settings.execution_timeout = Some(Duration::from_secs(60));
    let error = connect(&settings).execute("merge into x", RowLimit::None).unwrap_err();
    assert!(error.message.contains("Job timed out"), "{}", error.message);
    assert_eq!(server.seen()[0].json()["configuration"]["jobTimeoutMs"], "60000");
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn a_script_is_not_run_twice() {
    let mut script = failed("internalError");
    script["statistics"]["numChildJobs"] = json!("2");
    let server = Recorded::start(|_| vec![good(&script), good(&merged())]);
    let error = connect(&server.settings()).execute("insert 1; insert 2", RowLimit::None);
    let error = error.unwrap_err();
    assert_eq!(error.kind, WarehouseErrorKind::Other, "a passing one would count as nothing done");
    assert!(error.message.ends_with("; what the script did before stays done"), "{error}");
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn a_job_that_runs_is_asked_for_by_its_name_through_an_outage() {
    let server = Recorded::start(|_| {
        let mut answers = vec![good(&job("RUNNING", &json!({})))];
        answers.extend(std::iter::repeat_n(answer(503, "busy"), 7));
        answers.extend([good(&json!({})), good(&merged())]);
        answers
    });
    let outcome = connect(&server.settings()).execute("merge into x", RowLimit::None).unwrap();
    assert_eq!(outcome.response.code.as_deref(), Some("MERGE"));
    let mut calls = server.calls();
    assert_eq!(calls.remove(0), "POST /jobs");
    assert_eq!(calls.remove(0), "GET /queries/j");
    assert!(calls.iter().all(|call| call == "GET /jobs/j"), "{calls:?}");
}

#[test]
fn a_job_of_which_nobody_knows_is_told_to_stop_and_not_run_again() {
    for error in [answer(503, "busy"), refused(403, "accessDenied")] {
        let server = Recorded::start(|_| {
            let mut answers = vec![good(&job("RUNNING", &json!({})))];
            answers.extend(std::iter::repeat_n(error, 60));
            answers
        });
        let mut settings = server.settings();
        settings.retries.deadline = Duration::from_millis(20);
        let error = connect(&settings).execute("insert into x", RowLimit::None).unwrap_err();
        assert_eq!(error.kind, WarehouseErrorKind::Other, "{error}");
        assert_eq!(error.code.as_deref(), Some("unknownOutcome"));
        assert!(
            error.message.starts_with("how the job `shop:EU.j` ended is not known: "),
            "{error}"
        );
        let calls = server.calls();
        assert_eq!(calls.iter().filter(|call| *call == "POST /jobs").count(), 1, "{calls:?}");
        assert_eq!(calls.last().unwrap(), "POST /jobs/j/cancel");
    }
}

#[test]
fn a_job_that_may_have_been_begun_is_looked_for_before_it_is_begun_again() {
    let lost = || std::iter::repeat_n(answer(503, "busy"), 4);
    let begun = Recorded::start(|_| lost().chain([good(&merged())]).collect());
    connect(&begun.settings()).execute("insert into x", RowLimit::None).unwrap();
    let id = |seen: &recorded::Seen| seen.json()["jobReference"]["jobId"].clone();
    let first = id(&begun.seen()[0]);
    assert_eq!(begun.calls()[4], format!("GET /jobs/{}", first.as_str().unwrap()));
    assert_eq!(begun.seen().len(), 5);

    let answers = || lost().chain([refused(404, "notFound"), good(&merged())]).collect();
    let unknown = Recorded::start(|_| answers());
    connect(&unknown.settings()).execute("insert into x", RowLimit::None).unwrap();
    let seen = unknown.seen();
    assert_eq!(unknown.calls()[5], "POST /jobs");
    assert_eq!(id(&seen[5]), id(&seen[0]), "one name, so that the service takes but one");
}

#[test]
fn rows_that_cannot_be_read_do_not_undo_a_change() {
    let server = Recorded::start(|_| {
        let mut answers = vec![good(&merged())];
        answers.extend(std::iter::repeat_n(answer(503, "busy"), 9));
        answers
    });
    let error = connect(&server.settings()).execute("merge into x", RowLimit::All).unwrap_err();
    assert_eq!(error.kind, WarehouseErrorKind::Other);
    assert!(error.message.ends_with("; the statement was done, its rows could not be read"));
}

#[test]
fn without_retries_nothing_is_tried_again() {
    let server =
        Recorded::start(|_| vec![answer(503, "busy"), refused(404, "notFound"), good(&merged())]);
    let mut settings = server.settings();
    (settings.job_retries, settings.retries.retries) = (0, 0);
    let error = connect(&settings).execute("merge into x", RowLimit::None).unwrap_err();
    assert_eq!(error.kind, WarehouseErrorKind::Transient);
    assert!(error.message.contains("HTTP 503"), "{}", error.message);
    assert_eq!(server.seen().len(), 2, "it was asked whether the job is there");
}

#[test]
fn a_result_comes_page_by_page_and_a_lost_page_again() {
    let page = |rows: &[&str], token: Option<&str>| {
        let rows: Vec<Value> = rows.iter().map(|value| json!({"f": [{"v": value}]})).collect();
        let mut page = one_row();
        page["rows"] = json!(rows);
        page["pageToken"] = json!(token);
        good(&page)
    };
    let server = Recorded::start(|_| {
        vec![
            good(&job("DONE", &json!({}))),
            page(&["1", "2"], Some("next page")),
            answer(503, ""),
            page(&["3"], None),
        ]
    });
    let outcome = connect(&server.settings()).execute("select n", RowLimit::All).unwrap();
    assert_eq!(outcome.rows.rows.len(), 3);
    assert!(server.seen()[3].query.contains("pageToken=next%20page"));
}

#[test]
fn only_as_many_rows_are_fetched_as_are_wanted() {
    let server = Recorded::start(|_| vec![good(&job("DONE", &json!({}))), good(&one_row())]);
    connect(&server.settings()).execute("select n", RowLimit::AtMost(5)).unwrap();
    assert!(server.seen()[1].query.starts_with("maxResults=5&"));
}

#[test]
fn a_failure_while_waiting_is_that_of_the_job() {
    let server = Recorded::start(|_| {
        vec![
            good(&job("RUNNING", &json!({}))),
            refused(400, "invalidQuery"),
            good(&failed("invalidQuery")),
        ]
    });
    let error = connect(&server.settings()).execute("select x", RowLimit::All).unwrap_err();
    assert_eq!(error.message, "it says invalidQuery at [1:8]");
}

#[test]
fn a_running_job_is_cancelled_by_its_name() {
    let known = Mutex::new((Value::Null, false));
    let told = Condvar::new();
    let server = Recorded::answering(move |seen| {
        let mut known = known.lock().unwrap();
        if seen.call.ends_with("/jobs") {
            known.0 = seen.json()["jobReference"].clone();
        }
        let id = known.0["jobId"].as_str().unwrap_or_default().to_owned();
        if seen.call.ends_with(&format!("/jobs/{id}/cancel")) {
            known.1 = true;
            told.notify_all();
        }
        if seen.call.ends_with(&format!("/queries/{id}")) {
            let is_running = |(_, is_cancelled): &mut (Value, bool)| !*is_cancelled;
            known = told.wait_timeout_while(known, Duration::from_secs(9), is_running).unwrap().0;
        }
        let state = if known.1 { failed("stopped") } else { job("RUNNING", &json!({})) };
        let (reference, status) = (&known.0, &state["status"]);
        good(&job("DONE", &json!({"jobReference": reference, "status": status})))
    });
    let mut connection = connect(&server.settings());
    let canceller = connection.canceller();
    let running = std::thread::spawn(move || connection.execute("select 1", RowLimit::None));
    while server.seen().len() < 2 {
        std::thread::yield_now();
    }
    canceller.cancel();
    assert_eq!(running.join().unwrap().unwrap_err().kind, WarehouseErrorKind::Cancelled);
    let id = server.seen()[0].json()["jobReference"]["jobId"].as_str().unwrap().to_owned();
    assert_eq!(
        server.calls(),
        [
            "POST /jobs".to_owned(),
            format!("GET /queries/{id}"),
            format!("POST /jobs/{id}/cancel"),
            format!("GET /jobs/{id}"),
        ]
    );
}

#[test]
fn a_job_that_is_begun_while_the_run_is_cancelled_is_cancelled_too() {
    let server = Recorded::start(|_| {
        let running = good(&job("RUNNING", &json!({})));
        vec![running.clone(), good(&json!({})), running, good(&json!({}))]
    });
    let mut connection = connect(&server.settings());
    connection.canceller().cancel();
    let error = connection.execute("select 1", RowLimit::None).unwrap_err();
    assert_eq!(error.kind, WarehouseErrorKind::Cancelled);
    assert_eq!(server.calls().last().unwrap(), "POST /jobs/j/cancel");
}

#[test]
fn nothing_running_needs_no_cancelling() {
    let server = Recorded::start(|_| Vec::new());
    connect(&server.settings()).canceller().cancel();
    assert!(server.seen().is_empty());
}

#[test]
fn a_dry_run_tells_bytes_and_columns() {
    let statistics = json!({"totalBytesProcessed": "123456", "query": {
        "statementType": "SELECT",
        "schema": {"fields": [{"name": "a", "type": "RECORD", "fields": [{"name": "b", "type": "STRING"}]}]},
    }});
    let dry = job("DONE", &json!({"statistics": statistics}));
    let server = Recorded::start(|_| vec![good(&dry), good(&dry)]);
    let mut connection = connect(&server.settings());
    assert_eq!(connection.estimate("select 1").unwrap().unwrap().bytes, 123_456);
    assert_eq!(server.seen()[0].json()["configuration"]["dryRun"], true);
    assert_eq!(connection.describe_query("select 1").unwrap()[0].fields[0].name, "b");
}

#[test]
fn bytes_that_nobody_knows_are_not_none() {
    let dry = |statistics: &Value| job("DONE", &json!({"statistics": statistics}));
    let accuracy = |word: &str| {
        let query = json!({"totalBytesProcessedAccuracy": word});
        dry(&json!({"totalBytesProcessed": "7", "query": query}))
    };
    let answers =
        [accuracy("UPPER_BOUND"), accuracy("LOWER_BOUND"), accuracy("UNKNOWN"), dry(&json!({}))];
    let server = Recorded::start(|_| answers.iter().map(good).collect());
    let mut connection = connect(&server.settings());
    let mut estimate = || connection.estimate("select 1").unwrap();
    assert_eq!(estimate().unwrap().bytes, 7);
    for words in ["at least 7 bytes", "does not know", "does not know"] {
        let error = estimate().unwrap_err();
        assert!(error.message.contains(words), "{error}");
    }
}

#[test]
fn a_refused_right_is_told_as_one() {
    let server = Recorded::start(|_| vec![refused(403, "accessDenied")]);
    let error = connect(&server.settings()).execute("select x", RowLimit::None).unwrap_err();
    assert_eq!(error.kind, WarehouseErrorKind::Authentication);
    assert_eq!(error.message, "it says accessDenied");
}

#[test]
fn a_server_that_is_not_there_is_told_as_one() {
    let mut settings = settings_for("http://127.0.0.1:9");
    settings.retries.retries = 1;
    settings.job_retries = 1;
    let error = connect(&settings).execute("select x", RowLimit::None).unwrap_err();
    assert_eq!(error.kind, WarehouseErrorKind::Disconnected);
    assert!(error.message.starts_with("no answer from http://127.0.0.1:9/"), "{}", error.message);
}

#[test]
fn a_server_without_encryption_is_not_asked_again() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        std::io::Write::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
    });
    let settings = settings_for(&format!("https://{address}"));
    let error = connect(&settings).execute("select x", RowLimit::None).unwrap_err();
    assert_eq!(error.kind, WarehouseErrorKind::Configuration);
    assert!(error.message.contains("cannot be asked over TLS"), "{}", error.message);
}

#[test]
fn lone_words_of_transactions_are_not_sent() {
    let server = Recorded::start(|_| Vec::new());
    let outcome = connect(&server.settings()).execute("commit;", RowLimit::None).unwrap();
    assert_eq!(outcome.response.message, "OK");
    assert!(server.seen().is_empty());
}
