//! The warehouse's listing, matched to nodes and sources.

use graph::{Graph, NodeIndex};
use indexmap::IndexMap;
use project::ResourceType;
use serde_json::Value;

use super::Head;
use super::results::artifact_metadata;
use crate::artifacts::catalog::{
    CATALOG_SCHEMA, Catalog, CatalogColumn, CatalogTable, Statistic, TableMetadata,
};
use crate::artifacts::{Json, Text, TextMap};

/// The catalog: each listed table under the nodes and sources that it belongs to.
pub fn describe_catalog<'a>(
    graph: &'a Graph,
    tables: &'a [run::CatalogTable],
    head: &'a Head,
) -> Catalog<'a> {
    let mut catalog =
        Catalog { metadata: artifact_metadata(head, CATALOG_SCHEMA), ..Catalog::default() };
    let mut owners: IndexMap<Key, Vec<NodeIndex>> = IndexMap::new();
    for (at, node) in graph.nodes.iter().enumerate() {
        if let Some(relation) = &node.relation {
            let key = key(
                relation.database.as_deref(),
                relation.schema.as_deref(),
                relation.identifier.as_deref(),
            );
            owners.entry(key).or_default().push(NodeIndex(at as u32));
        }
    }
    for table in tables {
        let key = key(table.database.as_deref(), Some(&table.schema), Some(&table.name));
        for owner in owners.get(&key).into_iter().flatten() {
            let node = graph.node(*owner);
            let id = Text::Borrowed(&*node.unique_id);
            match node.resource_type {
                ResourceType::Source => {
                    catalog.sources.insert(id.clone(), catalog_table(table, id));
                }
                // Tests have tables where they store failures.
                ResourceType::Model
                | ResourceType::Seed
                | ResourceType::Snapshot
                | ResourceType::Test => {
                    catalog.nodes.insert(id.clone(), catalog_table(table, id));
                }
                _ => {}
            }
        }
    }
    catalog
}

type Key = (String, String, String);

/// Warehouses fold names as they like: dbt compares them in lower case here, and so do we.
fn key(database: Option<&str>, schema: Option<&str>, name: Option<&str>) -> Key {
    let lower = |part: Option<&str>| part.unwrap_or_default().to_lowercase();
    (lower(database), lower(schema), lower(name))
}

fn catalog_table<'a>(table: &'a run::CatalogTable, unique_id: Text<'a>) -> CatalogTable<'a> {
    CatalogTable {
        metadata: TableMetadata {
            table_type: Text::Borrowed(&table.kind),
            schema: Text::Borrowed(&table.schema),
            name: Text::Borrowed(&table.name),
            database: table.database.as_deref().map(Text::Borrowed),
            comment: table.comment.as_deref().map(Text::Borrowed),
            owner: table.owner.as_deref().map(Text::Borrowed),
        },
        columns: table
            .columns
            .iter()
            .map(|column| {
                let described = CatalogColumn {
                    column_type: Text::Borrowed(&column.data_type),
                    index: column.index,
                    name: Text::Borrowed(&column.name),
                    comment: column.comment.as_deref().map(Text::Borrowed),
                };
                (Text::Borrowed(column.name.as_str()), described)
            })
            .collect(),
        stats: stats(table),
        unique_id: Some(unique_id),
    }
}

/// What the warehouse gave, and `has_stats`, which readers of dbt's catalog expect in each table.
fn stats(table: &run::CatalogTable) -> TextMap<'_, Statistic<'_>> {
    let text = |parts: &'_ IndexMap<String, Value>, key: &str| {
        parts.get(key).and_then(Value::as_str).map(str::to_owned)
    };
    let given = table.stats.iter().map(|(id, parts)| {
        let statistic = Statistic {
            id: Text::Borrowed(id.as_str()),
            label: Text::Owned(text(parts, "label").unwrap_or_else(|| id.clone())),
            value: parts.get("value").map_or(Json::Owned(Value::Null), Json::Borrowed),
            include: true,
            description: text(parts, "description").map(Text::Owned),
        };
        (Text::Borrowed(id.as_str()), statistic)
    });
    let has_stats = Statistic {
        id: Text::Borrowed("has_stats"),
        label: Text::Borrowed("Has Stats?"),
        value: Json::Owned(Value::Bool(!table.stats.is_empty())),
        include: false,
        description: Some(Text::Borrowed("Indicates whether there are statistics for this table")),
    };
    given.chain([(Text::Borrowed("has_stats"), has_stats)]).collect()
}
