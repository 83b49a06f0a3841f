//! `exceptions`: how macros stop a render, or warn.

use std::sync::Arc;

use minijinja::value::{Object, ObjectRepr, Value};
use minijinja::{Error, ErrorKind, State};
use source::{Code, Diagnostic, codes};

use super::plain::text_of;
use super::render_scope::{Phase, RenderScope};
use crate::python::arguments::Arguments;
use crate::python::list::PyList;

mod doubles;

/// The names that dbt's `exceptions` has and those of quern's own macros, with the code of what they raise.
const RAISERS: &[(&str, Code)] = &[
    ("missing_config", codes::CONFIG_INVALID),
    ("missing_materialization", codes::MATERIALIZATION_NOT_FOUND),
    ("missing_relation", codes::COMPILER_ERROR_RAISED),
    ("raise_ambiguous_alias", codes::DUPLICATE_RELATION),
    ("raise_ambiguous_catalog_match", codes::COMPILER_ERROR_RAISED),
    ("raise_cache_inconsistent", codes::CACHE_INCONSISTENT),
    ("raise_dataclass_not_dict", codes::COMPILER_ERROR_RAISED),
    ("raise_compiler_error", codes::COMPILER_ERROR_RAISED),
    ("raise_database_error", codes::WAREHOUSE_SQL),
    ("raise_dep_not_found", codes::COMPILER_ERROR_RAISED),
    ("raise_dependency_error", codes::PACKAGES_NOT_INSTALLED),
    ("raise_duplicate_patch_name", codes::DUPLICATE_PROPERTIES),
    ("raise_duplicate_resource_name", codes::DUPLICATE_NAME),
    ("raise_invalid_property_yml_version", codes::PROPERTY_FILE_INVALID),
    ("raise_not_implemented", codes::NOT_SUPPORTED),
    ("relation_wrong_type", codes::COMPILER_ERROR_RAISED),
    ("raise_contract_error", codes::CONTRACT_BROKEN),
    ("column_type_missing", codes::CONTRACT_BROKEN),
    ("raise_fail_fast_error", codes::FAIL_FAST),
    ("raise_outside_window", codes::ROWS_OUTSIDE_WINDOW),
    ("raise_time_column_unknown", codes::TIME_COLUMN_UNKNOWN),
    ("raise_window_invalid", codes::WINDOW_INVALID),
];

/// The names of [`RAISERS`] that only quern's own macros use.
const OWN_RAISERS: [&str; 3] =
    ["raise_outside_window", "raise_time_column_unknown", "raise_window_invalid"];

/// The names that dbt's `exceptions` has, in its order.
fn names() -> impl Iterator<Item = &'static str> {
    let raisers = RAISERS.iter().map(|(name, _)| *name).filter(|name| !OWN_RAISERS.contains(name));
    std::iter::once("warn").chain(raisers).chain(["warn_snapshot_timestamp_data_types"])
}

/// The `exceptions` object.
#[derive(Debug)]
pub(crate) struct Exceptions(pub(crate) Arc<RenderScope>);

impl Exceptions {
    fn warn(&self, message: String) -> Result<(), Error> {
        // dbt says nothing twice: what a file warns of while it is parsed is said when it runs.
        if matches!(self.0.phase, Phase::Run(_) | Phase::Parse(_)) {
            let mut diagnostic = Diagnostic::warning(codes::TEMPLATE_WARNING, message);
            diagnostic.node = self.0.unique_id().map(str::to_owned);
            self.0.warn(diagnostic)?;
        }
        Ok(())
    }

