//! Names in the warehouse, by the project's `generate_…_name` macros.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};
use source::Diagnostic;
use template::{Engine, NameKind, Namer};

use crate::manifest_node::dictionary;
use crate::node::{Node, NodeDetails};

/// Which name, for nodes of which package, and what the configuration says.
type Key = (&'static str, String, Option<String>);

/// Makes names; those that do not depend on the node itself are made once.
pub struct Names<'a> {
    namer: Namer<'a>,
    /// Databases and schemas by package and what the configuration says.
    known: Mutex<BTreeMap<Key, Option<String>>>,
    /// Whether the built-in macro makes the aliases of a package.
    aliases: Mutex<BTreeMap<String, bool>>,
}

impl<'a> Names<'a> {
    /// For all nodes of a project.
    pub fn new(engine: &'a Engine) -> Self {
        Self { namer: engine.namer(), known: Mutex::default(), aliases: Mutex::default() }
    }

    /// Sets the node's database, schema and alias, in dbt's order.
    pub fn generate(&self, node: &mut Node) -> Result<(), Box<Diagnostic>> {
        let config = node.config.clone();
        let database = self.name(NameKind::Database, node, config.database())?;
        node.database = database.filter(|database| !database.is_empty());
        // No schema is none at all: the name of the relation goes without.
        node.schema = self.name(NameKind::Schema, node, config.schema())?.unwrap_or_default();
        node.alias = self.name(NameKind::Alias, node, config.alias())?.unwrap_or_default();
        Ok(())
    }

    fn name(
        &self,
        kind: NameKind,
        node: &Node,
        custom: Option<&str>,
    ) -> Result<Option<String>, Box<Diagnostic>> {
        // The alias without a custom one is the node's name: nothing to share.
        let is_shared = kind != NameKind::Alias;
        let word = if kind == NameKind::Database { "database" } else { "schema" };
        let key = (word, node.package.to_string(), custom.map(str::to_owned));
        let lock = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if is_shared && let Some(known) = lock().get(&key) {
            return Ok(known.clone());
        }
        let was_asked = std::cell::Cell::new(false);
        let whole = || {
            was_asked.set(true);
            dictionary(node, &[])
        };
        // The built-in macros ask for the name and version alone; anyone else's may ask for anything.
        let short = || {
            let version = match &node.details {
                NodeDetails::Model(model) => model.version.clone().unwrap_or(Value::Null),
                _ => Value::Null,
            };
            json!({"name": node.name, "version": version})
        };
        let is_built_in =
            kind == NameKind::Alias && custom.is_none() && self.makes_aliases(&node.package);
        let made =
            self.namer.name(kind, &node.package, custom, if is_built_in { &short } else { &whole });
        let made = made.map_err(Box::new)?;
        if is_shared && !was_asked.get() {
            lock().insert(key, made.clone());
        }
        Ok(made)
    }

    /// Whether the built-in macro makes the aliases of a package: given a custom one, it does not look at the node.
    fn makes_aliases(&self, package: &str) -> bool {
        let lock = || self.aliases.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(package) {
            return *known;
        }
        let was_asked = std::cell::Cell::new(false);
        let probe = || {
            was_asked.set(true);
            json!({"name": "probe", "version": null, "resource_type": "model"})
        };
        let made = self.namer.name(NameKind::Alias, package, Some("probe"), &probe);
        let is_built_in = made.is_ok() && !was_asked.get();
        lock().insert(package.to_owned(), is_built_in);
        is_built_in
    }
}
