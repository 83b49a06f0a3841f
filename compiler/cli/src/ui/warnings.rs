//! `--warn-error` and `--warn-error-options`: which warnings are errors, and which are not said.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use run::Strictness;
use serde_json::Value;
use source::{Diagnostic, Severity, codes, suggest};

use super::event_names::EVENT_NAMES;
use super::events_of_codes::events_of;
use crate::settings::Settings;

/// The word for everything that dbt deprecates.
const DEPRECATIONS: &str = "Deprecations";

/// What the user said of warnings, as dbt's `WarnErrorOptionsV2` understands it.
#[derive(Debug, Clone, Default)]
pub(crate) struct WarningRules {
    /// `--warn-error`, which leaves no exception.
    raises_all: bool,
    /// `error: all`.
    names_all: bool,
    errors: Vec<String>,
    warnings: Vec<String>,
    silenced: Vec<String>,
    /// Which of the older words were used.
    old_words: Vec<&'static str>,
    /// What of the options makes no sense.
    mistakes: Vec<Diagnostic>,
    /// Whether `--warn-error` leaves alone what dbt says without asking it.
    spares_notices: bool,
    /// Whether dbt holds the keys of files against its schemas, which it does for some warehouses; known with the
    /// profile.
    checks_keys: Arc<AtomicBool>,
}

impl WarningRules {
    /// Reads the two options. `include` and `exclude` are older words for `error` and `warn`.
    pub(crate) fn read(settings: &Settings) -> Self {
        let options = settings.dictionary("warn-error-options");
        let mut mistakes = Vec::new();
        let mut names = |keys: [&str; 2]| -> Vec<String> {
            if keys[0] != keys[1] && keys.iter().all(|key| options.contains_key(*key)) {
                let message = format!(
                    "`{}` and `{}` of `warn_error_options` cannot both be there",
                    keys[0], keys[1]
                );
                mistakes.push(Diagnostic::error(codes::WARNING_NAME_UNKNOWN, message));
            }
            match keys.iter().find_map(|key| options.get(*key)) {
                Some(Value::String(name)) => {
                    if !is_all(name) {
                        mistakes.push(not_a_list(keys[0], name));
                    }
                    vec![name.clone()]
                }
                Some(Value::Array(items)) => {
                    items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
                }
                _ => Vec::new(),
            }
        };
        let errors = names(["error", "include"]);
        let warnings = names(["warn", "exclude"]);
        let silenced = names(["silence", "silence"]);
        let mut rules = Self {
            raises_all: settings.is_on("warn-error"),
            names_all: errors.iter().any(|name| is_all(name)),
            errors,
            warnings,
            silenced,
            old_words: ["include", "exclude"]
                .into_iter()
                .filter(|word| options.contains_key(*word))
                .collect(),
            mistakes,
            spares_notices: !settings.is_behaviour_on("require_all_warnings_handled_by_warn_error"),
            checks_keys: Arc::default(),
        };
        rules.check();
        rules
    }

    /// Names that dbt does not know, and exceptions without a rule.
    fn check(&mut self) {
        let has_rule = self.names_all
            || [&self.errors, &self.silenced].iter().any(|names| has(names, DEPRECATIONS));
        if !self.warnings.is_empty() && !has_rule {
            let message = "`warn` of `warn_error_options` needs `error: all`, or `Deprecations` in `error` or `silence`";
            self.mistakes.push(Diagnostic::error(codes::WARNING_NAME_UNKNOWN, message));
        }
        for name in [&self.errors, &self.warnings, &self.silenced].into_iter().flatten() {
            let is_known = EVENT_NAMES.binary_search(&name.as_str()).is_ok()
                || is_all(name)
                || name == DEPRECATIONS
                || codes::ALL.iter().any(|(code, _)| code.0 == name);
            if is_known {
                continue;
            }
            let message = format!("`{name}` of `warn_error_options` is no event of dbt");
            let known = EVENT_NAMES.iter().copied().chain([DEPRECATIONS, "all"]);
            // A slip would do nothing in silence; other names are those of dbt's other engine, which dbt passes over.
            self.mistakes.push(match suggest::did_you_mean(name, known) {
                Some(hint) => Diagnostic::error(codes::WARNING_NAME_UNKNOWN, message).hint(hint),
                None => Diagnostic::remark(codes::WARNING_NAME_UNKNOWN, message),
            });
        }
    }

