//! A worker's connection as templates use it, with the shared cache of relations.

use std::sync::{Arc, Mutex};

use adapter_interface::{
    Column, Connection, Outcome, Relation, RowLimit, SeedTable, Warehouse, WarehouseError, WarehouseErrorKind,
};
use template::{SharedWarehouse, WarehouseAccess};

use crate::cache::RelationCache;
use crate::cancel::CancelFlag;

/// A connection with the cache and the flag that all workers share.
pub(crate) struct Access {
    connection: Box<dyn Connection>,
    cache: Arc<RelationCache>,
    cancel: CancelFlag,
}

impl Access {
    /// Opens a connection; `name` says what for.
    pub(crate) fn open(
        warehouse: &Arc<dyn Warehouse>,
        name: &str,
        cache: &Arc<RelationCache>,
        cancel: &CancelFlag,
    ) -> Result<SharedWarehouse, WarehouseError> {
        let connection = warehouse.connect(name)?;
        cancel.register(connection.canceller());
        Ok(Arc::new(Mutex::new(Self { connection, cache: cache.clone(), cancel: cancel.clone() })))
    }
}

impl WarehouseAccess for Access {
    fn execute(&mut self, sql: &str, begins: bool, limit: RowLimit) -> Result<Outcome, WarehouseError> {
        if self.cancel.is_set() {
            return Err(WarehouseError::new(WarehouseErrorKind::Cancelled, "the run was cancelled"));
        }
        if begins && !self.connection.is_in_transaction() {
            self.connection.begin()?;
        }
        self.connection.execute(sql, limit)
    }

    fn begin(&mut self) -> Result<(), WarehouseError> {
        self.connection.begin()
    }

    fn commit(&mut self) -> Result<(), WarehouseError> {
        self.connection.commit()
    }

    fn rollback(&mut self) -> Result<(), WarehouseError> {
        self.connection.rollback()
    }

    fn describe_query(&mut self, sql: &str) -> Result<Vec<Column>, WarehouseError> {
        self.connection.describe_query(sql)
    }

    fn load_seed(&mut self, seed: &SeedTable<'_>) -> Option<Result<Outcome, WarehouseError>> {
        self.connection.load_seed(seed)
    }

    fn list_relations(&mut self, schema: &Relation) -> Option<Result<Vec<Relation>, WarehouseError>> {
        self.connection.list_relations(schema)
    }

    fn columns_of(&mut self, relation: &Relation) -> Option<Result<Vec<Column>, WarehouseError>> {
        self.connection.columns_of(relation)
    }

    fn cached_relations(&self, schema: &Relation) -> Option<Vec<Relation>> {
        self.cache.relations(schema)
    }

    fn cache_schema(&mut self, schema: &Relation, relations: Vec<Relation>) {
        self.cache.put(schema, relations);
    }

    fn cache_added(&mut self, relation: &Relation) {
        self.cache.added(relation);
    }

    fn cache_dropped(&mut self, relation: &Relation) {
        self.cache.dropped(relation);
    }

    fn cache_renamed(&mut self, from: &Relation, to: &Relation) {
        self.cache.renamed(from, to);
    }

    fn cache_schema_dropped(&mut self, schema: &Relation) {
        self.cache.schema_dropped(schema);
    }

    fn is_cancelled(&self) -> bool {
        self.cancel.is_set()
    }
}
