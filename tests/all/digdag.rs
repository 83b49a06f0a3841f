//! Digdag, for real: sessions run by hand, one that failed and is tried again, and a backfill by its server give the
//! tables of a clean pass.

use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::parts;
use crate::quern::{Outcome, Quern, outcome};
use crate::workspace;

/// As `templates/deploy/digdag` has it, for the test's project.
fn workflow() -> String {
    let text = workspace::text("templates/deploy/digdag/quern.dig");
    let text = text.replace("timezone: UTC", "timezone: Europe/Berlin");
    let text = text.replace("select: \"*\"", "select: +totals");
    // Tried again at once; what is broken for good fails all the same.
    let text = text.replace("interval: 30", "interval: 1");
    assert!(text.contains("Europe/Berlin") && text.contains("+totals"), "the recipe has them");
    text
}

/// The project with the workflow, and a database outside of it: a server runs copies of the project.
fn project() -> Quern {
    let mut quern = Quern::in_copy_of(&workspace::path("tests/session_project"));
    std::fs::remove_file(quern.folder().join("packages.yml")).expect("the project names it");
    quern.write("quern.dig", &workflow());
    let database = database(&quern).to_string_lossy().into_owned();
    quern.set("EVENTS_DATABASE", &database);
    quern
}

fn database(quern: &Quern) -> PathBuf {
    quern.beside("shop.duckdb")
}

/// Digdag in the project's folder; it keeps its libraries where it keeps them for its user.
fn command(quern: &Quern, program: &Path, arguments: &[&str]) -> Command {
    let mut command = quern.command(program);
    for name in ["HOME", "XDG_CACHE_HOME", "DIGDAG_LIB", "JAVA_HOME"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command.args(arguments).args(["--config", "digdag.properties"]);
    command
}

fn run(quern: &Quern, program: &Path, arguments: &[&str]) -> Outcome {
    outcome(command(quern, program, arguments))
}

/// A server that ends with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn sessions_of_digdag_build_the_tables_of_a_clean_pass() {
    let (Some(program), Some(oracle)) = (parts::digdag(), parts::oracle()) else { return };
    let quern = project();
    quern.write("digdag.properties", "");

    for day in ["2024-03-26", "2024-03-27", "2024-03-28"] {
        let session = format!("{day} 00:00:00");
        let arguments = ["run", "quern.dig", "--session", &session];
        if day == "2024-03-27" {
            let mut broken = command(&quern, &program, &arguments);
            broken.env("EVENTS_FAILURE", ", no_such_column");
            let failed = outcome(broken);
            assert!(!failed.succeeded && failed.text.contains("no_such_column"), "{}", failed.text);
        }
        let session = run(&quern, &program, &arguments);
        assert!(session.succeeded, "{day}:\n{}", session.text);
    }

    let port = TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a free port")
        .port();
    let endpoint = format!("http://127.0.0.1:{port}");
    let log = File::create(quern.beside("server.log")).expect("a log");
    let mut server = command(
        &quern,
        &program,
        &["server", "--memory", "--bind", "127.0.0.1", "--port", &port.to_string()],
    );
    server.stdout(log.try_clone().expect("the log")).stderr(log).stdin(Stdio::null());
    let _server = Server(server.spawn().expect("the server starts"));
    let told = || std::fs::read_to_string(quern.beside("server.log")).unwrap_or_default();
    wait_for("the server", &told, || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
    wait_for("the push", &told, || {
        run(&quern, &program, &["push", "events", "-e", &endpoint, "-r", "1"]).succeeded
    });
    let from = "2024-03-30 00:00:00";
    let backfill = ["backfill", "events", "quern", "--from", from, "--count", "3", "-e", &endpoint];
    let backfill = run(&quern, &program, &backfill);
    assert!(backfill.succeeded, "{}", backfill.text);
    wait_for("three sessions", &told, || {
        let sessions = run(&quern, &program, &["attempts", "-e", &endpoint]).text;
        assert!(!sessions.contains("status: error"), "{sessions}\n{}", told());
        sessions.matches("status: success").count() == 3
    });

    let clean = project();
    for day in ["03-26", "03-27", "03-28", "03-30", "03-31"] {
        let session = format!("2024-{day}T00:00:00+01:00");
        clean.succeed(&["build", "--select", "+totals", "--session-time", &session]);
    }
    let last = "2024-04-01T00:00:00+02:00";
    clean.succeed(&["build", "--select", "+totals", "--session-time", last]);
    let files = [database(&clean), database(&quern)];
    let found = parts::python(&oracle, "compare_tables.py", &[&files[0], &files[1]]);
    assert!(found.succeeded, "{}", found.text);
}

/// Asks until something is there; tells what the server said when it does not come.
fn wait_for(what: &str, told: &dyn Fn() -> String, is_there: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_there() {
        assert!(start.elapsed() < Duration::from_secs(300), "{what} did not come:\n{}", told());
        std::thread::sleep(Duration::from_millis(500));
    }
}
