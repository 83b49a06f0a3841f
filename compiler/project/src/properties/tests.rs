//! Property files, read.

use source::yaml;
use source::{FileId, ProjectPath};

use super::*;
use crate::environment::Environment;
use crate::renderer::{RenderFailure, TextRenderer, TextScope};

/// Renders by putting the text in angle brackets, so that tests see what was rendered.
struct Marker;

impl TextRenderer for Marker {
    fn render(&self, text: &str, _: &TextScope<'_>) -> Result<Value, RenderFailure> {
        Ok(Value::String(format!("<{text}>")))
    }
}

/// Without what is told of keys that stand beside `config`.
fn read(text: &str) -> source::Warned<PropertyFile> {
    let mut read = read_with_all(text);
    read.diagnostics.retain(|found| found.code != source::codes::DEPRECATED_PROPERTY);
    read
}

fn read_with_all(text: &str) -> source::Warned<PropertyFile> {
    let environment = Environment::default();
    let vars = IndexMap::new();
    let scope = TextScope {
        environment: &environment,
        vars: &vars,
        target: None,
        allows_secrets: false,
        project_name: None,
    };
    let node = yaml::read(text, FileId(0)).value.unwrap();
    super::read::read(&node, FileId(0), &ProjectPath::new("models/schema.yml"), &Marker, scope)
}

fn messages(text: &str) -> Vec<String> {
    let read = read(text);
    let place =
        |found: &source::Diagnostic| found.labels.first().map_or(0, |label| label.span.start);
    let hint = |found: &source::Diagnostic| {
        found.hint.clone().map(|hint| format!(" ({hint})")).unwrap_or_default()
    };
    let line = |found: &source::Diagnostic| {
        format!("{}@{} {}{}", found.code, place(found), found.message, hint(found))
    };
    read.diagnostics.iter().map(line).collect()
}

