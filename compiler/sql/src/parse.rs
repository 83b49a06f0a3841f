//! From text to the parser's tree, within limits.

use sqlparser::ast::{Query, Statement};
use sqlparser::parser::Parser;

use crate::SqlDialect;
use crate::lexeme::{LexemeKind, lexemes};

/// How deep parentheses may nest.
const RECURSION_LIMIT: usize = 100;
/// How many operators a text may hold: a chain of them is as deep a tree, and trees are dropped recursively.
const OPERATOR_LIMIT: usize = 4_000;

/// The query of a text of SQL; of several statements, the last that holds one.
///
/// `create table … as`, `create view … as` and `insert into … select` hold one. `None` when the parser does not
/// understand the text or the text is beyond the limits.
pub(crate) fn parse_query(sql: &str, dialect: SqlDialect) -> Option<Box<Query>> {
    if operator_count(sql, dialect) > OPERATOR_LIMIT {
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

/// The number of operators between expressions or queries.
fn operator_count(sql: &str, dialect: SqlDialect) -> usize {
    // Each operator takes two bytes at least; shorter texts cannot hold too many.
    if sql.len() < 2 * OPERATOR_LIMIT {
        return 0;
    }
    lexemes(sql, dialect.lexical())
        .filter(|lexeme| match lexeme.kind {
            LexemeKind::Symbol => !matches!(lexeme.text, "," | "(" | ")" | "." | ";"),
            LexemeKind::Word => ["and", "or", "union", "except", "intersect", "minus", "not", "is"]
                .iter()
                .any(|word| lexeme.text.eq_ignore_ascii_case(word)),
            _ => false,
        })
        .count()
}
