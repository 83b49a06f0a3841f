//! The methods of dbt-athena's adapter, as its macros and those of projects call them.

use adapter_interface::{MacroValue, MethodCall, Relation, WarehouseError};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::connection::{AthenaConnection, Shared, configuration, delete_place};
use crate::dialect::{bare_name, hive_name};
use crate::documentation::{self, Wanted};
use crate::glue::{self, Place, name_of};
use crate::{location, partitions, profile, types};

/// Those that ask nobody. What no macro of dbt knows serves the macros of this adapter.
pub(crate) const PURE: &[&str] = &[
    "athena_ddl_type",
    "athena_dml_type",
    "format_one_partition_key",
    "format_partition_keys",
    "generate_unique_temporary_table_suffix",
    "is_list",
    "is_s3_tables_database",
    "relation.render_hive",
    "relation.render_pure",
];

/// Those that ask AWS.
pub(crate) const ASKING: &[&str] = &[
    "athena_catalog",
    "athena_seed_place",
    "athena_tolerate_open_partitions",
    "check_schema_exists",
    "clean_up_partitions",
    "clean_up_table",
    "delete_from_glue_catalog",
    "delete_from_s3",
    "drop_glue_database",
    "expire_glue_table_versions",
    "generate_s3_location",
    "get_glue_table_location",
    "get_glue_table_type",
    "is_work_group_output_location_enforced",
    "list_schemas",
    "persist_docs_to_glue",
    "swap_table",
];

type Answer = Result<MacroValue, WarehouseError>;

/// One of [`PURE`].
pub(crate) fn pure(call: &MethodCall<'_>) -> Option<Answer> {
    Some(match call.name {
        "athena_ddl_type" => call.text(0, "data_type").map(|data_type| {
            let is_iceberg = call.optional_text(1, "table_type") == Some("iceberg");
            let spelled = if is_iceberg { types::in_iceberg } else { types::in_hive };
            MacroValue::from(spelled(data_type))
        }),
        "athena_dml_type" => call.text(0, "data_type").map(types::in_queries).map(MacroValue::from),
        "format_one_partition_key" => {
            call.text(0, "partition_key").map(partitions::key_in_queries).map(MacroValue::from)
        }
        "format_partition_keys" => {
            let keys: Vec<_> = texts(call, 0, "partition_keys")
                .iter()
                .map(|key| partitions::key_in_queries(key))
                .collect();
            Ok(MacroValue::from(keys.join(", ")))
        }
        "generate_unique_temporary_table_suffix" => {
            let start = call.optional_text(0, "suffix_initial").unwrap_or("__dbt_tmp");
            Ok(MacroValue::from(format!(
                "{start}_{}",
                Uuid::new_v4().to_string().replace('-', "_")
            )))
        }
        "is_list" => {
            Ok(MacroValue::from(matches!(call.argument(0, "value"), Some(MacroValue::List(_)))))
        }
        "is_s3_tables_database" => Ok(MacroValue::from(false)),
        "relation.render_hive" => call.relation(0, "self").map(hive_name).map(MacroValue::from),
        "relation.render_pure" => call.relation(0, "self").map(bare_name).map(MacroValue::from),
        _ => return None,
    })
}

/// One of [`ASKING`].
pub(crate) fn asking(connection: &mut AthenaConnection, call: &MethodCall<'_>) -> Option<Answer> {
    let shared = connection.shared.clone();
    Some(match call.name {
        "athena_catalog" => {
            let schemas = texts(call, 1, "schemas");
            glue::catalog_rows(&shared, call.optional_text(0, "database"), &schemas)
                .map(MacroValue::Rows)
        }
        "athena_seed_place" => seed_place(connection, call),
        "athena_tolerate_open_partitions" => {
            connection.tolerates_partitions = true;
            Ok(MacroValue::Null)
        }
        "check_schema_exists" => schema_exists(&shared, call),
        "clean_up_partitions" => clean_up_partitions(&shared, call),
        "clean_up_table" => clean_up_table(&shared, call),
        "delete_from_glue_catalog" => delete_from_glue_catalog(&shared, call),
        "delete_from_s3" => call
            .text(0, "s3_path")
            .and_then(|place| delete_place(&shared, place))
            .map(|()| MacroValue::Null),
        "drop_glue_database" => drop_glue_database(&shared, call),
        "expire_glue_table_versions" => expire_versions(&shared, call),
        "generate_s3_location" => generate_location(&shared, call),
        "get_glue_table_location" => glue_table(&shared, call).map(|table| {
            let place = table.as_ref().and_then(glue::location);
            place.map_or(MacroValue::Null, MacroValue::from)
        }),
        "get_glue_table_type" => glue_table(&shared, call).map(|table| {
            table
                .as_ref()
                .map_or(MacroValue::Null, |table| MacroValue::from(glue::table_type(table)))
        }),
        "is_work_group_output_location_enforced" => {
            shared.enforces_output_location().map(MacroValue::from)
        }
        "list_schemas" => glue::databases(&shared, call.optional_text(0, "database"))
            .map(|names| MacroValue::List(names.into_iter().map(MacroValue::from).collect())),
        "persist_docs_to_glue" => persist_docs(&shared, call),
        "swap_table" => swap_table(&shared, call),
        _ => return None,
    })
}

