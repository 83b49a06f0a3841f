//! What templates see while a unit test is compiled and run: its inputs in place of the warehouse's tables.

use std::sync::Arc;

use adapter_interface::{Quoting, Relation, RelationKind};
use graph::{Node, NodeDetails, NodeIndex};
use indexmap::{IndexMap, IndexSet};
use project::ResourceType;
use project::seed::SeedContents;
use serde_json::Value;
use session::{SessionInput, WindowRule};
use source::{Diagnostic, Span, codes};
use template::{GraphChanges, NodeScope, Overrides, RefCall, RefTarget, SourceCall};

use crate::scope::SharedScope;

/// A unit test, or one of its inputs.
#[derive(Clone)]
pub(super) struct UnitScope {
    /// The test; none for its inputs.
    pub(super) node: Option<NodeIndex>,
    pub(super) shared: Arc<SharedScope>,
    pub(super) unique_id: Arc<str>,
    pub(super) package: Arc<str>,
    pub(super) resource_type: ResourceType,
    pub(super) code: Arc<str>,
    pub(super) place: Option<Span>,
    pub(super) this: Option<Relation>,
    /// The model under test.
    pub(super) tested: NodeIndex,
    pub(super) config: IndexMap<String, Value>,
    pub(super) model: Value,
    /// The inputs with the names of their common table expressions.
    pub(super) inputs: IndexMap<NodeIndex, String>,
    pub(super) overrides: Overrides,
}

/// The name of the expression that stands for a node.
pub(super) fn cte_name(node: &Node) -> String {
    match &node.details {
        // Two sources may have tables of one name.
        NodeDetails::Source(source) => format!("__dbt__cte__{}__{}", source.source_name, node.name),
        _ => format!("__dbt__cte__{}", node.alias),
    }
}

/// The expression as a relation.
pub(super) fn cte_relation(name: &str) -> Relation {
    let quoting = Quoting { identifier: false, ..Quoting::ALL };
    Relation::new(None, None, Some(name), quoting).with_kind(RelationKind::Cte)
}

impl UnitScope {
    fn input(&self, node: NodeIndex, written: &str) -> Result<Relation, Diagnostic> {
        self.inputs.get(&node).map(|name| cte_relation(name)).ok_or_else(|| {
            let name = self.unique_id.rsplit('.').next().unwrap_or_default();
            Diagnostic::error(
                codes::TEST_INVALID,
                format!(
                    "the model uses `{written}`, for which the unit test `{name}` gives no rows"
                ),
            )
            .hint(format!("add `- input: {written}` with `rows` to `given`"))
        })
    }
}

impl NodeScope for UnitScope {
    fn unique_id(&self) -> &str {
        &self.unique_id
    }

    fn package(&self) -> &str {
        &self.package
    }

    fn resource_type(&self) -> ResourceType {
        self.resource_type
    }

    fn code(&self) -> (Arc<str>, Option<Span>) {
        (self.code.clone(), self.place)
    }

    fn note_macros(&self, macros: &IndexSet<Arc<str>>) {
        if let Some(node) = self.node {
            self.shared.note_macros(node, macros);
        }
    }

    fn note_written(&self, text: &str) {
        if let Some(node) = self.node {
            self.shared.note(node, |noted| {
                noted.is_written = true;
                noted.written = Some(Arc::from(text));
            });
        }
    }

    fn this(&self) -> Option<Relation> {
        self.this.clone()
    }

    fn defer_relation(&self) -> Option<Relation> {
        self.shared.elsewhere(self.tested).map(|other| other.relation.clone())
    }

    fn database_and_schema(&self) -> (Option<String>, String) {
        let tested = self.shared.graph.node(self.tested);
        (tested.database.clone(), tested.schema.clone())
    }

    fn config(&self) -> &IndexMap<String, Value> {
        &self.config
    }

    fn model(&self) -> Value {
        self.model.clone()
    }

    fn graph_changes(&self, since: usize) -> GraphChanges {
        self.shared.changes(since)
    }

    fn graph(&self) -> Arc<Value> {
        self.shared.dictionary()
    }

    fn resolve_ref(&self, call: &RefCall) -> Result<RefTarget, Diagnostic> {
        let node = graph::find_ref(&self.shared.graph, &self.package, call)?;
        self.input(node, &format!("ref('{}')", call.name)).map(RefTarget::Relation)
    }

    fn resolve_source(&self, call: &SourceCall) -> Result<Relation, Diagnostic> {
        let node = graph::find_source(&self.shared.graph, &self.package, call)?;
        self.input(node, &format!("source('{}', '{}')", call.source, call.table))
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

    fn window_rule(&self) -> WindowRule {
        self.shared.graph.node(self.tested).config.window
    }

    fn overrides(&self) -> Option<&Overrides> {
        Some(&self.overrides)
    }

    fn load_seed(&self) -> Result<SeedContents, Diagnostic> {
        Err(Diagnostic::error(codes::TEMPLATE_RENDER, "`load_agate_table` is only for seeds"))
    }
}
