//! The words for two things that claim one place: an alias, a name, an entry, a relation of the catalog.

use minijinja::{Error, Value};

use super::{part, text_of};
use crate::python::arguments::Arguments;

/// The words of one of the exceptions that name two things.
pub(super) fn message(name: &str, arguments: &mut Arguments<'_>) -> Result<String, Error> {
    Ok(match name {
        "raise_ambiguous_alias" => {
            let one = arguments.required("node_1")?;
            let other = arguments.required("node_2")?;
            let place = match arguments.take("duped_name").filter(|name| !name.is_none()) {
                Some(name) => text_of(&name),
                None => ["database", "schema", "alias"].map(|key| part(&one, key)).join("."),
            };
            format!(
                "dbt found two resources with the database representation \"{place}\". Change the configuration of one of these resources:\n- {}\n- {}",
                place_of(&one),
                place_of(&other)
            )
        }
        "raise_ambiguous_catalog_match" => {
            let node = text_of(&arguments.required("unique_id")?);
            let one = relation_of(&arguments.required("match_1")?);
            let other = relation_of(&arguments.required("match_2")?);
            format!(
                "dbt found two relations in your warehouse with similar database identifiers, and cannot tell which of them was created by the model \"{node}\". One of them must be deleted or renamed:\n- {one}\n- {other}"
            )
        }
        "raise_duplicate_patch_name" => {
            let patch = arguments.required("patch_1")?;
            let existing = text_of(&arguments.required("existing_patch_path")?);
            format!(
                "dbt found two schema.yml entries for the same resource named {}. Remove one of them:\n- {}\n- {existing}",
                part(&patch, "name"),
                part(&patch, "original_file_path")
            )
        }
        _ => {
            let one = arguments.required("node_1")?;
            let other = arguments.required("node_2")?;
            let kind = part(&one, "resource_type");
            let kinds = if kind == part(&other, "resource_type") { &kind } else { "resource" };
            format!(
                "dbt found two {kinds}s with the name \"{}\". Change the name of one of them:\n- {}\n- {}",
                part(&one, "name"),
                place_of(&one),
                place_of(&other)
            )
        }
    })
}

/// A node's id and file.
fn place_of(node: &Value) -> String {
    format!("{} ({})", part(node, "unique_id"), part(node, "original_file_path"))
}

/// The schema and name of a catalog entry, which stand in its `metadata`.
fn relation_of(entry: &Value) -> String {
    let metadata = entry.get_attr("metadata").unwrap_or_default();
    format!("{}.{}", part(&metadata, "schema"), part(&metadata, "name"))
}
