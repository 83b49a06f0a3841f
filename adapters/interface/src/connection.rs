//! Open sessions with a warehouse.

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

use crate::column::Column;
use crate::error::WarehouseError;
use crate::estimate::{Estimate, Work};
use crate::own_method::{MacroValue, MethodCall};
use crate::relation::Relation;
use crate::rows::{Datum, Rows};

/// How many rows of a result are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowLimit {
    /// None: the statement is run for its effect.
    None,
    /// All.
    All,
    /// At most so many.
    AtMost(u64),
}

impl RowLimit {
    /// The most rows to keep.
    #[must_use]
    pub fn most(self) -> usize {
        match self {
            Self::None => 0,
            Self::All => usize::MAX,
            Self::AtMost(count) => usize::try_from(count).unwrap_or(usize::MAX),
        }
    }
}

/// What the warehouse says of a statement; dbt's `AdapterResponse`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Response {
    /// A few words, such as `OK` or `INSERT 0 3`.
    pub message: String,
    /// The word for the statement, such as `INSERT`.
    pub code: Option<String>,
    /// How many rows were changed.
    pub rows_affected: Option<i64>,
    /// Further facts by dbt's names, such as `bytes_processed`.
    pub details: IndexMap<String, Value>,
}

/// What a statement gave.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outcome {
    /// What the warehouse says of it.
    pub response: Response,
    /// The result, as far as it was asked for.
    pub rows: Rows,
}

/// Stops what a connection is doing, from another thread.
pub trait Canceller: Send + Sync {
    /// Asks the warehouse to stop the running statement; does nothing when none runs.
    fn cancel(&self);
}

/// The rows of a seed as they are read from its file, with where they go: there may be more than fit into memory.
pub struct SeedStream<'a> {
    /// The table, which exists.
    pub relation: &'a Relation,
    /// Its columns, in the order of the values.
    pub columns: &'a [Column],
    /// The rows.
    pub rows: &'a mut dyn SeedRows,
}

/// The rows of a seed, one after the other.
pub trait SeedRows {
    /// Puts the next row in the place of another one, whose memory it takes over; false at the end. An error ends the
    /// rows and says what is wrong with the file.
    fn read_row(&mut self, row: &mut Vec<Datum>) -> Result<bool, String>;
}

impl<I: Iterator<Item = Result<Vec<Datum>, String>>> SeedRows for I {
    fn read_row(&mut self, row: &mut Vec<Datum>) -> Result<bool, String> {
        let next = self.next().transpose()?;
        let is_there = next.is_some();
        *row = next.unwrap_or_default();
        Ok(is_there)
    }
}

impl Iterator for dyn SeedRows + '_ {
    type Item = Result<Vec<Datum>, String>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut row = Vec::new();
        self.read_row(&mut row).map(|is_there| is_there.then_some(row)).transpose()
    }
}

/// A model in Python, compiled: the user's code, what `dbt` is in it, and a function `materialize(df, con)` that writes
/// what the model gives.
#[derive(Debug)]
pub struct PythonModel<'a> {
    /// The name of the model's table, for messages.
    pub name: &'a str,
    /// The database of the model's table.
    pub database: Option<&'a str>,
    /// The code.
    pub code: &'a str,
    /// What it reads: what it refers to, and its own table where that exists.
    pub reads: &'a [Relation],
}

/// A database that can be connected to; shared by all threads.
pub trait Warehouse: Send + Sync {
    /// Opens a session; the name says what for, such as `model.shop.orders`.
    fn connect(&self, name: &str) -> Result<Box<dyn Connection>, WarehouseError>;

    /// How often a node is tried anew whose failure passes by itself, such as a connection that dropped, where the
    /// failed try left nothing behind.
    fn node_retries(&self) -> u32 {
        0
    }
}

/// One open session, owned by one worker thread.
pub trait Connection: Send {
    /// Runs one or several statements; the result is that of the last.
    fn execute(&mut self, sql: &str, limit: RowLimit) -> Result<Outcome, WarehouseError>;

    /// Opens a transaction; does nothing where there are none, or where one is open.
    fn begin(&mut self) -> Result<(), WarehouseError>;

    /// Ends a transaction for good; does nothing where none is open.
    fn commit(&mut self) -> Result<(), WarehouseError>;

    /// Undoes a transaction; does nothing where none is open.
    fn rollback(&mut self) -> Result<(), WarehouseError>;

    /// Whether a transaction is open.
    fn is_in_transaction(&self) -> bool;

    /// Whether the session is still there, as far as can be told without asking the warehouse for an answer.
    fn is_open(&mut self) -> bool {
        true
    }

    /// What the warehouse said beside its results since this was last asked, such as PostgreSQL's notices.
    fn take_notices(&mut self) -> Vec<String> {
        Vec::new()
    }

    /// Something that stops a running statement from another thread.
    fn canceller(&self) -> Arc<dyn Canceller>;

    /// The columns that a query would give, found without running it where the warehouse can.
    fn describe_query(&mut self, sql: &str) -> Result<Vec<Column>, WarehouseError>;

    /// Says what the next statements are for; does nothing where the warehouse has no use for it.
    fn serve(&mut self, _work: &Work<'_>) {}

    /// What a query would cost, found without running it; `None` where the warehouse cannot tell
    /// ([`crate::Capabilities::estimates_bytes`]).
    fn estimate(&mut self, _sql: &str) -> Option<Result<Estimate, WarehouseError>> {
        None
    }

    /// A method of this adapter alone, one of [`crate::Dialect::own_connection_methods`].
    fn call_method(
        &mut self,
        _call: &MethodCall<'_>,
    ) -> Option<Result<MacroValue, WarehouseError>> {
        None
    }

    /// Runs a model in Python; `None` where the adapter runs none ([`crate::Capabilities::runs_python_models`]).
    fn run_python(&mut self, _model: &PythonModel<'_>) -> Option<Result<Response, WarehouseError>> {
        None
    }

    /// Loads a seed by the warehouse's own way; `None`, without a look at the rows, where the seed macro's `insert`
    /// has to do.
    fn stream_seed(&mut self, _seed: SeedStream<'_>) -> Option<Result<Outcome, WarehouseError>> {
        None
    }

    /// The relations of a schema; `None` where the macro `list_relations_without_caching` has to do.
    fn list_relations(
        &mut self,
        _schema: &Relation,
    ) -> Option<Result<Vec<Relation>, WarehouseError>> {
        None
    }

    /// The columns of a relation; `None` where the macro `get_columns_in_relation` has to do.
    fn columns_of(&mut self, _relation: &Relation) -> Option<Result<Vec<Column>, WarehouseError>> {
        None
    }
}
