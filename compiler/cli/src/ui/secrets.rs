//! Secrets taken out of what is said and written.

/// What stands in the place of a secret, as in dbt.
const STARS: &str = "*****";

/// The texts that must never be seen.
#[derive(Debug, Clone, Default)]
pub(crate) struct Secrets {
    texts: Vec<String>,
}

impl Secrets {
    /// Takes secrets in; empty ones and single letters would make every line unreadable.
    pub(crate) fn add(&mut self, secrets: impl IntoIterator<Item = String>) {
        self.texts.extend(secrets.into_iter().filter(|secret| secret.trim().len() > 1));
        // The longest first: a secret inside another must not leave half of it.
        self.texts.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        self.texts.dedup();
    }

    /// The text without secrets.
    pub(crate) fn scrub(&self, text: &str) -> String {
        let mut scrubbed = text.to_owned();
        for secret in &self.texts {
            if scrubbed.contains(secret.as_str()) {
                scrubbed = scrubbed.replace(secret.as_str(), STARS);
            }
            // Inside JSON a secret is escaped.
            let escaped = serde_json::Value::String(secret.clone()).to_string();
            let escaped = escaped.trim_matches('"');
            if escaped != secret && scrubbed.contains(escaped) {
                scrubbed = scrubbed.replace(escaped, STARS);
            }
        }
        scrubbed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_replaced_the_longest_first_also_when_escaped() {
        let mut secrets = Secrets::default();
        secrets.add(["pass".into(), "pass\"word".into(), "x".into(), String::new()]);
        assert_eq!(secrets.scrub("pass\"word and pass, x"), "***** and *****, x");
        assert_eq!(secrets.scrub(r#"{"a": "pass\"word"}"#), r#"{"a": "*****"}"#);
    }
}
