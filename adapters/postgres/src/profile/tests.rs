//! What a profile says, with libpq's variables and password file behind it.

use std::fs;

use adapter_interface::Credentials;
use serde_json::Value;

use super::*;

fn read_with(fields: &Value, variables: &[(&str, &str)]) -> Result<Credentials, ProfileError> {
    let fields = fields.as_object().unwrap().clone().into_iter().collect();
    read(&fields, &|name| {
        let found = variables.iter().find(|(variable, _)| *variable == name);
        found.map(|(_, value)| (*value).to_owned())
    })
}

fn settings(fields: &Value, variables: &[(&str, &str)]) -> Settings {
    let credentials = read_with(fields, variables).unwrap();
    credentials.details.downcast_ref::<Settings>().unwrap().clone()
}

fn usual() -> Value {
    json!({"host": "db", "port": 5433, "user": "ann", "pass": "s3cret", "dbname": "shop", "schema": "main"})
}

fn with(name: &str, value: Value) -> Value {
    let mut fields = usual();
    fields[name] = value;
    fields
}

#[test]
fn the_target_shows_what_dbt_shows_and_no_password() {
    let credentials = read_with(&usual(), &[]).unwrap();
    let shown = serde_json::to_string(&credentials.shown).unwrap();
    assert_eq!(
        shown,
        r#"{"host":"db","port":5433,"user":"ann","database":"shop","schema":"main","connect_timeout":10,"role":null,"search_path":null,"keepalives_idle":0,"sslmode":null,"sslcert":null,"sslkey":null,"sslrootcert":null,"application_name":"dbt","autocommit":false,"retries":1,"dbname":"shop"}"#
    );
    assert_eq!(credentials.secrets, ["s3cret"]);
    assert!(!format!("{:?}", settings(&usual(), &[])).contains("s3cret"));
}

#[test]
fn each_field_has_its_effect() {
    let fields = json!({
        "host": "a,b", "port": "5433", "user": "ann", "password": "x", "database": "shop", "schema": "main",
        "connect_timeout": 0, "keepalives_idle": 30, "retries": 3, "role": "builder",
        "search_path": "one, two", "application_name": "nightly", "autocommit": true, "threads": 4,
    });
    let settings = settings(&fields, &[("PGOPTIONS", "-c x=y")]);
    assert_eq!(settings.servers.len(), 2);
    assert_eq!((settings.servers[1].host.as_str(), settings.servers[1].port), ("b", 5433));
    assert_eq!(settings.connect_timeout, None);
    assert_eq!(settings.keepalives_idle, Some(Duration::from_secs(30)));
    assert_eq!((settings.retries, settings.has_transactions), (3, false));
    assert_eq!(settings.role.as_deref(), Some("builder"));
    assert!(settings.parameters.contains(&("application_name".to_owned(), "nightly".to_owned())));
    assert!(
        settings
            .parameters
            .contains(&("options".to_owned(), "-c search_path=one,\\ two".to_owned()))
    );
}

#[test]
fn missing_and_wrong_fields_are_named() {
    let message = |fields: &Value| {
        let error = read_with(fields, &[]).unwrap_err();
        format!("{}: {} ({})", error.field.unwrap(), error.message, error.hint.unwrap())
    };
    let mut without_user = usual();
    without_user.as_object_mut().unwrap().remove("user");
    assert_eq!(
        message(&without_user),
        "user: a PostgreSQL profile needs a `user` (add it to the profile, or set `PGUSER`)"
    );
    assert_eq!(
        message(&with("port", json!("high"))),
        "port: `port` cannot be `high` (write a number from 1 to 65535)"
    );
    assert_eq!(
        message(&with("sslmode", json!("always"))),
        "sslmode: `sslmode` cannot be `always` (write `disable`, `allow`, `prefer`, `require`, `verify-ca` or `verify-full`)"
    );
    assert_eq!(
        message(&with("retries", json!("many"))),
        "retries: `retries` is not a count but `many` (write a whole number)"
    );
}

