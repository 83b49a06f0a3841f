//! The fields of a profile's output of the type `bigquery`; mirrors dbt-bigquery's `BigQueryCredentials`.

mod fields;
mod options;

use std::sync::Arc;
use std::time::Duration;

use adapter_interface::{Credentials, ProfileError, ProfileFields};
use base64::Engine as _;
use serde_json::Value;

use crate::authentication::{
    RefreshToken, ServiceAccountKey, TOKEN_URI, TokenSource, find_default,
};
use crate::retry::RetryPolicy;
use fields::{Fields, wrong};
use options::Options;

/// Looks up an environment variable.
pub(crate) type Environment<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// What the adapter keeps of a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    /// The address of the service, without a slash at the end.
    pub endpoint: String,
    /// Where tokens come from.
    pub source: TokenSource,
    /// The rights that tokens are asked for.
    pub scopes: Vec<String>,
    /// The project in which jobs run and are billed.
    pub execution_project: String,
    /// The project whose quota of requests is used.
    pub quota_project: Option<String>,
    /// Where jobs run, such as `EU`.
    pub location: Option<String>,
    /// Whether queries wait for idle slots.
    pub is_batch: bool,
    /// The bytes above which a query is refused.
    pub maximum_bytes_billed: Option<u64>,
    /// The reservation of slots that jobs use.
    pub reservation: Option<String>,
    /// How long a job may run.
    pub execution_timeout: Option<Duration>,
    /// How long it may take to begin a job.
    pub creation_timeout: Duration,
    /// How often a failed job is run again.
    pub job_retries: u32,
    /// How a failed exchange is tried again.
    pub retries: RetryPolicy,
}

/// Reads a profile's output. Fields that nobody knows are passed over, as dbt does.
pub(crate) fn read(
    profile: &ProfileFields,
    environment: &Environment<'_>,
) -> Result<Credentials, ProfileError> {
    let fields = Fields(profile);
    let (source, default_project, quota_project) = source(&fields, environment)?;
    let quota_project = fields.text("quota_project")?.or(quota_project);
    let options = Options::read(&fields, default_project)?;
    let settings = options.settings(source, quota_project);
    Ok(Credentials {
        database: Some(options.database.clone()),
        schema: options.schema.clone(),
        shown: options.shown(profile),
        secrets: secrets(profile),
        details: Arc::new(settings),
    })
}

/// Where tokens come from, with the project and the quota project that go with them.
fn source(
    fields: &Fields<'_>,
    environment: &Environment<'_>,
) -> Result<(TokenSource, Option<String>, Option<String>), ProfileError> {
    let Some(method) = fields.text("method")? else {
        return Err(wrong(
            "method",
            "a BigQuery profile needs a `method`",
            "write `oauth`, `oauth-secrets`, `service-account` or `service-account-json`",
        ));
    };
    let of_key = |key: ServiceAccountKey| {
        let project = key.project.clone();
        (TokenSource::ServiceAccount(key), project, None)
    };
    match method.as_str() {
        "oauth" => {
            let found = find_default(environment).map_err(|message| {
                wrong(
                    "method",
                    message,
                    "run `gcloud auth application-default login`, or use a service account",
                )
            })?;
            Ok((found.source, found.project, found.quota_project))
        }
        "oauth-secrets" => Ok((oauth_secrets(fields)?, None, None)),
        "service-account" => {
            let Some(path) = fields.text("keyfile")? else {
                return Err(wrong(
                    "keyfile",
                    "the method `service-account` needs a `keyfile`",
                    "name the JSON file of the account's key",
                ));
            };
            let path = with_home(&path, environment);
            let text = std::fs::read_to_string(&path).map_err(|error| {
                wrong("keyfile", format!("`{path}` cannot be read: {error}"), "check the path")
            })?;
            let json = serde_json::from_str(&text).map_err(|error| {
                let message = format!("`{path}` is not JSON: {error}");
                wrong("keyfile", message, "name a key file of Google's")
            })?;
            let key = ServiceAccountKey::read(&json);
            Ok(of_key(key.map_err(|message| wrong("keyfile", message, "name a whole key file"))?))
        }
        "service-account-json" => {
            let json = keyfile_json(fields)?;
            let key = ServiceAccountKey::read(&json).map_err(|message| {
                wrong("keyfile_json", message, "copy all fields of the key file")
            })?;
            Ok(of_key(key))
        }
        "external-oauth-wif" => Err(wrong(
            "method",
            "the method `external-oauth-wif` (workload identity federation) is not supported",
            "use a service account, or a token made elsewhere with `oauth-secrets`",
        )),
        other => Err(wrong(
            "method",
            format!("`method` cannot be `{other}`"),
            "write `oauth`, `oauth-secrets`, `service-account` or `service-account-json`",
        )),
    }
}

fn oauth_secrets(fields: &Fields<'_>) -> Result<TokenSource, ProfileError> {
    if let Some(refresh_token) = fields.text("refresh_token")? {
        let needed = |name: &'static str| {
            fields.text(name)?.ok_or_else(|| {
                wrong(
                    name,
                    format!("a `refresh_token` needs a `{name}` beside it"),
                    "add it to the profile",
                )
            })
        };
        return Ok(TokenSource::Refresh(RefreshToken {
            token_uri: fields.text("token_uri")?.unwrap_or_else(|| TOKEN_URI.to_owned()),
            client_id: needed("client_id")?,
            client_secret: needed("client_secret")?,
            token: refresh_token,
        }));
    }
    match fields.text("token")? {
        Some(token) => Ok(TokenSource::Given(token)),
        None => Err(wrong(
            "token",
            "the method `oauth-secrets` needs a `token` or a `refresh_token`",
            "add one of them to the profile",
        )),
    }
}

/// The key as a mapping, as JSON in a text, or as either of these in Base64.
fn keyfile_json(fields: &Fields<'_>) -> Result<Value, ProfileError> {
    match fields.0.get("keyfile_json") {
        Some(value @ Value::Object(_)) => Ok(value.clone()),
        Some(Value::String(text)) => {
            let decoded = base64::engine::general_purpose::STANDARD.decode(text.trim()).ok();
            let decoded = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
            serde_json::from_str(decoded.as_deref().unwrap_or(text)).map_err(|error| {
                wrong(
                    "keyfile_json",
                    format!(
                        "the text in `keyfile_json` is neither JSON nor JSON in Base64: {error}"
                    ),
                    "copy the whole key file, or write its fields below `keyfile_json`",
                )
            })
        }
        _ => Err(wrong(
            "keyfile_json",
            "the method `service-account-json` needs the key in `keyfile_json`",
            "write the fields of the key file below it",
        )),
    }
}

fn with_home(path: &str, environment: &Environment<'_>) -> String {
    match (path.strip_prefix("~/"), environment("HOME")) {
        (Some(rest), Some(home)) => format!("{home}/{rest}"),
        _ => path.to_owned(),
    }
}

/// What must never be printed or written.
fn secrets(profile: &ProfileFields) -> Vec<String> {
    let mut secrets = Vec::new();
    for name in ["token", "refresh_token", "client_secret", "keyfile_json"] {
        match profile.get(name) {
            Some(Value::String(text)) => secrets.push(text.clone()),
            Some(Value::Object(key)) => {
                let parts = ["private_key", "private_key_id"].into_iter();
                secrets.extend(parts.filter_map(|part| key.get(part)?.as_str().map(str::to_owned)));
            }
            _ => {}
        }
    }
    // Short words such as an emulator's `dummy` would be struck out of harmless text.
    secrets.retain(|secret| secret.len() > 7);
    secrets
}

#[cfg(test)]
mod tests;
