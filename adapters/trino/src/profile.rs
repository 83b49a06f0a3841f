//! The fields of a profile's output of the type `trino`; mirrors dbt-trino's `TrinoCredentials`.

use std::net::Ipv6Addr;
use std::path::PathBuf;
use std::sync::Arc;

use adapter_interface::{
    Credentials, FieldReader, ProfileError, ProfileFields, wrong_field as wrong,
};
use indexmap::IndexMap;
use serde_json::{Value, json};

use crate::authentication::Authentication;
use crate::latin_text::is_latin;

/// What the adapter keeps of a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Where the coordinator is, such as `https://trino.example.com:443`.
    pub address: String,
    /// The user in whose name statements run.
    pub user: String,
    /// The proof of who asks.
    pub authentication: Authentication,
    /// How the coordinator's certificate is checked.
    pub verification: Verification,
    /// The catalog of names without one.
    pub catalog: String,
    /// The schema of names without one.
    pub schema: String,
    /// The program that asks, for the server's lists and resource groups.
    pub source: String,
    /// Words that resource groups choose by.
    pub client_tags: Vec<String>,
    /// The role in each catalog, as the protocol writes it.
    pub roles: IndexMap<String, String>,
    /// The session's properties.
    pub session_properties: IndexMap<String, String>,
    /// The session's time zone; the server's own when `None`.
    pub time_zone: Option<String>,
    /// Further headers of each request.
    pub headers: IndexMap<String, String>,
    /// What connectors ask to be told, by name.
    pub extra_credentials: IndexMap<String, String>,
    /// How often a request is made at most until an answer comes.
    pub attempts: u32,
}

/// How the coordinator's certificate is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verification {
    /// By the roots that the system trusts.
    System,
    /// By the roots in a file, in PEM.
    File(PathBuf),
    /// Not at all.
    None,
}

/// The fields of dbt-trino that belong to ways of proving an identity which are not there.
const REFUSED_METHODS: [(&str, &str); 4] = [
    ("kerberos", "Kerberos needs libraries of the system"),
    ("gssapi", "Kerberos needs libraries of the system"),
    ("oauth", "OAuth needs a browser and a person"),
    ("oauth_console", "OAuth needs a browser and a person"),
];

/// The headers that the protocol itself sets, in lower case; each has a field of its own.
const RESERVED_HEADERS: [(&str, &str); 15] = [
    ("x-trino-catalog", "database"),
    ("x-trino-schema", "schema"),
    ("x-trino-source", "source"),
    ("x-trino-user", "user"),
    ("x-trino-original-user", "user"),
    ("x-trino-time-zone", "timezone"),
    ("x-trino-query-data-encoding", ""),
    ("x-trino-client-capabilities", ""),
    ("x-trino-role", "roles"),
    ("x-trino-client-tags", "client_tags"),
    ("x-trino-session", "session_properties"),
    ("x-trino-prepared-statement", ""),
    ("x-trino-transaction-id", ""),
    ("x-trino-extra-credential", "extra_credentials"),
    ("user-agent", ""),
];

