//! One session in the words of the wire protocol, version 3: statements out, results and errors in.
//!
//! Statements go by the simple protocol, as psycopg2 sends them: several in one text, values as text, with
//! their types and sizes beside them.

use std::io::{self, Read as _, Write as _};

use adapter_interface::{RowLimit, WarehouseError, WarehouseErrorKind};
use bytes::BytesMut;
use fallible_iterator::FallibleIterator;
use postgres_protocol::message::backend::{DataRowBody, Message, RowDescriptionBody};
use postgres_protocol::message::frontend;

use crate::error;
use crate::stream::Stream;

/// How many notices of one statement are kept: a loop on the server may raise any number.
const MOST_NOTICES: usize = 100;

/// A column of a result as the server describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ColumnDescription {
    pub name: String,
    /// The type's number in `pg_type`.
    pub type_oid: u32,
    /// The type's size in the server's own notation; below zero for none.
    pub type_modifier: i32,
}

/// What the last statement of a text gave.
#[derive(Default)]
pub(crate) struct StatementResult {
    /// The server's words for what it did, such as `INSERT 0 3`; `None` where there was no statement.
    pub tag: Option<String>,
    pub columns: Vec<ColumnDescription>,
    pub rows: Vec<DataRowBody>,
}

/// What the server says of the transaction whenever it is ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TransactionStatus {
    /// None is open.
    Idle,
    /// One is open.
    Open,
    /// One is open in which a statement failed: it can only be undone.
    Failed,
}

/// The numbers by which another connection can ask to stop what this one runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CancelKey {
    pub process_id: i32,
    pub secret_key: i32,
}

/// An open session.
pub(crate) struct Session {
    stream: Stream,
    incoming: BytesMut,
    /// Where what comes is read into.
    chunk: Box<[u8]>,
    status: TransactionStatus,
    /// A transaction is to begin with the next statement; the server does not know of it yet.
    owes_begin: bool,
    pub(crate) cancel_key: Option<CancelKey>,
    /// What the server said beside its answers, since it was last asked for.
    pub(crate) notices: Vec<String>,
    is_open: bool,
}

impl Session {
    /// A session over a stream; the server knows nothing of it yet.
    pub(crate) fn new(stream: Stream) -> Self {
        Self {
            stream,
            incoming: BytesMut::new(),
            chunk: vec![0; 16 * 1024].into_boxed_slice(),
            status: TransactionStatus::Idle,
            owes_begin: false,
            cancel_key: None,
            notices: Vec::new(),
            is_open: true,
        }
    }

    /// Whether the server is still there, as far as is known.
    pub(crate) fn is_open(&self) -> bool {
        self.is_open
    }

    /// Whether the server is still there; looks at what came while nothing was asked, and waits for nothing.
    pub(crate) fn is_alive(&mut self) -> bool {
        if !self.is_open || self.stream.wait_for_nothing(true).is_err() {
            return false;
        }
        let end = loop {
            if let Err(failure) = self.read_more() {
                break failure;
            }
        };
        self.is_open =
            end.kind() == io::ErrorKind::WouldBlock && self.stream.wait_for_nothing(false).is_ok();
        while self.is_open {
            match Message::parse(&mut self.incoming) {
                // A server that ends a session says so as an error, to nobody's question.
                Ok(Some(message)) => self.is_open = self.beside(message).is_none(),
                Ok(None) => break,
                Err(_) => self.is_open = false,
            }
        }
        self.is_open
    }

    /// Begins a transaction. The server is told with the first statement in it, in one message: a way there and back
    /// takes as long as many a statement.
    pub(crate) fn begin(&mut self) {
        self.owes_begin = true;
    }

    /// Where the transaction stands that the next statement joins.
    pub(crate) fn status(&self) -> TransactionStatus {
        if self.owes_begin { TransactionStatus::Open } else { self.status }
    }

    /// Ends the transaction with `commit` or `rollback`; what the server did.
    pub(crate) fn end(&mut self, how: &str) -> Result<Option<String>, WarehouseError> {
        if std::mem::take(&mut self.owes_begin) {
            return Ok(None);
        }
        self.query(how, RowLimit::None).map(|result| result.tag)
    }

    /// The stream below.
    pub(crate) fn stream(&self) -> &Stream {
        &self.stream
    }

