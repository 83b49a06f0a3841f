//! The way to AWS: Athena and S3 by AWS's own library, Glue by requests that are signed with it.
//!
//! The library is asynchronous; its runtime stays in here, and each request blocks its thread.

mod configuration;
mod glue_client;

use std::time::Duration;

use aws_sdk_athena::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_athena::types::{QueryExecutionContext, ResultConfiguration};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    Delete, ObjectCannedAcl, ObjectIdentifier, ServerSideEncryption, StorageClass,
};
use serde_json::Value;
use tokio::runtime::Runtime;

use adapter_interface::WarehouseError;

use crate::error::{ApiError, Failure};
use crate::profile::Settings;
use crate::service::{Execution, Object, PageRequest, Query, ResultPage, Service};
use glue_client::GlueClient;

/// Athena, Glue and S3 of an account.
pub(crate) struct Aws {
    runtime: Runtime,
    athena: aws_sdk_athena::Client,
    s3: aws_sdk_s3::Client,
    glue: GlueClient,
    settings: Settings,
}

/// Where the services are, when they are not those of AWS, and how long to wait before a request is made again.
#[derive(Debug, Clone, Default)]
pub(crate) struct Surroundings {
    /// The address of all three.
    pub address: Option<String>,
    /// The first pause.
    pub first_pause: Option<Duration>,
}

impl Aws {
    /// Finds out who asks. Nothing is asked of the services yet.
    pub(crate) fn open(settings: &Settings) -> Result<Self, WarehouseError> {
        Self::open_in(settings, &Surroundings::default())
    }

    /// The same elsewhere.
    pub(crate) fn open_in(
        settings: &Settings,
        surroundings: &Surroundings,
    ) -> Result<Self, WarehouseError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|error| {
                let message = format!("the runtime of AWS's library does not start: {error}");
                crate::connection::configuration(message)
            })?;
        let config = runtime.block_on(configuration::load(settings, surroundings));
        let mut athena = aws_sdk_athena::config::Builder::from(&config);
        if let Some(endpoint) = &settings.endpoint {
            athena = athena.endpoint_url(endpoint);
        }
        // Services that stand in for S3 know no hosts by the name of a bucket.
        let s3 = aws_sdk_s3::config::Builder::from(&config)
            .force_path_style(config.endpoint_url().is_some());
        Ok(Self {
            athena: aws_sdk_athena::Client::from_conf(athena.build()),
            s3: aws_sdk_s3::Client::from_conf(s3.build()),
            glue: GlueClient::new(&config, settings, surroundings)?,
            settings: settings.clone(),
            runtime,
        })
    }
}

impl Service for Aws {
    fn start(&self, query: &Query<'_>) -> Result<String, ApiError> {
        let context = QueryExecutionContext::builder()
            .catalog(&self.settings.catalog)
            .database(&self.settings.schema);
        let result = self.settings.staging.as_ref().map(|staging| {
            ResultConfiguration::builder().output_location(format!("{staging}/")).build()
        });
        let request = self
            .athena
            .start_query_execution()
            .query_string(query.text)
            .client_request_token(query.token)
            .query_execution_context(context.build())
            .set_result_configuration(result)
            .set_work_group(self.settings.work_group.clone());
        let started = self.runtime.block_on(request.send()).map_err(|error| api_error(&error))?;
        started
            .query_execution_id
            .ok_or_else(|| ApiError::new("UnknownError", "the started query has no id"))
    }

