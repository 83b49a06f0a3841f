//! What Jinja2 takes in code and minijinja does not: the sign `+`, whitespace beyond ASCII, long integers, and values
//! with commas between them, in subscripts too.

use super::edits::Edits;
use super::scan::{code_end, next_tag, string_end};
use crate::python::long_integer::digits_and_base;

/// Words after which an operand begins, so that a `+` there is a sign.
const BEFORE_AN_OPERAND: &[&str] = &["and", "or", "not", "in", "is", "if", "elif", "else", "do"];

/// Changes the tokens in the code of all `{{ … }}` and `{% … %}`.
pub(crate) fn repair_code(text: &str, edits: &mut Edits) {
    let mut position = 0;
    loop {
        // Scanning by tags steps over comments and raw blocks; the expressions stand between the tags.
        let tag = next_tag(text, position).ok().flatten();
        let end = tag.as_ref().map_or(text.len(), |tag| tag.full.start);
        repair_expressions(text, position, end, edits);
        let Some(tag) = tag else { return };
        repair_span(text, tag.keyword_span.start, tag.rest.end, edits);
        position = tag.full.end;
    }
}

fn repair_expressions(text: &str, mut position: usize, end: usize, edits: &mut Edits) {
    while let Some(found) = text[position..end].find('{') {
        let start = position + found;
        position = match text.as_bytes().get(start + 1) {
            Some(b'#') => text[start..end].find("#}").map_or(end, |length| start + length + 2),
            // A tag that is not the next one belongs to a raw block.
            Some(b'%') => match raw_block_end(&text[start..end]) {
                Some(length) => start + length,
                None => return,
            },
            Some(b'{') => {
                let Ok((code, full)) = code_end(text.as_bytes(), start, *b"}}") else { return };
                if repair_span(text, start + 2, code, edits) {
                    enclose(text, start + 2, code, edits);
                }
                full
            }
            _ => start + 1,
        };
    }
}

fn raw_block_end(text: &str) -> Option<usize> {
    let last = text.find("endraw")?;
    text[last..].find("%}").map(|length| last + length + 2)
}

/// Puts `{{ a, b }}` into parentheses.
fn enclose(text: &str, start: usize, end: usize, edits: &mut Edits) {
    let is_sign = |letter: char| matches!(letter, '-' | '+');
    let code = &text[start..end];
    let start = end - code.strip_prefix(is_sign).unwrap_or(code).len();
    edits.insert(start, "(");
    edits.insert(start + text[start..end].trim_end().len(), ")");
}

/// A bracket that is open.
struct Bracket {
    start: usize,
    /// It stands after an operand, as in `a[b]`.
    is_subscript: bool,
    has_comma: bool,
}

impl Bracket {
    /// Makes `a[b, c]` into `a[(b, c)]`.
    fn close(&self, end: usize, edits: &mut Edits) {
        if self.is_subscript && self.has_comma {
            edits.replace(self.start, 1, "[(");
            edits.replace(end, 1, ")]");
        }
    }
}

/// Tells whether a comma stands outside of all brackets.
fn repair_span(text: &str, start: usize, end: usize, edits: &mut Edits) -> bool {
    let bytes = text.as_bytes();
    let mut position = start;
    if matches!(bytes.get(start), Some(b'-' | b'+')) {
        position += 1;
    }
    // Whether an operand ends here, so that `+` joins two instead of being a sign.
    let mut is_after_operand = false;
    let mut brackets: Vec<Bracket> = Vec::new();
    let mut is_list = false;
    while position < end {
        let Some(character) = text[position..end].chars().next() else { return is_list };
        let next = position + character.len_utf8();
        match character {
            '\'' | '"' => {
                position = string_end(bytes, position).unwrap_or(end);
                is_after_operand = true;
                continue;
            }
            '0'..='9' => {
                let length = text[position..end]
                    .find(|character: char| !character.is_ascii_alphanumeric() && character != '_')
                    .unwrap_or(end - position);
                let written = &text[position..position + length];
                if is_long_integer(written) {
                    edits.replace(position, length, format!("__int('{written}')"));
                }
                position += length;
                is_after_operand = true;
                continue;
            }
            character if character.is_alphabetic() || character == '_' => {
                let length = text[position..end]
                    .find(|character: char| !character.is_alphanumeric() && character != '_')
                    .unwrap_or(end - position);
                is_after_operand = !BEFORE_AN_OPERAND.contains(&&text[position..position + length]);
                position += length;
                continue;
            }
            // Two minus signs keep the precedence of the one plus, and its refusal of what is no number.
            '+' if !is_after_operand => edits.replace(position, 1, "- -"),
            character if character.is_ascii_whitespace() => {}
            character if character.is_whitespace() => {
                edits.replace(position, character.len_utf8(), " ");
            }
            _ => {
                let is_subscript = character == '[' && is_after_operand;
                is_after_operand = matches!(character, ')' | ']' | '}');
                match character {
                    '(' | '[' | '{' => {
                        brackets.push(Bracket { start: position, is_subscript, has_comma: false });
                    }
                    ')' | ']' | '}' => {
                        if let Some(bracket) = brackets.pop() {
                            bracket.close(position, edits);
                        }
                    }
                    ',' => match brackets.last_mut() {
                        Some(bracket) => bracket.has_comma = true,
                        None => is_list = true,
                    },
                    _ => {}
                }
            }
        }
        position = next;
    }
    is_list
}

/// Whether an integer needs more than the 128 bits that minijinja has.
fn is_long_integer(written: &str) -> bool {
    let written = written.replace('_', "").to_ascii_lowercase();
    let (digits, base) = digits_and_base(&written);
    !digits.is_empty()
        && digits.chars().all(|digit| digit.is_digit(base))
        && u128::from_str_radix(digits, base).is_err()
}
