//! `quern explain CODE`: what the code of a message means.

use source::codes;
use source::suggest::did_you_mean;

use super::Outcome;
use crate::invocation::Invocation;
use crate::settings::usage;
use crate::ui::event::LogEvent;

/// Runs the command. Without a code it lists all of them.
pub(crate) fn run(invocation: &Invocation) -> Outcome {
    let Some(wanted) = invocation.settings.positional.as_deref() else {
        let mut all = codes::ALL.to_vec();
        all.sort_unstable_by_key(|(code, _)| code.0);
        for (code, explanation) in all {
            invocation.console.fire(&LogEvent::print(&format!("{code}  {explanation}")));
        }
        return Ok(true);
    };
    let wanted = wanted.trim().to_uppercase();
    let Some((code, explanation)) = codes::ALL.iter().find(|(code, _)| code.0 == wanted) else {
        let hint = did_you_mean(&wanted, codes::ALL.iter().map(|(code, _)| code.0));
        return Err(usage(format!("there is no code `{wanted}`")).hint_optional(hint).into());
    };
    invocation.console.fire(&LogEvent::print(&format!("{code}: {explanation}")));
    Ok(true)
}
