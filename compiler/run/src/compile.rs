//! A node's template into SQL, with the ephemeral models it uses in front.

use std::sync::{Arc, Mutex, PoisonError};

use graph::{Graph, NodeDetails, NodeIndex};
use indexmap::IndexMap;
use serde_json::Value;
use template::{Engine, NodeScope, RunFailure, ServedNode, SharedWarehouse};

use crate::ctes::{Cte, with_ctes};
use crate::query_comment::QueryComments;
use crate::root_scope::RootScope;
use crate::scope::{GraphScope, SharedScope};

/// A query with the expressions it needs in front of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Query {
    /// The query by itself.
    sql: Arc<str>,
    /// What it needs, each after what it needs itself.
    ctes: Vec<Cte>,
}

impl Query {
    /// The query with what it needs in front.
    fn whole(&self) -> Arc<str> {
        if self.ctes.is_empty() {
            self.sql.clone()
        } else {
            Arc::from(with_ctes(&self.sql, &self.ctes))
        }
    }
}

/// Compiles nodes; ephemeral models are compiled once and shared.
pub(crate) struct Compiler {
    pub(crate) engine: Arc<Engine>,
    pub(crate) scope: Arc<SharedScope>,
    comments: QueryComments,
    ephemerals: Mutex<IndexMap<Arc<str>, Query>>,
    /// `--no-inject-ephemeral-ctes`: ephemeral models are named in the SQL, and do not stand in front of it.
    leaves_out_ephemerals: bool,
}

impl Compiler {
    /// A compiler for one run.
    pub(crate) fn new(engine: Arc<Engine>, scope: Arc<SharedScope>) -> Self {
        let comments = QueryComments::of(&scope);
        let leaves_out_ephemerals =
            engine.invocation().flags.get("INJECT_EPHEMERAL_CTES") == Some(&Value::Bool(false));
        Self { engine, scope, comments, ephemerals: Mutex::default(), leaves_out_ephemerals }
    }

    /// Tells a connection that it now works for a node, so that its statements say so.
    pub(crate) fn serve(
        &self,
        node: NodeIndex,
        warehouse: &SharedWarehouse,
    ) -> Result<(), Box<RunFailure>> {
        let served = self.graph().node(node);
        let unique_id = &served.unique_id;
        let scope = || -> Arc<dyn NodeScope> { Arc::new(GraphScope::new(&self.scope, node)) };
        let comment = self.comments.of_node(unique_id, &self.engine, scope, warehouse);
        let mut access = warehouse.lock().unwrap_or_else(PoisonError::into_inner);
        // Also where the comment failed: the statements of the node before are no longer at work.
        let served = ServedNode {
            name: unique_id,
            config: Some(&served.config.values),
            invocation: self.engine.invocation_id(),
        };
        access.serve(served, comment.as_ref().ok().cloned().flatten());
        comment.map(|_| ())
    }

    /// Tells a connection that it works for no node.
    pub(crate) fn serve_run(
        &self,
        name: &str,
        warehouse: &SharedWarehouse,
    ) -> Result<(), Box<RunFailure>> {
        let scope = || -> Arc<dyn NodeScope> { Arc::new(RootScope::new(&self.scope, name)) };
        let comment = self.comments.of_connection(name, &self.engine, scope, warehouse)?;
        let served = ServedNode { name, config: None, invocation: self.engine.invocation_id() };
        warehouse.lock().unwrap_or_else(PoisonError::into_inner).serve(served, comment);
        Ok(())
    }

    fn graph(&self) -> &Graph {
        &self.scope.graph
    }

    /// The SQL of a node, whole.
    pub(crate) fn compile(
        &self,
        node: NodeIndex,
        warehouse: &SharedWarehouse,
    ) -> Result<Arc<str>, Box<RunFailure>> {
        if matches!(self.graph().node(node).details, NodeDetails::Seed { .. }) {
            return Ok(Arc::from(""));
        }
        if self.graph().node(node).is_python_model() {
            return self.python(node, warehouse);
        }
        let query = self.query(node, warehouse)?;
        Ok(self.noted(node, query.whole(), query.ctes))
    }

    /// Notes that a node is compiled.
    fn noted(&self, node: NodeIndex, code: Arc<str>, ctes: Vec<Cte>) -> Arc<str> {
        let foreign_keys = self.scope.foreign_keys(node);
        self.scope.note(node, |noted| {
            noted.foreign_keys = foreign_keys;
            noted.code = Some(code.clone());
            noted.ctes = ctes;
            noted.leaves_out_ephemerals = self.leaves_out_ephemerals;
        });
        code
    }

