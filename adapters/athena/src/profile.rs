//! The fields of a profile's output of the type `athena`; mirrors dbt-athena's `AthenaCredentials`.

use std::sync::Arc;
use std::time::Duration;

use adapter_interface::{Credentials, ProfileError, ProfileFields};
use serde_json::{Value, json};

use crate::location::DataNaming;

/// What the adapter keeps of a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    /// The region, such as `eu-west-1`.
    pub region: String,
    /// The catalog of names without one; `awsdatacatalog` is the account's own.
    pub catalog: String,
    /// The schema of names without one.
    pub schema: String,
    /// Where results of queries go, unless the workgroup says so.
    pub staging: Option<String>,
    /// Where tables go.
    pub data: Option<String>,
    /// Where tables go that a run makes for itself.
    pub temporary: Option<String>,
    /// How the place of a table is named.
    pub naming: DataNaming,
    /// The workgroup; that of the account when `None`.
    pub work_group: Option<String>,
    /// Whether the workgroup is not asked where results have to go.
    pub skips_workgroup_check: bool,
    /// Who asks.
    pub identity: Identity,
    /// The role that is taken on before anything is asked.
    pub role: Option<Role>,
    /// The address of Athena where it is not the usual one of the region.
    pub endpoint: Option<String>,
    /// The longest pause between two questions after a query.
    pub poll_interval: Duration,
    /// How often a request is made again that was one too many, or that the service could not answer.
    pub retries: u32,
    /// How often a statement is run again that another one was in the way of.
    pub iceberg_retries: u32,
    /// How seeds are kept in S3.
    pub upload: UploadArguments,
}

/// Who asks.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Identity {
    /// Whoever AWS's own chain finds: the environment, the files of the user, the machine.
    Chain {
        /// The profile of the user's files.
        profile: Option<String>,
    },
    /// The owner of a key.
    Key {
        /// Its name.
        id: String,
        /// What proves it.
        secret: String,
        /// What goes with a key that ends.
        token: Option<String>,
    },
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Chain { profile } => write!(formatter, "Chain({profile:?})"),
            Self::Key { id, .. } => write!(formatter, "Key({id})"),
        }
    }
}

/// A role of IAM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Role {
    /// Its name.
    pub arn: String,
    /// What the owner of the role wants to be told.
    pub external_id: Option<String>,
    /// The name of the session, for the account's log.
    pub session_name: String,
    /// How long it is taken on.
    pub duration: Duration,
}

/// How seeds are kept in S3; mirrors those of boto3's `ExtraArgs` that say so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct UploadArguments {
    /// Who may read them, such as `bucket-owner-full-control`.
    pub acl: Option<String>,
    /// `AES256` or `aws:kms`.
    pub encryption: Option<String>,
    /// The key of `aws:kms`.
    pub key: Option<String>,
    /// The class of storage.
    pub storage_class: Option<String>,
}

/// Fields of dbt-athena for what is not there, with what to do instead.
const REFUSED: [(&str, &str, &str); 2] = [
    (
        "lf_tags_database",
        "tags of Lake Formation are not set",
        "remove `lf_tags_database` and tag the database where its permissions are kept",
    ),
    (
        "spark_work_group",
        "Python models do not run here",
        "remove `spark_work_group`; models in SQL need none",
    ),
];

/// The names that `upload` takes, by those of boto3.
const UPLOAD_ARGUMENTS: [&str; 4] = ["ACL", "ServerSideEncryption", "SSEKMSKeyId", "StorageClass"];

