//! `quern ledger`: which windows of each model are built, as a calendar.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use docs::StripCell;
use graph::NodeIndex;
use project::ResourceType;
use run::{Coverage, CoverageRequest, Ledger, Session, coverage, pace, read_ledger};
use serde_json::{Value, json};
use session::{SessionTime, Window, WindowState};
use source::{Diagnostic, codes};

use super::Outcome;
use super::compile::{open_session, pretty};
use crate::invocation::{Failure, Invocation};
use crate::selecting::{Kinds, select};
use crate::stages::{Prepared, prepare};
use crate::ui::event::LogEvent;
use crate::ui::lines::plural;
use crate::ui::strip;

/// Runs the command.
pub(crate) fn run(invocation: &Invocation) -> Outcome {
    let prepared = prepare(invocation)?;
    if !prepared.project.quern.ledger.is_enabled {
        return Err(switched_off().into());
    }
    let kinds = [ResourceType::Model];
    let kinds = Kinds { usual: &kinds, all: &kinds, keeps_empty_nodes: false };
    let selection = select(invocation, &prepared, &kinds)?;
    let (from, to) = (time(invocation, &prepared, "from")?, time(invocation, &prepared, "to")?);
    let session = open_session(invocation, &prepared, "ledger")?;
    let ledger = read(&session)?;
    let request = CoverageRequest {
        graph: &prepared.graph,
        engine: &prepared.engine,
        ledger: &ledger,
        from: from.as_ref(),
        to: to.as_ref(),
    };
    let nodes = selection.nodes.iter().copied();
    let models: Vec<Coverage> = nodes
        .filter(|node| pace(&prepared.graph, *node).has_windows())
        .map(|node| coverage(request, node).map_err(|problem| Failure::from(*problem)))
        .collect::<Result<_, _>>()?;
    let text = if invocation.settings.text("output") == Some("json") {
        format!("{}\n", pretty(&to_json(&prepared, &ledger, &models)))
    } else {
        to_text(&prepared, &ledger, &models)
    };
    invocation.console.fire(&LogEvent::print(text.trim_end()));
    let gaps: usize = models.iter().map(|model| model.count(WindowState::Missing)).sum();
    if invocation.settings.is_on("fail-on-gaps") && gaps > 0 {
        let lacking = models.iter().filter(|model| model.count(WindowState::Missing) > 0).count();
        let message = format!("{} missing in {}", windows(gaps), plural(lacking, "model"));
        let diagnostic = Diagnostic::error(codes::LEDGER_GAPS, message)
            .hint("`quern backfill --from … --to … --missing-only` builds what is missing");
        crate::ui::diagnostics::say(&invocation.console, &invocation.sources, &diagnostic);
        return Ok(false);
    }
    Ok(true)
}

/// Reads the ledger; a failure ends the command.
pub(crate) fn read(session: &Session) -> Result<Ledger, Failure> {
    read_ledger(session).map_err(|failure| Failure::from(failure.diagnostic))
}

/// What is said where the ledger is needed and switched off.
pub(crate) fn switched_off() -> Diagnostic {
    Diagnostic::error(codes::LEDGER_UNUSABLE, "the ledger is switched off")
        .hint("take `enabled: false` out of `ledger:` in quern.yml")
}

/// A time of the command line, in the zone of the project.
pub(crate) fn time(
    invocation: &Invocation,
    prepared: &Prepared,
    option: &str,
) -> Result<Option<SessionTime>, Failure> {
    let Some(text) = invocation.settings.text(option) else { return Ok(None) };
    let read = SessionTime::parse(text, &prepared.project.quern.session.zone);
    read.map(Some).map_err(|error| {
        Diagnostic::error(codes::BACKFILL_RANGE, format!("`--{option}`: {error}")).into()
    })
}

