//! The start of a session: who we are, and the proof of it.

use std::io;

use adapter_interface::{WarehouseError, WarehouseErrorKind};
use bytes::BytesMut;
use fallible_iterator::FallibleIterator;
use postgres_protocol::authentication::md5_hash;
use postgres_protocol::authentication::sasl::{ChannelBinding, SCRAM_SHA_256, ScramSha256};
use postgres_protocol::message::backend::{AuthenticationSaslBody, Message};
use postgres_protocol::message::frontend;

use crate::error;
use crate::profile::Settings;
use crate::session::{CancelKey, Session};

/// Opens the session with the server that the stream leads to.
pub(crate) fn start(
    session: &mut Session,
    settings: &Settings,
    password: Option<&str>,
) -> Result<(), WarehouseError> {
    let own = [("user", settings.user.as_str()), ("database", settings.database.as_str())];
    let given = settings.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    send(session, |request| frontend::startup_message(own.into_iter().chain(given), request))?;
    let known = || password.ok_or_else(|| refused("fe_sendauth: no password supplied"));
    loop {
        match receive(session)? {
            Message::AuthenticationCleartextPassword => {
                let password = known()?;
                send(session, |request| frontend::password_message(password.as_bytes(), request))?;
            }
            Message::AuthenticationMd5Password(body) => {
                let hash = md5_hash(settings.user.as_bytes(), known()?.as_bytes(), body.salt());
                send(session, |request| frontend::password_message(hash.as_bytes(), request))?;
            }
            Message::AuthenticationSasl(body) => prove(session, &body, known()?)?,
            Message::AuthenticationOk => {}
            Message::BackendKeyData(body) => {
                session.cancel_key = Some(CancelKey {
                    process_id: body.process_id(),
                    secret_key: body.secret_key(),
                });
            }
            Message::ReadyForQuery(_) => return Ok(()),
            Message::ErrorResponse(body) => return Err(error::from_refusal(&body)),
            Message::AuthenticationGss
            | Message::AuthenticationSspi
            | Message::AuthenticationKerberosV5 => {
                return Err(refused(
                    "the server asks for Kerberos, which is not supported: use a password or a certificate",
                ));
            }
            _ => return Err(refused("the server asks for an unknown kind of authentication")),
        }
    }
}

/// Proves to know the password without telling it, and has the server prove the same (RFC 5802).
fn prove(
    session: &mut Session,
    body: &AuthenticationSaslBody,
    password: &str,
) -> Result<(), WarehouseError> {
    let failed = |failure: &io::Error| refused(&format!("SCRAM authentication failed: {failure}"));
    let mut mechanisms = body.mechanisms();
    let mut is_offered = false;
    while let Some(mechanism) = mechanisms.next().map_err(|failure| failed(&failure))? {
        is_offered |= mechanism == SCRAM_SHA_256;
    }
    if !is_offered {
        return Err(refused("none of the server's SASL authentication mechanisms are supported"));
    }
    let mut exchange = ScramSha256::new(password.as_bytes(), ChannelBinding::unsupported());
    let first = exchange.message().to_vec();
    send(session, |request| frontend::sasl_initial_response(SCRAM_SHA_256, &first, request))?;
    match receive(session)? {
        Message::AuthenticationSaslContinue(body) => {
            exchange.update(body.data()).map_err(|failure| failed(&failure))?;
        }
        Message::ErrorResponse(body) => return Err(error::from_refusal(&body)),
        _ => return Err(refused("SCRAM authentication was left by the server")),
    }
    let second = exchange.message().to_vec();
    send(session, |request| frontend::sasl_response(&second, request))?;
    match receive(session)? {
        Message::AuthenticationSaslFinal(body) => {
            exchange.finish(body.data()).map_err(|failure| failed(&failure))
        }
        Message::ErrorResponse(body) => Err(error::from_refusal(&body)),
        _ => Err(refused("SCRAM authentication was left by the server")),
    }
}

fn send(
    session: &mut Session,
    encode: impl FnOnce(&mut BytesMut) -> io::Result<()>,
) -> Result<(), WarehouseError> {
    let mut request = BytesMut::new();
    encode(&mut request)
        .and_then(|()| session.send(&request))
        .map_err(|failure| error::from_stream(&failure))
}

fn receive(session: &mut Session) -> Result<Message, WarehouseError> {
    session.receive().map_err(|failure| error::from_stream(&failure))
}

fn refused(message: &str) -> WarehouseError {
    WarehouseError::new(WarehouseErrorKind::Authentication, message)
}
