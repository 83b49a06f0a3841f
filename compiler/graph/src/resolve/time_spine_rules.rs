//! The models that count time, which the semantic layer joins to: that there is one, and that it is described.

use project::ResourceType;
use serde_json::Value;
use source::Diagnostic;
use source::codes::{PROPERTY_FILE_INVALID, SEMANTIC_DOUBTFUL, SEMANTIC_INVALID};

use crate::node::{Node, NodeDetails};
use crate::parse::semantics::GRAINS;

/// The model that was a time spine before models could say so; it counts days.
const LEGACY: &str = "metricflow_time_spine";

/// Where a grain stands among the units of time, the shortest first.
fn rank(grain: &str) -> Option<usize> {
    GRAINS.iter().position(|known| *known == grain)
}

/// The grain of a time spine, or what is wrong with its description.
fn grain_of(node: &Node) -> Option<Result<&str, String>> {
    let NodeDetails::Model(model) = &node.details else { return None };
    let spine = model.time_spine.as_ref()?;
    let name = spine.get("standard_granularity_column").and_then(Value::as_str)?;
    Some(match node.columns.get(name) {
        None => Err(format!("`{name}`, its `standard_granularity_column`, is no column of it")),
        Some(column) => column.granularity.as_deref().ok_or_else(|| {
            format!("the column `{name}`, its `standard_granularity_column`, has no `granularity`")
        }),
    })
}

/// Looks at all time spines, and for one where there are semantic models.
pub(super) fn check(nodes: &[Node], diagnostics: &mut Vec<Diagnostic>) {
    let mut found: Vec<(&Node, usize)> = Vec::new();
    for node in nodes {
        match grain_of(node) {
            None => {}
            Some(Ok(grain)) => found.extend(rank(grain).map(|rank| (node, rank))),
            Some(Err(problem)) => {
                let message = format!("the time spine `{}`: {problem}", node.name);
                let error = Diagnostic::error(PROPERTY_FILE_INVALID, message);
                diagnostics.push(error.about(&*node.unique_id));
            }
        }
    }
    let models: Vec<&Node> =
        nodes.iter().filter(|node| node.resource_type == ResourceType::SemanticModel).collect();
    let Some(first) = models.first() else { return };
    let legacy =
        nodes.iter().any(|node| node.resource_type == ResourceType::Model && &*node.name == LEGACY);
    let day = rank("day").unwrap_or_default();
    let shortest = found.iter().map(|(_, rank)| *rank).min();
    if !legacy && shortest.is_none_or(|shortest| shortest > day) && !is_broken(nodes) {
        let message =
            "there are semantic models, and no time spine that counts days or shorter times";
        let error = Diagnostic::error(SEMANTIC_INVALID, message).at_optional(first.span);
        diagnostics.push(error.hint("give a model `time_spine` in a property file"));
        return;
    }
    let Some(shortest) = shortest else { return };
    if !nodes.iter().any(|node| node.resource_type == ResourceType::Metric) {
        return;
    }
    let mut doubt = |message: String| {
        diagnostics.push(Diagnostic::warning(SEMANTIC_DOUBTFUL, message));
    };
    for (at, (node, rank)) in found.iter().enumerate() {
        if let Some((other, _)) = found[..at].iter().find(|(_, known)| known == rank) {
            let (one, other) = (&node.name, &other.name);
            doubt(format!(
                "the time spines `{other}` and `{one}` both count by {}: one is used",
                GRAINS[*rank]
            ));
        }
    }
    let times = models.iter().filter_map(|model| match &model.details {
        NodeDetails::Carried(definition) => definition.get("dimensions").and_then(Value::as_array),
        _ => None,
    });
    let grains = times.flatten().filter_map(|dimension| {
        rank(dimension.pointer("/type_params/time_granularity")?.as_str()?)
    });
    if let Some(finest) = grains.min().filter(|finest| *finest < shortest) {
        doubt(format!(
            "no time spine counts by {} or less, which a time dimension does",
            GRAINS[finest]
        ));
    }
}

/// Whether a time spine is there whose grain is not known.
fn is_broken(nodes: &[Node]) -> bool {
    nodes.iter().any(|node| matches!(grain_of(node), Some(Err(_))))
}
