//! `dbt_project.yml` into [`ProjectSettings`].

use indexmap::IndexMap;
use serde_json::Value;
use source::yaml::{Mapping, Node, Yaml};
use source::{Diagnostic, FileId, Span, Spanned, Warned, codes};

use super::ProjectSettings;
use super::version::is_project_version;
use crate::config::is_config_key;
use crate::fields::{FieldReader, to_variables};
use crate::resource_type::ResourceType;

/// The keys of dbt's project contract, with deprecated spellings.
const KEYS: &[&str] = &[
    "name",
    "config-version",
    "version",
    "project-root",
    "source-paths",
    "model-paths",
    "macro-paths",
    "data-paths",
    "seed-paths",
    "test-paths",
    "analysis-paths",
    "docs-paths",
    "asset-paths",
    "function-paths",
    "osi-paths",
    "target-path",
    "snapshot-paths",
    "clean-targets",
    "profile",
    "log-path",
    "packages-install-path",
    "quoting",
    "on-run-start",
    "on-run-end",
    "require-dbt-version",
    "dispatch",
    "models",
    "seeds",
    "snapshots",
    "analyses",
    "sources",
    "tests",
    "data_tests",
    "unit_tests",
    "metrics",
    "semantic-models",
    "saved-queries",
    "exposures",
    "functions",
    "vars",
    "packages",
    "query-comment",
    "restrict-access",
    "dbt-cloud",
    "flags",
];

/// Names that dbt does not let a project have, because templates mean something else by them.
const RESERVED_NAMES: &[&str] = &[
    "_sql_results",
    "adapter",
    "api",
    "column",
    "config",
    "context",
    "database",
    "env",
    "env_var",
    "exceptions",
    "execute",
    "flags",
    "fromjson",
    "fromyaml",
    "graph",
    "invocation_id",
    "load_agate_table",
    "load_result",
    "log",
    "model",
    "modules",
    "post_hooks",
    "pre_hooks",
    "ref",
    "render",
    "return",
    "run_started_at",
    "schema",
    "source",
    "sql",
    "sql_now",
    "store_result",
    "store_raw_result",
    "target",
    "this",
    "tojson",
    "toyaml",
    "try_or_compiler_error",
    "var",
    "write",
];

/// A project file before and after its templates were rendered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProjectFile<'a> {
    pub(crate) file: FileId,
    pub(crate) written: &'a Mapping,
    pub(crate) rendered: &'a Mapping,
    /// `vars:` of `vars.yml`, when there is one.
    pub(crate) vars_file: Option<&'a Mapping>,
}

/// Whether a value of the project file is rendered; hooks, vars and the query comment are not (dbt's
/// `should_render_keypath`).
pub(crate) fn is_rendered(path: &[&str]) -> bool {
    match path.first() {
        Some(&("on-run-start" | "on-run-end" | "query-comment" | "vars")) => false,
        Some(&("seeds" | "models" | "snapshots" | "tests" | "data_tests")) => {
            !path.iter().any(|key| {
                matches!(
                    key.trim_start_matches(['+', ' ']),
                    "pre-hook" | "post-hook" | "pre_hook" | "post_hook"
                )
            })
        }
        _ => true,
    }
}

/// Reads a rendered project file. Nothing is returned for a file without a usable name.
pub(crate) fn read(file: ProjectFile<'_>) -> Warned<Option<ProjectSettings>> {
    let mut reader = FieldReader::new(codes::PROJECT_FILE_INVALID);
    let mapping = file.rendered;
    reader.unknown_top_keys(mapping, KEYS, "`dbt_project.yml`");
    let value =
        read_name(&mut reader, mapping, file.file).map(|name| settings(&mut reader, file, name));
    Warned { value, diagnostics: reader.diagnostics }
}

fn read_name(reader: &mut FieldReader, mapping: &Mapping, file: FileId) -> Option<String> {
    let Some(name) = reader.spanned_text(mapping, "name") else {
        reader.missing("name", "`dbt_project.yml`", Span::whole_file(file));
        return None;
    };
    let is_word = name.chars().all(|letter| letter == '_' || letter.is_alphanumeric())
        && name.chars().next().is_some_and(|first| !first.is_numeric());
    let problem = if !is_word {
        format!("the project name `{}` may have only letters, digits and underscores", name.value)
    } else if RESERVED_NAMES.contains(&name.as_str()) {
        format!("the project name `{}` is a reserved word", name.value)
    } else {
        return Some(name.value);
    };
    reader.error(problem, name.span);
    Some(name.value)
}

