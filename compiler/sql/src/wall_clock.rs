//! Calls that make a query give other rows when it runs again: the clock, chance, sequences.

use std::ops::Range;

use crate::SqlDialect;
use crate::lexeme::{Lexeme, LexemeKind, lexemes};

/// A call whose value changes from run to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnrepeatableCall {
    /// The function's name in lower case, such as `current_timestamp`.
    pub name: &'static str,
    /// What its value depends on.
    pub kind: UnrepeatableKind,
    /// Its place in the text in bytes, the parentheses included.
    pub span: Range<usize>,
}

/// What the value of a call depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnrepeatableKind {
    /// The wall clock of the warehouse.
    Time,
    /// Chance.
    Random,
    /// A counter that the call itself moves on.
    Sequence,
}

use UnrepeatableKind::{Random, Sequence, Time};

/// How a call is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// With parentheses, whatever stands inside.
    Call,
    /// With parentheses and nothing inside; with arguments, the function is another one.
    CallWithoutArguments,
    /// With parentheses and one argument, in these dialects.
    CallWithOneArgument(&'static [&'static str]),
    /// A keyword of every dialect, with or without parentheses.
    Keyword,
    /// A keyword of these dialects; with parentheses in every dialect.
    KeywordOf(&'static [&'static str]),
    /// After a dot: `orders_sequence.nextval`.
    Suffix(&'static [&'static str]),
}

const LOCAL_TIME: &[&str] =
    &["postgres", "redshift", "duckdb", "trino", "snowflake", "oracle", "mysql", "generic"];

/// Functions by name, from the manuals of the warehouses.
const CALLS: &[(&str, UnrepeatableKind, Form)] = &[
    ("age", Time, Form::CallWithOneArgument(&["postgres", "duckdb", "redshift"])),
    ("clock_timestamp", Time, Form::Call),
    ("curdate", Time, Form::Call),
    ("current_date", Time, Form::Keyword),
    ("current_datetime", Time, Form::KeywordOf(&["bigquery"])),
    ("current_time", Time, Form::Keyword),
    ("current_timestamp", Time, Form::Keyword),
    ("curtime", Time, Form::Call),
    ("get_current_time", Time, Form::Call),
    ("get_current_timestamp", Time, Form::Call),
    ("getdate", Time, Form::Call),
    ("getutcdate", Time, Form::Call),
    ("localtime", Time, Form::KeywordOf(LOCAL_TIME)),
    ("localtimestamp", Time, Form::KeywordOf(LOCAL_TIME)),
    ("now", Time, Form::Call),
    ("now64", Time, Form::Call),
    ("statement_timestamp", Time, Form::Call),
    ("sysdate", Time, Form::KeywordOf(&["oracle", "redshift"])),
    ("sysdatetime", Time, Form::Call),
    ("sysdatetimeoffset", Time, Form::Call),
    ("systimestamp", Time, Form::KeywordOf(&["oracle"])),
    ("sysutcdatetime", Time, Form::Call),
    ("timeofday", Time, Form::Call),
    ("today", Time, Form::CallWithoutArguments),
    ("transaction_timestamp", Time, Form::Call),
    ("unix_timestamp", Time, Form::CallWithoutArguments),
    ("utc_date", Time, Form::KeywordOf(&["mysql"])),
    ("utc_time", Time, Form::KeywordOf(&["mysql"])),
    ("utc_timestamp", Time, Form::KeywordOf(&["mysql"])),
    ("yesterday", Time, Form::CallWithoutArguments),
    ("gen_random_bytes", Random, Form::Call),
    ("gen_random_uuid", Random, Form::Call),
    ("generate_uuid", Random, Form::Call),
    ("generateuuidv4", Random, Form::Call),
    ("newid", Random, Form::Call),
    ("newsequentialid", Random, Form::Call),
    ("rand", Random, Form::Call),
    ("rand32", Random, Form::Call),
    ("rand64", Random, Form::Call),
    ("randn", Random, Form::Call),
    ("random", Random, Form::Call),
    ("sys_guid", Random, Form::Call),
    ("uuid", Random, Form::CallWithoutArguments),
    ("uuid_generate_v1", Random, Form::Call),
    ("uuid_generate_v4", Random, Form::Call),
    ("uuid_string", Random, Form::CallWithoutArguments),
    ("uuidv4", Random, Form::Call),
    ("uuidv7", Random, Form::Call),
    ("currval", Sequence, Form::Call),
    ("lastval", Sequence, Form::Call),
    ("nextval", Sequence, Form::Call),
    ("nextval", Sequence, Form::Suffix(&["snowflake", "oracle", "generic"])),
    ("txid_current", Sequence, Form::Call),
];

