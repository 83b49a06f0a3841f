//! Tables, datasets and loads.

use adapter_interface::{Datum, MethodCall, Quoting, RelationKind};
use indexmap::IndexMap;
use serde_json::json;

use super::super::*;
use super::connect;
use super::recorded::{Recorded, answer, good, refused};

fn relation(name: &str) -> Relation {
    Relation::new(Some("shop"), Some("main"), Some(name), Quoting::ALL)
}

fn loaded() -> Value {
    json!({
        "jobReference": {"projectId": "shop", "jobId": "j", "location": "EU"},
        "configuration": {"load": {}}, "status": {"state": "DONE"}, "statistics": {},
    })
}

fn call(
    connection: &mut Box<dyn Connection>,
    name: &str,
    arguments: Vec<MacroValue>,
) -> Result<MacroValue, WarehouseError> {
    let call = MethodCall { name, positional: arguments, keywords: IndexMap::new() };
    connection.call_method(&call).unwrap()
}

fn load<const COUNT: usize>(server: &Recorded, columns: &[Column], rows: [Vec<Datum>; COUNT]) {
    let mut rows = rows.into_iter().map(Ok);
    let seed = SeedStream { relation: &relation("s"), columns, rows: &mut rows };
    connect(&server.settings()).stream_seed(seed).unwrap().unwrap();
}

#[test]
fn a_dataset_is_listed_page_by_page() {
    let table = |name: &str, kind: &str| json!({"type": kind, "tableReference": {"projectId": "shop", "datasetId": "main", "tableId": name}});
    let server = Recorded::start(|_| {
        vec![
            good(&json!({"tables": [table("a", "TABLE")], "nextPageToken": "2"})),
            good(&json!({"tables": [table("b", "VIEW"), table("c", "SNAPSHOT")]})),
            good(&json!({"routines": [
                {"routineType": "PROCEDURE", "routineReference": {"routineId": "p"}},
                {"routineType": "SCALAR_FUNCTION", "routineReference": {"projectId": "shop", "datasetId": "main", "routineId": "f"}},
            ]})),
        ]
    });
    let listed = connect(&server.settings()).list_relations(&relation("x")).unwrap().unwrap();
    let kinds: Vec<_> = listed
        .iter()
        .map(|found| (found.identifier.as_deref().unwrap(), found.kind.unwrap()))
        .collect();
    assert_eq!(
        kinds,
        [
            ("a", RelationKind::Table),
            ("b", RelationKind::View),
            ("c", RelationKind::External),
            ("f", RelationKind::Function),
        ]
    );
    assert!(server.seen()[1].query.contains("pageToken=2"));
}

#[test]
fn what_is_not_there_has_no_relations_and_no_columns() {
    let server = Recorded::start(|_| vec![refused(404, "notFound"), refused(404, "notFound")]);
    let mut connection = connect(&server.settings());
    assert_eq!(connection.list_relations(&relation("x")).unwrap().unwrap(), []);
    assert_eq!(connection.columns_of(&relation("x")).unwrap().unwrap(), []);
}

