//! Python's `dict`: ordered, shared, and changed in place.

use std::cmp::Ordering;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use indexmap::IndexMap;
use minijinja::value::{DynObject, Enumerator, Object, ObjectRepr, ValueKind};
use minijinja::{Error, State, Value};

use super::arguments::Arguments;
use super::error::{failure, no_attribute};
use super::list::PyList;
use super::repr::to_repr;
use super::values::{compare_guarded, iterate, pairs, tuple, type_name};

/// A dict as Python's: in the order of insertion, and whoever holds it sees what others do to it.
#[derive(Default)]
pub struct PyDict {
    entries: Mutex<Entries>,
}

type Pairs = IndexMap<Value, Value, foldhash::fast::RandomState>;

type Make = dyn FnOnce() -> Vec<(Value, Value)> + Send;

#[derive(Default)]
struct Entries {
    pairs: Pairs,
    /// What makes the pairs when somebody first looks.
    make: Option<Box<Make>>,
    /// What the pairs are copied from when somebody changes the dict or looks into a container of it.
    origin: Option<(Arc<PyDict>, Copied)>,
}

/// How the value under a key is copied.
pub(crate) type Copied = fn(&Value, &Value) -> Value;

impl PyDict {
    /// A dict of these pairs; of equal keys the last value stays, at the first one's place.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (Value, Value)>) -> Self {
        Self { entries: Mutex::new(Entries { pairs: pairs_in_order(pairs), ..Entries::default() }) }
    }

    /// A dict whose pairs are made when somebody first looks into it.
    pub fn later(make: impl FnOnce() -> Vec<(Value, Value)> + Send + 'static) -> Self {
        let make = Some(Box::new(make) as _);
        Self { entries: Mutex::new(Entries { make, ..Entries::default() }) }
    }

    /// A dict that takes its pairs from another one as late as can be: only what is looked into is copied.
    pub(crate) fn copy_later(origin: Arc<Self>, copied: Copied) -> Self {
        let origin = Some((origin, copied));
        Self { entries: Mutex::new(Entries { origin, ..Entries::default() }) }
    }

    /// The pairs as they are now.
    pub fn snapshot(&self) -> Vec<(Value, Value)> {
        self.with(|entries| {
            entries.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
        })
    }

    /// The value under a key.
    pub fn get(&self, key: &Value) -> Option<Value> {
        if let Some(value) = self.scalar_of_origin(key) {
            return Some(value);
        }
        self.with(|entries| entries.get(key).or_else(|| entries.get(&twin(key)?)).cloned())
    }

    /// The value under a key of the dict that this one is still to be copied from; nothing for what has to be copied.
    fn scalar_of_origin(&self, key: &Value) -> Option<Value> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let (origin, _) = entries.origin.as_ref()?;
        origin.get(key).filter(|value| value.as_object().is_none())
    }

    /// Sets the value under a key.
    pub fn insert(&self, key: Value, value: Value) {
        let old = self.with(|entries| put(entries, key, value));
        drop(old);
    }

    /// Keys are strings and numbers in practice; a key that is a container compares under the lock but cannot reach back.
    fn with<R>(&self, change: impl FnOnce(&mut Pairs) -> R) -> R {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(make) = entries.make.take() {
            entries.pairs = pairs_in_order(make());
        }
        if let Some((origin, copied)) = entries.origin.take() {
            let copy = |(key, value): (Value, Value)| (key.clone(), copied(&key, &value));
            entries.pairs = origin.snapshot().into_iter().map(copy).collect();
        }
        change(&mut entries.pairs)
    }

    fn update(&self, more: Vec<(Value, Value)>) {
        self.with(|entries| {
            for (key, value) in more {
                put(entries, key, value);
            }
        });
    }

    fn method(&self, name: &str, values: &[Value]) -> Result<Option<Value>, Error> {
        let mut arguments = Arguments::new(name, values);
        let result = match name {
            "update" => {
                if let Some(other) = arguments.take("iterable") {
                    self.update(pairs_of(&other)?);
                }
                self.update(
                    arguments
                        .keywords()
                        .into_iter()
                        .map(|(name, value)| (Value::from(name), value))
                        .collect(),
                );
                Value::from(())
            }
            "pop" => {
                let key = arguments.required("key")?;
                match (self.with(|entries| entries.shift_remove(&key)), arguments.take("default")) {
                    (Some(value), _) | (None, Some(value)) => value,
                    (None, None) => return Err(failure(format!("KeyError: {}", to_repr(&key)))),
                }
            }
            "popitem" => match self.with(Pairs::pop) {
                Some((key, value)) => tuple(vec![key, value]),
                None => return Err(failure("popitem(): dictionary is empty")),
            },
            "setdefault" => {
                let key = arguments.required("key")?;
                let default = arguments.take("default").unwrap_or(Value::from(()));
                self.with(|entries| entries.entry(key).or_insert(default).clone())
            }
            "clear" => {
                let old = self.with(std::mem::take);
                drop(old);
                Value::from(())
            }
            _ => return mapping_method(&self.snapshot(), name, arguments),
        };
        arguments.finish()?;
        Ok(Some(result))
    }
}

