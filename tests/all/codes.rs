//! Diagnostic codes are a promise: every one is used, explained and told apart from all others.

use source::codes::ALL;

use crate::pattern::{first_groups, has};
use crate::quern::Quern;
use crate::workspace;

/// The names of the constants, in the order of the list.
fn names() -> Vec<String> {
    let entry = r#"(?m)^    ([A-Z][A-Z_0-9]+) = "Q\d{3}""#;
    first_groups(entry, &workspace::text("compiler/source/src/codes.rs"))
}

#[test]
fn every_code_is_given_somewhere() {
    assert_eq!(names().len(), ALL.len(), "the list in codes.rs can be read");
    let rust: String = workspace::texts(&["rs"])
        .into_iter()
        .filter(|(file, _)| !file.ends_with("codes.rs") && !file.ends_with("advice.rs"))
        .map(|(_, text)| text)
        .collect();
    let unused: Vec<_> =
        names().into_iter().filter(|name| !has(&format!(r"\b{name}\b"), &rust)).collect();
    assert!(unused.is_empty(), "codes that nothing gives: {}", unused.join(", "));
}

#[test]
fn codes_have_the_form_of_codes_and_explanations_are_sentences() {
    for (code, explanation) in ALL {
        let digits = code.0.strip_prefix('Q').unwrap_or_default();
        assert!(
            digits.len() == 3 && digits.chars().all(|character| character.is_ascii_digit()),
            "{code}"
        );
        assert!(explanation.ends_with('.'), "{code}: {explanation}");
    }
}

#[test]
fn explain_tells_what_a_code_means() {
    let quern = Quern::in_empty_folder();
    for (code, explanation) in ALL {
        let outcome = quern.run(&["explain", code.0]);
        assert!(outcome.succeeded, "{code}: {}", outcome.text);
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words(&outcome.text).contains(&words(explanation)), "{code}: {}", outcome.text);
    }
}
