//! The library of AWS against a server that speaks the protocols of Athena, Glue and S3.

mod wire;

use adapter_interface::{
    Connection, MacroValue, MethodCall, Quoting, Relation, RowLimit, WarehouseErrorKind,
};
use serde_json::json;

use super::*;
use crate::connection::AthenaWarehouse;
use crate::profile;
use adapter_interface::Warehouse as _;
use wire::{Answer, Wire};

fn settings(more: &Value) -> Settings {
    let mut fields = json!({
        "region_name": "eu-west-1", "schema": "shop", "s3_staging_dir": "s3://lake/results",
        "aws_access_key_id": "AKIATEST", "aws_secret_access_key": "sesame", "num_retries": 2,
        "poll_interval": 0.01,
    });
    for (name, value) in more.as_object().unwrap() {
        fields[name] = value.clone();
    }
    let fields = fields.as_object().unwrap().clone().into_iter().collect();
    let credentials = profile::read(&fields).unwrap();
    credentials.details.downcast_ref::<Settings>().unwrap().clone()
}

fn aws(wire: &Wire, more: &Value) -> Aws {
    let surroundings = Surroundings {
        address: Some(wire.address.clone()),
        first_pause: Some(Duration::from_millis(1)),
    };
    Aws::open_in(&settings(more), &surroundings).unwrap()
}

fn connect(wire: &Wire, more: &Value) -> Box<dyn Connection> {
    let warehouse = AthenaWarehouse::new(settings(more), Box::new(aws(wire, more)));
    warehouse.connect("test").unwrap()
}

fn call(connection: &mut dyn Connection, name: &str, positional: Vec<MacroValue>) -> MacroValue {
    let call = MethodCall { name, positional, keywords: indexmap::IndexMap::new() };
    connection.call_method(&call).unwrap().unwrap()
}

fn relation(name: &str) -> MacroValue {
    let relation = Relation::new(Some("awsdatacatalog"), Some("Shop"), Some(name), Quoting::ALL);
    MacroValue::Relation(relation)
}

fn execution(state: &str, more: &Value) -> Value {
    let mut status = json!({"State": state});
    for (name, value) in more.as_object().unwrap() {
        status[name] = value.clone();
    }
    json!({"QueryExecution": {
        "QueryExecutionId": "q1", "Status": status, "StatementType": "DML", "SubstatementType": "SELECT",
        "Statistics": {"DataScannedInBytes": 42, "EngineExecutionTimeInMillis": 7},
    }})
}

fn page(rows: &[&[Option<&str>]], next: Option<&str>) -> Value {
    let cell =
        |text: Option<&str>| text.map_or_else(|| json!({}), |text| json!({"VarCharValue": text}));
    let rows: Vec<_> = rows
        .iter()
        .map(|row| json!({"Data": row.iter().copied().map(cell).collect::<Vec<_>>()}))
        .collect();
    let mut page = json!({"UpdateCount": 0, "ResultSet": {"Rows": rows, "ResultSetMetadata": {"ColumnInfo": [
        {"Name": "id", "Type": "integer"}, {"Name": "price", "Type": "decimal", "Precision": 10, "Scale": 2},
    ]}}});
    if let Some(next) = next {
        page["NextToken"] = json!(next);
    }
    page
}

const START: &str = "AmazonAthena.StartQueryExecution";
const ASK: &str = "AmazonAthena.GetQueryExecution";
const READ: &str = "AmazonAthena.GetQueryResults";

