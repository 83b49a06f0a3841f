//! The fields of a profile's output of the type `redshift`; mirrors those of dbt-redshift that a password leads to.

use std::sync::Arc;

use adapter_interface::{Credentials, ProfileError, ProfileFields};
use serde_json::{Value, json};

use super::{Environment, Settings, wrong};

/// Fields that belong to ways of proving who one is that need AWS's own library.
const OF_IAM: [&str; 10] = [
    "iam_profile",
    "cluster_id",
    "autocreate",
    "db_groups",
    "access_key_id",
    "secret_access_key",
    "token_endpoint",
    "idc_region",
    "issuer_url",
    "idp_listen_port",
];

const IAM_HINT: &str = "use `password_command` with a command that prints the password, or the JSON of \
    `aws redshift get-cluster-credentials` or `aws redshift-serverless get-credentials`";

/// Reads a profile's output.
pub(crate) fn read(
    fields: &ProfileFields,
    environment: &Environment<'_>,
) -> Result<Credentials, ProfileError> {
    let method = fields.get("method").filter(|method| !method.is_null());
    if let Some(method) = method.filter(|method| method.as_str() != Some("database")) {
        let method = method.as_str().map_or_else(|| method.to_string(), str::to_owned);
        return Err(wrong("method", format!("`method` cannot be `{method}`"), IAM_HINT));
    }
    let is_set = |name: &&&str| fields.get(**name).is_some_and(|value| !value.is_null());
    if let Some(field) = OF_IAM.iter().find(is_set) {
        return Err(wrong(
            field,
            format!("`{field}` cannot be used without `method: iam`"),
            IAM_HINT,
        ));
    }
    let mut own = fields.clone();
    let absent = |fields: &ProfileFields, name: &str| fields.get(name).is_none_or(Value::is_null);
    if absent(&own, "port") {
        own.insert("port".to_owned(), json!(5439));
    }
    let mut credentials = super::read(&own, environment)?;
    if let Some(settings) = credentials.details.downcast_ref::<Settings>() {
        let settings = Settings { copies_rows: false, ..settings.clone() };
        credentials.details = Arc::new(settings);
    }
    Ok(credentials)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_json(fields: &Value) -> Result<Credentials, ProfileError> {
        let fields = fields.as_object().unwrap().clone().into_iter().collect();
        read(&fields, &|_| None)
    }

    #[test]
    fn a_command_says_the_password() {
        let fields = json!({"host": "h", "user": "u", "dbname": "d", "schema": "s", "password_command": "aws …"});
        let credentials = read_json(&fields).unwrap();
        let settings = credentials.details.downcast_ref::<Settings>().unwrap();
        assert_eq!(settings.password_command.as_deref(), Some("aws …"));
        assert_eq!(settings.servers[0].port, 5439);
        assert!(!settings.copies_rows);
        assert!(!credentials.shown.contains_key("password_command"));
    }

    #[test]
    fn what_needs_a_library_of_aws_is_refused_with_the_way_out() {
        for fields in [json!({"method": "iam"}), json!({"cluster_id": "c"})] {
            let error = read_json(&fields).unwrap_err();
            assert!(error.hint.unwrap().contains("password_command"), "{fields}");
        }
        let both = json!({"host": "h", "user": "u", "dbname": "d", "schema": "s", "password": "p", "password_command": "c"});
        assert_eq!(read_json(&both).unwrap_err().field.as_deref(), Some("password_command"));
    }
}
