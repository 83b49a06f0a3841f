//! Metrics, semantic models and saved queries in the shape of dbt's manifest: what is left out is filled in, short
//! forms are written out (dbt's `MetricParser`, `SemanticModelParser` and `SavedQueryParser`).
//!
//! An error is for people, and says what the definition lacks. What other definitions have to be known for is added
//! when all nodes are resolved.

use serde_json::{Map, Value, json};

use super::model_semantics::SEMANTIC_MODEL;
use super::semantic_keys;

/// A part of a definition, or what is wrong with it.
type Part = Result<Value, String>;

const AGGREGATIONS: &[&str] = &[
    "sum",
    "min",
    "max",
    "count_distinct",
    "sum_boolean",
    "average",
    "percentile",
    "median",
    "count",
];
const METRIC_TYPES: &[&str] = &["simple", "ratio", "cumulative", "derived", "conversion"];
const PERIOD_AGGREGATIONS: &[&str] = &["first", "last", "average"];
const CALCULATIONS: &[&str] = &["conversions", "conversion_rate"];
/// Units of time, the shortest first.
pub(crate) const GRAINS: &[&str] = &[
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
];

/// The definition of a metric.
pub fn metric(written: &Value) -> Part {
    let name = text(written, "name").unwrap_or_default();
    check_metric_name(name)?;
    let kind = one_of(written, "type", METRIC_TYPES, Some("simple"))?;
    let label = text(written, "label");
    let parameters = match written.get("type_params") {
        Some(parameters) if parameters.is_object() => {
            semantic_keys::check_metric(written)?;
            written_parameters(&kind, parameters)?
        }
        Some(_) => return Err("`type_params` is a mapping".to_owned()),
        None => plain_parameters(&kind, written)?,
    };
    // A metric without `type_params` has its tags and `meta` in the configuration alone.
    let is_nested = written.get("type_params").is_some();
    let meta = written.pointer("/config/meta").or_else(|| written.get("meta"));
    let (meta, tags) = (meta.filter(|_| is_nested), written.get("tags").filter(|_| is_nested));
    Ok(json!({
        "description": text(written, "description").unwrap_or_default(),
        "label": label.unwrap_or(name),
        "type": kind,
        "type_params": parameters,
        "filter": filter(written.get("filter"))?,
        "metadata": null,
        "time_granularity": or_null(written, "time_granularity"),
        "meta": meta.cloned().or_else(|| is_nested.then(|| json!({}))),
        "tags": texts(tags),
    }))
}

/// The definition of a semantic model, and the metrics that its measures with `create_metric` are.
pub fn semantic_model(written: &Value) -> Result<(Value, Vec<Value>), String> {
    let model = text(written, "model").ok_or("`model` is missing: write `ref('name')`")?;
    let of = |key: &str, part: fn(&Value) -> Part| -> Result<Vec<Value>, String> {
        list(written, key)?.iter().map(part).collect()
    };
    let agg_time =
        |defaults: &Value| json!({"agg_time_dimension": or_null(defaults, "agg_time_dimension")});
    let definition = json!({
        "description": or_null(written, "description"),
        "label": or_null(written, "label"),
        "model": model,
        "node_relation": null,
        "defaults": written.get("defaults").filter(|defaults| defaults.is_object()).map(agg_time),
        "entities": of("entities", entity)?,
        "measures": of("measures", measure)?,
        "dimensions": of("dimensions", dimension)?,
        "metadata": null,
        "primary_entity": or_null(written, "primary_entity"),
    });
    let created = list(written, "measures")?
        .iter()
        .filter(|measure| measure.get("create_metric") == Some(&Value::Bool(true)));
    let metrics = created.map(|measure| metric_of_measure(measure, written)).collect();
    Ok((definition, metrics))
}

