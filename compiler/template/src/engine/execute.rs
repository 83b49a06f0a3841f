//! Rendering with a graph and a connection: compiling, hooks, materializations.

use std::sync::{Arc, PoisonError};

use adapter_interface::{Relation, Response, WarehouseError, WarehouseErrorKind};
use minijinja::value::Value as TemplateValue;
use serde_json::Value;
use source::{Diagnostic, Span, codes};

use super::{Engine, GenericTestCall};
use crate::capture::Capture;
use crate::context::names::{globals, names};
use crate::context::offered::Offered;
use crate::context::plain::{is_none, text_of};
use crate::context::relation::RelationObject;
use crate::context::render_scope::{Phase, RenderScope, RunPhase, lock};
use crate::context::statement_results::ResponseObject;
use crate::context::table::Table;
use crate::language::{MacroRuns, RenderError, render};
use crate::python::repr::to_text;
use crate::python::{from_json, to_json};
use crate::scope::{NodeScope, SharedWarehouse};

/// A rendered text.
#[derive(Debug, Clone, Default)]
pub struct Rendered {
    /// The text.
    pub text: String,
    /// What it used.
    pub capture: Capture,
    /// The ephemeral models it referred to, in the order of the calls.
    pub ephemerals: Vec<Arc<str>>,
}

/// What a materialization did.
#[derive(Debug, Clone, Default)]
pub struct Materialized {
    /// The relations it says it made.
    pub relations: Vec<Relation>,
    /// What the warehouse said of the statement `main`.
    pub response: Option<Response>,
    /// The result of the statement `main`, when it has one.
    pub table: Option<ResultTable>,
    /// The cells of that table as Python prints them; nothing where they are none.
    pub texts: Vec<Vec<Option<String>>>,
    /// The statement given to `write`, for `target/run`.
    pub written: Option<String>,
}

/// A result as plain values.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ResultTable {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<Vec<Value>>,
}

/// What a macro gave.
#[derive(Debug, Clone, Default)]
pub struct Called {
    /// Its `return` value as JSON; its text when it returned nothing.
    pub value: Value,
    /// The table it returned, when it returned one.
    pub table: Option<ResultTable>,
    /// What it used.
    pub capture: Capture,
}

/// An argument for a macro.
#[derive(Debug, Clone)]
pub enum Argument {
    /// Plain data.
    Json(Value),
    /// A relation.
    Relation(Relation),
    /// Several relations.
    Relations(Vec<Relation>),
    /// The information schema of the database of a relation.
    InformationSchema(Relation),
}

/// Why a render at run time failed.
#[derive(Debug, Clone)]
pub struct RunFailure {
    /// What to tell the user.
    pub diagnostic: Diagnostic,
    /// The warehouse's own error, when it was one.
    pub warehouse: Option<WarehouseError>,
    /// The statement that the warehouse refused.
    pub statement: Option<String>,
}

impl RunFailure {
    /// An error of the warehouse, and the statement that met with it.
    pub fn of_warehouse(error: WarehouseError, statement: Option<&str>) -> Box<Self> {
        Box::new(Self {
            diagnostic: Diagnostic::error(warehouse_code(error.kind), error.message.clone()),
            warehouse: Some(error),
            statement: statement.map(str::to_owned),
        })
    }
}

/// The code that tells of an error that a statement met with.
pub(crate) fn warehouse_code(kind: WarehouseErrorKind) -> codes::Code {
    match kind {
        WarehouseErrorKind::Locked => codes::WAREHOUSE_LOCKED,
        WarehouseErrorKind::Authentication => codes::WAREHOUSE_AUTH,
        WarehouseErrorKind::Disconnected => codes::WAREHOUSE_CONNECT,
        WarehouseErrorKind::Cancelled => codes::CANCELLED,
        _ => codes::WAREHOUSE_SQL,
    }
}

impl Engine {
    fn run_scope(
        &self,
        node: &Arc<dyn NodeScope>,
        warehouse: &SharedWarehouse,
        compiled: Option<&str>,
    ) -> RenderScope {
        let phase = RunPhase {
            node: node.clone(),
            warehouse: warehouse.clone(),
            compiled: compiled.map(Arc::from),
        };
        let scope =
            RenderScope::new(self.shared.clone(), Arc::from(node.package()), Phase::Run(phase));
        let names = node.extra().into_iter().map(|(name, value)| (name, from_json(&value)));
        lock(&scope.extra).extend(names);
        if let Some(finished) = node.results() {
            let results = crate::context::run_result::results(finished);
            lock(&scope.extra).insert("results".to_owned(), results);
        }
        if let Some(overrides) = node.overrides() {
            let names = crate::context::overrides::names_of(&scope, &overrides.macros);
            lock(&scope.extra).extend(names);
        }
        scope
    }

