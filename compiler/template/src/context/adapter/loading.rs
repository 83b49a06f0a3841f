//! Seeds that the connection loads in its own way, without a statement of a macro.

use adapter_interface::{
    Column, Relation, SeedStream, SeedType, WarehouseError, WarehouseErrorKind,
};
use minijinja::Error;
use project::seed::{SeedContents, SeedFailure};

use super::super::function::Call;
use super::super::plain::optional_text_of;
use super::super::relation::RelationObject;
use super::super::seed_table::SeedTableObject;
use super::listing::{columns, wanted, with_warehouse};
use super::relations::not_a_relation;
use crate::python::error::failure;

/// Loads a seed's rows by the connection's own way; false where there is none and the macro has to insert them.
pub(super) fn load_seed(call: &mut Call<'_, '_, '_, '_>) -> Result<bool, Error> {
    let value = call.arguments.required("relation")?;
    let relation = RelationObject::of(&value).ok_or_else(|| not_a_relation("load_seed"))?;
    let table = call.arguments.required("agate_table")?;
    let Some(seed) = table.downcast_object_ref::<SeedTableObject>() else { return Ok(false) };
    let known = columns(call, &value)?;
    let column = |(name, _): &(String, SeedType)| {
        known.iter().find(|column| column.name.eq_ignore_ascii_case(name)).cloned()
    };
    let Some(columns) = seed.contents.columns.iter().map(column).collect::<Option<Vec<_>>>() else {
        return Ok(false);
    };
    send_rows(call, &relation, &columns, &seed.contents)
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
pub(super) fn load_dataframe(call: &mut Call<'_, '_, '_, '_>) -> Result<(), Error> {
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
