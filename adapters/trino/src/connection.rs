//! Sessions with a coordinator: one for each worker, all over the same connections.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use adapter_interface::{
    Canceller, Column, Connection, Datum, Outcome, Response, RowLimit, Rows, SeedStream, Warehouse,
    WarehouseError, WarehouseErrorKind, Work, split_statements,
};
use serde_json::Value;

use crate::http::{Http, Reply};
use crate::page::{self, Page, PageColumn};
use crate::profile::Settings;
use crate::session::ClientSession;
use crate::statement::only_reads;
use crate::{error, routing, seed, types, values};

/// A page that comes without rows and this fast was not held back by the server.
const TOO_FAST: Duration = Duration::from_millis(3);
/// The longest pause between two pages of a server that does not hold back.
const LONGEST_PAUSE: Duration = Duration::from_millis(100);
/// How often a statement is sent again that lost against another change of the same table.
const CONFLICT_RETRIES: u32 = 8;

/// A coordinator; nothing is connected until a statement is sent.
pub(crate) struct TrinoWarehouse {
    settings: Settings,
    http: Http,
}

impl TrinoWarehouse {
    /// Reads the certificates that the profile names.
    pub(crate) fn open(settings: &Settings) -> Result<Self, WarehouseError> {
        Ok(Self { settings: settings.clone(), http: Http::new(settings)? })
    }
}

impl Warehouse for TrinoWarehouse {
    fn connect(&self, _name: &str) -> Result<Box<dyn Connection>, WarehouseError> {
        let session = ClientSession::new(&self.settings);
        Ok(Box::new(TrinoConnection {
            address: self.settings.address.clone(),
            http: self.http.clone(),
            first_http: self.http.clone(),
            routing_error: None,
            seed_batch_size: seed::USUAL_BATCH,
            first_session: session.clone(),
            session,
            running: Arc::default(),
        }))
    }
}

/// One session.
struct TrinoConnection {
    address: String,
    http: Http,
    first_http: Http,
    seed_batch_size: usize,
    /// What is wrong with the configuration of the node at work; told by its first statement.
    routing_error: Option<WarehouseError>,
    /// The session as the profile begins it.
    first_session: ClientSession,
    session: ClientSession,
    running: Arc<Mutex<Running>>,
}

/// The statement that a session is at, for whoever wants to stop it.
#[derive(Debug, Default)]
struct Running {
    is_active: bool,
    is_cancelled: bool,
    next_uri: Option<String>,
}

/// What a statement gave.
#[derive(Debug, Default)]
struct StatementResult {
    statement: String,
    query_id: String,
    columns: Vec<PageColumn>,
    rows: Vec<Vec<Datum>>,
    update_type: Option<String>,
    update_count: Option<i64>,
}

impl Connection for TrinoConnection {
    fn execute(&mut self, sql: &str, limit: RowLimit) -> Result<Outcome, WarehouseError> {
        let result = self.run_all(sql, limit)?;
        let response = result
            .as_ref()
            .map_or_else(|| Response { message: "OK".to_owned(), ..Response::default() }, response);
        let rows = match (limit, result) {
            (RowLimit::None, _) | (_, None) => Rows::default(),
            (_, Some(result)) => Rows {
                columns: result.columns.iter().map(|column| column.name.clone()).collect(),
                types: result.columns.into_iter().map(|column| column.type_name).collect(),
                rows: result.rows,
            },
        };
        Ok(Outcome { response, rows })
    }

    /// Each statement is kept when it is done.
    fn begin(&mut self) -> Result<(), WarehouseError> {
        Ok(())
    }

    fn commit(&mut self) -> Result<(), WarehouseError> {
        Ok(())
    }

    /// Only a transaction that a statement of the user's began can be undone.
    fn rollback(&mut self) -> Result<(), WarehouseError> {
        if self.session.is_in_transaction() {
            self.run("rollback", RowLimit::None)?;
        }
        Ok(())
    }

    fn is_in_transaction(&self) -> bool {
        self.session.is_in_transaction()
    }

    fn canceller(&self) -> Arc<dyn Canceller> {
        Arc::new(TrinoCanceller { http: self.http.clone(), running: self.running.clone() })
    }

