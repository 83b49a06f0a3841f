//! `*`, with what it leaves out, replaces and renames.

use std::rc::Rc;

use indexmap::IndexMap;
use sqlparser::ast::{
    ExcludeSelectItem, IdentWithAlias, ObjectName, RenameSelectItem, WildcardAdditionalOptions,
};

use super::relation::{Found, Relation, Value, key_of};
use super::resolver::Resolver;
use super::scope::Scope;

/// The words after a `*`.
#[derive(Debug, Default)]
pub(crate) struct StarOptions {
    /// Lower-case names.
    excluded: Vec<Rc<str>>,
    /// By lower-case name.
    replaced: IndexMap<Rc<str>, (Rc<str>, Value)>,
    /// New names by lower-case old names.
    renamed: IndexMap<Rc<str>, Rc<str>>,
}

impl StarOptions {
    pub(crate) fn exclude(&mut self, name: &str) {
        self.excluded.push(key_of(name));
    }

    pub(crate) fn replace(&mut self, name: &str, value: Value) {
        self.replaced.insert(key_of(name), (name.into(), value));
    }

    pub(crate) fn rename(&mut self, old: &str, new: &str) {
        self.renamed.insert(key_of(old), new.into());
    }

    /// Names that a star over unknown columns does not give.
    fn taken_names(&self) -> Vec<Rc<str>> {
        let names = self.excluded.iter().chain(self.replaced.keys()).chain(self.renamed.keys());
        names.map(Rc::clone).collect()
    }
}

impl Resolver<'_> {
    /// Reads the words after a `*`.
    pub(crate) fn star_options(
        &mut self,
        options: &WildcardAdditionalOptions,
        scope: &Scope,
    ) -> StarOptions {
        let mut read = StarOptions::default();
        match &options.opt_exclude {
            Some(ExcludeSelectItem::Single(name)) => read.excluded.extend(last_key(name)),
            Some(ExcludeSelectItem::Multiple(names)) => {
                read.excluded.extend(names.iter().filter_map(last_key));
            }
            None => {}
        }
        if let Some(except) = &options.opt_except {
            let names = std::iter::once(&except.first_element).chain(&except.additional_elements);
            read.excluded.extend(names.map(|ident| key_of(&ident.value)));
        }
        for item in options.opt_replace.iter().flat_map(|replace| &replace.items) {
            let value = self.value_of(&item.expr, scope);
            read.replace(&item.column_name.value, value);
        }
        let renames: &[IdentWithAlias] = match &options.opt_rename {
            Some(RenameSelectItem::Single(rename)) => std::slice::from_ref(rename),
            Some(RenameSelectItem::Multiple(renames)) => renames,
            None => &[],
        };
        for rename in renames {
            read.rename(&rename.ident.value, &rename.alias.value);
        }
        read
    }

    /// Adds the columns of all tables of a scope. Those of `USING` come first and once, as the standard has it.
    pub(crate) fn push_scope(
        &mut self,
        scope: &Scope,
        options: &StarOptions,
        relation: &mut Relation,
    ) {
        for (key, (name, value)) in &scope.merged {
            push_column(key, name, value, options, relation);
        }
        let merged: Vec<Rc<str>> = scope.merged.keys().map(Rc::clone).collect();
        for table in &scope.tables {
            self.push_columns(&table.relation, options, &merged, relation);
        }
    }

    /// Adds the columns of one table.
    pub(crate) fn push_table(
        &mut self,
        table: &Relation,
        options: &StarOptions,
        relation: &mut Relation,
    ) {
        self.push_columns(table, options, &[], relation);
    }

    /// Adds the columns of one table but those that were given before.
    fn push_columns(
        &mut self,
        table: &Relation,
        options: &StarOptions,
        given: &[Rc<str>],
        relation: &mut Relation,
    ) {
        self.charge_for(table);
        if self.is_exhausted() {
            return;
        }
        let mut taken = options.taken_names();
        taken.extend_from_slice(given);
        let mut stars = table.stars.iter().peekable();
        for place in 0..=table.columns.len() {
            while let Some(star) = stars.next_if(|star| star.position <= place) {
                let mut excluded = star.excluded.to_vec();
                excluded.extend(taken.iter().filter(|key| !star.excluded.contains(key)).cloned());
                relation.push_star(star.relation, &excluded);
            }
            if let Some(column) = table.columns.get(place) {
                let key = key_of(&column.name);
                if !given.contains(&key) {
                    push_column(&key, &column.name, &column.value, options, relation);
                }
            }
        }
        if !table.is_closed() {
            self.push_options_behind_star(table, options, relation);
        }
        if let Some(fallback) = &table.fallback {
            let known = relation.fallback.take();
            let values: Vec<Value> = known.into_iter().chain([fallback.clone()]).collect();
            relation.fallback = Some(Value::any_of(&values));
        }
    }

    /// Columns that are replaced or renamed are there, even when the star does not tell them.
    fn push_options_behind_star(
        &mut self,
        table: &Relation,
        options: &StarOptions,
        relation: &mut Relation,
    ) {
        let has = |relation: &Relation, key: &Rc<str>| {
            relation.columns.iter().any(|column| key_of(&column.name) == *key)
        };
        for (key, (name, value)) in &options.replaced {
            if !has(table, key) && !has(relation, key) {
                relation.push(Rc::clone(name), value.clone());
            }
        }
        for (key, name) in &options.renamed {
            if let Found::Possible(value) = table.find(key, key, &mut self.origins)
                && !has(relation, &key_of(name))
            {
                relation.push(Rc::clone(name), value);
            }
        }
    }
}

fn push_column(
    key: &Rc<str>,
    name: &Rc<str>,
    value: &Value,
    options: &StarOptions,
    relation: &mut Relation,
) {
    if options.excluded.contains(key) {
        return;
    }
    let value = options.replaced.get(key).map_or(value, |(_, value)| value);
    let name = options.renamed.get(key).unwrap_or(name);
    relation.push(Rc::clone(name), value.clone());
}

fn last_key(name: &ObjectName) -> Option<Rc<str>> {
    name.0.last().and_then(|part| part.as_ident()).map(|ident| key_of(&ident.value))
}
