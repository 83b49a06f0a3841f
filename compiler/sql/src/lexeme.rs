//! The words of a text of SQL with their places in bytes.
//!
//! Unlike the parser's tokenizer it never fails: a text that is not closed runs to the end. Statements,
//! fingerprints and calls are found with it, so that they do not depend on a parse.

/// One piece of a text of SQL; together the pieces are the whole text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lexeme<'t> {
    pub(crate) kind: LexemeKind,
    /// The place of its first byte.
    pub(crate) start: usize,
    /// As written.
    pub(crate) text: &'t str,
}

impl Lexeme<'_> {
    /// The place after its last byte.
    pub(crate) fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// Whether it is neither space nor comment.
    pub(crate) fn is_significant(&self) -> bool {
        !matches!(self.kind, LexemeKind::Space | LexemeKind::Comment)
    }

    /// Whether it is this word, unquoted, in any case.
    pub(crate) fn is_word(&self, word: &str) -> bool {
        self.kind == LexemeKind::Word && self.text.eq_ignore_ascii_case(word)
    }

    /// Whether it is this symbol.
    pub(crate) fn is_symbol(&self, symbol: &str) -> bool {
        self.kind == LexemeKind::Symbol && self.text == symbol
    }
}

/// What a lexeme is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LexemeKind {
    Space,
    Comment,
    /// A literal in quotes or dollar quotes, with its prefix (`E'…'`, `r"…"`).
    Text,
    /// A name in quotes.
    QuotedName,
    /// A keyword or an unquoted name.
    Word,
    Number,
    /// An operator or a punctuation mark.
    Symbol,
}

/// How a dialect writes texts, names and comments.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts about a dialect")]
pub(crate) struct LexicalRules {
    /// A backslash hides the next character of a text.
    pub(crate) backslash_escapes: bool,
    /// `"…"` is a text and not a name.
    pub(crate) double_quotes_are_text: bool,
    /// `#` begins a comment.
    pub(crate) hash_comments: bool,
    /// `/* /* */ */` is one comment.
    pub(crate) nested_comments: bool,
    /// `'''…'''` is one text.
    pub(crate) triple_quotes: bool,
    /// `$tag$…$tag$` is a text.
    pub(crate) dollar_quotes: bool,
    /// `[…]` is a name.
    pub(crate) bracket_names: bool,
}

impl LexicalRules {
    /// The rules of the standard.
    pub(crate) const ANSI: Self = Self {
        backslash_escapes: false,
        double_quotes_are_text: false,
        hash_comments: false,
        nested_comments: false,
        triple_quotes: false,
        dollar_quotes: false,
        bracket_names: false,
    };
}

/// The lexemes of the text, in order and without gaps.
pub(crate) fn lexemes(sql: &str, rules: LexicalRules) -> impl Iterator<Item = Lexeme<'_>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = &sql[start..];
        let first = rest.chars().next()?;
        let (kind, length) = measure(rest, first, rules);
        let lexeme = Lexeme { kind, start, text: &rest[..length] };
        start += length;
        Some(lexeme)
    })
}

/// The kind and the length of the lexeme at the start of a text that begins with `first`.
fn measure(text: &str, first: char, rules: LexicalRules) -> (LexemeKind, usize) {
    match first {
        '-' if text.starts_with("--") => (LexemeKind::Comment, line_length(text)),
        '#' if rules.hash_comments => (LexemeKind::Comment, line_length(text)),
        '/' if text.starts_with("/*") => {
            (LexemeKind::Comment, block_comment_length(text, rules.nested_comments))
        }
        '\'' => (LexemeKind::Text, quoted_length(text, '\'', rules)),
        '"' if rules.double_quotes_are_text => (LexemeKind::Text, quoted_length(text, '"', rules)),
        '"' | '`' => (LexemeKind::QuotedName, quoted_length(text, first, LexicalRules::ANSI)),
        '[' if rules.bracket_names => {
            (LexemeKind::QuotedName, text.find(']').map_or(text.len(), |place| place + 1))
        }
        '$' if rules.dollar_quotes => match dollar_tag(text) {
            Some(tag) => (LexemeKind::Text, closed_at(text, tag, tag.len())),
            None => (LexemeKind::Symbol, 1),
        },
        _ if first.is_whitespace() => (
            LexemeKind::Space,
            text.find(|character: char| !character.is_whitespace()).unwrap_or(text.len()),
        ),
        _ if first.is_ascii_digit() => (LexemeKind::Number, number_length(text)),
        _ if first.is_alphabetic() || first == '_' => word_or_prefixed_text(text, rules),
        _ => (LexemeKind::Symbol, symbol_length(text, first)),
    }
}

fn line_length(text: &str) -> usize {
    text.find('\n').unwrap_or(text.len())
}

fn closed_at(text: &str, closing: &str, from: usize) -> usize {
    text[from..].find(closing).map_or(text.len(), |place| from + place + closing.len())
}

fn block_comment_length(text: &str, is_nested: bool) -> usize {
    if !is_nested {
        return closed_at(text, "*/", 2);
    }
    let bytes = text.as_bytes();
    let (mut depth, mut place) = (0_usize, 0);
    while place + 1 < bytes.len() {
        match &bytes[place..place + 2] {
            b"/*" => depth += 1,
            b"*/" => depth -= 1,
            _ => {
                place += 1;
                continue;
            }
        }
        place += 2;
        if depth == 0 {
            return place;
        }
    }
    text.len()
}

