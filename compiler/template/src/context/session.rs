//! `session`: the time that the run is for, and the window that the model is to build.

use std::fmt;
use std::sync::Arc;

use jiff::{Timestamp, Zoned};
use minijinja::value::{Object, ObjectRepr, Value};
use minijinja::{Error, State};
use session::{SessionInput, SessionTime, TimeError, Window};
use source::{Diagnostic, codes};

use super::render_scope::{Phase, RenderScope};
use crate::python::datetime_in_zone;

/// What `session.time` and its window are while a project is parsed: parsing does not depend on the session time.
const PARSE_TIME: &str = "2000-01-01T00:00:00Z";

/// The time that a render is for: that of the node's run, else that of the project.
pub(crate) fn session_of(scope: &RenderScope) -> Option<&SessionInput> {
    match &scope.phase {
        Phase::Run(run) => run.node.session(),
        Phase::Parse(_) | Phase::Name => scope.shared.project.session.as_ref(),
    }
}

/// `run_started_at`: the session time, so that a run of tomorrow gives what that of today gave; without one, when the
/// program started.
pub(crate) fn run_started_at(scope: &RenderScope) -> Value {
    match session_of(scope) {
        Some(session) => crate::python::datetime_utc(session.time().timestamp()),
        None => scope.shared.run_started_at.clone(),
    }
}

/// `sql_now`: SQL for the session time; without one, for the warehouse's clock.
pub(crate) fn sql_now(scope: &RenderScope) -> Value {
    session_of(scope).map_or_else(
        || Value::from("now()"),
        |session| {
            let moment = session.time().timestamp().to_string();
            Value::from(format!("cast('{moment}' as timestamp with time zone)"))
        },
    )
}

/// `session`. It is true where there is a session time.
pub(crate) struct SessionObject(pub(crate) Arc<RenderScope>);

impl fmt::Debug for SessionObject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match session_of(&self.0) {
            Some(session) => write!(formatter, "<session {}>", session.time()),
            None => formatter.write_str("<session without a time>"),
        }
    }
}

impl SessionObject {
    /// The session; while parsing one that is always the same.
    fn input(&self) -> Option<SessionInput> {
        if self.0.is_executing() {
            return session_of(&self.0).cloned();
        }
        let settings = &self.0.shared.project.quern.session;
        let time = PARSE_TIME.parse::<Timestamp>().unwrap_or_default();
        Some(SessionInput::new(SessionTime::new(time, settings.zone.clone()), settings.grain))
    }

    fn window(&self, input: &SessionInput) -> Result<Window, TimeError> {
        let rule = self.0.run().map(|run| run.node.window_rule()).unwrap_or_default();
        input.window(rule)
    }

    fn missing(&self) -> Value {
        let variable = &self.0.shared.project.quern.session.variable;
        let diagnostic = Diagnostic::error(
            codes::SESSION_TIME_MISSING,
            "this needs the session time, and the run has none",
        )
        .hint(format!(
            "pass `--session-time 2023-12-01T00:00:00+09:00`, or set the variable `{variable}` in a project with a `quern.yml`; `{{% if session %}}` asks for it"
        ));
        Value::from_object(Unavailable { scope: self.0.clone(), diagnostic })
    }
}

impl Object for SessionObject {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn is_true(self: &Arc<Self>) -> bool {
        session_of(&self.0).is_some()
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let key = key.as_str()?;
        if !matches!(key, "time" | "window" | "timezone") {
            return None;
        }
        let Some(input) = self.input() else { return Some(self.missing()) };
        Some(match key {
            "time" => datetime_in_zone(input.time().zoned()),
            "timezone" => Value::from(self.0.shared.project.quern.session.zone_name.as_str()),
            _ => match self.window(&input) {
                Ok(window) => Value::from_object(WindowObject(window)),
                Err(error) => {
                    let diagnostic = Diagnostic::error(codes::WINDOW_INVALID, error.to_string());
                    Value::from_object(Unavailable { scope: self.0.clone(), diagnostic })
                }
            },
        })
    }
}

/// `session.window`: `start` is in it, `end` is the first moment after it.
#[derive(Debug)]
pub(crate) struct WindowObject(pub(crate) Window);

impl Object for WindowObject {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let moment = |zoned: &Zoned| Some(datetime_in_zone(zoned));
        match key.as_str()? {
            "start" => moment(self.0.start()),
            "end" => moment(self.0.end()),
            _ => None,
        }
    }

    fn render(self: &Arc<Self>, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

/// What is asked for and not there: any use of it ends the render and says why.
struct Unavailable {
    scope: Arc<RenderScope>,
    diagnostic: Diagnostic,
}

impl fmt::Debug for Unavailable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.diagnostic.message)
    }
}

impl Unavailable {
    fn error(&self) -> Error {
        self.scope.fail(self.diagnostic.clone())
    }
}

impl Object for Unavailable {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn is_true(self: &Arc<Self>) -> bool {
        false
    }

    fn get_value(self: &Arc<Self>, _key: &Value) -> Option<Value> {
        Some(Value::from_dyn_object(Arc::clone(self)))
    }

    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, _: &[Value]) -> Result<Value, Error> {
        Err(self.error())
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        _method: &str,
        _arguments: &[Value],
    ) -> Result<Value, Error> {
        Err(self.error())
    }

    fn render(self: &Arc<Self>, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error();
        Err(fmt::Error)
    }
}
