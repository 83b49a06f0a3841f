//! What is read and written again is the same file.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::catalog::Catalog;
use super::manifest::Manifest;
use super::run_results::RunResults;
use super::sources::FreshnessResults;

fn check_round_trip<T: DeserializeOwned + Serialize>(text: &str) {
    let expected: Value = serde_json::from_str(text).unwrap();
    let read: T = serde_json::from_str(text).unwrap();
    let written = serde_json::to_string_pretty(&read).unwrap();
    // Compared as text, so that the order of keys counts.
    let expected = serde_json::to_string_pretty(&expected).unwrap();
    for (number, (ours, theirs)) in written.lines().zip(expected.lines()).enumerate() {
        assert_eq!(ours, theirs, "line {number}");
    }
    assert_eq!(written.len(), expected.len());
}

#[test]
fn a_manifest_is_written_as_it_was_read() {
    check_round_trip::<Manifest<'static>>(include_str!("../../fixtures/manifest.json"));
}

#[test]
fn a_catalog_is_written_as_it_was_read() {
    check_round_trip::<Catalog<'static>>(include_str!("../../fixtures/catalog.json"));
}

#[test]
fn run_results_are_written_as_they_were_read() {
    check_round_trip::<RunResults<'static>>(include_str!("../../fixtures/run_results.json"));
}

#[test]
fn freshness_is_written_as_it_was_read() {
    check_round_trip::<FreshnessResults<'static>>(include_str!("../../fixtures/sources.json"));
}

#[test]
fn a_manifest_of_an_old_version_is_read() {
    let manifest: Manifest<'_> = serde_json::from_str(
        r#"{"nodes": {"model.shop.orders": {"name": "orders", "resource_type": "model", "description": null,
            "config": {"materialized": "table"}}}, "disabled": null, "brand_new": 1}"#,
    )
    .unwrap();
    let node = &manifest.nodes["model.shop.orders"];
    assert_eq!(node.parsed.config.text("materialized").unwrap(), "table");
}
