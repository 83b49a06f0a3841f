//! Before the first node: schemas made, relations listed.

use std::sync::{Arc, PoisonError};

use adapter_interface::Relation;
use graph::Node;
use indexmap::IndexSet;
use project::ResourceType;
use serde_json::Value;
use template::{Argument, Engine, NodeScope, RunFailure, SharedWarehouse};

use crate::cache::RelationCache;

/// The schemas that nodes are built in: database and schema, in the order of the nodes.
pub(crate) fn schemas<'a>(
    nodes: impl Iterator<Item = &'a Node>,
) -> IndexSet<(Option<String>, String)> {
    let is_built = |node: &&Node| match node.resource_type {
        ResourceType::Model | ResourceType::Seed | ResourceType::Snapshot => {
            node.config.materialized() != "ephemeral"
        }
        ResourceType::Test => node.relation_name.is_some(),
        ResourceType::Function => true,
        _ => false,
    };
    // What has no schema stands where the connection's own search path says.
    let nodes = nodes.filter(is_built).filter(|node| !node.schema.is_empty());
    nodes.map(|node| (node.database.clone(), node.schema.clone())).collect()
}

/// Makes the schemas that are missing and lists the relations of all of them into the cache.
pub(crate) fn prepare(
    engine: &Engine,
    schemas: &IndexSet<(Option<String>, String)>,
    scope: &Arc<dyn NodeScope>,
    warehouse: &SharedWarehouse,
    cache: &RelationCache,
) -> Result<(), Box<RunFailure>> {
    let root = scope.package().to_owned();
    let macro_id = |name: &str| engine.find_macro(&root, name).unwrap_or_else(|| Arc::from(name));
    let ignores_case = engine.dialect().capabilities().ignores_case;
    let databases: IndexSet<Option<String>> =
        schemas.iter().map(|(database, _)| database.clone()).collect();
    for database in databases {
        let argument = Argument::Json(database.clone().map_or(Value::Null, Value::String));
        let listed =
            engine.call_macro(&macro_id("list_schemas"), &[argument], &[], scope, warehouse)?;
        let known: Vec<String> = match &listed.table {
            Some(table) => table
                .rows
                .iter()
                .filter_map(|row| row.first()?.as_str().map(str::to_owned))
                .collect(),
            None => listed
                .value
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|name| Some(name.as_str()?.to_owned()))
                .collect(),
        };
        for (_, schema) in schemas.iter().filter(|(other, _)| *other == database) {
            let is_known = known.iter().any(|name| {
                if ignores_case { name.eq_ignore_ascii_case(schema) } else { name == schema }
            });
            let mut relation =
                Relation::new(database.as_deref(), Some(schema), None, engine.quoting());
            relation.include.identifier = false;
            if !is_known {
                let argument = Argument::Relation(relation.clone());
                engine.call_macro(
                    &macro_id("create_schema"),
                    &[argument],
                    &[],
                    scope,
                    warehouse,
                )?;
                let committed = warehouse.lock().unwrap_or_else(PoisonError::into_inner).commit();
                committed.map_err(|error| RunFailure::of_warehouse(error, None))?;
            }
            let age = cache.age();
            let relations = engine.list_relations(&relation, scope, warehouse)?;
            cache.put(&relation, relations, age);
        }
    }
    if engine.dialect().capabilities().cascades_drops {
        // A warehouse that does not say what reads what only costs more listings later.
        let called = engine.call_macro(&macro_id("get_relations"), &[], &[], scope, warehouse);
        if let Ok(Some(table)) = called.map(|called| called.table) {
            let text = |row: &Vec<Value>, at: usize| {
                row.get(at).and_then(Value::as_str).unwrap_or_default().to_owned()
            };
            let pairs = table.rows.iter().map(|row| [0, 1, 2, 3].map(|at| text(row, at)));
            cache.put_readers(pairs);
        }
    }
    let _ = warehouse.lock().unwrap_or_else(PoisonError::into_inner).rollback();
    Ok(())
}
