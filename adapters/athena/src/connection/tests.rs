//! Tests against services that play back answers: in which order what is asked.

mod played;

use adapter_interface::{Datum, SeedStream};
use serde_json::json;

use super::*;
use played::{Played, connect, failed, rows, succeeded, throttled};

fn run(played: &Arc<Played>, sql: &str, limit: RowLimit) -> Result<Outcome, WarehouseError> {
    connect(played, &json!({})).execute(sql, limit)
}

#[test]
fn a_statement_is_started_waited_for_and_read() {
    let played = Played::new(vec![
        json!("q1"),
        json!({"state": "QUEUED"}),
        json!({"state": "RUNNING"}),
        succeeded("DML"),
        rows(&["id"], &["id", "1"], Some("next")),
        rows(&["id"], &["2"], None),
    ]);
    let outcome = run(&played, "select id from t;", RowLimit::All).unwrap();
    assert_eq!(outcome.rows.rows, [[Datum::Integer(1)], [Datum::Integer(2)]]);
    assert_eq!(outcome.response.message, "OK -1");
    assert_eq!(outcome.response.details["query_id"], "q1");
    assert_eq!(outcome.response.details["data_scanned_in_bytes"], 7);
    assert_eq!(
        played.asked(),
        [
            "start select id from t",
            "execution q1",
            "pause 100",
            "execution q1",
            "pause 150",
            "execution q1",
            "results q1",
            "results q1 next",
        ]
    );
}

#[test]
fn pauses_grow_up_to_that_of_the_profile() {
    let mut answers = vec![json!("q1")];
    answers.extend(std::iter::repeat_n(json!({"state": "RUNNING"}), 9));
    answers.push(succeeded("DDL"));
    let played = Played::new(answers);
    connect(&played, &json!({"poll_interval": 0.5})).execute("x", RowLimit::None).unwrap();
    let asked = played.asked();
    let pauses: Vec<_> = asked.iter().filter_map(|line| line.strip_prefix("pause ")).collect();
    assert_eq!(pauses, ["100", "150", "225", "337", "500", "500", "500", "500", "500"]);
}

#[test]
fn only_the_rows_that_are_wanted_are_read() {
    let played = Played::new(vec![
        json!("q1"),
        succeeded("DML"),
        rows(&["id"], &["id", "1", "2"], Some("next")),
    ]);
    let outcome = run(&played, "select id from t", RowLimit::AtMost(2)).unwrap();
    assert_eq!(outcome.rows.rows.len(), 2);
    assert_eq!(played.asked().last().unwrap(), "results q1");
}

#[test]
fn changes_tell_how_many_rows_they_wrote_and_definitions_are_not_asked() {
    let mut page = rows(&["rows"], &[], None);
    page["update_count"] = json!(3);
    let played =
        Played::new(vec![json!("q1"), succeeded("DDL"), json!("q2"), succeeded("DML"), page]);
    let outcome = run(&played, "drop table t; insert into t select 1", RowLimit::None).unwrap();
    assert_eq!(outcome.response.message, "OK 3");
    assert_eq!(outcome.response.rows_affected, Some(3));
    assert_eq!(
        played.asked(),
        [
            "start drop table t",
            "execution q1",
            "start insert into t select 1",
            "execution q2",
            "results q2"
        ]
    );
}

#[test]
fn a_failed_query_is_not_run_again() {
    let played = Played::new(vec![
        json!("q1"),
        failed("COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved", 2),
    ]);
    let error = run(&played, "select x from t", RowLimit::All).unwrap_err();
    assert_eq!(error.kind, WarehouseErrorKind::Sql);
    assert_eq!(error.position, Some(7));
    assert_eq!(
        error.message,
        "Column 'x' cannot be resolved\nLINE 1: select x from t\n               ^\n(COLUMN_NOT_FOUND, query q1)"
    );
    assert_eq!(played.asked(), ["start select x from t", "execution q1"]);
}

#[test]
fn places_of_errors_are_those_of_what_was_written() {
    let written = "/* {\"app\": \"quern\"} */\nselect 1;\n/* b */ select x";
    let played = Played::new(vec![
        json!("q1"),
        succeeded("DDL"),
        json!("q2"),
        failed("COLUMN_NOT_FOUND: line 2:8: Column 'x' cannot be resolved", 2),
    ]);
    let error = run(&played, written, RowLimit::All).unwrap_err();
    assert_eq!(error.position, written.rfind('x'));
}

#[test]
fn a_conflict_of_two_writers_is_tried_again_as_often_as_the_profile_says() {
    let conflict = failed("ICEBERG_COMMIT_ERROR: two at once", 3);
    let played = Played::new(vec![
        json!("q1"),
        conflict.clone(),
        json!("q2"),
        succeeded("DDL"),
        json!("q3"),
        conflict.clone(),
        json!("q4"),
        conflict,
    ]);
    let mut connection = connect(&played, &json!({"num_iceberg_retries": 1}));
    connection.execute("merge into t", RowLimit::None).unwrap();
    let error = connection.execute("merge into t", RowLimit::None).unwrap_err();
    assert_eq!(error.kind, WarehouseErrorKind::Transient);
    assert_eq!(played.asked().iter().filter(|line| line.starts_with("start")).count(), 4);
    assert_eq!(played.asked().iter().filter(|line| *line == "pause 500").count(), 2);
}

