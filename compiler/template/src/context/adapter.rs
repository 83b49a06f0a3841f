//! `adapter`: what macros ask of the warehouse and of its dialect.
//!
//! Everything here is the same for all adapters. They differ in their [`adapter_interface::Dialect`], in what their
//! connection does by itself, and in macros: whatever a connection leaves to SQL is asked of the macro of dbt's name,
//! so that projects can override it.

mod behaviour;
mod constraints;
mod listing;
mod loading;
mod method;
mod properties;
mod relations;
mod snapshots;
mod statements;

pub(crate) use listing::{exists, listed_relations};
pub(crate) use statements::{submit_python_job, warehouse_failure};

use std::sync::Arc;

use minijinja::value::{Object, ObjectRepr, Value};
use minijinja::{Error, ErrorKind, State};
use source::{Diagnostic, codes};

use super::column::ColumnClassObject;
use super::function::Call;
use super::plain::{is_none, list, none, optional_text_of, text_of};
use super::relation::RelationClass;
use super::render_scope::RenderScope;
use crate::language::{dispatch, searched};
use crate::python::arguments::Arguments;

/// The `adapter` object of one render.
#[derive(Debug)]
pub(crate) struct AdapterObject(pub(crate) Arc<RenderScope>);

/// What a method gives while parsing, when there is no warehouse: dbt's parse-time replacements.
fn while_parsing(method: &str) -> Option<Value> {
    Some(match method {
        "get_columns_in_relation"
        | "get_missing_columns"
        | "get_columns_in_table"
        | "get_column_schema_from_query"
        | "list_schemas"
        | "list_relations_without_caching"
        | "list_relations"
        | "get_partitions_metadata" => list(Vec::new()),
        "check_schema_exists" | "already_exists" => Value::from(false),
        "get_relation"
        | "drop_relation"
        | "truncate_relation"
        | "rename_relation"
        | "create_schema"
        | "drop_schema"
        | "expand_target_column_types"
        | "get_incremental_strategy_macro"
        | "get_hard_deletes_behavior"
        | "valid_snapshot_target"
        | "assert_valid_snapshot_target_given_strategy"
        | "commit"
        | "standardize_grants_dict"
        | "submit_python_job" => none(),
        "execute" => Value::from_iter([none(), super::table::Table::new(vec![], vec![]).value()]),
        "add_query" => Value::from_iter([none(), none()]),
        _ => return None,
    })
}

/// That a dispatch found no macro.
pub(crate) fn nothing_dispatched(
    name: &str,
    namespace: Option<&str>,
    searched: &[String],
) -> Diagnostic {
    let namespace =
        namespace.map_or_else(|| "None".to_owned(), |namespace| format!("'{namespace}'"));
    let message =
        format!("In dispatch: No macro named '{name}' found within namespace: {namespace}");
    Diagnostic::error(codes::DISPATCH_FAILED, message)
        .note(format!("searched for: {}", searched.join(", ")))
}

impl AdapterObject {
    /// `adapter.dispatch(macro_name, macro_namespace)`: the macro that fits this adapter best.
    fn dispatch(&self, mut arguments: Arguments<'_>) -> Result<Value, Error> {
        let name = text_of(&arguments.required("macro_name")?);
        let namespace = optional_text_of(arguments.take("macro_namespace"));
        if let Some((package, rest)) = name.split_once('.') {
            return Err(self.0.fail(
                Diagnostic::error(
                    codes::DISPATCH_FAILED,
                    format!("`adapter.dispatch` was given `{name}`, which is no macro name"),
                )
                .hint(format!(
                    "did you mean `adapter.dispatch('{rest}', macro_namespace='{package}')`?"
                )),
            ));
        }
        if arguments.take("packages").is_some_and(|packages| !is_none(&packages)) {
            return Err(self.0.fail(
                Diagnostic::error(
                    codes::DISPATCH_FAILED,
                    "the `packages` argument of `adapter.dispatch` is gone from dbt",
                )
                .hint("give `macro_namespace`, and set `dispatch:` in dbt_project.yml"),
            ));
        }
        let shared = &self.0.shared;
        let prefixes = shared.dispatch_prefixes();
        let search = shared.searched_packages(namespace.as_deref());
        let found = if search.is_empty() {
            let mut wanted = prefixes.iter().map(|prefix| format!("{prefix}__{name}"));
            wanted
                .find_map(|wanted| shared.library.resolve_value(&self.0.package, &wanted))
                .cloned()
        } else {
            dispatch(&shared.library, &name, &search, &prefixes).ok()
        };
        found.ok_or_else(|| {
            let searched = searched(&name, &search, &prefixes);
            self.0.fail(nothing_dispatched(&name, namespace.as_deref(), &searched))
        })
    }

