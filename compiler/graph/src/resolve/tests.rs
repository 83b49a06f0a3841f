//! Resolving small projects: edges, names and what is told of mistakes.

use crate::graph::Graph;
use crate::node::NodeDetails;
use crate::test_project::graph;

fn messages(files: &[(&str, &str)]) -> Vec<String> {
    graph(files)
        .diagnostics
        .iter()
        .map(|found| format!("{} {}", found.code, found.message))
        .collect()
}

fn parents(graph: &Graph, id: &str) -> Vec<String> {
    let node = graph.find(id).unwrap();
    node.depends_on.iter().map(|parent| graph.node(*parent).unique_id.to_string()).collect()
}

#[test]
fn references_make_edges() {
    let made = graph(&[
        ("models/a.sql", "select * from {{ source('raw', 'orders') }}"),
        (
            "models/b.sql",
            "{{ config(materialized='table', tags=['x']) }} select * from {{ ref('a') }}",
        ),
        ("models/schema.yml", "sources:\n  - name: raw\n    tables:\n      - name: orders\n"),
        ("seeds/s.csv", "id\n1\n"),
    ]);
    assert_eq!(made.diagnostics, []);
    assert_eq!(parents(&made.value, "model.shop.b"), ["model.shop.a"]);
    assert_eq!(parents(&made.value, "model.shop.a"), ["source.shop.raw.orders"]);
    let b = made.value.find("model.shop.b").unwrap();
    assert_eq!(b.tags, ["x"]);
    assert_eq!(b.relation_name.as_deref(), Some("\"dev\".\"main\".\"b\""));
    assert_eq!(b.config.materialized(), "table");
}

#[test]
fn generic_tests_are_attached_and_tell_the_primary_key() {
    let made = graph(&[
        ("models/a.sql", "select 1 as id"),
        (
            "models/schema.yml",
            "models:\n  - name: a\n    columns:\n      - name: id\n        data_tests: [unique, not_null]\n",
        ),
    ]);
    assert_eq!(made.diagnostics, []);
    let a = made.value.find("model.shop.a").unwrap();
    let NodeDetails::Model(model) = &a.details else { panic!() };
    assert_eq!(model.primary_key, ["id"]);
    assert_eq!(a.patch_path.as_deref(), Some("shop://models/schema.yml"));
    let tests: Vec<_> =
        made.value.nodes.iter().filter(|node| node.resource_type.as_str() == "test").collect();
    assert_eq!(tests.len(), 2);
    assert_eq!(tests[0].schema, "main_dbt_test__audit");
    assert_eq!(parents(&made.value, &tests[0].unique_id), ["model.shop.a"]);
}

#[test]
fn versions_have_their_own_ids_and_the_latest_is_meant() {
    let made = graph(&[
        ("models/a_v1.sql", "select 1 as id"),
        ("models/a_v2.sql", "select 1 as id"),
        ("models/b.sql", "select * from {{ ref('a') }}, {{ ref('a', v=1) }}"),
        (
            "models/schema.yml",
            "models:\n  - name: a\n    latest_version: 2\n    versions:\n      - v: 1\n      - v: 2\n",
        ),
    ]);
    assert_eq!(made.diagnostics, []);
    assert_eq!(parents(&made.value, "model.shop.b"), ["model.shop.a.v2", "model.shop.a.v1"]);
    let v1 = made.value.find("model.shop.a.v1").unwrap();
    assert_eq!(
        (v1.name.as_str(), v1.alias.as_str(), v1.fqn.join(".").as_str()),
        ("a", "a_v1", "shop.a.v1")
    );
}

#[test]
fn wrong_references_are_told_with_the_nearest_name() {
    let found = graph(&[
        ("models/orders.sql", "select 1"),
        ("models/b.sql", "select * from {{ ref('order') }}"),
    ]);
    let found = &found.diagnostics[0];
    assert_eq!(found.message, "`ref('order')` names a node that does not exist");
    assert_eq!(found.hint.as_deref(), Some("did you mean `orders`?"));
    assert_eq!(found.labels[0].span.start, 17);
}

