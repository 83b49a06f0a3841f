//! The tree out of the parser's events.

use std::borrow::Cow;

use indexmap::IndexMap;
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, StrInput, Tag};

use super::continuations;
use super::resolve::{self, Refused};
use super::{Entry, Mapping, Node, Yaml};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::span::{FileId, Span};
use crate::warned::Warned;

/// How deep collections may nest. Far beyond what people write, and well within the stack.
const DEPTH_LIMIT: usize = 200;

/// How many nodes aliases may add to a file.
const ALIAS_LIMIT: usize = 1_000_000;

pub(super) fn read(text: &str, file: FileId) -> Warned<Option<Node>> {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let offsets = Offsets::new(text.len() - body.len(), body);
    if let Some(at) =
        body.bytes().position(|byte| byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r'))
    {
        let at = at + text.len() - body.len();
        let diagnostic =
            Diagnostic::error(codes::YAML_SYNTAX, "control characters are not allowed in YAML")
                .at(Span::new(file, at, at + 1))
                .hint("remove the character, or write it as an escape in double quotes");
        return Warned { value: None, diagnostics: vec![diagnostic] };
    }
    let mut body = Cow::Borrowed(body);
    loop {
        match document(&body, text, file, &offsets) {
            Attempt::Done(read) if is_badly_indented(&read) => {
                return with_lines_indented(&body, text, file).unwrap_or(read);
            }
            Attempt::Done(read) => return read,
            Attempt::TabAt(at) => body = Cow::Owned(without_tabs_at(&body, at)),
        }
    }
}

fn is_badly_indented(read: &Warned<Option<Node>>) -> bool {
    read.diagnostics.iter().any(|one| one.message.starts_with("invalid indentation"))
}

/// What is read when indentation between brackets and quotes does not count, as for PyYAML.
fn with_lines_indented(body: &str, text: &str, file: FileId) -> Option<Warned<Option<Node>>> {
    let (indented, bytes) = continuations::indented(body)?;
    let offsets = Offsets { base: text.len() - body.len(), bytes: Some(bytes), length: body.len() };
    match document(&indented, text, file, &offsets) {
        Attempt::Done(read) if !read.has_errors() => Some(read),
        _ => None,
    }
}

/// What came of reading a text.
enum Attempt {
    Done(Warned<Option<Node>>),
    /// The parser minds a tab that PyYAML's does not, at this byte of the body.
    TabAt(usize),
}

fn document(body: &str, text: &str, file: FileId, offsets: &Offsets) -> Attempt {
    let mut builder = Builder {
        parser: Parser::new_from_str(body),
        text,
        file,
        offsets,
        anchors: Vec::new(),
        alias_nodes: 0,
        diagnostics: Vec::new(),
        tab: None,
    };
    let value = match builder.document() {
        Ok(node) => node.filter(|node| !node.is_null()),
        Err(diagnostic) => {
            if let Some(at) = builder.tab {
                return Attempt::TabAt(at);
            }
            builder.diagnostics.push(*diagnostic);
            None
        }
    };
    Attempt::Done(Warned { value, diagnostics: builder.diagnostics })
}

/// The text with the tabs at a byte made spaces, so that all places stay.
fn without_tabs_at(text: &str, at: usize) -> String {
    let tabs = text[at..].bytes().take_while(|byte| *byte == b'\t').count();
    format!("{}{}{}", &text[..at], " ".repeat(tabs), &text[at + tabs..])
}

type Failable<T> = Result<T, Box<Diagnostic>>;
type Tagged<'input> = Option<Cow<'input, Tag>>;

struct Builder<'input> {
    parser: Parser<'input, StrInput<'input>>,
    text: &'input str,
    file: FileId,
    offsets: &'input Offsets,
    /// Finished nodes by anchor, with how many nodes they hold.
    anchors: Vec<Option<(Node, usize)>>,
    alias_nodes: usize,
    diagnostics: Vec<Diagnostic>,
    /// Where the parser stopped at a tab behind a colon.
    tab: Option<usize>,
}