    fn failure(
        &self,
        error: &RenderError,
        scope: &RenderScope,
        place: Option<Span>,
    ) -> Box<RunFailure> {
        let diagnostic = self.diagnose(error, Some(scope), place);
        let kept = lock(&scope.warehouse_failure).take();
        let (warehouse, statement) = kept.unzip();
        Box::new(RunFailure { diagnostic, warehouse, statement })
    }

    /// Renders a node's template; `generic_test` has the arguments of a generic test.
    pub fn compile(
        &self,
        node: &Arc<dyn NodeScope>,
        warehouse: &SharedWarehouse,
        generic_test: Option<&GenericTestCall>,
    ) -> Result<Rendered, Box<RunFailure>> {
        let (text, place) = node.code();
        let scope = Arc::new(self.run_scope(node, warehouse, None));
        if let Some(test) = generic_test {
            let arguments = self
                .test_arguments(test, &scope)
                .map_err(|error| self.failure(&error, &scope, place))?;
            lock(&scope.extra).insert("_dbt_generic_test_kwargs".to_owned(), arguments);
        }
        self.render_scoped(&text, place, node.unique_id(), &scope)
    }

    /// Renders any text as if it stood in the node: hooks, inline queries.
    pub fn render_text(
        &self,
        text: &str,
        place: Option<Span>,
        node: &Arc<dyn NodeScope>,
        warehouse: &SharedWarehouse,
    ) -> Result<Rendered, Box<RunFailure>> {
        self.render_scoped(text, place, "<text>", &Arc::new(self.run_scope(node, warehouse, None)))
    }

    fn render_scoped(
        &self,
        text: &str,
        place: Option<Span>,
        name: &str,
        scope: &Arc<RenderScope>,
    ) -> Result<Rendered, Box<RunFailure>> {
        let shared = &self.shared;
        let rendered = render(shared.environment(), &shared.library, name, text, &globals(scope));
        let text = rendered.map_err(|error| self.failure(&error, scope, place))?;
        let capture = std::mem::take(&mut *lock(&scope.capture));
        let ephemerals = std::mem::take(&mut *lock(&scope.ephemerals)).into_iter().collect();
        Ok(Rendered { text, capture, ephemerals })
    }