#[test]
fn disabled_models_are_no_targets_and_their_tests_vanish() {
    let files = [
        ("models/a.sql", "{{ config(enabled=false) }} select 1"),
        (
            "models/schema.yml",
            "models:\n  - name: a\n    columns:\n      - name: id\n        data_tests: [unique]\n",
        ),
    ];
    let made = graph(&files);
    assert_eq!(made.diagnostics, []);
    assert_eq!((made.value.nodes.len(), made.value.disabled.len()), (0, 2));
    let more = [files[0], ("models/b.sql", "select * from {{ ref('a') }}")];
    assert_eq!(messages(&more), ["Q405 `ref('a')` names a node that is disabled"]);
}

#[test]
fn a_unit_test_of_a_disabled_model_is_disabled() {
    let test = "unit_tests:\n  - {name: t, model: a, given: [], expect: {rows: []}}\n";
    let made = graph(&[
        ("models/a.sql", "{{ config(enabled=false) }} select 1"),
        ("models/tests.yml", test),
    ]);
    assert_eq!(made.diagnostics, []);
    let disabled: Vec<_> = made.value.disabled.iter().map(|node| &*node.unique_id).collect();
    assert_eq!(disabled, ["model.shop.a", "unit_test.shop.a.t"]);
    assert!(!made.value.disabled[1].config.is_enabled());
}

#[test]
fn conversions_change_nothing_in_sql() {
    let made = graph(&[(
        "models/a.sql",
        "{{ config(enabled=(var('on', true) | as_bool) and not (var('off', false) | as_bool)) }} select 1",
    )]);
    assert_eq!(made.diagnostics, []);
    assert_eq!((made.value.nodes.len(), made.value.disabled.len()), (1, 0));
}

#[test]
fn circles_are_told_whole() {
    let found = messages(&[
        ("models/a.sql", "select * from {{ ref('c') }}"),
        ("models/b.sql", "select * from {{ ref('a') }}"),
        ("models/c.sql", "select * from {{ ref('b') }}"),
    ]);
    assert_eq!(
        found,
        ["Q401 nodes depend on each other in a circle: \
          model.shop.a → model.shop.c → model.shop.b → model.shop.a"]
    );
}

#[test]
fn two_nodes_may_not_build_one_relation() {
    let found = messages(&[
        ("models/a.sql", "select 1"),
        ("models/b.sql", "{{ config(alias='a') }} select 1"),
    ]);
    assert_eq!(
        found,
        ["Q406 `model.shop.a` and `model.shop.b` would both be built as \"dev\".\"main\".\"a\""]
    );
}

#[test]
fn two_models_may_not_have_one_name() {
    let found = messages(&[("models/x/a.sql", "select 1"), ("models/y/a.sql", "select 1")]);
    assert_eq!(found, ["Q402 package `shop` has two models named `a`"]);
}

#[test]
fn private_models_are_for_their_group() {
    let found = messages(&[
        ("models/a.sql", "select 1"),
        ("models/b.sql", "select * from {{ ref('a') }}"),
        (
            "models/schema.yml",
            "groups:\n  - name: sales\n    owner: {name: me}\nmodels:\n  - name: a\n    config: {group: sales, access: private}\n",
        ),
    ]);
    assert_eq!(found, ["Q412 `ref('a')` names a model that is private to the group `sales`"]);
}

#[test]
fn descriptions_use_documentation_blocks() {
    let made = graph(&[
        ("models/a.sql", "select 1"),
        ("models/docs.md", "{% docs about %}\n All of it. \n{% enddocs %}"),
        ("models/schema.yml", "models:\n  - name: a\n    description: \"{{ doc('about') }}\"\n"),
    ]);
    assert_eq!(made.diagnostics, []);
    let a = made.value.find("model.shop.a").unwrap();
    assert_eq!(
        (a.description.as_str(), a.doc_blocks.as_slice()),
        ("All of it.", ["doc.shop.about".to_owned()].as_slice())
    );
}

