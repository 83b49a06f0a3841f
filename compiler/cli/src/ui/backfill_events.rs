//! A backfill as it is told: a line when a window is started and one when it is built.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use run::{
    BackfillEvent, BackfillObserver, BackfillReport, Event, NodeResult, NodeStatus, Observer,
    PlannedStep,
};
use serde_json::json;
use session::Window;
use source::render;

use super::colour::{green, red, yellow};
use super::event::{Level, LogEvent};
use super::lines::{plural, progress_line};
use super::node_info::{describe, place};
use super::progress::Progress;
use super::run_events::RunTeller;

/// Tells the events of a backfill to the console.
pub(crate) struct BackfillTeller {
    /// What is to be done.
    pub steps: Vec<PlannedStep>,
    /// Whether a live region is drawn.
    pub is_live: bool,
    /// Tells hooks; knows the console and the project.
    pub hooks: RunTeller,
}

impl Observer for BackfillTeller {
    fn observe(&self, event: &Event) {
        self.hooks.observe(event);
    }
}

impl BackfillObserver for BackfillTeller {
    fn observe_step(&self, event: &BackfillEvent) {
        match event {
            BackfillEvent::Prepared { total, threads } => {
                let console = &self.hooks.console;
                let data = json!({
                    "num_threads": threads, "target_name": self.hooks.target, "node_count": total,
                });
                let line =
                    format!("Concurrency: {threads} threads (target='{}')", self.hooks.target);
                console.fire(&LogEvent::formatting(""));
                console.fire(&LogEvent::new(Level::Info, ("ConcurrencyLine", "Q027"), line, data));
                console.fire(&LogEvent::formatting(""));
                if self.is_live {
                    console.set_progress(Some(Progress::of_windows(*total)));
                }
            }
            BackfillEvent::Started { step, index, thread } => {
                self.say(*step, *index, ("START", "RUN".to_owned()), None, thread);
                let (id, name) = self.names(*step);
                self.hooks.console.with_progress(|progress| progress.started(&id, &name));
            }
            BackfillEvent::Finished { step, index, result } => self.finished(*step, *index, result),
        }
    }
}

impl BackfillTeller {
    fn finished(&self, step: usize, index: usize, result: &NodeResult) {
        let failed = &self.hooks.failed;
        let failed = if result.status.is_failure() {
            failed.fetch_add(1, Ordering::Relaxed) + 1
        } else {
            failed.load(Ordering::Relaxed)
        };
        let said = result.message.as_deref().filter(|said| !said.is_empty()).unwrap_or("OK");
        let (words, seconds) = match result.status {
            NodeStatus::Skipped => (("SKIP", yellow("SKIP")), None),
            status if status.is_failure() => {
                (("ERROR creating", red("ERROR")), Some(result.execution_time))
            }
            _ => (("OK created", green(said)), Some(result.execution_time)),
        };
        self.say(step, index, words, seconds, &result.thread);
        let (id, _) = self.names(step);
        self.hooks.console.with_progress(|progress| progress.finished(&id, failed));
    }

    /// The key and the name of a step in the live region.
    fn names(&self, step: usize) -> (String, String) {
        let planned = &self.steps[step];
        let node = self.hooks.graph.node(planned.node);
        let window = planned.window.as_ref().map(Window::label).unwrap_or_default();
        (format!("{} {window}", node.unique_id), format!("{} {window}", node.name))
    }

    fn say(
        &self,
        step: usize,
        index: usize,
        (word, status): (&str, String),
        seconds: Option<f64>,
        thread: &Arc<str>,
    ) {
        let planned = &self.steps[step];
        let node = self.hooks.graph.node(planned.node);
        let total = self.steps.len();
        let label = planned.window.as_ref().map(Window::label);
        let what =
            if word == "SKIP" { format!("relation {}", place(node)) } else { describe(node) };
        let suffix = label.as_ref().map_or_else(String::new, |label| format!(" for {label}"));
        let message = format!("{word} {what}{suffix}");
        let line =
            progress_line(&message, &status, Some((index, total)), seconds, self.hooks.width);
        let window = planned.window.as_ref();
        let data = json!({
            "index": index, "total": total, "unique_id": &*node.unique_id,
            "window_start": window.map(Window::start_text), "window_end": window.map(Window::end_text),
            "execution_time": seconds, "msg": message,
        });
        let level = if word.starts_with("ERROR") { Level::Error } else { Level::Info };
        let event = LogEvent::new(level, ("BackfillLine", "Z050"), line, data);
        self.hooks.console.fire(&event.by(thread));
    }

    /// What became of it: why windows failed, then the counts.
    pub(crate) fn say_end(&self, report: &BackfillReport) {
        let console = &self.hooks.console;
        let failures = report.steps.iter().filter(|step| step.result.status.is_failure());
        let failures: Vec<_> = failures.collect();
        let line = if report.is_cancelled {
            yellow("Stopped; the same command goes on from here")
        } else if report.is_success() {
            green("Completed successfully")
        } else {
            red(&format!("Completed with {}:", plural(failures.len(), "error")))
        };
        let note = |level: Level, text: &str| console.fire(&LogEvent::note(level, text));
        console.fire(&LogEvent::formatting(""));
        note(Level::Info, &line);
        let style =
            if console.is_coloured() { render::Style::Coloured } else { render::Style::Plain };
        for step in failures {
            let (_, name) = self.names(step.step);
            console.fire(&LogEvent::formatting(""));
            note(Level::Error, &format!("[{}]: {}", red("ERROR"), name.trim_end()));
            for diagnostic in &step.result.diagnostics {
                let text = render::render(diagnostic, &self.hooks.sources, style);
                let text: Vec<String> = text.lines().map(|line| format!("  {line}")).collect();
                note(Level::Error, &text.join("\n"));
            }
        }
        let count = |wanted: fn(NodeStatus) -> bool| {
            report.steps.iter().filter(|step| wanted(step.result.status)).count()
        };
        let failed = count(NodeStatus::is_failure);
        let skipped = count(|status| status == NodeStatus::Skipped);
        let total = report.steps.len();
        console.fire(&LogEvent::formatting(""));
        note(
            Level::Info,
            &format!(
                "Done. BUILT={} ERROR={failed} SKIP={skipped} TOTAL={total} in {:.2}s",
                total - failed - skipped,
                report.elapsed
            ),
        );
        if failed > 0 {
            note(
                Level::Info,
                "What is left is built by the same command again, or by `quern retry`",
            );
        }
    }
}
