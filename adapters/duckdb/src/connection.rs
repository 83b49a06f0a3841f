//! Sessions with a database: one engine in this process, a cheap connection of it for each worker.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use adapter_interface::{
    Canceller, Column, Connection, Datum, MacroValue, MethodCall, Outcome, PythonModel, Response,
    RowLimit, Rows, SeedStream, Warehouse, WarehouseError, WarehouseErrorKind,
};
use duckdb::InterruptHandle;
use duckdb::core::LogicalTypeId;

use crate::profile::{Extension, Preparation, Retries, Settings, scrubbed};
use crate::python::{self, Exchange, PythonSettings, RunningPython};
use crate::statements::{self, TransactionEffect};
use crate::written_file::WrittenFile;
use crate::{error, library, seed, types, values};

/// A database, opened once by this process.
pub(crate) struct DuckDbWarehouse {
    /// The connection of which the others are made; also what keeps a database in memory alive.
    primary: Mutex<duckdb::Connection>,
    session_preparations: Vec<Preparation>,
    secrets: Vec<String>,
    has_transactions: bool,
    retries: Option<Retries>,
    python: PythonSettings,
}

impl DuckDbWarehouse {
    /// Opens the database and does once what the profile asks for: extensions, secrets, attached databases.
    pub(crate) fn open(settings: &Settings) -> Result<Self, WarehouseError> {
        let attempts = settings.retries.as_ref().map_or(1, |retries| retries.connect_attempts);
        let primary = retry(attempts, settings.retries.as_ref(), || open_database(settings))?;
        for extension in &settings.extensions {
            load_extension(&primary, extension)?;
        }
        for preparation in &settings.database_preparations {
            prepare(&primary, preparation, &settings.secrets)?;
        }
        Ok(Self {
            primary: Mutex::new(primary),
            session_preparations: settings.session_preparations.clone(),
            secrets: settings.secrets.clone(),
            has_transactions: settings.has_transactions,
            retries: settings.retries.clone(),
            python: settings.python.clone(),
        })
    }
}

/// Does what the profile asks for. Its statements hold credentials, of which DuckDB's messages show pieces.
fn prepare(
    connection: &duckdb::Connection,
    preparation: &Preparation,
    secrets: &[String],
) -> Result<(), WarehouseError> {
    connection.execute_batch(&preparation.sql).map_err(|failure| {
        let mut error = error::from_opening(&failure);
        let message = scrubbed(error::without_excerpt(&error.message), secrets);
        error.message = format!("cannot {}: {message}", preparation.purpose);
        error
    })
}

/// Loads an extension, and fetches it only where it neither is a part of the library nor lies on the machine already.
/// Where a repository is named, DuckDB checks that what is there came from it.
fn load_extension(
    primary: &duckdb::Connection,
    extension: &Extension,
) -> Result<(), WarehouseError> {
    if extension.repository.is_none() && primary.execute_batch(&extension.load()).is_ok() {
        return Ok(());
    }
    primary
        .execute_batch(&extension.install())
        .and_then(|()| primary.execute_batch(&extension.load()))
        .map_err(|failure| error::from_opening(&failure))
}

fn open_database(settings: &Settings) -> Result<duckdb::Connection, WarehouseError> {
    library::load()?;
    let open = || {
        let config = settings
            .config_options
            .iter()
            .try_fold(duckdb::Config::default(), |config, (name, value)| {
                config.with(name, value)
            })?;
        match settings.path.as_str() {
            ":memory:" => duckdb::Connection::open_in_memory_with_flags(config),
            path => duckdb::Connection::open_with_flags(path, config),
        }
    };
    open().map_err(|failure| error::from_opening(&failure))
}

impl Warehouse for DuckDbWarehouse {
    fn connect(&self, _name: &str) -> Result<Box<dyn Connection>, WarehouseError> {
        let primary = self.primary.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = primary.try_clone().map_err(|failure| error::from_opening(&failure))?;
        drop(primary);
        for preparation in &self.session_preparations {
            prepare(&connection, preparation, &self.secrets)?;
        }
        Ok(Box::new(DuckDbConnection {
            connection,
            is_in_transaction: false,
            has_transactions: self.has_transactions,
            retries: self.retries.clone(),
            python: self.python.clone(),
            running: Arc::default(),
            exchanges: Vec::new(),
            written_files: Vec::new(),
            notices: Vec::new(),
        }))
    }
}

/// One session.
struct DuckDbConnection {
    connection: duckdb::Connection,
    is_in_transaction: bool,
    has_transactions: bool,
    retries: Option<Retries>,
    python: PythonSettings,
    running: Arc<RunningPython>,
    /// What models in Python gave within the open transaction, which still reads it.
    exchanges: Vec<Exchange>,
    /// The files that the open transaction writes.
    written_files: Vec<WrittenFile>,
    notices: Vec<String>,
}