    fn execution(&self, query: &str) -> Result<Execution, ApiError> {
        let request = self.athena.get_query_execution().query_execution_id(query);
        let answer = self.runtime.block_on(request.send()).map_err(|error| api_error(&error))?;
        let Some(found) = answer.query_execution else {
            return Err(ApiError::new("UnknownError", "the answer has no query"));
        };
        let status = found.status;
        let failure = status.as_ref().and_then(|status| status.athena_error.as_ref());
        let reason = status.as_ref().and_then(|status| status.state_change_reason.clone());
        let own_reason = failure.and_then(|failure| failure.error_message.clone());
        let state = status.as_ref().and_then(|status| status.state.as_ref());
        let statistics = found.statistics;
        let statistics = statistics.as_ref();
        Ok(Execution {
            state: state.map(|state| state.as_str().to_owned()).unwrap_or_default(),
            failure: Failure {
                reason: own_reason.or(reason).unwrap_or_default(),
                category: failure.and_then(|failure| failure.error_category),
                number: failure.and_then(|failure| failure.error_type),
                is_retryable: failure.is_some_and(|failure| failure.retryable),
            },
            statement_type: found
                .statement_type
                .map(|kind| kind.as_str().to_owned())
                .unwrap_or_default(),
            subtype: found.substatement_type.unwrap_or_default(),
            scanned_bytes: statistics.and_then(|all| all.data_scanned_in_bytes).unwrap_or_default(),
            engine_milliseconds: statistics
                .and_then(|all| all.engine_execution_time_in_millis)
                .unwrap_or_default(),
        })
    }

