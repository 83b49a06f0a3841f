//! What semantic models, metrics and saved queries must keep to: the rules of `metricflow_semantic_interfaces`, which dbt
//! asks when a project has metrics and semantic models.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use project::ResourceType;
use serde_json::Value;
use source::codes::{DEPRECATED_TIME_GRANULARITY, SEMANTIC_INVALID};
use source::{Diagnostic, Span};

use super::metric_rules::{self, Metric};
use super::query_rules;
use crate::node::{Node, NodeDetails};
use crate::parse::semantics::GRAINS;

/// Words of SQL that no element may have as its name, whatever the warehouse.
const RESERVED: [&str; 26] = [
    "and", "as", "create", "distinct", "for", "from", "full", "having", "in", "inner", "into",
    "is", "join", "left", "like", "natural", "not", "null", "on", "or", "right", "select", "union",
    "using", "where", "with",
];

/// Names that queries of metrics use for themselves.
const TAKEN: [&str; 2] = ["metric_time", "mf_internal_uuid"];

/// The kinds of elements with their keys in a semantic model, in the order of the rules.
const KINDS: [(&str, &str); 3] =
    [("measures", "measure"), ("entities", "entity"), ("dimensions", "dimension")];

/// Where a model's elements stand.
pub(super) struct Model<'a> {
    pub(super) name: &'a str,
    pub(super) definition: &'a Value,
    span: Option<Span>,
}

impl<'a> Model<'a> {
    pub(super) fn items(&self, key: &str) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let items = self.definition.get(key).and_then(Value::as_array).into_iter().flatten();
        items.map(|item| (text(item, "name").unwrap_or_default(), item))
    }

    pub(super) fn invalid(&self, message: impl AsRef<str>) -> Diagnostic {
        invalid(self.span, format!("the semantic model `{}`: {}", self.name, message.as_ref()))
    }

    fn has_time_dimension(&self, name: &str) -> bool {
        self.items("dimensions")
            .any(|(known, dimension)| known == name && text(dimension, "type") == Some("time"))
    }

    /// The names of entities of a type.
    fn entities(&self, kind: &str) -> Vec<&'a str> {
        let entities = self.items("entities");
        entities
            .filter(|(_, entity)| text(entity, "type") == Some(kind))
            .map(|(name, _)| name)
            .collect()
    }
}

pub(super) fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str)
}

pub(super) fn invalid(span: Option<Span>, message: String) -> Diagnostic {
    Diagnostic::error(SEMANTIC_INVALID, message).at_optional(span)
}

/// Looks at all definitions; projects without metrics or without semantic models are left alone.
pub fn check(nodes: &[Node], diagnostics: &mut Vec<Diagnostic>) {
    let of = |kind: ResourceType| nodes.iter().filter(move |node| node.resource_type == kind);
    let models: Vec<Model<'_>> = of(ResourceType::SemanticModel).filter_map(model).collect();
    if models.is_empty() || of(ResourceType::Metric).next().is_none() {
        return;
    }
    for node in of(ResourceType::SemanticModel)
        .chain(of(ResourceType::Metric))
        .chain(of(ResourceType::SavedQuery))
    {
        diagnostics.extend(problem_of_name(&node.name).map(|problem| {
            let kind = node.resource_type.as_str().replace('_', " ");
            invalid(node.span, format!("the {kind} `{}`: {problem}", node.name)).hint(NAMING)
        }));
    }
    for model in &models {
        check_elements(model, diagnostics);
        check_keys(model, diagnostics);
        check_times(model, diagnostics);
        check_measures(model, diagnostics);
        check_validity(model, diagnostics);
        check_non_additive(model, diagnostics);
    }
    check_together(&models, diagnostics);
    let own_grains = own_grains(nodes);
    let metrics: Vec<Metric<'_>> = of(ResourceType::Metric).filter_map(Metric::of).collect();
    metric_rules::check(&metrics, &models, &own_grains, diagnostics);
    let queries: Vec<&Node> = of(ResourceType::SavedQuery).collect();
    query_rules::check(&metrics, &models, &queries, &own_grains, diagnostics);
}

