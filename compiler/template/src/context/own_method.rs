//! Methods that only one adapter has: arguments go to it as plain values, and its things come back as objects.

use std::fmt;
use std::sync::Arc;

use adapter_interface::{
    Dialect, MacroObject, MacroValue, MethodCall, Relation, WarehouseErrorKind,
};
use minijinja::value::{Object, ObjectRepr, Value, ValueKind};
use minijinja::{Error, ErrorKind, State};
use source::{Diagnostic, codes};

use super::adapter::warehouse_failure;
use super::column::ColumnObject;
use super::config::ConfigObject;
use super::plain::{dictionary, list, none};
use super::relation::RelationObject;
use super::render_scope::{RenderScope, lock};
use super::table::Table;
use crate::language::ParseUndefined;
use crate::python::arguments::Arguments;
use crate::python::error::failure;

/// A thing of an adapter's own, in a template.
pub(crate) struct AdapterThing {
    thing: Arc<dyn MacroObject>,
    dialect: Arc<dyn Dialect>,
}

impl fmt::Debug for AdapterThing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.thing.fmt(formatter)
    }
}

impl Object for AdapterThing {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.thing.attribute(key.as_str()?).map(|value| to_template(value, &self.dialect))
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        arguments: &[Value],
    ) -> Result<Value, Error> {
        match self.thing.call(&call_of(method, arguments)) {
            Some(Ok(value)) => Ok(to_template(value, &self.dialect)),
            Some(Err(error)) => Err(failure(error.message)),
            None => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }
}

/// A method of `adapter` that is this adapter's own; nothing where it has none of the name.
pub(crate) fn of_adapter(
    scope: &Arc<RenderScope>,
    method: &str,
    arguments: &[Value],
) -> Option<Result<Value, Error>> {
    let dialect = &scope.shared.dialect;
    let answer = if dialect.own_methods().contains(&method) {
        dialect.call_method(&call_of(method, arguments))?
    } else if dialect.own_connection_methods().contains(&method) {
        let Some(run) = scope.run() else { return Some(Ok(Value::from_object(ParseUndefined))) };
        let call = call_of(method, arguments);
        lock(&*run.warehouse).call_method(&call)?
    } else {
        return None;
    };
    Some(match answer {
        Ok(value) => Ok(to_template(value, dialect)),
        Err(error) if error.kind == WarehouseErrorKind::Configuration => {
            Err(scope.fail(Diagnostic::error(codes::CONFIG_INVALID, error.message)))
        }
        Err(error) => Err(warehouse_failure(scope, error, "")),
    })
}

/// A method of dbt's `Relation` or `Column` that only this adapter has, such as `Column.get_struct_select_expression`.
pub(crate) fn of_class(
    dialect: &Arc<dyn Dialect>,
    class: &str,
    method: &str,
    arguments: &[Value],
) -> Option<Result<Value, Error>> {
    let name = format!("{class}.{method}");
    if !dialect.own_methods().contains(&name.as_str()) {
        return None;
    }
    let answer = dialect.call_method(&call_of(&name, arguments))?;
    Some(
        answer.map_or_else(
            |error| Err(failure(error.message)),
            |value| Ok(to_template(value, dialect)),
        ),
    )
}

/// A method of each relation that only this adapter has, such as `this.render_hive()` of Athena's.
pub(crate) fn of_relation(
    dialect: &Arc<dyn Dialect>,
    relation: &Relation,
    method: &str,
    arguments: &[Value],
) -> Option<Result<Value, Error>> {
    let name = format!("relation.{method}");
    if !dialect.own_methods().contains(&name.as_str()) {
        return None;
    }
    let mut call = call_of(&name, arguments);
    call.positional.insert(0, MacroValue::Relation(relation.clone()));
    let answer = dialect.call_method(&call)?;
    Some(
        answer.map_or_else(
            |error| Err(failure(error.message)),
            |value| Ok(to_template(value, dialect)),
        ),
    )
}

fn call_of<'a>(name: &'a str, arguments: &[Value]) -> MethodCall<'a> {
    let mut arguments = Arguments::new(name, arguments);
    let positional = arguments.rest().iter().map(from_template).collect();
    let keywords = arguments.keywords();
    let keywords = keywords.iter().map(|(key, value)| (key.clone(), from_template(value)));
    MethodCall { name, positional, keywords: keywords.collect() }
}

/// A template's value for an adapter.
fn from_template(value: &Value) -> MacroValue {
    if let Some(object) = value.downcast_object_ref::<RelationObject>() {
        return MacroValue::Relation(object.relation.clone());
    }
    if let Some(object) = value.downcast_object_ref::<ColumnObject>() {
        return MacroValue::Column(object.column.clone());
    }
    if let Some(object) = value.downcast_object_ref::<AdapterThing>() {
        return MacroValue::Object(object.thing.clone());
    }
    if let Some(config) = value.downcast_object_ref::<ConfigObject>() {
        return config.settled();
    }
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => MacroValue::Null,
        ValueKind::Bool => MacroValue::Boolean(value.is_true()),
        ValueKind::Seq | ValueKind::Iterable => {
            let items = value.try_iter().into_iter().flatten();
            MacroValue::List(items.map(|item| from_template(&item)).collect())
        }
        ValueKind::Map => {
            let keys = value.try_iter().into_iter().flatten();
            let entries = keys.filter_map(|key| {
                let item = value.get_item(&key).ok()?;
                Some((super::plain::text_of(&key), from_template(&item)))
            });
            MacroValue::Map(entries.collect())
        }
        _ => MacroValue::from_json(&crate::python::to_json(value).unwrap_or_default()),
    }
}

/// An adapter's value for templates.
fn to_template(value: MacroValue, dialect: &Arc<dyn Dialect>) -> Value {
    match value {
        MacroValue::Null => none(),
        MacroValue::Boolean(truth) => Value::from(truth),
        MacroValue::Integer(number) => Value::from(number),
        MacroValue::Float(number) => Value::from(number),
        MacroValue::Text(text) => Value::from(text),
        MacroValue::List(items) => list(items.into_iter().map(|item| to_template(item, dialect))),
        MacroValue::Map(map) => {
            dictionary(map.into_iter().map(|(key, value)| (key, to_template(value, dialect))))
        }
        MacroValue::Relation(relation) => RelationObject::value(relation, dialect),
        MacroValue::Column(column) => ColumnObject::value(column, dialect),
        MacroValue::Rows(rows) => Table::from_rows(&rows).value(),
        MacroValue::Object(thing) => {
            Value::from_object(AdapterThing { thing, dialect: dialect.clone() })
        }
    }
}
