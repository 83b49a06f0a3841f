//! Sessions with the service. There is nothing to keep open: a session is a client and what it works for.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use adapter_interface::{
    Canceller, Column, Connection, Dialect, Estimate, MacroValue, MethodCall, Outcome, Relation,
    Response, RowLimit, Rows, SeedStream, Warehouse, WarehouseError, Work,
};
use serde_json::{Value, json};

use crate::client::{Client, TableName};
use crate::dialect::BigQueryDialect;
use crate::error::ApiError;
use crate::job::{JobName, JobRunner, RunningJob, cancel};
use crate::profile::Settings;
use crate::{catalog, labels, methods, response, seed, statements, types, values};

/// The service with a profile's settings.
pub(crate) struct BigQueryWarehouse {
    client: Client,
}

impl BigQueryWarehouse {
    /// Makes a client; nothing is asked of the service yet.
    pub(crate) fn open(settings: &Settings) -> Self {
        Self { client: Client::new(Arc::new(settings.clone())) }
    }
}

impl Warehouse for BigQueryWarehouse {
    fn connect(&self, _name: &str) -> Result<Box<dyn Connection>, WarehouseError> {
        Ok(Box::new(BigQueryConnection {
            runner: JobRunner {
                client: self.client.for_connection(),
                running: RunningJob::default(),
            },
            labels: json!({}),
            timeout: None,
            reservation: None,
        }))
    }
}

/// One session.
pub(crate) struct BigQueryConnection {
    runner: JobRunner,
    /// The labels of what it works for.
    labels: Value,
    /// How long a job of the node may run, where the node says so itself.
    timeout: Option<Duration>,
    /// The reservation of the node.
    reservation: Option<String>,
}

impl BigQueryConnection {
    /// The service.
    pub(crate) fn client(&self) -> &Client {
        &self.runner.client
    }

    /// The profile.
    pub(crate) fn settings(&self) -> &Settings {
        &self.runner.client.settings
    }

    /// Who runs jobs.
    pub(crate) fn runner(&self) -> &JobRunner {
        &self.runner
    }

    /// A name in backticks.
    #[expect(clippy::unused_self, reason = "reads as a question to the session, as dbt's adapter")]
    pub(crate) fn quoted(&self, name: &str) -> String {
        BigQueryDialect.quote(name)
    }

    /// A relation as it stands in SQL.
    #[expect(clippy::unused_self, reason = "reads as a question to the session, as dbt's adapter")]
    pub(crate) fn rendered(&self, relation: &Relation) -> String {
        BigQueryDialect.render_name(relation)
    }

    /// How long a job of the node may run.
    pub(crate) fn timeout(&self) -> Option<Duration> {
        self.timeout.or(self.settings().execution_timeout)
    }

    /// The configuration of a job, with what is common to all jobs.
    pub(crate) fn configured(&self, kind: &str, own: Value) -> Value {
        let mut configuration = json!({});
        configuration[kind] = own;
        if self.labels.as_object().is_some_and(|labels| !labels.is_empty()) {
            configuration["labels"] = self.labels.clone();
        }
        if let Some(timeout) = self.timeout() {
            let milliseconds = i64::try_from(timeout.as_millis()).unwrap_or(i64::MAX).max(1);
            configuration["jobTimeoutMs"] = json!(milliseconds.to_string());
        }
        if let Some(reservation) =
            self.reservation.as_ref().or(self.settings().reservation.as_ref())
        {
            configuration["reservation"] = json!(reservation);
        }
        configuration
    }

    fn query_configuration(&self, sql: &str) -> Value {
        let settings = self.settings();
        let mut query = json!({
            "query": sql,
            "useLegacySql": false,
            "priority": if settings.is_batch { "BATCH" } else { "INTERACTIVE" },
        });
        if let Some(bytes) = settings.maximum_bytes_billed {
            query["maximumBytesBilled"] = json!(bytes.to_string());
        }
        self.configured("query", query)
    }

    /// Runs a statement for its effect.
    pub(crate) fn run_statement(&mut self, sql: &str) -> Result<(), WarehouseError> {
        self.execute(sql, RowLimit::None).map(|_| ())
    }

    /// A dry run: the service checks the query and tells its columns and its bytes.
    fn dry_run(&self, sql: &str) -> Result<Value, ApiError> {
        let mut configuration = self.query_configuration(sql);
        configuration["dryRun"] = json!(true);
        let settings = self.settings();
        let name = JobName {
            project: settings.execution_project.clone(),
            id: uuid::Uuid::new_v4().to_string(),
            location: settings.location.clone(),
        };
        let client = self.client();
        let insert = || self.runner.insert(&name, &configuration);
        let job = settings.retries.run(&client.is_cancelled, insert)?;
        ApiError::of_job(&job).map_or(Ok(job), Err)
    }

    /// The columns of a query: by a dry run; by running it without its rows where that tells none.
    pub(crate) fn columns_of_query(&mut self, sql: &str) -> Result<Vec<Column>, WarehouseError> {
        let failed = |error: ApiError| error.into_warehouse_error(sql);
        let job = self.dry_run(sql).map_err(failed)?;
        let fields = &job["statistics"]["query"]["schema"]["fields"];
        if fields.is_array() {
            return Ok(types::columns(fields));
        }
        let configuration = self.query_configuration(sql);
        let job = self
            .runner
            .run(self.timeout(), &|name| self.runner.insert(name, &configuration))
            .map_err(failed)?;
        let Some(name) = JobName::of(&job) else { return Ok(Vec::new()) };
        let results = self.runner.results(&name, 0).map_err(failed)?;
        Ok(types::columns(&results.schema))
    }

