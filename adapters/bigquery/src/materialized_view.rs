//! Materialized views: how one is configured, how one is, and what that makes to do.

use std::any::Any;
use std::sync::Arc;

use adapter_interface::{MacroObject, MacroValue, MethodCall, WarehouseError};
use indexmap::IndexMap;
use serde_json::{Value, json};

use crate::options::{description_literal, entries, expiration, given, pairs, shown};
use crate::partition::Partition;

/// A materialized view; mirrors dbt-bigquery's `BigQueryMaterializedViewConfig`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MaterializedView {
    options: ViewOptions,
    partition: Option<Partition>,
    cluster: Vec<String>,
}

/// The options of a materialized view.
#[derive(Debug, Clone, PartialEq)]
struct ViewOptions {
    is_refreshed: bool,
    refresh_minutes: Option<f64>,
    /// The end as SQL.
    expiration: Option<String>,
    max_staleness: Option<String>,
    kms_key: Option<String>,
    description: Option<String>,
    labels: IndexMap<String, String>,
    tags: IndexMap<String, String>,
}

/// What is different from how it should be; mirrors `BigQueryMaterializedViewConfigChangeset`.
#[derive(Debug)]
struct Changes {
    options: Option<ViewOptions>,
    has_other_partition: bool,
    has_other_cluster: bool,
}

/// BigQuery refreshes every half hour where nothing else is said.
const USUAL_REFRESH: f64 = 30.0;

/// `Relation.materialized_view_from_relation_config(node)`.
pub(crate) fn configured(call: &MethodCall<'_>) -> Result<MacroValue, WarehouseError> {
    Ok(MacroValue::Object(Arc::new(of_node(&call.map(0, "relation_config")?)?)))
}

/// `Relation.materialized_view_config_changeset(existing, node)`; nothing where all is as it should be.
pub(crate) fn changes(call: &MethodCall<'_>) -> Result<MacroValue, WarehouseError> {
    let existing = match call.argument(0, "existing_materialized_view") {
        Some(MacroValue::Object(object)) => object.clone(),
        _ => return Ok(MacroValue::Null),
    };
    let Some(existing) = existing.as_any().downcast_ref::<MaterializedView>() else {
        return Err(call.lacks("existing_materialized_view", "what describe_relation() gave"));
    };
    let wanted = of_node(&call.map(1, "relation_config")?)?;
    let sorted = |names: &[String]| {
        let mut names = names.to_vec();
        names.sort();
        names
    };
    let has_other_partition = match (&wanted.partition, &existing.partition) {
        (None, None) => false,
        (Some(wanted), Some(existing)) => !wanted.fits(existing),
        _ => true,
    };
    let changes = Changes {
        options: (wanted.options != existing.options).then_some(wanted.options),
        has_other_partition,
        has_other_cluster: sorted(&wanted.cluster) != sorted(&existing.cluster),
    };
    let is_none =
        changes.options.is_none() && !changes.has_other_partition && !changes.has_other_cluster;
    Ok(if is_none { MacroValue::Null } else { MacroValue::Object(Arc::new(changes)) })
}

fn of_node(node: &IndexMap<String, MacroValue>) -> Result<MaterializedView, WarehouseError> {
    let config = entries(node, "config")?;
    let is_refreshed = match given(&config, "enable_refresh") {
        None => true,
        Some(MacroValue::Text(text)) => text.eq_ignore_ascii_case("true"),
        Some(value) => value.is_true(),
    };
    let minutes = given(&config, "refresh_interval_minutes").map(shown);
    let minutes = minutes.and_then(|text| text.parse().ok()).unwrap_or(USUAL_REFRESH);
    let persists = given(&config, "persist_docs").and_then(|docs| docs.get("relation"));
    let description = given(node, "description").map(shown).filter(|text| !text.is_empty());
    let texts = |name: &str| -> Result<IndexMap<String, String>, WarehouseError> {
        Ok(entries(&config, name)?.iter().map(|(key, value)| (key.clone(), shown(value))).collect())
    };
    let cluster = match given(&config, "cluster_by") {
        Some(MacroValue::List(names)) => names.iter().map(shown).collect(),
        Some(name) => vec![shown(name)],
        None => Vec::new(),
    };
    let end = given(&config, "hours_to_expiration").map(|hours| shown(&expiration(hours)));
    Ok(MaterializedView {
        options: ViewOptions {
            is_refreshed,
            refresh_minutes: is_refreshed.then_some(minutes),
            expiration: end.or_else(|| given(&config, "expiration_timestamp").map(shown)),
            max_staleness: given(&config, "max_staleness").filter(|_| is_refreshed).map(shown),
            kms_key: given(&config, "kms_key_name").map(shown),
            description: description.filter(|_| persists.is_some_and(MacroValue::is_true)),
            labels: texts("labels")?,
            tags: texts("resource_tags")?,
        },
        partition: Partition::parse(given(&config, "partition_by"))?,
        cluster,
    })
}

