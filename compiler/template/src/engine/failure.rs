//! From an error of a render to a diagnostic with its place and its macro call stack.

use source::{Diagnostic, FileId, Span, codes};

use super::Engine;
use crate::context::render_scope::{RenderScope, lock};
use crate::language::{Frame, FrameKind, RenderError, RenderErrorKind};

/// Calls shown at either end of a long stack.
const SHOWN_CALLS: usize = 5;

impl Engine {
    /// The diagnostic of a failed render. `place` is where the rendered text starts.
    pub(crate) fn diagnose(
        &self,
        error: &RenderError,
        scope: Option<&RenderScope>,
        place: Option<Span>,
    ) -> Diagnostic {
        let kept = scope.and_then(|scope| lock(&scope.failure).take());
        let mut diagnostic = kept.unwrap_or_else(|| {
            let code = match error.kind {
                RenderErrorKind::Syntax => codes::TEMPLATE_SYNTAX,
                RenderErrorKind::Undefined => codes::TEMPLATE_UNDEFINED,
                RenderErrorKind::Unknown => codes::FILTER_UNKNOWN,
                RenderErrorKind::Arguments => codes::MACRO_ARGUMENTS,
                RenderErrorKind::Recursion => codes::RECURSION_LIMIT,
                RenderErrorKind::Operation => codes::TEMPLATE_RENDER,
            };
            let message = error.message.clone();
            let hint = match error.kind {
                RenderErrorKind::Undefined => self.suggestion(&message, scope),
                RenderErrorKind::Syntax => syntax_hint(&message),
                _ => None,
            };
            Diagnostic::error(code, message).hint_optional(hint)
        });
        let span_of = |frame: &Frame| match frame.what {
            FrameKind::Text => place.map(|place| {
                let start = place.start as usize;
                Span::new(place.file, start + frame.range.start, start + frame.range.end)
            }),
            FrameKind::Macro { file } => {
                Some(Span::new(FileId(file), frame.range.start, frame.range.end))
            }
        };
        let is_own = |span: &Span| self.sources.is_on_disk(*span);
        let own = error.frames.iter().rev().filter_map(span_of).find(is_own);
        // The innermost place in a file of the user is where to look; a place that the failure names itself stays
        // first.
        if let Some(innermost) = own.or_else(|| error.frames.last().and_then(span_of))
            && !diagnostic.labels.iter().any(|label| label.span == innermost)
        {
            diagnostic = diagnostic.at(innermost);
        }
        if diagnostic.labels.is_empty() {
            diagnostic = diagnostic.at_optional(place);
        }
        // The way there, from the inside out.
        let calls = error.frames.windows(2).rev().filter_map(|pair| {
            let [outer, callee] = pair else { return None };
            // The body of a `{% call %}` has a frame of its own in the macro that it stands in.
            let span = span_of(outer).filter(|_| outer.name != callee.name)?;
            if own.is_some() && !is_own(&span) {
                return None;
            }
            let name = callee.name.rsplit('.').next().unwrap_or(&callee.name);
            Some(format!("in macro `{name}`, called from {}", self.sources.place(span)))
        });
        for note in folded(calls.collect()) {
            diagnostic = diagnostic.note(note);
        }
        if let Some(node) = scope.and_then(RenderScope::unique_id) {
            diagnostic.node.get_or_insert_with(|| node.to_owned());
        }
        diagnostic
    }

    /// A macro with a name near to the undefined one.
    fn suggestion(&self, message: &str, scope: Option<&RenderScope>) -> Option<String> {
        let name = message.strip_prefix('`')?.split('`').next()?;
        let package = scope.map_or(self.shared.library.root_package(), |scope| &*scope.package);
        source::suggest::did_you_mean(name, self.shared.library.visible_names(package)).or_else(
            || {
                Some(
                    "macros come from the project, its packages (`quern deps`) and the adapter"
                        .to_owned(),
                )
            },
        )
    }
}

/// What to do about the slips that happen most.
fn syntax_hint(message: &str) -> Option<String> {
    if let Some(unknown) = message.strip_prefix("unknown statement ") {
        return match unknown {
            "elseif" | "elsif" | "else if" => Some("write `elif`".to_owned()),
            "endif" => Some("there is no `{% if … %}` open here: was it closed before?".to_owned()),
            "endfor" => Some(
                "there is no `{% for … %}` open here: is a block inside of it not closed?"
                    .to_owned(),
            ),
            _ => source::suggest::did_you_mean(unknown, STATEMENTS.iter().copied()),
        };
    }
    let hint = match message {
        "unexpected end of string" => "a quote that opens has none that closes it",
        "unexpected end of comment" => "`#}` is missing",
        "unexpected identifier, expected `,`" => "is a comma missing before this?",
        "unexpected `}`, expected `,`" => "is a bracket missing before this?",
        "unexpected `)`, expected `=`" | "unexpected `,`, expected `=`" => {
            "a parameter after one with a default needs a default too"
        }
        _ if message.ends_with(", expected end of block") => {
            "a block is not closed: `{% endif %}`, `{% endfor %}`, `{% endset %}` or `{% endcall %}` is missing"
        }
        _ if message.ends_with(", expected end of variable block") => {
            "an expression ends with `}}`: is a bracket or a brace missing before this?"
        }
        _ => return None,
    };
    Some(hint.to_owned())
}

/// The words with which blocks begin and end.
const STATEMENTS: &[&str] = &[
    "call",
    "do",
    "docs",
    "elif",
    "else",
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
    "filter",
    "for",
    "if",
    "macro",
    "materialization",
    "raw",
    "set",
    "snapshot",
    "test",
];

/// The calls, without the middle of a stack too long to be read.
fn folded(mut calls: Vec<String>) -> Vec<String> {
    if calls.len() > 2 * SHOWN_CALLS + 1 {
        let last = calls.split_off(calls.len() - SHOWN_CALLS);
        let hidden = calls.split_off(SHOWN_CALLS).len();
        calls.push(format!("… {hidden} more calls …"));
        calls.extend(last);
    }
    calls
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn the_middle_of_a_long_stack_is_folded() {
        let calls =
            |count: usize| -> Vec<String> { (1..=count).map(|at| at.to_string()).collect() };
        assert_eq!(folded(calls(11)), calls(11));
        assert_eq!(folded(calls(30)).join(" "), "1 2 3 4 5 … 20 more calls … 26 27 28 29 30");
    }
}
