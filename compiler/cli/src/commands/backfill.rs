//! `quern backfill`: the sessions of a range of time, in one run.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use adapter_interface::Warehouse;
use graph::{NodeIndex, Selection};
use indexmap::IndexMap;
use project::ResourceType;
use run::{
    Action, BackfillRange, BackfillRequest, CancelFlag, LedgerRow, ModelWindows, Pace, Plan,
    RunReport, RunRequest, Session, connection_failure, execute_backfill, leave_out, plan,
    refuse_windows_read_once, windows_of,
};
use serde_json::{Value, json};
use session::{Grain, SessionTime, Window};
use source::{Diagnostic, codes};

use super::Outcome;
use super::compile::pretty;
use super::ledger::{read, time, windows};
use super::working::{heed_clocks, listen_to_interrupts, printer_width};
use crate::artifacts::write_artifacts;
use crate::event_times::batching;
use crate::invocation::{Failure, Invocation};
use crate::resume::Marker;
use crate::selecting::{Kinds, select};
use crate::settings::{Origin, usage};
use crate::stages::{Prepared, open_warehouse, prepare};
use crate::ui::backfill_events::BackfillTeller;
use crate::ui::event::{Level, LogEvent};
use crate::ui::lines::plural;
use crate::ui::run_events::RunTeller;
use crate::writing::require_writable;

/// Runs the command.
pub(crate) fn run(invocation: &Invocation) -> Outcome {
    let prepared = prepare(invocation)?;
    let kinds = [ResourceType::Model];
    let kinds = Kinds { usual: &kinds, all: &kinds, keeps_empty_nodes: false };
    let selection = select(invocation, &prepared, &kinds)?;
    let range = range(invocation, &prepared)?;
    let mut models = windows_of(&prepared.graph, &selection.nodes, &range)?;
    invocation.heed(unused(invocation, &selection, models.is_empty()))?;
    invocation.heed(without_windows(&prepared, &models))?;
    let is_planning = invocation.settings.is_on("plan");
    let is_missing_only = invocation.settings.is_on("missing-only");
    if is_missing_only && !prepared.project.quern.ledger.is_enabled {
        return Err(super::ledger::switched_off().into());
    }
    let mut marker = Marker::of(invocation, &prepared, &range, &selection);
    let resumed = marker.resumed(&prepared);
    let warehouse = open_warehouse(&prepared.target)?;
    let cancel = CancelFlag::new();
    listen_to_interrupts(invocation, &cancel);
    if (is_missing_only || resumed.is_some()) && prepared.project.quern.ledger.is_enabled {
        let (graph, engine) = (&prepared.graph, &prepared.engine);
        let session = Session::open(graph, engine, &warehouse, &cancel, "ledger");
        let ledger = read(&session.map_err(|error| connection_failure(&error))?)?;
        // A backfill that goes on leaves out what it has built itself, one of what is missing whoever built it.
        let counts = |row: &LedgerRow| {
            is_missing_only || resumed.as_ref().is_some_and(|own| own.built(&row.invocation_id))
        };
        leave_out(graph, engine, &ledger, &mut models, &counts);
    }
    refuse_windows_read_once(&prepared.graph, &models, &range.to)?;
    let plan = plan(&prepared.graph, &selection.nodes, models);
    let has_nothing_left = plan.steps.iter().all(|step| step.window.is_none())
        && plan.windows.values().any(|model| !model.done.is_empty());
    tell_plan(invocation, &prepared, &range, &plan, resumed.is_some());
    if is_planning {
        return Ok(true);
    }
    if has_nothing_left || plan.steps.is_empty() {
        let line = "Nothing is left to build.";
        invocation.console.fire(&LogEvent::note(Level::Info, line));
        Marker::finish(&prepared);
        return Ok(true);
    }
    if heed_clocks(invocation, &prepared, &selection.nodes).is_err() {
        return Ok(false);
    }
    require_writable(&prepared.target_path)?;
    marker.begin(&prepared)?;
    let request = BackfillRequest {
        run: run_request(invocation, &prepared, selection, warehouse)?,
        plan,
        to: range.to.clone(),
    };
    let is_success = execute(invocation, &prepared, &request, &cancel)?;
    if is_success {
        Marker::finish(&prepared);
    }
    Ok(is_success)
}

