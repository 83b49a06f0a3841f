//! What the adapter needs to know of a text of SQL without understanding it.

use adapter_interface::{TokenKind, tokens};

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
    for token in tokens(sql) {
        match token.kind {
            TokenKind::Semicolon => is_inside = false,
            TokenKind::Part if !is_inside => {
                is_inside = true;
                count += 1;
                if count > enough {
                    break;
                }
            }
            TokenKind::Part | TokenKind::Blank => {}
        }
    }
    count
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
