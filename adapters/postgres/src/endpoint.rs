//! From a profile to an open session: which servers to try, with which protection, in libpq's order and words.

use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, ToSocketAddrs as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use adapter_interface::{WarehouseError, WarehouseErrorKind};
use bytes::BytesMut;
use postgres_protocol::message::frontend;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;

use crate::profile::{Server, Settings};
use crate::session::{CancelKey, Session};
use crate::stream::{Address, Patience, Stream};
use crate::tls::TlsMode;
use crate::{authentication, error};

/// How long a request to stop a statement may take.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(10);

/// The server that was reached, and how.
#[derive(Clone)]
pub(crate) struct Endpoint {
    address: Address,
    protection: Option<(Arc<ClientConfig>, ServerName<'static>)>,
}

impl Endpoint {
    /// Asks the server to stop what a session runs.
    pub(crate) fn cancel(&self, key: CancelKey) -> io::Result<()> {
        let patience = Patience { connect_timeout: Some(CANCEL_TIMEOUT), keepalives_idle: None };
        let mut stream = Stream::open(&self.address, patience)?;
        if let Some((config, name)) = &self.protection {
            stream = stream.protect(config, name.clone())?.0;
        }
        let mut request = BytesMut::new();
        frontend::cancel_request(key.process_id, key.secret_key, &mut request);
        stream.write_all(&request)?;
        stream.flush()?;
        // The server closes the stream when it has passed the request on.
        let _ = stream.read(&mut [0]);
        Ok(())
    }
}

/// Whether a connection is to be protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protection {
    Never,
    IfOffered,
    Always,
}

/// Why an attempt failed, and how far it came.
struct Failed {
    error: WarehouseError,
    /// The server was reached and may have another answer to another kind of connection.
    is_worth_the_other_way: bool,
}

/// Opens a session with the first server that takes it.
pub(crate) fn open(
    settings: &Settings,
    config: Option<&Arc<ClientConfig>>,
) -> Result<(Session, Endpoint), WarehouseError> {
    let mut errors: Vec<WarehouseError> = Vec::new();
    for server in &settings.servers {
        let addresses = match addresses(server) {
            Ok(addresses) => addresses,
            Err(error) => {
                errors.push(error);
                continue;
            }
        };
        for address in addresses {
            for protection in protections(settings.tls.mode, &address) {
                match attempt(settings, server, &address, (*protection, config)) {
                    Ok(opened) => return Ok(opened),
                    Err(failed) => {
                        let mut error = failed.error;
                        error.message = format!("{}{}", lead(server, &address), error.message);
                        errors.push(error);
                        if !failed.is_worth_the_other_way {
                            break;
                        }
                    }
                }
            }
        }
    }
    errors.dedup();
    let message = errors.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join("\n");
    Err(match errors.pop() {
        Some(last) => WarehouseError { message, ..last },
        None => WarehouseError::new(WarehouseErrorKind::Configuration, "no server is named"),
    })
}

/// The ways to try, in this order.
fn protections(mode: TlsMode, address: &Address) -> &'static [Protection] {
    match (mode, address) {
        // Sockets of this machine need none, whatever the mode.
        (_, Address::Local(_)) | (TlsMode::Disable, _) => &[Protection::Never],
        (TlsMode::Allow, _) => &[Protection::Never, Protection::Always],
        (TlsMode::Prefer, _) => &[Protection::IfOffered, Protection::Never],
        (TlsMode::Require | TlsMode::VerifyCa | TlsMode::VerifyFull, _) => &[Protection::Always],
    }
}

