//! What went wrong in a render: a clear phrase, and the stack of macro calls with places in the files as written.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use minijinja::{Error, ErrorKind};

use super::edits::EditList;
use super::global_macro::{FRAME_MARK, PRELUDE_TEMPLATE, is_return};
use super::library::{MacroDefinition, MacroLibrary};
use super::rewrite::PrepareError;

/// Marks the error that only carries a macro's syntax error.
pub(crate) const SYNTAX_MARK: &str = "the macro has a syntax error";

/// What kind of mistake stopped a render.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RenderErrorKind {
    /// The text is no valid Jinja.
    Syntax,
    /// A name, attribute or item that does not exist was used.
    Undefined,
    /// There is no such filter, test or method.
    Unknown,
    /// A macro or function was called with other arguments than it takes.
    Arguments,
    /// Macros call each other without end.
    Recursion,
    /// An operation failed, for example a division by zero.
    Operation,
}

/// Why a text could not be rendered.
#[derive(Clone, Debug)]
pub struct RenderError {
    /// What kind of mistake.
    pub kind: RenderErrorKind,
    /// A phrase that says what is wrong.
    pub message: String,
    /// Where, from the rendered text inwards to the failing place; the last frame is the innermost.
    pub frames: Vec<Frame>,
}

/// One place of the call stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The name given to [`super::render`], or a macro's unique id.
    pub name: String,
    /// What the name is.
    pub what: FrameKind,
    /// The line in the file as written, from 1.
    pub line: usize,
    /// The bytes of the file as written (of the text given to `render`).
    pub range: Range<usize>,
}

/// What a frame's name names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameKind {
    /// The rendered text.
    Text,
    /// A macro, in this file ([`super::MacroSource::file`]).
    Macro {
        /// The caller's number of the file.
        file: u32,
    },
}

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for RenderError {}

/// The text whose render failed.
pub(crate) struct Origin<'a> {
    pub name: &'a str,
    pub text: &'a str,
    pub edits: &'a EditList,
    pub library: &'a MacroLibrary,
}

impl RenderError {
    /// Whether the rendered text itself, and no macro that it calls, asked something of what is not there.
    pub(crate) fn is_of_what_the_text_misses(&self) -> bool {
        matches!(self.kind, RenderErrorKind::Undefined | RenderErrorKind::Unknown)
            && self.frames.last().is_none_or(|frame| frame.what == FrameKind::Text)
    }

    pub(crate) fn of(error: &Error, origin: &Origin<'_>) -> Self {
        let chain = chain_of(error);
        let mut frames = Vec::new();
        let mut called = None;
        for (at, error) in chain.iter().enumerate() {
            if let Some(frame) = frame_of(error, origin) {
                frames.push(frame);
            }
            if let Some(unique_id) =
                error.detail().and_then(|detail| detail.strip_prefix(FRAME_MARK))
            {
                called = origin.library.get(unique_id);
                // What only hands its arguments on is no template that the engine could give a place in.
                let is_placed =
                    chain.get(at + 1).is_none_or(|inner| inner.name() == Some(unique_id));
                if !is_placed {
                    frames.extend(called.and_then(forwarding_frame));
                }
            }
        }
        let innermost = chain.last().copied().unwrap_or(error);
        // An error without a place of its own happened in the call itself.
        let in_call = innermost.line().is_none();
        let excerpt = frames.last().and_then(|frame| excerpt(frame, origin));
        let (kind, message) = describe(
            innermost,
            excerpt,
            called.filter(|_| in_call).map(Arc::as_ref),
            called.map(Arc::as_ref),
        );
        Self { kind, message, frames }
    }
}

/// The syntax error of a macro, outside of any render.
pub(crate) fn syntax_error(definition: &MacroDefinition, error: &PrepareError) -> RenderError {
    RenderError {
        kind: RenderErrorKind::Syntax,
        message: syntax_message(&error.error),
        frames: vec![macro_frame(definition, &error.error)],
    }
}

