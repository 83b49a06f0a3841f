//! What metrics must keep to: the rules of `metricflow_semantic_interfaces` for derived, cumulative and conversion
//! metrics, for the names that they give to measures, and for labels.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde_json::Value;
use source::Diagnostic;
use source::codes::SEMANTIC_DOUBTFUL;

use super::semantic_rules::{Model, invalid, problem_of_name, text};
use crate::node::{Node, NodeDetails};
use crate::parse::semantics::GRAINS;

/// A metric and its definition.
pub(super) struct Metric<'a> {
    pub(super) node: &'a Node,
    pub(super) definition: &'a Value,
}

impl<'a> Metric<'a> {
    pub(super) fn of(node: &'a Node) -> Option<Self> {
        match &node.details {
            NodeDetails::Carried(definition) => Some(Self { node, definition }),
            _ => None,
        }
    }

    fn kind(&self) -> &'a str {
        text(self.definition, "type").unwrap_or_default()
    }

    /// A part of `type_params` that was written.
    pub(super) fn parameter(&self, path: &str) -> Option<&'a Value> {
        let found = self.definition.get("type_params")?.pointer(path)?;
        (!found.is_null()).then_some(found)
    }

    /// The metrics that `type_params.metrics` lists.
    pub(super) fn inputs(&self) -> impl Iterator<Item = &'a Value> {
        self.parameter("/metrics").and_then(Value::as_array).into_iter().flatten()
    }

    pub(super) fn invalid(&self, message: impl AsRef<str>) -> Diagnostic {
        invalid(self.node.span, format!("the metric `{}`: {}", self.node.name, message.as_ref()))
    }

    pub(super) fn doubtful(&self, message: impl AsRef<str>) -> Diagnostic {
        let message = format!("the metric `{}`: {}", self.node.name, message.as_ref());
        Diagnostic::warning(SEMANTIC_DOUBTFUL, message).at_optional(self.node.span)
    }
}

/// Looks at all metrics; `own_grains` are the units of time that the project's time spines add.
pub(super) fn check(
    metrics: &[Metric<'_>],
    models: &[Model<'_>],
    own_grains: &BTreeSet<&str>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for metric in metrics {
        match metric.kind() {
            "simple" => diagnostics.extend(expression_beside_measure(metric, models)),
            "cumulative" => check_cumulative(metric, own_grains, diagnostics),
            "conversion" => check_conversion(metric, (models, metrics), own_grains, diagnostics),
            "derived" => check_derived(metric, diagnostics),
            _ => {}
        }
        check_offsets(metric, own_grains, diagnostics);
    }
    check_aliases(metrics, models, diagnostics);
    check_labels(metrics, models, diagnostics);
}

fn name_of(input: &Value) -> &str {
    text(input, "name").unwrap_or_default()
}

/// A metric that is a measure has the measure's expression.
fn expression_beside_measure(metric: &Metric<'_>, models: &[Model<'_>]) -> Option<Diagnostic> {
    let expression = metric.parameter("/expr")?.as_str()?;
    let name = text(metric.parameter("/measure")?, "name")?;
    let measure = find_measure(models, name)?.1;
    let is_its_own = expression == name || text(measure, "expr") == Some(expression);
    (!is_its_own).then(|| metric.doubtful("`expr` says nothing in a metric that has a measure"))
}

fn find_measure<'m, 'a>(models: &'m [Model<'a>], name: &str) -> Option<(&'m Model<'a>, &'a Value)> {
    models.iter().find_map(|model| {
        let (_, measure) = model.items("measures").find(|(known, _)| *known == name)?;
        Some((model, measure))
    })
}

fn check_derived(metric: &Metric<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let names: BTreeSet<&str> = metric.inputs().map(name_of).collect();
    if names.is_empty() {
        diagnostics.push(metric.invalid("it is derived, and `metrics` names none to derive it of"));
    }
    for input in metric.inputs() {
        let Some(alias) = text(input, "alias") else { continue };
        if let Some(problem) = problem_of_name(alias) {
            diagnostics.push(metric.invalid(problem));
        }
        if names.contains(alias) {
            diagnostics.push(metric.invalid(format!(
                "the alias `{alias}` of `{}` is the name of another of its metrics",
                name_of(input)
            )));
        }
    }
    let Some(expression) = metric.parameter("/expr").and_then(Value::as_str) else {
        diagnostics.push(metric.doubtful("it is derived, and has no `expr`"));
        return;
    };
    for input in metric.inputs() {
        let name = text(input, "alias").unwrap_or_else(|| name_of(input));
        if !expression.contains(name) {
            diagnostics.push(metric.doubtful(format!("its `expr` does not use `{name}`")));
        }
    }
}

