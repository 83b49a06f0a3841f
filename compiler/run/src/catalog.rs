//! What the warehouse knows of the project's relations: columns, types, owners, sizes.

use adapter_interface::Relation;
use indexmap::{IndexMap, IndexSet};
use project::ResourceType;
use serde_json::Value;
use template::{Argument, ResultTable, RunFailure};

use crate::operation::Session;

/// A relation with what the warehouse says of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CatalogTable {
    /// The database.
    pub database: Option<String>,
    /// The schema.
    pub schema: String,
    /// The name.
    pub name: String,
    /// `BASE TABLE`, `VIEW` and the like.
    pub kind: String,
    /// The comment.
    pub comment: Option<String>,
    /// The owner.
    pub owner: Option<String>,
    /// The columns in their order.
    pub columns: Vec<CatalogColumn>,
    /// Sizes and the like, by dbt's ids: label, value, description, whether to show it.
    pub stats: IndexMap<String, IndexMap<String, Value>>,
}

/// A column with what the warehouse says of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CatalogColumn {
    /// The name.
    pub name: String,
    /// Its place, as the warehouse counts.
    pub index: i64,
    /// The type.
    pub data_type: String,
    /// The comment.
    pub comment: Option<String>,
}

/// Asks the warehouse for all relations of the schemas that the project uses, by dbt's macro `get_catalog`.
pub fn fetch_catalog(session: &Session) -> Result<Vec<CatalogTable>, Box<RunFailure>> {
    let compiler = &session.compiler;
    let graph = &compiler.scope.graph;
    let engine = &compiler.engine;
    let is_listed = |kind: ResourceType| {
        matches!(
            kind,
            ResourceType::Model
                | ResourceType::Seed
                | ResourceType::Snapshot
                | ResourceType::Test
                | ResourceType::Source
        )
    };
    let mut databases: IndexMap<Option<String>, IndexSet<String>> = IndexMap::new();
    for node in
        graph.nodes.iter().filter(|node| is_listed(node.resource_type) && node.relation.is_some())
    {
        databases.entry(node.database.clone()).or_default().insert(node.schema.clone());
    }
    let macro_id = engine.find_macro(session.scope.package(), "get_catalog");
    let macro_id = macro_id.as_deref().unwrap_or("get_catalog");
    let mut tables = Vec::new();
    let dialect = engine.dialect();
    let groups = databases.into_iter().flat_map(|(database, schemas)| {
        let schemas: Vec<String> = schemas.into_iter().collect();
        let size = if dialect.capabilities().has_catalog_in_schema { 1 } else { schemas.len() };
        let groups: Vec<_> =
            schemas.chunks(size.max(1)).map(|group| (database.clone(), group.to_vec())).collect();
        groups
    });
    for (database, schemas) in groups {
        let schema = schemas.first().map(String::as_str);
        let named = Relation::new(database.as_deref(), schema, None, dialect.default_quoting());
        let information_schema = dialect.information_schema(&named, None);
        let arguments = [
            Argument::Relation(information_schema),
            Argument::Json(Value::Array(schemas.into_iter().map(Value::String).collect())),
        ];
        let called =
            engine.call_macro(macro_id, &arguments, &[], &session.scope, &session.warehouse)?;
        if let Some(table) = &called.table {
            tables.extend(tables_of(table));
        }
    }
    Ok(tables)
}

/// Rows of a column each, as `get_catalog` gives them, by table.
fn tables_of(rows: &ResultTable) -> Vec<CatalogTable> {
    let at = |name: &str| rows.columns.iter().position(|column| column.eq_ignore_ascii_case(name));
    let text = |row: &[Value], name: &str| match row.get(at(name)?)? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    let mut tables: IndexMap<(Option<String>, String, String), CatalogTable> = IndexMap::new();
    for row in &rows.rows {
        let database = text(row, "table_database");
        let schema = text(row, "table_schema").unwrap_or_default();
        let name = text(row, "table_name").unwrap_or_default();
        let table =
            tables.entry((database.clone(), schema.clone(), name.clone())).or_insert_with(|| {
                CatalogTable {
                    database,
                    schema,
                    name,
                    kind: text(row, "table_type").unwrap_or_default(),
                    comment: text(row, "table_comment"),
                    owner: text(row, "table_owner"),
                    columns: Vec::new(),
                    stats: stats(rows, row),
                }
            });
        if let Some(name) = text(row, "column_name") {
            table.columns.push(CatalogColumn {
                name,
                index: text(row, "column_index")
                    .and_then(|index| index.parse().ok())
                    .unwrap_or_default(),
                data_type: text(row, "column_type").unwrap_or_default(),
                comment: text(row, "column_comment"),
            });
        }
    }
    tables.into_values().collect()
}

/// Columns named `stats:id:part`.
fn stats(rows: &ResultTable, row: &[Value]) -> IndexMap<String, IndexMap<String, Value>> {
    let mut stats: IndexMap<String, IndexMap<String, Value>> = IndexMap::new();
    for (column, value) in rows.columns.iter().zip(row) {
        // Where a name cannot hold a colon, two underscores stand for it.
        let column = column.replace("__", ":");
        let mut parts = column.split(':');
        if let (Some("stats"), Some(id), Some(part)) = (parts.next(), parts.next(), parts.next()) {
            stats.entry(id.to_owned()).or_default().insert(part.to_owned(), value.clone());
        }
    }
    stats.retain(|_, parts| {
        parts.get("include").is_some_and(|include| include == &Value::Bool(true))
    });
    stats
}