#[test]
fn entries_without_a_node_are_told() {
    let found = messages(&[
        ("models/orders.sql", "select 1"),
        ("models/schema.yml", "models:\n  - name: order\n"),
    ]);
    assert_eq!(found, ["Q113 no model named `order` was found for this entry of `models`"]);
}

#[test]
fn snapshots_hooks_and_exposures_are_nodes() {
    let made = graph(&[
        (
            "dbt_project.yml",
            "name: shop\nversion: '1.0'\nprofile: shop\non-run-start: [\"select 1\"]\n",
        ),
        ("models/a.sql", "select 1 as id"),
        (
            "snapshots/s.sql",
            "{% snapshot snap %}{{ config(unique_key='id', strategy='check', check_cols='all') }} select * from {{ ref('a') }}{% endsnapshot %}",
        ),
        (
            "models/schema.yml",
            "exposures:\n  - name: board\n    type: dashboard\n    owner: {name: me}\n    depends_on: [ref('a')]\n",
        ),
    ]);
    assert_eq!(made.diagnostics, []);
    let mut ids: Vec<_> = made.value.index.keys().map(|id| &**id).collect();
    ids.sort_unstable();
    assert_eq!(
        ids,
        [
            "exposure.shop.board",
            "model.shop.a",
            "operation.shop.shop-on-run-start-0",
            "snapshot.shop.snap"
        ]
    );
    assert_eq!(parents(&made.value, "exposure.shop.board"), ["model.shop.a"]);
    assert_eq!(made.value.find("snapshot.shop.snap").unwrap().fqn, ["shop", "s", "snap"]);
}

/// A project with the package `lib` installed.
fn with_library<'a>(files: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut all = vec![
        ("packages.yml", "packages:\n  - local: dbt_packages/lib\n"),
        (
            "dbt_packages/lib/dbt_project.yml",
            "name: lib\nversion: '1.0'\nmodels: {lib: {+materialized: table}}\n",
        ),
    ];
    all.extend_from_slice(files);
    all
}

#[test]
fn the_root_project_is_searched_before_the_own_package() {
    let made = graph(&with_library(&[
        ("models/both.sql", "{{ config(alias='root_both') }} select 1"),
        ("dbt_packages/lib/models/both.sql", "select 1"),
        (
            "dbt_packages/lib/models/user.sql",
            "select * from {{ ref('both') }}, {{ ref('lib', 'both') }}",
        ),
    ]));
    let codes: Vec<_> = made.diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    assert_eq!(codes, [source::codes::ROOT_DEPENDENCY]);
    assert_eq!(parents(&made.value, "model.lib.user"), ["model.shop.both", "model.lib.both"]);
}

#[test]
fn the_root_project_has_the_last_word_on_packages() {
    let made = graph(&with_library(&[
        (
            "dbt_project.yml",
            "name: shop\nversion: '1.0'\nprofile: shop\nmodels: {lib: {one: {+materialized: ephemeral}}}\n",
        ),
        ("dbt_packages/lib/models/one.sql", "{{ config(materialized='view') }} select 1"),
        ("dbt_packages/lib/models/two.sql", "select 1"),
    ]));
    assert_eq!(made.diagnostics, []);
    let materialized = |id| made.value.find(id).unwrap().config.materialized().to_owned();
    assert_eq!(materialized("model.lib.one"), "ephemeral");
    assert_eq!(materialized("model.lib.two"), "table");
    assert_eq!(made.value.find("model.lib.one").unwrap().relation_name, None);
}

#[test]
fn nodes_of_other_packages_are_described_where_the_own_one_has_none_of_the_name() {
    let made = graph(&with_library(&[
        ("dbt_packages/lib/models/far.sql", "select 1"),
        ("dbt_packages/lib/models/gone.sql", "{{ config(enabled=false) }} select 1"),
        (
            "models/schema.yml",
            "models:\n  - name: far\n    description: From afar.\n    config: {materialized: view}\n  - name: gone\n",
        ),
    ]));
    let told: Vec<_> = made.diagnostics.iter().map(|told| told.message.as_str()).collect();
    assert_eq!(told, ["no model named `gone` was found for this entry of `models`"]);
    let far = made.value.find("model.lib.far").unwrap();
    assert_eq!((&*far.description, far.config.materialized()), ("From afar.", "view"));
    assert_eq!(far.patch_path.as_deref(), Some("shop://models/schema.yml"));
}

