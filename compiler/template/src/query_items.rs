//! What the semantic layer's filters and queries name: `{{ Dimension('order__status') }} = 'x'`.
//!
//! The objects and their rules are those of `metricflow_semantic_interfaces` (`parsing/text_input` and
//! `parsing/where_filter`); nothing else of dbt's context is known there.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::{Object, ObjectRepr, Value};
use minijinja::{Environment, Error, State};

use crate::language::{ContextScope, MacroLibrary, new_environment, render, root_context};
use crate::python::arguments::Arguments;
use crate::python::error::{failure, no_attribute};
use crate::python::functions::Values;
use crate::python::to_json;

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryItemKind {
    /// `Dimension(name, entity_path)`
    Dimension,
    /// `TimeDimension(name, grain, entity_path, descending, date_part)`
    TimeDimension,
    /// `Entity(name, entity_path)`
    Entity,
    /// `Metric(name, group_by)`
    Metric,
}

impl QueryItemKind {
    fn name(self) -> &'static str {
        match self {
            Self::Dimension => "Dimension",
            Self::TimeDimension => "TimeDimension",
            Self::Entity => "Entity",
            Self::Metric => "Metric",
        }
    }
}

/// Where a text stands: `order_by` of a saved query alone may say `.descending(…)` of all items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryPlace {
    /// A filter, or what a query groups by.
    Filter,
    /// What a query is ordered by.
    Order,
}

/// An item that a text names.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryItem {
    /// What it is.
    pub kind: QueryItemKind,
    /// The name as written, with the entities before it: `order__status`.
    pub name: String,
    /// The entities on the way to it.
    pub entity_path: Vec<String>,
    /// The unit of time as written.
    pub grain: Option<String>,
    /// The part of a date as written.
    pub date_part: Option<String>,
    /// What a metric is grouped by.
    pub group_by: Vec<String>,
    /// The order, where it was said.
    pub descending: Option<bool>,
}

/// Reads the texts of filters and queries.
pub struct QueryItems {
    environment: Environment<'static>,
    library: Arc<MacroLibrary>,
}

impl fmt::Debug for QueryItems {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("QueryItems").finish_non_exhaustive()
    }
}

impl Default for QueryItems {
    fn default() -> Self {
        let library = Arc::new(MacroLibrary::new([], "", &[]));
        Self { environment: new_environment(library.clone()), library }
    }
}

impl QueryItems {
    /// The items of a template, each once, in the order in which they come out.
    ///
    /// # Errors
    ///
    /// Why the template cannot be read.
    pub fn of(&self, template: &str, place: QueryPlace) -> Result<Vec<QueryItem>, String> {
        let found: Found = Arc::default();
        let scope = Arc::new(Scope { found: found.clone(), place });
        let globals = root_context(self.library.clone(), scope);
        render(&self.environment, &self.library, "<filter>", template, &globals)
            .map_err(|error| error.message)?;
        let items = found.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(items.clone())
    }
}

type Found = Arc<Mutex<Vec<QueryItem>>>;

/// The four names that there are.
struct Scope {
    found: Found,
    place: QueryPlace,
}

impl ContextScope for Scope {
    fn lookup_builtin(&self, name: &str) -> Option<Value> {
        let kinds = [
            QueryItemKind::Dimension,
            QueryItemKind::TimeDimension,
            QueryItemKind::Entity,
            QueryItemKind::Metric,
        ];
        let kind = kinds.into_iter().find(|kind| kind.name() == name)?;
        let (found, place) = (self.found.clone(), self.place);
        Some(Value::from_function(move |values: Values| {
            let item = read(kind, Arguments::new(kind.name(), &values.0))?;
            Ok::<_, Error>(Value::from_object(Built { item, found: found.clone(), place }))
        }))
    }

    fn current_package(&self) -> &'static str {
        ""
    }
}

