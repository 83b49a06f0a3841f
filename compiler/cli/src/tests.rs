//! Commands run in the test's own process, on a new project, with a clock that stands still.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use source::FixedClock;

use super::*;

/// What a command said and how it ended.
struct Ran {
    code: String,
    stdout: String,
    stderr: String,
}

#[derive(Clone, Default)]
struct Pipe(Arc<Mutex<Vec<u8>>>);

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Pipe {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

fn quern(folder: &Path, line: &str) -> Ran {
    with_variables(folder, line, &[])
}

fn with_variables(folder: &Path, line: &str, variables: &[(&str, &str)]) -> Ran {
    let (stdout, stderr) = (Pipe::default(), Pipe::default());
    let world = World {
        stdout: Arc::new(Mutex::new(stdout.clone())),
        stderr: Arc::new(Mutex::new(stderr.clone())),
        stdout_is_terminal: false,
        stderr_is_terminal: false,
        variables: variables
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect(),
        working_directory: folder.to_owned(),
        clock: Arc::new(FixedClock { microseconds: 0 }),
        owns_process: false,
    };
    let arguments = std::iter::once("quern").chain(line.split_whitespace()).map(OsString::from);
    let code = format!("{:?}", run(arguments, &world));
    let code = code.chars().filter(char::is_ascii_digit).collect();
    Ran { code, stdout: stdout.text(), stderr: stderr.text() }
}

/// A new project whose database stands beside it, one thread.
fn project() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(quern(folder.path(), "init shop").code, "0");
    let shop = folder.path().join("shop");
    let path = shop.join("shop.duckdb");
    let profile = format!(
        "shop:\n  target: dev\n  outputs:\n    dev: {{type: duckdb, path: '{}', threads: 1}}\n",
        path.display()
    );
    std::fs::write(shop.join("profiles.yml"), profile).unwrap();
    (folder, shop)
}

#[test]
fn a_new_project_builds_at_once() {
    let (_folder, shop) = project();
    let ran = quern(&shop, "build --quiet");
    assert_eq!((ran.code.as_str(), ran.stdout.as_str(), ran.stderr.as_str()), ("0", "", ""));
    for file in
        ["manifest.json", "run_results.json", "compiled/shop/models/marts/orders_by_day.sql"]
    {
        assert!(shop.join("target").join(file).is_file(), "{file}");
    }
    let results = std::fs::read_to_string(shop.join("target/run_results.json")).unwrap();
    let results: Value = serde_json::from_str(&results).unwrap();
    assert_eq!(results["results"].as_array().map(Vec::len), Some(9));
    assert_eq!(results["args"]["which"], "build");
    // The number of built-in macros changes with every release.
    let lines = quern(&shop, "run").stdout;
    let lines: Vec<&str> = lines.lines().filter(|line| !line.contains("Found ")).collect();
    insta::assert_snapshot!(lines.join("\n"));
    insta::assert_snapshot!(quern(&shop, "show -q -s orders_by_day").stdout);
}

#[test]
fn failures_end_with_one_and_are_shown_with_their_place() {
    let (_folder, shop) = project();
    std::fs::write(shop.join("models/bad.sql"), "select nope\nfrom {{ ref('stg_orders') }}\n")
        .unwrap();
    let ran = quern(&shop, "build -s +bad");
    assert_eq!(ran.code, "1");
    assert!(ran.stdout.contains("ERROR creating sql view model main.bad"), "{}", ran.stdout);
    assert!(ran.stdout.contains("models/bad.sql:1"), "{}", ran.stdout);
    std::fs::write(shop.join("models/bad.sql"), "select 1 as yes from {{ ref('stg_orders') }}")
        .unwrap();
    let ran = quern(&shop, "retry");
    assert_eq!(ran.code, "0");
    assert!(
        ran.stdout.contains("PASS=1 WARN=0 ERROR=0 SKIP=0 NO-OP=0 REUSED=0 TOTAL=1"),
        "{}",
        ran.stdout
    );
}

#[test]
fn what_cannot_run_ends_with_two_and_dbts_words() {
    let (folder, shop) = project();
    let ran = quern(folder.path(), "run");
    assert_eq!(ran.code, "2");
    assert!(ran.stdout.contains("Encountered an error:\nerror[Q101]"), "{}", ran.stdout);
    for line in ["run --bogus", "run --log-format nope", "run --vars [1]", "ls --project-dir nope"]
    {
        let ran = quern(&shop, line);
        assert_eq!(
            (ran.code.as_str(), ran.stderr.starts_with("Error: ")),
            ("2", true),
            "{line}: {}",
            ran.stderr
        );
    }
}

#[test]
fn listings_are_lines_without_anything_else() {
    let (_folder, shop) = project();
    assert_eq!(
        quern(&shop, "ls -q -s +orders_by_day --resource-type model --output name").stdout,
        "orders_by_day\nstg_orders\n"
    );
    let ran = quern(
        &shop,
        "ls -q -s stg_orders --resource-type model --output json --output-keys name config.materialized nope",
    );
    assert_eq!(ran.stdout, "{\"name\":\"stg_orders\",\"config.materialized\":\"view\"}\n");
}