impl Connection for DuckDbConnection {
    fn execute(&mut self, sql: &str, limit: RowLimit) -> Result<Outcome, WarehouseError> {
        let response = Response { message: "OK".to_owned(), ..Response::default() };
        let mut rows = Rows::default();
        let pieces = statements::pieces(sql);
        for (index, piece) in pieces.iter().enumerate() {
            let limit = if index + 1 == pieces.len() { limit } else { RowLimit::None };
            rows = self.run_piece(&piece.in_place(sql), piece.effect, limit)?;
        }
        Ok(Outcome { response, rows })
    }

    fn begin(&mut self) -> Result<(), WarehouseError> {
        if self.is_in_transaction || !self.has_transactions {
            return Ok(());
        }
        self.run_plain("begin transaction")?;
        self.is_in_transaction = true;
        Ok(())
    }

    fn commit(&mut self) -> Result<(), WarehouseError> {
        if !self.is_in_transaction {
            return Ok(());
        }
        let done = self.run_plain("commit").inspect_err(|_| {
            // Whatever kept it from being kept, the session must be fit for the next one.
            let _ = self.run_plain("rollback");
        });
        if done.is_ok() {
            self.keep_written_files();
        }
        self.leave_transaction();
        done
    }

    fn rollback(&mut self) -> Result<(), WarehouseError> {
        if !self.is_in_transaction {
            return Ok(());
        }
        let done = self.run_plain("rollback");
        self.leave_transaction();
        match done {
            // The engine itself undid it when the failure was grave enough.
            Err(error) if error.message.contains("no transaction is active") => Ok(()),
            result => result,
        }
    }

    fn is_in_transaction(&self) -> bool {
        self.is_in_transaction
    }

    fn canceller(&self) -> Arc<dyn Canceller> {
        let (handle, running) = (self.connection.interrupt_handle(), self.running.clone());
        Arc::new(DuckDbCanceller { handle, running })
    }

    fn take_notices(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notices)
    }

    fn run_python(&mut self, model: &PythonModel<'_>) -> Option<Result<Response, WarehouseError>> {
        Some(self.run_python_model(model))
    }

    fn call_method(&mut self, call: &MethodCall<'_>) -> Option<Result<MacroValue, WarehouseError>> {
        (call.name == "restore_file_after_failure").then(|| {
            let location = call.text(0, "location")?;
            // Where nothing is undone, the new file stays.
            let is_noted = self.written_files.iter().any(|file| file.is_at(location));
            if self.is_in_transaction && !is_noted {
                self.written_files.extend(WrittenFile::expect(location));
            }
            Ok(MacroValue::Null)
        })
    }

    fn describe_query(&mut self, sql: &str) -> Result<Vec<Column>, WarehouseError> {
        let described = format!("describe (\n{}\n)", statements::without_terminator(sql));
        let rows = run(&self.connection, &described, RowLimit::All).map_err(|mut error| {
            // The place counts from the wrapped text, which begins with a line of ours.
            error.position =
                error.position.and_then(|place| place.checked_sub("describe (\n".len()));
            error.message = one_line_up(&error.message);
            error
        })?;
        let text = |datum: Option<&Datum>| match datum {
            Some(Datum::Text(text)) => text.clone(),
            _ => String::new(),
        };
        let columns =
            rows.rows.iter().map(|row| types::column(&text(row.first()), &text(row.get(1))));
        Ok(columns.collect())
    }

    fn stream_seed(&mut self, seed: SeedStream<'_>) -> Option<Result<Outcome, WarehouseError>> {
        Some(self.append_seed(seed))
    }
}

impl DuckDbConnection {
    fn run_plain(&self, sql: &str) -> Result<(), WarehouseError> {
        self.connection.execute_batch(sql).map_err(|failure| error::from_duckdb(&failure, sql))
    }

    fn run_piece(
        &mut self,
        sql: &str,
        effect: Option<TransactionEffect>,
        limit: RowLimit,
    ) -> Result<Rows, WarehouseError> {
        // A failure inside of a transaction undoes what came before it: trying again is then the caller's to do.
        let attempts = match &self.retries {
            Some(retries) if !self.is_in_transaction && effect.is_none() => retries.query_attempts,
            _ => 1,
        };
        let done = retry(attempts, self.retries.as_ref(), || run(&self.connection, sql, limit));
        match effect {
            Some(TransactionEffect::Opens) if done.is_ok() => self.is_in_transaction = true,
            Some(effect @ (TransactionEffect::Keeps | TransactionEffect::Undoes)) => {
                if done.is_err() {
                    // Whatever kept it from being kept, the session must be fit for the next one.
                    let _ = self.run_plain("rollback");
                } else if effect == TransactionEffect::Keeps {
                    self.keep_written_files();
                }
                self.leave_transaction();
            }
            _ => {}
        }
        done
    }

    fn leave_transaction(&mut self) {
        self.is_in_transaction = false;
        self.exchanges.clear();
        self.written_files.clear();
    }