fn settings(reader: &mut FieldReader, file: ProjectFile<'_>, name: String) -> ProjectSettings {
    let mapping = file.rendered;
    let mut paths = |key: &str, default: &[&str]| {
        let given = reader.listed_texts(mapping, key);
        given.unwrap_or_else(|| default.iter().map(|path| (*path).to_owned()).collect())
    };
    let renamed =
        |new: &'static str, old: &'static str| if mapping.get(new).is_some() { new } else { old };
    let model_paths = paths(renamed("model-paths", "source-paths"), &["models"]);
    let seed_paths = paths(renamed("seed-paths", "data-paths"), &["seeds"]);
    let macro_paths = paths("macro-paths", &["macros"]);
    let test_paths = paths("test-paths", &["tests"]);
    let analysis_paths = paths("analysis-paths", &["analyses"]);
    let snapshot_paths = paths("snapshot-paths", &["snapshots"]);
    let function_paths = paths("function-paths", &["functions"]);
    let asset_paths = paths("asset-paths", &[]);
    let sources = [
        &model_paths,
        &seed_paths,
        &snapshot_paths,
        &analysis_paths,
        &macro_paths,
        &test_paths,
        &function_paths,
    ];
    let all_paths: Vec<&str> = sources.into_iter().flatten().map(String::as_str).collect();
    let docs_paths = paths("docs-paths", &all_paths);
    let target_path = reader.text(mapping, "target-path").unwrap_or_else(|| "target".to_owned());
    let clean_targets =
        reader.listed_texts(mapping, "clean-targets").unwrap_or_else(|| vec![target_path.clone()]);
    deprecated_spellings(reader, mapping);
    if let Some(other) = mapping.get("config-version").filter(|version| version.to_json() != 2) {
        let message = format!("`config-version` is `{}`, and 2 is the only one", other.to_json());
        reader.error(message, other.span);
    }
    ProjectSettings {
        file: file.file,
        name,
        version: own_version(reader, mapping),
        profile: reader.spanned_text(mapping, "profile"),
        model_paths,
        macro_paths,
        seed_paths,
        test_paths,
        analysis_paths,
        docs_paths,
        snapshot_paths,
        function_paths,
        asset_paths,
        target_path,
        log_path: reader.text(mapping, "log-path").unwrap_or_else(|| "logs".to_owned()),
        packages_install_path: reader
            .text(mapping, "packages-install-path")
            .unwrap_or_else(|| "dbt_packages".to_owned()),
        clean_targets,
        quoting: reader.booleans(mapping, "quoting"),
        on_run_start: reader.spanned_texts(mapping, "on-run-start").unwrap_or_default(),
        on_run_end: reader.spanned_texts(mapping, "on-run-end").unwrap_or_default(),
        require_dbt_version: required_versions(reader, mapping),
        dispatch: dispatch(reader, mapping),
        configs: configs(reader, mapping),
        unrendered_configs: configs(
            &mut FieldReader::new(codes::PROJECT_FILE_INVALID),
            file.written,
        ),
        vars: vars(reader, mapping, file.vars_file),
        query_comment: query_comment(reader, mapping),
        is_access_restricted: reader.boolean(mapping, "restrict-access").unwrap_or(false),
        flags: reader.values(mapping, "flags"),
    }
}

fn deprecated_spellings(reader: &mut FieldReader, mapping: &Mapping) {
    for (old, new, code) in [
        ("source-paths", "model-paths", codes::DEPRECATED_SYNTAX),
        ("data-paths", "seed-paths", codes::DEPRECATED_DATA_PATHS),
    ] {
        let Some(span) = mapping.key_span(old) else { continue };
        if mapping.get(new).is_some() {
            reader.error(format!("`{old}` and `{new}` cannot both be there"), span);
        } else {
            let diagnostic = Diagnostic::warning(code, format!("`{old}` is now `{new}`"));
            reader.diagnostics.push(diagnostic.at(span).hint(format!("write `{new}`")));
        }
    }
    for (key, preset, code) in [
        ("log-path", "logs", codes::DEPRECATED_LOG_PATH),
        ("target-path", "target", codes::DEPRECATED_TARGET_PATH),
    ] {
        let (Some(span), Some(value)) = (mapping.key_span(key), mapping.get(key)) else { continue };
        if value.as_str() != Some(preset) {
            let message = format!("`{key}` of dbt_project.yml is deprecated");
            let variable = key.to_uppercase().replace('-', "_");
            let hint =
                format!("use the option `--{key}`, or the environment variable `DBT_{variable}`");
            reader.diagnostics.push(Diagnostic::warning(code, message).at(span).hint(hint));
        }
    }
    if mapping.get("tests").is_some() && mapping.get("data_tests").is_some() {
        let span = mapping.key_span("tests").unwrap_or_else(|| Span::whole_file(source::FileId(0)));
        reader.error("`tests` and `data_tests` cannot both be there", span);
    }
}

