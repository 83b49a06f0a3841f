//! By the name of what is no file: `source:`, `exposure:`, `metric:` and so on, with the package in front if wanted.

use project::ResourceType;
use source::Diagnostic;
use source::codes::SELECTOR_INVALID;

use super::Predicate;
use crate::graph::Graph;
use crate::node::NodeDetails;
use crate::select::syntax::{Criterion, Failure};
use crate::select::wildcard::matches;

/// Sources: `source`, `source.table` or `package.source.table`.
pub fn source<'a>(_: &'a Graph, criterion: &'a Criterion) -> Result<Predicate<'a>, Failure> {
    let parts: Vec<_> = criterion.value.split('.').collect();
    let (package, source, table) = match parts.as_slice() {
        [source] => ("*", *source, "*"),
        [source, table] => ("*", *source, *table),
        [package, source, table] => (*package, *source, *table),
        _ => {
            return Err(malformed(criterion, "`source`, `source.table` or `package.source.table`"));
        }
    };
    Ok(Box::new(move |node| match &node.details {
        NodeDetails::Source(details) => {
            matches(package, &node.package)
                && matches(source, &details.source_name)
                && matches(table, &node.name)
        }
        _ => false,
    }))
}

/// Exposures: `name` or `package.name`.
pub fn exposure<'a>(_: &'a Graph, criterion: &'a Criterion) -> Result<Predicate<'a>, Failure> {
    by_name(criterion, ResourceType::Exposure)
}

/// Metrics: `name` or `package.name`.
pub fn metric<'a>(_: &'a Graph, criterion: &'a Criterion) -> Result<Predicate<'a>, Failure> {
    by_name(criterion, ResourceType::Metric)
}

/// Semantic models: `name` or `package.name`.
pub fn semantic_model<'a>(
    _: &'a Graph,
    criterion: &'a Criterion,
) -> Result<Predicate<'a>, Failure> {
    by_name(criterion, ResourceType::SemanticModel)
}

/// Saved queries: `name` or `package.name`.
pub fn saved_query<'a>(_: &'a Graph, criterion: &'a Criterion) -> Result<Predicate<'a>, Failure> {
    by_name(criterion, ResourceType::SavedQuery)
}

/// Unit tests: `name` or `package.name`.
pub fn unit_test<'a>(_: &'a Graph, criterion: &'a Criterion) -> Result<Predicate<'a>, Failure> {
    by_name(criterion, ResourceType::UnitTest)
}

fn by_name(criterion: &Criterion, kind: ResourceType) -> Result<Predicate<'_>, Failure> {
    let parts: Vec<_> = criterion.value.split('.').collect();
    let (package, name) = match parts.as_slice() {
        [name] => ("*", *name),
        [package, name] => (*package, *name),
        _ => return Err(malformed(criterion, "`name` or `package.name`")),
    };
    Ok(Box::new(move |node| {
        node.resource_type == kind && matches(package, &node.package) && matches(name, &node.name)
    }))
}

fn malformed(criterion: &Criterion, form: &str) -> Failure {
    let message = format!("invalid selection `{}`", criterion.raw);
    Box::new(Diagnostic::error(SELECTOR_INVALID, message).hint(format!("its form is {form}")))
}
