//! The type of a result table's column (dbt: agate's `DataType`s, as `agate_helper` tests for them).

use std::fmt;
use std::sync::Arc;

use adapter_interface::SeedType;
use minijinja::value::{Object, ObjectRepr, Value, ValueKind};
use minijinja::{Error, ErrorKind, State};

use crate::context::plain::{none, text_of};
use crate::python::arguments::Arguments;
use crate::python::datetime::{Date, Moment};
use crate::python::decimal::Decimal;

/// What the values of a column have in common; null is of every type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DataType {
    Integer,
    Number,
    Date,
    DateTime,
    Boolean,
    Text,
}

impl DataType {
    /// The first type that all values have; of no values that is `Integer`.
    pub(super) fn of(values: &[Value]) -> Self {
        let known: Vec<Self> =
            values.iter().filter(|value| !value.is_none()).map(Self::of_value).collect();
        let Some(first) = known.first() else { return Self::Integer };
        let is_number = |kind: &Self| matches!(kind, Self::Integer | Self::Number);
        if known.iter().all(|kind| kind == first) {
            *first
        } else if known.iter().all(is_number) {
            Self::Number
        } else {
            Self::Text
        }
    }

    fn of_value(value: &Value) -> Self {
        match value.kind() {
            ValueKind::Bool => Self::Boolean,
            ValueKind::Number if value.is_integer() => Self::Integer,
            ValueKind::Number => Self::Number,
            _ if Decimal::of(value).is_some() => Self::Number,
            _ if value.downcast_object_ref::<Moment>().is_some() => Self::DateTime,
            _ if value.downcast_object_ref::<Date>().is_some() => Self::Date,
            _ => Self::Text,
        }
    }

    /// What dbt's `convert_type` takes the values for: numbers are whole where none of them has decimals.
    pub(super) fn seed_type(values: &[Value]) -> SeedType {
        match Self::of(values) {
            Self::Number if values.iter().any(has_decimals) => SeedType::Number,
            Self::Integer | Self::Number => SeedType::Integer,
            Self::Date => SeedType::Date,
            Self::DateTime => SeedType::Timestamp,
            Self::Boolean => SeedType::Boolean,
            Self::Text => SeedType::Text,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Integer => "Integer",
            Self::Number => "Number",
            Self::Date => "Date",
            Self::DateTime => "DateTime",
            Self::Boolean => "Boolean",
            Self::Text => "Text",
        }
    }

    /// The text of a value in a file of comma-separated values.
    pub(super) fn csv(self, value: &Value) -> Value {
        match self {
            _ if value.is_none() => none(),
            Self::DateTime => Value::from(text_of(value).replacen(' ', "T", 1)),
            _ => Value::from(text_of(value)),
        }
    }

    /// The value in JSON.
    fn json(self, value: &Value) -> Value {
        match self {
            Self::Integer | Self::Boolean => value.clone(),
            Self::Number => {
                let number = Decimal::of(value).map(Decimal::to_float);
                number.or_else(|| f64::try_from(value.clone()).ok()).map_or_else(none, Value::from)
            }
            Self::Date | Self::DateTime | Self::Text => self.csv(value),
        }
    }
}

fn has_decimals(value: &Value) -> bool {
    match Decimal::of(value) {
        Some(decimal) => decimal.is_finite() && decimal.to_whole().is_none(),
        None => f64::try_from(value.clone()).is_ok_and(|number| number.fract() != 0.0),
    }
}

impl Object for DataType {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        arguments: &[Value],
    ) -> Result<Value, Error> {
        let mut arguments = Arguments::new(method, arguments);
        let answer: fn(Self, &Value) -> Value = match method {
            "csvify" => Self::csv,
            "jsonify" => Self::json,
            _ => return Err(Error::from(ErrorKind::UnknownMethod)),
        };
        let value = arguments.required("d")?;
        arguments.finish()?;
        Ok(answer(**self, &value))
    }

    fn render(self: &Arc<Self>, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "<agate.{}>", self.name())
    }
}

#[cfg(test)]
mod tests {
    use minijinja::Value;

    use super::DataType;
    use crate::python::datetime::{parse_date, parse_datetime};
    use crate::python::decimal::Decimal;

    #[test]
    fn a_column_has_the_type_that_all_its_values_have() {
        let decimal = || Value::from(Decimal::parse("1.5").unwrap());
        let of = |values: &[Value]| DataType::of(values);
        assert_eq!(of(&[]), DataType::Integer);
        assert_eq!(of(&[Value::from(()), Value::from(2)]), DataType::Integer);
        assert_eq!(of(&[decimal(), Value::from(2)]), DataType::Number);
        assert_eq!(of(&[parse_date("2024-01-02").unwrap()]), DataType::Date);
        assert_eq!(of(&[Value::from(true), Value::from("true")]), DataType::Text);
    }

    #[test]
    fn numbers_are_floats_in_json_and_moments_texts() {
        let decimal = Value::from(Decimal::parse("2").unwrap());
        assert_eq!(DataType::Number.json(&decimal).to_string(), "2.0");
        let moment = parse_datetime("2024-01-02 03:04:05").unwrap();
        assert_eq!(DataType::DateTime.json(&moment).to_string(), "2024-01-02T03:04:05");
        assert!(DataType::Text.json(&Value::from(())).is_none());
    }
}
