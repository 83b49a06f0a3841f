//! Selections in a small graph.

use std::sync::Arc;

use super::*;
use crate::graph::Graph;
use crate::node::NodeDetails;
use crate::test_graph::{change, graph_of};

fn shop() -> Graph {
    let mut graph = graph_of(&[
        ("source.raw_orders", &[]),
        ("model.stg_orders", &["source.raw_orders"]),
        ("model.stg_payments", &[]),
        ("model.orders", &["model.stg_orders", "model.stg_payments"]),
        ("model.report", &["model.orders"]),
        ("test.unique_orders", &["model.orders"]),
        ("test.between", &["model.stg_orders", "model.orders"]),
        ("exposure.board", &["model.report"]),
    ]);
    change(&mut graph, "model.report", |node| node.tags = vec!["nightly".to_owned()]);
    graph
}

fn names(graph: &Graph, request: &SelectionRequest) -> Vec<String> {
    let selection = select(graph, request).value;
    selection.nodes.iter().map(|index| graph.node(*index).unique_id.to_string()).collect()
}

fn selected(select: &str) -> Vec<String> {
    let request =
        SelectionRequest { select: vec![select.to_owned()], ..SelectionRequest::default() };
    names(&shop(), &request)
}

fn models(select: &str) -> Vec<String> {
    let request = SelectionRequest {
        select: vec![select.to_owned()],
        resource_types: Some(vec![ResourceType::Model]),
        ..SelectionRequest::default()
    };
    names(&shop(), &request)
}

#[test]
fn nothing_asked_is_everything() {
    assert_eq!(names(&shop(), &SelectionRequest::default()).len(), 8);
}

#[test]
fn names_folders_and_wildcards_find_models() {
    assert_eq!(models("orders"), ["model.orders"]);
    assert_eq!(models("stg_*"), ["model.stg_orders", "model.stg_payments"]);
    assert_eq!(models("marts").len(), 4);
    assert_eq!(models("shop.marts.report"), ["model.report"]);
}

#[test]
fn steps_up_and_down_are_counted() {
    assert_eq!(models("1+orders"), ["model.stg_orders", "model.stg_payments", "model.orders"]);
    assert_eq!(models("stg_orders+1"), ["model.stg_orders", "model.orders"]);
    assert_eq!(models("+report").len(), 4);
    assert_eq!(models("@stg_orders").len(), 4);
}

#[test]
fn commas_intersect_and_spaces_unite() {
    assert_eq!(models("+report,stg_*"), ["model.stg_orders", "model.stg_payments"]);
    assert_eq!(models("report stg_orders"), ["model.stg_orders", "model.report"]);
    assert_eq!(models("tag:night*"), ["model.report"]);
}

#[test]
fn paths_and_files_find_nodes() {
    assert_eq!(models("models/marts").len(), 4);
    assert_eq!(models("models/**/stg_*.sql"), ["model.stg_orders", "model.stg_payments"]);
    assert_eq!(models("orders.sql"), ["model.orders"]);
}

#[test]
fn sources_exposures_and_kinds_are_found() {
    assert_eq!(selected("source:raw"), ["source.raw_orders"]);
    assert_eq!(selected("exposure:board"), ["exposure.board"]);
    assert_eq!(selected("test_name:unique").len(), 2);
    assert_eq!(models("package:this").len(), 4);
}

#[test]
fn tests_come_along_as_the_mode_says() {
    let with = |indirect| {
        let request = SelectionRequest {
            select: vec!["orders".to_owned()],
            indirect,
            ..SelectionRequest::default()
        };
        names(&shop(), &request)
    };
    assert_eq!(
        with(IndirectSelection::Eager),
        ["model.orders", "test.unique_orders", "test.between"]
    );
    assert_eq!(with(IndirectSelection::Cautious), ["model.orders", "test.unique_orders"]);
    assert_eq!(
        with(IndirectSelection::Buildable),
        ["model.orders", "test.unique_orders", "test.between"]
    );
    assert_eq!(with(IndirectSelection::Empty), ["model.orders"]);
}

#[test]
fn a_test_whose_parents_come_from_two_criteria_is_taken_cautiously() {
    let request = SelectionRequest {
        select: vec!["orders stg_orders".to_owned()],
        indirect: IndirectSelection::Cautious,
        ..SelectionRequest::default()
    };
    assert!(names(&shop(), &request).contains(&"test.between".to_owned()));
}

#[test]
fn what_matches_nothing_is_told() {
    let request = SelectionRequest {
        select: vec!["nowhere orders".to_owned()],
        ..SelectionRequest::default()
    };
    let found = select(&shop(), &request);
    let messages: Vec<_> =
        found.diagnostics.iter().map(|diagnostic| diagnostic.message.as_str()).collect();
    assert_eq!(messages, ["the selection criterion `nowhere` does not match any enabled nodes"]);
}

