//! The service's methods, as requests and answers of JSON, tried again where that may help.
//!
//! From Google's reference of the BigQuery API v2 (`jobs`, `tables`, `datasets`, `routines`).

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use serde_json::Value;
use ureq::http::Method;

use crate::authentication::Authenticator;
use crate::error::ApiError;
use crate::http::{Answer, Http, Request, USUAL_TIMEOUT, escaped};
use crate::profile::Settings;

/// A client of one connection; clones share connections, tokens and the flag that stops them.
#[derive(Clone)]
pub(crate) struct Client {
    http: Http,
    authenticator: Arc<Authenticator>,
    /// The profile.
    pub(crate) settings: Arc<Settings>,
    /// Set when the run is cancelled: nothing is waited for any more.
    pub(crate) is_cancelled: Arc<AtomicBool>,
}

/// The name of a table of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TableName<'a> {
    pub project: &'a str,
    pub dataset: &'a str,
    pub table: &'a str,
}

/// How many entries of a listing come at once.
const PAGE_SIZE: u32 = 1000;

impl Client {
    /// A client for a profile.
    pub(crate) fn new(settings: Arc<Settings>) -> Self {
        let http = Http::new();
        let authenticator =
            Authenticator::new(http.clone(), settings.source.clone(), settings.scopes.clone());
        Self {
            http,
            authenticator: Arc::new(authenticator),
            settings,
            is_cancelled: Arc::default(),
        }
    }

    /// The same client for another connection, which is stopped by itself.
    pub(crate) fn for_connection(&self) -> Self {
        Self { is_cancelled: Arc::default(), ..self.clone() }
    }

    /// `GET`; tried again where that may help.
    pub(crate) fn get(&self, path: &str) -> Result<Value, ApiError> {
        self.call(&Method::GET, path, None, USUAL_TIMEOUT)
    }

    /// A request with a body; tried again where that may help, so that it has to be one that can be sent twice.
    pub(crate) fn call(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
        timeout: Duration,
    ) -> Result<Value, ApiError> {
        self.settings
            .retries
            .run(&self.is_cancelled, || self.call_once(method, path, body, timeout))
    }

    /// A request that is not tried again here.
    pub(crate) fn call_once(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
        timeout: Duration,
    ) -> Result<Value, ApiError> {
        let url = self.url(path);
        let body = body.map(Value::to_string).unwrap_or_default();
        let headers = [("content-type", "application/json".to_owned())];
        self.send(method, &url, &headers, body.as_bytes(), timeout)?.json(&url)
    }

    fn url(&self, path: &str) -> String {
        format!("{}/bigquery/v2/{path}", self.settings.endpoint)
    }

