//! The calls of `dbt` in a Python file, in the order and places in which dbt's visitor of syntax trees finds them.

use std::ops::Range;

use indexmap::IndexMap;
use serde_json::Value;

use super::python_literal::literal;
use super::python_token::{Kind, Line, Mistake, Token, lines, mistake};

/// The functions that dbt looks for.
const FUNCTIONS: [&str; 5] =
    ["dbt.ref", "dbt.source", "dbt.config", "dbt.config.get", "dbt.config.meta_get"];

/// Words after which an expression begins.
const KEYWORDS: [&str; 31] = [
    "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif",
    "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda",
    "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with",
];

/// How deep expressions may be nested.
const DEPTH_LIMIT: usize = 400;

/// A call with literal arguments.
#[derive(Debug, Clone)]
pub(super) struct Call {
    /// One of [`FUNCTIONS`].
    pub(super) function: &'static str,
    pub(super) arguments: Vec<Value>,
    pub(super) keywords: IndexMap<String, Value>,
    pub(super) range: Range<usize>,
}

/// All calls of a file.
pub(super) fn calls(text: &str, lines: &[Line]) -> Result<Vec<Call>, Mistake> {
    let mut finder = Finder { text, found: Vec::new(), depth: 0 };
    for line in lines {
        finder.everywhere(&line.tokens)?;
    }
    Ok(finder.found)
}

/// An expression without operators: a name, a literal or something in brackets, and what is behind it.
struct Chain<'a> {
    atom: &'a [Token],
    /// `.name`, `(…)` and `[…]`.
    trailers: Vec<&'a [Token]>,
}

struct Finder<'a> {
    text: &'a str,
    found: Vec<Call>,
    depth: usize,
}

impl Finder<'_> {
    /// Looks at every expression.
    fn everywhere(&mut self, tokens: &[Token]) -> Result<(), Mistake> {
        let mut at = 0;
        while at < tokens.len() {
            let token = &tokens[at];
            if self.is_word(token, "def") || self.is_word(token, "class") {
                // The name is followed by parameters, not by arguments.
                at += 2;
            } else if self.is_atom(token) {
                let (chain, length) = Self::chain(&tokens[at..]);
                self.visit(chain.atom, &chain.trailers)?;
                at += length;
            } else {
                at += 1;
            }
        }
        Ok(())
    }

    fn visit(&mut self, atom: &[Token], trailers: &[&[Token]]) -> Result<(), Mistake> {
        self.enter(atom)?;
        let done = self.visit_last(atom, trailers);
        self.depth -= 1;
        done
    }

    /// Python itself gives up on expressions that are nested too deep.
    fn enter(&mut self, atom: &[Token]) -> Result<(), Mistake> {
        self.depth += 1;
        if self.depth > DEPTH_LIMIT {
            return mistake("the expression is nested too deep", atom[0].range.clone());
        }
        Ok(())
    }

    fn visit_last(&mut self, atom: &[Token], trailers: &[&[Token]]) -> Result<(), Mistake> {
        let Some((last, before)) = trailers.split_last() else { return self.atom(atom) };
        match last[0].kind {
            Kind::Sign('(') => self.call(atom, trailers),
            Kind::Sign('[') => {
                self.visit(atom, before)?;
                self.everywhere(inside(last))
            }
            _ => self.visit(atom, before),
        }
    }

    fn atom(&mut self, atom: &[Token]) -> Result<(), Mistake> {
        if matches!(atom[0].kind, Kind::Sign(_)) {
            return self.everywhere(inside(atom));
        }
        for range in formatted(atom) {
            for line in lines(self.text, range)? {
                self.everywhere(&line.tokens)?;
            }
        }
        Ok(())
    }

    /// A call: the function itself, then calls that are arguments or in collections that are, then what it is called on.
    fn call(&mut self, atom: &[Token], trailers: &[&[Token]]) -> Result<(), Mistake> {
        self.enter(atom)?;
        let done = self.call_last(atom, trailers);
        self.depth -= 1;
        done
    }

    fn call_last(&mut self, atom: &[Token], trailers: &[&[Token]]) -> Result<(), Mistake> {
        let Some((last, before)) = trailers.split_last() else { return Ok(()) };
        let arguments = inside(last);
        let function = self.dotted(atom, before);
        let known = function.and_then(|name| FUNCTIONS.into_iter().find(|known| *known == name));
        let split = self.arguments(arguments);
        if let Some(function) = known {
            let mut call = Call {
                function,
                arguments: Vec::new(),
                keywords: IndexMap::new(),
                range: atom[0].range.start..last[last.len() - 1].range.end,
            };
            for (name, value) in &split {
                let value = literal(self.text, value, &last[0])?;
                match name {
                    Some(name) => _ = call.keywords.insert(name.clone(), value),
                    None => call.arguments.push(value),
                }
            }
            self.found.push(call);
        }
        let (named, plain): (Vec<_>, Vec<_>) = split.iter().partition(|(name, _)| name.is_some());
        for (_, argument) in plain.into_iter().chain(named) {
            self.argument(argument)?;
        }
        let on = before.iter().rposition(|trailer| !trailer[0].is('.')).map_or(0, |at| at + 1);
        if on == before.len() {
            return Ok(());
        }
        if on == 0 {
            return self.if_call(unwrapped(atom));
        }
        if before[on - 1][0].is('(') { self.call(atom, &before[..on]) } else { Ok(()) }
    }

    fn argument(&mut self, tokens: &[Token]) -> Result<(), Mistake> {
        let tokens = unwrapped(tokens);
        let Some(first) = tokens.first() else { return Ok(()) };
        let is_whole = group_end(tokens, 0) == tokens.len();
        if is_whole && matches!(first.kind, Kind::Sign('(' | '[')) {
            for item in split(inside(tokens), ',') {
                self.if_call(item)?;
            }
            return Ok(());
        }
        if is_whole && first.is('{') {
            for item in split(inside(tokens), ',') {
                if let [_, value] = split(item, ':')[..] {
                    self.if_call(value)?;
                }
            }
            return Ok(());
        }
        if tokens.iter().all(|token| matches!(token.kind, Kind::Text(_) | Kind::Formatted(_))) {
            for range in formatted(tokens) {
                for line in lines(self.text, range)? {
                    self.if_call(&line.tokens)?;
                }
            }
            return Ok(());
        }
        self.if_call(tokens)
    }

    /// Looks at an expression if it is a call as a whole.
    fn if_call(&mut self, tokens: &[Token]) -> Result<(), Mistake> {
        let tokens = unwrapped(tokens);
        if !tokens.first().is_some_and(|first| self.is_atom(first)) {
            return Ok(());
        }
        let (chain, length) = Self::chain(tokens);
        let is_call = chain.trailers.last().is_some_and(|last| last[0].is('('));
        if is_call && length == tokens.len() {
            self.call(chain.atom, &chain.trailers)?;
        }
        Ok(())
    }

    /// Arguments with their names.
    fn arguments<'b>(&self, tokens: &'b [Token]) -> Vec<(Option<String>, &'b [Token])> {
        let of = |part: &'b [Token]| match part {
            [name, sign, value @ ..]
                if name.kind == Kind::Name
                    && sign.is('=')
                    && !value.first().is_some_and(|next| next.is('=')) =>
            {
                (Some(self.text[name.range.clone()].to_owned()), value)
            }
            _ => (None, part),
        };
        split(tokens, ',').into_iter().map(of).collect()
    }

    fn dotted(&self, atom: &[Token], trailers: &[&[Token]]) -> Option<String> {
        let [Token { kind: Kind::Name, range }] = atom else { return None };
        let mut name = self.text[range.clone()].to_owned();
        for trailer in trailers {
            let [dot, part] = trailer else { return None };
            if !dot.is('.') {
                return None;
            }
            name.push('.');
            name.push_str(&self.text[part.range.clone()]);
        }
        Some(name)
    }

    fn is_word(&self, token: &Token, word: &str) -> bool {
        token.kind == Kind::Name && &self.text[token.range.clone()] == word
    }

    fn is_atom(&self, token: &Token) -> bool {
        match token.kind {
            Kind::Name => !KEYWORDS.contains(&&self.text[token.range.clone()]),
            Kind::Sign(sign) => matches!(sign, '(' | '[' | '{'),
            _ => true,
        }
    }

    /// The chain that begins here, and how many tokens it has.
    fn chain(tokens: &[Token]) -> (Chain<'_>, usize) {
        let mut at = group_end(tokens, 0);
        let is_text = |token: &Token| matches!(token.kind, Kind::Text(_) | Kind::Formatted(_));
        while is_text(&tokens[0]) && tokens.get(at).is_some_and(is_text) {
            at += 1;
        }
        let mut chain = Chain { atom: &tokens[..at], trailers: Vec::new() };
        while let Some(token) = tokens.get(at) {
            let end = match token.kind {
                Kind::Sign('(' | '[') => group_end(tokens, at),
                Kind::Sign('.')
                    if tokens.get(at + 1).is_some_and(|next| next.kind == Kind::Name) =>
                {
                    at + 2
                }
                _ => break,
            };
            chain.trailers.push(&tokens[at..end]);
            at = end;
        }
        (chain, at)
    }
}

