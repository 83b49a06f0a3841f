//! Fingerprints of small projects that differ in one thing.

use std::collections::BTreeSet;

use project::Environment;
use serde_json::{Value, json};

use crate::node::NodeIndex;
use crate::test_project::graph_and_engine;
use crate::{fingerprint, inputs_of};

const PROJECT: &[(&str, &str)] = &[
    (
        "dbt_project.yml",
        "name: shop\nversion: '1.0'\nprofile: shop\nmodels:\n  shop:\n    +batch: \"{{ var('batch', 1) }}\"\n",
    ),
    ("models/plain.sql", "select 1 as id"),
    (
        "models/conditional.sql",
        "{{ config(materialized='incremental') }}select * from {{ ref('plain') }}\n{% if is_incremental() %} where d > '{{ var('since', 'x') }}' {% endif %}",
    ),
    ("models/by_macro.sql", "select {{ zone() }} from {{ ref('eph') }}"),
    ("models/eph.sql", "{{ config(materialized='ephemeral') }}select {{ env_var('UNIT', 'kg') }}"),
    (
        "models/daily.sql",
        "{{ config(begin=var('session_time', 'none')) }}select '{{ var('session_time', 'none') }}' as t",
    ),
    (
        "models/daily.yml",
        "models:\n  - name: daily\n    config: {since: \"{{ var('session_time', 'none') }}\"}\n",
    ),
    (
        "macros/zone.sql",
        "{% macro zone() %}{{ inner_zone() }}{% endmacro %}{% macro inner_zone() %}{% if execute %}'{{ var('zone', 'UTC') }}'{% endif %}{% endmacro %}",
    ),
    ("macros/is_incremental.sql", "{% macro is_incremental() %}{{ return(false) }}{% endmacro %}"),
];

const MODELS: [&str; 5] = ["plain", "conditional", "by_macro", "eph", "daily"];

/// Fingerprints by model, for a project with these variables and environment variables and one file replaced.
fn prints(vars: &Value, environment: &[(&str, &str)], file: Option<(&str, &str)>) -> Vec<String> {
    let mut files = PROJECT.to_vec();
    if let Some(file) = file {
        files.retain(|(path, _)| *path != file.0);
        files.push(file);
    }
    let environment = Environment {
        vars: vars.as_object().unwrap().clone().into_iter().collect(),
        variables: environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        ..Environment::default()
    };
    let built = graph_and_engine(&files, environment);
    assert!(!built.has_errors(), "{:?}", built.diagnostics);
    let (graph, engine) = built.value;
    let index = |name: &str| graph.index[format!("model.shop.{name}").as_str()];
    MODELS.iter().map(|name| fingerprint(&graph, &engine, index(name), "session_time")).collect()
}

/// The models whose fingerprints differ from those of the project as it stands.
fn changed(
    vars: &Value,
    environment: &[(&str, &str)],
    file: Option<(&str, &str)>,
) -> BTreeSet<&'static str> {
    let before = prints(&json!({}), &[], None);
    let after = prints(vars, environment, file);
    (0..MODELS.len()).filter(|at| before[*at] != after[*at]).map(|at| MODELS[at]).collect()
}

#[test]
fn each_node_has_its_own() {
    let prints = prints(&json!({}), &[], None);
    assert_eq!(prints.iter().collect::<BTreeSet<_>>().len(), MODELS.len());
}

#[test]
fn the_calendar_is_part_of_what_sessions_build() {
    let conditional = BTreeSet::from(["conditional"]);
    for text in ["session: {timezone: Asia/Tokyo}", "session: {grain: hour}"] {
        assert_eq!(changed(&json!({}), &[], Some(("quern.yml", text))), conditional, "{text}");
    }
    let text = "session: {timezone: UTC, grain: day, wall_clock: warn, require: always}";
    assert_eq!(changed(&json!({}), &[], Some(("quern.yml", text))), BTreeSet::new());
}

#[test]
fn another_session_time_changes_none() {
    let first = json!({"session_time": "2023-12-01T00:00:00+09:00"});
    let second = json!({"session_time": "2023-12-02T00:00:00+09:00"});
    assert_eq!(prints(&first, &[], None), prints(&second, &[], None));
    assert_eq!(prints(&first, &[], None), prints(&first, &[], None));
}

#[test]
fn a_variable_changes_what_reads_it_also_behind_a_condition() {
    assert_eq!(changed(&json!({"since": "2023-01-01"}), &[], None), ["conditional"].into());
    assert_eq!(changed(&json!({"zone": "Asia/Tokyo"}), &[], None), ["by_macro"].into());
    assert_eq!(changed(&json!({"nobody_reads": 1}), &[], None), [].into());
    assert_eq!(changed(&json!({"batch": 2}), &[], None), MODELS.into());
}

#[test]
fn an_environment_variable_reaches_through_ephemeral_models() {
    assert_eq!(changed(&json!({}), &[("UNIT", "lb")], None), ["eph", "by_macro"].into());
    assert_eq!(changed(&json!({}), &[("OTHER", "lb")], None), [].into());
}

#[test]
fn code_changes_what_is_made_of_it() {
    let plain = ("models/plain.sql", "select 2 as id");
    assert_eq!(changed(&json!({}), &[], Some(plain)), ["plain"].into());
    let zone = (
        "macros/zone.sql",
        "{% macro zone() %}{{ inner_zone() }}{% endmacro %}{% macro inner_zone() %}'UTC'{% endmacro %}",
    );
    assert_eq!(changed(&json!({}), &[], Some(zone)), ["by_macro"].into());
    let described = (
        "models/plain.yml",
        "models:\n  - {name: plain, description: new, config: {tags: [a], meta: {b: 1}}}\n",
    );
    assert_eq!(changed(&json!({}), &[], Some(described)), [].into());
    let configured =
        ("models/plain.yml", "models:\n  - {name: plain, config: {materialized: table}}\n");
    assert_eq!(changed(&json!({}), &[], Some(configured)), ["plain"].into());
}

#[test]
fn inputs_are_those_of_macros_options_and_ephemeral_models_too() {
    let (graph, engine) = graph_and_engine(PROJECT, Environment::default()).value;
    let shown = |name: &str| {
        let index: NodeIndex = graph.index[format!("model.shop.{name}").as_str()];
        let inputs = inputs_of(&graph, &engine, index);
        format!("{} / {}", inputs.variables.join(" "), inputs.environment.join(" "))
    };
    assert_eq!(shown("plain"), "batch / ");
    assert_eq!(shown("conditional"), "batch since / ");
    assert_eq!(shown("by_macro"), "batch zone / UNIT");
    assert_eq!(shown("daily"), "batch session_time / ");
    let node = graph.find("model.shop.conditional").unwrap();
    assert_eq!(node.inputs.variables, ["since"]);
}
