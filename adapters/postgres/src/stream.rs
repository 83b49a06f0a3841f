//! The way to a server: a socket, protected or not.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use postgres_protocol::message::frontend;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use socket2::{SockRef, TcpKeepalive};

/// Where a server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Address {
    /// A port.
    Network(SocketAddr),
    /// A socket of this machine.
    Local(PathBuf),
}

/// How long to wait, and how to keep alive.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Patience {
    /// For a server to answer while a session is opened.
    pub connect_timeout: Option<Duration>,
    /// Until a silent connection is probed.
    pub keepalives_idle: Option<Duration>,
}

/// An open way to a server.
pub(crate) enum Stream {
    Plain(TcpStream),
    #[cfg(unix)]
    Local(UnixStream),
    Protected(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Stream {
    /// Connects without protection.
    pub(crate) fn open(address: &Address, patience: Patience) -> io::Result<Self> {
        let stream = match address {
            Address::Network(address) => {
                let socket = match patience.connect_timeout {
                    Some(timeout) => TcpStream::connect_timeout(address, timeout)?,
                    None => TcpStream::connect(address)?,
                };
                socket.set_nodelay(true)?;
                let keepalive = match patience.keepalives_idle {
                    Some(idle) => TcpKeepalive::new().with_time(idle),
                    None => TcpKeepalive::new(),
                };
                SockRef::from(&socket).set_tcp_keepalive(&keepalive)?;
                Self::Plain(socket)
            }
            #[cfg(unix)]
            Address::Local(path) => Self::Local(UnixStream::connect(path)?),
            #[cfg(not(unix))]
            Address::Local(_) => return Err(io::ErrorKind::Unsupported.into()),
        };
        stream.wait_at_most(patience.connect_timeout)?;
        Ok(stream)
    }

    /// How long a single wait for the server may take.
    pub(crate) fn wait_at_most(&self, timeout: Option<Duration>) -> io::Result<()> {
        match self {
            Self::Plain(socket) => set_timeouts(socket, timeout),
            #[cfg(unix)]
            Self::Local(socket) => {
                socket.set_read_timeout(timeout)?;
                socket.set_write_timeout(timeout)
            }
            Self::Protected(stream) => set_timeouts(&stream.sock, timeout),
        }
    }

    /// Whether reading fails at once where nothing has come.
    pub(crate) fn wait_for_nothing(&self, waits_for_nothing: bool) -> io::Result<()> {
        match self {
            Self::Plain(socket) => socket.set_nonblocking(waits_for_nothing),
            #[cfg(unix)]
            Self::Local(socket) => socket.set_nonblocking(waits_for_nothing),
            Self::Protected(stream) => stream.sock.set_nonblocking(waits_for_nothing),
        }
    }

    /// Asks the server for protection: the stream and whether the server agreed.
    pub(crate) fn protect(
        mut self,
        config: &Arc<ClientConfig>,
        server_name: ServerName<'static>,
    ) -> io::Result<(Self, bool)> {
        let mut request = BytesMut::new();
        frontend::ssl_request(&mut request);
        self.write_all(&request)?;
        let mut answer = [0];
        self.read_exact(&mut answer)?;
        match (answer[0], self) {
            (b'S', Self::Plain(mut socket)) => {
                let mut connection =
                    ClientConnection::new(config.clone(), server_name).map_err(io::Error::other)?;
                while connection.is_handshaking() {
                    connection.complete_io(&mut socket)?;
                }
                Ok((Self::Protected(Box::new(StreamOwned::new(connection, socket))), true))
            }
            (b'N', stream) => Ok((stream, false)),
            _ => Err(io::Error::other("received invalid response to SSL negotiation")),
        }
    }
}

fn set_timeouts(socket: &TcpStream, timeout: Option<Duration>) -> io::Result<()> {
    socket.set_read_timeout(timeout)?;
    socket.set_write_timeout(timeout)
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.read(buffer),
            #[cfg(unix)]
            Self::Local(socket) => socket.read(buffer),
            Self::Protected(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.write(buffer),
            #[cfg(unix)]
            Self::Local(socket) => socket.write(buffer),
            Self::Protected(stream) => stream.write(buffer),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(socket) => socket.flush(),
            #[cfg(unix)]
            Self::Local(socket) => socket.flush(),
            Self::Protected(stream) => stream.flush(),
        }
    }
}