/// `version:`, which may be a number too.
fn own_version(reader: &mut FieldReader, mapping: &Mapping) -> Option<String> {
    let version = reader.scalar_text(mapping, "version")?;
    if !is_project_version(&version)
        && let Some(node) = mapping.get("version")
    {
        let message =
            format!("the version `{version}` of the project has not two or three numbers");
        let diagnostic = Diagnostic::error(reader.code, message).at(node.span);
        reader.diagnostics.push(diagnostic.hint("write it as `1.0.0`"));
    }
    Some(version)
}

/// A text, nothing, or a mapping of `comment`, `append` and `job-label`.
fn query_comment(reader: &mut FieldReader, mapping: &Mapping) -> Option<Value> {
    let node = mapping.get("query-comment")?;
    match &node.value {
        Yaml::Null | Yaml::Text(_) => {}
        Yaml::Mapping(parts) => {
            reader.refused_keys(parts, &["comment", "append", "job-label"], "`query-comment`");
            reader.refused_nulls(parts, &["comment", "job-label"]);
            reader.text(parts, "comment");
            reader.boolean(parts, "append");
            reader.boolean(parts, "job-label");
        }
        _ => reader.expected("query-comment", "a text or a mapping", node),
    }
    Some(node.to_json())
}

/// One text with commas, or a list.
fn required_versions(reader: &mut FieldReader, mapping: &Mapping) -> Vec<String> {
    let written = reader.texts(mapping, "require-dbt-version").unwrap_or_default();
    let parts = written.iter().flat_map(|text| text.split(','));
    parts.map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

fn dispatch(reader: &mut FieldReader, mapping: &Mapping) -> IndexMap<String, Vec<String>> {
    let mut orders = IndexMap::new();
    for (entry, span) in reader.mappings(mapping, "dispatch") {
        let namespace = reader.text(entry, "macro_namespace");
        let order = entry.get("search_order").and_then(Node::as_sequence).is_some();
        match namespace {
            Some(namespace) if order => {
                orders.insert(namespace, reader.texts(entry, "search_order").unwrap_or_default());
            }
            _ => reader.error(
                "an entry of `dispatch` needs `macro_namespace` and a list `search_order`",
                span,
            ),
        }
    }
    orders
}

fn configs(reader: &mut FieldReader, mapping: &Mapping) -> IndexMap<ResourceType, Node> {
    let mut trees = IndexMap::new();
    for kind in ResourceType::ALL {
        let Some(key) = kind.config_key() else { continue };
        // `tests` is the former name of `data_tests`.
        let key =
            if *kind == ResourceType::Test && mapping.get(key).is_none() { "tests" } else { key };
        let Some(node) = mapping.get(key) else { continue };
        match node.value {
            Yaml::Mapping(ref tree) => {
                keys_without_plus(reader, tree);
                trees.insert(*kind, node.clone());
            }
            Yaml::Null => {}
            _ => reader.expected(key, "a mapping", node),
        }
    }
    trees
}

/// Tells of keys of configuration that have no `+` before them, and so look like folders.
fn keys_without_plus(reader: &mut FieldReader, tree: &Mapping) {
    for (key, span, value) in tree.iter() {
        if key.starts_with('+') {
            continue;
        }
        match &value.value {
            Yaml::Mapping(inner) if !is_config_key(key) => keys_without_plus(reader, inner),
            Yaml::Mapping(_) => {}
            _ if is_config_key(key) => {
                let message = format!("`{key}` has no `+` before it");
                let warning = Diagnostic::warning(codes::DEPRECATED_PLUS_MISSING, message);
                reader.diagnostics.push(warning.at(span).hint(format!("write `+{key}`")));
            }
            _ => {}
        }
    }
}

/// The variables of the project file or of `vars.yml`; dbt takes one of them alone.
fn vars(
    reader: &mut FieldReader,
    mapping: &Mapping,
    vars_file: Option<&Mapping>,
) -> IndexMap<String, Value> {
    let own = reader.mapping(mapping, "vars").filter(|vars| !vars.is_empty());
    match (own, vars_file.filter(|vars| !vars.is_empty())) {
        (Some(own), Some(_)) => {
            let span =
                mapping.key_span("vars").unwrap_or_else(|| Span::whole_file(source::FileId(0)));
            reader.error("variables stand in both `vars.yml` and `dbt_project.yml`", span);
            to_variables(own)
        }
        (own, file) => own.or(file).map(to_variables).unwrap_or_default(),
    }
}

/// The profile's name as written, which may be a template.
pub(crate) fn written_profile(mapping: &Mapping) -> Option<Spanned<String>> {
    mapping.get("profile").and_then(Node::as_spanned)
}
