//! The methods of dbt-bigquery's adapter that ask the service, as its macros call them.

use std::sync::{Arc, Mutex, PoisonError};

use adapter_interface::{
    Column, MacroValue, MethodCall, Relation, RelationKind, WarehouseError, WarehouseErrorKind,
};
use indexmap::{IndexMap, IndexSet};
use serde_json::{Value, json};

use crate::client::{Client, TableName};
use crate::connection::BigQueryConnection;
use crate::error::ApiError;
use crate::materialized_view::MaterializedView;
use crate::partition::Partition;
use crate::{schema_change, seed, types};

/// Their names. Those that no macro of dbt knows serve the macros of this adapter.
pub(crate) const NAMES: &[&str] = &[
    "alter_table_add_columns",
    "alter_table_add_remove_columns",
    "check_schema_exists",
    "copy_table",
    "delete_dataset",
    "delete_table",
    "describe_relation",
    "get_bq_table",
    "get_column_schema_from_query",
    "get_columns_in_select_sql",
    "get_dataset_location",
    "grant_access_to",
    "is_replaceable",
    "list_schemas",
    "rename_table",
    "sync_struct_columns",
    "update_columns",
    "update_table_description",
    "upload_file",
];

/// Datasets are read, changed and written back: by one thread at a time.
static DATASET_CHANGES: Mutex<()> = Mutex::new(());

/// How often a dataset is read again that somebody else changed before it was written back.
const DATASET_TRIES: u32 = 5;

type Answer = Result<MacroValue, WarehouseError>;

/// One of [`NAMES`].
pub(crate) fn call(connection: &mut BigQueryConnection, call: &MethodCall<'_>) -> Option<Answer> {
    Some(match call.name {
        "alter_table_add_columns" | "alter_table_add_remove_columns" => {
            add_remove_columns(connection, call)
        }
        "check_schema_exists" => check_schema_exists(connection, call),
        "copy_table" => copy_table(connection, call),
        "delete_dataset" => delete_dataset(connection, call),
        "delete_table" => delete_table(connection, call),
        "describe_relation" => describe_relation(connection, call),
        "get_bq_table" => get_bq_table(connection, call),
        "get_column_schema_from_query" => flat_query_columns(connection, call),
        "get_columns_in_select_sql" => query_columns(connection, call).map(column_list),
        "get_dataset_location" => dataset_location(connection, call),
        "grant_access_to" => grant_access_to(connection, call),
        "is_replaceable" => is_replaceable(connection, call),
        "list_schemas" => list_schemas(connection, call),
        "rename_table" => rename_table(connection, call),
        "sync_struct_columns" => sync_struct_columns(connection, call),
        "update_columns" => update_columns(connection, call),
        "update_table_description" => update_table_description(connection, call),
        "upload_file" => upload_file(connection, call),
        _ => return None,
    })
}

/// The service's name of a relation.
pub(crate) fn table_name(relation: &Relation) -> Result<TableName<'_>, WarehouseError> {
    match (&relation.database, &relation.schema, &relation.identifier) {
        (Some(project), Some(dataset), Some(table)) => Ok(TableName { project, dataset, table }),
        _ => Err(WarehouseError::new(
            WarehouseErrorKind::Configuration,
            "a table of BigQuery is named by a project, a dataset and a table",
        )),
    }
}

fn configuration(message: impl Into<String>) -> WarehouseError {
    WarehouseError::new(WarehouseErrorKind::Configuration, message)
}

/// A project without its quotes.
fn project(name: &str) -> &str {
    name.trim_matches('`')
}

fn list_schemas(connection: &BigQueryConnection, call: &MethodCall<'_>) -> Answer {
    let own = connection.settings().execution_project.clone();
    let database = call.optional_text(0, "database").map_or(own.as_str(), project);
    let names = connection.client().datasets(database)?;
    Ok(MacroValue::List(names.into_iter().map(MacroValue::from).collect()))
}

fn check_schema_exists(connection: &BigQueryConnection, call: &MethodCall<'_>) -> Answer {
    let database = project(call.text(0, "database")?);
    // Asked by its name, since hidden datasets stand in no listing.
    let found = connection.client().find_dataset(database, call.text(1, "schema")?)?;
    Ok(MacroValue::from(found.is_some()))
}

