//! The pieces of a text of SQL by the lexer of PostgreSQL, which DuckDB has too: comments inside of comments,
//! `E'it\'s'`, `$tag$…$tag$`.

use std::ops::Range;

/// A comment, a quoted text or a single character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its bytes in the text.
    pub range: Range<usize>,
    /// What it is.
    pub kind: TokenKind,
}

/// What a [`Token`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// Space or a comment.
    Blank,
    /// A semicolon outside of quotes and comments.
    Semicolon,
    /// Part of a statement.
    Part,
}

/// The tokens of a text, one after the other.
pub fn tokens(sql: &str) -> impl Iterator<Item = Token> {
    let (mut place, mut previous) = (0, ' ');
    std::iter::from_fn(move || {
        let rest = &sql[place..];
        let first = rest.chars().next()?;
        let length = token_length(rest, first, previous);
        let is_comment = rest.starts_with("--") || rest.starts_with("/*");
        let kind = match first {
            ';' => TokenKind::Semicolon,
            _ if is_comment || first.is_whitespace() => TokenKind::Blank,
            _ => TokenKind::Part,
        };
        let range = place..place + length;
        previous = rest[..length].chars().next_back().unwrap_or(' ');
        place = range.end;
        Some(Token { range, kind })
    })
}

/// The length of the comment, quoted text or single character at the start of a text that is not empty.
fn token_length(text: &str, first: char, previous: char) -> usize {
    let until = |closing: &str, from: usize| {
        text[from..].find(closing).map_or(text.len(), |place| from + place + closing.len())
    };
    match first {
        'e' | 'E' if text[1..].starts_with('\'') && !is_word(previous) => escaped_length(text),
        '\'' | '"' => until(&first.to_string(), 1),
        '-' if text.starts_with("--") => text.find(['\n', '\r']).map_or(text.len(), |end| end + 1),
        '/' if text.starts_with("/*") => comment_length(text),
        '$' if !is_word(previous) => dollar_quote(text).map_or(1, |tag| until(tag, tag.len())),
        _ => first.len_utf8(),
    }
}

/// Whether a character may stand inside of a word.
pub fn is_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '$')
}

/// The length of a text such as `E'it\'s'`, in which a backslash keeps the next character from meaning anything.
fn escaped_length(text: &str) -> usize {
    let mut characters = text.char_indices().skip(2);
    while let Some((place, character)) = characters.next() {
        match character {
            '\\' => {
                characters.next();
            }
            '\'' => return place + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of a comment, which may have others inside of it.
fn comment_length(text: &str) -> usize {
    let (mut depth, mut place) = (0_usize, 0);
    while let Some(found) = text[place..].find(['/', '*']) {
        let border = &text[place + found..];
        let step = if border.starts_with("/*") {
            depth += 1;
            2
        } else if border.starts_with("*/") {
            depth -= 1;
            2
        } else {
            1
        };
        place += found + step;
        if depth == 0 {
            return place;
        }
    }
    text.len()
}

/// The opening of a dollar-quoted text, such as `$$` or `$body$`.
fn dollar_quote(text: &str) -> Option<&str> {
    let end = text[1..].find('$')? + 2;
    let tag = &text[1..end - 1];
    let is_tag = tag.chars().all(|character| character.is_alphanumeric() || character == '_')
        && !tag.starts_with(|first: char| first.is_ascii_digit());
    is_tag.then_some(&text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_quotes_are_tokens() {
        let cases = [
            ("--a\r;", vec!["--a\r", ";"]),
            ("/* /* */ ; */;", vec!["/* /* */ ; */", ";"]),
            (r"E'\';';", vec![r"E'\';'", ";"]),
            ("$b$;$$;$b$;", vec!["$b$;$$;$b$", ";"]),
            ("'a;' \"b;\"", vec!["'a;'", " ", "\"b;\""]),
            ("a$1;", vec!["a", "$", "1", ";"]),
        ];
        for (sql, expected) in cases {
            let found: Vec<_> = tokens(sql).map(|token| &sql[token.range]).collect();
            assert_eq!(found, expected, "{sql}");
        }
    }
}
