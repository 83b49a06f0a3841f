//! Columns as property files describe them.

use indexmap::IndexMap;
use project::properties::ColumnProperties;

use crate::node::ColumnInfo;

/// The columns by name; a later column of the same name takes the place of an earlier one, as in dbt.
pub fn columns_of<'a>(
    columns: impl IntoIterator<Item = &'a ColumnProperties>,
) -> IndexMap<String, ColumnInfo> {
    columns.into_iter().map(|column| (column.name.value.clone(), column_of(column))).collect()
}

fn column_of(column: &ColumnProperties) -> ColumnInfo {
    ColumnInfo {
        name: column.name.value.clone(),
        description: column.description.clone(),
        doc_blocks: Vec::new(),
        data_type: column.data_type.clone(),
        quote: column.quote,
        meta: column.meta.clone(),
        tags: column.tags.clone(),
        config: column.config.clone(),
        constraints: column.constraints.clone(),
        granularity: column.granularity.clone(),
        other: column.other.clone(),
    }
}
