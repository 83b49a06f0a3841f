//! Access tokens: where they come from, and one at hand until it ends.

mod default_credentials;
mod service_account;

use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use ureq::http::Method;

use crate::error::ApiError;
use crate::http::{Http, Request, USUAL_TIMEOUT};
use crate::retry::RetryPolicy;

pub(crate) use default_credentials::find_default;
pub(crate) use service_account::ServiceAccountKey;

/// Where tokens are exchanged where a profile or a key file does not say.
pub(crate) const TOKEN_URI: &str = "https://oauth2.googleapis.com/token";

/// The service that lends tokens of other accounts.
pub(crate) const IAM_ENDPOINT: &str = "https://iamcredentials.googleapis.com";

/// A token is renewed this long before it ends.
const MARGIN: Duration = Duration::from_secs(60);

/// How long to wait for the machine's metadata server, which is near where there is one.
const METADATA_TIMEOUT: Duration = Duration::from_secs(5);

/// How often a machine's metadata server is asked: where there is none, waiting longer does not help. Google's own
/// libraries ask as often.
const METADATA_TRIES: RetryPolicy = RetryPolicy {
    retries: 2,
    deadline: Duration::from_secs(30),
    first_delay: Duration::from_secs(1),
};

/// Where tokens come from.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum TokenSource {
    /// A token that somebody else made; nobody here can renew it.
    Given(String),
    /// A user's long-lived token, exchanged for short-lived ones.
    Refresh(RefreshToken),
    /// The key of a service account.
    ServiceAccount(ServiceAccountKey),
    /// The server that every machine of Google's cloud has, by its host.
    MetadataServer(String),
    /// Another account, whose tokens the first may borrow.
    Impersonated {
        /// Who borrows.
        source: Box<TokenSource>,
        /// The account's e-mail address.
        account: String,
        /// The service that lends.
        endpoint: String,
    },
}

/// A user's long-lived token with the program it was given to.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RefreshToken {
    /// Where it is exchanged.
    pub token_uri: String,
    /// The program.
    pub client_id: String,
    /// The program's secret.
    pub client_secret: String,
    /// The token.
    pub token: String,
}

impl std::fmt::Debug for TokenSource {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Given(_) => "Given",
            Self::Refresh(_) => "Refresh",
            Self::ServiceAccount(_) => "ServiceAccount",
            Self::MetadataServer(_) => "MetadataServer",
            Self::Impersonated { .. } => "Impersonated",
        })
    }
}

/// A token and when it ends.
#[derive(Clone)]
struct Token {
    text: String,
    ends: Option<Instant>,
}

/// Gives tokens; all connections share one.
pub(crate) struct Authenticator {
    http: Http,
    source: TokenSource,
    scopes: Vec<String>,
    current: Mutex<Option<Token>>,
}

impl Authenticator {
    /// Tokens of a source for some scopes.
    pub(crate) fn new(http: Http, source: TokenSource, scopes: Vec<String>) -> Self {
        Self { http, source, scopes, current: Mutex::default() }
    }

    /// A token that is good for a while. One thread fetches it, the others wait for it.
    pub(crate) fn token(&self) -> Result<String, ApiError> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let is_good = |token: &&Token| token.ends.is_none_or(|ends| ends > Instant::now() + MARGIN);
        if let Some(token) = current.as_ref().filter(is_good) {
            return Ok(token.text.clone());
        }
        let token = self.fetch(&self.source)?;
        let text = token.text.clone();
        *current = Some(token);
        Ok(text)
    }

    /// Forgets a token that the service did not take; false where there can be no other.
    pub(crate) fn forget(&self) -> bool {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).take();
        !matches!(self.source, TokenSource::Given(_))
    }

    fn fetch(&self, source: &TokenSource) -> Result<Token, ApiError> {
        match source {
            TokenSource::Given(text) => Ok(Token { text: text.clone(), ends: None }),
            TokenSource::Refresh(refresh) => {
                let answer = self.http.send_form(
                    &refresh.token_uri,
                    &[
                        ("grant_type", "refresh_token"),
                        ("client_id", &refresh.client_id),
                        ("client_secret", &refresh.client_secret),
                        ("refresh_token", &refresh.token),
                    ],
                )?;
                token_of(&answer)
            }
            TokenSource::ServiceAccount(key) => {
                let assertion = key.assertion(&self.scopes)?;
                let grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
                let fields = [("grant_type", grant), ("assertion", &assertion)];
                token_of(&self.http.send_form(&key.token_uri, &fields)?)
            }
            TokenSource::MetadataServer(host) => token_of(&self.ask_machine(host)?),
            TokenSource::Impersonated { source, account, endpoint } => {
                self.borrow(&self.fetch(source)?, account, endpoint)
            }
        }
    }

    /// A token of the machine's metadata server.
    fn ask_machine(&self, host: &str) -> Result<Value, ApiError> {
        let scopes = crate::http::escaped(&self.scopes.join(","));
        let url = format!(
            "http://{host}/computeMetadata/v1/instance/service-accounts/default/token?scopes={scopes}"
        );
        let request = Request {
            method: Method::GET,
            url: &url,
            headers: vec![("metadata-flavor", "Google".to_owned())],
            body: b"",
            timeout: METADATA_TIMEOUT,
        };
        let answer = METADATA_TRIES.run(&AtomicBool::new(false), || self.http.send(&request));
        match answer {
            Err(error) if error.has_no_answer() => Err(ApiError::of_configuration(format!(
                "no credentials were found: `GOOGLE_APPLICATION_CREDENTIALS` names no file, gcloud has left none, and \
                 this is no machine of Google's ({}); run `gcloud auth application-default login`",
                error.message
            ))),
            answer => answer?.json(&url),
        }
    }

    /// `generateAccessToken` of Google's IAM credentials API.
    fn borrow(&self, own: &Token, account: &str, endpoint: &str) -> Result<Token, ApiError> {
        let url = format!("{endpoint}/v1/projects/-/serviceAccounts/{account}:generateAccessToken");
        let body = json!({"scope": self.scopes, "lifetime": "3600s"}).to_string();
        let answer = self.http.send(&Request {
            method: Method::POST,
            url: &url,
            headers: vec![
                ("authorization", format!("Bearer {}", own.text)),
                ("content-type", "application/json".to_owned()),
            ],
            body: body.as_bytes(),
            timeout: USUAL_TIMEOUT,
        })?;
        let answer = answer.json(&url).map_err(|mut error| {
            error.message = format!(
                "no token of {account} could be borrowed: {} (the own account needs the role \
                 roles/iam.serviceAccountTokenCreator on it)",
                error.message
            );
            error
        })?;
        match answer["accessToken"].as_str() {
            Some(text) => Ok(Token {
                text: text.to_owned(),
                ends: Instant::now().checked_add(Duration::from_secs(3600)),
            }),
            None => Err(ApiError::without_answer("the answer to a borrowed token has none in it")),
        }
    }
}

fn token_of(answer: &Value) -> Result<Token, ApiError> {
    let Some(text) = answer["access_token"].as_str() else {
        return Err(ApiError::without_answer("the token endpoint's answer has no token in it"));
    };
    let seconds = answer["expires_in"].as_u64().unwrap_or(3600);
    Ok(Token {
        text: text.to_owned(),
        ends: Instant::now().checked_add(Duration::from_secs(seconds)),
    })
}