impl<'input> Builder<'input> {
    fn document(&mut self) -> Failable<Option<Node>> {
        let mut root = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => return Ok(root),
                Event::DocumentStart(_) if root.is_some() => {
                    let diagnostic = error("there is more than one document in the file", span);
                    let hint = "keep one document: remove the line `---` or split the file";
                    return Err(Box::new(diagnostic.hint(hint)));
                }
                Event::DocumentStart(_) => {
                    let (event, span) = self.next()?;
                    root = Some(self.node(event, span, 0)?);
                }
                Event::StreamStart | Event::DocumentEnd | Event::Nothing => {}
                _ => return Err(error("the document is malformed", span).into()),
            }
        }
    }

    fn next(&mut self) -> Failable<(Event<'input>, Span)> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => {
                let span = self.span(span.start, span.end);
                Ok((event, span))
            }
            Some(Err(error)) => {
                self.tab = self.tab_after_colon(&error);
                Err(Box::new(self.syntax_error(&error)))
            }
            None => Ok((Event::StreamEnd, Span::new(self.file, self.text.len(), self.text.len()))),
        }
    }

    fn node(&mut self, event: Event<'input>, span: Span, depth: usize) -> Failable<Node> {
        if depth > DEPTH_LIMIT {
            return Err(error("collections nest too deep", span).into());
        }
        let (node, anchor) = match event {
            Event::Alias(anchor) => return self.alias(anchor, span),
            Event::Scalar(word, style, anchor, tag) => {
                let value = self.scalar(&word, style, tag, span)?;
                (Node { value, span: trimmed(self.text, span) }, anchor)
            }
            Event::SequenceStart(anchor, tag) => {
                Self::expect_tag(tag, "seq", span)?;
                (self.sequence(span, depth)?, anchor)
            }
            Event::MappingStart(anchor, tag) => {
                Self::expect_tag(tag, "map", span)?;
                (self.mapping(span, depth)?, anchor)
            }
            _ => return Err(error("the document is malformed", span).into()),
        };
        if anchor > 0 {
            if self.anchors.len() <= anchor {
                self.anchors.resize(anchor + 1, None);
            }
            self.anchors[anchor] = Some((node.clone(), count(&node)));
        }
        Ok(node)
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Failable<Node> {
        let Some((node, size)) = self.anchors.get(anchor).and_then(Option::as_ref) else {
            return Err(error("the alias stands inside of what it names", span).into());
        };
        self.alias_nodes += size;
        if self.alias_nodes > ALIAS_LIMIT {
            let message = format!("aliases expand to more than {ALIAS_LIMIT} values");
            return Err(Box::new(Diagnostic::error(codes::YAML_ALIAS_LIMIT, message).at(span)));
        }
        Ok(Node { value: node.value.clone(), span })
    }

    fn scalar(
        &self,
        word: &str,
        style: ScalarStyle,
        tag: Tagged<'_>,
        span: Span,
    ) -> Failable<Yaml> {
        let tag = full_tag(tag);
        let value = match tag.as_deref() {
            None | Some("!") => match style {
                ScalarStyle::Plain => resolve::plain(word),
                ScalarStyle::Literal | ScalarStyle::Folded => {
                    Ok(Yaml::Text(self.block_text(word, span).to_owned()))
                }
                _ => Ok(Yaml::Text(word.to_owned())),
            },
            Some(tag) => tag
                .strip_prefix(CORE)
                .and_then(|kind| resolve::tagged(kind, word))
                .ok_or_else(|| Self::unknown_tag(tag, span))?,
        };
        value.map_err(|Refused(message)| {
            Box::new(error(message, span).hint("put it in quotes to make it a text"))
        })
    }

    /// The parser ends a block text with a line break even when the file ends without one; PyYAML does not.
    fn block_text<'word>(&self, word: &'word str, span: Span) -> &'word str {
        if (span.end as usize) < self.text.len() {
            return word;
        }
        let last_line = self.text.rsplit('\n').next().unwrap_or("");
        let last_of_word = word.trim_end_matches('\n').rsplit('\n').next().unwrap_or("");
        let is_surplus = !last_line.trim().is_empty()
            || word.ends_with("\n\n")
            || last_of_word.trim().is_empty();
        if is_surplus && !last_line.is_empty() {
            word.strip_suffix('\n').unwrap_or(word)
        } else {
            word
        }
    }

    fn expect_tag(tag: Tagged<'_>, kind: &str, span: Span) -> Failable<()> {
        match full_tag(tag) {
            Some(tag) if tag != "!" && tag.strip_prefix(CORE) != Some(kind) => {
                Err(Self::unknown_tag(&tag, span))
            }
            _ => Ok(()),
        }
    }

    fn unknown_tag(tag: &str, span: Span) -> Box<Diagnostic> {
        let shown =
            tag.strip_prefix(CORE).map_or_else(|| tag.to_owned(), |kind| format!("!!{kind}"));
        let diagnostic = error(format!("the tag `{shown}` means nothing here"), span);
        Box::new(diagnostic.hint("remove the tag, or put the text in quotes"))
    }

    fn sequence(&mut self, start: Span, depth: usize) -> Failable<Node> {
        let mut items: Vec<Node> = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::SequenceEnd {
                let end = items.last().map_or(start.end, |item| item.span.end);
                let span = Span { end: end_of_collection(start, end, span), ..start };
                return Ok(Node { value: Yaml::Sequence(items), span });
            }
            items.push(self.node(event, span, depth + 1)?);
        }
    }

    fn mapping(&mut self, start: Span, depth: usize) -> Failable<Node> {
        let mut own: IndexMap<String, Entry> = IndexMap::new();
        let mut merged: IndexMap<String, Entry> = IndexMap::new();
        let mut end = start.end;
        loop {
            let (event, key_span) = self.next()?;
            if event == Event::MappingEnd {
                end = end_of_collection(start, end, key_span);
                break;
            }
            let is_merge = is_merge_key(&event);
            let key = if is_merge { String::new() } else { self.key(event, key_span, depth)? };
            let (event, value_span) = self.next()?;
            let value = self.node(event, value_span, depth + 1)?;
            // The value of a key without a value stands just behind the key.
            end = if value.span.start == value.span.end { key_span.end } else { value.span.end };
            if is_merge {
                Self::merge(&mut merged, value)?;
            } else {
                let key_span = trimmed(self.text, key_span);
                let value = if value.is_null() && value.span.start == value.span.end {
                    Node { span: key_span, ..value }
                } else {
                    value
                };
                if let Some(former) = own.get(&key) {
                    self.diagnostics.push(duplicate_key(&key, key_span, former.key_span));
                }
                own.insert(key, Entry { key_span, value });
            }
        }
        // A key that is merged and own keeps its merged place and takes its own value, as in a Python dictionary.
        let entries = if merged.is_empty() {
            own
        } else {
            merged.extend(own);
            merged
        };
        Ok(Node { value: Yaml::Mapping(Mapping { entries }), span: Span { end, ..start } })
    }

    fn key(&mut self, event: Event<'input>, span: Span, depth: usize) -> Failable<String> {
        let node = self.node(event, span, depth + 1)?;
        match node.value {
            Yaml::Text(text) => Ok(text),
            Yaml::Null => Ok("null".to_owned()),
            Yaml::Boolean(value) => Ok(value.to_string()),
            Yaml::Sequence(_) | Yaml::Mapping(_) => {
                let diagnostic = error(format!("{} cannot be a key", node.kind()), node.span);
                Err(Box::new(diagnostic.hint_optional(self.hint_at(node.span.start as usize, ""))))
            }
            _ => Ok(node.to_python_text().unwrap_or_default()),
        }
    }

    /// Takes the entries of `<<: value` in, as PyYAML's `flatten_mapping`: of a list the first mapping wins.
    fn merge(merged: &mut IndexMap<String, Entry>, value: Node) -> Failable<()> {
        let span = value.span;
        match value.value {
            Yaml::Mapping(mapping) => merged.extend(mapping.entries),
            Yaml::Sequence(items) => {
                for item in items.into_iter().rev() {
                    match item.value {
                        Yaml::Mapping(mapping) => merged.extend(mapping.entries),
                        _ => {
                            return Err(
                                error("only mappings can be merged with `<<`", item.span).into()
                            );
                        }
                    }
                }
            }
            _ => return Err(error("only mappings can be merged with `<<`", span).into()),
        }
        Ok(())
    }

    fn span(&self, start: Marker, end: Marker) -> Span {
        let start = self.offsets.byte(start.index());
        let end = self.offsets.byte(end.index());
        Span::new(self.file, start, end.max(start))
    }

    /// The byte of the body at which there is a tab behind a colon, when that is what the parser minds.
    fn tab_after_colon(&self, error: &ScanError) -> Option<usize> {
        // The parser has gone past the tabs when it complains.
        let end = self.offsets.byte(error.marker().index());
        let tabs = self.text[..end].bytes().rev().take_while(|byte| *byte == b'\t').count();
        let is_it = tabs > 0 && error.info().contains("valid YAML whitespace");
        is_it.then(|| end - tabs - self.offsets.base)
    }

    fn syntax_error(&self, error: &ScanError) -> Diagnostic {
        let at = self.offsets.byte(error.marker().index()).min(self.text.len());
        let end = self.text[at..].chars().next().map_or(at, |next| at + next.len_utf8());
        self::error(error.info(), Span::new(self.file, at, end))
            .hint_optional(self.hint_at(at, error.info()))
    }

    /// What is most often wrong in a line like the one at a byte.
    fn hint_at(&self, at: usize, info: &str) -> Option<String> {
        let start = self.text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let line = self.text[start..].lines().next().unwrap_or("");
        let indentation = &line[..line.len() - line.trim_start().len()];
        if indentation.contains('\t') {
            return Some("indent with spaces: YAML does not allow tabs".to_owned());
        }
        let has_open_template =
            [": {{", "- {{", ": {%", "- {%"].iter().any(|opening| line.contains(opening));
        if has_open_template {
            return Some("put the template in quotes: `\"{{ … }}\"`".to_owned());
        }
        if info.contains("anchor") {
            return Some("define the anchor with `&name` above its first use".to_owned());
        }
        if info.contains("quoted scalar") {
            return Some("see whether a quote is left open".to_owned());
        }
        if info.contains("mapping values are not allowed") || info.contains("mapping value") {
            return Some(
                "check the indentation, and put texts with `: ` in them in quotes".to_owned(),
            );
        }
        if info.contains("expected") {
            return Some(
                "check the indentation and the quotes of this line and the one above it".to_owned(),
            );
        }
        None
    }
}