    /// A copy job.
    pub(crate) fn copy(
        &mut self,
        sources: &[Relation],
        destination: &Relation,
        disposition: &str,
    ) -> Result<(), WarehouseError> {
        let mut references = Vec::new();
        for source in sources {
            references.push(methods::table_name(source)?.reference());
        }
        let configuration = self.configured(
            "copy",
            json!({
                "sourceTables": references,
                "destinationTable": methods::table_name(destination)?.reference(),
                "createDisposition": "CREATE_IF_NEEDED",
                "writeDisposition": disposition,
            }),
        );
        self.runner.run(self.timeout(), &|name| self.runner.insert(name, &configuration))?;
        Ok(())
    }

    /// How many rows a statement changed, made or gave, as dbt counts them.
    fn row_count(&self, job: &Value, total: Option<i64>) -> Option<i64> {
        let query = &job["statistics"]["query"];
        match query["statementType"].as_str().unwrap_or_default() {
            "INSERT" | "DELETE" | "MERGE" | "UPDATE" => {
                query["numDmlAffectedRows"].as_str().and_then(|count| count.parse().ok())
            }
            "SELECT" => total,
            "CREATE_TABLE_AS_SELECT" => {
                let named = &query["ddlTargetTable"];
                let destination = &job["configuration"]["query"]["destinationTable"];
                let reference = if named.is_object() { named } else { destination };
                let part = |key: &str| reference[key].as_str();
                let name = TableName {
                    project: part("projectId")?,
                    dataset: part("datasetId")?,
                    table: part("tableId")?,
                };
                // Not worth a failure: the table is made.
                let table = self.client().find_table(&name).ok().flatten()?;
                table["numRows"].as_str().and_then(|count| count.parse().ok())
            }
            _ => None,
        }
    }
}

impl Connection for BigQueryConnection {
    fn execute(&mut self, sql: &str, limit: RowLimit) -> Result<Outcome, WarehouseError> {
        if statements::is_for_transactions_alone(sql) {
            let response = Response { message: "OK".to_owned(), ..Response::default() };
            return Ok(Outcome { response, rows: Rows::default() });
        }
        let failed = |error: ApiError| error.into_warehouse_error(sql);
        let configuration = self.query_configuration(sql);
        let job = self
            .runner
            .run(self.timeout(), &|name| self.runner.insert(name, &configuration))
            .map_err(failed)?;
        let is_select = job["statistics"]["query"]["statementType"].as_str() == Some("SELECT");
        let most = limit.most();
        let (rows, total) = match JobName::of(&job) {
            Some(name) if most > 0 || is_select => {
                let results = self.runner.results(&name, most).map_err(|error| {
                    let done = "the statement was done, its rows could not be read";
                    failed(if is_select { error } else { error.after_work(done) })
                })?;
                (values::rows(&results.schema, &results.rows), results.total)
            }
            _ => (Rows::default(), None),
        };
        let response = response::of_job(&job, self.row_count(&job, total));
        Ok(Outcome { response, rows })
    }

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
        Arc::new(BigQueryCanceller {
            client: self.runner.client.clone(),
            running: self.runner.running.clone(),
        })
    }

    fn serve(&mut self, work: &Work<'_>) {
        self.labels = labels::of_work(work.invocation, work.label);
        let config = |key: &str| work.config.and_then(|config| config.get(key));
        self.timeout = config("job_execution_timeout_seconds").and_then(time_of);
        self.reservation = config("reservation").and_then(Value::as_str).map(str::to_owned);
    }

    fn estimate(&mut self, sql: &str) -> Option<Result<Estimate, WarehouseError>> {
        let job = self.dry_run(sql).map_err(|error| error.into_warehouse_error(sql));
        Some(job.and_then(|job| response::estimate(&job)))
    }

    fn describe_query(&mut self, sql: &str) -> Result<Vec<Column>, WarehouseError> {
        self.columns_of_query(sql)
    }

    fn call_method(&mut self, call: &MethodCall<'_>) -> Option<Result<MacroValue, WarehouseError>> {
        methods::call(self, call)
    }

    fn stream_seed(&mut self, mut seed: SeedStream<'_>) -> Option<Result<Outcome, WarehouseError>> {
        Some(seed::load(self, &mut seed).map(|()| Outcome {
            response: Response { message: "OK".to_owned(), ..Response::default() },
            rows: Rows::default(),
        }))
    }

    fn list_relations(
        &mut self,
        schema: &Relation,
    ) -> Option<Result<Vec<Relation>, WarehouseError>> {
        let (Some(project), Some(dataset)) = (&schema.database, &schema.schema) else {
            return Some(Ok(Vec::new()));
        };
        Some(catalog::relations(self.client(), project, dataset).map_err(WarehouseError::from))
    }

    fn columns_of(&mut self, relation: &Relation) -> Option<Result<Vec<Column>, WarehouseError>> {
        let found = methods::table_name(relation)
            .and_then(|name| self.client().find_table(&name).map_err(WarehouseError::from));
        Some(found.map(|table| {
            table.map(|table| types::columns(&table["schema"]["fields"])).unwrap_or_default()
        }))
    }
}

/// Seconds as a time; nothing for what is no time at all.
fn time_of(seconds: &Value) -> Option<Duration> {
    let seconds = seconds.as_f64().or_else(|| seconds.as_str()?.trim().parse().ok())?;
    (seconds > 0.0).then(|| Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
}

/// Stops what one session runs.
struct BigQueryCanceller {
    client: Client,
    running: RunningJob,
}

impl Canceller for BigQueryCanceller {
    fn cancel(&self) {
        self.client.is_cancelled.store(true, Ordering::Relaxed);
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(name) = running {
            // Waiting for nothing any more, one try is what there is; the job ends by itself otherwise.
            let _ = cancel(&self.client, &name);
        }
    }
}

#[cfg(test)]
mod tests;
