//! `results` of `on-run-end`: what became of each node, as dbt's `RunResult`.

use std::fmt;
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use minijinja::value::{Enumerator, Object, ObjectRepr, Value};
use minijinja::{Error, State};

use super::plain::{dictionary, list};
use crate::python::arguments::Arguments;
use crate::python::dict::PyDict;
use crate::python::error::no_attribute;
use crate::python::{Moment, from_json};
use crate::scope::FinishedNode;

/// The results as a list.
pub(crate) fn results(finished: &[Arc<dyn FinishedNode>]) -> Value {
    let result = |one: &Arc<dyn FinishedNode>| {
        Value::from_object(RunResult { finished: one.clone(), node: OnceLock::new() })
    };
    list(finished.iter().map(result))
}

/// One result. The node's dictionary is large and seldom asked for: it is made when it is.
struct RunResult {
    finished: Arc<dyn FinishedNode>,
    node: OnceLock<Value>,
}

impl RunResult {
    fn node(&self) -> &Value {
        self.node.get_or_init(|| from_json(&self.finished.node()))
    }

    fn attribute(&self, name: &str) -> Option<Value> {
        match name {
            "node" => Some(Value::from_object(Properties::of_node(self.node().clone()))),
            "timing" => {
                let phases = self.finished.phases();
                Some(list(phases.into_iter().map(|phase| Value::from_object(Phase(phase)))))
            }
            "skipped" => {
                let fields = self.finished.fields();
                Some(Value::from(fields.get("status").is_some_and(|status| status == "skipped")))
            }
            "agate_table" | "batch_results" => Some(Value::from(())),
            "overload_results" => {
                let known = self.finished.fields().get(name).map(from_json);
                Some(known.unwrap_or_else(|| Value::from(())))
            }
            _ => {
                let moments = self.finished.moments();
                let moment = moments.iter().find(|(own, _)| *own == name);
                let field = || self.finished.fields().get(name).map(from_json);
                moment.map(|(_, instant)| in_utc(*instant)).or_else(field)
            }
        }
    }

    /// dbt's `to_dict`, in its order; moments are texts in it.
    fn dictionary(&self) -> Value {
        let phases = self.finished.phases();
        let phases = list(phases.iter().map(phase_dictionary));
        let mut fields = self.finished.fields();
        let mut take = |name: &'static str| {
            (
                name,
                fields.shift_remove(name).map_or_else(|| Value::from(()), |json| from_json(&json)),
            )
        };
        let mut entries = vec![take("status"), ("timing", phases)];
        entries.extend(
            ["thread_id", "execution_time", "adapter_response", "message", "failures"]
                .map(&mut take),
        );
        entries.push(("node", self.node().clone()));
        let moments = self.finished.moments();
        if moments.is_empty() {
            let none = || Value::from(());
            let overloads = take("overload_results");
            entries.extend([("agate_table", none()), ("batch_results", none()), overloads]);
        }
        entries.extend(moments.into_iter().map(|(name, instant)| (name, iso(instant))));
        let rest = fields.iter().map(|(name, json)| (name.as_str(), from_json(json)));
        dictionary(entries.into_iter().chain(rest))
    }
}

impl fmt::Debug for RunResult {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields = self.finished.fields();
        let status = fields.get("status").and_then(|status| status.as_str()).unwrap_or_default();
        write!(formatter, "RunResult(status='{status}', …)")
    }
}

impl Object for RunResult {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.attribute(key.as_str()?)
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        arguments: &[Value],
    ) -> Result<Value, Error> {
        let whole = self.dictionary();
        to_dict(&Value::from_dyn_object(self.clone()), whole, method, arguments)
    }
}

/// A phase of a node's work: its name, and its start and end in microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug)]
struct Phase((&'static str, i64, i64));

fn phase_dictionary((name, start, end): &(&'static str, i64, i64)) -> Value {
    dictionary([
        ("name", Value::from(*name)),
        ("started_at", iso(*start)),
        ("completed_at", iso(*end)),
    ])
}

impl Object for Phase {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let (name, start, end) = self.0;
        match key.as_str()? {
            "name" => Some(Value::from(name)),
            "started_at" => Some(on_the_clock(start)),
            "completed_at" => Some(on_the_clock(end)),
            _ => None,
        }
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        arguments: &[Value],
    ) -> Result<Value, Error> {
        let whole = phase_dictionary(&self.0);
        to_dict(&Value::from_dyn_object(self.clone()), whole, method, arguments)
    }
}

/// The node, or its configuration: a dictionary that also answers `to_dict`.
#[derive(Debug)]
struct Properties {
    entries: Value,
    /// What a name has that is not there: a node has nothing, its configuration none, as in dbt.
    other: Option<Value>,
}

impl Properties {
    fn of_node(entries: Value) -> Self {
        Self { entries, other: None }
    }

    fn of_config(entries: Value) -> Self {
        Self { entries, other: Some(Value::from(())) }
    }
}

impl Object for Properties {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let value = self.entries.get_item(key).ok().filter(|value| !value.is_undefined());
        match (value, key.as_str()) {
            (None, _) => self.other.clone(),
            (Some(config), Some("config")) => Some(Value::from_object(Self::of_config(config))),
            (found, _) => found,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.entries.try_iter().into_iter().flatten().collect())
    }

    fn is_true(self: &Arc<Self>) -> bool {
        true
    }

    fn render(self: &Arc<Self>, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.entries, formatter)
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        arguments: &[Value],
    ) -> Result<Value, Error> {
        if method == "to_dict" {
            let own = Value::from_dyn_object(self.clone());
            return to_dict(&own, self.entries.clone(), method, arguments);
        }
        self.entries.call_method(state, method, arguments)
    }
}

/// `to_dict(omit_none)`, which leaves out what is none where it is told to.
fn to_dict(own: &Value, whole: Value, method: &str, arguments: &[Value]) -> Result<Value, Error> {
    if method != "to_dict" {
        return Err(no_attribute(own, method));
    }
    let mut arguments = Arguments::new(method, arguments);
    let omits_none = arguments.take("omit_none").is_some_and(|value| value.is_true());
    arguments.finish()?;
    match whole.downcast_object_ref::<PyDict>() {
        Some(pairs) if omits_none => {
            let kept = pairs.snapshot().into_iter().filter(|(_, value)| !value.is_none());
            Ok(PyDict::from_pairs(kept).into())
        }
        _ => Ok(whole),
    }
}

fn instant(microseconds: i64) -> Timestamp {
    Timestamp::from_microsecond(microseconds).unwrap_or_default()
}

/// A moment of a phase: dbt's have no zone, and are in UTC.
fn on_the_clock(microseconds: i64) -> Value {
    Moment::new(instant(microseconds).to_zoned(jiff::tz::TimeZone::UTC).datetime(), None).into()
}

fn in_utc(microseconds: i64) -> Value {
    crate::python::datetime_utc(instant(microseconds))
}

fn iso(microseconds: i64) -> Value {
    Value::from(format!("{:.6}", instant(microseconds)))
}
