//! What a backfill is to do, before any of it is done.

use graph::{Graph, NodeIndex};
use indexmap::{IndexMap, IndexSet};
use project::ResourceType;
use session::{Grain, SessionTime, TimeError, Window, windows_between};
use source::{Diagnostic, codes};

use crate::pace::{Pace, grain_of, pace};

/// The range of a backfill and how it is cut.
#[derive(Debug, Clone)]
pub struct BackfillRange {
    /// The start.
    pub from: SessionTime,
    /// The first moment after it.
    pub to: SessionTime,
    /// One grain for all models, instead of the models' own: whole windows of theirs at once.
    pub grain: Option<Grain>,
    /// The grain of models that have none of their own.
    pub usual_grain: Grain,
}

/// The windows of one model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelWindows {
    /// The grain of the windows.
    pub grain: Grain,
    /// What keeps them apart.
    pub pace: Pace,
    /// All windows of the range, in order.
    pub wanted: Vec<Window>,
    /// Those of them that need not be built again.
    pub done: Vec<Window>,
}

/// One thing to build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedStep {
    /// The node.
    pub node: NodeIndex,
    /// The window; none for a node that is built once.
    pub window: Option<Window>,
}

/// A backfill before it runs.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// What is to be built: session by session, each in the order of the graph.
    pub steps: Vec<PlannedStep>,
    /// For each step the steps that wait for it.
    pub children: Vec<Vec<u32>>,
    /// The models with windows, in the order of the graph.
    pub windows: IndexMap<NodeIndex, ModelWindows>,
    /// The nodes that are built once, in the order of the graph.
    pub once: Vec<NodeIndex>,
}

/// The windows of each selected model that has any, none of them done.
///
/// A model's own windows are those that sessions within the range would build: that end after its start and not after
/// its end. A grain for all models must consist of whole windows of each, and the range of whole windows of it.
pub fn windows_of(
    graph: &Graph,
    nodes: &[NodeIndex],
    range: &BackfillRange,
) -> Result<IndexMap<NodeIndex, ModelWindows>, Diagnostic> {
    let mut models = IndexMap::new();
    if let Err(error @ TimeError::Backwards { .. }) =
        windows_between(&range.from, &range.to, range.usual_grain)
    {
        return Err(wrong_range(&error));
    }
    for index in nodes {
        let pace = pace(graph, *index);
        if !pace.has_windows() {
            continue;
        }
        let node = graph.node(*index);
        let own = grain_of(node, range.usual_grain);
        if let Some(grain) = range.grain.filter(|grain| !grain.consists_of(own)) {
            let message = format!(
                "the grain `{grain}` does not consist of whole windows of `{}`, whose grain is `{own}`",
                node.name
            );
            let hint = "leave `--grain` out: each model then has its own";
            return Err(Diagnostic::error(codes::BACKFILL_GRAIN, message).hint(hint));
        }
        let grain = range.grain.unwrap_or(own);
        let wanted = cut(range, grain)?;
        models.insert(*index, ModelWindows { grain, pace, wanted, done: Vec::new() });
    }
    Ok(models)
}

fn cut(range: &BackfillRange, grain: Grain) -> Result<Vec<Window>, Diagnostic> {
    let (from, to) = (range.from.timestamp(), range.to.timestamp());
    let mut windows =
        windows_between(&range.from, &range.to, grain).map_err(|error| wrong_range(&error))?;
    let starts_early = windows.first().is_some_and(|first| first.start().timestamp() != from);
    let ends_late = windows.last().is_some_and(|last| last.end().timestamp() != to);
    if range.grain.is_some() && (starts_early || ends_late) {
        let whole = |window: Option<&Window>| window.map(ToString::to_string).unwrap_or_default();
        let message = format!(
            "the range from {} to {} is not made of whole windows of the grain `{grain}`",
            range.from, range.to
        );
        let hint = format!(
            "the first window is {}, the last {}",
            whole(windows.first()),
            whole(windows.last())
        );
        return Err(Diagnostic::error(codes::BACKFILL_GRAIN, message).hint(hint));
    }
    windows.retain(|window| window.end().timestamp() <= to);
    Ok(windows)
}

