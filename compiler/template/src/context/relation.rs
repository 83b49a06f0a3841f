//! Relations as templates see them; mirrors dbt's `BaseRelation`.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use adapter_interface::{Dialect, Quoting, Relation, RelationKind};
use minijinja::value::{DynObject, Object, ObjectRepr, Value, ValueKind};
use minijinja::{Error, ErrorKind, State};

use super::function_config::{function_config, function_macro_name};
use super::own_method;
use super::plain::{dictionary, is_none, list, optional_text_of, text_of, text_or_none};
use super::render_scope::Shared;
use crate::python::arguments::Arguments;

/// A relation with the dialect that writes it.
#[derive(Clone)]
pub(crate) struct RelationObject {
    /// The relation.
    pub(crate) relation: Relation,
    /// How it is written.
    pub(crate) dialect: Arc<dyn Dialect>,
}

impl RelationObject {
    /// A template's value for a relation.
    pub(crate) fn value(relation: Relation, dialect: &Arc<dyn Dialect>) -> Value {
        Value::from_object(Self { relation, dialect: dialect.clone() })
    }

    /// The relation of a template's value, when it is one.
    pub(crate) fn of(value: &Value) -> Option<Relation> {
        value.downcast_object_ref::<Self>().map(|object| object.relation.clone())
    }

    fn changed(&self, relation: Relation) -> Value {
        Self::value(relation, &self.dialect)
    }
}

impl fmt::Debug for RelationObject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "<Relation {}>", self.dialect.render(&self.relation))
    }
}

