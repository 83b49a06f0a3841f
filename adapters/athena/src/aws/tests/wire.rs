//! A server that plays back answers, one for each request, and remembers what it was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value;

/// An answer of the server.
#[derive(Clone)]
pub(super) enum Answer {
    /// The connection is closed without one.
    Nothing,
    /// It comes when the next request has come.
    Held(String),
    /// A status, a type and a text.
    Text(u16, &'static str, String),
}

impl Answer {
    pub(super) fn json(value: &Value) -> Self {
        Self::failure(200, value)
    }

    pub(super) fn failure(status: u16, value: &Value) -> Self {
        Self::Text(status, "application/x-amz-json-1.1", value.to_string())
    }

    pub(super) fn xml(text: &str) -> Self {
        Self::Text(200, "application/xml", text.to_owned())
    }
}

/// A page of the names of objects.
pub(super) fn listing(keys: &[&str], next: Option<&str>) -> String {
    let contents: Vec<_> = keys
        .iter()
        .map(|key| format!("<Contents><Key>{key}</Key><Size>1</Size></Contents>"))
        .collect();
    let more = next.map_or_else(
        || "<IsTruncated>false</IsTruncated>".to_owned(),
        |next| format!("<IsTruncated>true</IsTruncated><NextContinuationToken>{next}</NextContinuationToken>"),
    );
    format!(
        "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{more}{}</ListBucketResult>",
        contents.concat()
    )
}

/// What was asked.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Request {
    pub(super) fn header(&self, name: &str) -> Option<String> {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.clone())
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// The server; it ends with the process.
pub(super) struct Wire {
    pub address: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Wire {
    pub(super) fn start(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::<Mutex<Vec<Request>>>::default();
        let asked = requests.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (asked, answers) = (asked.clone(), answers.clone());
                thread::spawn(move || {
                    while answer(stream.as_ref().unwrap(), &asked, &answers).is_some() {}
                });
            }
        });
        Self { address, requests }
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// The operation of each request to Athena and Glue, method and path of those to S3.
    pub(super) fn asked(&self) -> Vec<String> {
        let name = |request: &Request| {
            request.header("x-amz-target").unwrap_or_else(|| request.line.clone())
        };
        self.requests().iter().map(name).collect()
    }
}

/// Reads a request and answers it; nothing when the connection is to end.
fn answer(mut stream: &TcpStream, asked: &Mutex<Vec<Request>>, answers: &[Answer]) -> Option<()> {
    let request = read(stream)?;
    let index = {
        let mut asked = asked.lock().unwrap();
        asked.push(request);
        asked.len() - 1
    };
    let (status, kind, body) = match answers.get(index)? {
        Answer::Nothing => return None,
        Answer::Held(text) => {
            while asked.lock().unwrap().len() < index + 2 {
                thread::yield_now();
            }
            (200, "application/x-amz-json-1.1", text.clone())
        }
        Answer::Text(status, kind, text) => (*status, *kind, text.clone()),
    };
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .ok()
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|length| *length > 0)?;
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        match header.trim_end().split_once(": ") {
            Some((name, value)) => headers.push((name.to_owned(), value.to_owned())),
            None => break,
        }
    }
    let header = |wanted: &str| {
        let found = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| value.clone())
    };
    // Who sends much waits to hear that it is wanted.
    if header("expect").is_some() {
        let mut answer = stream;
        write!(answer, "HTTP/1.1 100 Continue\r\n\r\n").ok()?;
    }
    let length = header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let mut words = line.split_whitespace();
    let line = format!("{} {}", words.next()?, words.next()?);
    Some(Request { line, headers, body: String::from_utf8_lossy(&body).into_owned() })
}
