//! dbt's events for quern's diagnostics: the names and codes under which logs and `warn_error_options` know them.

use source::{Code, codes};

/// dbt's event for a diagnostic, its name and code.
pub(crate) fn event_of(code: Code) -> (&'static str, &'static str) {
    events_of(code)[0]
}

/// All of dbt's events that say what the diagnostic says; the first is the one that logs name.
pub(crate) fn events_of(code: Code) -> &'static [(&'static str, &'static str)] {
    match code {
        codes::CRITERION_MATCHES_NOTHING => &[("NoNodesForSelectionCriteria", "M030")],
        codes::NOTHING_SELECTED | codes::EMPTY_PROJECT => {
            &[("NothingToDo", "Q035"), ("NoNodesSelected", "Q038")]
        }
        codes::SELECTION_IGNORED => &[("SelectExcludeIgnoredWithSelectorWarning", "Z064")],
        codes::TEMPLATE_WARNING => {
            &[("JinjaLogWarning", "I061"), ("SnapshotTimestampWarning", "D043")]
        }
        codes::SEED_COLUMN_UNKNOWN => &[("JinjaLogWarning", "I061")],
        codes::CONFIG_UNUSED => &[("UnusedResourceConfigPath", "I051")],
        codes::UNMATCHED_PROPERTIES => &[
            ("NoNodeForYamlKey", "I058"),
            ("MacroNotFoundForPatch", "I059"),
            ("UnusedTables", "I056"),
            ("WrongResourceSchemaFile", "I057"),
        ],
        codes::REF_NOT_FOUND | codes::SOURCE_NOT_FOUND | codes::REF_DISABLED => {
            &[("NodeNotFoundOrDisabled", "I060")]
        }
        codes::ROOT_DEPENDENCY => &[("PackageNodeDependsOnRootProjectNode", "I077")],
        codes::CONSTRAINT_NOT_ENFORCED => &[("ConstraintNotEnforced", "E048")],
        codes::CONSTRAINT_NOT_SUPPORTED | codes::CONTRACT_BROKEN => {
            &[("ConstraintNotSupported", "E049")]
        }
        codes::CONSTRAINT_OF_VIEW => &[("UnsupportedConstraintMaterialization", "I068")],
        codes::DEPRECATED_MODEL => &[("DeprecatedModel", "I065")],
        codes::UPCOMING_DEPRECATION => &[("UpcomingReferenceDeprecation", "I066")],
        codes::DEPRECATED_REFERENCE => &[("DeprecatedReference", "I067")],
        codes::UNPINNED_REFERENCE => &[("UnpinnedRefNewVersionAvailable", "I064")],
        codes::MACRO_ARGUMENTS_DIFFER => &[("InvalidMacroAnnotation", "I076")],
        codes::FRESHNESS_INVALID => &[("FreshnessConfigProblem", "I073")],
        codes::BATCHES_UNFILTERED => &[("MicrobatchModelNoEventTimeInputs", "I074")],
        codes::CONTRACT_CHANGED => &[("UnversionedBreakingChange", "I071")],
        codes::SEED_NOT_COMPARED => &[
            ("SeedExceedsLimitSamePath", "I053"),
            ("SeedIncreased", "I052"),
            ("SeedExceedsLimitAndPathChanged", "I054"),
            ("SeedExceedsLimitChecksumChanged", "I055"),
        ],
        codes::SEMANTIC_DOUBTFUL => &[("SemanticValidationFailure", "I070")],
        codes::STATE_IS_TARGET => &[("WarnStateTargetEqual", "I072")],
        codes::PACKAGE_UNPINNED => &[("DepsUnpinned", "M029")],
        codes::BEHAVIOUR_OFF => &[("BehaviorChangeEvent", "D000")],
        _ => event_of_deprecation(code),
    }
}

