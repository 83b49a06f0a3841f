//! Metrics, semantic models and saved queries: the same in the manifest as dbt has them.

use crate::parts;
use crate::quern::{Quern, outcome};
use crate::workspace;

fn project() -> Quern {
    Quern::in_copy_of(&workspace::path("tests/semantic_project"))
}

#[test]
fn dbt_and_quern_agree_on_the_semantic_layer() {
    let Some(programs) = parts::oracle() else { return };
    let mut dbt = project();
    dbt.set("DBT_SEND_ANONYMOUS_USAGE_STATS", "0");
    let mut command = dbt.command(&programs.join("dbt"));
    command.arg("parse");
    let parsed = outcome(command);
    assert!(parsed.succeeded, "{}", parsed.text);
    let quern = project();
    quern.succeed(&["parse"]);
    let manifests = [&dbt, &quern].map(|each| each.folder().join("target/manifest.json"));
    let found = parts::python(&programs, "compare_semantics.py", &[&manifests[0], &manifests[1]]);
    assert!(found.succeeded, "{}", found.text);
}

#[test]
fn metrics_and_what_they_are_made_of_are_selected() {
    let quern = project();
    let listed = |select: &str| {
        let listed = quern.succeed(&["--quiet", "ls", "--select", select, "--output", "name"]).text;
        let mut names: Vec<String> = listed.lines().map(str::to_owned).collect();
        names.sort();
        names.join(" ")
    };
    assert_eq!(listed("metric:growth"), "growth");
    assert_eq!(listed("+metric:growth"), "growth orders orders orders_all");
    assert_eq!(
        listed("+saved_query:daily"),
        "daily orders orders orders_all orders_web revenue web_share"
    );
    assert_eq!(listed("semantic_model:customers+"), "customers joined_and_bought");
}

#[test]
fn what_is_as_it_was_is_not_modified() {
    let quern = project();
    quern.succeed(&["parse"]);
    std::fs::rename(quern.folder().join("target"), quern.folder().join("state")).unwrap();
    let modified = ["--quiet", "ls", "--select", "state:modified", "--state", "state"];
    assert_eq!(quern.succeed(&modified).text, "");
    let mut project = std::fs::read_to_string(quern.folder().join("dbt_project.yml")).unwrap();
    project.push_str("\nsaved-queries: {+meta: {of: all}}\n");
    quern.write("dbt_project.yml", &project);
    let configured = ["state:modified.configs", "--state", "state", "--output", "name"];
    let listed = quern.succeed(&[["--quiet", "ls", "--select"].as_slice(), &configured].concat());
    assert_eq!(listed.text, "daily\n");
}
