//! Clocks in the templates of models, and in the macros of the project that they call.

use std::collections::BTreeSet;
use std::sync::Arc;

use graph::{Graph, Node, NodeIndex};
use project::{Requirement, WallClock};
use source::{Diagnostic, FileId, Span, codes};
use sql::{SqlDialect, comments, unrepeatable_calls};
use template::{ClockRead, ClockReadKind, Engine, clock_scan};

use super::Watched;
use super::findings::{Finding, is_allowed};

/// What in the templates of these nodes differs from run to run; errors where the project denies it.
///
/// Nothing is rendered and nothing asked of the warehouse: what stands in the branch of an incremental run is found
/// before there is a table.
pub fn check_templates(graph: &Graph, engine: &Engine, nodes: &[NodeIndex]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for index in nodes {
        check_word(graph.node(*index), &mut found);
    }
    let watched = Watched::of(graph);
    let dialect = SqlDialect::of_adapter(engine.adapter_type());
    let mut macros: BTreeSet<Arc<str>> = BTreeSet::new();
    for index in nodes {
        let Some(level) = watched.level(*index) else { continue };
        let node = graph.node(*index);
        let Some(start) = node.code_start else { continue };
        if node.is_python_model() {
            continue;
        }
        let look = Look { graph, dialect, level, node, text: &node.raw_code, start };
        look.at_sql(&mut found);
        look.at_expressions(&mut found);
        for id in macros_of(graph, node) {
            let one = &graph.macros[&id];
            if graph.project.package(&one.package).is_some() && macros.insert(id) {
                let look = Look { text: &one.code, start: one.span, ..look };
                look.at_expressions(&mut found);
            }
        }
    }
    found
}

/// `wall_clock` of a model's configuration has three values.
fn check_word(node: &Node, found: &mut Vec<Diagnostic>) {
    let Some(value) = node.config.get("wall_clock") else { return };
    if !matches!(value.as_str(), Some("allow" | "warn" | "deny")) {
        let message = format!("`wall_clock` must be `allow`, `warn` or `deny`, not `{value}`");
        let diagnostic = Diagnostic::error(codes::CONFIG_INVALID, message);
        found.push(diagnostic.at_optional(node.span).about(&*node.unique_id));
    }
}

/// The macros that a node calls, directly or not.
fn macros_of(graph: &Graph, node: &Node) -> BTreeSet<Arc<str>> {
    let mut waiting = node.depends_on_macros.clone();
    let mut all = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        if let Some(one) = graph.macros.get(&id)
            && all.insert(id)
        {
            waiting.extend(one.depends_on.iter().cloned());
        }
    }
    all
}

/// A text to look at.
#[derive(Clone, Copy)]
struct Look<'a> {
    graph: &'a Graph,
    dialect: SqlDialect,
    level: WallClock,
    /// The model that it is about.
    node: &'a Node,
    text: &'a str,
    /// Where the text begins.
    start: Span,
}

impl Look<'_> {
    fn at_sql(&self, found: &mut Vec<Diagnostic>) {
        let scan = clock_scan(self.text);
        for call in unrepeatable_calls(&scan.sql, self.dialect) {
            if !is_allowed(self.text, call.span.start) {
                let finding = Finding::of_call(&call, self.text);
                found.push(self.diagnostic(&finding, call.span));
            }
        }
    }

    fn at_expressions(&self, found: &mut Vec<Diagnostic>) {
        let scan = clock_scan(self.text);
        if scan.reads.is_empty() {
            return;
        }
        let comments = comments(&scan.sql, self.dialect);
        for read in &scan.reads {
            let at = read.span.start;
            let is_comment = comments.iter().any(|comment| comment.contains(&at));
            if !is_comment && !self.is_repeatable(read) && !is_allowed(self.text, at) {
                found.push(self.diagnostic(&Finding::of_read(read), read.span.clone()));
            }
        }
    }

    /// `run_started_at` is the session time where there always is one.
    fn is_repeatable(&self, read: &ClockRead) -> bool {
        let project = &self.graph.project;
        let has_session =
            project.session.is_some() || project.quern.session.require != Requirement::Never;
        read.kind == ClockReadKind::RunStart && has_session
    }

    fn diagnostic(&self, finding: &Finding, range: std::ops::Range<usize>) -> Diagnostic {
        let file: FileId = self.start.file;
        let start = self.start.start as usize;
        let place = Span::new(file, start + range.start, start + range.end);
        finding.diagnostic(self.level, Some(place), &self.node.unique_id)
    }
}
