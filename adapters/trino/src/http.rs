//! Requests to a coordinator, made again where that is safe and may help.

use std::fs;
use std::io;
use std::thread;
use std::time::{Duration, Instant};

use adapter_interface::{WarehouseError, WarehouseErrorKind};
use indexmap::IndexMap;
use ureq::http::{HeaderMap, HeaderValue, Response};
use ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig};
use ureq::{Agent, Body, Timeout};

use crate::authentication::Authentication;
use crate::latin_text;
use crate::profile::{Settings, Verification};

/// How long to wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// How long to wait for an answer: a coordinator holds a request for a second at most when there is nothing to say.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(120);
/// The longest pause before a request is made again.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// How often a pause looks whether the answer is still wanted.
const GLANCE: Duration = Duration::from_millis(50);
/// For how long a page is asked for at least that does not come: the query goes on on the server, and a coordinator
/// that was away for a moment still has it.
const PAGE_PATIENCE: Duration = Duration::from_secs(30);

/// Makes requests; connections are shared by all threads.
#[derive(Debug, Clone)]
pub(crate) struct Http {
    agent: Agent,
    attempts: u32,
    /// For how long a page is asked for at least.
    pub(crate) page_patience: Duration,
    authorization: Option<String>,
    headers: IndexMap<String, String>,
}

/// An answer that was read to its end.
#[derive(Debug)]
pub(crate) struct Reply {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
enum Request<'a> {
    Get,
    Delete,
    Post(&'a str),
}

impl Http {
    /// Reads the certificates that the profile names; connects to nothing yet.
    pub(crate) fn new(settings: &Settings) -> Result<Self, WarehouseError> {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .tls_config(tls(settings)?)
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_recv_response(Some(ANSWER_TIMEOUT))
            .timeout_recv_body(Some(ANSWER_TIMEOUT))
            .max_idle_connections(64)
            .max_idle_connections_per_host(64)
            .user_agent(concat!("quern/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Self {
            agent: config.new_agent(),
            attempts: settings.attempts,
            page_patience: PAGE_PATIENCE,
            authorization: settings.authentication.header(),
            headers: settings.headers.clone(),
        })
    }