/// What dbt deprecates, and quern's own.
fn event_of_deprecation(code: Code) -> &'static [(&'static str, &'static str)] {
    match code {
        codes::DEPRECATED_PACKAGE => &[("PackageRedirectDeprecation", "D001")],
        codes::DEPRECATED_PACKAGES_FOLDER => &[("PackageInstallPathDeprecation", "D002")],
        codes::DEPRECATED_SYNTAX => &[("ConfigSourcePathDeprecation", "D003")],
        codes::DEPRECATED_DATA_PATHS => &[("ConfigDataPathDeprecation", "D004")],
        codes::DEPRECATED_ADAPTER_METHOD => &[("AdapterDeprecationWarning", "D005")],
        codes::DEPRECATED_EXPOSURE_NAME => &[("ExposureNameDeprecation", "D007")],
        codes::DEPRECATED_VARIABLE => &[("EnvironmentVariableRenamed", "D009")],
        codes::DEPRECATED_LOG_PATH => &[("ConfigLogPathDeprecation", "D010")],
        codes::DEPRECATED_TARGET_PATH => &[("ConfigTargetPathDeprecation", "D011")],
        codes::DEPRECATED_FRESHNESS_TABLE => &[("CollectFreshnessReturnSignature", "D012")],
        codes::DEPRECATED_PROFILE_CONFIG => &[("ProjectFlagsMovedDeprecation", "D013")],
        codes::DEPRECATED_SPACES => &[
            ("ResourceNamesWithSpacesDeprecation", "D015"),
            ("SpacesInResourceNameDeprecation", "D014"),
        ],
        codes::DEPRECATED_REPLACEMENT => &[("PackageMaterializationOverrideDeprecation", "D016")],
        codes::DEPRECATED_HOOKS_LEFT_OUT => &[("SourceFreshnessProjectHooksNotRun", "D017")],
        codes::DEPRECATED_TIME_SPINE => {
            &[("MFTimespineWithoutYamlConfigurationDeprecation", "D018")]
        }
        codes::DEPRECATED_CUMULATIVE => &[("MFCumulativeTypeParamsDeprecation", "D019")],
        codes::DEPRECATED_MICROBATCH_MACRO => {
            &[("MicrobatchMacroOutsideOfBatchesDeprecation", "D020")]
        }
        codes::DEPRECATED_BLOCK => &[("UnexpectedJinjaBlockDeprecation", "D023")],
        codes::YAML_DUPLICATE_KEY => &[("DuplicateYAMLKeysDeprecation", "D024")],
        codes::DEPRECATED_TOP_KEY => &[("CustomTopLevelKeyDeprecation", "D025")],
        codes::DEPRECATED_CONFIG_KEY_UNKNOWN | codes::DEPRECATED_SQL_HEADER => {
            &[("CustomKeyInConfigDeprecation", "D026")]
        }
        codes::UNKNOWN_KEY => &[("CustomKeyInObjectDeprecation", "D027")],
        codes::DEPRECATED_OUTPUT_PATH => {
            &[("CustomOutputPathInSourceFreshnessDeprecation", "D029")]
        }
        codes::DEPRECATED_CONFIG_KEY | codes::DEPRECATED_PROPERTY => {
            &[("PropertyMovedToConfigDeprecation", "D030")]
        }
        codes::DEPRECATED_WARNING_WORDS => &[("WEOIncludeExcludeDeprecation", "D031")],
        codes::DEPRECATED_MODELS_OPTION => &[("ModelParamUsageDeprecation", "D032")],
        codes::DEPRECATED_ITERTOOLS => &[("ModulesItertoolsUsageDeprecation", "D034")],
        codes::DEPRECATED_SOURCE_OVERRIDE => &[("SourceOverrideDeprecation", "D035")],
        codes::DEPRECATED_VARIABLE_PREFIX => &[("EnvironmentVariableNamespaceDeprecation", "D036")],
        codes::DEPRECATED_PLUS_MISSING => &[("MissingPlusPrefixDeprecation", "D037")],
        codes::DEPRECATED_TEST_ARGUMENTS_KEY => {
            &[("ArgumentsPropertyInGenericTestDeprecation", "D038")]
        }
        codes::DEPRECATED_TEST_ARGUMENTS => {
            &[("MissingArgumentsPropertyInGenericTestDeprecation", "D039")]
        }
        codes::DEPRECATED_TWIN_NAMES => &[("DuplicateNameDistinctNodeTypesDeprecation", "D040")],
        codes::DEPRECATED_TIME_GRANULARITY => {
            &[("TimeDimensionsRequireGranularityDeprecation", "D041")]
        }
        codes::DEPRECATED_SCHEMA_NONE => &[("GenerateSchemaNameNullValueDeprecation", "D044")],
        _ => &[("Note", "Z050")],
    }
}

/// Whether a code is of those that are counted: an older spelling, which works as before. A key that means nothing is
/// most often a slip; each of those is shown.
pub(crate) fn is_counted(code: Code) -> bool {
    let is_shown_each_time = matches!(
        code,
        codes::UNKNOWN_KEY
            | codes::DEPRECATED_TOP_KEY
            | codes::DEPRECATED_CONFIG_KEY_UNKNOWN
            | codes::YAML_DUPLICATE_KEY
            | codes::BEHAVIOUR_OFF
            | codes::DEPRECATED_ADAPTER_METHOD
            | codes::DEPRECATED_FRESHNESS_TABLE
    );
    event_of(code).1.starts_with('D') && !is_shown_each_time
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::event_names::EVENT_NAMES;

    #[test]
    fn events_have_names_that_dbt_has() {
        for (code, _) in codes::ALL {
            for (name, _) in events_of(*code) {
                assert!(EVENT_NAMES.contains(name), "{name}");
            }
        }
    }
}
