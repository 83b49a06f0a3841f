//! Connections over TLS, to a server with certificates of `openssl`.

use std::fs;
use std::path::Path;
use std::process::Command;

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

use super::*;

/// An authority, a certificate for the server `localhost`, one for a client, and one of somebody else.
fn certificates() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let openssl = |arguments: &str| {
        let mut command = Command::new("openssl");
        let output =
            command.args(arguments.split_whitespace()).current_dir(folder.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let new = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
    openssl(&format!("{new} -subj /CN=authority -keyout authority.key -out authority.crt"));
    let signed =
        "-CA authority.crt -CAkey authority.key -addext basicConstraints=critical,CA:FALSE";
    openssl(&format!(
        "{new} {signed} -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout server.key -out server.crt"
    ));
    openssl(&format!("{new} {signed} -subj /CN=ada -keyout client.key -out client.crt"));
    openssl(&format!("{new} -subj /CN=stranger -keyout stranger.key -out stranger.crt"));
    folder
}

/// A server that answers one statement; with `authority`, only to clients whose certificate is signed by it.
fn server(folder: &Path, authority: Option<&str>) -> Played {
    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .unwrap();
    let builder = match authority {
        None => builder.with_no_client_auth(),
        Some(file) => {
            let mut roots = RootCertStore::empty();
            roots.add(CertificateDer::from_pem_file(folder.join(file)).unwrap()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider);
            builder.with_client_cert_verifier(verifier.build().unwrap())
        }
    };
    let chain = vec![CertificateDer::from_pem_file(folder.join("server.crt")).unwrap()];
    let key = PrivateKeyDer::from_pem_file(folder.join("server.key")).unwrap();
    let answer = Answer::page(&page("q", None, &json!({"updateType": "X"})));
    Played::protected(vec![answer; 3], builder.with_single_cert(chain, key).unwrap())
}

fn ask(played: &Played, fields: &Value) -> Result<Outcome, WarehouseError> {
    let mut all = json!({"http_scheme": "https", "retries": 1});
    for (name, value) in fields.as_object().unwrap() {
        all[name] = value.clone();
    }
    warehouse(&played.address, &all).connect("test")?.execute("x", RowLimit::None)
}

#[test]
fn passwords_and_tokens_go_to_a_server_that_is_known() {
    let folder = certificates();
    let path = |file: &str| folder.path().join(file).display().to_string();
    for (fields, header) in [
        (json!({"method": "ldap", "password": "sésame"}), "Basic YWRhOnPDqXNhbWU="),
        (json!({"method": "jwt", "jwt_token": "ey.x"}), "Bearer ey.x"),
    ] {
        for cert in [json!(path("authority.crt")), json!(false)] {
            let played = server(folder.path(), None);
            let mut fields = fields.clone();
            fields["cert"] = cert;
            ask(&played, &fields).unwrap();
            assert_eq!(played.requests()[0].header("authorization").as_deref(), Some(header));
        }
        // Nothing is told to a server that the profile does not trust.
        for cert in [json!(path("stranger.crt")), Value::Null] {
            let played = server(folder.path(), None);
            let mut fields = fields.clone();
            fields["cert"] = cert;
            let error = ask(&played, &fields).unwrap_err();
            assert_eq!(error.kind, WarehouseErrorKind::Configuration, "{}", error.message);
            assert!(error.message.contains("`cert` names a file"), "{}", error.message);
            assert!(played.requests().is_empty());
        }
    }
}

#[test]
fn a_client_is_known_by_its_certificate() {
    let folder = certificates();
    let path = |file: &str| folder.path().join(file).display().to_string();
    let fields = |name: &str| {
        json!({
            "method": "certificate", "cert": path("authority.crt"),
            "client_certificate": path(&format!("{name}.crt")), "client_private_key": path(&format!("{name}.key")),
        })
    };
    let played = server(folder.path(), Some("authority.crt"));
    ask(&played, &fields("client")).unwrap();
    assert_eq!(played.asked(), ["POST /v1/statement"]);
    assert_eq!(played.requests()[0].header("authorization"), None);

    for strange in [fields("stranger"), json!({"cert": path("authority.crt")})] {
        assert!(ask(&played, &strange).is_err());
    }
    assert_eq!(played.asked().len(), 1);

    fs::write(folder.path().join("client.key"), "nothing").unwrap();
    let fields = fields("client").as_object().unwrap().clone();
    let fields = fields.into_iter().chain([
        ("host".to_owned(), json!("localhost")),
        ("port".to_owned(), json!(1)),
        ("user".to_owned(), json!("ada")),
        ("database".to_owned(), json!("memory")),
        ("schema".to_owned(), json!("s")),
    ]);
    let credentials = TrinoFactory.read_profile(&fields.collect()).unwrap();
    let Err(error) = TrinoFactory.open(&credentials) else { panic!("there is no key") };
    assert_eq!(error.kind, WarehouseErrorKind::Configuration);
    assert!(error.message.contains("client.key, is no private key in PEM"), "{}", error.message);
}
