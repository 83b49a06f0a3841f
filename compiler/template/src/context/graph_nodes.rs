//! `graph.nodes` and its like: each look at a node gives a dictionary of its own.
//!
//! dbt's `FlatGraphMapping` writes a node out anew whenever it is asked for. A macro that changes what it got changes
//! nothing for others, except below `meta` and keys of `config` that are the user's own: dbt does not copy what stands
//! there, so that changes are seen from then on.

use std::sync::Arc;

use minijinja::value::{Enumerator, Object, ObjectRepr};
use minijinja::{Error, State, Value};

use crate::python::dict::{PyDict, key_of_get, mapping_method};
use crate::python::error::no_attribute;
use crate::python::list::PyList;

/// Keys of mappings whose values are the user's own.
const OF_THE_USER: [&str; 3] = ["meta", "unrendered_config", "vars"];

/// Keys of `config` that dbt knows and therefore copies.
const COPIED_CONFIGS: [&str; 13] = [
    "column_types",
    "contract",
    "docs",
    "freshness",
    "grants",
    "latest_version_pointer",
    "meta",
    "packages",
    "persist_docs",
    "post-hook",
    "pre-hook",
    "quoting",
    "tags",
];

/// The nodes of a kind by their id.
#[derive(Debug)]
pub(super) struct GraphNodes(pub(super) Arc<PyDict>);

impl GraphNodes {
    /// `graph` with its dictionaries of nodes in this form.
    pub(super) fn of_graph(graph: &Value) -> Value {
        let parts = graph.downcast_object_ref::<PyDict>().map(PyDict::snapshot).unwrap_or_default();
        let parts = parts.into_iter().map(|(name, part)| match part.downcast_object::<PyDict>() {
            Some(nodes) => {
                nodes.snapshot().iter().for_each(|(_, node)| share_meta(node));
                (name, Value::from_object(Self(nodes)))
            }
            None => (name, part),
        });
        PyDict::from_pairs(parts).into()
    }

    fn entries(&self) -> Vec<(Value, Value)> {
        let nodes = self.0.snapshot().into_iter();
        nodes.map(|(id, node)| (id, copied_node(&node))).collect()
    }
}

/// The value with containers of its own, which are copied when somebody looks into them.
fn copied_with(value: &Value, copied: crate::python::dict::Copied) -> Value {
    if let Some(dict) = value.downcast_object::<PyDict>() {
        return PyDict::copy_later(dict, copied).into();
    }
    match value.downcast_object_ref::<PyList>() {
        Some(list) => {
            let items = list.snapshot();
            let none = Value::from(());
            PyList::from(items.iter().map(|item| copied(&none, item)).collect::<Vec<_>>()).into()
        }
        None => value.clone(),
    }
}

/// `meta` of a node is that of its configuration, where they are equal.
fn share_meta(node: &Value) {
    let key = Value::from("meta");
    let Some(node) = node.downcast_object_ref::<PyDict>() else { return };
    let of_config = node.get(&Value::from("config")).and_then(|config| config.get_item(&key).ok());
    if let Some(meta) = of_config.filter(|meta| meta.len() > Some(0))
        && node.get(&key).is_some_and(|own| own == meta)
    {
        node.insert(key, meta);
    }
}

fn copied_node(node: &Value) -> Value {
    copied_with(node, copied_entry)
}

fn copied_entry(key: &Value, value: &Value) -> Value {
    match key.as_str() {
        Some("config") => copied_with(value, copied_config),
        Some(key) if OF_THE_USER.contains(&key) => copied_with(value, shared),
        _ => copied_with(value, copied_entry),
    }
}

fn copied_config(key: &Value, value: &Value) -> Value {
    let is_copied = key.as_str().is_some_and(|key| COPIED_CONFIGS.contains(&key));
    if is_copied { copied_entry(key, value) } else { value.clone() }
}

fn shared(_: &Value, value: &Value) -> Value {
    value.clone()
}

impl Object for GraphNodes {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.0.get(key).as_ref().map(copied_node)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::RevKeyValueIter(Box::new(self.entries().into_iter()))
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        self.0.enumerator_len()
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        name: &str,
        values: &[Value],
    ) -> Result<Value, Error> {
        if let Some(key) = key_of_get(name, values) {
            return Ok(self.get_value(key).unwrap_or(Value::from(())));
        }
        let arguments = crate::python::arguments::Arguments::new(name, values);
        // A mapping that nobody changes has no methods to change it, and none to copy it.
        let found = match name {
            "copy" => None,
            _ => mapping_method(&self.entries(), name, arguments)?,
        };
        found.ok_or_else(|| no_attribute(&Value::from_dyn_object(Arc::clone(self)), name))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::python::{from_json, to_json};

    #[test]
    fn changes_are_seen_by_others_only_below_what_is_the_users_own() {
        let node = json!({"meta": {"own": [1]}, "tags": ["a"], "config": {"meta": {"own": [1]}, "mine": [1]}});
        let graph = GraphNodes::of_graph(&from_json(&json!({"nodes": {"n": node}})));
        let look = |path: &[&str]| {
            let node = graph.get_attr("nodes").and_then(|nodes| nodes.get_attr("n"));
            path.iter()
                .fold(node.expect("the node"), |value, key| value.get_attr(key).expect("a key"))
        };
        for path in [&["tags"][..], &["meta", "own"], &["config", "mine"]] {
            look(path).downcast_object_ref::<PyList>().expect("a list").push(Value::from(2));
        }
        let seen = to_json(&look(&[])).expect("JSON");
        assert_eq!(
            seen,
            json!({"meta": {"own": [1, 2]}, "tags": ["a"], "config": {"meta": {"own": [1, 2]}, "mine": [1, 2]}})
        );
    }
}