fn delete_dataset(connection: &BigQueryConnection, call: &MethodCall<'_>) -> Answer {
    let relation = call.relation(0, "relation")?;
    let (Some(project), Some(dataset)) = (&relation.database, &relation.schema) else {
        return Err(call.lacks("relation", "a dataset"));
    };
    connection.client().delete_dataset(project, dataset)?;
    Ok(MacroValue::Null)
}

fn delete_table(connection: &BigQueryConnection, call: &MethodCall<'_>) -> Answer {
    let relation = call.relation(0, "relation")?;
    let name = table_name(relation)?;
    if relation.kind == Some(RelationKind::Function) {
        connection.client().delete_routine(&name)?;
    } else {
        connection.client().delete_table(&name)?;
    }
    Ok(MacroValue::Null)
}

/// `copy_table(source, destination, materialization)`: a copy job, which is free and keeps partitions.
fn copy_table(connection: &mut BigQueryConnection, call: &MethodCall<'_>) -> Answer {
    let sources = match call.argument(0, "source") {
        Some(MacroValue::List(items)) => items.clone(),
        Some(item) => vec![item.clone()],
        None => return Err(call.lacks("source", "a relation")),
    };
    let sources: Vec<Relation> = sources
        .into_iter()
        .filter_map(|item| match item {
            MacroValue::Relation(relation) => Some(relation),
            _ => None,
        })
        .collect();
    let materialization = call.optional_text(2, "materialization").unwrap_or("table");
    let disposition = match materialization {
        "incremental" => "WRITE_APPEND",
        "table" => "WRITE_TRUNCATE",
        other => {
            return Err(configuration(format!(
                "Copy table materialization must be \"table\" or \"incremental\", but `copy_materialization` is `{other}`"
            )));
        }
    };
    connection.copy(&sources, call.relation(1, "destination")?, disposition)?;
    Ok(MacroValue::from(format!("COPY TABLE with materialization: {materialization}")))
}

/// As dbt-bigquery: a copy, then the original goes. BigQuery renames no views.
fn rename_table(connection: &mut BigQueryConnection, call: &MethodCall<'_>) -> Answer {
    let (from, to) = (call.relation(0, "from_relation")?, call.relation(1, "to_relation")?);
    if [from, to].iter().any(|relation| relation.kind == Some(RelationKind::View)) {
        return Err(configuration("Renaming of views is not currently supported in BigQuery"));
    }
    connection.copy(std::slice::from_ref(from), to, "WRITE_TRUNCATE")?;
    connection.client().delete_table(&table_name(from)?)?;
    Ok(MacroValue::Null)
}

fn get_bq_table(connection: &BigQueryConnection, call: &MethodCall<'_>) -> Answer {
    let found = connection.client().find_table(&table_name(call.relation(0, "relation")?)?)?;
    Ok(found.map_or(MacroValue::Null, |table| MacroValue::from_json(&described(&table))))
}

/// A table by the names that Python's client gives its facts.
fn described(table: &Value) -> Value {
    let number = |value: &Value| -> Value {
        let parsed = value.as_str().and_then(|text| text.parse::<i64>().ok());
        parsed.map_or_else(|| value.clone(), Value::from)
    };
    let by_time = &table["timePartitioning"];
    let time_partitioning = by_time.is_object().then(|| {
        json!({
            "type_": by_time["type"], "field": by_time["field"],
            "expiration_ms": number(&by_time["expirationMs"]),
        })
    });
    let by_range = &table["rangePartitioning"];
    let range_partitioning = by_range.is_object().then(|| {
        let range = &by_range["range"];
        json!({"field": by_range["field"], "range_": {
            "start": number(&range["start"]), "end": number(&range["end"]),
            "interval": number(&range["interval"]),
        }})
    });
    json!({
        "project": table["tableReference"]["projectId"],
        "dataset_id": table["tableReference"]["datasetId"],
        "table_id": table["tableReference"]["tableId"],
        "table_type": table["type"],
        "description": table["description"],
        "friendly_name": table["friendlyName"],
        "labels": if table["labels"].is_object() { table["labels"].clone() } else { json!({}) },
        "location": table["location"],
        "num_rows": number(&table["numRows"]),
        "num_bytes": number(&table["numBytes"]),
        "created": number(&table["creationTime"]),
        "modified": number(&table["lastModifiedTime"]),
        "expires": number(&table["expirationTime"]),
        "etag": table["etag"],
        "schema": schema_described(&table["schema"]["fields"]),
        "partitioning_type": by_time["type"],
        "time_partitioning": time_partitioning,
        "range_partitioning": range_partitioning,
        "clustering_fields": table["clustering"]["fields"],
        "require_partition_filter": table["requirePartitionFilter"],
        "view_query": table["view"]["query"],
        "mview_query": table["materializedView"]["query"],
    })
}