/// The definition of a saved query.
pub fn saved_query(written: &Value) -> Part {
    semantic_keys::check_saved_query(written)?;
    let parameters = written
        .get("query_params")
        .filter(|parameters| parameters.is_object())
        .ok_or("`query_params` is missing")?;
    let config = written.get("config").cloned().unwrap_or_else(|| json!({}));
    let exports = list(written, "exports")?
        .iter()
        .map(|export| self::export(export, &config))
        .collect::<Result<Vec<_>, _>>()?;
    let mut tags = texts(written.get("tags"));
    tags.extend(texts(config.get("tags")));
    tags.sort();
    tags.dedup();
    Ok(json!({
        "query_params": {
            "metrics": texts(parameters.get("metrics")),
            "group_by": texts(parameters.get("group_by")),
            "where": filter(parameters.get("where"))?,
            "order_by": texts(parameters.get("order_by")),
            "limit": whole_number(parameters, "limit")?,
        },
        "exports": exports,
        "description": or_null(written, "description"),
        "label": or_null(written, "label"),
        "metadata": null,
        "tags": tags,
    }))
}

/// dbt's rules for the names of metrics: they become names of columns.
fn check_metric_name(name: &str) -> Result<(), String> {
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return Err("the name must begin with a letter".to_owned());
    }
    if !name.chars().all(is_word) {
        return Err("the name may have letters, digits and underscores only".to_owned());
    }
    if name.chars().count() > 250 {
        return Err("the name has more than 250 characters".to_owned());
    }
    Ok(())
}

/// The parameters under `type_params`.
fn written_parameters(kind: &str, written: &Value) -> Part {
    let mut cumulative = Value::Null;
    if kind == "cumulative" {
        let own = written.get("cumulative_type_params").cloned().unwrap_or(Value::Null);
        let or_outer = |key: &str| own.get(key).or_else(|| written.get(key)).cloned();
        cumulative = json!({
            "window": window(or_outer("window").as_ref())?,
            "grain_to_date": or_outer("grain_to_date"),
            "period_agg": one_of(&own, "period_agg", PERIOD_AGGREGATIONS, Some("first"))?,
            "metric": null,
        });
    }
    let conversion = match written.get("conversion_type_params") {
        Some(own) if own.is_object() => json!({
            "entity": text(own, "entity").ok_or("`conversion_type_params` needs an `entity`")?,
            "base_measure": required(own, "base_measure", input_measure)?,
            "conversion_measure": required(own, "conversion_measure", input_measure)?,
            "base_metric": null,
            "conversion_metric": null,
            "calculation": one_of(own, "calculation", CALCULATIONS, Some("conversion_rate"))?,
            "window": window(own.get("window"))?,
            "constant_properties": or_null(own, "constant_properties"),
        }),
        _ => Value::Null,
    };
    let parameters = json!({
        "measure": optional(written, "measure", input_measure)?,
        "input_measures": [],
        "numerator": optional(written, "numerator", input_metric)?,
        "denominator": optional(written, "denominator", input_metric)?,
        "expr": expression(written),
        "window": window(written.get("window"))?,
        "grain_to_date": or_null(written, "grain_to_date"),
        "metrics": inputs(written, "metrics")?,
        "conversion_type_params": conversion,
        "cumulative_type_params": cumulative,
        "metric_aggregation_params": null,
        "fill_nulls_with": null,
        "join_to_timespine": false,
        "is_private": null,
    });
    let missing = |key: &str| parameters[key].is_null();
    match kind {
        "simple" | "cumulative" if missing("measure") => {
            Err(format!("a {kind} metric needs a `measure` in its `type_params`"))
        }
        "ratio" if missing("numerator") || missing("denominator") => {
            Err("a ratio metric needs a `numerator` and a `denominator`".to_owned())
        }
        "conversion" if missing("conversion_type_params") => {
            Err("a conversion metric needs `conversion_type_params`".to_owned())
        }
        _ => Ok(parameters),
    }
}