/// The units of time that the project's time spines add.
fn own_grains(nodes: &[Node]) -> BTreeSet<&str> {
    let spines = nodes.iter().filter_map(|node| match &node.details {
        NodeDetails::Model(details) => details.time_spine.as_ref(),
        _ => None,
    });
    let listed = spines.filter_map(|spine| spine.get("custom_granularities")?.as_array());
    listed.flatten().filter_map(|grain| text(grain, "name")).collect()
}

fn model(node: &Node) -> Option<Model<'_>> {
    match &node.details {
        NodeDetails::Carried(definition) => {
            Some(Model { name: &node.name, definition, span: node.span })
        }
        _ => None,
    }
}

const NAMING: &str = "names are of at least two lower case letters, digits and single underscores, begin with a letter and do not end with an underscore";

/// Why a name is none; nothing where it is sound.
pub(super) fn problem_of_name(name: &str) -> Option<String> {
    let is_sound = name.len() > 1
        && name.starts_with(|letter: char| letter.is_ascii_lowercase())
        && !name.ends_with('_')
        && !name.contains("__")
        && name.chars().all(|letter| matches!(letter, 'a'..='z' | '0'..='9' | '_'));
    let lower = name.to_ascii_lowercase();
    if GRAINS.contains(&lower.as_str()) {
        return Some(format!("`{name}` is a unit of time, and no name"));
    }
    if TAKEN.contains(&lower.as_str()) {
        return Some(format!("`{name}` is a name that queries of metrics have for themselves"));
    }
    (!is_sound).then(|| format!("`{name}` is not a sound name"))
}

/// Names of elements: sound, each once, and no words of SQL.
fn check_elements(model: &Model<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let mut seen: IndexMap<&str, &str> = IndexMap::new();
    for (key, kind) in KINDS {
        for (name, _) in model.items(key) {
            match seen.get(name) {
                Some(other) => diagnostics
                    .push(model.invalid(format!("the {kind} `{name}` has the name of a {other}"))),
                None => _ = seen.insert(name, kind),
            }
            if let Some(problem) = problem_of_name(name) {
                diagnostics.push(model.invalid(format!("the {kind} {problem}")).hint(NAMING));
            }
            if RESERVED.contains(&name.to_ascii_lowercase().as_str()) {
                diagnostics.push(
                    model
                        .invalid(format!("the {kind} `{name}` is named by a word of SQL"))
                        .hint("give it another name, and the column as `expr`"),
                );
            }
        }
    }
}

/// One primary entity, and one natural entity at most.
fn check_keys(model: &Model<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let primary = model.entities("primary");
    let named = text(model.definition, "primary_entity");
    match (primary.as_slice(), named) {
        ([], None) if model.items("dimensions").next().is_some() => diagnostics.push(
            model
                .invalid("it has dimensions, and no primary entity")
                .hint("give an entity `type: primary`, or name one as `primary_entity`"),
        ),
        ([one], Some(other)) => diagnostics.push(model.invalid(format!(
            "`{one}` is its primary entity, and `primary_entity` names `{other}`"
        ))),
        ([_, _, ..], _) => diagnostics.push(
            model.invalid(format!("it has several primary entities: {}", primary.join(", "))),
        ),
        _ => {}
    }
    let natural = model.entities("natural");
    if natural.len() > 1 {
        let all = natural.join(", ");
        diagnostics.push(model.invalid(format!("it has several natural entities: {all}")));
    }
    if !natural.is_empty() && validity(model).is_empty() {
        diagnostics.push(model.invalid(format!(
            "the natural entity `{}` needs dimensions with `validity_params`",
            natural[0]
        )));
    }
}