#[test]
fn variables_of_libpq_stand_in_for_missing_fields() {
    let variables = [
        ("PGHOST", "elsewhere"),
        ("PGPORT", "6000"),
        ("PGUSER", "bob"),
        ("PGDATABASE", "lake"),
        ("PGPASSWORD", "hush"),
        ("PGSSLMODE", "require"),
        ("PGTZ", "Asia/Tokyo"),
        ("HOME", "/home/bob"),
    ];
    let read = settings(&json!({"schema": "main", "password": ""}), &variables);
    assert_eq!((read.servers[0].host.as_str(), read.servers[0].port), ("elsewhere", 6000));
    assert_eq!((read.user.as_str(), read.database.as_str()), ("bob", "lake"));
    assert_eq!(read.servers[0].password.as_deref(), Some("hush"));
    assert_eq!(read.tls.mode, TlsMode::Require);
    assert_eq!(
        read.tls.roots,
        RootCertificates::File(Some(PathBuf::from("/home/bob/.postgresql/root.crt")))
    );
    assert!(read.parameters.contains(&("TimeZone".to_owned(), "Asia/Tokyo".to_owned())));

    let written = settings(&with("sslmode", json!("disable")), &variables);
    assert_eq!((written.servers[0].host.as_str(), written.servers[0].port), ("db", 5433));
    assert_eq!(written.servers[0].password.as_deref(), Some("s3cret"));
    assert_eq!(written.tls.mode, TlsMode::Disable);
}

#[test]
fn a_service_goes_before_variables_and_after_the_profile() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().to_str().unwrap();
    fs::write(
        folder.path().join(".pg_service.conf"),
        "# mine\n[other]\nhost=nowhere\n\n[shop]\nhost = rds\nport=6432\n# user=eve\npassword=a=b\nsslmode=require\n[last]\nuser=eve\n",
    )
    .unwrap();
    let variables =
        [("HOME", home), ("PGSERVICE", "shop"), ("PGHOST", "elsewhere"), ("PGUSER", "bob")];
    let read = settings(&json!({"schema": "main", "dbname": "shop"}), &variables);
    assert_eq!((read.servers[0].host.as_str(), read.servers[0].port), ("rds", 6432));
    assert_eq!(read.servers[0].password.as_deref(), Some("a=b"));
    assert_eq!((read.user.as_str(), read.tls.mode), ("bob", TlsMode::Require));
    let written = settings(&usual(), &variables);
    assert_eq!((written.servers[0].host.as_str(), written.user.as_str()), ("db", "ann"));

    let error = read_with(&usual(), &[("HOME", home), ("PGSERVICE", "none")]).unwrap_err();
    assert_eq!(error.message, "definition of service \"none\" not found");
}

#[test]
fn the_system_s_roots_want_full_verification() {
    let fields = with("sslrootcert", json!("system"));
    assert_eq!(settings(&fields, &[]).tls.mode, TlsMode::VerifyFull);
    assert!(read_with(&fields, &[("PGSSLMODE", "require")]).is_err());
}

#[cfg(unix)]
#[test]
fn the_password_file_is_searched_for_the_first_line_that_fits() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("passwords");
    fs::write(
        &file,
        "# comment\nother:*:*:*:no\ndb:5433:shop:bob:no\n*:*:shop:ann:a\\:b\\\\c:d\n*:*:*:*:last\n",
    )
    .unwrap();
    let path = file.to_str().unwrap();
    let password =
        |fields: &Value| settings(fields, &[("PGPASSFILE", path)]).servers[0].password.clone();
    let silent = with("pass", Value::Null);
    set_mode(&file, 0o644);
    assert_eq!(password(&silent), None, "others may read it");
    set_mode(&file, 0o600);
    assert_eq!(password(&silent).as_deref(), Some("a:b\\c:d"));
    assert_eq!(password(&usual()).as_deref(), Some("s3cret"));
}

#[cfg(unix)]
fn set_mode(path: &std::path::Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}
