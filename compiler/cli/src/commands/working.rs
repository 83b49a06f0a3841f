//! What `run`, `build`, `test`, `seed`, `snapshot`, `compile` and `show` have in common: select, work, tell, write.

mod dry_run;

use std::io::BufWriter;
use std::sync::atomic::AtomicUsize;

use graph::{NodeIndex, Selection};
use project::ResourceType;
use run::{Action, CancelFlag, RunReport, RunRequest, check_templates};
use serde_json::{Map, Value};
use source::Diagnostic;

use super::Outcome;
use super::compile::fail_on_errors;
use crate::event_times::batching;
use crate::invocation::{Failure, Invocation};
use crate::last_results;
use crate::selecting::{Kinds, select};
use crate::session_time::require_session;
use crate::stages::{Prepared, open_asked_warehouse, prepare};
use crate::ui::run_events::RunTeller;
use crate::ui::secrets::ScrubbingWriter;
use crate::ui::summary::Summary;
use crate::writing::{CodeWriter, require_writable, write_whole_with};

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
    let settings = &invocation.settings;
    let measures = matches!(work.action, Action::Freshness { .. });
    if selection.nodes.is_empty() {
        let report = RunReport::default();
        if measures {
            super::source_freshness::write_report(invocation, prepared, &report)?;
        } else {
            write_artifacts(invocation, prepared, Some(&report))?;
        }
        return Ok(report);
    }
    let executes = work.action == Action::Execute || measures;
    if work.action == Action::Execute {
        require_session(prepared, &selection)?;
    }
    if matches!(work.action, Action::Execute | Action::Compile { .. })
        && let Err(diagnostics) = heed_clocks(invocation, prepared, &selection.nodes)
    {
        return Ok(RunReport { diagnostics, ..RunReport::default() });
    }
    require_writable(&prepared.target_path)?;
    let teller = RunTeller {
        graph: prepared.graph.clone(),
        console: invocation.console.clone(),
        sources: invocation.sources.clone(),
        clock: invocation.world.clock.clone(),
        target: prepared.project.profile.target.clone(),
        width: printer_width(invocation),
        tells_nodes: executes,
        is_live: executes
            && invocation.world.stderr_is_terminal
            && invocation.console.is_for_people(),
        // As in dbt, SQL without its ephemeral models is written to no file.
        writer: (settings.said_switch("inject-ephemeral-ctes") != Some(false))
            .then(|| CodeWriter::new(&prepared.target_path, invocation.console.clone())),
        failed: AtomicUsize::new(0),
    };
    let cancel = CancelFlag::new();
    listen_to_interrupts(invocation, &cancel);
    let request = RunRequest {
        graph: prepared.graph.clone(),
        selection,
        action: work.action,
        runs_hooks: executes
            && (!measures || settings.is_behaviour_on("source_freshness_run_project_hooks")),
        tests_block: work.tests_block,
        threads: if settings.is_on("single-threaded") {
            1
        } else {
            prepared.project.profile.threads.max(1)
        },
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
    };
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
    if executes {
        let summary = Summary {
            graph: &prepared.graph,
            sources: &invocation.sources,
            console: &invocation.console,
            compiled_folder: format!("{}/compiled", prepared.shown_target_path(invocation)),
        };
        summary.say_finished(&report);
        if settings.is_on("show") {
            super::seed::show_tables(invocation, prepared, &report);
        }
        if measures {
            summary.say_fresh(&report);
        } else {
            summary.say_end(&report);
        }
    }
    if work.action == Action::Clone {
        let summary = Summary {
            graph: &prepared.graph,
            sources: &invocation.sources,
            console: &invocation.console,
            compiled_folder: String::new(),
        };
        summary.say_end(&report);
    }
    if let Some(failure) = teller.writer.as_ref().and_then(CodeWriter::failure) {
        return Err(failure.into());
    }
    // As in dbt, results are written of nothing that is given up at the first mistake.
    let is_given_up = matches!(work.action, Action::Compile { .. } | Action::Show { .. })
        && fail_on_errors(&report).is_err();
    if measures {
        super::source_freshness::write_report(invocation, prepared, &report)?;
    } else if !is_given_up {
        write_artifacts(invocation, prepared, Some(&report))?;
    }
    Ok(report)
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