#[test]
fn a_query_goes_over_the_wire_and_comes_back_in_pages() {
    let wire = Wire::start(vec![
        Answer::json(&json!({"QueryExecutionId": "q1"})),
        Answer::json(&execution("RUNNING", &json!({}))),
        Answer::json(&execution("SUCCEEDED", &json!({}))),
        Answer::json(&page(&[&[Some("id"), Some("price")], &[Some("1"), None]], Some("n1"))),
        Answer::json(&page(&[&[Some("2"), Some("3.50")]], None)),
    ]);
    let mut connection = connect(&wire, &json!({"work_group": "analysts"}));
    let outcome = connection.execute("/* hello */ select id, price from t", RowLimit::All).unwrap();
    assert_eq!(outcome.rows.types, ["integer", "decimal(10,2)"]);
    assert_eq!(
        outcome.rows.rows,
        [
            vec![adapter_interface::Datum::Integer(1), adapter_interface::Datum::Null],
            vec![
                adapter_interface::Datum::Integer(2),
                adapter_interface::Datum::Decimal("3.50".to_owned())
            ],
        ]
    );
    assert_eq!(outcome.response.details["data_scanned_in_bytes"], 42);
    assert_eq!(outcome.response.details["engine_execution_time_in_millis"], 7);
    assert_eq!(wire.asked(), [START, ASK, ASK, READ, READ]);
    let first = wire.requests()[0].json();
    assert_eq!(first["QueryString"], "-- /* hello */\nselect id, price from t");
    assert_eq!(first["WorkGroup"], "analysts");
    assert_eq!(
        first["QueryExecutionContext"],
        json!({"Database": "shop", "Catalog": "awsdatacatalog"})
    );
    assert_eq!(first["ResultConfiguration"], json!({"OutputLocation": "s3://lake/results/"}));
    assert_eq!(wire.requests()[4].json()["NextToken"], "n1");
    let signature = wire.requests()[0].header("authorization").unwrap();
    assert!(
        signature.contains("AKIATEST/") && signature.contains("/eu-west-1/athena/"),
        "{signature}"
    );
}

#[test]
fn a_start_that_is_made_again_keeps_its_token() {
    let throttled = json!({"__type": "TooManyRequestsException", "Message": "slow down"});
    let wire = Wire::start(vec![
        Answer::failure(400, &throttled),
        Answer::Nothing,
        Answer::json(&json!({"QueryExecutionId": "q1"})),
        Answer::json(&execution("SUCCEEDED", &json!({}))),
        Answer::json(&page(&[&[Some("id")]], None)),
    ]);
    connect(&wire, &json!({})).execute("select 1", RowLimit::All).unwrap();
    assert_eq!(wire.asked(), [START, START, START, ASK, READ]);
    let tokens: Vec<_> =
        wire.requests()[..3].iter().map(|one| one.json()["ClientRequestToken"].clone()).collect();
    assert_eq!(tokens[0], tokens[1]);
    assert_eq!(tokens[0], tokens[2]);
}

#[test]
fn a_service_that_stays_busy_is_given_up_after_as_many_tries_as_the_profile_says() {
    let throttled = json!({"__type": "ThrottlingException", "message": "slow down"});
    let wire = Wire::start(vec![Answer::failure(400, &throttled); 3]);
    let error = connect(&wire, &json!({})).execute("select 1", RowLimit::All).unwrap_err();
    assert_eq!(error.kind, WarehouseErrorKind::Transient);
    assert_eq!(error.message, "slow down (ThrottlingException), while starting a query");
    assert_eq!(wire.asked().len(), 3);
}

#[test]
fn a_lost_page_is_asked_for_again() {
    let wire = Wire::start(vec![
        Answer::json(&json!({"QueryExecutionId": "q1"})),
        Answer::json(&execution("SUCCEEDED", &json!({}))),
        Answer::json(&page(&[&[Some("id"), None], &[Some("1"), None]], Some("n1"))),
        Answer::Nothing,
        Answer::json(&page(&[&[Some("2"), None]], None)),
    ]);
    let rows = connect(&wire, &json!({})).execute("select 1", RowLimit::All).unwrap().rows.rows;
    assert_eq!(rows.len(), 2);
    assert_eq!(wire.asked(), [START, ASK, READ, READ, READ]);
    assert_eq!(wire.requests()[4].json()["NextToken"], "n1");
}

#[test]
fn wrong_statements_and_wrong_keys_are_not_tried_again() {
    let cases = [
        (
            json!({"__type": "InvalidRequestException", "Message": "line 1:8: mismatched input 'x'"}),
            WarehouseErrorKind::Sql,
            "mismatched input 'x'\nLINE 1: select x\n               ^",
        ),
        (
            json!({"__type": "UnrecognizedClientException", "message": "The security token is invalid."}),
            WarehouseErrorKind::Authentication,
            "AWS does not allow starting a query: The security token is invalid. (UnrecognizedClientException)",
        ),
    ];
    for (said, kind, message) in cases {
        let wire = Wire::start(vec![Answer::failure(400, &said)]);
        let error = connect(&wire, &json!({})).execute("select x", RowLimit::All).unwrap_err();
        assert_eq!((error.kind, error.message.as_str()), (kind, message));
        assert_eq!(wire.asked().len(), 1);
    }
}

