//! What was found, in words: what it reads, why that matters, what to write instead.

use project::WallClock;
use source::{Diagnostic, Span, codes};
use sql::{UnrepeatableCall, UnrepeatableKind};
use template::{ClockRead, ClockReadKind};

/// The comment that lets a line read the clock.
const ALLOWING: &str = "quern: allow wall_clock";

/// Something that differs from run to run.
pub(super) struct Finding {
    /// As it is written, such as `now()`.
    name: String,
    reads: &'static str,
    instead: &'static str,
}

impl Finding {
    /// A call in SQL; `text` is the SQL that it stands in.
    pub(super) fn of_call(call: &UnrepeatableCall, text: &str) -> Self {
        let (reads, instead) = match call.kind {
            UnrepeatableKind::Time => (
                "reads the clock of the warehouse",
                "write `{{ session_time() }}` for the time that the run is for, `{{ session.window.end }}` for the end of its window, or a column of the data",
            ),
            UnrepeatableKind::Random => {
                ("gives another value in each run", "make it of the row, such as a hash of its key")
            }
            UnrepeatableKind::Sequence => (
                "counts on in each run",
                "number the rows by what is in them: `row_number() over (order by …)`",
            ),
        };
        Self { name: text.get(call.span.clone()).unwrap_or(call.name).to_owned(), reads, instead }
    }

    /// A name in a template.
    pub(super) fn of_read(read: &ClockRead) -> Self {
        let (reads, instead) = match read.kind {
            ClockReadKind::MachineClock => {
                ("reads the clock of the machine", "write `session.time` or `session.window.start`")
            }
            ClockReadKind::RunStart => (
                "is the clock of the machine where the run has no session time",
                "give the run its time with `--session-time`, or write `session.time`, which asks for it",
            ),
            ClockReadKind::Invocation => {
                ("is another one in each run", "leave it to the run results and to `query-comment`")
            }
            ClockReadKind::WarehouseClock => (
                "gives the clock of the warehouse",
                "write `session_time()` for the time that the run is for, or a column of the data",
            ),
        };
        Self { name: read.name.clone(), reads, instead }
    }

    /// The message about it.
    pub(super) fn diagnostic(
        &self,
        level: WallClock,
        place: Option<Span>,
        unique_id: &str,
    ) -> Diagnostic {
        let message = format!(
            "`{}` {}, so that a retry of a session builds other rows",
            self.name, self.reads
        );
        let diagnostic = match level {
            WallClock::Deny => Diagnostic::error(codes::WALL_CLOCK, message),
            _ => Diagnostic::warning(codes::WALL_CLOCK, message),
        };
        diagnostic
            .at_optional(place)
            .about(unique_id)
            .hint(format!("{}; where it may stay, write `-- {ALLOWING}` behind it", self.instead))
    }
}

/// Whether the line of a byte, or a comment on the line before, lets it read the clock.
pub(super) fn is_allowed(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let end = text[start..].find('\n').map_or(text.len(), |length| start + length);
    let previous = text[..start].trim_end_matches('\n').rsplit('\n').next().unwrap_or_default();
    let is_comment = ["--", "#", "{#", "/*"].iter().any(|sign| previous.trim().starts_with(sign));
    text[start..end].contains(ALLOWING) || (is_comment && previous.contains(ALLOWING))
}

#[cfg(test)]
mod tests {
    use super::is_allowed;

    #[test]
    fn a_comment_counts_for_its_line_or_for_the_next() {
        let text = "a -- quern: allow wall_clock\nb\n  {# quern: allow wall_clock #}\nc\nd";
        let allowed = |word: &str| is_allowed(text, text.rfind(word).unwrap());
        assert!(is_allowed(text, 0));
        assert!(!is_allowed(text, text.find("\nb").unwrap() + 1));
        assert!(allowed("c"));
        assert!(!allowed("d"));
    }
}
