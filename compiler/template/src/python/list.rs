//! Python's `list`: shared, and changed in place.

use std::cmp::Ordering;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::{DynObject, Enumerator, Object, ObjectRepr};
use minijinja::{Error, State, Value};

use super::arguments::Arguments;
use super::error::{failure, no_attribute};
use super::values::{compare_guarded, integer, iterate, sort_values};

/// A list as Python's: whoever holds it sees what others do to it.
#[derive(Default)]
pub struct PyList {
    items: Mutex<Vec<Value>>,
}

impl PyList {
    /// The items as they are now.
    pub fn snapshot(&self) -> Vec<Value> {
        self.with(|items| items.clone())
    }

    /// Puts a value at the end.
    pub fn push(&self, value: Value) {
        self.with(|items| items.push(value));
    }

    /// Only moves and clones values inside: nothing that compares, prints or calls may run under the lock.
    fn with<R>(&self, change: impl FnOnce(&mut Vec<Value>) -> R) -> R {
        change(&mut self.items.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn len(&self) -> usize {
        self.with(|items| items.len())
    }

    fn method(&self, name: &str, values: &[Value]) -> Result<Option<Value>, Error> {
        let mut arguments = Arguments::new(name, values);
        let result = match name {
            "append" => {
                let value = arguments.required("object")?;
                self.push(value);
                Value::from(())
            }
            "extend" => {
                let more = iterate(&arguments.required("iterable")?)?;
                self.with(|items| items.extend(more));
                Value::from(())
            }
            "insert" => {
                let index = integer(&arguments.required("index")?)?;
                let value = arguments.required("object")?;
                self.with(|items| items.insert(clamp_index(index, items.len()), value));
                Value::from(())
            }
            "pop" => {
                let index = arguments.take_integer("index")?.unwrap_or(-1);
                self.with(|items| {
                    if items.is_empty() {
                        return Err(failure("pop from empty list"));
                    }
                    let position = if index < 0 { index + items.len() as i64 } else { index };
                    usize::try_from(position)
                        .ok()
                        .filter(|position| *position < items.len())
                        .map(|position| items.remove(position))
                        .ok_or_else(|| failure("pop index out of range"))
                })?
            }
            "remove" => {
                let value = arguments.required("value")?;
                let position = self
                    .snapshot()
                    .iter()
                    .position(|item| *item == value)
                    .ok_or_else(|| failure("list.remove(x): x not in list"))?;
                self.with(|items| {
                    if position < items.len() {
                        items.remove(position);
                    }
                });
                Value::from(())
            }
            "clear" => {
                let old = self.with(std::mem::take);
                drop(old);
                Value::from(())
            }
            "reverse" => {
                self.with(|items| items.reverse());
                Value::from(())
            }
            "sort" => {
                let descending =
                    arguments.take_keyword("reverse").is_some_and(|value| value.is_true());
                let mut items = self.snapshot();
                sort_values(&mut items, Value::clone, descending)?;
                self.with(|current| *current = items);
                Value::from(())
            }
            "copy" => PyList::from(self.snapshot()).into(),
            "index" | "count" => {
                return sequence_method(&self.snapshot(), name, arguments).map(Some);
            }
            _ => return Ok(None),
        };
        arguments.finish()?;
        Ok(Some(result))
    }
}

/// `index` and `count`, which lists and tuples share.
pub(crate) fn sequence_method(
    items: &[Value],
    name: &str,
    mut arguments: Arguments<'_>,
) -> Result<Value, Error> {
    let value = arguments.required("value")?;
    if name == "count" {
        arguments.finish()?;
        return Ok(Value::from(items.iter().filter(|item| **item == value).count()));
    }
    let start = arguments.take_integer("start")?.map_or(0, |start| clamp_index(start, items.len()));
    let stop =
        arguments.take_integer("stop")?.map_or(items.len(), |stop| clamp_index(stop, items.len()));
    arguments.finish()?;
    items
        .iter()
        .enumerate()
        .take(stop)
        .skip(start)
        .find(|(_, item)| **item == value)
        .map(|(index, _)| Value::from(index))
        .ok_or_else(|| failure(format!("{} is not in list", super::repr::to_repr(&value))))
}

fn clamp_index(index: i64, length: usize) -> usize {
    let length = length as i64;
    (if index < 0 { index.saturating_add(length) } else { index }).clamp(0, length) as usize
}

impl From<Vec<Value>> for PyList {
    fn from(items: Vec<Value>) -> Self {
        Self { items: Mutex::new(items) }
    }
}

impl From<PyList> for Value {
    fn from(list: PyList) -> Self {
        Value::from_object(list)
    }
}

impl fmt::Debug for PyList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PyList of {}", self.len())
    }
}

impl Object for PyList {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let index = key.as_usize()?;
        self.with(|items| items.get(index).cloned())
    }

    fn get_value_by_str(self: &Arc<Self>, _key: &str) -> Option<Value> {
        None
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        if crate::interrupt::is_interrupted() {
            return Enumerator::Empty;
        }
        Enumerator::Values(self.snapshot())
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.len())
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        let other = other.downcast_ref::<Self>()?.snapshot();
        let mine = self.snapshot();
        Some(compare_guarded(|| mine.cmp(&other)))
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
