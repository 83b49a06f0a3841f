//! Profiles, right and wrong.

use serde_json::json;

use super::*;

fn read_with(
    fields: &serde_json::Value,
    environment: &Environment<'_>,
) -> Result<Credentials, ProfileError> {
    let fields: ProfileFields = serde_json::from_value(fields.clone()).unwrap();
    read(&fields, environment)
}

fn settings(fields: &serde_json::Value) -> Settings {
    let credentials = read_with(fields, &|_| None).unwrap();
    credentials.details.downcast_ref::<Settings>().unwrap().clone()
}

fn with_token(more: &serde_json::Value) -> serde_json::Value {
    let mut fields = json!({
        "method": "oauth-secrets", "token": "a-secret-token", "project": "shop", "dataset": "main",
    });
    fields.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    fields
}

/// A key made for these tests alone; it opens nothing.
const KEY: &str = include_str!("test_key.pem");

#[test]
fn names_of_dbt_and_of_google_mean_the_same() {
    let credentials = read_with(&with_token(&json!({})), &|_| None).unwrap();
    assert_eq!(credentials.database.as_deref(), Some("shop"));
    assert_eq!(credentials.schema, "main");
    assert_eq!(credentials.shown["project"], "shop");
    assert_eq!(credentials.shown["dataset"], "main");
    assert_eq!(credentials.secrets, ["a-secret-token"]);
    assert!(!format!("{:?}", credentials.details.downcast_ref::<Settings>()).contains("secret"));
}

#[test]
fn limits_and_places_are_read() {
    let settings = settings(&with_token(&json!({
        "execution_project": "bill", "location": "EU", "priority": "batch",
        "maximum_bytes_billed": "1000", "timeout_seconds": 30, "retries": 3,
        "job_retry_deadline_seconds": 9, "job_creation_timeout_seconds": 7,
        "api_endpoint": "http://localhost:9050/bigquery/v2/",
    })));
    assert_eq!(settings.execution_project, "bill");
    assert_eq!(settings.location.as_deref(), Some("EU"));
    assert!(settings.is_batch);
    assert_eq!(settings.maximum_bytes_billed, Some(1000));
    assert_eq!(settings.execution_timeout, Some(Duration::from_secs(30)));
    assert_eq!(settings.creation_timeout, Duration::from_secs(7));
    assert_eq!(settings.job_retries, 3);
    assert_eq!(settings.retries.deadline, Duration::from_secs(9));
    assert_eq!(settings.endpoint, "http://localhost:9050");
}

#[test]
fn a_key_whose_line_breaks_are_letters_works() {
    let broken = KEY.replace('\n', "\\n");
    let settings = settings(&json!({
        "method": "service-account-json", "dataset": "main",
        "keyfile_json": {"client_email": "me@shop", "private_key": broken, "project_id": "shop"},
    }));
    let TokenSource::ServiceAccount(key) = settings.source else { unreachable!() };
    assert_eq!(key.private_key, KEY);
    assert_eq!(settings.execution_project, "shop");
    let signed = key.assertion(&settings.scopes).unwrap();
    assert_eq!(signed.split('.').count(), 3);
}

#[test]
fn a_key_file_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.json");
    let key = json!({"client_email": "me@shop", "private_key": KEY, "project_id": "shop"});
    std::fs::write(&path, key.to_string()).unwrap();
    let settings =
        settings(&json!({"method": "service-account", "dataset": "main", "keyfile": path}));
    assert_eq!(settings.execution_project, "shop");
}

#[test]
fn default_credentials_are_those_of_googles_tools() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("application_default_credentials.json");
    let user = json!({
        "type": "authorized_user", "client_id": "i", "client_secret": "s", "refresh_token": "r",
        "quota_project_id": "quota",
    });
    std::fs::write(&file, user.to_string()).unwrap();
    let fields = json!({"method": "oauth", "dataset": "main"});
    let environment = |name: &str| {
        (name == "CLOUDSDK_CONFIG").then(|| folder.path().to_string_lossy().into_owned())
    };
    let credentials = read_with(&fields, &environment).unwrap();
    let settings = credentials.details.downcast_ref::<Settings>().unwrap();
    assert!(matches!(&settings.source, TokenSource::Refresh(token) if token.token == "r"));
    assert_eq!(settings.quota_project.as_deref(), Some("quota"));
    assert_eq!(credentials.database.as_deref(), Some("quota"));
}

#[test]
fn without_a_file_the_machine_is_asked() {
    let fields = json!({"method": "oauth", "project": "shop", "dataset": "main"});
    assert_eq!(
        settings(&fields).source,
        TokenSource::MetadataServer("metadata.google.internal".to_owned())
    );
}

#[test]
fn an_account_can_be_impersonated() {
    let settings = settings(&with_token(&json!({"impersonate_service_account": "other@shop"})));
    let TokenSource::Impersonated { source, account, .. } = settings.source else { unreachable!() };
    assert_eq!(*source, TokenSource::Given("a-secret-token".to_owned()));
    assert_eq!(account, "other@shop");
}

#[test]
fn what_is_wrong_is_named_with_its_field() {
    let cases = [
        (json!({"project": "p", "dataset": "d"}), "method"),
        (json!({"method": "oauth-secret", "project": "p", "dataset": "d"}), "method"),
        (json!({"method": "external-oauth-wif", "project": "p", "dataset": "d"}), "method"),
        (json!({"method": "oauth-secrets", "project": "p", "dataset": "d"}), "token"),
        (json!({"method": "oauth-secrets", "token": "t", "dataset": "d"}), "project"),
        (json!({"method": "oauth-secrets", "token": "t", "project": "p"}), "dataset"),
        (json!({"method": "service-account", "project": "p", "dataset": "d"}), "keyfile"),
        (
            json!({"method": "service-account-json", "project": "p", "dataset": "d",
                "keyfile_json": {"client_email": "x", "private_key": "no key"}}),
            "keyfile_json",
        ),
        (
            json!({"method": "service-account-json", "project": "p", "dataset": "d", "keyfile_json": "{no JSON"}),
            "keyfile_json",
        ),
        (with_token(&json!({"priority": "high"})), "priority"),
        (with_token(&json!({"maximum_bytes_billed": "many"})), "maximum_bytes_billed"),
        (with_token(&json!({"api_endpoint": "ftp://x"})), "api_endpoint"),
    ];
    for (fields, field) in cases {
        let error = read_with(&fields, &|_| None).unwrap_err();
        assert_eq!(error.field.as_deref(), Some(field), "{fields}: {}", error.message);
        assert!(error.hint.is_some());
    }
}
