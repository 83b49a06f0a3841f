//! How tokens are got.

use serde_json::json;

use super::super::*;
use super::recorded::{Recorded, answer, good, refused, settings_for};
use super::{connect, merged};
use crate::authentication::{RefreshToken, ServiceAccountKey, TokenSource};

fn refresh(address: &str) -> TokenSource {
    TokenSource::Refresh(RefreshToken {
        token_uri: format!("{address}/token"),
        client_id: "id&1".to_owned(),
        client_secret: "s".to_owned(),
        token: "r".to_owned(),
    })
}

fn token(text: &str) -> serde_json::Value {
    json!({"access_token": text, "expires_in": 3600, "token_type": "Bearer"})
}

#[test]
fn a_token_is_fetched_once_and_used_while_it_lasts() {
    let server = Recorded::start(|_| vec![good(&token("first")), good(&merged()), good(&merged())]);
    let mut settings = server.settings();
    settings.source = refresh(&server.address);
    let mut connection = connect(&settings);
    connection.execute("merge into x", RowLimit::None).unwrap();
    connection.execute("merge into x", RowLimit::None).unwrap();
    assert_eq!(server.calls(), ["POST /token", "POST /jobs", "POST /jobs"]);
    assert_eq!(
        server.seen()[0].text,
        "grant_type=refresh_token&client_id=id%261&client_secret=s&refresh_token=r"
    );
    assert_eq!(server.seen()[2].authorization, "Bearer first");
}

#[test]
fn a_token_that_is_not_taken_is_renewed() {
    let server = Recorded::start(|_| {
        vec![good(&token("old")), refused(401, "authError"), good(&token("new")), good(&merged())]
    });
    let mut settings = server.settings();
    settings.source = refresh(&server.address);
    connect(&settings).execute("merge into x", RowLimit::None).unwrap();
    assert_eq!(server.seen()[3].authorization, "Bearer new");
}

#[test]
fn a_job_is_not_looked_for_that_lacked_a_token_to_be_begun() {
    let server = Recorded::answering(|_| answer(503, "busy"));
    let mut settings = server.settings();
    settings.source = refresh(&server.address);
    (settings.job_retries, settings.retries.retries) = (0, 1);
    let error = connect(&settings).execute("insert into x", RowLimit::None).unwrap_err();
    assert_eq!(error.kind, adapter_interface::WarehouseErrorKind::Disconnected);
    assert!(error.message.contains("HTTP 503"), "{}", error.message);
    assert_eq!(server.calls(), ["POST /token", "POST /token"]);
}

#[test]
fn a_token_of_somebody_else_cannot_be_renewed() {
    let server = Recorded::start(|_| vec![refused(401, "authError")]);
    let error = connect(&server.settings()).execute("select 1", RowLimit::None).unwrap_err();
    assert_eq!(error.kind, adapter_interface::WarehouseErrorKind::Authentication);
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn a_service_account_signs_for_its_token() {
    let server = Recorded::start(|_| vec![good(&token("signed")), good(&merged())]);
    let key = json!({
        "client_email": "me@shop", "token_uri": format!("{}/token", server.address),
        "private_key": include_str!("../../profile/test_key.pem"),
    });
    let mut settings = server.settings();
    settings.source = TokenSource::ServiceAccount(ServiceAccountKey::read(&key).unwrap());
    connect(&settings).execute("merge into x", RowLimit::None).unwrap();
    let form = &server.seen()[0].text;
    assert!(form.starts_with("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&"));
    assert_eq!(server.seen()[1].authorization, "Bearer signed");
}

#[test]
fn another_account_is_borrowed_from() {
    let server = Recorded::start(|_| {
        vec![good(&json!({"accessToken": "lent", "expireTime": "x"})), good(&merged())]
    });
    let mut settings = server.settings();
    settings.source = TokenSource::Impersonated {
        source: Box::new(TokenSource::Given("own".to_owned())),
        account: "other@shop".to_owned(),
        endpoint: server.address.clone(),
    };
    connect(&settings).execute("merge into x", RowLimit::None).unwrap();
    let seen = server.seen();
    assert_eq!(seen[0].call, "POST /v1/projects/-/serviceAccounts/other@shop:generateAccessToken");
    assert_eq!(seen[0].authorization, "Bearer own");
    assert_eq!(seen[1].authorization, "Bearer lent");
}

#[test]
fn without_credentials_it_is_said_how_to_get_them() {
    let mut settings = settings_for("http://127.0.0.1:9");
    settings.source = TokenSource::MetadataServer("127.0.0.1:9".to_owned());
    let error = connect(&settings).execute("select 1", RowLimit::None).unwrap_err();
    assert_eq!(error.kind, adapter_interface::WarehouseErrorKind::Configuration);
    assert!(error.message.contains("gcloud auth application-default login"), "{error}");
}

#[test]
fn a_machine_of_googles_has_its_token() {
    let server = Recorded::start(|_| vec![good(&token("machine")), good(&merged())]);
    let mut settings = server.settings();
    let host = server.address.trim_start_matches("http://").to_owned();
    settings.source = TokenSource::MetadataServer(host);
    connect(&settings).execute("merge into x", RowLimit::None).unwrap();
    let seen = server.seen();
    assert_eq!(seen[0].call, "GET /computeMetadata/v1/instance/service-accounts/default/token");
    assert_eq!(seen[1].authorization, "Bearer machine");
}

#[test]
fn refused_credentials_say_why() {
    let server = Recorded::start(|_| {
        vec![answer(
            400,
            r#"{"error": "invalid_grant", "error_description": "Token has been revoked"}"#,
        )]
    });
    let mut settings = server.settings();
    settings.source = refresh(&server.address);
    let error = connect(&settings).execute("select 1", RowLimit::None).unwrap_err();
    assert_eq!(error.kind, adapter_interface::WarehouseErrorKind::Authentication);
    assert!(error.message.contains("Token has been revoked"), "{}", error.message);
    assert_eq!(server.seen().len(), 1);
}
