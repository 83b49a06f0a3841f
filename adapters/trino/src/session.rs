//! What the server is told of the session with each statement, and what it says to change.

use indexmap::IndexMap;
use ureq::http::HeaderMap;

use crate::latin_text::{is_latin, text_of};
use crate::profile::Settings;

/// The state of a session; the server keeps none of it.
#[derive(Debug, Clone)]
pub(crate) struct ClientSession {
    user: String,
    /// The user who took on another by `set session authorization`.
    original_user: Option<String>,
    source: String,
    catalog: String,
    schema: String,
    path: Option<String>,
    time_zone: Option<String>,
    client_tags: Vec<String>,
    roles: IndexMap<String, String>,
    properties: IndexMap<String, String>,
    prepared_statements: IndexMap<String, String>,
    extra_credentials: IndexMap<String, String>,
    transaction: Option<String>,
}

impl ClientSession {
    /// A session as the profile begins it.
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            user: settings.user.clone(),
            original_user: None,
            source: settings.source.clone(),
            catalog: settings.catalog.clone(),
            schema: settings.schema.clone(),
            path: None,
            time_zone: settings.time_zone.clone(),
            client_tags: settings.client_tags.clone(),
            roles: settings.roles.clone(),
            properties: settings.session_properties.clone(),
            prepared_statements: IndexMap::new(),
            extra_credentials: settings.extra_credentials.clone(),
            transaction: None,
        }
    }

    /// Whether a transaction is open that a statement began.
    pub(crate) fn is_in_transaction(&self) -> bool {
        self.transaction.is_some()
    }

    /// Replaces the words that resource groups choose by.
    pub(crate) fn set_client_tags(&mut self, tags: Vec<String>) {
        self.client_tags = tags;
    }

    /// The headers of a statement.
    pub(crate) fn headers(&self) -> Vec<(&'static str, String)> {
        let pairs = |map: &IndexMap<String, String>| {
            let pairs = map.iter().map(|(name, value)| format!("{name}={}", encode(value)));
            pairs.collect::<Vec<_>>().join(",")
        };
        let mut headers = vec![
            ("X-Trino-Source", self.source.clone()),
            ("X-Trino-Catalog", self.catalog.clone()),
            // Without it, times come with three digits of their seconds.
            ("X-Trino-Client-Capabilities", "PARAMETRIC_DATETIME,SESSION_AUTHORIZATION".to_owned()),
            (
                "X-Trino-Transaction-Id",
                self.transaction.clone().unwrap_or_else(|| "NONE".to_owned()),
            ),
        ];
        // Without it only names that say their schema are understood.
        let schema = if is_latin(&self.schema) { self.schema.clone() } else { String::new() };
        let optional = [
            ("X-Trino-Schema", schema),
            ("X-Trino-User", self.user.clone()),
            ("X-Trino-Original-User", self.original_user.clone().unwrap_or_default()),
            ("X-Trino-Path", self.path.clone().unwrap_or_default()),
            ("X-Trino-Time-Zone", self.time_zone.clone().unwrap_or_default()),
            ("X-Trino-Client-Tags", self.client_tags.join(",")),
            ("X-Trino-Role", pairs(&self.roles)),
            ("X-Trino-Session", pairs(&self.properties)),
            ("X-Trino-Prepared-Statement", pairs(&self.prepared_statements)),
            ("X-Trino-Extra-Credential", pairs(&self.extra_credentials)),
        ];
        headers.extend(optional.into_iter().filter(|(_, value)| !value.is_empty()));
        headers
    }

    /// Takes over what an answer says of the session.
    pub(crate) fn update(&mut self, headers: &HeaderMap) {
        let texts = |name: &str| headers.get_all(name).iter().map(text_of);
        let pairs = |name: &str| {
            texts(name).filter_map(|text| {
                let (key, value) = text.split_once('=')?;
                Some((key.trim().to_owned(), decode(value.trim())))
            })
        };
        let last = |name: &str| texts(name).next_back();
        self.properties.extend(pairs("x-trino-set-session"));
        for name in texts("x-trino-clear-session") {
            self.properties.shift_remove(&name);
        }
        self.roles.extend(pairs("x-trino-set-role"));
        self.prepared_statements.extend(pairs("x-trino-added-prepare"));
        for name in texts("x-trino-deallocated-prepare") {
            self.prepared_statements.shift_remove(&decode(&name));
        }
        if let Some(catalog) = last("x-trino-set-catalog") {
            self.catalog = catalog;
        }
        if let Some(schema) = last("x-trino-set-schema") {
            self.schema = schema;
        }
        if let Some(path) = last("x-trino-set-path") {
            self.path = Some(path);
        }
        if let Some(user) = last("x-trino-set-authorization-user") {
            self.original_user.get_or_insert_with(|| self.user.clone());
            self.user = user;
        }
        if last("x-trino-reset-authorization-user").is_some()
            && let Some(user) = self.original_user.take()
        {
            self.user = user;
        }
        if let Some(transaction) = last("x-trino-started-transaction-id") {
            self.transaction = Some(transaction);
        }
        if last("x-trino-clear-transaction-id").is_some() {
            self.transaction = None;
        }
    }
}

