//! The configurations of a model that say which window of a session it builds, and by which column.
//!
//! dbt knows none of these keys but `lookback`, whose default (1) is for microbatch alone: a window of a session looks
//! back only where the model says so. Projects of dbt may mean something else by the others, so that a wrong value is
//! an error only in a model that has a `time_column`.

use serde_json::Value;
use session::{Grain, WindowRule};
use source::{Diagnostic, codes};

use super::ConfigOptions;
use super::settle::wrong_kind;

/// The kinds of columns that tell when a row happened.
const COLUMN_TYPES: &[&str] = &["timestamp", "timestamptz", "date", "text", "epoch", "epoch_ms"];

/// The strategy that replaces a window.
const STRATEGY: &str = "session_window";

/// Reads the options; values of a wrong kind are errors, and the default stands in for them.
pub(super) fn window_rule(
    options: &ConfigOptions,
    diagnostics: &mut Vec<Diagnostic>,
) -> WindowRule {
    let strategy = options.get("incremental_strategy").and_then(Value::as_str);
    let mut unheard = Vec::new();
    let is_meant = strategy == Some(STRATEGY) || options.contains_key("time_column");
    let diagnostics = if is_meant { diagnostics } else { &mut unheard };
    check_words(options, diagnostics);
    if strategy == Some(STRATEGY) {
        check_time_column(options, diagnostics);
        check_use(options, diagnostics);
    }
    if strategy == Some("microbatch") {
        return WindowRule::default();
    }
    let mut number = |key: &str, is_right: fn(i64) -> bool, expected: &str| {
        let value = options.get(key).filter(|value| !value.is_null())?;
        let number = value.as_i64().filter(|number| is_right(*number));
        if number.is_none() {
            diagnostics.push(wrong_kind(key, expected, value));
        }
        number
    };
    let small = |number: i64| number.unsigned_abs() < 10_000;
    let offset = number("offset", small, "a whole number");
    let natural = |number: i64| (0..10_000).contains(&number);
    let lookback = number("lookback", natural, "a whole number from 0");
    WindowRule {
        grain: grain(options, diagnostics),
        offset: offset.and_then(|offset| i32::try_from(offset).ok()).unwrap_or_default(),
        lookback: lookback.and_then(|lookback| u32::try_from(lookback).ok()).unwrap_or_default(),
    }
}

fn grain(options: &ConfigOptions, diagnostics: &mut Vec<Diagnostic>) -> Option<Grain> {
    let written = options.get("grain").filter(|value| !value.is_null())?;
    let Some(text) = written.as_str() else {
        diagnostics.push(wrong_kind("grain", "a text such as `day`", written));
        return None;
    };
    let read = text.parse().map_err(|error| {
        let message = format!("the config `grain`: {error}");
        diagnostics.push(Diagnostic::error(codes::CONFIG_INVALID, message));
    });
    read.ok()
}

fn check_words(options: &ConfigOptions, diagnostics: &mut Vec<Diagnostic>) {
    let expected = [
        (
            "time_column_type",
            COLUMN_TYPES,
            "`timestamp`, `timestamptz`, `date`, `text`, `epoch` or `epoch_ms`",
        ),
        ("outside_window", &["error", "drop"], "`error` or `drop`"),
    ];
    for (key, words, expected) in expected {
        let Some(value) = options.get(key).filter(|value| !value.is_null()) else { continue };
        if !value.as_str().is_some_and(|word| words.contains(&word)) {
            diagnostics.push(wrong_kind(key, expected, value));
        }
    }
    if let Some(value) = options.get("time_column_timezone").filter(|value| !value.is_null()) {
        let zone = value.as_str().ok_or_else(|| "a time zone".to_owned());
        let zone =
            zone.and_then(|name| session::time_zone(name).map_err(|error| error.to_string()));
        if let Err(problem) = zone {
            let message = format!("the config `time_column_timezone`: {problem}");
            diagnostics.push(Diagnostic::error(codes::CONFIG_INVALID, message));
        }
    }
}

fn check_time_column(options: &ConfigOptions, diagnostics: &mut Vec<Diagnostic>) {
    let column = options.get("time_column").and_then(Value::as_str);
    if column.is_none_or(|column| column.trim().is_empty()) {
        let message =
            format!("the incremental strategy `{STRATEGY}` needs the config `time_column`");
        diagnostics.push(
            Diagnostic::error(codes::CONFIG_INVALID, message)
                .hint("name the column that says when a row happened: `time_column='event_at'`"),
        );
    }
}