fn wrong_range(error: &TimeError) -> Diagnostic {
    let hint = match error {
        TimeError::Backwards { .. } => {
            Some("`--from` is the first moment of the backfill, `--to` the first after it")
        }
        TimeError::TooManyWindows(_) => Some("choose a larger `--grain`, or a shorter range"),
        _ => None,
    };
    Diagnostic::error(codes::BACKFILL_RANGE, error.to_string())
        .hint_optional(hint.map(str::to_owned))
}

/// Puts the steps in order and finds what waits for what.
///
/// A window of a model waits for the windows of its parents that overlap it, for parents that are built once, and, where
/// the pace says so, for the window before it. A node that is built once waits for all windows of its parents.
pub fn plan(
    graph: &Graph,
    nodes: &[NodeIndex],
    windows: IndexMap<NodeIndex, ModelWindows>,
) -> Plan {
    let parents = parents_among(graph, nodes);
    let depths = depths(&parents);
    let once: Vec<NodeIndex> =
        parents.keys().filter(|node| !windows.contains_key(*node)).copied().collect();
    let mut steps: Vec<PlannedStep> =
        once.iter().map(|node| PlannedStep { node: *node, window: None }).collect();
    for (node, model) in &windows {
        let left = model.wanted.iter().filter(|window| !model.done.contains(window));
        steps.extend(left.map(|window| PlannedStep { node: *node, window: Some(window.clone()) }));
    }
    steps.sort_by_key(|step| {
        let end = step.window.as_ref().map(|window| window.end().timestamp());
        (end, depths.get(&step.node).copied(), step.node)
    });
    let mut of_node: IndexMap<NodeIndex, Vec<u32>> = IndexMap::new();
    for (at, step) in steps.iter().enumerate() {
        of_node.entry(step.node).or_default().push(at as u32);
    }
    let mut children: Vec<Vec<u32>> = vec![Vec::new(); steps.len()];
    for (node, own) in &of_node {
        if windows.get(node).is_some_and(|model| model.pace == Pace::InOrder) {
            for pair in own.windows(2) {
                children[pair[0] as usize].push(pair[1]);
            }
        }
        for parent in parents.get(node).into_iter().flatten() {
            let Some(above) = of_node.get(parent) else { continue };
            connect(&steps, above, own, &mut children);
        }
    }
    Plan { steps, children, windows, once }
}

/// Lets the steps of a node wait for those of its parent that it needs; both in order of time.
fn connect(steps: &[PlannedStep], above: &[u32], own: &[u32], children: &mut [Vec<u32>]) {
    let window = |at: u32| steps[at as usize].window.as_ref();
    for at in own {
        let needed = match window(*at) {
            None => above,
            Some(wanted) => {
                let first = above.partition_point(|other| {
                    window(*other).is_some_and(|other| other.end() <= wanted.start())
                });
                let end = above.partition_point(|other| {
                    window(*other).is_none_or(|other| other.start() < wanted.end())
                });
                above.get(first..end).unwrap_or_default()
            }
        };
        for other in needed {
            children[*other as usize].push(*at);
        }
    }
}

/// The nodes that are built, each with those of them that it reads, also by way of nodes that are not.
fn parents_among(graph: &Graph, nodes: &[NodeIndex]) -> IndexMap<NodeIndex, IndexSet<NodeIndex>> {
    let is_built = |index: &NodeIndex| {
        let node = graph.node(*index);
        !(node.resource_type == ResourceType::Model && node.config.materialized() == "ephemeral")
    };
    let built: IndexSet<NodeIndex> = nodes.iter().copied().filter(is_built).collect();
    let find = |node: &NodeIndex| {
        let mut found = IndexSet::new();
        let mut seen: IndexSet<NodeIndex> = graph.node(*node).depends_on.iter().copied().collect();
        let mut at = 0;
        while let Some(parent) = seen.get_index(at).copied() {
            at += 1;
            if built.contains(&parent) {
                found.insert(parent);
            } else {
                seen.extend(graph.node(parent).depends_on.iter().copied());
            }
        }
        (*node, found)
    };
    built.iter().map(find).collect()
}

