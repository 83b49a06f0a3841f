//! Tests of profiles.

use super::*;

fn profile(fields: &Value) -> Result<Credentials, ProfileError> {
    let mut all = json!({
        "host": "trino.example.com", "port": 8080, "user": "ada", "database": "iceberg", "schema": "shop",
    });
    for (name, value) in fields.as_object().unwrap() {
        all[name] = value.clone();
    }
    read(&all.as_object().unwrap().clone().into_iter().collect())
}

fn settings(fields: &Value) -> Settings {
    profile(fields).unwrap().details.downcast_ref::<Settings>().unwrap().clone()
}

fn message(fields: &Value) -> String {
    profile(fields).unwrap_err().message
}

#[test]
fn only_who_proves_nothing_goes_unencrypted() {
    assert_eq!(settings(&json!({})).address, "http://trino.example.com:8080");
    let ldap = json!({"method": "ldap", "password": "x"});
    assert_eq!(settings(&ldap).address, "https://trino.example.com:8080");
    assert_eq!(
        message(&json!({"method": "ldap", "password": "x", "http_scheme": "http"})),
        "`method: ldap` does not go over `http`"
    );
    assert_eq!(message(&json!({"http_scheme": "ftp"})), "`http_scheme` cannot be `ftp`");
}

#[test]
fn methods_that_need_other_programs_are_refused() {
    for method in ["kerberos", "gssapi", "oauth", "oauth_console"] {
        let error = profile(&json!({"method": method})).unwrap_err();
        assert!(error.message.starts_with(&format!("`method: {method}` is not supported")));
        assert_eq!(error.field.as_deref(), Some("method"));
    }
    assert_eq!(message(&json!({"method": "magic"})), "there is no `method: magic`");
}

#[test]
fn roles_are_written_as_the_protocol_has_them() {
    let roles =
        settings(&json!({"roles": {"hive": "admin", "iceberg": "ALL", "x": "ROLE{y}"}})).roles;
    let roles: Vec<_> =
        roles.into_iter().map(|(catalog, role)| format!("{catalog}={role}")).collect();
    assert_eq!(roles, ["hive=ROLE{admin}", "iceberg=ALL", "x=ROLE{y}"]);
    assert_eq!(settings(&json!({"roles": "r"})).roles["system"], "ROLE{r}");
}

#[test]
fn a_user_who_impersonates_proves_to_be_themselves() {
    let fields = json!({"method": "ldap", "password": "p", "impersonation_user": "etl"});
    let settings = settings(&fields);
    assert_eq!(settings.user, "etl");
    assert_eq!(
        settings.authentication,
        Authentication::Password { user: "ada".to_owned(), password: "p".to_owned() }
    );
}

#[test]
fn secrets_are_known_and_not_shown() {
    let fields = json!({
        "method": "jwt", "jwt_token": "ey.secret", "http_headers": {"X-Api-Key": "hush", "X-Team": "data"},
        "extra_credentials": {"s3": "deep"},
    });
    let credentials = profile(&fields).unwrap();
    assert_eq!(credentials.secrets, ["ey.secret", "ey.secret", "hush", "deep"]);
    let shown = format!("{credentials:?} {:?}", settings(&json!({})).authentication);
    assert!(!shown.contains("secret"), "{shown}");
}

#[test]
fn headers_of_the_protocol_have_fields_of_their_own() {
    let error = profile(&json!({"http_headers": {"X-Trino-Client-Tags": "a"}})).unwrap_err();
    assert_eq!(error.hint.as_deref(), Some("use `client_tags` instead"));
    assert_eq!(
        message(&json!({"http_headers": {"X-A": "b\nX-Trino-User: root"}})),
        "the header `X-A` contains a line break"
    );
    assert_eq!(message(&json!({"client_tags": ["a,b"]})), "the client tag `a,b` contains a comma");
}

#[test]
fn fields_of_the_wrong_kind_are_named() {
    let cases = [
        (json!({"port": 0}), "`port` cannot be `0`"),
        (json!({"port": "http"}), "`port` cannot be `http`"),
        (json!({"retries": "often"}), "`retries` is not a count but `often`"),
        (json!({"client_tags": "a"}), "`client_tags` is not a list but \"a\""),
        (
            json!({"session_properties": ["a"]}),
            "`session_properties` is not a list of names with values",
        ),
        (json!({"host": null}), "a Trino profile needs a `host`"),
        (json!({"host": "http://trino"}), "`host` cannot be `http://trino`"),
        (json!({"host": "trino:8080"}), "`host` cannot be `trino:8080`"),
        (json!({"user": ""}), "a Trino profile needs a `user`"),
        (json!({"user": "Ева"}), "the user `Ева` cannot be sent to Trino"),
        (json!({"database": null}), "a Trino profile needs a `database`"),
        (json!({"method": "ldap"}), "a Trino profile needs a `password`"),
        (
            json!({"starburst_url": "https://x"}),
            "descriptions cannot be sent to Starburst's catalog",
        ),
    ];
    for (fields, expected) in cases {
        assert_eq!(message(&fields), expected);
    }
    assert_eq!(settings(&json!({"database": null, "catalog": "hive"})).catalog, "hive");
    let address = settings(&json!({"host": "::1", "port": 8080})).address;
    assert_eq!(address, "http://[::1]:8080");
    assert_eq!(settings(&json!({"cert": false})).verification, Verification::None);
    assert_eq!(
        settings(&json!({"cert": "ca.pem"})).verification,
        Verification::File("ca.pem".into())
    );
}
