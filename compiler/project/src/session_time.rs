//! The session time of a run: from the command line or from the project's variable, read in the project's zone.

use session::{Reading, SessionInput, SessionTime};
use source::yaml::marked;
use source::{Diagnostic, Warned, codes};

use crate::environment::Environment;
use crate::quern_settings::{QuernSettings, SessionSettings};
use crate::settings::ProjectSettings;

/// The text of the session time and where it was said, for messages.
struct Said {
    text: String,
    origin: String,
}

/// What the run is given of time; nothing where nobody says for which time it is.
pub(crate) fn resolve(
    environment: &Environment,
    project: &ProjectSettings,
    quern: Option<&QuernSettings>,
) -> Warned<Option<SessionInput>> {
    let mut diagnostics = Vec::new();
    let said = match &environment.session_time {
        Some(text) => Some(Said { text: text.clone(), origin: "`--session-time`".to_owned() }),
        // Only a project that knows of sessions can mean its variable so.
        None => quern.and_then(|quern| {
            variable(environment, project, &quern.session.variable, &mut diagnostics)
        }),
    };
    let Some(Said { text, origin }) = said else {
        return Warned { value: None, diagnostics };
    };
    let default = SessionSettings::default();
    let settings = quern.map_or(&default, |quern| &quern.session);
    let zone = &settings.zone_name;
    match SessionTime::read(&text, &settings.zone) {
        Ok((time, reading)) => {
            diagnostics.extend(told(&text, &origin, zone, &time, reading));
            if environment.session_time.is_some() {
                diagnostics.extend(other_than(&time, environment, settings));
            }
            let value = Some(SessionInput::new(time, settings.grain));
            Warned { value, diagnostics }
        }
        Err(error) => {
            let message = format!("the session time of {origin}: {error}");
            diagnostics.push(Diagnostic::error(codes::SESSION_TIME_INVALID, message));
            Warned { value: None, diagnostics }
        }
    }
}

/// The variable of `--vars`, else that of the project file.
fn variable(
    environment: &Environment,
    project: &ProjectSettings,
    name: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Said> {
    let own = || {
        let of_package = project.vars.get(&project.name)?.as_object()?.get(name);
        of_package.or_else(|| project.vars.get(name))
    };
    let value = environment.vars.get(name).or_else(own).or_else(|| project.vars.get(name))?;
    let origin = format!("the variable `{name}`");
    match value {
        serde_json::Value::String(text) if text.trim().is_empty() => None,
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => {
            let text = marked::unmarked(text).unwrap_or(text).to_owned();
            Some(Said { text, origin })
        }
        other => {
            let message = format!("the session time of {origin} must be a text, not `{other}`");
            let hint = "write a time like `2023-12-01T09:00:00+09:00` or `2023-12-01`, in quotes";
            diagnostics.push(Diagnostic::error(codes::SESSION_TIME_INVALID, message).hint(hint));
            None
        }
    }
}

/// A warning where `--vars` names another moment than the option: templates that read the variable would take that one.
fn other_than(
    time: &SessionTime,
    environment: &Environment,
    settings: &SessionSettings,
) -> Option<Diagnostic> {
    let name = &settings.variable;
    let text = environment.vars.get(name)?.as_str()?;
    let text = marked::unmarked(text).unwrap_or(text);
    let (other, _) = SessionTime::read(text, &settings.zone).ok()?;
    if other.timestamp() == time.timestamp() {
        return None;
    }
    let message = format!(
        "`--session-time` is {time} and the variable `{name}` {other}: the run is for the former"
    );
    let hint = "name one of them, or the same time by both";
    Some(Diagnostic::warning(codes::SESSION_TIMES_DIFFER, message).hint(hint))
}

/// What there is to say about how the text was read.
fn told(
    text: &str,
    origin: &str,
    zone: &str,
    time: &SessionTime,
    reading: Reading,
) -> Option<Diagnostic> {
    let hint = "give the session time an offset, such as `+09:00`";
    let (code, message) = match reading {
        Reading::Exact => return None,
        Reading::OfTheZone => {
            let message = format!(
                "the session time `{text}` of {origin} has no offset; it is read as {time}, in {zone}"
            );
            return Some(Diagnostic::remark(codes::SESSION_TIME_ZONE, message));
        }
        Reading::LeftOut => (
            codes::SESSION_TIME_CLOCK_CHANGE,
            format!(
                "the clocks of {zone} left out the session time `{text}` of {origin}; it is read as {time}"
            ),
        ),
        Reading::Twice => (
            codes::SESSION_TIME_CLOCK_CHANGE,
            format!(
                "the clocks of {zone} show the session time `{text}` of {origin} twice; the earlier is taken, {time}"
            ),
        ),
    };
    Some(Diagnostic::warning(code, message).hint(hint))
}
