//! Where the comments of a text stand.

use std::ops::Range;

use crate::SqlDialect;
use crate::lexeme::{LexemeKind, lexemes};

/// The comments of a text of SQL, their signs included, in bytes.
pub fn comments(sql: &str, dialect: SqlDialect) -> Vec<Range<usize>> {
    lexemes(sql, dialect.lexical())
        .filter(|lexeme| lexeme.kind == LexemeKind::Comment)
        .map(|lexeme| lexeme.start..lexeme.end())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_in_texts_are_no_comments() {
        let sql = "select '--' -- a\n, /* b */ \"/*\"";
        let found = comments(sql, SqlDialect::of_adapter("duckdb"));
        let texts: Vec<_> = found.into_iter().map(|range| sql[range].trim_end()).collect();
        assert_eq!(texts, ["-- a", "/* b */"]);
    }
}
