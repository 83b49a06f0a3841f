//! How a table is partitioned: dbt's `partition_by`, as macros ask it.

use std::any::Any;
use std::fmt;

use adapter_interface::{MacroObject, MacroValue, MethodCall, WarehouseError, WarehouseErrorKind};
use indexmap::IndexMap;
use serde_json::{Value, json};

/// A partitioning; mirrors dbt-bigquery's `PartitionConfig`.
#[derive(Clone, PartialEq)]
pub(crate) struct Partition {
    /// The column.
    pub field: String,
    /// Its type: `date`, `datetime`, `timestamp` or `int64`.
    pub data_type: String,
    /// The length of a partition in time, such as `day`.
    pub granularity: String,
    /// `start`, `end` and `interval` of whole numbers.
    pub range: Option<Value>,
    /// Whether rows go into the partition of the moment at which they are loaded, or that the load says.
    pub is_by_ingestion: bool,
    /// Whether partitions are replaced by copying.
    pub copies_partitions: bool,
}

/// Templates print it so: as Python prints dbt's `PartitionConfig`.
impl fmt::Debug for Partition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let truth = |is_so: bool| if is_so { "True" } else { "False" };
        let range = self.range.as_ref().and_then(Value::as_object).map(|range| {
            let entries: Vec<_> =
                range.iter().map(|(key, value)| format!("'{key}': {value}")).collect();
            format!("{{{}}}", entries.join(", "))
        });
        write!(
            formatter,
            "PartitionConfig(field='{}', data_type='{}', granularity='{}', range={}, \
             time_ingestion_partitioning={}, copy_partitions={})",
            self.field,
            self.data_type,
            self.granularity,
            range.as_deref().unwrap_or("None"),
            truth(self.is_by_ingestion),
            truth(self.copies_partitions)
        )
    }
}

/// What `partition_by` may say.
const KEYS: [&str; 6] = [
    "field",
    "data_type",
    "granularity",
    "range",
    "time_ingestion_partitioning",
    "copy_partitions",
];

impl Partition {
    /// Reads `partition_by`; nothing for none.
    pub(crate) fn parse(raw: Option<&MacroValue>) -> Result<Option<Self>, WarehouseError> {
        let wrong =
            |message: String| Err(WarehouseError::new(WarehouseErrorKind::Configuration, message));
        let map = match raw {
            None | Some(MacroValue::Null) => return Ok(None),
            Some(MacroValue::Object(object)) => {
                return Ok(object.as_any().downcast_ref::<Self>().cloned());
            }
            Some(MacroValue::Map(map)) => map,
            Some(other) => {
                return wrong(format!(
                    "Invalid partition_by config:\n  Got: {}\n  Expected a dictionary with \"field\" and \"data_type\" keys",
                    other
                        .to_json()
                        .as_str()
                        .map_or_else(|| other.to_json().to_string(), str::to_owned)
                ));
            }
        };
        if let Some(unknown) = map.keys().find(|key| !KEYS.contains(&key.as_str())) {
            return wrong(format!(
                "Could not parse partition config: `partition_by` has no key `{unknown}`"
            ));
        }
        let text = |key: &str, usual: &str| match map.get(key) {
            None | Some(MacroValue::Null) => Some(usual.to_owned()),
            Some(value) => value.as_text().map(str::to_lowercase),
        };
        let is_set = |key: &str| map.get(key).is_some_and(MacroValue::is_true);
        let range = map.get("range").filter(|range| range.is_true()).map(MacroValue::to_json);
        match (text("field", ""), text("data_type", "date"), text("granularity", "day")) {
            (Some(field), Some(data_type), Some(granularity)) if !field.is_empty() => {
                Ok(Some(Self {
                    field,
                    data_type,
                    granularity,
                    range,
                    is_by_ingestion: is_set("time_ingestion_partitioning"),
                    copies_partitions: is_set("copy_partitions"),
                }))
            }
            _ => wrong(
                "Could not parse partition config: `partition_by` needs a `field`, and texts as `data_type` and `granularity`"
                    .to_owned(),
            ),
        }
    }

