//! What is known of a relation, a CTE or a subquery while a query is resolved.

use std::rc::Rc;

use indexmap::{IndexMap, IndexSet};

use super::origins::{Origins, RelationId, SourceId};

/// Where a value comes from, and its type when that is obvious.
#[derive(Debug, Clone)]
pub(crate) struct Value {
    pub(crate) sources: Rc<[SourceId]>,
    /// Whether it is the value of a source, unchanged.
    pub(crate) is_direct: bool,
    pub(crate) data_type: Option<Rc<str>>,
}

impl Value {
    /// A computed value.
    pub(crate) fn derived(sources: &[SourceId], data_type: Option<Rc<str>>) -> Self {
        Self { sources: sources.into(), is_direct: false, data_type }
    }

    /// A value that comes from nowhere.
    pub(crate) fn nothing() -> Self {
        Self::derived(&[], None)
    }

    /// The same sources, but computed.
    pub(crate) fn into_derived(self) -> Self {
        Self { is_direct: false, data_type: None, ..self }
    }

    /// One of several values, which one is not known; nothing of none.
    pub(crate) fn any_of(values: &[Self]) -> Self {
        let (first, others) = match values {
            [] => return Self::nothing(),
            [only] => return only.clone(),
            [first, others @ ..] => (first, others),
        };
        let mut sources = IndexSet::with_capacity(values.len());
        sources.extend(values.iter().flat_map(|value| value.sources.iter().copied()));
        let has_one_type = others.iter().all(|value| value.data_type == first.data_type);
        Self {
            sources: sources.into_iter().collect(),
            is_direct: values.iter().all(|value| value.is_direct),
            data_type: first.data_type.clone().filter(|_| has_one_type),
        }
    }
}

/// A column under its name.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) name: Rc<str>,
    pub(crate) value: Value,
}

/// All columns of something unknown, but those excluded.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Star {
    /// The relation; `None` for a table function.
    pub(crate) relation: Option<RelationId>,
    /// Lower-case names.
    pub(crate) excluded: Rc<[Rc<str>]>,
    /// How many columns stand before it.
    pub(crate) position: usize,
}

/// The columns of a relation, a CTE or a subquery.
#[derive(Debug, Clone, Default)]
pub(crate) struct Relation {
    pub(crate) columns: Vec<Column>,
    /// By lower-case name; columns of the same name in one value.
    index: IndexMap<Rc<str>, Value>,
    pub(crate) stars: Vec<Star>,
    /// The value of every name that is not among the columns, as for the fields of an array's elements.
    pub(crate) fallback: Option<Value>,
}

/// How sure a name stands for a column.
#[derive(Debug)]
pub(crate) enum Found {
    Certain(Value),
    Possible(Value),
    Absent,
}

/// Names are compared in lower case: few projects have columns that differ only in case.
pub(crate) fn key_of(name: &str) -> Rc<str> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii()) {
        name.to_lowercase().into()
    } else {
        name.into()
    }
}

impl Relation {
    /// A relation with these columns.
    pub(crate) fn of(columns: impl IntoIterator<Item = (Rc<str>, Value)>) -> Self {
        let mut relation = Self::default();
        for (name, value) in columns {
            relation.push(name, value);
        }
        relation
    }

    /// A relation of which nothing is known but its name.
    pub(crate) fn unknown(relation: Option<RelationId>) -> Self {
        let star = Star { relation, excluded: Rc::new([]), position: 0 };
        Self { stars: vec![star], ..Self::default() }
    }

    /// Something whose columns are all computed from these values.
    pub(crate) fn opaque(value: Value) -> Self {
        Self { fallback: Some(value), ..Self::unknown(None) }
    }

    pub(crate) fn push(&mut self, name: Rc<str>, value: Value) {
        let key = key_of(&name);
        match self.index.get_mut(&key) {
            Some(known) if known.sources == value.sources && known.is_direct == value.is_direct => {
            }
            Some(known) => *known = Value::any_of(&[known.clone(), value.clone()]),
            None => {
                self.index.insert(key, value.clone());
            }
        }
        self.columns.push(Column { name, value });
    }

