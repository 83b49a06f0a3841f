//! The artifacts against the schemas that dbt publishes for them, made by dbt's own classes.

use std::path::{Path, PathBuf};

use crate::example::{self, FIRST_SESSION};
use crate::parts;

fn assert_valid(programs: &Path, artifacts: &[PathBuf]) {
    let artifacts: Vec<&Path> = artifacts.iter().map(PathBuf::as_path).collect();
    let outcome = parts::python(programs, "validate_artifacts.py", &artifacts);
    assert!(outcome.succeeded, "{}", outcome.text);
}

#[test]
fn artifacts_of_a_build_fit_the_published_schemas() {
    let Some(programs) = parts::oracle() else { return };
    let quern = example::copy();
    quern.succeed(&["seed"]);
    quern.succeed(&["build", "--vars", FIRST_SESSION]);
    let target = quern.folder().join("target");
    assert_valid(&programs, &[target.join("manifest.json"), target.join("run_results.json")]);
}

#[test]
fn artifacts_of_the_documentation_fit_the_published_schemas() {
    let Some(programs) = parts::oracle() else { return };
    let quern = example::copy();
    quern.succeed(&["seed"]);
    quern.succeed(&["docs", "generate", "--vars", FIRST_SESSION]);
    let target = quern.folder().join("target");
    assert_valid(&programs, &[target.join("manifest.json"), target.join("catalog.json")]);
}
