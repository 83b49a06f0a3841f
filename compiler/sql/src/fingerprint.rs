//! Whether two texts of SQL mean the same, as far as their words tell.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};
use sqlparser::keywords::ALL_KEYWORDS;

use crate::SqlDialect;
use crate::lexeme::{Lexeme, LexemeKind, lexemes};

/// A hash of the words of a text of SQL: 64 hexadecimal digits, the same on every machine and in every run.
///
/// Space, line ends, comments, the case of keywords, `!=` for `<>` and semicolons at the end do not change it.
/// Texts, numbers and quoted names do. Unquoted names count as lower case where the warehouse folds them;
/// in dialects that tell `Orders` from `orders` (`BigQuery`, `ClickHouse`) their case changes it.
pub fn semantic_fingerprint(sql: &str, dialect: SqlDialect) -> String {
    let mut significant: Vec<Lexeme> =
        lexemes(sql, dialect.lexical()).filter(Lexeme::is_significant).collect();
    while significant.last().is_some_and(|last| last.is_symbol(";")) {
        significant.pop();
    }
    let mut hash = Sha256::new();
    for lexeme in significant {
        match lexeme.kind {
            LexemeKind::Symbol if lexeme.text == "!=" => hash.update("<>"),
            LexemeKind::Word if dialect.names().folds_case || is_keyword(lexeme.text) => {
                hash.update(lexeme.text.to_lowercase());
            }
            LexemeKind::Number => hash.update(lexeme.text.to_lowercase()),
            _ => hash.update(lexeme.text),
        }
        // No lexeme holds this byte at its end, so that `a b` and `ab` differ.
        hash.update([0]);
    }
    hash.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn is_keyword(word: &str) -> bool {
    let upper = word.to_ascii_uppercase();
    ALL_KEYWORDS.binary_search(&upper.as_str()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn are_the_same(adapter: &str, left: &str, right: &str) -> bool {
        let dialect = SqlDialect::of_adapter(adapter);
        semantic_fingerprint(left, dialect) == semantic_fingerprint(right, dialect)
    }

    #[test]
    fn looks_do_not_change_it() {
        let cases = [
            ("duckdb", "select A,b from T -- x", "SELECT a, B\nFROM t;"),
            ("postgres", "select a>=1", "select /* c */ a >= 1"),
            ("bigquery", "select a from Orders", "SELECT a FROM Orders # c"),
            ("duckdb", "where a != 1", "where a<>1"),
            ("duckdb", "x = -1", "x=-1"),
            ("trino", "select (broken from", "SELECT(broken FROM"),
        ];
        for (adapter, left, right) in cases {
            assert!(are_the_same(adapter, left, right), "{left} | {right}");
        }
    }

    #[test]
    fn meaning_changes_it() {
        let cases = [
            ("duckdb", "select 'a'", "select 'A'"),
            ("postgres", "select \"a\"", "select \"A\""),
            ("postgres", "select \"a b\"", "select a b"),
            ("bigquery", "select a from Orders", "select a from orders"),
            ("duckdb", "select a b", "select ab"),
            ("duckdb", "select a, b", "select b, a"),
            ("postgres", "select '  '", "select ' '"),
        ];
        for (adapter, left, right) in cases {
            assert!(!are_the_same(adapter, left, right), "{left} | {right}");
        }
    }

    #[test]
    fn it_stays_what_it_is() {
        insta::assert_snapshot!(
            semantic_fingerprint("select 1", SqlDialect::of_adapter("duckdb")),
            @"b6b967ac0438a0914966fcfeb0fe964da916321f5311a46c965779eca2f196b4"
        );
    }
}
