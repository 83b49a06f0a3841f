//! Syntax highlighting of SQL with Jinja, and of Python models, while the page is made.
//!
//! A scanner of our own and not a grammar engine: ten thousand models with raw and compiled code are over a million lines,
//! a minute and a half for pattern-based grammars and under a second for this; and it can link `ref` and `source`.

use super::html::{Trusted, escape_into};

/// What the code is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// SQL, with Jinja or without.
    Sql,
    /// Python.
    Python,
    /// Anything else: no colours.
    Plain,
}

/// Highlights a text. `link` gives the address for the arguments of a `ref` or `source`.
pub fn highlight(
    text: &str,
    language: Language,
    link: &dyn Fn(&[&str]) -> Option<String>,
) -> Trusted {
    let mut scanner = Scanner {
        text,
        at: 0,
        out: String::with_capacity(text.len() * 2),
        language,
        link,
        inside: Inside::Code,
    };
    match language {
        Language::Plain => escape_into(&mut scanner.out, text),
        Language::Sql | Language::Python => scanner.scan(Until::End),
    }
    Trusted(scanner.out)
}

/// Where a run of code ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    End,
    Jinja(&'static str),
}

/// What SQL text is in the middle of when Jinja interrupts it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Code,
    Quote(char),
    LineComment,
    BlockComment,
}

struct Scanner<'t, 'l> {
    text: &'t str,
    at: usize,
    out: String,
    language: Language,
    link: &'l dyn Fn(&[&str]) -> Option<String>,
    inside: Inside,
}

impl Scanner<'_, '_> {
    fn scan(&mut self, until: Until) {
        while self.at < self.text.len() {
            let rest = &self.text[self.at..];
            if let Until::Jinja(close) = until {
                let marked = rest.strip_prefix(['-', '+']).unwrap_or(rest);
                if marked.starts_with(close) {
                    let length = rest.len() - marked.len() + close.len();
                    self.push("jd", length);
                    return;
                }
            } else if self.language == Language::Sql {
                if rest.starts_with("{#") {
                    let length = rest.find("#}").map_or(rest.len(), |end| end + 2);
                    self.push("c", length);
                    continue;
                }
                if rest.starts_with("{{") || rest.starts_with("{%") {
                    let close = if rest.starts_with("{{") { "}}" } else { "%}" };
                    let length = 2 + usize::from(rest[2..].starts_with(['-', '+']));
                    // A tint over several lines would be ragged.
                    let length_of_block = rest.find(close).unwrap_or(rest.len());
                    let is_long = rest[..length_of_block].contains('\n');
                    self.out.push_str(if is_long { "<span>" } else { "<span class=\"j\">" });
                    self.push("jd", length);
                    self.scan(Until::Jinja(close));
                    self.out.push_str("</span>");
                    continue;
                }
            }
            if until == Until::End && self.inside != Inside::Code {
                self.run();
            } else {
                self.token(until);
            }
        }
    }

    /// A string or a comment of SQL, up to its end or to where Jinja begins: Jinja runs inside both.
    fn run(&mut self) {
        let rest = &self.text[self.at..];
        let (class, end) = match self.inside {
            Inside::Quote(quote) => (if quote == '"' { "q" } else { "s" }, quote_end(rest, quote)),
            Inside::LineComment => ("c", rest.find('\n')),
            Inside::BlockComment => ("c", rest.find("*/").map(|end| end + 2)),
            Inside::Code => return,
        };
        let length = end.unwrap_or(rest.len());
        if let Some(at) = jinja_start(&rest[..length]) {
            self.push(class, at);
        } else {
            self.inside = Inside::Code;
            self.push(class, length);
        }
    }

    /// Begins a string or a comment: its opening mark, then the run.
    fn begin(&mut self, inside: Inside, mark: usize) {
        self.inside = inside;
        let start = self.out.len();
        let class = match inside {
            Inside::Quote('"') => "q",
            Inside::Quote(_) => "s",
            _ => "c",
        };
        self.push(class, mark);
        self.run();
        // One span and not two, when nothing stands between them.
        let seam = format!("</span><span class=\"{class}\">");
        if let Some(found) = self.out[start..].find(&seam) {
            self.out.replace_range(start + found..start + found + seam.len(), "");
        }
    }

