//! libpq's connection service file: sections of a name between brackets, each with lines of `field=value`.
//!
//! What a service says goes before the environment, and after what the profile says.

use std::fs;
use std::path::PathBuf;

use adapter_interface::ProfileError;

use super::Environment;

/// The fields of a service that are taken over, by the variables that say the same.
const FIELDS: [(&str, &str); 12] = [
    ("host", "PGHOST"),
    ("port", "PGPORT"),
    ("user", "PGUSER"),
    ("dbname", "PGDATABASE"),
    ("password", "PGPASSWORD"),
    ("passfile", "PGPASSFILE"),
    ("options", "PGOPTIONS"),
    ("application_name", "PGAPPNAME"),
    ("sslmode", "PGSSLMODE"),
    ("sslcert", "PGSSLCERT"),
    ("sslkey", "PGSSLKEY"),
    ("sslrootcert", "PGSSLROOTCERT"),
];

/// What a service says, by variables.
#[derive(Debug, Default)]
pub(super) struct Service(Vec<(&'static str, String)>);

impl Service {
    /// What the service says in place of a variable.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        let found = self.0.iter().find(|(variable, _)| *variable == name);
        found.map(|(_, value)| value.clone())
    }
}

/// The service that `PGSERVICE` names: of the user's file, else of the system's.
pub(super) fn read(environment: &Environment<'_>) -> Result<Service, ProfileError> {
    let variable = |name: &str| environment(name).filter(|value| !value.is_empty());
    let Some(name) = variable("PGSERVICE") else { return Ok(Service::default()) };
    let own = variable("PGSERVICEFILE")
        .map(PathBuf::from)
        .or_else(|| variable("HOME").map(|home| PathBuf::from(home).join(".pg_service.conf")));
    let system =
        variable("PGSYSCONFDIR").map(|folder| PathBuf::from(folder).join("pg_service.conf"));
    let found = [own, system].into_iter().flatten().find_map(|path| {
        let text = fs::read_to_string(path).ok()?;
        section(&text, &name)
    });
    found.map(Service).ok_or_else(|| ProfileError {
        field: None,
        message: format!("definition of service \"{name}\" not found"),
        hint: Some(
            "`PGSERVICE` names it: write it in ~/.pg_service.conf or the file of `PGSERVICEFILE`, or unset the variable"
                .to_owned(),
        ),
    })
}

/// The fields of the first section of a name.
fn section(text: &str, name: &str) -> Option<Vec<(&'static str, String)>> {
    let mut lines = text.lines().map(str::trim);
    let title = format!("[{name}]");
    lines.find(|line| *line == title)?;
    let fields = lines
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let (field, value) = line.split_once('=')?;
            let (_, variable) = FIELDS.iter().find(|(known, _)| *known == field.trim())?;
            Some((*variable, value.trim().to_owned()))
        });
    Some(fields.collect())
}