    /// Notes that dbt holds the keys of files against its schemas for the warehouse of the profile.
    pub(crate) fn check_keys(&self) {
        self.checks_keys.store(true, Ordering::Relaxed);
    }

    /// What of a run fails that only warns.
    pub(crate) fn strictness(&self) -> Strictness {
        let raises = |name: &str| self.raises(&[(name, "Q000")]);
        Strictness {
            tests: raises("LogTestResult"),
            freshness: raises("LogFreshnessResult"),
            clocks: self.raises_all || self.names_all,
        }
    }

    /// What of the options themselves is deprecated or wrong.
    pub(crate) fn own_diagnostics(&self) -> Vec<Diagnostic> {
        let words = self.old_words.iter().map(|word| {
            let new = if *word == "include" { "error" } else { "warn" };
            let message = format!("`{word}` of `warn_error_options` is now `{new}`");
            Diagnostic::warning(codes::DEPRECATED_WARNING_WORDS, message)
                .hint(format!("write `{new}`"))
        });
        self.mistakes.iter().cloned().chain(words).collect()
    }

    /// Whether an event is an error: what is named counts more than `Deprecations`, and that more than `all`; `silence`
    /// counts more than `warn`, and that more than `error`.
    fn raises(&self, events: &[(&str, &str)]) -> bool {
        let is_deprecation = is_deprecation(events);
        let is_excepted = names_one(&self.warnings, events) || names_one(&self.silenced, events);
        let is_excepted_deprecation = is_deprecation
            && (has(&self.warnings, DEPRECATIONS) || has(&self.silenced, DEPRECATIONS));
        let is_error = names_one(&self.errors, events)
            || (!is_excepted_deprecation
                && (self.names_all || is_deprecation && has(&self.errors, DEPRECATIONS)));
        self.raises_all || is_error && !is_excepted
    }

    fn silences(&self, events: &[(&str, &str)]) -> bool {
        let is_named = names_one(&self.errors, events) || names_one(&self.warnings, events);
        names_one(&self.silenced, events)
            || is_deprecation(events) && has(&self.silenced, DEPRECATIONS) && !is_named
    }

    /// The diagnostic as the user wants it: none when silenced.
    pub(crate) fn apply(&self, mut diagnostic: Diagnostic) -> Option<Diagnostic> {
        if diagnostic.severity != Severity::Warning {
            return Some(diagnostic);
        }
        let checks_keys = self.checks_keys.load(Ordering::Relaxed);
        if !checks_keys && is_told_where_keys_are_checked(&diagnostic) {
            return None;
        }
        let events = events_of(diagnostic.code);
        let own = [(diagnostic.code.0, "Q000")];
        let is_spared = self.spares_notices && is_notice(&diagnostic)
            || !checks_keys && is_of_keys(&diagnostic) && !names_one(&self.errors, events);
        if !is_spared && (self.raises(events) || names_one(&self.errors, &own)) {
            diagnostic.severity = Severity::Error;
            return Some(diagnostic);
        }
        let is_silent = self.silences(events) || names_one(&self.silenced, &own);
        (!is_silent).then_some(diagnostic)
    }
}

/// Whether a word stands for every event.
fn is_all(name: &str) -> bool {
    matches!(name, "all" | "*")
}

/// The mistake of an event where its list should stand, as dbt has it.
fn not_a_list(key: &str, name: &str) -> Diagnostic {
    let message =
        format!("`{key}` of `warn_error_options` is a list of events or `all`, not `{name}`");
    Diagnostic::error(codes::WARNING_NAME_UNKNOWN, message).hint(format!("write `[{name}]`"))
}

