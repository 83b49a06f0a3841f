//! `log`, `print` and `debug`.

use minijinja::Error;
use minijinja::value::Value;

use super::function::Call;
use super::plain::text_of;
use super::render_scope::RenderScope;

/// `log(message, info=False)`.
pub(crate) fn log(mut call: Call<'_, '_, '_, '_>) -> Result<Value, Error> {
    let message = text_of(&call.arguments.required("msg")?);
    let is_info = call.arguments.take_flag("info");
    call.scope.shared.listener.log(&message, is_info, call.scope.unique_id());
    Ok(Value::from(""))
}

/// `print(message)`.
pub(crate) fn print(mut call: Call<'_, '_, '_, '_>) -> Result<Value, Error> {
    let message = text_of(&call.arguments.required("msg")?);
    call.scope.shared.listener.print(&message);
    Ok(Value::from(""))
}

/// Whether there is a `debug` at all: dbt's developers ask for it by an environment variable.
pub(crate) fn is_debugging(scope: &RenderScope) -> bool {
    scope.shared.project.environment.variables.contains_key("DBT_MACRO_DEBUGGING")
}

/// `debug()`: Python's debugger has no place here; it is said once and does nothing.
#[expect(
    clippy::needless_pass_by_value,
    clippy::unnecessary_wraps,
    reason = "the shape of all context functions"
)]
pub(crate) fn debug(call: Call<'_, '_, '_, '_>) -> Result<Value, Error> {
    let message = "`debug()` does nothing: there is no debugger to stop in";
    call.scope.shared.listener.log(message, true, call.scope.unique_id());
    Ok(Value::from(""))
}
