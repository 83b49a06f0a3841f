//! Every option of the command line, with dbt's names, letters, environment variables and defaults.
//!
//! The list is that of dbt Core 1.12. Options that have nothing to switch here (the static parser, usage statistics,
//! the cache of relations) are taken and do nothing, so that scripts keep working.

use super::option::{OptionSpec, Preset};

const PROJECT: &[&str] = &[
    "backfill",
    "build",
    "clean",
    "clone",
    "compile",
    "debug",
    "deps",
    "docs generate",
    "docs serve",
    "init",
    "ledger",
    "list",
    "parse",
    "retry",
    "run",
    "run-operation",
    "seed",
    "show",
    "snapshot",
    "source freshness",
    "test",
    "verify",
];
const SELECTING: &[&str] = &[
    "backfill",
    "build",
    "clone",
    "compile",
    "docs generate",
    "ledger",
    "list",
    "run",
    "seed",
    "show",
    "snapshot",
    "source freshness",
    "test",
    "verify",
];
const SELECTING_BUT_LIST: &[&str] = &[
    "backfill",
    "build",
    "clone",
    "compile",
    "docs generate",
    "ledger",
    "run",
    "seed",
    "show",
    "snapshot",
    "source freshness",
    "test",
    "verify",
];
const TARGETED: &[&str] = &[
    "backfill",
    "build",
    "clean",
    "clone",
    "compile",
    "docs generate",
    "docs serve",
    "ledger",
    "list",
    "parse",
    "retry",
    "run",
    "run-operation",
    "seed",
    "show",
    "snapshot",
    "source freshness",
    "test",
    "verify",
];
const THREADED: &[&str] = &[
    "backfill",
    "build",
    "clone",
    "compile",
    "docs generate",
    "ledger",
    "parse",
    "retry",
    "run",
    "run-operation",
    "seed",
    "show",
    "snapshot",
    "source freshness",
    "test",
    "list",
    "verify",
];
const TYPED: &[&str] = &["build", "clone", "list", "test"];
const REFRESHED: &[&str] = &["build", "clone", "compile", "retry", "run", "seed", "show"];
const EMPTIED: &[&str] = &["build", "compile", "run", "seed", "snapshot"];
const ESTIMATED: &[&str] = &["build", "compile", "run"];
const EVENT_TIMED: &[&str] = &["build", "run"];
const PARSED: &[&str] = &[
    "build",
    "compile",
    "docs generate",
    "run",
    "seed",
    "show",
    "snapshot",
    "source freshness",
    "test",
];

const RESOURCE_TYPES: &[&str] = &[
    "metric",
    "semantic_model",
    "saved_query",
    "source",
    "analysis",
    "function",
    "model",
    "test",
    "unit_test",
    "exposure",
    "snapshot",
    "seed",
    "default",
    "all",
];
const EXCLUDED_RESOURCE_TYPES: &[&str] = &[
    "metric",
    "semantic_model",
    "saved_query",
    "source",
    "analysis",
    "function",
    "model",
    "test",
    "unit_test",
    "exposure",
    "snapshot",
    "seed",
    "default",
];
const LOG_FORMATS: &[&str] = &["text", "debug", "json", "default"];
const LOG_LEVELS: &[&str] = &["debug", "info", "warn", "error", "none"];

