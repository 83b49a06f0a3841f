//! Relations and columns of the warehouse: cached listings, and the changes that keep the cache right.

use adapter_interface::{
    Column, Relation, RelationKind, SeedStream, SeedType, WarehouseError, WarehouseErrorKind,
};
use minijinja::Error;
use minijinja::value::Value;
use project::seed::{SeedContents, SeedFailure};
use source::{Diagnostic, codes};

use super::super::column::ColumnObject;
use super::super::function::Call;
use super::super::plain::{list, none, optional_text_of, text_of};
use super::super::relation::RelationObject;
use super::super::render_scope::{RenderScope, lock};
use super::super::seed_table::SeedTableObject;
use super::super::table::Table;
use super::AdapterObject;
use super::statements::warehouse_failure;
use crate::python::error::failure;
use crate::scope::CachedRelation;

pub(super) fn call(
    adapter: &AdapterObject,
    method: &str,
    call: &mut Call<'_, '_, '_, '_>,
) -> Result<Option<Value>, Error> {
    if call.scope.run().is_none() {
        return Ok(None);
    }
    let dialect = call.scope.shared.dialect.clone();
    Ok(Some(match method {
        "get_relation" => {
            let database = optional_text_of(call.arguments.take("database"));
            let schema = optional_text_of(call.arguments.take("schema"));
            let identifier = optional_text_of(call.arguments.take("identifier"));
            let wanted =
                wanted(call, database.as_deref(), schema.as_deref(), identifier.as_deref());
            let found = find(call, &wanted)?;
            found.map_or_else(none, |relation| RelationObject::value(relation, &dialect))
        }
        "list_relations" => {
            let database = optional_text_of(call.arguments.take("database"));
            let schema = optional_text_of(call.arguments.take("schema"));
            let wanted = wanted(call, database.as_deref(), schema.as_deref(), None);
            list(
                listed(call, &wanted)?
                    .into_iter()
                    .map(|relation| RelationObject::value(relation, &dialect)),
            )
        }
        "list_relations_without_caching" => {
            let schema = relation_argument(call, "schema_relation")?;
            list(
                fetched(call, &schema)?
                    .into_iter()
                    .map(|relation| RelationObject::value(relation, &dialect)),
            )
        }
        "already_exists" => {
            warn_of_older(call, method, "get_relation")?;
            let schema = optional_text_of(call.arguments.take("schema"));
            let table = optional_text_of(call.arguments.take("name"));
            let database = call.scope.shared.credentials.database.clone();
            let wanted = wanted(call, database.as_deref(), schema.as_deref(), table.as_deref());
            Value::from(exists(call, &wanted)?)
        }
        "get_columns_in_relation" => {
            let relation = call.arguments.required("relation")?;
            ColumnObject::values(columns(call, &relation)?, &dialect)
        }
        "get_columns_in_table" => {
            warn_of_older(call, method, "get_columns_in_relation")?;
            let schema = optional_text_of(call.arguments.take("schema_name"));
            let table = optional_text_of(call.arguments.take("table_name"));
            let database = call.scope.shared.credentials.database.clone();
            let relation = RelationObject::value(
                wanted(call, database.as_deref(), schema.as_deref(), table.as_deref()),
                &dialect,
            );
            ColumnObject::values(columns(call, &relation)?, &dialect)
        }
        "get_missing_columns" => {
            let from = call.arguments.required("from_relation")?;
            let to = call.arguments.required("to_relation")?;
            let present = columns(call, &to)?;
            let mut missing = columns(call, &from)?;
            missing.retain(|column| {
                !present.iter().any(|other| other.name.eq_ignore_ascii_case(&column.name))
            });
            ColumnObject::values(missing, &dialect)
        }
        "expand_target_column_types" => {
            let from = call.arguments.required("from_relation")?;
            let to = call.arguments.required("to_relation")?;
            expand_columns(adapter, call, &from, &to)?;
            none()
        }
        "list_schemas" => {
            let database = call.arguments.take("database").unwrap_or_else(none);
            let table = adapter.root_macro("list_schemas")?.call(call.state, &[database])?;
            first_column(&table)?
        }
        "check_schema_exists" => {
            let database = call.arguments.take("database").unwrap_or_else(none);
            let schema = text_of(&call.arguments.required("schema")?);
            let table = adapter.root_macro("list_schemas")?.call(call.state, &[database])?;
            let is_there = first_column(&table)?
                .try_iter()?
                .any(|name| text_of(&name).eq_ignore_ascii_case(&schema));
            Value::from(is_there)
        }
        "create_schema" | "drop_schema" => {
            let value = call.arguments.required("relation")?;
            let relation = RelationObject::of(&value).ok_or_else(|| not_a_relation(method))?;
            adapter.root_macro(method)?.call(call.state, &[value])?;
            with_warehouse(call, |warehouse| {
                warehouse.commit()?;
                if method == "drop_schema" {
                    warehouse.cache_schema_dropped(&relation);
                } else if warehouse.cached_relations(&relation).is_none() {
                    warehouse.cache_schema(&relation, Vec::new());
                }
                Ok(())
            })?;
            none()
        }
        // What has no schema is temporary, and goes with its session.
        "drop_after_failure" => {
            let relation = relation_argument(call, "relation")?;
            if relation.schema.is_some() {
                lock(&call.scope.leftovers).insert(relation);
            }
            none()
        }
        "drop_relation" => {
            let value = call.arguments.required("relation")?;
            let relation = RelationObject::of(&value).ok_or_else(|| not_a_relation(method))?;
            adapter.root_macro("drop_relation")?.call(call.state, &[value])?;
            lock(&call.scope.leftovers).shift_remove(&relation);
            let cascades = dialect.capabilities().cascades_drops;
            with_warehouse(call, |warehouse| {
                warehouse.cache_dropped(&relation);
                if cascades {
                    warehouse.cache_cascaded(&relation);
                }
                Ok(())
            })?;
            none()
        }
        "load_seed" => {
            let value = call.arguments.required("relation")?;
            let relation = RelationObject::of(&value).ok_or_else(|| not_a_relation(method))?;
            let table = call.arguments.required("agate_table")?;
            Value::from(load_seed(call, &relation, &value, &table)?)
        }
        "load_dataframe" => {
            load_dataframe(call)?;
            none()
        }
        "truncate_relation" => {
            let value = call.arguments.required("relation")?;
            adapter.root_macro("truncate_relation")?.call(call.state, &[value])?;
            none()
        }
        "rename_relation" => {
            let from = call.arguments.required("from_relation")?;
            let to = call.arguments.required("to_relation")?;
            let (old, new) = (RelationObject::of(&from), RelationObject::of(&to));
            let (Some(old), Some(new)) = (old, new) else { return Err(not_a_relation(method)) };
            adapter.root_macro("rename_relation")?.call(call.state, &[from, to])?;
            with_warehouse(call, |warehouse| {
                warehouse.cache_renamed(&old, &new);
                Ok(())
            })?;
            none()
        }
        "cache_added" | "cache_dropped" => {
            if let Some(relation) =
                call.arguments.take("relation").as_ref().and_then(RelationObject::of)
            {
                with_warehouse(call, |warehouse| {
                    if method == "cache_added" {
                        warehouse.cache_added(&relation);
                    } else {
                        warehouse.cache_dropped(&relation);
                    }
                    Ok(())
                })?;
            }
            Value::from("")
        }
        "cache_renamed" => {
            let from = relation_argument(call, "from_relation")?;
            let to = relation_argument(call, "to_relation")?;
            with_warehouse(call, |warehouse| {
                warehouse.cache_renamed(&from, &to);
                Ok(())
            })?;
            Value::from("")
        }
        _ => return Ok(None),
    }))
}