#[test]
fn what_does_its_work_in_parts_is_run_to_its_end() {
    let played = Played::new(vec![
        json!("q1"),
        failed("ICEBERG_OPTIMIZE_MORE_RUNS_NEEDED: go on", 2),
        json!("q2"),
        succeeded("DDL"),
    ]);
    run(&played, "optimize \"s\".\"t\" rewrite data using bin_pack", RowLimit::None).unwrap();
    assert_eq!(played.asked().iter().filter(|line| line.starts_with("start")).count(), 2);
    assert_eq!(played.asked()[0], "start optimize s.t rewrite data using bin_pack");
}

#[test]
fn too_many_partitions_are_told_only_to_who_asks() {
    let too_many = failed("TOO_MANY_OPEN_PARTITIONS: exceeded", 2);
    let played = Played::new(vec![json!("q1"), too_many.clone(), json!("q2"), too_many]);
    let mut connection = connect(&played, &json!({}));
    let call = MethodCall {
        name: "athena_tolerate_open_partitions",
        positional: Vec::new(),
        keywords: indexmap::IndexMap::new(),
    };
    connection.call_method(&call).unwrap().unwrap();
    let outcome = connection.execute("insert into t", RowLimit::None).unwrap();
    assert_eq!(outcome.response.code.as_deref(), Some(TOO_MANY_PARTITIONS));
    connection.execute("insert into t", RowLimit::None).unwrap_err();
}

#[test]
fn a_question_without_an_answer_is_asked_again() {
    let played = Played::new(vec![json!("q1"), throttled(), throttled(), succeeded("DDL")]);
    run(&played, "x", RowLimit::None).unwrap();
    assert_eq!(
        played.asked(),
        ["start x", "execution q1", "pause 1000", "execution q1", "pause 1000", "execution q1"]
    );
    let mut answers = vec![json!("q1")];
    answers.extend(std::iter::repeat_n(throttled(), UNANSWERED as usize));
    let played = Played::new(answers);
    let error = run(&played, "x", RowLimit::None).unwrap_err();
    // Whether it did its work is not known, so that it is not safe to do it again.
    assert_eq!(error.kind, WarehouseErrorKind::Disconnected);
    assert!(error.message.contains("may have done its work"), "{}", error.message);
    assert_eq!(played.asked().last().map(String::as_str), Some("stop q1"));
}

#[test]
fn a_cancelled_query_is_stopped() {
    let played =
        Played::new(vec![json!("q1"), json!({"hold": true}), json!({"state": "CANCELLED"})]);
    let mut connection = connect(&played, &json!({}));
    let canceller = connection.canceller();
    canceller.cancel();
    assert!(played.asked().is_empty(), "nothing runs yet");
    let error = std::thread::scope(|scope| {
        let running = scope.spawn(|| connection.execute("x", RowLimit::None).unwrap_err());
        while played.asked().len() < 2 {
            std::thread::yield_now();
        }
        canceller.cancel();
        running.join().unwrap()
    });
    assert_eq!(error.kind, WarehouseErrorKind::Cancelled);
    assert!(played.asked().contains(&"stop q1".to_owned()));
}

#[test]
fn a_seed_goes_to_its_place_as_a_file() {
    let played = Played::new(vec![json!({})]);
    let mut connection = connect(&played, &json!({}));
    let call = MethodCall {
        name: "athena_seed_place",
        positional: vec!["s3://lake/tmp/raw/u".into()],
        keywords: indexmap::IndexMap::new(),
    };
    connection.call_method(&call).unwrap().unwrap();
    let relation = Relation::new(None, Some("s"), Some("raw"), adapter_interface::Quoting::ALL);
    let columns = [Column::new("id", "integer"), Column::new("name", "string")];
    let rows = vec![Ok(vec![Datum::Integer(1), Datum::Text("it's".to_owned())])];
    let seed = SeedStream { relation: &relation, columns: &columns, rows: &mut rows.into_iter() };
    let loaded = connection.stream_seed(seed).unwrap().unwrap();
    assert_eq!(loaded.response.rows_affected, Some(1));
    assert_eq!(played.asked(), ["put lake tmp/raw/u/raw.csv \"id\",\"name\"\n\"1\",\"it's\"\n"]);
}

#[test]
fn the_place_of_results_is_asked_once() {
    let played = Played::new(vec![json!(true)]);
    let connection = connect(&played, &json!({"work_group": "analysts"}));
    assert_eq!(connection.shared.enforces_output_location(), Ok(true));
    assert_eq!(connection.shared.enforces_output_location(), Ok(true));
    assert_eq!(played.asked(), ["workgroup analysts"]);
    let unchecked = connect(&played, &json!({"work_group": "g", "skip_workgroup_check": true}));
    assert_eq!(unchecked.shared.enforces_output_location(), Ok(false));
}
