//! Python's `re` module over fancy-regex.

mod pattern;
mod substitute;
mod translate;

use std::sync::{Arc, Mutex, PoisonError};

use indexmap::IndexMap;
use minijinja::value::Object;
use minijinja::{Error, State, Value};

use super::arguments::Arguments;
use super::error::failure;
use super::values::integer;
pub(crate) use pattern::{Match, Pattern};

/// Compiled patterns that are kept, as Python keeps some.
const KEPT_PATTERNS: usize = 512;

#[derive(Debug, Default)]
struct Re {
    kept: Mutex<IndexMap<(String, i64), Arc<Pattern>>>,
}

pub(crate) fn module() -> Value {
    super::exports::dictionary(Value::from_object(Re::default()), NAMES.split(' '))
}

impl Re {
    fn compile(&self, pattern: &Value, flags: i64) -> Result<Arc<Pattern>, Error> {
        if let Some(pattern) = pattern.downcast_object::<Pattern>() {
            return Ok(pattern);
        }
        let text = pattern
            .as_str()
            .ok_or_else(|| failure("first argument must be string or compiled pattern"))?;
        let key = (text.to_owned(), flags);
        if let Some(pattern) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Arc::clone(pattern));
        }
        let compiled = Arc::new(Pattern::new(text, flags)?);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_PATTERNS {
            kept.clear();
        }
        kept.insert(key, Arc::clone(&compiled));
        Ok(compiled)
    }
}

/// What dbt's `modules.re` has, in its order.
const NAMES: &str = "match fullmatch search sub subn split findall finditer compile purge template escape error \
                     Pattern Match A I L M S X U ASCII IGNORECASE LOCALE MULTILINE DOTALL VERBOSE UNICODE NOFLAG \
                     RegexFlag";

impl Object for Re {
    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        Some(Value::from(match key {
            "I" | "IGNORECASE" => 2,
            "L" | "LOCALE" => 4,
            "M" | "MULTILINE" => 8,
            "S" | "DOTALL" => 16,
            "U" | "UNICODE" => 32,
            "X" | "VERBOSE" => 64,
            "A" | "ASCII" => 256,
            "NOFLAG" => 0,
            _ => return None,
        }))
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        name: &str,
        values: &[Value],
    ) -> Result<Value, Error> {
        let mut arguments = Arguments::new(name, values);
        match name {
            "escape" => {
                let text = arguments.required_text("pattern")?;
                arguments.finish()?;
                return Ok(Value::from(escape(&text)));
            }
            "purge" => return Ok(Value::from(())),
            _ => {}
        }
        let pattern = arguments.required("pattern")?;
        // What comes between the pattern and the flags depends on the function.
        let rest: Vec<Value> = match name {
            "compile" => Vec::new(),
            "search" | "match" | "fullmatch" | "findall" | "finditer" => {
                vec![arguments.required("string")?]
            }
            "split" => vec![
                arguments.required("string")?,
                arguments.take("maxsplit").unwrap_or_else(|| Value::from(0)),
            ],
            "sub" | "subn" => vec![
                arguments.required("repl")?,
                arguments.required("string")?,
                arguments.take("count").unwrap_or_else(|| Value::from(0)),
            ],
            _ => return Err(failure(format!("module 're' has no attribute '{name}'"))),
        };
        let flags = arguments.take("flags").map_or(Ok(0), |flags| integer(&flags))?;
        arguments.finish()?;
        let pattern = self.compile(&pattern, flags)?;
        if name == "compile" {
            return Ok(Value::from_dyn_object(pattern));
        }
        pattern.run(state, name, &rest)
    }
}

/// `re.escape`: everything that a pattern could take for more than itself.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if "()[]{}?*+-|^$\\.&~# \t\n\r\u{b}\u{c}".contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}
