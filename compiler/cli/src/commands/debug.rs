//! `quern debug`: the project file, the profile, the connection, each checked and told.

use project::Profile;
use project::load::{LoadInput, TargetDescription, load_profile, load_project_settings};
use serde_json::{Value, json};
use source::{Diagnostic, DiskFileSystem, codes, render};

use super::Outcome;
use crate::invocation::Invocation;
use crate::stages::{Target, open_warehouse, read_profile};
use crate::ui::colour::{green, red};
use crate::ui::event::{Level, LogEvent};
use crate::ui::lines::plural;
use crate::{DBT_VERSION, VERSION};
use run::connection_failure;

/// Runs the command.
#[expect(clippy::unnecessary_wraps, reason = "all commands have one signature")]
pub(crate) fn run(invocation: &Invocation) -> Outcome {
    let environment = invocation.environment();
    let folders = profile_folders(invocation);
    let folder =
        folders.iter().find(|folder| folder.join("profiles.yml").is_file()).or(folders.first());
    let folder = folder.cloned().unwrap_or_default();
    if invocation.settings.is_on("config-dir") {
        invocation.console.fire(&LogEvent::print(&folder.to_string_lossy()));
        return Ok(true);
    }
    say(invocation, &format!("quern version: {VERSION}"));
    say(invocation, &format!("dbt version: {DBT_VERSION} (compatible)"));
    say(invocation, &format!("os info: {}-{}", std::env::consts::OS, std::env::consts::ARCH));
    say(invocation, &format!("Using profiles dir at {}", folder.display()));
    say(
        invocation,
        &format!("Using profiles.yml file at {}", folder.join("profiles.yml").display()),
    );
    let project_file = invocation.project_directory.join("dbt_project.yml");
    say(invocation, &format!("Using dbt_project.yml file at {}", project_file.display()));
    let renderer = crate::stages::yaml_renderer(invocation);
    let input = LoadInput {
        sources: &invocation.sources,
        files: &DiskFileSystem,
        environment: &environment,
        renderer: &renderer,
        describe_target: &|_| Ok(TargetDescription::default()),
    };
    let loaded = load_profile(input);
    let mut profile_errors = errors(loaded.diagnostics);
    // Without a project there is no profile to name; that the project is missing is told once.
    profile_errors.retain(|error| {
        error.code != codes::PROJECT_NOT_FOUND && error.code != codes::PROJECT_FILE_INVALID
    });
    let target =
        loaded.value.as_ref().and_then(|profile| match read_profile(invocation, profile) {
            Ok(target) => Some((profile, target)),
            Err(error) => {
                profile_errors.push(error);
                None
            }
        });
    let fields = target
        .as_ref()
        .map(|(profile, target)| template::target_fields(profile, &target.credentials));
    let project_errors = errors(load_project_settings(input, fields.as_ref()).diagnostics);
    let mut failed: Vec<Diagnostic> = Vec::new();
    if invocation.settings.is_on("connection") {
        say(invocation, "Skipping steps before connection verification");
    } else {
        say(invocation, "Configuration:");
        say(
            invocation,
            &format!(
                "  profiles.yml file [{}]",
                verdict(&profile_errors, folder.join("profiles.yml").is_file())
            ),
        );
        say(
            invocation,
            &format!(
                "  dbt_project.yml file [{}]",
                verdict(&project_errors, project_file.is_file())
            ),
        );
    }
    failed.extend(profile_errors);
    failed.extend(
        project_errors
            .into_iter()
            .filter(|error| !failed_already(&failed, error))
            .collect::<Vec<_>>(),
    );
    match &target {
        Some((profile, target)) => failed.extend(test_connection(invocation, profile, target)),
        None => say(invocation, "Connection test skipped since no profile was found"),
    }
    if failed.is_empty() {
        result(invocation, &green("All checks passed!"));
        return Ok(true);
    }
    result(invocation, &red(&format!("{} failed:", plural(failed.len(), "check"))));
    let style = if invocation.console.is_coloured() {
        render::Style::Coloured
    } else {
        render::Style::Plain
    };
    for error in &failed {
        let drawing = render::render(error, &invocation.sources, style);
        result(invocation, &format!("{}{drawing}\n", introduction(invocation, error)));
    }
    Ok(false)
}