fn read(kind: QueryItemKind, mut arguments: Arguments<'_>) -> Result<QueryItem, Error> {
    let name = match kind {
        QueryItemKind::Dimension => "name",
        QueryItemKind::TimeDimension => "time_dimension_name",
        QueryItemKind::Entity => "entity_name",
        QueryItemKind::Metric => "metric_name",
    };
    let mut item = QueryItem {
        kind,
        name: arguments.required_text(name)?,
        entity_path: Vec::new(),
        grain: None,
        date_part: None,
        group_by: Vec::new(),
        descending: None,
    };
    if kind == QueryItemKind::TimeDimension {
        item.grain = arguments.take_text("time_granularity_name")?;
    }
    let list =
        arguments.take(if kind == QueryItemKind::Metric { "group_by" } else { "entity_path" });
    let list = list.and_then(|list| to_json(&list).ok());
    let names = list.as_ref().and_then(serde_json::Value::as_array).into_iter().flatten();
    let names = names.filter_map(|name| name.as_str().map(str::to_owned)).collect();
    match kind {
        QueryItemKind::Metric => item.group_by = names,
        _ => item.entity_path = names,
    }
    if kind == QueryItemKind::TimeDimension {
        item.descending = arguments.take("descending").map(|value| value.is_true());
        item.date_part = arguments.take_text("date_part_name")?;
    }
    arguments.finish()?;
    Ok(item)
}

/// An item that the template has made, and may still change by its methods.
struct Built {
    item: QueryItem,
    found: Found,
    place: QueryPlace,
}

impl Built {
    fn may(&self, method: &str) -> bool {
        match self.item.kind {
            QueryItemKind::Dimension => true,
            _ => method == "descending" && self.place == QueryPlace::Order,
        }
    }
}

impl fmt::Debug for Built {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.item.fmt(formatter)
    }
}

impl Object for Built {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        name: &str,
        values: &[Value],
    ) -> Result<Value, Error> {
        let mut arguments = Arguments::new(name, values);
        let mut item = self.item.clone();
        match name {
            "grain" => item.grain = Some(arguments.required_text("time_granularity")?),
            "date_part" => item.date_part = Some(arguments.required_text("date_part_name")?),
            "descending" => {
                item.descending = Some(arguments.required("_is_descending")?.is_true());
            }
            _ => return Err(no_attribute(&Value::from_dyn_object(Arc::clone(self)), name)),
        }
        arguments.finish()?;
        if !self.may(name) {
            let kind = self.item.kind.name();
            return Err(failure(format!("`{name}` cannot be used with `{kind}` here")));
        }
        let (found, place) = (self.found.clone(), self.place);
        Ok(Value::from_object(Self { item, found, place }))
    }

    fn render(self: &Arc<Self>, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if !found.contains(&self.item) {
            found.push(self.item.clone());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_found_with_what_their_methods_say() {
        let items = QueryItems::default();
        let text = "{{ Dimension('order__at').grain('month') }} > {{ Entity('order', entity_path=['a']) }}";
        let found = items.of(text, QueryPlace::Filter).expect("a filter");
        assert_eq!(found[0].grain.as_deref(), Some("month"));
        assert_eq!((found[1].kind, found[1].entity_path.len()), (QueryItemKind::Entity, 1));
    }

    #[test]
    fn what_is_no_item_is_refused() {
        let items = QueryItems::default();
        for text in [
            "{{ Foo('a') }}",
            "{{ Dimension(a) }}",
            "{{ Dimension() }}",
            "{{ Dimension('a', 'b', 'c') }}",
            "{{ Dimension('a' }}",
            "{{ TimeDimension('a').date_part('year') }}",
            "{{ Metric('a').descending(true) }}",
        ] {
            assert!(items.of(text, QueryPlace::Filter).is_err(), "{text}");
        }
        assert!(items.of("{{ Metric('a').descending(True) }}", QueryPlace::Order).is_ok());
    }
}
