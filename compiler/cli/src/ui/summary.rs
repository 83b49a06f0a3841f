//! The end of a run: what was done, what failed and why, and the counts.

use graph::{Graph, Node, NodeDetails};
use indexmap::IndexMap;
use project::ResourceType;
use run::{NodeResult, NodeStatus, RunReport};
use serde_json::json;
use source::{Sources, render};

use super::colour::{green, red, yellow};
use super::console::Console;
use super::event::{Level, LogEvent};
use super::lines::{duration, plural};
use crate::writing::batch_path;

/// What the summary needs.
pub(crate) struct Summary<'a> {
    /// The project.
    pub graph: &'a Graph,
    /// All texts, for places.
    pub sources: &'a Sources,
    /// Where to say it.
    pub console: &'a Console,
    /// `target/compiled` as shown, for `compiled code at …`.
    pub compiled_folder: String,
}

impl Summary<'_> {
    /// `Finished running 3 project hooks, 5 data tests in … (0.28s).`
    pub(crate) fn say_finished(&self, report: &RunReport) {
        let mut counts: IndexMap<String, usize> = IndexMap::new();
        for result in &report.results {
            let node = self.graph.node(result.node);
            let word = match node.resource_type {
                ResourceType::Model => format!("{} model", node.config.materialized()),
                ResourceType::Operation => "project hook".to_owned(),
                kind => kind.as_str().replace('_', " "),
            };
            *counts.entry(word).or_default() += 1;
        }
        counts.sort_keys();
        let stat_line =
            counts.iter().map(|(word, count)| plural(*count, word)).collect::<Vec<_>>().join(", ");
        let time = duration(report.elapsed);
        let line = format!("Finished running {stat_line}{time} ({:.2}s).", report.elapsed);
        let data =
            json!({"stat_line": stat_line, "execution": time, "execution_time": report.elapsed});
        self.console.fire(&LogEvent::formatting(""));
        self.console.fire(&LogEvent::new(
            Level::Info,
            ("FinishedRunningStats", "E047"),
            line,
            data,
        ));
    }

    /// Errors first, then warnings, then `Done. PASS=…`.
    pub(crate) fn say_end(&self, report: &RunReport) {
        let is_bad = |result: &&std::sync::Arc<NodeResult>| {
            result.status.is_failure()
                || (result.status == NodeStatus::Skipped && result.message.is_some())
        };
        let errors: Vec<_> = report.results.iter().filter(is_bad).collect();
        let warnings: Vec<_> =
            report.results.iter().filter(|result| result.status == NodeStatus::Warn).collect();
        let partial =
            errors.iter().filter(|result| result.status == NodeStatus::PartialSuccess).count();
        let (error_count, warning_count) =
            (plural(errors.len() - partial, "error"), plural(warnings.len(), "warning"));
        let partial_count = match partial {
            1 => "1 partial success".to_owned(),
            count => format!("{count} partial successes"),
        };
        let line = if report.is_cancelled {
            yellow("Exited because of keyboard interrupt")
        } else if !errors.is_empty() {
            red(&format!("Completed with {error_count}, {partial_count}, and {warning_count}:"))
        } else if !warnings.is_empty() {
            yellow(&format!("Completed with {warning_count}:"))
        } else {
            green("Completed successfully")
        };
        let data = json!({
            "num_errors": errors.len() - partial, "num_warnings": warnings.len(), "num_partial_success": partial,
            "keyboard_interrupt": report.is_cancelled,
        });
        self.console.fire(&LogEvent::formatting(""));
        self.console.fire(&LogEvent::new(Level::Info, ("EndOfRunSummary", "Z030"), line, data));
        for result in errors.into_iter().chain(warnings) {
            self.say_result(result);
        }
        self.console.fire(&LogEvent::formatting(""));
        self.console.fire(&counts(report));
    }

    /// What is too old or could not be measured, then `Done.`
    pub(crate) fn say_fresh(&self, report: &RunReport) {
        for result in report.results.iter().filter(|result| result.status.is_failure()) {
            self.say_result(result);
        }
        let event =
            LogEvent::new(Level::Info, ("FreshnessCheckComplete", "Q003"), "Done.", json!({}));
        self.console.fire(&event);
    }

    fn say_result(&self, result: &NodeResult) {
        let node = self.graph.node(result.node);
        let is_warning = result.status == NodeStatus::Warn;
        if result.status == NodeStatus::Skipped && result.diagnostics.is_empty() {
            let message = result.message.clone().unwrap_or_default();
            let event = LogEvent::new(
                Level::Debug,
                ("RunResultError", "Z024"),
                format!("  {message}"),
                json!({"msg": message}),
            );
            self.console.fire(&event);
            return;
        }
        let tag = if is_warning { yellow("WARNING") } else { red("ERROR") };
        let kind = if is_warning { "Warning" } else { "Failure" };
        let place =
            format!("in {} {} ({})", node.resource_type, node.name, node.original_file_path);
        // dbt's word for the kind of the error stands before the place in the result's message.
        let first = result.message.as_deref().and_then(|message| message.lines().next());
        let line = match first.filter(|first| first.ends_with(&format!(" {place}"))) {
            Some(first) => format!("[{tag}]: {first}"),
            None => format!("[{tag}]: {place}"),
        };
        let data = json!({
            "resource_type": node.resource_type.as_str(), "node_name": node.name,
            "path": node.original_file_path.as_str(), "node_info": {"unique_id": &*node.unique_id},
        });
        let (level, name) = if is_warning {
            (Level::Warn, ("RunResultWarning", "Z021"))
        } else {
            (Level::Error, ("RunResultFailure", "Z022"))
        };
        debug_assert!(name.0.ends_with(kind));
        self.console.fire(&LogEvent::formatting(""));
        self.console.fire(&LogEvent::new(level, name, line, data));
        self.say_reason(result, level);
        let has_code = result.compiled_code.as_ref().is_some_and(|code| !code.is_empty());
        if has_code && !matches!(node.details, NodeDetails::Seed { .. }) {
            let path = code_path(node, result);
            let path = format!("{}/{}/{path}", self.compiled_folder, node.package);
            self.console.fire(&LogEvent::formatting(""));
            let event = LogEvent::new(
                Level::Info,
                ("SQLCompiledPath", "Z026"),
                format!("  compiled code at {path}"),
                json!({"path": path}),
            );
            self.console.fire(&event);
        }
        if let (ResourceType::Test, Some(relation)) = (node.resource_type, &result.relation_name) {
            let query = format!("select * from {relation}");
            let rule = "-".repeat(query.chars().count());
            let text = format!("  See test failures:\n  {rule}\n  {query}\n  {rule}");
            self.console.fire(&LogEvent::formatting(""));
            let data = json!({"relation_name": relation});
            self.console.fire(&LogEvent::new(
                Level::Info,
                ("CheckNodeTestFailure", "Z027"),
                text,
                data,
            ));
        }
    }

    fn say_reason(&self, result: &NodeResult, level: Level) {
        let name = if level == Level::Warn {
            ("RunResultWarningMessage", "Z046")
        } else {
            ("RunResultError", "Z024")
        };
        let message = result.message.clone().unwrap_or_default();
        if result.diagnostics.is_empty() {
            let text = if message.is_empty() {
                format!("  Status: {}", result.status.as_str())
            } else {
                indent(&message)
            };
            self.console.fire(&LogEvent::new(level, name, text, json!({"msg": message})));
            return;
        }
        let style =
            if self.console.is_coloured() { render::Style::Coloured } else { render::Style::Plain };
        for diagnostic in &result.diagnostics {
            let text = indent(&render::render(diagnostic, self.sources, style));
            let data =
                json!({"msg": message, "diagnostic": render::to_json(diagnostic, self.sources)});
            self.console.fire(&LogEvent::new(level, name, text, data));
        }
    }
}