    fn keep_written_files(&mut self) {
        self.written_files.drain(..).for_each(WrittenFile::keep_new);
    }

    fn run_python_model(&mut self, model: &PythonModel<'_>) -> Result<Response, WarehouseError> {
        let databases: Vec<&str> =
            [Some(self.python.database.as_str()), model.database].into_iter().flatten().collect();
        let mut exchange = Exchange::fill(&self.connection, &databases, model.reads)?;
        let printed = python::run(model, &self.python, &exchange, &self.running)?;
        self.notices.extend(printed);
        self.begin()?;
        let taken = exchange.take_over(&self.connection);
        if self.is_in_transaction {
            self.exchanges.push(exchange);
        }
        taken?;
        Ok(Response { message: "OK".to_owned(), ..Response::default() })
    }

    fn append_seed(&mut self, mut table: SeedStream<'_>) -> Result<Outcome, WarehouseError> {
        let is_own_transaction = !self.is_in_transaction;
        if is_own_transaction {
            self.run_plain("begin transaction")?;
        }
        let result = seed::append(&self.connection, &mut table);
        if is_own_transaction {
            match &result {
                Ok(()) => self.run_plain("commit")?,
                Err(_) => self.run_plain("rollback")?,
            }
        }
        result?;
        let message = "OK".to_owned();
        Ok(Outcome { response: Response { message, ..Response::default() }, rows: Rows::default() })
    }
}

/// Stops what one session runs.
struct DuckDbCanceller {
    handle: Arc<InterruptHandle>,
    running: Arc<RunningPython>,
}

impl Canceller for DuckDbCanceller {
    fn cancel(&self) {
        self.handle.interrupt();
        self.running.stop();
    }
}

/// Runs all statements of a text and reads the result of the last.
fn run(
    connection: &duckdb::Connection,
    sql: &str,
    limit: RowLimit,
) -> Result<Rows, WarehouseError> {
    let failed = |failure: duckdb::Error| error::from_duckdb(&failure, sql);
    // Preparing a text of several statements runs all but the last.
    let mut statement = connection.prepare(sql).map_err(failed)?;
    if limit == RowLimit::None {
        statement.execute([]).map_err(failed)?;
        return Ok(Rows::default());
    }
    let mut source = statement.query([]).map_err(failed)?;
    let (columns, types, type_ids) = match source.as_ref() {
        Some(statement) => header(statement)?,
        None => return Ok(Rows::default()),
    };
    let mut rows = Vec::new();
    while rows.len() < limit.most() {
        let Some(row) = source.next().map_err(failed)? else { break };
        let cells = type_ids
            .iter()
            .enumerate()
            .map(|(index, type_id)| row.get_ref(index).map(|value| values::datum(value, *type_id)));
        rows.push(cells.collect::<duckdb::Result<Vec<_>>>().map_err(failed)?);
    }
    Ok(Rows { columns, types, rows })
}

type Header = (Vec<String>, Vec<String>, Vec<LogicalTypeId>);

/// The names and types of a result's columns; an error where a type cannot be read.
fn header(statement: &duckdb::Statement<'_>) -> Result<Header, WarehouseError> {
    let columns = statement.column_names();
    let mut names = Vec::with_capacity(columns.len());
    let mut type_ids = Vec::with_capacity(columns.len());
    for (index, column) in columns.iter().enumerate() {
        let logical_type = statement.column_logical_type(index);
        let name = types::name(&logical_type, Some(&statement.column_type(index)));
        if !types::is_readable(&logical_type) {
            return Err(WarehouseError::new(
                WarehouseErrorKind::Sql,
                format!(
                    "the column `{column}` has the type {name}, which cannot be read: cast it to varchar"
                ),
            ));
        }
        names.push(name);
        type_ids.push(logical_type.id());
    }
    Ok((columns, names, type_ids))
}

/// Tries a step several times, waiting 1, 2, 4… seconds, while its error is one that the profile names.
fn retry<T>(
    attempts: u32,
    retries: Option<&Retries>,
    mut step: impl FnMut() -> Result<T, WarehouseError>,
) -> Result<T, WarehouseError> {
    let mut attempt = 0;
    loop {
        let result = step();
        attempt += 1;
        match (&result, retries) {
            (Err(error), Some(retries)) if attempt < attempts && retries.names(error) => {
                thread::sleep(Duration::from_secs(1 << (attempt - 1).min(8)));
            }
            _ => return result,
        }
    }
}

/// The message with `LINE 3:` made `LINE 2:`.
fn one_line_up(message: &str) -> String {
    let Some((before, after)) = message.split_once("LINE ") else { return message.to_owned() };
    let digits =
        after.len() - after.trim_start_matches(|character: char| character.is_ascii_digit()).len();
    match after[..digits].parse::<usize>() {
        Ok(number) => format!("{before}LINE {}{}", number.saturating_sub(1), &after[digits..]),
        Err(_) => message.to_owned(),
    }
}

#[cfg(test)]
mod tests;