impl Object for RelationObject {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let relation = &self.relation;
        let kind_is = |kind: RelationKind| Value::from(relation.kind == Some(kind));
        Some(match key.as_str()? {
            "database" | "project" => text_or_none(relation.database.as_deref()),
            "schema" | "dataset" => text_or_none(relation.schema.as_deref()),
            "location" => text_or_none(relation.location.as_deref()),
            "identifier" | "name" | "table" => text_or_none(relation.identifier.as_deref()),
            "type" => text_or_none(relation.kind.map(RelationKind::as_str)),
            "is_table" => kind_is(RelationKind::Table),
            "is_view" => kind_is(RelationKind::View),
            "is_cte" => kind_is(RelationKind::Cte),
            "is_materialized_view" => kind_is(RelationKind::MaterializedView),
            "is_pointer" => kind_is(RelationKind::PointerTable),
            "is_function" => kind_is(RelationKind::Function),
            "is_dynamic_table" | "is_iceberg_format" => Value::from(false),
            "can_be_renamed" => {
                Value::from(relation.kind.is_some_and(|kind| self.dialect.can_be_renamed(kind)))
            }
            "can_be_replaced" => {
                Value::from(relation.kind.is_some_and(|kind| self.dialect.can_be_replaced(kind)))
            }
            "quote_policy" => policy(relation.quoting),
            "include_policy" => policy(relation.include),
            "quote_character" => {
                let quoted = self.dialect.quote("x");
                Value::from(quoted.chars().next().map(String::from).unwrap_or_default())
            }
            "limit" => relation.row_limit.map_or_else(|| Value::from(()), Value::from),
            "metadata" => dictionary([("type", Value::from("Relation"))]),
            "require_alias" => Value::from(relation.requires_alias),
            "path" => dictionary([
                ("database", text_or_none(relation.database.as_deref())),
                ("schema", text_or_none(relation.schema.as_deref())),
                ("identifier", text_or_none(relation.identifier.as_deref())),
            ]),
            // dbt's classes offer their constructors on each instance too.
            "Table" => Value::from("table"),
            "View" => Value::from("view"),
            "CTE" => Value::from("cte"),
            "External" => Value::from("external"),
            "MaterializedView" => Value::from("materialized_view"),
            _ => return None,
        })
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        arguments: &[Value],
    ) -> Result<Value, Error> {
        let mut relation = self.relation.clone();
        match method {
            "include" => relation.include = changed_policy("include", relation.include, arguments)?,
            "quote" => relation.quoting = changed_policy("quote", relation.quoting, arguments)?,
            "without_identifier" => {
                relation.include.identifier = false;
                relation.identifier = None;
            }
            "replace_path" => {
                set_path(&mut relation, &Arguments::new("replace_path", arguments).keywords());
            }
            "replace" | "incorporate" => {
                for (name, value) in Arguments::new("incorporate", arguments).keywords() {
                    match name.as_str() {
                        "path" => set_path(&mut relation, &pairs(&value)),
                        "type" => {
                            relation.kind = optional_text_of(Some(value.clone()))
                                .and_then(|word| RelationKind::parse(&word));
                        }
                        "quote_policy" => relation.quoting = policy_of(&value, relation.quoting),
                        "include_policy" => relation.include = policy_of(&value, relation.include),
                        "limit" => {
                            relation.row_limit =
                                value.as_i64().and_then(|limit| u64::try_from(limit).ok());
                        }
                        "require_alias" => relation.requires_alias = value.is_true(),
                        "location" => relation.location = optional_text_of(Some(value.clone())),
                        "information_schema_view" => {
                            let view = optional_text_of(Some(value.clone()));
                            relation = self.dialect.information_schema(&relation, view.as_deref());
                        }
                        _ => {}
                    }
                }
            }
            // As in dbt, only the relation as text is limited or filtered.
            "render" => return Ok(Value::from(self.dialect.render_name(&relation))),
            "get_function_config" => return function_config(arguments),
            "get_function_macro_name" => return function_macro_name(arguments),
            "information_schema" => {
                let view = optional_text_of(
                    Arguments::new("information_schema", arguments).take("view_name"),
                );
                return Ok(
                    self.changed(self.dialect.information_schema(&relation, view.as_deref()))
                );
            }
            "information_schema_only" => {
                return Ok(self.changed(self.dialect.information_schema(&relation, None)));
            }
            "matches" => {
                let mut arguments = Arguments::new("matches", arguments);
                let wanted = [
                    (optional_text_of(arguments.take("database")), &relation.database),
                    (optional_text_of(arguments.take("schema")), &relation.schema),
                    (optional_text_of(arguments.take("identifier")), &relation.identifier),
                ];
                let ignores_case = self.dialect.capabilities().ignores_case;
                let is_match = wanted.iter().all(|(wanted, own)| match (wanted, own) {
                    (None, _) => true,
                    (Some(wanted), Some(own)) if ignores_case => wanted.eq_ignore_ascii_case(own),
                    (Some(wanted), own) => Some(wanted) == own.as_ref(),
                });
                return Ok(Value::from(is_match));
            }
            "get" => {
                let mut arguments = Arguments::new("get", arguments);
                let key = arguments.required("key")?;
                let default = arguments.take("default").unwrap_or_else(|| Value::from(()));
                return Ok(self.get_value(&key).unwrap_or(default));
            }
            "to_dict" | "_asdict" => {
                return Ok(self.get_value(&Value::from("path")).unwrap_or_default());
            }
            "create" => {
                // As in dbt, what the project quotes counts for `api.Relation` alone.
                let quoting = self.dialect.default_quoting();
                return Ok(
                    RelationClass { dialect: self.dialect.clone(), quoting }.create(arguments)
                );
            }
            "get_default_quote_policy" => return Ok(policy(self.dialect.default_quoting())),
            _ => {
                let own = own_method::of_relation(&self.dialect, &self.relation, method, arguments);
                return own
                    .or_else(|| own_method::of_class(&self.dialect, "Relation", method, arguments))
                    .unwrap_or_else(|| Err(Error::from(ErrorKind::UnknownMethod)));
            }
        }
        Ok(self.changed(relation))
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        let other = other.downcast_ref::<Self>()?;
        let key = |relation: &Relation| {
            (relation.database.clone(), relation.schema.clone(), relation.identifier.clone())
        };
        Some(key(&self.relation).cmp(&key(&other.relation)))
    }

    fn render(self: &Arc<Self>, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.dialect.render(&self.relation))
    }
}

fn policy(policy: Quoting) -> Value {
    dictionary([
        ("database", Value::from(policy.database)),
        ("schema", Value::from(policy.schema)),
        ("identifier", Value::from(policy.identifier)),
    ])
}

/// The parts of a dictionary, or the keywords it was unpacked from.
fn pairs(value: &Value) -> Vec<(String, Value)> {
    if value.kind() != ValueKind::Map {
        return Vec::new();
    }
    value
        .try_iter()
        .into_iter()
        .flatten()
        .filter_map(|key| value.get_item(&key).ok().map(|item| (text_of(&key), item)))
        .collect()
}

fn policy_of(value: &Value, base: Quoting) -> Quoting {
    apply_policy(base, &pairs(value))
}

fn apply_policy(mut policy: Quoting, changes: &[(String, Value)]) -> Quoting {
    for (part, value) in changes.iter().filter(|(_, value)| !is_none(value)) {
        match part.as_str() {
            "database" => policy.database = value.is_true(),
            "schema" => policy.schema = value.is_true(),
            "identifier" => policy.identifier = value.is_true(),
            _ => {}
        }
    }
    policy
}