/// The prefix of the tags of YAML itself.
const CORE: &str = "tag:yaml.org,2002:";

fn error(message: impl Into<String>, span: Span) -> Diagnostic {
    Diagnostic::error(codes::YAML_SYNTAX, message).at(span)
}

fn full_tag(tag: Tagged<'_>) -> Option<String> {
    tag.map(|tag| format!("{}{}", tag.handle, tag.suffix))
}

fn is_merge_key(event: &Event<'_>) -> bool {
    match event {
        Event::Scalar(word, ScalarStyle::Plain, _, None) => word == "<<",
        Event::Scalar(_, _, _, Some(tag)) => tag.is_yaml_core_schema() && tag.suffix == "merge",
        _ => false,
    }
}

fn duplicate_key(key: &str, second: Span, first: Span) -> Diagnostic {
    Diagnostic::warning(
        codes::YAML_DUPLICATE_KEY,
        format!("the key `{key}` stands twice in one mapping"),
    )
    .label(second, "this one counts")
    .label(first, "this one is passed over")
    .hint("remove one of the two")
}

fn end_of_collection(start: Span, last: u32, end_event: Span) -> u32 {
    // Block collections end where the next thing starts; that is too far, so the last child counts.
    if end_event.end > end_event.start { end_event.end } else { last.max(start.end) }
}