fn not_a_relation(method: &str) -> Error {
    failure(format!("adapter.{method}() takes a relation"))
}

fn relation_argument(call: &mut Call<'_, '_, '_, '_>, name: &str) -> Result<Relation, Error> {
    let value = call.arguments.required(name)?;
    RelationObject::of(&value).ok_or_else(|| failure(format!("'{name}' is not a relation")))
}

fn wanted(
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
fn find(call: &mut Call<'_, '_, '_, '_>, wanted: &Relation) -> Result<Option<Relation>, Error> {
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

fn with_warehouse<T>(
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
fn listed(call: &mut Call<'_, '_, '_, '_>, within: &Relation) -> Result<Vec<Relation>, Error> {
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

fn first_column(table: &Value) -> Result<Value, Error> {
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

/// Loads a seed's rows by the connection's own way; false where there is none and the macro has to insert them.
fn load_seed(
    call: &mut Call<'_, '_, '_, '_>,
    relation: &Relation,
    value: &Value,
    table: &Value,
) -> Result<bool, Error> {
    let Some(seed) = table.downcast_object_ref::<SeedTableObject>() else { return Ok(false) };
    let known = columns(call, value)?;
    let column = |(name, _): &(String, SeedType)| {
        known.iter().find(|column| column.name.eq_ignore_ascii_case(name)).cloned()
    };
    let Some(columns) = seed.contents.columns.iter().map(column).collect::<Option<Vec<_>>>() else {
        return Ok(false);
    };
    send_rows(call, relation, &columns, &seed.contents)
}

/// Hands a seed's rows to the connection, one after the other where it can take them so; false where it cannot at all.
fn send_rows(
    call: &mut Call<'_, '_, '_, '_>,
    relation: &Relation,
    columns: &[Column],
    contents: &SeedContents,
) -> Result<bool, Error> {
    let unreadable = |failure: SeedFailure| {
        WarehouseError::new(
            WarehouseErrorKind::Other,
            format!("the seed cannot be read: {failure}"),
        )
    };
    with_warehouse(call, |warehouse| {
        let mut rows = contents.rows().map_err(unreadable)?;
        let stream = SeedStream { relation, columns, rows: &mut rows };
        warehouse.stream_seed(stream).map_or(Ok(false), |outcome| outcome.map(|_| true))
    })
}

/// `load_dataframe(database, schema, table_name, agate_table, column_override, field_delimiter)`: loads a seed into a
/// table that need not exist; its columns have the configured types, else those of the values.
fn load_dataframe(call: &mut Call<'_, '_, '_, '_>) -> Result<(), Error> {
    let database = optional_text_of(call.arguments.take("database"));
    let schema = optional_text_of(call.arguments.take("schema"));
    let identifier = optional_text_of(call.arguments.take("table_name"));
    let table = call.arguments.required("agate_table")?;
    let types = call.arguments.take("column_override");
    let relation = wanted(call, database.as_deref(), schema.as_deref(), identifier.as_deref());
    let Some(seed) = table.downcast_object_ref::<SeedTableObject>() else {
        return Err(failure("load_dataframe() takes the rows of a seed"));
    };
    let dialect = &call.scope.shared.dialect;
    let column = |(name, kind): &(String, SeedType)| {
        let configured =
            types.as_ref().and_then(|types| types.get_item(&name.as_str().into()).ok());
        let data_type = optional_text_of(configured);
        Column::new(name, data_type.unwrap_or_else(|| dialect.seed_type(*kind).to_owned()))
    };
    let columns: Vec<Column> = seed.contents.columns.iter().map(column).collect();
    let is_loaded = send_rows(call, &relation, &columns, &seed.contents)?;
    if is_loaded {
        Ok(())
    } else {
        Err(failure("this adapter has no way of its own to load a seed"))
    }
}

/// Widens text columns of a table so that new rows fit; dbt's `expand_target_column_types`.
fn expand_columns(
    adapter: &AdapterObject,
    call: &mut Call<'_, '_, '_, '_>,
    from: &Value,
    to: &Value,
) -> Result<(), Error> {
    let dialect = call.scope.shared.dialect.clone();
    let wider = columns(call, from)?;
    for column in columns(call, to)? {
        let Some(source) = wider.iter().find(|other| other.name == column.name) else { continue };
        let text = adapter_interface::ColumnClass::Text;
        let are_text = dialect.classify(&column.data_type) == text
            && dialect.classify(&source.data_type) == text;
        let size = dialect.text_size(source);
        if are_text && size > dialect.text_size(&column) {
            let new_type = Value::from(dialect.string_type(size));
            let arguments = [to.clone(), Value::from(column.name.as_str()), new_type];
            adapter.root_macro("alter_column_type")?.call(call.state, &arguments)?;
        }
    }
    Ok(())
}

/// dbt's `available.deprecated`: the method works, and tells its newer name.
fn warn_of_older(call: &Call<'_, '_, '_, '_>, older: &str, newer: &str) -> Result<(), Error> {
    let message = format!("`adapter.{older}` is deprecated");
    let mut warning = Diagnostic::warning(codes::DEPRECATED_ADAPTER_METHOD, message)
        .hint(format!("call `adapter.{newer}`"));
    warning.node = call.scope.unique_id().map(str::to_owned);
    call.scope.warn(warning)
}
