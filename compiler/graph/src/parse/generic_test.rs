//! A generic test as written in a property file, and what dbt makes of it.
//!
//! As dbt's `TestBuilder`: the definition is split into arguments of the test's macro, configuration, name and
//! description; from these come the names and the template.

use indexmap::IndexMap;
use project::renderer::is_template;
use project::{ConfigOptions, ProjectSettings, RenderFailure, TextRenderer, TextScope};
use serde_json::{Map, Value};
use source::codes::{
    DEPRECATED_CONFIG_KEY, DEPRECATED_SQL_HEADER, DEPRECATED_TEST_ARGUMENTS,
    DEPRECATED_TEST_ARGUMENTS_KEY, TEST_INVALID,
};
use source::yaml::{Node as Yaml, marked};
use source::{Diagnostic, Span, python_text};
use template::GenericTestCall;

use super::Place;
use super::generic_test_name as naming;
use crate::node::GenericTest;
use crate::parsed_node::TestTarget;
use crate::version;

/// The keys of a definition that are configuration, whether they stand below `config` or not.
const CONFIG_KEYS: [&str; 15] = [
    "severity",
    "tags",
    "enabled",
    "where",
    "limit",
    "warn_if",
    "error_if",
    "fail_calc",
    "store_failures",
    "store_failures_as",
    "sql_header",
    "meta",
    "database",
    "schema",
    "alias",
];

type Failure = Box<Diagnostic>;

/// A definition, understood.
#[derive(Debug, Clone)]
pub struct BuiltTest {
    /// The test and its arguments.
    pub generic: GenericTest,
    /// The configuration.
    pub config: ConfigOptions,
    /// The name for files and tables.
    pub short_name: String,
    /// The name for the unique id.
    pub full_name: String,
    /// The description, not rendered.
    pub description: String,
    /// What dbt deprecates in it.
    pub deprecations: Vec<Diagnostic>,
}

/// The call that a generic test's template makes; texts that look like a call of `ref` and its kin become templates.
///
/// As dbt's `add_rendered_test_kwargs`.
pub fn test_call(test: &GenericTest) -> GenericTestCall {
    let arguments = test.arguments.iter().map(|(name, value)| {
        let value = if name == "column_name" { value.clone() } else { with_calls(value) };
        (name.clone(), value)
    });
    GenericTestCall { arguments: arguments.collect() }
}

fn with_calls(value: &Value) -> Value {
    match value {
        Value::String(text) if looks_like_call(text) => Value::String(format!("{{{{ {text} }}}}")),
        Value::Array(items) => items.iter().map(with_calls).collect(),
        Value::Object(entries) => Value::Object(
            entries.iter().map(|(key, value)| (key.clone(), with_calls(value))).collect(),
        ),
        other => other.clone(),
    }
}

/// Whether dbt takes a text for a call of a function, though it has no braces.
pub(super) fn looks_like_call(text: &str) -> bool {
    let text = text.trim();
    text.ends_with(')')
        && ["env_var", "ref", "var", "source", "doc"].iter().any(|function| {
            let arguments = text.strip_prefix(function).map(str::trim_start);
            arguments.is_some_and(|arguments| arguments.starts_with('(') && arguments.len() > 2)
        })
}