/// Reads a profile's output. Fields that nobody knows are passed over.
pub(crate) fn read(fields: &ProfileFields) -> Result<Credentials, ProfileError> {
    let reader = Reader { fields };
    for (field, reason, hint) in REFUSED {
        if fields.get(field).is_some_and(|value| !is_nothing(value)) {
            return Err(wrong(field, reason, hint));
        }
    }
    let region = reader.required("region_name")?;
    let catalog = match reader.text("database")? {
        Some(database) => database,
        None => reader.text("catalog")?.unwrap_or_else(|| "awsdatacatalog".to_owned()),
    };
    if catalog.to_ascii_lowercase().starts_with("s3tablescatalog/") {
        return Err(wrong(
            "database",
            "table buckets of S3 (`s3tablescatalog/…`) are not supported",
            "use `awsdatacatalog` with tables of Iceberg",
        ));
    }
    let schema = reader.required("schema")?;
    let naming = match reader.text("s3_data_naming")? {
        None => DataNaming::SchemaTableUnique,
        Some(word) => DataNaming::parse(&word).ok_or_else(|| {
            wrong(
                "s3_data_naming",
                format!("`s3_data_naming` cannot be `{word}`"),
                &format!("write one of {}", DataNaming::NAMES.join(", ")),
            )
        })?,
    };
    let retries = reader.count("num_retries")?.unwrap_or(5);
    let settings = Settings {
        region: region.clone(),
        catalog: catalog.clone(),
        schema: schema.clone(),
        staging: reader.folder("s3_staging_dir")?,
        data: reader.folder("s3_data_dir")?,
        temporary: reader.folder("s3_tmp_table_dir")?,
        naming,
        work_group: reader.text("work_group")?,
        skips_workgroup_check: reader.flag("skip_workgroup_check")?.unwrap_or(false),
        identity: identity(&reader)?,
        role: role(&reader)?,
        endpoint: reader.text("endpoint_url")?,
        poll_interval: reader.seconds("poll_interval")?.unwrap_or(Duration::from_secs(1)),
        retries: reader.count("num_boto3_retries")?.filter(|count| *count > 0).unwrap_or(retries),
        iceberg_retries: reader.count("num_iceberg_retries")?.unwrap_or(3),
        upload: upload(&reader)?,
    };
    if settings.staging.is_none() && settings.work_group.is_none() {
        return Err(wrong(
            "s3_staging_dir",
            "nothing says where results of queries go",
            "add `s3_staging_dir: s3://bucket/folder/`, or a `work_group` that has a place for results",
        ));
    }
    let secrets = match &settings.identity {
        Identity::Key { secret, token, .. } => {
            std::iter::once(secret.clone()).chain(token.clone()).collect()
        }
        Identity::Chain { .. } => Vec::new(),
    };
    let shown = shown(&settings, fields);
    Ok(Credentials {
        database: Some(catalog),
        schema,
        shown: shown.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        secrets,
        details: Arc::new(settings),
    })
}

/// What `target` and `debug` show: dbt-athena's `_connection_keys`, without keys.
fn shown(settings: &Settings, fields: &ProfileFields) -> Vec<(&'static str, Value)> {
    let as_written = |name: &str| fields.get(name).cloned().unwrap_or(Value::Null);
    vec![
        ("s3_staging_dir", json!(settings.staging)),
        ("work_group", json!(settings.work_group)),
        ("skip_workgroup_check", json!(settings.skips_workgroup_check)),
        ("region_name", json!(settings.region)),
        ("database", json!(settings.catalog)),
        ("catalog", json!(settings.catalog)),
        ("schema", json!(settings.schema)),
        ("poll_interval", json!(settings.poll_interval.as_secs_f64())),
        ("aws_profile_name", as_written("aws_profile_name")),
        ("assume_role_arn", as_written("assume_role_arn")),
        ("endpoint_url", json!(settings.endpoint)),
        ("num_retries", json!(settings.retries)),
        ("num_iceberg_retries", json!(settings.iceberg_retries)),
        ("s3_data_dir", json!(settings.data)),
        ("s3_data_naming", json!(settings.naming.as_str())),
        ("s3_tmp_table_dir", json!(settings.temporary)),
        ("seed_s3_upload_args", as_written("seed_s3_upload_args")),
    ]
}

fn identity(reader: &Reader<'_>) -> Result<Identity, ProfileError> {
    let id = reader.text("aws_access_key_id")?;
    let secret = reader.text("aws_secret_access_key")?;
    Ok(match (id, secret) {
        (None, None) => Identity::Chain { profile: reader.text("aws_profile_name")? },
        (Some(id), Some(secret)) => {
            Identity::Key { id, secret, token: reader.text("aws_session_token")? }
        }
        (Some(_), None) => {
            return Err(wrong(
                "aws_access_key_id",
                "`aws_access_key_id` stands without `aws_secret_access_key`",
                "give both, or neither: then the usual chain of AWS finds who asks",
            ));
        }
        (None, Some(_)) => {
            return Err(wrong(
                "aws_secret_access_key",
                "`aws_secret_access_key` stands without `aws_access_key_id`",
                "give both, or neither: then the usual chain of AWS finds who asks",
            ));
        }
    })
}

