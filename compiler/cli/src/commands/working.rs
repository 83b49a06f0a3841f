//! What `run`, `build`, `test`, `seed`, `snapshot`, `compile` and `show` have in common: select, work, tell, write.

mod dry_run;

use std::sync::atomic::AtomicUsize;

use graph::{NodeIndex, Selection};
use project::ResourceType;
use run::{Action, CancelFlag, RunReport, RunRequest, check_templates};
use source::Diagnostic;

use super::Outcome;
use super::compile::fail_on_errors;
use crate::artifacts::write_artifacts;
use crate::event_times::batching;
use crate::invocation::{Failure, Invocation};
use crate::selecting::{Kinds, select};
use crate::session_time::require_session;
use crate::stages::{Prepared, open_asked_warehouse, prepare};
use crate::ui::run_events::RunTeller;
use crate::ui::summary::Summary;
use crate::writing::{CodeWriter, require_writable};

/// What is done with nodes, and how it is told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Work {
    /// What is done.
    pub action: Action,
    /// Whether failed tests keep what stands below from being built.
    pub tests_block: bool,
}

impl Work {
    /// Building or testing nodes.
    pub(crate) const EXECUTE: Self = Self { action: Action::Execute, tests_block: false };

    /// Whether each node is told of, with its time and outcome.
    fn executes(self) -> bool {
        matches!(self.action, Action::Execute | Action::Freshness { .. })
    }
}

/// A whole command over nodes of some kinds.
pub(crate) fn run_kinds(invocation: &Invocation, kinds: &[ResourceType]) -> Outcome {
    let prepared = prepare(invocation)?;
    let kinds = Kinds { usual: kinds, all: kinds, keeps_empty_nodes: false };
    let selection = select(invocation, &prepared, &kinds)?;
    let report = work(invocation, &prepared, selection, Work::EXECUTE)?;
    Ok(report.is_success())
}

/// Works on the selected nodes, tells of it and writes what it leaves behind.
pub(crate) fn work(
    invocation: &Invocation,
    prepared: &Prepared,
    selection: Selection,
    work: Work,
) -> Result<RunReport, Failure> {
    if selection.nodes.is_empty() {
        let report = RunReport::default();
        write_report(invocation, prepared, work.action, &report)?;
        return Ok(report);
    }
    if work.action == Action::Execute {
        require_session(prepared, &selection)?;
    }
    if matches!(work.action, Action::Execute | Action::Compile { .. })
        && let Err(diagnostics) = heed_clocks(invocation, prepared, &selection.nodes)
    {
        return Ok(RunReport { diagnostics, ..RunReport::default() });
    }
    require_writable(&prepared.target_path)?;
    let teller = teller(invocation, prepared, work);
    let cancel = CancelFlag::new();
    listen_to_interrupts(invocation, &cancel);
    let request = request(invocation, prepared, selection, work)?;
    if dry_run::tell(invocation, prepared, &request, &cancel)? == dry_run::Verdict::Stop {
        return Ok(RunReport::default());
    }
    let report = run::execute(&request, &teller, &cancel);
    invocation.console.set_progress(None);
    let (errors, others): (Vec<_>, Vec<_>) =
        report.diagnostics.iter().cloned().partition(Diagnostic::is_error);
    invocation.heed(others)?;
    if !errors.is_empty() {
        write_artifacts(invocation, prepared, None)?;
        return Err(Failure { diagnostics: errors });
    }
    say_report(invocation, prepared, work, &report);
    if let Some(failure) = teller.writer.as_ref().and_then(CodeWriter::failure) {
        return Err(failure.into());
    }
    // As in dbt, results are written of nothing that is given up at the first mistake.
    let is_given_up = matches!(work.action, Action::Compile { .. } | Action::Show { .. })
        && fail_on_errors(&report).is_err();
    if !is_given_up {
        write_report(invocation, prepared, work.action, &report)?;
    }
    Ok(report)
}

/// Who tells of the nodes while they are worked on.
fn teller(invocation: &Invocation, prepared: &Prepared, work: Work) -> RunTeller {
    let is_live = work.executes()
        && invocation.world.stderr_is_terminal
        && invocation.console.is_for_people();
    // As in dbt, SQL without its ephemeral models is written to no file.
    let writes_code = invocation.settings.said_switch("inject-ephemeral-ctes") != Some(false);
    RunTeller {
        graph: prepared.graph.clone(),
        console: invocation.console.clone(),
        sources: invocation.sources.clone(),
        clock: invocation.world.clock.clone(),
        target: prepared.project.profile.target.clone(),
        width: printer_width(invocation),
        tells_nodes: work.executes(),
        is_live,
        writer: writes_code
            .then(|| CodeWriter::new(&prepared.target_path, invocation.console.clone())),
        failed: AtomicUsize::new(0),
    }
}

