//! `builtins.ref.config`: dbt's functions carry the configuration of the run, and packages read it there.

use std::sync::Arc;

use indexmap::IndexMap;
use minijinja::value::{Object, ObjectRepr, Value};
use minijinja::{Error, State};

use super::plain::{dictionary, list, text_or_none};
use super::render_scope::RenderScope;
use crate::python::error::no_attribute;
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
            ("vars", VariableProvider::of(&settings.vars)),
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
        ("vars", VariableProvider::of(&root.vars)),
        ("cli_vars", variables(&project.environment.vars)),
        ("args", variables(&scope.shared.invocation.arguments)),
    ])
}

/// The variables of a project; mirrors dbt's `VarProvider`, which gives them as `vars` and as `to_dict()`.
#[derive(Debug)]
struct VariableProvider(Value);

impl VariableProvider {
    fn of(entries: &IndexMap<String, serde_json::Value>) -> Value {
        Value::from_object(Self(variables(entries)))
    }
}

impl Object for VariableProvider {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        (key.as_str() == Some("vars")).then(|| self.0.clone())
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        name: &str,
        arguments: &[Value],
    ) -> Result<Value, Error> {
        if name == "to_dict" && arguments.is_empty() {
            return Ok(self.0.clone());
        }
        Err(no_attribute(&Value::from_dyn_object(Arc::clone(self)), name))
    }
}

fn variables(entries: &IndexMap<String, serde_json::Value>) -> Value {
    dictionary(entries.iter().map(|(name, value)| (name.as_str(), from_json(value))))
}
