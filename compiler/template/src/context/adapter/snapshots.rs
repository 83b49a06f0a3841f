//! What snapshots ask of the adapter.

use adapter_interface::Relation;
use minijinja::Error;
use minijinja::value::Value;
use source::{Diagnostic, codes};

use super::super::function::Call;
use super::super::plain::{is_none, none, text_of};
use super::super::relation::RelationObject;

pub(super) fn call(method: &str, call: &mut Call<'_, '_, '_, '_>) -> Result<Option<Value>, Error> {
    Ok(Some(match method {
        "get_hard_deletes_behavior" => {
            let config = call.arguments.required("config")?;
            hard_deletes(call, &config)?
        }
        "valid_snapshot_target" | "assert_valid_snapshot_target_given_strategy" => {
            let relation = call.arguments.required("relation")?;
            let names = call.arguments.take("column_names");
            let strategy = call.arguments.take("strategy");
            check_target(call, &relation, names, strategy)?;
            none()
        }
        _ => return Ok(None),
    }))
}

fn hard_deletes(call: &Call<'_, '_, '_, '_>, config: &Value) -> Result<Value, Error> {
    let get = |key: &str| {
        // The configuration may be a dictionary or the `config` object.
        let found = config.get_item(&Value::from(key)).ok().filter(|value| !is_none(value));
        found.or_else(|| config.get_attr(key).ok().filter(|value| !is_none(value)))
    };
    let legacy = get("invalidate_hard_deletes");
    let wanted = get("hard_deletes").map(|value| text_of(&value));
    if legacy.is_some() && wanted.is_some() {
        return Err(call.scope.fail(Diagnostic::error(
            codes::CONFIG_INVALID,
            "You cannot set both the invalidate_hard_deletes and hard_deletes config properties on the same snapshot.",
        )));
    }
    let behavior = match (legacy.is_some_and(|value| value.is_true()), wanted.as_deref()) {
        (true, _) | (_, Some("invalidate")) => "invalidate",
        (_, Some("new_record")) => "new_record",
        (_, None | Some("ignore")) => "ignore",
        (_, Some(other)) => {
            return Err(call.scope.fail(
                Diagnostic::error(
                    codes::CONFIG_INVALID,
                    format!("Invalid setting for property hard_deletes: `{other}`"),
                )
                .hint("one of: ignore, invalidate, new_record"),
            ));
        }
    };
    Ok(Value::from(behavior))
}

/// The columns that a snapshot's table must have.
fn check_target(
    call: &mut Call<'_, '_, '_, '_>,
    relation: &Value,
    names: Option<Value>,
    strategy: Option<Value>,
) -> Result<(), Error> {
    let Some(target): Option<Relation> = RelationObject::of(relation) else { return Ok(()) };
    let columns = super::listing::columns(call, relation)?;
    let has = |name: &str| columns.iter().any(|column| column.name.eq_ignore_ascii_case(name));
    let renamed = |name: &str| {
        let names = names.as_ref().filter(|names| !is_none(names))?;
        names
            .get_item(&Value::from(name))
            .ok()
            .filter(|value| !is_none(value))
            .map(|value| text_of(&value))
    };
    let mut wanted = vec!["dbt_scd_id", "dbt_valid_from", "dbt_valid_to"];
    let has_new_record = strategy
        .and_then(|strategy| strategy.get_attr("hard_deletes").ok())
        .is_some_and(|value| value.as_str() == Some("new_record"));
    if has_new_record {
        wanted.push("dbt_is_deleted");
    }
    let missing: Vec<String> = wanted
        .iter()
        .map(|name| renamed(name).unwrap_or_else(|| (*name).to_owned()))
        .filter(|name| !has(name))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let name = target.identifier.unwrap_or_default();
    let (codes_text, hint) = if names.is_some_and(|names| !is_none(&names)) {
        ("Snapshot target is missing configured columns", "check `snapshot_meta_column_names`")
    } else {
        (
            "Snapshot target is not a snapshot table",
            "drop the table, or give the snapshot another name",
        )
    };
    Err(call.scope.fail(
        Diagnostic::error(
            codes::CONFIG_INVALID,
            format!("{codes_text}: `{name}` lacks {}", missing.join(", ")),
        )
        .hint(hint),
    ))
}
