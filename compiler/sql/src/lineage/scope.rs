//! The names that an expression can use: the relations of its `FROM`, the aliases before it, and those of the
//! queries around it.

use std::rc::Rc;

use indexmap::IndexMap;
use sqlparser::ast::{Ident, NamedWindowDefinition};

use super::origins::Origins;
use super::relation::{Found, Relation, Value, key_of};

/// The names visible in one `SELECT`.
#[derive(Debug, Default)]
pub(crate) struct Scope<'p> {
    pub(crate) tables: Vec<ScopeTable>,
    /// The columns of `USING` and natural joins, which stand for those of both sides.
    pub(crate) merged: IndexMap<Rc<str>, (Rc<str>, Value)>,
    /// The columns before, where the dialect lets them be used.
    pub(crate) aliases: IndexMap<Rc<str>, Value>,
    pub(crate) windows: &'p [NamedWindowDefinition],
    parent: Option<&'p Scope<'p>>,
}

/// A relation under the name it has in a `FROM`.
#[derive(Debug)]
pub(crate) struct ScopeTable {
    /// The parts of the name, in lower case; one part for an alias, none when nothing names it.
    pub(crate) name: Vec<Rc<str>>,
    pub(crate) relation: Rc<Relation>,
}

impl ScopeTable {
    /// Whether `schema.table` stands for it, the parts being in lower case.
    pub(crate) fn is_named(&self, qualifier: &[Rc<str>]) -> bool {
        !self.name.is_empty() && self.name.ends_with(qualifier)
    }
}

impl<'p> Scope<'p> {
    pub(crate) fn inside(parent: Option<&'p Scope<'p>>) -> Self {
        Self { parent, ..Self::default() }
    }

    /// The table that a qualifier stands for in this scope or in those around it.
    pub(crate) fn table(&self, qualifier: &[Rc<str>]) -> Option<&ScopeTable> {
        let found = self.tables.iter().find(|table| table.is_named(qualifier));
        found.or_else(|| self.parent?.table(qualifier))
    }

    /// The value of a name of one part, or `None` when nothing is known by it.
    pub(crate) fn find_column(
        &self,
        key: &Rc<str>,
        name: &Rc<str>,
        origins: &mut Origins,
    ) -> Option<Value> {
        if let Some((_, value)) = self.merged.get(key) {
            return Some(value.clone());
        }
        let mut certain = Vec::new();
        let mut possible = Vec::new();
        for table in &self.tables {
            match table.relation.find(key, name, origins) {
                Found::Certain(value) => certain.push(value),
                // A source that is only possible is made again below when it is needed.
                Found::Possible(value) => possible.push(value),
                Found::Absent => {}
            }
        }
        if !certain.is_empty() {
            return Some(Value::any_of(&certain));
        }
        if let Some(value) = self.aliases.get(key) {
            return Some(value.clone());
        }
        if !possible.is_empty() {
            return Some(Value::any_of(&possible));
        }
        let row = self.tables.iter().find(|table| table.is_named(std::slice::from_ref(key)));
        row.map(|table| table.relation.row())
            .or_else(|| self.parent?.find_column(key, name, origins))
    }

    /// The value of a name of several parts: the longest qualifier that names a table wins; else the first part is
    /// a column and the others are fields of it.
    pub(crate) fn find_qualified(&self, parts: &[Ident], origins: &mut Origins) -> Value {
        let keys: Vec<Rc<str>> = parts.iter().map(|part| key_of(&part.value)).collect();
        for length in (1..parts.len()).rev() {
            let Some(table) = self.table(&keys[..length]) else { continue };
            let name: Rc<str> = parts[length].value.as_str().into();
            let value = match table.relation.find(&keys[length], &name, origins) {
                Found::Certain(value) | Found::Possible(value) => value,
                Found::Absent => Value::nothing(),
            };
            let has_fields = parts.len() > length + 1;
            return if has_fields { value.into_derived() } else { value };
        }
        // The input of a pipe operator has lost the names of its tables.
        if let ([_, second], Some(table)) =
            (parts, self.tables.iter().find(|table| table.name.is_empty()))
        {
            let name: Rc<str> = second.value.as_str().into();
            if let Found::Certain(value) | Found::Possible(value) =
                table.relation.find(&keys[1], &name, origins)
            {
                return value;
            }
        }
        let (Some(first), Some(key)) = (parts.first(), keys.first()) else {
            return Value::nothing();
        };
        let name: Rc<str> = first.value.as_str().into();
        self.find_column(key, &name, origins).map_or_else(Value::nothing, Value::into_derived)
    }
}