/// The pictures of all models with windows, for the site; nothing where there is no ledger.
pub(crate) fn strips(
    prepared: &Prepared,
    session: &Session,
) -> Result<BTreeMap<String, Vec<StripCell>>, Failure> {
    let mut strips = BTreeMap::new();
    let nodes = (0..prepared.graph.nodes.len() as u32).map(NodeIndex);
    let models: Vec<NodeIndex> =
        nodes.filter(|node| pace(&prepared.graph, *node).has_windows()).collect();
    // Who has no such models is not to wait for the question.
    if models.is_empty() || !prepared.project.quern.ledger.is_enabled {
        return Ok(strips);
    }
    let ledger = read(session)?;
    let request = CoverageRequest {
        graph: &prepared.graph,
        engine: &prepared.engine,
        ledger: &ledger,
        from: None,
        to: None,
    };
    for node in models {
        let found = coverage(request, node).map_err(|problem| Failure::from(*problem))?;
        let cell = |(window, state): &(Window, WindowState)| {
            let (row, place) = strip::place_in_calendar(found.grain, window);
            let state = match state {
                WindowState::Built => "built",
                WindowState::Older => "stale",
                WindowState::Missing => "missing",
            };
            StripCell { label: window.label(), state: state.to_owned(), row, place }
        };
        let id = prepared.graph.node(node).unique_id.to_string();
        strips.insert(id, found.cells.iter().map(cell).collect());
    }
    Ok(strips)
}

fn to_text(prepared: &Prepared, ledger: &Ledger, models: &[Coverage]) -> String {
    if models.is_empty() {
        return "no model of the selection is built in windows\n".to_owned();
    }
    let mut text = String::new();
    if !ledger.exists {
        text.push_str("there is no ledger yet: the first run with a session time makes it\n\n");
    }
    for model in models {
        let node = prepared.graph.node(model.node);
        let _ = writeln!(text, "{}  {}", node.name, summary(model));
        for line in strip::lines(model.grain, &model.cells) {
            let _ = writeln!(text, "  {line}");
        }
        for (word, state) in
            [("missing", WindowState::Missing), ("by older code", WindowState::Older)]
        {
            let run = |(first, last): (&Window, &Window)| {
                let label = first.label();
                if first == last { label } else { format!("{label} to {}", last.label()) }
            };
            let runs: Vec<String> = model.runs(state).into_iter().map(run).collect();
            if !runs.is_empty() {
                let _ = writeln!(text, "  {word}: {}", runs.join(", "));
            }
        }
        text.push('\n');
    }
    text.push_str(&strip::legend());
    text
}

fn summary(model: &Coverage) -> String {
    let grain = format!("each {}", model.grain);
    if model.is_gone {
        return format!("{grain}: its table is gone, so that nothing counts as built");
    }
    if model.cells.is_empty() {
        return format!("{grain}: nothing is built");
    }
    let built = model.count(WindowState::Built);
    let older = model.count(WindowState::Older);
    let missing = model.count(WindowState::Missing);
    let mut words = vec![format!("{} of {} built", built + older, windows(model.cells.len()))];
    if older > 0 {
        words.push(format!("{older} by older code"));
    }
    if missing > 0 {
        words.push(format!("{missing} missing"));
    }
    format!("{grain}: {}", words.join(", "))
}

/// `1 window`, `30 windows`.
pub(crate) fn windows(count: usize) -> String {
    plural(count, "window")
}

fn to_json(prepared: &Prepared, ledger: &Ledger, models: &[Coverage]) -> Value {
    let model = |model: &Coverage| {
        let node = prepared.graph.node(model.node);
        let cell = |(window, state): &(Window, WindowState)| {
            // Of what overlaps, the last counts.
            let row = ledger.rows_of(node).filter(|row| row.window.covers(window)).last();
            let row = row.filter(|_| *state != WindowState::Missing);
            json!({
                "start": window.start_text(),
                "end": window.end_text(),
                "state": state.as_str(),
                "rows": row.filter(|row| row.window == *window).and_then(|row| row.rows),
                "session_time": row.map(|row| row.session_time.to_string()),
                "code": row.map(|row| row.code.as_str()),
                "invocation_id": row.map(|row| row.invocation_id.as_str()),
                "finished_at": row.map(|row| row.finished_at.to_string()),
            })
        };
        json!({
            "unique_id": &*node.unique_id,
            "relation_name": node.relation_name,
            "grain": model.grain.to_string(),
            "table_exists": !model.is_gone,
            "built": model.count(WindowState::Built),
            "older": model.count(WindowState::Older),
            "missing": model.count(WindowState::Missing),
            "windows": model.cells.iter().map(cell).collect::<Vec<_>>(),
        })
    };
    json!({
        "ledger_exists": ledger.exists,
        "timezone": prepared.project.quern.session.zone_name,
        "models": models.iter().map(model).collect::<Vec<_>>(),
    })
}
