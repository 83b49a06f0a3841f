//! Jobs: begun under a name of our own, waited for, cancelled, and run again when they failed in passing.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use ureq::http::Method;

use crate::client::Client;
use crate::error::ApiError;
use crate::http::{USUAL_TIMEOUT, escaped};
use crate::retry::sleep;

/// How long the service holds back an answer to see whether the job ends; it knows no longer time.
const LONG_POLL: Duration = Duration::from_secs(10);

/// How much longer than a job's own time is waited for it.
const GRACE: Duration = Duration::from_secs(30);

/// The name of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JobName {
    /// The project in which it runs.
    pub project: String,
    /// The id.
    pub id: String,
    /// Where it runs, when known.
    pub location: Option<String>,
}

/// The job that a connection waits for, for whoever wants to cancel it.
pub(crate) type RunningJob = Arc<Mutex<Option<JobName>>>;

/// Runs jobs one after the other.
pub(crate) struct JobRunner {
    /// The service.
    pub client: Client,
    /// The job that is waited for.
    pub running: RunningJob,
}

/// How a new job is begun.
pub(crate) type Begin<'a> = dyn Fn(&JobName) -> Result<Value, ApiError> + 'a;

impl JobRunner {
    /// Runs a job to its end and gives it as the service then describes it. A job that failed for a passing reason is
    /// run again under another name, as often as the profile says.
    pub(crate) fn run(
        &self,
        timeout: Option<Duration>,
        begin: &Begin<'_>,
    ) -> Result<Value, ApiError> {
        let settings = &self.client.settings;
        let policy =
            crate::retry::RetryPolicy { retries: settings.job_retries, ..settings.retries };
        let mut failure = None;
        let result = policy.run(&self.client.is_cancelled, || {
            let name = self.new_name();
            *lock(&self.running) = Some(name.clone());
            let done = self.attach(&name, begin(&name)).and_then(|job| self.wait(job, timeout));
            *lock(&self.running) = None;
            let job = done?;
            match ApiError::of_job(&job) {
                None => Ok(job),
                Some(error) => {
                    // The first statements of a script stay done: to run them twice is not ours to decide.
                    if job["statistics"]["numChildJobs"].as_str().is_some() {
                        failure = Some(error.clone());
                        return Ok(job);
                    }
                    Err(error)
                }
            }
        });
        failure.map_or(result, Err)
    }

    /// `jobs.insert` with a configuration.
    pub(crate) fn insert(&self, name: &JobName, configuration: &Value) -> Result<Value, ApiError> {
        let path = format!("projects/{}/jobs", escaped(&name.project));
        let body = json!({"jobReference": name.reference(), "configuration": configuration});
        self.client.call(&Method::POST, &path, Some(&body), self.client.settings.creation_timeout)
    }

    /// The job that an insertion made; also when an earlier try had made it and only the answer was lost.
    fn attach(&self, name: &JobName, begun: Result<Value, ApiError>) -> Result<Value, ApiError> {
        match begun {
            Err(error) if error.is_duplicate() && error.status.is_some() => self.get(name),
            begun => begun,
        }
    }

    fn get(&self, name: &JobName) -> Result<Value, ApiError> {
        self.client.get(&format!("{}{}", name.path(), name.query("?")))
    }

    /// Waits for the end of a job.
    fn wait(&self, mut job: Value, timeout: Option<Duration>) -> Result<Value, ApiError> {
        let until = timeout.and_then(|timeout| Instant::now().checked_add(timeout + GRACE));
        let mut pause = Duration::from_millis(100);
        while job["status"]["state"].as_str() != Some("DONE") {
            let Some(name) = JobName::of(&job) else {
                return Err(ApiError::without_answer("the service gave a job without a name"));
            };
            *lock(&self.running) = Some(name.clone());
            if until.is_some_and(|until| Instant::now() > until) {
                let _ = cancel(&self.client, &name);
                return Err(ApiError {
                    status: None,
                    reason: Some("timeout".to_owned()),
                    message: format!(
                        "Operation did not complete within the designated timeout of {} seconds.",
                        timeout.unwrap_or_default().as_secs()
                    ),
                });
            }
            if job["configuration"]["query"].is_object() {
                self.wait_for_rows(&name)?;
            } else if !sleep(pause, &self.client.is_cancelled) {
                return Err(ApiError {
                    status: None,
                    reason: Some("stopped".to_owned()),
                    message: "the run was cancelled".to_owned(),
                });
            }
            pause = (pause * 2).min(Duration::from_secs(2));
            job = self.get(&name)?;
        }
        Ok(job)
    }

