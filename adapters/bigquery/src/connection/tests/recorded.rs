//! A server of recorded exchanges: it gives prepared answers one after the other and keeps what it was asked.

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tiny_http::{Header, Request, Response, Server};

use crate::authentication::TokenSource;
use crate::profile::Settings;
use crate::retry::RetryPolicy;

/// A request that came.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// The method and the path, such as `GET /bigquery/v2/projects/p`, without the query.
    pub call: String,
    /// What stands behind the question mark.
    pub query: String,
    /// The token.
    pub authorization: String,
    /// The body as text.
    pub text: String,
    /// The range of an upload's piece.
    pub range: String,
    /// The version of what is to be changed.
    pub if_match: String,
}

impl Seen {
    fn read(request: &mut Request) -> Self {
        let mut text = Vec::new();
        let _ = request.as_reader().read_to_end(&mut text);
        let header = |name: &str| {
            let mut found = request.headers().iter();
            let found =
                found.find(|header| header.field.as_str().as_str().eq_ignore_ascii_case(name));
            found.map(|header| header.value.to_string()).unwrap_or_default()
        };
        let (path, query) = request.url().split_once('?').unwrap_or((request.url(), ""));
        Self {
            call: format!("{} {path}", request.method()),
            query: query.to_owned(),
            authorization: header("authorization"),
            range: header("content-range"),
            if_match: header("if-match"),
            text: String::from_utf8_lossy(&text).into_owned(),
        }
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }
}

/// An answer to give.
#[derive(Debug, Clone)]
pub(crate) struct Prepared {
    status: u16,
    body: String,
    headers: Vec<(&'static str, String)>,
}

/// A good answer.
pub(crate) fn good(body: &Value) -> Prepared {
    Prepared { status: 200, body: body.to_string(), headers: Vec::new() }
}

/// An answer with a status and any text.
pub(crate) fn answer(status: u16, body: &str) -> Prepared {
    Prepared { status, body: body.to_owned(), headers: Vec::new() }
}

/// An error of Google's form.
pub(crate) fn refused(status: u16, reason: &str) -> Prepared {
    let error = serde_json::json!({"error": {
        "code": status, "message": format!("it says {reason}"),
        "errors": [{"reason": reason, "message": format!("it says {reason}")}],
    }});
    answer(status, &error.to_string())
}

impl Prepared {
    /// The same with a header.
    pub(crate) fn with_header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }
}

/// The server; it ends with the test.
pub(crate) struct Recorded {
    pub address: String,
    server: Arc<Server>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Recorded {
    /// Starts a server with its answers; what is asked beyond them is answered by 418, which nobody retries.
    pub(crate) fn start(answers: impl FnOnce(&str) -> Vec<Prepared>) -> Self {
        let server = Arc::new(Server::http("127.0.0.1:0").unwrap());
        let address = address_of(&server);
        let answers = Mutex::new(answers(&address).into_iter());
        Self::serve(server, move |_| {
            let next = answers.lock().unwrap().next();
            next.unwrap_or_else(|| answer(418, "no answer is prepared"))
        })
    }

    /// Starts a server whose answers depend on what is asked. Each request is answered by itself, so that one answer can
    /// wait for another request.
    pub(crate) fn answering(answer: impl Fn(&Seen) -> Prepared + Send + Sync + 'static) -> Self {
        Self::serve(Arc::new(Server::http("127.0.0.1:0").unwrap()), answer)
    }

    fn serve(
        server: Arc<Server>,
        answer: impl Fn(&Seen) -> Prepared + Send + Sync + 'static,
    ) -> Self {
        let address = address_of(&server);
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (own, record, answer) = (server.clone(), seen.clone(), Arc::new(answer));
        thread::spawn(move || {
            for mut request in own.incoming_requests() {
                let now_seen = Seen::read(&mut request);
                record.lock().unwrap().push(now_seen.clone());
                let answer = answer.clone();
                thread::spawn(move || {
                    let Prepared { status, body, headers } = answer(&now_seen);
                    let mut response = Response::from_string(body).with_status_code(status);
                    for (name, value) in headers {
                        response.add_header(Header::from_bytes(name, value).unwrap());
                    }
                    let _ = request.respond(response);
                });
            }
        });
        Self { address, server, seen }
    }

    /// What was asked so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The methods and paths that were asked, without what all have in common.
    pub(crate) fn calls(&self) -> Vec<String> {
        let short = |seen: &Seen| seen.call.replace("/bigquery/v2/projects/shop", "");
        self.seen().iter().map(short).collect()
    }

    /// A profile for it that waits for next to nothing before it tries again.
    pub(crate) fn settings(&self) -> Settings {
        settings_for(&self.address)
    }
}

fn address_of(server: &Server) -> String {
    format!("http://{}", server.server_addr().to_ip().unwrap())
}

impl Drop for Recorded {
    fn drop(&mut self) {
        self.server.unblock();
    }
}

/// A profile for an address.
pub(crate) fn settings_for(address: &str) -> Settings {
    Settings {
        endpoint: address.to_owned(),
        source: TokenSource::Given("token".to_owned()),
        scopes: vec!["scope".to_owned()],
        execution_project: "shop".to_owned(),
        quota_project: None,
        location: Some("EU".to_owned()),
        is_batch: false,
        maximum_bytes_billed: None,
        reservation: None,
        execution_timeout: None,
        creation_timeout: Duration::from_secs(20),
        job_retries: 2,
        retries: RetryPolicy {
            retries: 3,
            deadline: Duration::from_secs(60),
            first_delay: Duration::from_millis(1),
        },
    }
}
