//! Templates inside YAML: `dbt_project.yml`, `profiles.yml`, `packages.yml` and property files.

use std::sync::Arc;

use minijinja::value::{Rest, Value as TemplateValue};
use minijinja::{Environment, Error};
use project::{RenderFailure, TextRenderer, TextScope};
use serde_json::Value;
use source::codes;

use crate::context::plain::{dictionary, text_of};
use crate::context::variables::{SECRET_PREFIX, missing_environment_variable};
use crate::engine::{Invocation, flags_value};
use crate::language::{
    ContextScope, MacroLibrary, RenderErrorKind, new_environment, render_native, root_context,
};
use crate::python::arguments::Arguments;
use crate::python::error::failure;
use crate::python::{from_json, to_json};
use crate::scope::TemplateListener;

/// Renders templates inside YAML; there are no macros there.
pub struct YamlRenderer {
    environment: Environment<'static>,
    library: Arc<MacroLibrary>,
    missing_variables: MissingVariables,
    /// What is the same in all texts of an invocation.
    told: Names,
}

/// What `var` does with a name that is not set and has no default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MissingVariables {
    AreErrors,
    AreNone,
}

type Names = indexmap::IndexMap<&'static str, TemplateValue>;

impl YamlRenderer {
    /// A renderer for any number of files, which knows nothing of an invocation.
    pub fn new() -> Self {
        let library = Arc::new(MacroLibrary::new([], "", &[]));
        let told = Names::default();
        let environment = new_environment(library.clone());
        Self { environment, library, missing_variables: MissingVariables::AreErrors, told }
    }

    /// The renderer to which variables that are not set are none: packages are installed before anybody says them
    /// (dbt: `require_vars` is off for `deps`).
    #[must_use]
    pub fn without_required_variables(self) -> Self {
        Self { missing_variables: MissingVariables::AreNone, ..self }
    }

    /// A renderer for the files of an invocation: as in dbt they see its flags, its id, when it started, and `modules`.
    pub fn of(invocation: &Invocation, listener: &Arc<dyn TemplateListener>) -> Self {
        let started = jiff::Timestamp::from_microsecond(invocation.started_at_microseconds);
        let started = started.unwrap_or_default();
        let listener = listener.clone();
        let log = move |arguments: Rest<TemplateValue>| -> Result<&'static str, Error> {
            let mut arguments = Arguments::new("log", &arguments);
            let message = text_of(&arguments.required("msg")?);
            listener.log(&message, arguments.take_flag("info"), None);
            Ok("")
        };
        let told = [
            ("flags", flags_value(&invocation.flags)),
            ("invocation_id", TemplateValue::from(invocation.id.as_str())),
            ("thread_id", TemplateValue::from("MainThread")),
            ("modules", crate::python::modules(started)),
            ("run_started_at", crate::python::datetime_utc(started)),
            ("log", TemplateValue::from_function(log)),
        ];
        Self { told: told.into_iter().collect(), ..Self::new() }
    }
}

impl Default for YamlRenderer {
    fn default() -> Self {
        Self::new()
    }
}

/// The names that YAML has: found at the start of a render, since there are few.
struct YamlScope {
    names: Names,
}

impl ContextScope for YamlScope {
    fn lookup_builtin(&self, name: &str) -> Option<TemplateValue> {
        self.names.get(name).cloned()
    }

    fn current_package(&self) -> &'static str {
        ""
    }
}

impl TextRenderer for YamlRenderer {
    fn render(&self, text: &str, scope: &TextScope<'_>) -> Result<Value, RenderFailure> {
        let failed: Arc<std::sync::Mutex<Option<RenderFailure>>> = Arc::default();
        let names = YamlScope { names: names_of(self, scope, &failed) };
        let globals = root_context(self.library.clone(), Arc::new(names));
        let rendered = render_native(&self.environment, &self.library, "<yaml>", text, &globals);
        match rendered {
            // As in dbt a text that is one expression becomes its value, whatever the type.
            Ok(value) => to_json(&value).map_err(|error| plain_failure(error.to_string())),
            Err(error) => {
                let kept = failed.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
                Err(kept.unwrap_or_else(|| RenderFailure {
                    code: match error.kind {
                        RenderErrorKind::Syntax => codes::TEMPLATE_SYNTAX,
                        RenderErrorKind::Undefined => codes::TEMPLATE_UNDEFINED,
                        _ => codes::TEMPLATE_RENDER,
                    },
                    message: error.message.clone(),
                    hint: None,
                    offset: error.frames.last().map(|frame| frame.range.start),
                }))
            }
        }
    }
}

