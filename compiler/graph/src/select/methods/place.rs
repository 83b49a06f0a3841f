//! By where a node stands: `path:`, `file:`, `package:`.

use std::collections::BTreeSet;

use super::Predicate;
use crate::graph::Graph;
use crate::node::Node;
use crate::select::syntax::{Criterion, Failure};
use crate::select::wildcard;

/// Nodes below a folder, of a file, or described in a property file; `*` stays within a folder, `**` does not.
///
/// As in dbt, the paths are those of the root project; nodes of packages fit when they have the same path.
#[expect(clippy::unnecessary_wraps, reason = "the shape of every method")]
pub fn path<'a>(graph: &'a Graph, criterion: &'a Criterion) -> Result<Predicate<'a>, Failure> {
    let pattern: Vec<&str> =
        criterion.value.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let root = graph.project.root().settings.name.as_str();
    let mut fitting = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for node in graph.nodes.iter().filter(|node| &*node.package == root) {
        for path in [Some(node.original_file_path.plain()), patch_file(node)].into_iter().flatten()
        {
            for prefix in prefixes(path) {
                if !seen.insert(prefix) {
                    break;
                }
                if path_fits(&pattern, &prefix.split('/').collect::<Vec<_>>()) {
                    fitting.insert(prefix);
                }
            }
        }
    }
    Ok(Box::new(move |node| {
        prefixes(node.original_file_path.plain()).any(|prefix| fitting.contains(prefix))
            || patch_file(node).is_some_and(|file| fitting.contains(file))
    }))
}

fn patch_file(node: &Node) -> Option<&str> {
    let (_, file) = node.patch_path.as_deref()?.split_once("://")?;
    Some(file.strip_prefix("./").unwrap_or(file))
}

/// A path and all folders above it, the path first.
fn prefixes(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| path.rsplit_once('/').map(|(parent, _)| parent))
}

fn path_fits(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern, path) {
        ([], []) => true,
        (["**", rest @ ..], _) => {
            path_fits(rest, path)
                || path.split_first().is_some_and(|(_, below)| path_fits(pattern, below))
        }
        ([part, rest @ ..], [name, below @ ..]) => {
            wildcard::matches(part, name) && path_fits(rest, below)
        }
        _ => false,
    }
}

/// Nodes of a file, by its name with or without its extension.
#[expect(clippy::unnecessary_wraps, reason = "the shape of every method")]
pub fn file<'a>(_: &'a Graph, criterion: &'a Criterion) -> Result<Predicate<'a>, Failure> {
    Ok(Box::new(|node| {
        let path = &node.original_file_path;
        wildcard::matches(&criterion.value, path.file_name())
            || wildcard::matches(&criterion.value, path.stem())
    }))
}

/// Nodes of a package; `this` is the root project.
#[expect(clippy::unnecessary_wraps, reason = "the shape of every method")]
pub fn package<'a>(graph: &'a Graph, criterion: &'a Criterion) -> Result<Predicate<'a>, Failure> {
    let wanted = match criterion.value.as_str() {
        "this" => graph.project.root().settings.name.as_str(),
        other => other,
    };
    Ok(Box::new(move |node| wildcard::matches(wanted, &node.package)))
}
