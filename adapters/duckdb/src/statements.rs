//! What the adapter needs to know of a text of SQL without understanding it.

/// What a text of SQL leaves behind for the transaction of its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TransactionEffect {
    /// It opens one.
    Opens,
    /// It ends one.
    Ends,
}

/// Whether the text ends with a statement that opens or ends a transaction.
///
/// Hooks outside of the transaction begin with a plain `commit;`, as dbt's macro `run_hooks` writes it.
pub(crate) fn transaction_effect(sql: &str) -> Option<TransactionEffect> {
    let last = statements(sql).last()?;
    let first_word = last.split_whitespace().next()?.to_ascii_lowercase();
    match first_word.as_str() {
        "begin" => Some(TransactionEffect::Opens),
        "start" if last.to_ascii_lowercase().contains("transaction") => {
            Some(TransactionEffect::Opens)
        }
        "commit" | "end" | "rollback" | "abort" => Some(TransactionEffect::Ends),
        _ => None,
    }
}

/// Whether nothing but space, comments and semicolons stands in the text.
pub(crate) fn is_empty(sql: &str) -> bool {
    statements(sql).next().is_none()
}

/// A query without the semicolons after it, fit to stand inside another one.
pub(crate) fn without_terminator(sql: &str) -> &str {
    sql.trim_end().trim_end_matches([';', ' ', '\n', '\r', '\t'])
}

/// The statements of the text, without comments, split at semicolons outside of quotes.
fn statements(sql: &str) -> impl Iterator<Item = String> {
    let mut parts = vec![String::new()];
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let length = token_length(rest, first);
        let (token, after) = rest.split_at(length);
        match (token, parts.last_mut()) {
            (";", _) => parts.push(String::new()),
            (token, Some(part)) if token.starts_with("--") || token.starts_with("/*") => {
                part.push(' ');
            }
            (token, Some(part)) => part.push_str(token),
            (_, None) => {}
        }
        rest = after;
    }
    parts.into_iter().filter(|part| !part.trim().is_empty())
}

/// The length of the comment, quoted text or single character at the start of a text that is not empty.
fn token_length(text: &str, first: char) -> usize {
    let until = |closing: &str, from: usize| {
        text[from..].find(closing).map_or(text.len(), |place| from + place + closing.len())
    };
    match first {
        '\'' | '"' => until(&first.to_string(), 1),
        '-' if text.starts_with("--") => until("\n", 2),
        '/' if text.starts_with("/*") => until("*/", 2),
        '$' => dollar_quote(text).map_or(1, |tag| until(tag, tag.len())),
        _ => first.len_utf8(),
    }
}

/// The opening of a dollar-quoted text, such as `$$` or `$body$`.
fn dollar_quote(text: &str) -> Option<&str> {
    let end = text[1..].find('$')? + 2;
    let tag = &text[1..end - 1];
    tag.chars()
        .all(|character| character.is_alphanumeric() || character == '_')
        .then_some(&text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_statement_decides_about_the_transaction() {
        let cases = [
            ("BEGIN;", Some(TransactionEffect::Opens)),
            ("start transaction", Some(TransactionEffect::Opens)),
            ("/* hook */ commit; -- done", Some(TransactionEffect::Ends)),
            ("select 'a; commit'", None),
            ("select $$;$$; rollback", Some(TransactionEffect::Ends)),
            ("begin; insert into t values (1)", None),
        ];
        for (sql, effect) in cases {
            assert_eq!(transaction_effect(sql), effect, "{sql}");
        }
    }

    #[test]
    fn comments_alone_are_nothing() {
        assert!(is_empty(" -- nothing\n/* at all */ ;"));
        assert!(!is_empty("select 1"));
    }
}