/// Reads a profile's output. Fields that nobody knows are passed over.
pub(crate) fn read(fields: &ProfileFields) -> Result<Credentials, ProfileError> {
    let reader = FieldReader::new(fields);
    let method = reader.text("method")?.unwrap_or_else(|| "none".to_owned());
    let host = host(reader)?;
    let port = port(reader)?;
    let database = match reader.text("database")? {
        Some(database) => database,
        None => reader.text("catalog")?.ok_or_else(|| {
            wrong(
                "database",
                "a Trino profile needs a `database`",
                "name the catalog in which relations are built, such as `iceberg`",
            )
        })?,
    };
    let schema = reader.required("schema", "Trino")?;
    let authentication = authentication(reader, &method)?;
    let impersonated = reader.text("impersonation_user")?;
    let user = match (impersonated, reader.text("user")?) {
        (Some(user), _) | (None, Some(user)) => user,
        // Who shows a token or a certificate need not say its name; the server reads it there.
        (None, None) if method == "jwt" || method == "certificate" => String::new(),
        (None, None) => reader.required("user", "Trino")?,
    };
    if !is_latin(&user) {
        return Err(wrong(
            "user",
            format!("the user `{user}` cannot be sent to Trino"),
            "letters beyond Latin-1 have no place in headers, by which users are told",
        ));
    }
    let transport = scheme(reader, &method)?;
    if reader.text("starburst_url")?.is_some() {
        return Err(wrong(
            "starburst_url",
            "descriptions cannot be sent to Starburst's catalog",
            "remove `starburst_url`; `persist_docs` writes comments into the tables",
        ));
    }

    let headers = headers(reader)?;
    let extra_credentials = reader.texts("extra_credentials")?;
    let settings = Settings {
        address: format!("{transport}://{host}:{port}"),
        user: user.clone(),
        verification: verification(reader)?,
        catalog: database.clone(),
        schema: schema.clone(),
        source: reader.text("source")?.unwrap_or_else(|| "quern".to_owned()),
        client_tags: client_tags(reader)?,
        roles: roles(fields, reader)?,
        session_properties: reader.texts("session_properties")?,
        time_zone: reader.text("timezone")?,
        attempts: u32::try_from(reader.whole_number("retries")?.unwrap_or(3))
            .unwrap_or(u32::MAX)
            .max(1),
        headers,
        extra_credentials,
        authentication,
    };
    let uses_prepared = reader.flag("prepared_statements_enabled")?.unwrap_or(true);
    let secrets = secrets(&settings);
    let shown = [
        ("method", json!(method)),
        ("host", json!(reader.text("host")?)),
        ("port", json!(port)),
        ("user", json!(user)),
        ("database", json!(database)),
        ("schema", json!(schema)),
        ("cert", fields.get("cert").cloned().unwrap_or(Value::Null)),
        ("prepared_statements_enabled", json!(uses_prepared)),
        ("catalog", json!(database)),
    ];
    Ok(Credentials {
        database: Some(database),
        schema,
        shown: shown.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        secrets,
        details: Arc::new(settings),
    })
}

/// The name or address of the coordinator, as an address of a page takes it: an address of version 6 in brackets.
fn host(reader: FieldReader<'_>) -> Result<String, ProfileError> {
    let host = reader.required("host", "Trino")?;
    if host.parse::<Ipv6Addr>().is_ok() {
        return Ok(format!("[{host}]"));
    }
    let is_address = host.starts_with('[') && host.ends_with(']');
    if !is_address && host.contains(['/', ':', '@', '?', '#', ' ']) {
        return Err(wrong(
            "host",
            format!("`host` cannot be `{host}`"),
            "write the name of the coordinator alone: `port` and `http_scheme` are fields of their own",
        ));
    }
    Ok(host)
}

fn port(reader: FieldReader<'_>) -> Result<u16, ProfileError> {
    let text = reader.required("port", "Trino")?;
    text.trim().parse().ok().filter(|port| *port > 0).ok_or_else(|| {
        wrong("port", format!("`port` cannot be `{text}`"), "write a number from 1 to 65535")
    })
}

fn authentication(reader: FieldReader<'_>, method: &str) -> Result<Authentication, ProfileError> {
    if let Some((_, reason)) = REFUSED_METHODS.iter().find(|(name, _)| *name == method) {
        return Err(wrong(
            "method",
            format!("`method: {method}` is not supported: {reason}"),
            "use `none`, `ldap`, `jwt` or `certificate`",
        ));
    }
    Ok(match method {
        "none" => Authentication::None,
        "ldap" => Authentication::Password {
            user: reader.required("user", "Trino")?,
            password: reader.required("password", "Trino")?,
        },
        "jwt" => Authentication::Token(reader.required("jwt_token", "Trino")?),
        "certificate" => Authentication::Certificate {
            certificate: PathBuf::from(reader.required("client_certificate", "Trino")?),
            key: PathBuf::from(reader.required("client_private_key", "Trino")?),
        },
        other => {
            return Err(wrong(
                "method",
                format!("there is no `method: {other}`"),
                "use `none`, `ldap`, `jwt` or `certificate`",
            ));
        }
    })
}