/// Tells what the strategy does not do: a table is no less built in full for it, and keys play no part in it.
fn check_use(options: &ConfigOptions, diagnostics: &mut Vec<Diagnostic>) {
    let materialized = options.get("materialized").and_then(Value::as_str).unwrap_or("view");
    let found = if matches!(materialized, "view" | "table" | "materialized_view") {
        let message = format!(
            "the incremental strategy `{STRATEGY}` means nothing to a {}, which holds what its query yields and no other windows",
            materialized.replace('_', " ")
        );
        Some((message, "write `materialized='incremental'`, or leave the strategy out"))
    } else if options.get("unique_key").is_some_and(|key| !key.is_null()) {
        let message = format!(
            "the config `unique_key` means nothing to the incremental strategy `{STRATEGY}`, which replaces all rows of the window"
        );
        let hint = "leave it out, or choose `merge` or `delete+insert`, and say by a test that the column is unique";
        Some((message, hint))
    } else {
        None
    };
    let tell = |(message, hint): (String, &str)| {
        Diagnostic::warning(codes::WINDOWS_UNUSED, message).hint(hint)
    };
    diagnostics.extend(found.map(tell));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(options: &Value) -> (WindowRule, Vec<String>) {
        let mut options: ConfigOptions = options.as_object().unwrap().clone().into_iter().collect();
        if !options.contains_key("incremental_strategy") {
            options.insert("time_column".to_owned(), json!("event_at"));
        }
        let mut diagnostics = Vec::new();
        let rule = window_rule(&options, &mut diagnostics);
        (rule, diagnostics.into_iter().map(|diagnostic| diagnostic.message).collect())
    }

    #[test]
    fn windows_look_back_only_where_the_model_says_so() {
        assert_eq!(read(&json!({"incremental_strategy": "merge"})).0, WindowRule::default());
        let (rule, problems) = read(
            &json!({"grain": "2 weeks", "offset": -1, "lookback": 3, "outside_window": "drop"}),
        );
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(rule, WindowRule { grain: "2 weeks".parse().ok(), offset: -1, lookback: 3 });
        let microbatch = json!({"incremental_strategy": "microbatch", "lookback": 3});
        assert_eq!(read(&microbatch).0, WindowRule::default());
    }

    #[test]
    fn configurations_of_other_meaning_are_let_be() {
        let options =
            json!({"incremental_strategy": "append", "grain": "one row per order", "offset": [1]});
        assert_eq!(read(&options), (WindowRule::default(), vec![]));
    }

    #[test]
    fn what_the_strategy_does_not_do_is_told() {
        let told = |materialized: &str, key: Value| {
            let options = json!({
                "incremental_strategy": "session_window", "time_column": "event_at",
                "materialized": materialized, "unique_key": key,
            });
            read(&options).1.join(", ")
        };
        assert_eq!(told("incremental", json!(null)), "");
        assert_eq!(told("own_incremental", json!(null)), "");
        assert_eq!(
            told("table", json!("id")),
            "the incremental strategy `session_window` means nothing to a table, which holds what its query yields and no other windows"
        );
        assert_eq!(
            told("incremental", json!("id")),
            "the config `unique_key` means nothing to the incremental strategy `session_window`, which replaces all rows of the window"
        );
    }

    #[test]
    fn wrong_values_are_told() {
        for (options, problem) in [
            (
                json!({"grain": "fortnight"}),
                "the config `grain`: `fortnight` is not a grain; write `hour`, `day`, `week`, `month`, `quarter` or `year`, or a count such as `2 weeks`",
            ),
            (json!({"grain": 7}), "the config `grain` must be a text such as `day`, not `7`"),
            (json!({"offset": "one"}), "the config `offset` must be a whole number, not `\"one\"`"),
            (
                json!({"lookback": -1}),
                "the config `lookback` must be a whole number from 0, not `-1`",
            ),
            (
                json!({"outside_window": "keep"}),
                "the config `outside_window` must be `error` or `drop`, not `\"keep\"`",
            ),
            (
                json!({"time_column_type": "varchar"}),
                "the config `time_column_type` must be `timestamp`, `timestamptz`, `date`, `text`, `epoch` or `epoch_ms`, not `\"varchar\"`",
            ),
            (
                json!({"time_column_timezone": "Tokyo"}),
                "the config `time_column_timezone`: `Tokyo` is not a time zone; write a name like `Asia/Tokyo`, or an offset like `+09:00`",
            ),
            (
                json!({"incremental_strategy": "session_window", "materialized": "incremental"}),
                "the incremental strategy `session_window` needs the config `time_column`",
            ),
        ] {
            assert_eq!(read(&options).1, [problem]);
        }
    }
}