fn changed_policy(
    function: &'static str,
    base: Quoting,
    arguments: &[Value],
) -> Result<Quoting, Error> {
    let mut arguments = Arguments::new(function, arguments);
    let mut changes = Vec::new();
    for part in ["database", "schema", "identifier"] {
        if let Some(value) = arguments.take(part) {
            changes.push((part.to_owned(), value));
        }
    }
    arguments.finish()?;
    Ok(apply_policy(base, &changes))
}

fn set_path(relation: &mut Relation, parts: &[(String, Value)]) {
    for (part, value) in parts {
        match part.as_str() {
            "database" => relation.database = optional_text_of(Some(value.clone())),
            "schema" => relation.schema = optional_text_of(Some(value.clone())),
            "identifier" => relation.identifier = optional_text_of(Some(value.clone())),
            _ => {}
        }
    }
}

/// `api.Relation`: the class, for `create` and its kinds.
#[derive(Debug)]
pub(crate) struct RelationClass {
    /// How the relations are written.
    pub(crate) dialect: Arc<dyn Dialect>,
    /// What is quoted of them.
    quoting: Quoting,
}

impl RelationClass {
    /// The class as the project has it.
    pub(crate) fn of_project(shared: &Shared) -> Value {
        Value::from_object(Self { dialect: shared.dialect.clone(), quoting: shared.quoting() })
    }

    fn create(&self, arguments: &[Value]) -> Value {
        let mut arguments = Arguments::new("create", arguments);
        let database = optional_text_of(arguments.take("database"));
        let schema = optional_text_of(arguments.take("schema"));
        let identifier = optional_text_of(arguments.take("identifier"));
        let kind =
            optional_text_of(arguments.take("type")).and_then(|word| RelationKind::parse(&word));
        let mut relation = Relation::new(
            database.as_deref(),
            schema.as_deref(),
            identifier.as_deref(),
            self.quoting,
        );
        relation.kind = kind;
        for (name, value) in arguments.keywords() {
            match name.as_str() {
                "quote_policy" => relation.quoting = policy_of(&value, relation.quoting),
                "include_policy" => relation.include = policy_of(&value, relation.include),
                "limit" => {
                    relation.row_limit = value.as_i64().and_then(|limit| u64::try_from(limit).ok());
                }
                "path" => set_path(&mut relation, &pairs(&value)),
                _ => {}
            }
        }
        RelationObject::value(relation, &self.dialect)
    }

    /// A relation of a node's dictionary or of a configuration and a node.
    fn create_from(&self, arguments: &[Value]) -> Result<Value, Error> {
        let mut arguments = Arguments::new("create_from", arguments);
        let _quoting = arguments.required("quoting")?;
        let node = arguments.required("relation_config")?;
        let part = |name: &str| {
            node.get_attr(name).ok().and_then(|value| optional_text_of(Some(value.clone())))
        };
        let identifier = part("identifier").or_else(|| part("alias")).or_else(|| part("name"));
        let mut relation = Relation::new(
            part("database").as_deref(),
            part("schema").as_deref(),
            identifier.as_deref(),
            self.dialect.default_quoting(),
        );
        for (name, value) in arguments.keywords() {
            if name == "type" {
                relation.kind = RelationKind::parse(&text_of(&value));
            }
        }
        Ok(RelationObject::value(relation, &self.dialect))
    }
}

impl Object for RelationClass {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(Value::from(match key.as_str()? {
            "Table" => "table",
            "View" => "view",
            "CTE" => "cte",
            "External" => "external",
            "MaterializedView" => "materialized_view",
            "PointerTable" => "pointer_table",
            "Function" => "function",
            _ => return None,
        }))
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        arguments: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "create" => Ok(self.create(arguments)),
            "create_from" => self.create_from(arguments),
            "get_default_quote_policy" => Ok(policy(self.dialect.default_quoting())),
            "get_relation_type" => Ok(Value::from_object(Self {
                dialect: self.dialect.clone(),
                quoting: self.quoting,
            })),
            "scd_args" => {
                let mut arguments = Arguments::new("scd_args", arguments);
                let key = arguments.required("primary_key")?;
                let updated_at = arguments.required("updated_at")?;
                let mut parts: Vec<Value> = match key.kind() {
                    ValueKind::Seq | ValueKind::Iterable => key.try_iter()?.collect(),
                    _ => vec![key],
                };
                parts.push(updated_at);
                Ok(list(parts))
            }
            _ => own_method::of_class(&self.dialect, "Relation", method, arguments)
                .unwrap_or_else(|| Err(Error::from(ErrorKind::UnknownMethod))),
        }
    }

    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, arguments: &[Value]) -> Result<Value, Error> {
        Ok(self.create(arguments))
    }
}
