//! The engine, built once and shared by all renders.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use minijinja::value::{Rest, ValueKind, ValueOrKwargs};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, State, UndefinedBehavior, Value};

use super::global_macro::{PRELUDE, PRELUDE_TEMPLATE, register, return_value};
use super::library::MacroLibrary;
use crate::python;

/// Frames of calls and loops before a recursion is taken for endless; Python's own limit lets about as many macros nest.
const RECURSION_LIMIT: usize = 2_000;

/// A function that the engine has by itself, for what reads names from `context` or `builtins`.
pub(crate) fn engine_function(name: &str) -> Option<Value> {
    static FUNCTIONS: LazyLock<BTreeMap<String, Value>> = LazyLock::new(|| {
        let mut environment = Environment::new();
        install_functions(&mut environment);
        environment.globals().map(|(name, function)| (name.to_owned(), function)).collect()
    });
    if name.starts_with("__") { None } else { FUNCTIONS.get(name).cloned() }
}

fn install_functions(environment: &mut Environment<'static>) {
    // minijinja has it, Jinja2 does not.
    environment.remove_global("debug");
    python::install(environment);
    environment.add_function(
        "return",
        |state: &mut State<'_, '_>, values: Rest<ValueOrKwargs>| -> Result<Value, Error> {
            let values = values.into_values();
            let mut arguments = python::arguments::Arguments::new("return", &values);
            // What is undefined stays so.
            let value = arguments.take("data").unwrap_or(Value::from(()));
            arguments.finish()?;
            Err(return_value(state, value))
        },
    );
}

/// The engine with dbt's filters, tests and functions; macros are compiled when a render first calls them.
pub fn new_environment(library: Arc<MacroLibrary>) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_debug(false);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_undefined_behavior(UndefinedBehavior::Lenient);
    environment.set_recursion_limit(RECURSION_LIMIT);
    environment.set_unknown_method_callback(python::unknown_method);
    environment.set_formatter(|out, _state, value| {
        if let (ValueKind::String, Some(text)) = (value.kind(), value.as_str()) {
            return out.write_str(text).map_err(Error::from);
        }
        python::repr::write_text(out, value).map_err(Error::from)
    });
    environment.set_loader(move |name| -> Result<Option<String>, Error> {
        if name == PRELUDE_TEMPLATE {
            return Ok(Some(PRELUDE.to_owned()));
        }
        let Some(definition) = library.get(name) else { return Ok(None) };
        match definition.prepare() {
            Ok(prepared) => Ok(Some(prepared.text.clone())),
            Err(error) => Err(Error::new(error.error.kind(), super::error::SYNTAX_MARK)
                .with_source(Arc::clone(error))),
        }
    });
    install_functions(&mut environment);
    environment.add_function("__register", register);
    environment
}

/// The same engine, but whatever is missing has any part and any method, all of them as little there: dbt's way with the
/// texts that it parses, but not with the macros that they call.
pub fn forgiving(environment: &Environment<'static>) -> Environment<'static> {
    let mut environment = environment.clone();
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_unknown_method_callback(|state, value, name, arguments| {
        match python::unknown_method(state, value, name, arguments) {
            Err(error) if error.kind() == ErrorKind::UnknownMethod => Ok(Value::UNDEFINED),
            result => result,
        }
    });
    environment
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::scope::ENGINE_NAMES;

    #[test]
    fn no_render_hides_a_function_of_the_engine() {
        let mut environment = Environment::new();
        install_functions(&mut environment);
        for (name, _) in environment.globals() {
            assert!(ENGINE_NAMES.contains(&name), "{name} is unknown while parsing");
        }
    }
}
