//! Who asks, and how: the profile's fields for AWS's own library.

use aws_config::sts::AssumeRoleProvider;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_athena::config::retry::RetryConfig;
use aws_sdk_athena::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};

use super::Surroundings;
use crate::profile::{Identity, Settings};

/// The configuration of all clients. Without keys in the profile, the usual chain of AWS is gone through when the first
/// request is made: the environment, the user's files, the machine.
pub(super) async fn load(settings: &Settings, surroundings: &Surroundings) -> SdkConfig {
    let http = Builder::new().tls_provider(tls::Provider::Rustls(CryptoMode::Ring)).build_https();
    let mut retries = RetryConfig::standard().with_max_attempts(settings.retries.saturating_add(1));
    if let Some(pause) = surroundings.first_pause {
        retries = retries.with_initial_backoff(pause);
    }
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .region(Region::new(settings.region.clone()))
        .retry_config(retries);
    if let Some(address) = &surroundings.address {
        loader = loader.endpoint_url(address);
    }
    loader = match &settings.identity {
        Identity::Key { id, secret, token } => loader.credentials_provider(Credentials::new(
            id,
            secret,
            token.clone(),
            None,
            "profile",
        )),
        Identity::Chain { profile: Some(profile) } => loader.profile_name(profile),
        Identity::Chain { profile: None } => loader,
    };
    let config = loader.load().await;
    let Some(role) = &settings.role else { return config };
    let mut provider = AssumeRoleProvider::builder(&role.arn)
        .session_name(&role.session_name)
        .session_length(role.duration)
        .configure(&config);
    if let Some(id) = &role.external_id {
        provider = provider.external_id(id);
    }
    let provider = SharedCredentialsProvider::new(provider.build().await);
    config.into_builder().credentials_provider(provider).build()
}
