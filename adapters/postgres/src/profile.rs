//! The fields of a profile's output of the type `postgres`; mirrors dbt-postgres' `PostgresCredentials`.
//!
//! Where the profile is silent, libpq's service file, environment variables and password file speak, as they do under dbt.

mod password_file;
mod redshift;
mod service_file;

pub(crate) use redshift::read as read_redshift;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use adapter_interface::{
    Credentials, FieldReader, ProfileError, ProfileFields, wrong_field as wrong,
};
use indexmap::IndexMap;
use serde_json::json;

use crate::tls::{RootCertificates, TlsMode, TlsSettings};

/// Looks up an environment variable.
pub(crate) type Environment<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// What the adapter keeps of a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    /// The servers, tried in this order: names or addresses, or folders of sockets.
    pub servers: Vec<Server>,
    /// The user.
    pub user: String,
    /// The database.
    pub database: String,
    /// How long to wait for a server; `None` for as long as it takes.
    pub connect_timeout: Option<Duration>,
    /// After how long a silent connection is probed; the system's own when `None`.
    pub keepalives_idle: Option<Duration>,
    /// The role to take on in each session, as SQL.
    pub role: Option<String>,
    /// What the server is told at the start of each session, besides user and database.
    pub parameters: Vec<(String, String)>,
    /// How the connection is protected.
    pub tls: TlsSettings,
    /// Whether transactions are used at all: not with `autocommit`.
    pub has_transactions: bool,
    /// How often to try again to connect.
    pub retries: u32,
    /// The command that says the password, where it is made anew for each run.
    pub password_command: Option<String>,
    /// Whether the server takes rows by `copy … from stdin`: Redshift does not.
    pub copies_rows: bool,
}

/// A server, with the password for it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Server {
    /// The name, the address, or the folder of the socket.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The password, where one is known.
    pub password: Option<String>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Server")
            .field("host", &self.host)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

/// Reads a profile's output. Fields that nobody knows are passed over, as dbt does.
pub(crate) fn read(
    fields: &ProfileFields,
    environment: &Environment<'_>,
) -> Result<Credentials, ProfileError> {
    let service = service_file::read(environment)?;
    let behind = |name: &str| service.variable(name).or_else(|| environment(name));
    let reader = Reader { fields: FieldReader::new(fields), environment: &behind };
    let host = reader.required("host", None, "PGHOST")?;
    let user = reader.required("user", None, "PGUSER")?;
    let database = reader.required("dbname", Some("database"), "PGDATABASE")?;
    let Some(schema) = reader.text("schema")? else {
        return Err(wrong(
            "schema",
            "a PostgreSQL profile needs a `schema`",
            "name the schema in which relations are built",
        ));
    };
    let port = match reader.text("port")? {
        Some(port) => port,
        None => reader.variable("PGPORT").unwrap_or_else(|| "5432".to_owned()),
    };
    let password = reader.either("password", Some("pass"))?.filter(|password| !password.is_empty());
    let password_command = reader.text("password_command")?.filter(|command| !command.is_empty());
    if password.is_some() && password_command.is_some() {
        return Err(wrong(
            "password_command",
            "a profile has a `password` or a `password_command`, not both",
            "remove one of them",
        ));
    }
    let servers = servers(&reader, (&host, &port), (&user, &database), password)?;

    let connect_timeout = reader.fields.whole_number("connect_timeout")?.unwrap_or(10);
    let keepalives_idle = reader.fields.whole_number("keepalives_idle")?.unwrap_or(0);
    let retries = reader.fields.whole_number("retries")?.unwrap_or(1);
    let role = reader.text("role")?.filter(|role| !role.is_empty());
    let search_path = reader.text("search_path")?.filter(|path| !path.is_empty());
    let application_name = match fields.get("application_name") {
        None => Some("dbt".to_owned()),
        Some(_) => reader.text("application_name")?.filter(|name| !name.is_empty()),
    };
    let is_autocommit = reader.fields.flag("autocommit")?.unwrap_or(false);

    let settings = Settings {
        user: user.clone(),
        database: database.clone(),
        connect_timeout: seconds(connect_timeout),
        keepalives_idle: seconds(keepalives_idle),
        role: role.clone(),
        parameters: parameters(&reader, search_path.as_deref(), application_name.as_deref()),
        tls: tls(&reader)?,
        has_transactions: !is_autocommit,
        retries: u32::try_from(retries).unwrap_or(u32::MAX),
        password_command,
        copies_rows: true,
        servers,
    };
    let secrets =
        settings.servers.iter().filter_map(|server| server.password.clone()).collect::<Vec<_>>();
    let port = port.parse::<u16>().map_or_else(|_| json!(port), |port| json!(port));
    let text = |name: &str| reader.text(name).map(|text| json!(text));
    let shown = [
        ("host", json!(host)),
        ("port", port),
        ("user", json!(user)),
        ("database", json!(database)),
        ("schema", json!(schema)),
        ("connect_timeout", json!(connect_timeout)),
        ("role", json!(role)),
        ("search_path", json!(search_path)),
        ("keepalives_idle", json!(keepalives_idle)),
        ("sslmode", text("sslmode")?),
        ("sslcert", text("sslcert")?),
        ("sslkey", text("sslkey")?),
        ("sslrootcert", text("sslrootcert")?),
        ("application_name", json!(application_name)),
        ("autocommit", json!(is_autocommit)),
        ("retries", json!(retries)),
        ("dbname", json!(database)),
    ];
    Ok(Credentials {
        database: Some(database),
        schema,
        shown: shown
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect::<IndexMap<_, _>>(),
        secrets,
        details: Arc::new(settings),
    })
}