fn plain_failure(message: String) -> RenderFailure {
    RenderFailure { code: codes::TEMPLATE_RENDER, message, hint: None, offset: None }
}

type Failed = Arc<std::sync::Mutex<Option<RenderFailure>>>;

fn names_of(renderer: &YamlRenderer, scope: &TextScope<'_>, failed: &Failed) -> Names {
    let mut names = renderer.told.clone();
    let missing_variables = renderer.missing_variables;
    // A run that is for some time started then.
    let said = scope.environment.session_time.as_deref();
    if let Some(time) = said.and_then(|text| text.parse::<jiff::Timestamp>().ok())
        && let Some(started) = names.get_mut("run_started_at")
    {
        *started = crate::python::datetime_utc(time);
    }
    let variables = scope.environment.variables.clone();
    let (allows_secrets, keep) = (scope.allows_secrets, failed.clone());
    let env_var = move |arguments: Rest<TemplateValue>| -> Result<TemplateValue, Error> {
        let mut arguments = Arguments::new("env_var", &arguments);
        let name = arguments.required_text("var")?;
        let default = arguments.take("default").filter(|value| !value.is_none());
        if name.starts_with(SECRET_PREFIX) && !allows_secrets {
            return Err(failure(format!(
                "secret environment variable `{name}` may only be used in profiles.yml or packages.yml"
            )));
        }
        match (variables.get(&name), default) {
            (Some(value), _) => Ok(TemplateValue::from(value.as_str())),
            (None, Some(default)) => Ok(default),
            (None, None) => {
                let diagnostic = missing_environment_variable(&name);
                let message = diagnostic.message.clone();
                *keep.lock().unwrap_or_else(std::sync::PoisonError::into_inner) =
                    Some(RenderFailure {
                        code: diagnostic.code,
                        message: diagnostic.message,
                        hint: diagnostic.hint,
                        offset: None,
                    });
                Err(failure(message))
            }
        }
    };
    names.insert("env_var", TemplateValue::from_function(env_var));
    let mut vars = scope.vars.clone();
    vars.extend(scope.environment.vars.clone());
    let keep = failed.clone();
    let var = move |arguments: Rest<TemplateValue>| -> Result<TemplateValue, Error> {
        let mut arguments = Arguments::new("var", &arguments);
        let name = arguments.required_text("var_name")?;
        let default = arguments.take("default");
        match (vars.get(&name), default) {
            (Some(value), _) => Ok(from_json(value)),
            (None, Some(default)) => Ok(default),
            (None, None) if missing_variables == MissingVariables::AreNone => {
                Ok(TemplateValue::from(()))
            }
            (None, None) => {
                let message = format!("required variable `{name}` is not set");
                *keep.lock().unwrap_or_else(std::sync::PoisonError::into_inner) =
                    Some(RenderFailure {
                        code: codes::VAR_MISSING,
                        message: message.clone(),
                        hint: Some(format!(
                            "pass `--vars '{{{name}: …}}'`, or give `var` a default"
                        )),
                        offset: None,
                    });
                Err(failure(message))
            }
        }
    };
    names.insert("var", TemplateValue::from_function(var));
    if let Some(target) = scope.target {
        names.insert("target", from_json(target));
    }
    if let Some(name) = scope.project_name {
        names.insert("project_name", TemplateValue::from(name));
    }
    names.insert("dbt_version", TemplateValue::from(scope.environment.dbt_version.as_str()));
    let all = dictionary(names.iter().map(|(name, value)| (*name, value.clone())));
    names.insert("context", all.clone());
    names.insert("builtins", all);
    names
}