/// As `PropertyMovedToConfigDeprecation` of dbt.
#[test]
fn keys_that_belong_into_config_are_told() {
    let read = read_with_all(
        "models:
  - {name: a, meta: {}, docs: {}, description: b, columns: [{name: id, tags: [x], quote: true}]}
sources:
  - {name: s, loaded_at_field: at, tables: [{name: t, freshness: null, config: {tags: [y]}}]}
exposures:
  - {name: e, type: dashboard, owner: {name: us}, tags: [z]}
",
    );
    let told: Vec<&str> = read.diagnostics.iter().map(|found| found.message.as_str()).collect();
    let expected = [
        "`meta` of a model stands beside `config`",
        "`docs` of a model stands beside `config`",
        "`tags` of a column stands beside `config`",
        "`loaded_at_field` of a source stands beside `config`",
        "`freshness` of a source table stands beside `config`",
        "`tags` of an exposure stands beside `config`",
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_model_is_read_with_all_it_has() {
    let read = read(
        "version: 2
models:
  - name: orders
    description: '{{ doc(\"orders\") }}'
    docs: {show: false}
    config:
      tags: [a]
      schema: '{{ var(\"s\") }}'
      pre_hook: '{{ late() }}'
    meta: {owner: x}
    data_tests:
      - unique: {column_name: '{{ y }}'}
    columns:
      - name: id
        description: '{{ doc(\"id\") }}'
        data_type: int
        meta: {a: 1}
        config: {meta: {b: 2}, tags: t}
        tests: [not_null]
        policy_tags: [p]
    latest_version: 2
    versions:
      - v: 1
        columns:
          - include: all
            exclude: [id]
          - name: extra
      - v: 2
        defined_in: orders_v2
        config: {alias: o}
",
    );
    assert_eq!(read.diagnostics, []);
    insta::assert_debug_snapshot!(read.value.models);
}

/// `tests_data/rendered_paths.json` holds paths with whether dbt's `SchemaYamlRenderer` renders them.
#[test]
fn texts_are_rendered_where_dbt_renders_them() {
    let cases: Vec<(String, Vec<String>, bool)> =
        serde_json::from_str(include_str!("../../tests_data/rendered_paths.json")).unwrap();
    for (section, path, expected) in cases {
        let keys: Vec<&str> = path.iter().map(String::as_str).collect();
        // Hooks are late in both spellings here; dbt forgets the one with a dash.
        assert_eq!(super::rendering::is_rendered(&section, &keys), expected, "{section} {path:?}");
    }
}

#[test]
fn rendered_texts_lose_the_line_break_at_their_end() {
    let read = read(
        "models:
  - name: m
    description: |
      kept
    config:
      meta:
        note: |
          lost

",
    );
    let model = &read.value.models[0];
    assert_eq!(model.description, "kept\n");
    assert_eq!(model.config["meta"], serde_json::json!({"note": "lost"}));
}

#[test]
fn a_source_folds_what_stands_beside_config() {
    let read = read(
        "sources:
  - name: shop
    database: '{{ target.database }}'
    meta: {a: 1}
    tags: [x]
    config: {meta: {b: 2}, tags: [y], freshness: {warn_after: {count: 1, period: day}}}
    freshness: {error_after: {count: 2, period: day}}
    loaded_at_field: at
    tables:
      - name: t
        identifier: '{{ var(\"t\") }}'
        description: '{{ doc(\"t\") }}'
        freshness: null
        columns: [{name: id, data_tests: [unique]}]
",
    );
    assert_eq!(read.diagnostics, []);
    let source = &read.value.sources[0];
    insta::assert_debug_snapshot!((
        source,
        crate::config::source_options(source, &source.tables[0])
    ));
}

#[test]
fn other_kinds_are_read() {
    let read = read(
        "macros:
  - {name: m, description: d, docs: {show: false}, arguments: [{name: a, type: text}]}
exposures:
  - {name: e, type: dashboard, owner: {email: x@y}, depends_on: [\"ref('a')\"], tags: [t], meta: {k: 1}}
groups:
  - {name: g, owner: {name: n}}
unit_tests:
  - {name: u, model: a, given: [], expect: {rows: []}}
snapshots:
  - {name: s, relation: \"ref('a')\", config: {unique_key: id}}
",
    );
    assert_eq!(read.diagnostics, []);
    insta::assert_debug_snapshot!((
        read.value.macros,
        read.value.exposures,
        read.value.groups,
        &read.value.snapshots[0].relation
    ));
    assert_eq!(read.value.unit_tests.len(), 1);
}

#[test]
fn mistakes_are_told_and_reading_goes_on() {
    insta::assert_debug_snapshot!([
        messages(
            "modles: []\nmodels:\n  - nam: x\n  - name: y\n    colums: []\n    materialized: table\n"
        ),
        messages("models: {name: x}\n"),
        messages(
            "models: [x, {name: 1}, {name: a, description: [x], columns: {id: 1}, tests: x}]\n"
        ),
        messages(
            "models: [{name: a, meta: {x: 1}, config: {meta: {}, materialised: view}, columns: [{description: x}]}]\n"
        ),
        messages(
            "models: [{name: a, tests: [unique], data_tests: [unique, 1], latest_version: 3, versions: [{v: 1}, {v: 1}]}]\n"
        ),
        messages(
            "exposures: [{name: a}, {name: b, type: x}, {name: c, type: ml, maturity: x, owner: {}}]\n"
        ),
        messages("sources: [{name: a, tables: [{nam: t}], freshness: 1, loaded_at_field: ''}]\n"),
        messages("- a\n"),
    ]);
}

#[test]
fn what_is_wrong_with_data_tests_is_a_warning_and_tests_at_the_top_are_no_section() {
    let read = read("data_tests: [{description: x}, {name: a}]\ntests: [{nam: x}]\n");
    assert_eq!(read.value.tests.len(), 1);
    assert!(read.diagnostics.iter().all(|diagnostic| !diagnostic.is_error()));
    assert_eq!(read.diagnostics.len(), 2);
}