fn formatted(tokens: &[Token]) -> Vec<Range<usize>> {
    let ranges = tokens.iter().filter_map(|token| match &token.kind {
        Kind::Formatted(ranges) => Some(ranges.clone()),
        _ => None,
    });
    ranges.flatten().collect()
}

/// What stands between the brackets.
pub(super) fn inside(group: &[Token]) -> &[Token] {
    group.get(1..group.len().saturating_sub(1)).unwrap_or_default()
}

/// Behind the bracket that closes the one at a place, or behind the token that is there.
pub(super) fn group_end(tokens: &[Token], at: usize) -> usize {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate().skip(at) {
        match token.kind {
            Kind::Sign('(' | '[' | '{') => depth += 1,
            Kind::Sign(')' | ']' | '}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return index + 1;
        }
    }
    tokens.len()
}

/// An expression without round brackets around it as a whole.
pub(super) fn unwrapped(mut tokens: &[Token]) -> &[Token] {
    while tokens.first().is_some_and(|first| first.is('('))
        && group_end(tokens, 0) == tokens.len()
        && tokens.len() > 2
        && !inside(tokens).is_empty()
        && !has(inside(tokens), ',')
    {
        tokens = inside(tokens);
    }
    tokens
}

/// Whether a sign stands outside of brackets.
pub(super) fn has(tokens: &[Token], sign: char) -> bool {
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at].is(sign) {
            return true;
        }
        at = group_end(tokens, at);
    }
    false
}

/// The parts between a sign that stands outside of brackets; none behind the last sign.
pub(super) fn split(tokens: &[Token], sign: char) -> Vec<&[Token]> {
    let mut parts = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < tokens.len() {
        if tokens[at].is(sign) {
            parts.push(&tokens[start..at]);
            start = at + 1;
        }
        at = group_end(tokens, at);
    }
    if start < tokens.len() {
        parts.push(&tokens[start..]);
    }
    parts
}
