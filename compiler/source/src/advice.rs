//! What to do about a mistake: more than fits into a hint, for `quern explain`.

use crate::codes::{self, Code};

/// The usual reasons for a diagnostic, and the way out of it; none where the explanation says all there is.
pub fn advice(code: Code) -> Option<&'static str> {
    ADVICE.iter().find(|(known, _)| *known == code).map(|(_, text)| *text)
}

/// Codes that people meet, in order.
const ADVICE: &[(Code, &str)] = &[
    (
        codes::PROJECT_NOT_FOUND,
        "Commands look in the current folder and in those above it. Change to the project's folder, or name it with \
         `--project-dir` or `DBT_PROJECT_DIR`. `quern init NAME` makes a new project.",
    ),
    (
        codes::PROFILE_NOT_FOUND,
        "`profile:` in dbt_project.yml names an entry of profiles.yml, which is looked for in `--profiles-dir`, \
         `DBT_PROFILES_DIR`, the project's folder and `~/.dbt`, in this order. `quern debug` tells which file is read.",
    ),
    (
        codes::TARGET_NOT_FOUND,
        "`--target`, `DBT_TARGET` or `target:` of the profile names one of its `outputs:`; without any of them it is \
         `default`.",
    ),
    (
        codes::ENV_VAR_MISSING,
        "Set the variable for the process that runs quern (in a container: in its environment), or give a default: \
         `{{ env_var('NAME', 'default') }}`. Variables named `DBT_ENV_SECRET_…` may stand in profiles.yml and packages.yml \
         alone, and are never shown.",
    ),
    (
        codes::UNMATCHED_PROPERTIES,
        "The entry is passed over, and its tests with it. The name is that of the file without `.sql`; of a source, of an \
         exposure and of a macro it is the name itself. See also whether the folder is among `model-paths`.",
    ),
    (
        codes::CONFIG_UNUSED,
        "A path below `models:` and its like is the name of the project or of a package, then folders below `models/`, then \
         the name of a model. A configuration itself begins with `+`.",
    ),
    (
        codes::PACKAGES_NOT_INSTALLED,
        "`quern deps` puts packages into `dbt_packages/`. In an image, do so when it is built: the folder belongs to the \
         project.",
    ),
    (
        codes::YAML_SYNTAX,
        "The place is where the parser gave up; the mistake is often on the line above: indentation, a tab, a quote that is \
         left open, a text with `: ` or that begins with `{`, `[`, `*`, `&`, `!`, `%` or `@`, which needs quotes.",
    ),
    (
        codes::TEMPLATE_SYNTAX,
        "Blocks are closed in the order in which they were opened: `{% if %} … {% endif %}`. An expression ends with `}}`, a \
         block with `%}`. What is to stay as it is stands between `{% raw %}` and `{% endraw %}`; a SQL comment around Jinja \
         does not switch it off, `{# … #}` does.",
    ),
    (
        codes::TEMPLATE_UNDEFINED,
        "Names are those of Jinja, of dbt's context, of `{% set %}` above, and of macros in `macros/` and in packages. Inside \
         a macro nothing of the caller is known: hand it in as an argument. `{{ x | default('') }}` takes a name that may be \
         missing.",
    ),
    (
        codes::MACRO_NOT_FOUND,
        "Macros are found in `macro-paths` of the project and of its packages; one of a package is called with the package in \
         front: `dbt_utils.star(…)`. See whether `quern deps` has installed it.",
    ),
    (
        codes::VAR_MISSING,
        "Give it in `vars:` of dbt_project.yml, with `--vars '{name: value}'`, or as a default: `{{ var('name', 'default') }}`.",
    ),
    (
        codes::CYCLE,
        "A model may read its own table of the last run as `{{ this }}`, in an incremental model. Two models that need each \
         other mostly share a part that is a third model.",
    ),
    (
        codes::REF_NOT_FOUND,
        "`ref` takes the name of the file without its folder and without `.sql`, a seed's without `.csv`; with two arguments \
         the first is the package: `ref('package', 'model')`. Tables that nobody here builds are sources: declare them under \
         `sources:` and read them by `source('name', 'table')`. `quern ls` lists the names there are.",
    ),
    (
        codes::SOURCE_NOT_FOUND,
        "`source('name', 'table')` takes the `name` of an entry under `sources:` of a property file, and of one of its \
         `tables:`. `quern ls --resource-type source` lists them.",
    ),
    (
        codes::REF_DISABLED,
        "It is switched off by `enabled: false` in its file, in a property file or in dbt_project.yml, or in a package. What \
         depends on it has to be switched off too, or read something else.",
    ),
    (
        codes::DUPLICATE_RELATION,
        "Two nodes with the same database, schema and `alias` would overwrite each other. Give one of them another `alias` or \
         `schema`; see whether a macro `generate_schema_name` or `generate_alias_name` gives both the same.",
    ),
    (
        codes::TEST_NOT_FOUND,
        "Built in are `unique`, `not_null`, `accepted_values` and `relationships`. Others are macros `test_NAME`, or blocks \
         `{% test NAME(model, column_name) %}` below `tests/generic` or `macros/`, or come from packages, with the package in \
         front.",
    ),
    (
        codes::MATERIALIZATION_NOT_FOUND,
        "Built in are `view`, `table`, `incremental`, `ephemeral`, `materialized_view`, and `external` on DuckDB. Your own \
         are blocks `{% materialization NAME, default %}` in `macros/`.",
    ),
    (
        codes::CONTRACT_BROKEN,
        "`contract: {enforced: true}` compares the columns of the query with those of the property file: names and types, \
         not their order. Cast the column in the query, or correct `data_type`.",
    ),
    (
        codes::NOTHING_SELECTED,
        "The command ends well, having done nothing. `quern ls` with the same `--select` and `--exclude` shows what a \
         selection means; commands other than `build` look at their own kind alone (`run` at models, `test` at tests).",
    ),
    (
        codes::TEST_FAILED,
        "`quern show --select NAME_OF_THE_TEST` shows the rows; `--store-failures` keeps them in a table. With \
         `severity: warn`, or `warn_if` and `error_if`, a test may find some rows without failing the run.",
    ),
    (
        codes::CANCELLED,
        "Ctrl-C, SIGTERM or SIGHUP came, and open statements were ended. What was finished stays; `quern retry` goes on with \
         the rest.",
    ),
    (
        codes::WAREHOUSE_CONNECT,
        "See host, port and network from the machine that runs quern; `quern debug --connection` tries it alone. `retries` of \
         the profile says how often it is tried.",
    ),
    (
        codes::WAREHOUSE_SQL,
        "These are the warehouse's own words. The SQL that was sent stands below `target/run`, that of the model below \
         `target/compiled`, and every statement in `logs/dbt.log`.",
    ),
    (
        codes::WAREHOUSE_LOCKED,
        "A DuckDB file has one writing process at a time. Close other programs that hold it, give runs that may meet \
         databases of their own, or let the scheduler run them one after the other.",
    ),
    (
        codes::WAREHOUSE_AUTH,
        "See user and password of the output that `quern debug` names, and whether the variables that it reads are set where \
         quern runs.",
    ),
    (
        codes::WRITE_FAILED,
        "Compiled SQL and artifacts go below `--target-path` (`DBT_TARGET_PATH`), the log below `--log-path` \
         (`DBT_LOG_PATH`). On a file system that is read-only let both lead to `/tmp` or to a volume.",
    ),
    (
        codes::ARTIFACT_UNREADABLE,
        "`--state` takes the folder with the manifest.json (and run_results.json, sources.json) of an earlier run, as a path \
         from the project's folder. Copy them away from `target/`, which each command writes anew.",
    ),
    (
        codes::SESSION_TIME_MISSING,
        "Let the scheduler hand its time in: `--session-time`, `QUERN_SESSION_TIME`, or the variable that `session: {var: …}` \
         of quern.yml names. It is the time that the run is for, such as the end of the day that it builds, and stays the \
         same when the run is tried again.",
    ),
    (
        codes::SESSION_TIME_INVALID,
        "A time is written like `2023-12-01T09:00:00+09:00`, `2023-12-01T00:00:00Z` or `2023-12-01`. Where the text holds \
         `${…}` or `{{ … }}`, the scheduler has not filled it in.",
    ),
    (
        codes::SESSION_TIME_ZONE,
        "It is read in `timezone` of quern.yml, UTC unless that says otherwise. An offset, such as `+09:00`, leaves no doubt.",
    ),
    (
        codes::ROWS_OUTSIDE_WINDOW,
        "The query has to keep to its window: `where {{ in_session_window('column') }}`. With `outside_window='drop'` in the \
         configuration other rows are left out.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_has_one_advice_and_the_list_is_in_order() {
        assert!(ADVICE.is_sorted_by(|(one, _), (other, _)| one < other));
    }
}
