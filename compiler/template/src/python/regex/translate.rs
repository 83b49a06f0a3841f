//! A pattern of Python's, written for fancy-regex.

/// Changes what means something else there: `$` before a last line break, `\Z`, braces and brackets that are literal,
/// escapes that nobody needs.
pub(super) fn translate(pattern: &str, is_multiline: bool, is_verbose: bool) -> String {
    let mut out = String::with_capacity(pattern.len() + 8);
    let characters: Vec<char> = pattern.chars().collect();
    let mut index = 0;
    let mut in_class = false;
    while index < characters.len() {
        let character = characters[index];
        match character {
            '\\' => {
                let next = characters.get(index + 1).copied();
                index += 1;
                match next {
                    Some('Z') if !in_class => out.push_str("\\z"),
                    Some('_') => out.push('_'),
                    Some(next)
                        if next.is_ascii_punctuation()
                            || next.is_alphanumeric()
                            || next.is_whitespace() =>
                    {
                        out.push('\\');
                        out.push(next);
                    }
                    Some(next) => out.push(next),
                    None => out.push('\\'),
                }
            }
            '[' if in_class => out.push_str("\\["),
            '[' => {
                in_class = true;
                out.push('[');
                if characters.get(index + 1) == Some(&'^') {
                    out.push('^');
                    index += 1;
                }
                // A bracket that comes first is one of the characters.
                if characters.get(index + 1) == Some(&']') {
                    out.push_str("\\]");
                    index += 1;
                }
            }
            ']' if in_class => {
                in_class = false;
                out.push(']');
            }
            '&' | '~' | '-' if in_class && characters.get(index + 1) == Some(&character) => {
                out.push('\\');
                out.push(character);
            }
            '$' if !in_class && !is_multiline => out.push_str("(?:$|(?=\\n\\z))"),
            '{' if !in_class && !is_quantifier(&characters[index..]) => out.push_str("\\{"),
            '#' if is_verbose && !in_class => {
                while index + 1 < characters.len() && characters[index + 1] != '\n' {
                    index += 1;
                }
            }
            _ => out.push(character),
        }
        index += 1;
    }
    out
}

/// `{2}`, `{2,}`, `{,3}`, `{2,3}`
fn is_quantifier(rest: &[char]) -> bool {
    let Some(end) = rest.iter().position(|character| *character == '}') else { return false };
    let inside = &rest[1..end];
    inside.iter().all(|character| character.is_ascii_digit() || *character == ',')
        && inside.iter().any(char::is_ascii_digit)
        && inside.iter().filter(|character| **character == ',').count() <= 1
}
