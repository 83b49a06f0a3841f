//! Which columns each column of a model is made from, as its compiled SQL tells.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use sql::{QueryLineage, SqlDialect, column_lineage};

use crate::artifacts::catalog::Catalog;
use crate::artifacts::manifest::Manifest;
use crate::site::ColumnOrigin;

/// For each node and each of its columns: where the values come from.
pub type ColumnLineage = BTreeMap<String, BTreeMap<String, Vec<ColumnOrigin>>>;

/// Reads the compiled SQL of all nodes. What the parser does not understand is left out: lineage never fails a command.
pub fn describe_column_lineage(
    manifest: &Manifest<'_>,
    catalog: &Catalog<'_>,
    adapter_type: &str,
) -> ColumnLineage {
    let relations = Relations::new(manifest);
    let dialect = SqlDialect::of_adapter(adapter_type);
    let nodes: Vec<_> = manifest.nodes.iter().collect();
    let lineages = nodes.par_iter().filter_map(|(id, node)| {
        let code = node.compiled.as_ref()?.code.as_ref()?.compiled_code.as_deref()?;
        let is_read = matches!(&*node.parsed.resource_type, "model" | "snapshot" | "analysis");
        let schema = |relation: &[String]| relations.columns(relation, catalog);
        let lineage = is_read.then(|| column_lineage(code, dialect, &schema)).flatten()?;
        let columns = relations.origins(&lineage);
        (!columns.is_empty()).then(|| (id.to_string(), columns))
    });
    lineages.collect::<Vec<_>>().into_iter().collect()
}

/// The relations of nodes and sources, by the lower-case parts of their names.
struct Relations<'a> {
    by_name: IndexMap<[String; 3], &'a str>,
}

impl<'a> Relations<'a> {
    fn new(manifest: &'a Manifest<'_>) -> Self {
        let lower = |part: Option<&str>| part.unwrap_or_default().to_lowercase();
        let nodes =
            manifest.nodes.iter().filter(|(_, node)| node.parsed.relation_name.is_some()).map(
                |(id, node)| {
                    let parsed = &node.parsed;
                    let name = [
                        lower(parsed.database.as_deref()),
                        lower(Some(&parsed.schema)),
                        lower(Some(&parsed.alias)),
                    ];
                    (name, &**id)
                },
            );
        let sources = manifest.sources.iter().map(|(id, table)| {
            let name = [
                lower(table.database.as_deref()),
                lower(Some(&table.schema)),
                lower(Some(&table.identifier)),
            ];
            (name, &**id)
        });
        // A seed and the source that reads it have one name: the source is what the query says it reads.
        Self { by_name: nodes.chain(sources).collect() }
    }

    /// The node or source of a name as written in SQL, which must have all three parts, as ours have.
    fn find(&self, relation: &[String]) -> Option<&'a str> {
        let [database, schema, name] = relation else { return None };
        let key = [database.to_lowercase(), schema.to_lowercase(), name.to_lowercase()];
        self.by_name.get(&key).copied()
    }

    fn columns(&self, relation: &[String], catalog: &Catalog<'_>) -> Option<Vec<String>> {
        let id = self.find(relation)?;
        let table = catalog.nodes.get(id).or_else(|| catalog.sources.get(id))?;
        let mut columns: Vec<_> = table.columns.values().collect();
        columns.sort_by_key(|column| column.index);
        Some(columns.into_iter().map(|column| column.name.to_string()).collect())
    }

    fn origins(&self, lineage: &QueryLineage) -> BTreeMap<String, Vec<ColumnOrigin>> {
        let columns = lineage.columns.iter().filter_map(|column| {
            let mut origins: Vec<ColumnOrigin> = column
                .sources
                .iter()
                .filter_map(|source| {
                    let unique_id = self.find(&source.relation)?.to_owned();
                    Some(ColumnOrigin { unique_id, column: source.column.clone() })
                })
                .collect();
            origins.sort();
            origins.dedup();
            (!origins.is_empty()).then(|| (column.name.clone(), origins))
        });
        columns.collect()
    }
}
