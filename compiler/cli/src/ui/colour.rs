//! Colours of messages, as dbt's; the console takes them out where nobody wants them.

use std::borrow::Cow;

const RESET: &str = "\u{1b}[0m";

/// Good news.
pub(crate) fn green(text: &str) -> String {
    format!("\u{1b}[32m{text}{RESET}")
}

/// Worth a look.
pub(crate) fn yellow(text: &str) -> String {
    format!("\u{1b}[33m{text}{RESET}")
}

/// Bad news.
pub(crate) fn red(text: &str) -> String {
    format!("\u{1b}[31m{text}{RESET}")
}

/// The text without colours.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    if text.contains('\u{1b}') {
        Cow::Owned(anstream::adapter::strip_str(text).to_string())
    } else {
        Cow::Borrowed(text)
    }
}