fn attempt(
    settings: &Settings,
    server: &Server,
    address: &Address,
    (protection, config): (Protection, Option<&Arc<ClientConfig>>),
) -> Result<(Session, Endpoint), Failed> {
    let final_failure = |error| Failed { error, is_worth_the_other_way: false };
    let patience = Patience {
        connect_timeout: settings.connect_timeout,
        keepalives_idle: settings.keepalives_idle,
    };
    let mut stream = Stream::open(address, patience)
        .map_err(|failure| final_failure(unreached(&failure, address)))?;
    let mut endpoint = Endpoint { address: address.clone(), protection: None };
    if let (Protection::IfOffered | Protection::Always, Some(config)) = (protection, config) {
        let name = ServerName::try_from(server.host.clone()).map_err(|failure| {
            let message = format!("`{}` is not the name of a server: {failure}", server.host);
            final_failure(WarehouseError::new(WarehouseErrorKind::Configuration, message))
        })?;
        let (protected, is_protected) =
            stream.protect(config, name.clone()).map_err(|failure| Failed {
                error: unprotected(&failure),
                is_worth_the_other_way: protection == Protection::IfOffered,
            })?;
        stream = protected;
        if is_protected {
            endpoint.protection = Some((config.clone(), name));
        } else if protection == Protection::Always {
            let message = "server does not support SSL, but SSL was required";
            return Err(final_failure(WarehouseError::new(
                WarehouseErrorKind::Configuration,
                message,
            )));
        }
    }
    let is_protected = endpoint.protection.is_some();
    let mut session = Session::new(stream);
    authentication::start(&mut session, settings, server.password.as_deref()).map_err(|error| {
        let has_other_way = match protection {
            Protection::Never => settings.tls.mode == TlsMode::Allow,
            Protection::IfOffered => is_protected,
            Protection::Always => false,
        };
        let is_refusal = error.kind == WarehouseErrorKind::Authentication;
        Failed { error, is_worth_the_other_way: has_other_way && is_refusal }
    })?;
    // Statements may take as long as they need.
    session
        .stream()
        .wait_at_most(None)
        .map_err(|failure| final_failure(error::from_stream(&failure)))?;
    Ok((session, endpoint))
}

/// The addresses of a server; a host that is a path is the folder of its socket.
fn addresses(server: &Server) -> Result<Vec<Address>, WarehouseError> {
    if server.host.starts_with('/') {
        let path = Path::new(&server.host).join(format!(".s.PGSQL.{}", server.port));
        return Ok(vec![Address::Local(path)]);
    }
    let found = (server.host.as_str(), server.port).to_socket_addrs().map_err(|failure| {
        let message =
            format!("could not translate host name \"{}\" to address: {failure}", server.host);
        WarehouseError::new(WarehouseErrorKind::Transient, message)
    })?;
    Ok(found.map(Address::Network).collect())
}

/// The start of a message about a server.
fn lead(server: &Server, address: &Address) -> String {
    match address {
        Address::Local(path) => {
            format!("connection to server on socket \"{}\" failed: ", path.display())
        }
        Address::Network(address) => {
            let shown = if server.host.parse::<IpAddr>().is_ok() {
                String::new()
            } else {
                format!(" ({})", address.ip())
            };
            let (host, port) = (&server.host, server.port);
            format!("connection to server at \"{host}\"{shown}, port {port} failed: ")
        }
    }
}

fn unreached(failure: &io::Error, address: &Address) -> WarehouseError {
    let mut error = error::from_stream(failure);
    error.kind = WarehouseErrorKind::Transient;
    let question = match (failure.kind(), address) {
        (io::ErrorKind::ConnectionRefused, Address::Network(_)) => {
            "Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?"
        }
        (io::ErrorKind::ConnectionRefused, Address::Local(_)) => {
            "Connection refused\n\tIs the server running locally and accepting connections on that socket?"
        }
        (io::ErrorKind::NotFound, Address::Local(_)) => {
            "No such file or directory\n\tIs the server running locally and accepting connections on that socket?"
        }
        _ => return error,
    };
    question.clone_into(&mut error.message);
    error
}

/// An error while protection was agreed on: most are about certificates, which waiting does not mend.
fn unprotected(failure: &io::Error) -> WarehouseError {
    let cause = failure.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>());
    match cause {
        Some(cause) => {
            WarehouseError::new(WarehouseErrorKind::Configuration, format!("SSL error: {cause}"))
        }
        None => error::from_stream(failure),
    }
}
