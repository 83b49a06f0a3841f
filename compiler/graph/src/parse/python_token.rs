//! The words of a Python file: names, texts and signs, each with its place, in lines as Python joins them.

use std::ops::Range;

/// As many brackets may be open at once; the limit of Python.
const BRACKET_LIMIT: usize = 200;

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// A name or a keyword.
    Name,
    /// A number.
    Number,
    /// A text whose value is known.
    Text(String),
    /// A text with expressions in it; where those stand.
    Formatted(Vec<Range<usize>>),
    /// Bytes.
    Bytes,
    /// A sign; brackets and operators, letter by letter.
    Sign(char),
}

/// A token.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) range: Range<usize>,
}

impl Token {
    pub(super) fn is(&self, sign: char) -> bool {
        self.kind == Kind::Sign(sign)
    }
}

/// A line as Python sees it: brackets and backslashes join several of the file.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) indent: usize,
    pub(super) tokens: Vec<Token>,
}

/// What is wrong with a text, and where.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mistake {
    pub(super) message: String,
    pub(super) range: Range<usize>,
}

pub(super) fn mistake<T>(message: impl Into<String>, range: Range<usize>) -> Result<T, Mistake> {
    Err(Mistake { message: message.into(), range })
}

/// The lines of a part of a text.
pub(super) fn lines(text: &str, part: Range<usize>) -> Result<Vec<Line>, Mistake> {
    let mut reader = Reader { text: &text[..part.end], at: part.start };
    let mut lines: Vec<Line> = Vec::new();
    let mut line = Line { indent: 0, tokens: Vec::new() };
    let mut open: Vec<(char, usize)> = Vec::new();
    let mut line_start = part.start;
    while let Some(letter) = reader.peek() {
        let start = reader.at;
        match letter {
            '\n' => {
                reader.at += 1;
                line_start = reader.at;
                if open.is_empty() && !line.tokens.is_empty() {
                    lines
                        .push(std::mem::replace(&mut line, Line { indent: 0, tokens: Vec::new() }));
                }
            }
            '\\' if reader.rest().starts_with("\\\n") => reader.at += 2,
            '\\' if reader.rest().starts_with("\\\r\n") => reader.at += 3,
            '#' => reader.at += reader.rest().find('\n').unwrap_or(reader.rest().len()),
            _ if letter.is_whitespace() || letter == '\u{feff}' => reader.at += letter.len_utf8(),
            _ => {
                if line.tokens.is_empty() {
                    line.indent = width(&text[line_start..start]);
                }
                let kind = reader.token(letter)?;
                match kind {
                    Kind::Sign('(' | '[' | '{') if open.len() >= BRACKET_LIMIT => {
                        return mistake("too many brackets are open", start..reader.at);
                    }
                    Kind::Sign(sign @ ('(' | '[' | '{')) => open.push((sign, start)),
                    Kind::Sign(sign @ (')' | ']' | '}'))
                        if open.pop().map(|(open, _)| closing(open)) != Some(sign) =>
                    {
                        return mistake(format!("`{sign}` closes nothing"), start..reader.at);
                    }
                    _ => {}
                }
                line.tokens.push(Token { kind, range: start..reader.at });
            }
        }
    }
    if let Some((sign, start)) = open.pop() {
        return mistake(format!("`{sign}` is never closed"), start..start + 1);
    }
    if !line.tokens.is_empty() {
        lines.push(line);
    }
    Ok(lines)
}

/// The bracket that closes one.
pub(super) fn closing(open: char) -> char {
    match open {
        '(' => ')',
        '[' => ']',
        _ => '}',
    }
}