/// The error and the errors behind it, from the outermost.
fn chain_of(error: &Error) -> Vec<&Error> {
    let mut chain = vec![error];
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        if let Some(error) = inner.downcast_ref::<Error>() {
            chain.push(error);
        } else if let Some(prepare) = inner.downcast_ref::<Arc<PrepareError>>() {
            chain.push(&prepare.error);
        }
        source = inner.source();
    }
    chain
}

fn frame_of(error: &Error, origin: &Origin<'_>) -> Option<Frame> {
    let name = error.name()?;
    if name == PRELUDE_TEMPLATE || error.detail() == Some(SYNTAX_MARK) {
        return None;
    }
    if name == origin.name {
        let range = clamp(written_range(error, origin.edits), origin.text.len());
        return Some(Frame {
            name: name.to_owned(),
            what: FrameKind::Text,
            line: line_of(origin.text, range.start),
            range,
        });
    }
    origin.library.get(name).map(|definition| macro_frame(definition, error))
}

fn macro_frame(definition: &MacroDefinition, error: &Error) -> Frame {
    let edits = match definition.prepare() {
        Ok(prepared) => &prepared.edits,
        Err(failed) => &failed.edits,
    };
    frame_in(definition, clamp(written_range(error, edits), definition.text().len()))
}

/// A frame of a macro at a range of its block.
fn frame_in(definition: &MacroDefinition, range: Range<usize>) -> Frame {
    let range = definition.offset() + range.start..definition.offset() + range.end;
    Frame {
        name: definition.unique_id.to_string(),
        what: FrameKind::Macro { file: definition.source.file },
        line: line_of(&definition.source.text, range.start),
        range,
    }
}

/// The place of the call in a macro that does nothing else.
fn forwarding_frame(definition: &Arc<MacroDefinition>) -> Option<Frame> {
    let forwarding = definition.prepare().as_ref().ok()?.forwarding.as_ref()?;
    let range = clamp(forwarding.span.clone(), definition.text().len());
    Some(frame_in(definition, range))
}

fn written_range(error: &Error, edits: &EditList) -> Range<usize> {
    let range = error.range().unwrap_or(0..0);
    let start = edits.unmap(range.start);
    // The end maps from inside the range, lest an insertion at its end count.
    let end = if range.end > range.start { edits.unmap(range.end - 1) + 1 } else { start };
    start..end.max(start)
}

fn clamp(range: Range<usize>, length: usize) -> Range<usize> {
    let start = range.start.min(length);
    start..range.end.clamp(start, length)
}

fn line_of(text: &str, offset: usize) -> usize {
    1 + text.get(..offset).unwrap_or(text).matches('\n').count()
}

/// The text of the failing expression, completed to the left to the name it starts with.
fn excerpt<'a>(frame: &Frame, origin: &Origin<'a>) -> Option<&'a str> {
    let text = match frame.what {
        FrameKind::Text => origin.text,
        FrameKind::Macro { .. } => &origin.library.get(&frame.name)?.source.text,
    };
    let head = text.get(..frame.range.start)?;
    let name = head.trim_end_matches(|character: char| {
        character.is_alphanumeric() || "_.]['\"".contains(character)
    });
    text.get(name.len()..frame.range.end).filter(|excerpt| !excerpt.is_empty())
}

