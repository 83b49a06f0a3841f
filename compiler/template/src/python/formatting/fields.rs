//! `'{}'.format(x)`: replacement fields with names, indexes, attributes, conversions and nested formats.

use minijinja::{Error, Value};

use super::spec::format_value;
use crate::python::arguments::Arguments;
use crate::python::error::failure;
use crate::python::repr::{to_repr, to_text};

struct Source<'a> {
    positional: &'a [Value],
    keyword: Vec<(String, Value)>,
    next: usize,
}

/// The text of `format.format(*values)`; keyword arguments come last, as the engine passes them.
pub(crate) fn str_format(format: &str, values: &[Value]) -> Result<String, Error> {
    let mut arguments = Arguments::new("format", values);
    let mut source =
        Source { positional: arguments.rest(), keyword: arguments.keywords(), next: 0 };
    expand(format, &mut source, 0)
}

fn expand(format: &str, source: &mut Source<'_>, depth: usize) -> Result<String, Error> {
    if depth > 2 {
        return Err(failure("Max string recursion exceeded"));
    }
    let mut out = String::with_capacity(format.len());
    let mut rest = format;
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(brace) {
            out.push_str(brace);
            rest = after;
            continue;
        }
        if brace == "}" {
            return Err(failure("Single '}' encountered in format string"));
        }
        let end = field_end(rest).ok_or_else(|| failure("expected '}' before end of string"))?;
        let field = &rest[..end];
        rest = &rest[end + 1..];
        out.push_str(&replace(field, source, depth)?);
    }
    out.push_str(rest);
    Ok(out)
}

/// Where the field that starts here ends; formats may hold fields of their own.
fn field_end(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (offset, character) in text.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(offset),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn replace(field: &str, source: &mut Source<'_>, depth: usize) -> Result<String, Error> {
    // A colon or `!` inside of `[…]` belongs to the name.
    let mut in_brackets = false;
    let name_end = field
        .find(|character: char| {
            match character {
                '[' => in_brackets = true,
                ']' => in_brackets = false,
                _ => {}
            }
            !in_brackets && matches!(character, '!' | ':')
        })
        .unwrap_or(field.len());
    let (name, mut rest) = field.split_at(name_end);
    let mut value = find(name, source)?;
    if let Some(after) = rest.strip_prefix('!') {
        let kind = after.chars().next().ok_or_else(|| failure("unmatched '{' in format spec"))?;
        value = match kind {
            'r' | 'a' => Value::from(to_repr(&value)),
            's' => Value::from(to_text(&value)),
            _ => return Err(failure(format!("Unknown conversion specifier '{kind}'"))),
        };
        rest = &after[kind.len_utf8()..];
    }
    let spec = expand(rest.strip_prefix(':').unwrap_or_default(), source, depth + 1)?;
    format_value(&value, &spec)
}

fn find(name: &str, source: &mut Source<'_>) -> Result<Value, Error> {
    let first_end = name.find(['.', '[']).unwrap_or(name.len());
    let (first, mut path) = name.split_at(first_end);
    let mut value = if first.is_empty() || first.bytes().all(|byte| byte.is_ascii_digit()) {
        let index = first.parse().unwrap_or(source.next);
        if first.is_empty() {
            source.next += 1;
        }
        source.positional.get(index).cloned().ok_or_else(|| {
            failure(format!("Replacement index {index} out of range for positional args tuple"))
        })?
    } else {
        let found = source.keyword.iter().find(|(keyword, _)| keyword == first);
        found
            .map(|(_, value)| value.clone())
            .ok_or_else(|| failure(format!("KeyError: '{first}'")))?
    };
    while !path.is_empty() {
        if let Some(after) = path.strip_prefix('[') {
            let (key, after) =
                after.split_once(']').ok_or_else(|| failure("Missing ']' in format string"))?;
            value = match key.parse::<i64>() {
                Ok(index) => value.get_item(&Value::from(index))?,
                Err(_) => value.get_item(&Value::from(key))?,
            };
            path = after;
        } else {
            let after = path.strip_prefix('.').unwrap_or(path);
            let end = after.find(['.', '[']).unwrap_or(after.len());
            value = value.get_attr(&after[..end])?;
            path = &after[end..];
        }
        if value.is_undefined() {
            return Err(failure(format!("format field '{name}' does not exist")));
        }
    }
    Ok(value)
}