#[test]
fn why_a_query_failed_is_read_whole() {
    let failure = json!({"StateChangeReason": "no", "AthenaError": {
        "ErrorCategory": 2, "ErrorType": 1006, "Retryable": false,
        "ErrorMessage": "TABLE_NOT_FOUND: line 1:15: Table 't' does not exist",
    }});
    let wire = Wire::start(vec![
        Answer::json(&json!({"QueryExecutionId": "q1"})),
        Answer::json(&execution("FAILED", &failure)),
    ]);
    let error = connect(&wire, &json!({})).execute("select * from t", RowLimit::All).unwrap_err();
    assert_eq!((error.kind, error.position), (WarehouseErrorKind::Sql, Some(14)));
    assert_eq!(error.code.as_deref(), Some("TABLE_NOT_FOUND"));
}

#[test]
fn nobody_there_is_told_as_that() {
    let surroundings = Surroundings {
        address: Some("http://127.0.0.1:9".to_owned()),
        first_pause: Some(Duration::from_millis(1)),
    };
    let aws = Aws::open_in(&settings(&json!({"num_retries": 0})), &surroundings).unwrap();
    let warehouse = AthenaWarehouse::new(settings(&json!({})), Box::new(aws));
    let mut connection = warehouse.connect("test").unwrap();
    let error = connection.execute("select 1", RowLimit::All).unwrap_err();
    assert_eq!(error.kind, WarehouseErrorKind::Disconnected, "{error}");
    let schema = Relation::new(None, Some("s"), None, Quoting::ALL);
    let error = connection.list_relations(&schema).unwrap().unwrap_err();
    assert_eq!(error.kind, WarehouseErrorKind::Disconnected, "{error}");
}

#[test]
fn glue_is_asked_page_by_page_with_a_signature() {
    let table = |name: &str, kind: &str| json!({"Name": name, "TableType": kind});
    let wire = Wire::start(vec![
        Answer::json(&json!({"TableList": [table("a", "EXTERNAL_TABLE")], "NextToken": "n1"})),
        Answer::failure(500, &json!({"__type": "InternalServiceException"})),
        Answer::json(&json!({"TableList": [table("b", "VIRTUAL_VIEW")]})),
    ]);
    let mut connection = connect(&wire, &json!({}));
    let schema = Relation::new(Some("AwsDataCatalog"), Some("Shop"), None, Quoting::ALL);
    let found = connection.list_relations(&schema).unwrap().unwrap();
    let kinds: Vec<_> = found.iter().map(|one| one.kind.unwrap().as_str()).collect();
    assert_eq!(kinds, ["table", "view"]);
    assert_eq!(wire.asked(), ["AWSGlue.GetTables"; 3]);
    assert_eq!(wire.requests()[0].json(), json!({"DatabaseName": "shop"}));
    assert_eq!(wire.requests()[2].json()["NextToken"], "n1");
    let signature = wire.requests()[0].header("authorization").unwrap();
    assert!(signature.contains("/eu-west-1/glue/aws4_request"), "{signature}");
}

#[test]
fn what_glue_does_not_know_is_not_there() {
    let missing = json!({"__type": "com.amazonaws.glue#EntityNotFoundException", "Message": "no"});
    let wire = Wire::start(vec![Answer::failure(400, &missing); 4]);
    let mut connection = connect(&wire, &json!({}));
    let named = Relation::new(None, Some("shop"), Some("t"), Quoting::ALL);
    assert_eq!(connection.list_relations(&named).unwrap(), Ok(Vec::new()));
    assert_eq!(connection.columns_of(&named).unwrap(), Ok(Vec::new()));
    let connection = connection.as_mut();
    assert!(matches!(
        call(connection, "get_glue_table_type", vec![relation("t")]),
        MacroValue::Null
    ));
    call(connection, "delete_from_glue_catalog", vec![relation("t")]);
    assert_eq!(wire.asked().last().unwrap(), "AWSGlue.DeleteTable");
}

