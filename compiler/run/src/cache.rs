//! What relations there are, as far as the run has asked, shared by all workers.

use std::sync::{Mutex, MutexGuard, PoisonError};

use adapter_interface::Relation;
use indexmap::IndexMap;
use template::CachedRelation;

/// Relations by schema. A schema that is not in it was not listed yet.
#[derive(Debug)]
pub(crate) struct RelationCache {
    ignores_case: bool,
    schemas: Mutex<IndexMap<SchemaKey, IndexMap<String, Relation>>>,
    readers: Mutex<Option<Readers>>,
}

/// Which relations read a relation, and go with it when it is dropped: by schema and name.
type Readers = IndexMap<(String, String), Vec<(String, String)>>;

type SchemaKey = (Option<String>, String);

impl RelationCache {
    /// An empty cache; names compare without regard to case where the warehouse does so.
    pub(crate) fn new(ignores_case: bool) -> Self {
        Self { ignores_case, schemas: Mutex::default(), readers: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, IndexMap<SchemaKey, IndexMap<String, Relation>>> {
        self.schemas.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn name(&self, name: Option<&str>) -> String {
        let name = name.unwrap_or_default();
        if self.ignores_case { name.to_lowercase() } else { name.to_owned() }
    }

    fn key(&self, relation: &Relation) -> SchemaKey {
        let database = relation.database.as_deref().map(|name| self.name(Some(name)));
        (database, self.name(relation.schema.as_deref()))
    }

    /// The relations of a schema, when it was listed.
    pub(crate) fn relations(&self, schema: &Relation) -> Option<Vec<Relation>> {
        self.lock().get(&self.key(schema)).map(|relations| relations.values().cloned().collect())
    }

    /// The relation of a name, when its schema was listed. Runs ask for one many times, of schemas that hold thousands.
    pub(crate) fn relation(&self, named: &Relation) -> CachedRelation {
        let name = self.name(named.identifier.as_deref());
        let schemas = self.lock();
        let Some(relations) = schemas.get(&self.key(named)) else {
            return CachedRelation::Unlisted;
        };
        relations.get(&name).cloned().map_or(CachedRelation::Absent, CachedRelation::Listed)
    }

    /// Notes a listing of a schema.
    pub(crate) fn put(&self, schema: &Relation, relations: Vec<Relation>) {
        let named = relations
            .into_iter()
            .map(|relation| (self.name(relation.identifier.as_deref()), relation));
        self.lock().insert(self.key(schema), named.collect());
    }

    /// Notes that a relation came to be. In a schema that was not listed nothing is noted: a listing must be whole.
    pub(crate) fn added(&self, relation: &Relation) {
        if let Some(relations) = self.lock().get_mut(&self.key(relation)) {
            relations.insert(self.name(relation.identifier.as_deref()), relation.clone());
        }
    }

    /// Notes that a relation was dropped.
    pub(crate) fn dropped(&self, relation: &Relation) {
        if let Some(relations) = self.lock().get_mut(&self.key(relation)) {
            relations.shift_remove(&self.name(relation.identifier.as_deref()));
        }
    }

    fn place(&self, relation: &Relation) -> (String, String) {
        (self.name(relation.schema.as_deref()), self.name(relation.identifier.as_deref()))
    }

    /// Notes which relation (the first, by schema and name) reads which, as it is before the run.
    pub(crate) fn put_readers(&self, pairs: impl Iterator<Item = [String; 4]>) {
        let mut readers = Readers::new();
        for [schema, name, read_schema, read_name] in pairs {
            let read = (self.name(Some(&read_schema)), self.name(Some(&read_name)));
            let reader = (self.name(Some(&schema)), self.name(Some(&name)));
            readers.entry(read).or_default().push(reader);
        }
        *self.readers.lock().unwrap_or_else(PoisonError::into_inner) = Some(readers);
    }

    /// Notes that a relation was dropped together with all that read it. Where nobody said what reads what, all notes
    /// are doubtful.
    pub(crate) fn cascaded(&self, relation: &Relation) {
        let mut gone = Vec::new();
        {
            let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(readers) = readers.as_mut() else {
                drop(readers);
                self.clear();
                return;
            };
            let mut open = vec![self.place(relation)];
            while let Some(place) = open.pop() {
                open.extend(readers.shift_remove(&place).unwrap_or_default());
                gone.push(place);
            }
        }
        let mut schemas = self.lock();
        for (schema, name) in &gone {
            for (_, relations) in schemas.iter_mut().filter(|((_, known), _)| known == schema) {
                relations.shift_remove(name);
            }
        }
    }

    /// Notes that a relation was renamed.
    pub(crate) fn renamed(&self, from: &Relation, to: &Relation) {
        if let Some(readers) = self.readers.lock().unwrap_or_else(PoisonError::into_inner).as_mut()
        {
            let (old, new) = (self.place(from), self.place(to));
            if let Some(own) = readers.shift_remove(&old) {
                readers.insert(new.clone(), own);
            }
            readers.values_mut().flatten().filter(|reader| **reader == old).for_each(|reader| {
                reader.clone_from(&new);
            });
        }
        let known = self
            .lock()
            .get_mut(&self.key(from))
            .and_then(|relations| relations.shift_remove(&self.name(from.identifier.as_deref())));
        let mut moved = to.clone();
        moved.kind = moved.kind.or(known.and_then(|known| known.kind)).or(from.kind);
        self.added(&moved);
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    /// Forgets a schema: it was dropped, or a rollback made the notes about it doubtful. It is listed again when asked for.
    pub(crate) fn schema_dropped(&self, schema: &Relation) {
        self.lock().shift_remove(&self.key(schema));
    }
}

#[cfg(test)]
mod tests {
    use adapter_interface::{Quoting, RelationKind};

    use super::*;

    fn relation(name: &str) -> Relation {
        Relation::new(Some("db"), Some("main"), Some(name), Quoting::ALL)
    }

    #[test]
    fn renaming_keeps_the_kind_and_listing_is_needed_first() {
        let cache = RelationCache::new(true);
        cache.added(&relation("early"));
        assert_eq!(cache.relations(&relation("x")), None);
        assert_eq!(cache.relation(&relation("early")), CachedRelation::Unlisted);
        cache.put(&relation("x"), vec![relation("Orders__tmp").with_kind(RelationKind::Table)]);
        cache.renamed(&relation("orders__TMP"), &relation("orders"));
        let relations = cache.relations(&relation("x")).unwrap();
        assert_eq!(relations.len(), 1);
        assert_eq!(relations[0].identifier.as_deref(), Some("orders"));
        assert_eq!(relations[0].kind, Some(RelationKind::Table));
        assert_eq!(
            cache.relation(&relation("ORDERS")),
            CachedRelation::Listed(relations[0].clone())
        );
        cache.dropped(&relation("ORDERS"));
        assert_eq!(cache.relation(&relation("orders")), CachedRelation::Absent);
        assert_eq!(cache.relations(&relation("x")), Some(vec![]));
    }

    #[test]
    fn what_reads_a_dropped_relation_goes_with_it() {
        let cache = RelationCache::new(false);
        let names = ["base", "view", "view_of_view", "other"];
        let all: Vec<Relation> = names.into_iter().map(relation).collect();
        cache.put(&relation("x"), all.clone());
        let pair = |one: &str, other: &str| {
            ["main".to_owned(), one.to_owned(), "main".to_owned(), other.to_owned()]
        };
        cache.put_readers([pair("view", "base"), pair("view_of_view", "view")].into_iter());
        cache.renamed(&relation("base"), &relation("base__backup"));
        cache.added(&relation("base"));
        cache.cascaded(&relation("base__backup"));
        let left = cache.relations(&relation("x")).unwrap();
        let left: Vec<_> = left.iter().filter_map(|one| one.identifier.as_deref()).collect();
        assert_eq!(left, ["other", "base"]);

        // Without knowledge of what reads what, everything is asked for anew.
        let cache = RelationCache::new(false);
        cache.put(&relation("x"), all);
        cache.cascaded(&relation("base"));
        assert_eq!(cache.relations(&relation("x")), None);
    }
}
