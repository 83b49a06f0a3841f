//! A server that plays back answers, one for each request, and remembers what it was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value, json};

/// An answer of the server.
#[derive(Clone)]
pub(super) enum Answer {
    /// The connection is closed without one.
    Nothing,
    /// It comes when the next request has come, and says that the query is gone.
    Held,
    /// A status and a text.
    Text(u16, String),
    /// A page with a further header.
    Page(Value, Vec<(String, String)>),
}

impl Answer {
    pub(super) fn page(page: &Value) -> Self {
        Self::Page(page.clone(), Vec::new())
    }

    pub(super) fn status(status: u16) -> Self {
        Self::Text(status, String::new())
    }

    pub(super) fn with(self, name: &str, value: &str) -> Self {
        match self {
            Self::Page(page, mut headers) => {
                headers.push((name.to_owned(), value.to_owned()));
                Self::Page(page, headers)
            }
            other => other,
        }
    }
}

/// A page; `next` is a path.
pub(super) fn page(id: &str, next: Option<&str>, more: &Value) -> Value {
    let mut page = json!({"id": id, "stats": {"state": "RUNNING"}});
    for (name, value) in more.as_object().unwrap() {
        page[name] = value.clone();
    }
    if let Some(next) = next {
        page["nextUri"] = json!(next);
    }
    page
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
}

/// The server; it ends with the process.
pub(super) struct Played {
    pub address: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Played {
    pub(super) fn start(answers: Vec<Answer>) -> Self {
        Self::start_with(answers, None)
    }

    /// A server that is asked over TLS.
    #[cfg(unix)]
    pub(super) fn protected(answers: Vec<Answer>, config: ServerConfig) -> Self {
        Self::start_with(answers, Some(Arc::new(config)))
    }

    fn start_with(answers: Vec<Answer>, config: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        // Certificates name `localhost`.
        let (scheme, host) =
            if config.is_some() { ("https", "localhost") } else { ("http", "127.0.0.1") };
        let address = format!("{host}:{port}");
        let requests = Arc::<Mutex<Vec<Request>>>::default();
        let (own, asked) = (format!("{scheme}://{address}"), requests.clone());
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (own, asked, answers) = (own.clone(), asked.clone(), answers.clone());
                let config = config.clone();
                thread::spawn(move || {
                    let stream = stream.unwrap();
                    let mut stream: Box<dyn ReadWrite> = match config {
                        None => Box::new(stream),
                        Some(config) => Box::new(StreamOwned::new(
                            ServerConnection::new(config).unwrap(),
                            stream,
                        )),
                    };
                    while answer(&mut *stream, &own, &asked, &answers).is_some() {}
                });
            }
        });
        Self { address, requests }
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// Method and path of each request.
    pub(super) fn asked(&self) -> Vec<String> {
        self.requests().into_iter().map(|request| request.line).collect()
    }
}

/// A connection, protected or not.
trait ReadWrite: Read + Write {}

impl<T: Read + Write> ReadWrite for T {}

/// Reads a request and answers it; nothing when the connection is to end.
fn answer(
    stream: &mut dyn ReadWrite,
    own: &str,
    asked: &Mutex<Vec<Request>>,
    answers: &[Answer],
) -> Option<()> {
    let request = read(stream)?;
    let index = {
        let mut asked = asked.lock().unwrap();
        asked.push(request);
        asked.len() - 1
    };
    let (status, headers, body) = match answers.get(index)? {
        Answer::Nothing => return None,
        Answer::Held => {
            while asked.lock().unwrap().len() < index + 2 {
                thread::yield_now();
            }
            (410, Vec::new(), String::new())
        }
        Answer::Text(status, text) => (*status, Vec::new(), text.clone()),
        Answer::Page(page, headers) => {
            let mut page = page.clone();
            if let Some(next) = page["nextUri"].as_str() {
                page["nextUri"] = json!(format!("{own}{next}"));
            }
            (200, headers.clone(), page.to_string())
        }
    };
    let headers: Vec<_> =
        headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let headers = headers.concat();
    let length =
        if status == 204 { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    let text = format!("HTTP/1.1 {status} X\r\n{headers}{length}\r\n{body}");
    stream.write_all(text.as_bytes()).and_then(|()| stream.flush()).ok()
}

fn read(stream: &mut dyn ReadWrite) -> Option<Request> {
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
    let length = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length = length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let mut words = line.split_whitespace();
    let line = format!("{} {}", words.next()?, words.next()?);
    Some(Request { line, headers, body: String::from_utf8(body).unwrap() })
}
