//! Semantic models, metrics and saved queries in the shape that dbt's manifest gives them, and how they hang together.
//!
//! Definitions are completed when their file is parsed; what depends on other nodes is added when all are known.

use std::collections::BTreeMap;

use project::ResourceType;
use serde_json::{Value, json};

use crate::graph::Graph;
use crate::node::{Node, NodeDetails, NodeIndex};

/// A definition with all keys that dbt's manifest has; those of other kinds stay as they are.
pub fn complete(kind: ResourceType, written: &Value) -> Value {
    match kind {
        ResourceType::Metric => metric(written),
        ResourceType::SemanticModel => semantic_model(written),
        ResourceType::SavedQuery => saved_query(written),
        _ => written.clone(),
    }
}

/// The metrics that a semantic model makes of its measures with `create_metric`.
pub fn metrics_of_measures(semantic_model: &Value) -> Vec<Value> {
    let measures = semantic_model.get("measures").and_then(Value::as_array);
    let wanted = measures
        .into_iter()
        .flatten()
        .filter(|measure| measure.get("create_metric") == Some(&Value::Bool(true)));
    wanted
        .map(|measure| {
            let name = text(measure, "name");
            let or_name = |key: &str| match measure.get(key) {
                Some(Value::String(text)) => text.clone(),
                _ => name.clone(),
            };
            let description = match measure.get("description") {
                Some(Value::String(text)) => text.clone(),
                _ => format!("Metric created from measure {name}"),
            };
            json!({
                "name": name, "label": or_name("label"), "description": description, "type": "simple",
                "type_params": {"measure": name, "expr": or_name("expr")},
            })
        })
        .collect()
}

/// Follows the names of measures and metrics, and fills in what they lead to.
pub fn link(nodes: &mut [Node]) {
    let mut measures: BTreeMap<String, NodeIndex> = BTreeMap::new();
    let mut metrics: BTreeMap<String, usize> = BTreeMap::new();
    for (at, node) in nodes.iter().enumerate() {
        let NodeDetails::Carried(definition) = &node.details else { continue };
        match node.resource_type {
            ResourceType::SemanticModel => {
                let own = definition.get("measures").and_then(Value::as_array);
                let names = own.into_iter().flatten().map(|measure| text(measure, "name"));
                measures.extend(names.map(|name| (name, NodeIndex(at as u32))));
            }
            ResourceType::Metric => _ = metrics.insert(node.name.clone(), at),
            _ => {}
        }
    }
    let mut known = BTreeMap::new();
    for at in metrics.values() {
        inputs_of(nodes, *at, &metrics, &mut known);
    }
    for at in 0..nodes.len() {
        match nodes[at].resource_type {
            ResourceType::Metric => {
                let inputs = known.remove(&at).unwrap_or_default();
                link_metric(&mut nodes[at], inputs, &measures, &metrics);
            }
            ResourceType::SavedQuery => link_saved_query(&mut nodes[at], &metrics),
            ResourceType::SemanticModel => relate(nodes, at),
            _ => {}
        }
    }
}

/// A semantic model, metric or saved query as dbt's manifest has it.
pub fn dictionary(graph: &Graph, node: &Node) -> Value {
    let NodeDetails::Carried(definition) = &node.details else { return Value::Null };
    let parents: Vec<&str> =
        node.depends_on.iter().map(|parent| &*graph.node(*parent).unique_id).collect();
    let refs: Vec<Value> = node
        .refs
        .iter()
        .map(|call| json!({"name": call.name, "package": call.package, "version": call.version}))
        .collect();
    let configured = |key: &str| node.config.get(key).cloned().unwrap_or_default();
    let meta = node.config.meta().map_or_else(|| json!({}), |meta| json!(meta));
    let mut config = json!({"enabled": true, "group": configured("group"), "meta": meta});
    let mut all = json!({
        "name": node.name, "resource_type": node.resource_type.as_str(),
        "package_name": &*node.package, "path": node.path.as_str(),
        "original_file_path": node.original_file_path.as_str(), "unique_id": &*node.unique_id,
        "fqn": node.fqn, "description": node.description,
        "unrendered_config": {}, "depends_on": {"macros": [], "nodes": parents}, "refs": refs,
        "created_at": node.created_at, "group": configured("group"),
    });
    let mut put = |key: &str, value: Value| {
        _ = all.as_object_mut().map(|all| all.insert(key.to_owned(), value))
    };
    for (key, value) in definition.as_object().into_iter().flatten() {
        if !matches!(key.as_str(), "name" | "config" | "description" | "meta" | "tags") {
            put(key, value.clone());
        }
    }
    match node.resource_type {
        ResourceType::Metric => {
            put("sources", json!([]));
            put("metrics", json!([]));
            put("meta", config["meta"].clone());
            put("tags", json!(node.tags));
        }
        ResourceType::SavedQuery => {
            put("tags", json!(node.tags));
            if node.description.is_empty() {
                put("description", Value::Null);
            }
            config["export_as"] = configured("export_as");
            config["schema"] = configured("schema");
            let cache = configured("cache");
            config["cache"] = if cache.is_null() { json!({"enabled": false}) } else { cache };
        }
        _ => {}
    }
    put("config", config);
    all
}