    /// Posts a statement. A statement whose answer was lost never ran: a coordinator begins with it when its first
    /// page is asked for.
    pub(crate) fn post(
        &self,
        uri: &str,
        headers: &[(&'static str, String)],
        statement: &str,
    ) -> Result<Reply, WarehouseError> {
        self.ask(uri, headers, Request::Post(statement), &|| false)
    }

    /// Fetches a page; a coordinator gives the same page again until the next is asked for. Whoever wants it no more is
    /// not made to wait.
    pub(crate) fn get(
        &self,
        uri: &str,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Result<Reply, WarehouseError> {
        self.ask(uri, &[], Request::Get, is_cancelled)
    }

    /// Gives up a page and what would follow.
    pub(crate) fn delete(&self, uri: &str) -> Result<Reply, WarehouseError> {
        self.ask(uri, &[], Request::Delete, &|| false)
    }

    fn ask(
        &self,
        uri: &str,
        headers: &[(&'static str, String)],
        request: Request<'_>,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Result<Reply, WarehouseError> {
        let headers = self.all_headers(headers)?;
        let start = Instant::now();
        let mut attempt = 1;
        loop {
            let result = self.ask_once(uri, &headers, request);
            let pause = match &result {
                Ok(reply) if matches!(reply.status, 429 | 502 | 503 | 504) => {
                    retry_after(&reply.headers).unwrap_or_else(|| pause(attempt))
                }
                Ok(reply) if reply.status == 200 && reply.body.is_empty() => pause(attempt),
                Err(failure) if passes_by_itself(failure) => pause(attempt),
                _ => return result.map_err(|failure| unreachable_server(uri, &failure)),
            };
            let mut pause = pause.min(LONGEST_PAUSE);
            if attempt >= self.attempts {
                let patience = match request {
                    Request::Get => self.page_patience,
                    Request::Post(_) | Request::Delete => Duration::ZERO,
                };
                pause = pause.min(patience.saturating_sub(start.elapsed()));
            }
            if pause.is_zero() || !sleep(pause, is_cancelled) {
                return result.map_err(|failure| unreachable_server(uri, &failure));
            }
            attempt = attempt.saturating_add(1);
        }
    }

    /// The headers of a request, those of the profile and the proof of identity among them.
    fn all_headers<'a>(
        &'a self,
        given: &'a [(&'static str, String)],
    ) -> Result<Vec<(&'a str, HeaderValue)>, WarehouseError> {
        let own = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let authorization = self.authorization.as_deref().map(|value| ("Authorization", value));
        let given = given.iter().map(|(name, value)| (*name, value.as_str()));
        given
            .chain(own)
            .chain(authorization)
            .map(|(name, value)| match latin_text::header_value(value) {
                Some(header) => Ok((name, header)),
                None => Err(WarehouseError::new(
                    WarehouseErrorKind::Configuration,
                    format!("the header `{name}` cannot be sent: letters beyond Latin-1 have no place in headers"),
                )),
            })
            .collect()
    }

    fn ask_once(
        &self,
        uri: &str,
        headers: &[(&str, HeaderValue)],
        request: Request<'_>,
    ) -> Result<Reply, ureq::Error> {
        let all = headers.iter();
        match request {
            Request::Get => read(
                all.fold(self.agent.get(uri), |request, (name, value)| {
                    request.header(*name, value)
                })
                .call()?,
            ),
            Request::Delete => read(
                all.fold(self.agent.delete(uri), |request, (name, value)| {
                    request.header(*name, value)
                })
                .call()?,
            ),
            Request::Post(statement) => {
                let request = self.agent.post(uri).content_type("text/plain; charset=utf-8");
                read(
                    all.fold(request, |request, (name, value)| request.header(*name, value))
                        .send(statement)?,
                )
            }
        }
    }

    /// Adds headers to those of the profile; the same name takes the new value.
    pub(crate) fn add_headers(&mut self, headers: IndexMap<String, String>) {
        self.headers.extend(headers);
    }

    /// Whether requests carry a proof of identity.
    pub(crate) fn is_authorized(&self) -> bool {
        self.authorization.is_some()
    }
}

fn read(response: Response<Body>) -> Result<Reply, ureq::Error> {
    let (parts, mut body) = response.into_parts();
    let body = body.with_config().limit(u64::MAX).read_to_vec()?;
    Ok(Reply { status: parts.status.as_u16(), headers: parts.headers, body })
}

/// Waits, in small pieces; false when nobody wants the answer any more.
fn sleep(pause: Duration, is_cancelled: &dyn Fn() -> bool) -> bool {
    let start = Instant::now();
    loop {
        if is_cancelled() {
            return false;
        }
        let rest = pause.saturating_sub(start.elapsed());
        if rest.is_zero() {
            return true;
        }
        thread::sleep(rest.min(GLANCE));
    }
}

/// 0.1, 0.2, 0.4… seconds.
fn pause(attempt: u32) -> Duration {
    Duration::from_millis(100).saturating_mul(2_u32.saturating_pow(attempt - 1))
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get("retry-after")?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// Whether the network, and not the request, is to blame.
fn passes_by_itself(failure: &ureq::Error) -> bool {
    match failure {
        ureq::Error::Io(failure) => !matches!(
            failure.kind(),
            // TLS libraries report a wrong certificate as data that is not valid.
            io::ErrorKind::InvalidData
                | io::ErrorKind::InvalidInput
                | io::ErrorKind::PermissionDenied
        ),
        ureq::Error::Timeout(_)
        | ureq::Error::ConnectionFailed
        | ureq::Error::HostNotFound
        | ureq::Error::Protocol(_)
        | ureq::Error::BodyStalled => true,
        _ => false,
    }
}

fn unreachable_server(uri: &str, failure: &ureq::Error) -> WarehouseError {
    let server = uri.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
    let reason = match failure {
        ureq::Error::HostNotFound => "there is no host of this name".to_owned(),
        ureq::Error::Timeout(_) => "no answer in time".to_owned(),
        ureq::Error::Io(failure) => match failure.kind() {
            io::ErrorKind::ConnectionRefused => "nothing listens there".to_owned(),
            // The system's own words differ, and there is no kind for it.
            _ if failure.to_string().contains("failed to lookup address") => {
                "there is no host of this name".to_owned()
            }
            io::ErrorKind::InvalidData if failure.to_string().contains("InvalidContentType") => {
                "it does not speak TLS".to_owned()
            }
            _ => failure.to_string(),
        },
        other => other.to_string(),
    };
    let is_certificate = reason.to_ascii_lowercase().contains("certificate");
    let is_plain = reason.contains("does not speak TLS");
    let hint = if is_plain {
        "; `http_scheme: http` asks without encryption, where `method` is `none`"
    } else if is_certificate {
        "; in the profile, `cert` names a file of trusted certificates, or is false to trust any"
    } else {
        ""
    };
    let kind = match failure {
        _ if is_certificate || is_plain => WarehouseErrorKind::Configuration,
        ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => {
            WarehouseErrorKind::Disconnected
        }
        ureq::Error::Timeout(_) => WarehouseErrorKind::Transient,
        _ => WarehouseErrorKind::Disconnected,
    };
    WarehouseError::new(kind, format!("cannot talk to Trino at {server}: {reason}{hint}"))
}

fn tls(settings: &Settings) -> Result<TlsConfig, WarehouseError> {
    let builder = TlsConfig::builder();
    if !settings.address.starts_with("https:") {
        return Ok(builder.build());
    }
    let builder = match &settings.verification {
        Verification::None => builder.disable_verification(true),
        Verification::System => {
            let found = rustls_native_certs::load_native_certs().certs;
            let found = found.iter().map(|found| Certificate::from_der(found).to_owned());
            let roots: Vec<_> = found.collect();
            // A system without certificates of its own: those that browsers trust.
            let roots = if roots.is_empty() { RootCerts::WebPki } else { RootCerts::from(roots) };
            builder.root_certs(roots)
        }
        Verification::File(path) => {
            builder.root_certs(RootCerts::from(certificates(path, "cert")?))
        }
    };
    let Authentication::Certificate { certificate, key } = &settings.authentication else {
        return Ok(builder.build());
    };
    let chain = certificates(certificate, "client_certificate")?;
    let key = PrivateKey::from_pem(&read_file(key, "client_private_key")?)
        .map_err(|_| wrong_file(key, "client_private_key", "is no private key in PEM"))?;
    Ok(builder.client_cert(Some(ClientCert::new_with_certs(&chain, key))).build())
}

fn certificates(
    path: &std::path::Path,
    field: &str,
) -> Result<Vec<Certificate<'static>>, WarehouseError> {
    let text = read_file(path, field)?;
    let found: Vec<_> = ureq::tls::parse_pem(&text)
        .filter_map(|item| match item {
            Ok(ureq::tls::PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if found.is_empty() {
        return Err(wrong_file(path, field, "contains no certificate in PEM"));
    }
    Ok(found)
}

fn read_file(path: &std::path::Path, field: &str) -> Result<Vec<u8>, WarehouseError> {
    fs::read(path).map_err(|failure| wrong_file(path, field, &format!("cannot be read: {failure}")))
}

fn wrong_file(path: &std::path::Path, field: &str, what: &str) -> WarehouseError {
    WarehouseError::new(
        WarehouseErrorKind::Configuration,
        format!("the file of `{field}`, {}, {what}", path.display()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_cannot_be_reached_is_not_one_that_is_slow() {
        let kind = |timeout| unreachable_server("http://a:1/", &ureq::Error::Timeout(timeout)).kind;
        assert_eq!(kind(Timeout::Connect), WarehouseErrorKind::Disconnected);
        assert_eq!(kind(Timeout::RecvResponse), WarehouseErrorKind::Transient);
    }
}