/// The servers of the fields `host` and `port`, each of which may list several with commas, as in libpq.
fn servers(
    reader: &Reader<'_>,
    (host, port): (&str, &str),
    (user, database): (&str, &str),
    password: Option<String>,
) -> Result<Vec<Server>, ProfileError> {
    let ports = port
        .split(',')
        .map(|port| match port.trim() {
            "" => Ok(5432),
            port => port.parse::<u16>().ok().filter(|port| *port > 0).ok_or_else(|| {
                wrong(
                    "port",
                    format!("`port` cannot be `{port}`"),
                    "write a number from 1 to 65535",
                )
            }),
        })
        .collect::<Result<Vec<_>, _>>()?;
    let hosts: Vec<&str> = host.split(',').map(str::trim).collect();
    if ports.len() > 1 && ports.len() != hosts.len() {
        return Err(wrong(
            "port",
            format!("there are {} ports for {} hosts", ports.len(), hosts.len()),
            "write one port for all hosts, or one for each",
        ));
    }
    let password = password.or_else(|| reader.variable("PGPASSWORD"));
    let file =
        match &password {
            Some(_) => None,
            None => password_file::read(reader.variable("PGPASSFILE").map(PathBuf::from).or_else(
                || reader.variable("HOME").map(|home| PathBuf::from(home).join(".pgpass")),
            )),
        };
    let servers = hosts.into_iter().enumerate().map(|(index, host)| {
        let port = ports.get(index).or(ports.first()).copied().unwrap_or(5432);
        let wanted = password_file::Wanted { host, port, database, user };
        let password = password
            .clone()
            .or_else(|| file.as_deref().and_then(|text| password_file::find(text, &wanted)));
        Server { host: host.to_owned(), port, password }
    });
    Ok(servers.collect())
}