fn metric(written: &Value) -> Value {
    let parameters = part(written, "type_params");
    let kind = text(written, "type").to_ascii_lowercase();
    let cumulative = part(&parameters, "cumulative_type_params");
    let either = |key: &str| match part(&cumulative, key) {
        Value::Null => part(&parameters, key),
        own => own,
    };
    let cumulative = (kind == "cumulative").then(|| {
        let period = part(&cumulative, "period_agg");
        json!({
            "window": window(&either("window")), "grain_to_date": either("grain_to_date"),
            "period_agg": if period.is_null() { json!("first") } else { period }, "metric": null,
        })
    });
    let conversion = part(&parameters, "conversion_type_params");
    let conversion = conversion.is_object().then(|| {
        let calculation = part(&conversion, "calculation");
        json!({
            "base_measure": input_measure(&part(&conversion, "base_measure")),
            "conversion_measure": input_measure(&part(&conversion, "conversion_measure")),
            "base_metric": null, "conversion_metric": null,
            "entity": part(&conversion, "entity"),
            "calculation": if calculation.is_null() { json!("conversion_rate") } else { calculation },
            "window": window(&part(&conversion, "window")),
            "constant_properties": part(&conversion, "constant_properties"),
        })
    });
    let metrics = parameters.get("metrics").and_then(Value::as_array);
    let metrics: Vec<Value> = metrics.into_iter().flatten().map(input_metric).collect();
    json!({
        "label": part(written, "label"), "type": kind,
        "type_params": {
            "measure": input_measure(&part(&parameters, "measure")), "input_measures": [],
            "numerator": input_metric(&part(&parameters, "numerator")),
            "denominator": input_metric(&part(&parameters, "denominator")),
            "expr": expression(&parameters), "window": window(&part(&parameters, "window")),
            "grain_to_date": part(&parameters, "grain_to_date"), "metrics": metrics,
            "conversion_type_params": conversion, "cumulative_type_params": cumulative,
            "metric_aggregation_params": null, "fill_nulls_with": null,
            "join_to_timespine": false, "is_private": null,
        },
        "filter": filter(&part(written, "filter")), "metadata": null,
        "time_granularity": part(written, "time_granularity"),
    })
}

fn semantic_model(written: &Value) -> Value {
    let list = |key: &str| written.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let common = |entry: &Value| {
        let meta = part(&part(entry, "config"), "meta");
        let meta = if meta.is_null() { json!({}) } else { meta };
        json!({
            "name": part(entry, "name"), "description": part(entry, "description"),
            "label": part(entry, "label"), "expr": expression(entry), "config": {"meta": meta},
        })
    };
    let with = |entry: &Value, more: Value| {
        let mut all = common(entry);
        if let (Value::Object(all), Value::Object(more)) = (&mut all, more) {
            all.extend(more);
        }
        all
    };
    let entity = |entry: &Value| {
        with(entry, json!({"type": part(entry, "type"), "role": part(entry, "role")}))
    };
    let dimension = |entry: &Value| {
        let parameters = part(entry, "type_params");
        let parameters = parameters.is_object().then(|| {
            let validity = part(&parameters, "validity_params");
            json!({"time_granularity": part(&parameters, "time_granularity"), "validity_params": validity})
        });
        with(
            entry,
            json!({
                "type": part(entry, "type"), "is_partition": is_true(entry, "is_partition"),
                "type_params": parameters, "metadata": null, "datatype": null,
            }),
        )
    };
    let measure = |entry: &Value| {
        let dimension = part(entry, "non_additive_dimension");
        let dimension = dimension.is_object().then(|| {
            let groupings = part(&dimension, "window_groupings");
            json!({
                "name": part(&dimension, "name"), "window_choice": part(&dimension, "window_choice"),
                "window_groupings": if groupings.is_null() { json!([]) } else { groupings },
            })
        });
        with(
            entry,
            json!({
                "agg": part(entry, "agg"), "create_metric": is_true(entry, "create_metric"),
                "agg_params": part(entry, "agg_params"), "non_additive_dimension": dimension,
                "agg_time_dimension": part(entry, "agg_time_dimension"),
            }),
        )
    };
    json!({
        "model": part(written, "model"), "node_relation": null, "label": part(written, "label"),
        "defaults": part(written, "defaults"),
        "entities": list("entities").iter().map(entity).collect::<Vec<_>>(),
        "dimensions": list("dimensions").iter().map(dimension).collect::<Vec<_>>(),
        "measures": list("measures").iter().map(measure).collect::<Vec<_>>(),
        "metadata": null, "primary_entity": part(written, "primary_entity"),
    })
}

