//! What filters of metrics and saved queries must keep to: they are templates that name what the semantic layer has.
//!
//! The rules are `WhereFiltersAreParseable` and `SavedQueryRule` of `metricflow_semantic_interfaces`.

use std::collections::BTreeSet;

use serde_json::Value;
use source::Diagnostic;
use source::codes::SEMANTIC_DOUBTFUL;
use template::{QueryItem, QueryItemKind, QueryItems, QueryPlace};

use super::metric_rules::Metric;
use super::semantic_rules::{Model, invalid, text};
use crate::node::{Node, NodeDetails};
use crate::parse::semantics::GRAINS;

/// What the name of an item stands for: entities on the way, the element, a unit of time.
struct Name<'a> {
    links: usize,
    element: &'a str,
    grain: Option<&'a str>,
}

/// `order__created_at__month`: the last part is a unit of time where it can be one.
fn parsed<'a>(written: &'a str, own_grains: &BTreeSet<&str>) -> Name<'a> {
    let mut parts: Vec<&str> = written.split("__").collect();
    let is_grain = |part: &&str| GRAINS.contains(part) || own_grains.contains(part);
    let grain =
        if parts.len() > 1 && parts.last().is_some_and(is_grain) { parts.pop() } else { None };
    let element = parts.pop().unwrap_or_default();
    Name { links: parts.len(), element, grain }
}

/// The parts of a date that `date_part` takes.
const DATE_PARTS: [&str; 6] = ["year", "quarter", "month", "day", "dow", "doy"];

/// The name of time itself, which needs no entity before it.
const METRIC_TIME: &str = "metric_time";

/// The element that an item names, or what is wrong with the item.
fn element_of<'a>(
    item: &'a QueryItem,
    place: QueryPlace,
    own_grains: &BTreeSet<&str>,
) -> Result<&'a str, String> {
    let written = item.name.as_str();
    let nothing = BTreeSet::new();
    let is_time = item.kind == QueryItemKind::TimeDimension
        || (item.kind == QueryItemKind::Dimension
            && (item.grain.is_some() || item.date_part.is_some()));
    let name = parsed(written, if is_time { own_grains } else { &nothing });
    match item.kind {
        QueryItemKind::Metric if place == QueryPlace::Filter && item.group_by.is_empty() => {
            Err(format!("`Metric('{written}')` needs `group_by` in a filter"))
        }
        QueryItemKind::Metric => Ok(written),
        QueryItemKind::Entity if name.grain.is_some() => {
            Err(format!("the name of an entity has no unit of time: `{written}`"))
        }
        QueryItemKind::Entity => Ok(name.element),
        _ if name.links != 1 && name.element != METRIC_TIME => {
            Err(format!("`{written}` is not of the form `entity__dimension`"))
        }
        _ => {
            let differs = |grain: &String| name.grain.is_some_and(|own| own != grain);
            if is_time && item.grain.as_ref().is_some_and(differs) {
                return Err(format!("`{written}` has another unit of time in its name"));
            }
            let part = item.date_part.as_ref().map(|part| part.to_lowercase());
            match part.filter(|part| !DATE_PARTS.contains(&part.as_str())) {
                Some(part) => Err(format!("`{part}` is no part of a date")),
                None => Ok(name.element),
            }
        }
    }
}

/// What all texts are read with.
struct Reading<'a> {
    items: QueryItems,
    own_grains: &'a BTreeSet<&'a str>,
}

impl Reading<'_> {
    /// The elements that a template names; warnings for units of time that do not exist.
    fn elements(&self, template: &str) -> Result<(Vec<String>, Vec<String>), String> {
        let items = self.items.of(template, QueryPlace::Filter)?;
        let mut elements = Vec::new();
        let mut doubts = Vec::new();
        for item in &items {
            elements.push(element_of(item, QueryPlace::Filter, self.own_grains)?.to_owned());
            let grain = item.grain.as_ref().map(|grain| grain.to_lowercase());
            let is_known = |grain: &String| {
                GRAINS.contains(&grain.as_str()) || self.own_grains.contains(grain.as_str())
            };
            doubts.extend(
                grain
                    .filter(|grain| !is_known(grain))
                    .map(|grain| format!("`{grain}` is no unit of time")),
            );
        }
        Ok((elements, doubts))
    }

    /// The one item that a text of a query is.
    fn item(&self, written: &str, place: QueryPlace) -> Result<QueryItem, String> {
        let mut found = self.items.of(&format!("{{{{ {written} }}}}"), place)?;
        match (found.pop(), found.is_empty()) {
            (Some(item), true) => Ok(item),
            _ => Err(format!("`{written}` is not one item of a query")),
        }
    }
}

/// The templates of a filter, or of anything that has one.
fn templates(filter: Option<&Value>) -> impl Iterator<Item = &str> {
    let filters = filter.and_then(|filter| filter.get("where_filters"));
    let filters = filters.and_then(Value::as_array).into_iter().flatten();
    filters.filter_map(|filter| text(filter, "where_sql_template"))
}

