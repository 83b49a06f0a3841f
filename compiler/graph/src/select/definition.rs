//! `selectors.yml`: selections with names.
//!
//! A definition is a text of the command line's grammar, a mapping with `method` and `value`, a mapping of one method
//! to its value, or a `union` or `intersection` of definitions, where one entry may be `exclude`. As dbt's
//! `graph/cli.py` and the `indirect_selection` of its selector files: of an entry with `method`, `value` and `exclude`
//! in a `union` or `intersection`, only `exclude` counts, which is told.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};
use source::codes::SELECTOR_INVALID;
use source::suggest::did_you_mean;
use source::yaml::Node as Yaml;
use source::{Diagnostic, Warned};

use super::IndirectSelection;
use super::node_set::Depth;
use super::syntax::{
    Combination, Criterion, Expression, Failure, Group, criterion, method_and_arguments,
};
use super::wildcard;

/// The definitions of `selectors.yml` by name.
#[derive(Debug, Clone, Default)]
pub struct Selectors {
    definitions: IndexMap<String, Yaml>,
    /// As artifacts show them.
    shown: IndexMap<String, Value>,
    default: Option<String>,
}

impl Selectors {
    /// The selector that counts when the command line says nothing.
    pub fn default_name(&self) -> Option<&str> {
        self.default.as_deref()
    }

    /// The entries as dbt writes them into the manifest: each definition a mapping or a list of these.
    pub fn shown(&self) -> &IndexMap<String, Value> {
        &self.shown
    }

    /// The names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.definitions.keys().map(String::as_str)
    }

    /// The names that fit a pattern, in alphabetical order, as dbt goes through them.
    pub(super) fn matching(&self, pattern: &str) -> Vec<&str> {
        let mut names: Vec<&str> =
            self.names().filter(|name| wildcard::matches(pattern, name)).collect();
        names.sort_unstable();
        names
    }

    /// The selection that a name stands for.
    pub(super) fn expression(
        &self,
        name: &str,
        indirect: IndirectSelection,
    ) -> Result<Expression, Failure> {
        let Some(definition) = self.definitions.get(name) else {
            let message = format!("there is no selector named `{name}`");
            let hint = did_you_mean(name, self.names());
            return Err(Box::new(Diagnostic::error(SELECTOR_INVALID, message).hint_optional(hint)));
        };
        expression(definition, indirect)
    }
}

/// Reads the whole of `selectors.yml`.
pub fn read_selectors(document: &Yaml) -> Warned<Selectors> {
    let mut read = Warned::clean(Selectors::default());
    let Some(entries) = document.get("selectors").and_then(Yaml::as_sequence) else {
        read.diagnostics.push(*invalid(document, "`selectors` should be a list"));
        return read;
    };
    for entry in entries {
        let name = entry.get("name").and_then(Yaml::as_str);
        let (Some(name), Some(definition)) = (name, entry.get("definition")) else {
            read.diagnostics.push(*invalid(entry, "a selector needs a `name` and a `definition`"));
            continue;
        };
        if let Err(diagnostic) = expression(definition, IndirectSelection::Eager) {
            read.diagnostics.push(*diagnostic);
        }
        tell_unused(definition, &mut read.diagnostics);
        if entry.get("default").and_then(Yaml::as_bool) == Some(true) {
            if read.value.default.is_some() {
                read.diagnostics.push(*invalid(entry, "only one selector may be the default"));
            }
            read.value.default = Some(name.to_owned());
        }
        read.value.definitions.insert(name.to_owned(), definition.clone());
        let mut shown = entry.to_json();
        shown["definition"] = shown_definition(definition);
        read.value.shown.insert(name.to_owned(), shown);
    }
    read
}

/// Tells of entries of a `union` or `intersection` of which only `exclude` counts.
fn tell_unused(definition: &Yaml, diagnostics: &mut Vec<Diagnostic>) {
    for key in ["union", "intersection", "exclude"] {
        let parts = definition.get(key).and_then(Yaml::as_sequence).unwrap_or_default();
        for part in parts {
            if key != "exclude" && part.get("exclude").is_some() && part.get("method").is_some() {
                let message = format!("only `exclude` counts of this entry of `{key}`, as in dbt");
                let hint = "write `exclude` as an entry of its own, in a `union` with the method";
                diagnostics
                    .push(Diagnostic::remark(SELECTOR_INVALID, message).at(part.span).hint(hint));
            }
            tell_unused(part, diagnostics);
        }
    }
}

/// A definition as dbt's `SelectorDict` has it.
fn shown_definition(definition: &Yaml) -> Value {
    if let Some(text) = definition.as_str() {
        let read = criterion(text, IndirectSelection::Eager);
        return read.map_or_else(|_| Value::from(text), |read| shown_criterion(&read));
    }
    let items = |items: &[Yaml]| items.iter().map(shown_definition).collect::<Value>();
    for key in ["union", "intersection"] {
        if let Some(parts) = definition.get(key).and_then(Yaml::as_sequence) {
            return json!({key: items(parts)});
        }
    }
    let Some(mapping) = definition.as_mapping() else { return definition.to_json() };
    let Some((key, _, value)) = mapping.iter().next() else { return definition.to_json() };
    let value = value.as_sequence().map_or_else(|| value.to_json(), items);
    match key {
        "exclude" => json!({key: value}),
        _ if mapping.len() == 1 => json!({"method": key, "value": value}),
        _ => definition.to_json(),
    }
}