/// Understands a definition.
pub fn build(
    place: Place<'_>,
    renderer: &dyn TextRenderer,
    definition: &Yaml,
    target: &TestTarget,
    column_name: Option<String>,
) -> Result<BuiltTest, Failure> {
    let (written_name, mut arguments) = split(definition)?;
    if let Some(column_name) = column_name {
        arguments.insert("column_name".to_owned(), Value::String(column_name));
    }
    let settings = &place.project.root().settings;
    let deprecations = take_arguments(&mut arguments, settings, &written_name, definition.span);
    if arguments.contains_key("model") {
        return Err(invalid(definition.span, "a test may not have an argument named `model`"));
    }
    arguments.insert("model".to_owned(), Value::String(model_argument(target)));
    let Some((namespace, name)) = split_name(&written_name) else {
        return Err(invalid(
            definition.span,
            &format!("`{written_name}` is not the name of a test"),
        ));
    };
    let mut config = configuration(&mut arguments, definition.span)?;
    render_config(place, renderer, &mut config, definition.span)?;
    if config.get("tags").is_some_and(|tags| !are_tags(tags)) {
        return Err(invalid(definition.span, "`tags` of a test must be a text or a list of texts"));
    }
    let has_header = config.get("sql_header").is_some_and(|header| !header.is_null());
    let mut deprecations = deprecations;
    let takes_header = settings.behaves("require_sql_header_in_test_configs");
    if has_header && takes_header && !config["sql_header"].is_string() {
        return Err(invalid(definition.span, "`sql_header` of a test must be a text"));
    }
    if has_header && !takes_header {
        let message = format!("the test `{written_name}` has the config `sql_header`");
        let diagnostic = Diagnostic::warning(DEPRECATED_SQL_HEADER, message).at(definition.span);
        deprecations.push(
            diagnostic.hint("set the flag `require_sql_header_in_test_configs` in dbt_project.yml"),
        );
    }
    let mut take_text =
        |key: &str| arguments.shift_remove(key).map(|value| python_text::text(&value));
    let description = take_text("description").unwrap_or_default();
    let custom_name = take_text("name");
    let (short_name, full_name) = if let Some(name) = custom_name {
        (name.clone(), name)
    } else {
        let prefix = match target {
            TestTarget::Source { .. } => "source_",
            TestTarget::Resource { .. } => "",
        };
        let namespace =
            namespace.as_ref().map(|namespace| format!("{namespace}_")).unwrap_or_default();
        let test = format!("{namespace}{prefix}{name}");
        let (short, full) = naming::names(&test, &target_name(target), &arguments);
        if short != full && !config.contains_key("alias") {
            config.insert("alias".to_owned(), Value::String(short.clone()));
        }
        (short, full)
    };
    arguments.shrink_to_fit();
    let generic = GenericTest { name, namespace, arguments };
    Ok(BuiltTest { generic, config, short_name, full_name, description, deprecations })
}

impl BuiltTest {
    /// The call of the test's macro.
    pub fn call_code(&self) -> String {
        let namespace = self
            .generic
            .namespace
            .as_ref()
            .map(|namespace| format!("{namespace}."))
            .unwrap_or_default();
        format!("{{{{ {namespace}test_{}(**_dbt_generic_test_kwargs) }}}}", self.generic.name)
    }

    /// The template as dbt's manifest has it: the call, and the configuration as Python would print it.
    pub fn raw_code(&self) -> String {
        let settings = self.config.iter().map(|(key, value)| match value {
            Value::String(text) => format!("{key}=\"{}\"", text.replace('"', "\\\"")),
            other => format!("{key}={}", python_text::repr(other)),
        });
        let settings: Vec<_> = settings.collect();
        let call = self.call_code();
        if settings.is_empty() {
            call
        } else {
            format!("{call}{{{{ config({}) }}}}", settings.join(","))
        }
    }

    /// The configuration as dbt reads it out of that template.
    pub fn written_config(&self) -> ConfigOptions {
        let entries = self.config.iter();
        entries.map(|(key, value)| (key.clone(), Value::String(python_text::text(value)))).collect()
    }

    /// The ten letters at the end of the unique id.
    pub fn hash(&self) -> String {
        let generic = &self.generic;
        naming::hash(
            &self.full_name,
            generic.namespace.as_deref(),
            &generic.name,
            &generic.arguments,
        )
    }

