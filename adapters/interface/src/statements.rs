//! A text of SQL split into its statements, for engines that take one at a time and without its semicolon.

/// One statement of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement<'a> {
    /// The statement with the comments around it: lists of queries show them.
    pub text: &'a str,
    /// The byte of the whole text at which it begins.
    pub start: usize,
}

/// The statements of a text. What holds nothing but space and comments is none. The body of a function
/// (`begin … end`) is not split. Mirrors Trino's grammar, with the backquoted names of Hive.
pub fn split_statements(sql: &str) -> Vec<Statement<'_>> {
    let mut found = Vec::new();
    let mut words = Words::default();
    let (mut start, mut place, mut is_statement) = (0, 0, false);
    while place < sql.len() {
        let token = token(&sql[place..]);
        let text = &sql[place..place + token.length];
        if token.is_word {
            words.add(text);
        }
        if text == ";" && words.depth == 0 {
            found.extend(is_statement.then(|| trimmed(sql, start, place)));
            words = Words::default();
            (start, is_statement) = (place + 1, false);
        } else if !token.is_blank {
            is_statement = true;
        }
        place += token.length;
    }
    found.extend(is_statement.then(|| trimmed(sql, start, sql.len())));
    found
}

fn trimmed(sql: &str, start: usize, end: usize) -> Statement<'_> {
    let text = sql[start..end].trim_end();
    let trimmed = text.trim_start();
    Statement { text: trimmed, start: start + (text.len() - trimmed.len()) }
}

/// A piece of SQL.
struct Token {
    length: usize,
    is_blank: bool,
    is_word: bool,
}

fn token(text: &str) -> Token {
    let blank = |length| Token { length, is_blank: true, is_word: false };
    let other = |length| Token { length, is_blank: false, is_word: false };
    let until = |closing: &str, from: usize| {
        text[from..].find(closing).map_or(text.len(), |place| from + place + closing.len())
    };
    let Some(first) = text.chars().next() else { return blank(0) };
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    match first {
        '\'' => other(until("'", 1)),
        '"' => other(until("\"", 1)),
        '`' => other(until("`", 1)),
        '-' if text.starts_with("--") => blank(until("\n", 2)),
        '/' if text.starts_with("/*") => blank(until("*/", 2)),
        _ if first.is_whitespace() => blank(first.len_utf8()),
        _ if is_part(first) => {
            let length = text.find(|character| !is_part(character)).unwrap_or(text.len());
            Token { length, is_blank: false, is_word: true }
        }
        _ => other(first.len_utf8()),
    }
}

/// How deep inside of a function's body the words are.
#[derive(Default)]
struct Words {
    count: usize,
    is_function: bool,
    begins: bool,
    follows_end: bool,
    depth: usize,
}

impl Words {
    fn add(&mut self, word: &str) {
        let is = |other: &str| word.eq_ignore_ascii_case(other);
        self.count += 1;
        // `create [or replace] function` and `with function`.
        match self.count {
            1 => self.begins = is("create") || is("with"),
            2..=4 if self.begins && is("function") => self.is_function = true,
            _ => {}
        }
        if !self.is_function {
            return;
        }
        let closes_block = is("if") || is("loop") || is("while") || is("repeat");
        if std::mem::take(&mut self.follows_end) {
            // `end if` and its like end what was not counted; `end case` ends what was.
            if closes_block {
                self.depth += 1;
                return;
            }
            if is("case") {
                return;
            }
        }
        if is("begin") || (is("case") && self.depth > 0) {
            self.depth += 1;
        } else if is("end") && self.depth > 0 {
            self.depth -= 1;
            self.follows_end = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_end_at_semicolons_outside_of_quotes() {
        let cases: [(&str, &[&str]); 10] = [
            (" -- nothing;\n/* at all; */ ;", &[]),
            ("select 1;", &["select 1"]),
            ("select 'a; it''s';;", &["select 'a; it''s'"]),
            ("select \"a;b\" -- ; c\n; select 2", &["select \"a;b\" -- ; c", "select 2"]),
            (
                "-- first\ndelete from t; insert into t values 1",
                &["-- first\ndelete from t", "insert into t values 1"],
            ),
            ("select 'größe;' ; select 2", &["select 'größe;'", "select 2"]),
            ("drop table `a;b`; select 1", &["drop table `a;b`", "select 1"]),
            ("begin; end; case", &["begin", "end", "case"]),
            (
                "create or replace function f(x int) returns int begin if x > 1 then return case x when 2 then 3 end; \
                 end if; case x when 1 then return 1; end case; return 2; end; select f(1)",
                &[
                    "create or replace function f(x int) returns int begin if x > 1 then return case x when 2 then 3 end; \
                     end if; case x when 1 then return 1; end case; return 2; end",
                    "select f(1)",
                ],
            ),
            (
                "create function f() returns int return 1; select f()",
                &["create function f() returns int return 1", "select f()"],
            ),
        ];
        for (sql, expected) in cases {
            let found = split_statements(sql);
            let texts: Vec<_> = found.iter().map(|statement| statement.text).collect();
            assert_eq!(texts, expected, "{sql}");
            assert!(
                found.iter().all(|statement| sql[statement.start..].starts_with(statement.text))
            );
        }
    }
}
