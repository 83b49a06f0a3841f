//! Sessions with Athena. There is nothing to keep open: a session is a way to ask, and what it works for.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use adapter_interface::{
    Canceller, Column, Connection, MacroValue, MethodCall, Outcome, Relation, Response, RowLimit,
    Rows, SeedStream, Warehouse, WarehouseError, WarehouseErrorKind, Work, split_statements,
};
use serde_json::Value;
use uuid::Uuid;

use crate::error::{self, ApiError, Failure};
use crate::profile::Settings;
use crate::service::{Execution, PageRequest, Query, ResultPage, Service};
use crate::{glue, methods, prepared, seed, types, values};

/// The pause before the first question how a query stands; each is half again as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The pause before a statement runs again that another one was in the way of; each is twice the one before.
const CONFLICT_PAUSE: Duration = Duration::from_millis(500);
/// How often in a row the question how a query stands may stay without an answer.
const UNANSWERED: u32 = 20;
/// How many rows Athena gives at most in a page.
const LONGEST_PAGE: i32 = 1000;
/// How often `optimize` or `vacuum` is run to its end.
const MOST_RUNS: u32 = 1000;
/// The code of a result that says why there is none.
pub(crate) const TOO_MANY_PARTITIONS: &str = "TOO_MANY_OPEN_PARTITIONS";

/// Athena with a profile's settings.
pub(crate) struct AthenaWarehouse {
    shared: Arc<Shared>,
}

/// What all sessions have in common.
pub(crate) struct Shared {
    /// The profile.
    pub settings: Settings,
    /// The way to AWS.
    pub service: Box<dyn Service>,
    enforced: OnceLock<bool>,
    catalogs: Mutex<BTreeMap<String, glue::Catalog>>,
}

impl AthenaWarehouse {
    /// Nothing is asked yet.
    pub(crate) fn new(settings: Settings, service: Box<dyn Service>) -> Self {
        let shared =
            Shared { settings, service, enforced: OnceLock::new(), catalogs: Mutex::default() };
        Self { shared: Arc::new(shared) }
    }
}

impl Shared {
    /// Whether the workgroup's own place of results goes before that of the profile; asked once.
    pub(crate) fn enforces_output_location(&self) -> Result<bool, WarehouseError> {
        let Some(group) = self.settings.work_group.as_deref() else { return Ok(false) };
        if self.settings.skips_workgroup_check {
            return Ok(false);
        }
        if let Some(known) = self.enforced.get() {
            return Ok(*known);
        }
        let asked = self.service.enforces_output_location(group);
        let enforced = asked.map_err(|error| {
            error::from_api(&error, &format!("asking for the workgroup {group}"))
        })?;
        Ok(*self.enforced.get_or_init(|| enforced))
    }

    /// How a database is reached; asked once for each.
    pub(crate) fn catalog(&self, database: Option<&str>) -> Result<glue::Catalog, WarehouseError> {
        let name = database.unwrap_or(&self.settings.catalog).to_ascii_lowercase();
        if name == "awsdatacatalog" {
            return Ok(glue::Catalog::Glue(None));
        }
        if let Some(known) = lock(&self.catalogs).get(&name) {
            return Ok(known.clone());
        }
        let asked = self.service.data_catalog(&name);
        let (kind, id) = asked
            .map_err(|error| error::from_api(&error, &format!("asking for the catalog {name}")))?;
        let catalog =
            if kind == "GLUE" { glue::Catalog::Glue(id) } else { glue::Catalog::Federated };
        lock(&self.catalogs).insert(name, catalog.clone());
        Ok(catalog)
    }
}

impl Warehouse for AthenaWarehouse {
    fn connect(&self, _name: &str) -> Result<Box<dyn Connection>, WarehouseError> {
        Ok(Box::new(AthenaConnection {
            shared: self.shared.clone(),
            running: Arc::default(),
            tolerates_partitions: false,
            seed_place: None,
            seed_upload: None,
        }))
    }
}