/// The calls of a text of SQL whose values change from run to run, in the order of the text.
///
/// Texts, comments, quoted names, columns after a dot, aliases, and the names of CTEs and of created things are
/// not calls. `next value for` is named `next value`.
pub fn unrepeatable_calls(sql: &str, dialect: SqlDialect) -> Vec<UnrepeatableCall> {
    let all: Vec<Lexeme> = lexemes(sql, dialect.lexical()).filter(Lexeme::is_significant).collect();
    let words = all.iter().enumerate().filter(|(_, lexeme)| lexeme.kind == LexemeKind::Word);
    words.filter_map(|(place, _)| call_at(&all, place, dialect)).collect()
}

/// Whether the word is a call even without parentheses, so that it is no column.
pub(crate) fn is_keyword_call(word: &str, dialect: SqlDialect) -> bool {
    CALLS.iter().any(|(name, _, form)| {
        name.eq_ignore_ascii_case(word)
            && match form {
                Form::Keyword => true,
                Form::KeywordOf(dialects) => dialects.contains(&dialect.name()),
                _ => false,
            }
    })
}

fn call_at(all: &[Lexeme], place: usize, dialect: SqlDialect) -> Option<UnrepeatableCall> {
    let word = &all[place];
    let is_next =
        |offset: usize, text: &str| all.get(place + offset).is_some_and(|it| it.is_word(text));
    if word.is_word("next") && is_next(1, "value") && is_next(2, "for") {
        let span = word.start..all[place + 2].end();
        return Some(UnrepeatableCall { name: "next value", kind: Sequence, span });
    }
    let mut rows =
        CALLS.iter().filter(|(name, ..)| name.eq_ignore_ascii_case(word.text)).peekable();
    rows.peek()?;
    let previous = place.checked_sub(1).and_then(|before| all.get(before));
    let is_after_dot = previous.is_some_and(|it| it.is_symbol(".")) && !is_in_catalog(all, place);
    let arguments = all
        .get(place + 1)
        .filter(|next| next.is_symbol("("))
        .map(|_| Arguments::read(all, place + 1));
    let is_named = previous.is_some_and(is_word_before_a_name)
        || all.get(place + 1).is_some_and(|next| next.is_symbol("."))
        || arguments.as_ref().is_some_and(|it| is_cte_name(all, previous, it));
    rows.find_map(|&(name, kind, form)| {
        let is_call = match (form, &arguments) {
            (Form::Suffix(dialects), None) => {
                is_after_dot && !is_named && dialects.contains(&dialect.name())
            }
            (Form::Suffix(_), Some(_)) => false,
            _ if is_after_dot || is_named => false,
            (Form::Call | Form::Keyword | Form::KeywordOf(_), Some(_)) | (Form::Keyword, None) => {
                true
            }
            (Form::CallWithoutArguments, Some(arguments)) => arguments.count == 0,
            (Form::CallWithOneArgument(dialects), Some(arguments)) => {
                arguments.count == 1 && dialects.contains(&dialect.name())
            }
            (Form::KeywordOf(dialects), None) => dialects.contains(&dialect.name()),
            (_, None) => false,
        };
        let end = arguments.as_ref().map_or(word.end(), |it| it.end);
        is_call.then_some(UnrepeatableCall { name, kind, span: word.start..end })
    })
}

/// The parentheses after a name.
struct Arguments {
    count: usize,
    /// The place of the lexeme after them.
    next: usize,
    /// The byte after them.
    end: usize,
}