/// The span without the line breaks and spaces behind the value.
fn trimmed(text: &str, span: Span) -> Span {
    let (start, end) = (span.start as usize, span.end as usize);
    let kept = text.get(start..end).map_or(end - start, |slice| slice.trim_end().len());
    Span::new(span.file, start, start + kept)
}

fn count(node: &Node) -> usize {
    match &node.value {
        Yaml::Sequence(items) => 1 + items.iter().map(count).sum::<usize>(),
        Yaml::Mapping(mapping) => {
            1 + mapping.entries.values().map(|entry| count(&entry.value)).sum::<usize>()
        }
        _ => 1,
    }
}

/// From the parser's count of characters to bytes of the text.
struct Offsets {
    /// The bytes before the parser's text: a byte order mark.
    base: usize,
    /// The byte of each character; none when every character is one byte.
    bytes: Option<Vec<u32>>,
    length: usize,
}

impl Offsets {
    fn new(base: usize, text: &str) -> Self {
        let bytes =
            (!text.is_ascii()).then(|| text.char_indices().map(|(at, _)| at as u32).collect());
        Self { base, bytes, length: text.len() }
    }

    fn byte(&self, character: usize) -> usize {
        let at = match &self.bytes {
            None => character.min(self.length),
            Some(bytes) => bytes.get(character).map_or(self.length, |byte| *byte as usize),
        };
        self.base + at
    }
}
