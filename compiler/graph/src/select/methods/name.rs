//! `fqn:shop.marts.orders`: by package, folders and name; what a bare word means.

use project::ResourceType;

use super::Predicate;
use crate::graph::Graph;
use crate::select::syntax::{Criterion, Failure};
use crate::select::wildcard;

/// Nodes but sources whose name or path of names fits, with or without the package in front.
#[expect(clippy::unnecessary_wraps, reason = "the shape of every method")]
pub fn fqn<'a>(_: &'a Graph, criterion: &'a Criterion) -> Result<Predicate<'a>, Failure> {
    let value = criterion.value.as_str();
    Ok(Box::new(move |node| {
        node.resource_type != ResourceType::Source
            && (fits(&node.fqn, value, node.is_versioned())
                || node.fqn.get(1..).is_some_and(|names| fits(names, value, node.is_versioned())))
    }))
}

/// dbt's `is_selected_node`.
fn fits(fqn: &[String], value: &str, is_versioned: bool) -> bool {
    let Some(last) = fqn.last() else { return false };
    let leaf = match fqn.len().checked_sub(2).filter(|_| is_versioned) {
        Some(before_last) => &fqn[before_last],
        None => last,
    };
    if leaf == value {
        return true;
    }
    if is_versioned && fqn.len() >= 2 {
        let parts: Vec<_> = value.split('.').collect();
        let tail = parts[parts.len().saturating_sub(2)..].join("_");
        if format!("{leaf}_{last}") == tail {
            return true;
        }
    }
    let flat: Vec<&str> = fqn.iter().flat_map(|segment| segment.split('.')).collect();
    if flat.len() < value.split('.').count() {
        return false;
    }
    for (at, part) in value.split('.').enumerate() {
        if wildcard::has_wildcard(part) {
            let rest: Vec<_> = value.split('.').skip(at).collect();
            return wildcard::matches(&rest.join("."), &flat[at..].join("."))
                || (!value.contains('.') && wildcard::matches(value, leaf));
        }
        if flat[at] != part {
            return false;
        }
    }
    true
}