    /// Runs of this engine's macros.
    pub(super) fn macro_runs(&self) -> MacroRuns<'_> {
        MacroRuns::new(self.shared.environment(), &self.shared.library)
    }

    /// Materializations of this engine, one after the other.
    pub fn materializations(&self) -> Materializations<'_> {
        Materializations { engine: self, runs: self.macro_runs() }
    }

    fn call_in(
        &self,
        runs: &MacroRuns<'_>,
        macro_id: &str,
        arguments: &[TemplateValue],
        keywords: &[(String, TemplateValue)],
        scope: &Arc<RenderScope>,
    ) -> Result<TemplateValue, Box<RunFailure>> {
        let Some(definition) = self.shared.library.get(macro_id) else {
            let diagnostic = Diagnostic::error(
                codes::MACRO_NOT_FOUND,
                format!("there is no macro `{macro_id}`"),
            );
            return Err(Box::new(RunFailure { diagnostic, warehouse: None, statement: None }));
        };
        runs.run(definition, names(scope), arguments, keywords)
            .map_err(|error| self.failure(&error, scope, None))
    }

    /// Calls a macro by unique id.
    pub fn call_macro(
        &self,
        macro_id: &str,
        arguments: &[Argument],
        keywords: &[(String, Argument)],
        node: &Arc<dyn NodeScope>,
        warehouse: &SharedWarehouse,
    ) -> Result<Called, Box<RunFailure>> {
        let scope = Arc::new(self.run_scope(node, warehouse, None));
        let positional: Vec<TemplateValue> =
            arguments.iter().map(|argument| self.argument(argument)).collect();
        let value =
            self.call_in(&self.macro_runs(), macro_id, &positional, &self.named(keywords), &scope)?;
        let table = Table::of(&value).map(result_table);
        let capture = std::mem::take(&mut *lock(&scope.capture));
        let value =
            if table.is_some() { Value::Null } else { to_json(&value).unwrap_or(Value::Null) };
        Ok(Called { value, table, capture })
    }

    fn argument(&self, argument: &Argument) -> TemplateValue {
        let relation = |relation: Relation| RelationObject::value(relation, &self.shared.dialect);
        match argument {
            Argument::Json(json) => from_json(json),
            Argument::Relation(one) => relation(one.clone()),
            Argument::Relations(several) => {
                crate::context::plain::list(several.iter().cloned().map(relation))
            }
            Argument::InformationSchema(one) => {
                relation(self.shared.dialect.information_schema(one, None))
            }
        }
    }

    fn named(&self, keywords: &[(String, Argument)]) -> Vec<(String, TemplateValue)> {
        keywords.iter().map(|(name, argument)| (name.clone(), self.argument(argument))).collect()
    }

    /// Drops what a render that failed has made for itself. Its failure is the one to tell of: what cannot be dropped is
    /// left to the next run, which drops it first.
    fn drop_leftovers(
        &self,
        scope: &RenderScope,
        node: &Arc<dyn NodeScope>,
        warehouse: &SharedWarehouse,
    ) {
        let leftovers = std::mem::take(&mut *lock(&scope.leftovers));
        if leftovers.is_empty() || lock(&**warehouse).rollback().is_err() {
            return;
        }
        // Where nothing is kept nothing is left, and the node may be tried again.
        if !lock(&**warehouse).has_committed() {
            return;
        }
        let root = self.shared.library.root_package();
        let drop_relation = self.find_macro(root, "drop_relation").unwrap_or_default();
        lock(&**warehouse).tidy(true);
        for relation in leftovers {
            let argument = [Argument::Relation(relation.clone())];
            let drop = || self.call_macro(&drop_relation, &argument, &[], node, warehouse);
            if crate::interrupt::exempt(drop).is_ok() {
                lock(&**warehouse).cache_dropped(&relation);
            }
        }
        lock(&**warehouse).tidy(false);
    }

    /// Calls the macro that a query's comment is: as in dbt it has no graph and no warehouse to ask.
    pub fn call_comment(
        &self,
        macro_id: &str,
        arguments: &[Argument],
        node: &Arc<dyn NodeScope>,
        warehouse: &SharedWarehouse,
    ) -> Result<Value, Box<RunFailure>> {
        let mut scope = self.run_scope(node, warehouse, None);
        scope.offered = Offered::Comment;
        let scope = Arc::new(scope);
        let positional: Vec<TemplateValue> =
            arguments.iter().map(|argument| self.argument(argument)).collect();
        let value = self.call_in(&self.macro_runs(), macro_id, &positional, &[], &scope)?;
        Ok(to_json(&value).unwrap_or(Value::Null))
    }

    /// Calls a macro that asks the warehouse: it returns a table, or a statement's result with its response.
    pub fn query_macro(
        &self,
        macro_id: &str,
        keywords: &[(String, Argument)],
        node: &Arc<dyn NodeScope>,
        warehouse: &SharedWarehouse,
    ) -> Result<(Option<Response>, ResultTable), Box<RunFailure>> {
        let scope = Arc::new(self.run_scope(node, warehouse, None));
        let value =
            self.call_in(&self.macro_runs(), macro_id, &[], &self.named(keywords), &scope)?;
        let part = |name: &str| value.get_attr(name).ok().filter(|part| !is_none(part));
        let response = part("response").map(|response| {
            match response.downcast_object_ref::<ResponseObject>() {
                Some(object) => object.0.clone(),
                None => Response { message: text_of(&response), ..Response::default() },
            }
        });
        let table = Table::of(&value).map(result_table);
        if table.is_some() && macro_id.ends_with(".collect_freshness") {
            let message = "`collect_freshness` returns rows alone, and not the whole result";
            let hint = "return `load_result('collect_freshness')` without `.table`";
            let warning =
                Diagnostic::warning(codes::DEPRECATED_FRESHNESS_TABLE, message).hint(hint);
            self.shared.listener.warn(warning).map_err(|diagnostic| {
                Box::new(RunFailure { diagnostic, warehouse: None, statement: None })
            })?;
        }
        let table = table.or_else(|| part("table").as_ref().and_then(Table::of).map(result_table));
        table.map(|table| (response, table)).ok_or_else(|| {
            let text = format!("the macro `{macro_id}` returned no table");
            let diagnostic = Diagnostic::error(codes::NODE_FAILED, text)
                .hint("return `load_result` of a statement that fetches its result");
            Box::new(RunFailure { diagnostic, warehouse: None, statement: None })
        })
    }

    /// The relations of a schema as the warehouse lists them now.
    pub fn list_relations(
        &self,
        schema: &Relation,
        node: &Arc<dyn NodeScope>,
        warehouse: &SharedWarehouse,
    ) -> Result<Vec<Relation>, Box<RunFailure>> {
        let by_connection =
            warehouse.lock().unwrap_or_else(PoisonError::into_inner).list_relations(schema);
        if let Some(Ok(relations)) = by_connection {
            return Ok(relations);
        }
        let scope = Arc::new(self.run_scope(node, warehouse, None));
        let id =
            self.find_macro(self.shared.library.root_package(), "list_relations_without_caching");
        let arguments = [RelationObject::value(schema.clone(), &self.shared.dialect)];
        let value = self.call_in(
            &self.macro_runs(),
            id.as_deref().unwrap_or_default(),
            &arguments,
            &[],
            &scope,
        )?;
        Ok(crate::context::adapter::listed_relations(&scope, &value))
    }
}