#[test]
fn a_seed_is_one_load_with_its_rows_in_the_request() {
    let server = Recorded::start(|_| vec![good(&loaded())]);
    let columns = [Column::new("id", "int64"), Column::new("name", "string(9)")];
    let rows = [vec![Datum::Integer(1), Datum::Text("a,b".to_owned())]];
    load(&server, &columns, rows);
    let seen = &server.seen()[0];
    assert_eq!(seen.call, "POST /upload/bigquery/v2/projects/shop/jobs");
    assert_eq!(seen.query, "uploadType=multipart");
    assert!(seen.text.contains("id,name\n1,\"a,b\"\n"));
    assert!(seen.text.contains(r#""writeDisposition":"WRITE_TRUNCATE""#));
    assert!(seen.text.contains(r#"{"name":"name","type":"STRING","maxLength":"9"}"#));
}

#[test]
fn a_load_has_the_limits_and_labels_of_its_node() {
    let mut settings = Recorded::start(|_| Vec::new()).settings();
    settings.execution_timeout = Some(std::time::Duration::from_secs(60));
    settings.reservation = Some("all".to_owned());
    let config = IndexMap::from([
        ("job_execution_timeout_seconds".to_owned(), json!(5)),
        ("reservation".to_owned(), json!("slots")),
    ]);
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    for is_seed in [true, false] {
        let server = Recorded::start(|_| vec![good(&loaded())]);
        settings.endpoint.clone_from(&server.address);
        let mut connection = connect(&settings);
        connection.serve(&Work {
            name: "seed.shop.s",
            config: Some(&config),
            label: Some(r#"{"node": "s"}"#),
            invocation: "abc",
        });
        if is_seed {
            let mut rows = std::iter::once(Ok(vec![Datum::Integer(1)]));
            let columns = [Column::new("id", "int64")];
            let seed = SeedStream { relation: &relation("s"), columns: &columns, rows: &mut rows };
            connection.stream_seed(seed).unwrap().unwrap();
        } else {
            let arguments = [path, "shop", "main", "s"].map(MacroValue::from).to_vec();
            call(&mut connection, "upload_file", arguments).unwrap();
        }
        let sent = server.seen()[0].text.clone();
        let job = sent.lines().find(|line| line.starts_with('{')).unwrap();
        let job: Value = serde_json::from_str(job).unwrap();
        let configuration = &job["configuration"];
        assert_eq!(configuration["jobTimeoutMs"], "5000");
        assert_eq!(configuration["reservation"], "slots");
        assert_eq!(configuration["labels"], json!({"node": "s", "dbt_invocation_id": "abc"}));
        assert_eq!(configuration["load"]["destinationTable"]["tableId"], "s");
    }
}

#[test]
fn a_large_seed_goes_in_pieces() {
    let server = Recorded::start(|address| {
        vec![
            good(&json!({})).with_header("location", format!("{address}/session/1")),
            answer(308, "").with_header("range", "bytes=0-8388607".to_owned()),
            good(&loaded()),
        ]
    });
    let columns = [Column::new("text", "string")];
    let long = "x".repeat(9_000_000);
    let rows = [vec![Datum::Text(long)]];
    load(&server, &columns, rows);
    let seen = server.seen();
    assert_eq!(seen[0].query, "uploadType=resumable");
    assert_eq!(seen[1].call, "PUT /session/1");
    assert_eq!(seen[1].range, "bytes 0-8388607/9000006");
    assert_eq!(seen[2].range, "bytes 8388608-9000005/9000006");
}

#[test]
fn a_load_that_failed_in_passing_is_run_again() {
    let mut failed = loaded();
    failed["status"]["errorResult"] = json!({"reason": "backendError", "message": "later"});
    let server = Recorded::start(|_| vec![good(&failed), good(&loaded())]);
    let columns = [Column::new("id", "int64")];
    let rows = [vec![Datum::Integer(1)]];
    load(&server, &columns, rows);
    assert_eq!(server.seen().len(), 2);
}

#[test]
fn a_copy_job_is_waited_for() {
    let mut copy = loaded();
    copy["configuration"] = json!({"copy": {}});
    copy["status"]["state"] = json!("RUNNING");
    let mut done = copy.clone();
    done["status"]["state"] = json!("DONE");
    let server = Recorded::start(|_| vec![good(&copy), good(&done)]);
    let mut connection = connect(&server.settings());
    let arguments = vec![
        MacroValue::Relation(relation("a$20240101")),
        MacroValue::Relation(relation("b$20240101")),
        MacroValue::from("table"),
    ];
    call(&mut connection, "copy_table", arguments).unwrap();
    let begun = server.seen()[0].json()["configuration"]["copy"].clone();
    assert_eq!(begun["sourceTables"][0]["tableId"], "a$20240101");
    assert_eq!(begun["writeDisposition"], "WRITE_TRUNCATE");
}

#[test]
fn rows_are_not_appended_twice_by_a_copy_of_which_nobody_knows() {
    let mut copy = loaded();
    copy["configuration"] = json!({"copy": {}});
    copy["status"]["state"] = json!("RUNNING");
    let server = Recorded::start(|_| {
        std::iter::once(good(&copy)).chain(std::iter::repeat_n(answer(503, ""), 60)).collect()
    });
    let mut settings = server.settings();
    settings.retries.deadline = std::time::Duration::from_millis(20);
    let relations = ["a", "b"].map(|name| MacroValue::Relation(relation(name)));
    let mut arguments = relations.to_vec();
    arguments.push(MacroValue::from("incremental"));
    let error = call(&mut connect(&settings), "copy_table", arguments).unwrap_err();
    assert_eq!(error.code.as_deref(), Some("unknownOutcome"));
    let begun = server.calls().iter().filter(|call| *call == "POST /jobs").count();
    assert_eq!(begun, 1);
}

/// What lets a view into the dataset `raw`.
fn of_a_view() -> Vec<MacroValue> {
    let target = json!({"project": "shop", "dataset": "raw"});
    vec![
        MacroValue::Relation(relation("v")),
        MacroValue::from("view"),
        MacroValue::Null,
        MacroValue::from_json(&target),
    ]
}

#[test]
fn who_was_let_into_a_dataset_meanwhile_stays_there() {
    let view = json!({"projectId": "shop", "datasetId": "main", "tableId": "v"});
    let [me, other] = ["me", "other"].map(|name| json!({"role": "OWNER", "userByEmail": name}));
    let server = Recorded::start(|_| {
        vec![
            good(&json!({"etag": "one", "access": [me]})),
            refused(412, "conditionNotMet"),
            good(&json!({"etag": "two", "access": [me, other]})),
            good(&json!({})),
        ]
    });
    call(&mut connect(&server.settings()), "grant_access_to", of_a_view()).unwrap();
    let seen = server.seen();
    assert_eq!((seen[1].if_match.as_str(), seen[3].if_match.as_str()), ("one", "two"));
    assert_eq!(seen[3].json(), json!({"access": [me, other, {"view": view}]}));
}

#[test]
fn a_dataset_that_is_changed_without_end_is_given_up() {
    let server = Recorded::answering(|seen| {
        let is_change = seen.call.starts_with("PATCH");
        if is_change { refused(412, "conditionNotMet") } else { good(&json!({"etag": "x"})) }
    });
    let granted = call(&mut connect(&server.settings()), "grant_access_to", of_a_view());
    assert_eq!(granted.unwrap_err().message, "it says conditionNotMet");
    assert_eq!(server.seen().len(), 12);
}

#[test]
fn a_view_is_let_into_a_dataset_once() {
    let view = json!({"projectId": "shop", "datasetId": "main", "tableId": "v"});
    let server = Recorded::start(|_| {
        vec![
            good(&json!({"access": [{"role": "OWNER", "userByEmail": "me"}]})),
            good(&json!({})),
            good(&json!({"access": [{"view": view}]})),
        ]
    });
    let mut connection = connect(&server.settings());
    call(&mut connection, "grant_access_to", of_a_view()).unwrap();
    call(&mut connection, "grant_access_to", of_a_view()).unwrap();
    let seen = server.seen();
    assert_eq!(server.calls(), ["GET /datasets/raw", "PATCH /datasets/raw", "GET /datasets/raw"]);
    assert_eq!(
        seen[1].json(),
        json!({"access": [{"role": "OWNER", "userByEmail": "me"}, {"view": view}]})
    );
}

#[test]
fn a_table_is_replaced_only_where_partitions_and_clusters_fit() {
    let table = json!({
        "timePartitioning": {"type": "DAY", "field": "day"}, "clustering": {"fields": ["a"]},
        "schema": {"fields": [{"name": "day", "type": "DATE"}]},
    });
    let partition = MacroValue::from_json(&json!({"field": "day"}));
    for (partition, cluster, fits) in [
        (partition.clone(), json!("a"), true),
        (partition, json!(["a", "b"]), false),
        (MacroValue::Null, json!(["a"]), false),
    ] {
        let server = Recorded::start(|_| vec![good(&table)]);
        let arguments =
            vec![MacroValue::Relation(relation("t")), partition, MacroValue::from_json(&cluster)];
        let answer = call(&mut connect(&server.settings()), "is_replaceable", arguments).unwrap();
        assert_eq!(answer.is_true(), fits, "{cluster}");
    }
}

#[test]
fn descriptions_of_columns_are_written_back_with_the_schema() {
    let table =
        json!({"schema": {"fields": [{"name": "id", "type": "INTEGER", "mode": "REQUIRED"}]}});
    let server = Recorded::start(|_| vec![good(&table), good(&json!({}))]);
    let columns = json!({"id": {"name": "id", "description": "the id"}});
    let arguments = vec![MacroValue::Relation(relation("t")), MacroValue::from_json(&columns)];
    call(&mut connect(&server.settings()), "update_columns", arguments).unwrap();
    assert_eq!(server.calls()[1], "PATCH /datasets/main/tables/t");
    assert_eq!(
        server.seen()[1].json()["schema"]["fields"][0],
        json!({
            "name": "id", "type": "INTEGER", "mode": "REQUIRED", "description": "the id",
            "policyTags": {"names": []},
        })
    );
}

#[test]
fn a_table_made_by_a_query_is_asked_for_its_rows() {
    let query = json!({
        "statementType": "CREATE_TABLE_AS_SELECT", "totalBytesProcessed": "0",
        "ddlTargetTable": {"projectId": "shop", "datasetId": "main", "tableId": "t"},
    });
    let mut job = loaded();
    job["configuration"] = json!({"query": {}});
    job["statistics"] = json!({"query": query});
    let server = Recorded::start(|_| vec![good(&job), good(&json!({"numRows": "42"}))]);
    let outcome = connect(&server.settings())
        .execute("create table t as (select 1)", RowLimit::None)
        .unwrap();
    assert_eq!(outcome.response.rows_affected, Some(42));
    assert_eq!(outcome.response.message, "CREATE TABLE (42.0 rows, 0 processed)");
}
