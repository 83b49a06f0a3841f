//! What profiles say, and what is wrong with some.

use super::*;

fn fields(more: &Value) -> ProfileFields {
    let mut all = json!({
        "region_name": "eu-west-1", "schema": "shop", "s3_staging_dir": "s3://lake/results/",
    });
    for (name, value) in more.as_object().unwrap() {
        all[name] = value.clone();
    }
    all.as_object().unwrap().clone().into_iter().collect()
}

fn settings(more: &Value) -> Settings {
    let credentials = read(&fields(more)).unwrap();
    credentials.details.downcast_ref::<Settings>().unwrap().clone()
}

#[test]
fn what_is_left_out_is_as_in_dbt() {
    let settings = settings(&json!({}));
    assert_eq!(settings.catalog, "awsdatacatalog");
    assert_eq!(settings.staging.as_deref(), Some("s3://lake/results"));
    assert_eq!(settings.naming, DataNaming::SchemaTableUnique);
    assert_eq!(settings.identity, Identity::Chain { profile: None });
    assert_eq!(settings.poll_interval, Duration::from_secs(1));
    assert_eq!((settings.retries, settings.iceberg_retries), (5, 3));
}

#[test]
fn keys_are_secrets_and_shown_nowhere() {
    let credentials = read(&fields(&json!({
        "aws_access_key_id": "AKIA", "aws_secret_access_key": "sesame", "aws_session_token": "open",
    })))
    .unwrap();
    assert_eq!(credentials.secrets, ["sesame", "open"]);
    let settings = credentials.details.downcast_ref::<Settings>().unwrap();
    let printed = format!("{credentials:?} {settings:?}");
    assert!(!printed.contains("sesame") && !printed.contains("open\""), "{printed}");
}

#[test]
fn wrong_fields_say_so() {
    let cases = [
        (json!({"region_name": null}), "an Athena profile needs a `region_name`"),
        (json!({"schema": ""}), "an Athena profile needs a `schema`"),
        (json!({"s3_staging_dir": null}), "nothing says where results of queries go"),
        (json!({"s3_data_dir": "lake/data"}), "`s3_data_dir` is no place in S3 but `lake/data`"),
        (json!({"s3_data_naming": "random"}), "`s3_data_naming` cannot be `random`"),
        (json!({"poll_interval": 0}), "`poll_interval` is not a time but `0`"),
        (json!({"num_retries": "many"}), "`num_retries` is not a count but `many`"),
        (json!({"spark_work_group": "spark"}), "Python models do not run here"),
        (json!({"lf_tags_database": {"a": "b"}}), "tags of Lake Formation are not set"),
        (
            json!({"database": "s3tablescatalog/bucket"}),
            "table buckets of S3 (`s3tablescatalog/…`) are not supported",
        ),
        (
            json!({"aws_access_key_id": "AKIA"}),
            "`aws_access_key_id` stands without `aws_secret_access_key`",
        ),
        (
            json!({"seed_s3_upload_args": {"Tagging": "a=b"}}),
            "`seed_s3_upload_args` takes ACL, ServerSideEncryption, SSEKMSKeyId, StorageClass, not `Tagging`",
        ),
    ];
    for (more, message) in cases {
        assert_eq!(read(&fields(&more)).unwrap_err().message, message);
    }
    let only_group = json!({"s3_staging_dir": null, "work_group": "analysts", "catalog": "other"});
    assert_eq!(settings(&only_group).work_group.as_deref(), Some("analysts"));
    assert_eq!(settings(&only_group).catalog, "other");
    assert_eq!(settings(&json!({"num_boto3_retries": 9})).retries, 9);
}