/// What is wrong with a window: the units of the project's own are good for offsets alone.
fn problem_of_window(
    window: &Value,
    own_grains: &BTreeSet<&str>,
    allows_own: bool,
) -> Option<String> {
    let written = text(window, "granularity")?;
    let is_known = |grain: &str| GRAINS.contains(&grain) || own_grains.contains(grain);
    let grain = written.strip_suffix('s').filter(|grain| is_known(grain)).unwrap_or(written);
    if !is_known(grain) {
        return Some(format!("`{grain}` is no unit of time for a window"));
    }
    (!allows_own && !GRAINS.contains(&grain))
        .then(|| format!("`{grain}` is a unit of the project's own, which this window cannot have"))
}

fn check_offsets(
    metric: &Metric<'_>,
    own_grains: &BTreeSet<&str>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for input in metric.inputs() {
        let window = input.get("offset_window").filter(|window| window.is_object());
        let grain = text(input, "offset_to_grain");
        let name = name_of(input);
        let problems = [
            window.and_then(|window| problem_of_window(window, own_grains, true)),
            grain
                .filter(|grain| !GRAINS.contains(grain))
                .map(|grain| format!("`{grain}` is no unit of time for `offset_to_grain`")),
            (window.is_some() && grain.is_some())
                .then(|| format!("`{name}` has both `offset_window` and `offset_to_grain`")),
        ];
        diagnostics.extend(problems.into_iter().flatten().map(|problem| metric.invalid(problem)));
    }
}

fn check_cumulative(
    metric: &Metric<'_>,
    own_grains: &BTreeSet<&str>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let either = |key: &str| {
        let nested = metric.parameter(&format!("/cumulative_type_params/{key}"));
        nested.or_else(|| metric.parameter(&format!("/{key}")))
    };
    let (window, grain) = (either("window"), either("grain_to_date").and_then(Value::as_str));
    let problems = [
        window.and_then(|window| problem_of_window(window, own_grains, false)),
        grain
            .filter(|grain| !GRAINS.contains(grain))
            .map(|grain| format!("`{grain}` is no unit of time for `grain_to_date`")),
        (window.is_some() && grain.is_some())
            .then(|| "it has both a `window` and a `grain_to_date`".to_owned()),
    ];
    diagnostics.extend(problems.into_iter().flatten().map(|problem| metric.invalid(problem)));
}

/// What a conversion starts from or leads to.
struct Input<'m, 'a> {
    name: &'a str,
    model: Option<&'m Model<'a>>,
    aggregation: Option<&'a str>,
    expression: Option<&'a str>,
    is_filtered: bool,
}

fn conversion_input<'m, 'a>(
    metric: &Metric<'a>,
    side: &str,
    (models, metrics): (&'m [Model<'a>], &[Metric<'a>]),
) -> Option<Input<'m, 'a>> {
    let at = |kind: &str| metric.parameter(&format!("/conversion_type_params/{side}_{kind}"));
    let is_filtered = |input: &Value| input.get("filter").is_some_and(|filter| !filter.is_null());
    if let Some(input) = at("measure") {
        let name = text(input, "name")?;
        let (model, measure) = find_measure(models, name)?;
        return Some(Input {
            name,
            model: Some(model),
            aggregation: text(measure, "agg"),
            expression: text(measure, "expr"),
            is_filtered: is_filtered(input),
        });
    }
    let input = at("metric")?;
    let name = text(input, "name")?;
    let other = metrics.iter().find(|metric| &*metric.node.name == name)?;
    let aggregation = other.parameter("/metric_aggregation_params")?;
    let model = text(aggregation, "semantic_model");
    Some(Input {
        name,
        model: models.iter().find(|known| Some(known.name) == model),
        aggregation: text(aggregation, "agg"),
        expression: other.parameter("/expr").and_then(Value::as_str),
        is_filtered: is_filtered(input),
    })
}

fn check_conversion<'a>(
    metric: &Metric<'a>,
    others: (&[Model<'a>], &[Metric<'a>]),
    own_grains: &BTreeSet<&str>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    if let Some(window) = metric.parameter("/conversion_type_params/window") {
        let problem = problem_of_window(window, own_grains, false);
        diagnostics.extend(problem.map(|problem| metric.invalid(problem)));
    }
    let entity = metric.parameter("/conversion_type_params/entity").and_then(Value::as_str);
    let properties = metric.parameter("/conversion_type_params/constant_properties");
    let properties: Vec<&Value> =
        properties.and_then(Value::as_array).into_iter().flatten().collect();
    for side in ["base", "conversion"] {
        let Some(input) = conversion_input(metric, side, others) else { continue };
        let is_counted = match input.aggregation {
            Some("count" | "count_distinct") => true,
            Some("sum") => input.expression == Some("1"),
            _ => false,
        };
        if !is_counted {
            diagnostics.push(
                metric
                    .invalid(format!("it converts `{}`, which counts nothing", input.name))
                    .hint("conversions are of what is counted: `count`, `count_distinct`, or `sum` of `1`"),
            );
        }
        if side == "conversion" && input.is_filtered {
            let name = input.name;
            let message = format!("filters of what it leads to (`{name}`) are not fully supported");
            diagnostics.push(metric.doubtful(message));
        }
        let Some(model) = input.model else { continue };
        let has = |key: &str, name: &str| model.items(key).any(|(known, _)| known == name);
        if let Some(entity) = entity.filter(|entity| !has("entities", entity)) {
            let message = format!("`{entity}` is no entity of the semantic model `{}`", model.name);
            diagnostics.push(metric.invalid(message));
        }
        let named = properties.iter().filter_map(|own| text(own, &format!("{side}_property")));
        for name in named.filter(|name| !has("entities", name) && !has("dimensions", name)) {
            let message = format!(
                "the constant property `{name}` is no entity and no dimension of the semantic model `{}`",
                model.name
            );
            diagnostics.push(metric.invalid(message));
        }
    }
}

