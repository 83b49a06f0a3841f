//! What a command tells of how it was called: `invocation_args_dict` of templates, `args` of `run_results.json`.

use indexmap::IndexMap;
use project::settings::behaviour::BEHAVIOUR_FLAGS;
use serde_json::{Value, json};

use super::Settings;
use crate::arguments::commands::find;

/// What dbt tells of every command, whether it has the option or not.
const ALWAYS_TOLD: &[(&str, bool)] = &[("introspect", true), ("strict_mode", false)];

/// Options that are told only when they are on.
const TOLD_WHEN_ON: &[&str] = &[
    "debug",
    "dry-run",
    "fail-fast",
    "full-refresh",
    "log-cache-events",
    "single-threaded",
    "store-failures",
    "use-experimental-parser",
    "warn-error",
];

/// The one behaviour flag that dbt keeps to itself.
const UNTOLD_BEHAVIOUR: &str = "require_event_names_in_deprecations";

impl Settings {
    /// `invocation_args_dict` and `args` of `run_results.json`: options and behaviour flags, without what nobody said
    /// where dbt leaves it out (its `args_to_dict`).
    pub(crate) fn arguments(&self, invocation_command: &str) -> IndexMap<String, Value> {
        let mut arguments: IndexMap<String, Value> =
            ALWAYS_TOLD.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        arguments.insert("indirect_selection".into(), json!("eager"));
        for (option, value) in self.options() {
            let is_told = match value {
                Value::Null => false,
                Value::Bool(false) => !TOLD_WHEN_ON.contains(&option.name),
                Value::Object(entries) => option.name != "args" || !entries.is_empty(),
                _ => true,
            };
            if is_told {
                arguments.insert(option.argument_key(), value.clone());
            }
        }
        let behaviour = BEHAVIOUR_FLAGS.iter().filter(|(name, _)| *name != UNTOLD_BEHAVIOUR);
        for (name, preset) in behaviour {
            let value = self.behaviour.get(*name).cloned().unwrap_or(json!(preset));
            arguments.insert((*name).to_owned(), value);
        }
        if let Some(Value::Object(rules)) = arguments.get_mut("warn_error_options") {
            *rules = whole_rules(rules);
        }
        if let Some(Value::Object(limits)) = arguments.get_mut("sqlparse") {
            for name in ["MAX_GROUPING_DEPTH", "MAX_GROUPING_TOKENS"] {
                limits.entry(name).or_insert(Value::Null);
            }
        }
        let positional = find(self.command).and_then(|command| command.positional);
        if let (Some((name, _)), Some(value)) = (positional, &self.positional) {
            arguments.insert(name.to_owned(), json!(value));
        }
        arguments.insert("which".into(), json!(self.which()));
        arguments.insert("invocation_command".into(), json!(invocation_command));
        arguments
    }
}

/// Rules for warnings with dbt's names for all of them: `include` and `exclude` are older names.
fn whole_rules(said: &serde_json::Map<String, Value>) -> serde_json::Map<String, Value> {
    let names = [("error", "include"), ("warn", "exclude"), ("silence", "silence")];
    let rules = names.into_iter().map(|(name, older)| {
        let rule = said.get(name).or_else(|| said.get(older)).filter(|rule| !rule.is_null());
        (name.to_owned(), rule.cloned().unwrap_or_else(|| json!([])))
    });
    rules.collect()
}
