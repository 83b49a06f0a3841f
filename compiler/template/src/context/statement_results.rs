//! `store_result`, `store_raw_result` and `load_result`: how statements hand their results to macros.

use std::fmt;
use std::sync::Arc;

use adapter_interface::Response;
use minijinja::Error;
use minijinja::value::{Object, ObjectRepr, Value};
use source::{Diagnostic, codes};

use super::function::Call;
use super::plain::{dictionary, is_none, list, none, optional_text_of, text_of};
use super::render_scope::lock;
use super::table::Table;
use crate::python::{from_json, tuple};

/// What the warehouse said of a statement; prints as its message, as dbt's `AdapterResponse`.
#[derive(Debug)]
pub(crate) struct ResponseObject(pub(crate) Response);

impl Object for ResponseObject {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(match key.as_str()? {
            "_message" => Value::from(self.0.message.as_str()),
            "code" => super::plain::text_or_none(self.0.code.as_deref()),
            "rows_affected" => self.0.rows_affected.map_or_else(none, Value::from),
            other => from_json(self.0.details.get(other)?),
        })
    }

    fn render(self: &Arc<Self>, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.message)
    }
}

fn store(call: &Call<'_, '_, '_, '_>, name: String, response: Value, table: Option<Value>) {
    let table = table
        .filter(|table| Table::of(table).is_some())
        .unwrap_or_else(|| Table::new(vec![], vec![]).value());
    let rows = Table::of(&table).map(|table| list(table.rows().map(|row| tuple(row.to_vec()))));
    let result =
        dictionary([("response", response), ("data", rows.unwrap_or_default()), ("table", table)]);
    lock(&call.scope.results).insert(name, result);
}

/// `store_result(name, response, agate_table)`.
pub(crate) fn store_result(mut call: Call<'_, '_, '_, '_>) -> Result<Value, Error> {
    let name = text_of(&call.arguments.required("name")?);
    let response = call.arguments.required("response")?;
    let table = call.arguments.take("agate_table");
    store(&call, name, response, table);
    Ok(Value::from(""))
}

/// `store_raw_result(name, message, code, rows_affected, agate_table)`.
pub(crate) fn store_raw_result(mut call: Call<'_, '_, '_, '_>) -> Result<Value, Error> {
    let name = text_of(&call.arguments.required("name")?);
    let message = optional_text_of(call.arguments.take("message")).unwrap_or_default();
    let code = optional_text_of(call.arguments.take("code"));
    let rows_affected = call.arguments.take("rows_affected").and_then(|rows| {
        rows.as_i64().or_else(|| rows.as_str().and_then(|text| text.parse().ok()))
    });
    let table = call.arguments.take("agate_table");
    let response = Response { message, code, rows_affected, ..Response::default() };
    store(&call, name, Value::from_object(ResponseObject(response)), table);
    Ok(Value::from(""))
}

/// `load_result(name)`: what was stored; a result other than `main` can be loaded once.
pub(crate) fn load_result(mut call: Call<'_, '_, '_, '_>) -> Result<Value, Error> {
    let name = text_of(&call.arguments.required("name")?);
    call.arguments.finish()?;
    let mut results = lock(&call.scope.results);
    let Some(stored) = results.get_mut(&name) else { return Ok(none()) };
    if name == "main" {
        return Ok(stored.clone());
    }
    if is_none(stored) {
        drop(results);
        return Err(call.scope.fail(
            Diagnostic::error(
                codes::TEMPLATE_RENDER,
                format!("the result of statement `{name}` was loaded already"),
            )
            .hint("load it once and keep it in a variable"),
        ));
    }
    Ok(std::mem::replace(stored, none()))
}

/// `load_agate_table()`: the rows of the seed that is built.
pub(crate) fn load_agate_table(call: Call<'_, '_, '_, '_>) -> Result<Value, Error> {
    call.arguments.finish()?;
    let Some(run) = call.scope.run() else { return Ok(none()) };
    let seed = run.node.load_seed().map_err(|diagnostic| call.scope.fail(diagnostic))?;
    Ok(super::seed_table::SeedTableObject::value(seed))
}
