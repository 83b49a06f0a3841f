//! How a user proves who they are; mirrors the `method`s of dbt-trino that need no other program.

use std::path::PathBuf;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// The proof that goes with each request.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Authentication {
    /// None: `method: none`.
    None,
    /// A name and a password: `method: ldap`.
    Password {
        /// The name that the password belongs to.
        user: String,
        /// The password.
        password: String,
    },
    /// A token: `method: jwt`.
    Token(String),
    /// A certificate that the connection itself shows: `method: certificate`.
    Certificate {
        /// The file of the certificate, in PEM.
        certificate: PathBuf,
        /// The file of its private key, in PEM.
        key: PathBuf,
    },
}

impl Authentication {
    /// The header `Authorization`, where there is one.
    pub(crate) fn header(&self) -> Option<String> {
        match self {
            Self::Password { user, password } => {
                Some(format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}"))))
            }
            Self::Token(token) => Some(format!("Bearer {token}")),
            Self::None | Self::Certificate { .. } => None,
        }
    }
}

impl std::fmt::Debug for Authentication {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::None => "None",
            Self::Password { .. } => "Password",
            Self::Token(_) => "Token",
            Self::Certificate { .. } => "Certificate",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_and_tokens_go_into_a_header() {
        let password =
            Authentication::Password { user: "ada".to_owned(), password: "sésame".to_owned() };
        assert_eq!(password.header().as_deref(), Some("Basic YWRhOnPDqXNhbWU="));
        assert_eq!(format!("{password:?}"), "Password");
        assert_eq!(Authentication::Token("t".to_owned()).header().as_deref(), Some("Bearer t"));
        assert_eq!(Authentication::None.header(), None);
    }
}
