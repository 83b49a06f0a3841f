//! Tests of profiles.

use super::*;

fn read_json(fields: &Value) -> Result<Credentials, ProfileError> {
    let fields = fields.as_object().unwrap().clone();
    read(&fields.into_iter().collect())
}

fn settings(fields: &Value) -> Settings {
    read_json(fields).unwrap().details.downcast_ref::<Settings>().unwrap().clone()
}

#[test]
fn the_database_is_named_after_the_file() {
    for (path, name) in [
        (":memory:", "memory"),
        ("data/shop.duckdb", "shop"),
        ("my.db.duckdb", "my"),
        (".hidden.duckdb", "hidden"),
        ("plain", "plain"),
    ] {
        assert_eq!(
            read_json(&json!({"type": "duckdb", "path": path})).unwrap().database.as_deref(),
            Some(name)
        );
    }
}

#[test]
fn defaults_are_those_of_dbt() {
    let credentials = read_json(&json!({"type": "duckdb", "threads": 4})).unwrap();
    assert_eq!(credentials.schema, "main");
    assert_eq!(
        Value::from_iter(credentials.shown),
        json!({
            "database": "memory", "schema": "main", "path": ":memory:", "config_options": null, "extensions": null,
            "settings": {}, "external_root": ".", "use_credential_provider": null, "attach": null,
            "filesystems": null, "remote": null, "plugins": null, "disable_transactions": false,
        })
    );
}

#[test]
fn a_database_must_fit_the_path_or_an_alias() {
    let error = read_json(&json!({"path": "shop.duckdb", "database": "store"})).unwrap_err();
    assert_eq!(
        error.message,
        "the `database` `store` does not match the `path`, whose database is `shop`"
    );
    assert_eq!(error.hint.as_deref(), Some("set `database: shop`, or leave it out"));
    let attached = json!({"database": "store", "attach": [{"path": "x.duckdb", "alias": "store"}]});
    assert_eq!(read_json(&attached).unwrap().database.as_deref(), Some("store"));
}

#[test]
fn what_is_not_supported_is_refused() {
    for (fields, message) in [
        (
            json!({"plugins": [{"module": "excel"}]}),
            "`plugins` cannot be used: plugins are Python code, which is not run here",
        ),
        (json!({"path": "md:shop"}), "MotherDuck is not supported"),
        (json!({"settings": [1]}), "`settings` is not a mapping but [1]"),
        (
            json!({"secrets": {"type": "s3", "secret": "hush"}}),
            r#"`secrets` is not a list but {"type":"s3","secret":"*****"}"#,
        ),
    ] {
        assert_eq!(read_json(&fields).unwrap_err().message, message);
    }
}

#[test]
fn fields_of_no_meaning_are_told() {
    let fields = json!({"path": "x.duckdb", "pth": "x", "flights": null});
    let unknown = unknown(&fields.as_object().unwrap().clone().into_iter().collect());
    let told: Vec<_> = unknown.iter().map(|one| one.message.as_str()).collect();
    assert_eq!(told, ["a DuckDB profile has no field `pth`"]);
    assert!(read_json(&fields).is_ok());
}

#[test]
fn statements_prepare_the_database_and_its_sessions() {
    let settings = settings(&json!({
        "extensions": ["httpfs", {"name": "h3", "repo": "community"},
                       {"name": "own", "repo": "https://example.com/x"}],
        "settings": {"TimeZone": "UTC", "preserve_insertion_order": false},
        "config_options": {"threads": 2},
        "secrets": [{"type": "s3", "region": "us-east-1", "key_id": "id", "secret": "it's", "scope": ["s3://a"]}],
        "attach": [{"path": "other.sqlite", "type": "sqlite", "alias": "other", "read_only": true,
                    "options": {"busy_timeout": 5, "mode": "x"}}],
    }));
    assert_eq!(settings.config_options, [("threads".to_owned(), "2".to_owned())]);
    let statements = |preparations: &[Preparation]| -> Vec<String> {
        preparations.iter().map(|preparation| preparation.sql.clone()).collect()
    };
    assert_eq!(
        statements(&settings.session_preparations),
        ["SET TimeZone = 'UTC'", "SET preserve_insertion_order = 'false'"]
    );
    let fetched: Vec<_> = settings.extensions.iter().map(Extension::install).collect();
    assert_eq!(
        fetched,
        ["INSTALL httpfs", "INSTALL h3 FROM community", "INSTALL own FROM 'https://example.com/x'"]
    );
    assert_eq!(
        statements(&settings.database_preparations),
        [
            "CREATE OR REPLACE SECRET \"_dbt_secret_1\" (type s3, region 'us-east-1', key_id 'id', secret 'it''s', scope 's3://a')",
            "ATTACH IF NOT EXISTS 'other.sqlite' AS \"other\" (TYPE sqlite, READ_ONLY, BUSY_TIMEOUT 5, MODE 'x')",
        ]
    );
}

#[test]
fn secrets_are_hidden() {
    let credentials = read_json(&json!({
        "settings": {"s3_secret_access_key": "hush"},
        "secrets": [{"type": "s3", "key_id": "id", "secret": "qui'et"}],
    }))
    .unwrap();
    assert_eq!(credentials.secrets, ["hush", "id", "qui'et", "qui''et"]);
    assert_eq!(credentials.shown["settings"], json!({"s3_secret_access_key": "*****"}));
}

#[test]
fn credentials_of_attached_databases_are_hidden() {
    let credentials = read_json(&json!({"attach": [
        {"path": "host=db password=hunter2", "type": "postgres", "secret": "lake"},
        {"path": "postgres://ada:sesame@db/shop", "type": "postgres"},
        {"path": "x.duckdb", "options": {"encryption_key": "sesame99", "token": 4711, "block_size": 16384}},
    ]}))
    .unwrap();
    assert_eq!(credentials.secrets, ["hunter2", "sesame", "sesame99"]);
    assert_eq!(
        credentials.shown["attach"],
        json!([
            {"path": "host=db password=*****", "type": "postgres", "secret": "lake"},
            {"path": "postgres://ada:*****@db/shop", "type": "postgres"},
            {"path": "x.duckdb", "options": {"encryption_key": "*****", "token": "*****", "block_size": 16384}},
        ])
    );
}

#[test]
fn of_a_secret_only_the_credentials_are_hidden() {
    let credentials = read_json(&json!({"secrets": [{
        "type": "s3", "name": "lake", "provider": "config", "region": "eu-west-1", "endpoint": "minio:9000",
        "url_style": "path", "use_ssl": false, "requester_pays": true, "timeout": 30, "scope": ["s3://lake"],
        "key_id": "AKIA", "secret": "hush", "session_token": "sesame", "chain": "env;config",
        "extra_http_headers": {"Authorization": "Bearer x", "Accept": "text/csv"},
    }]}))
    .unwrap();
    assert_eq!(credentials.secrets, ["AKIA", "hush", "sesame", "Bearer x"]);
}

#[test]
fn retries_name_errors_by_their_exception() {
    let retries = settings(&json!({"retries": {"connect_attempts": 3}})).retries.unwrap();
    let error =
        |message| WarehouseError::new(adapter_interface::WarehouseErrorKind::Other, message);
    assert!(retries.names(&error("IO Error: Could not set lock on file")));
    assert!(!retries.names(&error("Parser Error: syntax error")));
}
