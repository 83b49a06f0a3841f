//! The fields of a profile beside those of who asks: as they were written, as the adapter uses them, and as they are shown.

use std::time::Duration;

use adapter_interface::{ProfileError, ProfileFields};
use indexmap::IndexMap;
use serde_json::{Value, json};

use super::Settings;
use super::fields::{Fields, wrong};
use crate::authentication::{IAM_ENDPOINT, TokenSource};
use crate::retry::RetryPolicy;

/// Google's own address of the service.
const ENDPOINT: &str = "https://bigquery.googleapis.com";

/// The rights that a token is asked for where the profile does not say; dbt-bigquery's.
const SCOPES: [&str; 4] = [
    "https://www.googleapis.com/auth/bigquery",
    "https://www.googleapis.com/auth/cloud-platform",
    "https://www.googleapis.com/auth/drive",
    "https://www.googleapis.com/auth/userinfo.email",
];

/// Fields that only Python models need; they are passed over.
const FOR_PYTHON: [&str; 7] = [
    "compute_region",
    "dataproc_region",
    "dataproc_cluster_name",
    "dataproc_batch",
    "gcs_bucket",
    "submission_method",
    "notebook_template_id",
];

/// The fields as they were written.
#[derive(Debug)]
pub(super) struct Options {
    /// The project in which relations are built.
    pub database: String,
    /// The dataset in which relations are built.
    pub schema: String,
    endpoint: String,
    scopes: Vec<String>,
    execution_project: String,
    location: Option<String>,
    priority: Option<String>,
    is_batch: bool,
    maximum_bytes_billed: Option<u64>,
    reservation: Option<String>,
    /// The account whose rights are borrowed.
    account: Option<String>,
    execution_timeout: Option<u64>,
    creation_timeout: Option<u64>,
    job_retries: u64,
    retry_deadline: Option<u64>,
}

impl Options {
    /// Reads the fields; `default_project` is that of the credentials.
    pub(super) fn read(
        fields: &Fields<'_>,
        default_project: Option<String>,
    ) -> Result<Self, ProfileError> {
        let Some(database) = fields.either("database", "project")?.or(default_project) else {
            return Err(wrong(
                "project",
                "a BigQuery profile needs a `project`, and the credentials name none",
                "add `project: <your Google Cloud project>`",
            ));
        };
        let Some(schema) = fields.either("schema", "dataset")? else {
            return Err(wrong(
                "dataset",
                "a BigQuery profile needs a `dataset`",
                "name the dataset in which relations are built",
            ));
        };
        let execution_project = fields.text("execution_project")?;
        let priority = fields.text("priority")?;
        let scopes = fields.scopes()?;
        Ok(Self {
            endpoint: endpoint(fields)?,
            scopes: scopes.unwrap_or_else(|| SCOPES.map(str::to_owned).to_vec()),
            execution_project: execution_project.unwrap_or_else(|| database.clone()),
            location: fields.text("location")?,
            is_batch: is_batch(priority.as_deref())?,
            priority,
            maximum_bytes_billed: fields.whole_number("maximum_bytes_billed")?,
            reservation: fields.text("reservation")?,
            account: fields.text("impersonate_service_account")?,
            execution_timeout: fields
                .whole_number_of(["job_execution_timeout_seconds", "timeout_seconds"])?,
            creation_timeout: fields.whole_number("job_creation_timeout_seconds")?,
            job_retries: fields.whole_number_of(["job_retries", "retries"])?.unwrap_or(1),
            retry_deadline: fields.whole_number("job_retry_deadline_seconds")?,
            database,
            schema,
        })
    }

    /// What the adapter uses, with where tokens come from and the project whose quota is used.
    pub(super) fn settings(&self, source: TokenSource, quota_project: Option<String>) -> Settings {
        let source = match self.account.clone() {
            None => source,
            Some(account) => TokenSource::Impersonated {
                source: Box::new(source),
                account,
                endpoint: IAM_ENDPOINT.to_owned(),
            },
        };
        // Without retries of jobs none are wanted at all; with them an exchange may stumble more often than a job.
        let retries = match self.job_retries {
            0 => 0,
            count => u32::try_from(count).unwrap_or(8).max(5),
        };
        Settings {
            endpoint: self.endpoint.clone(),
            source,
            scopes: self.scopes.clone(),
            execution_project: self.execution_project.clone(),
            quota_project,
            location: self.location.clone(),
            is_batch: self.is_batch,
            maximum_bytes_billed: self.maximum_bytes_billed.filter(|bytes| *bytes > 0),
            reservation: self.reservation.clone(),
            execution_timeout: self
                .execution_timeout
                .filter(|count| *count > 0)
                .map(Duration::from_secs),
            creation_timeout: Duration::from_secs(self.creation_timeout.unwrap_or(60).max(1)),
            job_retries: u32::try_from(self.job_retries).unwrap_or(u32::MAX),
            retries: RetryPolicy {
                retries,
                deadline: Duration::from_secs(self.retry_deadline.unwrap_or(600)),
                first_delay: Duration::from_secs(1),
            },
        }
    }

    /// What `target` and `debug` show.
    pub(super) fn shown(&self, profile: &ProfileFields) -> IndexMap<String, Value> {
        let as_written = |name: &str| profile.get(name).cloned();
        let own = [
            ("method", json!(as_written("method"))),
            ("database", json!(self.database)),
            ("execution_project", json!(self.execution_project)),
            ("schema", json!(self.schema)),
            ("location", json!(self.location)),
            ("priority", json!(self.priority)),
            ("maximum_bytes_billed", json!(self.maximum_bytes_billed)),
            ("reservation", json!(self.reservation)),
            ("impersonate_service_account", json!(self.account)),
            ("job_retry_deadline_seconds", json!(self.retry_deadline)),
            ("job_retries", json!(self.job_retries)),
            ("job_creation_timeout_seconds", json!(self.creation_timeout)),
            ("job_execution_timeout_seconds", json!(self.execution_timeout)),
            ("project", json!(self.database)),
            ("dataset", json!(self.schema)),
            ("api_endpoint", json!(as_written("api_endpoint"))),
            ("scopes", json!(self.scopes)),
        ];
        let for_python = FOR_PYTHON.into_iter().filter_map(|name| Some((name, as_written(name)?)));
        own.into_iter().chain(for_python).map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

fn is_batch(priority: Option<&str>) -> Result<bool, ProfileError> {
    match priority.map(str::to_ascii_lowercase).as_deref() {
        None | Some("interactive") => Ok(false),
        Some("batch") => Ok(true),
        Some(other) => Err(wrong(
            "priority",
            format!("`priority` cannot be `{other}`"),
            "write `interactive` or `batch`",
        )),
    }
}

fn endpoint(fields: &Fields<'_>) -> Result<String, ProfileError> {
    let Some(written) = fields.text("api_endpoint")? else { return Ok(ENDPOINT.to_owned()) };
    let trimmed = written.trim().trim_end_matches('/');
    let trimmed = trimmed.trim_end_matches("/bigquery/v2").trim_end_matches('/');
    if trimmed.contains("://") {
        if trimmed.starts_with("http://") || trimmed.starts_with("https://") {
            return Ok(trimmed.to_owned());
        }
        return Err(wrong(
            "api_endpoint",
            format!("`api_endpoint` cannot be `{written}`"),
            "write an address that begins with https:// or http://",
        ));
    }
    Ok(format!("https://{trimmed}"))
}
