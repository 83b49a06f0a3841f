//! What some tests need beyond the program: dbt to compare with, and a browser.
//!
//! A test whose part is missing says so and ends; where `CI` is set it fails, so that nothing is left out unseen.

use std::path::{Path, PathBuf};

/// Names the virtual environment with dbt-core and dbt-duckdb (`tests/oracle-requirements.txt`).
const ORACLE: &str = "QUERN_ORACLE";
/// Where `.ci/run` makes it.
const USUAL_ORACLE: &str = "/var/tmp/quern-oracle";

/// Names a Trino server, such as `http://127.0.0.1:8080`.
const TRINO: &str = "QUERN_TRINO_URL";

/// The folder with the programs of the environment in which dbt is installed.
pub fn oracle() -> Option<PathBuf> {
    let folder =
        std::env::var_os(ORACLE).map_or_else(|| PathBuf::from(USUAL_ORACLE), PathBuf::from);
    let programs = folder.join("bin");
    if programs.join("dbt").exists() {
        return Some(programs);
    }
    absent(&format!(
        "dbt to compare with: `{ORACLE}` names no environment, and there is none in {USUAL_ORACLE} \
         (python3 -m venv {USUAL_ORACLE} && {USUAL_ORACLE}/bin/pip install --no-deps -r tests/oracle-requirements.txt)"
    ))
}

/// The browser and its driver.
pub struct Browsers {
    /// Chromium.
    pub browser: PathBuf,
    /// The program that steers it.
    pub driver: PathBuf,
}

/// Chromium and chromedriver.
pub fn browsers() -> Option<Browsers> {
    let browser = ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(program);
    match (browser, program("chromedriver")) {
        (Some(browser), Some(driver)) => Some(Browsers { browser, driver }),
        _ => absent(
            "a browser: `chromium` and `chromedriver` (apt-get install chromium chromium-driver)",
        ),
    }
}

/// Digdag, the orchestrator; `DIGDAG` names it.
pub fn digdag() -> Option<PathBuf> {
    named_program("DIGDAG", "digdag").or_else(|| {
        absent("Digdag: `DIGDAG` names no program, and there is no `digdag` on the path (https://www.digdag.io, Java 17)")
    })
}

/// Helm; `HELM` names it.
pub fn helm() -> Option<PathBuf> {
    named_program("HELM", "helm").or_else(|| {
        absent("Helm: `HELM` names no program, and there is no `helm` on the path (go install helm.sh/helm/v3/cmd/helm@latest)")
    })
}

/// The program that a variable names, else one on the path.
fn named_program(variable: &str, name: &str) -> Option<PathBuf> {
    match std::env::var_os(variable).filter(|path| !path.is_empty()) {
        Some(path) => Some(PathBuf::from(path)).filter(|path| path.is_file()),
        None => program(name),
    }
}

/// The address of a Trino server, such as `127.0.0.1:8080`, with the catalogs `iceberg`, `memory` and `tpch`.
pub fn trino() -> Option<String> {
    let found = std::env::var(TRINO).ok().filter(|url| !url.is_empty());
    match found {
        Some(url) => Some(url.trim_start_matches("http://").trim_end_matches('/').to_owned()),
        None => absent(&format!(
            "a Trino server: `{TRINO}` names none (`.ci/run` starts one with the program of `QUERN_TRINO_START`)"
        )),
    }
}

/// The address of a BigQuery emulator: named by `QUERN_BIGQUERY_ENDPOINT`, else printed by the command in `QUERN_BQ_START`,
/// which starts one where none runs.
pub fn bigquery() -> Option<String> {
    let given = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    if let Some(endpoint) = given("QUERN_BIGQUERY_ENDPOINT") {
        return Some(endpoint);
    }
    let Some(start) = given("QUERN_BQ_START") else {
        return absent(
            "a BigQuery emulator: `QUERN_BIGQUERY_ENDPOINT` names none, and `QUERN_BQ_START` no command that starts one \
             and prints its address (PyPI's bqemulator 1.4.0)",
        );
    };
    let printed = std::process::Command::new("sh").args(["-c", &start]).output();
    let printed = printed.expect("the command can be started").stdout;
    let address =
        String::from_utf8_lossy(&printed).lines().last().map(|line| line.trim().to_owned());
    address
        .filter(|address| address.starts_with("http"))
        .or_else(|| absent(&format!("a BigQuery emulator: `{start}` printed no address")))
}

/// A program on the path.
pub fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Says that something is missing; fails where everything has to be there.
pub fn absent<T>(what: &str) -> Option<T> {
    assert!(std::env::var_os("CI").is_none(), "missing: {what}");
    eprintln!("\n*** NOT TESTED, missing: {what} ***\n");
    None
}

/// Runs a Python script of `tests/oracle` with the environment's interpreter.
pub fn python(programs: &Path, script: &str, arguments: &[&Path]) -> crate::quern::Outcome {
    let mut command = std::process::Command::new(programs.join("python"));
    command.arg(crate::workspace::path("tests/oracle").join(script)).args(arguments);
    crate::quern::outcome(command)
}

#[test]
fn everything_the_tests_need_is_there() {
    let _ = oracle();
    let _ = browsers();
    let _ = digdag();
    let _ = helm();
    let _ = trino();
    let _ = bigquery();
}
