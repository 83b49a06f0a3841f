//! Labels of jobs: what they are for, as the service takes it.

use serde_json::{Map, Value, json};

/// The longest value of a label.
const LONGEST: usize = 63;

/// The labels of a job: the invocation, and the query comment where the project wants it there (`job-label`).
pub(crate) fn of_work(invocation: &str, comment: Option<&str>) -> Value {
    let mut labels = Map::new();
    if let Some(comment) = comment {
        match serde_json::from_str::<Value>(comment) {
            Ok(Value::Object(entries)) => {
                for (key, value) in entries {
                    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    labels.insert(sanitized(&key), json!(sanitized(&text)));
                }
            }
            _ => {
                labels.insert("query_comment".to_owned(), json!(sanitized(comment)));
            }
        }
    }
    if !invocation.is_empty() {
        labels.insert("dbt_invocation_id".to_owned(), json!(sanitized(invocation)));
    }
    Value::Object(labels)
}

/// Lower case letters, digits, underscores and dashes, and not too many.
fn sanitized(text: &str) -> String {
    let fit = |character: char| match character {
        'a'..='z' | '0'..='9' | '_' | '-' => character,
        _ => '_',
    };
    text.trim().to_lowercase().chars().map(fit).take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_of_json_becomes_a_label_for_each_key() {
        let comment = r#"{"App": "dbt", "node_id": "model.shop.Orders"}"#;
        assert_eq!(
            of_work("1-2", Some(comment)),
            json!({"app": "dbt", "node_id": "model_shop_orders", "dbt_invocation_id": "1-2"})
        );
    }

    #[test]
    fn any_other_comment_becomes_one_label() {
        let labels = of_work("", Some(&"Ein Tag. ".repeat(20)));
        let label = labels["query_comment"].as_str().unwrap();
        assert!(label.starts_with("ein_tag__ein_tag_"));
        assert_eq!(label.len(), 63);
    }
}