fn schema_described(fields: &Value) -> Value {
    let field = |field: &Value| {
        json!({
            "name": field["name"], "field_type": field["type"], "mode": field["mode"],
            "description": field["description"], "fields": schema_described(&field["fields"]),
        })
    };
    fields.as_array().into_iter().flatten().map(field).collect()
}

/// Whether a table may be replaced by one of a partitioning and clustering: BigQuery wants both to be the same.
fn is_replaceable(connection: &BigQueryConnection, call: &MethodCall<'_>) -> Answer {
    let Some(MacroValue::Relation(relation)) = call.argument(0, "relation") else {
        return Ok(MacroValue::from(true));
    };
    let Some(table) = connection.client().find_table(&table_name(relation)?)? else {
        return Ok(MacroValue::from(true));
    };
    let wanted = Partition::parse(call.argument(1, "conf_partition"))?;
    let has_same_partitions = match (&wanted, Partition::of_table(&table)) {
        (None, None) => true,
        (Some(wanted), Some(existing)) => wanted.fits(&existing),
        _ => false,
    };
    let wanted: Vec<String> = match call.argument(2, "conf_cluster") {
        None => Vec::new(),
        Some(MacroValue::List(names)) => {
            names.iter().filter_map(MacroValue::as_text).map(str::to_owned).collect()
        }
        Some(name) => name.as_text().map(str::to_owned).into_iter().collect(),
    };
    let existing = table["clustering"]["fields"].as_array().into_iter().flatten();
    let existing: Vec<&str> = existing.filter_map(Value::as_str).collect();
    Ok(MacroValue::from(has_same_partitions && wanted == existing))
}

fn describe_relation(connection: &BigQueryConnection, call: &MethodCall<'_>) -> Answer {
    let relation = call.relation(0, "relation")?;
    if relation.kind != Some(RelationKind::MaterializedView) {
        return Err(configuration(format!(
            "adapter.describe_relation() describes materialized views, and `{}` is none",
            relation.identifier.as_deref().unwrap_or_default()
        )));
    }
    let found = connection.client().find_table(&table_name(relation)?)?;
    Ok(found.map_or(MacroValue::Null, |table| {
        MacroValue::Object(Arc::new(MaterializedView::of_table(&table)))
    }))
}

fn dataset_location(connection: &BigQueryConnection, call: &MethodCall<'_>) -> Answer {
    let relation = call.relation(0, "relation")?;
    let (Some(project), Some(dataset)) = (&relation.database, &relation.schema) else {
        return Err(call.lacks("relation", "a relation with a dataset"));
    };
    let dataset = connection.client().dataset(project, dataset)?;
    Ok(dataset["location"].as_str().map_or(MacroValue::Null, MacroValue::from))
}

/// `grant_access_to(entity, entity_type, role, grant_target_dict)`: lets a view read a dataset, or a user use it.
fn grant_access_to(connection: &BigQueryConnection, call: &MethodCall<'_>) -> Answer {
    let kind = call.optional_text(1, "entity_type").unwrap_or("view");
    let target = call.map(3, "grant_target_dict")?;
    let part = |name: &str| {
        target.get(name).and_then(MacroValue::as_text).ok_or_else(|| {
            configuration(format!(
                "`grant_access_to` needs a `project` and a `dataset`; it has no `{name}`"
            ))
        })
    };
    let (project, dataset) = (part("project")?, part("dataset")?);
    let entity = match call.argument(0, "entity") {
        Some(MacroValue::Relation(relation)) => table_name(relation)?.reference(),
        Some(value) => value.to_json(),
        None => return Err(call.lacks("entity", "a relation or a name")),
    };
    let mut entry = json!({ kind: entity });
    if let Some(role) = call.optional_text(2, "role") {
        entry["role"] = json!(role);
    }
    give_access(connection.client(), (project, dataset), kind, &entry)?;
    Ok(MacroValue::Null)
}