fn role(reader: &Reader<'_>) -> Result<Option<Role>, ProfileError> {
    let Some(arn) = reader.text("assume_role_arn")? else { return Ok(None) };
    let session_name = reader.text("assume_role_session_name")?;
    let seconds = reader.count("assume_role_duration_seconds")?.unwrap_or(3600);
    Ok(Some(Role {
        arn,
        external_id: reader.text("assume_role_external_id")?,
        session_name: session_name.unwrap_or_else(|| "quern".to_owned()),
        duration: Duration::from_secs(u64::from(seconds)),
    }))
}

fn upload(reader: &Reader<'_>) -> Result<UploadArguments, ProfileError> {
    let arguments = match reader.fields.get("seed_s3_upload_args") {
        None | Some(Value::Null) => return Ok(UploadArguments::default()),
        Some(Value::Object(arguments)) => arguments,
        Some(other) => {
            return Err(wrong(
                "seed_s3_upload_args",
                format!("`seed_s3_upload_args` is not a list of names with values but {other}"),
                "write `name: value`, one on each line",
            ));
        }
    };
    upload_arguments(arguments)
        .map_err(|message| wrong("seed_s3_upload_args", message, "remove it from the profile"))
}

/// The arguments of an upload by boto3's names; an error says which one is not known.
pub(crate) fn upload_arguments(
    arguments: &serde_json::Map<String, Value>,
) -> Result<UploadArguments, String> {
    if let Some(name) = arguments.keys().find(|name| !UPLOAD_ARGUMENTS.contains(&name.as_str())) {
        return Err(format!(
            "`seed_s3_upload_args` takes {}, not `{name}`",
            UPLOAD_ARGUMENTS.join(", ")
        ));
    }
    let text = |name: &str| arguments.get(name).and_then(Value::as_str).map(str::to_owned);
    Ok(UploadArguments {
        acl: text("ACL"),
        encryption: text("ServerSideEncryption"),
        key: text("SSEKMSKeyId"),
        storage_class: text("StorageClass"),
    })
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

/// A profile's fields.
struct Reader<'a> {
    fields: &'a ProfileFields,
}

impl Reader<'_> {
    /// A field that is set to something.
    fn text(&self, name: &str) -> Result<Option<String>, ProfileError> {
        match self.fields.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value @ (Value::Object(_) | Value::Array(_))) => {
                Err(wrong(name, format!("`{name}` is not a text but {value}"), "write a text"))
            }
            Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
            Some(value) => Ok(Some(value.to_string())),
        }
    }

    fn required(&self, name: &str) -> Result<String, ProfileError> {
        self.text(name)?.ok_or_else(|| {
            wrong(name, format!("an Athena profile needs a `{name}`"), "add it to the profile")
        })
    }

    /// A place in S3, without a slash at its end.
    fn folder(&self, name: &str) -> Result<Option<String>, ProfileError> {
        let Some(place) = self.text(name)? else { return Ok(None) };
        match place.strip_prefix("s3://") {
            Some(rest) if !rest.is_empty() && !rest.starts_with('/') => {
                Ok(Some(place.trim_end_matches('/').to_owned()))
            }
            _ => Err(wrong(
                name,
                format!("`{name}` is no place in S3 but `{place}`"),
                "write `s3://bucket/folder/`",
            )),
        }
    }

    fn count(&self, name: &str) -> Result<Option<u32>, ProfileError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        text.trim().parse().map(Some).map_err(|_| {
            wrong(name, format!("`{name}` is not a count but `{text}`"), "write a whole number")
        })
    }

    fn seconds(&self, name: &str) -> Result<Option<Duration>, ProfileError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let seconds = text.trim().parse().ok().filter(|seconds: &f64| *seconds > 0.0);
        let duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        duration.map(Some).ok_or_else(|| {
            wrong(
                name,
                format!("`{name}` is not a time but `{text}`"),
                "write seconds, such as 0.5",
            )
        })
    }

    fn flag(&self, name: &str) -> Result<Option<bool>, ProfileError> {
        match self.text(name)?.map(|text| text.to_ascii_lowercase()).as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => Err(wrong(
                name,
                format!("`{name}` is neither true nor false but `{other}`"),
                "write true or false",
            )),
        }
    }
}

fn wrong(field: &str, message: impl Into<String>, hint: &str) -> ProfileError {
    ProfileError {
        field: Some(field.to_owned()),
        message: message.into(),
        hint: Some(hint.to_owned()),
    }
}

#[cfg(test)]
mod tests;
