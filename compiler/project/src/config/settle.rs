//! Options into the settled configuration: kinds checked, defaults filled in, keys in dbt's order.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use session::WindowRule;
use source::python_text::text as python_text;
use source::{Diagnostic, Warned, codes};

use super::batches::batch_rule;
use super::merge::{listed, texts_of};
use super::schema::{Field, Kind, default_value, fields};
use super::source_options::completed as completed_freshness;
use super::window::window_rule;
use super::{ConfigOptions, NodeConfig};
use crate::resource_type::ResourceType;

/// The configuration of a node out of its merged options.
///
/// Values of a wrong kind are errors, and the default stands in for them. The diagnostics have no place; the caller
/// knows where the node stands.
pub fn settle(resource_type: ResourceType, options: &ConfigOptions) -> Warned<NodeConfig> {
    let mut diagnostics = Vec::new();
    let is_own = |key: &&String| !fields(resource_type).any(|field| field.name == key.as_str());
    let count = fields(resource_type).count() + options.keys().filter(is_own).count();
    // Neither more nor less: a project has a mapping like this for each of its nodes.
    let mut values = indexmap::IndexMap::with_capacity(count);
    for field in fields(resource_type) {
        let default = default_value(resource_type, field.name);
        let value = match options.get(field.name) {
            None => default,
            Some(Value::Null) if !default.is_null() && !keeps_null(field) => default,
            Some(value) => match checked(field, value) {
                Ok(value) => completed(field.name, value, &default),
                Err(expected) => {
                    diagnostics.push(wrong_kind(field.name, expected, value));
                    default
                }
            },
        };
        values.insert(field.name.to_owned(), value);
    }
    for (key, value) in options {
        let key = super::canonical_key(key);
        if !values.contains_key(key) {
            values.insert(key.to_owned(), value.clone());
        }
    }
    let window = match resource_type {
        ResourceType::Model => window_rule(options, &mut diagnostics),
        _ => WindowRule::default(),
    };
    let mut config = NodeConfig { values, window, batches: None };
    finish(resource_type, &mut config, &mut diagnostics);
    Warned { value: config, diagnostics }
}

/// What is wrong with the nulls of a node that has a file of its own: dbt's classes take none for keys with a default
/// that is no text. The diagnostics have no place, as with [`settle`].
pub fn refused_nulls(resource_type: ResourceType, options: &ConfigOptions) -> Vec<Diagnostic> {
    let is_refused = |field: &&Field| {
        matches!(field.kind, Kind::Boolean | Kind::Map | Kind::Hooks | Kind::Word(_))
            && options.get(field.name).is_some_and(Value::is_null)
            && !default_value(resource_type, field.name).is_null()
    };
    if !matches!(
        resource_type,
        ResourceType::Model
            | ResourceType::Seed
            | ResourceType::Snapshot
            | ResourceType::Analysis
            | ResourceType::Function
    ) {
        return Vec::new();
    }
    let refused = fields(resource_type).filter(is_refused);
    let told = refused.map(|field| {
        let message = format!("the config `{}` has no value", field.name);
        Diagnostic::error(codes::CONFIG_INVALID, message).hint("remove the key, or give it a value")
    });
    told.collect()
}

/// A date without a time becomes the datetime that dbt reads it as, which is how manifests have it.
fn write_begin_as_datetime(config: &mut NodeConfig) {
    if let Some(batches) = &config.batches
        && batches.begin.len() == "2024-01-01".len()
    {
        let datetime = format!("{}T00:00:00", batches.begin);
        config.values.insert("begin".to_owned(), Value::String(datetime));
    }
}

/// `freshness: null` switches freshness off rather than asking for the default.
fn keeps_null(field: &Field) -> bool {
    field.name == "freshness"
}