/// The length of a text in these quotes, doubled quotes being part of it.
fn quoted_length(text: &str, quote: char, rules: LexicalRules) -> usize {
    let bytes = text.as_bytes();
    let quote = quote as u8;
    let is_triple = rules.triple_quotes && bytes.len() >= 3 && bytes[..3] == [quote; 3];
    let mut place = if is_triple { 3 } else { 1 };
    while let Some(&byte) = bytes.get(place) {
        if byte == b'\\' && rules.backslash_escapes {
            place += 2;
        } else if byte != quote {
            place += 1;
        } else if is_triple {
            if bytes[place..].starts_with(&[quote; 3]) {
                return place + 3;
            }
            place += 1;
        } else if bytes.get(place + 1) == Some(&quote) {
            place += 2;
        } else {
            return place + 1;
        }
    }
    text.len()
}

/// The opening of a dollar-quoted text, such as `$$` or `$body$`.
fn dollar_tag(text: &str) -> Option<&str> {
    let end = text[1..].find(|character: char| !character.is_alphanumeric() && character != '_')?;
    let tag = &text[1..=end];
    let is_tag = text[1 + end..].starts_with('$') && !tag.starts_with(|c: char| c.is_numeric());
    is_tag.then(|| &text[..end + 2])
}

fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut place = 1;
    while let Some(byte) = bytes.get(place) {
        let is_exponent_sign = matches!(byte, b'+' | b'-')
            && matches!(bytes[place - 1], b'e' | b'E')
            && !text.starts_with("0x");
        if !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.') || is_exponent_sign) {
            break;
        }
        place += 1;
    }
    place
}

/// The letters that may stand directly before a text and change what it means.
const TEXT_PREFIXES: &[&str] = &["b", "br", "e", "n", "q", "r", "rb", "u", "x"];

fn word_or_prefixed_text(text: &str, rules: LexicalRules) -> (LexemeKind, usize) {
    let is_part = |character: char| character.is_alphanumeric() || matches!(character, '_' | '$');
    let length = text.find(|character| !is_part(character)).unwrap_or(text.len());
    let (word, rest) = text.split_at(length);
    let quote = match rest.as_bytes().first() {
        Some(b'\'') => '\'',
        Some(b'"') if rules.double_quotes_are_text => '"',
        _ => return (LexemeKind::Word, length),
    };
    if !TEXT_PREFIXES.iter().any(|prefix| prefix.eq_ignore_ascii_case(word)) {
        return (LexemeKind::Word, length);
    }
    let backslash_escapes = rules.backslash_escapes || word.eq_ignore_ascii_case("e");
    let rules = LexicalRules { backslash_escapes, ..rules };
    (LexemeKind::Text, length + quoted_length(rest, quote, rules))
}

/// Operators of several characters, the longest first.
const OPERATORS: &[&str] = &[
    "!~~*", "->>", "#>>", "<=>", "!~~", "!~*", "~~*", "**=", "<=", ">=", "<>", "!=", "==", "||",
    "::", ":=", "=>", "->", "#>", "**", "//", "<<", ">>", "~*", "!~", "~~", "@>", "<@", "&&", "|>",
    "^@", "@@", "#-",
];

fn symbol_length(text: &str, first: char) -> usize {
    OPERATORS
        .iter()
        .find(|operator| text.starts_with(**operator))
        .map_or(first.len_utf8(), |operator| operator.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SqlDialect;

    fn significant(adapter: &str, sql: &str) -> Vec<String> {
        lexemes(sql, SqlDialect::of_adapter(adapter).lexical())
            .filter(Lexeme::is_significant)
            .map(|lexeme| lexeme.text.to_owned())
            .collect()
    }

    #[test]
    fn texts_names_and_comments_follow_the_dialect() {
        let cases: &[(&str, &str, &[&str])] = &[
            ("duckdb", "a--b\n+'it''s'", &["a", "+", "'it''s'"]),
            ("postgres", "/* /* */ */ $x$ ' $x$ E'\\''", &["$x$ ' $x$", "E'\\''"]),
            ("trino", "/* /* */ a", &["a"]),
            ("bigquery", "# c\n'''a'b''' r\"x\" `p.d`", &["'''a'b'''", "r\"x\"", "`p.d`"]),
            ("mssql", "[a b].c", &["[a b]", ".", "c"]),
            ("trino", "1.5e-3>=x.\"y\"\"z\"", &["1.5e-3", ">=", "x", ".", "\"y\"\"z\""]),
            ("postgres", "$1 'open", &["$", "1", "'open"]),
            ("duckdb", "größe::int", &["größe", "::", "int"]),
        ];
        for (adapter, sql, expected) in cases {
            assert_eq!(significant(adapter, sql), *expected, "{adapter}: {sql}");
        }
    }

    #[test]
    fn lexemes_join_to_the_text_whatever_it_is() {
        for sql in
            ["", "'", "\"", "$", "$é", "/*", "/", "`é", "'\\", "e'\\", "é'\u{1F9C0}", "[", "'''"]
        {
            for adapter in ["postgres", "bigquery", "mssql", "duckdb"] {
                let rules = SqlDialect::of_adapter(adapter).lexical();
                let joined: String = lexemes(sql, rules).map(|lexeme| lexeme.text).collect();
                assert_eq!(joined, sql);
            }
        }
    }
}
