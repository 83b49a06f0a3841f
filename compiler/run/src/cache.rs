//! What relations there are, as far as the run has asked, shared by all workers.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use adapter_interface::{Relation, RelationKind};
use indexmap::IndexMap;
use indexmap::map::Entry;
use template::CachedRelation;

/// Relations by schema.
#[derive(Debug)]
pub(crate) struct RelationCache {
    ignores_case: bool,
    known: Mutex<Known>,
    /// Changed while `known` is held, and read without: each question of a run asks for it.
    age: AtomicU64,
    readers: Mutex<Option<Readers>>,
}

type SchemaKey = (Option<String>, String);

/// A relation's schema and name.
type Place = (String, String);

/// The number of times that something was forgotten when a listing was asked for: one that was asked for before the last
/// time may show what is no longer so.
pub(crate) type Age = u64;

#[derive(Debug, Default)]
struct Known {
    schemas: IndexMap<SchemaKey, Schema>,
}

impl Known {
    /// A schema that is asked for now.
    fn asked(&mut self, key: SchemaKey) -> &mut Schema {
        self.schemas.entry(key).or_insert_with(|| Schema::Awaited(Vec::new()))
    }
}

/// A schema that somebody asked for.
#[derive(Debug)]
enum Schema {
    /// A listing is on its way from the warehouse. Others go on meanwhile, and it may have been made before or after what
    /// they note here.
    Awaited(Vec<Change>),
    Listed(Listing),
}

impl Schema {
    /// The relations it has, where it is listed.
    fn listing(&self) -> Option<&Listing> {
        match self {
            Self::Listed(listing) => Some(listing),
            Self::Awaited(_) => None,
        }
    }

    fn note(&mut self, change: Change) {
        match self {
            Self::Awaited(changes) => changes.push(change),
            Self::Listed(listing) => listing.apply(change),
        }
    }
}

/// What became of a relation of a schema.
#[derive(Debug)]
enum Change {
    Added {
        name: String,
        relation: Relation,
    },
    Dropped {
        name: String,
    },
    /// The relation of a name of this schema has another name, in it.
    Renamed {
        from: String,
        to: String,
        relation: Relation,
        kind: Option<RelationKind>,
    },
}

/// The relations of a schema by name. A run takes away and renames as many as there are, so none may take longer for
/// the others; each keeps the number of its coming, after which they are listed.
#[derive(Debug, Default)]
struct Listing {
    relations: IndexMap<String, (u64, Relation)>,
    next: u64,
}

impl Listing {
    fn insert(&mut self, name: String, relation: Relation) {
        let next = self.next;
        self.next += 1;
        match self.relations.entry(name) {
            Entry::Occupied(mut there) => there.get_mut().1 = relation,
            Entry::Vacant(place) => {
                place.insert((next, relation));
            }
        }
    }

    fn apply(&mut self, change: Change) {
        match change {
            Change::Added { name, relation } => self.insert(name, relation),
            Change::Dropped { name } => {
                self.relations.swap_remove(&name);
            }
            Change::Renamed { from, to, mut relation, kind } => {
                let known = self.relations.swap_remove(&from).and_then(|(_, known)| known.kind);
                relation.kind = relation.kind.or(known).or(kind);
                self.insert(to, relation);
            }
        }
    }

    fn in_order(&self) -> Vec<Relation> {
        let mut all: Vec<&(u64, Relation)> = self.relations.values().collect();
        all.sort_unstable_by_key(|(number, _)| *number);
        all.into_iter().map(|(_, relation)| relation.clone()).collect()
    }
}

/// Which relations read a relation, and go with it when it is dropped. Each has a number, which stays when it is renamed.
#[derive(Debug, Default)]
struct Readers {
    numbers: IndexMap<Place, usize>,
    places: Vec<Place>,
    /// Of each, the numbers of those that read it.
    read_by: Vec<Vec<usize>>,
}

impl Readers {
    fn number(&mut self, place: Place) -> usize {
        let next = self.places.len();
        let number = *self.numbers.entry(place.clone()).or_insert(next);
        if number == next {
            self.places.push(place);
            self.read_by.push(Vec::new());
        }
        number
    }