/// Adds an entry to a dataset's list of who may use it, unless it is there. The list is written back whole, so that it is
/// read again where somebody else changed it in between.
fn give_access(
    client: &Client,
    (project, dataset): (&str, &str),
    kind: &str,
    entry: &Value,
) -> Result<(), ApiError> {
    let _one_at_a_time = DATASET_CHANGES.lock().unwrap_or_else(PoisonError::into_inner);
    let mut tries = 0;
    loop {
        let known = client.dataset(project, dataset)?;
        let mut access = known["access"].as_array().cloned().unwrap_or_default();
        let is_there = access.iter().any(|known| {
            known[kind] == entry[kind] && known["role"].as_str() == entry["role"].as_str()
        });
        if is_there {
            return Ok(());
        }
        access.push(entry.clone());
        match client.patch_dataset((project, dataset), &known, &json!({"access": access})) {
            Err(error) if error.status == Some(412) && tries < DATASET_TRIES => tries += 1,
            changed => return changed.map(drop),
        }
    }
}

fn update_table_description(connection: &BigQueryConnection, call: &MethodCall<'_>) -> Answer {
    let name = TableName {
        project: call.text(0, "database")?,
        dataset: call.text(1, "schema")?,
        table: call.text(2, "identifier")?,
    };
    let description = call.optional_text(3, "description").unwrap_or_default();
    connection.client().patch_table(&name, &json!({"description": description}))?;
    Ok(MacroValue::Null)
}

fn update_columns(connection: &BigQueryConnection, call: &MethodCall<'_>) -> Answer {
    let columns = call.map(1, "columns")?;
    if columns.is_empty() {
        return Ok(MacroValue::Null);
    }
    let name = table_name(call.relation(0, "relation")?)?;
    let table = connection.client().table(&name)?;
    let fields = schema_change::with_descriptions(&table["schema"]["fields"], &columns, "");
    connection.client().patch_table(&name, &json!({"schema": {"fields": fields}}))?;
    Ok(MacroValue::Null)
}

/// `alter_table_add_remove_columns(relation, add_columns, remove_columns)`, and the same without the last.
///
/// BigQuery drops whole columns alone, so that fields inside of them stay.
fn add_remove_columns(connection: &mut BigQueryConnection, call: &MethodCall<'_>) -> Answer {
    let relation = call.relation(0, "relation")?;
    let name = table_name(relation)?;
    let second = if call.name == "alter_table_add_columns" { "columns" } else { "add_columns" };
    let additions = call.columns(1, second);
    let removals: Vec<Column> = call.columns(2, "remove_columns");
    let drops: Vec<String> = removals
        .iter()
        .filter(|column| !column.name.contains('.'))
        .map(|column| format!("drop column {}", connection.quoted(&column.name)))
        .collect();
    if !drops.is_empty() {
        let sql = format!("alter table {} {}", connection.rendered(relation), drops.join(", "));
        connection.run_statement(&sql)?;
    }
    if !additions.is_empty() {
        let table = connection.client().table(&name)?;
        let fields = schema_change::with_columns(&table["schema"]["fields"], &additions);
        connection.client().patch_table(&name, &json!({"schema": {"fields": fields}}))?;
    }
    Ok(MacroValue::Null)
}