/// How far a line is indented; tabs go to the next multiple of eight.
fn width(space: &str) -> usize {
    space
        .chars()
        .fold(0, |width, letter| if letter == '\t' { width / 8 * 8 + 8 } else { width + 1 })
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take(&mut self, is_part: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn token(&mut self, letter: char) -> Result<Kind, Mistake> {
        let start = self.at;
        if letter == '"' || letter == '\'' {
            return self.string(start, "");
        }
        if letter.is_alphabetic() || letter == '_' {
            let word = self.take(|letter| letter.is_alphanumeric() || letter == '_');
            let is_quoted = matches!(self.peek(), Some('"' | '\''));
            let prefix = word.to_ascii_lowercase();
            if is_quoted && matches!(&*prefix, "r" | "u" | "b" | "f" | "br" | "rb" | "fr" | "rf") {
                return self.string(start, &prefix);
            }
            return Ok(Kind::Name);
        }
        let next = self.rest().chars().nth(1);
        if letter.is_ascii_digit()
            || letter == '.' && next.is_some_and(|next| next.is_ascii_digit())
        {
            let mut before = ' ';
            for part in self.rest().chars() {
                let is_exponent = matches!(part, '+' | '-')
                    && matches!(before, 'e' | 'E')
                    && !self.text[start..self.at].starts_with("0x");
                if !(part.is_alphanumeric() || matches!(part, '.' | '_') || is_exponent) {
                    break;
                }
                before = part;
                self.at += part.len_utf8();
            }
            return Ok(Kind::Number);
        }
        self.at += letter.len_utf8();
        let is_known = "()[]{}.,:;=+-*/%@&|^~<>".contains(letter);
        if is_known || letter == '!' && next == Some('=') {
            return Ok(Kind::Sign(letter));
        }
        mistake(format!("`{letter}` is no Python"), start..self.at)
    }

    fn string(&mut self, start: usize, prefix: &str) -> Result<Kind, Mistake> {
        let (is_raw, is_formatted) = (prefix.contains('r'), prefix.contains('f'));
        let quote = &self.rest()[..1];
        let rest = self.rest();
        let is_long = rest[1..].starts_with(quote) && rest[2..].starts_with(quote);
        let end = if is_long { &rest[..3] } else { quote };
        self.at += end.len();
        let mut value = String::new();
        let mut expressions = Vec::new();
        loop {
            let rest = self.rest();
            let Some(letter) = rest.chars().next() else {
                return mistake("the text has no end", start..start + 1);
            };
            if rest.starts_with(end) {
                self.at += end.len();
                break;
            }
            if letter == '\n' && !is_long {
                return mistake("the text has no end on its line", start..self.at);
            }
            if is_formatted && letter == '{' {
                if rest.starts_with("{{") {
                    self.at += 2;
                } else {
                    expressions.push(self.expression(start)?);
                }
                continue;
            }
            self.at += letter.len_utf8();
            if letter != '\\' {
                value.push(letter);
                continue;
            }
            let Some(escaped) = self.peek() else { continue };
            if is_raw {
                value.push('\\');
                value.push(escaped);
                self.at += escaped.len_utf8();
            } else {
                self.escape(escaped, start, &mut value)?;
            }
        }
        if prefix.contains('b') {
            return Ok(Kind::Bytes);
        }
        Ok(if is_formatted { Kind::Formatted(expressions) } else { Kind::Text(value) })
    }

    /// The expression between the braces of a formatted text, without how it is formatted.
    fn expression(&mut self, text_start: usize) -> Result<Range<usize>, Mistake> {
        self.at += 1;
        let start = self.at;
        let mut depth = 0_usize;
        let mut end = None;
        while let Some(letter) = self.peek() {
            match letter {
                '}' if depth == 0 => {
                    let found = start..end.unwrap_or(self.at);
                    self.at += 1;
                    return Ok(found);
                }
                '"' | '\'' if end.is_none() => {
                    let text = self.at;
                    self.string(text, "")?;
                    continue;
                }
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth = depth.saturating_sub(1),
                ':' | '=' if depth == 0 && end.is_none() => end = Some(self.at),
                '!' if depth == 0 && end.is_none() && !self.rest().starts_with("!=") => {
                    end = Some(self.at);
                }
                _ => {}
            }
            self.at += letter.len_utf8();
        }
        mistake("an expression in the text has no end", text_start..text_start + 1)
    }

    fn escape(&mut self, escaped: char, start: usize, value: &mut String) -> Result<(), Mistake> {
        let from = self.at;
        self.at += escaped.len_utf8();
        let digits = match escaped {
            '\n' => return Ok(()),
            'n' => return put(value, '\n'),
            't' => return put(value, '\t'),
            'r' => return put(value, '\r'),
            'a' => return put(value, '\u{7}'),
            'b' => return put(value, '\u{8}'),
            'f' => return put(value, '\u{c}'),
            'v' => return put(value, '\u{b}'),
            '\\' | '\'' | '"' => return put(value, escaped),
            '0'..='7' => {
                let digits = self.text[from..].chars().take(3);
                let count = digits.take_while(|digit| digit.is_digit(8)).count();
                self.at = from + count;
                let code = u32::from_str_radix(&self.text[from..self.at], 8).unwrap_or_default();
                return put(value, char::from_u32(code).unwrap_or_default());
            }
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => {
                value.push('\\');
                return put(value, escaped);
            }
        };
        let code = self.rest().get(..digits);
        let letter = code.and_then(|code| u32::from_str_radix(code, 16).ok());
        let Some(letter) = letter.and_then(char::from_u32) else {
            return mistake("an escape in the text is not complete", start..self.at);
        };
        self.at += digits;
        put(value, letter)
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the end of an escape that cannot go wrong")]
fn put(value: &mut String, letter: char) -> Result<(), Mistake> {
    value.push(letter);
    Ok(())
}