/// The value in the form that the kind has, or what was expected.
fn checked(field: &Field, value: &Value) -> Result<Value, &'static str> {
    if value.is_null() {
        return Ok(Value::Null);
    }
    let keep = |is_right: bool, expected| if is_right { Ok(value.clone()) } else { Err(expected) };
    match field.kind {
        Kind::Any => Ok(value.clone()),
        Kind::Boolean => keep(value.is_boolean(), "a truth value"),
        // dbt's classes take `str` of whatever is written.
        Kind::Text | Kind::Switch => Ok(Value::String(python_text(value))),
        Kind::Integer => whole_number(value).map(Value::from).ok_or("a whole number"),
        Kind::TextOrTexts if !value.is_array() => Ok(Value::String(python_text(value))),
        Kind::TextOrTexts | Kind::Texts => Ok(json!(texts_of(value))),
        Kind::Map => keep(value.is_object(), "a mapping"),
        Kind::Hooks => listed(value)
            .iter()
            .map(hook)
            .collect::<Option<Vec<_>>>()
            .map(Value::Array)
            .ok_or("SQL"),
        Kind::Word(words) => {
            keep(value.as_str().is_some_and(|word| words.contains(&word)), word_list(words))
        }
        Kind::Severity => {
            let is_severity = |word: &str| {
                word.eq_ignore_ascii_case("warn") || word.eq_ignore_ascii_case("error")
            };
            keep(value.as_str().is_some_and(is_severity), "`warn` or `error`")
        }
    }
}

/// What Python's `int` makes of a value.
fn whole_number(value: &Value) -> Option<i64> {
    match value {
        Value::Bool(is_one) => Some(i64::from(*is_one)),
        Value::String(digits) => digits.trim().parse().ok(),
        number => number.as_i64().or_else(|| Some(number.as_f64()?.trunc() as i64)),
    }
}

fn word_list(words: &'static [&'static str]) -> &'static str {
    match words.first() {
        Some(&"apply") => "`apply`, `continue` or `fail`",
        Some(&"private") => "`private`, `protected` or `public`",
        Some(&"skip_children") => "`skip_children` or `continue`",
        Some(&"scalar") => "`scalar`, `aggregate` or `table`",
        _ => "another word",
    }
}

/// A hook as dbt keeps it: SQL, whether it runs inside of the transaction, its place in the list.
fn hook(value: &Value) -> Option<Value> {
    let parsed;
    let entries: &Map<String, Value> = match value {
        Value::Object(entries) => entries,
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(Value::Object(entries)) => {
                parsed = entries;
                &parsed
            }
            _ => return Some(json!({"sql": text, "transaction": true, "index": null})),
        },
        _ => return None,
    };
    let sql = entries.get("sql")?.as_str()?;
    let transaction = entries.get("transaction").and_then(Value::as_bool).unwrap_or(true);
    Some(json!({"sql": sql, "transaction": transaction, "index": entries.get("index")}))
}

/// Mappings with keys of their own take the defaults of those they lack, and have no others.
fn completed(name: &str, value: Value, default: &Value) -> Value {
    let is_complete_mapping = matches!(
        name,
        "docs"
            | "contract"
            | "latest_version_pointer"
            | "snapshot_meta_column_names"
            | "snowflake"
            | "cache"
    );
    match (value, default) {
        (Value::Bool(enabled), _) if name == "latest_version_pointer" => {
            json!({"enabled": enabled, "alias": null})
        }
        (Value::Object(given), Value::Object(default)) if is_complete_mapping => {
            let own = default
                .iter()
                .map(|(key, default)| (key.clone(), given.get(key).unwrap_or(default).clone()));
            Value::Object(own.collect())
        }
        (value, _) => value,
    }
}

pub(super) fn wrong_kind(name: &str, expected: &str, value: &Value) -> Diagnostic {
    let message = format!("the config `{name}` must be {expected}, not `{value}`");
    Diagnostic::error(codes::CONFIG_INVALID, message)
}

