//! The state of a resolution: the CTEs in reach, the relations known, the work that is left.

use std::collections::BTreeMap;
use std::rc::Rc;

use indexmap::IndexMap;
use sqlparser::ast::Query;

use crate::SqlDialect;

use super::Schema;
use super::origins::{Origins, RelationId};
use super::relation::{Relation, Value, key_of};

/// How many columns and sources may be handled: enough for the largest models, little enough to end soon.
const WORK_LIMIT: usize = 1_000_000;

/// What is shared by all parts of the query that is resolved.
pub(crate) struct Resolver<'q> {
    pub(crate) dialect: SqlDialect,
    pub(crate) origins: Origins,
    schema: &'q dyn Schema,
    /// Relations by number, so that each is asked for once.
    relations: BTreeMap<RelationId, Rc<Relation>>,
    /// By lower-case name, the innermost last.
    ctes: IndexMap<Rc<str>, Vec<Rc<Relation>>>,
    work_left: usize,
}

impl<'q> Resolver<'q> {
    /// The output of a query and its origins; `None` when it takes too much work.
    pub(crate) fn resolve(
        query: &Query,
        dialect: SqlDialect,
        schema: &'q dyn Schema,
    ) -> Option<(Relation, Origins)> {
        let mut resolver = Self {
            dialect,
            origins: Origins::default(),
            schema,
            relations: BTreeMap::new(),
            ctes: IndexMap::new(),
            work_left: WORK_LIMIT,
        };
        let relation = resolver.query(query, None);
        (resolver.work_left > 0).then_some((relation, resolver.origins))
    }

    /// Counts work; once it is all used, relations come out empty and the result is dropped at the end.
    pub(crate) fn charge(&mut self, work: usize) {
        self.work_left = self.work_left.saturating_sub(work);
    }

    /// Counts the columns of a relation and their sources.
    pub(crate) fn charge_for(&mut self, relation: &Relation) {
        let sources: usize = relation.columns.iter().map(|it| it.value.sources.len()).sum();
        self.charge(1 + relation.columns.len() + sources + relation.stars.len());
    }

    pub(crate) fn is_exhausted(&self) -> bool {
        self.work_left == 0
    }

    pub(crate) fn cte(&self, name: &str) -> Option<Rc<Relation>> {
        self.ctes.get(&key_of(name)).and_then(|all| all.last().cloned())
    }

    pub(crate) fn bind_cte(&mut self, name: &str, relation: Rc<Relation>) {
        self.ctes.entry(key_of(name)).or_default().push(relation);
    }

    pub(crate) fn unbind_cte(&mut self, name: &str) {
        if let Some(all) = self.ctes.get_mut(&key_of(name)) {
            all.pop();
        }
    }

    /// A relation of the warehouse.
    pub(crate) fn base_relation(&mut self, parts: Vec<String>) -> Rc<Relation> {
        let id = self.origins.add_relation(parts);
        if let Some(known) = self.relations.get(&id) {
            return Rc::clone(known);
        }
        let relation = Rc::new(match self.schema.columns(self.origins.relation(id)) {
            None => Relation::unknown(Some(id)),
            Some(columns) => Relation::of(columns.into_iter().map(|name| {
                let name: Rc<str> = name.into();
                let source = self.origins.add_source(id, &key_of(&name), &name);
                (name, Value { sources: Rc::new([source]), is_direct: true, data_type: None })
            })),
        });
        self.charge_for(&relation);
        self.relations.insert(id, Rc::clone(&relation));
        relation
    }
}
