//! Merging and settling.

use serde_json::json;

use super::*;
use crate::resource_type::ResourceType;

fn options(value: Value) -> ConfigOptions {
    serde_json::from_value(value).unwrap()
}

#[test]
fn tags_and_hooks_append_meta_joins_the_rest_is_replaced() {
    let mut base = options(
        json!({"tags": "a", "meta": {"x": 1, "y": 1}, "materialized": "view", "pre_hook": "one"}),
    );
    let layer = options(
        json!({"tags": ["b"], "meta": {"y": 2}, "materialized": "table", "pre-hook": ["two"]}),
    );
    let mut merged = ConfigOptions::new();
    merge(&mut merged, &base);
    merge(&mut merged, &layer);
    assert_eq!(
        json!(merged),
        json!({"tags": ["a", "b"], "meta": {"x": 1, "y": 2}, "materialized": "table", "pre-hook": ["one", "two"]})
    );
    base.clear();
}

#[test]
fn grants_are_replaced_or_added_to() {
    let mut merged = options(json!({"grants": {"select": "a", "insert": ["b"]}}));
    merge_for(
        ResourceType::Model,
        &mut merged,
        &options(json!({"grants": {"+select": "c", "insert": "d"}})),
    );
    assert_eq!(merged["grants"], json!({"select": ["a", "c"], "insert": ["d"]}));
}

#[test]
fn defaults_stand_in_dbts_order() {
    for kind in [
        ResourceType::Model,
        ResourceType::Seed,
        ResourceType::Snapshot,
        ResourceType::Test,
        ResourceType::Source,
        ResourceType::Exposure,
        ResourceType::UnitTest,
        ResourceType::Function,
        ResourceType::Analysis,
    ] {
        let settled = settle(kind, &options(json!({"custom": 1})));
        // A snapshot without a strategy is an error, and has defaults all the same.
        assert_eq!(settled.has_errors(), kind == ResourceType::Snapshot);
        insta::assert_json_snapshot!(format!("defaults_of_{kind}"), settled.value.values);
    }
}

#[test]
fn values_of_a_wrong_kind_are_errors_and_the_default_stands() {
    let given = options(
        json!({"enabled": "yes", "persist_docs": 1, "access": "open", "docs": {"node_color": "red"},
        "static_analysis": false, "post_hook": "{\"sql\": \"x\", \"transaction\": false}"}),
    );
    let mut merged = ConfigOptions::new();
    merge(&mut merged, &given);
    let settled = settle(ResourceType::Model, &merged);
    let messages: Vec<_> = settled.diagnostics.iter().map(|found| found.message.as_str()).collect();
    insta::assert_debug_snapshot!(messages);
    assert!(settled.value.is_enabled());
    assert_eq!(settled.value.get("docs"), Some(&json!({"show": true, "node_color": "red"})));
    assert_eq!(settled.value.text("static_analysis"), Some("False"));
    assert_eq!(
        settled.value.get("post_hook"),
        Some(&json!([{"sql": "x", "transaction": false, "index": null}]))
    );
}

#[test]
fn texts_and_numbers_are_taken_as_python_takes_them() {
    let given =
        json!({"tags": [{"a": 1}, 2], "alias": 7, "unique_key": [1, "id"], "materialized": true});
    let model = settle(ResourceType::Model, &options(given));
    assert_eq!(model.diagnostics, []);
    let shown = ["tags", "alias", "unique_key", "materialized"].map(|key| model.value.get(key));
    insta::assert_compact_json_snapshot!(shown, @r#"[["{'a': 1}", "2"], "7", ["1", "id"], "True"]"#);
    let limit = |value| {
        settle(ResourceType::Test, &options(json!({"limit": value})))
            .map(|config| config.get("limit").cloned().unwrap_or_default())
    };
    assert_eq!(limit(json!("12")).value, json!(12));
    assert_eq!(limit(json!(1.5)).value, json!(1));
    assert!(limit(json!("many")).has_errors());
}

#[test]
fn failures_are_stored_as_said_last() {
    let settle = |value| settle(ResourceType::Test, &options(value)).value;
    assert_eq!(settle(json!({"store_failures": true})).text("store_failures_as"), Some("table"));
    assert_eq!(settle(json!({"store_failures_as": "view"})).boolean("store_failures"), Some(true));
    assert_eq!(settle(json!({})).text("store_failures_as"), None);
}

#[test]
fn snapshots_need_what_their_strategy_needs() {
    let messages = |value| {
        let settled = settle(ResourceType::Snapshot, &options(value));
        settled.diagnostics.into_iter().map(|found| found.message).collect::<Vec<_>>()
    };
    insta::assert_debug_snapshot!([
        messages(json!({})),
        messages(json!({"enabled": false})),
        messages(json!({"strategy": "check", "unique_key": "id"})),
        messages(json!({"strategy": "check", "unique_key": "id", "check_cols": "some"})),
        messages(json!({"strategy": "check", "unique_key": ["id"], "check_cols": ["a"]})),
        messages(json!({"strategy": "timestamp", "unique_key": "id", "check_cols": "all"})),
        messages(json!({"strategy": "timestamp", "unique_key": "id", "updated_at": "at"})),
        messages(json!({"strategy": "mine", "unique_key": "id"})),
    ]);
}

#[test]
fn freshness_joins_by_threshold() {
    let warn = json!({"warn_after": {"count": 1, "period": "day"}});
    let error = json!({"error_after": {"count": 2, "period": "day"}, "filter": "x"});
    assert_eq!(
        fold_freshness(Some(&warn), Some(&error)),
        Some(
            json!({"warn_after": {"count": 1, "period": "day"}, "error_after": {"count": 2, "period": "day"},
            "filter": "x"})
        )
    );
    assert_eq!(fold_freshness(Some(&warn), Some(&Value::Null)), Some(Value::Null));
    assert_eq!(fold_freshness(None, None), None);
}