    /// What a model set in its session ends with the model: under dbt each node has a connection of its own. Its
    /// configuration may choose other client tags and headers, by which routers and resource groups go.
    fn serve(&mut self, work: &Work<'_>) {
        self.session = self.first_session.clone();
        self.http = self.first_http.clone();
        self.routing_error = None;
        let batch_size = work.config.and_then(|config| config.get("seed_batch_size")?.as_u64());
        self.seed_batch_size = batch_size.map_or(seed::USUAL_BATCH, |size| size as usize);
        match routing::of(work.config) {
            Ok(routing) => {
                if let Some(tags) = routing.client_tags {
                    self.session.set_client_tags(tags);
                }
                self.http.add_headers(routing.headers);
            }
            Err(error) => self.routing_error = Some(error),
        }
    }

    /// By the names that are compared with a contract: sizes are not among them.
    fn describe_query(&mut self, sql: &str) -> Result<Vec<Column>, WarehouseError> {
        let result = self.run_all(sql, RowLimit::None)?.unwrap_or_default();
        let columns = result.columns.into_iter();
        Ok(columns
            .map(|column| Column::new(column.name, types::coarse(&column.type_name)))
            .collect())
    }

    fn stream_seed(&mut self, seed: SeedStream<'_>) -> Option<Result<Outcome, WarehouseError>> {
        let batch_size = self.seed_batch_size;
        let loaded = seed::insert(seed, batch_size, &mut |statement| {
            self.run(statement, RowLimit::None).map(drop)
        });
        Some(loaded.map(|count| {
            let message = format!("INSERT ({} rows)", with_underscores(count as i64));
            let response = Response { message, ..Response::default() };
            Outcome { response, rows: Rows::default() }
        }))
    }
}

impl TrinoConnection {
    /// Runs each statement of a text; the result is that of the last.
    fn run_all(
        &mut self,
        sql: &str,
        limit: RowLimit,
    ) -> Result<Option<StatementResult>, WarehouseError> {
        let all = split_statements(sql);
        let mut result = None;
        for (index, statement) in all.iter().enumerate() {
            let limit = if index + 1 == all.len() { limit } else { RowLimit::None };
            let done = self.run(statement.text, limit).map_err(|error| WarehouseError {
                position: error.position.map(|position| statement.start + position),
                ..error
            });
            result = Some(done?);
        }
        Ok(result)
    }

    /// Runs one statement to its end.
    fn run(&mut self, statement: &str, limit: RowLimit) -> Result<StatementResult, WarehouseError> {
        if let Some(error) = &self.routing_error {
            return Err(error.clone());
        }
        *lock(&self.running) = Running { is_active: true, ..Running::default() };
        let mut result = self.pages(statement, limit);
        let mut attempt = 0;
        while attempt < CONFLICT_RETRIES
            && !self.session.is_in_transaction()
            && result.as_ref().is_err_and(error::is_conflict)
            && !lock(&self.running).is_cancelled
        {
            // Of two changes the later one waits for its turn, each time a little longer.
            thread::sleep(Duration::from_millis(25 << attempt.min(5)));
            attempt += 1;
            result = self.pages(statement, limit);
        }
        let ended = std::mem::take(&mut *lock(&self.running));
        result.map_err(|error| {
            if !ended.is_cancelled {
                return error;
            }
            let message = "the query was cancelled".to_owned();
            WarehouseError { kind: WarehouseErrorKind::Cancelled, message, ..error }
        })
    }

