//! What the service says of a statement, in dbt's words; mirrors `BigQueryAdapterResponse`.

use adapter_interface::{Estimate, Response, WarehouseError, WarehouseErrorKind};
use serde_json::{Value, json};

/// The code of a kind of statement, as dbt names it; nothing for kinds that dbt does not name.
pub(crate) fn code(statement_type: &str) -> Option<&str> {
    match statement_type {
        "CREATE_VIEW" => Some("CREATE VIEW"),
        "CREATE_TABLE_AS_SELECT" => Some("CREATE TABLE"),
        "SCRIPT" | "INSERT" | "DELETE" | "MERGE" | "UPDATE" | "SELECT" => Some(statement_type),
        _ => None,
    }
}

/// What a query would read, by its dry run. The service says how far its number is to be trusted
/// (`totalBytesProcessedAccuracy`); a number that may be too small is none.
pub(crate) fn estimate(job: &Value) -> Result<Estimate, WarehouseError> {
    let accuracy = job["statistics"]["query"]["totalBytesProcessedAccuracy"].as_str();
    let bytes = bytes_processed(job).and_then(|bytes| u64::try_from(bytes).ok());
    let message = match (bytes, accuracy) {
        (None, _) | (_, Some("UNKNOWN")) => {
            "BigQuery does not know how much the query would read".to_owned()
        }
        (Some(bytes), Some("LOWER_BOUND")) => {
            format!("BigQuery knows only that the query would read at least {bytes} bytes")
        }
        (Some(bytes), _) => return Ok(Estimate { bytes }),
    };
    Err(WarehouseError::new(WarehouseErrorKind::Other, message))
}

fn bytes_processed(job: &Value) -> Option<i64> {
    let statistics = &job["statistics"];
    number(&statistics["query"]["totalBytesProcessed"])
        .or_else(|| number(&statistics["totalBytesProcessed"]))
}

/// A number as the service writes it, which may be a text.
fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str().and_then(|text| text.parse().ok()))
}

/// The response of a job that is done, with how many rows it changed or gave.
pub(crate) fn of_job(job: &Value, rows: Option<i64>) -> Response {
    let query = &job["statistics"]["query"];
    let code = code(query["statementType"].as_str().unwrap_or_default());
    let processed = bytes_processed(job);
    let word = code.unwrap_or("None");
    let bytes = shown_bytes(processed);
    let message = match (rows, processed) {
        (Some(rows), _) => format!("{word} ({} rows, {bytes} processed)", shown_rows(rows)),
        (None, Some(_)) => format!("{word} ({bytes} processed)"),
        (None, None) => word.to_owned(),
    };
    let reference = &job["jobReference"];
    let slots = number(&query["totalSlotMs"]).or_else(|| number(&job["statistics"]["totalSlotMs"]));
    let details = [
        ("bytes_processed", json!(processed)),
        ("bytes_billed", json!(number(&query["totalBytesBilled"]))),
        ("location", reference["location"].clone()),
        ("project_id", reference["projectId"].clone()),
        ("job_id", reference["jobId"].clone()),
        ("slot_ms", json!(slots)),
    ];
    Response {
        message,
        code: code.map(str::to_owned),
        rows_affected: rows,
        details: details
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    }
}

/// Bytes as dbt shows them: `10.0 KiB`.
fn shown_bytes(bytes: Option<i64>) -> String {
    let Some(bytes) = bytes else { return "None".to_owned() };
    if bytes == 0 {
        return "0".to_owned();
    }
    let mut number = bytes as f64;
    for unit in ["Bytes", "KiB", "MiB", "GiB", "TiB"] {
        if number.abs() < 1024.0 {
            return format!("{number:.1} {unit}");
        }
        number /= 1024.0;
    }
    format!("{number:.1} PiB")
}

/// Rows as dbt shows them: `3.0`, `1.5k`.
fn shown_rows(rows: i64) -> String {
    let mut number = rows as f64;
    for unit in ["", "k", "m", "b"] {
        if number.abs() < 1000.0 {
            return format!("{number:.1}{unit}");
        }
        number /= 1000.0;
    }
    format!("{number:.1}t")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_tells_rows_and_bytes() {
        let job = json!({
            "jobReference": {"projectId": "p", "jobId": "j", "location": "EU"},
            "statistics": {"query": {
                "statementType": "CREATE_TABLE_AS_SELECT", "totalBytesProcessed": "10240",
                "totalBytesBilled": "10485760", "totalSlotMs": "7",
            }},
        });
        let response = of_job(&job, Some(1500));
        assert_eq!(response.message, "CREATE TABLE (1.5k rows, 10.0 KiB processed)");
        assert_eq!(
            serde_json::to_value(&response.details).unwrap(),
            json!({
                "bytes_processed": 10240, "bytes_billed": 10_485_760, "location": "EU",
                "project_id": "p", "job_id": "j", "slot_ms": 7,
            })
        );
    }
}
