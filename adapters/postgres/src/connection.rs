//! Sessions with a database: one for each worker.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use adapter_interface::{
    Canceller, Column, Connection, Datum, Outcome, Response, RowLimit, Rows, SeedStream, Warehouse,
    WarehouseError, WarehouseErrorKind,
};
use rustls::ClientConfig;

use crate::catalog::TypeNames;
use crate::endpoint::{self, Endpoint};
use crate::profile::Settings;
use crate::session::{CancelKey, Session, StatementResult, TransactionStatus};
use crate::{password_command, seed, statements, tls, types, values};

/// A database of a server, connected to when a session is wanted.
pub(crate) struct PostgresWarehouse {
    settings: Settings,
    tls: Option<Arc<ClientConfig>>,
    /// What the password command said last; such passwords serve for a while.
    said: Mutex<Option<Settings>>,
}

impl PostgresWarehouse {
    /// Reads the certificates that the profile names; connects to nothing yet.
    pub(crate) fn open(settings: &Settings) -> Result<Self, WarehouseError> {
        let tls = tls::configure(&settings.tls)?;
        Ok(Self { settings: settings.clone(), tls, said: Mutex::default() })
    }

    /// Opens a session, with a password that is asked for where a command says it: again when it has run out.
    fn open_session(&self) -> Result<(Session, Endpoint), WarehouseError> {
        let Some(command) = &self.settings.password_command else {
            return endpoint::open(&self.settings, self.tls.as_ref());
        };
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(settings) = &*said {
            match endpoint::open(settings, self.tls.as_ref()) {
                Err(error) if error.kind == WarehouseErrorKind::Authentication => {}
                result => return result,
            }
        }
        let settings = said.insert(password_command::settle(&self.settings, command)?);
        endpoint::open(settings, self.tls.as_ref())
    }

    /// Connects, and tries again as often as the profile says, waiting 0, 1, 4, 9… seconds as dbt-postgres does.
    fn connect_patiently(&self) -> Result<(Session, Endpoint), WarehouseError> {
        let mut attempt = 0;
        loop {
            let result = self.open_session();
            let passes_by_itself = result.as_ref().is_err_and(|error| {
                matches!(
                    error.kind,
                    WarehouseErrorKind::Transient | WarehouseErrorKind::Disconnected
                )
            });
            if !passes_by_itself || attempt >= self.settings.retries {
                return result;
            }
            thread::sleep(Duration::from_secs(u64::from(attempt).pow(2)));
            attempt += 1;
        }
    }
}

impl Warehouse for PostgresWarehouse {
    fn node_retries(&self) -> u32 {
        self.settings.retries
    }

    fn connect(&self, _name: &str) -> Result<Box<dyn Connection>, WarehouseError> {
        let (mut session, endpoint) = self.connect_patiently()?;
        if let Some(role) = &self.settings.role {
            session.query(&format!("set role {role}"), RowLimit::None).map_err(|error| {
                let message = format!("the role `{role}` cannot be taken on: {}", error.message);
                // The statement is the profile's.
                let kind = match error.kind {
                    WarehouseErrorKind::Sql => WarehouseErrorKind::Configuration,
                    kind => kind,
                };
                WarehouseError { kind, message, position: None, ..error }
            })?;
        }
        Ok(Box::new(PostgresConnection {
            session,
            endpoint,
            type_names: TypeNames::default(),
            has_transactions: self.settings.has_transactions,
            copies_rows: self.settings.copies_rows,
        }))
    }
}

/// One session.
struct PostgresConnection {
    session: Session,
    endpoint: Endpoint,
    type_names: TypeNames,
    has_transactions: bool,
    copies_rows: bool,
}

impl Connection for PostgresConnection {
    fn execute(&mut self, sql: &str, limit: RowLimit) -> Result<Outcome, WarehouseError> {
        if statements::is_empty(sql) {
            let response = Response { message: "OK".to_owned(), ..Response::default() };
            return Ok(Outcome { response, rows: Rows::default() });
        }
        let result = self.session.query(sql, limit)?;
        let response = response(result.tag.as_deref().unwrap_or("OK"));
        let rows = match limit {
            RowLimit::None => Rows::default(),
            _ => self.rows(&result)?,
        };
        Ok(Outcome { response, rows })
    }

    fn begin(&mut self) -> Result<(), WarehouseError> {
        if self.is_in_transaction() || !self.has_transactions {
            return Ok(());
        }
        self.session.begin();
        Ok(())
    }

