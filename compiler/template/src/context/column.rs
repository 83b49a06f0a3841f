//! Columns as templates see them; mirrors dbt's `Column`.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use adapter_interface::{Column, ColumnClass, Dialect};
use minijinja::value::{DynObject, Object, ObjectRepr, Value};
use minijinja::{Error, ErrorKind, State};

use super::own_method;
use super::plain::{list, optional_text_of, text_of};
use crate::python::arguments::Arguments;

/// A column with the dialect that knows its type.
#[derive(Clone)]
pub(crate) struct ColumnObject {
    /// The column.
    pub(crate) column: Column,
    /// Who knows its type.
    pub(crate) dialect: Arc<dyn Dialect>,
}

impl ColumnObject {
    /// A template's value for a column.
    pub(crate) fn value(column: Column, dialect: &Arc<dyn Dialect>) -> Value {
        Value::from_object(Self { column, dialect: dialect.clone() })
    }

    /// A template's list of columns.
    pub(crate) fn values(columns: Vec<Column>, dialect: &Arc<dyn Dialect>) -> Value {
        list(columns.into_iter().map(|column| Self::value(column, dialect)))
    }

    fn class(&self) -> ColumnClass {
        self.dialect.classify(&self.column.data_type)
    }

    /// dbt's `string_size`: an error for what is no text; 256 where the size is not known.
    fn string_size(&self) -> Result<u64, Error> {
        if self.class() != ColumnClass::Text {
            return Err(Error::new(
                ErrorKind::InvalidOperation,
                "Called string_size() on non-string field!",
            ));
        }
        let is_text = self.column.data_type.eq_ignore_ascii_case("text");
        Ok(if is_text { 256 } else { self.dialect.text_size(&self.column) })
    }
}

/// A column as the columns without fields inside it, by their whole names, such as `address.street`.
fn flattened(column: &Column, parent: Option<&str>) -> Vec<Column> {
    let name =
        parent.map_or_else(|| column.name.clone(), |parent| format!("{parent}.{}", column.name));
    if column.fields.is_empty() {
        return vec![Column { name, ..column.clone() }];
    }
    column.fields.iter().flat_map(|field| flattened(field, Some(&name))).collect()
}

impl fmt::Debug for ColumnObject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "<Column {} ({})>",
            self.column.name,
            self.dialect.data_type(&self.column)
        )
    }
}

impl Object for ColumnObject {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let column = &self.column;
        let size = |size: Option<u64>| size.map_or_else(|| Value::from(()), Value::from);
        Some(match key.as_str()? {
            "name" | "column" => Value::from(column.name.as_str()),
            "quoted" => Value::from(self.dialect.quote(&column.name)),
            "dtype" => Value::from(column.data_type.as_str()),
            "data_type" | "expanded_data_type" => Value::from(self.dialect.data_type(column)),
            "char_size" => size(column.character_size),
            "numeric_precision" => size(column.numeric_precision),
            "numeric_scale" => size(column.numeric_scale),
            "mode" => Value::from(column.mode.as_str()),
            "fields" => ColumnObject::values(column.fields.clone(), &self.dialect),
            _ => return None,
        })
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        arguments: &[Value],
    ) -> Result<Value, Error> {
        let class = self.class();
        Ok(match method {
            "is_string" => Value::from(class == ColumnClass::Text),
            "is_integer" => Value::from(class == ColumnClass::Integer),
            "is_float" => Value::from(class == ColumnClass::Float),
            "is_numeric" => Value::from(class == ColumnClass::Numeric),
            "is_number" => Value::from(matches!(
                class,
                ColumnClass::Integer | ColumnClass::Float | ColumnClass::Numeric
            )),
            "string_size" => Value::from(self.string_size()?),
            "can_expand_to" => {
                let other = Arguments::new("can_expand_to", arguments).required("other_column")?;
                let other = other.downcast_object_ref::<Self>().ok_or_else(|| {
                    Error::new(ErrorKind::InvalidOperation, "can_expand_to() takes a column")
                })?;
                let are_text = class == ColumnClass::Text && other.class() == ColumnClass::Text;
                Value::from(are_text && other.string_size()? > self.string_size()?)
            }
            "literal" => {
                let value = Arguments::new("literal", arguments).required("value")?;
                Value::from(self.dialect.typed_literal(&text_of(&value), &self.column))
            }
            "flatten" => ColumnObject::values(flattened(&self.column, None), &self.dialect),
            _ => {
                let class = Arc::new(ColumnClassObject { dialect: self.dialect.clone() });
                return class.call_method(state, method, arguments);
            }
        })
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        let other = other.downcast_ref::<Self>()?;
        let key = |column: &Column| {
            (column.name.clone(), column.data_type.clone(), column.character_size)
        };
        Some(key(&self.column).cmp(&key(&other.column)))
    }

    fn render(self: &Arc<Self>, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self:?}")
    }
}

/// `api.Column`: the class, for `create` and `translate_type`.
#[derive(Debug)]
pub(crate) struct ColumnClassObject {
    /// Who knows the types.
    pub(crate) dialect: Arc<dyn Dialect>,
}

impl ColumnClassObject {
    fn create(&self, arguments: &[Value]) -> Result<Value, Error> {
        let mut arguments = Arguments::new("Column", arguments);
        let name = match arguments.take("column") {
            Some(name) => text_of(&name),
            None => text_of(&arguments.required("name")?),
        };
        let data_type = self.dialect.translate_type(&text_of(&arguments.required("dtype")?));
        let mut column = Column::new(name, data_type);
        let mut size =
            |name: &str| arguments.take(name).and_then(|size| u64::try_from(size.as_i64()?).ok());
        column.character_size = size("char_size");
        column.numeric_precision = size("numeric_precision");
        column.numeric_scale = size("numeric_scale");
        Ok(ColumnObject::value(column, &self.dialect))
    }
}

impl Object for ColumnClassObject {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, arguments: &[Value]) -> Result<Value, Error> {
        self.create(arguments)
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        arguments: &[Value],
    ) -> Result<Value, Error> {
        if let Some(answer) = own_method::of_class(&self.dialect, "Column", method, arguments) {
            return answer;
        }
        match method {
            "create" => self.create(arguments),
            "translate_type" => {
                let data_type =
                    text_of(&Arguments::new("translate_type", arguments).required("dtype")?);
                Ok(Value::from(self.dialect.translate_type(&data_type)))
            }
            "from_description" => {
                let mut arguments = Arguments::new("from_description", arguments);
                let name = text_of(&arguments.required("name")?);
                let data_type = text_of(&arguments.required("raw_data_type")?);
                let column = self.dialect.column_from_description(&name, &data_type);
                Ok(ColumnObject::value(column, &self.dialect))
            }
            "string_type" => {
                let size = Arguments::new("string_type", arguments).required("size")?;
                Ok(Value::from(self.dialect.string_type(
                    size.as_i64().and_then(|size| u64::try_from(size).ok()).unwrap_or(256),
                )))
            }
            "numeric_type" => {
                let mut arguments = Arguments::new("numeric_type", arguments);
                let data_type = text_of(&arguments.required("dtype")?);
                let precision = optional_text_of(arguments.take("precision"));
                let scale = optional_text_of(arguments.take("scale"));
                Ok(Value::from(match (precision, scale) {
                    (Some(precision), Some(scale)) => format!("{data_type}({precision},{scale})"),
                    _ => data_type,
                }))
            }
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }
}
