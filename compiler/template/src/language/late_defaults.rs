//! Defaults of macro parameters that speak of other parameters.
//!
//! `{% macro f(a, b=a + 1) %}` is fine in Jinja2, which binds parameters from the left; minijinja binds them from the
//! right. Such a default moves into the body.

use std::ops::Range;

use super::edits::Edits;
use super::scan::{Tag, identifier_end, string_end};

/// An undefined name, so that the parameter is undefined until the body gives it its value.
const UNSET: &str = "__unset";

/// Moves the defaults of the macro that `tag` opens, where they use a parameter before them.
pub(crate) fn move_late_defaults(text: &str, tag: &Tag<'_>, edits: &mut Edits) {
    let header = &text[tag.rest.clone()];
    let (Some(open), true) = (header.find('('), header.contains('=')) else { return };
    let mut names: Vec<&str> = Vec::new();
    let mut moved = String::new();
    for parameter in parameters(text, tag.rest.start + open + 1..tag.rest.end) {
        let name = text[parameter.name].trim();
        if let Some(default) = parameter.default
            && names.iter().any(|earlier| speaks_of(&text[default.clone()], earlier))
        {
            let written = &text[default.clone()];
            let lines: String = written.chars().filter(|character| *character == '\n').collect();
            edits.replace(default.start, default.len(), format!("{UNSET}{lines}"));
            moved.push_str("{%- if ");
            moved.push_str(name);
            moved.push_str(" is undefined -%}{%- set ");
            moved.push_str(name);
            moved.push_str(" = (");
            moved.push_str(written);
            moved.push_str(") -%}{%- endif %}");
        }
        names.push(name);
    }
    if moved.is_empty() {
        return;
    }
    if text.as_bytes().get(tag.full.end - 3) == Some(&b'-') {
        moved.replace_range(moved.len() - 2.., "-%}");
    }
    edits.insert(tag.full.end, moved);
}

struct Parameter {
    name: Range<usize>,
    default: Option<Range<usize>>,
}

/// The parameters between the parentheses; `span` begins after the opening one.
fn parameters(text: &str, span: Range<usize>) -> Vec<Parameter> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let (mut depth, mut start, mut equals, mut position) = (0_i32, span.start, None, span.start);
    while position < span.end {
        match bytes[position] {
            b'\'' | b'"' => {
                position = string_end(bytes, position).unwrap_or(span.end);
                continue;
            }
            b'=' if depth == 0 && equals.is_none() => equals = Some(position),
            byte @ (b',' | b')') if depth == 0 => {
                found.push(Parameter {
                    name: start..equals.unwrap_or(position),
                    default: equals.map(|equals| equals + 1..position),
                });
                (start, equals) = (position + 1, None);
                if byte == b')' {
                    break;
                }
            }
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth -= 1,
            _ => {}
        }
        position += 1;
    }
    found
}

/// Whether an expression has the name in it, outside of texts and not as an attribute.
fn speaks_of(expression: &str, name: &str) -> bool {
    let bytes = expression.as_bytes();
    let mut position = 0;
    while position < bytes.len() {
        match bytes[position] {
            b'\'' | b'"' => position = string_end(bytes, position).unwrap_or(bytes.len()),
            byte if byte.is_ascii_alphanumeric() || byte == b'_' => {
                let end = identifier_end(bytes, position).max(position + 1);
                let is_attribute = position > 0 && bytes[position - 1] == b'.';
                if &expression[position..end] == name && !is_attribute {
                    return true;
                }
                position = end;
            }
            _ => position += 1,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use crate::language::edits::{EditList, Edits};
    use crate::language::scan::next_tag;

    fn moved(text: &str) -> String {
        let mut edits = Edits::default();
        super::move_late_defaults(text, &next_tag(text, 0).unwrap().unwrap(), &mut edits);
        edits.apply(text, &mut EditList::default())
    }

    #[test]
    fn a_default_that_uses_an_earlier_parameter_stands_in_the_body() {
        assert_eq!(
            moved("{% macro f(a, b = g('a', a), c=1) -%} x{% endmacro %}"),
            "{% macro f(a, b =__unset, c=1) -%}{%- if b is undefined -%}{%- set b = ( g('a', a)) -%}{%- endif -%} x{% endmacro %}"
        );
    }

    #[test]
    fn other_defaults_stay() {
        for text in ["{% macro f(a, b=x.a, c='a', d={'b': [1, 2]}) %}", "{% macro f(a) %}"] {
            assert_eq!(moved(text), text);
        }
    }
}