/// What depends on several keys, and what is fixed by the kind.
fn finish(resource_type: ResourceType, config: &mut NodeConfig, diagnostics: &mut Vec<Diagnostic>) {
    match resource_type {
        ResourceType::Test => settle_store_failures(config),
        ResourceType::Model => {
            settle_model_freshness(config, diagnostics);
            config.batches = batch_rule(config, diagnostics).map(Arc::new);
            write_begin_as_datetime(config);
            let mut invalid = |message: String| {
                diagnostics.push(Diagnostic::error(codes::CONFIG_INVALID, message));
            };
            let is_strict =
                matches!(config.text("on_schema_change"), Some("append_new_columns" | "fail"));
            if config.is_contract_enforced() && config.materialized() == "incremental" && !is_strict
            {
                invalid(
                    "an incremental model with an enforced contract needs `on_schema_change` to be \
                     `append_new_columns` or `fail`"
                        .to_owned(),
                );
            }
        }
        ResourceType::Source => {
            let freshness = config.get("freshness").filter(|freshness| freshness.is_object());
            if let Some(freshness) = freshness.map(completed_freshness) {
                config.values.insert("freshness".to_owned(), freshness);
            }
        }
        ResourceType::Snapshot if config.is_enabled() => {
            if let Some(problem) = snapshot_problem(config) {
                diagnostics.push(Diagnostic::error(codes::CONFIG_INVALID, problem));
            }
        }
        _ => {}
    }
    let fixed = match resource_type {
        ResourceType::Test => "test",
        ResourceType::Seed => "seed",
        ResourceType::Snapshot => "snapshot",
        _ => return,
    };
    if config.materialized() != fixed {
        let message = format!(
            "the config `materialized` of a {fixed} must be `{fixed}`, not `{}`",
            config.materialized()
        );
        diagnostics.push(Diagnostic::error(codes::CONFIG_INVALID, message));
        config.values.insert("materialized".to_owned(), json!(fixed));
    }
}

/// `store_failures_as` decides; when it is not set, `store_failures` sets it.
fn settle_store_failures(config: &mut NodeConfig) {
    if let Some(kind) = config.text("store_failures_as") {
        let is_stored = kind != "ephemeral";
        config.values.insert("store_failures".to_owned(), json!(is_stored));
        return;
    }
    let kind = match config.boolean("store_failures") {
        Some(true) => json!("table"),
        Some(false) => json!("ephemeral"),
        None => Value::Null,
    };
    config.values.insert("store_failures_as".to_owned(), kind);
}

/// What a snapshot's strategy lacks; strategies of the user's own need nothing here.
fn snapshot_problem(config: &NodeConfig) -> Option<&'static str> {
    let is_given = |key: &str| match config.get(key) {
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        _ => false,
    };
    if !is_given("strategy") || !is_given("unique_key") {
        return Some("a snapshot needs the configs `strategy` and `unique_key`");
    }
    match config.text("strategy") {
        Some("check") if !is_given("check_cols") => {
            Some("a snapshot with the strategy `check` needs `check_cols`")
        }
        Some("check") if config.text("check_cols").is_some_and(|columns| columns != "all") => {
            Some("`check_cols` must be `all` or a list of columns")
        }
        Some("timestamp") if !is_given("updated_at") => {
            Some("a snapshot with the strategy `timestamp` needs `updated_at`")
        }
        Some("timestamp") if is_given("check_cols") => {
            Some("a snapshot with the strategy `timestamp` takes no `check_cols`")
        }
        _ => None,
    }
}

/// A model's freshness counts only with `build_after`.
fn settle_model_freshness(config: &mut NodeConfig, diagnostics: &mut Vec<Diagnostic>) {
    let build_after =
        config.get("freshness").and_then(|freshness| freshness.get("build_after")).cloned();
    let freshness = match build_after {
        Some(Value::Object(build_after)) => {
            let period = build_after.get("period").and_then(Value::as_str);
            let is_counted = build_after.get("count").is_some_and(|count| !count.is_null());
            let problem = match period {
                Some(word) if !matches!(word, "minute" | "hour" | "day") => {
                    Some(format!("`{word}` is no `period` of `freshness.build_after`"))
                }
                None if is_counted => {
                    Some("`freshness.build_after` has a `count`, and no `period`".to_owned())
                }
                _ => None,
            };
            diagnostics
                .extend(problem.map(|problem| Diagnostic::error(codes::CONFIG_INVALID, problem)));
            let updates_on = build_after.get("updates_on").cloned().unwrap_or_else(|| json!("any"));
            json!({"build_after": {
                "count": build_after.get("count"), "period": build_after.get("period"), "updates_on": updates_on,
            }})
        }
        _ => Value::Null,
    };
    config.values.insert("freshness".to_owned(), freshness);
}