fn pairs_in_order(pairs: impl IntoIterator<Item = (Value, Value)>) -> Pairs {
    let mut entries = Pairs::default();
    for (key, value) in pairs {
        put(&mut entries, key, value);
    }
    entries
}

/// Sets a value; a key that equals one that is there keeps that one's form, as in Python.
fn put(entries: &mut Pairs, key: Value, value: Value) -> Option<Value> {
    if let Some(twin) = twin(&key).filter(|twin| entries.contains_key(twin)) {
        return entries.insert(twin, value);
    }
    entries.insert(key, value)
}

/// The other form of the keys that have two: to Python `1` is `True` and `0` is `False`.
fn twin(key: &Value) -> Option<Value> {
    match key.kind() {
        ValueKind::Bool => Some(Value::from(i64::from(key.is_true()))),
        ValueKind::Number => match key.as_i64() {
            Some(number @ (0 | 1)) => Some(Value::from(number == 1)),
            _ => None,
        },
        _ => None,
    }
}

/// The methods that only read, which all mappings have.
pub(crate) fn mapping_method(
    entries: &[(Value, Value)],
    name: &str,
    mut arguments: Arguments<'_>,
) -> Result<Option<Value>, Error> {
    let result = match name {
        "get" => {
            let key = arguments.required("key")?;
            let default = arguments.take("default").unwrap_or(Value::from(()));
            entries
                .iter()
                .find(|(entry, _)| *entry == key)
                .map_or(default, |(_, value)| value.clone())
        }
        "keys" => {
            PyList::from(entries.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>()).into()
        }
        "values" => {
            PyList::from(entries.iter().map(|(_, value)| value.clone()).collect::<Vec<_>>()).into()
        }
        "items" => PyList::from(
            entries
                .iter()
                .map(|(key, value)| tuple(vec![key.clone(), value.clone()]))
                .collect::<Vec<_>>(),
        )
        .into(),
        "copy" => PyDict::from_pairs(entries.iter().cloned()).into(),
        _ => return Ok(None),
    };
    arguments.finish()?;
    Ok(Some(result))
}

/// The pairs that `dict(x)` or `update(x)` takes: of a mapping, or of an iterable of pairs.
pub(crate) fn pairs_of(value: &Value) -> Result<Vec<(Value, Value)>, Error> {
    if let Some(pairs) = pairs(value) {
        return Ok(pairs);
    }
    let mut result = Vec::new();
    for (index, item) in iterate(value)?.into_iter().enumerate() {
        let pair = iterate(&item).map_err(|_| {
            failure(format!(
                "cannot convert dictionary update sequence element #{index} to a sequence"
            ))
        })?;
        match <[Value; 2]>::try_from(pair) {
            Ok([key, value]) => result.push((key, value)),
            Err(pair) => {
                return Err(failure(format!(
                    "dictionary update sequence element #{index} has length {}; 2 is required",
                    pair.len()
                )));
            }
        }
    }
    if let Some((key, _)) = result.iter().find(|(key, _)| !is_hashable(key)) {
        return Err(failure(format!("unhashable type: '{}'", type_name(key))));
    }
    Ok(result)
}

pub(crate) fn is_hashable(value: &Value) -> bool {
    value.downcast_object_ref::<PyList>().is_none()
        && value.downcast_object_ref::<PyDict>().is_none()
        && value.downcast_object_ref::<super::set::PySet>().is_none()
}

impl From<PyDict> for Value {
    fn from(dict: PyDict) -> Self {
        Value::from_object(dict)
    }
}

impl fmt::Debug for PyDict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PyDict of {}", self.with(|entries| entries.len()))
    }
}

/// The key of a plain `get(key)`, which macros call in loops and which needs no copy of the mapping.
pub(crate) fn key_of_get<'a>(name: &str, values: &'a [Value]) -> Option<&'a Value> {
    match values {
        [key] if name == "get" && !key.is_kwargs() => Some(key),
        _ => None,
    }
}

impl Object for PyDict {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get(key)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::RevKeyValueIter(Box::new(self.snapshot().into_iter()))
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.with(|entries| entries.len()))
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        let other = other.downcast_ref::<Self>()?;
        let (mine, others) = (self.snapshot(), other.snapshot());
        Some(compare_guarded(|| {
            let is_equal = mine.len() == others.len()
                && mine.iter().all(|(key, value)| other.get(key).as_ref() == Some(value));
            if is_equal {
                Ordering::Equal
            } else {
                mine.len().cmp(&others.len()).then(Ordering::Less)
            }
        }))
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        name: &str,
        values: &[Value],
    ) -> Result<Value, Error> {
        if let Some(key) = key_of_get(name, values) {
            return Ok(self.get(key).unwrap_or(Value::from(())));
        }
        match self.method(name, values)? {
            Some(value) => Ok(value),
            None => Err(no_attribute(&Value::from_dyn_object(Arc::clone(self)), name)),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        super::repr::write_repr(f, &Value::from_dyn_object(Arc::clone(self)), &mut Vec::new())
    }
}
