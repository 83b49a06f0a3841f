//! What the adapter needs to know of a text of SQL without understanding it.

/// Whether the text does nothing but begin or end a transaction, or nothing at all.
///
/// Hooks outside of a transaction begin with a plain `commit;`, which BigQuery knows in scripts alone: between
/// statements there is no transaction that it could end.
pub(crate) fn is_for_transactions_alone(sql: &str) -> bool {
    let text = without_comments(sql);
    let words: Vec<&str> = text
        .split(|character: char| character.is_whitespace() || character == ';')
        .filter(|word| !word.is_empty())
        .collect();
    match words.as_slice() {
        [] => true,
        [only] => {
            ["begin", "commit", "rollback"].iter().any(|word| only.eq_ignore_ascii_case(word))
        }
        _ => false,
    }
}

/// The text without the comments at its start and without those between slashes.
fn without_comments(sql: &str) -> String {
    let mut text = String::new();
    let mut rest = sql;
    while let Some(start) = rest.find("/*") {
        text.push_str(&rest[..start]);
        text.push(' ');
        rest = rest[start..].find("*/").map_or("", |end| &rest[start + end + 2..]);
    }
    text.push_str(rest);
    let lines = text.lines().filter(|line| {
        let line = line.trim_start();
        !line.starts_with("--") && !line.starts_with('#')
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lone_words_of_transactions_do_nothing() {
        for (sql, is_nothing) in [
            ("/* {\"app\": \"dbt\"} */\ncommit;", true),
            ("-- nothing\n", true),
            ("begin transaction; select 1; commit transaction", false),
            ("select 1", false),
        ] {
            assert_eq!(is_for_transactions_alone(sql), is_nothing, "{sql}");
        }
    }
}