fn describe(
    error: &Error,
    excerpt: Option<&str>,
    callee: Option<&MacroDefinition>,
    inside: Option<&MacroDefinition>,
) -> (RenderErrorKind, String) {
    let detail = error.detail().unwrap_or_default();
    if is_return(error) {
        return (RenderErrorKind::Operation, detail.to_owned());
    }
    if detail == "recursion limit exceeded" {
        let who = inside.map_or_else(String::new, |inside| {
            format!("; does `{}` call itself without end?", inside.name)
        });
        return (RenderErrorKind::Recursion, format!("macro calls nest too deeply{who}"));
    }
    match error.kind() {
        ErrorKind::SyntaxError | ErrorKind::BadEscape => {
            (RenderErrorKind::Syntax, syntax_message(error))
        }
        ErrorKind::UndefinedError => (RenderErrorKind::Undefined, undefined_message(excerpt)),
        ErrorKind::InvalidOperation if detail == "value of type undefined is not callable" => {
            let name =
                excerpt.and_then(|call| call.split('(').next()).unwrap_or("the callee").trim();
            (RenderErrorKind::Undefined, format!("`{name}` is undefined"))
        }
        ErrorKind::UnknownFunction => {
            let message = match detail.strip_suffix(" is unknown") {
                Some(name) => format!("`{name}` is undefined"),
                None => detail.to_owned(),
            };
            (RenderErrorKind::Undefined, message)
        }
        ErrorKind::UnknownFilter | ErrorKind::UnknownTest => {
            let what = if error.kind() == ErrorKind::UnknownFilter { "filter" } else { "test" };
            let name = detail
                .strip_prefix(what)
                .and_then(|rest| rest.strip_suffix(" is unknown"))
                .unwrap_or(detail)
                .trim();
            let hint = crate::python::similar_name(what, name)
                .map(|close| format!("; did you mean `{close}`?"))
                .unwrap_or_default();
            (RenderErrorKind::Unknown, format!("there is no {what} named `{name}`{hint}"))
        }
        ErrorKind::UnknownMethod if detail.starts_with("'Undefined' object") => {
            let name = excerpt.and_then(|call| call.split('(').next()).unwrap_or_default().trim();
            let parent = name.rsplit_once('.').map_or(name, |(parent, _)| parent);
            let message = if parent.is_empty() {
                detail.to_owned()
            } else {
                format!(
                    "`{parent}` is undefined, so it has no `{}`",
                    name.rsplit('.').next().unwrap_or_default()
                )
            };
            (RenderErrorKind::Undefined, message)
        }
        ErrorKind::UnknownMethod => (RenderErrorKind::Unknown, detail.to_owned()),
        ErrorKind::TooManyArguments | ErrorKind::MissingArgument => {
            (RenderErrorKind::Arguments, arguments_message(error, detail, callee))
        }
        _ if detail.is_empty() => (RenderErrorKind::Operation, error.kind().to_string()),
        _ => (RenderErrorKind::Operation, detail.to_owned()),
    }
}

fn syntax_message(error: &Error) -> String {
    match (error.kind(), error.detail()) {
        (ErrorKind::BadEscape, _) => "a string has an invalid escape".to_owned(),
        (_, Some(detail)) => detail.to_owned(),
        (kind, None) => kind.to_string(),
    }
}

/// `a.b.c` failed because `a.b` is undefined; without a trailing part the name itself is.
fn undefined_message(excerpt: Option<&str>) -> String {
    let Some(excerpt) = excerpt.map(str::trim) else {
        return "an undefined value was used".to_owned();
    };
    let parent_length = match excerpt.strip_suffix(']') {
        Some(inner) => inner.rfind('['),
        None => excerpt.rfind('.'),
    };
    match parent_length.filter(|length| *length > 0) {
        Some(length) => {
            let (parent, part) = excerpt.split_at(length);
            format!(
                "`{parent}` is undefined, so it has no `{}`",
                part.trim_matches(['.', '[', ']', '\'', '"'])
            )
        }
        None => format!("`{excerpt}` is undefined"),
    }
}

fn arguments_message(error: &Error, detail: &str, callee: Option<&MacroDefinition>) -> String {
    let Some(callee) = callee else {
        return if detail.is_empty() { error.kind().to_string() } else { detail.to_owned() };
    };
    let signature = callee.signature();
    if let Some(name) = detail.strip_prefix("unknown keyword argument ") {
        return format!("macro `{signature}` takes no keyword argument {name}");
    }
    if let Some(name) = detail.strip_prefix("duplicate argument ") {
        return format!("macro `{signature}` got more than one value for {name}");
    }
    let count = callee.prepare().as_ref().map_or(0, |prepared| prepared.parameters.len());
    format!(
        "macro `{signature}` takes at most {count} argument{}",
        if count == 1 { "" } else { "s" }
    )
}