/// Text as a header takes it: percent signs before all but letters, digits and a few marks.
fn encode(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::with_capacity(text.len()), |mut encoded, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
        encoded
    })
}

/// The text that was encoded, also as forms encode it, with `+` for a space.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut place = 0;
    while let Some(&byte) = bytes.get(place) {
        let digits =
            bytes.get(place + 1..place + 3).and_then(|pair| std::str::from_utf8(pair).ok());
        let code = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (byte, code) {
            (b'%', Some(code)) => {
                decoded.push(code);
                place += 3;
            }
            (b'+', _) => {
                decoded.push(b' ');
                place += 1;
            }
            _ => {
                decoded.push(byte);
                place += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;
    use ureq::http::{HeaderName, HeaderValue};

    use super::*;

    fn session(fields: &serde_json::Value) -> ClientSession {
        let mut all =
            json!({"host": "h", "port": 1, "user": "ada", "database": "iceberg", "schema": "shop"});
        for (name, value) in fields.as_object().unwrap() {
            all[name] = value.clone();
        }
        let fields = all.as_object().unwrap().clone().into_iter().collect();
        let details = crate::profile::read(&fields).unwrap().details;
        let settings: Arc<_> = details;
        ClientSession::new(settings.downcast_ref::<Settings>().unwrap())
    }

    fn header(session: &ClientSession, name: &str) -> Option<String> {
        session.headers().into_iter().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    fn answer(headers: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        map
    }

    #[test]
    fn the_profile_begins_the_session() {
        let session = session(&json!({
            "timezone": "Asia/Tokyo", "client_tags": ["etl", "nightly"], "roles": {"hive": "admin"},
            "session_properties": {"query_max_run_time": "1h", "iceberg.x": "a b"},
            "extra_credentials": {"t": "a=b"},
        }));
        let cases = [
            ("X-Trino-User", Some("ada")),
            ("X-Trino-Catalog", Some("iceberg")),
            ("X-Trino-Schema", Some("shop")),
            ("X-Trino-Source", Some("quern")),
            ("X-Trino-Time-Zone", Some("Asia/Tokyo")),
            ("X-Trino-Client-Tags", Some("etl,nightly")),
            ("X-Trino-Role", Some("hive=ROLE%7Badmin%7D")),
            ("X-Trino-Session", Some("query_max_run_time=1h,iceberg.x=a%20b")),
            ("X-Trino-Extra-Credential", Some("t=a%3Db")),
            ("X-Trino-Transaction-Id", Some("NONE")),
            ("X-Trino-Path", None),
        ];
        for (name, value) in cases {
            assert_eq!(header(&session, name).as_deref(), value, "{name}");
        }
    }

    #[test]
    fn a_schema_that_no_header_takes_is_left_to_the_names() {
        assert_eq!(header(&session(&json!({"schema": "склад"})), "X-Trino-Schema"), None);
        let latin = session(&json!({"schema": "entrepôt"}));
        assert_eq!(header(&latin, "X-Trino-Schema").as_deref(), Some("entrepôt"));
    }

    #[test]
    fn answers_change_the_session() {
        let mut session = session(&json!({"session_properties": {"a": "1"}}));
        session.update(&answer(&[
            ("x-trino-set-session", "b=x%20y"),
            ("x-trino-set-session", "c=p+q"),
            ("x-trino-clear-session", "a"),
            ("x-trino-set-catalog", "hive"),
            ("x-trino-set-schema", "s"),
            ("x-trino-set-role", "system=ALL"),
            ("x-trino-added-prepare", "p=select+1"),
            ("x-trino-started-transaction-id", "t1"),
            ("x-trino-set-authorization-user", "bob"),
        ]));
        assert_eq!(header(&session, "X-Trino-Session").as_deref(), Some("b=x%20y,c=p%20q"));
        assert_eq!(header(&session, "X-Trino-Catalog").as_deref(), Some("hive"));
        assert_eq!(header(&session, "X-Trino-Schema").as_deref(), Some("s"));
        assert_eq!(header(&session, "X-Trino-Role").as_deref(), Some("system=ALL"));
        assert_eq!(header(&session, "X-Trino-Prepared-Statement").as_deref(), Some("p=select%201"));
        assert_eq!(header(&session, "X-Trino-Original-User").as_deref(), Some("ada"));
        assert!(session.is_in_transaction());
        session.update(&answer(&[
            ("x-trino-deallocated-prepare", "p"),
            ("x-trino-clear-transaction-id", "true"),
            ("x-trino-reset-authorization-user", "true"),
        ]));
        assert_eq!(header(&session, "X-Trino-Prepared-Statement"), None);
        assert_eq!(header(&session, "X-Trino-User").as_deref(), Some("ada"));
        assert!(!session.is_in_transaction());
    }
}
