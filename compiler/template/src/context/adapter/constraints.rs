//! Constraints of contracts as DDL.

use adapter_interface::ColumnDefinition;
use minijinja::Error;
use minijinja::value::Value;
use source::{Diagnostic, codes};

use super::super::function::Call;
use super::super::plain::{is_none, list, text_of};

pub(super) fn call(method: &str, call: &mut Call<'_, '_, '_, '_>) -> Result<Option<Value>, Error> {
    Ok(Some(match method {
        "render_raw_columns_constraints" => {
            let columns = call.arguments.required("raw_columns")?;
            let mut definitions = Vec::new();
            for key in columns.try_iter()? {
                definitions.push(definition(call, &columns.get_item(&key)?)?);
            }
            let rendered = call.scope.shared.dialect.column_definitions(&definitions);
            list(rendered.into_iter().map(Value::from))
        }
        "render_raw_model_constraints" => {
            let constraints = call.arguments.required("raw_constraints")?;
            let rendered: Vec<Value> = constraints
                .try_iter()?
                .filter_map(|constraint| supported(call, &constraint, model).transpose())
                .map(|rendered| rendered.map(Value::from))
                .collect::<Result<_, _>>()?;
            list(rendered)
        }
        _ => return Ok(None),
    }))
}

fn part(value: &Value, key: &str) -> Option<String> {
    value
        .get_item(&Value::from(key))
        .ok()
        .filter(|found| !is_none(found))
        .map(|found| text_of(&found))
}

fn parts(value: &Value, key: &str) -> Vec<String> {
    let found = value.get_item(&Value::from(key)).ok().filter(|found| !is_none(found));
    found
        .and_then(|found| {
            found.try_iter().ok().map(|items| items.map(|item| text_of(&item)).collect())
        })
        .unwrap_or_default()
}

/// A column with its constraints, as dbt's `render_raw_columns_constraints` reads it.
fn definition(call: &Call<'_, '_, '_, '_>, column: &Value) -> Result<ColumnDefinition, Error> {
    let constraints =
        column.get_item(&Value::from("constraints")).ok().filter(|found| !is_none(found));
    let constraints = match constraints {
        Some(constraints) => constraints
            .try_iter()?
            .filter_map(|constraint| supported(call, &constraint, column_constraint).transpose())
            .collect::<Result<_, _>>()?,
        None => Vec::new(),
    };
    Ok(ColumnDefinition {
        name: part(column, "name").unwrap_or_default(),
        is_quoted: column.get_item(&Value::from("quote")).is_ok_and(|quote| quote.is_true()),
        data_type: part(column, "data_type"),
        constraints,
    })
}

/// A constraint as the warehouse takes it; nothing where it has no such thing. Warns as dbt's
/// `process_parsed_constraint` does.
fn supported(
    call: &Call<'_, '_, '_, '_>,
    constraint: &Value,
    render: fn(&Call<'_, '_, '_, '_>, &Value) -> Option<String>,
) -> Result<Option<String>, Error> {
    let Some(kind) = part(constraint, "type") else { return Ok(None) };
    let Some(rendered) = render(call, constraint) else { return Ok(None) };
    let dialect = &call.scope.shared.dialect;
    let written = dialect.constraint(&kind, rendered);
    let adapter = call.scope.shared.adapter.adapter_type();
    if written.is_none() {
        let diagnostic = Diagnostic::warning(
            codes::CONSTRAINT_NOT_SUPPORTED,
            format!(
                "the constraint type {kind} is not supported by {adapter}, and will be ignored"
            ),
        );
        warn_unless_known(call, constraint, "warn_unsupported", diagnostic)?;
    } else if kind != "custom" && !dialect.enforces_constraint(&kind) {
        let diagnostic = Diagnostic::warning(
            codes::CONSTRAINT_NOT_ENFORCED,
            format!(
                "the constraint type {kind} is not enforced by {adapter}: it is written into the table's definition, and \
                 guarantees nothing about the rows"
            ),
        );
        warn_unless_known(call, constraint, "warn_unenforced", diagnostic)?;
    }
    Ok(written)
}

/// A warning about a constraint, unless the user said by a key of it that they know.
fn warn_unless_known(
    call: &Call<'_, '_, '_, '_>,
    constraint: &Value,
    key: &str,
    diagnostic: Diagnostic,
) -> Result<(), Error> {
    let warns = constraint.get_item(&Value::from(key));
    if warns.is_ok_and(|warns| !warns.is_undefined() && !is_none(&warns) && !warns.is_true()) {
        return Ok(());
    }
    let mut diagnostic =
        diagnostic.hint(format!("set `{key}: false` on the constraint to say that you know"));
    diagnostic.node = call.scope.unique_id().map(str::to_owned);
    call.scope.warn(diagnostic)
}

fn column_constraint(call: &Call<'_, '_, '_, '_>, constraint: &Value) -> Option<String> {
    let expression = part(constraint, "expression");
    let target = |to: &str| call.scope.shared.dialect.foreign_key_target(to);
    let with = |word: &str| {
        expression.as_ref().map_or_else(|| word.to_owned(), |more| format!("{word} {more}"))
    };
    match part(constraint, "type")?.as_str() {
        "check" => expression.map(|condition| format!("check ({condition})")),
        "not_null" => Some(with("not null")),
        "unique" => Some(with("unique")),
        "primary_key" => Some(with("primary key")),
        "foreign_key" => match (part(constraint, "to"), parts(constraint, "to_columns")) {
            (Some(to), columns) if !columns.is_empty() => {
                Some(format!("references {} ({})", target(&to), columns.join(", ")))
            }
            _ => expression.map(|target| format!("references {target}")),
        },
        "custom" => expression,
        _ => None,
    }
}

fn model(call: &Call<'_, '_, '_, '_>, constraint: &Value) -> Option<String> {
    let expression = part(constraint, "expression");
    let target = |to: &str| call.scope.shared.dialect.foreign_key_target(to);
    let columns = parts(constraint, "columns").join(", ");
    let prefix =
        part(constraint, "name").map(|name| format!("constraint {name} ")).unwrap_or_default();
    let more = expression.as_ref().map(|expression| format!(" {expression}")).unwrap_or_default();
    let rendered = match part(constraint, "type")?.as_str() {
        "check" => format!("check ({})", expression?),
        "unique" => format!("unique{more} ({columns})"),
        "primary_key" => format!("primary key{more} ({columns})"),
        "foreign_key" => match (part(constraint, "to"), parts(constraint, "to_columns")) {
            (Some(to), targets) if !targets.is_empty() => {
                format!(
                    "foreign key ({columns}) references {} ({})",
                    target(&to),
                    targets.join(", ")
                )
            }
            _ => format!("foreign key ({columns}) references {}", expression?),
        },
        "custom" => expression?,
        _ => return None,
    };
    Some(format!("{prefix}{rendered}"))
}
