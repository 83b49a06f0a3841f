//! Methods of `adapter` that only one adapter's macros call, and the values they take and give.
//!
//! dbt's adapters bring methods of their own, such as `adapter.parse_partition_by(…)` of dbt-bigquery. The template
//! engine knows none of them: an adapter lists their names, and gets and gives plain values.

use std::any::Any;
use std::fmt::Debug;
use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

use crate::column::Column;
use crate::error::{WarehouseError, WarehouseErrorKind};
use crate::relation::Relation;
use crate::rows::Rows;

/// A value on its way between macros and an adapter's own method.
#[derive(Debug, Clone)]
pub enum MacroValue {
    /// Python's `None`, also for what is undefined.
    Null,
    /// True or false.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// Text, also of anything that has no form of its own here.
    Text(String),
    /// A list.
    List(Vec<MacroValue>),
    /// A dictionary; also the configuration of a node.
    Map(IndexMap<String, MacroValue>),
    /// A relation.
    Relation(Relation),
    /// A column.
    Column(Column),
    /// A thing of the adapter's own.
    Object(Arc<dyn MacroObject>),
    /// A table, as a query would have given it.
    Rows(Rows),
}

/// A thing of an adapter's own that macros handle, such as the partitioning of a table.
pub trait MacroObject: Debug + Send + Sync {
    /// An attribute; `None` where there is none of the name.
    fn attribute(&self, name: &str) -> Option<MacroValue>;

    /// A method; `None` where there is none of the name.
    fn call(&self, _call: &MethodCall<'_>) -> Option<Result<MacroValue, WarehouseError>> {
        None
    }

    /// The thing itself, for the adapter that gets it back.
    fn as_any(&self) -> &dyn Any;
}

/// A call of a method with its arguments.
#[derive(Debug, Clone)]
pub struct MethodCall<'a> {
    /// The method's name; `Relation.name` and `Column.name` for those of dbt's classes, `relation.name` for those of a
    /// relation itself, which is the first argument.
    pub name: &'a str,
    /// The arguments without a name.
    pub positional: Vec<MacroValue>,
    /// The arguments with a name.
    pub keywords: IndexMap<String, MacroValue>,
}

impl MethodCall<'_> {
    /// The argument at a place, or of a name; nothing for none.
    pub fn argument(&self, place: usize, name: &str) -> Option<&MacroValue> {
        self.positional
            .get(place)
            .or_else(|| self.keywords.get(name))
            .filter(|value| !matches!(value, MacroValue::Null))
    }

    /// An argument that is text.
    pub fn text(&self, place: usize, name: &str) -> Result<&str, WarehouseError> {
        self.optional_text(place, name).ok_or_else(|| self.lacks(name, "a text"))
    }

    /// An argument that is text, when it is given.
    pub fn optional_text(&self, place: usize, name: &str) -> Option<&str> {
        self.argument(place, name).and_then(MacroValue::as_text)
    }

    /// An argument that is a relation.
    pub fn relation(&self, place: usize, name: &str) -> Result<&Relation, WarehouseError> {
        match self.argument(place, name) {
            Some(MacroValue::Relation(relation)) => Ok(relation),
            _ => Err(self.lacks(name, "a relation")),
        }
    }

    /// An argument that is a dictionary; an empty one where it is left out.
    pub fn map(
        &self,
        place: usize,
        name: &str,
    ) -> Result<IndexMap<String, MacroValue>, WarehouseError> {
        match self.argument(place, name) {
            None => Ok(IndexMap::new()),
            Some(MacroValue::Map(map)) => Ok(map.clone()),
            Some(_) => Err(self.lacks(name, "a dictionary")),
        }
    }

    /// The columns of an argument that is a list of them; none where it is left out.
    pub fn columns(&self, place: usize, name: &str) -> Vec<Column> {
        let Some(MacroValue::List(items)) = self.argument(place, name) else { return Vec::new() };
        let column = |item: &MacroValue| match item {
            MacroValue::Column(column) => Some(column.clone()),
            _ => None,
        };
        items.iter().filter_map(column).collect()
    }

    /// The error of a call whose argument is missing or of a wrong kind.
    pub fn lacks(&self, argument: &str, wanted: &str) -> WarehouseError {
        WarehouseError::new(
            WarehouseErrorKind::Configuration,
            format!("adapter.{}() needs {wanted} as `{argument}`", self.name),
        )
    }
}

impl MacroValue {
    /// The text, when it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether Python takes the value for true.
    pub fn is_true(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Boolean(truth) => *truth,
            Self::Integer(number) => *number != 0,
            Self::Float(number) => *number != 0.0,
            Self::Text(text) => !text.is_empty(),
            Self::List(items) => !items.is_empty(),
            Self::Map(map) => !map.is_empty(),
            Self::Relation(_) | Self::Column(_) | Self::Object(_) | Self::Rows(_) => true,
        }
    }

    /// The value of a key, when this is a dictionary that has it and it is not none.
    pub fn get(&self, key: &str) -> Option<&MacroValue> {
        match self {
            Self::Map(map) => map.get(key).filter(|value| !matches!(value, Self::Null)),
            _ => None,
        }
    }

    /// The same as JSON; what JSON has no form for becomes null.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Null | Self::Relation(_) | Self::Column(_) | Self::Object(_) | Self::Rows(_) => {
                Value::Null
            }
            Self::Boolean(truth) => Value::from(*truth),
            Self::Integer(number) => Value::from(*number),
            Self::Float(number) => Value::from(*number),
            Self::Text(text) => Value::from(text.as_str()),
            Self::List(items) => items.iter().map(Self::to_json).collect(),
            Self::Map(map) => Value::Object(
                map.iter().map(|(key, value)| (key.clone(), value.to_json())).collect(),
            ),
        }
    }

    /// The value of JSON.
    pub fn from_json(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(truth) => Self::Boolean(*truth),
            Value::Number(number) => number
                .as_i64()
                .map_or_else(|| Self::Float(number.as_f64().unwrap_or(f64::NAN)), Self::Integer),
            Value::String(text) => Self::Text(text.clone()),
            Value::Array(items) => Self::List(items.iter().map(Self::from_json).collect()),
            Value::Object(map) => Self::Map(
                map.iter().map(|(key, value)| (key.clone(), Self::from_json(value))).collect(),
            ),
        }
    }
}

impl From<&str> for MacroValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for MacroValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for MacroValue {
    fn from(truth: bool) -> Self {
        Self::Boolean(truth)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_comes_back_as_it_went() {
        let value = json!({"a": [1, 1.5, "x", null, true], "b": {}});
        assert_eq!(MacroValue::from_json(&value).to_json(), value);
    }

    #[test]
    fn arguments_are_found_by_place_and_by_name() {
        let call = MethodCall {
            name: "copy_table",
            positional: vec!["a".into()],
            keywords: IndexMap::from([("kind".to_owned(), "table".into())]),
        };
        assert_eq!(call.text(0, "source").unwrap(), "a");
        assert_eq!(call.text(2, "kind").unwrap(), "table");
        assert_eq!(
            call.relation(1, "destination").unwrap_err().message,
            "adapter.copy_table() needs a relation as `destination`"
        );
    }
}
