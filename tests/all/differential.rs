//! Projects on which dbt and quern work both: the same graph, the same SQL, the same outcomes and tables.
//!
//! The projects of `tests/differential` are small ones by topic; those of `tests/differential_parse` are only parsed. `QUERN_REAL_PROJECTS` names a folder with others: each
//! folder in it is a project with its packages in place, and is parsed by both.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{parts, workspace};

/// Names the folder with projects of others.
const REAL_PROJECTS: &str = "QUERN_REAL_PROJECTS";

/// The second run finds the tables of the first one.
const BUILDING: [&str; 3] = ["build", "build", "docs generate"];

fn compare(programs: &Path, projects: &Path, commands: &[&str]) {
    let work = tempfile::tempdir().expect("a temporary folder");
    let mut runner = Command::new(programs.join("python"));
    runner.arg(workspace::path("tests/oracle/differential.py"));
    runner.arg("--dbt").arg(programs.join("dbt"));
    runner.args(["--quern", env!("CARGO_BIN_EXE_quern-under-test"), "--command", commands[0]]);
    for command in &commands[1..] {
        runner.args(["--then", command]);
    }
    runner.arg("--work").arg(work.path());
    runner.args(workspace::folders(projects).into_iter().map(|name| projects.join(name)));
    let outcome = crate::quern::outcome(runner);
    assert!(outcome.succeeded, "dbt and quern differ:\n{}", outcome.text);
}

#[test]
fn small_projects_are_the_same_under_dbt_and_quern() {
    let Some(programs) = parts::oracle() else { return };
    compare(&programs, &workspace::path("tests/differential"), &BUILDING);
}

#[test]
fn projects_that_only_dbt_can_run_are_read_the_same() {
    let Some(programs) = parts::oracle() else { return };
    compare(&programs, &workspace::path("tests/differential_parse"), &["parse"]);
}

#[test]
fn projects_of_others_are_the_same_under_dbt_and_quern() {
    let Some(projects) = std::env::var_os(REAL_PROJECTS).map(PathBuf::from) else {
        eprintln!(
            "\n*** not tested: `{REAL_PROJECTS}` names no folder with projects of others ***\n"
        );
        return;
    };
    let Some(programs) = parts::oracle() else { return };
    compare(&programs, &projects, &["parse"]);
}
