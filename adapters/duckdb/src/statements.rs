//! What the adapter needs to know of a text of SQL without understanding it.

use std::borrow::Cow;
use std::ops::Range;

use adapter_interface::{Token, TokenKind, is_word, tokens};

/// What a statement does to the transaction of its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TransactionEffect {
    /// It opens one.
    Opens,
    /// It ends one, which is kept.
    Keeps,
    /// It ends one, which is undone.
    Undoes,
}

/// Statements of a text that follow each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    range: Range<usize>,
    /// What it does to the transaction: then it is a single statement.
    pub effect: Option<TransactionEffect>,
}

impl Piece {
    /// The piece with all around it made blank: places in errors are those of the whole text.
    pub(crate) fn in_place<'a>(&self, sql: &'a str) -> Cow<'a, str> {
        let before = &sql.as_bytes()[..self.range.start];
        if before.is_empty() && self.range.end == sql.len() {
            return Cow::Borrowed(sql);
        }
        let blank = before.iter().map(|byte| if *byte == b'\n' { '\n' } else { ' ' });
        Cow::Owned(blank.collect::<String>() + &sql[self.range.clone()])
    }
}

/// The text in pieces: each statement that opens or ends a transaction alone, and those between together. A text that
/// has none of the former is one piece, as it is; one of nothing but space, comments and semicolons has no piece.
pub(crate) fn pieces(sql: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for range in statements(sql) {
        let effect = transaction_effect(&sql[range.clone()]);
        match pieces.last_mut() {
            Some(last) if effect.is_none() && last.effect.is_none() => last.range.end = range.end,
            _ => pieces.push(Piece { range, effect }),
        }
    }
    if let [Piece { range, effect: None }] = pieces.as_mut_slice() {
        *range = 0..sql.len();
    }
    pieces
}

/// A query without the semicolons after it, fit to stand inside another one.
pub(crate) fn without_terminator(sql: &str) -> &str {
    sql.trim_end().trim_end_matches([';', ' ', '\n', '\r', '\t'])
}

fn transaction_effect(statement: &str) -> Option<TransactionEffect> {
    let word: String = statement.chars().take_while(|one| is_word(*one)).collect();
    match word.to_ascii_lowercase().as_str() {
        "begin" | "start" => Some(TransactionEffect::Opens),
        "commit" | "end" => Some(TransactionEffect::Keeps),
        "rollback" | "abort" => Some(TransactionEffect::Undoes),
        _ => None,
    }
}

/// Where the statements stand, from their first word to the semicolon outside of quotes and comments.
fn statements(sql: &str) -> Vec<Range<usize>> {
    let (mut found, mut start) = (Vec::new(), None);
    for Token { range, kind } in tokens(sql) {
        match kind {
            TokenKind::Semicolon => found.extend(start.take().map(|start| start..range.start)),
            TokenKind::Part if start.is_none() => start = Some(range.start),
            TokenKind::Part | TokenKind::Blank => {}
        }
    }
    found.extend(start.map(|start| start..sql.len()));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    use TransactionEffect::{Keeps, Opens, Undoes};

    /// The text of a piece and what it does.
    type Expected = (&'static str, Option<TransactionEffect>);

    #[test]
    fn statements_of_transactions_stand_alone() {
        let cases: [(&str, &[Expected]); 13] = [
            (" -- nothing\n/* at /* all */ */ ;", &[]),
            ("-- all\nselect 1; select 2;", &[("-- all\nselect 1; select 2;", None)]),
            ("BEGIN;", &[("BEGIN", Some(Opens))]),
            ("/* hook */ commit; -- done", &[("           commit", Some(Keeps))]),
            (
                "begin; insert into t\nvalues (1);\nselect 1; end transaction",
                &[
                    ("begin", Some(Opens)),
                    ("       insert into t\nvalues (1);\nselect 1", None),
                    ("                    \n           \n          end transaction", Some(Keeps)),
                ],
            ),
            ("select 'a; commit'", &[("select 'a; commit'", None)]),
            ("select case when 1 then 2 end", &[("select case when 1 then 2 end", None)]),
            ("from beginning", &[("from beginning", None)]),
            (
                "select $b$;$$;$b$; rollback",
                &[("select $b$;$$;$b$", None), ("                   rollback", Some(Undoes))],
            ),
            (r"select E'\'; commit'", &[(r"select E'\'; commit'", None)]),
            (
                r"select 'é\'; abort",
                &[(r"select 'é\'", None), ("              abort", Some(Undoes))],
            ),
            ("select 1 /* /* */ ; commit */", &[("select 1 /* /* */ ; commit */", None)]),
            (
                "select a$b$c; start transaction",
                &[("select a$b$c", None), ("              start transaction", Some(Opens))],
            ),
        ];
        for (sql, expected) in cases {
            let found = pieces(sql);
            let found: Vec<_> =
                found.iter().map(|piece| (piece.in_place(sql), piece.effect)).collect();
            let found: Vec<_> = found.iter().map(|(text, effect)| (&**text, *effect)).collect();
            assert_eq!(found, expected, "{sql}");
        }
    }
}
