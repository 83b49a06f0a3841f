//! Which windows of a model are built: the ledger as a picture shows it.

use graph::{Graph, NodeIndex, fingerprint};
use session::{Grain, SessionTime, Window, WindowState, states, windows_between};
use source::{Diagnostic, codes};
use template::Engine;

use crate::ledger::read::Ledger;
use crate::pace::grain_of;

/// What coverage is worked out from.
#[derive(Clone, Copy)]
pub struct CoverageRequest<'a> {
    /// The project.
    pub graph: &'a Graph,
    /// Templates, for fingerprints.
    pub engine: &'a Engine,
    /// What was built.
    pub ledger: &'a Ledger,
    /// The range; without its ends what the ledger knows of the model, from the first to the last window.
    pub from: Option<&'a SessionTime>,
    /// The first moment after the range.
    pub to: Option<&'a SessionTime>,
}

/// The windows of a model, each with what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// The model.
    pub node: NodeIndex,
    /// The grain of its windows.
    pub grain: Grain,
    /// The windows in order.
    pub cells: Vec<(Window, WindowState)>,
    /// Whether its table is gone, so that the ledger's rows do not count.
    pub is_gone: bool,
}

impl Coverage {
    /// How many windows are in a state.
    pub fn count(&self, state: WindowState) -> usize {
        self.cells.iter().filter(|(_, own)| *own == state).count()
    }

    /// The windows in a state, neighbours together: the first and the last of each row of them.
    pub fn runs(&self, state: WindowState) -> Vec<(&Window, &Window)> {
        let mut runs: Vec<(&Window, &Window)> = Vec::new();
        for (window, _) in self.cells.iter().filter(|(_, own)| *own == state) {
            match runs.last_mut() {
                Some((_, last)) if window.start() <= last.end() => *last = window,
                _ => runs.push((window, window)),
            }
        }
        runs
    }
}

/// The coverage of a model.
pub fn coverage(
    request: CoverageRequest<'_>,
    index: NodeIndex,
) -> Result<Coverage, Box<Diagnostic>> {
    let project = &request.graph.project;
    let node = request.graph.node(index);
    let grain = grain_of(node, project.quern.session.grain);
    let built = request.ledger.built(node);
    let known = request.ledger.rows.iter().filter(|row| *row.model == *node.unique_id);
    let windows: Vec<&Window> = known.map(|row| &row.window).collect();
    let first = windows.iter().map(|window| window.start()).min();
    let last = windows.iter().map(|window| window.end()).max();
    let from = request.from.cloned().or_else(|| first.cloned().map(SessionTime::from));
    let to = request.to.cloned().or_else(|| last.cloned().map(SessionTime::from));
    let wanted = match (from, to) {
        (Some(from), Some(to)) if request.from.is_some() && request.to.is_some() => {
            between(&from, &to, grain)?
        }
        // One end comes from the ledger: the other may lie beyond it.
        (Some(from), Some(to)) if from.timestamp() < to.timestamp() => between(&from, &to, grain)?,
        _ => Vec::new(),
    };
    let variable = &project.quern.session.variable;
    let code = fingerprint(request.graph, request.engine, index, variable);
    let states = states(&wanted, &built, &code);
    let relation = node.relation_name.as_deref().unwrap_or_default();
    Ok(Coverage {
        node: index,
        grain,
        cells: wanted.into_iter().zip(states).collect(),
        is_gone: request.ledger.gone.contains(relation) && !windows.is_empty(),
    })
}

fn between(
    from: &SessionTime,
    to: &SessionTime,
    grain: Grain,
) -> Result<Vec<Window>, Box<Diagnostic>> {
    let windows = windows_between(from, to, grain);
    let mut windows = windows
        .map_err(|error| Box::new(Diagnostic::error(codes::BACKFILL_RANGE, error.to_string())))?;
    windows.retain(|window| window.end().timestamp() <= to.timestamp());
    Ok(windows)
}