    /// Adds a star after the columns so far.
    pub(crate) fn push_star(&mut self, relation: Option<RelationId>, excluded: &[Rc<str>]) {
        let star = Star { relation, excluded: excluded.into(), position: self.columns.len() };
        if !self.stars.iter().any(|it| it.relation == relation && it.excluded == star.excluded) {
            self.stars.push(star);
        }
    }

    /// Whether all columns are known.
    pub(crate) fn is_closed(&self) -> bool {
        self.stars.is_empty() && self.fallback.is_none()
    }

    /// What a name stands for; names behind stars become sources.
    pub(crate) fn find(&self, key: &Rc<str>, name: &Rc<str>, origins: &mut Origins) -> Found {
        if let Some(value) = self.index.get(key) {
            return Found::Certain(value.clone());
        }
        let mut possible = Vec::new();
        for star in self.stars.iter().filter(|star| !star.excluded.contains(key)) {
            possible.extend(star.relation.map(|relation| Value {
                sources: Rc::new([origins.add_source(relation, key, name)]),
                is_direct: true,
                data_type: None,
            }));
        }
        possible.extend(self.fallback.clone());
        match possible.as_slice() {
            [] if self.is_closed() => Found::Absent,
            [] if self.stars.iter().all(|star| star.excluded.contains(key)) => Found::Absent,
            values => Found::Possible(Value::any_of(values)),
        }
    }

    /// The value of a whole row.
    pub(crate) fn row(&self) -> Value {
        let values: Vec<Value> = self
            .columns
            .iter()
            .map(|column| column.value.clone())
            .chain(self.fallback.clone())
            .collect();
        Value::any_of(&values).into_derived()
    }

    /// The columns under other names, the first ones first.
    pub(crate) fn renamed(&self, names: &[Rc<str>]) -> Self {
        let mut renamed = Self { fallback: self.fallback.clone(), ..Self::default() };
        for (place, column) in self.columns.iter().enumerate() {
            let name = names.get(place).unwrap_or(&column.name);
            renamed.push(Rc::clone(name), column.value.clone());
        }
        if self.is_closed() {
            return renamed;
        }
        // The columns behind a star have new names, and which is which is not known.
        for name in names.iter().skip(self.columns.len()) {
            renamed.push(Rc::clone(name), self.fallback.clone().unwrap_or_else(Value::nothing));
        }
        if names.len() < self.columns.len() || self.fallback.is_some() {
            renamed.stars.clone_from(&self.stars);
        }
        renamed
    }

    /// The rows of all these relations: columns by their places or, where that cannot be, by their names.
    pub(crate) fn union(relations: Vec<Self>, matching: Matching) -> Self {
        let mut relations = relations;
        if relations.len() < 2 {
            return relations.pop().unwrap_or_default();
        }
        let width = relations[0].columns.len();
        let has_places = matching == Matching::ByPlace
            && relations.iter().all(|it| it.is_closed() && it.columns.len() == width);
        let mut groups: IndexMap<(usize, Rc<str>), NamedValues> = IndexMap::new();
        for (place, column) in relations.iter().flat_map(|it| it.columns.iter().enumerate()) {
            let group = if has_places { (place, "".into()) } else { (0, key_of(&column.name)) };
            let entry =
                groups.entry(group).or_insert_with(|| (Rc::clone(&column.name), Vec::new()));
            entry.1.push(column.value.clone());
        }
        let columns = groups.into_values().map(|(name, values)| (name, Value::any_of(&values)));
        let mut united = Self::of(columns);
        let stars: IndexSet<_> = relations
            .iter()
            .flat_map(|it| &it.stars)
            .map(|star| (star.relation, Rc::clone(&star.excluded), star.position.min(width)))
            .collect();
        united.stars = stars
            .into_iter()
            .map(|(relation, excluded, position)| Star { relation, excluded, position })
            .collect();
        let fallbacks: Vec<Value> = relations.iter().filter_map(|it| it.fallback.clone()).collect();
        united.fallback = (!fallbacks.is_empty()).then(|| Value::any_of(&fallbacks));
        united
    }
}

/// The columns of a union that are one column of its output, under the first one's name.
type NamedValues = (Rc<str>, Vec<Value>);

/// How the columns of a union belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Matching {
    ByPlace,
    ByName,
}
