//! The example project built by dbt and by quern: the same tables, and the same graph in the manifest.

use std::path::{Path, PathBuf};

use crate::example::{self, FIRST_SESSION, SECOND_SESSION};
use crate::parts;
use crate::quern::{Quern, outcome};
use crate::workspace;

/// The commands that both programs run, in copies of the same project.
const SESSIONS: [&[&str]; 4] = [
    &["seed"],
    &["build", "--vars", FIRST_SESSION],
    &["build", "--vars", SECOND_SESSION],
    // A retry of the last session.
    &["build", "--vars", SECOND_SESSION],
];

fn built_by_dbt(programs: &Path) -> Quern {
    let mut quern = example::copy();
    quern.set("DBT_SEND_ANONYMOUS_USAGE_STATS", "0");
    for arguments in SESSIONS {
        let mut dbt = quern.command(&programs.join("dbt"));
        dbt.args(arguments);
        let outcome = outcome(dbt);
        assert!(outcome.succeeded, "`dbt {}` failed:\n{}", arguments.join(" "), outcome.text);
    }
    quern
}

fn built_by_quern() -> Quern {
    let quern = example::copy();
    for arguments in SESSIONS {
        quern.succeed(arguments);
    }
    quern
}

/// What a script finds different in a file of both targets.
fn differences(programs: &Path, script: &str, file: &str, both: [&Quern; 2]) -> Option<String> {
    let files: Vec<PathBuf> =
        both.iter().map(|each| each.folder().join("target").join(file)).collect();
    let outcome = parts::python(programs, script, &[&files[0], &files[1]]);
    (!outcome.succeeded).then(|| format!("{file}:\n{}", outcome.text))
}

#[test]
fn dbt_and_quern_build_the_same_example_project() {
    let Some(programs) = parts::oracle() else { return };
    let (dbt, quern) = (built_by_dbt(&programs), built_by_quern());
    let found: Vec<String> = [
        ("compare_tables.py", "shop.duckdb"),
        ("compare_manifests.py", "manifest.json"),
        ("compare_run_results.py", "run_results.json"),
    ]
    .into_iter()
    .filter_map(|(script, file)| differences(&programs, script, file, [&dbt, &quern]))
    .collect();
    assert!(found.is_empty(), "dbt and quern differ in\n{}", found.join("\n"));
}

/// Every kind of resource and property, in two programs: what the manifests say is the same.
#[test]
fn dbt_and_quern_read_the_same_out_of_a_project_with_everything() {
    let Some(programs) = parts::oracle() else { return };
    let project = || {
        let mut quern = Quern::in_base_project();
        quern.set("DBT_SEND_ANONYMOUS_USAGE_STATS", "0");
        quern.add(&workspace::path("tests/oracle/everything"));
        quern
    };
    let (dbt, quern) = (project(), project());
    let mut command = dbt.command(&programs.join("dbt"));
    command.arg("parse");
    let outcome = outcome(command);
    assert!(outcome.succeeded, "`dbt parse` failed:\n{}", outcome.text);
    quern.succeed(&["parse"]);
    let found = differences(&programs, "compare_manifests.py", "manifest.json", [&dbt, &quern]);
    assert!(found.is_none(), "dbt and quern differ in\n{}", found.unwrap_or_default());
}