/// The parameters of a metric without `type_params`, which stand beside its name.
fn plain_parameters(kind: &str, written: &Value) -> Part {
    let mut cumulative = Value::Null;
    let mut conversion = Value::Null;
    let mut aggregation = Value::Null;
    match kind {
        "simple" if written.get(SEMANTIC_MODEL).is_some() => aggregation = aggregated(written)?,
        "simple" => {
            return Err("a simple metric outside of a model needs `type_params` with a `measure`"
                .to_owned());
        }
        "cumulative" => {
            cumulative = json!({
                "window": window(written.get("window"))?,
                "grain_to_date": or_null(written, "grain_to_date"),
                "period_agg": text(written, "period_agg").unwrap_or("first"),
                "metric": required(written, "input_metric", input_metric)?,
            });
        }
        "conversion" => {
            conversion = json!({
                "entity": text(written, "entity").ok_or("a conversion metric needs an `entity`")?,
                "base_measure": null,
                "conversion_measure": null,
                "base_metric": required(written, "base_metric", input_metric)?,
                "conversion_metric": required(written, "conversion_metric", input_metric)?,
                "calculation": text(written, "calculation").unwrap_or("conversion_rate"),
                "window": window(written.get("window"))?,
                "constant_properties": or_null(written, "constant_properties"),
            });
        }
        "ratio" => {
            required(written, "numerator", input_metric)?;
            required(written, "denominator", input_metric)?;
        }
        _ => {}
    }
    Ok(json!({
        "measure": null,
        "input_measures": [],
        "numerator": optional(written, "numerator", input_metric)?,
        "denominator": optional(written, "denominator", input_metric)?,
        "expr": expression(written),
        "window": null,
        "grain_to_date": null,
        "metrics": inputs(written, "input_metrics")?,
        "conversion_type_params": conversion,
        "cumulative_type_params": cumulative,
        "metric_aggregation_params": aggregation,
        "fill_nulls_with": null,
        "join_to_timespine": written.get("join_to_timespine") == Some(&Value::Bool(true)),
        "is_private": written.get("hidden") == Some(&Value::Bool(true)),
    }))
}

/// How a simple metric of a model adds up its rows.
fn aggregated(written: &Value) -> Part {
    if written.get("agg").is_none_or(Value::is_null) {
        return Err("a simple metric needs an `agg`".to_owned());
    }
    let percentile = text(written, "percentile_type").unwrap_or_default().to_lowercase();
    let additive = match written.get("non_additive_dimension").filter(|own| own.is_object()) {
        None => Value::Null,
        Some(own) => json!({
            "name": named(own, "a non-additive dimension")?,
            "window_choice": one_of(own, "window_agg", AGGREGATIONS, None)?,
            "window_groupings": texts(own.get("group_by")),
        }),
    };
    Ok(json!({
        "semantic_model": or_null(written, SEMANTIC_MODEL),
        "agg": one_of(written, "agg", AGGREGATIONS, None)?,
        "agg_params": {
            "percentile": or_null(written, "percentile"),
            "use_discrete_percentile": percentile == "discrete",
            "use_approximate_percentile": percentile == "continuous",
        },
        "agg_time_dimension": or_null(written, "agg_time_dimension"),
        "non_additive_dimension": additive,
    }))
}

/// The metric that a measure with `create_metric` is, as it would be written.
fn metric_of_measure(measure: &Value, model: &Value) -> Value {
    let name = text(measure, "name").unwrap_or_default();
    let described = format!("Metric created from measure {name}");
    let enabled = model.pointer("/config/enabled").cloned().unwrap_or(Value::Bool(true));
    let meta = model.pointer("/config/meta").cloned().unwrap_or_else(|| json!({}));
    json!({
        "name": name,
        "label": text(measure, "label").unwrap_or(name),
        "type": "simple",
        "type_params": {
            "measure": name,
            "expr": measure.get("expr").cloned().unwrap_or_else(|| json!(name)),
        },
        "description": text(measure, "description").unwrap_or(&described),
        "config": {"enabled": enabled, "meta": meta},
    })
}

