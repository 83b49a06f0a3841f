//! What a backfill builds once must show the same to each window that reads it.

use graph::{Graph, NodeIndex};
use indexmap::{IndexMap, IndexSet};
use project::ResourceType;
use session::SessionTime;
use source::{Diagnostic, codes};

use crate::backfill::plan::ModelWindows;
use crate::pace::{pace, reads_window};

/// Refuses a view or a full table that shows the window of the session alone, where models read it in each window.
///
/// It is built once, for the session at the end of the range, so that all windows but the last would be built from rows
/// of another one. With nothing but that last window to build, it shows the right one.
pub fn refuse_windows_read_once(
    graph: &Graph,
    models: &IndexMap<NodeIndex, ModelWindows>,
    to: &SessionTime,
) -> Result<(), Diagnostic> {
    for (reader, model) in models {
        let is_other = |end: jiff::Timestamp| end != to.timestamp();
        let mut left = model.wanted.iter().filter(|window| !model.done.contains(window));
        if !left.any(|window| is_other(window.end().timestamp())) {
            continue;
        }
        let Some(shown) = window_shown_to(graph, *reader) else { continue };
        let (shown, reader) = (graph.node(shown), graph.node(*reader));
        let kind = shown.config.materialized();
        let message = format!(
            "`{}` shows the window of the session, and a backfill builds a {kind} once; `{}` reads it in each window",
            shown.name, reader.name
        );
        let hint = format!(
            "make `{}` ephemeral or incremental, or leave the window to `{}`",
            shown.name, reader.name
        );
        return Err(Diagnostic::error(codes::WINDOW_READ_ONCE, message)
            .at_optional(shown.span)
            .hint(hint));
    }
    Ok(())
}

/// A model that is built once and reads the window, among what a node reads before other models with windows.
fn window_shown_to(graph: &Graph, node: NodeIndex) -> Option<NodeIndex> {
    let mut seen: IndexSet<NodeIndex> = graph.node(node).depends_on.iter().copied().collect();
    let mut at = 0;
    while let Some(index) = seen.get_index(at).copied() {
        at += 1;
        let parent = graph.node(index);
        if parent.resource_type != ResourceType::Model || pace(graph, index).has_windows() {
            continue;
        }
        // An ephemeral model is part of what reads it, and rendered for its window.
        if parent.config.materialized() != "ephemeral" && reads_window(graph, parent) {
            return Some(index);
        }
        seen.extend(parent.depends_on.iter().copied());
    }
    None
}
