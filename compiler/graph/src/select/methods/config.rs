//! `config.materialized:table`: by a value of the configuration.

use project::ResourceType;
use serde_json::Value;

use super::Predicate;
use crate::graph::Graph;
use crate::select::syntax::{Criterion, Failure};

/// Nodes and sources whose configuration has the value, or a list with it, at the path.
#[expect(clippy::unnecessary_wraps, reason = "the shape of every method")]
pub fn config<'a>(_: &'a Graph, criterion: &'a Criterion) -> Result<Predicate<'a>, Failure> {
    let wanted = criterion.value.as_str();
    let ignores_case = criterion.arguments.as_slice() == ["severity"];
    let fits = move |value: &Value| match value {
        Value::Bool(truth) => wanted.eq_ignore_ascii_case(if *truth { "true" } else { "false" }),
        Value::String(text) => {
            text == wanted || (ignores_case && text.eq_ignore_ascii_case(wanted))
        }
        _ => false,
    };
    Ok(Box::new(move |node| {
        let is_configurable = !matches!(
            node.resource_type,
            ResourceType::Exposure
                | ResourceType::Metric
                | ResourceType::SemanticModel
                | ResourceType::SavedQuery
                | ResourceType::UnitTest
                | ResourceType::Function
        );
        let Some((first, rest)) = criterion.arguments.split_first().filter(|_| is_configurable)
        else {
            return false;
        };
        // `pre-hook` is a key of the command line, `pre_hook` one of Python.
        let value = node.config.values.get(first.as_str());
        let value = value.or_else(|| node.config.values.get(&first.replace('_', "-")));
        let found = rest.iter().try_fold(value, |value, key| Some(value?.get(key.as_str())));
        match found.flatten() {
            Some(Value::Array(items)) => items.iter().any(fits),
            Some(value) => fits(value),
            None => false,
        }
    }))
}
