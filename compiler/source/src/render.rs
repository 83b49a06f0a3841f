//! A [`Diagnostic`] drawn for people, or told to programs.
//!
//! The one place that knows how messages look.

mod secret_values;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use serde_json::{Value, json};

use crate::diagnostic::{Diagnostic, Label, Severity};
use crate::sources::{SourceFile, Sources};
use crate::span::FileId;

/// Whether a drawing has colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Text alone, in ASCII but for what the message itself says.
    Plain,
    /// With terminal escapes.
    Coloured,
}

/// How wide excerpts may be; longer lines are cut around the label.
const WIDTH: usize = 140;

/// Draws a diagnostic: code and message, an excerpt per file, notes, hint. Ends without a line break.
///
/// Places outside of the text are moved to its end.
pub fn render(diagnostic: &Diagnostic, sources: &Sources, style: Style) -> String {
    let excerpts = excerpts(diagnostic, sources);
    let texts: Vec<Cow<'_, str>> = excerpts.iter().map(|excerpt| shown(&excerpt.file)).collect();
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code.0);
    let mut group: Group<'_> = Group::with_title(title);
    for (excerpt, text) in excerpts.iter().zip(&texts) {
        group = if excerpt.is_whole_file() {
            group.element(Origin::path(excerpt.file.path.as_str()))
        } else {
            let annotations = excerpt.labels.iter().map(|(kind, range, text)| {
                kind.span(range.clone()).label((!text.is_empty()).then_some(text.as_str()))
            });
            let snippet = Snippet::source(&**text).path(excerpt.file.path.as_str());
            group.element(snippet.annotations(annotations))
        };
    }
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.message(note.as_str()));
    }
    if let Some(hint) = &diagnostic.hint {
        group = group.element(Level::HELP.with_name("hint").message(hint.as_str()));
    }
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Coloured => Renderer::styled(),
    };
    renderer.decor_style(DecorStyle::Ascii).term_width(WIDTH).render(&[group])
}

/// Tells a diagnostic to programs: code, severity, message, labels with their places, notes, hint, node.
///
/// Lines and columns count from 1, columns in characters; `end_line` and `end_column` point behind the label.
pub fn to_json(diagnostic: &Diagnostic, sources: &Sources) -> Value {
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    json!({
        "code": diagnostic.code.0,
        "severity": severity,
        "message": diagnostic.message,
        "labels": diagnostic.labels.iter().map(|label| label_to_json(label, sources)).collect::<Vec<_>>(),
        "notes": diagnostic.notes,
        "hint": diagnostic.hint,
        "node": diagnostic.node,
    })
}

fn label_to_json(label: &Label, sources: &Sources) -> Value {
    let file = sources.get(label.span.file);
    let (line, column) = file.line_column(label.span.start);
    let (end_line, end_column) = file.line_column(label.span.end.max(label.span.start));
    json!({
        "path": file.path.as_str(),
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
        "text": label.text,
    })
}

/// What may be seen of a file.
fn shown(file: &SourceFile) -> Cow<'_, str> {
    if file.path.as_str().ends_with("profiles.yml") {
        return Cow::Owned(secret_values::masked(&file.text));
    }
    Cow::Borrowed(&file.text)
}

/// The labels that stand in one file.
struct Excerpt {
    id: FileId,
    file: Arc<SourceFile>,
    labels: Vec<(AnnotationKind, Range<usize>, String)>,
}

impl Excerpt {
    /// Whether it is about the file rather than a place in it.
    fn is_whole_file(&self) -> bool {
        self.file.text.is_empty()
            || self.labels.iter().all(|(_, range, text)| *range == (0..0) && text.is_empty())
    }
}

/// The labels by file, in the order in which files are first named.
fn excerpts(diagnostic: &Diagnostic, sources: &Sources) -> Vec<Excerpt> {
    let mut excerpts: Vec<Excerpt> = Vec::new();
    for (index, label) in diagnostic.labels.iter().enumerate() {
        let kind = if index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
        let at = excerpts.iter().position(|excerpt| excerpt.id == label.span.file).unwrap_or_else(
            || {
                let file = sources.get(label.span.file);
                excerpts.push(Excerpt { id: label.span.file, file, labels: Vec::new() });
                excerpts.len() - 1
            },
        );
        let range = range_within(&excerpts[at].file.text, label);
        excerpts[at].labels.push((kind, range, label.text.clone()));
    }
    excerpts
}

/// The label's bytes, moved into the text and onto borders of characters.
fn range_within(text: &str, label: &Label) -> Range<usize> {
    let mut start = (label.span.start as usize).min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = (label.span.end as usize).min(text.len()).max(start);
    while !text.is_char_boundary(end) {
        end += 1;
    }
    start..end
}

#[cfg(test)]
mod tests;
