//! Services that play back answers, one for each request, and remember what they were asked.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use super::super::{AthenaConnection, AthenaWarehouse};
use crate::error::{ApiError, Failure};
use crate::profile::{self, Settings};
use crate::service::{Execution, Object, PageRequest, Query, ResultPage, Service};

/// The services.
#[derive(Default)]
pub(super) struct Played {
    state: Mutex<(std::collections::VecDeque<Value>, Vec<String>)>,
    released: Condvar,
}

impl Played {
    pub(super) fn new(answers: Vec<Value>) -> Arc<Self> {
        Arc::new(Self { state: Mutex::new((answers.into(), Vec::new())), ..Self::default() })
    }

    /// What was asked, a line for each request.
    pub(super) fn asked(&self) -> Vec<String> {
        self.state.lock().unwrap().1.clone()
    }

    fn note(&self, line: String) {
        self.state.lock().unwrap().1.push(line);
        self.released.notify_all();
    }

    fn answer(&self, line: String) -> Result<Value, ApiError> {
        self.note(line);
        let answer = self.state.lock().unwrap().0.pop_front().expect("an answer is left");
        if answer["hold"] == true {
            let state = self.state.lock().unwrap();
            let stopped = |(_, asked): &mut (_, Vec<String>)| {
                !asked.iter().any(|line| line.starts_with("stop"))
            };
            drop(self.released.wait_while(state, stopped).unwrap());
            return Ok(json!({"state": "RUNNING"}));
        }
        match answer["error"].as_str() {
            Some(code) => Err(ApiError::new(code, "no")),
            None => Ok(answer),
        }
    }
}

/// A session with the services.
pub(super) fn connect(played: &Arc<Played>, more: &Value) -> AthenaConnection {
    let mut fields =
        json!({"region_name": "r", "schema": "s", "s3_staging_dir": "s3://lake/results"});
    for (name, value) in more.as_object().unwrap() {
        fields[name] = value.clone();
    }
    let fields = fields.as_object().unwrap().clone().into_iter().collect();
    let credentials = profile::read(&fields).unwrap();
    let settings = credentials.details.downcast_ref::<Settings>().unwrap().clone();
    let warehouse = AthenaWarehouse::new(settings, Box::new(Way(played.clone())));
    AthenaConnection {
        shared: warehouse.shared.clone(),
        running: Arc::default(),
        tolerates_partitions: false,
        seed_place: None,
        seed_upload: None,
    }
}

pub(super) fn succeeded(statement_type: &str) -> Value {
    json!({"state": "SUCCEEDED", "type": statement_type})
}

pub(super) fn failed(reason: &str, category: i32) -> Value {
    json!({"state": "FAILED", "reason": reason, "category": category})
}

pub(super) fn throttled() -> Value {
    json!({"error": "ThrottlingException"})
}

/// A page of one column of whole numbers.
pub(super) fn rows(columns: &[&str], values: &[&str], next: Option<&str>) -> Value {
    json!({"columns": columns, "rows": values, "next": next})
}

struct Way(Arc<Played>);

impl Service for Way {
    fn start(&self, query: &Query<'_>) -> Result<String, ApiError> {
        let answer = self.0.answer(format!("start {}", query.text))?;
        Ok(answer.as_str().unwrap().to_owned())
    }

    fn execution(&self, query: &str) -> Result<Execution, ApiError> {
        let answer = self.0.answer(format!("execution {query}"))?;
        let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        let category = answer["category"].as_i64().map(|category| category as i32);
        Ok(Execution {
            state: text("state"),
            failure: Failure { reason: text("reason"), category, ..Failure::default() },
            statement_type: text("type"),
            scanned_bytes: 7,
            ..Execution::default()
        })
    }

    fn results(&self, page: &PageRequest<'_>) -> Result<ResultPage, ApiError> {
        let token = page.token.map(|token| format!(" {token}")).unwrap_or_default();
        let answer = self.0.answer(format!("results {}{token}", page.query))?;
        let list = |name: &str| answer[name].as_array().unwrap().clone();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Ok(ResultPage {
            columns: list("columns")
                .iter()
                .map(|name| (text(name), "integer".to_owned()))
                .collect(),
            rows: list("rows").iter().map(|value| vec![Some(text(value))]).collect(),
            next: answer["next"].as_str().map(str::to_owned),
            update_count: answer["update_count"].as_i64(),
        })
    }

    fn stop(&self, query: &str) -> Result<(), ApiError> {
        self.0.note(format!("stop {query}"));
        Ok(())
    }

    fn enforces_output_location(&self, work_group: &str) -> Result<bool, ApiError> {
        Ok(self.0.answer(format!("workgroup {work_group}"))? == true)
    }

    fn data_catalog(&self, name: &str) -> Result<(String, Option<String>), ApiError> {
        self.0.answer(format!("catalog {name}"))?;
        Ok(("LAMBDA".to_owned(), None))
    }

    fn glue(&self, operation: &str, input: &Value) -> Result<Value, ApiError> {
        self.0.answer(format!("{operation} {input}"))
    }

    fn list_objects(&self, bucket: &str, prefix: &str) -> Result<Vec<String>, ApiError> {
        let answer = self.0.answer(format!("list {bucket} {prefix}"))?;
        let keys = answer.as_array().cloned().unwrap_or_default();
        Ok(keys.iter().filter_map(|key| key.as_str().map(str::to_owned)).collect())
    }

    fn delete_objects(&self, bucket: &str, keys: &[String]) -> Result<(), ApiError> {
        self.0.note(format!("delete {bucket} {}", keys.join(" ")));
        Ok(())
    }

    fn put_object(&self, object: Object<'_>) -> Result<(), ApiError> {
        let content = String::from_utf8(object.content).unwrap();
        self.0.answer(format!("put {} {} {content}", object.bucket, object.key)).map(drop)
    }

    fn pause(&self, duration: Duration) {
        self.0.note(format!("pause {}", duration.as_millis()));
    }
}
