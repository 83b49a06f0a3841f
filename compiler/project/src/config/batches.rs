//! The configurations of a microbatch model, checked as dbt checks them (`check_valid_microbatch_config`).
//!
//! Besides dbt's sizes there are `week` and `quarter`, and counts such as `3 months`.

use serde_json::Value;
use session::{Grain, SessionTime, time_zone};
use source::{Diagnostic, codes};

use super::NodeConfig;

/// How a microbatch model is cut into batches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchRule {
    /// `batch_size`.
    pub size: Grain,
    /// `begin`, a time in the zone of the batches.
    pub begin: String,
    /// `lookback`: how many batches before the last are built again.
    pub lookback: u32,
    /// `concurrent_batches`: whether batches between the first and the last are built side by side; where the model does
    /// not say, the warehouse and the model's SQL decide.
    pub is_concurrent: Option<bool>,
}

/// The rule of a model that has the strategy; what is wrong with it is told.
pub(super) fn batch_rule(
    config: &NodeConfig,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<BatchRule> {
    let is_meant = config.is_enabled()
        && config.materialized() == "incremental"
        && config.text("incremental_strategy") == Some("microbatch");
    if !is_meant {
        return None;
    }
    let mut invalid = |message: String, hint: &str| {
        diagnostics.push(Diagnostic::error(codes::CONFIG_INVALID, message).hint(hint));
    };
    if config.text("event_time").is_none() {
        invalid(
            "a microbatch model needs the config `event_time`, the name of a column".to_owned(),
            "name the column that says when a row happened: `event_time='event_at'`",
        );
    }
    let begin = begin(config.get("begin")).map_err(|problem| {
        let hint = "say from when on the model has rows: `begin='2024-01-01'`";
        invalid(format!("a microbatch model needs the config `begin`, a time; {problem}"), hint);
    });
    let size = match config.get("batch_size") {
        Some(Value::String(text)) => text.parse::<Grain>().map_err(|error| error.to_string()),
        Some(value) if !value.is_null() => Err(format!("`{value}` is not one")),
        _ => Err("there is none".to_owned()),
    };
    let size = size.map_err(|problem| {
        let message = format!("a microbatch model needs the config `batch_size`: {problem}");
        invalid(message, "write `hour`, `day`, `week`, `month`, `quarter` or `year`");
    });
    let lookback = match config.get("lookback") {
        None | Some(Value::Null) => Some(1),
        Some(value) => value.as_u64().and_then(|count| u32::try_from(count).ok()),
    };
    if lookback.is_none() {
        invalid(
            "the config `lookback` of a microbatch model must be a whole number from 0".to_owned(),
            "`lookback=1` builds the batch before the last one again",
        );
    }
    if config.get("concurrent_batches").is_some_and(|value| !value.is_null() && !value.is_boolean())
    {
        invalid(
            "the config `concurrent_batches` of a microbatch model must be a truth value"
                .to_owned(),
            "write `true` or `false`, or leave it out",
        );
    }
    let is_concurrent = config.boolean("concurrent_batches");
    Some(BatchRule { size: size.ok()?, begin: begin.ok()?, lookback: lookback?, is_concurrent })
}

fn begin(value: Option<&Value>) -> Result<String, String> {
    match value {
        Some(Value::String(text)) => {
            let utc = time_zone("UTC").map_err(|error| error.to_string())?;
            SessionTime::parse(text, &utc).map_err(|error| error.to_string())?;
            Ok(text.clone())
        }
        Some(value) if !value.is_null() => Err(format!("`{value}` is not one")),
        _ => Err("there is none".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(change: &Value) -> (Option<BatchRule>, Vec<String>) {
        let mut values = json!({
            "materialized": "incremental", "incremental_strategy": "microbatch", "event_time": "at",
            "begin": "2024-01-01", "batch_size": "day", "lookback": 1,
        });
        let entries = values.as_object_mut().unwrap();
        entries.extend(change.as_object().unwrap().clone());
        let values = entries.clone().into_iter().collect();
        let mut diagnostics = Vec::new();
        let config = NodeConfig { values, ..NodeConfig::default() };
        let rule = batch_rule(&config, &mut diagnostics);
        (rule, diagnostics.into_iter().map(|diagnostic| diagnostic.message).collect())
    }

    #[test]
    fn sizes_go_beyond_those_of_dbt() {
        for size in ["hour", "day", "week", "month", "quarter", "year", "3 months"] {
            let rule = read(&json!({"batch_size": size})).0.unwrap();
            assert_eq!(rule.size.to_string(), size);
        }
        assert_eq!(read(&json!({"incremental_strategy": "merge", "begin": 1})), (None, vec![]));
    }

    #[test]
    fn wrong_configurations_are_told() {
        for (change, problem) in [
            (
                json!({"event_time": null}),
                "a microbatch model needs the config `event_time`, the name of a column",
            ),
            (
                json!({"begin": null}),
                "a microbatch model needs the config `begin`, a time; there is none",
            ),
            (
                json!({"begin": 5}),
                "a microbatch model needs the config `begin`, a time; `5` is not one",
            ),
            (
                json!({"batch_size": null}),
                "a microbatch model needs the config `batch_size`: there is none",
            ),
            (
                json!({"lookback": "two"}),
                "the config `lookback` of a microbatch model must be a whole number from 0",
            ),
            (
                json!({"concurrent_batches": "yes"}),
                "the config `concurrent_batches` of a microbatch model must be a truth value",
            ),
        ] {
            assert_eq!(read(&change).1, [problem]);
        }
    }
}
