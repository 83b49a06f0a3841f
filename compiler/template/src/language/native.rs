//! Texts that keep the types of their values, as dbt's native environment reads properties of YAML files.
//!
//! Jinja2's native templates give a list of pieces: the values of expressions, and the texts between them. Where that is
//! one piece, its value is the value of the text; more of them are joined (dbt: `quoted_native_concat`).

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::{Enumerator, Object, ObjectRepr, ValueKind};
use minijinja::{Environment, Error, State, Value};

use super::error::{Frame, FrameKind, RenderError, RenderErrorKind};
use super::library::MacroLibrary;
use super::parse_undefined::ParseUndefined;
use super::render::{WithEntry, eval_expression, render};
use super::scan::code_end;
use crate::python::literal_eval;
use crate::python::repr::to_text;

/// The function that takes the value of an expression out of a text; where it exists, conversions leave their mark.
const KEEP: &str = "__keep";
/// Stands in the printed text for a value that was taken out; its number in [`KEEP`]'s list follows, then [`PIECE_END`].
const PIECE: char = '\u{F0000}';
const PIECE_END: char = '\u{F0001}';

/// The value of a text as dbt reads properties of YAML files: a text whose only piece is an expression has the type of
/// the expression's value; `as_bool`, `as_number` and `as_native` read the value as a Python literal; anything else is
/// text.
pub fn render_native(
    environment: &Environment<'static>,
    library: &MacroLibrary,
    name: &str,
    text: &str,
    globals: &Value,
) -> Result<Value, RenderError> {
    let trimmed = text.strip_suffix('\n').unwrap_or(text);
    if let Some(expression) = sole_expression(trimmed) {
        let value = eval_expression(environment, library, name, expression, globals)?;
        return converted(value, is_constant(expression), name, text);
    }
    if text.contains("{%") || text.contains("{#") {
        let value = sole_piece(environment, library, name, text, globals);
        if let Some((value, is_constant)) = value {
            return converted(value, is_constant, name, text);
        }
    }
    let globals = with_keep(globals, Value::from(()));
    render(environment, library, name, text, &globals).map(Value::from)
}

fn with_keep(globals: &Value, value: Value) -> Value {
    Value::from_object(WithEntry { inner: globals.clone(), name: KEEP, value })
}

/// The code of a text that is one `{{ }}` and nothing else.
fn sole_expression(text: &str) -> Option<&str> {
    let (start, end, full_end) = expression_at(text, 0)?;
    let code = &text[start..end];
    (full_end == text.len() && minijinja::machinery::parse_expr(code).is_ok()).then_some(code)
}

/// Where the code of the expression that opens at `start` begins and ends, and where its closing braces end.
fn expression_at(text: &str, start: usize) -> Option<(usize, usize, usize)> {
    if !text[start..].starts_with("{{") {
        return None;
    }
    let (end, full_end) = code_end(text.as_bytes(), start, *b"}}").ok()?;
    let is_trimmed = matches!(text.as_bytes().get(start + 2), Some(b'-' | b'+'));
    Some(((start + 2 + usize::from(is_trimmed)).min(end), end, full_end))
}

/// Jinja2 prints constants when it compiles, so that they reach dbt as text.
fn is_constant(expression: &str) -> bool {
    minijinja::machinery::parse_expr(expression).is_ok_and(|tree| tree.as_const().is_some())
}

/// The value of the one expression that a text with tags comes down to, and whether it is a constant; none where more
/// is printed, or where something fails, which the plain render tells better.
fn sole_piece(
    environment: &Environment<'static>,
    library: &MacroLibrary,
    name: &str,
    text: &str,
    globals: &Value,
) -> Option<(Value, bool)> {
    let marked = with_pieces_taken_out(text)?;
    let pieces: Arc<Mutex<Vec<(Value, bool)>>> = Arc::default();
    let target = Arc::clone(&pieces);
    let keep = Value::from_function(move |value: Value, is_constant: bool| {
        let mut pieces = target.lock().unwrap_or_else(PoisonError::into_inner);
        pieces.push((value, is_constant));
        format!("{PIECE}{}{PIECE_END}", pieces.len() - 1)
    });
    let printed = render(environment, library, name, &marked, &with_keep(globals, keep)).ok()?;
    let number = printed.strip_prefix(PIECE)?.strip_suffix(PIECE_END)?.parse::<usize>().ok()?;
    let mut pieces = pieces.lock().unwrap_or_else(PoisonError::into_inner);
    (number < pieces.len()).then(|| pieces.swap_remove(number))
}