/// What was said to no effect.
fn unused(invocation: &Invocation, selection: &Selection, has_no_windows: bool) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let settings = &invocation.settings;
    if settings.origin("session-time") == Origin::CommandLine
        && settings.text("session-time").is_some()
    {
        let message =
            "`--session-time` is not looked at: a backfill runs a session for each of its windows";
        let hint = "`--from` and `--to` say which";
        found.push(Diagnostic::warning(codes::WINDOWS_UNUSED, message).hint(hint));
    }
    if has_no_windows && !selection.nodes.is_empty() {
        let message = "no model of the selection is built in windows";
        let hint = "those are incremental models with the strategy `session_window` or `microbatch`, or with SQL that reads the session";
        found.push(Diagnostic::warning(codes::WINDOWS_UNUSED, message).hint(hint));
    }
    found
}

/// Tells of models of which the range has no whole window: what is between two ends of windows is not built.
fn without_windows(
    prepared: &Prepared,
    models: &IndexMap<NodeIndex, ModelWindows>,
) -> Vec<Diagnostic> {
    let empty = models.iter().filter(|(_, model)| model.wanted.is_empty());
    let tell = |(index, model): (&NodeIndex, &ModelWindows)| {
        let node = prepared.graph.node(*index);
        let message = format!(
            "no window of `{}`, whose grain is `{}`, ends within the range: nothing of it is built",
            node.name, model.grain
        );
        Diagnostic::remark(codes::WINDOWS_UNUSED, message)
            .about(&*node.unique_id)
            .hint("`--to` has to be the end of a window, or after it")
    };
    empty.map(tell).collect()
}

fn range(invocation: &Invocation, prepared: &Prepared) -> Result<BackfillRange, Failure> {
    let needed = |option: &str| {
        time(invocation, prepared, option)?.ok_or_else(|| {
            let message = format!("`backfill` needs `--{option}`, a time such as `2023-11-01`");
            Failure::from(usage(&message))
        })
    };
    let grain = invocation.settings.text("grain").map(str::parse::<Grain>).transpose();
    let grain = grain
        .map_err(|error| Diagnostic::error(codes::BACKFILL_GRAIN, format!("`--grain`: {error}")))?;
    Ok(BackfillRange {
        from: needed("from")?,
        to: needed("to")?,
        grain,
        usual_grain: prepared.project.quern.session.grain,
    })
}

/// What the backfill has in common with a run.
fn run_request(
    invocation: &Invocation,
    prepared: &Prepared,
    selection: Selection,
    warehouse: Arc<dyn Warehouse>,
) -> Result<RunRequest, Failure> {
    let settings = &invocation.settings;
    let threads = prepared.project.profile.threads.max(1);
    Ok(RunRequest {
        graph: prepared.graph.clone(),
        selection,
        action: Action::Execute,
        runs_hooks: true,
        tests_block: false,
        threads: if settings.is_on("single-threaded") { 1 } else { threads },
        fails_fast: settings.is_on("fail-fast"),
        is_empty: false,
        session: None,
        batching: batching(invocation, &prepared.project)?,
        deferral: crate::state::deferral(invocation, prepared)?,
        strictness: invocation.rules.strictness(),
        engine: prepared.engine.clone(),
        warehouse,
        sources: invocation.sources.clone(),
        clock: invocation.world.clock.clone(),
    })
}

fn execute(
    invocation: &Invocation,
    prepared: &Prepared,
    request: &BackfillRequest,
    cancel: &CancelFlag,
) -> Result<bool, Failure> {
    let hooks = RunTeller {
        graph: prepared.graph.clone(),
        console: invocation.console.clone(),
        sources: invocation.sources.clone(),
        clock: invocation.world.clock.clone(),
        target: prepared.project.profile.target.clone(),
        width: printer_width(invocation),
        tells_nodes: true,
        is_live: false,
        writer: None,
        failed: AtomicUsize::new(0),
    };
    let teller = BackfillTeller {
        steps: request.plan.steps.clone(),
        is_live: invocation.world.stderr_is_terminal && invocation.console.is_for_people(),
        hooks,
    };
    let report = execute_backfill(request, &teller, cancel);
    invocation.console.set_progress(None);
    let (errors, others): (Vec<_>, Vec<_>) =
        report.diagnostics.iter().cloned().partition(Diagnostic::is_error);
    invocation.heed(others)?;
    if !errors.is_empty() {
        return Err(Failure { diagnostics: errors });
    }
    teller.say_end(&report);
    let steps = report.steps.iter().map(|step| step.result.clone());
    let results = RunReport {
        results: report.hooks.iter().cloned().chain(steps).collect(),
        compiled: report.compiled.clone(),
        elapsed: report.elapsed,
        is_cancelled: report.is_cancelled,
        ..RunReport::default()
    };
    write_artifacts(invocation, prepared, Some(&results))?;
    Ok(report.is_success())
}