/// The names that metrics give to measures: sound, and each meaning one thing in the whole project.
fn check_aliases(metrics: &[Metric<'_>], models: &[Model<'_>], diagnostics: &mut Vec<Diagnostic>) {
    let mut users: IndexMap<&str, &str> = IndexMap::new();
    for metric in metrics {
        let inputs: Vec<&Value> = metric
            .parameter("/input_measures")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .collect();
        for (at, input) in inputs.iter().enumerate() {
            let name = name_of(input);
            let is_repeated = inputs
                .iter()
                .enumerate()
                .any(|(other, one)| other != at && name_of(one) == name && one != input);
            let is_filtered = input.get("filter").is_some_and(|filter| !filter.is_null());
            let alias = text(input, "alias");
            if is_repeated && is_filtered && alias.is_none() {
                diagnostics.push(
                    metric
                        .invalid(format!("it takes the measure `{name}` in several ways"))
                        .hint("give each that has a `filter` an `alias`"),
                );
            }
            let Some(alias) = alias else { continue };
            if let Some(problem) = problem_of_name(alias) {
                diagnostics.push(metric.invalid(problem));
            }
            if find_measure(models, alias).is_some() {
                diagnostics.push(metric.invalid(format!(
                    "the alias `{alias}` of the measure `{name}` is the name of another measure"
                )));
            }
            if let Some(other) = users.insert(alias, &metric.node.name) {
                diagnostics.push(metric.invalid(format!(
                    "the alias `{alias}` of the measure `{name}` is one of the metric `{other}` too"
                )));
            }
        }
    }
}

/// Labels are those of one thing, and the same entity has one label.
fn check_labels(metrics: &[Metric<'_>], models: &[Model<'_>], diagnostics: &mut Vec<Diagnostic>) {
    let mut of_metrics: IndexMap<&str, &str> = IndexMap::new();
    for metric in metrics {
        let Some(label) = text(metric.definition, "label") else { continue };
        match of_metrics.get(label) {
            Some(other) => diagnostics
                .push(metric.invalid(format!("its label `{label}` is that of `{other}`"))),
            None => _ = of_metrics.insert(label, &metric.node.name),
        }
    }
    let mut of_models: IndexMap<&str, &str> = IndexMap::new();
    let mut of_entities: IndexMap<&str, (&str, &str)> = IndexMap::new();
    for model in models {
        if let Some(label) = text(model.definition, "label") {
            match of_models.get(label) {
                Some(other) => diagnostics
                    .push(model.invalid(format!("its label `{label}` is that of `{other}`"))),
                None => _ = of_models.insert(label, model.name),
            }
        }
        for key in ["dimensions", "entities", "measures"] {
            let mut seen: BTreeSet<&str> = BTreeSet::new();
            for label in model.items(key).filter_map(|(_, item)| text(item, "label")) {
                if !seen.insert(label) {
                    let message = format!("several of its {key} have the label `{label}`");
                    diagnostics.push(model.invalid(message));
                }
            }
        }
        for (name, entity) in model.items("entities") {
            let Some(label) = text(entity, "label") else { continue };
            let (known, other) = *of_entities.entry(name).or_insert((label, model.name));
            if known != label {
                diagnostics.push(model.invalid(format!(
                    "the entity `{name}` has the label `{label}` here and `{known}` in `{other}`"
                )));
            }
        }
    }
}
