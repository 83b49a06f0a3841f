//! Every environment variable that quern reads, declared once.
//!
//! An option with dbt's variable `DBT_X` is set by `QUERN_X`, else `DBT_ENGINE_X`, else `DBT_X`; the names stand in
//! [`crate::arguments::options`]. The others stand here.

use std::collections::BTreeMap;

use source::{Diagnostic, codes};

use crate::arguments::option::OptionSpec;
use crate::arguments::options::OPTIONS;
use crate::world::World;

/// Set to anything: no colours (<https://no-color.org>).
pub(crate) const NO_COLOR: &str = "NO_COLOR";
/// Set to anything but `0`: colours even where there is no terminal.
pub(crate) const FORCE_COLOR: &str = "CLICOLOR_FORCE";
/// Variables with this prefix are secrets: read in profiles and package lists alone, never printed.
pub(crate) const SECRET_PREFIX: &str = "DBT_ENV_SECRET";
/// The address of the package hub; dbt's own is the default.
pub(crate) const PACKAGE_HUB: &str = "DBT_PACKAGE_HUB_URL";
/// Variables with this prefix go into the metadata of artifacts.
pub(crate) const CUSTOM_PREFIX: &str = "DBT_ENV_CUSTOM_ENV_";

/// dbt's older variables: the option, the variable, and whether it says the opposite.
const OLDER: &[(&str, &str, bool)] = &[
    ("defer", "DBT_DEFER_TO_STATE", false),
    ("favor-state", "DBT_FAVOR_STATE_MODE", false),
    ("print", "DBT_NO_PRINT", true),
    ("state", "DBT_ARTIFACT_STATE_PATH", false),
];

/// The variables that set an option, the strongest first.
pub(crate) fn names_of(option: &OptionSpec) -> Vec<String> {
    let Some(variable) = option.variable else { return Vec::new() };
    if variable.starts_with("QUERN_") {
        return vec![variable.to_owned()];
    }
    if let Some(rest) = variable.strip_prefix("DBT_ENGINE_") {
        return vec![format!("QUERN_{rest}"), variable.to_owned()];
    }
    let rest = variable.trim_start_matches("DBT_");
    vec![format!("QUERN_{rest}"), format!("DBT_ENGINE_{rest}"), variable.to_owned()]
}

/// What the environment says of an option: the variable, its value, and whether it says the opposite.
pub(crate) fn value_of(option: &OptionSpec, world: &World) -> Option<(String, String, bool)> {
    let older = OLDER.iter().find(|(name, ..)| *name == option.name);
    let older = older.and_then(|(_, variable, is_opposite)| {
        Some(((*variable).to_owned(), world.variable(variable)?.to_owned(), *is_opposite))
    });
    older.or_else(|| {
        names_of(option).into_iter().find_map(|name| {
            let value = world.variable(&name)?.to_owned();
            Some((name, value, false))
        })
    })
}

/// Prefix of the variables that dbt keeps for its own.
const RESERVED_PREFIX: &str = "DBT_ENGINE_";

/// Variables with the reserved prefix that set no option.
const OTHER_RESERVED: &[&str] = &[
    "DBT_ENGINE_INVOCATION_ENV",
    "DBT_ENGINE_RECORDED_FILE_PATH",
    "DBT_ENGINE_RECORDER_FILE_PATH",
    "DBT_ENGINE_RECORDER_MODE",
    "DBT_ENGINE_RECORDER_TYPES",
    "DBT_ENGINE_TEST_STATE_MODIFIED",
    "DBT_ENGINE_PACKAGE_HUB_URL",
    "DBT_ENGINE_DOWNLOAD_DIR",
    "DBT_ENGINE_PP_FILE_DIFF_TEST",
    "DBT_ENGINE_PP_TEST",
];

/// Older names of dbt's variables, and variables of others that have dbt's prefix.
pub(crate) fn deprecations(world: &World) -> Vec<Diagnostic> {
    let older = OLDER.iter().filter(|(_, variable, _)| world.variable(variable).is_some());
    let older = older.map(|(option, variable, is_opposite)| {
        let name = format!("{RESERVED_PREFIX}{}", option.to_uppercase().replace('-', "_"));
        let message = format!("the environment variable `{variable}` is now `{name}`");
        let hint = if *is_opposite { ", with the opposite value" } else { "" };
        Diagnostic::warning(codes::DEPRECATED_VARIABLE, message).hint(format!("set `{name}`{hint}"))
    });
    let known: Vec<String> = OPTIONS.iter().flat_map(names_of).collect();
    let foreign = world.variables.keys().filter(|name| {
        name.starts_with(RESERVED_PREFIX)
            && !name.starts_with("DBT_ENGINE_ENV_")
            && !OTHER_RESERVED.contains(&name.as_str())
            && !known.contains(name)
    });
    let foreign = foreign.map(|name| {
        let message = format!("the environment variable `{name}` is none of dbt's");
        Diagnostic::warning(codes::DEPRECATED_VARIABLE_PREFIX, message)
            .hint(format!("take another prefix: `{RESERVED_PREFIX}` is kept for dbt"))
    });
    older.chain(foreign).collect()
}

/// What a variable means as a truth value; the words are those of dbt's command line library.
pub(crate) fn truth(value: &str) -> Option<bool> {
    match value.to_lowercase().as_str() {
        "1" | "true" | "t" | "yes" | "y" | "on" => Some(true),
        "0" | "false" | "f" | "no" | "n" | "off" => Some(false),
        _ => None,
    }
}

/// The values of secrets, longest first, so that a secret inside another does not leave half of it.
pub(crate) fn secrets(variables: &BTreeMap<String, String>) -> Vec<String> {
    let is_secret =
        |name: &str| name.starts_with(SECRET_PREFIX) || name.starts_with("DBT_ENGINE_ENV_SECRET");
    variables
        .iter()
        .filter(|(name, value)| is_secret(name) && !value.is_empty())
        .map(|(_, value)| value.clone())
        .collect()
}

/// The variables of a `.env` file, which dbt reads in the current folder; those of the process win.
pub(crate) fn read_dotenv(text: &str) -> Vec<(String, String)> {
    let line_of = |line: &str| {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line);
        if line.starts_with('#') {
            return None;
        }
        let (name, value) = line.split_once('=')?;
        let (name, value) = (name.trim(), value.trim());
        let quoted =
            ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.split_once(*quote));
        let value = match quoted {
            Some((inside, _)) => inside.to_owned(),
            None => value.split(" #").next().unwrap_or_default().trim_end().to_owned(),
        };
        (!name.is_empty()).then(|| (name.to_owned(), value))
    };
    text.lines().filter_map(line_of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dotenv_lines_are_read_with_quotes_comments_and_export() {
        let text =
            "# a comment\nexport A=1\nB = 'x # y'\nC=z # note\n=\nno line\nD=\"two words\"\n";
        let expected = [("A", "1"), ("B", "x # y"), ("C", "z"), ("D", "two words")];
        let expected: Vec<(String, String)> =
            expected.map(|(name, value)| (name.into(), value.into())).into();
        assert_eq!(read_dotenv(text), expected);
    }

    #[test]
    fn quern_variables_come_before_those_of_dbt() {
        let option = OPTIONS.iter().find(|option| option.name == "target").unwrap();
        assert_eq!(names_of(option), ["QUERN_TARGET", "DBT_ENGINE_TARGET", "DBT_TARGET"]);
    }
}