/// The time by which measures are summed up, and the grains of times.
fn check_times(model: &Model<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let usual = model.definition.pointer("/defaults/agg_time_dimension").and_then(Value::as_str);
    if let Some(usual) = usual.filter(|usual| !model.has_time_dimension(usual)) {
        diagnostics.push(model.invalid(format!(
            "`agg_time_dimension` of `defaults` names `{usual}`, which is none of its time dimensions"
        )));
    }
    for (name, measure) in model.items("measures") {
        match text(measure, "agg_time_dimension").or(usual) {
            None => diagnostics.push(
                model.invalid(format!("the measure `{name}` has no `agg_time_dimension`"))
                    .hint("name one of the time dimensions, here or in `defaults`"),
            ),
            Some(time) if !model.has_time_dimension(time) => diagnostics.push(model.invalid(format!(
                "`agg_time_dimension` of the measure `{name}` names `{time}`, which is none of its time dimensions"
            ))),
            Some(_) => {}
        }
    }
    for (name, dimension) in model.items("dimensions") {
        let grain = dimension.pointer("/type_params/time_granularity").and_then(Value::as_str);
        if text(dimension, "type") == Some("time") && grain.is_none() {
            let message = format!(
                "the time dimension `{name}` of the semantic model `{}` has no `time_granularity`",
                model.name
            );
            let warning = Diagnostic::warning(DEPRECATED_TIME_GRANULARITY, message);
            diagnostics.push(warning.at_optional(model.span).hint("say it below `type_params`"));
        }
    }
}

fn is_distinct(expression: &str) -> bool {
    expression.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("distinct "))
}

/// What some ways of summing up need.
fn check_measures(model: &Model<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for (name, measure) in model.items("measures") {
        let percentile = measure.pointer("/agg_params/percentile").and_then(Value::as_f64);
        let problem = match (text(measure, "agg"), percentile) {
            (Some("count"), _) if measure.get("expr").is_none_or(Value::is_null) => {
                Some("counts, and has no `expr` to count".to_owned())
            }
            (Some("count"), _) if text(measure, "expr").is_some_and(is_distinct) => {
                Some("counts what is distinct: that is `agg: count_distinct`".to_owned())
            }
            (Some("percentile"), None) => {
                Some("is a percentile, and `agg_params` does not say which".to_owned())
            }
            (Some("percentile"), Some(at)) if at <= 0.0 || at >= 1.0 => {
                Some(format!("is a percentile, which is more than 0 and less than 1, and not {at}"))
            }
            (Some(agg), Some(_)) if !matches!(agg, "percentile" | "median") => {
                Some(format!("is a {agg}, and `agg_params` are those of percentiles"))
            }
            (Some("median"), Some(at)) if (at - 0.5).abs() > f64::EPSILON => {
                Some(format!("is a median, and its percentile is {at}"))
            }
            _ => None,
        };
        diagnostics.extend(
            problem.map(|problem| model.invalid(format!("the measure `{name}` {problem}"))),
        );
    }
}

/// The times over which a measure is not summed up.
fn check_non_additive(model: &Model<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let usual = model.definition.pointer("/defaults/agg_time_dimension").and_then(Value::as_str);
    let find = |name: &str| model.items("dimensions").find(|(known, _)| *known == name);
    let grain_of = |dimension: &Value| dimension.pointer("/type_params/time_granularity").cloned();
    for (name, measure) in model.items("measures") {
        let Some(own) = measure.get("non_additive_dimension").filter(|own| own.is_object()) else {
            continue;
        };
        let time = text(own, "name").unwrap_or_default();
        let summed = text(measure, "agg_time_dimension").or(usual).and_then(find);
        let mut problems = Vec::new();
        match find(time) {
            None => problems.push(format!("`{time}`, which is none of its dimensions")),
            Some((_, dimension)) => {
                if text(dimension, "type") != Some("time") {
                    problems.push(format!("`{time}`, which is no time dimension"));
                }
                let (grain, other) = (grain_of(dimension), summed.and_then(|(_, it)| grain_of(it)));
                if grain.is_some() && other.is_some() && grain != other {
                    problems.push(format!("`{time}`, whose grain is not that of its own time"));
                }
            }
        }
        let choice = text(own, "window_choice").unwrap_or("min");
        if !matches!(choice, "min" | "max") {
            problems
                .push(format!("the `window_choice` `{choice}`: `min` and `max` are the choices"));
        }
        let groups = own.get("window_groupings").and_then(Value::as_array).into_iter().flatten();
        for group in groups.filter_map(Value::as_str) {
            if !model.items("entities").any(|(known, _)| known == group) {
                problems.push(format!("the grouping `{group}`, which is none of its entities"));
            }
        }
        let problems = problems.into_iter().map(|problem| {
            model.invalid(format!("`non_additive_dimension` of the measure `{name}` has {problem}"))
        });
        diagnostics.extend(problems);
    }
}