    /// `jobs.getQueryResults` without rows: it comes back when the query is done, or after a while.
    fn wait_for_rows(&self, name: &JobName) -> Result<(), ApiError> {
        let path = format!(
            "projects/{}/queries/{}?maxResults=0&timeoutMs={}{}",
            escaped(&name.project),
            escaped(&name.id),
            LONG_POLL.as_millis(),
            name.query("&")
        );
        match self.client.get(&path) {
            Ok(_) => Ok(()),
            // The failure of the job itself: how it failed is asked of the job.
            Err(error) if error.status.is_some() && !error.is_passing() => {
                let job = self.get(name)?;
                if ApiError::of_job(&job).is_some() { Ok(()) } else { Err(error) }
            }
            Err(error) => {
                let job = self.get(name)?;
                if job["status"]["state"].as_str() == Some("DONE") { Ok(()) } else { Err(error) }
            }
        }
    }

    /// The rows of a query that is done, at most so many, with their schema and how many there are in all.
    pub(crate) fn results(&self, name: &JobName, most: usize) -> Result<Results, ApiError> {
        let mut results = Results::default();
        let mut page: Option<String> = None;
        loop {
            let rest = most.saturating_sub(results.rows.len());
            let token = page.as_deref().map(|page| format!("&pageToken={}", escaped(page)));
            let path = format!(
                "projects/{}/queries/{}?maxResults={}&formatOptions.useInt64Timestamp=true{}{}",
                escaped(&name.project),
                escaped(&name.id),
                rest.min(100_000),
                name.query("&"),
                token.unwrap_or_default()
            );
            let mut answer =
                self.client.call(&Method::GET, &path, None, USUAL_TIMEOUT.saturating_mul(5))?;
            if results.schema.is_null() {
                results.schema = answer["schema"]["fields"].take();
                results.total = answer["totalRows"].as_str().and_then(|count| count.parse().ok());
            }
            if let Value::Array(rows) = answer["rows"].take() {
                results.rows.extend(rows);
            }
            page = answer["pageToken"].as_str().map(str::to_owned);
            if page.is_none() || results.rows.len() >= most {
                return Ok(results);
            }
        }
    }

    fn new_name(&self) -> JobName {
        let settings = &self.client.settings;
        JobName {
            project: settings.execution_project.clone(),
            id: uuid::Uuid::new_v4().to_string(),
            location: settings.location.clone(),
        }
    }
}

/// What a query gave, as the service writes it.
#[derive(Debug, Default)]
pub(crate) struct Results {
    /// The fields of the schema.
    pub schema: Value,
    /// The rows.
    pub rows: Vec<Value>,
    /// How many rows there are.
    pub total: Option<i64>,
}

/// `jobs.cancel`.
pub(crate) fn cancel(client: &Client, name: &JobName) -> Result<(), ApiError> {
    let path = format!("{}/cancel{}", name.path(), name.query("?"));
    client.call(&Method::POST, &path, Some(&json!({})), USUAL_TIMEOUT).map(|_| ())
}

impl JobName {
    /// The name of a job as the service describes it.
    pub(crate) fn of(job: &Value) -> Option<Self> {
        let reference = &job["jobReference"];
        Some(Self {
            project: reference["projectId"].as_str()?.to_owned(),
            id: reference["jobId"].as_str()?.to_owned(),
            location: reference["location"].as_str().map(str::to_owned),
        })
    }

    /// The service's `jobReference`.
    pub(crate) fn reference(&self) -> Value {
        let mut reference = json!({"projectId": self.project, "jobId": self.id});
        if let Some(location) = &self.location {
            reference["location"] = json!(location);
        }
        reference
    }

    fn path(&self) -> String {
        format!("projects/{}/jobs/{}", escaped(&self.project), escaped(&self.id))
    }

    fn query(&self, mark: &str) -> String {
        let location = self.location.as_deref();
        location.map(|location| format!("{mark}location={}", escaped(location))).unwrap_or_default()
    }
}

fn lock(running: &RunningJob) -> std::sync::MutexGuard<'_, Option<JobName>> {
    running.lock().unwrap_or_else(PoisonError::into_inner)
}
