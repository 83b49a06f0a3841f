//! A run as dbt tells it: a line when a node starts and one when it ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use graph::{Graph, Node};
use project::ResourceType;
use run::{Event, NodeResult, NodeStatus, Observer};
use serde_json::json;
use source::{Clock, Sources};

use super::colour::{green, red, yellow};
use super::console::Console;
use super::event::{Level, LogEvent};
use super::lines::progress_line;
use super::node_info::{Phase, describe, node_info, place};
use super::progress::Progress;
use super::result_lines::{ResultLine, result_data};
use crate::writing::CodeWriter;

/// Tells the events of a run to the console, and writes compiled SQL as it comes.
pub(crate) struct RunTeller {
    /// The project.
    pub graph: Arc<Graph>,
    /// Where to say it.
    pub console: Arc<Console>,
    /// All texts, for places.
    pub sources: Arc<Sources>,
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
    /// `Concurrency: … (target='…')`.
    pub target: String,
    /// How wide lines are.
    pub width: usize,
    /// Whether nodes get lines of their own: not where they are only compiled.
    pub tells_nodes: bool,
    /// Whether a live region is drawn.
    pub is_live: bool,
    /// Where compiled SQL goes.
    pub writer: Option<CodeWriter>,
    /// How many nodes failed so far.
    pub failed: AtomicUsize,
}

impl Observer for RunTeller {
    fn observe(&self, event: &Event) {
        match event {
            Event::Prepared { total, threads } => self.prepared(*total, *threads),
            Event::HookStarted { node, index, total } => {
                self.hook_started(self.graph.node(*node), *index, *total);
            }
            Event::HookFinished { node, index, total, result } => {
                self.hook_finished(self.graph.node(*node), *index, *total, result);
            }
            Event::NodeStarted { node, index, total, thread } => {
                self.node_started(self.graph.node(*node), (*index, *total), thread);
            }
            Event::NodeCompiled { node, code } => {
                self.node_compiled(self.graph.node(*node), code);
            }
            Event::NodeFinished { node, index, total, result } => {
                self.node_finished(self.graph.node(*node), (*index, *total), result);
            }
            Event::BatchStarted { node, batch, index, total, thread } => {
                let event = self.batch_started(self.graph.node(*node), batch, (*index, *total));
                self.console.fire(&event.by(thread));
            }
            Event::BatchCompiled { node, batch, code } => {
                if let Some(writer) = &self.writer {
                    writer.write_batch("compiled", self.graph.node(*node), batch, code);
                }
            }
            Event::BatchWritten { node, batch, code } => {
                if let Some(writer) = &self.writer {
                    writer.write_batch("run", self.graph.node(*node), batch, code);
                }
            }
            Event::BatchFinished {
                node,
                batch,
                index,
                total,
                status,
                message,
                seconds,
                thread,
            } => {
                let node = self.graph.node(*node);
                let ended = (*status, message.as_str(), *seconds);
                let event = self.batch_finished(node, batch, (*index, *total), ended);
                self.console.fire(&event.by(thread));
            }
            Event::OverloadStarted { node, overload, place, thread } => {
                let event = self.overload_started(self.graph.node(*node), overload, *place);
                self.console.fire(&event.by(thread));
            }
            Event::OverloadFinished { node, overload, place, status, error, seconds, thread } => {
                let node = self.graph.node(*node);
                let ended = (*status, error.as_deref(), *seconds);
                self.console
                    .fire(&self.overload_finished(node, overload, *place, ended).by(thread));
            }
            Event::Said(diagnostic) => {
                super::diagnostics::say(&self.console, &self.sources, diagnostic);
            }
        }
    }
}

impl RunTeller {
    pub(super) fn starting(&self) -> Phase {
        Phase {
            started_at: Some(self.clock.now_microseconds()),
            finished_at: None,
            status: "started",
        }
    }

    fn hook_started(&self, node: &Node, index: usize, total: usize) {
        if index == 1 && hook_stage(node) == "on-run-end" && self.tells_nodes {
            self.console.set_progress(None);
            self.console.fire(&LogEvent::formatting(""));
        }
        let statement = hook_name(node, index);
        let line =
            self.line(&format!("START hook: {statement}"), "RUN", Some((index, total)), None);
        let data = json!({
            "index": index, "total": total, "statement": statement,
            "node_info": node_info(node, self.starting()),
        });
        let code = ("LogHookStartLine", "Q032");
        self.console.fire(&LogEvent::new(Level::Info, code, line, data));
    }

