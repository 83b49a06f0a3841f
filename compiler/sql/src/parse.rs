//! From text to the parser's tree, within limits.

use sqlparser::ast::{Query, Statement};
use sqlparser::parser::Parser;

use crate::SqlDialect;
use crate::lexeme::{LexemeKind, lexemes};

/// How deep parentheses may nest.
const RECURSION_LIMIT: usize = 100;
/// How long a chain of operators or unions may be: it is as deep a tree, and trees are dropped recursively.
const CHAIN_LIMIT: usize = 4_000;

/// The query of a text of SQL; of several statements, the last that holds one.
///
/// `create table … as`, `create view … as` and `insert into … select` hold one. `None` when the parser does not
/// understand the text or the text is beyond the limits.
pub(crate) fn parse_query(sql: &str, dialect: SqlDialect) -> Option<Box<Query>> {
    if longest_chain(sql, dialect) > CHAIN_LIMIT {
        return None;
    }
    let statements = Parser::new(dialect.parser())
        .with_recursion_limit(RECURSION_LIMIT)
        .try_with_sql(sql)
        .ok()?
        .parse_statements()
        .ok()?;
    statements.into_iter().rev().find_map(query_of)
}

fn query_of(statement: Statement) -> Option<Box<Query>> {
    match statement {
        Statement::Query(query) => Some(query),
        Statement::CreateTable(table) => table.query,
        Statement::CreateView(view) => Some(view.query),
        Statement::Insert(insert) => insert.source,
        _ => None,
    }
}

/// The operators and set operations that follow each other without a comma or at another depth of parentheses.
#[derive(Debug, Clone, Copy, Default)]
struct Chain {
    operators: usize,
    set_operations: usize,
}

/// No less than the length of the longest chain of a text.
fn longest_chain(sql: &str, dialect: SqlDialect) -> usize {
    // Each operator takes two bytes at least; shorter texts cannot hold too many.
    if sql.len() < 2 * CHAIN_LIMIT {
        return 0;
    }
    let mut around = Vec::new();
    let mut chain = Chain::default();
    let mut longest = 0;
    for lexeme in lexemes(sql, dialect.lexical()) {
        match (lexeme.kind, lexeme.text) {
            (LexemeKind::Symbol, "(" | "[" | "{") => around.push(std::mem::take(&mut chain)),
            (LexemeKind::Symbol, ")" | "]" | "}") => chain = around.pop().unwrap_or_default(),
            (LexemeKind::Symbol, ",") => chain.operators = 0,
            (LexemeKind::Symbol, ";") => chain = Chain::default(),
            (LexemeKind::Symbol, ".") => {}
            (LexemeKind::Symbol, _) => chain.operators += 1,
            (LexemeKind::Word, word) if is_one_of(word, SET_OPERATIONS) => {
                chain = Chain { operators: 0, set_operations: chain.set_operations + 1 };
            }
            (LexemeKind::Word, word) if is_one_of(word, OPERATOR_WORDS) => chain.operators += 1,
            _ => {}
        }
        longest = longest.max(chain.operators).max(chain.set_operations);
    }
    longest
}

const SET_OPERATIONS: &[&str] = &["union", "except", "intersect", "minus"];

const OPERATOR_WORDS: &[&str] = &[
    "and", "at", "between", "collate", "div", "glob", "ilike", "in", "is", "isnull", "like", "mod",
    "not", "notnull", "or", "overlaps", "regexp", "rlike", "similar", "xor",
];

fn is_one_of(word: &str, words: &[&str]) -> bool {
    words.iter().any(|it| it.eq_ignore_ascii_case(word))
}
