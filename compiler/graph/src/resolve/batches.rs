//! Microbatch models that are built at once: those of a project whose own macro is the strategy, where a flag asks.

use std::sync::Arc;

use project::Project;
use source::Diagnostic;
use source::codes::DEPRECATED_MICROBATCH_MACRO;
use template::Engine;

use crate::node::Node;

/// The macro of the strategy.
const STRATEGY: &str = "get_incremental_microbatch_sql";

/// Takes batches away where the flag `require_batched_execution_for_custom_microbatch_strategy` is off and the strategy
/// is a macro of the project or of a package; dbt deprecates that.
pub fn leave_out(
    project: &Project,
    engine: &Engine,
    nodes: &mut [Node],
    diagnostics: &mut Vec<Diagnostic>,
) {
    if project.root().settings.behaves("require_batched_execution_for_custom_microbatch_strategy") {
        return;
    }
    let own = engine
        .macros()
        .values()
        .find(|known| known.name == STRATEGY && project.package(&known.package).is_some());
    let Some(own) = own else { return };
    let mut is_used = false;
    for node in nodes.iter_mut().filter(|node| node.config.batches.is_some()) {
        let config = Arc::make_mut(&mut node.config);
        if let Some(batches) = config.batches.take() {
            // Only for batches it is made a time.
            config.values.insert("begin".to_owned(), batches.begin.clone().into());
        }
        is_used = true;
    }
    if is_used {
        let message = format!("`{STRATEGY}` of `{}` runs outside of batches", own.package);
        let hint =
            "let the flag `require_batched_execution_for_custom_microbatch_strategy` be true";
        let diagnostic = Diagnostic::warning(DEPRECATED_MICROBATCH_MACRO, message);
        diagnostics.push(diagnostic.at(own.span).hint(hint));
    }
}