/// What is asked of the run, by the flags and the project.
fn request(
    invocation: &Invocation,
    prepared: &Prepared,
    selection: Selection,
    work: Work,
) -> Result<RunRequest, Failure> {
    let settings = &invocation.settings;
    let runs_hooks = match work.action {
        Action::Freshness { .. } => settings.is_behaviour_on("source_freshness_run_project_hooks"),
        _ => work.executes(),
    };
    let is_single = settings.is_on("single-threaded");
    Ok(RunRequest {
        graph: prepared.graph.clone(),
        selection,
        action: work.action,
        runs_hooks,
        tests_block: work.tests_block,
        threads: if is_single { 1 } else { prepared.project.profile.threads.max(1) },
        fails_fast: settings.is_on("fail-fast"),
        is_empty: settings.is_on("empty"),
        session: prepared.project.session.clone(),
        batching: batching(invocation, &prepared.project)?,
        strictness: invocation.rules.strictness(),
        deferral: crate::state::deferral(invocation, prepared)?,
        engine: prepared.engine.clone(),
        warehouse: match open_asked_warehouse(invocation, &prepared.target) {
            Ok(warehouse) => warehouse,
            Err(diagnostic) => {
                // As in dbt the manifest is that of parsing, which needed no warehouse.
                write_artifacts(invocation, prepared, None)?;
                return Err(diagnostic.into());
            }
        },
        sources: invocation.sources.clone(),
        clock: invocation.world.clock.clone(),
    })
}

/// Says what came of the nodes, for what is told of at all.
fn say_report(invocation: &Invocation, prepared: &Prepared, work: Work, report: &RunReport) {
    let summary = Summary {
        graph: &prepared.graph,
        sources: &invocation.sources,
        console: &invocation.console,
        compiled_folder: format!("{}/compiled", prepared.shown_target_path(invocation)),
    };
    if work.executes() {
        summary.say_finished(report);
        if invocation.settings.is_on("show") {
            super::seed::show_tables(invocation, prepared, report);
        }
    }
    match work.action {
        Action::Freshness { .. } => summary.say_fresh(report),
        Action::Execute | Action::Clone => summary.say_end(report),
        _ => {}
    }
}

/// Writes the artifacts that describe what came of the nodes.
fn write_report(
    invocation: &Invocation,
    prepared: &Prepared,
    action: Action,
    report: &RunReport,
) -> Result<(), Failure> {
    match action {
        Action::Freshness { .. } => {
            super::source_freshness::write_report(invocation, prepared, report)
        }
        _ => write_artifacts(invocation, prepared, Some(report)),
    }
}

/// Tells of clocks in the templates of these nodes; errors when the project denies them.
///
/// Such a project is sound, but may not be run: the exit code is that of nodes that failed.
pub(crate) fn heed_clocks(
    invocation: &Invocation,
    prepared: &Prepared,
    nodes: &[NodeIndex],
) -> Result<(), Vec<Diagnostic>> {
    let found = check_templates(&prepared.graph, &prepared.engine, nodes);
    let Err(Failure { diagnostics }) = invocation.heed(found) else { return Ok(()) };
    crate::ui::diagnostics::say_failure(&invocation.console, &invocation.sources, &diagnostics);
    Err(diagnostics)
}

/// The first Ctrl-C ends the run in good order, the second at once.
pub(crate) fn listen_to_interrupts(invocation: &Invocation, cancel: &CancelFlag) {
    if !invocation.world.owns_process {
        return;
    }
    let cancel = cancel.clone();
    let stderr = invocation.world.stderr.clone();
    let console = invocation.console.clone();
    // Without a handler Ctrl-C ends the process, which is what it does elsewhere too.
    let _ = ctrlc::set_handler(move || {
        if cancel.is_set() {
            #[expect(
                clippy::exit,
                reason = "the user asked twice; open statements are the warehouse's to clean up"
            )]
            std::process::exit(130);
        }
        console.aside(&stderr, "stopping; press Ctrl-C again to leave at once\n");
        template::interrupt_renders();
        cancel.set();
    });
}

/// The target path, for commands that do not load the whole project.
pub(crate) fn project_target_path(invocation: &Invocation) -> std::path::PathBuf {
    let environment = invocation.environment();
    let input = project::load::LoadInput {
        sources: &invocation.sources,
        files: &source::DiskFileSystem,
        environment: &environment,
        renderer: &crate::stages::yaml_renderer(invocation).without_required_variables(),
        describe_target: &|_| Ok(project::TargetDescription::default()),
    };
    let settings = project::load::load_project_settings(input, Some(&serde_json::json!({}))).value;
    invocation.target_path(settings.as_ref().map_or("target", |settings| &settings.target_path))
}

/// `--printer-width`.
pub(crate) fn printer_width(invocation: &Invocation) -> usize {
    invocation
        .settings
        .number("printer-width")
        .and_then(|width| usize::try_from(width).ok())
        .unwrap_or(80)
}
