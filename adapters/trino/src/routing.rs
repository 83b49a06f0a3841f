//! Where the statements of one model go: the configs `client_tags` and `http_headers`, as dbt-trino has them.

use adapter_interface::{WarehouseError, WarehouseErrorKind};
use indexmap::IndexMap;
use serde_json::Value;

use crate::profile::check_header;

/// What a model chooses other than the profile.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Routing {
    /// The client tags, instead of those of the profile.
    pub client_tags: Option<Vec<String>>,
    /// Headers, beside those of the profile.
    pub headers: IndexMap<String, String>,
}

/// Reads a node's configuration.
pub(crate) fn of(config: Option<&IndexMap<String, Value>>) -> Result<Routing, WarehouseError> {
    let value = |name: &str| config?.get(name).filter(|value| !value.is_null());
    let client_tags = value("client_tags").map(tags).transpose()?;
    let headers = value("http_headers").map(headers).transpose()?.unwrap_or_default();
    Ok(Routing { client_tags, headers })
}

fn tags(value: &Value) -> Result<Vec<String>, WarehouseError> {
    let texts = value.as_array().and_then(|items| {
        items.iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
    });
    let is_right = |tags: &Vec<String>| !tags.iter().any(|tag| tag.contains(','));
    texts.filter(is_right).ok_or_else(|| {
        wrong(format!("`client_tags` is not a list of texts without commas but {value}"))
    })
}

fn headers(value: &Value) -> Result<IndexMap<String, String>, WarehouseError> {
    let texts = value.as_object().and_then(|fields| {
        let pair =
            |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
        fields.iter().map(pair).collect::<Option<IndexMap<_, _>>>()
    });
    let headers = texts
        .ok_or_else(|| wrong("`http_headers` is not a list of names with texts".to_owned()))?;
    for (name, value) in &headers {
        check_header(name, value).map_err(|(message, hint)| wrong(format!("{message}: {hint}")))?;
    }
    Ok(headers)
}

fn wrong(message: String) -> WarehouseError {
    WarehouseError::new(WarehouseErrorKind::Configuration, message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(config: &Value) -> Result<Routing, String> {
        let config = config.as_object().unwrap().clone().into_iter().collect();
        of(Some(&config)).map_err(|error| error.message)
    }

    #[test]
    fn a_model_chooses_its_tags_and_headers() {
        let routing =
            read(&json!({"client_tags": ["big"], "http_headers": {"X-Cluster": "b"}})).unwrap();
        assert_eq!(routing.client_tags, Some(vec!["big".to_owned()]));
        assert_eq!(routing.headers["X-Cluster"], "b");
        assert_eq!(read(&json!({"client_tags": null})), Ok(Routing::default()));
    }

    #[test]
    fn what_cannot_be_sent_is_told() {
        let cases = [
            (
                json!({"client_tags": "big"}),
                "`client_tags` is not a list of texts without commas but \"big\"",
            ),
            (json!({"http_headers": {"A": 1}}), "`http_headers` is not a list of names with texts"),
            (
                json!({"http_headers": {"x-trino-user": "root"}}),
                "the header `x-trino-user` is set by the protocol itself: use `user` instead",
            ),
        ];
        for (config, message) in cases {
            assert_eq!(read(&config), Err(message.to_owned()));
        }
    }
}
