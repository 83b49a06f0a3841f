//! `quern explain CODE`: what the code of a message means.

use source::advice::advice;
use source::codes;
use source::suggest::did_you_mean;

use super::Outcome;
use crate::invocation::Invocation;
use crate::settings::usage;
use crate::ui::event::LogEvent;

/// Runs the command. Without a code it lists all of them.
pub(crate) fn run(invocation: &Invocation) -> Outcome {
    let Some(wanted) = invocation.settings.positional.as_deref() else {
        for (code, explanation) in codes::ALL {
            invocation.console.fire(&LogEvent::print(&format!("{code}  {explanation}")));
        }
        return Ok(true);
    };
    let wanted = wanted.trim().to_uppercase();
    let Some((code, explanation)) = codes::ALL.iter().find(|(code, _)| code.0 == wanted) else {
        let hint = did_you_mean(&wanted, codes::ALL.iter().map(|(code, _)| code.0));
        return Err(usage(format!("there is no code `{wanted}`")).hint_optional(hint).into());
    };
    let mut text = format!("{code}: {explanation}");
    if let Some(advice) = advice(*code) {
        text.push_str("\n\n");
        text.push_str(&folded(advice, 80));
    }
    invocation.console.fire(&LogEvent::print(&text));
    Ok(true)
}

/// A text in lines of at most so many characters, where its words allow it.
fn folded(text: &str, width: usize) -> String {
    let mut lines = String::new();
    let mut length = 0;
    for word in text.split(' ') {
        let more = word.chars().count();
        if length > 0 {
            let fits = length + 1 + more <= width;
            lines.push(if fits { ' ' } else { '\n' });
            length = if fits { length + 1 } else { 0 };
        }
        lines.push_str(word);
        length += more;
    }
    lines
}
