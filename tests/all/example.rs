//! The example project: what its README shows is what happens, and the same session gives the same tables.

use crate::console::{commands, missing_line};
use crate::parts;
use crate::quern::Quern;
use crate::workspace;

/// The variables of a session of the example, as the README gives them.
pub const FIRST_SESSION: &str = r#"{"session_time": "2023-12-01T00:00:00+00:00"}"#;
/// The session of the day after.
pub const SECOND_SESSION: &str = r#"{"session_time": "2023-12-02T00:00:00+00:00"}"#;

/// A copy of the example project.
pub fn copy() -> Quern {
    Quern::in_copy_of(&workspace::path("example_project"))
}

#[test]
fn every_command_of_the_readme_does_what_it_shows() {
    let quern = copy();
    let readme = workspace::text("example_project/README.md");
    let commands = commands(&readme);
    assert!(commands.len() > 5, "the README has commands");
    let mut differences = Vec::new();
    for command in &commands {
        let outcome = quern.shell(&command.line);
        assert!(outcome.succeeded, "`{}` failed:\n{}", command.line, outcome.text);
        if let Some(line) = missing_line(command, &outcome.text) {
            differences.push(format!("`{}` lacks\n{line}\nin\n{}", command.line, outcome.text));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
}

#[test]
fn the_same_session_twice_gives_the_same_tables() {
    let Some(oracle) = parts::oracle() else { return };
    let quern = copy();
    quern.succeed(&["seed"]);
    quern.succeed(&["build", "--vars", FIRST_SESSION]);
    quern.succeed(&["build", "--vars", SECOND_SESSION]);
    let once = quern.beside("once.duckdb");
    std::fs::copy(quern.folder().join("target/shop.duckdb"), &once)
        .expect("the database can be copied");
    quern.succeed(&["build", "--vars", SECOND_SESSION]);
    let twice = quern.folder().join("target/shop.duckdb");
    let outcome = parts::python(&oracle, "compare_tables.py", &[&once, &twice]);
    assert!(outcome.succeeded, "{}", outcome.text);
}

#[test]
fn a_session_without_its_time_is_refused() {
    let quern = copy();
    quern.succeed(&["seed"]);
    let outcome = quern.run(&["build"]);
    assert!(!outcome.succeeded);
    assert!(outcome.text.contains("session_time"), "{}", outcome.text);
}
