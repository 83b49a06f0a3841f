//! Partitions of tables of Hive: deleting some with their data, and one table taking the place of another; mirrors
//! dbt-athena's `clean_up_partitions` and `swap_table`.

use adapter_interface::{Relation, WarehouseError, WarehouseErrorKind};
use serde_json::{Value, json};

use crate::connection::{Shared, configuration, delete_place};
use crate::glue::{Place, name_of};

/// How long an expression may be that chooses partitions.
const LONGEST_EXPRESSION: usize = 2048;
/// How many partitions Glue deletes at once.
const DELETED_AT_ONCE: usize = 25;
/// How many partitions Glue makes at once.
const CREATED_AT_ONCE: usize = 100;

/// A key of `partitioned_by` as a query yields its values: hidden partitions of Iceberg by what they are cut from.
pub(crate) fn key_in_queries(key: &str) -> String {
    let key = key.trim().to_lowercase();
    let inner = key.split_once('(').and_then(|(name, rest)| Some((name, rest.strip_suffix(')')?)));
    match inner {
        Some((unit @ ("hour" | "day" | "month" | "year"), column)) => {
            format!("date_trunc('{unit}', {column})")
        }
        Some(("bucket", arguments)) => {
            arguments.split(',').next().unwrap_or_default().trim().to_owned()
        }
        _ => key,
    }
}

/// The expressions that together choose what any of the conditions does, each as long as Glue takes it.
fn expressions(conditions: &[String]) -> Result<Vec<String>, String> {
    let mut all: Vec<String> = Vec::new();
    for condition in conditions {
        let condition = format!("({condition})");
        if condition.len() > LONGEST_EXPRESSION {
            let shown: String = condition.chars().take(100).collect();
            return Err(format!(
                "a condition for partitions is longer than the {LONGEST_EXPRESSION} characters that Glue takes: {shown}…"
            ));
        }
        match all.last_mut() {
            Some(last) if last.len() + " or ".len() + condition.len() <= LONGEST_EXPRESSION => {
                last.push_str(" or ");
                last.push_str(&condition);
            }
            _ => all.push(condition),
        }
    }
    Ok(all)
}

/// Deletes the partitions that one of the conditions chooses, and their data.
pub(crate) fn delete(
    shared: &Shared,
    relation: &Relation,
    conditions: &[String],
) -> Result<(), WarehouseError> {
    let place = Place::required(shared, relation)?;
    let name = name_of(relation);
    for expression in expressions(conditions).map_err(configuration)? {
        let chosen =
            json!({"TableName": name, "Expression": expression, "ExcludeColumnSchema": true});
        let found = place
            .ask_all("GetPartitions", "Partitions", &chosen)
            .map_err(|error| place.fails(&error, "listing the partitions of", &name))?;
        for partition in &found {
            if let Some(data) = partition["StorageDescriptor"]["Location"].as_str() {
                delete_place(shared, data)?;
            }
        }
        forget(&place, &name, &found)?;
    }
    Ok(())
}

/// Takes partitions out of the catalog.
fn forget(place: &Place<'_>, name: &str, partitions: &[Value]) -> Result<(), WarehouseError> {
    for some in partitions.chunks(DELETED_AT_ONCE) {
        let values: Vec<_> = some.iter().map(|one| json!({"Values": one["Values"]})).collect();
        let asked = json!({"TableName": name, "PartitionsToDelete": values});
        let answer = place
            .ask("BatchDeletePartition", asked)
            .map_err(|error| place.fails(&error, "deleting partitions of", name))?;
        no_errors(&answer, name)?;
    }
    Ok(())
}