    /// The words of an exception, from its arguments.
    fn message(name: &str, arguments: &mut Arguments<'_>) -> Result<String, Error> {
        Ok(match name {
            "raise_ambiguous_alias"
            | "raise_ambiguous_catalog_match"
            | "raise_duplicate_patch_name"
            | "raise_duplicate_resource_name" => doubles::message(name, arguments)?,
            "missing_config" => {
                let model = part(&arguments.required("model")?, "unique_id");
                let key = text_of(&arguments.required("name")?);
                format!("Model '{model}' does not define a required config parameter '{key}'.")
            }
            "missing_materialization" => {
                let model = arguments.required("model")?;
                let config = model.get_attr("config").unwrap_or_default();
                let wanted = if config.is_undefined() { &model } else { &config };
                let wanted = part(wanted, "materialized");
                let adapter = text_of(&arguments.required("adapter_type")?);
                format!("No materialization '{wanted}' was found for adapter {adapter}!")
            }
            "missing_relation" => {
                format!("Relation {} not found!", text_of(&arguments.required("relation")?))
            }
            "relation_wrong_type" => {
                let relation = arguments.required("relation")?;
                let found = part(&relation, "type");
                let relation = text_of(&relation);
                let expected = text_of(&arguments.required("expected_type")?);
                format!(
                    "Trying to create {expected} {relation}, but it currently exists as a {found}. Either drop {relation} manually, or run again with `--full-refresh` and it is dropped for you."
                )
            }
            "raise_cache_inconsistent" => {
                let message = text_of(&arguments.required("message")?);
                format!("Cache inconsistency detected: {message}")
            }
            "raise_dataclass_not_dict" => {
                let object = text_of(&arguments.required("obj")?);
                format!("The object (\"{object}\") was used as a dictionary, which it is not.")
            }
            "raise_dep_not_found" => {
                arguments.required("node")?;
                let description = text_of(&arguments.required("node_description")?);
                let package = text_of(&arguments.required("required_pkg")?);
                format!(
                    "Error while parsing {description}.\nThe required package \"{package}\" was not found. Is the package installed?"
                )
            }
            "raise_invalid_property_yml_version" => {
                let path = text_of(&arguments.required("path")?);
                let issue = text_of(&arguments.required("issue")?);
                format!("The yml property file at {path} is invalid because {issue}.")
            }
            "column_type_missing" => {
                let names = text_of(&arguments.required("column_names")?);
                format!(
                    "Contracted models require data_type to be defined for each column. Please ensure that the column name and data_type are defined within the YAML configuration for the {names} column(s)."
                )
            }
            "raise_contract_error" => {
                let wanted = arguments.required("yaml_columns")?;
                super::contract::difference(&wanted, &arguments.required("sql_columns")?)?
            }
            _ => text_of(&arguments.required("msg")?),
        })
    }
}

/// An attribute of a value as text; the value itself where it has none, as a name may be passed for a node.
fn part(value: &Value, name: &str) -> String {
    let found = value.get_attr(name).ok().filter(|found| !found.is_undefined());
    text_of(found.as_ref().unwrap_or(value))
}

impl Object for Exceptions {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.as_str()?;
        let is_known = name.starts_with("warn") || RAISERS.iter().any(|(known, _)| *known == name);
        is_known
            .then(|| Value::from_object(Raiser { exceptions: self.clone(), name: name.to_owned() }))
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        values: &[Value],
    ) -> Result<Value, Error> {
        let mut arguments = Arguments::new(method, values);
        match method {
            "keys" => {
                arguments.finish()?;
                return Ok(PyList::from(names().map(Value::from).collect::<Vec<_>>()).into());
            }
            "warn" => {
                let message = text_of(&arguments.required("msg")?);
                self.warn(message)?;
                return Ok(Value::from(""));
            }
            "warn_snapshot_timestamp_data_types" => {
                let snapshot = text_of(&arguments.required("snapshot_time_data_type")?);
                let updated = text_of(&arguments.required("updated_at_data_type")?);
                self.warn(format!("Data type of snapshot table timestamp columns ({snapshot}) doesn't match derived column 'updated_at' ({updated}). Please update snapshot config 'updated_at'."))?;
                return Ok(Value::from(()));
            }
            _ => {}
        }
        let Some((_, code)) = RAISERS.iter().find(|(known, _)| *known == method) else {
            return Err(Error::from(ErrorKind::UnknownMethod));
        };
        let message = Self::message(method, &mut arguments)?;
        Err(self.0.fail(Diagnostic::error(*code, message)))
    }
}

/// One of the functions as a value, for macros that keep it in a variable.
#[derive(Debug)]
struct Raiser {
    exceptions: Arc<Exceptions>,
    name: String,
}

impl Object for Raiser {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        arguments: &[Value],
    ) -> Result<Value, Error> {
        self.exceptions.call_method(state, &self.name, arguments)
    }
}
