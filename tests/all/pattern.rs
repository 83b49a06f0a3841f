//! Patterns over texts.

use fancy_regex::Regex;

/// A pattern of the tests' own, which is well-formed.
pub fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"))
}

/// What stands in the first group of each match.
pub fn first_groups(pattern: &str, text: &str) -> Vec<String> {
    regex(pattern)
        .captures_iter(text)
        .filter_map(|found| Some(found.ok()?.get(1)?.as_str().to_owned()))
        .collect()
}

/// Whether the text has a match.
pub fn has(pattern: &str, text: &str) -> bool {
    regex(pattern).is_match(text).unwrap_or_else(|error| panic!("{pattern}: {error}"))
}