/// The text with `{{ x }}` as `{{ __keep((x), …) }}`; none where a block catches what is printed.
fn with_pieces_taken_out(text: &str) -> Option<String> {
    let mut marked = String::with_capacity(text.len() + 40);
    let mut position = 0;
    while let Some(found) = text[position..].find('{') {
        let start = position + found;
        let rest = &text[start..];
        if let Some((code_start, code_end, full_end)) = expression_at(text, start) {
            let code = &text[code_start..code_end];
            marked.push_str(&text[position..code_start]);
            for piece in
                [KEEP, "((", code, "\n), ", if is_constant(code) { "true" } else { "false" }, ")"]
            {
                marked.push_str(piece);
            }
            marked.push_str(&text[code_end..full_end]);
            position = full_end;
            continue;
        }
        let end = if rest.starts_with("{#") {
            start + rest.find("#}")? + 2
        } else if rest.starts_with("{%") {
            let (end, full_end) = code_end(text.as_bytes(), start, *b"%}").ok()?;
            let code = text[start + 2..end].trim_start_matches(['-', '+']).trim_start();
            let catches =
                ["macro", "call", "filter", "raw"].iter().any(|word| code.starts_with(word));
            if catches || (code.starts_with("set ") && !code.contains('=')) {
                return None;
            }
            full_end
        } else {
            start + 1
        };
        marked.push_str(&text[position..end]);
        position = end;
    }
    marked.push_str(&text[position..]);
    Some(marked)
}

fn converted(
    value: Value,
    is_constant: bool,
    name: &str,
    text: &str,
) -> Result<Value, RenderError> {
    let Some(marked) = value.downcast_object_ref::<Converted>() else {
        return Ok(if is_constant { Value::from(to_text(&value)) } else { value });
    };
    let printed = marked.text.as_str();
    if marked.wanted == "as_text" {
        return Ok(Value::from(printed));
    }
    let read = literal_eval(printed).unwrap_or_else(|| Value::from(printed));
    let (fits, kind) = match marked.wanted {
        "as_bool" => (read.kind() == ValueKind::Bool, "bool"),
        "as_number" => (read.is_number(), "number"),
        _ => (true, ""),
    };
    if fits {
        return Ok(read);
    }
    Err(RenderError {
        kind: RenderErrorKind::Operation,
        message: format!("Could not convert value '{printed}' into type '{kind}'"),
        frames: vec![Frame {
            name: name.to_owned(),
            what: FrameKind::Text,
            line: 1,
            range: 0..text.len(),
        }],
    })
}

/// What `as_text` and its like give while a property is read: a text that remembers what it is to become
/// (dbt: `TextMarker`, `NativeMarker`). As any text it is true when it is not empty, whatever it says.
#[derive(Debug)]
pub(crate) struct Converted {
    text: String,
    wanted: &'static str,
}

impl Converted {
    /// Whether a value is such a text.
    pub(crate) fn is(value: &Value) -> bool {
        value.downcast_object_ref::<Self>().is_some()
    }

    /// The text itself, when a value is such a text.
    pub(crate) fn text_of(value: &Value) -> Option<&str> {
        value.downcast_object_ref::<Self>().map(|marked| marked.text.as_str())
    }
}

impl Object for Converted {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    /// As in any text, what is `in` it is a part of it: `target.type in ['duckdb'] | as_bool` is meant so.
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.text.contains(key.as_str()?).then(|| Value::from(true))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn is_true(self: &Arc<Self>) -> bool {
        !self.text.is_empty()
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// dbt's `as_text`, `as_bool`, `as_native` and `as_number`: in templates that give text they change nothing.
pub(crate) fn install_conversions(environment: &mut Environment<'static>) {
    for wanted in ["as_text", "as_bool", "as_native", "as_number"] {
        environment.add_filter(
            wanted,
            move |state: &mut State<'_, '_>, value: Value| -> Result<Value, Error> {
                let keep = state.lookup(KEEP);
                if keep.is_none_or(|keep| keep.is_undefined() || ParseUndefined::is(&keep)) {
                    return Ok(value);
                }
                let text = to_text(&value);
                Ok(Value::from_object(Converted { text, wanted }))
            },
        );
    }
}