/// Says what is to be done: a table for people, JSON for programs.
fn tell_plan(
    invocation: &Invocation,
    prepared: &Prepared,
    range: &BackfillRange,
    plan: &Plan,
    is_resumed: bool,
) {
    let is_json = invocation.settings.text("output") == Some("json");
    if invocation.settings.is_on("plan") {
        let text = if is_json {
            pretty(&to_json(prepared, range, plan))
        } else {
            to_text(prepared, plan, is_resumed)
        };
        invocation.console.fire(&LogEvent::print(text.trim_end()));
    } else {
        let text = to_text(prepared, plan, is_resumed);
        invocation.console.fire(&LogEvent::formatting(""));
        for line in text.lines() {
            invocation.console.fire(&LogEvent::note(Level::Info, line));
        }
    }
}

fn to_text(prepared: &Prepared, plan: &Plan, is_resumed: bool) -> String {
    let name = |node: &NodeIndex| prepared.graph.node(*node).name.as_str();
    let mut rows =
        vec![["model", "grain", "first", "last", "windows", "to build"].map(str::to_owned)];
    for (node, model) in &plan.windows {
        let label = |window: Option<&Window>| window.map_or_else(|| "-".to_owned(), Window::label);
        rows.push([
            name(node).to_owned(),
            model.grain.to_string(),
            label(model.wanted.first()),
            label(model.wanted.last()),
            model.wanted.len().to_string(),
            (model.wanted.len() - model.done.len()).to_string(),
        ]);
    }
    for node in &plan.once {
        let dash = || "-".to_owned();
        let kind = prepared.graph.node(*node).config.materialized();
        let once = format!("once, {kind}");
        rows.push([name(node).to_owned(), once, dash(), dash(), dash(), "1".to_owned()]);
    }
    let mut widths = [0; 6];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in &rows {
        let cells = row.iter().zip(widths).enumerate().map(|(at, (cell, width))| {
            if at < 4 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        let _ = writeln!(text, "{}", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
    let left = plan.steps.iter().filter(|step| step.window.is_some()).count();
    let done: usize = plan.windows.values().map(|model| model.done.len()).sum();
    let _ = write!(
        text,
        "\n{} of {} to build, {} once",
        windows(left),
        plural(plan.windows.len(), "model"),
        plural(plan.once.len(), "other model"),
    );
    if done > 0 {
        let why = if is_resumed { ", this backfill goes on where it was stopped" } else { "" };
        let _ = write!(text, "; {} built already{why}", windows(done));
    }
    text.push('\n');
    text
}

fn to_json(prepared: &Prepared, range: &BackfillRange, plan: &Plan) -> Value {
    let model = |(node, model): (&NodeIndex, &ModelWindows)| {
        let window = |window: &Window| {
            json!({
                "start": window.start_text(),
                "end": window.end_text(),
                "session_time": SessionTime::from(window.end().clone()).to_string(),
                "is_built": model.done.contains(window),
            })
        };
        json!({
            "unique_id": &*prepared.graph.node(*node).unique_id,
            "grain": model.grain.to_string(),
            "order": match model.pace {
                Pace::InOrder => "one after the other",
                Pace::OneAtATime => "one at a time",
                Pace::Independent | Pace::Once => "any",
            },
            "windows": model.wanted.iter().map(window).collect::<Vec<_>>(),
        })
    };
    let once = plan.once.iter().map(|node| json!(&*prepared.graph.node(*node).unique_id));
    json!({
        "from": range.from.to_string(),
        "to": range.to.to_string(),
        "grain": range.grain.map(|grain| grain.to_string()),
        "models": plan.windows.iter().map(model).collect::<Vec<_>>(),
        "once": once.collect::<Vec<_>>(),
        "windows_to_build": plan.steps.iter().filter(|step| step.window.is_some()).count(),
    })
}
