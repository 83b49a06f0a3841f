//! `ref`, `source`, `metric` and `function`.

use minijinja::Error;
use minijinja::value::{Value, ValueKind};
use source::{Diagnostic, codes};

use super::adapter::exists;
use super::function::Call;
use super::plain::{is_none, text_of};
use super::relation::RelationObject;
use super::render_scope::{Phase, lock};
use crate::capture::RefCall;
use crate::python::error::failure;
use crate::scope::RefTarget;

/// The texts of a call's positional arguments.
fn names(call: &mut Call<'_, '_, '_, '_>, function: &str) -> Result<Vec<String>, Error> {
    let arguments = call.arguments.rest();
    if let Some(wrong) = arguments.iter().find(|value| value.kind() != ValueKind::String)
        && (wrong.is_undefined() || wrong.is_none())
    {
        return Err(failure(format!("{function}() was given an undefined name")));
    }
    Ok(arguments.iter().map(text_of).collect())
}

/// What a reference gives while there is no graph: the node itself, as in dbt.
fn while_parsing(call: &Call<'_, '_, '_, '_>) -> Value {
    match &call.scope.phase {
        Phase::Parse(parse) => {
            RelationObject::value(parse.this.clone(), &call.scope.shared.dialect)
        }
        Phase::Run(_) | Phase::Name => Value::UNDEFINED,
    }
}

/// `ref([package,] name, version=…)`.
pub(crate) fn reference(mut call: Call<'_, '_, '_, '_>) -> Result<Value, Error> {
    let mut names = names(&mut call, "ref")?;
    let keywords = call.arguments.keywords();
    let version = keywords
        .into_iter()
        .find(|(name, _)| name == "version" || name == "v")
        .map(|(_, value)| value);
    let version = version
        .filter(|value| !is_none(value))
        .and_then(|value| crate::python::to_json(&value).ok());
    let (Some(name), package, true) = (names.pop(), names.pop(), names.is_empty()) else {
        return Err(call.scope.fail(
            Diagnostic::error(codes::MACRO_ARGUMENTS, "`ref` takes one or two names")
                .hint("write `ref('model')` or `ref('package', 'model')`"),
        ));
    };
    let reference = call.scope.capture_ref(RefCall { package, name, version, span: None });
    let Some(run) = call.scope.run() else { return Ok(while_parsing(&call)) };
    match run.node.resolve_ref(&reference).map_err(|diagnostic| call.scope.fail(diagnostic))? {
        RefTarget::Relation(relation) => {
            Ok(RelationObject::value(relation, &call.scope.shared.dialect))
        }
        RefTarget::Deferred { own, other } => {
            let found = if exists(&mut call, &own)? { own } else { other };
            Ok(RelationObject::value(found, &call.scope.shared.dialect))
        }
        RefTarget::Ephemeral { unique_id, relation } => {
            lock(&call.scope.ephemerals).insert(unique_id);
            Ok(RelationObject::value(relation, &call.scope.shared.dialect))
        }
    }
}

/// `source(source, table)`.
pub(crate) fn source(mut call: Call<'_, '_, '_, '_>) -> Result<Value, Error> {
    let names = names(&mut call, "source")?;
    let [source, table] = names.as_slice() else {
        return Err(call.scope.fail(
            Diagnostic::error(
                codes::MACRO_ARGUMENTS,
                format!("`source` takes two names, {} given", names.len()),
            )
            .hint("write `source('source', 'table')`"),
        ));
    };
    let reference = call.scope.capture_source(source.clone(), table.clone());
    let Some(run) = call.scope.run() else { return Ok(while_parsing(&call)) };
    let relation =
        run.node.resolve_source(&reference).map_err(|diagnostic| call.scope.fail(diagnostic))?;
    Ok(RelationObject::value(relation, &call.scope.shared.dialect))
}

/// `metric([package,] name)`: kept for the graph; prints the name.
pub(crate) fn metric(mut call: Call<'_, '_, '_, '_>) -> Result<Value, Error> {
    let names = names(&mut call, "metric")?;
    let name = names.last().cloned().unwrap_or_default();
    lock(&call.scope.capture).metrics.push(names);
    Ok(Value::from(name))
}

/// `function([package,] name)`: kept for the graph; gives what calls the function in SQL.
pub(crate) fn function(mut call: Call<'_, '_, '_, '_>) -> Result<Value, Error> {
    let names = names(&mut call, "function")?;
    {
        let mut capture = lock(&call.scope.capture);
        capture.functions.push(names.clone());
    }
    let Some(run) = call.scope.run() else { return Ok(while_parsing(&call)) };
    let relation =
        run.node.resolve_function(&names).map_err(|diagnostic| call.scope.fail(diagnostic))?;
    Ok(RelationObject::value(relation, &call.scope.shared.dialect))
}
