//! Requests to Glue, signed with AWS's own library.
//!
//! The library's client for Glue is half a million lines, of which a dozen requests are needed here: each is one object
//! of JSON to and fro.

use std::sync::Mutex;
use std::thread;
use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_sdk_athena::config::{Credentials, ProvideCredentials, SharedCredentialsProvider};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use serde_json::Value;
use tokio::runtime::Runtime;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use adapter_interface::WarehouseError;

use super::Surroundings;
use crate::connection::{configuration, lock};
use crate::error::ApiError;
use crate::profile::Settings;

/// How long a request may take.
const TIMEOUT: Duration = Duration::from_secs(60);
/// The pause before a request is made again; each is twice the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);
/// How long before their end credentials are asked for anew.
const MARGIN: Duration = Duration::from_secs(300);

/// Glue of an account.
pub(super) struct GlueClient {
    agent: ureq::Agent,
    address: String,
    region: String,
    provider: SharedCredentialsProvider,
    known: Mutex<Option<Credentials>>,
    retries: u32,
    first_pause: Duration,
}

impl GlueClient {
    /// At its usual address, unless the configuration has another.
    pub(super) fn new(
        config: &SdkConfig,
        settings: &Settings,
        surroundings: &Surroundings,
    ) -> Result<Self, WarehouseError> {
        let provider = config.credentials_provider().ok_or_else(|| {
            configuration("there is nobody who could ask AWS: no chain of credentials")
        })?;
        let region = settings.region.clone();
        let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        let usual = || format!("https://glue.{region}.{domain}");
        let own = std::env::var("AWS_ENDPOINT_URL_GLUE").ok().filter(|own| !own.is_empty());
        let address =
            own.or_else(|| config.endpoint_url().map(str::to_owned)).unwrap_or_else(usual);
        Ok(Self {
            agent: agent(),
            address: address.trim_end_matches('/').to_owned(),
            region,
            provider,
            known: Mutex::default(),
            retries: settings.retries,
            first_pause: surroundings.first_pause.unwrap_or(FIRST_PAUSE),
        })
    }

    /// Makes a request, again where the service had too much to do or did not answer.
    pub(super) fn ask(
        &self,
        runtime: &Runtime,
        operation: &str,
        input: &Value,
    ) -> Result<Value, ApiError> {
        let body = input.to_string();
        let mut pause = self.first_pause;
        let mut tries = 0;
        loop {
            let error = match self.attempt(runtime, operation, &body) {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            if tries >= self.retries || !error.passes() {
                return Err(error);
            }
            tries += 1;
            thread::sleep(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    fn attempt(&self, runtime: &Runtime, operation: &str, body: &str) -> Result<Value, ApiError> {
        let headers = self.signed(runtime, operation, body)?;
        let url = format!("{}/", self.address);
        let mut request = self.agent.post(&url);
        for (name, value) in &headers {
            request = request.header(name, value);
        }
        let mut answer =
            request.send(body).map_err(|error| ApiError::new("", error.to_string()))?;
        let status = answer.status().as_u16();
        let text = answer
            .body_mut()
            .with_config()
            .limit(1 << 30)
            .read_to_string()
            .map_err(|error| ApiError::new("", error.to_string()))?;
        if status == 200 {
            let read =
                if text.trim().is_empty() { Ok(Value::Null) } else { serde_json::from_str(&text) };
            return read
                .map_err(|_| ApiError::new("UnknownError", "the answer is not one of Glue's"));
        }
        Err(failure(status, &text))
    }

    /// The headers of a request with its signature.
    fn signed(
        &self,
        runtime: &Runtime,
        operation: &str,
        body: &str,
    ) -> Result<Vec<(String, String)>, ApiError> {
        let unfit = |error: String| ApiError::new("NoCredentials", error);
        let identity = self.credentials(runtime)?.into();
        let url = format!("{}/", self.address);
        let mut headers = vec![
            ("content-type".to_owned(), "application/x-amz-json-1.1".to_owned()),
            ("x-amz-target".to_owned(), format!("AWSGlue.{operation}")),
        ];
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("glue")
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| unfit(error.to_string()))?
            .into();
        let named = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let signable =
            SignableRequest::new("POST", &url, named, SignableBody::Bytes(body.as_bytes()))
                .map_err(|error| unfit(error.to_string()))?;
        let (instructions, _) =
            sign(signable, &parameters).map_err(|error| unfit(error.to_string()))?.into_parts();
        let signature = instructions.headers();
        headers.extend(signature.map(|(name, value)| (name.to_owned(), value.to_owned())));
        Ok(headers)
    }

    /// Whoever asks, found again before the former proof ends.
    fn credentials(&self, runtime: &Runtime) -> Result<Credentials, ApiError> {
        let mut known = lock(&self.known);
        let lasts = |credentials: &Credentials| {
            credentials.expiry().is_none_or(|end| end > SystemTime::now() + MARGIN)
        };
        if let Some(credentials) = known.as_ref().filter(|credentials| lasts(credentials)) {
            return Ok(credentials.clone());
        }
        let found = runtime.block_on(self.provider.provide_credentials());
        let found = found.map_err(|error| {
            let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
            ApiError::new("NoCredentials", format!("{error}{}", cause.unwrap_or_default()))
        })?;
        *known = Some(found.clone());
        Ok(found)
    }
}

/// Requests with the certificates of the system; with those of Mozilla where the system has none.
fn agent() -> ureq::Agent {
    let native = rustls_native_certs::load_native_certs().certs;
    let roots = if native.is_empty() {
        RootCerts::WebPki
    } else {
        let certificates: Vec<Certificate<'static>> =
            native.iter().map(|der| Certificate::from_der(der).to_owned()).collect();
        RootCerts::new_with_certs(&certificates)
    };
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(TIMEOUT))
        .user_agent(concat!("quern/", env!("CARGO_PKG_VERSION")))
        .max_idle_connections_per_host(64)
        .tls_config(TlsConfig::builder().root_certs(roots).build())
        .build();
    config.into()
}

/// What Glue says of a request that it does not fulfil: the name of the error stands behind its namespace.
fn failure(status: u16, text: &str) -> ApiError {
    let said: Value = serde_json::from_str(text).unwrap_or_default();
    let name = said["__type"].as_str().unwrap_or_default();
    let name = name.rsplit('#').next().unwrap_or_default();
    let message = ["Message", "message"].iter().find_map(|field| said[*field].as_str());
    let code = match (name, status) {
        ("", 429) => "TooManyRequestsException".to_owned(),
        ("", 500..) => "InternalServerException".to_owned(),
        ("", 401 | 403) => "AccessDeniedException".to_owned(),
        ("", status) => format!("HTTP {status}"),
        (name, _) => name.to_owned(),
    };
    ApiError::new(code, message.map_or_else(|| format!("HTTP {status}"), str::to_owned))
}