/// How many built nodes stand above each.
fn depths(parents: &IndexMap<NodeIndex, IndexSet<NodeIndex>>) -> IndexMap<NodeIndex, usize> {
    let mut depths: IndexMap<NodeIndex, usize> = parents.keys().map(|node| (*node, 0)).collect();
    // The graph has no circles: after as many rounds as the longest way is long nothing changes.
    loop {
        let mut has_changed = false;
        for (node, above) in parents {
            let depth = above.iter().filter_map(|parent| depths.get(parent)).max();
            let depth = depth.map_or(0, |depth| depth + 1);
            if depths.insert(*node, depth) != Some(depth) {
                has_changed = true;
            }
        }
        if !has_changed {
            return depths;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(from: &str, to: &str, grain: Option<&str>) -> BackfillRange {
        let zone = session::time_zone("UTC").unwrap();
        let time = |text: &str| SessionTime::parse(text, &zone).unwrap();
        BackfillRange {
            from: time(from),
            to: time(to),
            grain: grain.map(|grain| grain.parse().unwrap()),
            usual_grain: Grain::DAY,
        }
    }

    fn labels(windows: &[Window]) -> Vec<String> {
        windows.iter().map(Window::label).collect()
    }

    #[test]
    fn the_windows_of_a_range_are_those_that_its_sessions_build() {
        let november = range("2023-11-01", "2023-11-20", None);
        let weeks = cut(&november, Grain::WEEK).unwrap();
        assert_eq!(labels(&weeks), ["2023-W44", "2023-W45", "2023-W46"]);
        assert_eq!(cut(&november, Grain::DAY).unwrap().len(), 19);
        assert_eq!(cut(&november, Grain::MONTH).unwrap(), []);
        let months = range("2023-11-01", "2024-01-01", Some("month"));
        assert_eq!(labels(&cut(&months, Grain::MONTH).unwrap()), ["2023-11", "2023-12"]);
    }

    #[test]
    fn a_grain_for_all_has_to_fit_the_range() {
        let refused = cut(&range("2023-11-05", "2023-12-01", Some("month")), Grain::MONTH);
        insta::assert_snapshot!(refused.unwrap_err().message, @"the range from 2023-11-05T00:00:00+00:00 to 2023-12-01T00:00:00+00:00 is not made of whole windows of the grain `month`");
        let backwards = cut(&range("2023-12-01", "2023-11-01", None), Grain::DAY).unwrap_err();
        assert_eq!(backwards.code, codes::BACKFILL_RANGE);
    }

    #[test]
    fn windows_wait_for_those_they_overlap_and_for_what_is_built_once() {
        let days = cut(&range("2023-11-06", "2023-11-20", None), Grain::DAY).unwrap();
        let weeks = cut(&range("2023-11-06", "2023-11-20", None), Grain::WEEK).unwrap();
        let step = |node: u32, window: &Window| PlannedStep {
            node: NodeIndex(node),
            window: Some(window.clone()),
        };
        let mut steps = vec![PlannedStep { node: NodeIndex(9), window: None }];
        steps.extend(days.iter().map(|day| step(0, day)));
        steps.extend(weeks.iter().map(|week| step(1, week)));
        let (once, daily, weekly) = ([0], (1..15).collect::<Vec<u32>>(), [15, 16]);
        let mut children = vec![Vec::new(); steps.len()];
        connect(&steps, &once, &daily, &mut children);
        connect(&steps, &daily, &weekly, &mut children);
        connect(&steps, &weekly, &once, &mut children);
        assert_eq!(children[0], daily);
        for day in 1..=7 {
            assert_eq!(children[day], [15]);
            assert_eq!(children[day + 7], [16]);
        }
        assert_eq!((&children[15][..], &children[16][..]), (&[0][..], &[0][..]));
    }
}
