//! `builtins.ref.config`: dbt's functions carry the configuration of the run, and packages read it there.

use minijinja::value::Value;

use super::plain::{dictionary, list, text_or_none};
use super::render_scope::RenderScope;
use crate::python::from_json;

/// The parts of dbt's `RuntimeConfig` that packages are known to read.
pub(super) fn runtime_config(scope: &RenderScope) -> Value {
    let project = &scope.shared.project;
    let root = &project.root().settings;
    let credentials = &scope.shared.credentials;
    let dependencies = project.packages.iter().map(|package| {
        let settings = &package.settings;
        let facts = dictionary([
            ("project_name", Value::from(settings.name.as_str())),
            ("version", text_or_none(settings.version.as_deref())),
            ("project_root", Value::from(package.root.to_string_lossy().into_owned())),
            ("vars", variables(&settings.vars)),
        ]);
        (settings.name.as_str(), facts)
    });
    let target_fact = |name: &str| scope.shared.target.get_attr(name).unwrap_or_default();
    dictionary([
        ("project_name", Value::from(root.name.as_str())),
        ("version", text_or_none(root.version.as_deref())),
        ("project_root", Value::from(project.root().root.to_string_lossy().into_owned())),
        ("model_paths", list(root.model_paths.iter().map(|path| Value::from(path.as_str())))),
        ("target_path", Value::from(root.target_path.as_str())),
        ("packages_install_path", Value::from(root.packages_install_path.as_str())),
        ("profile_name", target_fact("profile_name")),
        ("target_name", target_fact("name")),
        ("threads", target_fact("threads")),
        (
            "credentials",
            dictionary([
                ("type", target_fact("type")),
                ("database", text_or_none(credentials.database.as_deref())),
                ("schema", Value::from(credentials.schema.as_str())),
            ]),
        ),
        ("dependencies", dictionary(dependencies)),
        ("vars", variables(&root.vars)),
        ("cli_vars", variables(&project.environment.vars)),
        ("args", variables(&scope.shared.invocation.arguments)),
    ])
}

fn variables(entries: &indexmap::IndexMap<String, serde_json::Value>) -> Value {
    dictionary(entries.iter().map(|(name, value)| (name.as_str(), from_json(value))))
}