    fn node_compiled(&self, node: &Node, code: &str) {
        let info = || node_info(node, self.starting());
        let data = self.console.data(|| json!({"node_info": info()}));
        let text = format!("Writing injected SQL for node \"{}\"", node.unique_id);
        let name = ("WritingInjectedSQLForNode", "Q029");
        self.console.fire(&LogEvent::new(Level::Debug, name, text, data));
        // Seeds have no SQL of their own.
        let is_seed = node.resource_type == ResourceType::Seed;
        if let Some(writer) = self.writer.as_ref().filter(|_| !is_seed) {
            writer.write_compiled(node, code);
        }
    }

    /// A batch begins, at its place among those of its model.
    fn batch_started(&self, node: &Node, batch: &str, (index, total): (usize, usize)) -> LogEvent {
        let description = format!("batch {batch} of {}", place(node));
        let line = self.line(&format!("START {description}"), "RUN", Some((index, total)), None);
        let data = json!({
            "description": description, "batch_index": index, "total_batches": total,
            "node_info": node_info(node, self.starting()),
        });
        LogEvent::new(Level::Info, ("LogStartBatch", "Q045"), format!("Batch {line}"), data)
    }

    /// What became of a batch, with its message and its seconds.
    fn batch_finished(
        &self,
        node: &Node,
        batch: &str,
        (index, total): (usize, usize),
        (status, message, seconds): (NodeStatus, &str, f64),
    ) -> LogEvent {
        let description = format!("batch {batch} of {}", place(node));
        let (words, shown, level) = match status {
            NodeStatus::Error => ("ERROR creating", red("ERROR"), Level::Error),
            NodeStatus::Skipped => ("SKIP", yellow("SKIPPED"), Level::Info),
            _ => ("OK created", green(message), Level::Info),
        };
        let words = format!("{words} {description}");
        let line = self.line(&words, &shown, Some((index, total)), Some(seconds));
        let status = if status == NodeStatus::Success { message } else { status.as_str() };
        let data = json!({
            "description": description, "status": status, "batch_index": index, "total_batches": total,
            "execution_time": seconds, "node_info": node_info(node, self.starting()),
        });
        LogEvent::new(level, ("LogBatchResult", "Q046"), format!("Batch {line}"), data)
    }

    fn ended(&self, result: &NodeResult) -> Phase {
        let now = self.clock.now_microseconds();
        let started_at = result.timing.first().map_or(now, |timing| timing.started_at);
        let finished_at = result.timing.last().map_or(now, |timing| timing.completed_at);
        Phase {
            started_at: Some(started_at),
            finished_at: Some(finished_at),
            status: result.status.as_str(),
        }
    }

    pub(super) fn line(
        &self,
        message: &str,
        status: &str,
        place: Option<(usize, usize)>,
        seconds: Option<f64>,
    ) -> String {
        progress_line(message, status, place, seconds, self.width)
    }

    fn prepared(&self, total: usize, threads: usize) {
        self.console.fire(&LogEvent::formatting(""));
        let data = json!({"num_threads": threads, "target_name": self.target, "node_count": total});
        let line = format!("Concurrency: {threads} threads (target='{}')", self.target);
        self.console.fire(&LogEvent::new(Level::Info, ("ConcurrencyLine", "Q027"), line, data));
        self.console.fire(&LogEvent::formatting(""));
        if self.is_live {
            self.console.set_progress(Some(Progress::start(total)));
        }
    }

    fn hook_finished(&self, node: &Node, index: usize, total: usize, result: &NodeResult) {
        let statement = hook_name(node, index);
        let (word, status, level) = match result.status {
            NodeStatus::Success => ("OK", green("OK"), Level::Info),
            NodeStatus::Skipped => ("SKIP", yellow("SKIP"), Level::Info),
            _ => ("ERROR", red("ERROR"), Level::Info),
        };
        let seconds = Some(result.execution_time);
        let line =
            self.line(&format!("{word} hook: {statement}"), &status, Some((index, total)), seconds);
        let data = json!({
            "index": index, "total": total, "statement": statement, "status": result.status.as_str(),
            "execution_time": result.execution_time, "node_info": node_info(node, self.ended(result)),
        });
        self.console.fire(&LogEvent::new(level, ("LogHookEndLine", "Q033"), line, data));
        if index == total && hook_stage(node) == "on-run-start" && self.tells_nodes {
            self.console.fire(&LogEvent::formatting(""));
        }
    }

