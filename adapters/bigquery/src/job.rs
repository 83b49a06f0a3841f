//! Jobs: begun under a name of our own, waited for, cancelled, and run again when they failed in passing.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use ureq::http::Method;

use crate::client::Client;
use crate::error::ApiError;
use crate::http::{USUAL_TIMEOUT, escaped};
use crate::retry::{RetryPolicy, sleep};

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
    /// run again under another name, as often as the profile says. As long as nobody knows that a job has failed its
    /// name stays, so that no work is done twice.
    pub(crate) fn run(
        &self,
        timeout: Option<Duration>,
        begin: &Begin<'_>,
    ) -> Result<Value, ApiError> {
        let settings = &self.client.settings;
        let policy = RetryPolicy { retries: settings.job_retries, ..settings.retries };
        let mut name = self.new_name();
        policy.run(&self.client.is_cancelled, || {
            *lock(&self.running) = Some(name.clone());
            let done = self.begin(&name, begin).and_then(|job| self.wait(&name, job, timeout));
            *lock(&self.running) = None;
            let job = done?;
            let Some(error) = ApiError::of_job(&job) else { return Ok(job) };
            // To run the first statements of a script twice is not ours to decide.
            if job["statistics"]["numChildJobs"].as_str().is_some() {
                return Err(error.after_work("what the script did before stays done"));
            }
            name = self.new_name();
            Err(error)
        })
    }

    /// Begins a job. An answer that was lost may have been that of a job which runs: it is looked for by its name.
    fn begin(&self, name: &JobName, begin: &Begin<'_>) -> Result<Value, ApiError> {
        let mut may_run = false;
        let started = self.client.settings.retries.run(&self.client.is_cancelled, || {
            let answer = begin(name);
            may_run |= answer.as_ref().is_err_and(|error| {
                error.leaves_open() || error.is_duplicate() && error.status.is_some()
            });
            answer
        });
        match started {
            Err(error) if may_run => match self.ask(name, None) {
                Err(answer) if answer.is_not_found() => Err(error),
                Err(answer) => Err(self.give_up(name, &answer)),
                found => found,
            },
            started => started,
        }
    }

    /// `jobs.insert` with a configuration; not tried again here.
    pub(crate) fn insert(&self, name: &JobName, configuration: &Value) -> Result<Value, ApiError> {
        let path = format!("projects/{}/jobs", escaped(&name.project));
        let body = json!({"jobReference": name.reference(), "configuration": configuration});
        let timeout = self.client.settings.creation_timeout;
        self.client.call_once(&Method::POST, &path, Some(&body), timeout)
    }

    /// How a job stands. A job goes on whether or not the service answers for it, so that it is asked for again for as
    /// long as the job has `rest` left, or else for as long as the profile says that anything is tried again.
    fn ask(&self, name: &JobName, rest: Option<Duration>) -> Result<Value, ApiError> {
        let settings = &self.client.settings;
        let patience = RetryPolicy {
            retries: u32::MAX,
            deadline: rest.unwrap_or(settings.retries.deadline),
            ..settings.retries
        };
        let path = format!("{}{}", name.path(), name.query("?"));
        patience.run(&self.client.is_cancelled, || {
            let job = self.client.call_once(&Method::GET, &path, None, USUAL_TIMEOUT)?;
            let is_job = job["status"]["state"].is_string();
            is_job.then_some(job).ok_or_else(|| ApiError::without_answer("the answer is no job"))
        })
    }

    /// Waits for the end of a job that was begun under a name.
    fn wait(
        &self,
        name: &JobName,
        mut job: Value,
        timeout: Option<Duration>,
    ) -> Result<Value, ApiError> {
        let start = Instant::now();
        let mut pause = Duration::from_millis(100);
        while job["status"]["state"].as_str() != Some("DONE") {
            let name = JobName::of(&job).unwrap_or_else(|| name.clone());
            *lock(&self.running) = Some(name.clone());
            let rest =
                timeout.map(|time| time.saturating_add(GRACE).saturating_sub(start.elapsed()));
            if rest.is_some_and(|rest| rest.is_zero()) {
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
            let is_held_back =
                job["configuration"]["query"].is_object() && self.wait_for_rows(&name).is_ok();
            if !is_held_back {
                sleep(pause, &self.client.is_cancelled);
            }
            pause = (pause * 2).min(Duration::from_secs(2));
            job = self.ask(&name, rest).map_err(|error| self.give_up(&name, &error))?;
            if self.is_cancelled() && job["status"]["state"].as_str() != Some("DONE") {
                // Whoever cancelled the run may have come before the job had its name.
                let _ = cancel(&self.client, &name);
                return Err(stopped());
            }
        }
        Ok(job)
    }

    /// Tells a job to stop of which nobody knows how it stands, and says so.
    fn give_up(&self, name: &JobName, error: &ApiError) -> ApiError {
        let told = cancel(&self.client, name);
        if self.is_cancelled() {
            return stopped();
        }
        let told = match told {
            Ok(()) => "it was told to stop",
            Err(_) => "it could not be told to stop either",
        };
        ApiError::of_unknown_outcome(format!(
            "how the job `{name}` ended is not known: {error}; {told}, and may have done its work: look at the job, and \
             at what it writes, before you run it anew"
        ))
    }

    fn is_cancelled(&self) -> bool {
        self.client.is_cancelled.load(Ordering::Relaxed)
    }

    /// `jobs.getQueryResults` without rows: it comes back when the query is done, or after a while. How the query did is
    /// asked of the job.
    fn wait_for_rows(&self, name: &JobName) -> Result<Value, ApiError> {
        let path = format!(
            "projects/{}/queries/{}?maxResults=0&timeoutMs={}{}",
            escaped(&name.project),
            escaped(&name.id),
            LONG_POLL.as_millis(),
            name.query("&")
        );
        self.client.call_once(&Method::GET, &path, None, USUAL_TIMEOUT)
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

impl std::fmt::Display for JobName {
    /// As Google's console and tools write it.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let location = self.location.as_deref();
        let location = location.map(|location| format!("{location}.")).unwrap_or_default();
        write!(formatter, "{}:{location}{}", self.project, self.id)
    }
}

/// The error of a job whose run was cancelled.
fn stopped() -> ApiError {
    ApiError {
        status: None,
        reason: Some("stopped".to_owned()),
        message: "the run was cancelled".to_owned(),
    }
}

fn lock(running: &RunningJob) -> std::sync::MutexGuard<'_, Option<JobName>> {
    running.lock().unwrap_or_else(PoisonError::into_inner)
}
