//! `--warn-error` and `--warn-error-options`: which warnings are errors, and which are not said.

use serde_json::Value;
use source::{Code, Diagnostic, Severity, codes};

use crate::settings::Settings;

/// What the user said of warnings.
#[derive(Debug, Clone, Default)]
pub(crate) struct WarningRules {
    all_are_errors: bool,
    errors: Vec<String>,
    warnings: Vec<String>,
    silenced: Vec<String>,
    /// Which of the older words were used.
    old_words: Vec<&'static str>,
    /// Whether `--warn-error` leaves alone what dbt says without asking it.
    spares_notices: bool,
}

impl WarningRules {
    /// Reads the two options. `include` and `exclude` are older words for `error` and `warn`.
    pub(crate) fn read(settings: &Settings) -> Self {
        let options = settings.dictionary("warn-error-options");
        let names = |keys: [&str; 2]| -> Vec<String> {
            let given = keys.iter().filter_map(|key| options.get(*key));
            given
                .flat_map(|value| match value {
                    Value::String(name) => vec![name.clone()],
                    Value::Array(items) => {
                        items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
                    }
                    _ => Vec::new(),
                })
                .collect()
        };
        let errors = names(["error", "include"]);
        let is_all = |name: &String| name == "all" || name == "*";
        Self {
            all_are_errors: settings.is_on("warn-error") || errors.iter().any(is_all),
            warnings: names(["warn", "exclude"]),
            silenced: names(["silence", "silence"]),
            old_words: ["include", "exclude"]
                .into_iter()
                .filter(|word| options.contains_key(*word))
                .collect(),
            spares_notices: !settings.is_behaviour_on("require_all_warnings_handled_by_warn_error"),
            errors,
        }
    }

    /// Whether failed rows of warning tests fail the command too.
    pub(crate) fn all_are_errors(&self) -> bool {
        self.all_are_errors && !self.warnings.iter().any(|name| name == "LogTestResult")
    }

    /// What of the options themselves is deprecated.
    pub(crate) fn deprecations(&self) -> Vec<Diagnostic> {
        let words = self.old_words.iter().map(|word| {
            let new = if *word == "include" { "error" } else { "warn" };
            let message = format!("`{word}` of `warn_error_options` is now `{new}`");
            Diagnostic::warning(codes::DEPRECATED_WARNING_WORDS, message)
                .hint(format!("write `{new}`"))
        });
        words.collect()
    }

    /// The diagnostic as the user wants it: none when silenced.
    pub(crate) fn apply(&self, mut diagnostic: Diagnostic) -> Option<Diagnostic> {
        if diagnostic.severity != Severity::Warning {
            return Some(diagnostic);
        }
        let (name, _) = event_of(diagnostic.code);
        let is_named = |names: &[String]| {
            names.iter().any(|wanted| {
                wanted == name
                    || wanted == diagnostic.code.0
                    || (wanted == "Deprecations" && name.ends_with("Deprecation"))
            })
        };
        if is_named(&self.silenced) {
            return None;
        }
        let is_spared = self.spares_notices
            && matches!(diagnostic.code, codes::FRESHNESS_INVALID | codes::STATE_IS_TARGET);
        if is_spared {
            return Some(diagnostic);
        }
        if is_named(&self.errors) || (self.all_are_errors && !is_named(&self.warnings)) {
            diagnostic.severity = Severity::Error;
        }
        Some(diagnostic)
    }
}

/// dbt's event for a diagnostic, its name and code.
pub(crate) fn event_of(code: Code) -> (&'static str, &'static str) {
    match code {
        codes::CRITERION_MATCHES_NOTHING => ("NoNodesForSelectionCriteria", "M030"),
        codes::NOTHING_SELECTED | codes::EMPTY_PROJECT => ("NothingToDo", "Q035"),
        codes::TEMPLATE_WARNING => ("JinjaLogWarning", "I061"),
        codes::CONFIG_UNUSED => ("UnusedResourceConfigPath", "I051"),
        codes::UNMATCHED_PROPERTIES => ("NoNodeForYamlKey", "I058"),
        codes::REF_NOT_FOUND | codes::SOURCE_NOT_FOUND | codes::REF_DISABLED => {
            ("NodeNotFoundOrDisabled", "I060")
        }
        codes::YAML_DUPLICATE_KEY => ("DuplicateYAMLKeysDeprecation", "D024"),
        codes::UNKNOWN_KEY => ("CustomKeyInObjectDeprecation", "D027"),
        codes::DEPRECATED_SYNTAX => ("ConfigSourcePathDeprecation", "D003"),
        codes::CONSTRAINT_NOT_ENFORCED => ("ConstraintNotEnforced", "E048"),
        codes::CONSTRAINT_NOT_SUPPORTED | codes::CONTRACT_BROKEN => {
            ("ConstraintNotSupported", "E049")
        }
        codes::DEPRECATED_CONFIG_KEY => ("PropertyMovedToConfigDeprecation", "D030"),
        codes::DEPRECATED_TEST_ARGUMENTS => {
            ("MissingArgumentsPropertyInGenericTestDeprecation", "D039")
        }
        codes::DEPRECATED_TEST_ARGUMENTS_KEY => {
            ("ArgumentsPropertyInGenericTestDeprecation", "D038")
        }
        codes::DEPRECATED_SOURCE_OVERRIDE => ("SourceOverrideDeprecation", "D035"),
        codes::DEPRECATED_TWIN_NAMES => ("DuplicateNameDistinctNodeTypesDeprecation", "D040"),
        codes::DEPRECATED_SPACES => ("ResourceNamesWithSpacesDeprecation", "D015"),
        codes::DEPRECATED_WARNING_WORDS => ("WEOIncludeExcludeDeprecation", "D031"),
        codes::DEPRECATED_OUTPUT_PATH => ("CustomOutputPathInSourceFreshnessDeprecation", "D029"),
        codes::DEPRECATED_SCHEMA_NONE => ("GenerateSchemaNameNullValueDeprecation", "D044"),
        codes::DEPRECATED_ITERTOOLS => ("ModulesItertoolsUsageDeprecation", "D034"),
        codes::DEPRECATED_REPLACEMENT => ("PackageMaterializationOverrideDeprecation", "D016"),
        codes::DEPRECATED_SQL_HEADER => ("CustomKeyInConfigDeprecation", "D026"),
        codes::DEPRECATED_MODEL => ("DeprecatedModel", "I065"),
        codes::UPCOMING_DEPRECATION => ("UpcomingReferenceDeprecation", "I066"),
        codes::DEPRECATED_REFERENCE => ("DeprecatedReference", "I067"),
        codes::MACRO_ARGUMENTS_DIFFER => ("InvalidMacroAnnotation", "I076"),
        codes::FRESHNESS_INVALID => ("FreshnessConfigProblem", "I073"),
        codes::CONTRACT_CHANGED => ("UnversionedBreakingChange", "I071"),
        codes::SEED_NOT_COMPARED => ("SeedExceedsLimitSamePath", "I053"),
        codes::STATE_IS_TARGET => ("WarnStateTargetEqual", "I072"),
        _ => ("Note", "Z050"),
    }
}