#[test]
fn project_name_is_that_of_the_root_project_in_property_files_of_packages() {
    let sources =
        "sources:\n  - name: raw\n    schema: '{{ project_name }}'\n    tables: [{name: t}]\n";
    let made = graph(&with_library(&[("dbt_packages/lib/models/sources.yml", sources)]));
    assert_eq!(made.value.find("source.lib.raw.t").unwrap().schema, "shop");
}

#[test]
fn a_source_without_a_database_or_schema_in_its_texts_has_those_of_one_that_says_nothing() {
    let sources =
        "sources:\n  - name: raw\n    database: ''\n    schema: ''\n    tables: [{name: t}]\n";
    let made = graph(&[("models/schema.yml", sources)]);
    let source = made.value.find("source.shop.raw.t").unwrap();
    assert_eq!((source.database.as_deref(), &*source.schema), (Some("dev"), "raw"));
}

#[test]
fn a_warehouse_calls_schemas_by_its_own_word() {
    let made = graph(&[("models/own.sql", "{{ config(dataset='elsewhere') }} select 1 as id")]);
    let model = made.value.find("model.shop.own").unwrap();
    assert_eq!((model.config.schema(), model.config.get("dataset")), (Some("elsewhere"), None));
    // dbt adds there what it has read without rendering, as it is written.
    let unrendered: Vec<_> = model.unrendered_config.keys().collect();
    assert_eq!(unrendered, ["schema", "dataset"]);
}

#[test]
fn what_is_read_without_rendering_is_unrendered_as_it_was_said_last() {
    let text = "{{ config(tags='a') }}{{ config(tags='b', meta={'x': 'y'}) }} select 1";
    let made = graph(&[
        ("models/plain.sql", text),
        ("models/described.sql", text),
        ("models/configured.sql", text),
        (
            "models/schema.yml",
            "models:\n  - {name: described, description: It is.}\n  - {name: configured, config: {alias: c}}\n",
        ),
    ]);
    let tags = |name: &str| {
        let node = made.value.find(&format!("model.shop.{name}")).unwrap();
        assert_eq!(node.config.tags(), ["a", "b"]);
        node.unrendered_config["tags"].clone()
    };
    assert_eq!(tags("plain"), "b");
    assert_eq!(tags("described"), "b");
    assert_eq!(tags("configured"), serde_json::json!(["a", "b"]));
}

#[test]
fn tests_of_unknown_models_are_left_out_with_a_warning() {
    let made = graph(&[
        ("models/a.sql", "select 1 as id"),
        (
            "models/schema.yml",
            "models:\n  - name: a\n    columns:\n      - name: id\n        data_tests:\n          - relationships: {arguments: {to: ref('b'), field: id}}\n",
        ),
    ]);
    let found: Vec<_> =
        made.diagnostics.iter().map(|found| (found.is_error(), found.message.as_str())).collect();
    assert_eq!(found, [(false, "`ref('b')` names a node that does not exist")]);
    assert_eq!(made.value.nodes.len(), 1);
}

#[test]
fn models_without_sql_are_told() {
    let found = messages(&[
        ("models/a.sql", " \n"),
        ("models/b.sql", "-- later\n{# or never #} /* who\nknows */"),
        ("models/c.sql", "-- {{ 'a\\nselect 1' }}"),
        ("models/d.sql", "{{ config(enabled=false) }}"),
        ("models/e.sql", "-- one\nselect 1"),
    ]);
    assert_eq!(
        found,
        ["Q417 `a` is empty, so it is not built", "Q417 `b` has nothing but comments"]
    );
}
