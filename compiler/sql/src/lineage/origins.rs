//! The relations and columns that a query reads, each under a number.

use std::rc::Rc;

use indexmap::{IndexMap, IndexSet};

use super::ColumnSource;

/// The number of a relation.
pub(crate) type RelationId = u32;
/// The number of a column of a relation.
pub(crate) type SourceId = u32;

/// All origins met so far, in the order of their numbers.
#[derive(Debug, Default)]
pub(crate) struct Origins {
    relations: IndexSet<Vec<String>>,
    /// By relation and lower-case name; the name as written.
    sources: IndexMap<(RelationId, Rc<str>), Rc<str>>,
}

impl Origins {
    pub(crate) fn add_relation(&mut self, parts: Vec<String>) -> RelationId {
        self.relations.insert_full(parts).0 as RelationId
    }

    pub(crate) fn add_source(
        &mut self,
        relation: RelationId,
        key: &Rc<str>,
        name: &Rc<str>,
    ) -> SourceId {
        let entry = self.sources.entry((relation, Rc::clone(key)));
        let id = entry.index() as SourceId;
        entry.or_insert_with(|| Rc::clone(name));
        id
    }

    pub(crate) fn relation(&self, id: RelationId) -> &[String] {
        self.relations.get_index(id as usize).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn source(&self, id: SourceId) -> Option<ColumnSource> {
        let ((relation, _), name) = self.sources.get_index(id as usize)?;
        Some(ColumnSource { relation: self.relation(*relation).to_vec(), column: name.to_string() })
    }

    pub(crate) fn into_relations(self) -> Vec<Vec<String>> {
        self.relations.into_iter().collect()
    }
}