/// The texts of an argument that is one, or a list of them.
fn texts(call: &MethodCall<'_>, place: usize, name: &str) -> Vec<String> {
    match call.argument(place, name) {
        Some(MacroValue::Text(text)) => vec![text.clone()],
        Some(MacroValue::List(items)) => {
            items.iter().filter_map(MacroValue::as_text).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

fn is_true(call: &MethodCall<'_>, place: usize, name: &str) -> bool {
    call.argument(place, name).is_some_and(MacroValue::is_true)
}

fn glue_table(shared: &Shared, call: &MethodCall<'_>) -> Result<Option<Value>, WarehouseError> {
    let relation = call.relation(0, "relation")?;
    Place::required(shared, relation)?.table(&name_of(relation))
}

fn schema_exists(shared: &Shared, call: &MethodCall<'_>) -> Answer {
    let schema = Relation::new(
        call.optional_text(0, "database"),
        Some(call.text(1, "schema")?),
        None,
        adapter_interface::Quoting::ALL,
    );
    glue::schema_exists(shared, &schema).map(MacroValue::from)
}

/// `(relation, s3_data_dir, s3_data_naming, s3_tmp_table_dir, external_location, is_temporary_table)`, and `table` where
/// the place is named by another table.
fn generate_location(shared: &Shared, call: &MethodCall<'_>) -> Answer {
    let relation = call.relation(0, "relation")?;
    let unique = Uuid::new_v4().to_string();
    let wanted = location::Wanted {
        schema: relation.schema.as_deref().unwrap_or(&shared.settings.schema),
        table: call
            .optional_text(6, "table")
            .or(relation.identifier.as_deref())
            .unwrap_or_default(),
        data: call.optional_text(1, "s3_data_dir"),
        naming: call.optional_text(2, "s3_data_naming"),
        temporary: call.optional_text(3, "s3_tmp_table_dir"),
        external: call.optional_text(4, "external_location"),
        is_temporary: is_true(call, 5, "is_temporary_table"),
        unique: &unique,
    };
    let place = location::of(&wanted, &shared.settings).map_err(configuration)?;
    location::bucket_and_prefix(&place).map_err(configuration)?;
    Ok(MacroValue::from(place))
}

/// Says where the next seed goes as a file, and how it is kept there.
fn seed_place(connection: &mut AthenaConnection, call: &MethodCall<'_>) -> Answer {
    connection.seed_place = Some(call.text(0, "place")?.to_owned());
    if let Some(Value::Object(arguments)) = call.argument(1, "arguments").map(MacroValue::to_json) {
        let read = profile::upload_arguments(&arguments).map_err(configuration)?;
        connection.seed_upload = Some(read);
    }
    Ok(MacroValue::Null)
}

/// Deletes the data of a table, where it has some.
fn clean_up_table(shared: &Shared, call: &MethodCall<'_>) -> Answer {
    if let Some(table) = glue_table(shared, call)?
        && let Some(place) = glue::location(&table)
    {
        delete_place(shared, place)?;
    }
    Ok(MacroValue::Null)
}

fn delete_from_glue_catalog(shared: &Shared, call: &MethodCall<'_>) -> Answer {
    let relation = call.relation(0, "relation")?;
    let place = Place::required(shared, relation)?;
    let name = name_of(relation);
    match place.ask("DeleteTable", json!({"Name": name})) {
        Ok(_) => Ok(MacroValue::Null),
        Err(error) if error.is_not_found() => Ok(MacroValue::Null),
        Err(error) => Err(place.fails(&error, "dropping", &name)),
    }
}

fn drop_glue_database(shared: &Shared, call: &MethodCall<'_>) -> Answer {
    let schema = Relation::new(
        call.optional_text(1, "catalog_name"),
        Some(call.text(0, "database_name")?),
        None,
        adapter_interface::Quoting::ALL,
    );
    let place = Place::required(shared, &schema)?;
    match place.ask("DeleteDatabase", json!({})) {
        Ok(_) => Ok(MacroValue::Null),
        Err(error) => Err(place.fails(&error, "dropping the database", "")),
    }
}

fn clean_up_partitions(shared: &Shared, call: &MethodCall<'_>) -> Answer {
    let relation = call.relation(0, "relation")?;
    partitions::delete(shared, relation, &texts(call, 1, "where_condition"))?;
    Ok(MacroValue::Null)
}

fn swap_table(shared: &Shared, call: &MethodCall<'_>) -> Answer {
    let source = call.relation(0, "src_relation")?;
    let target = call.relation(1, "target_relation")?;
    partitions::swap_table(shared, source, target)?;
    Ok(MacroValue::Null)
}

/// Forgets versions of a table but the last ones, with their data where it is told so. What cannot be deleted stays:
/// nothing is wrong with the table.
fn expire_versions(shared: &Shared, call: &MethodCall<'_>) -> Answer {
    let relation = call.relation(0, "relation")?;
    let kept = match call.argument(1, "to_keep") {
        Some(MacroValue::Integer(count)) => usize::try_from(*count).unwrap_or_default(),
        _ => return Err(call.lacks("to_keep", "a count")),
    };
    let deletes_data = is_true(call, 2, "delete_s3");
    let place = Place::required(shared, relation)?;
    let name = name_of(relation);
    let listed = place.ask_all("GetTableVersions", "TableVersions", &json!({"TableName": name}));
    let mut versions =
        listed.map_err(|error| place.fails(&error, "listing the versions of", &name))?;
    let number =
        |version: &Value| version["VersionId"].as_str().and_then(|id| id.parse::<u64>().ok());
    versions.sort_by_key(|version| std::cmp::Reverse(number(version)));
    let (current, former) = versions.split_at(kept.max(1).min(versions.len()));
    let place_of = |version: &Value| {
        version["Table"]["StorageDescriptor"]["Location"].as_str().map(str::to_owned)
    };
    let used: Vec<_> = current.iter().filter_map(place_of).collect();
    let mut deleted = Vec::new();
    for version in former {
        let Some(id) = version["VersionId"].as_str() else { continue };
        if place.ask("DeleteTableVersion", json!({"TableName": name, "VersionId": id})).is_err() {
            continue;
        }
        deleted.push(MacroValue::from(id));
        if let Some(data) = place_of(version).filter(|data| deletes_data && !used.contains(data)) {
            delete_place(shared, &data)?;
        }
    }
    Ok(MacroValue::List(deleted))
}

fn persist_docs(shared: &Shared, call: &MethodCall<'_>) -> Answer {
    let relation = call.relation(0, "relation")?;
    let model = call.argument(1, "model").map(MacroValue::to_json).unwrap_or_default();
    let place = Place::required(shared, relation)?;
    let name = name_of(relation);
    let Some(table) = place.table(&name)? else { return Ok(MacroValue::Null) };
    let wanted = Wanted {
        model: &model,
        relation: is_true(call, 2, "persist_relation_docs"),
        columns: is_true(call, 3, "persist_column_docs"),
    };
    if let Some(input) = documentation::described(&table, &wanted) {
        let skips_archive = is_true(call, 4, "skip_archive_table_version");
        let update = json!({"TableInput": input, "SkipArchive": skips_archive});
        let updated = place.ask("UpdateTable", update);
        updated.map_err(|error| place.fails(&error, "describing", &name))?;
    }
    Ok(MacroValue::Null)
}

#[cfg(test)]
mod tests {
    use adapter_interface::Quoting;
    use indexmap::IndexMap;

    use super::*;

    fn called(name: &str, positional: Vec<MacroValue>) -> String {
        let call = MethodCall { name, positional, keywords: IndexMap::new() };
        match pure(&call).unwrap().unwrap() {
            MacroValue::Text(text) => text,
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn macros_get_names_and_types_as_statements_want_them() {
        let relation = Relation::new(Some("awsdatacatalog"), Some("s"), Some("t"), Quoting::ALL);
        let relation = || MacroValue::Relation(relation.clone());
        assert_eq!(called("relation.render_hive", vec![relation()]), "`s`.`t`");
        assert_eq!(called("relation.render_pure", vec![relation()]), "awsdatacatalog.s.t");
        assert_eq!(called("athena_ddl_type", vec!["varchar(3)".into()]), "string");
        assert_eq!(
            called("athena_ddl_type", vec!["timestamp(6)".into(), "iceberg".into()]),
            "timestamp"
        );
        assert_eq!(called("athena_dml_type", vec!["string".into()]), "varchar");
        assert_eq!(called("is_list", vec![MacroValue::List(Vec::new())]), "Boolean(true)");
        let keys = MacroValue::List(vec!["day(at)".into(), "Shop".into()]);
        assert_eq!(called("format_partition_keys", vec![keys]), "date_trunc('day', at), shop");
        let suffix = called("generate_unique_temporary_table_suffix", Vec::new());
        assert!(suffix.starts_with("__dbt_tmp_") && !suffix.contains('-'), "{suffix}");
    }

    #[test]
    fn each_name_leads_somewhere() {
        for name in PURE {
            let call = MethodCall { name, positional: Vec::new(), keywords: IndexMap::new() };
            assert!(pure(&call).is_some(), "{name}");
        }
    }
}
