//! From an error of a render to a diagnostic with its place and its macro call stack.

use source::{Diagnostic, FileId, Span, codes};

use super::Engine;
use crate::context::render_scope::{RenderScope, lock};
use crate::language::{Frame, FrameKind, RenderError, RenderErrorKind};

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
            let hint = (error.kind == RenderErrorKind::Undefined)
                .then(|| self.suggestion(&message, scope))
                .flatten();
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
        // The innermost place is where the user should look; a place that the failure names itself stays first.
        if let Some(span) = error.frames.last().and_then(span_of) {
            if !diagnostic.labels.iter().any(|label| label.span == span) {
                diagnostic = diagnostic.at(span);
            }
        }
        // The way there, from the inside out.
        for pair in error.frames.windows(2).rev() {
            let [caller, called] = pair else { continue };
            if let Some(span) = span_of(caller) {
                let name = called.name.rsplit('.').next().unwrap_or(&called.name);
                diagnostic = diagnostic
                    .note(format!("in macro `{name}`, called from {}", self.sources.place(span)));
            }
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
                    "macros come from the project, its packages (`dbt deps`) and the adapter"
                        .to_owned(),
                )
            },
        )
    }
}
