//! Parsing whole files: the nodes that they give.

use serde_json::json;
use source::codes::{DEPRECATED_CONFIG_KEY, DEPRECATED_PROPERTY, DEPRECATED_TEST_ARGUMENTS};

use crate::node::NodeDetails;
use crate::test_project::graph;

/// The tests of `recorded/schema.yml` as dbt 1.12 has them in its manifest, one line each.
const RECORDED: &str = include_str!("recorded/generic_tests.tsv");

#[test]
fn generic_tests_are_those_that_dbt_makes() {
    let mut made = graph(&[
        (
            "macros/odd.sql",
            "{% test odd(model, a=none, b=none, c=none, column_name=none) %}select 1 from {{ model }}{% endtest %}",
        ),
        ("models/staging/orders.sql", "select 1 as id"),
        ("models/staging/a_model_with_quite_a_long_name_that_goes_on_and_on.sql", "select 1 as id"),
        ("models/staging/items_v1.sql", "select 1 as id"),
        ("models/staging/items_v2.sql", "select 1 as id"),
        ("models/staging/schema.yml", include_str!("recorded/schema.yml")),
    ]);
    let is_deprecated = |code| {
        [DEPRECATED_CONFIG_KEY, DEPRECATED_PROPERTY, DEPRECATED_TEST_ARGUMENTS].contains(&code)
    };
    made.diagnostics.retain(|diagnostic| !is_deprecated(diagnostic.code));
    assert_eq!(made.diagnostics, []);
    let graph = made.value;
    let mut lines = Vec::new();
    for node in &graph.nodes {
        let NodeDetails::Test(test) = &node.details else { continue };
        let generic = test.generic.as_ref().unwrap();
        let parents: Vec<_> =
            node.depends_on.iter().map(|parent| &*graph.node(*parent).unique_id).collect();
        let macros: Vec<_> = node.depends_on_macros.iter().map(|id| &**id).collect();
        let metadata =
            json!({"name": generic.name, "kwargs": generic.written_arguments(), "namespace": generic.namespace}).to_string();
        let fields = [
            &*node.unique_id,
            node.path.as_str(),
            &node.fqn.join("."),
            &node.alias,
            &node.raw_code,
            &node.tags.join(","),
            &parents.join(","),
            &macros.join(","),
            &metadata,
            &node.schema,
            test.attached_node.as_deref().unwrap_or_default(),
            test.column_name.as_deref().unwrap_or_default(),
            &node.description,
        ];
        lines.push(fields.join("\t"));
    }
    let recorded: Vec<_> = RECORDED.lines().collect();
    for (own, recorded) in lines.iter().zip(&recorded) {
        assert_eq!(own, recorded);
    }
    assert_eq!(lines.len(), recorded.len());
}

#[test]
fn a_mere_name_among_what_an_exposure_depends_on_is_told_and_passed_over() {
    let made = graph(&[
        ("models/orders.sql", "select 1 as id"),
        (
            "models/exposures.yml",
            "exposures:\n  - name: board\n    type: dashboard\n    owner: {name: me}\n    depends_on: [orders]\n",
        ),
    ]);
    let [diagnostic] = &made.diagnostics[..] else { panic!("{:?}", made.diagnostics) };
    assert!(!diagnostic.is_error());
    assert_eq!(diagnostic.hint.as_deref(), Some("write `ref('orders')`"));
    let board = made.value.nodes.iter().find(|node| node.name == "board").unwrap();
    assert!(board.depends_on.is_empty());
}
