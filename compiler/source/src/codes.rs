//! Every diagnostic code with its explanation, in order; `quern explain` shows this list.
//!
//! Codes are a promise: a code keeps its meaning and is never used for another. The hundreds say the stage:
//! 1 project files, 2 YAML, 3 templates, 4 the graph, 5 selection, 6 running, 7 warehouse, 8 writing, 9 time.

/// The stable code of a diagnostic, such as `Q101`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(pub &'static str);

impl std::fmt::Display for Code {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.0)
    }
}

macro_rules! codes {
    ($($name:ident = $code:literal, $explanation:literal;)*) => {
        $(
            #[doc = $explanation]
            pub const $name: Code = Code($code);
        )*
        /// All codes with their explanations, in order.
        pub const ALL: &[(Code, &str)] = &[$(($name, $explanation)),*];
    };
}

codes! {
    INTERNAL = "Q000", "Something happened that should not; please report it.";
    USAGE = "Q001", "The command line could not be understood.";
    PROJECT_NOT_FOUND = "Q101", "There is no `dbt_project.yml` in the project folder.";
    PROJECT_FILE_INVALID = "Q102", "`dbt_project.yml` lacks a needed key or has a value of a wrong kind.";
    UNKNOWN_KEY = "Q103", "A key that means nothing here; most often a misspelling.";
    PROFILE_NOT_FOUND = "Q104", "No `profiles.yml` was found, or the profile is not in it.";
    TARGET_NOT_FOUND = "Q105", "The profile has no output with the name of the target.";
    PROFILE_INVALID = "Q106", "A field of the profile is missing or has a wrong value.";
    ENV_VAR_MISSING = "Q107", "A template asks for an environment variable that is not set and has no default.";
    ADAPTER_UNKNOWN = "Q108", "The profile's `type` names an adapter that this binary does not have.";
    FILE_NOT_UTF8 = "Q109", "A file is not UTF-8 text.";
    FILE_UNREADABLE = "Q110", "A file could not be read.";
    PROPERTY_FILE_INVALID = "Q111", "A property file has a value of a wrong kind or lacks a needed key.";
    DUPLICATE_PROPERTIES = "Q112", "Two entries describe the same resource.";
    UNMATCHED_PROPERTIES = "Q113", "An entry describes a resource that does not exist.";
    CONFIG_UNUSED = "Q114", "A configuration path of the project file applies to no resource.";
    SEED_INVALID = "Q115", "A seed is not a well-formed CSV file: ragged rows, duplicate headers or a wrong encoding.";
    DEPRECATED_SYNTAX = "Q116", "A spelling that dbt deprecates; it works as before.";
    DUPLICATE_PACKAGE = "Q117", "Two packages have the same name.";
    PACKAGES_NOT_INSTALLED = "Q118", "The project names packages that are not installed.";
    VERSION_REQUIRED = "Q119", "The project or a package asks for another version of dbt.";
    VARS_INVALID = "Q120", "`--vars` is not a YAML dictionary.";
    EMPTY_PROJECT = "Q121", "The project has no resources.";
    QUERN_FILE_INVALID = "Q122", "`quern.yml` has a value of a wrong kind, a time zone or a grain that does not exist.";
    CATALOG_UNSUPPORTED = "Q123", "`catalogs.yml` names a catalog, and the warehouse writes tables without catalogs.";
    SEED_COLUMN_UNKNOWN = "Q124", "`column_types` of a seed gives a type to a column that the file does not have.";
    PACKAGES_INVALID = "Q130", "An entry of `packages.yml` names a package in a way that cannot be understood.";
    PACKAGES_CONFLICT = "Q131", "No version of a package fits all that is asked of it.";
    PACKAGE_UNAVAILABLE = "Q132", "A package could not be fetched: from the hub, a repository, an archive or a folder.";
    PACKAGE_UNPINNED = "Q133", "A package of a repository has no revision, so that it may change at any time.";
    DEPRECATED_CONFIG_KEY = "Q150", "A key of dbt's own stands beside `config` rather than in it; it works as before.";
    DEPRECATED_TEST_ARGUMENTS = "Q151", "Arguments of a generic test stand outside of `arguments`; they work as before.";
    DEPRECATED_TEST_ARGUMENTS_KEY = "Q152", "A generic test has `arguments`, which the flags of the project take for an argument of that name.";
    DEPRECATED_DATA_PATHS = "Q153", "`data-paths` is now `seed-paths`; it works as before.";
    DEPRECATED_SOURCE_OVERRIDE = "Q154", "`overrides` of a source is deprecated; it works as before.";
    DEPRECATED_LOG_PATH = "Q155", "`log-path` of `dbt_project.yml` is deprecated for the option of that name; it works as before.";
    DEPRECATED_TWIN_NAMES = "Q156", "Two resources of one package have one name, which dbt deprecates.";
    DEPRECATED_SPACES = "Q157", "The name of a resource has spaces, which dbt deprecates.";
    DEPRECATED_WARNING_WORDS = "Q158", "`include` and `exclude` of `warn_error_options` are deprecated; they work as before.";
    DEPRECATED_OUTPUT_PATH = "Q159", "`--output` of `source freshness` is deprecated; it works as before.";
    DEPRECATED_TARGET_PATH = "Q160", "`target-path` of `dbt_project.yml` is deprecated for the option of that name; it works as before.";
    DEPRECATED_SQL_HEADER = "Q161", "A test has `sql_header` in its configuration without the flag that gives it a meaning.";
    DEPRECATED_PLUS_MISSING = "Q162", "A key of configuration in `dbt_project.yml` has no `+` before it; it works as before.";
    MACRO_ARGUMENTS_DIFFER = "Q163", "A property file describes other arguments than a macro has.";
    DEPRECATED_MODEL = "Q164", "A model has passed its deprecation date.";
    DEPRECATED_REFERENCE = "Q165", "A model refers to one that has passed its deprecation date.";
    UPCOMING_DEPRECATION = "Q166", "A model refers to one that has a deprecation date.";
    DEPRECATED_SCHEMA_NONE = "Q167", "`generate_schema_name` gives none as the schema of a resource, which dbt deprecates.";
    DEPRECATED_REPLACEMENT = "Q168", "A package puts its own in the place of a built-in materialization, which dbt deprecates.";
    DEPRECATED_ITERTOOLS = "Q169", "A template uses `modules.itertools`, which dbt deprecates; it works as before.";
    DEPRECATED_PACKAGES_FOLDER = "Q170", "`clean-targets` names the folder where packages stood before dbt 1.0.";
    DEPRECATED_EXPOSURE_NAME = "Q171", "The name of an exposure has other characters than letters, digits and underscores.";
    DEPRECATED_VARIABLE = "Q172", "An environment variable has an older name of dbt's; it works as before.";
    DEPRECATED_PROFILE_CONFIG = "Q173", "`config` of `profiles.yml` is now `flags` of `dbt_project.yml`; it works as before.";
    DEPRECATED_BLOCK = "Q174", "A file has a block or an end of one that means nothing there; it is passed over.";
    DEPRECATED_TOP_KEY = "Q175", "A key at the top of a file means nothing to dbt.";
    DEPRECATED_CONFIG_KEY_UNKNOWN = "Q176", "A key of `config` is none of dbt's; keys of your own belong under `meta`.";
    DEPRECATED_MODELS_OPTION = "Q177", "`--models`, `--model` and `-m` are now `--select`; they work as before.";
    DEPRECATED_VARIABLE_PREFIX = "Q178", "An environment variable of your own has a prefix that dbt keeps for its own.";
    DEPRECATED_HOOKS_LEFT_OUT = "Q179", "`source freshness` leaves the hooks of the project out, as a flag asks.";
    DEPRECATED_TIME_SPINE = "Q180", "The time spine is a model by its name alone, without `time_spine` in a property file.";
    DEPRECATED_CUMULATIVE = "Q181", "`window` and `grain_to_date` of a metric stand outside of `cumulative_type_params`.";
    DEPRECATED_MICROBATCH_MACRO = "Q182", "A microbatch strategy of the project runs outside of batches, as a flag asks.";
    DEPRECATED_ADAPTER_METHOD = "Q183", "A template calls a method of `adapter` by a name that dbt deprecates; it works as before.";
    DEPRECATED_FRESHNESS_TABLE = "Q184", "`collect_freshness` returns rows alone, and not the whole result; it works as before.";
    DEPRECATED_PACKAGE = "Q185", "The package hub knows a package by a newer name; it is installed from there.";
    BEHAVIOUR_OFF = "Q186", "A template asks for a behaviour flag of the adapter that is off.";
    ROOT_DEPENDENCY = "Q187", "A resource of a package depends on one of the project.";
    CONSTRAINT_OF_VIEW = "Q188", "A view or another such relation has constraints, which cannot be written for it.";
    WARNING_NAME_UNKNOWN = "Q189", "`warn_error_options` has a name or a form that does not exist.";
    SELECTION_IGNORED = "Q191", "`--select` and `--exclude` mean nothing beside `--selector`.";
    UNPINNED_REFERENCE = "Q192", "A `ref` without a version leads to a model that has a newer one in preparation.";
    DEPRECATED_TIME_GRANULARITY = "Q193", "A time dimension of a semantic model has no `time_granularity`.";
    DEPRECATED_PROPERTY = "Q194", "A key of configuration stands beside `config` in a property file; it works as before.";
    YAML_SYNTAX = "Q201", "The file is not well-formed YAML.";
    YAML_DUPLICATE_KEY = "Q202", "A key stands twice in one mapping; the last one counts.";
    YAML_ALIAS_LIMIT = "Q203", "Aliases expand to more nodes than any honest file needs.";
    TEMPLATE_SYNTAX = "Q301", "The template is not well-formed Jinja.";
    TEMPLATE_UNDEFINED = "Q302", "The template uses a name that is not defined.";
    TEMPLATE_RENDER = "Q303", "Rendering the template failed.";
    MACRO_NOT_FOUND = "Q304", "A macro is called that does not exist.";
    MACRO_ARGUMENTS = "Q305", "A macro or function is called with wrong arguments.";
    FILTER_UNKNOWN = "Q306", "A filter or test is used that does not exist.";
    COMPILER_ERROR_RAISED = "Q307", "A template called `exceptions.raise_compiler_error`.";
    VAR_MISSING = "Q308", "A template asks for a variable that is not set and has no default.";
    DISPATCH_FAILED = "Q309", "`adapter.dispatch` found no macro.";
    RECURSION_LIMIT = "Q310", "Macros call each other without end.";
    DUPLICATE_MACRO = "Q311", "Two macros of one package have the same name.";
    NOT_SUPPORTED = "Q312", "Something that quern does not support yet; it refuses rather than guess.";
    TEMPLATE_WARNING = "Q313", "A template called `exceptions.warn`.";
    CACHE_INCONSISTENT = "Q315", "A template called `exceptions.raise_cache_inconsistent`.";
    CONSTRAINT_NOT_SUPPORTED = "Q316", "A contract has a constraint that the warehouse does not know; it is left out.";
    CONSTRAINT_NOT_ENFORCED = "Q317", "A contract has a constraint that the warehouse notes and does not enforce.";
    CYCLE = "Q401", "Nodes depend on each other in a circle.";
    DUPLICATE_NAME = "Q402", "Two resources have the same name.";
    REF_NOT_FOUND = "Q403", "`ref` names a model, seed or snapshot that does not exist.";
    SOURCE_NOT_FOUND = "Q404", "`source` names a source table that does not exist.";
    REF_DISABLED = "Q405", "`ref` or `source` names a resource that is disabled.";
    DUPLICATE_RELATION = "Q406", "Two nodes would build the same relation.";
    TEST_NOT_FOUND = "Q407", "A generic test names a test macro that does not exist.";
    TEST_INVALID = "Q408", "A test is not written as dbt expects it.";
    DUPLICATE_DOC = "Q409", "Two documentation blocks of one package have the same name.";
    DOC_NOT_FOUND = "Q410", "`doc` names a documentation block that does not exist.";
    CONFIG_INVALID = "Q411", "A configuration has a value of a wrong kind.";
    REF_ACCESS = "Q412", "`ref` names a model that this place may not use.";
    MATERIALIZATION_NOT_FOUND = "Q413", "No materialization has the configured name.";
    DEPENDS_ON_UNKNOWN = "Q414", "A node uses a `ref` while running that was not seen while parsing.";
    CONTRACT_BROKEN = "Q415", "The columns of the model differ from its contract.";
    EXPOSURE_INVALID = "Q416", "An exposure lacks a needed key or has a wrong value.";
    MODEL_EMPTY = "Q417", "The model has no SQL.";
    WALL_CLOCK = "Q418", "A model that sessions build reads the clock or chance, so that a retry builds other rows.";
    FUNCTION_NOT_FOUND = "Q419", "`function` names a user-defined function that does not exist.";
    METRIC_NOT_FOUND = "Q420", "A metric, a saved query or an exposure names a metric or a measure that does not exist.";
    FRESHNESS_INVALID = "Q430", "A source has `freshness`, but nothing says when its rows came.";
    CONTRACT_CHANGED = "Q431", "A model breaks the contract that it had in the state it is compared with.";
    SEED_NOT_COMPARED = "Q432", "A seed is too large to tell whether its contents changed.";
    PYTHON_MODEL_INVALID = "Q433", "A model in Python is not as dbt reads it.";
    FUNCTION_OVERLOAD_INVALID = "Q434", "An overload of a function has no file of its own.";
    SEMANTIC_INVALID = "Q435", "A semantic model, a metric or a saved query breaks a rule of the semantic layer.";
    SEMANTIC_DOUBTFUL = "Q436", "A metric or a filter of the semantic layer says something that cannot be meant.";
    SELECTOR_INVALID = "Q501", "The selection could not be understood.";
    NOTHING_SELECTED = "Q502", "The selection fits no node.";
    CRITERION_MATCHES_NOTHING = "Q503", "A part of the selection fits no node.";
    METHOD_UNKNOWN = "Q504", "The selection uses a method that does not exist.";
    TEST_FAILED = "Q601", "A data test found rows that break it.";
    NODE_FAILED = "Q602", "A node could not be built.";
    HOOK_FAILED = "Q603", "A hook failed.";
    CANCELLED = "Q604", "The run was cancelled.";
    FAIL_FAST = "Q605", "The run stopped at its first failure.";
    TRIED_AGAIN = "Q606", "A failure passes by itself; the node is tried again.";
    BUDGET_EXCEEDED = "Q607", "The nodes would read more bytes than `--max-bytes` allows.";
    BYTES_UNKNOWN = "Q608", "Nobody can tell yet what a node would read.";
    WAREHOUSE_CONNECT = "Q701", "The warehouse could not be reached.";
    WAREHOUSE_SQL = "Q702", "The warehouse refused a statement.";
    WAREHOUSE_LOCKED = "Q703", "Another process holds the database.";
    WAREHOUSE_AUTH = "Q704", "The warehouse refused the credentials.";
    WRITE_FAILED = "Q801", "A file could not be written.";
    ARTIFACT_UNREADABLE = "Q802", "An artifact of an earlier run could not be read.";
    STATE_IS_TARGET = "Q803", "The state to compare with stands in the folder that is written to.";
    SESSION_TIME_MISSING = "Q901", "Something needs the session time, and the run has none.";
    SESSION_TIME_INVALID = "Q902", "The session time is not a time.";
    SESSION_TIME_ZONE = "Q903", "The session time has no offset; the zone of `quern.yml` applies.";
    SESSION_TIME_CLOCK_CHANGE = "Q904", "The session time lies where the clocks of its zone are set forward or back.";
    SESSION_TIME_FAR = "Q905", "The session time is far from now; most often a mistake in the year, the unit or the zone.";
    WINDOW_INVALID = "Q906", "A window cannot be made, or a column cannot tell where it ends.";
    ROWS_OUTSIDE_WINDOW = "Q907", "A model yields rows outside of the window that its session builds.";
    TIME_COLUMN_UNKNOWN = "Q908", "The time column of a model is none of its columns, or holds no time.";
    BATCHES_UNFILTERED = "Q909", "A microbatch model reads nothing that can be filtered by time.";
    LEDGER_UNUSABLE = "Q911", "The ledger cannot be made, lacks columns or holds what makes no sense.";
    LEDGER_GAPS = "Q912", "The ledger has gaps, and `--fail-on-gaps` asks for none.";
    BACKFILL_RANGE = "Q913", "The range of a backfill ends before it starts, or has too many windows.";
    BACKFILL_GRAIN = "Q914", "The grain of a backfill does not consist of whole windows of a model, or the range not of whole windows of the grain.";
    VERIFY_IMPOSSIBLE = "Q915", "There is nothing to compare: the selection holds no model that can be built twice.";
    VERIFY_DIFFERS = "Q916", "A model built twice for the same window gave different rows.";
    WINDOWS_UNUSED = "Q917", "Something is said of windows where there are none, or where it changes nothing.";
    WINDOW_READ_ONCE = "Q918", "A backfill would build a model once that shows the window of the session, and in each window models that read it.";
    SESSION_TIMES_DIFFER = "Q919", "The option and the variable of the session time name different times; the option counts.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_in_order() {
        let unique: std::collections::BTreeSet<_> = ALL.iter().map(|(code, _)| code).collect();
        assert_eq!(unique.len(), ALL.len());
        assert!(ALL.is_sorted_by_key(|(code, _)| code));
    }
}
