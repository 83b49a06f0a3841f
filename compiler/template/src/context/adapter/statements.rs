//! Statements: `adapter.execute`, `add_query`, `commit` and what describes a query.

use adapter_interface::{
    Datum, PythonModel, Relation, RowLimit, WarehouseError, WarehouseErrorKind,
};
use minijinja::Error;
use minijinja::value::{Value, ValueKind};
use source::{Diagnostic, codes};

use super::super::column::ColumnObject;
use super::super::function::Call;
use super::super::plain::{none, optional_text_of, size_of, text_of};
use super::super::relation::RelationObject;
use super::super::render_scope::{RenderScope, lock};
use super::super::statement_results::ResponseObject;
use super::super::table::Table;
use crate::engine::warehouse_code;

/// Ends the render with an error of the warehouse.
pub(crate) fn warehouse_failure(scope: &RenderScope, error: WarehouseError, sql: &str) -> Error {
    let code = warehouse_code(error.kind);
    let failure = scope.fail(Diagnostic::error(code, error.message.clone()));
    *lock(&scope.warehouse_failure) = Some((error, sql.to_owned()));
    failure
}

pub(super) fn call(method: &str, call: &mut Call<'_, '_, '_, '_>) -> Result<Option<Value>, Error> {
    let Some(run) = call.scope.run() else { return Ok(None) };
    let arguments = &mut call.arguments;
    let scope = call.scope;
    Ok(Some(match method {
        "execute" | "run_sql_for_tests" => {
            let sql = text_of(&arguments.required("sql")?);
            let begins = method == "execute"
                && arguments.take("auto_begin").is_some_and(|value| value.is_true());
            let is_fetching = arguments
                .take("fetch")
                .is_some_and(|value| value.is_true() && value.as_str() != Some("None"));
            let limit = match (is_fetching, size_of(arguments.take("limit"))) {
                (false, _) => RowLimit::None,
                (true, Some(limit)) => RowLimit::AtMost(limit),
                (true, None) => RowLimit::All,
            };
            let outcome = lock(&*run.warehouse).execute(&sql, begins, limit);
            let outcome = outcome.map_err(|error| warehouse_failure(scope, error, &sql))?;
            let table = Table::from_rows(&outcome.rows).value();
            Value::from_iter([Value::from_object(ResponseObject(outcome.response)), table])
        }
        "add_query" => {
            let sql = text_of(&arguments.required("sql")?);
            let begins = arguments.take("auto_begin").is_none_or(|value| value.is_true());
            let bindings = arguments.take("bindings");
            let sql = match bindings.filter(|bindings| !bindings.is_none() && bindings.is_true()) {
                Some(bindings) => bound(scope, &sql, &bindings)?,
                None => sql,
            };
            let outcome = lock(&*run.warehouse).execute(&sql, begins, RowLimit::None);
            outcome.map_err(|error| warehouse_failure(scope, error, &sql))?;
            Value::from_iter([none(), none()])
        }
        "commit" | "commit_if_has_connection" => {
            run.node.check_seed().map_err(|diagnostic| scope.fail(diagnostic))?;
            let done = lock(&*run.warehouse).commit();
            done.map_err(|error| warehouse_failure(scope, error, "commit"))?;
            none()
        }
        "get_column_schema_from_query" | "get_columns_in_select_sql" => {
            let sql = text_of(&arguments.required("sql")?);
            let columns = lock(&*run.warehouse).describe_query(&sql);
            let columns = columns.map_err(|error| warehouse_failure(scope, error, &sql))?;
            ColumnObject::values(columns, &scope.shared.dialect)
        }
        "submit_python_job" => submit_python_job(call)?,
        _ => return Ok(None),
    }))
}

/// `submit_python_job(parsed_model, compiled_code)`; `reads` are the relations that the code needs.
pub(crate) fn submit_python_job(call: &mut Call<'_, '_, '_, '_>) -> Result<Value, Error> {
    let Some(run) = call.scope.run() else { return Ok(none()) };
    let model = call.arguments.required("parsed_model")?;
    let code = text_of(&call.arguments.required("compiled_code")?);
    let reads = call.arguments.take("reads");
    let reads: Vec<Relation> = match &reads {
        Some(reads) => reads.try_iter()?.filter_map(|read| RelationObject::of(&read)).collect(),
        None => Vec::new(),
    };
    let name = text_of(&model.get_attr("alias")?);
    let database = optional_text_of(Some(model.get_attr("database")?));
    let model =
        PythonModel { name: &name, database: database.as_deref(), code: &code, reads: &reads };
    let done = lock(&*run.warehouse).run_python(&model).unwrap_or_else(|| {
        let adapter = call.scope.shared.adapter.adapter_type();
        let message = format!("{adapter} runs no models in Python");
        Err(WarehouseError::new(WarehouseErrorKind::Configuration, message))
    });
    let response = done.map_err(|error| warehouse_failure(call.scope, error, &code))?;
    Ok(Value::from_object(ResponseObject(response)))
}

/// A statement with its marks (`%s` or `?`) replaced by literals, in order.
///
/// Drivers of Python bind values; here the dialect writes them, so that every adapter takes them.
fn bound(scope: &RenderScope, sql: &str, bindings: &Value) -> Result<String, Error> {
    let values: Vec<Datum> = bindings.try_iter()?.map(|value| datum_of(&value)).collect();
    let mark = if sql.contains("%s") { "%s" } else { "?" };
    let pieces: Vec<&str> = sql.split(mark).collect();
    if pieces.len() != values.len() + 1 {
        return Err(scope.fail(Diagnostic::error(
            codes::TEMPLATE_RENDER,
            format!(
                "the statement has {} marks for {} bound values",
                pieces.len() - 1,
                values.len()
            ),
        )));
    }
    let mut text = String::with_capacity(sql.len() + values.len() * 8);
    let mut values = values.iter();
    for piece in pieces {
        text.push_str(piece);
        if let Some(value) = values.next() {
            text.push_str(&scope.shared.dialect.literal(value));
        }
    }
    Ok(text)
}

fn datum_of(value: &Value) -> Datum {
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => Datum::Null,
        ValueKind::Bool => Datum::Boolean(value.is_true()),
        ValueKind::Number => value.as_i64().map_or_else(
            || Datum::Decimal(value.to_string()),
            |number| Datum::Integer(number.into()),
        ),
        _ if crate::python::decimal::Decimal::of(value).is_some() => Datum::Decimal(text_of(value)),
        _ => Datum::Text(text_of(value)),
    }
}
