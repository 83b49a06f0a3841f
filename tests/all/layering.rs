//! The order of the house over `cargo metadata`: who may lean on whom, and who may import what.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use crate::workspace;

/// A crate may depend only on crates to its left; the adapters stand between `docs` and `cli`.
const ORDER: [&str; 12] = [
    "quern-source",
    "quern-session",
    "quern-adapter-interface",
    "quern-project",
    "quern-template",
    "quern-sql",
    "quern-graph",
    "quern-run",
    "quern-docs",
    ADAPTERS,
    "quern",
    "quern-tests",
];
const ADAPTERS: &str = "[adapters]";
const INTERFACE: &str = "quern-adapter-interface";

/// Libraries that a single crate keeps from all others.
const IMPORTED_ONCE: [(&str, &str); 8] = [
    ("minijinja", "quern-template"),
    ("minijinja-contrib", "quern-template"),
    ("sqlparser", "quern-sql"),
    ("petgraph", "quern-graph"),
    ("saphyr-parser", "quern-source"),
    ("annotate-snippets", "quern-source"),
    ("duckdb", "quern-adapter-duckdb"),
    ("clap", "quern"),
];

/// Each package of the workspace with the names of the packages it depends on, for building and for testing.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(workspace::root())
        .output()
        .expect("cargo can be started");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
    let name = |value: &Value| value["name"].as_str().expect("packages have names").to_owned();
    let array = |value: &Value| value.as_array().cloned().unwrap_or_default();
    array(&metadata["packages"])
        .iter()
        .map(|package| (name(package), array(&package["dependencies"]).iter().map(name).collect()))
        .collect()
}

fn is_adapter(package: &str) -> bool {
    package.starts_with("quern-adapter-") && package != INTERFACE
}

fn place(package: &str) -> Option<usize> {
    let name = if is_adapter(package) { ADAPTERS } else { package };
    ORDER.iter().position(|place| *place == name)
}

#[test]
fn every_crate_has_its_place_in_the_order() {
    for package in dependencies().keys() {
        assert!(place(package).is_some(), "`{package}` is not in the order");
    }
}

#[test]
fn crates_depend_only_on_crates_to_their_left() {
    let all = dependencies();
    for (package, needs) in &all {
        for needed in needs.iter().filter(|needed| all.contains_key(*needed)) {
            assert!(place(needed) < place(package), "`{package}` may not depend on `{needed}`");
        }
    }
}

#[test]
fn adapters_know_only_the_interface() {
    let all = dependencies();
    for (package, needs) in all.iter().filter(|(package, _)| is_adapter(package)) {
        let own: Vec<_> = needs.iter().filter(|needed| all.contains_key(*needed)).collect();
        assert_eq!(own, [INTERFACE], "what `{package}` depends on");
    }
}

#[test]
fn only_the_program_and_the_tests_name_an_adapter() {
    for (package, needs) in dependencies() {
        let adapters: Vec<_> = needs.iter().filter(|needed| is_adapter(needed)).collect();
        let may_name = ["quern", "quern-tests"].contains(&package.as_str());
        assert!(adapters.is_empty() || may_name, "`{package}` names {adapters:?}");
    }
}

#[test]
fn libraries_behind_a_boundary_are_imported_by_one_crate() {
    let all = dependencies();
    for (library, owner) in IMPORTED_ONCE {
        let importers: Vec<_> = all
            .iter()
            .filter(|(package, needs)| *package != owner && needs.contains(library))
            .map(|(package, _)| package)
            .collect();
        assert!(importers.is_empty(), "{importers:?} import `{library}`, which is for `{owner}`");
    }
}

#[test]
fn the_architecture_text_has_the_same_order() {
    let words: Vec<String> = ORDER
        .iter()
        .map(|name| match *name {
            "quern" => "cli".to_owned(),
            _ => name.trim_start_matches("quern-").replace('-', "_"),
        })
        .collect();
    let line = words.join(" · ");
    assert!(
        workspace::text("compiler/README.md").contains(&line),
        "compiler/README.md lacks `{line}`"
    );
}
