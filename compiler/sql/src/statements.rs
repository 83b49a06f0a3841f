//! A text of SQL split into its statements.

use crate::SqlDialect;
use crate::lexeme::lexemes;

/// One statement of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatementText<'t> {
    /// The statement from its first to its last word, without the semicolon and the comments around it.
    pub text: &'t str,
    /// The place of its first byte in the whole text.
    pub start: usize,
}

/// The statements of a text, split at semicolons outside of quotes, dollar quotes and comments.
///
/// What holds nothing but space and comments is no statement. Blocks (`BEGIN … END` of procedural SQL) are not
/// known; they are split inside.
pub fn statements(sql: &str, dialect: SqlDialect) -> Vec<StatementText<'_>> {
    let mut found = Vec::new();
    let mut current: Option<(usize, usize)> = None;
    for lexeme in lexemes(sql, dialect.lexical()).filter(crate::lexeme::Lexeme::is_significant) {
        if lexeme.is_symbol(";") {
            found.extend(current.take());
        } else {
            let start = current.map_or(lexeme.start, |(start, _)| start);
            current = Some((start, lexeme.end()));
        }
    }
    found.extend(current);
    found.into_iter().map(|(start, end)| StatementText { text: &sql[start..end], start }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn semicolons_in_quotes_and_comments_split_nothing() {
        let cases: &[(&str, &str, &[&str])] = &[
            ("duckdb", "select 1; select 2", &["select 1", "select 2"]),
            ("duckdb", ";; -- a;\n select ';' /* ; */;", &["select ';'"]),
            ("postgres", "do $$ a; b $$; select \"x;y\"", &["do $$ a; b $$", "select \"x;y\""]),
            (
                "bigquery",
                "select 'a\\';b' # ;\n; select `c;d`",
                &["select 'a\\';b'", "select `c;d`"],
            ),
            ("trino", "-- nothing", &[]),
            ("trino", "select 'open; text", &["select 'open; text"]),
        ];
        for (adapter, sql, expected) in cases {
            let found = statements(sql, SqlDialect::of_adapter(adapter));
            let texts: Vec<_> = found.iter().map(|statement| statement.text).collect();
            assert_eq!(texts, *expected, "{adapter}: {sql}");
            assert!(found.iter().all(|it| sql[it.start..].starts_with(it.text)));
        }
    }
}