/// Whether one of dbt's names of a warning is among these.
fn names_one(names: &[String], events: &[(&str, &str)]) -> bool {
    events.iter().any(|(name, _)| has(names, name))
}

fn has(names: &[String], wanted: &str) -> bool {
    names.iter().any(|name| name == wanted)
}

/// dbt's deprecations have codes that begin with D.
fn is_deprecation(events: &[(&str, &str)]) -> bool {
    events.iter().any(|(_, code)| code.starts_with('D'))
}

/// What dbt says without asking `--warn-error`, where the flag `require_all_warnings_handled_by_warn_error` is off.
fn is_notice(diagnostic: &Diagnostic) -> bool {
    matches!(
        diagnostic.code,
        codes::FRESHNESS_INVALID
            | codes::STATE_IS_TARGET
            | codes::SELECTION_IGNORED
            | codes::BATCHES_UNFILTERED
            | codes::BEHAVIOUR_OFF
            | codes::SEED_COLUMN_UNKNOWN
    )
}

/// What dbt finds by its schemas, and tells of some warehouses alone.
fn is_of_keys(diagnostic: &Diagnostic) -> bool {
    matches!(
        diagnostic.code,
        codes::UNKNOWN_KEY
            | codes::DEPRECATED_TOP_KEY
            | codes::DEPRECATED_CONFIG_KEY_UNKNOWN
            | codes::DEPRECATED_SOURCE_OVERRIDE
    )
}

/// What is no mistake, and told only where dbt tells it.
fn is_told_where_keys_are_checked(diagnostic: &Diagnostic) -> bool {
    matches!(diagnostic.code, codes::DEPRECATED_PLUS_MISSING | codes::DEPRECATED_PROPERTY)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(errors: &[&str], warnings: &[&str], silenced: &[&str]) -> WarningRules {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        WarningRules {
            names_all: errors.contains(&"all"),
            errors: owned(errors),
            warnings: owned(warnings),
            silenced: owned(silenced),
            ..WarningRules::default()
        }
    }

    fn severity(rules: &WarningRules, code: source::Code) -> Option<Severity> {
        rules.apply(Diagnostic::warning(code, "said")).map(|diagnostic| diagnostic.severity)
    }

    #[test]
    fn what_is_named_counts_more_than_deprecations_and_those_more_than_all() {
        let code = codes::DEPRECATED_MODELS_OPTION;
        let name = "ModelParamUsageDeprecation";
        assert_eq!(severity(&rules(&["all"], &[], &[]), code), Some(Severity::Error));
        let spared = rules(&["all"], &[DEPRECATIONS], &[]);
        assert_eq!(severity(&spared, code), Some(Severity::Warning));
        let named = rules(&["all", name], &[DEPRECATIONS], &[]);
        assert_eq!(severity(&named, code), Some(Severity::Error));
        let warned = rules(&[DEPRECATIONS], &[name], &[]);
        assert_eq!(severity(&warned, code), Some(Severity::Warning));
        assert_eq!(severity(&rules(&["all"], &[], &[DEPRECATIONS]), code), None);
        let named = rules(&[name], &[], &[DEPRECATIONS]);
        assert_eq!(severity(&named, code), Some(Severity::Error));
    }

    #[test]
    fn warn_error_leaves_no_exception() {
        let rules = WarningRules { raises_all: true, ..rules(&[], &[], &["JinjaLogWarning"]) };
        assert_eq!(severity(&rules, codes::TEMPLATE_WARNING), Some(Severity::Error));
    }

    #[test]
    fn unknown_keys_are_errors_only_where_dbt_looks_for_them() {
        let rules = rules(&["all"], &[], &[]);
        assert_eq!(severity(&rules, codes::UNKNOWN_KEY), Some(Severity::Warning));
        rules.check_keys();
        assert_eq!(severity(&rules, codes::UNKNOWN_KEY), Some(Severity::Error));
    }
}
