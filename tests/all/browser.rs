//! A browser under our control: chromedriver's `WebDriver` protocol over plain HTTP.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::parts::Browsers;

/// An open window; the browser and its driver end with it.
pub struct Browser {
    driver: Child,
    port: u16,
    session: String,
}

/// The size of a window in CSS pixels.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// From left to right.
    pub width: u32,
    /// From top to bottom.
    pub height: u32,
}

impl Browser {
    /// Starts the driver on a free port, and with it a browser without a screen.
    pub fn open(browsers: &Browsers, profile: &Path) -> Self {
        let mut driver = Command::new(&browsers.driver)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver can be started");
        let stdout = driver.stdout.take().expect("its output is ours");
        let port = read_port(stdout);
        let mut browser = Self { driver, port, session: String::new() };
        let arguments = [
            "--headless".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--no-first-run".to_owned(),
            "--disable-background-networking".to_owned(),
            format!("--user-data-dir={}", profile.display()),
        ];
        let options = json!({"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {"binary": browsers.browser, "args": arguments},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }}});
        let session = browser.post("/session", &options);
        session["sessionId"]
            .as_str()
            .expect("a session has an id")
            .clone_into(&mut browser.session);
        browser
    }

    /// Sets the size of what a page sees, also below the least width of a window.
    pub fn resize(&self, size: Size) {
        let (is_phone, scale) = (size.width < 600, 1);
        self.command(
            "Emulation.setDeviceMetricsOverride",
            &json!({"width": size.width, "height": size.height, "deviceScaleFactor": scale, "mobile": is_phone}),
        );
    }

    /// Loads a page and waits for it.
    pub fn visit(&self, address: &str) {
        self.post(&self.path("/url"), &json!({"url": address}));
    }

    /// Runs a function's body in the page and gives what it returns.
    pub fn evaluate(&self, script: &str) -> Value {
        self.post(&self.path("/execute/sync"), &json!({"script": script, "args": []}))
    }

    /// Waits until the expression is true in the page, ten seconds at most.
    pub fn wait_for(&self, expression: &str) {
        for _ in 0..100 {
            if self.evaluate(&format!("return Boolean({expression})")) == json!(true) {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let page = self.evaluate("return document.documentElement.outerHTML.slice(0, 3000)");
        panic!("never true: {expression}\n{}", page.as_str().unwrap_or_default());
    }

    /// What the page's console said since the last call, the complaints alone.
    pub fn complaints(&self) -> Vec<String> {
        let entries = self.post(&self.path("/se/log"), &json!({"type": "browser"}));
        let entries = entries.as_array().cloned().unwrap_or_default();
        entries
            .iter()
            .filter(|entry| {
                ["SEVERE", "WARNING"].contains(&entry["level"].as_str().unwrap_or_default())
            })
            .map(|entry| entry["message"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// The addresses that were asked for since the last call.
    pub fn requests(&self) -> Vec<String> {
        let entries = self.post(&self.path("/se/log"), &json!({"type": "performance"}));
        let entries = entries.as_array().cloned().unwrap_or_default();
        entries
            .iter()
            .filter_map(|entry| serde_json::from_str::<Value>(entry["message"].as_str()?).ok())
            .filter(|event| event["message"]["method"] == "Network.requestWillBeSent")
            .filter_map(|event| {
                Some(event["message"]["params"]["request"]["url"].as_str()?.to_owned())
            })
            .collect()
    }

    fn command(&self, name: &str, parameters: &Value) {
        self.post(&self.path("/goog/cdp/execute"), &json!({"cmd": name, "params": parameters}));
    }

    fn path(&self, end: &str) -> String {
        format!("/session/{}{end}", self.session)
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let answer = self.request("POST", path, &body.to_string()).expect("chromedriver answers");
        let value = answer["value"].clone();
        assert!(value.get("error").is_none(), "{path}: {}", value["message"]);
        value
    }

    fn request(&self, method: &str, path: &str, body: &str) -> std::io::Result<Value> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_mins(1)))?;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.port,
            body.len()
        )?;
        let mut reader = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        let mut bytes = vec![0; length];
        reader.read_exact(&mut bytes)?;
        Ok(serde_json::from_slice(&bytes)?)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.request("DELETE", &self.path(""), "");
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// The driver says which port it took; what it says later is read and forgotten, so that it never waits for us.
fn read_port(stdout: impl Read + Send + 'static) -> u16 {
    let mut lines = BufReader::new(stdout).lines();
    let port = lines
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim().trim_end_matches('.').parse().ok()
        })
        .expect("chromedriver says its port");
    std::thread::spawn(move || lines.for_each(drop));
    port
}
