//! What is in the warehouse: its relations and their columns, from the cache or from the warehouse itself.

use adapter_interface::{Column, Relation, RelationKind};
use minijinja::Error;
use minijinja::value::Value;

use super::super::column::ColumnObject;
use super::super::function::Call;
use super::super::plain::{list, optional_text_of};
use super::super::relation::RelationObject;
use super::super::render_scope::{RenderScope, lock};
use super::super::table::Table;
use super::AdapterObject;
use super::statements::warehouse_failure;
use crate::python::error::failure;
use crate::scope::CachedRelation;

pub(super) fn wanted(
    call: &Call<'_, '_, '_, '_>,
    database: Option<&str>,
    schema: Option<&str>,
    identifier: Option<&str>,
) -> Relation {
    let quoting = call.scope.shared.dialect.default_quoting();
    Relation::new(database, schema, identifier, quoting)
}

/// Whether a relation is there.
pub(crate) fn exists(call: &mut Call<'_, '_, '_, '_>, relation: &Relation) -> Result<bool, Error> {
    find(call, relation).map(|found| found.is_some())
}

/// The relation of a name, from the cache or from the warehouse.
pub(super) fn find(
    call: &mut Call<'_, '_, '_, '_>,
    wanted: &Relation,
) -> Result<Option<Relation>, Error> {
    let cached = with_warehouse(call, |warehouse| Ok(warehouse.cached_relation(wanted)))?;
    let found = match cached {
        CachedRelation::Listed(known) => Some(known).filter(|known| is_same(call, known, wanted)),
        CachedRelation::Absent => None,
        CachedRelation::Unlisted => {
            listed(call, wanted)?.into_iter().find(|known| is_same(call, known, wanted))
        }
    };
    Ok(found)
}

/// Whether two relations have the same name in the warehouse.
fn is_same(call: &Call<'_, '_, '_, '_>, one: &Relation, other: &Relation) -> bool {
    let capabilities = call.scope.shared.dialect.capabilities();
    let same = |one: &Option<String>, other: &Option<String>| match (one, other) {
        (Some(one), Some(other)) if capabilities.ignores_case => one.eq_ignore_ascii_case(other),
        (one, other) => one == other,
    };
    same(&one.identifier, &other.identifier)
        && same(&one.schema, &other.schema)
        && (one.database.is_none()
            || other.database.is_none()
            || same(&one.database, &other.database))
}

pub(super) fn with_warehouse<T>(
    call: &Call<'_, '_, '_, '_>,
    act: impl FnOnce(
        &mut dyn crate::scope::WarehouseAccess,
    ) -> Result<T, adapter_interface::WarehouseError>,
) -> Result<T, Error> {
    let Some(run) = call.scope.run() else {
        return Err(failure("there is no connection while parsing"));
    };
    let done = act(&mut *lock(&*run.warehouse));
    done.map_err(|error| warehouse_failure(call.scope, error, ""))
}

/// The relations of a schema, from the cache or from the warehouse.
pub(super) fn listed(
    call: &mut Call<'_, '_, '_, '_>,
    within: &Relation,
) -> Result<Vec<Relation>, Error> {
    let mut schema = within.clone();
    schema.identifier = None;
    if let Some(known) = with_warehouse(call, |warehouse| Ok(warehouse.cached_relations(&schema)))?
    {
        return Ok(known);
    }
    let relations = fetched(call, &schema)?;
    with_warehouse(call, |warehouse| {
        warehouse.cache_schema(&schema, relations.clone());
        Ok(())
    })?;
    Ok(relations)
}

/// The relations of a schema, from the warehouse: by its connection, else by the macro.
pub(crate) fn fetched(
    call: &mut Call<'_, '_, '_, '_>,
    schema: &Relation,
) -> Result<Vec<Relation>, Error> {
    let by_connection =
        with_warehouse(call, |warehouse| warehouse.list_relations(schema).transpose())?;
    if let Some(relations) = by_connection {
        return Ok(relations);
    }
    let shared = call.scope.shared.clone();
    let value = RelationObject::value(schema.clone(), &shared.dialect);
    let adapter = AdapterObject(call.scope.clone());
    let table = adapter.root_macro("list_relations_without_caching")?.call(call.state, &[value])?;
    Ok(listed_relations(call.scope, &table))
}

/// The relations of what the macro `list_relations_without_caching` gave: a table, or relations already.
///
/// A table has rows of database, name, schema and type, as dbt's SQL adapters list them.
pub(crate) fn listed_relations(scope: &RenderScope, value: &Value) -> Vec<Relation> {
    let Some(table) = Table::of(value) else {
        return value
            .try_iter()
            .into_iter()
            .flatten()
            .filter_map(|item| RelationObject::of(&item))
            .collect();
    };
    let position = |name: &str, default: usize| {
        table
            .columns()
            .iter()
            .position(|column| column.eq_ignore_ascii_case(name))
            .unwrap_or(default)
    };
    let (database, name) = (position("database", 0), position("name", 1));
    let (schema, kind) = (position("schema", 2), position("type", 3));
    let quoting = scope.shared.dialect.default_quoting();
    let relation = |row: &[Value]| {
        let text = |at: usize| optional_text_of(row.get(at).cloned());
        let mut relation = Relation::new(
            text(database).as_deref(),
            text(schema).as_deref(),
            text(name).as_deref(),
            quoting,
        );
        relation.kind = text(kind).and_then(|word| RelationKind::parse(&word));
        relation
    };
    table.rows().map(relation).collect()
}

pub(super) fn first_column(table: &Value) -> Result<Value, Error> {
    match Table::of(table) {
        Some(table) => Ok(list(table.rows().filter_map(|row| row.first().cloned()))),
        None => Ok(list(table.try_iter()?)),
    }
}

/// The columns of a relation: by the connection, else by the macro.
pub(super) fn columns(
    call: &mut Call<'_, '_, '_, '_>,
    relation: &Value,
) -> Result<Vec<Column>, Error> {
    let Some(named) = RelationObject::of(relation) else {
        return Err(failure("get_columns_in_relation() takes a relation"));
    };
    if let Some(columns) =
        with_warehouse(call, |warehouse| warehouse.columns_of(&named).transpose())?
    {
        return Ok(columns);
    }
    let adapter = AdapterObject(call.scope.clone());
    let listed = adapter
        .root_macro("get_columns_in_relation")?
        .call(call.state, std::slice::from_ref(relation));
    let columns = match listed {
        Ok(columns) => columns,
        Err(error) => {
            let failure = lock(&call.scope.warehouse_failure).take();
            let is_missing = failure
                .as_ref()
                .is_some_and(|(failure, _)| call.scope.shared.dialect.is_missing_relation(failure));
            if is_missing {
                // As dbt's adapters: what does not exist has no columns.
                *lock(&call.scope.failure) = None;
                return Ok(Vec::new());
            }
            *lock(&call.scope.warehouse_failure) = failure;
            return Err(error);
        }
    };
    let of = |value: Value| {
        value.downcast_object_ref::<ColumnObject>().map(|object| object.column.clone())
    };
    Ok(columns.try_iter()?.filter_map(of).collect())
}
