//! A seed's rows as the seed macros see them: an agate table whose columns know their types.

use std::fmt;
use std::sync::Arc;

use minijinja::value::{Enumerator, Object, ObjectRepr, Value};
use minijinja::{Error, State};
use project::seed::SeedContents;

use super::table::{Table, value_of};

/// A seed's table. Rust's bulk load takes the contents; templates see a [`Table`].
pub(crate) struct SeedTableObject {
    /// The contents as read.
    pub(crate) contents: Arc<SeedContents>,
    /// The same as templates see it.
    table: Arc<Table>,
}

impl SeedTableObject {
    /// The template's value for a seed's contents.
    pub(crate) fn value(contents: SeedContents) -> Value {
        let columns = contents.columns.iter().map(|(name, _)| name.clone()).collect();
        let rows = contents.rows.iter().map(|row| row.iter().map(value_of).collect()).collect();
        let table = Arc::new(Table::new(columns, rows));
        Value::from_object(Self { contents: Arc::new(contents), table })
    }
}

impl fmt::Debug for SeedTableObject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("<agate.Table>")
    }
}

impl Object for SeedTableObject {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        self.table.repr()
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.table.get_value(key)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        self.table.enumerate()
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
        self.table.call_method(state, method, arguments)
    }
}