#[test]
fn options_come_from_the_line_before_the_environment_before_the_project() {
    let (_folder, shop) = project();
    let file = shop.join("dbt_project.yml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{text}\nflags: {{quiet: true}}\n")).unwrap();
    assert_eq!(quern(&shop, "parse").stdout, "");
    assert_ne!(with_variables(&shop, "parse", &[("DBT_QUIET", "0")]).stdout, "");
    assert_eq!(with_variables(&shop, "parse -q", &[("DBT_QUIET", "0")]).stdout, "");
    assert_eq!(
        with_variables(&shop, "parse", &[("DBT_QUIET", "0"), ("QUERN_QUIET", "1")]).stdout,
        ""
    );
}

#[test]
fn secrets_are_in_no_line_and_no_file() {
    let (_folder, shop) = project();
    let secret = "sesame-open-7";
    let ran = with_variables(
        &shop,
        &format!("run -d --vars {{word:{secret}}} --log-format json"),
        &[("DBT_ENV_SECRET_WORD", secret)],
    );
    assert!(!ran.stdout.contains(secret) && ran.stdout.contains("*****"), "{}", ran.stdout);
    for file in ["logs/dbt.log", "target/run_results.json"] {
        let text = std::fs::read_to_string(shop.join(file)).unwrap();
        assert!(!text.contains(secret), "{file}");
    }
}

#[test]
fn the_documentation_is_a_site_that_stands_alone() {
    let (_folder, shop) = project();
    assert_eq!(quern(&shop, "build -q").code, "0");
    // What the site tells of runs are those of its target.
    assert!(shop.join("target/last_results/dev/build.json").is_file());
    let ran = quern(&shop, "docs generate");
    assert_eq!(ran.code, "0", "{}", ran.stdout);
    for file in ["index.html", "site/index.html", "catalog.json", "manifest.json"] {
        assert!(shop.join("target").join(file).is_file(), "{file}");
    }
}

#[test]
fn cleaning_deletes_targets_and_nothing_else() {
    let (_folder, shop) = project();
    assert_eq!(quern(&shop, "parse -q").code, "0");
    assert_eq!(quern(&shop, "clean").code, "0");
    assert!(!shop.join("target").exists() && shop.join("models").exists());
    let file = shop.join("dbt_project.yml");
    let text = std::fs::read_to_string(&file).unwrap();
    for target in ["..", "models", ".", "models/../models", "../outside"] {
        std::fs::write(&file, text.replace("[target]", &format!("['{target}']"))).unwrap();
        assert_eq!(quern(&shop, "clean").code, "2", "{target}");
        assert!(shop.join("models/models.yml").exists());
    }
}

#[test]
fn templates_are_told_of_the_call_as_dbt_tells_it() {
    let (_folder, shop) = project();
    std::fs::create_dir_all(shop.join("macros")).unwrap();
    std::fs::write(
        shop.join("macros/tell.sql"),
        "{% macro tell() %}{{ print(tojson(invocation_args_dict)) }}{% endmacro %}",
    )
    .unwrap();
    let told = |line: &str| -> serde_json::Value {
        let ran = quern(&shop, line);
        let line = ran.stdout.lines().find(|line| line.starts_with('{')).unwrap_or_default();
        serde_json::from_str(line).unwrap_or_else(|_| panic!("{}{}", ran.stdout, ran.stderr))
    };
    let plain = told("run-operation tell");
    assert_eq!((&plain["which"], &plain["macro"]), (&"run-operation".into(), &"tell".into()));
    assert_eq!(plain["require_generic_test_arguments_property"], true);
    assert_eq!(plain["warn_error_options"]["silence"], serde_json::json!([]));
    for name in ["args", "target", "debug", "fail_fast", "threads"] {
        assert_eq!(plain.get(name), None, "{name}");
    }
    let said = told("run-operation tell --target dev --fail-fast --threads 2");
    assert_eq!((&said["target"], &said["fail_fast"]), (&"dev".into(), &true.into()));
    assert_eq!(said["threads"], 2);
}

#[test]
fn whether_warnings_are_errors_is_said_in_one_way() {
    let (_folder, shop) = project();
    let file = shop.join("dbt_project.yml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{text}\nflags: {{warn_error: false}}\n")).unwrap();
    assert_eq!(quern(&shop, "parse").code, "0");
    let ran = quern(&shop, r#"parse --warn-error-options {"error":[]}"#);
    assert_eq!(ran.code, "2", "{}", ran.stdout);
    assert!(ran.stdout.contains("`warn_error` of `flags`"), "{}", ran.stdout);
    let variables = [("DBT_WARN_ERROR", "false"), ("DBT_WARN_ERROR_OPTIONS", "{}")];
    assert_eq!(with_variables(&shop, "parse", &variables).code, "2");
}

#[test]
fn what_cannot_be_compiled_leaves_no_results() {
    let (_folder, shop) = project();
    let model = "select {{ exceptions.raise_compiler_error('no') if execute else 1 }} as id";
    std::fs::write(shop.join("models/wrong.sql"), model).unwrap();
    let is_there = |name: &str| shop.join("target").join(name).exists();
    assert_eq!(quern(&shop, "docs generate").code, "2");
    assert!(!is_there("manifest.json") && !is_there("run_results.json"));
    for command in ["compile", "show --select wrong"] {
        assert_eq!(quern(&shop, command).code, "2", "{command}");
        assert!(is_there("manifest.json") && !is_there("run_results.json"), "{command}");
    }
}
