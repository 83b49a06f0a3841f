//! What the adapter needs to know of a text of SQL without understanding it.

/// Whether nothing but space, comments and semicolons stands in the text.
pub(crate) fn is_empty(sql: &str) -> bool {
    count(sql, 0) == 0
}

/// Whether the text is one statement.
pub(crate) fn is_single(sql: &str) -> bool {
    count(sql, 1) == 1
}

/// The number of statements: what stands between semicolons outside of quotes and comments. Beyond `enough` it is not
/// counted on.
fn count(sql: &str, enough: usize) -> usize {
    let (mut count, mut is_inside) = (0, false);
    let mut rest = sql;
    let mut previous = ' ';
    while let Some(first) = rest.chars().next() {
        let length = token_length(rest, first, previous);
        let is_comment = rest.starts_with("--") || rest.starts_with("/*");
        if first == ';' {
            is_inside = false;
        } else if !is_comment && !first.is_whitespace() && !is_inside {
            is_inside = true;
            count += 1;
            if count > enough {
                break;
            }
        }
        previous = rest[..length].chars().next_back().unwrap_or(' ');
        rest = &rest[length..];
    }
    count
}

/// The length of the comment, quoted text, word or single character at the start of a text that is not empty.
fn token_length(text: &str, first: char, previous: char) -> usize {
    let until = |closing: &str, from: usize| {
        text[from..].find(closing).map_or(text.len(), |place| from + place + closing.len())
    };
    match first {
        'e' | 'E' if text[1..].starts_with('\'') && !is_word(previous) => escaped_length(text),
        '\'' | '"' => until(&first.to_string(), 1),
        '-' if text.starts_with("--") => until("\n", 2),
        '/' if text.starts_with("/*") => comment_length(text),
        '$' if !is_word(previous) => dollar_quote(text).map_or(1, |tag| until(tag, tag.len())),
        _ => first.len_utf8(),
    }
}

fn is_word(character: char) -> bool {
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
    while place < text.len() {
        let rest = &text[place..];
        let step = if rest.starts_with("/*") {
            depth += 1;
            2
        } else if rest.starts_with("*/") {
            depth -= 1;
            2
        } else {
            // A border may begin at the next character, but not at this one.
            let bytes = rest.bytes().skip(1);
            1 + bytes.take_while(|byte| !matches!(byte, b'/' | b'*')).count()
        };
        place += step;
        if depth == 0 {
            break;
        }
    }
    place
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
    fn statements_end_at_semicolons_outside_of_quotes() {
        let cases = [
            (" -- nothing\n/* at /* all */ */ ;", 0),
            ("select 1", 1),
            ("select 'a; commit';;", 1),
            (r"select E'it\'s; so'; select 2", 2),
            (r"select 'a\'; select 2", 2),
            ("select $$;$$, $b$;$$;$b$", 1),
            ("select \"a;b\" -- ; c", 1),
            ("prepare x as select $1; execute x", 2),
        ];
        for (sql, expected) in cases {
            assert_eq!(count(sql, usize::MAX), expected, "{sql}");
        }
    }
}
