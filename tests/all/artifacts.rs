//! The artifacts against the schemas that dbt publishes for them, made by dbt's own classes.

use std::path::PathBuf;

use crate::example::{self, FIRST_SESSION};
use crate::parts;

#[test]
fn artifacts_of_the_example_project_fit_the_published_schemas() {
    let Some(programs) = parts::oracle() else { return };
    let quern = example::copy();
    quern.succeed(&["seed"]);
    quern.succeed(&["build", "--vars", FIRST_SESSION]);
    let built = quern.beside("built");
    crate::quern::copy(&quern.folder().join("target"), &built);
    quern.succeed(&["source", "freshness"]);
    quern.succeed(&["docs", "generate", "--vars", FIRST_SESSION]);
    let target = quern.folder().join("target");
    let artifacts: Vec<PathBuf> = vec![
        built.join("manifest.json"),
        built.join("run_results.json"),
        target.join("manifest.json"),
        target.join("run_results.json"),
        target.join("catalog.json"),
        target.join("sources.json"),
    ];
    let artifacts: Vec<_> = artifacts.iter().map(PathBuf::as_path).collect();
    let outcome = parts::python(&programs, "validate_artifacts.py", &artifacts);
    assert!(outcome.succeeded, "{}", outcome.text);
}
