//! The recipes of `templates/deploy`: charts are rendered and linted by the real Helm, the state machine is read.

use crate::parts;
use crate::quern::{Outcome, Quern, outcome};
use crate::workspace;

const SESSION: &str = "sessionTime=2023-12-01T00:00:00+09:00";

const VALUES: &str = r#"
image: {repository: registry.example.com/shop, tag: "2024-01-15"}
selects: ["+totals", "events"]
vars: {region: eu}
target: prod
threads: 4
profiles:
  shop:
    outputs:
      prod:
        type: postgres
        host: warehouse.internal
        password: "{{ env_var('WAREHOUSE_PASSWORD') }}"
secretEnv:
  - {name: WAREHOUSE_PASSWORD, secret: warehouse, key: password}
env: {DBT_USE_COLORS: "false"}
"#;

/// Runs Helm in a folder with the values.
fn helm(arguments: &[&str]) -> Option<Outcome> {
    let program = parts::helm()?;
    let quern = Quern::in_empty_folder();
    quern.write("values.yaml", VALUES);
    let chart = workspace::path("templates/deploy/helm/quern");
    let mut command = quern.command(&program);
    command.args(arguments).arg(chart);
    Some(outcome(command))
}

#[test]
fn a_job_is_for_one_session() {
    let Some(rendered) =
        helm(&["template", "shop", "--values", "values.yaml", "--set-string", SESSION])
    else {
        return;
    };
    assert!(rendered.succeeded, "{}", rendered.text);
    insta::assert_snapshot!(rendered.text);
}

#[test]
fn a_cron_job_takes_the_time_of_its_schedule() {
    let Some(rendered) =
        helm(&["template", "shop", "--values", "values.yaml", "--set", "cron.enabled=true"])
    else {
        return;
    };
    assert!(rendered.succeeded, "{}", rendered.text);
    insta::assert_snapshot!(rendered.text);
}

#[test]
fn the_chart_has_no_lint() {
    let cases: [&[&str]; 2] = [&["--set-string", SESSION], &["--set", "cron.enabled=true"]];
    for case in cases {
        let arguments = [&["lint", "--strict", "--values", "values.yaml"], case].concat();
        let Some(linted) = helm(&arguments) else { return };
        assert!(linted.succeeded && linted.text.contains("0 chart(s) failed"), "{}", linted.text);
    }
}

#[test]
fn values_that_are_missing_are_named() {
    let cases: [(&[&str], &str); 3] = [
        (&["--values", "values.yaml"], "sessionTime is needed"),
        (&["--set-string", SESSION], "image.repository is needed"),
        (
            &["--set-string", SESSION, "--values", "values.yaml", "--set", "profiles=null"],
            "profiles is needed",
        ),
    ];
    for (case, message) in cases {
        let Some(rendered) = helm(&[&["template", "shop"], case].concat()) else { return };
        assert!(!rendered.succeeded && rendered.text.contains(message), "{}", rendered.text);
    }
}

/// What the rendered Job would run is run here.
#[test]
fn the_command_of_the_job_is_understood() {
    let Some(rendered) =
        helm(&["template", "shop", "--values", "values.yaml", "--set-string", SESSION])
    else {
        return;
    };
    let words: Vec<String> = rendered
        .text
        .lines()
        .skip_while(|line| line.trim() != "command:")
        .take_while(|line| line.trim() != "env:")
        .filter_map(|line| line.trim().strip_prefix("- "))
        .map(|word| word.trim_matches('"').replace("\\\"", "\""))
        .collect();
    assert_eq!(words[..2], ["quern", "build"]);
    let quern = Quern::in_copy_of(&workspace::path("tests/session_project"));
    std::fs::remove_file(quern.folder().join("packages.yml")).expect("the project names it");
    let arguments: Vec<&str> = words[1..].iter().map(String::as_str).collect();
    quern.succeed(&arguments);
}

#[test]
fn the_state_machine_hands_the_session_time_to_the_container() {
    let text = workspace::text("templates/deploy/step_functions/quern.asl.json");
    let machine: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    let build = &machine["States"]["Build"];
    let command = &build["Parameters"]["Overrides"]["ContainerOverrides"][0]["Command.$"];
    let command = command.as_str().unwrap_or_default();
    assert!(command.contains("'quern', 'build', '--session-time', $.session_time"), "{command}");
    assert_eq!(build["Retry"][0]["MaxAttempts"], 2);
}
