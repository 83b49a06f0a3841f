//! By what changed since an earlier run: not supported yet, and refused.

use source::Diagnostic;
use source::codes::NOT_SUPPORTED;

use super::Predicate;
use crate::graph::Graph;
use crate::select::syntax::{Criterion, Failure};

/// Refuses `state:`, `result:` and `source_status:`.
pub fn refused<'a>(_: &'a Graph, criterion: &'a Criterion) -> Result<Predicate<'a>, Failure> {
    let message = format!("the selection method `{}` is not supported yet", criterion.method);
    Err(Box::new(
        Diagnostic::error(NOT_SUPPORTED, message)
            .hint("select by name, tag or path, or leave the selection out"),
    ))
}