    /// Runs the statements of a text; the result is that of the last, as far as it is asked for.
    pub(crate) fn query(
        &mut self,
        sql: &str,
        limit: RowLimit,
    ) -> Result<StatementResult, WarehouseError> {
        let mut request = BytesMut::new();
        frontend::query(sql, &mut request).map_err(|failure| not_sendable(&failure))?;
        self.converse(&request, sql, limit, &mut None)
    }

    /// Runs a `copy … from stdin` and sends the text of the rows after it.
    pub(crate) fn copy_in(
        &mut self,
        sql: &str,
        chunks: &mut dyn Iterator<Item = Result<Vec<u8>, String>>,
    ) -> Result<StatementResult, WarehouseError> {
        let mut request = BytesMut::new();
        frontend::query(sql, &mut request).map_err(|failure| not_sendable(&failure))?;
        self.converse(&request, sql, RowLimit::None, &mut Some(chunks))
    }

    /// The columns that a single statement would give, without running it.
    pub(crate) fn describe(&mut self, sql: &str) -> Result<StatementResult, WarehouseError> {
        let mut request = BytesMut::new();
        frontend::parse("", sql, [], &mut request)
            .and_then(|()| frontend::describe(b'S', "", &mut request))
            .map_err(|failure| not_sendable(&failure))?;
        frontend::sync(&mut request);
        self.converse(&request, sql, RowLimit::None, &mut None)
    }

    /// Sends a request and reads until the server is ready for the next one.
    fn converse(
        &mut self,
        request: &[u8],
        sql: &str,
        limit: RowLimit,
        chunks: &mut Option<&mut dyn Iterator<Item = Result<Vec<u8>, String>>>,
    ) -> Result<StatementResult, WarehouseError> {
        if !self.is_open {
            let message = "connection already closed";
            return Err(WarehouseError::new(WarehouseErrorKind::Disconnected, message));
        }
        let begins = std::mem::take(&mut self.owes_begin);
        // Where nothing can be sent any more, what the server said last tells why.
        let mut unsent = if begins {
            let mut together = BytesMut::new();
            frontend::query("begin", &mut together).map_err(|failure| not_sendable(&failure))?;
            together.extend_from_slice(request);
            self.send(&together).err()
        } else {
            self.send(request).err()
        };
        if !begins {
            return self.answer(sql, limit, chunks, &mut unsent);
        }
        let begun = self.answer("begin", RowLimit::None, &mut None, &mut unsent);
        if !self.is_open {
            return begun;
        }
        let done = self.answer(sql, limit, chunks, &mut unsent);
        begun.and(done)
    }

    /// Reads what the server says of one request, until it is ready for the next.
    fn answer(
        &mut self,
        sql: &str,
        limit: RowLimit,
        chunks: &mut Option<&mut dyn Iterator<Item = Result<Vec<u8>, String>>>,
        unsent: &mut Option<io::Error>,
    ) -> Result<StatementResult, WarehouseError> {
        let most = limit.most();
        let (mut current, mut last) = (StatementResult::default(), None);
        let mut failure: Option<WarehouseError> = None;
        loop {
            let message = match self.receive() {
                Ok(message) => message,
                Err(broken) => {
                    self.is_open = false;
                    // Also after a timeout: whether the server did what it was asked for, nobody knows.
                    let broken = WarehouseError {
                        kind: WarehouseErrorKind::Disconnected,
                        ..error::from_stream(&unsent.take().unwrap_or(broken))
                    };
                    return Err(failure.map_or(broken.clone(), |error| WarehouseError {
                        kind: WarehouseErrorKind::Disconnected,
                        message: format!("{}\n{}", error.message, broken.message),
                        ..error
                    }));
                }
            };
            match message {
                Message::RowDescription(body) => {
                    current.columns = columns(&body).map_err(|failure| self.broken(&failure))?;
                }
                Message::DataRow(body) if current.rows.len() < most => current.rows.push(body),
                Message::CommandComplete(body) => {
                    current.tag = body.tag().ok().map(str::to_owned);
                    last = Some(std::mem::take(&mut current));
                }
                Message::CopyInResponse(_) => self.send_rows(chunks),
                Message::CopyOutResponse(_) => {
                    failure.get_or_insert_with(|| not_here("copy … to stdout"));
                }
                Message::ErrorResponse(body) => {
                    let error = error::from_server(&body, sql);
                    failure.get_or_insert(error);
                }
                Message::ReadyForQuery(body) => {
                    self.status = match body.status() {
                        b'T' => TransactionStatus::Open,
                        b'E' => TransactionStatus::Failed,
                        _ => TransactionStatus::Idle,
                    };
                    return match failure {
                        Some(error) => Err(error),
                        None => Ok(last.unwrap_or(current)),
                    };
                }
                _ => {}
            }
        }
    }