fn entity(written: &Value) -> Part {
    Ok(json!({
        "name": named(written, "an entity")?,
        "type": one_of(written, "type", &["foreign", "natural", "primary", "unique"], None)?,
        "description": or_null(written, "description"),
        "label": or_null(written, "label"),
        "role": or_null(written, "role"),
        "expr": expression(written),
        "config": element_config(written),
    }))
}

fn measure(written: &Value) -> Part {
    let additive = |own: &Value| {
        json!({
            "name": or_null(own, "name"),
            "window_choice": own.get("window_choice").cloned().unwrap_or_else(|| json!("min")),
            "window_groupings": texts(own.get("window_groupings")),
        })
    };
    let parameters = |own: &Value| {
        json!({
            "percentile": or_null(own, "percentile"),
            "use_discrete_percentile": own.get("use_discrete_percentile") == Some(&Value::Bool(true)),
            "use_approximate_percentile": own.get("use_approximate_percentile") == Some(&Value::Bool(true)),
        })
    };
    let mapping = |key: &str| written.get(key).filter(|own| own.is_object());
    Ok(json!({
        "name": named(written, "a measure")?,
        "agg": one_of(written, "agg", AGGREGATIONS, None)?,
        "description": or_null(written, "description"),
        "label": or_null(written, "label"),
        "create_metric": false,
        "expr": expression(written),
        "agg_params": mapping("agg_params").map(parameters),
        "non_additive_dimension": mapping("non_additive_dimension").map(additive),
        "agg_time_dimension": or_null(written, "agg_time_dimension"),
        "config": element_config(written),
    }))
}

fn dimension(written: &Value) -> Part {
    let parameters = match written.get("type_params").filter(|own| own.is_object()) {
        None => Value::Null,
        Some(own) => {
            let validity = own.get("validity_params").filter(|own| own.is_object()).map(|own| {
                let is = |key: &str| own.get(key) == Some(&Value::Bool(true));
                json!({"is_start": is("is_start"), "is_end": is("is_end")})
            });
            json!({
                "time_granularity": one_of(own, "time_granularity", GRAINS, None)?,
                "validity_params": validity,
            })
        }
    };
    Ok(json!({
        "name": named(written, "a dimension")?,
        "type": one_of(written, "type", &["categorical", "time"], None)?,
        "datatype": or_null(written, "datatype"),
        "description": or_null(written, "description"),
        "label": or_null(written, "label"),
        "is_partition": written.get("is_partition") == Some(&Value::Bool(true)),
        "type_params": parameters,
        "expr": expression(written),
        "metadata": null,
        "config": element_config(written),
    }))
}

fn export(written: &Value, config: &Value) -> Part {
    let own = written.get("config").cloned().unwrap_or_else(|| json!({}));
    let of = |key: &str| own.get(key).or_else(|| config.get(key)).cloned();
    let export_as = of("export_as").unwrap_or(Value::Null);
    if !matches!(export_as.as_str(), Some("table" | "view")) {
        return Err("each of `exports` needs `export_as`: `table` or `view`".to_owned());
    }
    Ok(json!({
        "name": named(written, "an export")?,
        "config": {
            "export_as": export_as,
            "schema_name": of("schema_name").or_else(|| of("schema")),
            "alias": own.get("alias"),
            "database": own.get("database"),
        },
        "unrendered_config": own,
    }))
}

/// `meta` of a semantic model below that of one of its parts.
pub(crate) fn inherit(element: &mut Value, meta: &Map<String, Value>) {
    let mut all = meta.clone();
    let own = element.pointer("/config/meta").and_then(Value::as_object).cloned();
    all.extend(own.into_iter().flatten());
    element["config"]["meta"] = Value::Object(all);
}

fn element_config(written: &Value) -> Value {
    json!({"meta": written.pointer("/config/meta").cloned().unwrap_or_else(|| json!({}))})
}

