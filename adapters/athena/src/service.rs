//! What the adapter asks of AWS, request by request. The way there is behind a feature; tests have a way of their own.

use std::time::Duration;

use serde_json::Value;

use crate::error::{ApiError, Failure};
use crate::profile::UploadArguments;

/// Athena, Glue and S3. A request that was one too many, or that the service could not answer, is made again inside.
pub(crate) trait Service: Send + Sync {
    /// `StartQueryExecution`: gives the name of the query. The token makes of a request that is made twice one query.
    fn start(&self, query: &Query<'_>) -> Result<String, ApiError>;

    /// `GetQueryExecution`.
    fn execution(&self, query: &str) -> Result<Execution, ApiError>;

    /// `GetQueryResults`: a page of the rows of a query that is done.
    fn results(&self, page: &PageRequest<'_>) -> Result<ResultPage, ApiError>;

    /// `StopQueryExecution`.
    fn stop(&self, query: &str) -> Result<(), ApiError>;

    /// `GetWorkGroup`: whether its own place of results goes before that of a query.
    fn enforces_output_location(&self, work_group: &str) -> Result<bool, ApiError>;

    /// `GetDataCatalog`: the type, such as `GLUE`, and the id that Glue knows it by.
    fn data_catalog(&self, name: &str) -> Result<(String, Option<String>), ApiError>;

    /// A request to Glue, such as `GetTable`, as its protocol has it.
    fn glue(&self, operation: &str, input: &Value) -> Result<Value, ApiError>;

    /// `ListObjectsV2`: the names of all objects in a bucket that begin so.
    fn list_objects(&self, bucket: &str, prefix: &str) -> Result<Vec<String>, ApiError>;

    /// `DeleteObjects`: at most a thousand.
    fn delete_objects(&self, bucket: &str, keys: &[String]) -> Result<(), ApiError>;

    /// `PutObject`.
    fn put_object(&self, object: Object<'_>) -> Result<(), ApiError>;

    /// Waits.
    fn pause(&self, duration: Duration);
}

/// A query to be started.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Query<'a> {
    /// The statement.
    pub text: &'a str,
    /// A name for this try of it.
    pub token: &'a str,
}

/// How a query stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Execution {
    /// `QUEUED`, `RUNNING`, `SUCCEEDED`, `FAILED` or `CANCELLED`.
    pub state: String,
    /// Why it failed.
    pub failure: Failure,
    /// `DDL`, `DML` or `UTILITY`.
    pub statement_type: String,
    /// Such as `EXPLAIN` or `INSERT`.
    pub subtype: String,
    /// How many bytes it read.
    pub scanned_bytes: i64,
    /// How long the engine worked.
    pub engine_milliseconds: i64,
}

impl Execution {
    /// Whether the first row of the result has the names of the columns.
    pub(crate) fn has_header(&self) -> bool {
        !matches!(self.statement_type.as_str(), "DDL" | "UTILITY") && self.subtype != "EXPLAIN"
    }
}

/// Which page of a result is wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PageRequest<'a> {
    /// The query.
    pub query: &'a str,
    /// What the page before said; nothing for the first.
    pub token: Option<&'a str>,
    /// How many rows at most.
    pub most: i32,
}

/// A page of a result.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ResultPage {
    /// The names and types of the columns.
    pub columns: Vec<(String, String)>,
    /// The rows; a value without text is null.
    pub rows: Vec<Vec<Option<String>>>,
    /// What the next page is asked for by.
    pub next: Option<String>,
    /// How many rows a change wrote.
    pub update_count: Option<i64>,
}

/// An object for S3.
#[derive(Debug, Clone)]
pub(crate) struct Object<'a> {
    /// The bucket.
    pub bucket: &'a str,
    /// The name in it.
    pub key: &'a str,
    /// What it holds.
    pub content: Vec<u8>,
    /// How it is kept.
    pub arguments: &'a UploadArguments,
}