    /// The code of a model in Python, with what `dbt` is in it; there are no templates in the code itself.
    fn python(
        &self,
        node: NodeIndex,
        warehouse: &SharedWarehouse,
    ) -> Result<Arc<str>, Box<RunFailure>> {
        let code = self.graph().node(node).raw_code.clone();
        let scope: Arc<dyn NodeScope> = Arc::new(GraphScope::new(&self.scope, node));
        let postfix = "{{ py_script_postfix(model) }}";
        let postfix = self.engine.render_text(postfix, None, &scope, warehouse)?;
        self.scope.note_macros(node, &postfix.capture.macros);
        Ok(self.noted(node, Arc::from(format!("{code}\n\n{}", postfix.text)), Vec::new()))
    }

    /// The SQL of a node in the scope of a batch.
    pub(crate) fn compile_batch(
        &self,
        scope: &Arc<GraphScope>,
        warehouse: &SharedWarehouse,
    ) -> Result<Arc<str>, Box<RunFailure>> {
        let node = scope.node;
        let scope: Arc<dyn NodeScope> = scope.clone();
        let rendered = self.engine.compile(&scope, warehouse, None)?;
        self.scope.note_macros(node, &rendered.capture.macros);
        let ctes = self.ctes(&rendered.ephemerals, warehouse)?;
        let query = Query { sql: Arc::from(rendered.text), ctes };
        self.scope.note(node, |noted| noted.is_of_a_batch = true);
        Ok(self.noted(node, query.whole(), query.ctes))
    }

    /// A text as SQL, as if it stood in the node.
    pub(crate) fn render(
        &self,
        text: &str,
        scope: &Arc<dyn NodeScope>,
        warehouse: &SharedWarehouse,
    ) -> Result<String, Box<RunFailure>> {
        let (_, place) = scope.code();
        let rendered = self.engine.render_text(text, place, scope, warehouse)?;
        let ctes = self.ctes(&rendered.ephemerals, warehouse)?;
        Ok(with_ctes(&rendered.text, &ctes))
    }

    /// The SQL of a hook of the run.
    pub(crate) fn hook(
        &self,
        scope: GraphScope,
        warehouse: &SharedWarehouse,
    ) -> Result<Arc<str>, Box<RunFailure>> {
        let node = scope.node;
        let scope: Arc<dyn NodeScope> = Arc::new(scope);
        let (text, place) = scope.code();
        let rendered = self.engine.render_text(&text, place, &scope, warehouse)?;
        self.scope.note_macros(node, &rendered.capture.macros);
        let ctes = self.ctes(&rendered.ephemerals, warehouse)?;
        let query = Query { sql: Arc::from(rendered.text), ctes };
        Ok(self.noted(node, query.whole(), query.ctes))
    }

    fn query(
        &self,
        node: NodeIndex,
        warehouse: &SharedWarehouse,
    ) -> Result<Query, Box<RunFailure>> {
        let scope: Arc<dyn NodeScope> = Arc::new(GraphScope::new(&self.scope, node));
        let test = match &self.graph().node(node).details {
            NodeDetails::Test(test) => test.generic.as_ref().map(graph::test_call),
            _ => None,
        };
        let rendered = self.engine.compile(&scope, warehouse, test.as_ref())?;
        self.scope.note_macros(node, &rendered.capture.macros);
        let ctes = self.ctes(&rendered.ephemerals, warehouse)?;
        Ok(Query { sql: Arc::from(rendered.text), ctes })
    }

    /// The expressions of ephemeral models, each once, after what it needs itself.
    pub(crate) fn ctes(
        &self,
        ephemerals: &[Arc<str>],
        warehouse: &SharedWarehouse,
    ) -> Result<Vec<Cte>, Box<RunFailure>> {
        let mut all: Vec<Cte> = Vec::new();
        for unique_id in ephemerals {
            let (before, sql) = if self.leaves_out_ephemerals {
                (Vec::new(), None)
            } else {
                let query = self.ephemeral(unique_id, warehouse)?;
                (query.ctes, Some(query.sql))
            };
            let name = self
                .graph()
                .find(unique_id)
                .map(|node| format!("__dbt__cte__{}", node.alias))
                .unwrap_or_default();
            for cte in before.into_iter().chain([Cte { id: unique_id.clone(), name, sql }]) {
                if !all.iter().any(|known| known.name == cte.name) {
                    all.push(cte);
                }
            }
        }
        Ok(all)
    }

    fn ephemeral(
        &self,
        unique_id: &Arc<str>,
        warehouse: &SharedWarehouse,
    ) -> Result<Query, Box<RunFailure>> {
        let known =
            self.ephemerals.lock().unwrap_or_else(PoisonError::into_inner).get(unique_id).cloned();
        if let Some(query) = known {
            return Ok(query);
        }
        let query = match self.graph().index.get(unique_id) {
            Some(node) => {
                let query = self.query(*node, warehouse)?;
                self.noted(*node, query.whole(), query.ctes.clone());
                query
            }
            None => Query::default(),
        };
        self.ephemerals
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(unique_id.clone(), query.clone());
        Ok(query)
    }
}