fn saved_query(written: &Value) -> Value {
    let query = part(written, "query_params");
    let list = |key: &str| match part(&query, key) {
        Value::Null => json!([]),
        Value::String(one) => json!([one]),
        other => other,
    };
    let exports = written.get("exports").and_then(Value::as_array).cloned().unwrap_or_default();
    let exports: Vec<Value> = exports
        .iter()
        .map(|export| {
            let config = part(export, "config");
            let schema = match part(&config, "schema") {
                Value::Null => part(&config, "schema_name"),
                schema => schema,
            };
            let alias = match part(&config, "alias") {
                Value::Null => part(export, "name"),
                alias => alias,
            };
            json!({
                "name": part(export, "name"), "unrendered_config": config,
                "config": {"export_as": part(&config, "export_as"), "schema_name": schema, "alias": alias, "database": null},
            })
        })
        .collect();
    json!({
        "label": part(written, "label"), "metadata": null, "exports": exports,
        "query_params": {
            "metrics": list("metrics"), "group_by": list("group_by"), "where": filter(&part(&query, "where")),
            "order_by": list("order_by"), "limit": part(&query, "limit"),
        },
    })
}

fn part(value: &Value, key: &str) -> Value {
    value.get(key).cloned().unwrap_or_default()
}

fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn is_true(value: &Value, key: &str) -> bool {
    value.get(key) == Some(&Value::Bool(true))
}

/// `expr` is SQL: a number or a truth value stands for its text.
fn expression(value: &Value) -> Value {
    match part(value, "expr") {
        Value::Null => Value::Null,
        other => Value::String(crate::python_text::text(&other)),
    }
}

/// One filter or several, as text.
fn filter(written: &Value) -> Value {
    let texts: Vec<&Value> = match written {
        Value::Null => return Value::Null,
        Value::Array(several) => several.iter().collect(),
        one => vec![one],
    };
    json!({"where_filters": texts.into_iter().map(|text| json!({"where_sql_template": text})).collect::<Vec<_>>()})
}

fn input_measure(written: &Value) -> Value {
    let (name, entry) = match written {
        Value::Null => return Value::Null,
        Value::String(name) => (Value::String(name.clone()), &Value::Null),
        entry => (part(entry, "name"), entry),
    };
    json!({
        "name": name, "filter": filter(&part(entry, "filter")), "alias": part(entry, "alias"),
        "join_to_timespine": is_true(entry, "join_to_timespine"),
        "fill_nulls_with": part(entry, "fill_nulls_with"),
    })
}

fn input_metric(written: &Value) -> Value {
    let (name, entry) = match written {
        Value::Null => return Value::Null,
        Value::String(name) => (Value::String(name.clone()), &Value::Null),
        entry => (part(entry, "name"), entry),
    };
    json!({
        "name": name, "filter": filter(&part(entry, "filter")), "alias": part(entry, "alias"),
        "offset_window": window(&part(entry, "offset_window")),
        "offset_to_grain": part(entry, "offset_to_grain"),
    })
}

/// `28 days` as a count and a grain; dbt takes the plural off the grains that it knows.
fn window(written: &Value) -> Value {
    let Some(words) = written.as_str().map(str::to_ascii_lowercase) else { return Value::Null };
    let Some((count, grain)) = words.split_once(' ') else { return Value::Null };
    let singular = grain.strip_suffix('s').unwrap_or(grain);
    let is_known = [
        "nanosecond",
        "microsecond",
        "millisecond",
        "second",
        "minute",
        "hour",
        "day",
        "week",
        "month",
        "quarter",
        "year",
    ]
    .contains(&singular);
    let grain = if is_known { singular } else { grain };
    json!({"count": count.parse::<u64>().ok(), "granularity": grain})
}

/// The metrics that a metric is made of.
fn metrics_in(definition: &Value) -> Vec<String> {
    let parameters = part(definition, "type_params");
    let mut found: Vec<Value> =
        parameters.get("metrics").and_then(Value::as_array).cloned().unwrap_or_default();
    found.extend(["numerator", "denominator"].map(|key| part(&parameters, key)));
    found.iter().filter(|one| one.is_object()).map(|one| text(one, "name")).collect()
}