#[test]
fn a_table_goes_with_its_files() {
    let table = json!({"Table": {
        "Name": "t", "TableType": "EXTERNAL_TABLE", "StorageDescriptor": {"Location": "s3://lake/data/t"},
    }});
    let wire = Wire::start(vec![
        Answer::json(&table),
        Answer::xml(&wire::listing(&["data/t/1", "data/t/2"], Some("more"))),
        Answer::xml(&wire::listing(&["data/t/3"], None)),
        Answer::xml("<DeleteResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"/>"),
    ]);
    let mut connection = connect(&wire, &json!({}));
    call(connection.as_mut(), "clean_up_table", vec![relation("T")]);
    let asked = wire.asked();
    assert_eq!(asked[0], "AWSGlue.GetTable");
    assert!(asked[1].starts_with("GET /lake/?list-type=2&prefix=data%2Ft%2F"), "{asked:?}");
    assert!(asked[2].contains("continuation-token=more"), "{asked:?}");
    assert_eq!(asked[3], "POST /lake/?delete");
    let body = &wire.requests()[3].body;
    for key in ["data/t/1", "data/t/2", "data/t/3"] {
        assert!(body.contains(&format!("<Key>{key}</Key>")), "{body}");
    }
}

#[test]
fn a_file_that_cannot_be_deleted_is_told() {
    let wire = Wire::start(vec![
        Answer::xml(&wire::listing(&["data/t/1"], None)),
        Answer::xml(
            "<DeleteResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Error><Key>data/t/1</Key>\
             <Code>AccessDenied</Code><Message>Access Denied</Message></Error></DeleteResult>",
        ),
    ]);
    let mut connection = connect(&wire, &json!({}));
    let call = MethodCall {
        name: "delete_from_s3",
        positional: vec!["s3://lake/data/t".into()],
        keywords: indexmap::IndexMap::new(),
    };
    let error = connection.call_method(&call).unwrap().unwrap_err();
    assert_eq!(error.kind, WarehouseErrorKind::Authentication);
    assert!(error.message.contains("data/t/1: Access Denied"), "{error}");
}

#[test]
fn a_table_takes_the_place_of_another_in_glue() {
    let partition = |day: &str| json!({"Values": [day], "StorageDescriptor": {"Location": format!("s3://lake/{day}")}, "Parameters": {}});
    let days: Vec<_> = (0..30).map(|day| partition(&format!("{day}"))).collect();
    let source = json!({"Table": {
        "Name": "t__ha", "TableType": "EXTERNAL_TABLE", "CreatedBy": "x", "Parameters": {"a": "b"},
        "StorageDescriptor": {"Location": "s3://lake/new"}, "PartitionKeys": [{"Name": "day"}],
    }});
    let wire = Wire::start(vec![
        Answer::json(&source),
        Answer::json(&json!({"Partitions": [partition("new")]})),
        Answer::json(&json!({"Partitions": days})),
        Answer::json(&json!({})),
        Answer::json(&json!({})),
        Answer::json(&json!({})),
        Answer::json(&json!({})),
    ]);
    let mut connection = connect(&wire, &json!({}));
    call(connection.as_mut(), "swap_table", vec![relation("t__ha"), relation("t")]);
    assert_eq!(
        wire.asked(),
        [
            "AWSGlue.GetTable",
            "AWSGlue.GetPartitions",
            "AWSGlue.GetPartitions",
            "AWSGlue.UpdateTable",
            "AWSGlue.BatchDeletePartition",
            "AWSGlue.BatchDeletePartition",
            "AWSGlue.BatchCreatePartition",
        ]
    );
    let input = &wire.requests()[3].json()["TableInput"];
    assert_eq!(input["Name"], "t");
    assert_eq!(input["StorageDescriptor"]["Location"], "s3://lake/new");
    assert_eq!(input.get("CreatedBy"), None);
    assert_eq!(wire.requests()[6].json()["PartitionInputList"][0]["Values"], json!(["new"]));
}

#[test]
fn former_versions_go_but_never_the_files_of_the_table() {
    let version = |id: &str, place: &str| json!({"VersionId": id, "Table": {"Name": "t", "StorageDescriptor": {"Location": place}}});
    let versions = [
        version("9", "s3://lake/a/9"),
        version("10", "s3://lake/a/10"),
        version("8", "s3://lake/a/10"),
        version("7", "s3://lake/a/7"),
    ];
    let wire = Wire::start(vec![
        Answer::json(&json!({"TableVersions": versions})),
        Answer::json(&json!({})),
        Answer::xml(&wire::listing(&[], None)),
        Answer::json(&json!({})),
        Answer::json(&json!({})),
        Answer::xml(&wire::listing(&[], None)),
    ]);
    let mut connection = connect(&wire, &json!({}));
    let arguments = vec![relation("t"), MacroValue::Integer(1), MacroValue::Boolean(true)];
    let MacroValue::List(deleted) =
        call(connection.as_mut(), "expire_glue_table_versions", arguments)
    else {
        panic!("a list of versions");
    };
    let deleted: Vec<_> = deleted.iter().filter_map(MacroValue::as_text).collect();
    assert_eq!(deleted, ["9", "8", "7"]);
    let listed: Vec<_> = wire.asked().into_iter().filter(|line| line.starts_with("GET")).collect();
    assert!(listed[0].contains("a%2F9") && listed[1].contains("a%2F7"), "{listed:?}");
}

#[test]
fn a_seed_is_kept_as_the_profile_says() {
    let wire = Wire::start(vec![Answer::xml("")]);
    let kept = json!({"seed_s3_upload_args": {"ServerSideEncryption": "AES256", "ACL": "bucket-owner-full-control"}});
    let settings = settings(&kept);
    let object = Object {
        bucket: "lake",
        key: "tmp/a.csv",
        content: b"\"a\"\n".to_vec(),
        arguments: &settings.upload,
    };
    aws(&wire, &kept).put_object(object).unwrap();
    let request = &wire.requests()[0];
    assert!(request.line.starts_with("PUT /lake/tmp/a.csv"), "{}", request.line);
    assert_eq!(request.header("x-amz-server-side-encryption").as_deref(), Some("AES256"));
    assert_eq!(request.header("x-amz-acl").as_deref(), Some("bucket-owner-full-control"));
    assert!(request.body.contains("\"a\"\n"), "{}", request.body);
}

#[test]
fn a_cancelled_query_is_stopped_over_the_wire() {
    let wire = Wire::start(vec![
        Answer::json(&json!({"QueryExecutionId": "q1"})),
        Answer::Held(execution("CANCELLED", &json!({})).to_string()),
        Answer::json(&json!({})),
    ]);
    let mut connection = connect(&wire, &json!({}));
    let canceller = connection.canceller();
    let error = std::thread::scope(|scope| {
        let running = scope.spawn(|| connection.execute("select 1", RowLimit::All).unwrap_err());
        while wire.asked().len() < 2 {
            std::thread::sleep(Duration::from_millis(5));
        }
        canceller.cancel();
        running.join().unwrap()
    });
    assert_eq!(error.kind, WarehouseErrorKind::Cancelled);
    assert_eq!(wire.asked(), [START, ASK, "AmazonAthena.StopQueryExecution"]);
}

#[test]
fn workgroups_and_catalogs_are_read() {
    let group = json!({"WorkGroup": {"Name": "g", "Configuration": {
        "EnforceWorkGroupConfiguration": true, "ResultConfiguration": {"OutputLocation": "s3://own/"},
    }}});
    let catalog = json!({"DataCatalog": {"Name": "other", "Type": "GLUE", "Parameters": {"catalog-id": "123"}}});
    let wire = Wire::start(vec![Answer::json(&group), Answer::json(&catalog)]);
    let aws = aws(&wire, &json!({}));
    assert_eq!(aws.enforces_output_location("g"), Ok(true));
    assert_eq!(aws.data_catalog("other"), Ok(("GLUE".to_owned(), Some("123".to_owned()))));
}
