//! Relations and columns of the warehouse: cached listings, and the changes that keep the cache right.

use adapter_interface::Relation;
use minijinja::Error;
use minijinja::value::Value;
use source::{Diagnostic, codes};

use super::super::column::ColumnObject;
use super::super::function::Call;
use super::super::plain::{list, none, optional_text_of, text_of};
use super::super::relation::RelationObject;
use super::super::render_scope::lock;
use super::AdapterObject;
use super::listing::{
    columns, exists, fetched, find, first_column, listed, wanted, with_warehouse,
};
use super::loading::{load_dataframe, load_seed};
use crate::python::error::failure;

pub(super) fn call(
    adapter: &AdapterObject,
    method: &str,
    call: &mut Call<'_, '_, '_, '_>,
) -> Result<Option<Value>, Error> {
    if call.scope.run().is_none() {
        return Ok(None);
    }
    let value = match method {
        "get_relation" => get_relation(call),
        "list_relations" => list_relations(call),
        "list_relations_without_caching" => list_relations_without_caching(call),
        "already_exists" => already_exists(call),
        "get_columns_in_relation" => get_columns_in_relation(call),
        "get_columns_in_table" => get_columns_in_table(call),
        "get_missing_columns" => get_missing_columns(call),
        "expand_target_column_types" => expand_target_column_types(adapter, call),
        "list_schemas" => list_schemas(adapter, call),
        "check_schema_exists" => check_schema_exists(adapter, call),
        "create_schema" | "drop_schema" => change_schema(adapter, method, call),
        "drop_after_failure" => drop_after_failure(call),
        "drop_relation" => drop_relation(adapter, call),
        "load_seed" => load_seed(call).map(Value::from),
        "load_dataframe" => load_dataframe(call).map(|()| none()),
        "truncate_relation" => truncate_relation(adapter, call),
        "rename_relation" => rename_relation(adapter, call),
        "cache_added" | "cache_dropped" => change_cache(method, call),
        "cache_renamed" => cache_renamed(call),
        _ => return Ok(None),
    };
    value.map(Some)
}

fn get_relation(call: &mut Call<'_, '_, '_, '_>) -> Result<Value, Error> {
    let database = optional_text_of(call.arguments.take("database"));
    let schema = optional_text_of(call.arguments.take("schema"));
    let identifier = optional_text_of(call.arguments.take("identifier"));
    let wanted = wanted(call, database.as_deref(), schema.as_deref(), identifier.as_deref());
    let found = find(call, &wanted)?;
    Ok(found
        .map_or_else(none, |relation| RelationObject::value(relation, &call.scope.shared.dialect)))
}

fn list_relations(call: &mut Call<'_, '_, '_, '_>) -> Result<Value, Error> {
    let database = optional_text_of(call.arguments.take("database"));
    let schema = optional_text_of(call.arguments.take("schema"));
    let wanted = wanted(call, database.as_deref(), schema.as_deref(), None);
    let listed = listed(call, &wanted)?;
    Ok(relation_values(call, listed))
}

fn list_relations_without_caching(call: &mut Call<'_, '_, '_, '_>) -> Result<Value, Error> {
    let schema = relation_argument(call, "schema_relation")?;
    let fetched = fetched(call, &schema)?;
    Ok(relation_values(call, fetched))
}

fn relation_values(call: &Call<'_, '_, '_, '_>, relations: Vec<Relation>) -> Value {
    let dialect = &call.scope.shared.dialect;
    list(relations.into_iter().map(|relation| RelationObject::value(relation, dialect)))
}

fn already_exists(call: &mut Call<'_, '_, '_, '_>) -> Result<Value, Error> {
    warn_of_older(call, "already_exists", "get_relation")?;
    let schema = optional_text_of(call.arguments.take("schema"));
    let table = optional_text_of(call.arguments.take("name"));
    let wanted = wanted_here(call, schema.as_deref(), table.as_deref());
    Ok(Value::from(exists(call, &wanted)?))
}

fn get_columns_in_relation(call: &mut Call<'_, '_, '_, '_>) -> Result<Value, Error> {
    let relation = call.arguments.required("relation")?;
    let columns = columns(call, &relation)?;
    Ok(ColumnObject::values(columns, &call.scope.shared.dialect))
}

fn get_columns_in_table(call: &mut Call<'_, '_, '_, '_>) -> Result<Value, Error> {
    warn_of_older(call, "get_columns_in_table", "get_columns_in_relation")?;
    let schema = optional_text_of(call.arguments.take("schema_name"));
    let table = optional_text_of(call.arguments.take("table_name"));
    let dialect = call.scope.shared.dialect.clone();
    let wanted = wanted_here(call, schema.as_deref(), table.as_deref());
    let columns = columns(call, &RelationObject::value(wanted, &dialect))?;
    Ok(ColumnObject::values(columns, &dialect))
}

fn get_missing_columns(call: &mut Call<'_, '_, '_, '_>) -> Result<Value, Error> {
    let from = call.arguments.required("from_relation")?;
    let to = call.arguments.required("to_relation")?;
    let present = columns(call, &to)?;
    let mut missing = columns(call, &from)?;
    missing.retain(|column| {
        !present.iter().any(|other| other.name.eq_ignore_ascii_case(&column.name))
    });
    Ok(ColumnObject::values(missing, &call.scope.shared.dialect))
}