/// Materializations run one after the other, by many threads: what one loads the next has.
pub struct Materializations<'engine> {
    engine: &'engine Engine,
    runs: MacroRuns<'engine>,
}

impl Materializations<'_> {
    /// Runs a materialization's macro with the compiled SQL as `sql` and `compiled_code`.
    pub fn run(
        &self,
        macro_id: &str,
        compiled: &str,
        node: &Arc<dyn NodeScope>,
        warehouse: &SharedWarehouse,
    ) -> Result<Materialized, Box<RunFailure>> {
        let engine = self.engine;
        let scope = Arc::new(engine.run_scope(node, warehouse, Some(compiled)));
        let called = engine.call_in(&self.runs, macro_id, &[], &[], &scope);
        node.note_macros(&std::mem::take(&mut lock(&scope.capture).macros));
        let value = called.inspect_err(|_| engine.drop_leftovers(&scope, node, warehouse))?;
        let relations = value.get_attr("relations").ok().filter(|value| !is_none(value));
        let relations = match relations.and_then(|value| value.try_iter().ok()) {
            Some(items) => items.filter_map(|item| RelationObject::of(&item)).collect(),
            None if value.as_str().is_some() || is_none(&value) => {
                return Err(Box::new(RunFailure {
                    diagnostic: Diagnostic::error(
                        codes::NODE_FAILED,
                        "the materialization returned no relations",
                    )
                    .hint("end it with `{{ return({'relations': [target_relation]}) }}`")
                    .about(node.unique_id()),
                    warehouse: None,
                    statement: None,
                }));
            }
            None => Vec::new(),
        };
        let main = lock(&scope.results).get("main").cloned().filter(|main| !is_none(main));
        let part = |name: &str| main.as_ref().and_then(|main| main.get_attr(name).ok());
        let response = part("response").map(|response| {
            match response.downcast_object_ref::<ResponseObject>() {
                Some(object) => object.0.clone(),
                None => Response { message: text_of(&response), ..Response::default() },
            }
        });
        let found = part("table");
        let found = found.as_ref().and_then(Table::of);
        let texts = found.map(texts_of).unwrap_or_default();
        let table = found.map(result_table);
        let written = lock(&scope.written).take();
        Ok(Materialized { relations, response, table, texts, written })
    }
}

fn texts_of(table: &Table) -> Vec<Vec<Option<String>>> {
    let text = |value: &TemplateValue| (!is_none(value)).then(|| to_text(value));
    table.rows().map(|row| row.iter().map(text).collect()).collect()
}

fn result_table(table: &Table) -> ResultTable {
    let cell = |value: &TemplateValue| to_json(value).unwrap_or(Value::Null);
    ResultTable {
        columns: table.columns().to_vec(),
        rows: table.rows().map(|row| row.iter().map(cell).collect()).collect(),
    }
}

impl From<&adapter_interface::Rows> for ResultTable {
    fn from(rows: &adapter_interface::Rows) -> Self {
        result_table(&Table::from_rows(rows))
    }
}
