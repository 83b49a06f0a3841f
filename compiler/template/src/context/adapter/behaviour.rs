//! `adapter.behavior`: the behaviour flags of the adapter, each true or false, with `no_warn`.

use std::sync::Arc;

use minijinja::value::{Object, ObjectRepr, Value};
use source::{Diagnostic, codes};

use super::super::render_scope::RenderScope;

/// The flags that every adapter of dbt has; they are off where the project does not say.
const COMMON: [(&str, bool); 2] = [
    ("require_batched_execution_for_custom_microbatch_strategy", false),
    ("enable_truthy_nulls_equals_macro", false),
];

/// `adapter.behavior`.
pub(super) fn behavior(scope: &Arc<RenderScope>) -> Value {
    Value::from_object(Behavior(scope.clone()))
}

/// Whether a behaviour flag of the adapter is on; none for flags that it does not have.
pub(super) fn is_on(scope: &RenderScope, name: &str) -> Option<bool> {
    let own = scope.shared.dialect.capabilities().behaviour_flags;
    let (_, preset) = COMMON.iter().chain(own).find(|(known, _)| *known == name)?;
    let said = scope.shared.project.root().settings.flags.get(name);
    Some(said.and_then(serde_json::Value::as_bool).unwrap_or(*preset))
}

#[derive(Debug)]
struct Behavior(Arc<RenderScope>);

impl Object for Behavior {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.as_str()?;
        let Some(is_on) = is_on(&self.0, name) else {
            let message = format!("The flag {name} has not been registered.");
            return Some(Value::from(crate::python::error::failure(message)));
        };
        let flag = BehaviorFlag { name: name.to_owned(), is_on, scope: self.0.clone() };
        Some(Value::from_object(flag))
    }
}

/// A flag, which tells once that it is off when it is asked by its truth or its `setting`; dbt's
/// `BehaviorFlagRendered`.
#[derive(Debug)]
struct BehaviorFlag {
    name: String,
    is_on: bool,
    scope: Arc<RenderScope>,
}

impl BehaviorFlag {
    fn setting(&self) -> bool {
        let shared = &self.scope.shared;
        let is_told = self.is_on || !self.scope.is_executing();
        if !is_told && shared.note_once(&self.name) {
            let message =
                format!("the behaviour that the flag `{}` controls is turned off", self.name);
            let hint = "set it below `flags` in dbt_project.yml, to true or to false";
            let warning = Diagnostic::warning(codes::BEHAVIOUR_OFF, message).hint(hint);
            // A question cannot fail; where such warnings are errors, this one is said all the same.
            if let Err(diagnostic) = shared.listener.warn(warning) {
                shared.listener.log(&diagnostic.message, true, self.scope.unique_id());
            }
        }
        self.is_on
    }
}

impl Object for BehaviorFlag {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "no_warn" => Some(Value::from(self.is_on)),
            "setting" => Some(Value::from(self.setting())),
            "name" => Some(Value::from(self.name.as_str())),
            _ => None,
        }
    }

    fn is_true(self: &Arc<Self>) -> bool {
        self.setting()
    }

    fn render(self: &Arc<Self>, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(if self.is_on { "True" } else { "False" })
    }
}