    fn commit(&mut self) -> Result<(), WarehouseError> {
        if !self.is_in_transaction() {
            return Ok(());
        }
        // The server takes `commit` after a failure for `rollback`, without a word of complaint.
        if self.session.end("commit")?.as_deref() == Some("ROLLBACK") {
            return Err(WarehouseError::new(
                WarehouseErrorKind::Sql,
                "the transaction was undone instead of kept, because a statement in it had failed",
            ));
        }
        Ok(())
    }

    fn rollback(&mut self) -> Result<(), WarehouseError> {
        if !self.is_in_transaction() {
            return Ok(());
        }
        self.session.end("rollback").map(drop)
    }

    /// As the server sees it: a `commit;` in a hook counts. With the session, its transaction is gone.
    fn is_in_transaction(&self) -> bool {
        self.session.is_open() && self.session.status() != TransactionStatus::Idle
    }

    fn is_open(&mut self) -> bool {
        self.session.is_alive()
    }

    fn take_notices(&mut self) -> Vec<String> {
        std::mem::take(&mut self.session.notices)
    }

    fn canceller(&self) -> Arc<dyn Canceller> {
        Arc::new(PostgresCanceller {
            endpoint: self.endpoint.clone(),
            key: self.session.cancel_key,
        })
    }

    /// By the type names of psycopg2, which is what dbt compares with a contract: sizes are not among them.
    fn describe_query(&mut self, sql: &str) -> Result<Vec<Column>, WarehouseError> {
        // Only a single statement can be described without running it.
        let result = if statements::is_single(sql) {
            self.session.describe(sql)?
        } else {
            self.session.query(sql, RowLimit::None)?
        };
        let names = self.type_names.of(&mut self.session, &result.columns)?;
        let columns = result.columns.into_iter().zip(names).map(|(column, name)| {
            let coarse = types::driver_name(column.type_oid).map(str::to_owned);
            Column::new(column.name, coarse.unwrap_or(name))
        });
        Ok(columns.collect())
    }

    fn stream_seed(&mut self, mut seed: SeedStream<'_>) -> Option<Result<Outcome, WarehouseError>> {
        if !self.copies_rows {
            return None;
        }
        Some(seed::copy(&mut self.session, &mut seed).map(|result| Outcome {
            response: response(result.tag.as_deref().unwrap_or("OK")),
            rows: Rows::default(),
        }))
    }
}

impl PostgresConnection {
    fn rows(&mut self, result: &StatementResult) -> Result<Rows, WarehouseError> {
        let types = self.type_names.of(&mut self.session, &result.columns)?;
        let shapes: Vec<_> =
            result.columns.iter().map(|column| types::shape(column.type_oid)).collect();
        let row = |body| -> Result<Vec<Datum>, WarehouseError> {
            let cells = values::cells(body)?.into_iter().zip(&shapes);
            let datum = |(cell, shape): (Option<&[u8]>, &types::ValueShape)| {
                cell.map_or(Datum::Null, |bytes| {
                    values::datum(&String::from_utf8_lossy(bytes), *shape)
                })
            };
            Ok(cells.map(datum).collect())
        };
        Ok(Rows {
            columns: result.columns.iter().map(|column| column.name.clone()).collect(),
            types,
            rows: result.rows.iter().map(row).collect::<Result<_, _>>()?,
        })
    }
}

/// What the server says of a statement, as dbt-postgres' `get_response` takes it apart: the code is the words
/// without the numbers; the count is -1 where rows do not count.
fn response(tag: &str) -> Response {
    let words: Vec<&str> = tag.split_whitespace().collect();
    let is_number = |word: &&str| word.chars().all(|character| character.is_ascii_digit());
    let code = words.iter().copied().filter(|word| !is_number(word)).collect::<Vec<_>>().join(" ");
    let count = words.last().filter(|word| is_number(word)).and_then(|word| word.parse().ok());
    Response {
        message: tag.to_owned(),
        code: Some(code),
        rows_affected: Some(count.unwrap_or(-1)),
        ..Response::default()
    }
}

/// Stops what one session runs.
struct PostgresCanceller {
    endpoint: Endpoint,
    key: Option<CancelKey>,
}

impl Canceller for PostgresCanceller {
    fn cancel(&self) {
        if let Some(key) = self.key {
            // A server that cannot be reached has nothing to stop.
            let _ = self.endpoint.cancel(key);
        }
    }
}

// The server of these tests is started as only Unix can.
#[cfg(test)]
#[cfg(unix)]
mod tests;