/// What is done to many partitions succeeds as a request and may fail for some of them.
fn no_errors(answer: &Value, name: &str) -> Result<(), WarehouseError> {
    // A request that was made again after its answer was lost finds its own work.
    let is_own = |error: &&Value| error["ErrorDetail"]["ErrorCode"] != "AlreadyExistsException";
    let Some(first) = answer["Errors"].as_array().and_then(|errors| errors.iter().find(is_own))
    else {
        return Ok(());
    };
    let detail = &first["ErrorDetail"];
    let text = |field: &str| detail[field].as_str().unwrap_or_default().to_owned();
    Err(WarehouseError::new(
        WarehouseErrorKind::Other,
        format!(
            "the partition {} of {name} cannot be changed: {} ({})",
            first["PartitionValues"],
            text("ErrorMessage"),
            text("ErrorCode")
        ),
    ))
}

/// Lets a table show the data of another: its description in the catalog is replaced, then its partitions. Between both
/// the partitions are still the former ones.
pub(crate) fn swap_table(
    shared: &Shared,
    source: &Relation,
    target: &Relation,
) -> Result<(), WarehouseError> {
    let from = Place::required(shared, source)?;
    let to = Place::required(shared, target)?;
    let (source_name, name) = (name_of(source), name_of(target));
    let Some(table) = from.table(&source_name)? else {
        return Err(WarehouseError::new(
            WarehouseErrorKind::Other,
            format!("the table {source_name} that was just built is not in the catalog"),
        ));
    };
    let partitions_of = |place: &Place<'_>, name: &str| {
        place
            .ask_all("GetPartitions", "Partitions", &json!({"TableName": name}))
            .map_err(|error| place.fails(&error, "listing the partitions of", name))
    };
    let new = partitions_of(&from, &source_name)?;
    let former = partitions_of(&to, &name)?;

    let mut input =
        json!({"Name": name, "Description": table["Description"].as_str().unwrap_or_default()});
    for field in ["StorageDescriptor", "PartitionKeys", "TableType", "Parameters"] {
        if !table[field].is_null() {
            input[field] = table[field].clone();
        }
    }
    to.ask("UpdateTable", json!({"TableInput": input}))
        .map_err(|error| to.fails(&error, "swapping", &name))?;
    forget(&to, &name, &former)?;
    for some in new.chunks(CREATED_AT_ONCE) {
        let inputs: Vec<_> = some
            .iter()
            .map(|one| {
                json!({
                    "Values": one["Values"],
                    "StorageDescriptor": one["StorageDescriptor"],
                    "Parameters": one["Parameters"],
                })
            })
            .collect();
        let asked = json!({"TableName": name, "PartitionInputList": inputs});
        let answer = to
            .ask("BatchCreatePartition", asked)
            .map_err(|error| to.fails(&error, "adding partitions to", &name))?;
        no_errors(&answer, &name)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_partitions_are_asked_by_what_they_are_cut_from() {
        let cases = [
            ("Day", "day"),
            ("day(created_at)", "date_trunc('day', created_at)"),
            ("bucket(user_id, 5)", "user_id"),
            ("truncate(name, 3)", "truncate(name, 3)"),
        ];
        for (key, query) in cases {
            assert_eq!(key_in_queries(key), query);
        }
    }

    #[test]
    fn expressions_are_as_long_as_glue_takes_them() {
        let conditions: Vec<_> = (0..500).map(|number| format!("day='{number:010}'")).collect();
        let all = expressions(&conditions).unwrap();
        assert!(all.len() > 1);
        assert!(all.iter().all(|expression| expression.len() <= LONGEST_EXPRESSION));
        let count: usize = all.iter().map(|expression| expression.matches("day=").count()).sum();
        assert_eq!(count, 500);
        assert!(expressions(&["x".repeat(3000)]).is_err());
    }

    #[test]
    fn a_part_that_fails_is_told() {
        let answer = json!({"Errors": [{
            "PartitionValues": ["2024-01-01"],
            "ErrorDetail": {"ErrorCode": "AccessDeniedException", "ErrorMessage": "no"},
        }]});
        assert_eq!(
            no_errors(&answer, "orders").unwrap_err().message,
            "the partition [\"2024-01-01\"] of orders cannot be changed: no (AccessDeniedException)"
        );
        assert_eq!(no_errors(&json!({"Errors": []}), "orders"), Ok(()));
    }
}
