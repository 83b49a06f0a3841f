//! A seed's rows as the seed macros see them: an agate table whose columns know their types.

use std::fmt;
use std::sync::{Arc, OnceLock};

use minijinja::value::{Enumerator, Object, ObjectRepr, Value};
use minijinja::{Error, ErrorKind, State};
use project::seed::{SeedContents, SeedFailure};

use super::plain::list;
use super::table::{Table, value_of};

/// A seed's table. Rust's bulk load reads the file; templates see a [`Table`], which is in memory only when a template
/// looks at its values.
pub(crate) struct SeedTableObject {
    /// The columns, and the way to the rows.
    pub(crate) contents: Arc<SeedContents>,
    table: OnceLock<Result<Arc<Table>, SeedFailure>>,
}

impl SeedTableObject {
    /// The template's value for a seed's contents.
    pub(crate) fn value(contents: SeedContents) -> Value {
        Value::from_object(Self { contents: Arc::new(contents), table: OnceLock::new() })
    }

    /// All rows.
    fn table(&self) -> Result<&Arc<Table>, Error> {
        let read = || {
            let rows = self.contents.rows()?;
            let values = rows.map(|row| Ok(row?.iter().map(value_of).collect()));
            let columns = self.contents.columns.iter().map(|(name, _)| name.clone()).collect();
            Ok(Arc::new(Table::new(columns, values.collect::<Result<_, SeedFailure>>()?)))
        };
        self.table.get_or_init(read).as_ref().map_err(|failure| {
            Error::new(ErrorKind::InvalidOperation, format!("the seed cannot be read: {failure}"))
        })
    }
}

impl fmt::Debug for SeedTableObject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("<agate.Table>")
    }
}

impl Object for SeedTableObject {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str() {
            Some("rows") => Some(Value::from_object(SeedRowsObject(self.clone()))),
            Some("column_names") => {
                let names = self.contents.columns.iter();
                Some(list(names.map(|(name, _)| Value::from(name.as_str()))))
            }
            _ => match self.table() {
                Ok(table) => table.get_value(key),
                Err(error) => Some(Value::from(error)),
            },
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        rows_of(&self.contents)
    }

    fn is_true(self: &Arc<Self>) -> bool {
        true
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        arguments: &[Value],
    ) -> Result<Value, Error> {
        self.table()?.call_method(state, method, arguments)
    }
}

/// The rows by their number; none that could be told where the file cannot be read, or not as it was guessed to be.
fn rows_of(contents: &SeedContents) -> Enumerator {
    contents.row_count().map_or(Enumerator::NonEnumerable, Enumerator::Seq)
}

/// `agate_table.rows`: their number is known without them.
#[derive(Debug)]
struct SeedRowsObject(Arc<SeedTableObject>);

impl SeedRowsObject {
    fn rows(&self) -> Result<Value, Error> {
        Ok(self.0.table()?.get_value(&Value::from("rows")).unwrap_or_default())
    }
}

impl Object for SeedRowsObject {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match self.rows().and_then(|rows| rows.get_item(key)) {
            Ok(row) if row.is_undefined() => None,
            Ok(row) => Some(row),
            Err(error) => Some(Value::from(error)),
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        rows_of(&self.0.contents)
    }

    fn is_true(self: &Arc<Self>) -> bool {
        self.0.contents.has_rows()
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        arguments: &[Value],
    ) -> Result<Value, Error> {
        self.rows()?.call_method(state, method, arguments)
    }
}
