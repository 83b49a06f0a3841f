//! By what changed since an earlier run: `state:`, `result:` and `source_status:`.

use source::Diagnostic;
use source::codes::{ARTIFACT_UNREADABLE, SELECTOR_INVALID};

use super::Predicate;
use crate::graph::Graph;
use crate::node::{Node, NodeIndex};
use crate::select::syntax::{Criterion, Failure};
use crate::state::{Aspect, Comparison, PreviousState, SourceTimes};

/// Finds nodes by what an earlier run left behind; what is worth telling of it is added to `told`.
pub(super) fn search(
    graph: &Graph,
    criterion: &Criterion,
    state: Option<&PreviousState>,
    told: &mut Vec<Diagnostic>,
) -> Result<Vec<NodeIndex>, Failure> {
    let all = || (0..graph.nodes.len() as u32).map(NodeIndex);
    match criterion.method {
        "state" => {
            let aspect =
                Aspect::parse(&criterion.value).ok_or_else(|| unknown_aspect(criterion))?;
            let state = needed(state, criterion)?;
            let manifest =
                state.manifest.as_ref().ok_or_else(|| missing_file(criterion, "manifest.json"))?;
            let comparison = Comparison::new(graph, state, manifest);
            let found = all().filter(|index| comparison.fits(*index, aspect)).collect();
            if matches!(aspect, Aspect::Modified | Aspect::Unmodified | Aspect::Contract) {
                comparison.tell_removed();
            }
            let (errors, others): (Vec<_>, Vec<_>) =
                comparison.diagnostics.into_inner().into_iter().partition(Diagnostic::is_error);
            told.extend(others.into_iter().filter(|one| !told.contains(one)).collect::<Vec<_>>());
            match errors.into_iter().next() {
                Some(error) => Err(Box::new(error)),
                None => Ok(found),
            }
        }
        "result" => {
            let results = needed(state, criterion)?
                .results
                .as_ref()
                .ok_or_else(|| missing_file(criterion, "run_results.json"))?;
            let wanted = |node: &Node| {
                results
                    .iter()
                    .any(|(id, status)| *node.unique_id == *id && *status == criterion.value)
            };
            Ok(all().filter(|index| wanted(graph.node(*index))).collect())
        }
        _ => {
            let state = needed(state, criterion)?;
            let then =
                state.sources.as_ref().ok_or_else(|| missing_file(criterion, "sources.json"))?;
            let now = state.current_sources.as_ref().ok_or_else(|| {
                let message = "No current state comparison freshness results in sources.json";
                let diagnostic = Diagnostic::error(ARTIFACT_UNREADABLE, message);
                Box::new(diagnostic.hint("run `quern source freshness` first"))
            })?;
            let is_wanted = |node: &Node| {
                criterion.value == "fresher" && is_fresher(&node.unique_id, then, now)
            };
            Ok(all().filter(|index| is_wanted(graph.node(*index))).collect())
        }
    }
}

/// In the registry for their names: [`search`] is asked in their place.
#[expect(clippy::unnecessary_wraps, reason = "the registry's functions may fail")]
pub(super) fn by_search<'a>(_: &'a Graph, _: &'a Criterion) -> Result<Predicate<'a>, Failure> {
    Ok(Box::new(|_| false))
}

fn is_fresher(id: &str, then: &SourceTimes, now: &SourceTimes) -> bool {
    let time = |times: &SourceTimes| {
        times.get(id).cloned().flatten().map(|time| time.replace('Z', "+00:00"))
    };
    let could_not_be_measured = matches!(now.get(id), Some(None));
    match (time(now), time(then)) {
        (Some(now), Some(then)) => now > then,
        (Some(_), None) => !could_not_be_measured,
        (None, _) => false,
    }
}

fn needed<'a>(
    state: Option<&'a PreviousState>,
    criterion: &Criterion,
) -> Result<&'a PreviousState, Failure> {
    state.ok_or_else(|| {
        let message =
            format!("`{}` compares with an earlier run, and none is named", criterion.raw);
        let hint = "name the folder with its artifacts by `--state`";
        Box::new(Diagnostic::error(ARTIFACT_UNREADABLE, message).hint(hint))
    })
}

fn missing_file(criterion: &Criterion, file: &str) -> Failure {
    let message = format!("the folder of `--state` has no `{file}` for `{}`", criterion.raw);
    let hint =
        "name the folder with the artifacts of an earlier run, from the folder of the project";
    Box::new(Diagnostic::error(ARTIFACT_UNREADABLE, message).hint(hint))
}

fn unknown_aspect(criterion: &Criterion) -> Failure {
    let known: Vec<&str> = Aspect::ALL.iter().map(|(name, _)| *name).collect();
    let message = format!("`{}` is nothing that `state:` can compare", criterion.value);
    let hint = source::suggest::did_you_mean(&criterion.value, known.iter().copied())
        .unwrap_or_else(|| format!("it takes {}", known.join(", ")));
    Box::new(Diagnostic::error(SELECTOR_INVALID, message).hint(hint))
}
