//! Functions of one name with different arguments: their bodies are compiled with the function, and each is created
//! after it by the function's own materialization; dbt's `FunctionRunner`.

use std::sync::{Arc, PoisonError};

use adapter_interface::Overloads;
use graph::{FunctionOverload, Node, NodeDetails, NodeIndex};
use source::{Diagnostic, codes};
use template::{NodeScope, RunFailure, SharedWarehouse};

use crate::compile::Compiler;
use crate::ctes::with_ctes;
use crate::event::Event;
use crate::node::{Done, NodeWork};
use crate::report::{NodeStatus, OverloadResults};
use crate::request::Action;
use crate::scope::GraphScope;

/// The overloads of a function; none of other nodes.
pub(crate) fn overloads(node: &Node) -> &[FunctionOverload] {
    match &node.details {
        NodeDetails::Function(function) => &function.overloads,
        _ => &[],
    }
}

impl Compiler {
    /// The bodies of a function's overloads as SQL.
    pub(crate) fn overload_bodies(
        &self,
        index: NodeIndex,
        warehouse: &SharedWarehouse,
    ) -> Result<Arc<[Arc<str>]>, Box<RunFailure>> {
        let overloads = overloads(self.scope.graph.node(index));
        let scope: Arc<dyn NodeScope> = Arc::new(GraphScope::new(&self.scope, index));
        let body = |overload: &FunctionOverload| {
            let (text, place) = (&overload.raw_body, overload.code_start);
            let rendered = self.engine.render_text(text, place, &scope, warehouse)?;
            let ctes = self.ctes(&rendered.ephemerals, warehouse)?;
            Ok(Arc::from(with_ctes(&rendered.text, &ctes)))
        };
        overloads.iter().map(body).collect()
    }
}

impl NodeWork<'_, '_> {
    /// Refuses overloads where the warehouse would put one in the place of the other.
    pub(crate) fn check_overloads(&self, index: NodeIndex) -> Result<(), Box<RunFailure>> {
        let node = self.compiler.scope.graph.node(index);
        let engine = &self.compiler.engine;
        let are_known = engine.dialect().capabilities().overloads != Overloads::None;
        if are_known || overloads(node).is_empty() || self.action != Action::Execute {
            return Ok(());
        }
        let message = format!(
            "`{}` has overloads, but {} has no functions of one name with different arguments",
            node.name,
            engine.adapter_type()
        );
        let diagnostic = Diagnostic::error(codes::NOT_SUPPORTED, message)
            .at_optional(node.span)
            .about(&*node.unique_id)
            .hint("make them functions with names of their own");
        Err(Box::new(RunFailure { diagnostic, warehouse: None, statement: None }))
    }

    /// Creates the overloads of a function that was just created. One that fails keeps none of the others from being
    /// tried.
    pub(crate) fn create_overloads(
        &self,
        index: NodeIndex,
        bodies: &Arc<[Arc<str>]>,
        warehouse: &SharedWarehouse,
        thread: &Arc<str>,
        done: Done,
    ) -> Done {
        let node = self.compiler.scope.graph.node(index);
        if self.action != Action::Execute || !matches!(node.details, NodeDetails::Function(_)) {
            return done;
        }
        let names = |overload: &FunctionOverload| overload.defined_in.clone();
        let overloads = overloads(node);
        let capabilities = self.compiler.engine.dialect().capabilities();
        if capabilities.overloads == Overloads::Together {
            let successful = overloads.iter().map(names).collect();
            let overloads = Some(OverloadResults { successful, failed: Vec::new() });
            return Done { overloads, ..done };
        }
        let mut results = OverloadResults::default();
        let total = overloads.len();
        let earlier = self.batching.overloads.get(&*node.unique_id);
        for (at, overload) in overloads.iter().enumerate() {
            let place = (at + 1, total);
            let name: Arc<str> = Arc::from(overload.defined_in.as_str());
            let finished = |status, error, seconds| Event::OverloadFinished {
                node: index,
                overload: name.clone(),
                place,
                status,
                error,
                seconds,
                thread: thread.clone(),
            };
            if earlier.is_some_and(|done| done.contains(&overload.defined_in)) {
                results.successful.push(overload.defined_in.clone());
                self.observer.observe(&finished(NodeStatus::Skipped, None, 0.0));
                continue;
            }
            self.observer.observe(&Event::OverloadStarted {
                node: index,
                overload: name.clone(),
                place,
                thread: thread.clone(),
            });
            let start = self.clock.elapsed();
            let created = self.create_overload(index, at, bodies, warehouse);
            let seconds = self.clock.elapsed().saturating_sub(start).as_secs_f64();
            let (status, error, list) = match created {
                Ok(()) => (NodeStatus::Success, None, &mut results.successful),
                Err(failure) => {
                    let message = failure.diagnostic.message;
                    (NodeStatus::Error, Some(message), &mut results.failed)
                }
            };
            list.push(overload.defined_in.clone());
            self.observer.observe(&finished(status, error, seconds));
        }
        if results.failed.is_empty() {
            return Done { overloads: Some(results), ..done };
        }
        Done {
            status: Some(NodeStatus::PartialSuccess),
            message: Some(format!("PARTIAL SUCCESS {}", node.name)),
            overloads: Some(results),
            ..done
        }
    }

    fn create_overload(
        &self,
        index: NodeIndex,
        at: usize,
        bodies: &Arc<[Arc<str>]>,
        warehouse: &SharedWarehouse,
    ) -> Result<(), Box<RunFailure>> {
        let node = self.compiler.scope.graph.node(index);
        let macro_id = self.materialization(node)?;
        let body = &bodies[at];
        let mut scope = GraphScope::new(&self.compiler.scope, index);
        scope.compiled = Some(body.clone());
        scope.overload_bodies = Some(bodies.clone());
        scope.overload = Some(at);
        let scope: Arc<dyn NodeScope> = Arc::new(scope);
        let made = self.materializations.run(&macro_id, body, &scope, warehouse);
        if made.is_err() {
            let _ = warehouse.lock().unwrap_or_else(PoisonError::into_inner).rollback();
        }
        made.map(|_| ())
    }
}