/// The dimensions that say from when to when a row holds.
fn validity<'a>(model: &Model<'a>) -> Vec<(&'a str, &'a Value)> {
    let dimensions = model.items("dimensions");
    let params = dimensions.filter_map(|(name, dimension)| {
        Some((name, dimension.pointer("/type_params/validity_params").filter(|it| !it.is_null())?))
    });
    params.collect()
}

fn check_validity(model: &Model<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let found = validity(model);
    if found.is_empty() {
        return;
    }
    let are = |key: &str| {
        found.iter().filter(|(_, params)| params.get(key) == Some(&Value::Bool(true))).count()
    };
    let mut say = |message: &str| diagnostics.push(model.invalid(message));
    if found.len() != 2 || are("is_start") != 1 || are("is_end") != 1 {
        say("a window of validity has two dimensions, one with `is_start` and one with `is_end`");
    }
    if model.entities("natural").is_empty() {
        say("a window of validity needs an entity of the type `natural`");
    }
    if !model.entities("primary").is_empty() || !model.entities("unique").is_empty() {
        say("beside a window of validity there are no primary and no unique entities");
    }
    if model.items("measures").next().is_some() {
        say("beside a window of validity there are no measures");
    }
}

/// What must be the same, or different, in all semantic models.
fn check_together(models: &[Model<'_>], diagnostics: &mut Vec<Diagnostic>) {
    let mut measures: IndexMap<&str, &str> = IndexMap::new();
    let mut kinds: IndexMap<&str, (&str, &str)> = IndexMap::new();
    let mut dimensions: IndexMap<&str, (&Value, bool)> = IndexMap::new();
    let mut pairs: IndexMap<(&str, &str), &str> = IndexMap::new();
    for model in models {
        for (name, _) in model.items("measures") {
            if let Some(other) = measures.insert(name, model.name).filter(|it| *it != model.name) {
                diagnostics
                    .push(model.invalid(format!("the measure `{name}` is one of `{other}` too")));
            }
        }
        for (key, kind) in KINDS {
            for (name, _) in model.items(key) {
                let (known, other) = *kinds.entry(name).or_insert((kind, model.name));
                if known != kind && other != model.name {
                    diagnostics.push(
                        model.invalid(format!(
                            "`{name}` is a {kind} here and a {known} in `{other}`"
                        )),
                    );
                }
            }
        }
        let primary = text(model.definition, "primary_entity");
        let primary = primary.or_else(|| model.entities("primary").first().copied());
        for (name, dimension) in model.items("dimensions") {
            let kind = dimension.get("type").unwrap_or(&Value::Null);
            let is_partition = dimension.get("is_partition") == Some(&Value::Bool(true));
            let known = *dimensions.entry(name).or_insert((kind, is_partition));
            if known != (kind, is_partition) {
                diagnostics.push(model.invalid(format!(
                    "the dimension `{name}` has another `type` or `is_partition` elsewhere"
                )));
            }
            let Some(entity) = primary else { continue };
            if let Some(other) =
                pairs.insert((entity, name), model.name).filter(|it| *it != model.name)
            {
                diagnostics.push(model.invalid(format!(
                    "the dimension `{name}` of the entity `{entity}` stands in `{other}` too"
                )));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The answers of `UniqueAndValidNameRule`.
    #[test]
    fn names_are_sound_or_not() {
        for name in ["orders", "a1", "order_total", "days"] {
            assert_eq!(problem_of_name(name), None, "{name}");
        }
        for name in [
            "a",
            "Orders",
            "1st",
            "with__two",
            "ends_",
            "two words",
            "day",
            "MONTH",
            "metric_time",
            "",
        ] {
            assert!(problem_of_name(name).is_some(), "{name}");
        }
    }
}
