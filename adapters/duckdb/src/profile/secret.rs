//! Credentials of cloud storage: the fields `secrets` and `use_credential_provider`.

use adapter_interface::{ProfileError, ProfileFields};
use serde_json::{Map, Value, json};

use super::{Preparation, identifier, list, quoted, text_field, text_of, wrong};

/// The statements that create the secrets.
pub(super) fn read(fields: &ProfileFields) -> Result<Vec<Preparation>, ProfileError> {
    let mut secrets = Vec::new();
    for secret in list("secrets", fields.get("secrets"))? {
        let Some(secret) = secret.as_object() else {
            return Err(wrong(
                "secrets",
                "a secret is a mapping with a `type`",
                "write `type: s3` and its fields",
            ));
        };
        secrets.push(secret.clone());
    }
    match text_field(fields, "use_credential_provider")?.as_deref() {
        None => {}
        Some("aws") => {
            secrets
                .extend(json!({"type": "s3", "provider": "credential_chain"}).as_object().cloned());
        }
        Some(other) => {
            let message = format!("`use_credential_provider` cannot be `{other}`");
            return Err(wrong("use_credential_provider", message, "write `aws`, or use `secrets`"));
        }
    }
    secrets.iter().enumerate().map(|(index, secret)| preparation(secret, index)).collect()
}

fn preparation(secret: &Map<String, Value>, index: usize) -> Result<Preparation, ProfileError> {
    let Some(secret_type) = secret.get("type").and_then(Value::as_str) else {
        return Err(wrong("secrets", "a secret needs a `type`", "add a type, such as `s3`"));
    };
    let name = secret.get("name").map_or_else(|| format!("_dbt_secret_{}", index + 1), text_of);
    let persistent =
        if secret.get("persistent") == Some(&Value::Bool(true)) { " PERSISTENT" } else { "" };
    let mut parts = vec![format!("type {secret_type}")];
    for (key, value) in secret {
        match (key.as_str(), value) {
            ("type" | "name" | "persistent", _) | (_, Value::Null) => {}
            ("provider", value) => parts.push(format!("provider {}", text_of(value))),
            ("scope", Value::Array(scopes)) => {
                parts.extend(
                    scopes.iter().map(|scope| format!("scope {}", quoted(&text_of(scope)))),
                );
            }
            (key, Value::Object(map)) => {
                let entries = map
                    .iter()
                    .map(|(name, value)| format!("{}: {}", quoted(name), quoted(&text_of(value))));
                parts.push(format!("{key} map {{{}}}", entries.collect::<Vec<_>>().join(", ")));
            }
            (key, Value::Array(items)) => {
                let items = items.iter().map(|item| quoted(&text_of(item)));
                parts.push(format!("{key} array [{}]", items.collect::<Vec<_>>().join(", ")));
            }
            (key, value) => parts.push(format!("{key} {}", quoted(&text_of(value)))),
        }
    }
    let (identifier, parts) = (identifier(&name), parts.join(", "));
    Ok(Preparation {
        purpose: format!("create the secret `{name}`"),
        sql: format!("CREATE OR REPLACE{persistent} SECRET {identifier} ({parts})"),
    })
}
