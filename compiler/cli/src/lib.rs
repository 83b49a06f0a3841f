//! The command line of quern: a library with [`run`], so that tests run commands in their own process.
//!
//! The last crate of the pipeline. A command (`commands/`) composes stages (`stages`); `arguments` and
//! `environment_variables` say what may be said to it, `settings` what was said; everything it says itself goes
//! through `ui`, and everything it leaves behind through `writing`.

#![expect(clippy::result_large_err, reason = "errors end the command; their size costs nothing")]

mod adapters;
mod arguments;
mod artifacts;
mod backlog;
mod builtin_macros;
mod commands;
mod environment_variables;
mod event_times;
mod invocation;
mod last_results;
mod listener;
mod resume;
mod selecting;
mod session_time;
mod settings;
mod stages;
mod state;
mod ui;
mod unasked_warehouse;
mod world;
mod writing;

#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::process::ExitCode;

use serde_json::{Map, Value};
use source::{Diagnostic, codes};

use arguments::Reading;
use environment_variables::{CUSTOM_PREFIX, FORCE_COLOR, NO_COLOR, read_dotenv, truth};
use invocation::{Invocation, OlderFlags};
use settings::Settings;
use ui::event::{Level, LogEvent};

pub use world::{Output, World};

/// The version of quern.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The version of dbt whose behaviour is mirrored; `dbt_version` in templates and artifacts.
pub const DBT_VERSION: &str = "1.12.6";

/// Runs a command. The first argument is the program's name.
///
/// The exit code is dbt's: 0 when all is well, 1 when something failed or a test found rows, 2 when the command
/// could not run at all.
pub fn run(arguments: impl IntoIterator<Item = OsString>, world: &World) -> ExitCode {
    let mut world = world.clone();
    if let Ok(text) = std::fs::read_to_string(world.working_directory.join(".env")) {
        for (name, value) in read_dotenv(&text) {
            world.variables.entry(name).or_insert(value);
        }
    }
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let wants_colours =
        world.variable(NO_COLOR).is_none() && world.variable("TERM") != Some("dumb");
    let reading =
        arguments::read(arguments.iter().cloned(), wants_colours && world.stderr_is_terminal);
    let said = match reading {
        Reading::Run(said) => said,
        Reading::Version => {
            world::write(&world.stdout, &commands::version::text());
            return ExitCode::SUCCESS;
        }
        Reading::Help(text) => {
            world::write(&world.stdout, &text);
            return ExitCode::SUCCESS;
        }
        Reading::Wrong(text) => {
            world::write(&world.stderr, &with_line_break(text));
            return ExitCode::from(2);
        }
    };
    let settings = match Settings::resolve(&said, &world) {
        Ok(settings) => settings,
        Err(message) => {
            world::write(&world.stderr, &format!("Error: {message}\n"));
            return ExitCode::from(2);
        }
    };
    let line: Vec<_> =
        arguments.iter().skip(1).map(|argument| argument.to_string_lossy()).collect();
    let invocation =
        Invocation::start(world, settings, format!("quern {}", line.join(" ")), wants_colours);
    finish(&invocation)
}

/// Runs the command and says how it ended.
fn finish(invocation: &Invocation) -> ExitCode {
    let console = &invocation.console;
    let outcome =
        invocation.heed(early_diagnostics(invocation)).and_then(|()| commands::run(invocation));
    let (is_success, code) = match &outcome {
        Ok(is_success) => (*is_success, u8::from(!is_success)),
        Err(failure) => {
            ui::diagnostics::say_failure(console, &invocation.sources, &failure.diagnostics);
            (false, 2)
        }
    };
    invocation.say_deprecations();
    let now = invocation.world.clock.now_microseconds();
    let seconds = (now - invocation.started_at) as f64 / 1e6;
    let moment = jiff::Timestamp::from_microsecond(now).unwrap_or_default();
    let command = format!("quern {}", invocation.settings.command);
    let ending = if is_success { "succeeded" } else { "failed" };
    let line = format!(
        "Command `{command}` {ending} at {} after {seconds:.2} seconds",
        moment.strftime("%H:%M:%S.%6f")
    );
    let data = serde_json::json!({
        "command": command, "success": is_success, "elapsed": seconds, "completed_at": format!("{moment:.6}"),
    });
    console.fire(&LogEvent::new(Level::Debug, ("CommandCompleted", "Q039"), line, data));
    console.finish();
    ExitCode::from(code)
}

/// What there is to say of how the command was called, before anything is read.
fn early_diagnostics(invocation: &Invocation) -> Vec<Diagnostic> {
    let mut found = environment_variables::deprecations(&invocation.world);
    match invocation.older_flags {
        OlderFlags::None => {}
        OlderFlags::Used => {
            let message = "`config` of profiles.yml is now `flags` of dbt_project.yml";
            let warning = Diagnostic::warning(codes::DEPRECATED_PROFILE_CONFIG, message);
            found.push(warning.hint("move it there"));
        }
        OlderFlags::Double => {
            let message =
                "`config` of profiles.yml and `flags` of dbt_project.yml cannot both be there";
            let error = Diagnostic::error(codes::PROJECT_FILE_INVALID, message);
            found.push(error.hint("move what is in `config` into `flags`"));
        }
    }
    let settings = &invocation.settings;
    // With `flags` of the project; what was typed was looked at before.
    if let Err(message) = settings.check_warning_options() {
        found.push(settings::usage(message).hint("say it in one of the two ways"));
    }
    if let Err(message) = settings.check_indirect_selection() {
        found.push(settings::usage(message));
    }
    let says = |name: &str| settings.text(name).is_some() || !settings.list(name).is_empty();
    if says("selector") && (says("select") || says("exclude")) {
        let message = "`--select` and `--exclude` mean nothing beside `--selector`";
        found.push(Diagnostic::warning(codes::SELECTION_IGNORED, message));
    }
    found.extend(invocation.rules.own_diagnostics());
    let mut words = invocation.command_line.split_whitespace();
    let is_older = |word: &str| matches!(word, "--models" | "--model" | "-m");
    if let Some(word) = words.find(|word| is_older(word)) {
        let message = format!("`{word}` is now `--select`");
        let warning = Diagnostic::warning(codes::DEPRECATED_MODELS_OPTION, message);
        found.push(warning.hint("write `--select`"));
    }
    found
}

fn with_line_break(mut text: String) -> String {
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// Whether colours are wanted even without a terminal.
fn forces_colours(world: &World) -> bool {
    world.variable(FORCE_COLOR).is_some_and(|value| truth(value) != Some(false))
}

/// The variables whose values go into log lines and artifacts, by their names without dbt's prefix.
fn custom_variables(world: &World) -> Map<String, Value> {
    let custom = world.variables.iter().filter_map(|(name, value)| {
        Some((name.strip_prefix(CUSTOM_PREFIX)?.to_owned(), Value::String(value.clone())))
    });
    custom.collect()
}
