//! Requests and answers over HTTP, with encryption by the certificates that the system trusts.

use std::time::Duration;

use serde_json::Value;
use ureq::http;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use crate::error::ApiError;

/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);

/// How long an answer may take where nothing else is said: longer than the service itself waits for a job.
pub(crate) const USUAL_TIMEOUT: Duration = Duration::from_secs(120);

/// The longest time that an answer may take, whatever a profile says: as long as a job of BigQuery at most.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(24 * 60 * 60);

/// Makes requests; clones share their connections.
#[derive(Debug, Clone)]
pub(crate) struct Http {
    agent: ureq::Agent,
}

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Request<'a> {
    pub method: http::Method,
    pub url: &'a str,
    pub headers: Vec<(&'static str, String)>,
    pub body: &'a [u8],
    pub timeout: Duration,
}

/// One answer, whatever its status.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub status: u16,
    /// Where an upload goes on.
    pub location: Option<String>,
    pub body: String,
}

impl Http {
    /// With the certificates of the system; with those of Mozilla where the system has none.
    pub(crate) fn new() -> Self {
        let native = rustls_native_certs::load_native_certs().certs;
        let roots = if native.is_empty() {
            RootCerts::WebPki
        } else {
            let certificates: Vec<Certificate<'static>> =
                native.iter().map(|der| Certificate::from_der(der).to_owned()).collect();
            RootCerts::new_with_certs(&certificates)
        };
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .user_agent(concat!("quern/", env!("CARGO_PKG_VERSION")))
            .max_idle_connections_per_host(64)
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .build();
        Self { agent: config.new_agent() }
    }

    /// Sends a request; an answer with an error status is an answer too.
    pub(crate) fn send(&self, request: &Request<'_>) -> Result<Answer, ApiError> {
        let url = without_query(request.url);
        let lost = |error: &dyn std::fmt::Display| {
            ApiError::without_answer(format!("no answer from {url}: {error}"))
        };
        let mut builder = http::Request::builder().method(request.method.clone()).uri(request.url);
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        let made = builder.body(request.body).map_err(|error| {
            ApiError::of_configuration(format!("`{url}` cannot be asked: {error}"))
        })?;
        let configured = self.agent.configure_request(made);
        let timeout = request.timeout.min(LONGEST_TIMEOUT);
        let configured = configured.timeout_global(Some(timeout)).build();
        let mut answer = self.agent.run(configured).map_err(|error| match error {
            ureq::Error::BadUri(_) | ureq::Error::Http(_) => {
                ApiError::of_configuration(format!("`{url}` cannot be asked: {error}"))
            }
            // What the library for TLS says of wrong certificates, and of servers that do not speak it.
            ureq::Error::Io(failure) if failure.kind() == std::io::ErrorKind::InvalidData => {
                ApiError::of_configuration(format!("`{url}` cannot be asked over TLS: {failure}"))
            }
            error if is_before_request(&error) => {
                ApiError::without_connection(format!("no answer from {url}: {error}"))
            }
            error => lost(&error),
        })?;
        let location = answer.headers().get("location").and_then(|value| value.to_str().ok());
        let location = location.map(str::to_owned);
        let body = answer.body_mut().with_config().limit(u64::MAX).read_to_string();
        let body = body.map_err(|error| lost(&error))?;
        Ok(Answer { status: answer.status().as_u16(), location, body })
    }

    /// Sends a form and reads JSON, as token endpoints want it.
    pub(crate) fn send_form(&self, url: &str, fields: &[(&str, &str)]) -> Result<Value, ApiError> {
        let fields: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        let answer = self.send(&Request {
            method: http::Method::POST,
            url,
            headers: vec![("content-type", "application/x-www-form-urlencoded".to_owned())],
            body: fields.join("&").as_bytes(),
            timeout: USUAL_TIMEOUT,
        })?;
        answer.json(url)
    }
}

impl Answer {
    /// The JSON of a good answer; an error for any other.
    pub(crate) fn json(&self, url: &str) -> Result<Value, ApiError> {
        if !(200..300).contains(&self.status) {
            return Err(ApiError::from_answer(self.status, without_query(url), &self.body));
        }
        if self.body.trim().is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&self.body)
            .map_err(|_| ApiError::from_answer(self.status, without_query(url), &self.body))
    }
}

/// Whether it happened before anything was sent.
fn is_before_request(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::HostNotFound
        | ureq::Error::ConnectionFailed
        | ureq::Error::Timeout(ureq::Timeout::Resolve | ureq::Timeout::Connect) => true,
        ureq::Error::Io(failure) => failure.kind() == std::io::ErrorKind::ConnectionRefused,
        _ => false,
    }
}

fn without_query(url: &str) -> &str {
    url.split('?').next().unwrap_or(url)
}

/// Text made fit for a URL or a form.
pub(crate) fn escaped(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::with_capacity(text.len()), |mut escaped, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
        escaped
    })
}