/// The file with the SQL of what failed, below the package's folder: of a model in batches that of the first that failed.
fn code_path(node: &Node, result: &NodeResult) -> String {
    let failed = result.batches.as_ref().and_then(|batches| batches.failed.first());
    match (failed, node.config.batches.as_deref()) {
        (Some(failed), Some(rule)) => batch_path(node, &session::batch_name(failed, rule.size)),
        _ => graph::code_path(node),
    }
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

/// `Done. PASS=5 WARN=0 ERROR=0 SKIP=0 NO-OP=0 REUSED=0 TOTAL=5`.
fn counts(report: &RunReport) -> LogEvent {
    let count = |wanted: &[NodeStatus]| {
        report.results.iter().filter(|result| wanted.contains(&result.status)).count()
    };
    let pass = count(&[NodeStatus::Pass, NodeStatus::Success]);
    let warn = count(&[NodeStatus::Warn]);
    let error = count(&[NodeStatus::Error, NodeStatus::Fail, NodeStatus::PartialSuccess]);
    let skip = count(&[NodeStatus::Skipped]);
    let noop = count(&[NodeStatus::NoOp]);
    let total = report.results.len();
    let line = format!(
        "Done. PASS={pass} WARN={warn} ERROR={error} SKIP={skip} NO-OP={noop} REUSED=0 TOTAL={total}"
    );
    let stats = json!({
        "pass": pass, "warn": warn, "error": error, "skip": skip, "noop": noop, "reused": 0, "total": total,
    });
    LogEvent::new(Level::Info, ("StatsLine", "Z023"), line, json!({"stats": stats}))
}
