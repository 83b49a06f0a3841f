//! The warehouse of `compile --no-introspect`: nothing connects, and whoever asks it is refused.

use std::sync::Arc;

use adapter_interface::{
    Canceller, Column, Connection, MacroValue, MethodCall, Outcome, Relation, RowLimit, Warehouse,
    WarehouseError, WarehouseErrorKind,
};

/// The warehouse, each of its sessions, and what ends their statements, of which there are none.
pub(crate) struct UnaskedWarehouse;

impl Warehouse for UnaskedWarehouse {
    fn connect(&self, _name: &str) -> Result<Box<dyn Connection>, WarehouseError> {
        Ok(Box::new(Self))
    }
}

impl Connection for UnaskedWarehouse {
    fn execute(&mut self, _sql: &str, _limit: RowLimit) -> Result<Outcome, WarehouseError> {
        Err(refused())
    }

    fn begin(&mut self) -> Result<(), WarehouseError> {
        Ok(())
    }

    fn commit(&mut self) -> Result<(), WarehouseError> {
        Ok(())
    }

    fn rollback(&mut self) -> Result<(), WarehouseError> {
        Ok(())
    }

    fn is_in_transaction(&self) -> bool {
        false
    }

    fn canceller(&self) -> Arc<dyn Canceller> {
        Arc::new(Self)
    }

    fn describe_query(&mut self, _sql: &str) -> Result<Vec<Column>, WarehouseError> {
        Err(refused())
    }

    fn call_method(
        &mut self,
        _call: &MethodCall<'_>,
    ) -> Option<Result<MacroValue, WarehouseError>> {
        Some(Err(refused()))
    }

    /// Without an answer it is the macros' turn, and those of some adapters ask here again.
    fn list_relations(
        &mut self,
        _schema: &Relation,
    ) -> Option<Result<Vec<Relation>, WarehouseError>> {
        Some(Err(refused()))
    }

    fn columns_of(&mut self, _relation: &Relation) -> Option<Result<Vec<Column>, WarehouseError>> {
        Some(Err(refused()))
    }
}

impl Canceller for UnaskedWarehouse {
    fn cancel(&self) {}
}

fn refused() -> WarehouseError {
    let message = "the template asks the warehouse, from which `--no-introspect` keeps it";
    WarehouseError::new(WarehouseErrorKind::Configuration, message)
}