/// The measures that a metric is made of in the end, found once for each.
fn inputs_of(
    nodes: &[Node],
    at: usize,
    metrics: &BTreeMap<String, usize>,
    known: &mut BTreeMap<usize, Vec<Value>>,
) -> Vec<Value> {
    if let Some(found) = known.get(&at) {
        return found.clone();
    }
    // Metrics that go round in a circle end here.
    known.insert(at, Vec::new());
    let NodeDetails::Carried(definition) = &nodes[at].details else { return Vec::new() };
    let parameters = part(definition, "type_params");
    let conversion = part(&parameters, "conversion_type_params");
    let own = [
        part(&parameters, "measure"),
        part(&conversion, "base_measure"),
        part(&conversion, "conversion_measure"),
    ];
    let mut found: Vec<Value> = own.into_iter().filter(Value::is_object).collect();
    for name in metrics_in(definition) {
        let Some(input) = metrics.get(&name) else { continue };
        for measure in inputs_of(nodes, *input, metrics, known) {
            if !found.contains(&measure) {
                found.push(measure);
            }
        }
    }
    known.insert(at, found.clone());
    found
}

fn link_metric(
    node: &mut Node,
    inputs: Vec<Value>,
    measures: &BTreeMap<String, NodeIndex>,
    metrics: &BTreeMap<String, usize>,
) {
    let NodeDetails::Carried(definition) = &mut node.details else { return };
    let names = metrics_in(definition);
    let parents: Vec<NodeIndex> = if names.is_empty() {
        inputs.iter().filter_map(|input| measures.get(&text(input, "name")).copied()).collect()
    } else {
        names.iter().filter_map(|name| metrics.get(name)).map(|at| NodeIndex(*at as u32)).collect()
    };
    if let Some(parameters) = definition.get_mut("type_params").and_then(Value::as_object_mut) {
        parameters.insert("input_measures".to_owned(), Value::Array(inputs));
    }
    add_parents(node, parents);
}

fn link_saved_query(node: &mut Node, metrics: &BTreeMap<String, usize>) {
    let NodeDetails::Carried(definition) = &node.details else { return };
    let wanted = definition.pointer("/query_params/metrics").and_then(Value::as_array);
    let names = wanted.into_iter().flatten().filter_map(Value::as_str);
    let parents = names.filter_map(|name| metrics.get(name)).map(|at| NodeIndex(*at as u32));
    add_parents(node, parents.collect());
}

fn add_parents(node: &mut Node, parents: Vec<NodeIndex>) {
    for parent in parents {
        if !node.depends_on.contains(&parent) {
            node.depends_on.push(parent);
        }
    }
}

/// The table in which a semantic model finds its rows.
fn relate(nodes: &mut [Node], at: usize) {
    let Some(model) = nodes[at].depends_on.first().map(|parent| &nodes[parent.0 as usize]) else {
        return;
    };
    let relation = json!({
        "alias": model.alias, "schema_name": model.schema, "database": model.database,
        "relation_name": model.relation_name,
    });
    if let NodeDetails::Carried(definition) = &mut nodes[at].details
        && let Value::Object(entries) = &mut **definition
    {
        entries.insert("node_relation".to_owned(), relation);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_counts_of_grains() {
        assert_eq!(window(&json!("28 days")), json!({"count": 28, "granularity": "day"}));
        assert_eq!(
            window(&json!("2 fiscal_years")),
            json!({"count": 2, "granularity": "fiscal_years"})
        );
        assert_eq!(window(&Value::Null), Value::Null);
    }

    #[test]
    fn cumulative_metrics_take_their_window_from_either_place() {
        let window = |parameters: Value| {
            complete(
                ResourceType::Metric,
                &json!({"type": "cumulative", "type_params": parameters}),
            )
            .pointer("/type_params/cumulative_type_params/window/count")
            .cloned()
        };
        assert_eq!(window(json!({"measure": "m", "window": "7 days"})), Some(json!(7)));
        assert_eq!(
            window(json!({"cumulative_type_params": {"window": "3 weeks"}})),
            Some(json!(3))
        );
    }

    #[test]
    fn measures_become_metrics_when_they_ask_for_it() {
        let made = metrics_of_measures(&json!({"measures": [
            {"name": "orders", "agg": "count", "expr": "1", "create_metric": true}, {"name": "other"},
        ]}));
        let names: Vec<_> =
            made.iter().map(|metric| (text(metric, "name"), part(metric, "type_params"))).collect();
        assert_eq!(names, [("orders".to_owned(), json!({"measure": "orders", "expr": "1"}))]);
    }
}