    /// The partitioning of a table as the service describes it.
    pub(crate) fn of_table(table: &Value) -> Option<Self> {
        let usual = Self {
            field: String::new(),
            data_type: "date".to_owned(),
            granularity: "day".to_owned(),
            range: None,
            is_by_ingestion: false,
            copies_partitions: false,
        };
        let by_time = &table["timePartitioning"];
        if by_time.is_object() {
            let field = by_time["field"].as_str().unwrap_or_default();
            let fields = table["schema"]["fields"].as_array();
            let own = fields.into_iter().flatten().find(|own| own["name"].as_str() == Some(field));
            let data_type = own.and_then(|own| own["type"].as_str()).unwrap_or("date");
            return Some(Self {
                field: field.to_lowercase(),
                data_type: data_type.to_lowercase(),
                granularity: by_time["type"].as_str().unwrap_or("DAY").to_lowercase(),
                is_by_ingestion: field.is_empty(),
                ..usual
            });
        }
        let by_range = &table["rangePartitioning"];
        by_range.is_object().then(|| {
            let range = &by_range["range"];
            Self {
                field: by_range["field"].as_str().unwrap_or_default().to_lowercase(),
                data_type: "int64".to_owned(),
                range: Some(json!({
                    "start": number(&range["start"]),
                    "end": number(&range["end"]),
                    "interval": number(&range["interval"]),
                })),
                ..usual
            }
        })
    }

    /// Whether a table with the other partitioning may be replaced by one with this.
    pub(crate) fn fits(&self, other: &Self) -> bool {
        if self.data_type == "int64" || other.data_type == "int64" {
            let ends = |partition: &Self| {
                let range = partition.range.clone().unwrap_or_default();
                ["start", "end", "interval"].map(|key| number(&range[key]))
            };
            return self.data_type == other.data_type
                && self.field == other.field
                && ends(self) == ends(other);
        }
        let has_same_field = self.is_by_ingestion && other.is_by_ingestion
            || !self.is_by_ingestion && self.field == other.field;
        has_same_field && self.granularity == other.granularity
    }

    fn data_type_for_partition(&self) -> &str {
        match (self.is_by_ingestion, self.data_type.as_str()) {
            (false, data_type) => data_type,
            (true, "date") => "date",
            (true, _) => "timestamp",
        }
    }

    fn is_truncated(&self) -> bool {
        !(self.data_type == "int64" || (self.data_type == "date" && self.granularity == "day"))
    }

    fn time_column(&self) -> &'static str {
        if self.data_type == "date" { "_PARTITIONDATE" } else { "_PARTITIONTIME" }
    }

    fn render(&self, alias: Option<&str>) -> String {
        let column = if self.is_by_ingestion { self.time_column() } else { &self.field };
        let column = alias.map_or_else(|| column.to_owned(), |alias| format!("{alias}.{column}"));
        if self.is_truncated() {
            format!("{}_trunc({column}, {})", self.data_type, self.granularity)
        } else {
            column
        }
    }

    /// The start of the partition that a row belongs to.
    fn render_wrapped(&self, alias: Option<&str>) -> String {
        let column = self.render(alias);
        if let (Some(range), "int64") = (&self.range, self.data_type.as_str()) {
            let (start, interval) = (shown(&range["start"]), shown(&range["interval"]));
            // With steps of one the bare column keeps partitions from being read that are not needed.
            return match interval.as_str() {
                "1" => column,
                _ => format!("({column} - MOD({column} - {start}, {interval}))"),
            };
        }
        let is_time = matches!(self.data_type.as_str(), "date" | "timestamp" | "datetime");
        let is_date_already = self.is_by_ingestion && self.data_type == "date";
        if is_time && !self.is_truncated() && !is_date_already {
            format!("{}({column})", self.data_type)
        } else {
            column
        }
    }
}

impl MacroObject for Partition {
    fn attribute(&self, name: &str) -> Option<MacroValue> {
        Some(match name {
            "field" => MacroValue::from(self.field.as_str()),
            "data_type" => MacroValue::from(self.data_type.as_str()),
            "granularity" => MacroValue::from(self.granularity.as_str()),
            "range" => self.range.as_ref().map_or(MacroValue::Null, MacroValue::from_json),
            "time_ingestion_partitioning" => MacroValue::from(self.is_by_ingestion),
            "copy_partitions" => MacroValue::from(self.copies_partitions),
            "PARTITION_DATE" => MacroValue::from("_PARTITIONDATE"),
            "PARTITION_TIME" => MacroValue::from("_PARTITIONTIME"),
            _ => return None,
        })
    }

