//! A password that a command says: for IAM, whose passwords are made for a quarter of an hour.

use std::process::{Command, Stdio};

use adapter_interface::{WarehouseError, WarehouseErrorKind};
use serde_json::Value;

use crate::profile::{Server, Settings};

/// The settings with what the command says: a password, or AWS's JSON with a user beside it.
pub(crate) fn settle(settings: &Settings, command: &str) -> Result<Settings, WarehouseError> {
    let said = said(&run(command)?)?;
    let server =
        |server: &Server| Server { password: Some(said.password.clone()), ..server.clone() };
    Ok(Settings {
        user: said.user.unwrap_or_else(|| settings.user.clone()),
        servers: settings.servers.iter().map(server).collect(),
        ..settings.clone()
    })
}

struct Said {
    user: Option<String>,
    password: String,
}

fn run(command: &str) -> Result<String, WarehouseError> {
    let mut shell = if cfg!(windows) { Command::new("cmd") } else { Command::new("sh") };
    shell.args([if cfg!(windows) { "/C" } else { "-c" }, command]).stdin(Stdio::null());
    let output = shell.output().map_err(|failure| failed(&failure.to_string()))?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        return Err(failed(errors.lines().last().unwrap_or("it ended without a word")));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn said(text: &str) -> Result<Said, WarehouseError> {
    if text.is_empty() {
        return Err(failed("it printed nothing"));
    }
    let Some(answer) =
        text.starts_with('{').then(|| serde_json::from_str::<Value>(text).ok()).flatten()
    else {
        return Ok(Said { user: None, password: text.to_owned() });
    };
    let field = |names: [&str; 2]| {
        names.iter().find_map(|name| answer.get(name)?.as_str().map(str::to_owned))
    };
    match field(["DbPassword", "dbPassword"]) {
        Some(password) => Ok(Said { user: field(["DbUser", "dbUser"]), password }),
        None => Err(failed("its JSON has no `DbPassword`")),
    }
}

fn failed(reason: &str) -> WarehouseError {
    WarehouseError::new(
        WarehouseErrorKind::Authentication,
        format!("the `password_command` of the profile gave no password: {reason}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_said_plainly_or_in_json() {
        assert_eq!(said("sesame").unwrap().password, "sesame");
        let cluster =
            said(r#"{"DbUser": "IAM:ada", "DbPassword": "p", "Expiration": "x"}"#).unwrap();
        assert_eq!((cluster.user.as_deref(), cluster.password.as_str()), (Some("IAM:ada"), "p"));
        assert_eq!(said(r#"{"dbUser": "u", "dbPassword": "q"}"#).unwrap().password, "q");
        assert!(said("{}").is_err() && said("").is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_command_that_fails_says_why() {
        assert_eq!(run("echo  a ").unwrap(), "a");
        assert!(
            run("echo no credentials >&2; exit 3").unwrap_err().message.ends_with("no credentials")
        );
    }
}
