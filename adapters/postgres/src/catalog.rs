//! What only the server's catalog knows: the names of types that are not built in, and of a table's columns.

use adapter_interface::{RowLimit, WarehouseError};
use indexmap::IndexMap;

use crate::session::{ColumnDescription, Session};
use crate::{types, values};

/// The names of types, as far as they were asked for.
#[derive(Debug, Default)]
pub(crate) struct TypeNames {
    /// By the type's number and size.
    asked: IndexMap<(u32, i32), String>,
}

impl TypeNames {
    /// The names of the types of some columns, such as `numeric(10,2)` or that of an `enum`.
    pub(crate) fn of(
        &mut self,
        session: &mut Session,
        columns: &[ColumnDescription],
    ) -> Result<Vec<String>, WarehouseError> {
        let key = |column: &ColumnDescription| (column.type_oid, column.type_modifier);
        let is_unknown = |column: &&ColumnDescription| {
            types::name(column).is_none() && !self.asked.contains_key(&key(column))
        };
        let unknown: Vec<_> = columns.iter().filter(is_unknown).map(key).collect();
        if !unknown.is_empty() {
            let names =
                unknown.iter().map(|(oid, size)| format!("pg_catalog.format_type({oid}, {size})"));
            let sql = format!("select {}", names.collect::<Vec<_>>().join(", "));
            let found = text_rows(session, &sql)?.into_iter().next().unwrap_or_default();
            self.asked.extend(unknown.into_iter().zip(found));
        }
        Ok(columns
            .iter()
            .map(|column| {
                let asked = || self.asked.get(&key(column)).cloned();
                types::name(column).or_else(asked).unwrap_or_default()
            })
            .collect())
    }
}

/// The names of a table's columns as the catalog has them; `table` is a name as it stands in SQL.
pub(crate) fn column_names(
    session: &mut Session,
    table: &str,
) -> Result<Vec<String>, WarehouseError> {
    let sql = format!(
        "select attname from pg_catalog.pg_attribute \
         where attrelid = '{}'::pg_catalog.regclass and attnum > 0 and not attisdropped",
        table.replace('\'', "''")
    );
    Ok(text_rows(session, &sql)?.into_iter().flatten().collect())
}

/// The rows of a query as text, null as nothing.
fn text_rows(session: &mut Session, sql: &str) -> Result<Vec<Vec<String>>, WarehouseError> {
    let result = session.query(sql, RowLimit::All)?;
    let text = |value: Option<&[u8]>| {
        value.map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default()
    };
    result.rows.iter().map(|row| Ok(values::cells(row)?.into_iter().map(text).collect())).collect()
}