#[test]
fn selectors_have_names() {
    let text = "
selectors:
  - name: night
    definition:
      union:
        - method: tag
          value: nightly
          parents: true
        - exclude: [stg_orders]
";
    let document = source::yaml::read(text, source::FileId(0)).value.unwrap();
    let selectors = read_selectors(&document);
    assert_eq!(selectors.diagnostics, []);
    let request = SelectionRequest {
        selector: Some("night".to_owned()),
        selectors: selectors.value,
        resource_types: Some(vec![ResourceType::Model]),
        ..SelectionRequest::default()
    };
    assert_eq!(names(&shop(), &request), ["model.stg_payments", "model.orders", "model.report"]);
    let several = SelectionRequest {
        selector: None,
        select: vec!["selector:n*,stg_payments".to_owned(), "selector:*ght,report".to_owned()],
        ..request
    };
    assert_eq!(names(&shop(), &several), ["model.stg_payments", "model.report"]);
}

/// Recorded from dbt 1.12.
#[test]
fn of_an_entry_of_a_union_with_an_exclusion_only_that_counts() {
    let text = "
selectors:
  - name: night
    definition:
      union:
        - stg_orders+
        - {method: fqn, value: stg_payments, exclude: [orders]}
";
    let document = source::yaml::read(text, source::FileId(0)).value.unwrap();
    let selectors = read_selectors(&document);
    let messages: Vec<_> = selectors.diagnostics.iter().map(|told| &*told.message).collect();
    assert_eq!(messages, ["only `exclude` counts of this entry of `union`, as in dbt"]);
    assert_eq!(selectors.diagnostics[0].severity, source::Severity::Note);
    let request = SelectionRequest {
        selector: Some("night".to_owned()),
        selectors: selectors.value,
        resource_types: Some(vec![ResourceType::Model]),
        ..SelectionRequest::default()
    };
    assert_eq!(names(&shop(), &request), ["model.stg_orders", "model.report"]);
}

/// Recorded from dbt 1.12.
#[test]
fn tags_and_groups_of_the_semantic_layer_are_found_where_dbt_looks() {
    let mut graph = graph_of(&[
        ("metric.beside", &[]),
        ("metric.within", &[]),
        ("semantic_model.orders", &[]),
        ("saved_query.daily", &[]),
    ]);
    for name in ["metric.beside", "metric.within", "semantic_model.orders", "saved_query.daily"] {
        change(&mut graph, name, |node| {
            node.tags = vec!["nightly".to_owned()];
            let tags: &[&str] = if name == "metric.beside" { &["nightly"] } else { &[] };
            node.details = NodeDetails::Carried(Box::new(serde_json::json!({"tags": tags})));
            let mut config = (*node.config).clone();
            config.values.insert("group".to_owned(), "finance".into());
            node.config = Arc::new(config);
        });
    }
    let found = |select: &str| {
        let request =
            SelectionRequest { select: vec![select.to_owned()], ..SelectionRequest::default() };
        names(&graph, &request)
    };
    assert_eq!(found("tag:nightly"), ["metric.beside", "saved_query.daily"]);
    assert_eq!(found("group:finance"), ["metric.beside", "metric.within"]);
}

/// Recorded from dbt 1.12.
#[test]
fn selectors_are_shown_as_dbt_shows_them() {
    let text = "
selectors:
  - name: s
    description: d
    definition:
      union:
        - 2+tag:x
        - '@m'
        - intersection: [{method: fqn, value: m, children: true}, {exclude: ['tag:z']}]
  - name: t
    definition: config.materialized:view
  - name: v
    definition: {tag: nightly}
";
    let document = source::yaml::read(text, source::FileId(0)).value.unwrap();
    let shown = read_selectors(&document).value.shown().clone();
    let expected = serde_json::json!({
        "s": {"name": "s", "description": "d", "definition": {"union": [
            {"parents": true, "parents_depth": "2", "method": "tag", "value": "x"},
            {"childrens_parents": true, "method": "fqn", "value": "m"},
            {"intersection": [
                {"method": "fqn", "value": "m", "children": true},
                {"exclude": [{"method": "tag", "value": "z"}]}
            ]}
        ]}},
        "t": {"name": "t", "definition": {"method": "config.materialized", "value": "view"}},
        "v": {"name": "v", "definition": {"method": "tag", "value": "nightly"}},
    });
    assert_eq!(serde_json::to_value(shown).unwrap(), expected);
}