/// As in dbt-trino, only `method: none` may go without encryption.
fn scheme(reader: FieldReader<'_>, method: &str) -> Result<&'static str, ProfileError> {
    match (reader.text("http_scheme")?.as_deref(), method) {
        (None | Some("http"), "none") => Ok("http"),
        (None | Some("https"), _) => Ok("https"),
        (Some("http"), _) => Err(wrong(
            "http_scheme",
            format!("`method: {method}` does not go over `http`"),
            "remove `http_scheme`: a proof of identity is only sent encrypted",
        )),
        (Some(other), _) => Err(wrong(
            "http_scheme",
            format!("`http_scheme` cannot be `{other}`"),
            "write `http` or `https`",
        )),
    }
}

fn verification(reader: FieldReader<'_>) -> Result<Verification, ProfileError> {
    Ok(match reader.text("cert")?.as_deref() {
        None => Verification::System,
        Some(word) if word.eq_ignore_ascii_case("true") => Verification::System,
        Some(word) if word.eq_ignore_ascii_case("false") => Verification::None,
        Some(path) => Verification::File(PathBuf::from(path)),
    })
}

fn client_tags(reader: FieldReader<'_>) -> Result<Vec<String>, ProfileError> {
    let tags = reader.list("client_tags")?;
    match tags.iter().find(|tag| tag.contains(',')) {
        None => Ok(tags),
        Some(tag) => Err(wrong(
            "client_tags",
            format!("the client tag `{tag}` contains a comma"),
            "write each tag as an item of its own",
        )),
    }
}

/// Roles as the protocol writes them: a name stands in `ROLE{…}`, the words `ALL` and `NONE` by themselves.
fn roles(
    fields: &ProfileFields,
    reader: FieldReader<'_>,
) -> Result<IndexMap<String, String>, ProfileError> {
    let roles = match fields.get("roles") {
        // One role is that of the server itself.
        Some(Value::String(role)) => IndexMap::from([("system".to_owned(), role.clone())]),
        _ => reader.texts("roles")?,
    };
    let written = |role: String| match role.as_str() {
        "ALL" | "NONE" => role,
        word if word.starts_with("ROLE{") && word.ends_with('}') => role,
        _ => format!("ROLE{{{role}}}"),
    };
    Ok(roles.into_iter().map(|(catalog, role)| (catalog, written(role))).collect())
}

fn headers(reader: FieldReader<'_>) -> Result<IndexMap<String, String>, ProfileError> {
    let headers = reader.texts("http_headers")?;
    for (name, value) in &headers {
        if let Err((message, hint)) = check_header(name, value) {
            return Err(wrong("http_headers", message, &hint));
        }
    }
    Ok(headers)
}

/// Whether a header may be set; if not, what is wrong and what to do.
pub(crate) fn check_header(name: &str, value: &str) -> Result<(), (String, String)> {
    let reserved =
        RESERVED_HEADERS.iter().find(|(reserved, _)| name.eq_ignore_ascii_case(reserved));
    if let Some((_, field)) = reserved {
        let hint = match *field {
            "" => "remove it from `http_headers`".to_owned(),
            field => format!("use `{field}` instead"),
        };
        return Err((format!("the header `{name}` is set by the protocol itself"), hint));
    }
    if name.contains(['\r', '\n']) || value.contains(['\r', '\n']) {
        let message = format!("the header `{}` contains a line break", name.escape_debug());
        return Err((message, "write it on one line".to_owned()));
    }
    Ok(())
}

/// What must not be printed: passwords and tokens, and headers whose name sounds like them.
fn secrets(settings: &Settings) -> Vec<String> {
    let sounds_secret = |name: &str| {
        let name = name.to_ascii_lowercase();
        ["auth", "cookie", "token", "secret", "key", "password"]
            .iter()
            .any(|word| name.contains(word))
    };
    let headers = settings.headers.iter().filter(|(name, _)| sounds_secret(name));
    let own = match &settings.authentication {
        Authentication::Password { password, .. } => Some(password.clone()),
        Authentication::Token(token) => Some(token.clone()),
        Authentication::None | Authentication::Certificate { .. } => None,
    };
    let header = settings.authentication.header();
    let encoded = header.as_deref().and_then(|header| header.split_once(' '));
    let encoded = encoded.map(|(_, text)| text.to_owned());
    own.into_iter()
        .chain(encoded)
        .chain(headers.map(|(_, value)| value.clone()))
        .chain(settings.extra_credentials.values().cloned())
        .filter(|text| !text.is_empty())
        .collect()
}

#[cfg(test)]
mod tests;
