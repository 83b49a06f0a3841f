//! The keys that the semantic layer's definitions have: dbt refuses all others.
//!
//! Mirrors the classes of dbt's `contracts/graph/unparsed.py`, which allow no additional properties.

use serde_json::Value;

/// The keys of a mapping, and those of what stands below them.
struct Shape {
    keys: &'static [&'static str],
    below: &'static [(&'static str, &'static Shape)],
}

const fn flat(keys: &'static [&'static str]) -> Shape {
    Shape { keys, below: &[] }
}

static INPUT_MEASURE: Shape =
    flat(&["alias", "fill_nulls_with", "filter", "join_to_timespine", "name"]);
static INPUT_METRIC: Shape = flat(&["alias", "filter", "name", "offset_to_grain", "offset_window"]);
static CUMULATIVE: Shape = flat(&["grain_to_date", "period_agg", "window"]);
static CONVERSION: Shape = Shape {
    keys: &[
        "base_measure",
        "calculation",
        "constant_properties",
        "conversion_measure",
        "entity",
        "window",
    ],
    below: &[("base_measure", &INPUT_MEASURE), ("conversion_measure", &INPUT_MEASURE)],
};
static TYPE_PARAMS: Shape = Shape {
    keys: &[
        "conversion_type_params",
        "cumulative_type_params",
        "denominator",
        "expr",
        "grain_to_date",
        "measure",
        "metrics",
        "numerator",
        "window",
    ],
    below: &[
        ("measure", &INPUT_MEASURE),
        ("numerator", &INPUT_METRIC),
        ("denominator", &INPUT_METRIC),
        ("metrics", &INPUT_METRIC),
        ("cumulative_type_params", &CUMULATIVE),
        ("conversion_type_params", &CONVERSION),
    ],
};
static METRIC: Shape = Shape {
    keys: &[
        "config",
        "description",
        "filter",
        "label",
        "meta",
        "name",
        "tags",
        "time_granularity",
        "type",
        "type_params",
    ],
    below: &[("type_params", &TYPE_PARAMS)],
};
static ENTITY: Shape = flat(&["config", "description", "expr", "label", "name", "role", "type"]);
static DIMENSION: Shape = Shape {
    keys: &[
        "config",
        "description",
        "expr",
        "is_partition",
        "label",
        "name",
        "type",
        "type_params",
    ],
    below: &[("type_params", &flat(&["time_granularity", "validity_params"]))],
};
static MEASURE: Shape = Shape {
    keys: &[
        "agg",
        "agg_params",
        "agg_time_dimension",
        "config",
        "create_metric",
        "description",
        "expr",
        "label",
        "name",
        "non_additive_dimension",
    ],
    below: &[("non_additive_dimension", &flat(&["name", "window_choice", "window_groupings"]))],
};
static SEMANTIC_MODEL: Shape = Shape {
    keys: &[
        "config",
        "defaults",
        "description",
        "dimensions",
        "entities",
        "label",
        "measures",
        "model",
        "name",
        "primary_entity",
    ],
    below: &[("entities", &ENTITY), ("dimensions", &DIMENSION), ("measures", &MEASURE)],
};
static SAVED_QUERY: Shape = Shape {
    keys: &["config", "description", "exports", "label", "name", "query_params", "tags"],
    below: &[
        ("exports", &flat(&["config", "name"])),
        ("query_params", &flat(&["group_by", "limit", "metrics", "order_by", "where"])),
    ],
};

/// Refuses keys that a metric with `type_params` does not have.
pub(super) fn check_metric(written: &Value) -> Result<(), String> {
    check(written, &METRIC, "")
}

/// Refuses keys that a semantic model does not have.
pub(super) fn check_semantic_model(written: &Value) -> Result<(), String> {
    check(written, &SEMANTIC_MODEL, "")
}

/// Refuses keys that a saved query does not have.
pub(super) fn check_saved_query(written: &Value) -> Result<(), String> {
    check(written, &SAVED_QUERY, "")
}

fn check(written: &Value, shape: &Shape, place: &str) -> Result<(), String> {
    match written {
        Value::Array(items) => items.iter().try_for_each(|item| check(item, shape, place)),
        Value::Object(entries) => {
            if let Some(key) = entries.keys().find(|key| !shape.keys.contains(&key.as_str())) {
                let at = if place.is_empty() { String::new() } else { format!(" of `{place}`") };
                let near = source::suggest::did_you_mean(key, shape.keys.iter().copied());
                let near = near.map(|near| format!("; {near}")).unwrap_or_default();
                return Err(format!("the key `{key}`{at} means nothing{near}"));
            }
            shape.below.iter().try_for_each(|(key, below)| match entries.get(*key) {
                Some(value) => check(value, below, key),
                None => Ok(()),
            })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_that_mean_nothing_are_refused_wherever_they_stand() {
        let metric = |parameters: Value| json!({"name": "m", "type_params": parameters});
        assert_eq!(check_metric(&metric(json!({"measure": "m"}))), Ok(()));
        assert!(check_metric(&metric(json!({"measures": "m"}))).is_err());
        assert!(check_metric(&metric(json!({"metrics": [{"name": "m", "offset": 1}]}))).is_err());
        assert!(check_saved_query(&json!({"query_params": {"filter": ""}})).is_err());
        assert!(check_semantic_model(&json!({"measures": [{"aggregation": "sum"}]})).is_err());
    }
}