    fn token(&mut self, until: Until) {
        let rest = &self.text[self.at..];
        let in_jinja = until != Until::End;
        let is_sql = self.language == Language::Sql && !in_jinja;
        let Some(first) = rest.chars().next() else { return };
        if is_sql && rest.starts_with("--") {
            self.begin(Inside::LineComment, 2);
        } else if is_sql && rest.starts_with("/*") {
            self.begin(Inside::BlockComment, 2);
        } else if is_sql && matches!(first, '\'' | '"' | '`') {
            self.begin(Inside::Quote(first), 1);
        } else if !is_sql && !in_jinja && first == '#' {
            self.push("c", rest.find('\n').unwrap_or(rest.len()));
        } else if matches!(first, '\'' | '"') {
            self.push("s", quoted(rest, first));
        } else if first.is_ascii_digit() {
            let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '_');
            self.push("n", length.unwrap_or(rest.len()));
        } else if first.is_alphabetic() || first == '_' {
            self.word(in_jinja);
        } else {
            let length = rest
                .find(|c: char| c.is_alphanumeric() || "_'\"`{}%-+/#".contains(c))
                .filter(|length| *length > 0);
            let length = length.unwrap_or(first.len_utf8());
            escape_into(&mut self.out, &rest[..length]);
            self.at += length;
        }
    }

    fn word(&mut self, in_jinja: bool) {
        let rest = &self.text[self.at..];
        let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let word = &rest[..length];
        let is_called = rest[length..].trim_start_matches(' ').starts_with('(');
        if in_jinja || self.language == Language::Python {
            if is_called && matches!(word, "ref" | "source") && self.reference(length) {
                return;
            }
            let keywords = if in_jinja { JINJA } else { PYTHON };
            if keywords.contains(&word) {
                self.push("k", length);
            } else if is_called {
                self.push("f", length);
            } else {
                self.push("", length);
            }
        } else if is_keyword(word) {
            self.push("k", length);
        } else if is_called {
            self.push("f", length);
        } else {
            self.push("", length);
        }
    }

    /// `ref('a')`, `ref('package', 'a')`, `source('a', 'b')` with plain strings: the last string becomes a link.
    fn reference(&mut self, name_length: usize) -> bool {
        let rest = &self.text[self.at..];
        let mut position = rest.find('(').map_or(rest.len(), |at| at + 1);
        let mut strings: Vec<(usize, usize)> = Vec::new();
        loop {
            let after = rest[position..].trim_start();
            position = rest.len() - after.len();
            let Some(quote) = after.chars().next().filter(|c| *c == '\'' || *c == '"') else {
                break;
            };
            let length = quoted(after, quote);
            strings.push((position, length));
            position += length;
            let after = rest[position..].trim_start();
            let Some(next) = after.strip_prefix(',') else { break };
            position = rest.len() - next.len();
        }
        let arguments: Vec<&str> = strings
            .iter()
            .filter_map(|(start, length)| rest.get(start + 1..(start + length).saturating_sub(1)))
            .collect();
        let Some(address) = (self.link)(&arguments) else { return false };
        let begin = self.at;
        self.push("f", name_length);
        for (index, (start, length)) in strings.iter().enumerate() {
            let between = &self.text[self.at..begin + start];
            escape_into(&mut self.out, between);
            self.at = begin + start;
            if index + 1 < strings.len() {
                self.push("s", *length);
                continue;
            }
            self.out.push_str("<a href=\"");
            escape_into(&mut self.out, &address);
            self.out.push_str("\">");
            self.push("s", *length);
            self.out.push_str("</a>");
        }
        true
    }

    fn push(&mut self, class: &str, length: usize) {
        let text = &self.text[self.at..self.at + length];
        if class.is_empty() || text.is_empty() {
            escape_into(&mut self.out, text);
        } else {
            self.out.push_str("<span class=\"");
            self.out.push_str(class);
            self.out.push_str("\">");
            escape_into(&mut self.out, text);
            self.out.push_str("</span>");
        }
        self.at += length;
    }
}

fn jinja_start(text: &str) -> Option<usize> {
    ["{{", "{%", "{#"].iter().filter_map(|mark| text.find(mark)).min()
}

/// Where a string of SQL ends, its quote included: a doubled quote stands for itself.
fn quote_end(rest: &str, quote: char) -> Option<usize> {
    let mut at = 0;
    loop {
        at += rest[at..].find(quote)? + 1;
        if !rest[at..].starts_with(quote) {
            return Some(at);
        }
        at += 1;
    }
}

