//! Keys of service accounts, and what is signed with them.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::RSA_PKCS1_SHA256;
use serde_json::{Value, json};

use super::TOKEN_URI;
use crate::error::ApiError;

/// The key of a service account, as Google's console gives it out.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ServiceAccountKey {
    /// The account.
    pub client_email: String,
    /// The key's number.
    pub private_key_id: Option<String>,
    /// The key in PEM.
    pub private_key: String,
    /// Where the signed text is exchanged.
    pub token_uri: String,
    /// The account's project.
    pub project: Option<String>,
}

impl ServiceAccountKey {
    /// Reads the JSON of a key file. A key whose line breaks arrived as `\n` in letters is mended, as dbt does.
    pub(crate) fn read(json: &Value) -> Result<Self, String> {
        let text = |name: &str| json[name].as_str().map(str::to_owned);
        let needed = |name: &str| {
            text(name)
                .filter(|text| !text.is_empty())
                .ok_or_else(|| format!("the key has no `{name}`"))
        };
        let key = Self {
            client_email: needed("client_email")?,
            private_key_id: text("private_key_id"),
            private_key: needed("private_key")?.replace("\\n", "\n"),
            token_uri: text("token_uri").unwrap_or_else(|| TOKEN_URI.to_owned()),
            project: text("project_id"),
        };
        key_pair(&key.private_key)?;
        Ok(key)
    }

    /// The signed text (JWT) that the token endpoint takes for a token.
    pub(crate) fn assertion(&self, scopes: &[String]) -> Result<String, ApiError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_secs());
        let mut header = json!({"alg": "RS256", "typ": "JWT"});
        if let Some(id) = &self.private_key_id {
            header["kid"] = json!(id);
        }
        let claims = json!({
            "iss": self.client_email,
            "scope": scopes.join(" "),
            "aud": self.token_uri,
            "iat": now,
            "exp": now + 3600,
        });
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", encode(&header), encode(&claims));
        let pair = key_pair(&self.private_key).map_err(ApiError::of_configuration)?;
        let mut signature = vec![0; pair.public().modulus_len()];
        pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
            .map_err(|_| ApiError::of_configuration("the private key cannot sign"))?;
        Ok(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// The key of a PEM text: PKCS#8, as Google gives it out, or PKCS#1.
fn key_pair(pem: &str) -> Result<KeyPair, String> {
    let is_pkcs1 = pem.contains("BEGIN RSA PRIVATE KEY");
    let body: String = pem
        .lines()
        .filter(|line| !line.contains("-----"))
        .flat_map(|line| line.chars().filter(|character| !character.is_whitespace()))
        .collect();
    let der =
        STANDARD.decode(body).map_err(|_| "the `private_key` is not in the form PEM".to_owned())?;
    let pair = if is_pkcs1 { KeyPair::from_der(&der) } else { KeyPair::from_pkcs8(&der) };
    pair.map_err(|error| format!("the `private_key` cannot be used: {error}"))
}
