//! What an earlier run left behind, and what has changed since.
//!
//! Manifests of dbt (v4 to v12) and of our own are read leniently: a key that an older version does not have is
//! absent, and what no comparison looks at is not looked at. The rules of the comparisons are dbt's
//! `StateSelectorMethod` and the `same_…` methods of its nodes.

mod compare;
mod contract;
mod deferral;

use indexmap::IndexMap;
use serde_json::{Map, Value};

pub(crate) use compare::{Aspect, Comparison};
pub use deferral::{Deferral, DeferredRelation};

/// The sections of a manifest that have nodes by unique id.
const SECTIONS: &[&str] = &[
    "nodes",
    "sources",
    "exposures",
    "metrics",
    "semantic_models",
    "unit_tests",
    "saved_queries",
    "functions",
];

/// What an earlier run left behind, as far as it is there.
#[derive(Debug, Clone, Default)]
pub struct PreviousState {
    /// `manifest.json`.
    pub manifest: Option<PreviousManifest>,
    /// The statuses of `run_results.json`, by unique id.
    pub results: Option<Vec<(String, String)>>,
    /// `sources.json` of the earlier run.
    pub sources: Option<SourceTimes>,
    /// `sources.json` of the target folder: what `source freshness` found now.
    pub current_sources: Option<SourceTimes>,
    /// Whether databases and schemas of sources are compared as written rather than as rendered
    /// (`state_modified_compare_more_unrendered_values`).
    pub compares_unrendered: bool,
    /// The kinds of constraints that the warehouse enforces: taking one of them away breaks a contract.
    pub enforced_constraints: Vec<&'static str>,
    /// When the run started, ISO in UTC: models past their deprecation date may go.
    pub now: String,
}

/// When the newest row of each source table came, as written: ISO in UTC; none where it could not be found out.
pub type SourceTimes = IndexMap<String, Option<String>>;

/// A manifest of an earlier run.
#[derive(Debug, Clone, Default)]
pub struct PreviousManifest {
    nodes: IndexMap<String, Value>,
    macros: IndexMap<String, String>,
}

impl PreviousManifest {
    /// Reads a manifest; says why when it is none, or one of a version that is not known.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut whole: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let schema = whole.pointer("/metadata/dbt_schema_version").and_then(Value::as_str);
        let version = schema.and_then(schema_version).ok_or("it does not say its version")?;
        if !(4..=12).contains(&version) {
            return Err(format!(
                "expected a manifest of version 4 to 12, but found version {version}"
            ));
        }
        let mut nodes = IndexMap::new();
        for section in SECTIONS {
            if let Some(Value::Object(entries)) = whole.get_mut(section).map(Value::take) {
                nodes.extend(entries.into_iter().map(|(id, node)| (id, upgraded(node))));
            }
        }
        let macros = whole.get("macros").and_then(Value::as_object).into_iter().flatten();
        let macros = macros.map(|(id, one)| {
            let text = one.get("macro_sql").and_then(Value::as_str).unwrap_or_default();
            (id.clone(), text.to_owned())
        });
        Ok(Self { nodes, macros: macros.collect() })
    }

    /// A node by unique id, as it stands in the file.
    pub fn node(&self, unique_id: &str) -> Option<&Value> {
        self.nodes.get(unique_id)
    }

    /// All nodes by unique id.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.nodes.iter().map(|(id, node)| (id.as_str(), node))
    }

    /// The text of a macro.
    pub(crate) fn macro_text(&self, unique_id: &str) -> Option<&str> {
        self.macros.get(unique_id).map(String::as_str)
    }

    /// The unique ids of all macros.
    pub(crate) fn macros(&self) -> impl Iterator<Item = &str> {
        self.macros.keys().map(String::as_str)
    }
}

/// The statuses in `run_results.json`.
pub fn read_results(text: &str) -> Result<Vec<(String, String)>, String> {
    let results = results_of(text)?;
    let of = |result: &Value, key: &str| result.get(key)?.as_str().map(str::to_owned);
    Ok(results
        .iter()
        .filter_map(|result| Some((of(result, "unique_id")?, of(result, "status")?)))
        .collect())
}

/// The times in `sources.json`.
pub fn read_source_times(text: &str) -> Result<SourceTimes, String> {
    let results = results_of(text)?;
    let of = |result: &Value, key: &str| result.get(key)?.as_str().map(str::to_owned);
    Ok(results
        .iter()
        .filter_map(|result| Some((of(result, "unique_id")?, of(result, "max_loaded_at"))))
        .collect())
}

fn results_of(text: &str) -> Result<Vec<Value>, String> {
    let mut whole: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    match whole.get_mut("results").map(Value::take) {
        Some(Value::Array(results)) => Ok(results),
        _ => Err("it has no `results`".to_owned()),
    }
}

/// `…/manifest/v12.json` is of version 12.
fn schema_version(schema: &str) -> Option<u32> {
    schema.rsplit('/').next()?.strip_prefix('v')?.strip_suffix(".json")?.parse().ok()
}

/// Keys that had other names in older versions.
fn upgraded(mut node: Value) -> Value {
    if let Value::Object(entries) = &mut node {
        rename(entries, "raw_sql", "raw_code");
        rename(entries, "compiled_sql", "compiled_code");
    }
    node
}

fn rename(entries: &mut Map<String, Value>, old: &str, new: &str) {
    if let Some(value) = entries.remove(old) {
        entries.insert(new.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_manifests_are_read_and_newer_ones_refused() {
        let of = |version: u32| {
            format!(
                r#"{{"metadata": {{"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v{version}.json"}},
                "nodes": {{"model.a.b": {{"raw_sql": "select 1"}}}}}}"#
            )
        };
        let old = PreviousManifest::read(&of(6)).unwrap();
        assert_eq!(old.node("model.a.b").unwrap()["raw_code"], "select 1");
        assert!(PreviousManifest::read(&of(13)).unwrap_err().contains("version 13"));
        assert!(PreviousManifest::read("[]").is_err());
    }

    #[test]
    fn sources_that_could_not_be_measured_have_no_time() {
        let text = r#"{"results": [{"unique_id": "source.a.b.c", "status": "runtime error"}]}"#;
        assert_eq!(read_source_times(text).unwrap()["source.a.b.c"], None);
    }
}