/// One session.
pub(crate) struct AthenaConnection {
    /// What all sessions have in common.
    pub shared: Arc<Shared>,
    running: Arc<Mutex<Running>>,
    /// Whether the next statement may fail because it writes into too many partitions.
    pub tolerates_partitions: bool,
    /// Where the next seed goes as a file.
    pub seed_place: Option<String>,
    /// How it is kept there, where that is not as the profile says.
    pub seed_upload: Option<crate::profile::UploadArguments>,
}

/// The query that a session is at, for whoever wants to stop it.
#[derive(Debug, Default)]
struct Running {
    is_active: bool,
    is_cancelled: bool,
    query: Option<String>,
}

/// What a statement gave.
#[derive(Debug, Default)]
struct Done {
    query: String,
    execution: Execution,
    columns: Vec<(String, String)>,
    rows: Vec<Vec<adapter_interface::Datum>>,
    update_count: Option<i64>,
    has_too_many_partitions: bool,
}

/// Why a statement gave nothing.
enum Failed {
    Query(Failure, String),
    Other(WarehouseError),
}

impl Connection for AthenaConnection {
    fn execute(&mut self, sql: &str, limit: RowLimit) -> Result<Outcome, WarehouseError> {
        let Some(done) = self.run_all(sql, limit)? else {
            let response = Response { message: "OK".to_owned(), ..Response::default() };
            return Ok(Outcome { response, rows: Rows::default() });
        };
        let response = response(&done);
        let rows = if limit == RowLimit::None {
            Rows::default()
        } else {
            let (columns, types) = done.columns.into_iter().unzip();
            Rows { columns, types, rows: done.rows }
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

    fn rollback(&mut self) -> Result<(), WarehouseError> {
        Ok(())
    }

    fn is_in_transaction(&self) -> bool {
        false
    }

    fn canceller(&self) -> Arc<dyn Canceller> {
        Arc::new(AthenaCanceller { shared: self.shared.clone(), running: self.running.clone() })
    }

    fn serve(&mut self, _work: &Work<'_>) {
        self.tolerates_partitions = false;
        self.seed_place = None;
        self.seed_upload = None;
    }

    /// By the names that are compared with a contract: sizes are not among them.
    fn describe_query(&mut self, sql: &str) -> Result<Vec<Column>, WarehouseError> {
        let done = self.run_all(sql, RowLimit::AtMost(0))?.unwrap_or_default();
        let columns = done.columns.into_iter();
        Ok(columns.map(|(name, kind)| Column::new(name, types::coarse(&kind))).collect())
    }

    fn call_method(&mut self, call: &MethodCall<'_>) -> Option<Result<MacroValue, WarehouseError>> {
        methods::asking(self, call)
    }

    fn stream_seed(&mut self, seed: SeedStream<'_>) -> Option<Result<Outcome, WarehouseError>> {
        Some(match self.seed_place.take() {
            Some(place) => seed::upload(self, seed, &place),
            None => seed::insert(self, seed),
        })
    }

    fn list_relations(
        &mut self,
        schema: &Relation,
    ) -> Option<Result<Vec<Relation>, WarehouseError>> {
        glue::relations(&self.shared, schema).transpose()
    }

    fn columns_of(&mut self, relation: &Relation) -> Option<Result<Vec<Column>, WarehouseError>> {
        glue::columns(&self.shared, relation).transpose()
    }
}

impl AthenaConnection {
    /// Runs each statement of a text; the result is that of the last.
    fn run_all(&mut self, sql: &str, limit: RowLimit) -> Result<Option<Done>, WarehouseError> {
        let all = split_statements(sql);
        let tolerates_partitions = std::mem::take(&mut self.tolerates_partitions);
        let mut result = None;
        for (index, statement) in all.iter().enumerate() {
            let limit = if index + 1 == all.len() { limit } else { RowLimit::None };
            let done = self.run(statement.text, limit, tolerates_partitions);
            result = Some(done.map_err(|error| WarehouseError {
                position: error.position.map(|position| statement.start + position),
                ..error
            })?);
        }
        Ok(result)
    }

    /// Runs one statement to its end, again where that may help.
    fn run(
        &self,
        statement: &str,
        limit: RowLimit,
        tolerates_partitions: bool,
    ) -> Result<Done, WarehouseError> {
        *lock(&self.running) = Running { is_active: true, ..Running::default() };
        let prepared = prepared::prepare(statement);
        let (mut conflicts, mut runs) = (0, 0);
        let result = loop {
            match self.attempt(&prepared.text, limit) {
                Err(Failed::Query(failure, _))
                    if failure.is_commit_conflict()
                        && conflicts < self.shared.settings.iceberg_retries =>
                {
                    self.shared.service.pause(CONFLICT_PAUSE * 2_u32.pow(conflicts.min(6)));
                    conflicts += 1;
                }
                Err(Failed::Query(failure, _)) if failure.needs_more_runs() && runs < MOST_RUNS => {
                    runs += 1;
                }
                Err(Failed::Query(failure, query))
                    if tolerates_partitions && failure.has_too_many_partitions() =>
                {
                    break Ok(Done { query, has_too_many_partitions: true, ..Done::default() });
                }
                Err(Failed::Query(failure, query)) => {
                    break Err(error::from_query(&failure, Some(&query), &prepared.text));
                }
                Err(Failed::Other(error)) => break Err(error),
                Ok(done) => break Ok(done),
            }
        };
        let ended = std::mem::take(&mut *lock(&self.running));
        result.map_err(|error| {
            let error = WarehouseError {
                position: error.position.and_then(|place| prepared.original(place)),
                ..error
            };
            if !ended.is_cancelled {
                return error;
            }
            let message = "the query was cancelled".to_owned();
            WarehouseError { kind: WarehouseErrorKind::Cancelled, message, ..error }
        })
    }

    /// One try: start, wait, read.
    fn attempt(&self, text: &str, limit: RowLimit) -> Result<Done, Failed> {
        let service = &self.shared.service;
        let token = Uuid::new_v4().to_string();
        let started = service.start(&Query { text, token: &token });
        let query = started.map_err(|error| Failed::Other(error::from_start(&error, text)))?;
        if self.follow(&query) {
            // What the service answers changes nothing.
            let _ = service.stop(&query);
        }
        let execution = self.wait(&query)?;
        let mut done = Done { query, execution, ..Done::default() };
        // Only the result says how many rows a change wrote.
        if limit != RowLimit::None || done.execution.statement_type == "DML" {
            self.read(&mut done, limit.most()).map_err(Failed::Other)?;
        }
        Ok(done)
    }

    /// Makes the query known to whoever wants to stop it; true when somebody did.
    fn follow(&self, query: &str) -> bool {
        let mut running = lock(&self.running);
        running.query = Some(query.to_owned());
        running.is_cancelled
    }

    /// Asks how a query stands until it has ended.
    fn wait(&self, query: &str) -> Result<Execution, Failed> {
        let Shared { service, settings, .. } = &*self.shared;
        let mut pause = FIRST_PAUSE.min(settings.poll_interval);
        let mut unanswered = 0;
        loop {
            match service.execution(query) {
                Ok(execution) => {
                    unanswered = 0;
                    match execution.state.as_str() {
                        "SUCCEEDED" => return Ok(execution),
                        "FAILED" => return Err(Failed::Query(execution.failure, query.to_owned())),
                        "CANCELLED" => return Err(Failed::Other(cancelled(&execution, query))),
                        _ => {}
                    }
                }
                Err(error) => {
                    unanswered += 1;
                    let failed =
                        error::from_api(&error, &format!("asking how query {query} stands"));
                    if !error.passes() || unanswered >= UNANSWERED {
                        return Err(Failed::Other(self.give_up(query, failed)));
                    }
                    pause = settings.poll_interval;
                }
            }
            service.pause(pause);
            pause = (pause + pause / 2).min(settings.poll_interval);
        }
    }

    /// Tells a query to stop of which nobody knows how it stands, and says so.
    fn give_up(&self, query: &str, error: WarehouseError) -> WarehouseError {
        let told = match self.shared.service.stop(query) {
            Ok(()) => "it was told to stop",
            Err(_) => "it could not be told to stop either",
        };
        let message = format!(
            "{}; {told}, and may have done its work: look at what it writes before you run it anew",
            error.message
        );
        let kind = match error.kind {
            WarehouseErrorKind::Transient => WarehouseErrorKind::Disconnected,
            kind => kind,
        };
        WarehouseError { kind, message, ..error }
    }

    /// Reads the rows of a query that is done, page by page, until there are enough.
    fn read(&self, done: &mut Done, most: usize) -> Result<(), WarehouseError> {
        let has_header = done.execution.has_header();
        let mut classes = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let wanted =
                most.saturating_sub(done.rows.len()).saturating_add(usize::from(has_header));
            let request = PageRequest {
                query: &done.query,
                token: token.as_deref(),
                most: i32::try_from(wanted).unwrap_or(LONGEST_PAGE).clamp(1, LONGEST_PAGE),
            };
            let page = self.shared.service.results(&request).map_err(|error| {
                error::from_api(&error, &format!("reading the result of query {}", done.query))
            })?;
            let ResultPage { columns, rows, next, update_count } = page;
            let is_first = token.is_none();
            if is_first {
                classes = columns.iter().map(|(_, kind)| types::class(kind)).collect();
                done.columns = columns;
                done.update_count = update_count;
            }
            for row in rows.into_iter().skip(usize::from(is_first && has_header)) {
                if done.rows.len() >= most {
                    return Ok(());
                }
                let cells = row.iter().zip(&classes);
                done.rows.push(
                    cells.map(|(text, class)| values::datum(text.as_deref(), *class)).collect(),
                );
            }
            if next.is_none() || done.rows.len() >= most {
                return Ok(());
            }
            token = next;
        }
    }
}

fn cancelled(execution: &Execution, query: &str) -> WarehouseError {
    let reason = execution.failure.reason.trim();
    let reason = if reason.is_empty() { String::new() } else { format!(": {reason}") };
    let message = format!("the query was cancelled in Athena{reason}\n(query {query})");
    WarehouseError::new(WarehouseErrorKind::Other, message)
}

/// As dbt-athena's `get_response`, with the query by which it is found, and the time that the engine worked.
fn response(done: &Done) -> Response {
    let count = done.update_count.unwrap_or(-1);
    let code = if done.has_too_many_partitions { TOO_MANY_PARTITIONS } else { "OK" };
    let details = [
        ("data_scanned_in_bytes", Value::from(done.execution.scanned_bytes)),
        ("query_id", Value::from(done.query.as_str())),
        ("engine_execution_time_in_millis", Value::from(done.execution.engine_milliseconds)),
    ];
    Response {
        message: format!("{code} {count}"),
        code: Some(code.to_owned()),
        rows_affected: Some(count),
        details: details.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
    }
}

/// What a mutex guards, also after another thread fell while it held it.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The error of what the service says, where a place in S3 is wrong or missing.
pub(crate) fn configuration(message: impl Into<String>) -> WarehouseError {
    WarehouseError::new(WarehouseErrorKind::Configuration, message)
}

/// Deletes all objects of a place in S3, a thousand at a time.
pub(crate) fn delete_place(shared: &Shared, place: &str) -> Result<(), WarehouseError> {
    let (bucket, prefix) = crate::location::bucket_and_prefix(place).map_err(configuration)?;
    let fails = |error: ApiError| error::from_api(&error, &format!("deleting what is at {place}"));
    let keys = shared.service.list_objects(bucket, &prefix).map_err(fails)?;
    for some in keys.chunks(1000) {
        shared.service.delete_objects(bucket, some).map_err(fails)?;
    }
    Ok(())
}

/// Stops what one session runs.
struct AthenaCanceller {
    shared: Arc<Shared>,
    running: Arc<Mutex<Running>>,
}

impl Canceller for AthenaCanceller {
    fn cancel(&self) {
        let query = {
            let mut running = lock(&self.running);
            if !running.is_active {
                return;
            }
            running.is_cancelled = true;
            running.query.clone()
        };
        if let Some(query) = query {
            // A service that cannot be reached has nothing to stop.
            let _ = self.shared.service.stop(&query);
        }
    }
}

#[cfg(test)]
mod tests;