    /// The tags of the configuration.
    pub fn tags(&self) -> Vec<String> {
        match self.config.get("tags") {
            Some(Value::String(tag)) => vec![tag.clone()],
            Some(Value::Array(tags)) => {
                tags.iter().filter_map(|tag| tag.as_str().map(str::to_owned)).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// The test's name and everything else that was written.
fn split(definition: &Yaml) -> Result<(String, IndexMap<String, Value>), Failure> {
    if let Some(name) = definition.as_str() {
        return Ok((name.to_owned(), IndexMap::new()));
    }
    let Some(mapping) = definition.as_mapping() else {
        let message = format!("a test is a name or a mapping, not {}", definition.kind());
        return Err(invalid(definition.span, &message));
    };
    let json = |mapping: &source::yaml::Mapping| -> IndexMap<String, Value> {
        marked::entries(mapping).collect()
    };
    if let Some(name) = mapping.get("test_name") {
        let Some(name) = name.as_str() else {
            return Err(invalid(name.span, "`test_name` should be a text"));
        };
        let mut arguments = json(mapping);
        arguments.shift_remove("test_name");
        return Ok((name.to_owned(), arguments));
    }
    let mut entries = mapping.iter();
    let (Some((name, _, value)), None) = (entries.next(), entries.next()) else {
        let message = format!("a test is a mapping of one name, not of {}", mapping.len());
        return Err(Box::new(
            invalid(definition.span, &message).hint("indent the test's arguments below its name"),
        ));
    };
    let Some(arguments) = value.as_mapping() else {
        let message = format!("the arguments of a test are a mapping, not {}", value.kind());
        let failure = invalid(value.span, &message).hint("leave out the colon when there are none");
        return Err(Box::new(failure));
    };
    Ok((name.to_owned(), json(arguments)))
}

/// Takes `arguments` for what it says, unless a flag of the project takes it for an argument of that name.
fn take_arguments(
    arguments: &mut IndexMap<String, Value>,
    settings: &ProjectSettings,
    test: &str,
    span: Span,
) -> Vec<Diagnostic> {
    let told =
        |code, message: String, hint: &str| Diagnostic::warning(code, message).at(span).hint(hint);
    if !settings.behaves("require_generic_test_arguments_property") {
        let has_own = arguments.contains_key("arguments");
        return has_own
            .then(|| {
                let message =
                    format!("`arguments` of the test `{test}` is an argument of that name");
                let hint = "set the flag `require_generic_test_arguments_property` to true";
                told(DEPRECATED_TEST_ARGUMENTS_KEY, message, hint)
            })
            .into_iter()
            .collect();
    }
    let own = arguments.shift_remove("arguments");
    let mut found: Vec<Diagnostic> = arguments
        .keys()
        .filter(|key| CONFIG_KEYS.contains(&key.as_str()))
        .map(|key| {
            let message = format!("`{key}` of the test `{test}` stands beside `config`");
            told(DEPRECATED_CONFIG_KEY, message, "move it into `config:`")
        })
        .collect();
    let is_known = |key: &str| {
        matches!(key, "config" | "column_name" | "description" | "name")
            || CONFIG_KEYS.contains(&key)
    };
    let is_given = own.as_ref().is_some_and(python_truth);
    if !is_given && arguments.keys().any(|key| !is_known(key)) {
        let message = format!("the arguments of the test `{test}` stand outside of `arguments`");
        found.push(told(DEPRECATED_TEST_ARGUMENTS, message, "move them below `arguments:`"));
    }
    if let Some(Value::Object(own)) = own {
        arguments.extend(own);
    }
    found
}

/// The package and the name that a test's name begins with: as in dbt, what follows them is nothing.
fn split_name(written: &str) -> Option<(Option<String>, String)> {
    let (first, rest) = leading_name(written)?;
    let second = rest.strip_prefix('.').and_then(leading_name);
    Some(match second {
        Some((name, _)) => (Some(first.to_owned()), name.to_owned()),
        None => (None, first.to_owned()),
    })
}

fn leading_name(text: &str) -> Option<(&str, &str)> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let end = text.find(|letter| !is_part(letter)).unwrap_or(text.len());
    let is_name = end > 0 && !text.starts_with(|letter: char| letter.is_ascii_digit());
    is_name.then(|| text.split_at(end))
}

/// Takes the configuration out of the arguments: known keys first, in dbt's order, then the rest of `config`.
fn configuration(
    arguments: &mut IndexMap<String, Value>,
    span: Span,
) -> Result<ConfigOptions, Failure> {
    let mut nested = match arguments.shift_remove("config") {
        None => Map::new(),
        Some(Value::Object(config)) => config,
        Some(_) => return Err(invalid(span, "the `config` of a test should be a mapping")),
    };
    let mut config = ConfigOptions::new();
    for key in CONFIG_KEYS {
        let mut value = arguments.shift_remove(key).filter(python_truth);
        if value.is_some() && nested.contains_key(key) {
            return Err(invalid(span, &format!("`{key}` stands both beside `config` and in it")));
        }
        value = value.or_else(|| nested.shift_remove(key));
        if let Some(value) = value.filter(|value| !value.is_null()) {
            config.insert(key.to_owned(), value);
        }
    }
    config.extend(nested.into_iter().filter(|(_, value)| !value.is_null()));
    config.values_mut().for_each(marked::without_marks);
    Ok(config)
}

/// Whether Python takes a value for true; dbt looks into `config` for what is not.
fn python_truth(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(truth) => *truth,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(entries) => !entries.is_empty(),
    }
}

fn render_config(
    place: Place<'_>,
    renderer: &dyn TextRenderer,
    config: &mut ConfigOptions,
    span: Span,
) -> Result<(), Failure> {
    let mut vars = None;
    for value in config.values_mut() {
        let Value::String(text) = value else { continue };
        if !is_template(text) {
            // dbt renders these too, and Jinja takes the last line break away.
            if text.ends_with('\n') {
                text.pop();
            }
            continue;
        }
        let scope = TextScope {
            environment: &place.project.environment,
            vars: vars.get_or_insert_with(|| place.project.visible_vars(place.package)),
            target: Some(place.target),
            allows_secrets: false,
            project_name: Some(&place.project.root().settings.name),
        };
        let failed = |failure: RenderFailure| {
            let diagnostic = Diagnostic::error(failure.code, failure.message).at(span);
            Box::new(diagnostic.hint_optional(failure.hint))
        };
        let shown = renderer.render(text, &scope).map_err(failed)?;
        // A lone expression keeps its type, as in dbt's native rendering, unless it gives a text.
        *value = match lone_expression(text) {
            Some(expression) => {
                match renderer.render(&format!("{{{{ ({expression}) | as_native }}}}"), &scope) {
                    Ok(native) if !native.is_string() => native,
                    _ => shown,
                }
            }
            None => shown,
        };
    }
    Ok(())
}

fn lone_expression(text: &str) -> Option<&str> {
    let inner = text.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    (!inner.contains("{{") && !inner.contains("}}")).then_some(inner.trim_matches('-').trim())
}

fn model_argument(target: &TestTarget) -> String {
    let reference = match target {
        TestTarget::Resource { name, version: Some(version) } => {
            format!("ref('{name}', version='{}')", version::text(version))
        }
        TestTarget::Resource { name, version: None } => format!("ref('{name}')"),
        TestTarget::Source { source, table } => format!("source('{source}', '{table}')"),
    };
    format!("{{{{ get_where_subquery({reference}) }}}}")
}

fn target_name(target: &TestTarget) -> String {
    match target {
        TestTarget::Resource { name, version: Some(version) } => {
            format!("{name}_v{}", version::text(version))
        }
        TestTarget::Resource { name, version: None } => name.clone(),
        TestTarget::Source { source, table } => format!("{source}_{table}"),
    }
}

/// Unlike with other nodes, dbt takes no other values for tags of tests.
fn are_tags(value: &Value) -> bool {
    match value {
        Value::Array(tags) => tags.iter().all(Value::is_string),
        other => other.is_string() || other.is_null(),
    }
}

fn invalid(span: Span, message: &str) -> Failure {
    Box::new(Diagnostic::error(TEST_INVALID, message).at(span))
}