    fn node_started(&self, node: &Node, (index, total): (usize, usize), thread: &Arc<str>) {
        let info = self.console.data(|| node_info(node, self.starting()));
        // What there is nothing to do for does not start.
        let is_only_told =
            matches!(node.resource_type, ResourceType::Exposure | ResourceType::SavedQuery);
        if self.tells_nodes && !is_only_told {
            let description = describe(node);
            let line =
                self.line(&format!("START {description}"), "RUN", Some((index, total)), None);
            let fields = || json!({"description": description, "index": index, "total": total, "node_info": info});
            let data = self.console.data(fields);
            self.console
                .fire(&LogEvent::new(Level::Info, ("LogStartLine", "Q011"), line, data).by(thread));
        }
        let text = format!("Began running node {}", node.unique_id);
        let data = self.console.data(|| json!({"node_info": info}));
        self.console
            .fire(&LogEvent::new(Level::Debug, ("NodeStart", "Q024"), text, data).by(thread));
        self.console.with_progress(|progress| progress.started(&node.unique_id, &node.name));
    }

    fn node_finished(&self, node: &Node, place: (usize, usize), result: &NodeResult) {
        if let (Some(writer), Some(code)) = (&self.writer, &result.run_code) {
            writer.write_run(node, code);
        }
        let failed = if result.status.is_failure() {
            self.failed.fetch_add(1, Ordering::Relaxed) + 1
        } else {
            self.failed.load(Ordering::Relaxed)
        };
        let info = self.console.data(|| node_info(node, self.ended(result)));
        if self.tells_nodes {
            let event = if result.status == NodeStatus::Skipped {
                self.skipped(node, place, &info)
            } else {
                self.ended_line(node, place, result, &info)
            };
            self.console.fire(&event.by(&result.thread));
        }
        let text = format!("Finished running node {}", node.unique_id);
        let fields = || {
            json!({
                "node_info": info,
                "run_result": {
                    "status": result.status.as_str(),
                    "message": result.message.clone().unwrap_or_default(),
                    "execution_time": result.execution_time,
                    "num_failures": result.failures.unwrap_or_default(),
                    "thread": &*result.thread,
                },
            })
        };
        let data = self.console.data(fields);
        self.console.fire(
            &LogEvent::new(Level::Debug, ("NodeFinished", "Q025"), text, data).by(&result.thread),
        );
        self.console.with_progress(|progress| progress.finished(&node.unique_id, failed));
    }

    fn ended_line(
        &self,
        node: &Node,
        place: (usize, usize),
        result: &NodeResult,
        info: &serde_json::Value,
    ) -> LogEvent {
        let ResultLine { event, words, status, level } = ResultLine::of(node, result);
        let line = self.line(&words, &status, Some(place), Some(result.execution_time));
        let data = self.console.data(|| result_data(node, place, result, info));
        LogEvent::new(level, event, line, data)
    }

    fn skipped(
        &self,
        node: &Node,
        (index, total): (usize, usize),
        info: &serde_json::Value,
    ) -> LogEvent {
        let has_relation = matches!(
            node.resource_type,
            ResourceType::Model | ResourceType::Seed | ResourceType::Snapshot
        );
        let message = if has_relation {
            format!("SKIP relation {}", place(node))
        } else {
            format!("SKIP {} {}", node.resource_type, node.name)
        };
        let line = self.line(&message, &yellow("SKIP"), Some((index, total)), None);
        let data = json!({
            "resource_type": node.resource_type.as_str(), "schema": node.schema, "node_name": node.name,
            "index": index, "total": total, "node_info": info,
        });
        LogEvent::new(Level::Info, ("SkippingDetails", "Q034"), line, data)
    }
}

/// `on-run-start` or `on-run-end`.
fn hook_stage(node: &Node) -> &'static str {
    match &node.details {
        graph::NodeDetails::Operation { stage, .. } => stage,
        _ => "",
    }
}

/// `shop.on-run-start.0`, as dbt names hooks in lines: by their place among those of their stage, from 1.
fn hook_name(node: &Node, index: usize) -> String {
    format!("{}.{}.{}", node.package, hook_stage(node), index.saturating_sub(1))
}