    fn rename(&mut self, old: &Place, new: Place) {
        if let Some(number) = self.numbers.swap_remove(old) {
            self.places[number].clone_from(&new);
            self.numbers.insert(new, number);
        }
    }

    /// Takes a relation out with all that read it.
    fn remove(&mut self, place: Place) -> Vec<Place> {
        let Some(first) = self.numbers.get(&place).copied() else { return vec![place] };
        let (mut gone, mut open) = (Vec::new(), vec![first]);
        while let Some(number) = open.pop() {
            open.append(&mut self.read_by[number]);
            gone.push(self.places[number].clone());
        }
        gone
    }
}

impl RelationCache {
    /// An empty cache; names compare without regard to case where the warehouse does so.
    pub(crate) fn new(ignores_case: bool) -> Self {
        Self {
            ignores_case,
            known: Mutex::default(),
            age: AtomicU64::new(0),
            readers: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn name(&self, name: Option<&str>) -> String {
        let name = name.unwrap_or_default();
        if self.ignores_case { name.to_lowercase() } else { name.to_owned() }
    }

    fn key(&self, relation: &Relation) -> SchemaKey {
        let database = relation.database.as_deref().map(|name| self.name(Some(name)));
        (database, self.name(relation.schema.as_deref()))
    }

    /// How old a listing is that is asked for now.
    pub(crate) fn age(&self) -> Age {
        self.age.load(Ordering::SeqCst)
    }

    /// The relations of a schema, when it was listed. Where it was not, whoever asks is about to list it, and what
    /// becomes of its relations meanwhile is kept for then.
    pub(crate) fn relations(&self, schema: &Relation) -> Option<Vec<Relation>> {
        let mut known = self.lock();
        known.asked(self.key(schema)).listing().map(Listing::in_order)
    }

    /// The relation of a name, when its schema was listed. Runs ask for one many times, of schemas that hold thousands.
    pub(crate) fn relation(&self, named: &Relation) -> CachedRelation {
        let name = self.name(named.identifier.as_deref());
        let mut known = self.lock();
        let Some(listing) = known.asked(self.key(named)).listing() else {
            return CachedRelation::Unlisted;
        };
        let found = listing.relations.get(&name).map(|(_, relation)| relation.clone());
        found.map_or(CachedRelation::Absent, CachedRelation::Listed)
    }

    /// Notes a listing of a schema that was asked for at an age, and what came to pass since.
    pub(crate) fn put(&self, schema: &Relation, relations: Vec<Relation>, age: Age) {
        let mut listing = Listing::default();
        for relation in relations {
            listing.insert(self.name(relation.identifier.as_deref()), relation);
        }
        let mut known = self.lock();
        if self.age() != age {
            return;
        }
        let schema = known.asked(self.key(schema));
        // Of two listings the first was kept up to date since.
        if let Schema::Awaited(changes) = schema {
            for change in std::mem::take(changes) {
                listing.apply(change);
            }
            *schema = Schema::Listed(listing);
        }
    }

    fn note(&self, relation: &Relation, change: Change) {
        if let Some(schema) = self.lock().schemas.get_mut(&self.key(relation)) {
            schema.note(change);
        }
    }

    /// Notes that a relation came to be.
    pub(crate) fn added(&self, relation: &Relation) {
        let name = self.name(relation.identifier.as_deref());
        self.note(relation, Change::Added { name, relation: relation.clone() });
    }

    /// Notes that a relation was dropped.
    pub(crate) fn dropped(&self, relation: &Relation) {
        self.note(relation, Change::Dropped { name: self.name(relation.identifier.as_deref()) });
    }

    fn place(&self, relation: &Relation) -> Place {
        (self.name(relation.schema.as_deref()), self.name(relation.identifier.as_deref()))
    }

    /// Notes which relation (the first, by schema and name) reads which, as it is before the run.
    pub(crate) fn put_readers(&self, pairs: impl Iterator<Item = [String; 4]>) {
        let mut readers = Readers::default();
        for [schema, name, read_schema, read_name] in pairs {
            let read = (self.name(Some(&read_schema)), self.name(Some(&read_name)));
            let reader = (self.name(Some(&schema)), self.name(Some(&name)));
            let (read, reader) = (readers.number(read), readers.number(reader));
            readers.read_by[read].push(reader);
        }
        *self.readers.lock().unwrap_or_else(PoisonError::into_inner) = Some(readers);
    }

    /// Notes that a relation was dropped together with all that read it. Where nobody said what reads what, all notes
    /// are doubtful.
    pub(crate) fn cascaded(&self, relation: &Relation) {
        let gone = {
            let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(readers) = readers.as_mut() else {
                drop(readers);
                self.clear();
                return;
            };
            readers.remove(self.place(relation))
        };
        let mut known = self.lock();
        for (schema, name) in &gone {
            for (_, found) in known.schemas.iter_mut().filter(|((_, known), _)| known == schema) {
                found.note(Change::Dropped { name: name.clone() });
            }
        }
    }

    /// Notes that a relation was renamed.
    pub(crate) fn renamed(&self, from: &Relation, to: &Relation) {
        if let Some(readers) = self.readers.lock().unwrap_or_else(PoisonError::into_inner).as_mut()
        {
            readers.rename(&self.place(from), self.place(to));
        }
        let (mut relation, from_kind) = (to.clone(), from.kind);
        if self.key(from) == self.key(to) {
            let from = self.name(from.identifier.as_deref());
            let name = self.name(to.identifier.as_deref());
            let change = Change::Renamed { from, to: name, relation, kind: from_kind };
            self.note(to, change);
        } else {
            relation.kind = relation.kind.or(from_kind);
            self.dropped(from);
            self.added(&relation);
        }
    }

    /// Forgets the schemas that a test tells.
    fn forget(&self, is_forgotten: impl Fn(&SchemaKey) -> bool) {
        let mut known = self.lock();
        self.age.fetch_add(1, Ordering::SeqCst);
        for (_, schema) in known.schemas.iter_mut().filter(|(key, _)| is_forgotten(key)) {
            *schema = Schema::Awaited(Vec::new());
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        self.forget(|_| true);
    }

    /// Forgets a schema: it was dropped, or a rollback made the notes about it doubtful. It is listed again when asked for.
    pub(crate) fn schema_dropped(&self, schema: &Relation) {
        let key = self.key(schema);
        self.forget(|known| *known == key);
    }
}

#[cfg(test)]
mod tests {
    use adapter_interface::Quoting;

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
        cache.put(&relation("x"), vec![relation("Orders__tmp").with_kind(RelationKind::Table)], 0);
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
        cache.put(&relation("x"), all.clone(), 0);
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
        cache.put(&relation("x"), all, 0);
        cache.cascaded(&relation("base"));
        assert_eq!(cache.relations(&relation("x")), None);
    }

    #[test]
    fn what_others_do_while_a_schema_is_listed_counts() {
        let cache = RelationCache::new(false);
        let schema = relation("x");
        assert_eq!(cache.relations(&schema), None);
        cache.added(&relation("new"));
        cache.renamed(&relation("new"), &relation("newer"));
        cache.dropped(&relation("old"));
        // The warehouse was asked before any of it was committed.
        cache.put(&schema, vec![relation("old"), relation("other")], cache.age());
        let names = |cache: &RelationCache| -> Vec<String> {
            let found = cache.relations(&schema).unwrap();
            found.into_iter().filter_map(|one| one.identifier).collect()
        };
        assert_eq!(names(&cache), ["other", "newer"]);

        // What was asked for before something was undone is not believed.
        let age = cache.age();
        cache.schema_dropped(&schema);
        assert_eq!(cache.relation(&relation("newer")), CachedRelation::Unlisted);
        cache.put(&schema, vec![relation("undone")], age);
        assert_eq!(cache.relation(&relation("undone")), CachedRelation::Unlisted);
        cache.put(&schema, vec![relation("kept")], cache.age());
        assert_eq!(names(&cache), ["kept"]);
    }
}