    fn call(&self, call: &MethodCall<'_>) -> Option<Result<MacroValue, WarehouseError>> {
        let alias = || call.optional_text(0, "alias");
        Some(Ok(match call.name {
            "data_type_for_partition" => MacroValue::from(self.data_type_for_partition()),
            "data_type_should_be_truncated" => MacroValue::from(self.is_truncated()),
            "time_partitioning_field" => MacroValue::from(self.time_column()),
            "insertable_time_partitioning_field" => MacroValue::from("_PARTITIONTIME"),
            "render" => MacroValue::from(self.render(alias())),
            "render_wrapped" => MacroValue::from(self.render_wrapped(alias())),
            "reject_partition_field_column" => {
                let columns = call.columns(0, "columns").into_iter();
                let others =
                    columns.filter(|column| !column.name.eq_ignore_ascii_case(&self.field));
                MacroValue::List(others.map(MacroValue::Column).collect())
            }
            "to_dict" => MacroValue::Map(IndexMap::from([
                ("field".to_owned(), MacroValue::from(self.field.as_str())),
                ("data_type".to_owned(), MacroValue::from(self.data_type.as_str())),
                ("granularity".to_owned(), MacroValue::from(self.granularity.as_str())),
            ])),
            _ => return None,
        }))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A number that may be written as text: the service writes 64-bit numbers so.
fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &Value) -> Partition {
        Partition::parse(Some(&MacroValue::from_json(json))).unwrap().unwrap()
    }

    #[test]
    fn it_prints_as_in_python() {
        assert_eq!(
            format!("{:?}", parse(&json!({"field": "d"}))),
            "PartitionConfig(field='d', data_type='date', granularity='day', range=None, \
             time_ingestion_partitioning=False, copy_partitions=False)"
        );
        let range = json!({"field": "n", "data_type": "int64", "copy_partitions": true,
                           "range": {"start": 1, "end": 9, "interval": 2}});
        assert_eq!(
            format!("{:?}", parse(&range)),
            "PartitionConfig(field='n', data_type='int64', granularity='day', \
             range={'start': 1, 'end': 9, 'interval': 2}, \
             time_ingestion_partitioning=False, copy_partitions=True)"
        );
    }

    #[test]
    fn unknown_keys_are_refused() {
        let value = MacroValue::from_json(&json!({"field": "day", "expiration": 3}));
        let told = Partition::parse(Some(&value)).unwrap_err().message;
        assert!(told.contains("has no key `expiration`"), "{told}");
    }

    #[test]
    fn the_column_is_truncated_to_its_partition() {
        let cases = [
            (json!({"field": "Day"}), "day", "date(day)"),
            (
                json!({"field": "at", "data_type": "timestamp"}),
                "timestamp_trunc(at, day)",
                "timestamp_trunc(at, day)",
            ),
            (
                json!({"field": "day", "granularity": "month"}),
                "date_trunc(day, month)",
                "date_trunc(day, month)",
            ),
            (
                json!({"field": "id", "data_type": "int64", "range": {"start": 0, "end": 100, "interval": 10}}),
                "id",
                "(id - MOD(id - 0, 10))",
            ),
            (
                json!({"field": "day", "time_ingestion_partitioning": true}),
                "_PARTITIONDATE",
                "_PARTITIONDATE",
            ),
        ];
        for (raw, plain, wrapped) in cases {
            let partition = parse(&raw);
            assert_eq!(partition.render(None), plain);
            assert_eq!(partition.render_wrapped(None), wrapped);
        }
    }

    #[test]
    fn tables_fit_by_column_and_length_of_partitions() {
        let table = json!({
            "timePartitioning": {"type": "DAY", "field": "Day"},
            "schema": {"fields": [{"name": "Day", "type": "DATE"}]},
        });
        let own = Partition::of_table(&table).unwrap();
        assert!(parse(&json!({"field": "day"})).fits(&own));
        assert!(!parse(&json!({"field": "day", "granularity": "hour"})).fits(&own));
        assert!(!parse(&json!({"field": "other"})).fits(&own));
        let range = json!({"rangePartitioning": {"field": "id", "range": {"start": "0", "end": "9", "interval": "3"}}});
        let wanted = parse(
            &json!({"field": "id", "data_type": "int64", "range": {"start": 0, "end": 9, "interval": 3}}),
        );
        assert!(wanted.fits(&Partition::of_table(&range).unwrap()));
    }

    #[test]
    fn a_text_is_no_partitioning() {
        let error = Partition::parse(Some(&MacroValue::from("day"))).unwrap_err();
        assert!(error.message.starts_with("Invalid partition_by config:\n  Got: day"));
    }
}
