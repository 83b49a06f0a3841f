//! Load jobs whose data comes with the request: in one piece when it is small, piece by piece when it is large.
//!
//! From Google's guide "Upload data with the BigQuery API": `multipart` and `resumable` uploads.

use std::fs::File;

use serde_json::{Value, json};
use ureq::http::Method;

use crate::error::ApiError;
use crate::http::{USUAL_TIMEOUT, escaped};
use crate::job::{JobName, JobRunner};
use crate::payload::{Payload, read_piece};

/// The size of a piece; the service wants a multiple of 256 KiB.
const PIECE: u64 = 8 << 20;

/// What separates the parts of a request in one piece.
const BOUNDARY: &str = "quern-part-5b0d2f6a";

impl JobRunner {
    /// Begins a load job with its data; not tried again here.
    pub(crate) fn upload(
        &self,
        name: &JobName,
        configuration: &Value,
        payload: &Payload,
    ) -> Result<Value, ApiError> {
        let job = json!({"jobReference": name.reference(), "configuration": configuration});
        match payload {
            Payload::Whole(data) => self.upload_whole(name, &job, data),
            Payload::Stored { file, length } => self.upload_in_pieces(name, &job, (file, *length)),
        }
    }

    fn upload_url(&self, name: &JobName, kind: &str) -> String {
        let (endpoint, project) = (&self.client.settings.endpoint, escaped(&name.project));
        format!("{endpoint}/upload/bigquery/v2/projects/{project}/jobs?uploadType={kind}")
    }

    fn upload_whole(&self, name: &JobName, job: &Value, data: &[u8]) -> Result<Value, ApiError> {
        let url = self.upload_url(name, "multipart");
        let mut body = format!(
            "--{BOUNDARY}\r\ncontent-type: application/json; charset=UTF-8\r\n\r\n{job}\r\n\
             --{BOUNDARY}\r\ncontent-type: application/octet-stream\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(data);
        body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
        let headers = [("content-type", format!("multipart/related; boundary={BOUNDARY}"))];
        let timeout = USUAL_TIMEOUT.saturating_mul(5);
        self.client.send(&Method::POST, &url, &headers, &body, timeout)?.json(&url)
    }

    fn upload_in_pieces(
        &self,
        name: &JobName,
        job: &Value,
        (file, length): (&File, u64),
    ) -> Result<Value, ApiError> {
        let url = self.upload_url(name, "resumable");
        let headers = [
            ("content-type", "application/json; charset=UTF-8".to_owned()),
            ("x-upload-content-type", "application/octet-stream".to_owned()),
            ("x-upload-content-length", length.to_string()),
        ];
        let body = job.to_string();
        let begun =
            self.client.send(&Method::POST, &url, &headers, body.as_bytes(), USUAL_TIMEOUT)?;
        let session = match &begun.location {
            Some(location) if (200..300).contains(&begun.status) => location.clone(),
            _ => {
                begun.json(&url)?;
                return Err(ApiError::without_answer("the service gave no address for the upload"));
            }
        };
        let mut start = 0;
        loop {
            let end = (start + PIECE).min(length);
            let piece = read_piece(file, start, (end - start) as usize).map_err(|error| {
                ApiError::of_configuration(format!("the data of the load cannot be read: {error}"))
            })?;
            let range = format!("bytes {start}-{}/{length}", end - 1);
            let headers = [("content-range", range)];
            let timeout = USUAL_TIMEOUT.saturating_mul(5);
            let answer = self.client.send(&Method::PUT, &session, &headers, &piece, timeout)?;
            // 308 asks for what is missing.
            if answer.status != 308 {
                return answer.json(&session);
            }
            if end == length {
                return Err(ApiError::without_answer("the upload did not come to its end"));
            }
            start = end;
        }
    }
}