fn shown_criterion(read: &Criterion) -> Value {
    let mut shown = Map::new();
    if read.has_childrens_parents {
        shown.insert("childrens_parents".to_owned(), Value::Bool(true));
    }
    let side = |shown: &mut Map<String, Value>, name: &str, depth: Option<Depth>| {
        let Some(depth) = depth else { return };
        shown.insert(name.to_owned(), Value::Bool(true));
        if let Some(depth) = depth {
            shown.insert(format!("{name}_depth"), Value::from(depth.to_string()));
        }
    };
    side(&mut shown, "parents", read.ancestors);
    let method = [&[read.method.to_owned()], read.arguments.as_slice()].concat().join(".");
    shown.insert("method".to_owned(), Value::from(method));
    shown.insert("value".to_owned(), Value::from(read.value.as_str()));
    side(&mut shown, "children", read.descendants);
    Value::Object(shown)
}

fn expression(definition: &Yaml, indirect: IndirectSelection) -> Result<Expression, Failure> {
    if let Some(text) = definition.as_str() {
        let read = criterion(text, indirect).map(Expression::Criterion);
        return read.map_err(|failure| Box::new(failure.at(definition.span)));
    }
    for (key, combination) in
        [("union", Combination::Union), ("intersection", Combination::Intersection)]
    {
        if let Some(parts) = definition.get(key) {
            return group(parts, combination, indirect);
        }
    }
    let Some(mapping) = definition.as_mapping() else {
        return Err(invalid(definition, "a selection is a text or a mapping"));
    };
    let (method, value, excluded) = match (definition.get("method"), definition.get("value")) {
        (Some(method), Some(value)) => {
            (method.as_str().unwrap_or_default(), value, definition.get("exclude"))
        }
        _ => match mapping.iter().next().filter(|_| mapping.len() == 1) {
            Some((key, _, value)) => (key, value, None),
            None => {
                return Err(invalid(
                    definition,
                    "a selection needs `method` and `value`, or one key alone",
                ));
            }
        },
    };
    let included = Expression::Criterion(criterion_of(definition, method, value, indirect)?);
    match excluded {
        Some(excluded) => {
            let excluded = group(excluded, Combination::Union, indirect)?;
            Ok(composite(Combination::Difference, vec![included, excluded]))
        }
        None => Ok(included),
    }
}

fn criterion_of(
    definition: &Yaml,
    method: &str,
    value: &Yaml,
    indirect: IndirectSelection,
) -> Result<Criterion, Failure> {
    let (method, arguments) =
        method_and_arguments(method).map_err(|failure| Box::new(failure.at(definition.span)))?;
    let flag = |key: &str| definition.get(key).and_then(Yaml::as_bool).unwrap_or(false);
    let depth = |key: &str| {
        definition.get(key).and_then(Yaml::as_i64).and_then(|depth| usize::try_from(depth).ok())
    };
    let indirect = match definition.get("indirect_selection").and_then(Yaml::as_str) {
        Some(word) => IndirectSelection::parse(word).ok_or_else(|| {
            invalid(
                definition,
                "`indirect_selection` is `eager`, `cautious`, `buildable` or `empty`",
            )
        })?,
        None => indirect,
    };
    let Some(value) = value.to_python_text() else {
        return Err(invalid(value, "the value of a selection is a text"));
    };
    Ok(Criterion {
        raw: format!("{method}:{value}"),
        method,
        arguments,
        value,
        has_childrens_parents: flag("childrens_parents"),
        ancestors: flag("parents").then(|| depth("parents_depth")),
        descendants: flag("children").then(|| depth("children_depth")),
        indirect,
    })
}

fn group(
    parts: &Yaml,
    combination: Combination,
    indirect: IndirectSelection,
) -> Result<Expression, Failure> {
    let Some(items) = parts.as_sequence() else {
        return Err(invalid(parts, "`union`, `intersection` and `exclude` are lists"));
    };
    let mut included = Vec::new();
    let mut excluded = None;
    for item in items {
        match item.get("exclude") {
            Some(_) if excluded.is_some() => {
                return Err(invalid(item, "a list may hold `exclude` once"));
            }
            Some(items) => excluded = Some(group(items, Combination::Union, indirect)?),
            None => included.push(expression(item, indirect)?),
        }
    }
    let included = composite(combination, included);
    Ok(match excluded {
        Some(excluded) => composite(Combination::Difference, vec![included, excluded]),
        None => included,
    })
}

fn composite(combination: Combination, parts: Vec<Expression>) -> Expression {
    Expression::Group(Group {
        combination,
        parts,
        indirect: IndirectSelection::Eager,
        expected: None,
    })
}

fn invalid(at: &Yaml, message: &str) -> Failure {
    Box::new(Diagnostic::error(SELECTOR_INVALID, message).at(at.span))
}