fn expand_target_column_types(
    adapter: &AdapterObject,
    call: &mut Call<'_, '_, '_, '_>,
) -> Result<Value, Error> {
    let from = call.arguments.required("from_relation")?;
    let to = call.arguments.required("to_relation")?;
    expand_columns(adapter, call, &from, &to)?;
    Ok(none())
}

fn list_schemas(adapter: &AdapterObject, call: &mut Call<'_, '_, '_, '_>) -> Result<Value, Error> {
    let database = call.arguments.take("database").unwrap_or_else(none);
    let table = adapter.root_macro("list_schemas")?.call(call.state, &[database])?;
    first_column(&table)
}

fn check_schema_exists(
    adapter: &AdapterObject,
    call: &mut Call<'_, '_, '_, '_>,
) -> Result<Value, Error> {
    let schemas = list_schemas(adapter, call)?;
    let schema = text_of(&call.arguments.required("schema")?);
    let is_there = schemas.try_iter()?.any(|name| text_of(&name).eq_ignore_ascii_case(&schema));
    Ok(Value::from(is_there))
}

/// Creates or drops a schema.
fn change_schema(
    adapter: &AdapterObject,
    method: &str,
    call: &mut Call<'_, '_, '_, '_>,
) -> Result<Value, Error> {
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
    Ok(none())
}

/// What has no schema is temporary, and goes with its session.
fn drop_after_failure(call: &mut Call<'_, '_, '_, '_>) -> Result<Value, Error> {
    let relation = relation_argument(call, "relation")?;
    if relation.schema.is_some() {
        lock(&call.scope.leftovers).insert(relation);
    }
    Ok(none())
}

fn drop_relation(adapter: &AdapterObject, call: &mut Call<'_, '_, '_, '_>) -> Result<Value, Error> {
    let value = call.arguments.required("relation")?;
    let relation = RelationObject::of(&value).ok_or_else(|| not_a_relation("drop_relation"))?;
    adapter.root_macro("drop_relation")?.call(call.state, &[value])?;
    lock(&call.scope.leftovers).shift_remove(&relation);
    let cascades = call.scope.shared.dialect.capabilities().cascades_drops;
    with_warehouse(call, |warehouse| {
        warehouse.cache_dropped(&relation);
        if cascades {
            warehouse.cache_cascaded(&relation);
        }
        Ok(())
    })?;
    Ok(none())
}

fn truncate_relation(
    adapter: &AdapterObject,
    call: &mut Call<'_, '_, '_, '_>,
) -> Result<Value, Error> {
    let value = call.arguments.required("relation")?;
    adapter.root_macro("truncate_relation")?.call(call.state, &[value])?;
    Ok(none())
}

fn rename_relation(
    adapter: &AdapterObject,
    call: &mut Call<'_, '_, '_, '_>,
) -> Result<Value, Error> {
    let from = call.arguments.required("from_relation")?;
    let to = call.arguments.required("to_relation")?;
    let (Some(old), Some(new)) = (RelationObject::of(&from), RelationObject::of(&to)) else {
        return Err(not_a_relation("rename_relation"));
    };
    adapter.root_macro("rename_relation")?.call(call.state, &[from, to])?;
    with_warehouse(call, |warehouse| {
        warehouse.cache_renamed(&old, &new);
        Ok(())
    })?;
    Ok(none())
}

/// Tells the cache of a relation that came or went.
fn change_cache(method: &str, call: &mut Call<'_, '_, '_, '_>) -> Result<Value, Error> {
    let relation = call.arguments.take("relation").as_ref().and_then(RelationObject::of);
    if let Some(relation) = relation {
        with_warehouse(call, |warehouse| {
            match method {
                "cache_added" => warehouse.cache_added(&relation),
                _ => warehouse.cache_dropped(&relation),
            }
            Ok(())
        })?;
    }
    Ok(Value::from(""))
}

fn cache_renamed(call: &mut Call<'_, '_, '_, '_>) -> Result<Value, Error> {
    let from = relation_argument(call, "from_relation")?;
    let to = relation_argument(call, "to_relation")?;
    with_warehouse(call, |warehouse| {
        warehouse.cache_renamed(&from, &to);
        Ok(())
    })?;
    Ok(Value::from(""))
}

pub(super) fn not_a_relation(method: &str) -> Error {
    failure(format!("adapter.{method}() takes a relation"))
}

fn relation_argument(call: &mut Call<'_, '_, '_, '_>, name: &str) -> Result<Relation, Error> {
    let value = call.arguments.required(name)?;
    RelationObject::of(&value).ok_or_else(|| failure(format!("'{name}' is not a relation")))
}

/// The relation of a name in the target's database.
fn wanted_here(
    call: &Call<'_, '_, '_, '_>,
    schema: Option<&str>,
    identifier: Option<&str>,
) -> Relation {
    let database = call.scope.shared.credentials.database.as_deref();
    wanted(call, database, schema, identifier)
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