/// `where` and `filter`: a text, or several that all hold.
fn filter(written: Option<&Value>) -> Part {
    let one = |text: &Value| json!({"where_sql_template": text});
    match written {
        None | Some(Value::Null) => Ok(Value::Null),
        Some(text @ Value::String(_)) => Ok(json!({"where_filters": [one(text)]})),
        Some(Value::Array(items)) if items.iter().all(Value::is_string) => {
            Ok(json!({"where_filters": items.iter().map(one).collect::<Vec<_>>()}))
        }
        Some(_) => Err("a filter is a text, or a list of texts".to_owned()),
    }
}

fn input_measure(written: &Value) -> Part {
    Ok(json!({
        "name": input_name(written, "a measure")?,
        "filter": filter(written.get("filter"))?,
        "alias": or_null(written, "alias"),
        "join_to_timespine": written.get("join_to_timespine") == Some(&Value::Bool(true)),
        "fill_nulls_with": whole_number(written, "fill_nulls_with")?,
    }))
}

fn input_metric(written: &Value) -> Part {
    Ok(json!({
        "name": input_name(written, "a metric")?,
        "filter": filter(written.get("filter"))?,
        "alias": or_null(written, "alias"),
        "offset_window": window(written.get("offset_window"))?,
        "offset_to_grain": or_null(written, "offset_to_grain"),
    }))
}

fn inputs(written: &Value, key: &str) -> Result<Vec<Value>, String> {
    list(written, key)?.iter().map(input_metric).collect()
}

fn input_name<'a>(written: &'a Value, what: &str) -> Result<&'a str, String> {
    written.as_str().map_or_else(|| named(written, what), Ok)
}

/// `28 days`: a count and a grain.
fn window(written: Option<&Value>) -> Part {
    let Some(written) = written.filter(|written| !written.is_null()) else {
        return Ok(Value::Null);
    };
    let text = written.as_str().unwrap_or_default().to_lowercase();
    let wrong = || format!("the window `{written}` is not a count and a grain, such as `28 days`");
    let (count, grain) = text.split_once(' ').ok_or_else(wrong)?;
    let count: u64 = count.parse().map_err(|_| wrong())?;
    let singular = grain.strip_suffix('s').filter(|grain| GRAINS.contains(grain));
    Ok(json!({"count": count, "granularity": singular.unwrap_or(grain)}))
}

fn optional(written: &Value, key: &str, part: fn(&Value) -> Part) -> Part {
    match written.get(key) {
        None | Some(Value::Null) => Ok(Value::Null),
        Some(own) => part(own),
    }
}

fn required(written: &Value, key: &str, part: fn(&Value) -> Part) -> Part {
    match written.get(key) {
        None | Some(Value::Null) => Err(format!("`{key}` is missing")),
        Some(own) => part(own),
    }
}

fn list<'a>(written: &'a Value, key: &str) -> Result<&'a [Value], String> {
    match written.get(key) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(items)) => Ok(items),
        Some(_) => Err(format!("`{key}` is a list")),
    }
}

fn named<'a>(written: &'a Value, what: &str) -> Result<&'a str, String> {
    text(written, "name").ok_or_else(|| format!("{what} needs a `name`"))
}

fn one_of(
    written: &Value,
    key: &str,
    words: &[&str],
    usual: Option<&str>,
) -> Result<String, String> {
    let found = text(written, key).map(str::to_lowercase).or_else(|| usual.map(str::to_owned));
    match found {
        Some(word) if words.contains(&word.as_str()) => Ok(word),
        found => {
            let known: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
            let known = known.join(", ");
            Err(match found {
                Some(word) => format!("`{key}` must be one of {known}, not `{word}`"),
                None => format!("`{key}` is missing: one of {known}"),
            })
        }
    }
}

fn text<'a>(written: &'a Value, key: &str) -> Option<&'a str> {
    written.get(key)?.as_str()
}

fn or_null(written: &Value, key: &str) -> Value {
    written.get(key).cloned().unwrap_or(Value::Null)
}