/// The length of the string of Jinja or Python that begins `rest`: a backslash escapes.
fn quoted(rest: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            _ if character == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

fn is_keyword(word: &str) -> bool {
    let mut lower = [0_u8; 16];
    let Some(target) = lower.get_mut(..word.len()) else { return false };
    target.copy_from_slice(word.as_bytes());
    target.make_ascii_lowercase();
    std::str::from_utf8(target).is_ok_and(|word| SQL.binary_search(&word).is_ok())
}

/// Sorted: it is searched by halves.
const SQL: &[&str] = &[
    "all",
    "alter",
    "and",
    "anti",
    "any",
    "array",
    "as",
    "asc",
    "asof",
    "between",
    "bigint",
    "boolean",
    "by",
    "case",
    "cast",
    "char",
    "check",
    "column",
    "constraint",
    "create",
    "cross",
    "current",
    "date",
    "decimal",
    "default",
    "delete",
    "desc",
    "describe",
    "distinct",
    "double",
    "drop",
    "else",
    "end",
    "escape",
    "except",
    "exclude",
    "exists",
    "false",
    "fetch",
    "filter",
    "first",
    "float",
    "following",
    "for",
    "foreign",
    "from",
    "full",
    "function",
    "grant",
    "group",
    "grouping",
    "having",
    "if",
    "ilike",
    "in",
    "inner",
    "insert",
    "int",
    "integer",
    "intersect",
    "interval",
    "into",
    "is",
    "join",
    "json",
    "key",
    "last",
    "lateral",
    "left",
    "like",
    "limit",
    "macro",
    "matched",
    "materialized",
    "merge",
    "natural",
    "not",
    "null",
    "nulls",
    "numeric",
    "offset",
    "on",
    "or",
    "order",
    "outer",
    "over",
    "partition",
    "pivot",
    "preceding",
    "primary",
    "qualify",
    "range",
    "recursive",
    "references",
    "replace",
    "returning",
    "right",
    "rollup",
    "row",
    "rows",
    "select",
    "semi",
    "set",
    "sets",
    "string",
    "struct",
    "table",
    "temporary",
    "then",
    "time",
    "timestamp",
    "timestamptz",
    "to",
    "true",
    "unbounded",
    "union",
    "unique",
    "unnest",
    "unpivot",
    "update",
    "using",
    "values",
    "varchar",
    "view",
    "when",
    "where",
    "window",
    "with",
    "within",
];

const JINJA: &[&str] = &[
    "and",
    "block",
    "call",
    "do",
    "docs",
    "elif",
    "else",
    "endblock",
    "endcall",
    "enddocs",
    "endfilter",
    "endfor",
    "endif",
    "endmacro",
    "endmaterialization",
    "endraw",
    "endset",
    "endsnapshot",
    "endtest",
    "false",
    "False",
    "filter",
    "for",
    "if",
    "import",
    "in",
    "is",
    "macro",
    "materialization",
    "none",
    "None",
    "not",
    "or",
    "raw",
    "return",
    "set",
    "snapshot",
    "test",
    "true",
    "True",
];

const PYTHON: &[&str] = &[
    "and", "as", "class", "def", "elif", "else", "except", "False", "finally", "for", "from", "if",
    "import", "in", "is", "lambda", "None", "not", "or", "pass", "raise", "return", "True", "try",
    "while", "with", "yield",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn check(code: &str, expected: &str) {
        let link = |names: &[&str]| (names == ["orders"]).then(|| "orders.html".to_owned());
        assert_eq!(highlight(code, Language::Sql, &link).0, expected);
    }

    #[test]
    fn keywords_are_sorted() {
        assert!(SQL.is_sorted());
    }

    #[test]
    fn sql_and_jinja_are_told_apart() {
        check(
            "select 'a' from {{ ref('orders') }} -- b",
            "<span class=\"k\">select</span> <span class=\"s\">'a'</span> <span class=\"k\">from</span> \
             <span class=\"j\"><span class=\"jd\">{{</span> <span class=\"f\">ref</span>(<a href=\"orders.html\">\
             <span class=\"s\">'orders'</span></a>) <span class=\"jd\">}}</span></span> <span class=\"c\">-- b</span>",
        );
    }

    #[test]
    fn jinja_interrupts_strings_and_comments() {
        check(
            "'a{{ b }}c' d -- {{ e }} f",
            "<span class=\"s\">'a</span><span class=\"j\"><span class=\"jd\">{{</span> b <span class=\"jd\">}}</span></span>\
             <span class=\"s\">c'</span> d <span class=\"c\">-- </span><span class=\"j\"><span class=\"jd\">{{</span> e \
             <span class=\"jd\">}}</span></span><span class=\"c\"> f</span>",
        );
    }

    #[test]
    fn unfinished_code_is_kept_whole() {
        for code in
            ["'", "{{ 'a", "{% if ü", "/* ü", "\"ü\\", "{{ ref( ", "-- {{ a", "{#", "a - {b} ü%"]
        {
            let html = highlight(code, Language::Sql, &|_| None).0;
            let mut plain = String::new();
            let mut in_tag = false;
            for character in html.chars() {
                match character {
                    '<' => in_tag = true,
                    '>' => in_tag = false,
                    _ if !in_tag => plain.push(character),
                    _ => {}
                }
            }
            assert_eq!(plain.replace("&quot;", "\""), code);
        }
    }
}
