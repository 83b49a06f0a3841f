//! `quern run-operation`: a macro, or SQL with Jinja, run by itself.

use run::OperationRequest;
use serde_json::json;

use super::Outcome;
use super::compile::open_session;
use super::working::write_artifacts;
use crate::invocation::{Failure, Invocation};
use crate::settings::usage;
use crate::stages::prepare;
use crate::ui::event::{Level, LogEvent};

/// Runs the command.
pub(crate) fn run(invocation: &Invocation) -> Outcome {
    let settings = &invocation.settings;
    let (name, sql) = (settings.positional.as_deref(), settings.text("sql"));
    let (name, text) = match (name, sql) {
        (Some(name), None) => (name, None),
        (None, Some(sql)) => ("run_query", Some(sql)),
        _ => {
            return Err(usage("`run-operation` takes either the name of a macro or `--sql`").into());
        }
    };
    let prepared = prepare(invocation)?;
    let session = open_session(invocation, &prepared, &format!("macro_{name}"))?;
    let done = match text {
        Some(text) => session.compile(text).and_then(|sql| {
            let arguments = [("sql".to_owned(), json!(sql))].into_iter().collect();
            session.run_operation(&OperationRequest { macro_name: name.to_owned(), arguments })
        }),
        None => session.run_operation(&OperationRequest {
            macro_name: name.to_owned(),
            arguments: settings.dictionary("args"),
        }),
    };
    match done {
        Ok(_) => {
            write_artifacts(invocation, &prepared, None)?;
            Ok(true)
        }
        Err(failure) => {
            let line = format!(
                "[{}]: Encountered an error while running operation: {}",
                crate::ui::colour::red("ERROR"),
                failure.diagnostic.message
            );
            let data = json!({"exc": failure.diagnostic.message});
            // The failure itself is told at the end, with its place: this is for programs that read the log.
            invocation.console.fire(&LogEvent::new(
                Level::Debug,
                ("RunningOperationCaughtError", "Q001"),
                line,
                data,
            ));
            Err(Failure::from(failure.diagnostic))
        }
    }
}