    fn results(&self, page: &PageRequest<'_>) -> Result<ResultPage, ApiError> {
        let request = self
            .athena
            .get_query_results()
            .query_execution_id(page.query)
            .max_results(page.most)
            .set_next_token(page.token.map(str::to_owned));
        let answer = self.runtime.block_on(request.send()).map_err(|error| api_error(&error))?;
        let result = answer.result_set;
        let metadata = result.as_ref().and_then(|result| result.result_set_metadata.as_ref());
        let columns = metadata.map(aws_sdk_athena::types::ResultSetMetadata::column_info);
        let column = |column: &aws_sdk_athena::types::ColumnInfo| {
            let kind = match column.r#type.as_str() {
                "decimal" => format!("decimal({},{})", column.precision, column.scale),
                other => other.to_owned(),
            };
            (column.name.clone(), kind)
        };
        let value = |datum: &aws_sdk_athena::types::Datum| datum.var_char_value.clone();
        let rows = result.as_ref().map(aws_sdk_athena::types::ResultSet::rows).unwrap_or_default();
        Ok(ResultPage {
            columns: columns.unwrap_or_default().iter().map(column).collect(),
            rows: rows.iter().map(|row| row.data().iter().map(value).collect()).collect(),
            next: answer.next_token,
            update_count: answer.update_count,
        })
    }

    fn stop(&self, query: &str) -> Result<(), ApiError> {
        let request = self.athena.stop_query_execution().query_execution_id(query);
        self.runtime.block_on(request.send()).map(drop).map_err(|error| api_error(&error))
    }

    fn enforces_output_location(&self, work_group: &str) -> Result<bool, ApiError> {
        let request = self.athena.get_work_group().work_group(work_group);
        let answer = self.runtime.block_on(request.send()).map_err(|error| api_error(&error))?;
        let configuration = answer.work_group.and_then(|group| group.configuration);
        let Some(configuration) = configuration else { return Ok(false) };
        let place = configuration.result_configuration.and_then(|result| result.output_location);
        Ok(place.is_some() && configuration.enforce_work_group_configuration == Some(true))
    }

    fn data_catalog(&self, name: &str) -> Result<(String, Option<String>), ApiError> {
        let request = self.athena.get_data_catalog().name(name);
        let answer = self.runtime.block_on(request.send()).map_err(|error| api_error(&error))?;
        let Some(catalog) = answer.data_catalog else {
            return Err(ApiError::new("UnknownError", "the answer has no catalog"));
        };
        let id = catalog.parameters.as_ref().and_then(|all| all.get("catalog-id").cloned());
        Ok((catalog.r#type.as_str().to_owned(), id))
    }

    fn glue(&self, operation: &str, input: &Value) -> Result<Value, ApiError> {
        self.glue.ask(&self.runtime, operation, input)
    }

    fn list_objects(&self, bucket: &str, prefix: &str) -> Result<Vec<String>, ApiError> {
        let mut keys = Vec::new();
        let mut token = None;
        loop {
            let request = self
                .s3
                .list_objects_v2()
                .bucket(bucket)
                .prefix(prefix)
                .set_continuation_token(token.take());
            let page = self.runtime.block_on(request.send()).map_err(|error| api_error(&error))?;
            keys.extend(page.contents().iter().filter_map(|object| object.key.clone()));
            token = page.next_continuation_token.filter(|_| page.is_truncated == Some(true));
            if token.is_none() {
                return Ok(keys);
            }
        }
    }

    fn delete_objects(&self, bucket: &str, keys: &[String]) -> Result<(), ApiError> {
        let unfit =
            |error: aws_sdk_s3::error::BuildError| ApiError::new("UnknownError", error.to_string());
        let objects = keys.iter().map(|key| ObjectIdentifier::builder().key(key).build());
        let objects = objects.collect::<Result<Vec<_>, _>>().map_err(unfit)?;
        let delete =
            Delete::builder().set_objects(Some(objects)).quiet(true).build().map_err(unfit)?;
        let request = self.s3.delete_objects().bucket(bucket).delete(delete);
        let answer = self.runtime.block_on(request.send()).map_err(|error| api_error(&error))?;
        match answer.errors().first() {
            None => Ok(()),
            Some(error) => {
                let text = |text: &Option<String>| text.clone().unwrap_or_default();
                let message = format!("{}: {}", text(&error.key), text(&error.message));
                Err(ApiError::new(text(&error.code), message))
            }
        }
    }

    fn put_object(&self, object: Object<'_>) -> Result<(), ApiError> {
        let Object { bucket, key, content, arguments } = object;
        let request = self
            .s3
            .put_object()
            .bucket(bucket)
            .key(key)
            .content_type("text/csv")
            .body(ByteStream::from(content))
            .set_acl(arguments.acl.as_deref().map(ObjectCannedAcl::from))
            .set_server_side_encryption(
                arguments.encryption.as_deref().map(ServerSideEncryption::from),
            )
            .set_ssekms_key_id(arguments.key.clone())
            .set_storage_class(arguments.storage_class.as_deref().map(StorageClass::from));
        self.runtime.block_on(request.send()).map(drop).map_err(|error| api_error(&error))
    }

    fn pause(&self, duration: Duration) {
        std::thread::sleep(duration);
    }
}

/// What a service said, or that it said nothing.
fn api_error<E>(error: &SdkError<E>) -> ApiError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let SdkError::ServiceError(failure) = error else {
        let reason = reason_of(error);
        // The library has no name for it: nobody was found who could ask.
        let has_nobody = reason.contains("credentials");
        return ApiError::new(if has_nobody { "NoCredentials" } else { "" }, reason);
    };
    let status = failure.raw().status().as_u16();
    let code = match failure.err().code() {
        Some(code) => code.to_owned(),
        None if status >= 500 => "InternalServerException".to_owned(),
        None if status == 429 => "TooManyRequestsException".to_owned(),
        None if matches!(status, 401 | 403) => "AccessDeniedException".to_owned(),
        None => format!("HTTP {status}"),
    };
    let message = failure.err().message().map_or_else(|| format!("HTTP {status}"), str::to_owned);
    ApiError::new(code, message)
}

/// The words of an error and of what led to it.
fn reason_of<E: std::error::Error + 'static>(error: &SdkError<E>) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut next: Option<&dyn std::error::Error> = Some(error);
    while let Some(cause) = next {
        let said = cause.to_string();
        if !words.contains(&said) {
            words.push(said);
        }
        next = cause.source();
    }
    words.join(": ")
}

#[cfg(test)]
mod tests;