/// Writes `manifest.json`, and `run_results.json` for a command that ran something.
pub(crate) fn write_artifacts(
    invocation: &Invocation,
    prepared: &Prepared,
    report: Option<&RunReport>,
) -> Result<(), Failure> {
    if !invocation.settings.is_on("write-json") {
        return Ok(());
    }
    let head = prepared.head(invocation);
    let path = |name: &str| prepared.target_path.join(name);
    let write_manifest = || {
        let manifest = docs::ManifestStream::new(&prepared.graph, &head, report);
        put_json(invocation, &path("manifest.json"), &manifest)
    };
    let write_results = |report: &RunReport| {
        let mut arguments: Map<String, Value> = invocation.arguments().into_iter().collect();
        if let Some(session) = &report.session {
            // The moment, whatever it was read from: so that `retry` is for the same one.
            arguments.insert("session_time".to_owned(), session.time().to_string().into());
        }
        let results = docs::describe_results(report, &head, &arguments);
        put_json(invocation, &path("run_results.json"), &results)
    };
    let (manifest, results) = rayon::join(write_manifest, || report.map(write_results));
    manifest?;
    say_written(invocation, &path("manifest.json"), "manifest.json");
    if let Some(written) = results {
        written?;
        say_written(invocation, &path("run_results.json"), "run_results.json");
        last_results::keep(invocation, &prepared.target_path);
    }
    Ok(())
}

/// Writes an artifact below the target path, without secrets.
pub(crate) fn write_json(
    invocation: &Invocation,
    prepared: &Prepared,
    name: &str,
    artifact: &impl serde::Serialize,
) -> Result<(), Failure> {
    write_json_to(invocation, &prepared.target_path.join(name), name, artifact)
}

/// Writes an artifact to a path, without secrets.
pub(crate) fn write_json_to(
    invocation: &Invocation,
    path: &std::path::Path,
    name: &str,
    artifact: &impl serde::Serialize,
) -> Result<(), Failure> {
    put_json(invocation, path, artifact)?;
    say_written(invocation, path, name);
    Ok(())
}

fn put_json(
    invocation: &Invocation,
    path: &std::path::Path,
    artifact: &impl serde::Serialize,
) -> Result<(), Diagnostic> {
    let secrets = invocation.console.secrets();
    write_whole_with(path, |file| {
        // JSON is written in scraps: gathered here, where the compiler sees through it.
        let mut scraps = BufWriter::with_capacity(1 << 18, ScrubbingWriter::new(file, &secrets));
        serde_json::to_writer(&mut scraps, artifact)?;
        scraps.into_inner().map_err(std::io::IntoInnerError::into_error)?.finish()
    })
}

fn say_written(invocation: &Invocation, path: &std::path::Path, name: &str) {
    let line = format!("Wrote artifact {name} to {}", path.display());
    let data = serde_json::json!({"artifact_type": name, "artifact_path": path.to_string_lossy()});
    let event = crate::ui::event::LogEvent::new(
        crate::ui::event::Level::Debug,
        ("ArtifactWritten", "P001"),
        line,
        data,
    );
    invocation.console.fire(&event);
}

/// Writes the results of a query that is no node: one, with its SQL.
pub(crate) fn write_inline_results(
    invocation: &Invocation,
    prepared: &Prepared,
    code: &str,
) -> Result<(), Failure> {
    let package = &prepared.project.root().settings.name;
    let result = docs::artifacts::run_results::RunResult {
        status: "success".into(),
        unique_id: format!("sql_operation.{package}.inline_query").into(),
        compiled: Some(true),
        compiled_code: Some(code.into()),
        ..Default::default()
    };
    write_single_result(invocation, prepared, result)
}

/// Writes the artifacts of a command that did one thing, which is no node.
pub(crate) fn write_single_result(
    invocation: &Invocation,
    prepared: &Prepared,
    result: docs::artifacts::run_results::RunResult<'_>,
) -> Result<(), Failure> {
    write_artifacts(invocation, prepared, None)?;
    if !invocation.settings.is_on("write-json") {
        return Ok(());
    }
    let head = prepared.head(invocation);
    let report = RunReport::default();
    let arguments: Map<String, Value> = invocation.arguments().into_iter().collect();
    let mut results = docs::describe_results(&report, &head, &arguments);
    results.elapsed_time = result.execution_time;
    results
        .results
        .push(docs::artifacts::run_results::RunResult { thread_id: "MainThread".into(), ..result });
    write_json(invocation, prepared, "run_results.json", &results)
}

/// The target path, for commands that do not load the whole project.
pub(crate) fn project_target_path(invocation: &Invocation) -> std::path::PathBuf {
    let environment = invocation.environment();
    let input = project::load::LoadInput {
        sources: &invocation.sources,
        files: &source::DiskFileSystem,
        environment: &environment,
        renderer: &crate::stages::yaml_renderer(invocation).without_required_variables(),
        describe_target: &|_| Ok(Value::Null),
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
