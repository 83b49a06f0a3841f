//! `run-operation` and what a command asks of the warehouse outside of nodes.

use std::sync::{Arc, MutexGuard, PoisonError};

use adapter_interface::{RowLimit, Warehouse, WarehouseError};
use graph::{Deferral, Graph};
use indexmap::IndexMap;
use serde_json::Value;
use source::{Diagnostic, codes};
use template::{
    Argument, Called, Engine, NodeScope, ResultTable, RunFailure, SharedWarehouse, WarehouseAccess,
};

use crate::cancel::CancelFlag;
use crate::compile::Compiler;
use crate::root_scope::RootScope;
use crate::scope::SharedScope;
use crate::sessions::Opener;

/// A session with the warehouse outside of a run: for operations, inline queries and the catalog.
pub struct Session {
    pub(crate) compiler: Compiler,
    pub(crate) scope: Arc<dyn NodeScope>,
    pub(crate) warehouse: SharedWarehouse,
}

/// A macro to run.
#[derive(Debug, Clone)]
pub struct OperationRequest {
    /// The macro's name, with its package in front when it is not the root project's.
    pub macro_name: String,
    /// `--args`.
    pub arguments: IndexMap<String, Value>,
}

impl Session {
    /// Opens a session; `name` names it in `connection_name` and messages.
    pub fn open(
        graph: &Arc<Graph>,
        engine: &Arc<Engine>,
        warehouse: &Arc<dyn Warehouse>,
        cancel: &CancelFlag,
        name: &str,
    ) -> Result<Self, WarehouseError> {
        let access = Opener::new(engine, warehouse, cancel).open(name)?;
        let shared =
            SharedScope::new(graph, &[], engine, false, graph.project.session.clone(), None);
        let scope: Arc<dyn NodeScope> = Arc::new(RootScope::new(&shared, name));
        let compiler = Compiler::new(engine.clone(), shared);
        // A comment that cannot be made is no reason to refuse: what is asked here changes nothing by itself.
        let _ = compiler.serve_run(name, &access);
        Ok(Self { compiler, scope, warehouse: access })
    }

    /// From now on references lead to what an earlier run built elsewhere, where it is not here.
    pub fn defer(&self, deferral: Option<Arc<Deferral>>) {
        self.compiler.scope.defer(deferral);
    }

    /// Compiles a text as if it were a model of the root project.
    pub fn compile(&self, text: &str) -> Result<String, Box<RunFailure>> {
        let quoting = self.compiler.engine.quoting();
        let scope: Arc<dyn NodeScope> =
            Arc::new(RootScope::of_query(&self.compiler.scope, quoting));
        self.compiler.render(text, &scope, &self.warehouse)
    }

    /// Runs a query and gives its rows.
    pub fn fetch(&self, sql: &str) -> Result<ResultTable, Box<RunFailure>> {
        match self.access().execute(sql, false, RowLimit::All) {
            Ok(outcome) => Ok(ResultTable::from(&outcome.rows)),
            Err(error) => Err(RunFailure::of_warehouse(error, Some(sql))),
        }
    }

    /// Runs a macro. What it leaves in a transaction is undone; as with dbt there is none where the driver of dbt's
    /// adapter opens transactions by itself: the `commit` that dbt sends first ends the only one.
    pub fn run_operation(&self, request: &OperationRequest) -> Result<Called, Box<RunFailure>> {
        let engine = &self.compiler.engine;
        let Some(macro_id) = engine.find_operation(&request.macro_name) else {
            let names = engine.macros().values().map(|info| info.name.as_str());
            let hint = source::suggest::did_you_mean(&request.macro_name, names);
            return Err(Box::new(RunFailure {
                diagnostic: Diagnostic::error(
                    codes::MACRO_NOT_FOUND,
                    format!("no package has a macro named `{}`", request.macro_name),
                )
                .hint_optional(hint),
                warehouse: None,
                statement: None,
            }));
        };
        let keywords: Vec<(String, Argument)> = request
            .arguments
            .iter()
            .map(|(name, value)| (name.clone(), Argument::Json(value.clone())))
            .collect();
        let scope = self.scope_of(&macro_id);
        self.access().keep_all();
        let called = engine.call_macro(&macro_id, &[], &keywords, &scope, &self.warehouse)?;
        let _ = self.access().rollback();
        Ok(called)
    }

    fn access(&self) -> MutexGuard<'_, dyn WarehouseAccess + 'static> {
        self.warehouse.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a macro sees: its package is searched first, as for the package's models (dbt: `MacroContext`). That of a
    /// built-in macro is none of the project's.
    fn scope_of(&self, macro_id: &str) -> Arc<dyn NodeScope> {
        let shared = &self.compiler.scope;
        let info = self.compiler.engine.macros().get(macro_id);
        let own = info.filter(|info| shared.graph.project.package(&info.package).is_some());
        own.map_or_else(
            || self.scope.clone(),
            |info| {
                let scope = RootScope::new(shared, &format!("macro_{}", info.name));
                Arc::new(scope.in_package(&info.package))
            },
        )
    }
}