impl Arguments {
    /// Reads on from the opening parenthesis at `open`.
    fn read(all: &[Lexeme], open: usize) -> Self {
        let (mut depth, mut commas, mut place) = (0_usize, 0, open);
        for lexeme in &all[open..] {
            match lexeme.text {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth = depth.saturating_sub(1),
                "," if depth == 1 => commas += 1,
                _ => {}
            }
            place += 1;
            if depth == 0 {
                break;
            }
        }
        let count = if place <= open + 2 { 0 } else { commas + 1 };
        Self { count, next: place, end: all[place - 1].end() }
    }
}

/// Words that a name follows which is no call.
fn is_word_before_a_name(lexeme: &Lexeme) -> bool {
    ["as", "function", "macro", "procedure", "table", "view", "into", "index", "column", "exists"]
        .iter()
        .any(|word| lexeme.is_word(word))
}

/// Whether the name stands in a schema of built-in functions: `pg_catalog.now()`.
fn is_in_catalog(all: &[Lexeme], place: usize) -> bool {
    place >= 2 && all[place - 2].is_word("pg_catalog")
}

/// `with random(x) as (…)`, `, random(x) as materialized (…)`.
fn is_cte_name(all: &[Lexeme], previous: Option<&Lexeme>, arguments: &Arguments) -> bool {
    let begins = previous
        .is_some_and(|it| it.is_word("with") || it.is_word("recursive") || it.is_symbol(","));
    let is_body = |lexeme: &Lexeme| {
        lexeme.is_symbol("(") || lexeme.is_word("materialized") || lexeme.is_word("not")
    };
    begins
        && all.get(arguments.next).is_some_and(|it| it.is_word("as"))
        && all.get(arguments.next + 1).is_some_and(is_body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(adapter: &str, sql: &str) -> Vec<String> {
        unrepeatable_calls(sql, SqlDialect::of_adapter(adapter))
            .into_iter()
            .map(|call| format!("{:?} {}", call.kind, &sql[call.span]))
            .collect()
    }

    #[test]
    fn calls_are_found_by_dialect() {
        let cases: &[(&str, &str, &[&str])] = &[
            ("duckdb", "select now(), today()", &["Time now()", "Time today()"]),
            ("duckdb", "select größe, CURRENT_DATE", &["Time CURRENT_DATE"]),
            ("duckdb", "select age(d), age(a, b)", &["Time age(d)"]),
            (
                "postgres",
                "select localtime, uuid(x), gen_random_uuid()",
                &["Time localtime", "Random gen_random_uuid()"],
            ),
            (
                "postgres",
                "select pg_catalog.now(), nextval('s')",
                &["Time now()", "Sequence nextval('s')"],
            ),
            (
                "bigquery",
                "select current_timestamp(), localtime, rand()",
                &["Time current_timestamp()", "Random rand()"],
            ),
            (
                "bigquery",
                "select current_datetime('UTC'), generate_uuid()",
                &["Time current_datetime('UTC')", "Random generate_uuid()"],
            ),
            (
                "trino",
                "select current_timestamp(3) at time zone 'UTC', uuid()",
                &["Time current_timestamp(3)", "Random uuid()"],
            ),
            ("redshift", "select sysdate, getdate()", &["Time sysdate", "Time getdate()"]),
            ("snowflake", "select s.nextval", &["Sequence nextval"]),
            (
                "mssql",
                "select newid(), next value for s",
                &["Random newid()", "Sequence next value for"],
            ),
            (
                "unheard_of",
                "select broken( from statement_timestamp()",
                &["Time statement_timestamp()"],
            ),
        ];
        for (adapter, sql, expected) in cases {
            assert_eq!(found(adapter, sql), *expected, "{adapter}: {sql}");
        }
    }

    #[test]
    fn names_texts_and_comments_are_no_calls() {
        let cases = [
            ("duckdb", "select 'now()', \"current_date\", t.current_time -- now()"),
            ("postgres", "/* random() */ select now, today, sysdate from random"),
            ("duckdb", "with now as (select 1), random(x) as (select 2) select * from now, random"),
            ("postgres", "with recursive random(x) as materialized (select 1) select x as now"),
            ("bigquery", "select `now`, # now()\n 'it\\'s now()', x as localtime"),
            ("trino", "select random.x, my_schema.now() from t"),
            ("postgres", "select $$now()$$"),
        ];
        for (adapter, sql) in cases {
            assert_eq!(found(adapter, sql), [""; 0], "{adapter}: {sql}");
        }
    }
}
