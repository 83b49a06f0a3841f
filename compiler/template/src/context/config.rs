//! `config(…)` and its methods.

use std::sync::Arc;

use adapter_interface::MacroValue;
use minijinja::value::{Object, ObjectRepr, Value, ValueKind};
use minijinja::{Error, ErrorKind, State};
use source::{Diagnostic, codes};

use super::names::model_entries;
use super::plain::{dictionary, is_none, none, text_of};
use super::render_scope::{RenderScope, lock};
use crate::python::arguments::Arguments;
use crate::python::{PyDict, from_json, to_json};

/// The node's configuration: called while parsing it adds to it, asked while running it tells it.
#[derive(Debug)]
pub(crate) struct ConfigObject(pub(crate) Arc<RenderScope>);

impl ConfigObject {
    fn add(&self, options: Vec<(String, Value)>) -> Result<(), Error> {
        if self.0.is_executing() {
            return Ok(());
        }
        for (old, new) in [("pre_hook", "pre-hook"), ("post_hook", "post-hook")] {
            let has = |name: &str| options.iter().any(|(key, _)| key == name);
            if has(old) && has(new) {
                return Err(self.0.fail(
                    Diagnostic::error(
                        codes::CONFIG_INVALID,
                        format!("invalid config, has conflicting keys `{old}` and `{new}`"),
                    )
                    .hint("give the hooks under one of the two names, as a list"),
                ));
            }
        }
        let options = options
            .into_iter()
            .map(|(key, value)| (key, to_json(&value).unwrap_or_default()))
            .collect();
        let mut capture = lock(&self.0.capture);
        project::config::merge(&mut capture.config, &options);
        Ok(())
    }

    /// The value of a key. A key that the node's kind knows is there even when it is none.
    fn find(&self, key: &str) -> Option<Value> {
        let run = self.0.run()?;
        let config = run.node.config();
        let found = config.get(key).or_else(|| match key {
            "pre_hook" => config.get("pre-hook"),
            "post_hook" => config.get("post-hook"),
            // dbt's property of a snapshot's configuration: the configured names of its own columns.
            "snapshot_table_column_names" => config.get("snapshot_meta_column_names"),
            _ => None,
        });
        let value = from_json(found?);
        Some(if key == "snapshot_table_column_names" {
            snapshot_column_names(&value)
        } else {
            value
        })
    }

    fn find_meta(&self, key: &str) -> Option<Value> {
        self.0.run()?.node.config().get("meta")?.get(key).map(from_json)
    }

    fn require(&self, key: &str, found: Option<Value>) -> Result<Value, Error> {
        if !self.0.is_executing() {
            return Ok(Value::from(""));
        }
        found.ok_or_else(|| {
            let node = self.0.unique_id().unwrap_or_default();
            self.0.fail(
                Diagnostic::error(
                    codes::CONFIG_INVALID,
                    format!("model `{node}` does not define a required config parameter `{key}`"),
                )
                .hint(format!("add it: `{{{{ config({key}=…) }}}}`")),
            )
        })
    }

    /// All of it, for an adapter's own methods.
    pub(crate) fn settled(&self) -> MacroValue {
        let config = self.0.run().map(|run| run.node.config());
        let entries = config.into_iter().flatten();
        MacroValue::Map(
            entries.map(|(key, value)| (key.clone(), MacroValue::from_json(value))).collect(),
        )
    }

    fn persists(&self, part: &str) -> bool {
        self.find("persist_docs")
            .and_then(|docs| docs.get_attr(part).ok())
            .is_some_and(|value| value.is_true())
    }
}

/// The names of a snapshot's own columns: the usual ones where no other is configured.
fn snapshot_column_names(configured: &Value) -> Value {
    let usual =
        ["dbt_valid_to", "dbt_valid_from", "dbt_scd_id", "dbt_updated_at", "dbt_is_deleted"];
    dictionary(usual.map(|name| {
        let own = configured.get_attr(name).ok().filter(Value::is_true);
        (name, own.unwrap_or_else(|| Value::from(name)))
    }))
}

impl Object for ConfigObject {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let key = key.as_str()?;
        // The node itself is an attribute of dbt's object; single keys are read as attributes by some macros.
        self.find(key).or_else(|| {
            let run = self.0.run().filter(|_| key == "model")?;
            Some(PyDict::from_pairs(model_entries(&*run.node)).into())
        })
    }

    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, arguments: &[Value]) -> Result<Value, Error> {
        let mut arguments = Arguments::new("config", arguments);
        let positional = arguments.rest();
        let keywords = arguments.keywords();
        match (positional, keywords.is_empty()) {
            ([], _) => self.add(keywords)?,
            ([options], true) if options.kind() == ValueKind::Map => {
                let keys = options.try_iter()?;
                let pairs =
                    keys.filter_map(|key| Some((text_of(&key), options.get_item(&key).ok()?)));
                self.add(pairs.collect())?;
            }
            _ => {
                return Err(self.0.fail(
                    Diagnostic::error(
                        codes::MACRO_ARGUMENTS,
                        "`config` takes keywords, or one dictionary",
                    )
                    .hint("write `{{ config(materialized='table') }}`"),
                ));
            }
        }
        Ok(Value::from(""))
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        arguments: &[Value],
    ) -> Result<Value, Error> {
        let mut arguments = Arguments::new(method, arguments);
        match method {
            "get" | "meta_get" => {
                let key = text_of(&arguments.required("name")?);
                let default = arguments.take("default");
                let validator = arguments.take("validator");
                if !self.0.is_executing() {
                    return Ok(Value::from(""));
                }
                let found = if method == "get" { self.find(&key) } else { self.find_meta(&key) };
                let value = found.unwrap_or_else(|| default.clone().unwrap_or_else(none));
                if let (Some(validator), Some(_)) =
                    (validator.filter(|value| !is_none(value)), default)
                {
                    validator.call(state, std::slice::from_ref(&value))?;
                }
                Ok(value)
            }
            "require" | "meta_require" => {
                let key = text_of(&arguments.required("name")?);
                let validator = arguments.take("validator");
                let found =
                    if method == "require" { self.find(&key) } else { self.find_meta(&key) };
                let value = self.require(&key, found)?;
                if let (Some(validator), true) =
                    (validator.filter(|value| !is_none(value)), self.0.is_executing())
                {
                    validator.call(state, std::slice::from_ref(&value))?;
                }
                Ok(value)
            }
            "set" => {
                let key = text_of(&arguments.required("name")?);
                let value = arguments.required("value")?;
                self.add(vec![(key, value)])?;
                Ok(Value::from(""))
            }
            "persist_relation_docs" => Ok(Value::from(self.persists("relation"))),
            "persist_column_docs" => Ok(Value::from(self.persists("columns"))),
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }
}