/// `sync_struct_columns(on_schema_change, source_relation, target_relation, schema_changes_dict)`: gives the structs of
/// the target the fields of the source, and the changes that are then left to make.
fn sync_struct_columns(connection: &BigQueryConnection, call: &MethodCall<'_>) -> Answer {
    let mut changes = call.map(3, "schema_changes_dict")?;
    let mode = call.optional_text(0, "on_schema_change").unwrap_or_default();
    if !matches!(mode, "append_new_columns" | "sync_all_columns") {
        return Ok(MacroValue::Map(changes));
    }
    let target_name = table_name(call.relation(2, "target_relation")?)?;
    let client = connection.client();
    let source = client.table(&table_name(call.relation(1, "source_relation")?)?)?;
    let target = client.table(&target_name)?;
    let differing = differing_structs(changes.get("new_target_types"));
    let (source, target) = (&source["schema"]["fields"], &target["schema"]["fields"]);
    let synced = schema_change::synced_structs(source, target, &differing);
    if synced.handled.is_empty() {
        return Ok(MacroValue::Map(changes));
    }
    client.patch_table(&target_name, &json!({"schema": {"fields": synced.fields}})).map_err(
        |mut error: ApiError| {
            error.message = format!(
                "Failed to update STRUCT schema for `{}`: {}",
                target_name.table, error.message
            );
            error
        },
    )?;
    let is_left = |name: &str| !synced.handled.contains(name.split('.').next().unwrap_or(name));
    retain(&mut changes, "source_not_in_target", |item| match item {
        MacroValue::Column(column) => is_left(&column.name),
        _ => true,
    });
    retain(&mut changes, "new_target_types", |item| {
        item.get("column_name").and_then(MacroValue::as_text).is_none_or(is_left)
    });
    let columns = types::columns(&synced.fields).into_iter().map(MacroValue::Column);
    changes.insert("target_columns".to_owned(), MacroValue::List(columns.collect()));
    let is_empty = |key: &str| !changes.get(key).is_some_and(MacroValue::is_true);
    if ["source_not_in_target", "target_not_in_source", "new_target_types"]
        .into_iter()
        .all(is_empty)
    {
        changes.insert("schema_changed".to_owned(), MacroValue::from(false));
    }
    Ok(MacroValue::Map(changes))
}

/// The columns whose new type is a struct.
fn differing_structs(changes: Option<&MacroValue>) -> IndexSet<String> {
    let Some(MacroValue::List(changes)) = changes else { return IndexSet::new() };
    let name = |change: &MacroValue| {
        let new_type = change.get("new_type")?.as_text()?.to_ascii_uppercase();
        let is_struct = new_type.contains("STRUCT<") || new_type.contains("RECORD");
        let name = change.get("column_name")?.as_text()?;
        is_struct.then(|| name.split('.').next().unwrap_or(name).to_owned())
    };
    changes.iter().filter_map(name).collect()
}

fn retain(
    changes: &mut IndexMap<String, MacroValue>,
    key: &str,
    is_kept: impl Fn(&MacroValue) -> bool,
) {
    if let Some(MacroValue::List(items)) = changes.get_mut(key) {
        items.retain(is_kept);
    }
}

fn query_columns(
    connection: &mut BigQueryConnection,
    call: &MethodCall<'_>,
) -> Result<Vec<Column>, WarehouseError> {
    let sql = call.optional_text(0, "sql").or_else(|| call.optional_text(0, "select_sql"));
    connection.columns_of_query(sql.ok_or_else(|| call.lacks("sql", "a text"))?)
}

/// The columns of a query, fields inside columns by their whole names.
fn flat_query_columns(connection: &mut BigQueryConnection, call: &MethodCall<'_>) -> Answer {
    let columns = query_columns(connection, call)?;
    Ok(column_list(columns.iter().flat_map(|column| flattened(column, "")).collect()))
}

fn column_list(columns: Vec<Column>) -> MacroValue {
    MacroValue::List(columns.into_iter().map(MacroValue::Column).collect())
}

fn flattened(column: &Column, parent: &str) -> Vec<Column> {
    let name = format!("{parent}{}", column.name);
    if column.fields.is_empty() {
        return vec![Column { name, ..column.clone() }];
    }
    let parent = format!("{name}.");
    column.fields.iter().flat_map(|field| flattened(field, &parent)).collect()
}

/// `upload_file(local_file_path, database, table_schema, table_name, kwargs={…})`.
fn upload_file(connection: &mut BigQueryConnection, call: &MethodCall<'_>) -> Answer {
    let name = TableName {
        project: call.text(1, "database")?,
        dataset: call.text(2, "table_schema")?,
        table: call.text(3, "table_name")?,
    };
    let mut options = call.map(4, "kwargs")?;
    let own = ["local_file_path", "database", "table_schema", "table_name", "kwargs"];
    let named = call.keywords.iter().filter(|(key, _)| !own.contains(&key.as_str()));
    options.extend(named.map(|(key, value)| (key.clone(), value.clone())));
    let options = options.iter().map(|(key, value)| (key.clone(), value.to_json())).collect();
    seed::upload_file(connection, call.text(0, "local_file_path")?, &name, &options)?;
    Ok(MacroValue::Null)
}