    /// Answers the server's wish for rows. What goes wrong is told by the server's next message.
    fn send_rows(
        &mut self,
        chunks: &mut Option<&mut dyn Iterator<Item = Result<Vec<u8>, String>>>,
    ) {
        let mut request = BytesMut::new();
        let Some(chunks) = chunks.take() else {
            let reason = "there are no rows to read: use a seed";
            if frontend::copy_fail(reason, &mut request).is_ok() {
                let _ = self.send(&request);
            }
            return;
        };
        for chunk in chunks {
            request.clear();
            let data = chunk.and_then(|chunk| {
                let data = frontend::CopyData::new(chunk.as_slice());
                data.map(|data| data.write(&mut request)).map_err(|failure| failure.to_string())
            });
            if let Err(reason) = data {
                // The server gives up what it has and says why.
                if frontend::copy_fail(&reason, &mut request).is_ok() {
                    let _ = self.send(&request);
                }
                return;
            }
            if self.send(&request).is_err() {
                return;
            }
        }
        request.clear();
        frontend::copy_done(&mut request);
        let _ = self.send(&request);
    }

    /// Sends what is encoded.
    pub(crate) fn send(&mut self, request: &[u8]) -> io::Result<()> {
        self.stream.write_all(request)?;
        self.stream.flush()
    }

    /// The next message that is an answer.
    pub(crate) fn receive(&mut self) -> io::Result<Message> {
        loop {
            match Message::parse(&mut self.incoming)? {
                Some(message) => {
                    if let Some(answer) = self.beside(message) {
                        return Ok(answer);
                    }
                }
                None => self.read_more()?,
            }
        }
    }

    /// Takes in what may come at any time and is no answer: notices are kept, settings passed over.
    fn beside(&mut self, message: Message) -> Option<Message> {
        match message {
            Message::NoticeResponse(body) => {
                if self.notices.len() < MOST_NOTICES {
                    self.notices.extend(error::notice(&body));
                }
                None
            }
            Message::ParameterStatus(_) | Message::NotificationResponse(_) => None,
            answer => Some(answer),
        }
    }

    fn read_more(&mut self) -> io::Result<()> {
        let length = loop {
            match self.stream.read(&mut self.chunk) {
                Err(failure) if failure.kind() == io::ErrorKind::Interrupted => {}
                result => break result?,
            }
        };
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.incoming.extend_from_slice(&self.chunk[..length]);
        Ok(())
    }

    /// Something came that cannot be understood: nothing after it can be, either.
    fn broken(&mut self, failure: &io::Error) -> WarehouseError {
        self.is_open = false;
        error::from_stream(failure)
    }
}

impl Drop for Session {
    /// Takes leave, so that the server need not wonder.
    fn drop(&mut self) {
        if self.is_open {
            let mut request = BytesMut::new();
            frontend::terminate(&mut request);
            let _ = self.send(&request);
        }
    }
}

fn columns(body: &RowDescriptionBody) -> io::Result<Vec<ColumnDescription>> {
    body.fields()
        .map(|field| {
            Ok(ColumnDescription {
                name: field.name().to_owned(),
                type_oid: field.type_oid(),
                type_modifier: field.type_modifier(),
            })
        })
        .collect()
}

/// A text with a zero byte in it.
fn not_sendable(failure: &io::Error) -> WarehouseError {
    WarehouseError::new(
        WarehouseErrorKind::Sql,
        format!("the statement cannot be sent to PostgreSQL: {failure}"),
    )
}

fn not_here(what: &str) -> WarehouseError {
    WarehouseError::new(WarehouseErrorKind::Sql, format!("`{what}` cannot be used here"))
}
