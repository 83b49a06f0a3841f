//! Configurations: options as written, layer by layer, merged by dbt's rules into settings.

mod batches;
mod layers;
mod merge;
mod paths;
mod schema;
mod settle;
mod source_options;
mod window;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;
use session::WindowRule;

pub use batches::BatchRule;
pub use layers::{
    OptionLayers, options_for, options_without_nulls, top_level_option, unrendered_options_for,
};
pub use merge::{merge, merge_for, texts_of};
pub use paths::{ConfiguredPath, configured_paths};
pub use schema::is_config_key;
pub use settle::{refused_nulls, settle};
pub(crate) use source_options::fold_freshness;
pub use source_options::source_options;

/// Options as one layer wrote them: everything optional, by key. Hooks are spelt as dbt's manifest spells them,
/// `pre-hook` and `post-hook`; every function here takes the spelling with an underscore too.
pub type ConfigOptions = IndexMap<String, Value>;

/// The settled configuration of a node: every key of its kind, defaults filled in, in dbt's order, then custom keys.
///
/// Shared by nodes whose configuration is the same.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NodeConfig {
    /// All values, as `config.get`, `config:` selectors and the manifest see them.
    pub values: IndexMap<String, Value>,
    /// Which window of a session the node builds: `grain`, `offset`, and `lookback` where it is set.
    pub window: WindowRule,
    /// How a microbatch model is cut into batches.
    pub batches: Option<Arc<BatchRule>>,
}

impl NodeConfig {
    /// The value of a key, null included; nothing for a key that nobody set and that has no default.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.values.get(canonical_key(key))
    }

    /// The text of a key.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_str()
    }

    /// The truth value of a key.
    pub fn boolean(&self, key: &str) -> Option<bool> {
        self.get(key)?.as_bool()
    }

    /// The texts of a key: of a list, or of a text alone.
    pub fn texts(&self, key: &str) -> Vec<&str> {
        match self.get(key) {
            Some(Value::String(text)) => vec![text],
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// `enabled`, true when nobody says otherwise.
    pub fn is_enabled(&self) -> bool {
        self.boolean("enabled").unwrap_or(true)
    }

    /// `materialized`.
    pub fn materialized(&self) -> &str {
        self.text("materialized").unwrap_or("view")
    }

    /// `alias`.
    pub fn alias(&self) -> Option<&str> {
        self.text("alias")
    }

    /// `schema`.
    pub fn schema(&self) -> Option<&str> {
        self.text("schema")
    }

    /// `database`.
    pub fn database(&self) -> Option<&str> {
        self.text("database")
    }

    /// `tags`.
    pub fn tags(&self) -> Vec<&str> {
        self.texts("tags")
    }

    /// `group`.
    pub fn group(&self) -> Option<&str> {
        self.text("group")
    }

    /// `access`.
    pub fn access(&self) -> Option<&str> {
        self.text("access")
    }

    /// `contract.enforced`.
    pub fn is_contract_enforced(&self) -> bool {
        self.get("contract")
            .and_then(|contract| contract.get("enforced"))
            .and_then(Value::as_bool)
            .unwrap_or(false)
    }

    /// `meta`.
    pub fn meta(&self) -> Option<&serde_json::Map<String, Value>> {
        self.get("meta")?.as_object()
    }

    /// `docs.show`, true when nobody says otherwise.
    pub fn is_shown(&self) -> bool {
        self.get("docs").and_then(|docs| docs.get("show")).and_then(Value::as_bool).unwrap_or(true)
    }

    /// `full_refresh`.
    pub fn full_refresh(&self) -> Option<bool> {
        self.boolean("full_refresh")
    }
}

/// The spelling of a key that dbt's manifest has: `pre-hook` for `pre_hook`, and so with `post_hook`.
pub fn canonical_key(key: &str) -> &str {
    match key {
        "pre_hook" => "pre-hook",
        "post_hook" => "post-hook",
        _ => key,
    }
}