/// All options, in the order in which help shows them.
pub(crate) const OPTIONS: &[OptionSpec] = &[
    // What to work on.
    OptionSpec::many("select", "SELECTOR", "Nodes to work on: names, `tag:x`, `path:y`, with `+` for what is above or below")
        .short('s').aliases(&["models", "model"]).short_aliases(&['m']).on(SELECTING_BUT_LIST),
    OptionSpec::many("select", "SELECTOR", "Nodes to list: names, `tag:x`, `path:y`, with `+` for what is above or below")
        .short('s').on(&["list"]),
    OptionSpec::many("models", "SELECTOR", "Models to list; as `--select` with `--resource-type model`")
        .short('m').aliases(&["model"]).on(&["list"]),
    OptionSpec::many("exclude", "SELECTOR", "Nodes to leave out").on(SELECTING),
    OptionSpec::text("selector", "NAME", "A selection by its name in selectors.yml").on(SELECTING),
    OptionSpec::many_choices("resource-type", RESOURCE_TYPES, "Only nodes of these kinds")
        .aliases(&["resource-types"]).variable("DBT_RESOURCE_TYPES").on(TYPED),
    OptionSpec::many_choices("exclude-resource-type", EXCLUDED_RESOURCE_TYPES, "No nodes of these kinds")
        .aliases(&["exclude-resource-types"]).variable("DBT_EXCLUDE_RESOURCE_TYPES").on(TYPED),
    OptionSpec::choice("indirect-selection", &["eager", "cautious", "buildable", "empty"], Preset::Text("eager"),
        "Which tests come along: with any parent selected (eager), with all (cautious), with all selected or above (buildable), none (empty)")
        .variable("DBT_INDIRECT_SELECTION"),
    // How.
    OptionSpec::flag("full-refresh", "Take incremental models and seeds as if their tables were not there")
        .short('f').variable("DBT_FULL_REFRESH").on(REFRESHED),
    OptionSpec::switch("empty", Preset::Off, "Let `ref` and `source` give no rows: checks SQL without reading data")
        .variable("DBT_EMPTY").on(EMPTIED),
    // Hidden are those that are taken for what dbt's scripts and environments say, and refused when they would matter.
    OptionSpec::text("event-time-start", "TIME", "Build the batches of microbatch models from this moment on")
        .variable("DBT_EVENT_TIME_START").on(EVENT_TIMED),
    OptionSpec::text("event-time-end", "TIME", "Build the batches of microbatch models up to this moment")
        .variable("DBT_EVENT_TIME_END").on(EVENT_TIMED),
    OptionSpec::text("sample", "WINDOW", "Read only the recent rows of what has an `event_time`, such as `3 days`")
        .variable("DBT_SAMPLE").on(EVENT_TIMED),
    OptionSpec::flag("store-failures", "Keep the rows that break tests in tables")
        .variable("DBT_STORE_FAILURES").on(&["build", "test"]),
    OptionSpec::flag("show", "Print a few rows of each seed").on(&["build", "seed"]),
    OptionSpec::flag("dry-run", "Tell the bytes that each node would read, and run nothing").on(ESTIMATED),
    OptionSpec::text("max-bytes", "BYTES", "Run nothing when the nodes would read more, such as `10GB` or `1.5TiB`")
        .on(ESTIMATED),
    OptionSpec::switch("fail-fast", Preset::Off, "Stop at the first failure").short('x').variable("DBT_FAIL_FAST"),
    OptionSpec::number("threads", Preset::None, "How many nodes to work on at a time").on(THREADED),
    OptionSpec::switch("export-saved-queries", Preset::Off, "Export saved queries")
        .variable("DBT_EXPORT_SAVED_QUERIES").hidden().on(&["build"]),
    OptionSpec::switch("include-saved-query", Preset::Off, "Include saved queries")
        .variable("DBT_INCLUDE_SAVED_QUERY").hidden().on(&["build"]),
    // Queries and listings.
    OptionSpec::text("inline", "SQL", "Work on this SQL, with Jinja, instead of nodes").on(&["compile", "show"]),
    OptionSpec::text("inline-direct", "SQL", "Work on this SQL, sent as it is").hidden().on(&["show"]),
    OptionSpec::number("limit", Preset::Number(5), "How many rows to print; -1 for all").on(&["show"]),
    OptionSpec::choice("output", &["json", "text"], Preset::Text("text"), "How to print")
        .on(&["backfill", "compile", "ledger", "show", "verify"]),
    OptionSpec::choice("output", &["json", "name", "path", "selector"], Preset::Text("selector"), "How to print")
        .on(&["list"]),
    OptionSpec::many("output-keys", "KEY", "What to print with `--output json`; dots descend, as in `config.materialized`")
        .on(&["list"]),
    OptionSpec::text("output", "PATH", "Where to write the report; target/sources.json by default")
        .short('o').on(&["source freshness"]),
    OptionSpec::switch("introspect", Preset::On, "Refuse templates that query the warehouse while they are compiled")
        .variable("DBT_INTROSPECT").on(&["compile", "show"]),
    OptionSpec::switch("inject-ephemeral-ctes", Preset::On, "Leave ephemeral models out of the SQL")
        .hidden().on(&["compile"]),
    OptionSpec::yaml("args", "Arguments of the macro, as YAML: '{name: value}'").on(&["run-operation"]),
    OptionSpec::text("sql", "SQL", "Run this SQL, with Jinja, instead of a macro").on(&["run-operation"]),
    // Docs.
    OptionSpec::switch("compile", Preset::On, "Compile nothing: the site shows no compiled SQL").on(&["docs generate"]),
    OptionSpec::flag("empty-catalog", "Ask nothing of the warehouse: no types, no sizes").on(&["docs generate"]),
    OptionSpec::flag("static", "Taken for compatibility: the site always works without a server").on(&["docs generate"]),
    OptionSpec::text("host", "ADDRESS", "The address to serve on")
        .variable("DBT_HOST").preset(Preset::Text("127.0.0.1")).on(&["docs serve"]),
    OptionSpec::number("port", Preset::Number(8080), "The port to serve on").on(&["docs serve"]),
    OptionSpec::switch("browser", Preset::Off, "Open the site in a browser").on(&["docs serve"]),
    // Windows.
    OptionSpec::text("from", "TIME", "The first moment of the range, such as 2023-11-01; in the zone of quern.yml")
        .on(&["backfill", "ledger"]),
    OptionSpec::text("to", "TIME", "The first moment after the range, such as 2023-12-01").on(&["backfill", "ledger"]),
    OptionSpec::text("grain", "GRAIN", "Windows of this length instead of the models' own, such as `month`").on(&["backfill"]),
    OptionSpec::flag("missing-only", "Only windows that the ledger does not have from the code as it is").on(&["backfill"]),
    OptionSpec::flag("plan", "Say what would be built, and stop").on(&["backfill"]),
    OptionSpec::flag("fail-on-gaps", "Exit code 1 where windows are missing").on(&["ledger"]),
    // Other commands.
    OptionSpec::switch("clean-project-files-only", Preset::On, "Delete folders outside of the project too")
        .variable("DBT_CLEAN_PROJECT_FILES_ONLY").on(&["clean"]),
    OptionSpec::flag("connection", "Test the connection alone").on(&["debug"]),
    OptionSpec::flag("config-dir", "Print the folder of profiles.yml and stop").on(&["debug"]),
    OptionSpec::flag("skip-profile-setup", "Write no profile").short('s').on(&["init"]),
    OptionSpec::flag("skip-debug", "Taken for compatibility: `quern debug` checks a project").hidden().on(&["init"]),
    OptionSpec::choice("source", &["hub", "git", "local"], Preset::Text("hub"), "Where the package comes from").on(&["deps"]),
    OptionSpec::flag("lock", "Write package-lock.yml without installing").on(&["deps"]),
    OptionSpec::flag("upgrade", "Take the newest versions that fit").on(&["deps"]),
    OptionSpec::text("add-package", "NAME@VERSION", "Add a package to packages.yml").on(&["deps"]),
    // Where things are.
    OptionSpec::text("project-dir", "PATH", "The folder of dbt_project.yml; default: this folder or the nearest above that has one")
        .variable("DBT_PROJECT_DIR").on(PROJECT),
    OptionSpec::text("profiles-dir", "PATH", "The folder of profiles.yml; default: this folder, then ~/.dbt")
        .variable("DBT_PROFILES_DIR").on(PROJECT),
    OptionSpec::text("profile", "NAME", "The profile to use, instead of the project's").variable("DBT_PROFILE"),
    OptionSpec::text("target", "NAME", "The output of the profile to use, such as `dev` or `prod`").short('t').variable("DBT_TARGET"),
    OptionSpec::yaml("vars", "Variables for the project, as YAML: '{name: value}'").on(PROJECT),
    OptionSpec::text("session-time", "TIME", "The time that the run is for, such as 2023-12-01T00:00:00+09:00; windows follow from it")
        .variable("QUERN_SESSION_TIME").on(THREADED),
    OptionSpec::text("target-path", "PATH", "Where compiled SQL and artifacts go; default: target")
        .variable("DBT_TARGET_PATH").on(TARGETED),
    OptionSpec::text("log-path", "PATH", "Where the log file goes; default: logs").variable("DBT_LOG_PATH"),
    OptionSpec::text("state", "PATH", "A folder with the artifacts of an earlier run, for `state:` and `result:` selections and `retry`")
        .variable("DBT_STATE"),
    OptionSpec::switch("defer", Preset::Off, "Read what is not selected from where the state says it is").variable("DBT_DEFER"),
    OptionSpec::text("defer-state", "PATH", "Another state for `--defer` alone").variable("DBT_DEFER_STATE"),
    OptionSpec::switch("favor-state", Preset::Off, "Defer even to what exists in this target").variable("DBT_FAVOR_STATE"),
    // What is said, and where.
    OptionSpec::switch("quiet", Preset::Off, "Show nothing but errors and what was asked for").short('q').variable("DBT_QUIET"),
    OptionSpec::switch("debug", Preset::Off, "Show everything, with every statement that is sent").short('d').variable("DBT_DEBUG"),
    OptionSpec::choice("log-level", LOG_LEVELS, Preset::Text("info"), "The least important lines to show").variable("DBT_LOG_LEVEL"),
    OptionSpec::choice("log-format", LOG_FORMATS, Preset::Text("default"), "How lines look: plain, with time and thread, or JSON").variable("DBT_LOG_FORMAT"),
    OptionSpec::choice("log-level-file", LOG_LEVELS, Preset::Text("debug"), "The least important lines for the log file; none for no file")
        .variable("DBT_LOG_LEVEL_FILE"),
    OptionSpec::choice("log-format-file", LOG_FORMATS, Preset::Text("debug"), "How lines of the log file look").variable("DBT_LOG_FORMAT_FILE"),
    OptionSpec::number("log-file-max-bytes", Preset::Number(10 * 1024 * 1024), "When to start a new log file; 0 for never")
        .variable("DBT_LOG_FILE_MAX_BYTES").hidden(),
    OptionSpec::switch("use-colors", Preset::On, "No colours, not even on a terminal").variable("DBT_USE_COLORS"),
    OptionSpec::switch("use-colors-file", Preset::On, "No colours in the log file").variable("DBT_USE_COLORS_FILE").hidden(),
    OptionSpec::number("printer-width", Preset::Number(80), "How wide lines of progress are, in characters").variable("DBT_PRINTER_WIDTH"),
    OptionSpec::switch("print", Preset::On, "Leave out what macros `print()`").variable("DBT_PRINT"),
    OptionSpec::flag("warn-error", "Treat warnings as errors").variable("DBT_WARN_ERROR"),
    OptionSpec::yaml("warn-error-options", "Which warnings are errors: '{error: all, warn: [Name], silence: [Name]}'")
        .variable("DBT_WARN_ERROR_OPTIONS"),
    OptionSpec::switch("show-all-deprecations", Preset::Off, "Show every deprecated spelling, not one of each kind"),
    OptionSpec::switch("write-json", Preset::On, "Write no artifacts").variable("DBT_WRITE_JSON"),
    OptionSpec::switch("version-check", Preset::On, "Do not look at `require-dbt-version`").variable("DBT_VERSION_CHECK"),
    // Taken so that scripts keep working.
    OptionSpec::switch("cache-selected-only", Preset::Off, "").variable("DBT_CACHE_SELECTED_ONLY").hidden(),
    OptionSpec::switch("populate-cache", Preset::On, "").variable("DBT_POPULATE_CACHE").hidden(),
    OptionSpec::switch("log-cache-events", Preset::Off, "").variable("DBT_LOG_CACHE_EVENTS").hidden(),
    OptionSpec::switch("partial-parse", Preset::On, "").variable("DBT_PARTIAL_PARSE").hidden(),
    OptionSpec::text("partial-parse-file-path", "PATH", "").variable("DBT_PARTIAL_PARSE_FILE_PATH").hidden(),
    OptionSpec::switch("partial-parse-file-diff", Preset::On, "").variable("DBT_PARTIAL_PARSE_FILE_DIFF").hidden(),
    OptionSpec::switch("static-parser", Preset::On, "").variable("DBT_STATIC_PARSER").hidden(),
    OptionSpec::switch("use-experimental-parser", Preset::Off, "").variable("DBT_USE_EXPERIMENTAL_PARSER").hidden(),
    OptionSpec::switch("use-fast-test-edges", Preset::Off, "").variable("DBT_USE_FAST_TEST_EDGES").hidden(),
    OptionSpec::switch("use-v2-parser", Preset::Off, "").variable("DBT_ENGINE_USE_V2_PARSER").hidden(),
    OptionSpec::text("v2-parser", "COMMAND", "").variable("DBT_ENGINE_V2_PARSER").hidden(),
    OptionSpec::switch("send-anonymous-usage-stats", Preset::Off, "").variable("DBT_SEND_ANONYMOUS_USAGE_STATS").hidden(),
    OptionSpec::switch("snowflake-projects-otel", Preset::Off, "").variable("DBT_ENGINE_SNOWFLAKE_PROJECTS_OTEL").hidden(),
    OptionSpec::switch("hints-enabled", Preset::On, "").variable("DBT_ENGINE_HINTS_ENABLED").hidden(),
    OptionSpec::switch("macro-debugging", Preset::Off, "").variable("DBT_MACRO_DEBUGGING").hidden(),
    OptionSpec::switch("single-threaded", Preset::Off, "").variable("DBT_SINGLE_THREADED").hidden(),
    OptionSpec::switch("show-resource-report", Preset::Off, "").variable("DBT_SHOW_RESOURCE_REPORT").hidden(),
    OptionSpec::switch("upload-to-artifacts-ingest-api", Preset::Off, "").variable("DBT_UPLOAD_TO_ARTIFACTS_INGEST_API").hidden(),
    OptionSpec::number("maximum-seed-size-mib", Preset::Number(1), "").variable("DBT_ENGINE_MAXIMUM_SEED_SIZE_MIB").hidden(),
    OptionSpec::text("record-timing-info", "PATH", "").short('r').hidden(),
    OptionSpec::yaml("sqlparse", "").variable("DBT_ENGINE_SQLPARSE").hidden().on(PARSED),
    OptionSpec::flag("deprecated-defer", "").hidden(),
    OptionSpec::flag("deprecated-favor-state", "").hidden(),
    OptionSpec::switch("deprecated-print", Preset::Off, "").hidden(),
    OptionSpec::text("deprecated-state", "PATH", "").hidden(),
];
