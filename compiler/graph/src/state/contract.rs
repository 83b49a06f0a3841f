//! Whether a model still keeps the contract that it had: dbt's `same_contract` and `same_contract_removed`.

use serde_json::Value;
use source::{Diagnostic, codes};

use crate::node::{Node, NodeDetails};

/// What became of a contract.
#[derive(Debug)]
pub(super) enum Change {
    /// It is the same.
    None,
    /// It is another, and who relied on the old one can go on.
    Harmless,
    /// It is broken: a warning, and for models with versions an error.
    Breaking(Box<Diagnostic>),
}

fn is_enforced(node: &Value) -> bool {
    node.pointer("/contract/enforced").and_then(Value::as_bool).unwrap_or(false)
}

fn materialized(node: &Value) -> &str {
    node.pointer("/config/materialized").and_then(Value::as_str).unwrap_or("view")
}

fn enforces_constraints(node: &Value) -> bool {
    matches!(materialized(node), "table" | "incremental")
}

fn list<'a>(node: &'a Value, key: &str) -> &'a [Value] {
    node.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str)
}

/// Compares the contracts of a model.
pub(super) fn compare(node: &Node, old: &Value, new: &Value, enforced: &[&str]) -> Change {
    match (is_enforced(old), is_enforced(new)) {
        (false, false) => return Change::None,
        (false, true) => return Change::Harmless,
        (true, true) if old.pointer("/contract/checksum") == new.pointer("/contract/checksum") => {
            return Change::None;
        }
        _ => {}
    }
    let mut changes = Vec::new();
    if !is_enforced(new) {
        changes.push("contract enforcement was removed".to_owned());
    }
    let mut has_column_constraints = false;
    let no_columns = serde_json::Map::new();
    let columns = |node: &'_ Value| node.get("columns").and_then(Value::as_object).cloned();
    let (old_columns, new_columns) = (columns(old), columns(new));
    let new_columns = new_columns.unwrap_or(no_columns);
    let mut old_columns: Vec<_> = old_columns.into_iter().flatten().collect();
    old_columns.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut removed_constraints = Vec::new();
    for (name, column) in &old_columns {
        has_column_constraints |= !list(column, "constraints").is_empty();
        let Some(now) = new_columns.get(name) else {
            changes.push(format!("column `{name}` was removed"));
            continue;
        };
        let (before, after) = (text(column, "data_type"), text(now, "data_type"));
        if plain_type(before) != plain_type(after) {
            changes.push(format!(
                "column `{name}` changed its data type: {} -> {}",
                before.unwrap_or("None"),
                after.unwrap_or("None")
            ));
        }
        if enforces_constraints(old) {
            for constraint in lost(list(column, "constraints"), list(now, "constraints"), enforced)
            {
                removed_constraints.push(format!(
                    "constraint `{}` of column `{name}` was removed",
                    named(constraint)
                ));
            }
        }
    }
    changes.append(&mut removed_constraints);
    if enforces_constraints(old) {
        for constraint in lost(list(old, "constraints"), list(new, "constraints"), enforced) {
            let columns: Vec<&str> =
                list(constraint, "columns").iter().filter_map(Value::as_str).collect();
            changes.push(format!(
                "constraint `{}` of the columns {} was removed",
                named(constraint),
                columns.join(", ")
            ));
        }
    }
    let had_constraints = has_column_constraints || !list(old, "constraints").is_empty();
    if enforces_constraints(old) && !enforces_constraints(new) && had_constraints {
        changes.push(format!(
            "the materialization no longer enforces constraints: {} -> {}",
            materialized(old),
            materialized(new)
        ));
    }
    if changes.is_empty() {
        return Change::Harmless;
    }
    let is_versioned =
        matches!(&node.details, NodeDetails::Model(model) if model.version.is_some());
    let message = format!("`{}` breaks the contract that it had", node.name);
    Change::Breaking(Box::new(told(message, changes, is_versioned).at_optional(node.span)))
}

/// What is to be said of a model that is gone or disabled; `today` is the first moment of the run, ISO.
pub(super) fn removed(old: &Value, disabled: Option<&Node>, today: &str) -> Option<Diagnostic> {
    let is_model = text(old, "resource_type") == Some("model");
    if !is_model || !is_enforced(old) {
        return None;
    }
    let is_past = text(old, "deprecation_date").is_some_and(|date| date < today);
    if is_past {
        return None;
    }
    let id = text(old, "unique_id").unwrap_or_default();
    let change = match disabled {
        Some(_) => format!("contracted model `{id}` was disabled"),
        None => format!("contracted model `{id}` was deleted or renamed"),
    };
    let is_versioned = old.get("version").is_some_and(|version| !version.is_null());
    let name = text(old, "name").unwrap_or_default();
    Some(told(format!("`{name}` breaks the contract that it had"), vec![change], is_versioned))
}

fn told(message: String, changes: Vec<String>, is_versioned: bool) -> Diagnostic {
    let mut diagnostic = if is_versioned {
        Diagnostic::error(codes::CONTRACT_CHANGED, message)
            .hint("make a new version of the model, and leave this one as it was")
    } else {
        Diagnostic::warning(codes::CONTRACT_CHANGED, message)
            .hint("consider a new version of the model: who reads it relies on the old contract")
    };
    for change in changes {
        diagnostic = diagnostic.note(change);
    }
    diagnostic
}

/// A type without length, precision and scale, which may change.
fn plain_type(written: Option<&str>) -> Option<String> {
    written.map(|text| text.split('(').next().unwrap_or_default().trim().to_lowercase())
}

/// The constraints that were enforced and are no longer there.
fn lost<'a>(old: &'a [Value], new: &[Value], enforced: &[&str]) -> Vec<&'a Value> {
    let is_lost = |constraint: &&Value| {
        !new.iter().any(|other| is_same_constraint(constraint, other))
            && text(constraint, "type").is_some_and(|kind| enforced.contains(&kind))
    };
    old.iter().filter(is_lost).collect()
}

/// Absent keys are null, whoever wrote the constraint.
fn is_same_constraint(one: &Value, other: &Value) -> bool {
    let keys = ["type", "name", "expression", "to", "to_columns", "columns"];
    keys.into_iter().all(|key| {
        let of = |value: &Value| match value.get(key) {
            Some(Value::Array(items)) if items.is_empty() => Value::Null,
            found => found.cloned().unwrap_or_default(),
        };
        of(one) == of(other)
    })
}

fn named(constraint: &Value) -> &str {
    text(constraint, "name").or_else(|| text(constraint, "type")).unwrap_or_default()
}
