//! What a model of a property file says of itself as a semantic model: `semantic_model`, `metrics`, `derived_semantics`, and
//! `dimension` and `entity` of its columns (dbt's newer YAML). It becomes the definitions that would say the same under
//! `semantic_models:` and `metrics:`.

use project::properties::{ColumnProperties, ResourceProperties};
use serde_json::{Map, Value, json};

/// The definitions that a model holds, as they would be written by themselves.
#[derive(Debug, Default, PartialEq)]
pub struct ModelSemantics {
    /// The semantic model.
    pub model: Option<Value>,
    /// The metrics.
    pub metrics: Vec<Value>,
}

const MODEL_KEYS: [&str; 4] = ["name", "enabled", "group", "config"];

/// The definitions of a model; an error is for people.
pub fn of_model(properties: &ResourceProperties) -> Result<ModelSemantics, String> {
    let Some(name) = &properties.name else { return Ok(ModelSemantics::default()) };
    let of = |key: &str| properties.other.get(key).filter(|value| !value.is_null());
    let switch = of("semantic_model").filter(|value| **value != Value::Bool(false));
    let own = switch.and_then(Value::as_object);
    if let Some(key) =
        own.into_iter().flat_map(Map::keys).find(|key| !MODEL_KEYS.contains(&key.as_str()))
    {
        return Err(format!(
            "`{key}` is no key of `semantic_model`; there are {}",
            MODEL_KEYS.join(", ")
        ));
    }
    let semantic_name =
        own.and_then(|own| own.get("name")).and_then(Value::as_str).unwrap_or(&name.value);
    let mut semantics = ModelSemantics::default();
    if switch.is_some() {
        let derived = |key: &str| -> Result<Vec<Value>, String> {
            let written = of("derived_semantics").and_then(|derived| derived.get(key));
            match written {
                None | Some(Value::Null) => Ok(Vec::new()),
                Some(Value::Array(items)) => Ok(items.clone()),
                Some(_) => Err(format!("`{key}` of `derived_semantics` is a list")),
            }
        };
        let mut dimensions: Vec<Value> =
            properties.columns.iter().filter_map(column_dimension).collect();
        for dimension in derived("dimensions")? {
            dimensions.push(derived_dimension(dimension)?);
        }
        let mut entities: Vec<Value> =
            properties.columns.iter().filter_map(column_entity).collect();
        entities.extend(derived("entities")?);
        let mut config = Map::new();
        if let Some(own) = own {
            // As in dbt, which says so only beside a `config`.
            if own.get("config").is_some_and(|config| !config.is_null()) {
                config.insert("enabled".to_owned(), json!(true));
            }
            for key in ["enabled", "group"] {
                config.extend(own.get(key).map(|value| (key.to_owned(), value.clone())));
            }
            let meta = own.get("config").and_then(|config| config.get("meta"));
            config.extend(meta.map(|meta| ("meta".to_owned(), meta.clone())));
        }
        semantics.model = Some(json!({
            "name": semantic_name,
            "model": format!("ref('{}')", name.value),
            "description": properties.description,
            "defaults": {"agg_time_dimension": of("agg_time_dimension")},
            "primary_entity": of("primary_entity"),
            "entities": entities,
            "dimensions": dimensions,
            "config": config,
        }));
    }
    let metrics = match of("metrics") {
        None => &[][..],
        Some(Value::Array(metrics)) => metrics,
        Some(_) => return Err("`metrics` of a model is a list".to_owned()),
    };
    for metric in metrics {
        let mut metric = metric.clone();
        let is_simple = metric.get("type").and_then(Value::as_str).unwrap_or("simple") == "simple";
        if let Some(entries) = metric.as_object_mut().filter(|_| is_simple) {
            entries.insert(SEMANTIC_MODEL.to_owned(), json!(semantic_name));
            if entries.get("agg_time_dimension").is_none_or(Value::is_null) {
                let default = of("agg_time_dimension").cloned().unwrap_or_default();
                entries.insert("agg_time_dimension".to_owned(), default);
            }
        }
        semantics.metrics.push(metric);
    }
    Ok(semantics)
}

/// The key under which a simple metric of a model knows its semantic model; no file can write it.
pub const SEMANTIC_MODEL: &str = " semantic model";

fn meta_of(column: &ColumnProperties) -> Map<String, Value> {
    let meta = column.config.get("meta").and_then(Value::as_object);
    meta.cloned().unwrap_or_else(|| {
        column.meta.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
    })
}

fn time_parameters(granularity: Option<&str>, validity: Option<&Value>) -> Value {
    match granularity {
        None => Value::Null,
        Some(granularity) => json!({"time_granularity": granularity, "validity_params": validity}),
    }
}

/// `dimension:` of a column: its kind, or a mapping.
fn column_dimension(column: &ColumnProperties) -> Option<Value> {
    let name = &column.name.value;
    match column.other.get("dimension")? {
        Value::String(kind) => Some(json!({
            "name": name, "type": kind, "description": column.description,
            "config": {"meta": meta_of(column)},
        })),
        Value::Object(own) => {
            let mut meta = meta_of(column);
            let more = own.get("config").and_then(|config| config.get("meta"));
            meta.extend(more.and_then(Value::as_object).cloned().unwrap_or_default());
            let own_name = own.get("name").and_then(Value::as_str).unwrap_or(name);
            let description = own.get("description").filter(|text| !text.is_null());
            Some(json!({
                "name": own_name,
                "type": own.get("type"),
                "description": description.cloned().unwrap_or_else(|| json!(column.description)),
                "label": own.get("label"),
                "is_partition": own.get("is_partition"),
                "type_params": time_parameters(column.granularity.as_deref(), own.get("validity_params")),
                "expr": (own_name != name).then_some(name),
                "config": {"meta": meta},
            }))
        }
        _ => None,
    }
}

/// An entry of `dimensions` of `derived_semantics`.
fn derived_dimension(mut written: Value) -> Result<Value, String> {
    let granularity = written.get("granularity").and_then(Value::as_str).map(str::to_owned);
    let validity = written.get("validity_params").filter(|own| !own.is_null()).cloned();
    if validity.is_some() && granularity.is_none() {
        return Err("a derived dimension with `validity_params` needs a `granularity`".to_owned());
    }
    if written.get("expr").is_none_or(Value::is_null) {
        return Err("a derived dimension needs an `expr`".to_owned());
    }
    let parameters = time_parameters(granularity.as_deref(), validity.as_ref());
    if let Some(entries) = written.as_object_mut() {
        entries.insert("type_params".to_owned(), parameters);
    }
    Ok(written)
}

/// `entity:` of a column: its kind, or a mapping.
fn column_entity(column: &ColumnProperties) -> Option<Value> {
    let name = &column.name.value;
    match column.other.get("entity")? {
        Value::String(kind) => Some(json!({
            "name": name, "type": kind, "description": column.description,
            "config": {"meta": meta_of(column)},
        })),
        Value::Object(own) => {
            let own_name = own.get("name").and_then(Value::as_str).unwrap_or(name);
            let meta = own.get("config").and_then(|config| config.get("meta")).cloned();
            Some(json!({
                "name": own_name,
                "type": own.get("type"),
                "description": own.get("description").filter(|text| !text.is_null()).unwrap_or(&json!(column.description)),
                "label": own.get("label"),
                "expr": (own_name != name).then_some(name),
                "config": {"meta": meta.unwrap_or_else(|| Value::Object(meta_of(column)))},
            }))
        }
        _ => None,
    }
}