    /// A macro as the root project sees it, for what adapters leave to SQL.
    fn root_macro(&self, name: &str) -> Result<OwnMacro<'_>, Error> {
        let shared = &self.0.shared;
        let found = shared.library.resolve_value(shared.library.root_package(), name).cloned();
        let value = found.ok_or_else(|| {
            self.0.fail(Diagnostic::error(
                codes::MACRO_NOT_FOUND,
                format!("there is no macro `{name}`"),
            ))
        })?;
        Ok(OwnMacro { value, scope: &self.0 })
    }
}

/// A macro that the adapter calls for itself: as in dbt it is none of those that the node calls.
struct OwnMacro<'a> {
    value: Value,
    scope: &'a Arc<RenderScope>,
}

impl OwnMacro<'_> {
    fn call(&self, state: &mut State<'_, '_>, arguments: &[Value]) -> Result<Value, Error> {
        self.scope.without_noting_macros(|| self.value.call(state, arguments))
    }
}

impl Object for AdapterObject {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let dialect = self.0.shared.dialect.clone();
        Some(match key.as_str()? {
            "Relation" => RelationClass::of_project(&self.0.shared),
            "Column" => Value::from_object(ColumnClassObject { dialect }),
            "behavior" => behaviour::behavior(&self.0),
            "config" => properties::project_config(&self.0),
            "dispatch" => Value::from_object(method::AdapterMethod {
                adapter: self.clone(),
                name: "dispatch",
            }),
            wanted => {
                let name = method::METHODS.iter().find(|known| **known == wanted)?;
                Value::from_object(method::AdapterMethod { adapter: self.clone(), name })
            }
        })
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        values: &[Value],
    ) -> Result<Value, Error> {
        if method == "dispatch" {
            return self.dispatch(Arguments::new("dispatch", values));
        }
        if let Some(answer) = super::own_method::of_adapter(&self.0, method, values) {
            return answer;
        }
        if !self.0.is_executing()
            && let Some(value) = while_parsing(method)
        {
            return Ok(value);
        }
        let arguments = Arguments::new(method, values);
        let mut call = Call { scope: &self.0, state, arguments };
        for family in [properties::call, statements::call, snapshots::call, constraints::call] {
            if let Some(value) = family(method, &mut call)? {
                return Ok(value);
            }
        }
        if let Some(value) = relations::call(self, method, &mut call)? {
            return Ok(value);
        }
        // Facts that only one adapter's macros ask for.
        if let Some(answer) = self.0.shared.dialect.answer(method) {
            return Ok(crate::python::from_json(&answer));
        }
        if method == "get_incremental_strategy_macro" {
            return self.incremental_strategy(&mut call);
        }
        // While parsing nothing is known to be wrong yet: the branch may never run.
        if !self.0.is_executing() {
            return Ok(Value::from_object(crate::language::ParseUndefined));
        }
        Err(Error::new(ErrorKind::UnknownMethod, format!("the adapter has no method `{method}`")))
    }
}

impl AdapterObject {
    /// `get_incremental_strategy_macro(context, strategy)`: `get_incremental_<strategy>_sql`, when it may be used.
    fn incremental_strategy(&self, call: &mut Call<'_, '_, '_, '_>) -> Result<Value, Error> {
        let context = call.arguments.required("model_context")?;
        let strategy = optional_text_of(call.arguments.take("strategy"));
        let strategy = strategy.unwrap_or_else(|| "default".to_owned());
        let known = self.0.shared.dialect.capabilities().incremental_strategies;
        // Where batches are required, dbt leaves it to the macro whether the adapter has the strategy.
        let requires_batches =
            behaviour::is_on(&self.0, "require_batched_execution_for_custom_microbatch_strategy");
        let is_builtin = match strategy.as_str() {
            "append" | "delete+insert" | "merge" | "insert_overwrite" => true,
            "microbatch" => requires_batches != Some(true),
            _ => false,
        };
        let macro_name = format!("get_incremental_{}_sql", strategy.replace('+', "_"));
        if is_builtin && !known.contains(&strategy.as_str()) {
            let adapter = self.0.shared.adapter.adapter_type();
            return Err(self.0.fail(
                Diagnostic::error(
                    codes::CONFIG_INVALID,
                    format!("the incremental strategy '{strategy}' is not valid for this adapter"),
                )
                .hint(format!("{adapter} has: {}", known.join(", "))),
            ));
        }
        let found = context.get_attr(&macro_name).ok().filter(|value| !is_none(value));
        found.map_or_else(|| {
            Err(self.0.fail(
                Diagnostic::error(
                    codes::MACRO_NOT_FOUND,
                    format!("dbt could not find an incremental strategy macro with the name \"{macro_name}\" in {}",
                        self.0.shared.project.root().settings.name),
                )
                .hint(format!("define `{macro_name}(arg_dict)`, or use one of: {}", known.join(", "))),
            ))
        }, Ok)
    }
}