/// Where `profiles.yml` is looked for, in order.
fn profile_folders(invocation: &Invocation) -> Vec<std::path::PathBuf> {
    let environment = invocation.environment();
    if let Some(folder) = environment.profiles_directory {
        return vec![folder];
    }
    let home = environment.home_directory.map(|home| home.join(".dbt"));
    [Some(environment.working_directory), Some(environment.project_directory), home]
        .into_iter()
        .flatten()
        .collect()
}

/// Prints what the profile shows and asks the warehouse for a row.
fn test_connection(
    invocation: &Invocation,
    profile: &Profile,
    target: &Target,
) -> Option<Diagnostic> {
    say(invocation, "Connection:");
    say(invocation, &format!("  target: {}", profile.target));
    say(invocation, &format!("  type: {}", profile.adapter_type));
    for (name, value) in &target.credentials.shown {
        let shown = match value {
            Value::String(text) => text.clone(),
            Value::Null => "None".to_owned(),
            other => other.to_string(),
        };
        say(invocation, &format!("  {name}: {shown}"));
    }
    let connected = open_warehouse(target).and_then(|warehouse| {
        let mut connection =
            warehouse.connect("debug").map_err(|error| connection_failure(&error))?;
        let tried = connection.execute("select 1 as id", adapter_interface::RowLimit::All);
        tried.map(|_| ()).map_err(|error| connection_failure(&error))
    });
    let word = if connected.is_ok() { green("OK connection ok") } else { red("ERROR") };
    say(invocation, &format!("  Connection test: [{word}]\n"));
    connected.err()
}

fn errors(diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    diagnostics.into_iter().filter(Diagnostic::is_error).collect()
}

fn failed_already(failed: &[Diagnostic], error: &Diagnostic) -> bool {
    failed.iter().any(|known| known.message == error.message)
}

fn verdict(errors: &[Diagnostic], is_there: bool) -> String {
    match (is_there, errors.is_empty()) {
        (true, true) => green("OK found and valid"),
        (true, false) => red("ERROR invalid"),
        (false, _) => red("ERROR not found"),
    }
}

fn say(invocation: &Invocation, text: &str) {
    invocation.console.fire(&LogEvent::new(
        Level::Info,
        ("DebugCmdOut", "Z047"),
        text,
        json!({"msg": text}),
    ));
}

fn result(invocation: &Invocation, text: &str) {
    invocation.console.fire(&LogEvent::new(
        Level::Info,
        ("DebugCmdResult", "Z048"),
        text,
        json!({"msg": text}),
    ));
}

/// dbt's words before an error of the profile or the project.
fn introduction(invocation: &Invocation, error: &Diagnostic) -> String {
    let target = invocation.settings.text("target").unwrap_or_default();
    match error.code {
        codes::PROFILE_NOT_FOUND if error.message.contains("no profile ") => {
            let profile = error.message.rsplit('`').nth(1).unwrap_or_default();
            format!(
                "Profile loading failed for the following reason:\nCould not find profile named '{profile}'\n"
            )
        }
        codes::PROFILE_NOT_FOUND => {
            let folder = invocation.settings.text("profiles-dir").unwrap_or("~/.dbt");
            format!("dbt looked for a profiles.yml file in {folder}\n")
        }
        codes::PROFILE_INVALID | codes::ADAPTER_UNKNOWN => {
            "Profile loading failed for the following reason:\n".to_owned()
        }
        codes::TARGET_NOT_FOUND => {
            let profile = error.message.split('`').nth(1).unwrap_or_default();
            format!(
                "Profile loading failed for the following reason:\nThe profile '{profile}' does not have a target named '{target}'.\n"
            )
        }
        codes::PROJECT_NOT_FOUND | codes::PROJECT_FILE_INVALID => {
            "Project loading failed for the following reason:\n".to_owned()
        }
        _ => String::new(),
    }
}
