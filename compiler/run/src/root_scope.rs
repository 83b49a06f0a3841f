//! The project as a whole as templates see it: for operations, inline queries and what a run does for itself.

use std::sync::{Arc, OnceLock};

use adapter_interface::{Quoting, Relation};
use indexmap::IndexMap;
use project::ResourceType;
use project::seed::SeedContents;
use serde_json::{Value, json};
use session::SessionInput;
use source::{Diagnostic, Span, codes};
use template::{GraphChanges, NodeScope, RefCall, RefTarget, SourceCall};

use crate::scope::{SharedScope, ephemeral_relation};

/// A scope that is no node's.
pub(crate) struct RootScope {
    shared: Arc<SharedScope>,
    unique_id: String,
    package: String,
    config: IndexMap<String, Value>,
    code: OnceLock<Arc<str>>,
    /// What stands for `this` in a query of the command line.
    this: Option<Relation>,
}

impl RootScope {
    /// A scope under a name, in the root package.
    pub(crate) fn new(shared: &Arc<SharedScope>, name: &str) -> Self {
        let package = shared.graph.project.root().settings.name.clone();
        Self {
            shared: shared.clone(),
            unique_id: format!("operation.{package}.{name}"),
            package,
            config: IndexMap::new(),
            code: OnceLock::new(),
            this: None,
        }
    }

    /// The scope of a query of the command line, which is a node of its own in dbt, with a relation that nobody builds.
    pub(crate) fn of_query(shared: &Arc<SharedScope>, quoting: Quoting) -> Self {
        const NAME: &str = "inline_query";
        let scope = Self::new(shared, NAME);
        let (database, schema) = (shared.database.as_deref(), shared.schema.as_str());
        let this = Relation::new(database, Some(schema), Some(NAME), quoting);
        let unique_id = format!("sql_operation.{}.{NAME}", scope.package);
        Self { unique_id, this: Some(this), ..scope }
    }

    /// The same scope as templates of another package see it, whose macros need no package in front.
    pub(crate) fn in_package(self, package: &str) -> Self {
        Self { package: package.to_owned(), ..self }
    }
}

impl NodeScope for RootScope {
    fn unique_id(&self) -> &str {
        &self.unique_id
    }

    fn package(&self) -> &str {
        &self.package
    }

    fn resource_type(&self) -> ResourceType {
        ResourceType::Operation
    }

    fn is_alone(&self) -> bool {
        self.this.is_none()
    }

    fn code(&self) -> (Arc<str>, Option<Span>) {
        (self.code.get_or_init(|| Arc::from("")).clone(), None)
    }

    fn this(&self) -> Option<Relation> {
        self.this.clone()
    }

    fn database_and_schema(&self) -> (Option<String>, String) {
        (self.shared.database.clone(), self.shared.schema.clone())
    }

    fn config(&self) -> &IndexMap<String, Value> {
        &self.config
    }

    fn model(&self) -> Value {
        let name = self.unique_id.rsplit('.').next().unwrap_or_default();
        let mut model = json!({
            "unique_id": self.unique_id,
            "name": name,
            "package_name": self.package,
            "resource_type": self.unique_id.split('.').next(),
            "config": {},
        });
        if self.this.is_some() {
            model["alias"] = json!(name);
            model["database"] = json!(self.shared.database);
            model["schema"] = json!(self.shared.schema);
        }
        model
    }

    fn graph_changes(&self, since: usize) -> GraphChanges {
        self.shared.changes(since)
    }

    fn graph(&self) -> Arc<Value> {
        self.shared.dictionary()
    }

    fn resolve_ref(&self, call: &RefCall) -> Result<RefTarget, Diagnostic> {
        let graph = &self.shared.graph;
        let index = graph::find_ref(graph, &self.package, call)?;
        let target = graph.node(index);
        if let Some(relation) = ephemeral_relation(target) {
            return Ok(RefTarget::Ephemeral { unique_id: target.unique_id.clone(), relation });
        }
        target.relation.clone().map(|own| self.shared.lead(index, own)).ok_or_else(|| {
            Diagnostic::error(
                codes::REF_NOT_FOUND,
                format!("`{}` has no relation to refer to", target.unique_id),
            )
        })
    }

    fn resolve_source(&self, call: &SourceCall) -> Result<Relation, Diagnostic> {
        let graph = &self.shared.graph;
        let target = graph.node(graph::find_source(graph, &self.package, call)?);
        target.relation.clone().ok_or_else(|| {
            Diagnostic::error(
                codes::SOURCE_NOT_FOUND,
                format!("`{}` has no relation to refer to", target.unique_id),
            )
        })
    }

    fn resolve_function(&self, names: &[String]) -> Result<Relation, Diagnostic> {
        self.shared.function(&self.package, names)
    }

    fn selected_resources(&self) -> Vec<String> {
        self.shared.selected.clone()
    }

    fn extra(&self) -> IndexMap<String, Value> {
        IndexMap::new()
    }

    fn session(&self) -> Option<&SessionInput> {
        self.shared.session.as_ref()
    }

    fn load_seed(&self) -> Result<SeedContents, Diagnostic> {
        Err(Diagnostic::error(codes::TEMPLATE_RENDER, "`load_agate_table` is only for seeds"))
    }
}
