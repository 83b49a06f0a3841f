//! The options of tables and views (`OPTIONS(…)`) that a node's configuration asks for.

use adapter_interface::{MacroValue, MethodCall, WarehouseError, WarehouseErrorKind};
use indexmap::IndexMap;

/// Options by their names, each as SQL.
pub(crate) type Options = IndexMap<String, MacroValue>;

type Config = IndexMap<String, MacroValue>;

/// `adapter.get_common_options(config, node, temporary)`.
pub(crate) fn common(call: &MethodCall<'_>) -> Result<MacroValue, WarehouseError> {
    let is_temporary = call.argument(2, "temporary").is_some_and(MacroValue::is_true);
    common_options(&call.map(0, "config")?, &call.map(1, "node")?, is_temporary)
        .map(MacroValue::Map)
}

/// `adapter.get_view_options(config, node)`.
pub(crate) fn view(call: &MethodCall<'_>) -> Result<MacroValue, WarehouseError> {
    let config = call.map(0, "config")?;
    if is_set(&config, "enable_change_history") {
        return Err(WarehouseError::new(
            WarehouseErrorKind::Configuration,
            "`enable_change_history` is not supported for views on BigQuery",
        ));
    }
    common_options(&config, &call.map(1, "node")?, false).map(MacroValue::Map)
}

/// `adapter.get_table_options(config, node, temporary)`.
pub(crate) fn table(call: &MethodCall<'_>) -> Result<MacroValue, WarehouseError> {
    let is_temporary = call.argument(2, "temporary").is_some_and(MacroValue::is_true);
    let config = call.map(0, "config")?;
    let mut options = common_options(&config, &call.map(1, "node")?, is_temporary)?;
    if let Some(key) = given(&config, "kms_key_name") {
        options.insert("kms_key_name".to_owned(), MacroValue::from(format!("'{}'", shown(key))));
    }
    if is_temporary {
        // A table that a run leaves behind goes by itself.
        let end = "TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL 12 hour)";
        options.insert("expiration_timestamp".to_owned(), MacroValue::from(end));
        return Ok(MacroValue::Map(options));
    }
    // A temporary table is read without a filter, so that the option is for the table itself alone.
    for (name, needed) in [
        ("require_partition_filter", Some("partition_by")),
        ("partition_expiration_days", None),
        ("enable_change_history", None),
    ] {
        let is_meant = needed.is_none_or(|needed| given(&config, needed).is_some());
        if let Some(value) = given(&config, name).filter(|_| is_meant) {
            options.insert(name.to_owned(), value.clone());
        }
    }
    Ok(MacroValue::Map(options))
}

fn common_options(
    config: &Config,
    node: &Config,
    is_temporary: bool,
) -> Result<Options, WarehouseError> {
    let mut options = Options::new();
    if let Some(hours) = given(config, "hours_to_expiration").filter(|_| !is_temporary) {
        options.insert("expiration_timestamp".to_owned(), expiration(hours));
    }
    let persists = given(config, "persist_docs")
        .and_then(|docs| docs.get("relation"))
        .is_some_and(MacroValue::is_true);
    if let (true, Some(description)) = (persists, node.get("description")) {
        let text = MacroValue::from(description_literal(&shown(description)));
        options.insert("description".to_owned(), text);
    }
    let mut labels = Config::new();
    if is_set(config, "labels_from_meta") {
        labels.extend(entries(config, "meta")?);
    }
    labels.extend(entries(config, "labels")?);
    if !labels.is_empty() {
        options.insert("labels".to_owned(), pairs(&labels));
    }
    let tags = entries(config, "resource_tags")?;
    if !tags.is_empty() {
        options.insert("tags".to_owned(), pairs(&tags));
    }
    Ok(options)
}

/// The moment at which a table goes, some hours from now.
pub(crate) fn expiration(hours: &MacroValue) -> MacroValue {
    let hours = shown(hours);
    MacroValue::from(format!("TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL {hours} hour)"))
}

/// A description as SQL: between triple quotes, with JSON's escapes, which are also BigQuery's.
pub(crate) fn description_literal(text: &str) -> String {
    let escaped = serde_json::Value::from(text).to_string();
    format!("\"\"\"{}\"\"\"", &escaped[1..escaped.len() - 1])
}

/// Names and values as SQL: `[('a', 'b')]`.
pub(crate) fn pairs(entries: &Config) -> MacroValue {
    let literal = |text: &str| format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"));
    let pair = |(name, value): (&String, &MacroValue)| {
        format!("({}, {})", literal(name), literal(&shown(value)))
    };
    MacroValue::from(format!("[{}]", entries.iter().map(pair).collect::<Vec<_>>().join(", ")))
}

/// The entries of a configuration that is a dictionary.
pub(crate) fn entries(config: &Config, name: &str) -> Result<Config, WarehouseError> {
    match given(config, name) {
        None => Ok(Config::new()),
        Some(MacroValue::Map(map)) => Ok(map.clone()),
        Some(_) => Err(WarehouseError::new(
            WarehouseErrorKind::Configuration,
            format!("`{name}` is no dictionary of names and values"),
        )),
    }
}

/// The value of a configuration that is set to something.
pub(crate) fn given<'a>(config: &'a Config, name: &str) -> Option<&'a MacroValue> {
    config.get(name).filter(|value| !matches!(value, MacroValue::Null))
}

fn is_set(config: &Config, name: &str) -> bool {
    given(config, name).is_some_and(MacroValue::is_true)
}

/// A scalar as it stands in SQL.
pub(crate) fn shown(value: &MacroValue) -> String {
    match value {
        MacroValue::Text(text) => text.clone(),
        other => other.to_json().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn options(config: &serde_json::Value, is_temporary: bool) -> serde_json::Value {
        let node = json!({"description": "a \"b\"\nc"});
        let call = MethodCall {
            name: "get_table_options",
            positional: vec![
                MacroValue::from_json(config),
                MacroValue::from_json(&node),
                MacroValue::from(is_temporary),
            ],
            keywords: IndexMap::new(),
        };
        table(&call).unwrap().to_json()
    }

    #[test]
    fn a_table_has_what_is_configured() {
        let config = json!({
            "hours_to_expiration": 4, "kms_key_name": "k", "labels": {"team": "it's"},
            "labels_from_meta": true, "meta": {"team": "x", "owner": "me"},
            "partition_by": {"field": "day"}, "require_partition_filter": true,
            "partition_expiration_days": 7, "persist_docs": {"relation": true},
        });
        assert_eq!(
            options(&config, false),
            json!({
                "expiration_timestamp": "TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL 4 hour)",
                "description": "\"\"\"a \\\"b\\\"\\nc\"\"\"",
                "labels": r"[('team', 'it\'s'), ('owner', 'me')]",
                "kms_key_name": "'k'",
                "require_partition_filter": true,
                "partition_expiration_days": 7,
            })
        );
    }

    #[test]
    fn a_temporary_table_goes_by_itself_and_needs_no_filter() {
        let config = json!({
            "hours_to_expiration": 4, "partition_by": {"field": "day"},
            "require_partition_filter": true,
        });
        let end = "TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL 12 hour)";
        assert_eq!(options(&config, true), json!({"expiration_timestamp": end}));
    }
}
