//! Takes out of a text what differs from run to run: times, durations, ids, versions and folders.

use std::path::Path;

use crate::pattern::regex;

/// Patterns and what is written for them, in the order in which they apply.
const REPLACEMENTS: [(&str, &str); 8] = [
    (r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\.\d+(Z|[+-]\d\d:?\d\d)?", "<instant>"),
    (r"\b\d\d:\d\d:\d\d(\.\d+)?\b", "<time>"),
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "<id>"),
    (r"\b\d+ hours? \d+ minutes? and \d+(\.\d+)? seconds?", "<duration>"),
    (r"\b\d+(\.\d+)? ?(s|ms|seconds?)\b", "<duration>"),
    // The built-in ones are counted too, and grow.
    (r"\b\d+ macros\b", "<count> macros"),
    (r"\bPID \d+", "PID <process>"),
    (r"(?m)[ \t]+$", ""),
];

/// The text with placeholders; `folder` is where the project stands.
pub fn normalise(text: &str, folder: &Path) -> String {
    let mut text = text.replace("\r\n", "\n").replace(env!("CARGO_PKG_VERSION"), "<version>");
    let beside = folder.parent().unwrap_or(folder);
    for (place, name) in [(folder, "<project>"), (beside, "<beside>")] {
        if let Ok(place) = place.canonicalize() {
            text = text.replace(&place.to_string_lossy().into_owned(), name);
        }
        text = text.replace(&place.to_string_lossy().into_owned(), name);
    }
    text = text.replace(env!("CARGO_BIN_EXE_quern-under-test"), "<quern>");
    for (pattern, replacement) in REPLACEMENTS {
        text = regex(pattern).replace_all(&text, replacement).into_owned();
    }
    text
}

#[test]
fn texts_of_two_runs_become_the_same() {
    let folder = Path::new("/some/where/project");
    let text = |time: &str, took: &str| {
        format!("{time}  1 of 1 OK created /some/where/project/x in {took}s\n")
    };
    let first = normalise(&text("12:01:59", "0.05"), folder);
    assert_eq!(first, "<time>  1 of 1 OK created <project>/x in <duration>\n");
    assert_eq!(first, normalise(&text("23:59:00", "11.20"), folder));
}
