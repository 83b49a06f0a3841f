//! Ctrl-C and `--fail-fast`: what runs is stopped, what it had not finished is not there, and the results say what became of each node.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::quern::Quern;

/// A model that no machine finishes within a test.
const ENDLESS: &str = "{{ config(materialized='table') }}\n\
    select count(*) as numbers from range(100000000000) as t(n) where n % 7 = 3\n";

#[test]
fn an_interrupted_run_ends_in_good_order() {
    let quern = Quern::in_base_project();
    quern.write("models/first.sql", "{{ config(materialized='table') }}\nselect 1 as id\n");
    quern.write("models/second.sql", ENDLESS);
    quern.write("models/third.sql", "select * from {{ ref('second') }}\n");
    let mut command = quern.command(Path::new(env!("CARGO_BIN_EXE_quern-under-test")));
    command.arg("run").stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("the program starts");
    let mut output = BufReader::new(child.stdout.take().expect("standard output"));
    let mut text = String::new();
    while !text.contains("START sql table model main.second") {
        assert!(output.read_line(&mut text).expect("lines") > 0, "it ended early:\n{text}");
    }
    // So that the statement is on its way.
    std::thread::sleep(Duration::from_millis(300));
    let interrupted = Instant::now();
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(sent.expect("`kill` is there").success());
    output.read_to_string(&mut text).expect("lines");
    let status = child.wait().expect("it ends");
    assert!(interrupted.elapsed() < Duration::from_secs(20), "it took its time:\n{text}");
    assert_eq!(status.code(), Some(1), "{text}");
    assert!(text.contains("Exited because of keyboard interrupt"), "{text}");

    assert_eq!(statuses(&quern, ["first", "second", "third"]), ["success", "error", "skipped"]);
    let tables =
        quern.succeed(&["show", "--inline", "select table_name from information_schema.tables"]);
    assert!(tables.text.contains("first"), "{}", tables.text);
    assert!(!tables.text.contains("second"), "half a table was left:\n{}", tables.text);
}

#[test]
fn a_template_without_end_is_left() {
    let quern = Quern::in_base_project();
    let steps = "range(100000)";
    quern.write(
        "models/endless.sql",
        &format!(
            "select 1 as id\n{{% if execute %}}{{% for a in {steps} %}}{{% for b in {steps} %}}\
             {{% endfor %}}{{% endfor %}}{{% endif %}}\n"
        ),
    );
    let mut command = quern.command(Path::new(env!("CARGO_BIN_EXE_quern-under-test")));
    command.arg("run").stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("the program starts");
    let mut output = BufReader::new(child.stdout.take().expect("standard output"));
    let mut text = String::new();
    while !text.contains("START sql view model main.endless") {
        assert!(output.read_line(&mut text).expect("lines") > 0, "it ended early:\n{text}");
    }
    let interrupted = Instant::now();
    // So that the template is on its way.
    std::thread::sleep(Duration::from_secs(1));
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(sent.expect("`kill` is there").success());
    output.read_to_string(&mut text).expect("lines");
    let status = child.wait().expect("it ends");
    assert!(interrupted.elapsed() < Duration::from_secs(20), "it took its time:\n{text}");
    assert_eq!(status.code(), Some(1), "{text}");
    assert!(text.contains("Exited because of keyboard interrupt"), "{text}");
}

#[test]
fn the_first_failure_stops_what_runs_beside_it() {
    let quern = Quern::in_base_project();
    quern.write("models/broken.sql", "select * from nowhere\n");
    quern.write("models/endless.sql", ENDLESS);
    quern.write("models/later.sql", "select * from {{ ref('endless') }}\n");
    let outcome = quern.run(&["run", "--fail-fast", "--threads", "2"]);
    assert_eq!(outcome.code, 1, "{}", outcome.text);
    let ended = statuses(&quern, ["broken", "endless", "later"]);
    assert_eq!(ended, ["error", "skipped", "skipped"], "{}", outcome.text);
}

/// Recorded from dbt 1.12.
#[test]
fn hooks_at_the_end_run_after_the_first_failure_too() {
    let quern = Quern::in_base_project();
    let mut project = std::fs::read_to_string(quern.folder().join("dbt_project.yml")).unwrap();
    project.push_str("\non-run-end: [\"create table main.ended as select 1 as id\"]\n");
    quern.write("dbt_project.yml", &project);
    quern.write("models/broken.sql", "select * from nowhere\n");
    let outcome = quern.run(&["run", "--fail-fast"]);
    assert_eq!(outcome.code, 1, "{}", outcome.text);
    assert!(outcome.text.contains("1 of 1 OK hook: small.on-run-end.0"), "{}", outcome.text);
}

/// How the models ended, by `run_results.json`.
fn statuses<const COUNT: usize>(quern: &Quern, models: [&str; COUNT]) -> [String; COUNT] {
    // Without a file nothing is found, and the models' endings say so.
    let results = std::fs::read_to_string(quern.folder().join("target/run_results.json"));
    let results: serde_json::Value =
        serde_json::from_str(&results.unwrap_or_default()).unwrap_or_default();
    let ended: Vec<_> = results["results"].as_array().into_iter().flatten().collect();
    models.map(|model| {
        let id = format!("model.small.{model}");
        let found = ended.iter().find(|result| result["unique_id"] == id.as_str());
        found.and_then(|result| result["status"].as_str()).unwrap_or("nothing").to_owned()
    })
}
