//! `quern run-operation`: a macro, or SQL with Jinja, run by itself.

use docs::artifacts::run_results::RunResult;
use run::OperationRequest;
use serde_json::json;
use source::Diagnostic;

use super::Outcome;
use super::compile::open_session;
use crate::artifacts::write_single_result;
use crate::invocation::{Failure, Invocation};
use crate::settings::usage;
use crate::stages::prepare;
use crate::ui::diagnostics::say_failure;
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
    let begin = invocation.world.clock.now_microseconds();
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
    let problem = done.err().map(|failure| failure.diagnostic);
    if let Some(problem) = &problem {
        say_problem(invocation, problem);
    }
    let found = match text {
        Some(_) => {
            let package = &prepared.project.root().settings.name;
            Some(format!("sql_operation.{package}.inline_query").into())
        }
        None => prepared.engine.find_operation(name),
    };
    // As in dbt, a macro that is not there leaves nothing behind.
    let Some(unique_id) = found else {
        return Err(Failure { diagnostics: problem.into_iter().collect() });
    };
    let result = RunResult {
        status: if problem.is_some() { "error" } else { "success" }.into(),
        execution_time: (invocation.world.clock.now_microseconds() - begin) as f64 / 1e6,
        message: problem.as_ref().map(|problem| problem.message.as_str().into()),
        failures: Some(i64::from(problem.is_some())),
        unique_id: (&*unique_id).into(),
        compiled: Some(false),
        ..RunResult::default()
    };
    write_single_result(invocation, &prepared, result)?;
    if let Some(problem) = &problem {
        say_failure(&invocation.console, &invocation.sources, std::slice::from_ref(problem));
    }
    Ok(problem.is_none())
}

fn say_problem(invocation: &Invocation, problem: &Diagnostic) {
    let line = format!(
        "[{}]: Encountered an error while running operation: {}",
        crate::ui::colour::red("ERROR"),
        problem.message
    );
    let event = ("RunningOperationCaughtError", "Q001");
    let data = json!({"exc": problem.message});
    invocation.console.fire(&LogEvent::new(Level::Error, event, line, data));
}