    /// One exchange, with a token; a token that is not taken is renewed once.
    pub(crate) fn send(
        &self,
        method: &Method,
        url: &str,
        headers: &[(&'static str, String)],
        body: &[u8],
        timeout: Duration,
    ) -> Result<Answer, ApiError> {
        let exchange = || {
            let mut headers = headers.to_vec();
            let token = self.authenticator.token().map_err(ApiError::before_request)?;
            headers.push(("authorization", format!("Bearer {token}")));
            if let Some(project) = &self.settings.quota_project {
                headers.push(("x-goog-user-project", project.clone()));
            }
            self.http.send(&Request { method: method.clone(), url, headers, body, timeout })
        };
        let answer = exchange()?;
        if answer.status == 401 && self.authenticator.forget() {
            return exchange();
        }
        Ok(answer)
    }

    /// All entries of a listing, page by page.
    fn list(&self, path: &str, key: &str) -> Result<Vec<Value>, ApiError> {
        let mut entries = Vec::new();
        let mut page: Option<String> = None;
        loop {
            let mark = if path.contains('?') { '&' } else { '?' };
            let token = page.as_deref().map(|page| format!("&pageToken={}", escaped(page)));
            let url = format!("{path}{mark}maxResults={PAGE_SIZE}{}", token.unwrap_or_default());
            let mut answer = self.get(&url)?;
            if let Value::Array(items) = answer[key].take() {
                entries.extend(items);
            }
            page = answer["nextPageToken"].as_str().map(str::to_owned);
            if page.is_none() {
                return Ok(entries);
            }
        }
    }

    /// `tables.get`.
    pub(crate) fn table(&self, name: &TableName<'_>) -> Result<Value, ApiError> {
        self.get(&name.path())
    }

    /// `tables.get`; nothing for a table that does not exist.
    pub(crate) fn find_table(&self, name: &TableName<'_>) -> Result<Option<Value>, ApiError> {
        if_found(self.table(name))
    }

    /// `tables.patch`.
    pub(crate) fn patch_table(
        &self,
        name: &TableName<'_>,
        changes: &Value,
    ) -> Result<Value, ApiError> {
        self.call(&Method::PATCH, &name.path(), Some(changes), USUAL_TIMEOUT)
    }

    /// `tables.delete`; no error for a table that does not exist.
    pub(crate) fn delete_table(&self, name: &TableName<'_>) -> Result<(), ApiError> {
        if_found(self.call(&Method::DELETE, &name.path(), None, USUAL_TIMEOUT)).map(|_| ())
    }

    /// `tables.list`.
    pub(crate) fn tables(&self, project: &str, dataset: &str) -> Result<Vec<Value>, ApiError> {
        self.list(&format!("{}/tables", dataset_path(project, dataset)), "tables")
    }

    /// `routines.list`.
    pub(crate) fn routines(&self, project: &str, dataset: &str) -> Result<Vec<Value>, ApiError> {
        self.list(&format!("{}/routines", dataset_path(project, dataset)), "routines")
    }

    /// `routines.delete`; no error for one that does not exist.
    pub(crate) fn delete_routine(&self, name: &TableName<'_>) -> Result<(), ApiError> {
        let dataset = dataset_path(name.project, name.dataset);
        let path = format!("{dataset}/routines/{}", escaped(name.table));
        if_found(self.call(&Method::DELETE, &path, None, USUAL_TIMEOUT)).map(|_| ())
    }

    /// `datasets.get`.
    pub(crate) fn dataset(&self, project: &str, dataset: &str) -> Result<Value, ApiError> {
        self.get(&dataset_path(project, dataset))
    }

    /// `datasets.get`; nothing for a dataset that does not exist.
    pub(crate) fn find_dataset(
        &self,
        project: &str,
        dataset: &str,
    ) -> Result<Option<Value>, ApiError> {
        if_found(self.dataset(project, dataset))
    }

    /// `datasets.patch` of a dataset as it was read, refused by the service (412) when it was changed since, which it
    /// knows by the `etag`.
    pub(crate) fn patch_dataset(
        &self,
        name: (&str, &str),
        known: &Value,
        changes: &Value,
    ) -> Result<Value, ApiError> {
        let url = self.url(&dataset_path(name.0, name.1));
        let body = changes.to_string();
        let etag = known["etag"].as_str().map(|etag| ("if-match", etag.to_owned()));
        let kind = ("content-type", "application/json".to_owned());
        let headers: Vec<_> = std::iter::once(kind).chain(etag).collect();
        self.settings.retries.run(&self.is_cancelled, || {
            self.send(&Method::PATCH, &url, &headers, body.as_bytes(), USUAL_TIMEOUT)?.json(&url)
        })
    }

    /// `datasets.list`: the names, hidden ones too.
    pub(crate) fn datasets(&self, project: &str) -> Result<Vec<String>, ApiError> {
        let entries =
            self.list(&format!("projects/{}/datasets?all=true", escaped(project)), "datasets")?;
        let name =
            |entry: &Value| entry["datasetReference"]["datasetId"].as_str().map(str::to_owned);
        Ok(entries.iter().filter_map(name).collect())
    }

    /// `datasets.delete` with all that is in it; no error for one that does not exist.
    pub(crate) fn delete_dataset(&self, project: &str, dataset: &str) -> Result<(), ApiError> {
        let path = format!("{}?deleteContents=true", dataset_path(project, dataset));
        if_found(self.call(&Method::DELETE, &path, None, USUAL_TIMEOUT)).map(|_| ())
    }
}

impl TableName<'_> {
    /// The path of the table among the service's resources.
    fn path(&self) -> String {
        let dataset = dataset_path(self.project, self.dataset);
        format!("{dataset}/tables/{}", escaped(self.table))
    }

    /// The service's `tableReference`.
    pub(crate) fn reference(&self) -> Value {
        serde_json::json!({
            "projectId": self.project, "datasetId": self.dataset, "tableId": self.table,
        })
    }
}

fn dataset_path(project: &str, dataset: &str) -> String {
    format!("projects/{}/datasets/{}", escaped(project), escaped(dataset))
}

/// Nothing where what was asked for does not exist.
fn if_found<T>(answer: Result<T, ApiError>) -> Result<Option<T>, ApiError> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}
