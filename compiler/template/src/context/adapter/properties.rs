//! What the adapter is, and how it writes names: no warehouse needed.

use std::sync::Arc;

use adapter_interface::SeedType;
use minijinja::Error;
use minijinja::value::{Value, ValueKind};

use super::super::function::Call;
use super::super::plain::{dictionary, none, optional_text_of, text_of};
use super::super::render_scope::RenderScope;
use super::super::seed_table::SeedTableObject;
use super::super::table::Table;

pub(super) fn call(method: &str, call: &mut Call<'_, '_, '_, '_>) -> Result<Option<Value>, Error> {
    let shared = &call.scope.shared;
    let arguments = &mut call.arguments;
    Ok(Some(match method {
        "type" => Value::from(shared.adapter.adapter_type()),
        "date_function" => Value::from("now()"),
        "quote" => Value::from(shared.dialect.quote(&text_of(&arguments.required("identifier")?))),
        "quote_as_configured" => {
            let identifier = text_of(&arguments.required("identifier")?);
            let part = text_of(&arguments.required("quote_key")?);
            let quoting = shared.quoting();
            let is_quoted = match part.as_str() {
                "database" => quoting.database,
                "schema" => quoting.schema,
                "identifier" => quoting.identifier,
                _ => return Ok(Some(Value::from(identifier))),
            };
            Value::from(if is_quoted { shared.dialect.quote(&identifier) } else { identifier })
        }
        "quote_seed_column" => {
            let column = text_of(&arguments.required("column")?);
            // dbt's default is to quote; only a configured `false` leaves the name bare.
            let is_quoted = match arguments.take("quote_config") {
                Some(config) if config.kind() == ValueKind::Bool => config.is_true(),
                _ => true,
            };
            Value::from(if is_quoted { shared.dialect.quote(&column) } else { column })
        }
        "convert_type" => {
            let table = arguments.required("agate_table")?;
            let index = arguments.required("col_idx")?.as_usize().unwrap_or_default();
            let seed = table.downcast_object_ref::<SeedTableObject>();
            let of_seed = seed.and_then(|seed| seed.contents.columns.get(index));
            let seed_type = match (of_seed, Table::of(&table)) {
                (Some((_, seed_type)), _) => Some(*seed_type),
                (None, result) => result.and_then(|result| result.seed_type(index)),
            };
            Value::from(shared.dialect.seed_type(seed_type.unwrap_or(SeedType::Text)))
        }
        "get_binding_char" => Value::from("%s"),
        "build_catalog_relation" | "get_catalog_integration" | "get_pseudocolumns_for_relation" => {
            none()
        }
        "get_partitions_metadata" => none(),
        "standardize_grants_dict" => {
            let table = arguments.required("grants_table")?;
            grants(&table)?
        }
        "string_add_sql" => {
            let add_to = text_of(&arguments.required("add_to")?);
            let value = text_of(&arguments.required("value")?);
            let location =
                optional_text_of(arguments.take("location")).unwrap_or_else(|| "append".to_owned());
            Value::from(if location == "prepend" {
                format!("'{value}' || {add_to}")
            } else {
                format!("{add_to} || '{value}'")
            })
        }
        _ => return Ok(None),
    }))
}

/// Privileges by grantees: rows of (grantee, privilege) as `{privilege: [grantees]}`.
fn grants(table: &Value) -> Result<Value, Error> {
    let mut by_privilege: indexmap::IndexMap<String, Vec<Value>> = indexmap::IndexMap::new();
    for row in table.get_attr("rows")?.try_iter()? {
        let grantee = row.get_item(&Value::from("grantee"))?;
        let privilege = text_of(&row.get_item(&Value::from("privilege_type"))?);
        by_privilege.entry(privilege).or_default().push(grantee);
    }
    Ok(dictionary(
        by_privilege
            .into_iter()
            .map(|(privilege, grantees)| (privilege, super::super::plain::list(grantees))),
    ))
}

/// `adapter.config`: what macros read of the project.
pub(super) fn project_config(scope: &Arc<RenderScope>) -> Value {
    let project = &scope.shared.project;
    dictionary([
        ("project_name", Value::from(project.root().settings.name.as_str())),
        ("profile_name", Value::from(project.profile.name.as_str())),
        ("target_name", Value::from(project.profile.target.as_str())),
        ("credentials", scope.shared.target.clone()),
    ])
}