    fn pages(
        &mut self,
        statement: &str,
        limit: RowLimit,
    ) -> Result<StatementResult, WarehouseError> {
        let most = limit.most();
        let mut result =
            StatementResult { statement: statement.to_owned(), ..StatementResult::default() };
        let mut classes = Vec::new();
        let mut idle: u32 = 0;
        let mut is_full = false;
        let uri = format!("{}/v1/statement", self.address);
        let mut reply = self.http.post(&uri, &self.session.headers(), statement)?;
        if matches!(reply.status, 404 | 405 | 410) {
            return Err(error::not_a_coordinator(&reply));
        }
        let mut page = read(&reply)?;
        loop {
            if let Some(failure) = &page.error {
                return Err(error::from_query(failure, &page.id, statement));
            }
            self.session.update(&reply.headers);
            result.query_id = page.id;
            if result.columns.is_empty()
                && let Some(columns) = page.columns
            {
                classes = columns.iter().map(|column| types::class(&column.type_name)).collect();
                result.columns = columns;
            }
            let has_rows = page.data.is_some();
            let mut has_more = is_full && !has_rows;
            for row in page.data.unwrap_or_default() {
                if result.rows.len() >= most {
                    has_more = true;
                    break;
                }
                let cells = row.into_iter().zip(&classes);
                result
                    .rows
                    .push(cells.map(|(value, class)| values::datum(value, *class)).collect());
            }
            result.update_type = page.update_type.or(result.update_type);
            result.update_count = page.update_count.or(result.update_count);
            let Some(next_uri) = page.next_uri else { return Ok(result) };
            self.check_address(&next_uri)?;
            // Whoever wants no more rows ends the query, unless it ends by itself; a change is waited for.
            let is_enough = limit != RowLimit::None && result.update_type.is_none() && has_more;
            is_full = has_rows && result.rows.len() >= most;
            if self.follow(&next_uri) {
                self.http.delete(&next_uri)?;
                return Err(WarehouseError::new(WarehouseErrorKind::Cancelled, ""));
            }
            if is_enough {
                // What the server answers changes nothing: the rows are here.
                let _ = self.http.delete(&next_uri);
                return Ok(result);
            }
            if idle > 4 {
                thread::sleep(Duration::from_millis(1 << (idle - 5).min(7)).min(LONGEST_PAUSE));
            }
            let start = Instant::now();
            let asked = self
                .http
                .get(&next_uri, &|| lock(&self.running).is_cancelled)
                .and_then(|reply| Ok((read(&reply)?, reply)));
            (page, reply) = asked.map_err(|error| {
                let is_question = result.update_type.is_none() && only_reads(statement);
                let told = self.give_up(&next_uri);
                if is_question {
                    error
                } else {
                    error::of_unknown_outcome(error, &result.query_id, told)
                }
            })?;
            idle = if has_rows || start.elapsed() > TOO_FAST { 0 } else { idle + 1 };
        }
    }

    /// Makes the next page known to whoever wants to stop the statement; true when somebody did.
    fn follow(&self, next_uri: &str) -> bool {
        let mut running = lock(&self.running);
        running.next_uri = Some(next_uri.to_owned());
        running.is_cancelled
    }

    /// Tells the server to end a query whose next page does not come; whether it heard it.
    fn give_up(&self, next_uri: &str) -> bool {
        // Whoever cancelled it has told the server.
        lock(&self.running).is_cancelled
            || self.http.delete(next_uri).is_ok_and(|reply| (200..300).contains(&reply.status))
    }

    /// A password is not said aloud because a server behind a proxy does not know that it is asked in secret.
    fn check_address(&self, next_uri: &str) -> Result<(), WarehouseError> {
        let is_open = self.address.starts_with("https:") && !next_uri.starts_with("https:");
        if is_open && self.http.is_authorized() {
            return Err(WarehouseError::new(
                WarehouseErrorKind::Configuration,
                "the server gives addresses without `https`: set `http-server.process-forwarded=true` on it",
            ));
        }
        Ok(())
    }
}

fn read(reply: &Reply) -> Result<Page, WarehouseError> {
    if !(200..300).contains(&reply.status) {
        return Err(error::from_reply(reply));
    }
    page::read(&reply.body).map_err(|_| error::from_reply(reply))
}

/// As dbt-trino's `get_response`: what was done, and to how many rows where the server counts them.
fn response(result: &StatementResult) -> Response {
    let code = result.update_type.as_deref().unwrap_or("SUCCESS");
    let message = match result.update_count {
        Some(count) => format!("{code} ({} rows)", with_underscores(count)),
        None => code.to_owned(),
    };
    Response {
        message,
        code: None,
        rows_affected: Some(result.update_count.unwrap_or(-1)),
        details: [("query", &result.statement), ("query_id", &result.query_id)]
            .into_iter()
            .map(|(name, text)| (name.to_owned(), Value::from(text.as_str())))
            .collect(),
    }
}

/// `1_000_000`, as Python writes it.
fn with_underscores(count: i64) -> String {
    let digits = count.unsigned_abs().to_string();
    let groups = digits.as_bytes().rchunks(3).rev();
    let groups: Vec<_> = groups.map(String::from_utf8_lossy).collect();
    format!("{}{}", if count < 0 { "-" } else { "" }, groups.join("_"))
}

fn lock(running: &Mutex<Running>) -> MutexGuard<'_, Running> {
    running.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Stops what one session runs.
struct TrinoCanceller {
    http: Http,
    running: Arc<Mutex<Running>>,
}

impl Canceller for TrinoCanceller {
    fn cancel(&self) {
        let next_uri = {
            let mut running = lock(&self.running);
            if !running.is_active {
                return;
            }
            running.is_cancelled = true;
            running.next_uri.clone()
        };
        if let Some(next_uri) = next_uri {
            // A server that cannot be reached has nothing to stop.
            let _ = self.http.delete(&next_uri);
        }
    }
}

#[cfg(test)]
mod tests;
