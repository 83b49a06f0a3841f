//! Constructs of Jinja2 that minijinja's parser does not know, changed tag by tag in the text.

use std::ops::Range;

use super::edits::Edits;
use super::scan::{next_tag, string_end};

/// `{% do x if y %}` becomes an assignment nobody reads, and the colon of `{% if x: %}` a space.
pub(crate) fn repair(text: &str, edits: &mut Edits) {
    let mut position = 0;
    while let Ok(Some(tag)) = next_tag(text, position) {
        position = tag.full.end;
        let code = &text[tag.rest.clone()];
        let end = tag.rest.start + code.trim_end().len();
        match tag.keyword {
            "do" => {
                let start = tag.rest.end - code.trim_start().len();
                edits.replace(tag.keyword_span.start, tag.keyword.len(), "set __do =");
                edits.insert(start, "(");
                edits.insert(end, ")");
            }
            "for" | "if" | "elif" if encloses(text, tag.keyword, tag.rest.clone(), edits) => {}
            "if" | "elif" | "else" | "for" | "with" if code.trim_end().ends_with(':') => {
                edits.replace(end - 1, 1, " ");
            }
            "macro" => {
                let start = tag.rest.start + code.find('(').unwrap_or(0);
                blank_annotations(text, start..tag.rest.end, edits);
            }
            _ => {}
        }
    }
}

/// Puts the values of `{% for x in a, b %}` and `{% if a, b %}` into parentheses; tells whether there were any.
fn encloses(text: &str, keyword: &str, code: Range<usize>, edits: &mut Edits) -> bool {
    let tokens = outer_tokens(text, code.clone());
    let word = |wanted: &str, from: usize| {
        tokens.iter().position(|(at, token)| *token == wanted && *at >= from)
    };
    let start = match (keyword, word("in", 0)) {
        ("for", Some(at)) => tokens[at].0 + "in".len(),
        ("for", None) => return false,
        _ => code.start,
    };
    let ends = ["if", "recursive", ":"].map(|end| word(end, start).map(|at| tokens[at].0));
    let end = ends.into_iter().flatten().min().filter(|_| keyword == "for").unwrap_or(code.end);
    let values = &text[start..end];
    let has_comma = tokens.iter().any(|(at, token)| *token == "," && (start..end).contains(at));
    if has_comma {
        edits.insert(end - values.trim_start().len(), "(");
        edits.insert(start + values.trim_end().len(), ")");
    }
    has_comma
}

/// The words and signs outside of brackets and strings, with their places.
fn outer_tokens(text: &str, span: Range<usize>) -> Vec<(usize, &str)> {
    let bytes = text.as_bytes();
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80;
    let mut tokens = Vec::new();
    let mut position = span.start;
    let mut depth = 0_i32;
    while position < span.end {
        let start = position;
        match bytes[position] {
            b'\'' | b'"' => {
                position = string_end(bytes, position).unwrap_or(span.end);
                continue;
            }
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth -= 1,
            byte if is_word(&byte) => {
                while position < span.end && is_word(&bytes[position]) {
                    position += 1;
                }
                if depth == 0 {
                    tokens.push((start, &text[start..position]));
                }
                continue;
            }
            b',' | b':' if depth == 0 => tokens.push((start, &text[start..=start])),
            _ => {}
        }
        position += 1;
    }
    tokens
}

/// Blanks the types of `(name: type[list[int]] = default)`; dbt parses them and does not check them.
pub(crate) fn blank_annotations(text: &str, span: Range<usize>, edits: &mut Edits) {
    let bytes = text.as_bytes();
    let mut position = span.start;
    let mut depth = 0_i32;
    let mut in_default = false;
    while position < span.end {
        match bytes[position] {
            b'\'' | b'"' => {
                position = string_end(bytes, position).unwrap_or(span.end);
                continue;
            }
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth -= 1,
            b',' if depth == 1 => in_default = false,
            b'=' if depth == 1 => in_default = true,
            b':' if depth == 1 && !in_default => {
                let end = annotation_end(bytes, position, span.end);
                let blank: String = text[position..end]
                    .chars()
                    .map(|c| if c == '\n' { '\n' } else { ' ' })
                    .collect();
                edits.replace(position, end - position, blank);
                position = end;
                continue;
            }
            _ => {}
        }
        position += 1;
    }
}

fn annotation_end(bytes: &[u8], start: usize, limit: usize) -> usize {
    let mut depth = 0_i32;
    let mut position = start;
    while position < limit {
        match bytes[position] {
            b'[' => depth += 1,
            b']' => depth -= 1,
            b',' | b'=' | b')' if depth <= 0 => return position,
            _ => {}
        }
        position += 1;
    }
    limit
}
