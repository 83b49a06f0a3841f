//! Foreign keys: compiling a model puts relations where its property file has references, as in dbt.

use std::sync::Arc;

use adapter_interface::Relation;
use graph::{Node, NodeDetails, NodeIndex};
use indexmap::IndexMap;
use serde_json::{Map, Value};
use template::Reference;

use crate::scope::{SharedScope, named_relation};

/// The relations that foreign keys lead to, by the references as they are written.
pub type ForeignKeys = IndexMap<String, Arc<str>>;

impl SharedScope {
    /// Where the foreign keys of a node lead; what is a name already is not among them.
    pub(crate) fn foreign_keys(&self, node: NodeIndex) -> ForeignKeys {
        let known = self.graph.node(node);
        let written = constraints_of(known).filter_map(written_target);
        let resolve = |to: &str| Some((to.to_owned(), self.foreign_relation(known, to)?));
        written.filter_map(resolve).collect()
    }

    fn foreign_relation(&self, node: &Node, to: &str) -> Option<Arc<str>> {
        let (engine, graph) = (&self.engine, &self.graph);
        let target = match engine.evaluate_reference(to).ok()? {
            Reference::Ref(call) => graph::find_ref(graph, &node.package, &call).ok()?,
            Reference::Source(call) => graph::find_source(graph, &node.package, &call).ok()?,
            Reference::Metric(_) => return None,
        };
        let elsewhere = self.elsewhere(target).filter(|_| self.is_deferred(target));
        let target = graph.node(target);
        let render = |relation: &Relation| Arc::from(engine.dialect().render_name(relation));
        match elsewhere {
            Some(other) => Some(render(&other.relation)),
            None => match &target.relation_name {
                Some(name) => Some(Arc::from(name.as_str())),
                None => Some(render(&named_relation(target))),
            },
        }
    }
}

/// Those of a model and its columns; dbt resolves no others.
fn constraints_of(node: &Node) -> impl Iterator<Item = &Value> {
    let model = match &node.details {
        NodeDetails::Model(details) => Some(details),
        _ => None,
    };
    let of_columns = |_| node.columns.values().flat_map(|column| &column.constraints);
    let of_columns = model.map(of_columns).into_iter().flatten();
    model.into_iter().flat_map(|model| &model.constraints).chain(of_columns)
}

fn written_target(constraint: &Value) -> Option<&str> {
    let is_foreign_key = constraint.get("type").and_then(Value::as_str) == Some("foreign_key");
    constraint.get("to").and_then(Value::as_str).filter(|_| is_foreign_key)
}

/// Puts the relations into the dictionary of a node.
pub(crate) fn put(keys: &ForeignKeys, entries: &mut Map<String, Value>) {
    if keys.is_empty() {
        return;
    }
    let resolve = |constraints: Option<&mut Value>| {
        let constraints = constraints.and_then(Value::as_array_mut);
        for constraint in constraints.into_iter().flatten() {
            if let Some(relation) = written_target(constraint).and_then(|to| keys.get(to)) {
                constraint["to"] = Value::from(&**relation);
            }
        }
    };
    resolve(entries.get_mut("constraints"));
    let columns = entries.get_mut("columns").and_then(Value::as_object_mut);
    columns.into_iter().flatten().for_each(|(_, column)| resolve(column.get_mut("constraints")));
}