/// What the server is told at the start of a session.
fn parameters(
    reader: &Reader<'_>,
    search_path: Option<&str>,
    application_name: Option<&str>,
) -> Vec<(String, String)> {
    // As dbt-postgres hands it to libpq: an option of the server, in which a space ends a word unless escaped.
    let options = search_path
        .map(|path| format!("-c search_path={}", path.replace(' ', "\\ ")))
        .or_else(|| reader.variable("PGOPTIONS"));
    let application_name =
        application_name.map(str::to_owned).or_else(|| reader.variable("PGAPPNAME"));
    // The dates of a result are read in ISO's notation; psycopg2 asks for the same.
    let own = [("client_encoding", "UTF8"), ("DateStyle", "ISO")];
    let given = [
        ("application_name", application_name),
        ("options", options),
        ("TimeZone", reader.variable("PGTZ")),
    ];
    let own = own.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    let given = given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    own.chain(given).collect()
}

fn tls(reader: &Reader<'_>) -> Result<TlsSettings, ProfileError> {
    let field = |name: &str, variable: &str| -> Result<Option<String>, ProfileError> {
        let text = reader.text(name)?.filter(|text| !text.is_empty());
        Ok(text.or_else(|| reader.variable(variable)))
    };
    let default_file = |name: &str| {
        reader.variable("HOME").map(|home| PathBuf::from(home).join(".postgresql").join(name))
    };
    let path =
        |given: Option<String>, name: &str| given.map(PathBuf::from).or_else(|| default_file(name));
    let mode = match field("sslmode", "PGSSLMODE")? {
        None => None,
        Some(word) => Some(TlsMode::parse(&word).ok_or_else(|| {
            wrong(
                "sslmode",
                format!("`sslmode` cannot be `{word}`"),
                "write `disable`, `allow`, `prefer`, `require`, `verify-ca` or `verify-full`",
            )
        })?),
    };
    let root = field("sslrootcert", "PGSSLROOTCERT")?;
    let is_system = root.as_deref() == Some("system");
    if let (true, Some(weaker)) = (is_system, mode.filter(|mode| *mode != TlsMode::VerifyFull)) {
        return Err(wrong(
            "sslmode",
            format!("`sslmode: {}` is too weak for `sslrootcert: system`", weaker.as_str()),
            "write `sslmode: verify-full`, or name a file in `sslrootcert`",
        ));
    }
    let usual = if is_system { TlsMode::VerifyFull } else { TlsMode::Prefer };
    Ok(TlsSettings {
        mode: mode.unwrap_or(usual),
        certificate: path(field("sslcert", "PGSSLCERT")?, "postgresql.crt"),
        key: path(field("sslkey", "PGSSLKEY")?, "postgresql.key"),
        roots: if is_system {
            RootCertificates::System
        } else {
            RootCertificates::File(path(root, "root.crt"))
        },
    })
}

fn seconds(count: u64) -> Option<Duration> {
    (count > 0).then(|| Duration::from_secs(count))
}

/// A profile's fields with what stands behind them.
struct Reader<'a> {
    fields: FieldReader<'a>,
    environment: &'a Environment<'a>,
}

impl Reader<'_> {
    /// A variable that is set to something.
    fn variable(&self, name: &str) -> Option<String> {
        (self.environment)(name).filter(|value| !value.is_empty())
    }

    /// As it is written: an empty text is one to libpq.
    fn text(&self, name: &str) -> Result<Option<String>, ProfileError> {
        self.fields.written(name)
    }

    /// A field under its name or its other name.
    fn either(&self, name: &str, alias: Option<&str>) -> Result<Option<String>, ProfileError> {
        match (self.text(name)?, alias) {
            (None, Some(alias)) => self.text(alias),
            (text, _) => Ok(text),
        }
    }

    fn required(
        &self,
        name: &str,
        alias: Option<&str>,
        variable: &str,
    ) -> Result<String, ProfileError> {
        let written = self.either(name, alias)?.filter(|text| !text.is_empty());
        written.or_else(|| self.variable(variable)).ok_or_else(|| {
            wrong(
                name,
                format!("a PostgreSQL profile needs a `{name}`"),
                &format!("add it to the profile, or set `{variable}`"),
            )
        })
    }
}

#[cfg(test)]
mod tests;
