//! Python's `set`, kept in the order of insertion so that the same input gives the same text.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use indexmap::IndexSet;
use minijinja::value::{Enumerator, Object, ObjectRepr};
use minijinja::{Error, State, Value};

use super::arguments::Arguments;
use super::dict::is_hashable;
use super::error::{failure, no_attribute};
use super::repr::to_repr;
use super::values::{iterate, type_name};

/// A set as Python's, except that it remembers the order of insertion.
#[derive(Default)]
pub struct PySet {
    items: Mutex<IndexSet<Value>>,
}

impl PySet {
    /// A set of these items; lists, dicts and sets cannot be in one.
    pub fn from_items(items: impl IntoIterator<Item = Value>) -> Result<Self, Error> {
        let mut set = IndexSet::new();
        for item in items {
            if !is_hashable(&item) {
                return Err(failure(format!("unhashable type: '{}'", type_name(&item))));
            }
            set.insert(item);
        }
        Ok(Self { items: Mutex::new(set) })
    }

    /// The items as they are now.
    pub fn snapshot(&self) -> Vec<Value> {
        self.with(|items| items.iter().cloned().collect())
    }

    fn contains(&self, value: &Value) -> bool {
        self.with(|items| items.contains(value))
    }

    fn with<R>(&self, change: impl FnOnce(&mut IndexSet<Value>) -> R) -> R {
        change(&mut self.items.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The combination of a set with others, as the methods and operators of that name give it.
    pub(crate) fn combine(&self, name: &str, others: &[Value]) -> Result<PySet, Error> {
        let mut items: IndexSet<Value> = self.snapshot().into_iter().collect();
        for other in others {
            let other: IndexSet<Value> = iterate(other)?.into_iter().collect();
            items = match name {
                "union" => items.union(&other).cloned().collect(),
                "intersection" => items.intersection(&other).cloned().collect(),
                "difference" => items.difference(&other).cloned().collect(),
                _ => items.symmetric_difference(&other).cloned().collect(),
            };
        }
        Ok(Self { items: Mutex::new(items) })
    }

    fn method(&self, name: &str, values: &[Value]) -> Result<Option<Value>, Error> {
        let mut arguments = Arguments::new(name, values);
        let result = match name {
            "add" => {
                let value = arguments.required("element")?;
                if !is_hashable(&value) {
                    return Err(failure(format!("unhashable type: '{}'", type_name(&value))));
                }
                self.with(|items| items.insert(value));
                Value::from(())
            }
            "remove" | "discard" => {
                let value = arguments.required("element")?;
                let was_there = self.with(|items| items.shift_remove(&value));
                if !was_there && name == "remove" {
                    return Err(failure(format!("KeyError: {}", to_repr(&value))));
                }
                Value::from(())
            }
            "pop" => self
                .with(|items| items.shift_remove_index(0))
                .ok_or_else(|| failure("KeyError: 'pop from an empty set'"))?,
            "clear" => {
                let old = self.with(std::mem::take);
                drop(old);
                Value::from(())
            }
            "copy" => self.combine("union", &[])?.into(),
            "union" | "intersection" | "difference" | "symmetric_difference" => {
                self.combine(name, arguments.rest())?.into()
            }
            "update"
            | "intersection_update"
            | "difference_update"
            | "symmetric_difference_update" => {
                let operation = name.strip_suffix("_update").unwrap_or("union");
                let result = self.combine(operation, arguments.rest())?.snapshot();
                self.with(|items| *items = result.into_iter().collect());
                Value::from(())
            }
            "issubset" => {
                let other = PySet::from_items(iterate(&arguments.required("other")?)?)?;
                Value::from(self.snapshot().iter().all(|item| other.contains(item)))
            }
            "issuperset" => Value::from(
                iterate(&arguments.required("other")?)?.iter().all(|item| self.contains(item)),
            ),
            "isdisjoint" => Value::from(
                !iterate(&arguments.required("other")?)?.iter().any(|item| self.contains(item)),
            ),
            _ => return Ok(None),
        };
        arguments.finish()?;
        Ok(Some(result))
    }
}

impl From<PySet> for Value {
    fn from(set: PySet) -> Self {
        Value::from_object(set)
    }
}

impl fmt::Debug for PySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PySet of {}", self.with(|items| items.len()))
    }
}

impl Object for PySet {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Iterable
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.snapshot())
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.with(|items| items.len()))
    }

    fn custom_cmp(
        self: &Arc<Self>,
        other: &minijinja::value::DynObject,
    ) -> Option<std::cmp::Ordering> {
        let other = other.downcast_ref::<PySet>()?;
        let (mine, others) = (self.snapshot(), other.snapshot());
        let is_equal = mine.len() == others.len() && mine.iter().all(|item| other.contains(item));
        Some(if is_equal {
            std::cmp::Ordering::Equal
        } else {
            mine.len().cmp(&others.len()).then(std::cmp::Ordering::Less)
        })
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        name: &str,
        values: &[Value],
    ) -> Result<Value, Error> {
        match self.method(name, values)? {
            Some(value) => Ok(value),
            None => Err(no_attribute(&Value::from_dyn_object(Arc::clone(self)), name)),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        super::repr::write_repr(f, &Value::from_dyn_object(Arc::clone(self)), &mut Vec::new())
    }
}
