//! Diagnostics on the screen.

use serde_json::json;
use source::{Diagnostic, Severity, Sources, render};

use super::colour::red;
use super::console::Console;
use super::event::{Level, LogEvent};
use super::events_of_codes::event_of;

/// Says a warning, a note or an error as the command goes on.
pub(crate) fn say(console: &Console, sources: &Sources, diagnostic: &Diagnostic) {
    let level = match diagnostic.severity {
        Severity::Error => Level::Error,
        Severity::Warning => Level::Warn,
        Severity::Note => Level::Info,
    };
    let data =
        json!({"msg": diagnostic.message, "diagnostic": render::to_json(diagnostic, sources)});
    console.fire(&LogEvent::new(
        level,
        event_of(diagnostic.code),
        drawn(console, sources, diagnostic),
        data,
    ));
}

/// Says what kept a command from running. Tools around dbt look for the first line.
pub(crate) fn say_failure(console: &Console, sources: &Sources, diagnostics: &[Diagnostic]) {
    let errors: Vec<&Diagnostic> =
        diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).collect();
    let texts: Vec<String> =
        errors.iter().map(|diagnostic| drawn(console, sources, diagnostic)).collect();
    let text = texts.join("\n\n");
    let all: Vec<_> =
        errors.iter().map(|diagnostic| render::to_json(diagnostic, sources)).collect();
    let data = json!({"exc": text, "diagnostics": all});
    let line = format!("[{}]: Encountered an error:\n{text}", red("ERROR"));
    console.fire(&LogEvent::new(Level::Error, ("MainEncounteredError", "Z002"), line, data));
}

/// The drawing of a diagnostic.
fn drawn(console: &Console, sources: &Sources, diagnostic: &Diagnostic) -> String {
    let style = if console.is_coloured() { render::Style::Coloured } else { render::Style::Plain };
    render::render(diagnostic, sources, style)
}