/// Looks at the filters of all metrics, and at all saved queries.
pub(super) fn check(
    metrics: &[Metric<'_>],
    models: &[Model<'_>],
    queries: &[&Node],
    own_grains: &BTreeSet<&str>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let has_filter = |metric: &&Metric<'_>| filters_of(metric).next().is_some();
    if queries.is_empty() && !metrics.iter().any(|metric| has_filter(&metric)) {
        return;
    }
    let reading = Reading { items: QueryItems::default(), own_grains };
    for metric in metrics {
        for template in filters_of(metric) {
            match reading.elements(template) {
                Ok((_, doubts)) => {
                    let doubts = doubts.into_iter();
                    diagnostics.extend(
                        doubts.map(|doubt| metric.doubtful(format!("its filter: {doubt}"))),
                    );
                }
                Err(problem) => diagnostics.push(
                    metric.invalid(format!("its filter `{template}` cannot be read: {problem}")),
                ),
            }
        }
    }
    let of_metrics = metrics.iter().map(|metric| &*metric.node.name);
    let metric_names: BTreeSet<&str> = of_metrics.collect();
    let mut elements = metric_names.clone();
    elements.insert(METRIC_TIME);
    for model in models {
        elements
            .extend(model.items("dimensions").chain(model.items("entities")).map(|(name, _)| name));
    }
    for query in queries {
        if let NodeDetails::Carried(definition) = &query.details {
            check_query((query, definition), &reading, &elements, diagnostics);
        }
    }
}

/// The filters of a metric, of its measure and of the metrics that it is made of.
fn filters_of<'a>(metric: &Metric<'a>) -> impl Iterator<Item = &'a str> {
    let own = templates(metric.definition.get("filter"));
    let parts = ["/measure", "/numerator", "/denominator"];
    let parts: Vec<&Value> = parts.iter().filter_map(|path| metric.parameter(path)).collect();
    let parts = parts.into_iter().chain(metric.inputs());
    own.chain(parts.flat_map(|part| templates(part.get("filter"))))
}

fn check_query(
    (query, definition): (&Node, &Value),
    reading: &Reading<'_>,
    elements: &BTreeSet<&str>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let say = |message: String| {
        invalid(query.span, format!("the saved query `{}`: {message}", query.name))
    };
    let parameters = &definition["query_params"];
    for template in templates(parameters.get("where")) {
        match reading.elements(template) {
            Ok((_, doubts)) => diagnostics.extend(doubts.into_iter().map(|doubt| {
                let message = format!("the saved query `{}`: its filter: {doubt}", query.name);
                Diagnostic::warning(SEMANTIC_DOUBTFUL, message).at_optional(query.span)
            })),
            Err(problem) => {
                diagnostics.push(say(format!("its filter `{template}` cannot be read: {problem}")));
            }
        }
    }
    let texts = |key: &str| {
        let listed = parameters.get(key).and_then(Value::as_array).into_iter().flatten();
        listed.filter_map(Value::as_str).collect::<Vec<_>>()
    };
    let groups = texts("group_by");
    for group in &groups {
        match reading.elements(&format!("{{{{{group}}}}}")) {
            Ok((found, _)) if matches!(found.as_slice(), [one] if elements.contains(one.as_str())) =>
                {}
            Ok(_) => diagnostics.push(say(format!("`{group}` is nothing to group by"))),
            Err(problem) => {
                diagnostics.push(say(format!("`{group}` of `group_by` cannot be read: {problem}")));
            }
        }
    }
    let limit = parameters.get("limit").and_then(Value::as_i64).filter(|limit| *limit < 0);
    diagnostics.extend(limit.map(|limit| say(format!("`limit` is at least 0, and not {limit}"))));
    let orders = texts("order_by");
    if orders.is_empty() {
        return;
    }
    let metrics = texts("metrics").into_iter().map(|name| format!("Metric('{name}')"));
    let asked = metrics.chain(groups.iter().map(|group| (*group).to_owned()));
    let known: Result<Vec<QueryItem>, String> =
        asked.map(|written| reading.item(&written, QueryPlace::Filter)).collect();
    let known = match known {
        Ok(known) => known,
        Err(problem) => {
            diagnostics.push(say(problem));
            return;
        }
    };
    for order in orders {
        let found = reading.item(order, QueryPlace::Order);
        let problem = match found.map(|item| QueryItem { descending: None, ..item }) {
            Ok(item) if known.contains(&item) => continue,
            Ok(_) => format!("`{order}` of `order_by` is none of its metrics and groups"),
            Err(problem) => format!("`{order}` of `order_by` cannot be read: {problem}"),
        };
        diagnostics.push(say(problem).hint("a metric is `Metric('name')` there"));
    }
}
