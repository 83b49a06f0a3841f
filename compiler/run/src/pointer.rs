//! The view under a model's own name that shows its latest version: dbt's `latest_version_pointer`.

use std::sync::Arc;

use adapter_interface::Relation;
use graph::{Node, NodeDetails, NodeIndex};
use serde_json::{Value, json};
use source::{Diagnostic, codes};
use template::{Argument, NodeScope, RunFailure, SharedWarehouse};

use crate::node::NodeWork;
use crate::scope::{GraphScope, PointerScope};

impl NodeWork<'_, '_> {
    /// Makes the view once the latest version is built as `made`; gives what it made.
    pub(crate) fn point(
        &self,
        index: NodeIndex,
        made: &[Relation],
        warehouse: &SharedWarehouse,
    ) -> Result<Vec<Relation>, Box<RunFailure>> {
        let scope = &self.compiler.scope;
        let engine = &self.compiler.engine;
        let node = scope.graph.node(index);
        let preset = scope
            .graph
            .project
            .root()
            .settings
            .behaves("latest_version_pointer_enabled_by_default");
        let Some(source) = made.first().filter(|_| has_pointer(node, preset)) else {
            return Ok(Vec::new());
        };
        let own = GraphScope::new(scope, index);
        let custom =
            node.config.get("latest_version_pointer").and_then(|pointer| pointer.get("alias"));
        let arguments =
            [Argument::Json(custom.cloned().unwrap_or_default()), Argument::Json(own.model())];
        let root = &scope.graph.project.root().settings.name;
        let macro_id = engine.find_macro(root, "generate_latest_version_pointer_alias");
        let own: Arc<dyn NodeScope> = Arc::new(own);
        let called = engine.call_macro(
            macro_id.as_deref().unwrap_or_default(),
            &arguments,
            &[],
            &own,
            warehouse,
        )?;
        let alias = called.value.as_str().map_or(node.name.as_str(), str::trim);
        if source.identifier.as_deref() == Some(alias) {
            let message = format!(
                "the latest version of `{}` has the alias `{alias}` itself, so that no pointer to it can have that name",
                node.name
            );
            let diagnostic = Diagnostic::error(codes::CONFIG_INVALID, message).hint(
                "set `latest_version_pointer: {enabled: false}`, or give one of them another alias",
            );
            return Err(Box::new(RunFailure { diagnostic, warehouse: None, statement: None }));
        }
        let sql: Arc<str> = Arc::from(format!("select * from {}", engine.dialect().render(source)));
        let mut config = node.config.values.clone();
        for (key, nothing) in
            [("pre-hook", json!([])), ("post-hook", json!([])), ("persist_docs", json!({}))]
        {
            config.insert(key.to_owned(), nothing);
        }
        let mut relation = source.clone().with_identifier(alias);
        relation.kind = None;
        let mut pointing = GraphScope::new(scope, index);
        pointing.compiled = Some(sql.clone());
        pointing.pointer = Some(Arc::new(PointerScope { relation, config }));
        let view = engine.find_materialization("view").unwrap_or_default();
        let pointing: Arc<dyn NodeScope> = Arc::new(pointing);
        Ok(self.materializations.run(&view, &sql, &pointing, warehouse)?.relations)
    }
}

/// Whether a node is the latest version of its model and has a pointer; `preset` counts where nobody says.
fn has_pointer(node: &Node, preset: bool) -> bool {
    let NodeDetails::Model(model) = &node.details else { return false };
    let is_latest = model
        .version
        .as_ref()
        .zip(model.latest_version.as_ref())
        .is_some_and(|(own, latest)| graph::version::is_same(own, latest));
    let pointer = node.config.get("latest_version_pointer");
    let said = pointer.and_then(|pointer| pointer.get("enabled")).and_then(Value::as_bool);
    is_latest && said.unwrap_or(preset)
}