fn whole_number(written: &Value, key: &str) -> Part {
    match written.get(key) {
        None | Some(Value::Null) => Ok(Value::Null),
        Some(number) if number.is_i64() => Ok(number.clone()),
        Some(other) => Err(format!("`{key}` is a whole number, and not `{other}`")),
    }
}

/// An expression is SQL, also where YAML reads a number.
fn expression(written: &Value) -> Value {
    match written.get("expr") {
        None | Some(Value::Null) => Value::Null,
        Some(Value::String(text)) => json!(text),
        // Python prints truth values in capitals.
        Some(Value::Bool(value)) => json!(if *value { "True" } else { "False" }),
        Some(other) => json!(other.to_string()),
    }
}

/// A text, or a list of texts.
fn texts(written: Option<&Value>) -> Vec<String> {
    match written {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(items)) => {
            items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

/// The semantic model that a simple metric of a model adds up.
pub(crate) fn semantic_model_of_metric(definition: &Value) -> Option<&str> {
    definition.pointer("/type_params/metric_aggregation_params/semantic_model")?.as_str()
}

/// The measures and the metrics that a metric is made of, by name.
pub(crate) fn inputs_of_metric(definition: &Value) -> (Vec<Value>, Vec<String>) {
    let parameters = definition.get("type_params").cloned().unwrap_or(Value::Null);
    let at = |path: &str| parameters.pointer(path).filter(|own| own.is_object());
    // A metric takes what its type says; what else is written counts for nothing.
    let kind = text(definition, "type").unwrap_or_default();
    let measures: &[&str] = match kind {
        "simple" | "cumulative" => &["/measure"],
        "conversion" => {
            &["/conversion_type_params/base_measure", "/conversion_type_params/conversion_measure"]
        }
        _ => &[],
    };
    let measures = measures.iter().copied().filter_map(at).cloned().collect();
    let metrics: &[&str] = match kind {
        "ratio" => &["/numerator", "/denominator"],
        "cumulative" => &["/cumulative_type_params/metric"],
        "conversion" => {
            &["/conversion_type_params/base_metric", "/conversion_type_params/conversion_metric"]
        }
        _ => &[],
    };
    let metrics = metrics.iter().copied().filter_map(at);
    let listed = parameters.get("metrics").filter(|_| kind == "derived");
    let listed = listed.and_then(Value::as_array).into_iter().flatten();
    let names = metrics.chain(listed).filter_map(|input| text(input, "name").map(str::to_owned));
    (measures, names.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_counts_of_grains() {
        let window = |text: &str| window(Some(&json!(text)));
        assert_eq!(window("28 days"), Ok(json!({"count": 28, "granularity": "day"})));
        assert_eq!(
            window("2 fiscal_years"),
            Ok(json!({"count": 2, "granularity": "fiscal_years"}))
        );
        assert!(window("often").is_err() && window("x days").is_err());
    }

    #[test]
    fn cumulative_metrics_take_their_window_from_either_place() {
        let count = |parameters: Value| {
            let written =
                json!({"name": "m", "label": "M", "type": "cumulative", "type_params": parameters});
            let window = "/type_params/cumulative_type_params/window/count";
            metric(&written).unwrap().pointer(window).cloned()
        };
        assert_eq!(count(json!({"measure": "m", "window": "7 days"})), Some(json!(7)));
        let nested = json!({"measure": "m", "cumulative_type_params": {"window": "3 weeks"}});
        assert_eq!(count(nested), Some(json!(3)));
    }

    #[test]
    fn metrics_without_type_params_say_the_same_beside_their_name() {
        let written = json!({"name": "m", "type": "derived", "expr": "a", "input_metrics": ["a"]});
        assert_eq!(inputs_of_metric(&metric(&written).unwrap()).1, ["a"]);
        assert!(metric(&json!({"name": "m", "type": "simple"})).is_err());
    }
}
