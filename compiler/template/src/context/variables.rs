//! `var` and `env_var`.

use minijinja::Error;
use minijinja::value::Value;
use source::yaml::marked::unmarked;
use source::{Diagnostic, codes};

use super::function::Call;
use super::plain::{none, text_of};
use super::render_scope::{RenderScope, lock};
use super::rendering::rendered;
use crate::python::from_json;
use crate::scope::Overrides;

/// The prefix of variables that only profiles and package lists may read.
pub(crate) const SECRET_PREFIX: &str = "DBT_ENV_SECRET";

/// The value of a variable for the render's package.
pub(crate) fn find(scope: &RenderScope, name: &str) -> Option<Value> {
    value_of(scope, name).map(|json| from_json(&json))
}

/// A variable of the project, as it was written. The one that carries the session time is that of the session where
/// nobody sets it, and where the session is another than the project's, as in a backfill.
fn value_of(scope: &RenderScope, name: &str) -> Option<serde_json::Value> {
    let project = &scope.shared.project;
    let written = project.variable(&scope.package, name);
    let session = super::session::session_of(scope)
        .filter(|_| name == project.quern.session.variable)
        .filter(|session| written.is_none() || project.session.as_ref() != Some(session));
    match session {
        Some(session) => Some(session.time().to_string().into()),
        None => written.cloned(),
    }
}

/// What a unit test puts in a variable's place.
fn overridden<'a>(
    scope: &'a RenderScope,
    find: impl FnOnce(&'a Overrides) -> Option<&'a serde_json::Value>,
) -> Option<&'a serde_json::Value> {
    scope.run()?.node.overrides().and_then(find)
}

/// `var(name, default)`: the project's variable, or the default; without both, an error.
pub(crate) fn var(mut call: Call<'_, '_, '_, '_>) -> Result<Value, Error> {
    let name = text_of(&call.arguments.required("var_name")?);
    let default = call.arguments.take("default");
    call.arguments.finish()?;
    let found = overridden(call.scope, |overrides| overrides.variables.get(&name)).cloned();
    if let Some(json) = found.or_else(|| value_of(call.scope, &name)) {
        let value = match &json {
            // Variables are not rendered when the project file is read, but where they are asked for.
            serde_json::Value::String(text) if unmarked(text).is_none() => {
                rendered(call.scope, text)?
            }
            other => from_json(other),
        };
        lock(&call.scope.capture).vars.insert(name, json);
        return Ok(value);
    }
    lock(&call.scope.capture).vars.insert(name.clone(), serde_json::Value::Null);
    match default {
        Some(value) => Ok(value),
        // dbt's parse-time `var` gives none for what is missing: only running needs it.
        None if !call.scope.is_executing() => Ok(none()),
        None => {
            let project = &call.scope.shared.project;
            let known = project.environment.vars.keys().chain(project.root().settings.vars.keys());
            let hint = source::suggest::did_you_mean(&name, known.map(String::as_str));
            let fallback = if name == project.quern.session.variable {
                "it carries the session time: pass `--session-time 2023-12-01T00:00:00+09:00`"
                    .to_owned()
            } else {
                format!(
                    "pass `--vars '{{{name}: …}}'`, set it under `vars:`, or give `var` a default"
                )
            };
            Err(call.scope.fail(
                Diagnostic::error(
                    codes::VAR_MISSING,
                    format!("required variable `{name}` is not set"),
                )
                .hint(hint.unwrap_or(fallback)),
            ))
        }
    }
}

/// `env_var(name, default)`: an environment variable as text, or the default; without both, an error.
pub(crate) fn env_var(mut call: Call<'_, '_, '_, '_>) -> Result<Value, Error> {
    let name = text_of(&call.arguments.required("var")?);
    let default = call.arguments.take("default").filter(|value| !value.is_none());
    call.arguments.finish()?;
    if name.starts_with(SECRET_PREFIX) {
        return Err(call.scope.fail(
            Diagnostic::error(
                codes::TEMPLATE_RENDER,
                format!("secret environment variable `{name}` may only be used in profiles.yml or packages.yml"),
            )
            .hint("secrets never reach SQL, logs or artifacts"),
        ));
    }
    if let Some(value) = overridden(call.scope, |overrides| overrides.environment.get(&name)) {
        return Ok(Value::from(text_of(&from_json(value))));
    }
    lock(&call.scope.capture).environment.insert(name.clone());
    match (call.scope.shared.project.environment.variables.get(&name), default) {
        (Some(value), _) => Ok(Value::from(value.as_str())),
        (None, Some(default)) => Ok(default),
        (None, None) => Err(call.scope.fail(missing_environment_variable(&name))),
    }
}

/// The diagnostic for an environment variable that is needed and not set.
pub(crate) fn missing_environment_variable(name: &str) -> Diagnostic {
    Diagnostic::error(
        codes::ENV_VAR_MISSING,
        format!("environment variable `{name}` is required but not set"),
    )
    .hint(format!("set `{name}`, or give a default: `env_var('{name}', '…')`"))
}