impl MaterializedView {
    /// A view as the service describes it (`tables.get`).
    pub(crate) fn of_table(table: &Value) -> Self {
        let view = &table["materializedView"];
        let is_refreshed = view["enableRefresh"].as_bool().unwrap_or(true);
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let interval = text(&view["refreshIntervalMs"]).and_then(|text| text.parse::<f64>().ok());
        let minutes = interval.map_or(USUAL_REFRESH, |milliseconds| milliseconds / 60_000.0);
        let texts = |value: &Value| {
            let entries = value.as_object().into_iter().flatten();
            entries.filter_map(|(key, value)| Some((key.clone(), text(value)?))).collect()
        };
        let cluster = table["clustering"]["fields"].as_array().into_iter().flatten();
        Self {
            options: ViewOptions {
                is_refreshed,
                refresh_minutes: is_refreshed.then_some(minutes),
                expiration: text(&table["expirationTime"]),
                max_staleness: text(&view["maxStaleness"]).or_else(|| text(&table["maxStaleness"])),
                kms_key: text(&table["encryptionConfiguration"]["kmsKeyName"]),
                description: text(&table["description"]),
                labels: texts(&table["labels"]),
                tags: texts(&table["resourceTags"]),
            },
            partition: Partition::of_table(table),
            cluster: cluster.filter_map(text).collect(),
        }
    }
}

impl ViewOptions {
    /// The options as SQL.
    fn ddl(&self) -> MacroValue {
        let quoted = |text: &String| MacroValue::from(format!("'{text}'"));
        let plain = |text: &String| MacroValue::from(text.as_str());
        let named = |texts: &IndexMap<String, String>| {
            let entries = texts.iter().map(|(key, value)| (key.clone(), value.as_str().into()));
            (!texts.is_empty()).then(|| pairs(&entries.collect()))
        };
        let options = [
            ("enable_refresh", Some(MacroValue::from(self.is_refreshed))),
            ("refresh_interval_minutes", self.refresh_minutes.map(MacroValue::Float)),
            ("expiration_timestamp", self.expiration.as_ref().map(plain)),
            ("max_staleness", self.max_staleness.as_ref().map(plain)),
            ("kms_key_name", self.kms_key.as_ref().map(quoted)),
            (
                "description",
                self.description.as_deref().map(description_literal).map(MacroValue::from),
            ),
            ("labels", named(&self.labels)),
            ("tags", named(&self.tags)),
        ];
        let options = options.into_iter();
        MacroValue::Map(
            options.filter_map(|(name, value)| Some((name.to_owned(), value?))).collect(),
        )
    }
}

/// Something with a method `as_ddl_dict`, as dbt's macros call it.
#[derive(Debug)]
struct OptionsThing(ViewOptions);

impl MacroObject for OptionsThing {
    fn attribute(&self, _: &str) -> Option<MacroValue> {
        None
    }

    fn call(&self, call: &MethodCall<'_>) -> Option<Result<MacroValue, WarehouseError>> {
        (call.name == "as_ddl_dict").then(|| Ok(self.0.ddl()))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn options_thing(options: &ViewOptions) -> MacroValue {
    MacroValue::Object(Arc::new(OptionsThing(options.clone())))
}

impl MacroObject for MaterializedView {
    fn attribute(&self, name: &str) -> Option<MacroValue> {
        Some(match name {
            "options" => options_thing(&self.options),
            "partition" => self
                .partition
                .clone()
                .map_or(MacroValue::Null, |partition| MacroValue::Object(Arc::new(partition))),
            "cluster" if self.cluster.is_empty() => MacroValue::Null,
            "cluster" => MacroValue::from_json(&json!({"fields": self.cluster})),
            _ => return None,
        })
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl MacroObject for Changes {
    fn attribute(&self, name: &str) -> Option<MacroValue> {
        let context =
            |value: MacroValue| MacroValue::Map(IndexMap::from([("context".to_owned(), value)]));
        Some(match name {
            "options" => self
                .options
                .as_ref()
                .map_or(MacroValue::Null, |options| context(options_thing(options))),
            // BigQuery changes neither in place.
            "partition" if self.has_other_partition => context(MacroValue::Null),
            "cluster" if self.has_other_cluster => context(MacroValue::Null),
            "partition" | "cluster" => MacroValue::Null,
            "requires_full_refresh" => {
                MacroValue::from(self.has_other_partition || self.has_other_cluster)
            }
            "has_changes" => MacroValue::from(true),
            _ => return None,
        })
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes_of(existing: &Value, config: &Value) -> Option<(bool, bool)> {
        let call = MethodCall {
            name: "Relation.materialized_view_config_changeset",
            positional: vec![
                MacroValue::Object(Arc::new(MaterializedView::of_table(existing))),
                MacroValue::from_json(&json!({"config": config})),
            ],
            keywords: IndexMap::new(),
        };
        match changes(&call).unwrap() {
            MacroValue::Object(changes) => Some((
                changes.attribute("options").unwrap().is_true(),
                changes.attribute("requires_full_refresh").unwrap().is_true(),
            )),
            _ => None,
        }
    }

    #[test]
    fn only_what_differs_is_a_change() {
        let existing = json!({
            "materializedView": {"enableRefresh": true, "refreshIntervalMs": "3600000"},
            "clustering": {"fields": ["a", "b"]},
        });
        let same = json!({"refresh_interval_minutes": 60, "cluster_by": ["b", "a"]});
        assert_eq!(changes_of(&existing, &same), None);
        let other = json!({"refresh_interval_minutes": 30, "cluster_by": ["a", "b"]});
        assert_eq!(changes_of(&existing, &other), Some((true, false)));
        let partitioned = json!({
            "refresh_interval_minutes": 60, "cluster_by": ["a", "b"],
            "partition_by": {"field": "day"},
        });
        assert_eq!(changes_of(&existing, &partitioned), Some((false, true)));
    }
}
