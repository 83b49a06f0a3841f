//! What there is in a dataset, and what a table looks like, by the service's own listings.

use adapter_interface::{Quoting, Relation, RelationKind};
use serde_json::Value;

use crate::client::Client;
use crate::error::ApiError;

/// The tables, views and functions of a dataset; none for one that does not exist.
pub(crate) fn relations(
    client: &Client,
    project: &str,
    dataset: &str,
) -> Result<Vec<Relation>, ApiError> {
    let listed = || -> Result<Vec<Relation>, ApiError> {
        let tables = client.tables(project, dataset)?;
        let routines = client.routines(project, dataset)?;
        let tables = tables.iter().filter_map(table_relation);
        Ok(tables.chain(routines.iter().filter_map(routine_relation)).collect())
    };
    match listed() {
        Err(error) if error.is_not_found() => Ok(Vec::new()),
        // As dbt: what may not be listed is taken for not there.
        Err(error) if error.status == Some(403) => Ok(Vec::new()),
        result => result,
    }
}

/// The kind of a table by the service's word for it.
pub(crate) fn kind(word: &str) -> RelationKind {
    match word {
        "TABLE" => RelationKind::Table,
        "VIEW" => RelationKind::View,
        "MATERIALIZED_VIEW" => RelationKind::MaterializedView,
        _ => RelationKind::External,
    }
}

fn table_relation(entry: &Value) -> Option<Relation> {
    let relation = named(&entry["tableReference"], "tableId")?;
    Some(relation.with_kind(kind(entry["type"].as_str().unwrap_or_default())))
}

fn routine_relation(entry: &Value) -> Option<Relation> {
    if entry["routineType"].as_str() == Some("PROCEDURE") {
        return None;
    }
    Some(named(&entry["routineReference"], "routineId")?.with_kind(RelationKind::Function))
}

fn named(reference: &Value, identifier: &str) -> Option<Relation> {
    Some(Relation::new(
        reference["projectId"].as_str(),
        reference["datasetId"].as_str(),
        Some(reference[identifier].as_str()?),
        Quoting::ALL,
    ))
}
