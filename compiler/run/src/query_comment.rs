//! `query-comment`: what is put into each statement, so that people who watch the warehouse know where it is from.
//!
//! The rules are dbt's: a text or template, or a mapping with `comment` and `append`; nothing for null or an empty
//! text; where the project says nothing, a small JSON object that names the node.

use std::sync::Arc;

use project::{QueryCommentSetting, ResourceType};

use serde_json::Value;
use source::{Diagnostic, codes};
use template::{
    Argument, Engine, NodeScope, QUERY_COMMENT_MACRO, QueryComment, RunFailure, SharedWarehouse,
};

use crate::scope::SharedScope;

/// Where comments come from.
enum Origin {
    /// There are none.
    Nothing,
    /// The usual JSON object, up to the key that names the node or the connection.
    Usual(String),
    /// The macro that the project's template is.
    Macro(Arc<str>),
}

/// The comments of a project.
pub(crate) struct QueryComments {
    origin: Origin,
    is_appended: bool,
    is_label: bool,
}

impl QueryComments {
    /// The comments that the root project asks for.
    pub(crate) fn of(shared: &SharedScope) -> Self {
        let project = &shared.graph.project;
        let (setting, is_appended) = project.root().settings.query_comment();
        let origin = match setting {
            QueryCommentSetting::Nothing => Origin::Nothing,
            QueryCommentSetting::Usual => {
                let text = |text: &str| Value::String(text.to_owned()).to_string();
                Origin::Usual(format!(
                    r#"{{"app": "dbt", "dbt_version": {}, "profile_name": {}, "target_name": {}"#,
                    text(&project.environment.dbt_version),
                    text(&project.profile.name),
                    text(&project.profile.target),
                ))
            }
            QueryCommentSetting::Template(_) => {
                let package = &project.root().settings.name;
                Origin::Macro(Arc::from(format!("macro.{package}.{QUERY_COMMENT_MACRO}")))
            }
        };
        Self { origin, is_appended, is_label: project.root().settings.labels_jobs() }
    }

    /// The comment for a node; its scope is that of its templates.
    pub(crate) fn of_node(
        &self,
        unique_id: &str,
        engine: &Engine,
        scope: impl FnOnce() -> Arc<dyn NodeScope>,
        warehouse: &SharedWarehouse,
    ) -> Result<Option<QueryComment>, Box<RunFailure>> {
        self.made(("node_id", unique_id), engine, scope, warehouse)
    }

    /// The comment for what the run does for itself.
    pub(crate) fn of_connection(
        &self,
        name: &str,
        engine: &Engine,
        scope: impl FnOnce() -> Arc<dyn NodeScope>,
        warehouse: &SharedWarehouse,
    ) -> Result<Option<QueryComment>, Box<RunFailure>> {
        self.made(("connection_name", name), engine, scope, warehouse)
    }

    fn made(
        &self,
        (key, name): (&str, &str),
        engine: &Engine,
        scope: impl FnOnce() -> Arc<dyn NodeScope>,
        warehouse: &SharedWarehouse,
    ) -> Result<Option<QueryComment>, Box<RunFailure>> {
        let text = match &self.origin {
            Origin::Nothing => return Ok(None),
            Origin::Usual(start) => {
                format!("{start}, \"{key}\": {}}}", Value::String(name.to_owned()))
            }
            Origin::Macro(id) => {
                let scope = scope();
                let is_node = scope.resource_type() != ResourceType::Operation;
                let node = if is_node { scope.model() } else { Value::Null };
                let arguments =
                    [Argument::Json(Value::String(name.to_owned())), Argument::Json(node)];
                match engine.call_comment(id, &arguments, &scope, warehouse)? {
                    Value::String(text) => text,
                    Value::Null => String::new(),
                    other => other.to_string(),
                }
            }
        };
        let text = text.trim().to_owned();
        if text.contains("*/") {
            let diagnostic = Diagnostic::error(
                codes::CONFIG_INVALID,
                format!("query comment contains illegal value \"*/\": {text}"),
            )
            .hint("a comment cannot hold its own end; change `query-comment` of `dbt_project.yml`");
            return Err(Box::new(RunFailure { diagnostic, warehouse: None, statement: None }));
        }
        let (is_appended, is_label) = (self.is_appended, self.is_label);
        Ok((!text.is_empty()).then_some(QueryComment { text, is_appended, is_label }))
    }
}
